"""The verdict on one event, and its words."""

from __future__ import annotations

from datetime import date

import pytest

from eventcoder.codebook import Codebook
from eventcoder.codebook.verdict import formatted
from eventcoder.problem import Problem, Report
from tests.synthetic_events import synthetic_values

TODAY = date(2026, 11, 24)
GOOD = {"event_date": "2026-11-20", "year": 2026, "kind": "March", "town": "Ahvaz", "notes": "A march.", "people": 40, "groups": ["Students"]}


def codes(problems: list[Problem]) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.field) for problem in problems]


def test_a_clean_event_has_no_problem(small: Codebook) -> None:
    assert small.check(GOOD, latest_today=TODAY) == []


def test_columns_come_before_rules_and_all_are_told_at_once(small: Codebook) -> None:
    event = {**GOOD, "kind": "Marsch", "year": 2025, "people": -1, "groups": ["Students", "Doctors"], "notes": None, "town": None}
    assert codes(small.check(event, latest_today=TODAY)) == [
        ("derived-mismatch", "year"), ("unknown-code", "kind"), ("missing-required", "town"), ("out-of-range", "people"), ("unknown-code", "groups"),
        ("notes-missing", "notes"),
    ]  # fmt: skip


def test_a_message_is_filled_with_the_events_values(small: Codebook) -> None:
    (problem,) = small.check({**GOOD, "kind": "Riot", "people": 2}, latest_today=TODAY, event_id="a23456789abc")
    assert problem == Problem(
        "riot-without-people", "A riot in Ahvaz needs at least 3 people, not 2. Mend the number or the kind.", "error", "a23456789abc", "people", 2
    )


def test_null_and_empty_lists_are_shown_as_nothing(small: Codebook) -> None:
    (problem,) = small.check({**GOOD, "notes": None, "groups": []}, latest_today=TODAY)
    assert (problem.message, problem.severity) == ("There is no note on nothing.", "warning")


def test_the_nearest_code_is_named(small: Codebook) -> None:
    (problem,) = small.check({**GOOD, "groups": ["Students", "Nurse"]}, latest_today=TODAY)
    assert "Did you mean 'Nurses'?" in problem.message


def test_tomorrow_is_the_future_and_today_is_not(small: Codebook) -> None:
    assert small.check({**GOOD, "event_date": "2026-11-24"}, latest_today=TODAY) == []
    assert codes(small.check({**GOOD, "event_date": "2026-11-25"}, latest_today=TODAY)) == [("in-the-future", "event_date")]


@pytest.mark.parametrize(("name", "value", "code"), [
    ("people", "12", "not-a-whole-number"), ("people", 2.0, "not-a-whole-number"), ("people", True, "not-a-whole-number"),
    ("people", 10**30, "not-a-whole-number"),
    ("latitude", float("nan"), "not-a-number"), ("event_date", "2026-02-30", "not-a-date"), ("event_date", "20261120", "not-a-date"),
    ("groups", "Students", "not-a-list"), ("tags", [1], "not-a-list"), ("planned", 1, "not-a-boolean"), ("town", 3, "not-a-text"),
])  # fmt: skip
def test_a_value_of_a_wrong_type_is_told_and_no_rule_trips_over_it(small: Codebook, name: str, value: object, code: str) -> None:
    assert (code, name) in codes(small.check({**GOOD, name: value}, latest_today=TODAY))


def test_an_unknown_column_is_told_with_the_nearest(small: Codebook) -> None:
    (problem,) = small.check({**GOOD, "peple": 3}, latest_today=TODAY)
    assert (problem.code, problem.field) == ("unknown-column", "peple")
    assert "'people'" in problem.message


def test_braces_in_a_message_stay() -> None:
    assert formatted("{town} is not {{3}}", {"town": "Ahvaz"}) == "Ahvaz is not {3}"
    assert formatted("{town}", {"town": "{kind}", "kind": "March"}) == "{kind}"


def test_a_null_is_no_verdict(small: Codebook) -> None:
    """`people >= 3` of an unknown number is unknown: the rule is not broken (T19)."""
    assert small.check({**GOOD, "kind": "Riot", "people": None}, latest_today=TODAY) == []


def test_good_events_are_clean_under_the_shipped_codebook_and_spoilt_ones_are_not(codebook: Codebook) -> None:
    for event in synthetic_values(60, 11):
        assert Report(codebook.check(event, latest_today=TODAY)).errors == []
        spoilt = {**event, "country": "Chile" if event["country"] != "Chile" else "Peru"}
        assert {"derived-mismatch"} <= {problem.code for problem in codebook.check(spoilt, latest_today=TODAY)}
