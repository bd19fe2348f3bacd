"""What is SQLite's own: opening, settings, backup; `layout` has its tables and the triggers that make entries append-only. Floor 2.

Everything above speaks plain SQL with `?` through `Store` (but for `fresh_heads`, which makes a table anew). The file runs in WAL mode with full
durability: a commit that returned is on disk. Writers begin IMMEDIATE (with the default, most of several writers' appends fail as busy).
"""

from __future__ import annotations

import os
import sqlite3
import time as clocks
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from eventcoder.errors import LedgerError
from eventcoder.ledger.layout import APPLICATION_ID, FORMAT, GUARDS, SINCE_FORMAT_1, imitate, lay_out, upgrade
from eventcoder.ledger.network import network_type

BUSY_SECONDS = 30.0
FALLBACK_VARIABLE = "EVENTCODER_LEDGER_JOURNAL"  # "delete": use a rollback journal instead of WAL, for network drives
_ROWS_A_STATEMENT = 2000
_LARGE_LOG = 40_000_000  # a log that somebody else's bulk import leaves to grow is carried over by that import, not by the next coder's commit
_PAGE = 8192  # an entry has 1 to 2 kB: of such pages a fifth less stays empty than of 4096 bytes
_MAGIC = b"SQLite format 3\x00"


class Store:
    """One connection to a ledger file. Errors of the database become `LedgerError` with a remedy."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, readonly: bool, uri: str) -> None:
        self._connection = connection
        self._uri = uri
        self.path = path
        self.readonly = readonly
        self.aged = False  # a file of format 1 that may not be written

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

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the write lock from its beginning; rolled back on any exception, durable when it ends."""
        if self.readonly:
            raise LedgerError(f"The ledger {self.path} is open for reading only.", "Open it for writing, or make the project writable.")
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.rollback()

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
                yield Store(connection, self.path, readonly=True, uri=self._uri)
            finally:
                connection.close()

    @contextmanager
    def reader(self) -> Iterator[Store]:
        """Another connection for reading, made in the calling thread and to be used there only. It sees what is committed at each statement."""
        with self._translated():
            connection = _connected(self._uri.replace("mode=rwc", "mode=ro"))
        try:
            connection.execute("PRAGMA cache_size=-64000")
            store = Store(connection, self.path, readonly=True, uri=self._uri)
            if self.aged:
                imitate(store)
            yield store
        finally:
            connection.close()

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

    def last_sequence(self) -> int:
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
            raise _explained(self.path, error) from error


def open_store(path: Path, *, create: bool, readonly: bool, project: str = "", fallback: bool | None = None) -> Store:
    """Open (and with `create` make) the ledger file. `fallback` allows a rollback journal on network drives (default: the environment).

    Raises `LedgerError` that says what is wrong and what to do: no file, not a ledger, truncated, newer format, no permission, network drive.
    """
    if fallback is None:
        fallback = os.environ.get(FALLBACK_VARIABLE, "").lower() == "delete"
    drive = network_type(path)
    if drive and not fallback:
        raise LedgerError(
            f"The ledger {path} is on a network drive ({drive}), where SQLite's write-ahead log is not safe.",
            f"Keep it on a local disk (setting 'ledger') and share raw/journal/ instead; or set {FALLBACK_VARIABLE}=delete to use the slower "
            "rollback journal, with one writer at a time.",
        )
    fresh = _examine(path, create=create and not readonly)
    base = f"file:{_quoted(path)}"
    uri = base + ("?mode=ro" if readonly else "?mode=rwc")
    try:
        connection = _connected(uri)
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    store = Store(connection, path, readonly=readonly, uri=uri)
    try:
        if readonly:
            store = _readable(store, base)
        else:
            if fresh:
                connection.execute(f"PRAGMA page_size={_PAGE}")
            _set_journal(connection, "DELETE" if drive else "WAL")
            if _log_size(path) > _LARGE_LOG:
                connection.execute("PRAGMA wal_autocheckpoint=0")
            connection.execute("PRAGMA synchronous=EXTRA" if drive else "PRAGMA synchronous=FULL")
            if fresh or store.row("SELECT 1 FROM sqlite_master LIMIT 1") is None:
                lay_out(store, project)
        if _check_format(store) < FORMAT:
            store.aged = readonly
            (imitate if readonly else upgrade)(store)
    except sqlite3.Error as error:
        store.close()
        raise _explained(path, error) from error
    except LedgerError:
        store.close()
        raise
    return store


def _connected(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA secure_delete=ON")
    return connection


def _readable(store: Store, base: str) -> Store:
    """`store` if it can be read; else, on a read-only file system, the file opened as immutable (which reads no log, so none may be there)."""
    try:
        store.row("SELECT 1 FROM sqlite_master LIMIT 1")
        return store
    except LedgerError as error:
        store.close()
        if "unable to open" not in str(error.__cause__) and "readonly" not in str(error.__cause__):
            raise
        if _log_size(store.path):
            raise LedgerError(
                f"The ledger {store.path} was not closed cleanly and its folder is read-only, so its last entries (in the log) cannot be read.",
                "Make the folder writable once and run 'eventcoder doctor'.",
            ) from None
    return Store(_connected(base + "?mode=ro&immutable=1"), store.path, readonly=True, uri=base + "?mode=ro&immutable=1")


def _examine(path: Path, *, create: bool) -> bool:
    """Look at the file before SQLite does. True if it is to be made."""
    try:
        if path.is_dir():
            raise LedgerError(f"{path} is a folder, not a ledger file.", "Mend the setting 'ledger' in eventcoder.toml.")
        if not path.exists():
            if not create:
                raise LedgerError(f"There is no ledger {path}.", "Run 'eventcoder journal import', or add a first event, to make it.")
            path.parent.mkdir(parents=True, exist_ok=True)
            return True
        header, whole = _header(path)
    except PermissionError as error:
        raise LedgerError(f"No permission for the ledger {path}: {error.strerror}.", "Ask its owner for the right to read and write it.") from None
    except OSError as error:
        raise LedgerError(f"The ledger {path} cannot be opened: {error.strerror}.", "Check the path and whether the disk is writable.") from None
    if not header and create:
        return True
    if len(header) < 100 or not header.startswith(_MAGIC):
        raise LedgerError(
            f"{path} is not a ledger (not an SQLite file).",
            "Move it away, then run 'eventcoder journal import' to build a new ledger from raw/journal/.",
        )
    if not whole:
        raise LedgerError(f"The ledger {path} is truncated: part of the file is missing.", _RESTORE)
    return False


def _header(path: Path) -> tuple[bytes, bool]:
    """The first 100 bytes, and whether the file is as long as they say.

    While another process carries its log over into the file, the first page tells of pages that are not there yet: a file is short only if it
    stays so without a log beside it.
    """
    for attempt in range(10):
        if attempt:
            clocks.sleep(0.05)
        with path.open("rb") as file:
            header = file.read(100)
            size = os.fstat(file.fileno()).st_size
        page = int.from_bytes(header[16:18], "big")
        if size >= (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big") or _log_size(path):
            return header, True
    return header, False


_RESTORE = "Move it away and restore a backup, or run 'eventcoder journal import' to build it anew from raw/journal/."


def _log_size(path: Path) -> int:
    try:
        return path.with_name(path.name + "-wal").stat().st_size
    except OSError:
        return 0


def _set_journal(connection: sqlite3.Connection, mode: str) -> None:
    """Switch the journal mode; the switch does not wait for other connections by itself, so wait here."""
    end = clocks.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0].upper() == mode:
                return
            connection.execute(f"PRAGMA journal_mode={mode}")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or clocks.monotonic() > end:
                raise
            clocks.sleep(0.02)


def _check_format(store: Store) -> int:
    path = store.path
    mine = store.row("PRAGMA application_id") == (APPLICATION_ID,)
    row = store.row("SELECT value FROM meta WHERE name = 'format'") if mine else None
    if row is None:
        raise LedgerError(f"{path} is an SQLite file, but not an eventcoder ledger.", "Mend the setting 'ledger' in eventcoder.toml.")
    if not row[0].isdecimal() or int(row[0]) > FORMAT:
        raise LedgerError(
            f"The ledger {path} has format {row[0]}; this eventcoder reads formats up to {FORMAT}.",
            f"Install the eventcoder version that knows ledger format {row[0]} (pip install --upgrade eventcoder).",
        )
    return int(row[0])


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _explained(path: Path, error: sqlite3.Error) -> LedgerError:
    """The database's words with what to do about them."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return LedgerError(f"The ledger {path} was in use by another process for {BUSY_SECONDS:.0f} seconds.", "Try again when its work is done.")
    if "readonly" in text:
        return LedgerError(f"The ledger {path} cannot be written: {text}.", "Make the file and its folder writable.")
    if "unable to open" in text:
        return LedgerError(f"The ledger {path} cannot be opened: {text}.", "Check that its folder exists and that you may write into it.")
    if "malformed" in text or "not a database" in text or "disk I/O" in text:
        return LedgerError(f"The ledger {path} is damaged: {text}.", _RESTORE)
    if "full" in text:
        return LedgerError(f"The disk of {path} is full; nothing was stored.", "Free some space, then repeat the command.")
    return LedgerError(f"The ledger {path} refused: {text}.", "Run 'eventcoder doctor'.")
