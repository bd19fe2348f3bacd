"""Drafts into the ledger, many documents in one transaction. Floor 5."""

from __future__ import annotations

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from eventcoder.coding import Desk
from eventcoder.corpus.done import Done
from eventcoder.corpus.pieces import Answer, Item
from eventcoder.event import Draft
from eventcoder.ledger import Ledger, new_entry
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.writing import portions

BATCH = 1000  # drafts that wait for one transaction, some 5 MB
SECONDS = 5.0  # that an answer waits at most: some engines take their time, and some cost money
MACHINE_ROLE = "machine"


class Storing:
    """A context manager that stores what it is given, at the latest when it ends, also when it ends by Ctrl-C."""

    def __init__(self, desk: Desk, done: Done) -> None:
        self._desk = desk
        self._done = done
        self._drafts: dict[str, Draft] = {}
        self._rows: list[tuple[str, str, list[str]]] = []
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.flush()

    def add(self, item: Item, answer: Answer) -> None:
        """Keep the drafts of one document. A document that was not read is not marked: it comes again."""
        if item.kept is not None:
            return
        self._drafts.update((draft.draft_id, draft) for draft in answer.drafts)
        if not answer.failed:
            self._rows.append((item.id, item.key, [draft.draft_id for draft in answer.drafts]))
        if len(self._drafts) >= BATCH or len(self._rows) >= BATCH or time.monotonic() - self._last > SECONDS:
            self.flush()

    def flush(self) -> None:
        """Store what waits: first the drafts, then the memory of what was done."""
        known = stored(self._desk.ledger, self._drafts)
        moment = self._desk.moment
        entries = [
            new_entry("draft", i, draft.as_json(), coder=f"{draft.engine}-{draft.engine_version}", role=MACHINE_ROLE, time=moment)
            for i, draft in self._drafts.items()
            if i not in known
        ]
        if entries:
            self._desk.ledger.append(entries)
        self._drafts.clear()
        if self._rows:
            self._done.mark(self._rows)
        self._rows.clear()
        self._last = time.monotonic()


def stored(ledger: Ledger, drafts: Iterable[str]) -> set[str]:
    """Those of these ids of drafts that the ledger has, by its index."""
    out: set[str] = set()
    for part in portions(ledger.store, list(drafts)):
        marks = ", ".join("?" * len(part))
        sql = f"SELECT DISTINCT e.subject FROM entries AS e WHERE e.kind = 'draft' AND e.subject IN ({marks}) AND {VISIBLE}"
        out.update(row[0] for row in ledger.store.rows(sql, tuple(part)))
    return out
