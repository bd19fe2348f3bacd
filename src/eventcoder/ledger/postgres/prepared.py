"""One prepared call without a cursor, which takes the client (to prepare, adapt and load) longer than the call itself. Floor 2."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.errors import DuplicatePreparedStatement, InvalidSqlStatementName, error_from_result
from psycopg.generators import execute
from psycopg.pq import ConnStatus, ExecStatus

from eventcoder.ledger.postgres.session import Connection

_WELL = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


class Call:
    """A statement with one value as its answer, prepared when a connection first needs it."""

    def __init__(self, name: str, sql: str) -> None:
        self._name = name.encode()
        self._sql = sql.encode()
        self._prepared: Connection | None = None
        self._encoding = ""

    def __call__(self, connection: Connection, values: Sequence[str | int | None]) -> str | None:
        """The answer as text, None for NULL. Outside a transaction it is one of its own. Raises `psycopg.Error`."""
        if connection is not self._prepared:
            self._prepare(connection)
        encoding = self._encoding
        given: list[Any] = [value.encode(encoding) if isinstance(value, str) else value if value is None else b"%d" % value for value in values]
        if b"\0" in b"".join(filter(None, given)):  # libpq would end the text there
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        try:
            answer = self._asked(connection, given)
        except InvalidSqlStatementName:  # after an error the cursors of this connection let all prepared statements go
            self._prepare(connection)
            answer = self._asked(connection, given)
        return None if answer is None else bytes(answer).decode(encoding)

    def _prepare(self, connection: Connection) -> None:
        self._encoding = connection.info.encoding
        with suppress(DuplicatePreparedStatement):  # Ctrl-C came right after it had been prepared
            self._checked(connection, connection.pgconn.prepare(self._name, self._sql))
        self._prepared = connection

    def _asked(self, connection: Connection, given: Sequence[Any]) -> Any:
        result = connection.wait(self._sent(connection, given))[-1]  # as cursors wait: Ctrl-C ends it, and takes back what was sent
        return self._checked(connection, result).get_value(0, 0)

    def _sent(self, connection: Connection, given: Sequence[Any]) -> Generator[Any, Any, Any]:
        connection.pgconn.send_query_prepared(self._name, given)
        return (yield from execute(connection.pgconn))

    def _checked(self, connection: Connection, result: psycopg.pq.abc.PGresult) -> psycopg.pq.abc.PGresult:
        if result.status in _WELL:
            return result
        if connection.pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError(result.get_error_message(self._encoding) or "the connection is lost")
        raise error_from_result(result, self._encoding)
