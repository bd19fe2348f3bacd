"""Private persons, telephone numbers and addresses in texts that are released; and what only looks like one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventcoder.codebook import Codebook
from eventcoder.codebook.duck import connect
from eventcoder.validation.note_persons import PersonReader, person_problems
from eventcoder.validation.notes import note_problems, remark_problems
from tests.synthetic_events import synthetic_values
from tests.validation.tables import events_table

READER = PersonReader.of(None)
SET = [
    (tuple(name for name in names.split(";") if name), note)
    for names, _, note in (line.partition("|") for line in (Path(__file__).parent / "notes" / "persons.txt").read_text("utf-8").splitlines())
    if not names.startswith("#")
]
MISSED = 2  # of the names in the set; raise neither of the two
FALSE = 0


def in_bulk(notes: list[str], around: str = "NULL") -> list[set[str]]:
    """What DuckDB finds in each note, the way a gate asks."""
    con = connect()
    con.register("notes", pa.table({"event_id": [str(n) for n in range(len(notes))], "text": notes}))
    found: list[set[str]] = [set() for _ in notes]
    for problem in person_problems(con, f"SELECT event_id, 'notes' AS field, text, {around} AS around FROM notes", READER):
        found[int(problem.event_id or 0)].add(str(problem.value))
    return found


def test_names_of_the_set_are_told_and_nothing_else_is() -> None:
    told = [(set(names), set(READER.persons(note))) for names, note in SET]
    missed, false = (sum(len(one) for one in sides) for sides in ([w - t for w, t in told], [t - w for w, t in told]))
    assert len(SET) > 200 and (missed, false) == (MISSED, FALSE)


def test_in_bulk_the_same_names_are_told() -> None:
    notes = [note for _, note in SET]
    assert in_bulk(notes) == [set(READER.persons(note)) for note in notes]


@pytest.mark.parametrize(
    "note",
    [
        "Gen. Ada Okoro was shot. Ada Okoro had led the unit.",
        "Mayor Ivan Petrov fled. The home of Ivan Petrov was burned.",
        "Protesters shouted at Sen. Juan Ochoa. According to Juan Ochoa, talks go on.",
    ],
)
def test_who_has_an_office_in_the_note_is_public_wherever_the_name_returns(note: str) -> None:
    assert READER.persons(note) == [] and in_bulk([note]) == [set()]


def test_a_name_that_is_an_actor_or_a_place_of_the_event_is_none(codebook: Codebook) -> None:
    values = synthetic_values(1, 61)[0] | {"notes": "On 3 May 2026, police arrested Amina Okoro in Weir."}
    told = [p for p in note_problems(events_table([values], codebook)) if p.code == "private-name-in-text"]
    assert [(p.field, p.value, p.severity, p.event_id) for p in told] == [("notes", "Amina Okoro", "warning", values["event_id"])]
    for column in ("actor1", "location"):
        named = events_table([values | {column: "Supporters of Amina Okoro (Weir)"}], codebook)
        assert [p for p in note_problems(named) if p.code == "private-name-in-text"] == []
        assert READER.problems_of(values | {column: "Supporters of Amina Okoro (Weir)"}) == []
    assert [p.value for p in READER.problems_of(values)] == ["Amina Okoro"]


def test_a_message_names_nobody_for_releases_publish_it() -> None:
    (problem,) = READER.problems_of({"event_id": "k1", "notes": "Police arrested Amina Okoro."})
    assert "Okoro" not in problem.message and "(A. O.)" in problem.message and "accept" in problem.message
    (problem,) = READER.problems_of({"event_id": "k1", "notes": "Call +234 803 123 4567."})
    assert "803" not in problem.message and "telephone number" in problem.message


CONTACTS = (
    ("Witnesses can write to weir.desk@lantern.example about it.", "an e-mail address"),
    ("Details: desk (at) lantern.example", None),
    ("Reports to desk[at]lantern.example please.", "an e-mail address"),
    ("He can be reached at 0803 123 4567.", "a telephone number"),
    ("Phone +44 20 7946 0018 for details.", "a telephone number"),
    ("WhatsApp: 0912-345-6789", "a telephone number"),
    ("The number (555) 010-1234 was painted on a wall.", "a telephone number"),
    ("Tel. 4567890", "a telephone number"),
    ("mobile 06 12 34 56 78 was switched off", "a telephone number"),
    ("A video was posted by @weir_watch_77 at noon.", "an account"),
    ("The victim lived at 12 Palm Street in Kesra.", "the address of a house"),
    ("A shell hit house number 14, Old Mill Road.", "the address of a house"),
)


@pytest.mark.parametrize(("note", "what"), CONTACTS)
def test_ways_to_reach_somebody(note: str, what: str | None) -> None:
    assert [kind for kind, _ in READER.contacts(note)] == ([what] if what else [])
    assert bool(in_bulk([note])[0]) == bool(what)


@pytest.mark.parametrize(
    "note",
    [
        "On 03.05.2026 09:30, 1,200,000 people marched; 0.5 percent were students.",
        "Between 2026-05-03 and 2026-05-10, 3 500 000 to 4 000 000 residents had no water.",
        "The place lies at 33.5138, 36.2765 (or -01.9441 030.0619).",
        "Event IRN0000012345 and k0a1b2c3d4e5 are one; see also 2026.11.0.",
        "Workers demanded $1 200 000 and 45,000,000 rials; wages of 2025-2026 were unpaid.",
        "From 0900 to 1100, some 300-400 people, and 1000 2000 at night, blocked the M5.",
        "Traders of 26 September Street and 14 July Square closed their shops.",
        "It was incident number 12 of this kind, call number 3, and Article 19 of law 1234/2020.",
        "The 3rd and 4th of May; ranks 100-200-300; flight 370; unit 8200; 03-05-2026 to 04-05-2026.",
        "About 2,000 people @ the square; 5+5 talks; ratio 1:1000000.",
        "On 12 Main roads of Kesra tyres burned; at 9 Road blocks cars were searched.",
        "The tag #weir2026 was used 1 000 000 times.",
    ],
)
def test_dates_counts_coordinates_amounts_and_ids_are_no_contacts(note: str) -> None:
    assert READER.contacts(note) == [] and in_bulk([note]) == [set()]


def test_ordinary_notes_have_no_alarm() -> None:
    notes = [str(values["notes"]) for values in synthetic_values(400, 17)]
    released = Path(__file__).parents[2] / "releases" / "2026.10.0" / "events.parquet"
    notes += pq.read_table(released, columns=["notes"])["notes"].to_pylist()
    assert [found for found in in_bulk(notes) if found] == []


def test_remarks_and_reasons_are_read_too() -> None:
    tables: dict[str, Any] = {
        "relations": pa.table({"event_id": ["k1"], "note": ["Same day; ask the driver Musa Danjuma."]}),
        "coverage": pa.table({"country": ["Iran"], "note": ["Read by desk@lantern.example."]}),
        "retracted": pa.table({"event_id": ["k2"], "reason": ["the body of Rahima Bibi was found elsewhere"]}),
        "events": pa.table({"event_id": ["k1"]}),
    }
    told = [(p.code, p.where, p.field, p.event_id) for p in remark_problems(tables)]
    assert told == [
        ("private-name-in-text", "relations", "note", "k1"),
        ("contact-in-text", "coverage", "note", None),
        ("private-name-in-text", "retracted", "reason", "k2"),
    ]


def test_a_team_has_words_and_names_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "given_names.csv").write_text("region,names\nours,Qwill\n", "utf-8")
    assert PersonReader.of(tmp_path).persons("Police arrested Qwill Zabor.") == ["Qwill Zabor"]
    assert READER.persons("Police arrested Qwill Zabor.") == []
