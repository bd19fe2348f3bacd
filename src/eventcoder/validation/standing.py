"""How the events of a ledger stand: what `eventcoder validate` tells. Floor 4.

Errors of settled events are errors: they would stop a release. An open event is work in progress, so what it lacks or breaks is told as a
warning. An event with two heads is in conflict and an error until a person resolves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as filled
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.ledger.folded import OF_DATASET
from eventcoder.problem import Problem, Report
from eventcoder.validation.actor_use import actor_problems
from eventcoder.validation.coded_under import codebook_problems
from eventcoder.validation.evidence import Span, evidence_problems, spans_of
from eventcoder.validation.geography import geography_problems
from eventcoder.validation.keyed import keyed_checks
from eventcoder.validation.leftover import Leftovers
from eventcoder.validation.notes import note_problems
from eventcoder.validation.released import reference_problems, release_problems
from eventcoder.validation.rows.bulk import validate_events
from eventcoder.validation.tally import BulkReport
from eventcoder.validation.twice import twice_problems

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.actors import ActorRegistry
    from eventcoder.codebook import Codebook
    from eventcoder.documents import DocumentStore
    from eventcoder.gazetteer.atlas import Atlas
    from eventcoder.ledger import Folded, Ledger

BATCH = 50_000  # events whose values are held as Python objects at a time


def project_report(
    ledger: Ledger,
    codebook: Codebook,
    *,
    latest_today: date,
    documents: DocumentStore | None = None,
    atlas: Atlas | None = None,
    register: ActorRegistry | None = None,
    released: Mapping[str, pa.Table] | None = None,
    schema_dir: Path | None = None,
) -> Report:
    """Rules, columns and keys over all events that are open, settled or in conflict. A relation between two events clears the likeness of both.

    What else is at hand is checked as well: quotes in the texts of `documents`, points against `atlas`, actors against `register`, and the
    tables of the latest release (`released`, with `retracted`: the withdrawn ones) against the ledger. `schema_dir` holds the project's
    registers (default: the packaged ones).
    """
    import pyarrow as pa

    report = BulkReport()
    standing = _Standing(Leftovers(codebook))
    tables = [values_table(batch, codebook) for batch in standing.batches(ledger)]
    events = pa.concat_tables(tables or [values_table([], codebook)])
    checked = {
        "events": events,
        "relations": _texts(standing.relations, "event_id", "other_event_id", "kind"),
        "retracted": _texts(standing.withdrawn, "event_id", "successor"),
    }
    registered = register.known if register is not None else None
    judged = validate_events(events, codebook, latest_today=latest_today, registered=registered)
    found = [*judged, *keyed_checks(checked, codebook, decisions_different=standing.related)]
    found += standing.left_behind
    found += codebook_problems(events, codebook)
    found += note_problems(events, schema_dir=schema_dir)
    if atlas is not None:
        found += geography_problems(events, codebook, atlas, schema_dir=schema_dir)
    if register is not None:
        found += actor_problems(events, codebook, register, own=registered_names(ledger))
    found += reference_problems(standing.documents, "document", set(ledger.latest("document")))
    found += reference_problems(named_drafts(ledger), "draft", set(ledger.latest("draft")))
    if documents is not None:
        found += evidence_problems(standing.spans, documents)
    report.extend(_as_it_stands(found, standing.states))
    if released is not None:
        # what was published is no work in progress, whatever its state is now
        report.extend(release_problems(events, standing.states, released, ledger.acts))
    for event_id, state in standing.states.items():
        if state == "conflict":
            message = "Two coders changed the event at the same time. Look at both with 'eventcoder history', then settle it with one act."
            report.extend([Problem("event-in-conflict", message, "error", event_id)])
    report.extend(twice_problems(ledger))
    return report


@dataclass(slots=True)
class _Standing:
    """What one walk over the events of a ledger gathers besides their values."""

    leftovers: Leftovers
    states: dict[str, str] = filled(default_factory=dict)
    related: set[tuple[str, str]] = filled(default_factory=set)
    relations: list[dict[str, Any]] = filled(default_factory=list)
    withdrawn: list[dict[str, Any]] = filled(default_factory=list)
    documents: list[tuple[str, str]] = filled(default_factory=list)
    spans: list[Span] = filled(default_factory=list)
    left_behind: list[Problem] = filled(default_factory=list)

    def batches(self, ledger: Ledger) -> Iterator[list[Folded]]:
        """The live events, `BATCH` at a time; withdrawn ones leave their id and successor alone."""
        waiting: list[Folded] = []
        for event in ledger.events(states=OF_DATASET):
            if event.held:  # in conflict because it was adjudicated twice: told of the events that came of it
                continue
            self.states[event.event_id] = event.state
            if event.state in ("retracted", "merged"):
                self.withdrawn.append({"event_id": event.event_id, "successor": event.successor})
                continue
            self.left_behind += self.leftovers.of(event.event_id, event.values)
            self.related |= relations_of(event)
            self.relations += [{"event_id": event.event_id, "other_event_id": r.get("event_id"), "kind": r.get("kind")} for r in event.relations]
            spans = list(spans_of(event))
            self.spans += spans
            self.documents += [(event.event_id, d) for d in sorted({str(r.get("document")) for r in event.reports} | {s.document for s in spans})]
            waiting.append(event)
            if len(waiting) == BATCH:
                yield waiting
                waiting = []
        if waiting:
            yield waiting


def _texts(rows: Sequence[Mapping[str, Any]], *columns: str) -> pa.Table:
    """Rows of texts as a table of these columns."""
    import pyarrow as pa

    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in columns})


def registered_names(ledger: Ledger) -> set[str]:
    """The actors that the team registered itself."""
    from eventcoder.ledger.registered import accepted

    bodies = [entry.body for entry in accepted(ledger, "actor").values() if entry.body.get("name") and not entry.body.get("removed")]
    return {str(name) for body in bodies for name in (body["name"], *(period["name"] for period in body.get("named") or ()))}


def named_drafts(ledger: Ledger) -> list[tuple[str, Any]]:
    """(event id, draft) of every visible act that says which draft it came from."""
    from eventcoder.ledger.hidden import VISIBLE

    sql = f"SELECT e.subject, e.body FROM entries AS e WHERE e.kind = 'act' AND e.body LIKE '%\"draft\":\"%' AND {VISIBLE} ORDER BY e.seq"
    found = ((row[0], json.loads(row[1]).get("draft")) for row in ledger.store.rows(sql))
    return [(event_id, draft) for event_id, draft in found if draft]


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
        if pa.types.is_integer(field.type) and any(isinstance(cell, float) and not cell.is_integer() for cell in cells):
            cells = [None if cell is None else str(cell) for cell in cells]  # Arrow would cut 1.5 down to 1 without a word
        try:
            columns[field.name] = pa.array(cells, pa.string()).cast(field.type) if pa.types.is_date(field.type) else pa.array(cells, field.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            columns[field.name] = pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
    return pa.table(columns)


def _as_it_stands(problems: Iterable[Problem], states: dict[str, str]) -> Iterable[Problem]:
    for problem in problems:
        work_in_progress = problem.severity == "error" and states.get(problem.event_id or "") == "open"
        yield replace(problem, severity="warning") if work_in_progress else problem
