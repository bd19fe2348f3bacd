"""How very many events stand, asked for by thousands: what an import compares its rows with. Floor 2."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from eventcoder.ledger.backend import Store
from eventcoder.ledger.writing import portions

_ENDED = ("retracted", "merged")
_SELECT = "SELECT event_id, state, heads, imported, event_id_cnty FROM heads"
_ONE_HEAD = 68  # characters of '["<64 of an id>"]'


class Standing(NamedTuple):
    """An event's state, heads (ids of its last acts), the digest of the row that an import last brought, and `event_id_cnty`."""

    event_id: str
    state: str
    heads: tuple[str, ...]
    imported: str | None
    cnty: str | None


class Standings:
    """A reader on a connection of its own, so that another thread may write meanwhile. Each answer is of the moment of the question."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def by_id(self, ids: Sequence[str]) -> dict[str, Standing]:
        """event id -> how it stands, of those that there are; best asked for about 10,000 at a time."""
        return {row[0]: _standing(row) for row in self._found("event_id", ids)}

    def by_number(self, cntys: Sequence[str]) -> dict[str, Standing]:
        """`event_id_cnty` -> the event that has it: a live one first, then the smallest id (as `Ledger.find_cnty`)."""
        best: dict[str, tuple[Any, ...]] = {}
        for row in self._found("event_id_cnty", cntys):
            other = best.get(row[4])
            if other is None or (row[1] in _ENDED, row[0]) < (other[1] in _ENDED, other[0]):
                best[row[4]] = row
        return {cnty: _standing(row) for cnty, row in best.items()}

    def _found(self, column: str, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        if not keys or self._store.row("SELECT 1 FROM heads LIMIT 1") is None:
            return
        for part in portions(self._store, keys):
            yield from self._store.rows(f"{_SELECT} WHERE {column} IN ({', '.join('?' * len(part))})", part)


@contextmanager
def standings(store: Store) -> Iterator[Standings]:
    """What `Ledger.standings` does."""
    with store.reader() as own:
        yield Standings(own)


def _standing(row: tuple[Any, ...]) -> Standing:
    heads = row[2]
    return Standing(row[0], row[1], (heads[2:-2],) if len(heads) == _ONE_HEAD else tuple(json.loads(heads)), row[3], row[4])
