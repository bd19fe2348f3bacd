"""Very many entries at once: in by short transactions, unseen, and all of them shown by one seal.

    with ledger.bulk("import events.csv 1f3a", coder="ana", time=now()) as bulk:
        for piece in pieces:                       # about 10,000 acts each, with `bulk.time` in them
            bulk.add(entry_rows, head_rows)
        bulk.seal("ana", now(), body={"created": 1_000_000})

The caller computes what the ledger would else compute in the seal's transaction: ids, and the head that each event will have. The ledger checks that
each event still is as the caller saw it (its heads are the parents of its first act in the batch) and that nobody redacted it meanwhile; otherwise it
folds the event itself. What stands in the ledger has to be read inside the context, not before. Floor 2.

A process that dies leaves what it stored, unseen. The same name goes on from there: the time is the one it began with, so that the same entries have
the same ids, and those that are stored are not stored again. Another name removes it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from eventcoder.clock import stamp
from eventcoder.errors import LedgerError, NotFound, UsageError
from eventcoder.ledger.backend import Store
from eventcoder.ledger.batches import refuse_sealed
from eventcoder.ledger.entry import Entry, from_row, new_entry
from eventcoder.ledger.fold import fold, heads_of
from eventcoder.ledger.folded import Folded
from eventcoder.ledger.heads import head_row, take_rows, write_heads
from eventcoder.ledger.hidden import Range, claim, holds, joined, length, runs, uncover
from eventcoder.ledger.people.permission import refuse_rows, refuse_seal
from eventcoder.ledger.sqlite.layout import EXISTS
from eventcoder.ledger.sweep import abandon
from eventcoder.ledger.work import refresh, unseen_tasks
from eventcoder.ledger.writing import Swaps, insert, known, refuse_undecided

IN_PLACE = 20_000  # heads that are put into the table in use, under the seal's lock (about a second); for more a new table is made,
SHARE = 40  # unless they are less than this part of all heads: to index all of them would hold the ledger longer
_FOLLOWS = "CREATE TEMPORARY TABLE bulk_follows (event_id TEXT PRIMARY KEY, was TEXT NOT NULL)"
_AWAY = "DROP TABLE IF EXISTS bulk_follows"


class Bulk:
    """One bulk import under way; made by `Ledger.bulk`. To be used in the thread that owns the ledger."""

    def __init__(self, store: Store, batch: str, *, coder: str, time: datetime | str) -> None:
        self.batch = batch
        self.time = stamp(time) if isinstance(time, datetime) else time
        self._store = store
        self._coder = coder
        self._open = ExitStack()
        self._mine: list[Range] = []  # what this run brought or found stored, unseen
        self._events = 0
        self._began_at = 0
        self._careful = True
        self._under_way = False

    def __enter__(self) -> Self:
        store = self._store
        if store.readonly:
            raise LedgerError(f"The ledger {store.shown} is open for reading only.", "Open it for writing, or make the project writable.")
        refuse_seal(store, self._coder)
        try:
            self._open.enter_context(store.importing())
            refuse_sealed(store, self.batch)
            self._open.enter_context(store.tuned())
            abandon(store, but=self.batch)
            self._begin()
        except BaseException:
            self._open.close()
            raise
        self._under_way = True
        return self

    def _begin(self) -> None:
        store = self._store
        with store.writing():
            given = (self.batch, self.time, self._coder)
            store.execute("INSERT INTO batches (batch, time, coder) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", given)
            row = store.row("SELECT time FROM batches WHERE batch = ?", (self.batch,))
            self.time = row[0] if row else self.time
            self._began_at = store.reserve(1)
            self._careful = store.row("SELECT 1 FROM hidden LIMIT 1") is not None
            store.staging.begin(store)
        store.execute(_AWAY)
        store.execute(_FOLLOWS)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            # An interrupted import (Ctrl-C) is like a killed one: removing what it stored may take a while, and it can go on from there.
            if self._under_way and (kind is None or issubclass(kind, Exception)):
                self.drop()
        finally:
            self._under_way = False
            self._open.close()

    def add(self, entries: Sequence[tuple[str, ...]], heads: Sequence[tuple[Any, ...]]) -> int:
        """Store one piece (about 10,000 acts), unseen; how many entries were not stored before.

        `entries` are the eight texts of `entry.COLUMNS`, of an event parents before children; `heads` are rows as `heads.head_row` makes them, one
        for each event that acts of this piece are about, as it will stand after them. All acts on an event go into one piece. Raises `UsageError`.
        """
        self._ready()
        store = self._store
        refuse_rows(store, entries, self._coder)
        follows = _followed(entries)
        if len(heads) != len(follows) or follows.keys() != {row[0] for row in heads}:
            raise UsageError("The heads given to a bulk import are not those of its acts.", "Give one head for each event, with all its acts.")
        try:
            here, new, ranges = self._store_unseen(entries)
        except LedgerError as error:
            if self._careful or EXISTS not in str(error):
                raise
            self._careful = True
            here, new, ranges = self._store_unseen(entries)
        if any(visible for _, visible in here.values()):  # somebody else has brought and shown the same
            follows = _followed([row for row in entries if row[0] not in here or not here[row[0]][1]])
            heads = [row for row in heads if row[0] in follows]
        with store.writing():  # a transaction of its own: coders wait for one of two, and what a killed import put aside is not used again
            store.staging.add(store, heads)
        store.flush()
        store.insert_many("bulk_follows", ("event_id", "was"), [(event, was) for event, was in follows.items() if was != "[]"])
        self._mine = joined([*self._mine, *ranges])
        self._events += len(heads)
        return new

    def _store_unseen(self, entries: Sequence[tuple[str, ...]]) -> tuple[dict[str, tuple[int, bool]], int, list[Range]]:
        """Those of `entries` that are stored already (as `known` gives them), how many were not, and the numbers that are this run's now.

        As long as none was found stored the ledger's guard is left to notice it: to ask first costs a tenth of the whole.
        """
        store = self._store
        with store.writing():
            here = known(store, [row[0] for row in entries]) if self._careful else {}
            new = [row for row in entries if row[0] not in here] if here else entries
            ranges = runs(number for number, visible in here.values() if not visible)
            claim(store, self.batch, ranges)
            first = insert(store, new, self.batch)
        store.flush()
        return here, len(new), [*ranges, (first, first + len(new) - 1)] if new else ranges

    def seal(self, coder: str, time: datetime | str, role: str = "coder", body: Mapping[str, Any] | None = None) -> Entry:
        """Make everything that was added visible at once. The seal's body is `body` and `batch` and `entries` (their number).

        Raises `LedgerConflict` that says what changed if an event is not as it was when it was read, and then nothing is visible; `NotFound` if
        nothing was added. What an earlier, killed run of this batch stored and this one did not add again is dropped.
        """
        self._ready()
        if not self._mine:
            raise NotFound(f"Nothing was added to batch '{self.batch}'.", "An import that changes nothing needs no seal.")
        given = {**(body or {}), "batch": self.batch, "entries": length(self._mine)}
        role = refuse_seal(self._store, coder) if role == "coder" else role
        entry = new_entry("seal", self.batch, given, coder=coder, role=role, time=time)
        self._store.durable()
        if self._few() or not self._store.staging.exchange(self._store, self, lambda: self._show(entry)):
            self._store.staging.refuse_twice(self._store)
            with self._store.writing():
                again = [self._folded(event) for event in sorted(self.changed() | self.redacted())]
                take_rows(self._store, self._store.staging.NEW)
                write_heads(self._store, again)
                self._show(entry)
        self._under_way = False
        with suppress(LedgerError):  # it is sealed: what cannot be tidied up now (somebody holds the ledger) the next import or 'doctor' will
            abandon(self._store)
        return entry

    def _few(self) -> bool:
        row = self._store.row("SELECT COUNT(*) FROM heads")
        return self._events <= max(IN_PLACE, row[0] // SHARE if row else 0)

    def _show(self, entry: Entry) -> None:
        """Uncover this run's entries, drop what is left of the batch, and say so (inside a writing transaction)."""
        store = self._store
        if not store.row("SELECT 1 FROM batches WHERE batch = ?", (self.batch,)):
            raise LedgerError(f"Batch '{self.batch}' was dropped while it was under way.", "Run the import again.")
        tasks = unseen_tasks(store)
        uncover(store, self._mine)
        refresh(store, tasks)
        store.execute("UPDATE hidden SET dropped = 1 WHERE batch = ? AND dropped = 0", (self.batch,))
        store.execute("DELETE FROM batches WHERE batch = ?", (self.batch,))
        insert(store, [entry.row()])

    def changed(self) -> set[str]:
        """Events of this batch whose visible heads are not those that its acts follow."""
        rows = self._store.rows(
            f"SELECT n.event_id FROM {self._store.staging.NEW} AS n CROSS JOIN heads AS h LEFT JOIN bulk_follows AS f ON f.event_id = n.event_id "
            "WHERE h.event_id = n.event_id AND h.heads <> COALESCE(f.was, '[]') UNION ALL "
            "SELECT f.event_id FROM bulk_follows AS f WHERE NOT EXISTS (SELECT 1 FROM heads AS h WHERE h.event_id = f.event_id)"
        )
        return {row[0] for row in rows}

    def redacted(self) -> set[str]:
        """Events of which an act was redacted since this import began: a head that was computed before may hold what must go."""
        rows = self._store.rows(
            "SELECT t.subject FROM entries AS r JOIN entries AS t ON t.id = r.subject WHERE r.kind = 'redaction' AND r.seq >= ? AND t.kind = 'act'",
            (self._began_at,),
        )
        return {row[0] for row in rows}

    def head_of(self, event_id: str) -> tuple[Any, ...]:
        return head_row(self._folded(event_id))

    def _folded(self, event_id: str) -> Folded:
        """An event with this run's acts, if it has any, upon what is visible now. Raises `LedgerConflict` if they do not follow."""
        store = self._store
        rows = store.rows(
            "SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body, e.seq FROM entries AS e "
            "WHERE e.kind = 'act' AND e.subject = ? ORDER BY e.seq",
            (event_id,),
        )
        shown = {number for number, visible in known(store, [row[0] for row in rows]).values() if visible}
        visible = [from_row(row) for row in rows if row[8] in shown]
        mine = [from_row(row) for row in rows if row[8] not in shown and holds(self._mine, row[8])]
        swaps, before = Swaps(store), heads_of(visible)
        for act in mine:
            swaps.take(act, before)
        folded = fold([*visible, *mine])
        refuse_undecided(folded, mine)
        return folded

    def drop(self) -> int:
        """Give the import up and remove what it stored; how many entries. Leaving the context without a seal does the same."""
        self._ready()
        self._under_way = False
        return abandon(self._store)

    def _ready(self) -> None:
        if not self._under_way:
            raise UsageError("This bulk import is not under way (any more).", "Use it inside its 'with', before the seal.")


def _followed(entries: Sequence[tuple[str, ...]]) -> dict[str, str]:
    """event -> the heads (canonical text) that its first act here follows."""
    follows: dict[str, str] = {}
    for row in entries:
        if row[1] == "act":
            follows.setdefault(row[2], row[3])
        elif row[1] in ("redaction", "seal"):
            raise UsageError("Redactions and seals cannot go into a batch.")
    return follows
