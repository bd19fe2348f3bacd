"""What is SQLite's own: opening, settings, tables, the triggers that make entries append-only, backup.

Everything above this module speaks plain SQL with `?` through `Store`. The file runs in WAL mode with full durability: a commit that
returned is on disk. Writers begin IMMEDIATE (with the default, most of several writers' appends fail as busy).
"""

from __future__ import annotations

import os
import sqlite3
import time as clocks
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from eventcoder.errors import LedgerError
from eventcoder.ledger.network import network_type

FORMAT = 1
APPLICATION_ID = 0x45564C47  # "EVLG" in the file's header
BUSY_SECONDS = 30.0
FALLBACK_VARIABLE = "EVENTCODER_LEDGER_JOURNAL"  # "delete": use a rollback journal instead of WAL, for network drives
_MAGIC = b"SQLite format 3\x00"

TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS entries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT NOT NULL, parents TEXT NOT NULL,
  coder TEXT NOT NULL, role TEXT NOT NULL, time TEXT NOT NULL, batch TEXT, body TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS entries_subject ON entries (kind, subject)",
    # Entries of batches that are not sealed: stored, but not visible.
    "CREATE TABLE IF NOT EXISTS pending (seq INTEGER NOT NULL, batch TEXT NOT NULL, dropped INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (seq, batch))",
    "CREATE INDEX IF NOT EXISTS pending_batch ON pending (batch)",
    """CREATE TABLE IF NOT EXISTS heads (
  event_id TEXT PRIMARY KEY, state TEXT NOT NULL, revision INTEGER NOT NULL, heads TEXT NOT NULL, event_id_cnty TEXT, event_date TEXT,
  first_day TEXT, last_day TEXT, country TEXT, sub_event_type TEXT, location TEXT, actor1 TEXT, changed TEXT NOT NULL, folded TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS heads_day ON heads (event_date, event_id)",
    "CREATE INDEX IF NOT EXISTS heads_country ON heads (country, event_date, event_id)",
    "CREATE INDEX IF NOT EXISTS heads_state ON heads (state, event_date, event_id)",
    "CREATE INDEX IF NOT EXISTS heads_type ON heads (sub_event_type, event_date, event_id)",
    "CREATE INDEX IF NOT EXISTS heads_changed ON heads (changed, event_id)",
    "CREATE INDEX IF NOT EXISTS heads_cnty ON heads (event_id_cnty)",
    "CREATE INDEX IF NOT EXISTS heads_span ON heads (first_day, last_day) WHERE first_day < last_day",
)

# A delete trigger alone lets INSERT OR REPLACE through (its deletion fires no trigger unless recursive_triggers is on), hence the insert guard.
# The update guard lets exactly one change pass: the body becomes the stub of a redaction entry that names this entry. A redaction's body is
# canonical JSON whose last key is "stub", so comparing its end needs no JSON functions (which SQLite refuses in triggers it does not trust).
GUARDS = {
    "entries_no_replace": """CREATE TRIGGER entries_no_replace BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: this entry exists'); END""",
    "entries_no_delete": """CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: entries are never deleted'); END""",
    "entries_no_update": """CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
WHEN NOT (NEW.seq IS OLD.seq AND NEW.id IS OLD.id AND NEW.kind IS OLD.kind AND NEW.subject IS OLD.subject AND NEW.parents IS OLD.parents
 AND NEW.coder IS OLD.coder AND NEW.role IS OLD.role AND NEW.time IS OLD.time AND NEW.batch IS OLD.batch AND OLD.kind <> 'redaction'
 AND EXISTS (SELECT 1 FROM entries AS r WHERE r.kind = 'redaction' AND r.subject = OLD.id
  AND substr(r.body, length(r.body) - length(NEW.body) - 8) = ',"stub":' || NEW.body || '}'))
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: entries are never edited'); END""",
}


class Store:
    """One connection to a ledger file. Errors of the database become `LedgerError` with a remedy."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, readonly: bool, uri: str) -> None:
        self._connection = connection
        self._uri = uri
        self.path = path
        self.readonly = readonly

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

    def wipe_traces(self) -> None:
        """After a redaction: overwrite freed pages and empty the write-ahead log, so that the old text is not left in the file."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def missing_guards(self) -> list[str]:
        """Names of triggers that are absent or were altered."""
        found = dict(self.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        return [name for name, sql in GUARDS.items() if found.get(name) != sql]

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
            _set_journal(connection, "DELETE" if drive else "WAL")
            connection.execute("PRAGMA synchronous=EXTRA" if drive else "PRAGMA synchronous=FULL")
            if fresh or store.row("SELECT 1 FROM sqlite_master LIMIT 1") is None:
                _lay_out(store, project)
        _check_format(store)
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
        log = store.path.with_name(store.path.name + "-wal")
        if "unable to open" not in str(error.__cause__) and "readonly" not in str(error.__cause__):
            raise
        if log.exists() and log.stat().st_size:
            raise LedgerError(
                f"The ledger {store.path} was not closed cleanly and its folder is read-only, so its last entries ({log.name}) cannot be read.",
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
    log = path.with_name(path.name + "-wal")
    for attempt in range(10):
        if attempt:
            clocks.sleep(0.05)
        with path.open("rb") as file:
            header = file.read(100)
            size = os.fstat(file.fileno()).st_size
        page = int.from_bytes(header[16:18], "big")
        if size >= (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big") or (log.exists() and log.stat().st_size):
            return header, True
    return header, False


_RESTORE = "Move it away and restore a backup, or run 'eventcoder journal import' to build it anew from raw/journal/."


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


def _lay_out(store: Store, project: str) -> None:
    with store.writing():
        for statement in TABLES:
            store.execute(statement)
        store.restore_guards()
        store.execute(f"PRAGMA application_id={APPLICATION_ID}")
        store.execute("INSERT INTO meta (name, value) VALUES ('format', ?), ('project', ?) ON CONFLICT DO NOTHING", (str(FORMAT), project))


def _check_format(store: Store) -> None:
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
