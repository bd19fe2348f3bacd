"""Notes that belong to no event or to several (copied over days and countries, or never written), or that contradict the columns. Floor 4.

Told once a text, with the number of events. Two rows of one place and day with one note are another check's matter (`same-notes`). Private persons in
notes and in the other texts that a release publishes: `note_persons`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.countries import read_register
from eventcoder.names import fold
from eventcoder.problem import Problem
from eventcoder.validation.note_facts import NOTE_FACTS, note_fact_problems
from eventcoder.validation.note_persons import AROUND, PERSONS, PersonReader, person_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from eventcoder.problem import Severity

NOTES: tuple[tuple[str, Severity], ...] = (
    ("copied-note", "warning"),
    ("shared-note", "info"),
    ("placeholder-note", "warning"),
    *NOTE_FACTS,
    *PERSONS,
)
# Texts beside the notes that a release publishes: table, column.
_PUBLISHED = (("relations", "note"), ("coverage", "note"), ("retracted", "reason"), ("changes", "reason"), ("acts", "reason"))
_SHOWN = 60  # characters of a note that a message repeats
_SHORT = 200  # no placeholder is longer


def note_problems(events: pa.Table, *, schema_dir: Path | None = None) -> list[Problem]:
    """What the notes of these events say against each other; nothing where there are no notes, days or places to compare."""
    return list(notes_told(events, schema_dir=schema_dir))


def notes_told(events: pa.Table, *, schema_dir: Path | None = None) -> Iterator[Problem]:
    """The same one by one: there may be millions."""
    if not {"event_id", "event_date", "country", "location", "notes"} <= set(events.column_names):
        return
    from eventcoder.codebook.duck import connect

    con = connect()
    try:
        con.register("events", events)
        limits = {row["name"]: float(row["value"]) for row in read_register(schema_dir, "note_checks.csv")}
        yield from _copied(con, limits)
        yield from _placeholders(con, read_register(schema_dir, "placeholder_notes.csv", "lexicon"))
        yield from note_fact_problems(con, events.column_names, schema_dir=schema_dir)
        yield from _persons(con, events.column_names, PersonReader.of(schema_dir))
    finally:
        con.close()


def remark_problems(tables: Mapping[str, pa.Table], *, schema_dir: Path | None = None) -> list[Problem]:
    """Private persons in the remarks and reasons of the tables around the events."""
    from eventcoder.codebook.duck import connect

    reader, out = PersonReader.of(schema_dir), []
    con = connect()
    try:
        for name, column in _PUBLISHED:
            table = tables.get(name)
            if table is None or column not in table.column_names or table.column(column).null_count == len(table):
                continue
            con.register("remarks", table)
            event = "event_id" if "event_id" in table.column_names else "NULL::VARCHAR"
            texts = f"SELECT DISTINCT {event} AS event_id, '{column}' AS field, {column}::VARCHAR AS text, NULL::VARCHAR AS around FROM remarks"
            out += [replace(one, where=name) for one in person_problems(con, texts, reader)]
            con.unregister("remarks")
    finally:
        con.close()
    return out


def _persons(con: Any, columns: list[str], reader: PersonReader) -> Iterator[Problem]:
    around = ", ".join(name for name in AROUND if name in columns) or "NULL"
    texts = f"SELECT event_id, 'notes' AS field, notes::VARCHAR AS text, concat_ws(' | ', {around}) AS around FROM events"
    return person_problems(con, texts, reader)


def _copied(con: Any, limits: dict[str, float]) -> list[Problem]:
    # hashes find the few texts that stand twice: grouping by the texts themselves would hold all of them
    rows = con.execute(
        """WITH told AS (SELECT event_id, TRY_CAST(event_date AS DATE) AS day, country, location, notes, hash(notes) AS h FROM events
            WHERE length(notes) >= $least_length), twice AS (SELECT h FROM told GROUP BY h HAVING count(*) > 1)
        SELECT notes, count(*), arg_min(event_id, (day, event_id)), arg_max(event_id, (day, event_id)), min(day), max(day), count(DISTINCT country),
            min(country), max(country)
        FROM told WHERE h IN (SELECT h FROM twice) GROUP BY notes
        HAVING count(*) > 1 AND (count(DISTINCT day) > 1 OR count(DISTINCT (country, location)) > 1) ORDER BY ALL""",
        {"least_length": int(limits["least_length"])},
    ).fetchall()
    out = []
    for note, count, first, last, since, until, countries, one, other in rows:
        said = f"{count} events have the same note ('{note[:_SHOWN]}…')"
        apart = (until - since).days if since and until else 0
        if countries > 1 or apart > limits["far_days"]:
            where = f" in {one} and {other}" if countries > 1 else ""
            when = f", from {since} to {until}" if since and until else ""
            message = f"{said}{where}{when}; the first is {first}. One of them was copied: say in each what happened there and then."
            out.append(Problem("copied-note", message, "warning", last, "notes", first))
        else:
            message = f"{said} on near days or in near places; the first is {first}. Name the day and place in each, so that it can be read alone."
            out.append(Problem("shared-note", message, "info", last, "notes", first))
    return out


def _placeholders(con: Any, words: list[dict[str, str]]) -> list[Problem]:
    whole = {fold(row["text"]) for row in words if row["how"] == "whole"}
    starts = tuple(fold(row["text"]) for row in words if row["how"] == "start")
    first = sorted({key.split()[0] for key in (*whole, *starts) if key})
    if not first:
        return []
    query = f"""SELECT event_id, notes FROM events WHERE length(notes) <= {_SHORT}
        AND regexp_extract(lower(notes), '[a-z]+') IN ({", ".join("'" + word.replace("'", "''") + "'" for word in first)}) ORDER BY ALL"""
    out = []
    for event_id, note in con.execute(query).fetchall():
        key = fold(note)
        if key in whole or any(key == start or key.startswith(f"{start} ") for start in starts):
            message = f"The note '{note[:_SHOWN]}' only keeps the place of one. Say in one to three sentences when, where, who did what."
            out.append(Problem("placeholder-note", message, "warning", event_id, "notes", note))
    return out
