"""Heads of a bulk import, put aside in a temporary table until the seal's one transaction takes them. Floor 2."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from eventcoder.errors import UsageError
from eventcoder.ledger.backend import Row
from eventcoder.ledger.heads import COLUMNS

NEW = "heads_new"
_CHUNK = 10_000


def begin(store: Any) -> None:
    store.execute(f"DROP TABLE IF EXISTS pg_temp.{NEW}")
    store.execute(f"CREATE TEMPORARY TABLE {NEW} (LIKE heads)")


def add(store: Any, rows: Sequence[Row]) -> None:
    store.insert_many(NEW, COLUMNS, rows)


def refuse_twice(store: Any) -> None:
    if row := store.row(f"SELECT event_id FROM {NEW} GROUP BY event_id HAVING COUNT(*) > 1 LIMIT 1"):
        raise UsageError(f"Event {row[0]} was given to this import twice.", "Give each event once in a batch, with all its acts.")
    store.execute(f"ANALYZE {NEW}")


def exchange(store: Any, bulk: Any, seal: Callable[[], None]) -> bool:
    """The server's table takes them in place, however many they are."""
    return False


def replace(store: Any, rows: Iterable[Row]) -> None:
    store.execute("DELETE FROM heads")
    source = iter(rows)
    while part := list(islice(source, _CHUNK)):
        store.insert_many("heads", COLUMNS, part)


def clear(store: Any) -> None:
    """A temporary table of a session that ended is gone."""


def forget(store: Any, events: Iterable[str]) -> None:
    """No other session sees what an import has put aside; its seal makes the heads of redacted events anew."""
