"""One connection to a ledger on a server: the store of `ledger.backend` in PostgreSQL.

Every transaction of `writing` begins with the advisory lock of the whole ledger, so that what is written for SQLite's one writer holds here too.
Appends share that lock and have their events for themselves, so that very many coders commit at once. Transactions are READ COMMITTED: what is read
after the lock is the newest. Floor 2.
"""

from __future__ import annotations

import time as clocks
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import RawCursor, errors
from psycopg.pq import TransactionStatus

from eventcoder.errors import LedgerError
from eventcoder.ledger.address import shown
from eventcoder.ledger.backend import Row, Staging
from eventcoder.ledger.postgres import care
from eventcoder.ledger.postgres.calls import APPEND, LOCK, ONE_PLAN, STORE, columns_of
from eventcoder.ledger.postgres.dialect import numbered
from eventcoder.ledger.postgres.faults import ConnectionLost, explained, is_lost
from eventcoder.ledger.postgres.functions import EVENTS, ROW_VERSION
from eventcoder.ledger.postgres.guards import ALL
from eventcoder.ledger.postgres.prepared import Call
from eventcoder.ledger.postgres.session import Connection, connect, drop_unanswered, together

MANY_EVENTS = 500  # of so many in one append each would take a lock of the server's shared table: then the append is alone with the ledger
_FETCHED = 2000  # rows of a scan at a time


class PostgresStore:
    """A connection, and a second one that is kept for snapshots. Errors of the database become `LedgerError` with a remedy."""

    backend: Literal["sqlite", "postgresql"] = "postgresql"
    swift = True
    skip_locked = " FOR UPDATE SKIP LOCKED"
    row_version = ROW_VERSION
    most_parameters = 10_000

    def __init__(self, connection: Connection, url: str, *, readonly: bool) -> None:
        self._connection = connection
        self._url = url
        self.readonly = readonly
        self._spare: PostgresStore | None = None
        self._cursors = 0
        self._shared = False  # the transaction shares the ledger with other appends
        self._lasting = False  # temporary tables of an import live in this session: it cannot be replaced by a new one
        self._held: set[str] = set()  # events (and tasks) that this transaction has for itself
        self._stored: list[str] = []  # ids of the entries of this transaction
        self._late: list[tuple[str, Sequence[Any]]] = []  # what goes along with its commit
        self._append = Call("append", APPEND)
        self._closed = False
        self.holds_import = False

    @property
    def where(self) -> Path | str:
        return self._url

    @property
    def shown(self) -> str:
        return shown(self._url)

    @property
    def staging(self) -> Staging:
        from eventcoder.ledger.postgres import staging

        return staging

    def unindexed(self, column: str) -> str:
        return column  # the server knows by itself when an index is of no use

    # statements

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        return self._run(sql, parameters).rowcount

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._read(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        return self._read(sql, parameters).fetchone()

    def rows_together(self, *asked: tuple[str, Sequence[Any]]) -> list[list[Row]]:
        if not self._in_transaction:
            return [self.rows(sql, parameters) for sql, parameters in asked]
        with self._translated(), together(self._connection):
            cursors = [self._connection.execute(numbered(sql), parameters or None, prepare=True) for sql, parameters in asked]
        return [cursor.fetchall() for cursor in cursors]

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Row after row by a cursor of the server; outside a transaction of one that holds its rows."""
        self._cursors += 1
        name = f"scan_{self._cursors}"
        hold = "" if self._in_transaction else " WITH HOLD"
        self._run(f"DECLARE {name} NO SCROLL CURSOR{hold} FOR {sql}", parameters, prepare=False)
        while True:
            found = self._run(f"FETCH FORWARD {_FETCHED} FROM {name}", prepare=False).fetchall()
            yield from found
            if len(found) < _FETCHED:
                break
        self._run(f"CLOSE {name}", prepare=False)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        given = rows if isinstance(rows, list) else list(rows)
        if not given:
            return
        with self._translated(), self._connection.cursor() as cursor:
            cursor.executemany(numbered(sql), given)

    def insert_many(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        with self._translated(), self._connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def insert_entries(self, rows: Sequence[tuple[str, ...]], batch: str | None, first: int, *, brought: bool = False) -> None:
        self._stored += [row[0] for row in rows]
        self._run(STORE, [*columns_of(rows), batch, None if self._shared else first, brought])

    def append_last(self, entry: tuple[str, ...], sql: str, row: Sequence[Any]) -> None:
        self._stored.append(entry[0])
        self._late = [(STORE, [*columns_of([entry]), None, None, False]), (numbered(sql), row)]

    def reserve(self, number: int) -> int:
        """Where appends share the ledger numbers are given one by one, when entries are stored: then this is 0."""
        if self._shared:
            return 0
        row = self.row("SELECT reserve_numbers(?::bigint)", (number,))
        return int(row[0]) if row else 0

    def replace_body(self, entry_id: str, body: str) -> None:
        self._run("SELECT replace_body($1, $2)", (entry_id, body))

    def remove_entries(self, first: int, last: int) -> int:
        row = self.row("SELECT remove_entries(?::bigint, ?::bigint)", (first, last))
        return int(row[0]) if row else 0

    # transactions

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._transaction(f"BEGIN; SELECT pg_advisory_xact_lock({ALL})"):
            yield

    @contextmanager
    def alone(self, lock: int) -> Iterator[None]:
        """A transaction that holds another advisory lock: for setting the ledger up, before there is one."""
        with self._transaction(f"BEGIN; SELECT pg_advisory_xact_lock({lock})"):
            yield

    @contextmanager
    def appending(self, events: Iterable[str]) -> Iterator[None]:
        wanted = list(events)
        if len(wanted) > MANY_EVENTS:
            with self.writing():
                yield
            return
        with self._transaction("BEGIN", wanted):
            self._shared = True
            try:
                yield
            finally:
                self._shared = False
                self._held.clear()

    def lock(self, events: Iterable[str]) -> None:
        wanted = [event for event in dict.fromkeys(events) if event not in self._held]
        if wanted and self._shared:
            self._run(LOCK, (ALL, EVENTS, wanted))
            self._held.update(wanted)

    def lock_hidden(self) -> None:
        if self._shared:
            self._run("LOCK TABLE hidden IN SHARE ROW EXCLUSIVE MODE")

    @contextmanager
    def _transaction(self, begin: str, events: Sequence[str] | None = None) -> Iterator[None]:
        if self.readonly:
            raise LedgerError(f"The ledger {self.shown} is open for reading only.", "Open it for writing, or make the project writable.")
        self._stored, self._late = [], []
        try:
            self._begin(begin, events)
            yield
            self._commit()
        finally:
            self.roll_back()

    def roll_back(self) -> None:
        """End a transaction that something has interrupted, if one is open."""
        drop_unanswered(self._connection)
        if self._in_transaction:
            with suppress(psycopg.Error):
                self._connection.execute("ROLLBACK")

    def _begin(self, begin: str, events: Sequence[str] | None = None) -> None:
        """A connection that was lost before anything was done is made anew."""
        try:
            self._begin_once(begin, events)
        except ConnectionLost:
            if self._lasting:
                raise
            self._reconnect()
            self._begin_once(begin, events)

    def _begin_once(self, begin: str, events: Sequence[str] | None) -> None:
        if events is None:
            self._run(begin, prepare=False)
            return
        with self._translated(), together(self._connection):  # both in one round trip
            self._connection.execute(begin, prepare=True)
            self._connection.execute(ONE_PLAN, prepare=True)
            self._connection.execute(LOCK, (ALL, EVENTS, list(events)), prepare=True)
        self._held = set(events)

    def _commit(self) -> None:
        late, self._late = self._late, []
        try:
            with together(self._connection) if late else nullcontext():
                for sql, parameters in late:
                    self._connection.execute(sql, parameters, prepare=True)
                self._connection.execute("COMMIT")
        except psycopg.Error as error:
            if not is_lost(error):
                raise explained(self.shown, self._url, error) from error
            if not self._is_stored(self._stored, error):
                told = f"The connection to the ledger {self.shown} was lost while storing; nothing was stored."
                raise ConnectionLost(told, "Do it again.") from error

    def _is_stored(self, ids: Sequence[str], error: BaseException) -> bool:
        """After a connection was lost while a commit was under way: what became of it is asked of the server, by the entries' ids."""
        for wait in (0.0, 0.5, 2.0):
            clocks.sleep(wait)
            try:
                self._reconnect()
                if ids:
                    # a server that has not noticed the loss may be at the commit still: it holds the ledger's lock until that is decided
                    self.row("SELECT pg_advisory_xact_lock(?::bigint)", (ALL,))
                    row = self.row("SELECT COUNT(*) FROM entries WHERE id = ANY(?::text[])", (list(dict.fromkeys(ids)),))
                    return row is not None and row[0] > 0
                break
            except LedgerError:
                continue
        which = f" Look for entry {ids[0][:12]} with 'eventcoder log' before you repeat it." if ids else " To repeat it does no harm."
        told = f"The connection to the ledger {self.shown} was lost at the last moment"
        raise ConnectionLost(f"{told}, and it is not known whether the work was stored (whole or not at all).", which.strip()) from error

    @contextmanager
    def reading(self) -> Iterator[None]:
        try:
            self._begin("BEGIN ISOLATION LEVEL REPEATABLE READ")
            yield
            self._run("COMMIT")
        finally:
            self.roll_back()

    @contextmanager
    def snapshot(self) -> Iterator[PostgresStore]:
        spare, self._spare = self._spare, None
        if spare is None or spare._connection.closed:
            spare = PostgresStore(self._connected(readonly=True), self._url, readonly=True)
        try:
            spare._begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield spare
        finally:
            with suppress(psycopg.Error):
                spare._connection.execute("ROLLBACK")
            if self._closed or self._spare is not None or spare._connection.closed:
                spare.close()
            else:
                self._spare = spare

    @contextmanager
    def reader(self) -> Iterator[PostgresStore]:
        store = PostgresStore(self._connected(readonly=True), self._url, readonly=True)
        try:
            yield store
        finally:
            store.close()

    def append_swiftly(self, entry: Row, head: Row, version: str) -> str | None:
        if self.readonly:
            return None
        given = (entry[0], *entry[2:], version, *head[1:])
        for again in (False, True):
            try:
                return self._append(self._connection, given)
            except errors.UniqueViolation:
                return None
            except psycopg.Error as error:
                if not is_lost(error):
                    raise explained(self.shown, self._url, error) from error
                if self._is_stored([entry[0]], error):
                    return ""
                if again:
                    raise explained(self.shown, self._url, error) from error
        return None

    # care

    def importing(self) -> AbstractContextManager[None]:
        return care.importing(self)

    @contextmanager
    def tuned(self) -> Iterator[None]:
        self._lasting = True
        try:
            yield
        finally:
            self._lasting = False
            self.roll_back()  # Ctrl-C between two statements of Python can leave one open

    def flush(self) -> None:
        """The server's commits are on its disk."""

    def durable(self) -> None:
        """They always are."""

    def shrink(self) -> None:
        """The server's autovacuum does that."""

    def compact(self) -> None:
        care.compact(self)

    def wipe_traces(self) -> None:
        """What the server's log of changes holds goes as its administrator has set it."""

    def missing_guards(self) -> list[str]:
        return care.missing(self)

    def restore_guards(self) -> None:
        care.restore(self)

    def last_sequence(self) -> int | None:
        return None

    def damage(self) -> list[str]:
        return []

    def backup(self, target: Path) -> None:
        raise LedgerError(
            f"The ledger {self.shown} is on a server, of which no file is a backup.",
            f"Run 'eventcoder ledger copy' into a new file such as {target}, or use the server's own pg_dump.",
        )

    def close(self) -> None:
        self._closed = True
        if self._spare is not None:
            self._spare.close()
            self._spare = None
        self._connection.close()

    @property
    def _in_transaction(self) -> bool:
        return self._connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    def _run(self, sql: str, parameters: Sequence[Any] = (), *, prepare: bool | None = None) -> RawCursor[Row]:
        drop_unanswered(self._connection)
        with self._translated():
            return self._connection.execute(numbered(sql) if parameters else sql, parameters or None, prepare=prepare)  # type: ignore[return-value]

    def _read(self, sql: str, parameters: Sequence[Any]) -> RawCursor[Row]:
        """Outside a transaction a lost connection is made anew, once."""
        alone = not self._in_transaction
        try:
            return self._run(sql, parameters)
        except ConnectionLost:
            if not alone or self._lasting:
                raise
        self._reconnect()
        return self._run(sql, parameters)

    def _connected(self, *, readonly: bool) -> Connection:
        try:
            return connect(self._url, readonly=readonly)
        except psycopg.Error as error:
            raise explained(self.shown, self._url, error) from error

    def _reconnect(self) -> None:
        with suppress(psycopg.Error):
            self._connection.close()
        self._connection = self._connected(readonly=self.readonly)

    def _translated(self) -> AbstractContextManager[None]:
        return _Translated(self)


class _Translated(AbstractContextManager[None]):
    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, psycopg.Error):
            raise explained(self._store.shown, str(self._store.where), error) from error
