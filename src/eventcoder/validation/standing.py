"""How the events of a ledger stand: what `eventcoder validate` tells. Floor 4.

Errors of settled events are errors: they would stop a release. An open event is work in progress, so what it lacks or breaks is told as a
warning. An event with two heads is in conflict and an error until a person resolves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.problem import Problem, Report
from eventcoder.validation.bulk import validate_events
from eventcoder.validation.keyed import keyed_checks

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Folded, Ledger

BATCH = 50_000  # events whose values are held as Python objects at a time


def project_report(ledger: Ledger, codebook: Codebook, *, latest_today: date) -> Report:
    """Rules, columns and keys over all events that are open, settled or in conflict. A relation between two events clears the likeness of both."""
    report = Report()
    states: dict[str, str] = {}
    tables: list[pa.Table] = []
    related: set[tuple[str, str]] = set()
    waiting: list[Folded] = []
    for event in ledger.events(states=("open", "settled", "conflict")):
        states[event.event_id] = event.state
        related |= relations_of(event)
        waiting.append(event)
        if len(waiting) == BATCH:
            tables.append(values_table(waiting, codebook))
            waiting = []
    tables.append(values_table(waiting, codebook))
    import pyarrow as pa

    events = pa.concat_tables(tables)
    found = [*validate_events(events, codebook, latest_today=latest_today), *keyed_checks({"events": events}, codebook, decisions_different=related)]
    report.extend(_as_it_stands(found, states))
    for event_id, state in states.items():
        if state == "conflict":
            message = "Two coders changed the event at the same time. Look at both with 'eventcoder history', then settle it with one act."
            report.extend([Problem("event-in-conflict", message, "error", event_id)])
    return report


def relations_of(event: Folded) -> set[tuple[str, str]]:
    """The pairs of ids that this event's relations join, each in order."""
    pairs = ((event.event_id, str(relation["event_id"])) for relation in event.relations if relation.get("event_id"))
    return {(min(pair), max(pair)) for pair in pairs}


def values_table(events: Sequence[Folded], codebook: Codebook) -> pa.Table:
    """The values of folded events as a table in the codebook's types; what has no such type is left to `conform` to tell."""
    import pyarrow as pa

    from eventcoder.codebook.arrow import arrow_schema

    rows = [{**event.values, "event_id": event.event_id, "revision": event.revision, "codebook_version": event.codebook} for event in events]
    columns: dict[str, Any] = {}
    for field in arrow_schema(codebook):
        cells = [row.get(field.name) for row in rows]
        try:
            columns[field.name] = pa.array(cells, pa.string()).cast(field.type) if pa.types.is_date(field.type) else pa.array(cells, field.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            columns[field.name] = pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
    return pa.table(columns)


def _as_it_stands(problems: Iterable[Problem], states: dict[str, str]) -> Iterable[Problem]:
    for problem in problems:
        work_in_progress = problem.severity == "error" and states.get(problem.event_id or "") == "open"
        yield replace(problem, severity="warning") if work_in_progress else problem
