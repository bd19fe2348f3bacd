"""Notes and crowd texts that contradict the columns, and those that only seem to."""

from __future__ import annotations

from typing import Any

import pytest

from eventcoder.codebook import Codebook
from eventcoder.validation.note_facts import NoteReader
from eventcoder.validation.notes import note_problems
from tests.synthetic_events import synthetic_values
from tests.validation.tables import events_table

BASE = {**synthetic_values(1, 61)[0], "event_type": "Violence against civilians", "crowd_low": None, "crowd_high": None, "crowd_text": None}
EXACT = {"event_date": "2026-05-03", "time_precision": 1, "date_start": None, "date_end": None, "fatalities_basis": "number"}


def told(codebook: Codebook, **change: Any) -> list[tuple[str, str]]:
    return [(p.code, p.message) for p in note_problems(events_table([{**BASE, **EXACT, **change}], codebook))]


def dead(codebook: Codebook, note: str, fatalities: int | None, **more: Any) -> list[str]:
    return [code for code, _ in told(codebook, notes=f"On 3 May 2026, {note}", fatalities=fatalities, **more)]


@pytest.mark.parametrize("said", ["3 May 2025", "4 May 2026", "13 May 2026", "1 May 2026"])
def test_another_day_or_year_in_the_note_is_told_with_both(codebook: Codebook, said: str) -> None:
    ((code, message),) = told(codebook, notes=f"On {said}, weavers marched in Kesra.", fatalities=0, fatalities_basis="none", event_type="Protests")
    assert code == "note-date-differs" and said in message and "2026-05-03" in message


@pytest.mark.parametrize(
    "change",
    [
        {"notes": "On 3 May 2026, weavers marched in Kesra."},
        {"notes": "On 3 June 2026, weavers marched in Kesra."},  # the rule notes-month-differs tells this one
        {"notes": "On 31 February 2026, weavers marched in Kesra."},
        {"notes": "Around 8 May 2026 (as reported), weavers marched in Kesra.", "time_precision": 2},
        {"notes": "Around 8 May 2026 (week of), weavers marched.", "time_precision": 2, "date_start": "2026-05-01", "date_end": "2026-05-08"},
        {"notes": "Around 20 May 2026 (month of), weavers marched.", "time_precision": 3},
        {"notes": "Weavers marched in Kesra on 9 May 2025."},
        {"notes": None},
    ],
)
def test_days_that_agree_or_say_nothing(codebook: Codebook, change: dict[str, Any]) -> None:
    assert told(codebook, **{"fatalities": 0, "fatalities_basis": "none", "event_type": "Protests", **change}) == []


@pytest.mark.parametrize(
    ("note", "fatalities"),
    [
        ("gunmen attacked a village, killing 4 people and injuring 7.", 40),
        ("52 people were killed at a market.", 520),
        ("40 civilians were shot dead at a ford.", 4),
        ("militants killed 3 soldiers and 2 villagers at a gate.", 50),
        ("gunmen shot at a bus. Four people were killed.", 0),
        ("gunmen killed one farmer on the road to Kesra.", None),
        ("gunmen shot at a bus. 6 people were injured.", 6),
    ],
)
def test_figures_that_the_note_cannot_make(codebook: Codebook, note: str, fatalities: int | None) -> None:
    assert dead(codebook, note, fatalities) == ["note-deaths-differ"]


@pytest.mark.parametrize(
    ("note", "fatalities"),
    [
        ("gunmen attacked a village, killing 4 people and injuring 7.", 4),
        ("3 of the 12 people who were held were killed.", 3),
        ("a 12-year-old boy was killed by soldiers.", 1),
        ("a suicide bomber killed 5 soldiers at a gate.", 6),
        ("militants killed 3 soldiers and two villagers; 11 militants died.", 16),
        ("1,200 people fled and two were shot dead.", 2),
        ("30 gunmen killed several villagers.", 3),
        ("nobody of the 14 passengers was killed.", 0),
        ("soldiers took away 2 men over a raid in which 6 people were killed.", 0),
        ("28 people were killed in total in three villages.", 9),
        ("gunmen drove off 40 cows; 25 cows were killed.", 0),
        ("between 10 and 14 people were killed.", 10),
        ("5 people were injured and a body was found.", 5),
        ("troops killed 2 thousand people.", 2000),
    ],
)
def test_figures_that_the_note_bears_out_or_leaves_open(codebook: Codebook, note: str, fatalities: int) -> None:
    assert dead(codebook, note, fatalities) == []


def test_add_and_validate_give_one_verdict(codebook: Codebook) -> None:
    rows = synthetic_values(400, 63)
    for number, row in enumerate(rows):
        if row["fatalities"]:
            row |= {"fatalities": row["fatalities"] * (1, 10)[number % 2], "fatalities_high": None}
        if row["crowd_low"]:
            row |= {"crowd_low": row["crowd_low"] * (10, 1)[number % 2], "crowd_high": None}
    in_bulk = {(p.code, p.event_id, p.message) for p in note_problems(events_table(rows, codebook)) if p.code != "note-date-differs"}
    reader = NoteReader.of(None)
    one_by_one = {(p.code, p.event_id, p.message) for row in rows for p in reader.numbers_of(row)}
    assert in_bulk == one_by_one and len(in_bulk) > 20


def test_words_and_split_totals_and_old_deaths_behind_a_march_are_left_alone(codebook: Codebook) -> None:
    assert dead(codebook, "4 people were killed.", 12, fatalities_basis="word") == []
    assert dead(codebook, "40 people were killed.", 10, fatalities_basis="split") == []
    assert dead(codebook, "students marched; 4 people were killed on Monday.", 0, event_type="Protests") == []


@pytest.mark.parametrize(
    ("text", "low", "high", "differs"),
    [
        ("about 30", 300, 300, True),
        ("about 30", 30, 30, False),
        ("2,000", 2000, 2000, False),
        ("2.000", 2000, 2000, False),
        ("20 000", 2000, 2000, True),
        ("500-700", 500, 700, False),
        ("at least 50", 500, None, True),
        ("fewer than 100", None, 99, False),
        ("some 500", 400, 600, False),
        ("around 1.5 million", 1500000, 1500000, False),
        ("3 groups of 15", 45, 45, False),
        ("dozens", 300, None, False),
    ],
)
def test_crowds(codebook: Codebook, text: str, low: int | None, high: int | None, differs: bool) -> None:
    crowd = {"crowd_text": text, "crowd_low": low, "crowd_high": high, "event_type": "Protests", "fatalities": 0, "fatalities_basis": "none"}
    assert ("crowd-text-differs" in [code for code, _ in told(codebook, notes="On 3 May 2026, weavers marched.", **crowd)]) is differs


def test_sound_events_raise_nothing(codebook: Codebook) -> None:
    assert note_problems(events_table(synthetic_values(3000, 62), codebook)) == []
