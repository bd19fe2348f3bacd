"""How a session with the server is begun, and how one ends that Ctrl-C has put out of step. Floor 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import RawCursor
from psycopg.pq import PipelineStatus, TransactionStatus

from eventcoder.ledger.backend import Row
from eventcoder.ledger.postgres.layout import SCHEMA

Connection = psycopg.Connection[Row]
CONNECT_SECONDS = 10
LOCK_SECONDS = 60  # so long one waits for others' work before it is said
# Whatever the server's administrator has set for this user or database, the ledger's work needs these
_BEGIN = (
    f"SET search_path = {SCHEMA}; SET lock_timeout = '{LOCK_SECONDS}s'; SET client_min_messages = warning; "
    "SET default_transaction_isolation = 'read committed'; SET client_encoding = 'UTF8'"
)


def connect(url: str, *, readonly: bool) -> Connection:
    """A connection in which each statement is a transaction of its own until one is begun. Raises `psycopg.Error`."""
    given = psycopg.conninfo.conninfo_to_dict(url)
    extra: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "eventcoder"}
    extra = {name: value for name, value in extra.items() if name not in given}
    connection: Connection = psycopg.connect(url, autocommit=True, cursor_factory=RawCursor, prepare_threshold=2, **extra)
    try:
        connection.execute(_BEGIN + ("; SET default_transaction_read_only = on" if readonly else ""))
    except psycopg.Error:
        connection.close()
        raise
    return connection


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Statements that are sent together and answered together. Ctrl-C among them ends the connection: nobody knows which answers are to come."""
    try:
        with connection.pipeline():
            yield
    except Exception:
        raise
    except BaseException:
        connection.close()
        raise


def drop_unanswered(connection: Connection) -> None:
    """Close a connection on which Ctrl-C left a statement without its answer: whatever is asked next would fail, or wait for ever. The server takes
    back what was not committed."""
    if connection.pgconn.transaction_status == TransactionStatus.ACTIVE or connection.pgconn.pipeline_status != PipelineStatus.OFF:
        connection.close()
