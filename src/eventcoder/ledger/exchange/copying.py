"""A whole ledger into another place: from a file into a database on a server, or back; proven equal at the end.

    with open_ledger(here, readonly=True) as source, open_ledger(there, project=source.project) as target:
        copied = copy_ledger(source, target)

Entries go in by short transactions, unseen, as those of a bulk import do; one transaction at the end shows all of them and makes the heads. A copy
that was broken off has shown nothing, and the next one goes on from what is stored. What is compared is what both sides hold of every visible entry
and every event, not what was sent. Floor 2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from eventcoder.clock import now, stamp
from eventcoder.errors import LedgerConflict, LedgerError, UsageError
from eventcoder.ledger import batches
from eventcoder.ledger.address import is_server, shown
from eventcoder.ledger.entry import COLUMNS
from eventcoder.ledger.heads import COLUMNS as HEAD_COLUMNS
from eventcoder.ledger.hidden import VISIBLE, claim, ranges_of, runs, uncover
from eventcoder.ledger.work import COLUMNS as WORK_COLUMNS
from eventcoder.ledger.writing import insert, known

if TYPE_CHECKING:
    from eventcoder.ledger.backend import Store
    from eventcoder.ledger.store import Ledger

BATCH = "copy of a ledger"  # one name for all copies, so that the next one goes on where a killed one stopped
CHUNK = 5_000  # entries a transaction
_ENTRY = ", ".join(f"e.{name}" for name in COLUMNS.split(", "))
_SUM = 1 << 256
_SHOWN = 16  # hex digits of a fingerprint that people compare


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a ledger holds, in a few figures that do not depend on the order of its entries: two ledgers with the same one hold the same.

    `entries`, `events` and `tasks` are counts; `content` is a hex digest of all visible entries (bodies as they are kept), `standing` of all heads,
    `work` of the team's tasks.
    """

    entries: int
    events: int
    tasks: int
    content: str
    standing: str
    work: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        parts = ((self.entries, "entries", self.content), (self.events, "events", self.standing), (self.tasks, "tasks", self.work))
        return ", ".join(f"{name} {number:,} ({digest[:_SHOWN]})" for number, name, digest in parts if number or name != "tasks")


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did: the fingerprint of both sides, how many entries were new in the target, and imports of the source that were left out
    because nobody sealed them (name -> number of entries). `logins_absent`: users of registered coders that the target's server does not know."""

    fingerprint: Fingerprint
    new: int
    known: int
    unsealed: dict[str, int]
    logins_absent: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def fingerprint(store: Store) -> Fingerprint:
    """Count and sum up what is visible, in one state of the ledger. Call it inside a transaction, or on a snapshot."""
    entries, content = _summed(store.each(f"SELECT {_ENTRY} FROM entries AS e WHERE {VISIBLE}"))
    events, standing = _summed(store.each(f"SELECT {', '.join(HEAD_COLUMNS)} FROM heads"))
    tasks, work = _summed(store.each(f"SELECT {', '.join(WORK_COLUMNS)} FROM work"))
    return Fingerprint(entries, events, tasks, content, standing, work)


def _summed(rows: Iterator[tuple[Any, ...]]) -> tuple[int, str]:
    """Number of rows, and the sum of their digests: of rows in whatever order the same, and of one row more or twice another."""
    number = total = 0
    for row in rows:
        digest = hashlib.sha256()
        for value in row:
            text = b"" if value is None else str(value).encode()
            digest.update(b"-" if value is None else b"%d:" % len(text))
            digest.update(text)
        total = (total + int.from_bytes(digest.digest())) % _SUM
        number += 1
    return number, f"{total:064x}"


def copy_ledger(source: Ledger, target: Ledger, *, progress: Callable[[int, int], None] = lambda done, of: None) -> Copied:
    """Bring everything that is visible in `source` into `target`; `progress` is told (entries looked at, of how many).

    The target must be empty, or hold nothing that the source does not hold (an earlier copy). Raises `LedgerError` that says what is in the way:
    another project, entries of its own, heads of the source that are not what its acts give; nothing is visible in the target then.
    """
    _refuse_another_project(source, target)
    _refuse_who_is_not_the_owner(target.store)
    with source.store.reading():
        told = fingerprint(source.store)
        _refuse_entries_of_its_own(source.store, target.store)
        left_out = batches.unsealed(source.store)
        with target.store.importing(), _noted(target.store):
            new = _store_unseen(source.store, target.store, told.entries, progress)
    _show(source, target, told)
    return Copied(told, new, told.entries - new, left_out)


def copy_at(source: Path | str, target: Path | str, *, progress: Callable[[int, int], None] = lambda done, of: None) -> Copied:
    """`copy_ledger` between two places. The target is made where it is not there; a database by who may (see `ledger setup`).

    A database's coders get their rights. Raises `UsageError` for one place named twice, `LedgerError` for a source that is not there.
    """
    from eventcoder.ledger.placing import set_up
    from eventcoder.ledger.store import open_ledger

    if str(source) == str(target):
        raise UsageError(f"FROM and TO are the same: {shown(source)}.", "Name two places.")
    with open_ledger(source, create=False, readonly=True) as first, open_ledger(target, project=first.project) as second:
        if first.store.backend == second.store.backend == "postgresql" and _database(first.store) == _database(second.store):
            raise UsageError("FROM and TO are the same database.", "Name two places.")
        done = copy_ledger(first, second, progress=progress)
    return replace(done, logins_absent=tuple(set_up(target)) if is_server(target) else ())


def _database(store: Store) -> tuple[Any, ...] | None:
    """What tells a database of a server from every other one, by whatever name it was reached."""
    return store.row("SELECT system_identifier, current_database() FROM pg_control_system()")


def backup(where: Path | str, file: Path) -> None:
    """Copy a ledger into a new SQLite file while others go on. Raises `LedgerError` if the file exists or cannot be written.

    A database on a server is copied entry by entry and the copy proven; the file is there when that is done, or not at all.
    """
    from eventcoder.ledger.store import open_ledger

    with open_ledger(where, create=False, readonly=True) as ledger:
        if ledger.store.backend == "sqlite":
            ledger.store.backup(file)
            return
        if file.exists():
            raise LedgerError(f"{file} exists; a backup never overwrites.", "Name a new file.")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as folder:
                aside = Path(folder) / "ledger.sqlite"
                with open_ledger(aside, project=ledger.project) as copy:
                    copy_ledger(ledger, copy)
                with open_ledger(aside) as copy:
                    copy.store.backup(file)  # one file without a log beside it, never over another
        except OSError as error:
            raise LedgerError(f"The backup {file} cannot be written: {error.strerror}.", "Name a folder with space where you may write.") from None


def _refuse_another_project(source: Ledger, target: Ledger) -> None:
    if source.project and target.project and source.project != target.project:
        raise LedgerError(
            f"The target holds the project '{target.project}', the source the project '{source.project}'.",
            "Name an empty target: a copy never mixes two projects.",
        )


def _refuse_who_is_not_the_owner(target: Store) -> None:
    """On a server: the heads are made anew, and the users of coders get their rights, as only the owner can."""
    if target.backend == "postgresql":
        row = target.row("SELECT pg_has_role(c.relowner, 'USAGE'), pg_get_userbyid(c.relowner) FROM pg_class AS c WHERE c.oid = 'heads'::regclass")
        if row is not None and not row[0]:
            raise LedgerError(
                f"A whole ledger can be copied into {target.shown} by the owner of its tables only, who is '{row[1]}'.",
                f"Do it as '{row[1]}'; or bring entries by 'eventcoder journal import', which a lead may do.",
            )


def _refuse_entries_of_its_own(source: Store, target: Store) -> None:
    strange = 0
    for ids in _pieces(target.each(f"SELECT e.id FROM entries AS e WHERE {VISIBLE}"), 2000):
        here = known(source, [row[0] for row in ids])
        strange += sum(1 for (i,) in ids if not here.get(i, (0, False))[1])
    if strange:
        raise LedgerError(
            f"The target holds {strange:,} entries that the source does not hold.",
            "Copy into an empty place. To bring two ledgers together use 'journal export' there and 'journal import' here, then copy.",
        )


@contextmanager
def _noted(target: Store) -> Iterator[None]:
    """Note the copy among the imports that are under way: what a killed one left goes by `doctor --rebuild`, if nobody goes on with it."""
    with target.writing():
        given = (BATCH, stamp(now()), "copy")
        target.execute("INSERT INTO batches (batch, time, coder) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", given)
    yield
    with target.writing():
        target.execute("DELETE FROM batches WHERE batch = ?", (BATCH,))


def _store_unseen(source: Store, target: Store, number: int, progress: Callable[[int, int], None]) -> int:
    """Store what the target does not have yet, as a batch that nobody sees; the number of entries that are not visible there yet.

    Redactions come first: a server takes an entry that does not match its id only where a redaction says why.
    """
    done = unseen = 0
    order = "ORDER BY CASE WHEN e.kind = 'redaction' THEN 0 ELSE 1 END, e.seq"
    for rows in _pieces(source.each(f"SELECT {_ENTRY} FROM entries AS e WHERE {VISIBLE} {order}"), CHUNK):
        with target.writing():
            here = known(target, [row[0] for row in rows])
            claim(target, BATCH, runs(seq for seq, visible in here.values() if not visible))
            insert(target, [row for row in rows if row[0] not in here], BATCH, brought=True)
        unseen += sum(1 for row in rows if not here.get(row[0], (0, False))[1])
        done += len(rows)
        progress(done, number)
    return unseen


def _pieces(rows: Iterator[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    while piece := list(islice(rows, size)):
        yield piece


def _show(source: Ledger, target: Ledger, told: Fingerprint) -> None:
    """Show all of it, make the heads from the acts, and compare, in one transaction."""
    from eventcoder.ledger.audit import rebuild

    def show() -> None:
        uncover(target.store, ranges_of(target.store, BATCH))
        if target.store.backend == "postgresql":  # the coders who came with it are those who may write from now on
            target.store.execute("SELECT keep_logins()")
        if source.project and not target.project:
            target.store.execute("UPDATE meta SET value = ? WHERE name = 'project'", (source.project,))

    def prove() -> None:
        found = fingerprint(target.store)
        if found == told:
            return
        if (found.entries, found.content) == (told.entries, told.content):
            raise LedgerError(
                "The events or tasks of the source are not what its entries give.",
                "Run 'eventcoder doctor --rebuild' on the source, then copy again.",
            )
        raise LedgerConflict(
            f"The target was changed while it was copied into: it would hold {found}, the source holds {told}.",
            "Nothing of the copy is visible. Let nobody write into the target, and copy again.",
        )

    rebuild(target.store, first=show, last=prove)
    target.project = target.project or source.project
