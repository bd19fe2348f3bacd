"""What is SQLite's own: opening, settings, backup; `layout` has its tables and the triggers that make entries append-only. Floor 2.

Everything above speaks plain SQL with `?` through `Store` (but for `fresh_heads`, which makes a table anew). The file runs in WAL mode with full
durability: a commit that returned is on disk. Writers begin IMMEDIATE (with the default, most of several writers' appends fail as busy).
"""

from __future__ import annotations

import os
import random
import sqlite3
import time as clocks
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from eventcoder.errors import LedgerError
from eventcoder.ledger.sqlite.layout import GUARDS, SINCE_FORMAT_1, imitate

if TYPE_CHECKING:
    from eventcoder.ledger.backend import Row, Staging, Store

BUSY_SECONDS = 30.0
_LOOK_AGAIN = (0.001, 0.006)  # seconds, from and to
_ROWS_A_STATEMENT = 2000
_ENTRY_COLUMNS = ("id", "kind", "subject", "parents", "coder", "role", "time", "body", "batch", "seq")
_NO_ROOM = (
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMMAP,
)

RESTORE = "Move it away and restore a backup, or run 'eventcoder journal import' to build it anew from raw/journal/."


class SqliteStore:
    """One connection to a ledger file: the store of `backend` in SQLite."""

    backend: Literal["sqlite", "postgresql"] = "sqlite"
    swift = False
    skip_locked = ""
    row_version = "''"

    def __init__(self, connection: sqlite3.Connection, path: Path, *, readonly: bool, uri: str) -> None:
        self._connection = connection
        self._uri = uri
        self.path = path
        self.readonly = readonly
        self.aged = False  # a file of format 1 that may not be written

    @property
    def where(self) -> Path | str:
        return self.path

    @property
    def shown(self) -> str:
        return str(self.path)

    @property
    def staging(self) -> Staging:
        from eventcoder.ledger.sqlite import fresh_heads

        return fresh_heads

    def unindexed(self, column: str) -> str:
        return f"+{column}"

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement that gives no rows; the number of rows it changed."""
        with self._translated():
            return self._connection.execute(sql, parameters).rowcount

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows at once."""
        with self._translated():
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        with self._translated():
            found: tuple[Any, ...] | None = self._connection.execute(sql, parameters).fetchone()
            return found

    def rows_together(self, *asked: tuple[str, Sequence[Any]]) -> list[list[tuple[Any, ...]]]:
        return [self.rows(sql, parameters) for sql, parameters in asked]

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Row after row, without holding all of them."""
        with self._translated():
            # not `yield from`: that would close the cursor when the generator is thrown away, which may be after the connection was closed
            for row in self._connection.execute(sql, parameters):  # noqa: UP028
                yield row

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._translated():
            self._connection.executemany(sql, rows)

    @property
    def most_parameters(self) -> int:
        """How many `?` one statement may have, at most 10,000."""
        return min(self._connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER), 10_000)

    def insert_many(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows by statements of very many rows: `executemany` would ask for the interpreter's lock twice a row, and crawl beside a
        thread that computes."""
        width = len(columns)
        most = max(1, min(_ROWS_A_STATEMENT, self._connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // width))
        done = 0
        with self._translated():
            for number in dict.fromkeys((most, max(1, most // 10), max(1, most // 100), 1)):  # few texts of statements, so that they stay prepared
                if len(rows) - done < number:
                    continue
                row = f"({', '.join('?' * width)})"
                sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * number)}"
                while len(rows) - done >= number:
                    self._connection.execute(sql, list(chain.from_iterable(rows[done : done + number])))
                    done += number

    def insert_entries(self, rows: Sequence[tuple[str, ...]], batch: str | None, first: int, *, brought: bool = False) -> None:
        self.insert_many("entries", _ENTRY_COLUMNS, [(*row, batch, seq) for seq, row in enumerate(rows, first)])

    def append_last(self, entry: tuple[str, ...], sql: str, row: Sequence[Any]) -> None:
        self.insert_entries([entry], None, self.reserve(1))
        self.execute(sql, row)

    def reserve(self, number: int) -> int:
        """Behind all entries, and behind those that were swept."""
        found = self.rows(
            "SELECT COALESCE(MAX(seq), 0) FROM entries UNION ALL SELECT COALESCE(MAX(last_seq), 0) FROM hidden "
            "UNION ALL SELECT COALESCE(MAX(last_seq), 0) FROM gaps"
        )
        return int(max(row[0] for row in found)) + 1

    def replace_body(self, entry_id: str, body: str) -> None:
        trace = self.row("SELECT 1 FROM entries WHERE id = ? AND kind = 'redaction'", (entry_id,)) is not None
        if trace:  # the guard lets no redaction be edited; it is back before the transaction ends
            self.execute("DROP TRIGGER IF EXISTS entries_no_update")
        self.execute("UPDATE entries SET body = ? WHERE id = ?", (body, entry_id))
        if trace:
            self.restore_guards()

    def remove_entries(self, first: int, last: int) -> int:
        return self.execute("DELETE FROM entries WHERE seq BETWEEN ? AND ?", (first, last))

    def append_swiftly(self, entry: Row, head: Row, version: str) -> str | None:
        return None

    def appending(self, events: Iterable[str]) -> AbstractContextManager[None]:
        return self.writing()

    def lock(self, events: Iterable[str]) -> None:
        """There is one writer at a time."""

    def lock_hidden(self) -> None:
        """There is one writer at a time."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the write lock from its beginning; rolled back on any exception, durable when it ends."""
        if self.readonly:
            raise LedgerError(f"The ledger {self.path} is open for reading only.", "Open it for writing, or make the project writable.")
        try:
            with self._translated():
                self._begin()
            yield
            self.execute("COMMIT")
        finally:
            self.roll_back()

    def roll_back(self) -> None:
        """End a transaction that something has interrupted, if one is open: Ctrl-C between two statements of Python can leave one behind."""
        with suppress(sqlite3.ProgrammingError):  # closed: its transaction ended with it
            if self._connection.in_transaction:
                self._connection.rollback()

    def _begin(self) -> None:
        """Wait for the write lock and take it.

        SQLite's own waiting sleeps ever longer, to 0.1 s, while the lock comes free and goes to others: of fifty writers most would sleep most of the
        time, and one could be passed over for seconds. Each looks again after a few milliseconds, now more, now less.
        """
        connection, end = self._connection, clocks.monotonic() + BUSY_SECONDS
        connection.execute("PRAGMA busy_timeout=0")
        try:
            while True:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or clocks.monotonic() > end:
                        raise
                clocks.sleep(random.uniform(*_LOOK_AGAIN))
        finally:
            connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction that sees one state of the file; temporary tables may be written in it."""
        self.execute("BEGIN")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._connection.commit()

    @contextmanager
    def snapshot(self) -> Iterator[Store]:
        """A second connection that sees one state of the file for as long as it is open: for long scans during which others write.

        Without WAL a reader would block writers, so there the store itself is given.
        """
        if self.readonly or self.row("PRAGMA journal_mode") != ("wal",):
            yield self
            return
        with self._translated():
            connection = sqlite3.connect(self._uri.replace("mode=rwc", "mode=ro"), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                connection.execute("BEGIN")
                yield SqliteStore(connection, self.path, readonly=True, uri=self._uri)
            finally:
                connection.close()

    @contextmanager
    def reader(self) -> Iterator[Store]:
        """Another connection for reading, made in the calling thread and to be used there only. It sees what is committed at each statement."""
        with self._translated():
            connection = connected(self._uri.replace("mode=rwc", "mode=ro"))
        try:
            connection.execute("PRAGMA cache_size=-64000")
            store = SqliteStore(connection, self.path, readonly=True, uri=self._uri)
            if self.aged:
                imitate(store)
            yield store
        finally:
            connection.close()

    def importing(self) -> AbstractContextManager[None]:
        from eventcoder.ledger.sqlite.import_lock import importing

        return importing(self.path)

    def tuned(self) -> AbstractContextManager[None]:
        from eventcoder.ledger.sqlite.tuning import tuned

        return tuned(self)

    def flush(self) -> None:
        from eventcoder.ledger.sqlite.tuning import flush

        flush(self)

    def durable(self) -> None:
        from eventcoder.ledger.sqlite.tuning import durable

        durable(self)

    def shrink(self) -> None:
        from eventcoder.ledger.sqlite.tuning import shrink

        shrink(self)

    def compact(self) -> None:
        self.execute("VACUUM")

    def wipe_traces(self) -> None:
        """After a redaction: overwrite freed pages and empty the write-ahead log, so that the old text is not left in the file."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def missing_guards(self) -> list[str]:
        """Names of triggers that are absent or were altered."""
        found = dict(self.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        return [name for name, sql in GUARDS.items() if found.get(name) != sql and (not self.aged or name in SINCE_FORMAT_1)]

    def restore_guards(self) -> None:
        """Put back triggers that are missing or altered (inside a writing transaction)."""
        for name in self.missing_guards():
            self.execute(f"DROP TRIGGER IF EXISTS {name}")
            self.execute(GUARDS[name])

    def last_sequence(self) -> int | None:
        """The highest sequence number ever given: a ledger whose last entries were cut off has fewer."""
        row = self.row("SELECT seq FROM sqlite_sequence WHERE name = 'entries'")
        return int(row[0]) if row else 0

    def damage(self) -> list[str]:
        """What SQLite's own check of the file finds, [] if all is well."""
        found = [row[0] for row in self.rows("PRAGMA quick_check(10)")]
        return [] if found == ["ok"] else found

    def backup(self, target: Path) -> None:
        """Copy the whole ledger into a new file while others go on working. Raises `LedgerError` if `target` exists or cannot be written."""
        if target.exists():
            raise LedgerError(f"{target} exists; a backup never overwrites.", "Name a new file.")
        aside = target.with_name(target.name + ".part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            aside.unlink(missing_ok=True)
            copy = sqlite3.connect(aside)
            try:
                self._connection.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
            finally:
                copy.close()
            with aside.open("rb") as file:
                os.fsync(file.fileno())
            os.link(aside, target)  # unlike a rename this fails if somebody made the file meanwhile
        except FileExistsError:
            raise LedgerError(f"{target} exists; a backup never overwrites.", "Name a new file.") from None
        except (OSError, sqlite3.Error) as error:
            raise LedgerError(f"The backup {target} cannot be written: {error}.", "Name a folder with space where you may write.") from None
        finally:
            with suppress(OSError):
                aside.unlink(missing_ok=True)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explained(self.path, error) from error


def connected(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA secure_delete=ON")
    return connection


def explained(path: Path, error: sqlite3.Error) -> LedgerError:
    """The database's words with what to do about them."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return LedgerError(f"The ledger {path} was in use by another process for {BUSY_SECONDS:.0f} seconds.", "Try again when its work is done.")
    if "readonly" in text:
        return LedgerError(f"The ledger {path} cannot be written: {text}.", "Make the file and its folder writable.")
    if "unable to open" in text:
        return LedgerError(f"The ledger {path} cannot be opened: {text}.", "Check that its folder exists and that you may write into it.")
    if "full" in text:
        return LedgerError(f"The disk of {path} is full; nothing was stored.", "Free some space, then repeat the command.")
    if getattr(error, "sqlite_errorcode", None) in _NO_ROOM:  # no damage: what a quota, or a full disk at the opening, looks like
        return LedgerError(
            f"The disk of {path} takes no more ({text}): it is full, or your quota is used up. Nothing was stored.",
            "Free some space, then repeat the command. If it comes again with space left, the disk may be failing: make a backup elsewhere.",
        )
    if "malformed" in text or "not a database" in text or "disk I/O" in text:
        return LedgerError(f"The ledger {path} is damaged: {text}.", RESTORE)
    return LedgerError(f"The ledger {path} refused: {text}.", "Run 'eventcoder doctor'.")
