"""Bulk imports: entries go in by short transactions, invisible, and one seal makes all of them visible.

Which entries are invisible stands in ranges of their numbers (`hidden`), not in the entries, so that these never change. A killed import leaves an
unsealed batch that nobody sees; running it again under the same name goes on, under another name begins anew (the entries' ids make both safe).
For very many entries `bulk` does the same without folding what it is given. Floor 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from eventcoder.errors import LedgerError, NotFound, UsageError
from eventcoder.ledger.backend import Store
from eventcoder.ledger.entry import Entry, from_row, new_entry
from eventcoder.ledger.fold import fold, heads_of
from eventcoder.ledger.folded import Folded
from eventcoder.ledger.heads import stage_heads, take_staged
from eventcoder.ledger.hidden import IN_HIDDEN, claim, give_up, length, ranges_of, runs, uncover
from eventcoder.ledger.people.permission import refuse_entries, refuse_seal
from eventcoder.ledger.sweep import sweep
from eventcoder.ledger.work import refresh, unseen_tasks
from eventcoder.ledger.writing import Swaps, insert, known, refuse_undecided

_MINE = "EXISTS (SELECT 1 FROM hidden AS q WHERE q.last_seq >= e.seq AND q.first_seq <= e.seq AND q.batch = ? AND q.dropped = 0)"
# The few ranges come first, their entries then by number: joined the other way round, all acts there are would be looked at.
_EVENTS = (
    "SELECT b.subject FROM hidden AS q CROSS JOIN entries AS b WHERE q.batch = ? AND q.dropped = 0 "
    "AND b.seq BETWEEN q.first_seq AND q.last_seq AND b.kind = 'act'"
)


def append(store: Store, entries: Sequence[Entry], batch: str) -> list[Entry]:
    """Store one part of a batch, invisible; the entries that were not here."""
    if any(entry.kind in ("redaction", "seal") for entry in entries):
        raise UsageError("Redactions and seals cannot go into a batch.")
    with store.writing():
        refuse_sealed(store, batch)
        here = known(store, [entry.id for entry in entries])
        new = list({entry.id: entry for entry in entries if entry.id not in here}.values())
        refuse_entries(store, new)
        claim(store, batch, runs(seq for seq, visible in here.values() if not visible))
        insert(store, [entry.row() for entry in new], batch)
    return new


def refuse_sealed(store: Store, batch: str) -> None:
    """Raise `LedgerError` if a batch of this name has been made visible."""
    if store.row("SELECT 1 FROM entries WHERE kind = 'seal' AND subject = ?", (batch,)):
        raise LedgerError(f"Batch '{batch}' is sealed.", "Give this import another batch name.")


def seal(store: Store, batch: str, *, coder: str, role: str, time: datetime | str) -> Entry:
    """What `Ledger.seal` does."""
    with store.reading():  # folding takes longest and locks nobody out: its result is put aside, and taken only if it still holds
        before = _state(store, batch)
        stage_heads(store, _folded(store, batch))
    with store.writing():
        role = refuse_seal(store, coder, ranges_of(store, batch)) if role == "coder" else role
        if _state(store, batch) != before:
            stage_heads(store, _folded(store, batch))
        number = _state(store, batch)[1]
        take_staged(store)
        entry = new_entry("seal", batch, {"batch": batch, "entries": number}, coder=coder, role=role, time=time)
        tasks = unseen_tasks(store)
        uncover(store, ranges_of(store, batch))
        refresh(store, tasks)
        store.execute("DELETE FROM batches WHERE batch = ?", (batch,))
        insert(store, [entry.row()])
    return entry


def _state(store: Store, batch: str) -> tuple[int, int, int]:
    """(last entry that bears on the batch's events, entries of the batch, how many bear on them): while all stay, its folds hold.

    On a server the last one to be stored may have a smaller number than another. Raises `NotFound` for no such batch.
    """
    number = length(ranges_of(store, batch))
    if not number:
        raise NotFound(f"There is no unsealed batch '{batch}'.", "Run 'eventcoder doctor' to see unsealed batches.")
    changed = store.row(
        "SELECT COALESCE(MAX(e.seq), 0), COUNT(*) FROM entries AS e WHERE e.kind IN ('redaction', 'seal') "
        f"OR (e.kind = 'act' AND e.subject IN ({_EVENTS}))",
        (batch,),
    )
    return (changed[0], number, changed[1]) if changed else (0, number, 0)


def _folded(store: Store, batch: str) -> Iterator[Folded]:
    """The batch's events with its acts upon them. Raises `LedgerConflict` for acts that do not follow what is visible now."""
    rows = store.each(
        f"SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body, {IN_HIDDEN} AS unseen, {_MINE} AS mine FROM entries AS e "
        f"WHERE e.kind = 'act' AND e.subject IN ({_EVENTS}) ORDER BY e.subject, e.seq",
        (batch, batch),
    )
    for _, group in groupby(rows, key=lambda row: row[2]):
        visible: list[Entry] = []
        mine: list[Entry] = []
        for row in group:
            if row[9] or not row[8]:  # not those of other batches
                (mine if row[9] else visible).append(from_row(row))
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
        number = give_up(store, batch)
    sweep(store)
    return number


def unsealed(store: Store) -> dict[str, int]:
    """What `Ledger.unsealed` does."""
    names = store.rows("SELECT DISTINCT batch FROM hidden WHERE dropped = 0 ORDER BY batch")
    return {batch: length(ranges_of(store, batch)) for (batch,) in names}
