"""What a ledger needs of a database: the protocol that the stores of SQLite and of PostgreSQL fulfil.

SQL above this line is plain, with `?` for parameters. What only one of the two knows has a name here:

    writing()      a transaction alone with the ledger: nobody else writes until it ends (SQLite's write lock; an advisory lock on a server)
    appending(ids) a transaction that shares the ledger with other appends, and has these events for itself
    swift          whether an append may be handed over as a whole (`append_swiftly`), decided and stored in one round trip
    staging        how the heads of a bulk import are put aside: the module `fresh_heads`, or `postgres.staging`

Floor 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Protocol

from eventcoder.errors import LedgerError

Row = tuple[Any, ...]


class Repeatable(LedgerError):
    """The database gave a transaction up for another's sake (a deadlock): nothing was stored, and the same may be tried again at once."""


class Staging(Protocol):
    """Heads of a bulk import, put aside until its seal."""

    NEW: str  # the table in which they stand

    def begin(self, store: Any) -> None:
        """Make the empty table (inside a writing transaction)."""

    def add(self, store: Any, rows: Sequence[Row]) -> None:
        """Put head rows into it."""

    def refuse_twice(self, store: Any) -> None:
        """Raise `UsageError` if an event stands in it twice."""

    def exchange(self, store: Any, bulk: Any, seal: Callable[[], None]) -> bool:
        """Make the new heads those in use by a way that holds the ledger only for a moment, calling `seal` in its last transaction. False if there
        is no such way, and nothing was done."""

    def replace(self, store: Any, rows: Iterable[Row]) -> None:
        """Make the whole head table anew from `rows` (inside a writing transaction); `clear` has to follow."""

    def clear(self, store: Any) -> None:
        """Remove what is left of tables put aside or replaced."""

    def forget(self, store: Any, events: Iterable[str]) -> None:
        """Remove redacted events from what stands aside (inside a writing transaction)."""


class Store(Protocol):
    """One connection to a ledger. Errors of the database become `LedgerError` with a remedy."""

    backend: Literal["sqlite", "postgresql"]
    readonly: bool
    swift: bool

    @property
    def where(self) -> Path | str:
        """The file, or the URL (with its password: for opening it again, not for messages)."""

    @property
    def shown(self) -> str:
        """The place as messages name it."""

    @property
    def staging(self) -> Staging:
        """How heads of a bulk import are put aside."""

    @property
    def skip_locked(self) -> str:
        """What ends a SELECT so that two processes never pick the same row: " FOR UPDATE SKIP LOCKED" on a server, "" where writers wait."""

    @property
    def most_parameters(self) -> int:
        """How many `?` one statement may have, at most 10,000."""

    @property
    def row_version(self) -> str:
        """What tells, in a SELECT, a row of `heads` from what it was before and will be: an expression, where the store is `swift`."""

    def unindexed(self, column: str) -> str:
        """The column, written so that a whole scan in the order of the entries is not given up for an index on it."""

    # statements

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement that gives no rows; the number of rows it changed."""

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows at once."""

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""

    def rows_together(self, *asked: tuple[str, Sequence[Any]]) -> list[list[Row]]:
        """The rows of several SELECTs, none of which needs another's answer: inside a transaction they are one round trip."""

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Row after row, without holding all of them."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each of many rows of parameters."""

    def insert_many(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows into any table but `entries`, by as few statements as there can be."""

    def insert_entries(self, rows: Sequence[tuple[str, ...]], batch: str | None, first: int, *, brought: bool = False) -> None:
        """Store entries (the eight texts of `entry.COLUMNS`) with the numbers from `first` on. `brought`: they were made elsewhere (a journal, a copy
        of a ledger), under names that need not be the caller's."""

    def append_last(self, entry: tuple[str, ...], sql: str, row: Sequence[Any]) -> None:
        """Store one entry and run a statement that follows from it, as the last of a transaction of `appending`: both may go along with the commit,
        so that the error of either is raised there."""

    def reserve(self, number: int) -> int:
        """The first of so many numbers in a row that no entry has or had (inside a writing transaction)."""

    def replace_body(self, entry_id: str, body: str) -> None:
        """Put the stub of a stored redaction in the place of an entry's body (inside a writing transaction)."""

    def remove_entries(self, first: int, last: int) -> int:
        """Remove dropped entries, by their numbers (inside a writing transaction); how many they were."""

    # transactions

    def writing(self) -> AbstractContextManager[None]:
        """A transaction in which nobody else writes; rolled back on any exception, durable when it ends."""

    def appending(self, events: Iterable[str]) -> AbstractContextManager[None]:
        """A transaction for storing entries, of which the acts are about these events only. Others may append to other events meanwhile."""

    def lock(self, events: Iterable[str]) -> None:
        """Have these events (or tasks) too for this transaction alone, before they are read."""

    def lock_hidden(self) -> None:
        """Have the table of what is hidden for this transaction alone, before it is read and edited."""

    def reading(self) -> AbstractContextManager[None]:
        """A transaction that sees one state of the ledger; temporary tables may be written in it."""

    def snapshot(self) -> AbstractContextManager[Store]:
        """A second connection that sees one state of the ledger for as long as it is open: for long scans during which others write."""

    def reader(self) -> AbstractContextManager[Store]:
        """Another connection for reading, to be used in the calling thread only. It sees what is committed at each statement."""

    def append_swiftly(self, entry: Row, head: Row, version: str) -> str | None:
        """Store an act (the eight texts of `entry.COLUMNS`) with the row that it gives its event in `heads`, which must have this version now ("": no
        such event yet); its new version ("" if that is not known). None, and nothing stored, if it has another, or if the act is here already."""

    # care

    def importing(self) -> AbstractContextManager[None]:
        """Hold the ledger's lock for bulk imports. Raises `LedgerError` at once if another has it."""

    def tuned(self) -> AbstractContextManager[None]:
        """Settings for storing very many unseen entries."""

    def flush(self) -> None:
        """Between the transactions of a bulk import: bring what was committed to the disk while no lock is held."""

    def durable(self) -> None:
        """End what `tuned` spares: from now on what is committed, with all before it, is on disk."""

    def shrink(self) -> None:
        """Give the space of what was removed back, if that is worth it."""

    def compact(self) -> None:
        """After a redaction: write the ledger anew, so that no free part of it holds what is gone."""

    def wipe_traces(self) -> None:
        """After a redaction: empty what logs hold."""

    def missing_guards(self) -> list[str]:
        """Names of triggers that are absent or were altered."""

    def restore_guards(self) -> None:
        """Put back triggers that are missing or altered (inside a writing transaction)."""

    def last_sequence(self) -> int | None:
        """The highest number ever given, where numbers have no gaps; None where gaps are normal."""

    def damage(self) -> list[str]:
        """What the database's own check of its file finds, [] if all is well (or it has none)."""

    def backup(self, target: Path) -> None:
        """Copy the whole ledger into a new SQLite file while others go on working."""

    def close(self) -> None:
        """End the connection."""
