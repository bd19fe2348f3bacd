"""Country-months against the previous release: silent on what releases do, loud on what they do not."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook
from eventcoder.codebook.expression.parser import Scope
from eventcoder.codebook.rulebook import parse_checks
from eventcoder.problem import Problem
from eventcoder.validation.drift import Cell, Drift, drift, judge
from eventcoder.validation.thresholds import judge_thresholds
from tests.validation.tables import TODAY

THRESHOLD: dict[str, Any] = {"id": "rows-drift", "kind": "drift", "min": 0.25, "warn_below": 0.6, "max": 1.7, "z": 4, "rows": 10, "recent_months": 3}
COUNTRIES = ("Chad", "Iran", "Peru")
Counts = dict[tuple[str, date], int]


def months(first: int, last: int) -> list[date]:
    return [date(2020 + n // 12, n % 12 + 1, 1) for n in range(first, last)]


def steady(rows: int = 40) -> Counts:
    return {(country, month): rows for country in COUNTRIES for month in months(0, 24)}


def table(counts: Counts, ids: Iterable[str] | None = None) -> pa.Table:
    """Events with ids that name their cell and number: the same cell has the same events in every table."""
    rows = [(f"{c}{m:%y%m}-{n}", c, m + timedelta(days=n % 28)) for (c, m), count in counts.items() for n in range(count)]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table({"event_id": columns[0], "country": columns[1], "event_date": pa.array(columns[2], pa.date32())})


def compare(old: Counts, new: Counts, **more: Any) -> Drift:
    threshold = {**THRESHOLD, **more.pop("threshold", {})}
    found = drift(threshold, table(new), table(old), latest_today=TODAY, **more)
    assert found is not None
    return found


def told(found: Drift) -> list[tuple[str, str]]:
    return [(p.severity, str(p.value)) for p in found.problems]


def test_the_same_release_and_growing_last_months_are_silent() -> None:
    old = steady()
    assert compare(old, old) == Drift(0, ())
    grown = {**old, **{(c, m): 90 for c in COUNTRIES for m in months(22, 26)}}
    assert compare(old, grown) == Drift(0, ())


@pytest.mark.parametrize(("rows", "severity"), [(20, "warning"), (5, "error"), (90, "warning")])
def test_one_month_that_halved_emptied_or_doubled_is_told_with_its_figures(rows: int, severity: str) -> None:
    old = steady()
    cell = ("Iran", date(2020, 6, 1))
    found = compare(old, {**old, cell: rows})
    assert found.alarms == 1 and told(found) == [(severity, "Iran, 2020-06")]
    message = found.problems[0].message
    assert f"40 rows in the release before, {rows} now" in message and "z = " in message
    if rows > 40:
        assert "50 are late additions" in message
    else:
        assert f"0 stand under another country or month now, {40 - rows} are gone without a trace" in message
    (again,) = compare(old, {**old, cell: rows}, threshold={"z": 10_000}).problems or (None,)
    assert again is None, "the deviation counts too"


def test_what_was_withdrawn_or_moved_explains_a_drop() -> None:
    old = steady()
    cell, beside = ("Iran", date(2020, 6, 1)), ("Iran", date(2020, 7, 1))
    gone = frozenset(f"Iran2006-{n}" for n in range(20, 40))
    assert compare(old, {**old, cell: 20}, traced=gone) == Drift(0, ())
    before, now = table(old), table({**old, cell: 15})
    moved = table({cell: 40}).slice(15)
    moved = moved.set_column(2, "event_date", pa.array([beside[1]] * 25, pa.date32()))
    found = drift(THRESHOLD, pa.concat_tables([now, moved]), before, latest_today=TODAY)
    assert found is not None and found.alarms == 1
    assert "25 stand under another country or month now, 0 are gone without a trace" in found.problems[0].message


def test_a_new_country_and_a_longer_past_are_told_once_and_a_lost_country_once() -> None:
    old = steady()
    early = {("Iran", m): 30 for m in (date(2018, 1, 1), date(2018, 2, 1))}
    new = {**old, **early, **{("Togo", m): 30 for m in months(0, 24)}}
    found = compare(old, new)
    assert found.alarms == 0 and told(found) == [("info", "Iran"), ("info", "Togo")]
    assert "begins in 2018-01 instead of 2020-01" in found.problems[0].message and "720 rows in 24 months" in found.problems[1].message
    lost = compare(old, {cell: n for cell, n in old.items() if cell[0] != "Peru"})
    assert told(lost) == [("error", "Peru, all months")] and "960 are gone without a trace" in lost.problems[0].message


def test_a_change_of_everything_is_one_problem_and_many_cells_are_bounded() -> None:
    old = steady()
    doubled = compare(old, {cell: 2 * n if cell[1] < date(2021, 10, 1) else n for cell, n in old.items()})
    assert told(doubled) == [("warning", "all")] and "about 1.89 times" in doubled.problems[0].message
    wide = {(f"Land {n}", m): 40 for n in range(20) for m in months(0, 24)}
    shrunk = {cell: 12 if cell[0] < "Land 13" and cell[1].month % 2 else n for cell, n in wide.items()}
    found = compare(wide, shrunk)
    assert found.alarms == sum(n == 12 for n in shrunk.values()) > 50
    assert len(found.problems) == 51 and f"{found.alarms - 50} more country-months" in found.problems[-1].message


def test_a_small_dataset_has_its_say_too() -> None:
    """With one or two months there is no middle to compare with: a halved one is told all the same."""
    old = {("Chad", date(2020, 1, 1)): 60, ("Chad", date(2020, 8, 1)): 40}
    assert told(compare(old, {**old, ("Chad", date(2020, 1, 1)): 30})) == [("warning", "Chad, 2020-01")]
    assert compare(old, {**old, ("Chad", date(2020, 8, 1)): 31}) == Drift(0, ())


def test_an_allowance_turns_a_cell_into_a_note_and_is_told_once_it_is_idle() -> None:
    old = steady()
    new = {**old, ("Iran", date(2020, 6, 1)): 5}
    entry = {"check": "rows-drift", "country": "Iran", "from": "2020-05", "until": "2020-07", "reason": "A double import was taken back."}
    found = compare(old, new, threshold={"allow": [entry]})
    assert found.alarms == 0 and told(found) == [("info", "Iran, 2020-06")] and "A double import" in found.problems[0].message
    for idle, why in (
        ({**entry, "country": "Chad"}, "matches nothing"),
        ({**entry, "until": "2020-05"}, "matches nothing"),
        ({**entry, "expires": "2026-11-23"}, "has expired"),
    ):
        found = compare(old, new, threshold={"allow": [idle]})
        assert found.alarms == 1 and [p.code for p in found.problems] == ["rows-drift", "stale-allowance"]
        assert why in found.problems[1].message and found.problems[1].severity == "warning"
    assert compare(old, new, threshold={"allow": [{**entry, "expires": "2026-11-24"}]}).alarms == 0, "its last day counts"
    gone = {cell: n for cell, n in old.items() if cell[0] != "Iran"}
    assert compare(old, gone, threshold={"allow": [entry]}).alarms == 1, "three months allow no country"
    assert compare(old, gone, threshold={"allow": [{"check": "rows-drift", "country": "Iran", "reason": "Left."}]}).alarms == 0


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"check": "rows-drft", "country": "Chad", "reason": "x"}, "Did you mean 'rows-drift'?"),
        ({"check": "row-drop", "country": "Chad", "reason": "x"}, "no expectation of kind drift"),
        ({"check": "rows-drift", "country": "Tschad", "reason": "x"}, "no country of the list"),
        ({"check": "rows-drift", "from": "2020", "reason": "x"}, "must be a month, YYYY-MM"),
        ({"check": "rows-drift", "from": "2020-06", "until": "2020-05", "reason": "x"}, "'from' lies after 'until'"),
        ({"check": "rows-drift", "reason": "x"}, "would allow everything"),
        ({"check": "rows-drift", "country": "Chad"}, "'reason' is missing"),
        ({"check": "rows-drift", "country": "Chad", "reason": "x", "expire": "2027-01-01"}, "Did you mean 'expires'?"),
        ({"check": "rows-drift", "country": "Chad", "reason": "x", "expires": "soon"}, "must be a day"),
    ],
)
def test_a_faulty_allowance_says_what_is_wrong(codebook: Codebook, entry: dict[str, Any], said: str) -> None:
    raw = {"expectation": [{"why": "A test.", **THRESHOLD}, {"id": "row-drop", "kind": "drop", "why": "A test."}], "allow": [entry]}
    _, expectations, problems = parse_checks(raw, Scope({}, codebook.lists), set())
    assert [p.code for p in problems] == ["bad-allowance"] and said in problems[0].message
    assert all("allow" not in one for one in expectations)


def test_an_allowance_reaches_its_check_whatever_the_order_of_the_file(codebook: Codebook) -> None:
    entry = {"check": "rows-drift", "country": "Chad", "reason": "Coded anew.", "expires": date(2027, 1, 1)}
    raw = {"allow": [entry], "expectation": [{"why": "A test.", **THRESHOLD}]}
    _, (threshold,), problems = parse_checks(raw, Scope({}, codebook.lists), set())
    assert problems == [] and threshold["allow"] == [{**entry, "expires": "2027-01-01"}]


@given(st.lists(st.tuples(st.integers(1, 200), st.integers(1, 200)), min_size=1, max_size=30))
@settings(max_examples=200, deadline=None)
def test_losing_and_gaining_are_judged_alike(pairs: list[tuple[int, int]]) -> None:
    even = {**THRESHOLD, "min": 0, "warn_below": 0.5, "max": 2, "recent_months": 0}
    cells = [Cell("Chad", month, old, new) for month, (old, new) in zip(months(0, len(pairs)), pairs, strict=True)]
    swapped = [replace(cell, old=cell.new, new=cell.old) for cell in cells]
    there, centre = judge(cells, even)
    back, mirrored = judge(swapped, even)
    assert centre == pytest.approx(-mirrored)
    assert {cell.month: round(cell.z, 6) + 0.0 for cell in there} == {cell.month: round(-cell.z, 6) + 0.0 for cell in back}


def grown(rng: np.random.Generator, countries: np.ndarray, days: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The arrays with a share more rows: a third of them late additions anywhere, the rest in the last weeks and after."""
    n = int(len(days) * share)
    late = rng.random(n) < 1 / 3
    added = np.where(late, rng.integers(days.min(), days.max(), n), days.max() - rng.integers(-20, 40, n))
    return np.concatenate([countries, rng.choice(countries, n)]), np.concatenate([days, added])


def test_twenty_versions_of_random_growth_are_silent_and_a_planted_drop_is_found() -> None:
    """A twelfth of the size of the measured trial (300,000 rows), which was as silent."""
    rng = np.random.default_rng(7)
    sizes = rng.pareto(1.2, 60) + 0.02
    countries = rng.choice(60, 25_000, p=sizes / sizes.sum())
    days = rng.integers(16_000, 19_000, 25_000)
    names = np.array([f"Land {n}" for n in range(60)])

    def as_table() -> pa.Table:
        ids = pa.array([f"e{n}" for n in range(len(days))])
        return pa.table({"event_id": ids, "country": names[countries], "event_date": pa.array(days.astype("datetime64[D]"), pa.date32())})

    before = as_table()
    for _ in range(20):
        countries, days = grown(rng, countries, days, rng.uniform(0.01, 0.03))
        now = as_table()
        found = drift(THRESHOLD, now, before, latest_today=TODAY)
        assert found is not None and [p for p in found.problems if p.severity != "info"] == []
        before = now
    largest = int(np.bincount(countries).argmax())
    month = days.astype("datetime64[D]").astype("datetime64[M]")
    there = np.flatnonzero((countries == largest) & (month == np.datetime64("2018-03")))
    found = drift(THRESHOLD, before.take(np.delete(np.arange(len(days)), there[::2])), before, latest_today=TODAY)
    assert found is not None and len(there) > 20
    assert told(found) == [("warning", f"Land {largest}, 2018-03")]


def test_the_gate_stops_for_an_emptied_month_only(codebook: Codebook) -> None:
    book = replace(codebook, expectations=({"why": "A test.", **THRESHOLD},))
    old = steady()

    def verdict(new: Counts, before: Counts | None) -> tuple[str, float | None, list[Problem]]:
        previous = None if before is None else {"events": table(before)}
        (judged,), problems = judge_thresholds({"events": table(new)}, book, latest_today=TODAY, previous=previous)
        return judged.verdict, judged.value, problems

    assert verdict(old, None) == ("unmeasured", None, [])
    assert verdict(old, old) == ("holds", 0, [])
    assert verdict({**old, ("Iran", date(2020, 6, 1)): 20}, old)[:2] == ("warns", 1)
    assert verdict({**old, ("Iran", date(2020, 6, 1)): 2}, old)[:2] == ("fails", 1)


def test_random_ids_and_gaps_raise_nothing() -> None:
    rng = random.Random(3)
    old = {(c, m): rng.choice((0, 1, 30)) for c in COUNTRIES for m in months(0, 24)}
    bare = table(old).drop_columns(["event_id"])
    found = drift(THRESHOLD, bare, table(steady()), latest_today=TODAY)
    assert found is not None and found.alarms
    assert drift(THRESHOLD, bare.drop_columns(["country"]), bare, latest_today=TODAY) is None
    assert drift(THRESHOLD, bare, bare.slice(0, 0), latest_today=TODAY) is None
    nulls = pa.table({"event_id": [None], "country": pa.array([None], pa.string()), "event_date": pa.array([None], pa.date32())})
    assert drift(THRESHOLD, bare, nulls, latest_today=TODAY) is None


def test_the_default_bounds_are_those_of_the_schema(codebook: Codebook) -> None:
    (own,) = [one for one in codebook.expectations if one["kind"] == "drift"]
    assert {key: own[key] for key in THRESHOLD} == THRESHOLD
