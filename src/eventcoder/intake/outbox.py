"""Rows on their way into the ledger, put in an order in which they are cheap to store. Floor 5.

Ids of entries are hashes: in the order of a file, each transaction touches the ledger's index of ids all over, and every page that was touched is
written twice (log and file). Of several batches sorted by id, each transaction touches one part of the index only.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventcoder.ledger.bulk import Bulk

HELD = 40_000  # acts that are sorted together
SENT = 10_000  # acts in a transaction: coders wait for one of these


class Outbox:
    """Holds rows and sends them on in portions. Each event has one act and one head here."""

    def __init__(self, bulk: Bulk) -> None:
        self._bulk = bulk
        self._held: list[tuple[tuple[str, ...], tuple[Any, ...]]] = []
        self._sent = 0

    def put(self, entries: list[tuple[str, ...]], heads: list[tuple[Any, ...]]) -> None:
        """Take the acts of some events, and their heads in the same order."""
        self._held += zip(entries, heads, strict=True)
        if len(self._held) >= HELD:
            self.send()

    def send(self) -> int:
        """Send what is held; how many acts were sent in all."""
        self._held.sort(key=itemgetter(0))
        for start in range(0, len(self._held), SENT):
            part = self._held[start : start + SENT]
            self._bulk.add([entry for entry, _ in part], [head for _, head in part])
        self._sent += len(self._held)
        self._held.clear()
        return self._sent
