"""Which entries are stored and not visible: ranges of sequence numbers in the table `hidden`.

An entry is visible if no range covers it. It may lie in several ranges: an import that was dropped, and one that brought the same entry again.
Ranges are pairs (first, last), both included. Floor 2.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from eventcoder.ledger.backend import Store

Range = tuple[int, int]
IN_HIDDEN = "EXISTS (SELECT 1 FROM hidden AS p WHERE p.last_seq >= e.seq AND p.first_seq <= e.seq)"
VISIBLE = f"NOT {IN_HIDDEN}"


def joined(ranges: Iterable[Range]) -> list[Range]:
    """The same numbers in as few ranges as possible, in order."""
    out: list[Range] = []
    for first, last in sorted(ranges):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return out


def runs(numbers: Iterable[int]) -> list[Range]:
    """Single numbers as ranges."""
    return joined((number, number) for number in numbers)


def without(ranges: Iterable[Range], taken: Iterable[Range]) -> list[Range]:
    """The numbers of `ranges` that are not in `taken`."""
    left = list(ranges)
    for start, end in taken:
        cut = []
        for first, last in left:
            if end < first or last < start:
                cut.append((first, last))
                continue
            if first < start:
                cut.append((first, start - 1))
            if end < last:
                cut.append((end + 1, last))
        left = cut
    return left


def holds(ranges: Sequence[Range], number: int) -> bool:
    """Whether a number lies in one of the (joined) ranges."""
    place = bisect_right(ranges, number, key=lambda one: one[0]) - 1
    return place >= 0 and number <= ranges[place][1]


def length(ranges: Iterable[Range]) -> int:
    return sum(last - first + 1 for first, last in ranges)


def ranges_of(store: Store, batch: str) -> list[Range]:
    """What is hidden for a batch that may still be sealed."""
    return joined(store.rows("SELECT first_seq, last_seq FROM hidden WHERE batch = ? AND dropped = 0", (batch,)))


def hide(store: Store, batch: str, first: int, number: int) -> None:
    """Cover `number` entries that are about to be inserted from `first` on (inside a writing transaction)."""
    if number < 1:
        return
    grown = store.execute("UPDATE hidden SET last_seq = ? WHERE batch = ? AND dropped = 0 AND last_seq = ?", (first + number - 1, batch, first - 1))
    if not grown:
        store.execute("INSERT INTO hidden (first_seq, last_seq, batch, dropped) VALUES (?, ?, ?, 0)", (first, first + number - 1, batch))


def claim(store: Store, batch: str, ranges: Iterable[Range]) -> None:
    """Make entries that are stored and hidden members of `batch` too (inside a writing transaction)."""
    wanted = without(ranges, ranges_of(store, batch))
    if not wanted:
        return
    for first, last in store.rows("SELECT DISTINCT first_seq, last_seq FROM hidden ORDER BY first_seq, last_seq"):
        inside = [(max(first, start), min(last, end)) for start, end in wanted if start <= last and end >= first]
        store.executemany("INSERT INTO hidden (first_seq, last_seq, batch, dropped) VALUES (?, ?, ?, 0)", ((*piece, batch) for piece in inside))
        wanted = without(wanted, inside)


def uncover(store: Store, ranges: Sequence[Range], *, dropped: bool = False) -> None:
    """Take numbers out of all ranges: their entries are visible then. With `dropped` only out of ranges of what was dropped."""
    if not ranges:
        return
    which = " AND dropped = 1" if dropped else ""
    low, high = min(first for first, _ in ranges), max(last for _, last in ranges)
    found = store.rows(f"SELECT DISTINCT first_seq, last_seq, batch, dropped FROM hidden WHERE last_seq >= ? AND first_seq <= ?{which}", (low, high))
    for first, last, batch, state in found:
        left = without([(first, last)], ranges)
        if left == [(first, last)]:
            continue
        # what stays is inserted before the old range goes: the guard asks that it be hidden already
        store.executemany("INSERT INTO hidden (first_seq, last_seq, batch, dropped) VALUES (?, ?, ?, ?)", ((*piece, batch, state) for piece in left))
        store.execute("DELETE FROM hidden WHERE first_seq = ? AND last_seq = ? AND batch = ? AND dropped = ?", (first, last, batch, state))


def give_up(store: Store, batch: str) -> int:
    """Mark a batch as dropped (inside a writing transaction); the number of its entries."""
    number = length(ranges_of(store, batch))
    store.execute("UPDATE hidden SET dropped = 1 WHERE batch = ? AND dropped = 0", (batch,))
    store.execute("DELETE FROM batches WHERE batch = ?", (batch,))
    return number
