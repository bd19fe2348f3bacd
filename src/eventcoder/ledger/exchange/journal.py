"""The ledger as text: `raw/journal/<coder>-<YYYY-MM>.jsonl`, sorted JSON Lines that go into git and between offline coders.

Exports of the same entries are the same bytes. Importing twice changes nothing, and the order in which journals come does not matter.
"""

from __future__ import annotations

import filecmp
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, groupby
from pathlib import Path

from eventcoder.clock import now, stamp
from eventcoder.errors import InputError, LedgerError
from eventcoder.ledger.entry import Entry, from_row
from eventcoder.ledger.exchange.journal_line import SUFFIX, entry_line, file_name, format_of, header_line, read_lines
from eventcoder.ledger.fold import fold, in_order
from eventcoder.ledger.heads import write_heads
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.people.permission import unregistered
from eventcoder.ledger.people.roster import OPEN, roster
from eventcoder.ledger.redaction import is_redacted_form
from eventcoder.ledger.store import Ledger
from eventcoder.ledger.work import KIND as ASSIGNMENT
from eventcoder.ledger.work import refresh
from eventcoder.ledger.writing import insert, known, redact_all, refold, reveal
from eventcoder.problem import Problem

AHEAD = timedelta(days=1)  # clocks differ, and zones are mistaken; `ci` allows as much


@dataclass(frozen=True, slots=True)
class JournalResult:
    """What an import did: entries read, newly stored, known before; events it left in conflict; what was wrong; what came, by whom.

    `came` counts the new entries by (coder, what): an act's verb, else the kind of entry.
    """

    read: int = 0
    new: int = 0
    known: int = 0
    conflicts: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    came: dict[tuple[str, str], int] = field(default_factory=dict)


def export_journal(ledger: Ledger, folder: str | Path) -> int:
    """Write every visible entry into `folder`, one file per coder and month; the number of entries.

    Each file is replaced as a whole or not at all. Raises `LedgerError` if a file there holds entries that this ledger does not know (they
    would be lost), or if the folder cannot be written.
    """
    target = Path(folder)
    written = 0
    try:
        target.mkdir(parents=True, exist_ok=True)
        query = (
            "SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body FROM entries AS e "
            f"WHERE {VISIBLE} ORDER BY e.coder, e.time, e.id"
        )
        with ledger.store.snapshot() as still:
            rows = still.each(query)
            for (coder, month), group in groupby(rows, key=lambda row: (row[4], row[6][:7])):
                written += _write(ledger, target / file_name(coder, month), map(from_row, group))
    except OSError as error:
        raise LedgerError(f"The journal cannot be written to {target}: {error.strerror}.", "Make the folder writable, or name another.") from None
    return written


def _write(ledger: Ledger, path: Path, entries: Iterable[Entry]) -> int:
    aside = path.with_name(path.name + ".part")
    number = 0
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(header_line(ledger.project))
            needed = 1
            for entry in entries:
                file.write(entry_line(entry))
                number += 1
                needed = max(needed, format_of(entry))
            if needed > 1:
                file.seek(0)
                file.write(header_line(ledger.project, format=needed))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            if filecmp.cmp(aside, path, shallow=False):
                return number
            _nothing_lost(ledger, path)
        aside.replace(path)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
    return number


def _nothing_lost(ledger: Ledger, path: Path) -> None:
    """Raise `LedgerError` if replacing `path` would lose what only it holds."""
    items = [item for _, item in read_lines(path)]
    ids = [item.id for item in items if isinstance(item, Entry)]
    here = known(ledger.store, ids)
    strange = sum(1 for i in ids if not here.get(i, (0, False))[1])
    unread = [p for p in items if isinstance(p, Problem) and p.severity == "error" and p.code not in ("journal-empty", "journal-entry-invalid")]
    if strange:
        raise LedgerError(
            f"{path} holds {strange} entries that this ledger does not know; writing it would lose them.", "Run 'eventcoder journal import' first."
        )
    if unread:
        raise LedgerError(
            f"{path} holds something that is not a journal ({unread[0].where}: {unread[0].message})", "Mend the file or move it away, then export."
        )


def import_journal(
    ledger: Ledger, paths: Iterable[str | Path] | str | Path, *, keep_going: bool = False, moment: datetime | None = None
) -> JournalResult:
    """Read journals (files, or folders with `*.jsonl`) into the ledger, all in one transaction.

    With any problem of severity error nothing is stored and the result says where; `keep_going` stores the good entries and leaves out the
    others with all that builds on them. Events that thereby have two heads are in `conflicts`. New entries that are dated after `moment` (default:
    the clock) are stored, and told by a warning: their order does not come from clocks, but what is asked by time does.
    Raises `InputError` for a path that is absent.
    """
    batch = _Reading()
    for path in _files(paths):
        batch.read(path)
    _judge(ledger, batch)
    refused = any(p.severity == "error" for p in batch.problems)
    if refused and not keep_going:
        return JournalResult(batch.number, 0, 0, [], batch.problems)
    ordered = in_order(batch.entries.values(), complete=False)
    new, conflicts = _store(ledger, ordered, batch.adopted)
    batch.problems += [*_from_the_future(new, batch.where, moment or now()), *_of_disabled(ledger, new, batch.where)]
    came = Counter((entry.coder, str(entry.body.get("act", entry.kind)) if entry.kind == "act" else entry.kind) for entry in new)
    return JournalResult(batch.number, len(new), len(ordered) - len(new), conflicts, batch.problems, dict(sorted(came.items())))


def _from_the_future(entries: Iterable[Entry], where: dict[str, str], moment: datetime) -> list[Problem]:
    """A warning for each coder whose entries are dated later than this machine's clock."""
    latest = stamp(moment + AHEAD)
    ahead: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.time > latest:
            ahead.setdefault(entry.coder, []).append(entry)
    out = []
    for coder, found in sorted(ahead.items()):
        last = max(entry.time for entry in found)
        told = (
            f"{_count(found)} of {coder} dated in the future, up to {last} (here it is {stamp(moment)}): stored, and in force. Set "
            "the clock of the machine that is wrong, because 'log', 'list' and releases show these times."
        )
        out.append(Problem("journal-time-ahead", told, "warning", where=where.get(found[0].id)))
    return out


def _files(paths: Iterable[str | Path] | str | Path) -> list[Path]:
    out: list[Path] = []
    for given in [paths] if isinstance(paths, str | Path) else paths:
        path = Path(given)
        if path.is_dir():
            out += sorted(path.glob("*" + SUFFIX))
        elif path.exists():
            out.append(path)
        else:
            raise InputError(f"There is no journal {path}.", "Name a .jsonl file, or a folder of them such as raw/journal.")
    return list(dict.fromkeys(out))


class _Reading:
    """Entries of all files by id, the place of each, and the problems."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.where: dict[str, str] = {}
        self.altered: list[tuple[Entry, str]] = []
        self.projects: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.number = 0
        self.adopted = ""  # the project that a ledger without one takes over from the journals

    def read(self, path: Path) -> None:
        try:
            for where, item in read_lines(path):
                if isinstance(item, Problem):
                    self.problems.append(item)
                elif isinstance(item, dict):
                    self.projects.setdefault(str(item.get("project", "")), where)
                else:
                    self.number += 1
                    if item.intact():
                        self.entries[item.id] = item
                        self.where.setdefault(item.id, where)
                    else:
                        self.altered.append((item, where))
        except OSError as error:
            raise InputError(f"The journal {path} cannot be read: {error.strerror}.", "Check that you may read it.") from None


def _judge(ledger: Ledger, batch: _Reading) -> None:
    """Find what one line cannot show: altered lines, foreign projects, parents that are nowhere; leave out entries that cannot stand."""
    _judge_project(ledger, batch)
    bodies: dict[str, list[dict[str, object]]] = {}
    for entry in [*ledger.entries("redaction"), *(e for e in batch.entries.values() if e.kind == "redaction")]:
        bodies.setdefault(entry.subject, []).append(entry.body)
    for entry, where in batch.altered:
        if is_redacted_form(entry, bodies.get(entry.id, ())):
            batch.entries.setdefault(entry.id, entry)
            batch.where.setdefault(entry.id, where)
        else:
            told = f"Entry {entry.id[:12]} (about {entry.subject}, by {entry.coder}) does not match its id: the line was edited. Restore it."
            batch.problems.append(Problem("journal-entry-altered", told, event_id=_event(entry), where=where))
    wanted = [i for entry in batch.entries.values() for i in (entry.id, *entry.parents)]
    wanted += [entry.subject for entry in batch.entries.values() if entry.kind == "redaction"]
    here = {i for i, (_, visible) in known(ledger.store, wanted).items() if visible}
    events = _events_of(ledger, [p for e in batch.entries.values() if e.kind == "act" for p in e.parents if p in here and p not in batch.entries])
    strange = unregistered(ledger.store, batch.entries.values(), batch.entries.keys() - here)
    for entry in in_order(batch.entries.values(), complete=False):  # parents first: what is left out takes along what builds on it
        fault = None if entry.id in here else _unfounded(entry, batch, here, events) or strange.get(entry.id)
        if fault:
            del batch.entries[entry.id]
            batch.problems.append(Problem(*fault, event_id=_event(entry), where=batch.where[entry.id]))


def _event(entry: Entry) -> str | None:
    return entry.subject if entry.kind == "act" else None


def _judge_project(ledger: Ledger, batch: _Reading) -> None:
    named = {project: where for project, where in batch.projects.items() if project}
    own = ledger.project or (min(named) if named else "")
    if own not in named and len(named) == 1 and ledger.store.backend == "sqlite" and ledger.store.row("SELECT 1 FROM entries LIMIT 1") is None:
        (own,) = named  # a laptop's new ledger, which holds nothing of its own yet, becomes one of the team's
    for project, where in sorted(named.items()):
        if project != own:
            told = f"This journal belongs to project '{project}', not to '{own}'. Import it there, or start a ledger for it."
            batch.problems.append(Problem("journal-foreign-project", told, where=where))
    if named and ledger.project != own and set(named) == {own}:
        batch.adopted = own


def _events_of(ledger: Ledger, ids: list[str]) -> dict[str, str]:
    """act id -> its event, for acts in the ledger."""
    out = {}
    for i in dict.fromkeys(ids):
        row = ledger.store.row("SELECT subject FROM entries WHERE id = ? AND kind = 'act'", (i,))
        if row:
            out[i] = row[0]
    return out


def _unfounded(entry: Entry, batch: _Reading, here: set[str], events: dict[str, str]) -> tuple[str, str] | None:
    """Why an entry cannot stand on what is known, as code and message; None if it can."""
    for parent in entry.parents:
        other = batch.entries.get(parent)
        if other is None and parent not in here:
            told = f"Entry {entry.id[:12]} about {entry.subject} builds on {parent[:12]}, which is in none of these files and not in the ledger. "
            return "journal-parent-unknown", told + "Import the journal that holds it together with this one."
        if entry.kind == "act" and (other.subject if other is not None and other.kind == "act" else events.get(parent)) != entry.subject:
            return "journal-entry-invalid", f"Act {entry.id[:12]} of event {entry.subject} builds on {parent[:12]}, which is no act of this event."
    if entry.kind == "act" and "act" in entry.body and (entry.body["act"] == "create") == bool(entry.parents):
        return "journal-entry-invalid", f"Act {entry.id[:12]} of event {entry.subject}: the first act, and only that, is a 'create'."
    if entry.kind == "redaction" and entry.subject not in here and entry.subject not in batch.entries:
        return "journal-parent-unknown", f"Redaction {entry.id[:12]} names entry {entry.subject[:12]}, which is nowhere. Import its journal too."
    return None


def _count(entries: Sequence[Entry]) -> str:
    return f"{len(entries)} entr{'y' if len(entries) == 1 else 'ies'}"


def _of_disabled(ledger: Ledger, entries: Sequence[Entry], where: dict[str, str]) -> list[Problem]:
    """A warning for each disabled coder who did something after that: a person decides whether it may stand."""
    people = roster(ledger) if entries else OPEN
    late: dict[str, list[Entry]] = {}
    for entry in entries:
        member = people.get(entry.coder)
        if member is not None and not member.active and entry.time > member.time:
            late.setdefault(entry.coder, []).append(entry)
    out = []
    for coder, found in sorted(late.items()):
        told = (
            f"{_count(found)} by {coder}, who was disabled on {people.people[coder].time}, with later dates: stored all the same. "
            f"'eventcoder log --by {coder}' shows them, and 'eventcoder retract' or 'amend' undoes what must not stand."
        )
        out.append(Problem("journal-coder-disabled", told, "warning", where=where.get(found[0].id)))
    return out


def _store(ledger: Ledger, ordered: Sequence[Entry], project: str) -> tuple[list[Entry], list[str]]:
    """Insert what is new, redact, fold; the new entries and the events now in conflict."""
    store = ledger.store
    with store.writing():
        here = known(store, [entry.id for entry in ordered])
        new = [entry for entry in ordered if not here.get(entry.id, (0, False))[1]]
        reveal(store, [here[entry.id][0] for entry in new if entry.id in here])
        insert(store, [entry.row() for entry in new if entry.id not in here], brought=True)
        redactions = [entry for entry in new if entry.kind == "redaction"]
        acts: dict[str, list[Entry]] = {}
        refresh(store, [entry.subject for entry in new if entry.kind == ASSIGNMENT])
        for entry in new:
            if entry.kind == "act":
                acts.setdefault(entry.subject, []).append(entry)
        # An event that was not here before has exactly these acts; others, and those with redacted acts, are read back and folded.
        stored = dict.fromkeys([*(i for i in acts if store.row("SELECT 1 FROM heads WHERE event_id = ?", (i,))), *redact_all(store, redactions)])
        folds = [fold(own) for event_id, own in acts.items() if event_id not in stored]
        write_heads(store, folds)
        conflicts = sorted(folded.event_id for folded in chain(folds, refold(store, stored)) if folded.state == "conflict")
        if project:
            store.execute("UPDATE meta SET value = ? WHERE name = 'project'", (project,))
            ledger.project = project
    if redactions:
        store.wipe_traces()
    return new, conflicts
