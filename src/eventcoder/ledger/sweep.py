"""Removing what was dropped: entries of imports that were given up or killed were never facts, and need not stay in the file.

Short transactions, so that coders go on. Each piece leaves its numbers in `gaps`, in the transaction that removes it. Floor 2.
"""

from __future__ import annotations

from eventcoder.ledger.backend import Store
from eventcoder.ledger.hidden import Range, give_up, joined, uncover, without

CHUNK = 10_000


def sweep(store: Store) -> int:
    """Remove dropped entries that no open batch has; how many they were."""
    removed = 0
    while True:
        with store.writing():
            piece = _next(store)
            if piece is None:
                break
            first, last, batch = piece
            removed += store.remove_entries(first, last)
            if not store.execute("UPDATE gaps SET last_seq = ? WHERE last_seq = ? AND batch = ?", (last, first - 1, batch)):
                store.execute("INSERT INTO gaps (first_seq, last_seq, batch) VALUES (?, ?, ?)", (first, last, batch))
            uncover(store, [(first, last)], dropped=True)
        store.flush()
    return removed


def _next(store: Store) -> tuple[int, int, str] | None:
    """The next numbers to sweep: of one dropped range, and in no open one."""
    open_ranges: list[Range] = joined(store.rows("SELECT first_seq, last_seq FROM hidden WHERE dropped = 0"))
    for first, last, batch in store.rows("SELECT first_seq, last_seq, batch FROM hidden WHERE dropped = 1 ORDER BY first_seq"):
        for start, end in without([(first, last)], open_ranges):
            return start, min(end, start + CHUNK - 1), batch
    return None


def abandon(store: Store, but: str | None = None) -> int:
    """Give up imports that were killed, except the one named `but`, and remove what they left. To be called by the holder of the import lock only:
    an import that is at work has it. Batches of `Ledger.append`, which has no lock, are left alone. The number of entries removed."""
    store.staging.clear(store)
    for (batch,) in store.rows("SELECT batch FROM batches ORDER BY batch"):
        if batch != but:
            with store.writing():
                give_up(store, batch)
    removed = sweep(store)
    if removed:
        store.shrink()
    return removed
