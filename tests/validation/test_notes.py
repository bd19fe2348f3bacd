"""Notes that were copied, and notes that are none."""

from __future__ import annotations

from typing import Any

import pytest

from eventcoder.codebook import Codebook
from eventcoder.validation.note_facts import NOTE_FACTS
from eventcoder.validation.notes import note_problems
from tests.synthetic_events import synthetic_values
from tests.validation.tables import events_table

NOTE = "On 3 May 2021, weavers gathered at the gate of the mill over two months of unpaid wages."
VALUES = synthetic_values(60, 51)


def told(codebook: Codebook, *changes: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    rows = [{**values, **change} for values, change in zip(VALUES, changes, strict=False)] + VALUES[len(changes) :]
    others = {code for code, _ in NOTE_FACTS}  # a copied note also names another day: test_note_facts
    return [(p.code, p.severity, p.event_id) for p in note_problems(events_table(rows, codebook)) if p.code not in others]


def event(day: str, country: str = "Iran", location: str = "Tehran", notes: str = NOTE) -> dict[str, Any]:
    return {"event_date": day, "country": country, "location": location, "notes": notes}


def test_events_with_notes_of_their_own_have_no_problem(codebook: Codebook) -> None:
    assert told(codebook) == []


def test_a_note_that_returns_after_weeks_or_in_another_country_was_copied(codebook: Codebook) -> None:
    later = VALUES[1]["event_id"]
    assert told(codebook, event("2021-05-03"), event("2021-08-03")) == [("copied-note", "warning", later)]
    assert told(codebook, event("2021-05-03"), event("2021-05-04", "Iraq", "Basrah")) == [("copied-note", "warning", later)]
    many = [event(f"2021-{month:02d}-03") for month in range(1, 13)]
    assert [code for code, *_ in told(codebook, *many)] == ["copied-note"]  # once, not once a row


def test_one_report_of_several_places_is_an_info_and_one_place_and_day_another_checks_matter(codebook: Codebook) -> None:
    assert [(code, severity) for code, severity, _ in told(codebook, event("2021-05-03"), event("2021-05-04", location="Shiraz"))] == [
        ("shared-note", "info")
    ]
    assert told(codebook, event("2021-05-03"), event("2021-05-03")) == []
    assert told(codebook, event("2021-05-03", notes="Short."), event("2022-05-03", notes="Short.")) == []
    assert told(codebook, event("2021-05-03", notes=None), event("2022-05-03", notes=None)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("note", ["TBD", "n/a", "N/A.", "todo: look this up", "Lorem ipsum dolor sit amet", "test", "See article.", "same as above"])
def test_words_that_keep_the_place_of_a_note(codebook: Codebook, note: str) -> None:
    assert told(codebook, {"notes": note}) == [("placeholder-note", "warning", VALUES[0]["event_id"])]


@pytest.mark.parametrize(
    "note", ["Test scores were to be announced; students gathered in Kesra.", "None of the marchers was hurt in Kesra on 3 May."]
)
def test_words_that_only_begin_so(codebook: Codebook, note: str) -> None:
    assert told(codebook, {"notes": note}) == []
