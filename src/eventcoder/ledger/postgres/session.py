"""How a session with the server is begun. Floor 2."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import RawCursor

from eventcoder.ledger.backend import Row
from eventcoder.ledger.postgres.layout import SCHEMA

Connection = psycopg.Connection[Row]
CONNECT_SECONDS = 10
LOCK_SECONDS = 60  # so long one waits for others' work before it is said
_BEGIN = f"SET search_path = {SCHEMA}; SET lock_timeout = '{LOCK_SECONDS}s'; SET client_min_messages = warning"


def connect(url: str, *, readonly: bool) -> Connection:
    """A connection in which each statement is a transaction of its own until one is begun. Raises `psycopg.Error`."""
    given = psycopg.conninfo.conninfo_to_dict(url)
    extra: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "eventcoder", "client_encoding": "utf8"}
    extra = {name: value for name, value in extra.items() if name not in given}
    connection: Connection = psycopg.connect(url, autocommit=True, cursor_factory=RawCursor, prepare_threshold=2, **extra)
    try:
        connection.execute(_BEGIN + ("; SET default_transaction_read_only = on" if readonly else ""))
    except psycopg.Error:
        connection.close()
        raise
    return connection
