"""Bulk imports: entries go in by short transactions, invisible, and one seal makes all of them visible.

Which entries are invisible stands in the table `pending`, not in the entries, so that these never change. A killed import leaves an unsealed
batch that nobody sees; running it again under the same name goes on, under another name begins anew (the entries' ids make both safe).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from eventcoder.errors import LedgerError, NotFound, UsageError
from eventcoder.ledger.entry import Entry, from_row, new_entry
from eventcoder.ledger.fold import fold, heads_of
from eventcoder.ledger.folded import Folded
from eventcoder.ledger.heads import stage_heads, take_staged
from eventcoder.ledger.sqlite import Store
from eventcoder.ledger.writing import Swaps, insert, known, refuse_undecided


def append(store: Store, entries: Sequence[Entry], batch: str) -> list[Entry]:
    """Store one part of a batch, invisible; the entries that were not here."""
    if any(entry.kind in ("redaction", "seal") for entry in entries):
        raise UsageError("Redactions and seals cannot go into a batch.")
    with store.writing():
        if store.row("SELECT 1 FROM entries WHERE kind = 'seal' AND subject = ?", (batch,)):
            raise LedgerError(f"Batch '{batch}' is sealed.", "Give this import another batch name.")
        here = known(store, [entry.id for entry in entries])
        new = list({entry.id: entry for entry in entries if entry.id not in here}.values())
        sequence = [*insert(store, [entry.row() for entry in new], batch), *(seq for seq, visible in here.values() if not visible)]
        store.executemany(
            "INSERT INTO pending (seq, batch) VALUES (?, ?) ON CONFLICT (seq, batch) DO UPDATE SET dropped = 0", ((seq, batch) for seq in sequence)
        )
    return new


def seal(store: Store, batch: str, *, coder: str, role: str, time: datetime | str) -> Entry:
    """What `Ledger.seal` does."""
    with store.reading():  # folding takes longest and locks nobody out: its result is put aside, and taken only if it still holds
        before = _state(store, batch)
        stage_heads(store, _folded(store, batch))
    with store.writing():
        if _state(store, batch) != before:
            stage_heads(store, _folded(store, batch))
        number = _state(store, batch)[1]
        take_staged(store)
        entry = new_entry("seal", batch, {"batch": batch, "entries": number}, coder=coder, role=role, time=time)
        store.execute("DELETE FROM pending WHERE seq IN (SELECT seq FROM pending WHERE batch = ? AND dropped = 0)", (batch,))
        insert(store, [entry.row()])
    return entry


def _state(store: Store, batch: str) -> tuple[int, int]:
    """(last entry that bears on the batch's events, entries of the batch): while both stay, its folds hold. Raises `NotFound` for no such batch."""
    number = store.row("SELECT COUNT(*) FROM pending WHERE batch = ? AND dropped = 0", (batch,))
    if number is None or not number[0]:
        raise NotFound(f"There is no unsealed batch '{batch}'.", "Run 'eventcoder doctor' to see unsealed batches.")
    changed = store.row(
        "SELECT COALESCE(MAX(e.seq), 0) FROM entries AS e WHERE e.kind IN ('redaction', 'seal') OR (e.kind = 'act' AND e.subject IN "
        "(SELECT b.subject FROM pending AS q JOIN entries AS b ON b.seq = q.seq WHERE q.batch = ? AND q.dropped = 0 AND b.kind = 'act'))",
        (batch,),
    )
    return (changed[0] if changed else 0, number[0])


def _folded(store: Store, batch: str) -> Iterator[Folded]:
    """The batch's events with its acts upon them. Raises `LedgerConflict` for acts that do not follow what is visible now."""
    rows = store.each(
        "SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body, "
        "EXISTS (SELECT 1 FROM pending AS p WHERE p.seq = e.seq AND p.batch = ? AND p.dropped = 0) AS mine "
        "FROM entries AS e WHERE e.kind = 'act' AND e.subject IN "
        "(SELECT b.subject FROM pending AS q JOIN entries AS b ON b.seq = q.seq WHERE q.batch = ? AND q.dropped = 0 AND b.kind = 'act') "
        "AND (NOT EXISTS (SELECT 1 FROM pending AS p WHERE p.seq = e.seq) "
        "OR EXISTS (SELECT 1 FROM pending AS p WHERE p.seq = e.seq AND p.batch = ? AND p.dropped = 0)) ORDER BY e.subject, e.seq",
        (batch, batch, batch),
    )
    for _, group in groupby(rows, key=lambda row: row[2]):
        visible: list[Entry] = []
        mine: list[Entry] = []
        for row in group:
            (mine if row[8] else visible).append(from_row(row))
        swaps = Swaps(store)
        before = heads_of(visible)
        for act in mine:
            swaps.take(act, before)
        folded = fold([*visible, *mine])
        refuse_undecided(folded, mine)
        yield folded


def drop(store: Store, batch: str) -> int:
    """What `Ledger.drop` does."""
    with store.writing():
        return store.execute("UPDATE pending SET dropped = 1 WHERE batch = ? AND dropped = 0", (batch,))


def unsealed(store: Store) -> dict[str, int]:
    """What `Ledger.unsealed` does."""
    return dict(store.rows("SELECT batch, COUNT(*) FROM pending WHERE dropped = 0 GROUP BY batch ORDER BY batch"))
