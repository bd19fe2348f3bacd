"""Event tables into the ledger: every row accounted for, all or nothing. Floor 5.

    read = created + revised + unchanged + rejected

Rejected are rows that cannot be typed, lack an id that their dialect demands, or contradict another row of their id; they go into a rejects file, and
nothing is stored unless `keep_going`. Rows that break rules or lack values are stored open and counted as incomplete. A row that is known changes its
event by one `revise` act of the changed fields; the same file again changes nothing. The acts go in as one batch and become visible together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from eventcoder.clock import latest_today as latest_of
from eventcoder.clock import stamp
from eventcoder.codebook import Codebook
from eventcoder.errors import EventcoderError
from eventcoder.identity import assigned_event_id_cnty, event_id_from
from eventcoder.intake.dialects import Dialect, choose, load_dialects
from eventcoder.intake.rejects import write_rejects
from eventcoder.intake.rows import CNTY, FATALITIES, ID, Registers, Row, RowReader, same, stored
from eventcoder.intake.source import Source, read_source
from eventcoder.intake.standing import compare
from eventcoder.ledger import Folded, Ledger, new_entry
from eventcoder.problem import Problem
from eventcoder.project import Project

Act = tuple[str, dict[str, Any], tuple[str, ...]]  # event id, body, parents
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The account of one import. `incomplete` counts rows among created and revised that stay open. `vintage` is the edition of a foreign format.

    When rows were rejected and `keep_going` was not given, the counts say what would have been done, and `stored` is False; so in a dry run.
    """

    read: int
    created: int
    revised: int
    unchanged: int
    rejected: int
    incomplete: int
    dialect: str
    vintage: str | None
    rejects_file: Path | None
    problems: tuple[Problem, ...]
    stored: bool


def import_table(
    project: Project,
    ledger: Ledger,
    codebook: Codebook,
    path: Path,
    *,
    coder: str,
    time: datetime,
    dialect: str = "auto",
    keep_going: bool = False,
    dry_run: bool = False,
    latest_today: date | None = None,
) -> ImportResult:
    """Import a table of events (CSV, JSON Lines) in the dialect of that name, or in the one that its header shows.

    `latest_today` is the day after which an event lies in the future everywhere (default: from `time`). Raises `InputError` for a file that is no
    table, `Refused` for unknown columns (all of them), `UsageError` for an unknown dialect, `LedgerConflict` if somebody changed an event meanwhile.
    """
    source = read_source(Path(path))
    chosen = choose(load_dialects(project.schema_dir), dialect, source.columns, codebook)
    reader = RowReader(codebook, chosen, source, _registers(project, codebook, ledger))
    work = _Import(project, ledger, codebook, chosen, source, reader, latest_today or latest_of(time))
    work.run()
    rejects_file = None
    if work.rejected and not dry_run:
        quoted = Path(path).suffix.lower() not in (".jsonl", ".ndjson", ".json")
        bad = [(row.source, row.problems) for row in work.rejected]
        rejects_file = write_rejects(Path(path), project.state_dir, source.columns, bad, quoted=quoted)
    store = not dry_run and (keep_going or not work.rejected)
    if store and work.acts:
        _append(ledger, work.acts, f"import {source.name} {source.sha256[:12]} {stamp(time)}", coder, time)
    return ImportResult(
        read=len(source.rows),
        created=work.created,
        revised=work.revised,
        unchanged=work.unchanged,
        rejected=len(work.rejected),
        incomplete=work.incomplete,
        dialect=chosen.id,
        vintage=reader.vintage,
        rejects_file=rejects_file,
        problems=(*source.notes, *reader.notes, *work.problems, *reader.remarks()),
        stored=store,
    )


def _append(ledger: Ledger, acts: Sequence[Act], name: str, coder: str, time: datetime) -> None:
    """Store the acts invisibly, then show them all at once; nothing of them is left to be seen if that fails."""
    batch, number = name, 1
    while any(True for _ in ledger.entries(kind="seal", subject=batch)):  # the same file in the same second, as tests and scripts do
        number += 1
        batch = f"{name} ({number})"
    try:
        for start in range(0, len(acts), CHUNK):  # entries are made late and dropped early: they weigh more than the rows
            part = acts[start : start + CHUNK]
            ledger.append([new_entry("act", subject, body, coder=coder, time=time, parents=parents) for subject, body, parents in part], batch=batch)
        ledger.seal(batch, coder, time)
    except EventcoderError:
        ledger.drop(batch)
        raise


def _registers(project: Project, codebook: Codebook, ledger: Ledger) -> Registers:
    from eventcoder.actors import ActorRegistry
    from eventcoder.publishers import PublisherRegistry

    return Registers(
        ActorRegistry(codebook, [dict(e.body) for e in ledger.latest("actor").values()], schema_dir=project.schema_dir),
        PublisherRegistry(codebook, [dict(e.body) for e in ledger.latest("publisher").values()], schema_dir=project.schema_dir),
    )


@dataclass(slots=True)
class _Import:
    """One run: the rows on their way into acts, and the account."""

    project: Project
    ledger: Ledger
    codebook: Codebook
    dialect: Dialect
    source: Source
    reader: RowReader
    latest_today: date
    created: int = 0
    revised: int = 0
    unchanged: int = 0
    incomplete: int = 0
    rejected: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        rows = [self.reader.read(row) for row in self.source.rows]
        for row in self._once(rows):
            event_id, event = self._event_of(row)
            if row.problems:
                self._reject(row)
            elif event is None:
                self._create(row, event_id)
            elif row.key.startswith("content:"):
                self.unchanged += 1  # its content is its identity: it came in before, whatever coders made of it since
            elif event.state in ("retracted", "merged"):
                self.unchanged += 1
                into = f" into {event.successor}" if event.successor else ""
                said = f"the event was {event.state}{into}; the row was not applied. Restore it first if that was a mistake."
                self._note("event-withdrawn", said, row, event_id)
            elif event.state == "conflict":
                said = f"event {event_id} is in conflict. Resolve it first."
                row.problems.append(Problem("event-in-conflict", said, event_id=event_id, where=self._where(row)))
                self._reject(row)
            else:
                self._revise(row, event)
        self.rejected.sort(key=lambda row: row.line)

    def _once(self, rows: Iterable[Row]) -> list[Row]:
        """Rows that go on: structural problems and contradictions are rejected, exact copies under one id count as unchanged."""
        groups: dict[str, list[Row]] = {}
        for row in rows:
            if row.problems:
                self._reject(row)
            else:
                groups.setdefault(row.key, []).append(row)
        out: list[Row] = []
        for key, group in groups.items():
            if key.startswith("content:"):
                for number, row in enumerate(group, 1):
                    row.key = f"{key}:{number}"
                out += group
            elif all(same(group[0], row) for row in group[1:]):
                out.append(group[0])
                self.unchanged += len(group) - 1
            else:
                lines = ", ".join(str(row.line) for row in group)
                said = f"lines {lines} have the same id {key} and say different things. Keep one, or give the others ids of their own."
                for row in group:
                    row.problems.append(Problem("duplicate-id", said, field=self.dialect.identity[0], value=key, where=self._where(row)))
                    self._reject(row)
        return sorted(out, key=lambda row: row.line)

    def _event_of(self, row: Row) -> tuple[str, Folded | None]:
        """The event's id, and the event if the ledger has it. A row that names two events gets a problem."""
        cnty = row.given.get(CNTY)
        by_number = self.ledger.find_cnty(cnty) if cnty else None
        if row.key.startswith("content:"):
            event_id = event_id_from(row.key.encode())
        else:
            event_id = row.event_id or by_number or event_id_from(f"{CNTY}:{cnty}".encode())
        if by_number and by_number != event_id:
            said = f"{CNTY} {cnty} belongs to event {by_number}, not to {event_id}. Correct one of the two."
            row.problems.append(Problem("duplicate-id", said, field=CNTY, value=cnty, where=self._where(row)))
        elif event_id in self.ids:
            said = f"lines {self.ids[event_id]} and {row.line} are about the same event {event_id}. Keep one."
            row.problems.append(Problem("duplicate-id", said, field=ID, value=event_id, where=self._where(row)))
        self.ids.setdefault(event_id, row.line)
        return event_id, self.ledger.head(event_id)

    def _create(self, row: Row, event_id: str) -> None:
        values, mismatches = self.reader.complete(row)
        if CNTY not in values and values.get("country"):
            prefix = self.codebook.lists["countries"].attribute(values["country"], "prefix")
            if prefix:
                values[CNTY] = assigned_event_id_cnty(prefix, event_id)
        settled = self._verdict(row, event_id, values, mismatches)
        self.created += 1
        self._act(row, event_id, {"act": "create", "values": stored(values), "settled": settled}, ())

    def _revise(self, row: Row, event: Folded) -> None:
        values, mismatches = self.reader.complete(row)
        scope = [n for n in self.reader.scope if self.codebook.column(n).entered != "derived" and not (n == CNTY and not values.get(CNTY))]
        if self.dialect.conservative_fatalities and (values.get("fatalities") or 0) == (event.values.get("fatalities") or 0):
            # Such files write 0 for "not reported" and know no interval: the same figure takes nothing away from what stands here.
            scope = [n for n in scope if n not in ("fatalities", *FATALITIES)]
        found = compare(self.ledger, event, values, scope, row.revision)
        for name, new in found.kept.items():
            said = f"{name} was amended here to {event.values.get(name)!r} and is {new!r} in the file; the coder's value stands."
            self._note("amended-here", said, row, event.event_id, name)
        if not found.changes:
            self.unchanged += 1
            return
        after = {k: v for k, v in event.values.items() if k not in found.changes}
        after |= {k: v for k, v in found.changes.items() if v not in (None, [])}
        completed, _ = self.codebook.derive(after, regiven=set(found.changes))
        for name in scope:  # what the file or a coder says is not filled in anew
            wanted = found.changes[name] if name in found.changes else event.values.get(name)
            if wanted in (None, []):
                completed.pop(name, None)
            else:
                completed[name] = wanted
        for name in self.dialect.keep_system:
            if name in values:
                completed[name] = values[name]
        new, old = stored(completed), stored(event.values)
        delta = {name: new.get(name) for name in sorted(new.keys() | old.keys()) if new.get(name) != old.get(name)}
        settled = self._verdict(row, event.event_id, new, mismatches)
        self.revised += 1
        body = {"act": "revise", "values": delta, "reason": f"import {self.source.name}", "settled": settled}
        self._act(row, event.event_id, body, event.heads)

    def _verdict(self, row: Row, event_id: str, values: dict[str, Any], mismatches: list[Problem]) -> bool:
        """Check the values, keep the problems, and say whether the event settles."""
        found = self.codebook.check({**values, ID: event_id}, latest_today=self.latest_today, event_id=event_id)
        where = self._where(row)
        told = [replace(p, event_id=event_id, where=where) for p in (*mismatches, *found)]
        self.problems += told
        settled = self.project.settings.approval == "none" and not any(p.severity == "error" for p in told)
        self.incomplete += not settled
        return settled

    def _act(self, row: Row, event_id: str, body: dict[str, Any], parents: tuple[str, ...]) -> None:
        body["codebook"] = self.codebook.version
        body["import"] = {
            "file": self.source.name,
            "sha256": self.source.sha256,
            "line": row.line,
            "dialect": self.dialect.id,
            "vintage": self.reader.vintage,
        }
        self.acts.append((event_id, body, parents))
        row.given = {}  # what the act holds need not be held twice

    def _reject(self, row: Row) -> None:
        self.rejected.append(row)
        self.problems += row.problems

    def _note(self, code: str, said: str, row: Row, event_id: str, name: str | None = None) -> None:
        self.problems.append(Problem(code, said, "warning", event_id=event_id, field=name, where=self._where(row)))

    def _where(self, row: Row) -> str:
        return f"{self.source.name}, line {row.line}"
