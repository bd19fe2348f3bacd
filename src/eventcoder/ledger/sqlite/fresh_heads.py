"""A head table made anew beside the one in use, then put in its place. SQLite's own.

    heads_new      what a bulk import brings; then also the heads that it leaves as they are; then gets the indexes, and becomes `heads`
    heads_touched  events whose heads changed while heads were copied (triggers on `heads` write it): they are copied again
    heads_old      what `heads` was, until it is emptied

Inserting a million rows into eight indexes at random writes each page of them many times; sorting each index once writes it once. Nothing here
holds the ledger for long but the making of one index. Rows go by short deletions, not by DROP: text that is gone must be overwritten
(`secure_delete`), and with the write lock held that would take as long as the table is large. Floor 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.errors import LedgerError, UsageError
from eventcoder.ledger.heads import COLUMNS
from eventcoder.ledger.sqlite.layout import head_indexes, head_table
from eventcoder.ledger.sqlite.store import SqliteStore
from eventcoder.ledger.sqlite.tuning import flush, long_writing, sorting

if TYPE_CHECKING:
    from eventcoder.ledger.bulk import Bulk

NEW, OLD, TOUCHED = "heads_new", "heads_old", "heads_touched"
CHUNK = 10_000
_MANY = 200  # touched events that are still looked at before the swap, not under its lock
_NAMES = ", ".join(COLUMNS)
_NOTE = f"INSERT INTO {TOUCHED} (event_id) SELECT %s.event_id WHERE NOT EXISTS (SELECT 1 FROM {TOUCHED} WHERE event_id = %s.event_id)"
_TRIGGERS = {
    f"heads_touch_{verb}": f"CREATE TRIGGER heads_touch_{verb} AFTER {verb.upper()} ON heads BEGIN {_NOTE % (row, row)}; END"
    for verb, row in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))
}


def begin(store: SqliteStore) -> None:
    """Make the empty new table (inside a writing transaction)."""
    store.execute(head_table(NEW))


def add(store: SqliteStore, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put head rows into the new table (inside a writing transaction)."""
    store.insert_many(NEW, COLUMNS, rows)


def exchange(store: SqliteStore, bulk: Bulk, seal: Callable[[], None]) -> bool:
    """Make the new head table whole and put it in place, with what `seal` does in the same transaction."""
    with store.writing():
        watch(store, bulk.redacted())
    with store.reading():  # a state of the file that no later change can make older than what is noted
        changed = bulk.changed()
    with store.writing():
        note(store, changed)
    copy_others(store)
    make_indexes(store)
    catch_up(store, bulk.head_of, all_of_them=False)
    with store.writing():
        catch_up(store, bulk.head_of, all_of_them=True)
        swap(store)
        seal()
    return True


def watch(store: SqliteStore, events: Iterable[str]) -> None:
    """From now on note events whose heads change; these `events` did already (inside a writing transaction)."""
    store.execute(f"CREATE TABLE {TOUCHED} (event_id TEXT PRIMARY KEY)")
    for sql in _TRIGGERS.values():
        store.execute(sql)
    note(store, events)


def note(store: SqliteStore, events: Iterable[str]) -> None:
    """Have these events looked at again."""
    store.executemany(f"INSERT INTO {TOUCHED} (event_id) VALUES (?) ON CONFLICT DO NOTHING", ((event,) for event in events))


def copy_others(store: SqliteStore) -> None:
    """Copy the heads of all events that the new table does not have, in short transactions."""
    last = _last_row(store, "heads")
    if not last:
        return
    # Only the keys, in order: the new table has no index yet, and looking up in one that grows would touch all of it for every piece.
    store.execute("DROP TABLE IF EXISTS temp.incoming")
    store.execute("CREATE TEMPORARY TABLE incoming (event_id TEXT PRIMARY KEY) WITHOUT ROWID")
    store.execute(f"INSERT INTO incoming SELECT DISTINCT event_id FROM {NEW} ORDER BY event_id")
    version = store.row("PRAGMA schema_version")
    for first in range(0, last, CHUNK):
        with store.writing():
            if store.row("PRAGMA schema_version") != version:  # a VACUUM gives rows new numbers
                raise LedgerError("The ledger's file was made anew while this import was under way.", "Run the import again.")
            store.execute(
                f"INSERT INTO {NEW} ({_NAMES}) SELECT {_NAMES} FROM heads AS h WHERE h.rowid > ? AND h.rowid <= ? "
                "AND NOT EXISTS (SELECT 1 FROM incoming AS i WHERE i.event_id = h.event_id)",
                (first, min(first + CHUNK, last)),
            )
        flush(store)
    store.execute("DROP TABLE temp.incoming")


def refuse_twice(store: SqliteStore) -> None:
    """Raise `UsageError` if an event stands in the new table twice."""
    if row := store.row(f"SELECT event_id FROM {NEW} GROUP BY event_id HAVING COUNT(*) > 1 LIMIT 1"):
        raise UsageError(f"Event {row[0]} was given to this import twice.", "Give each event once in a batch, with all its acts.")


def make_indexes(store: SqliteStore) -> None:
    """Index the new table, one index a transaction. Raises `UsageError` if an event stands in it twice."""
    for sql in head_indexes(NEW, _free_mark(store)):
        try:
            with sorting(store), long_writing(store):
                store.execute(sql)
        except LedgerError as error:
            if "UNIQUE" in str(error):
                refuse_twice(store)
            raise


def catch_up(store: SqliteStore, again: Callable[[str], tuple[Any, ...]], *, all_of_them: bool) -> None:
    """Bring events that changed meanwhile up to date: `again(event)` gives the row.

    Without `all_of_them` in transactions of its own, until few are left; else inside the caller's, to the last.
    """
    while True:
        found = [row[0] for row in store.rows(f"SELECT event_id FROM {TOUCHED} ORDER BY event_id LIMIT ?", (_MANY,))]
        if not found or (len(found) < _MANY and not all_of_them):
            return
        if all_of_them:
            _renew(store, found, again)
        else:
            with store.writing():
                _renew(store, found, again)


def _renew(store: SqliteStore, events: Sequence[str], again: Callable[[str], tuple[Any, ...]]) -> None:
    for event_id in events:
        row = again(event_id)
        store.execute(f"DELETE FROM {NEW} WHERE event_id = ?", (event_id,))
        store.insert_many(NEW, COLUMNS, [row])
        store.execute(f"DELETE FROM {TOUCHED} WHERE event_id = ?", (event_id,))


def swap(store: SqliteStore) -> None:
    """Put the new table into the place of the old one (inside a writing transaction). Raises `LedgerError` if changes were not watched."""
    found = store.row(f"SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'heads' AND name IN ({_quoted(_TRIGGERS)})")
    if found != (len(_TRIGGERS),):
        raise LedgerError("The head table was made anew while this import was under way.", "Run the import again.")
    for name in _TRIGGERS:
        store.execute(f"DROP TRIGGER {name}")
    store.execute(f"DROP TABLE {TOUCHED}")
    _rename(store)


def replace(store: SqliteStore, rows: Iterable[tuple[Any, ...]]) -> None:
    """Make the whole head table anew from `rows` (inside a writing transaction); `clear` has to follow it."""
    begin(store)
    store.executemany(f"INSERT INTO {NEW} ({_NAMES}) VALUES ({', '.join('?' * len(COLUMNS))})", rows)
    for sql in head_indexes(NEW, _free_mark(store)):
        store.execute(sql)
    _rename(store)


def _rename(store: SqliteStore) -> None:
    store.execute(f"ALTER TABLE heads RENAME TO {OLD}")
    store.execute(f"ALTER TABLE {NEW} RENAME TO heads")


def clear(store: SqliteStore) -> None:
    """Empty and remove what is left of tables put aside or replaced, in short transactions."""
    with store.writing():
        for name in _TRIGGERS:
            store.execute(f"DROP TRIGGER IF EXISTS {name}")
        store.execute(f"DROP TABLE IF EXISTS {TOUCHED}")
    for table in _left(store):
        for (index,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,)):
            with long_writing(store):
                store.execute(f"DROP INDEX {index}")
        while (first := store.row(f"SELECT MIN(rowid) FROM {table}")) and first[0] is not None:
            with store.writing():
                store.execute(f"DELETE FROM {table} WHERE rowid < ?", (first[0] + CHUNK,))
            flush(store)
        with store.writing():
            store.execute(f"DROP TABLE {table}")


def forget(store: SqliteStore, events: Iterable[str]) -> None:
    """Remove redacted events from what stands aside (inside a writing transaction); an import that is at work makes their rows again."""
    wanted = list(events)
    for table in _left(store) if wanted else ():
        for first in range(0, len(wanted), store.most_parameters):
            part = wanted[first : first + store.most_parameters]
            store.execute(f"DELETE FROM {table} WHERE event_id IN ({', '.join('?' * len(part))})", part)


def _left(store: SqliteStore) -> list[str]:
    rows = store.rows(f"SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('{NEW}', '{OLD}') ORDER BY name")
    return [row[0] for row in rows]


def _last_row(store: SqliteStore, table: str) -> int:
    row = store.row(f"SELECT MAX(rowid) FROM {table}")
    return int(row[0] or 0) if row else 0


def _free_mark(store: SqliteStore) -> str:
    """What tells the new indexes' names from those in use: the two sets take turns."""
    return "_2" if store.row("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = 'heads_event'") else ""


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
