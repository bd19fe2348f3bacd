"""Warnings that a person has accepted: told, dated, and never a way around an error."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook
from eventcoder.errors import InputError, NotFound, Refused, UsageError
from eventcoder.problem import Problem, Report
from eventcoder.validation import gate
from eventcoder.validation.accepting import Accepted, accept, apply, error_codes, published, read_accepted
from tests.synthetic_events import synthetic_values
from tests.validation.tables import TODAY, release_tables

MARCHES = Accepted("likely-same-event", "Two marches.", "ada", date(2026, 11, 2), date(2027, 3, 1), event_id="a00000000001")
TWO = Report(
    [
        Problem("likely-same-event", "Several events share day and place.", "warning", "a00000000001", "event_date", "2026-01-01"),
        Problem("likely-same-event", "Several events share day and place.", "warning", "a00000000002", "event_date", "2026-01-01"),
    ]
)


def test_an_accepted_warning_is_an_info_that_says_who_until_when_and_why() -> None:
    first, second = apply(TWO, [MARCHES], TODAY)
    assert first.severity == "info"
    assert first.message == "Several events share day and place. (accepted until 2027-03-01 by ada: Two marches.)"
    assert second == TWO.problems[1]
    assert apply(TWO, [], TODAY) is TWO


@pytest.mark.parametrize(
    ("change", "infos"),
    [({"event_id": None}, 2), ({"field": "event_date"}, 1), ({"field": "notes"}, 0), ({"value": "2026-01-01"}, 1), ({"value": "2026-01-02"}, 0)],
)
def test_every_key_that_is_given_must_fit(change: dict[str, str], infos: int) -> None:
    report = apply(TWO, [replace(MARCHES, **change)], TODAY)  # type: ignore[arg-type]
    assert sum(p.severity == "info" and p.code == "likely-same-event" for p in report) == infos
    assert [p.code for p in report if p.code.startswith("acceptance")] == ([] if infos else ["acceptance-unused"])


def test_an_error_is_never_accepted_and_the_entry_is_told(codebook: Codebook) -> None:
    error = Problem("unknown-code", "'Peacefull' is no code.", "error", "a00000000001")
    entry = replace(MARCHES, code="unknown-code")
    report = apply(Report([error]), [entry], TODAY)
    assert not report.valid and report.flatten("code", "severity") == [("unknown-code", "error"), ("acceptance-of-error", "warning")]
    as_open = replace(error, severity="warning")  # an open event's error is told as a warning
    report = apply(Report([as_open]), [entry], TODAY, never=error_codes(codebook))
    assert report.flatten("code", "severity") == [("unknown-code", "warning"), ("acceptance-of-error", "warning")]
    assert {"unknown-code", "missing-required", "duplicate-event-id"} <= error_codes(codebook)
    assert not {"likely-same-event", "several-tactics"} & error_codes(codebook)


def test_what_has_expired_counts_no_more_and_is_told_until_it_is_renewed() -> None:
    assert apply(TWO, [MARCHES], MARCHES.until).counts["warning"] == 1  # the last day counts
    old = replace(MARCHES, until=date(2026, 11, 23))
    report = apply(TWO, [old], TODAY)
    assert report.flatten("code", "severity")[2:] == [("acceptance-expired", "warning")]
    assert report.counts["warning"] == 3
    assert apply(TWO, [old, MARCHES], TODAY).counts == {"error": 0, "warning": 1, "info": 1}


def test_entries_are_appended_and_comments_stay(codebook: Codebook, tmp_path: Path) -> None:
    assert read_accepted(tmp_path) == ()
    path = accept(tmp_path, MARCHES, codebook, TODAY)
    path.write_text("# ours: ask Bel\n" + path.read_text("utf-8"), "utf-8")
    odd = replace(MARCHES, event_id=None, field="notes", value='a "b" \\ \x07\n#', reason="é \x7f '''")
    accept(tmp_path, odd, codebook, TODAY)
    assert read_accepted(tmp_path) == (MARCHES, odd)
    assert path.read_text("utf-8").startswith("# ours: ask Bel\n")
    assert [p.name for p in tmp_path.iterdir()] == ["accepted.toml"]


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1), st.text())
def test_any_text_comes_back_as_it_was(reason: str, value: str) -> None:
    import tomllib

    from eventcoder.validation.accepting import as_toml

    entry = replace(MARCHES, reason=reason, value=value)
    assert tomllib.loads(as_toml(entry))["accepted"][0]["reason"] == reason
    assert published(json.loads(json.dumps({"accepted": [entry.as_json()]}))) == (entry,)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"code": "likly-same-event"}, NotFound, "likely-same-event"), ({"code": "unknown-code"}, Refused, "never accepted"),
        ({"until": date(2026, 11, 23)}, UsageError, "has passed"), ({"until": date(2027, 11, 26)}, UsageError, "2027-11-25"),
        ({"reason": "  "}, UsageError, "reason"),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_is_refused(codebook: Codebook, tmp_path: Path, change: dict[str, str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        accept(tmp_path, replace(MARCHES, **change), codebook, TODAY)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_the_same_is_not_accepted_twice(codebook: Codebook, tmp_path: Path) -> None:
    accept(tmp_path, MARCHES, codebook, TODAY)
    with pytest.raises(Refused, match="accepted until 2027-03-01 already"):
        accept(tmp_path, MARCHES, codebook, TODAY)
    accept(tmp_path, replace(MARCHES, until=date(2027, 4, 1)), codebook, TODAY)
    assert len(read_accepted(tmp_path)) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[accepted]\n", "cannot be read"), ("[[accept]]\n", "nothing but"), ('accepted = "all"\n', "nothing but"),
        ('[[accepted]]\ncode = "x-y"\nreason = "r"\nby = "a"\nsince = 2026-01-01\n', "entry 1: lacks until"),
        ('[[accepted]]\ncode = "x-y"\nreason = "r"\nby = "a"\nsince = 2026-01-01\nuntil = "soon"\n', "not a day"),
        ('[[accepted]]\ncode = "x-y"\nreason = "r"\nby = "a"\nsince = 2026-01-01\nuntil = 2036-01-01\n', "more than 366 days"),
        ('[[accepted]]\ncode = "x-y"\nreason = "r"\nby = "a"\nsince = 2026-01-01\nuntil = 2026-02-01\nevent = "a"\n', "unknown key 'event'"),
    ],
)  # fmt: skip
def test_a_broken_file_names_the_entry(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "accepted.toml").write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        read_accepted(tmp_path)


def test_a_release_publishes_what_was_accepted_and_is_judged_alike_from_its_own_file(codebook: Codebook) -> None:
    values = synthetic_values(60, 3)
    twin = {**values[4], "event_id": "b00000000001", "event_id_cnty": f"{values[4]['event_id_cnty']}9"}
    tables = release_tables([*values, twin], codebook)

    def judged(accepted: tuple[Accepted, ...]) -> tuple[str | None, dict[str, object]]:
        result = gate(tables, codebook, latest_today=TODAY, great_expectations=False, accepted=accepted)
        found = {p.severity for p in result.report if p.code == "likely-same-event"}
        assert len(found) == 1 and result.passed
        return found.pop(), json.loads(json.dumps(result.document))

    plain, without = judged(())
    assert plain == "warning" and "accepted" not in without
    softened, document = judged((replace(MARCHES, event_id=None),))
    assert softened == "info" and document["accepted"] == [replace(MARCHES, event_id=None).as_json()]
    assert judged(published(document)) == (softened, document)
    assert published({"accepted": [{"code": 1}]}) == published({"accepted": "all"}) == published(None) == ()
