"""Opening a ledger file: what is wrong with it is said before SQLite says it in its own words. Floor 2."""

from __future__ import annotations

import os
import sqlite3
import time as clocks
from pathlib import Path

from eventcoder.errors import LedgerError
from eventcoder.ledger.sqlite.layout import APPLICATION_ID, FORMAT, imitate, lay_out, upgrade
from eventcoder.ledger.sqlite.network import network_type
from eventcoder.ledger.sqlite.store import BUSY_SECONDS, RESTORE, SqliteStore, connected, explained

FALLBACK_VARIABLE = "EVENTCODER_LEDGER_JOURNAL"  # "delete": use a rollback journal instead of WAL, for network drives
_LARGE_LOG = 40_000_000  # a log that somebody else's bulk import leaves to grow is carried over by that import, not by the next coder's commit
_PAGE = 8192  # an entry has 1 to 2 kB: of such pages a fifth less stays empty than of 4096 bytes
_MAGIC = b"SQLite format 3\x00"


def open_store(path: Path, *, create: bool, readonly: bool, project: str = "", fallback: bool | None = None) -> SqliteStore:
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
        connection = connected(uri)
    except sqlite3.Error as error:
        raise explained(path, error) from error
    store = SqliteStore(connection, path, readonly=readonly, uri=uri)
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
        raise explained(path, error) from error
    except LedgerError:
        store.close()
        raise
    return store


def _readable(store: SqliteStore, base: str) -> SqliteStore:
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
    return SqliteStore(connected(base + "?mode=ro&immutable=1"), store.path, readonly=True, uri=base + "?mode=ro&immutable=1")


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
        raise LedgerError(f"The ledger {path} is truncated: part of the file is missing.", RESTORE)
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


def _check_format(store: SqliteStore) -> int:
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
