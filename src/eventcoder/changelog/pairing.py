"""Which rows of two versions belong together, and in which cells they differ, for millions of rows. Floor 3.

Releases stand in canonical order, so that rows which stayed stand in the same order in both. They are paired by their event without any text a
row, and compared column by column in pieces; a piece that is the same byte by byte costs little more than reading it. Tables in another order
are paired by looking ids up.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog.schema import aligned
from eventcoder.dataset.canonical import comparable, sort_rows
from eventcoder.dataset.schemas import SORT_KEYS

PIECE = 262_144  # rows that are compared at a time
SCATTERED = 300_000  # stretches of rows in step from which on it is cheaper to pair by looking each id up
_STEP = 256  # rows that are compared at first after a difference
_FEW = 5  # a table of which more than one row in so many differs may only stand in another order


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows `old_at[i]` of the older and `new_at[i]` of the newer table belong together. `moved` are pairs that are out of step, if any."""

    old: pa.Table
    new: pa.Table
    old_at: Any
    new_at: Any
    moved: Pairs | None = None

    def cells(self) -> Iterator[tuple[str, pa.Table, pa.Table, Any, Any]]:
        """Column name, older and newer table, and their rows that differ in it; columns of the newer table in their order."""
        with ThreadPoolExecutor(2) as threads:  # Arrow filters and compares without holding up Python
            found = list(threads.map(self._differing, self.new.schema))
        for field, at in zip(self.new.schema, found, strict=True):
            if len(at):
                yield field.name, self.old, self.new, self.old_at[at], self.new_at[at]
        if self.moved is not None:
            yield from self.moved.cells()

    def rows(self) -> Any:
        """Rows of the newer table that differ anywhere."""
        found = [new for *_, new in self.cells()]
        return np.unique(np.concatenate(found)) if found else np.array([], np.int64)

    def _differing(self, field: pa.Field) -> Any:
        """The places in `old_at` and `new_at` where this column differs."""
        now = self.new.column(field.name)
        was = self.old.column(field.name) if field.name in self.old.column_names else None
        found = []
        for start in range(0, len(self.new_at), PIECE):
            b = _piece(now, self.new_at[start : start + PIECE])
            if was is None:
                a = aligned(pa.table({"": pa.nulls(len(b))}), pa.schema([field])).column(0)
            else:
                a = _piece(was, self.old_at[start : start + PIECE])
            if not a.equals(b):
                found.append(np.flatnonzero(~np.asarray(equal_cells(a, b))) + start)
        return np.concatenate(found) if found else np.array([], np.int64)


def equal_cells(a: pa.ChunkedArray, b: pa.ChunkedArray) -> pa.Array:
    """Cell by cell: null is equal to null, an empty list to a missing one, a number to itself with noise in its last digits."""
    x, y = comparable(a), comparable(b)
    same = pc.or_(pc.fill_null(pc.equal(x, y), False), pc.and_(pc.is_null(x), pc.is_null(y)))
    if pa.types.is_floating(x.type) and pa.types.is_floating(y.type):
        same = pc.or_(same, pc.fill_null(pc.and_(pc.is_nan(x), pc.is_nan(y)), False))
    return same


@dataclass(frozen=True, slots=True)
class Events:
    """The events of two versions: `pairs` of those in both, the ids that are `gone` and those that `came`."""

    pairs: Pairs
    gone: pa.Array
    came: pa.Array


def event_pairs(old: pa.Table, new: pa.Table) -> Events:
    """Pair the events. Raises `ValueError` for an event without id or an id that stands twice."""
    was, now = (_known(t.column("event_id")) for t in (old, new))
    step = _in_step(was, now)
    if step is None:
        for ids in (was, now):
            _unique(ids)
        at = pc.index_in(now, value_set=was)
        came, gone = now.filter(pc.is_null(at)), was.filter(pc.invert(pc.is_in(was, value_set=now)))
        pairs = Pairs(
            old.combine_chunks(), new.combine_chunks(), np.asarray(at.drop_null()).astype(np.int64), np.flatnonzero(np.asarray(at.is_valid()))
        )
        return Events(pairs, gone, came)
    with ThreadPoolExecutor(1) as beside:
        old_at, new_at = step
        both = was.take(pa.array(old_at))
        paired = beside.submit(_unique, both)
        left_old, left_new = (np.delete(np.arange(len(ids)), at) for ids, at in ((was, old_at), (now, new_at)))
        lone_old, lone_new = was.take(pa.array(left_old)), now.take(pa.array(left_new))
        for lone in (lone_old, lone_new):
            _unique(pa.concat_arrays([lone, both.filter(pc.is_in(both, value_set=lone))]))
        back = pc.index_in(lone_new, value_set=lone_old)
        gone, came = lone_old.filter(pc.invert(pc.is_in(lone_old, value_set=lone_new))), lone_new.filter(pc.is_null(back))
        moved = None
        if len(back) - back.null_count:
            of_old, of_new = left_old[np.asarray(back.drop_null())], left_new[np.asarray(back.is_valid())]
            few = old.take(pa.array(of_old)), new.take(pa.array(of_new))
            moved = Pairs(*few, np.arange(len(of_old)), np.arange(len(of_old)))
        paired.result()
    return Events(Pairs(old, new, old_at, new_at, moved), gone, came)


def _known(ids: pa.ChunkedArray) -> pa.Array:
    if ids.null_count:
        raise ValueError("an event without event_id cannot be compared: every row needs its id")
    return ids.combine_chunks()


def _unique(ids: pa.Array) -> None:
    if pc.count_distinct(ids).as_py() != len(ids):
        double = [e["values"] for e in pc.value_counts(ids).to_pylist() if e["counts"] > 1][:3]
        raise ValueError(f"event_id {', '.join(double)} stands more than once: a key that is not unique cannot be compared")


def touched_ids(name: str, old: pa.Table, new: pa.Table, gone: pa.Array, came: pa.Array) -> pa.Array:
    """Events of which rows of side table `name` may differ, those that went or came left out: all others have the same rows."""
    for again in (False, True):
        if again or not all(_ascending(t.column("event_id")) for t in (old, new)):
            keys = SORT_KEYS.get(name, ())
            old, new = (sort_rows(t, ["event_id", *(k for k in keys if k != "event_id")]) for t in (old, new))
            again = True
        owners = ((t.column("event_id"), ids) for t, ids in ((old, gone), (new, came)))
        stays = [pc.and_not(pc.is_valid(owner), pc.is_in(owner, value_set=ids)) for owner, ids in owners]
        found, rows = _touched(old, new, *(np.flatnonzero(np.asarray(s)) for s in stays))
        if again or rows * _FEW <= new.num_rows:
            break
    return found


def _touched(old: pa.Table, new: pa.Table, old_at: Any, new_at: Any) -> tuple[pa.Array, int]:
    was, now = (_piece(t.column("event_id"), at) for t, at in ((old, old_at), (new, new_at)))
    uneven: list[pa.Array] = []
    if not was.equals(now):
        (ids_old, many_old), (ids_new, many_new) = _groups(was), _groups(now)
        place = pc.index_in(ids_new, value_set=ids_old)
        known = np.asarray(pc.fill_null(place, 0))
        alike = np.asarray(pc.is_valid(place)) & (many_old[known] == many_new if len(many_old) else False)
        kept = np.zeros(len(ids_old), bool)
        kept[known[alike]] = True
        uneven = [ids_old.filter(pa.array(~kept)), ids_new.filter(pa.array(~alike))]
        old_at, new_at = old_at[np.repeat(kept, many_old)], new_at[np.repeat(alike, many_new)]
    rows = Pairs(old, new, old_at, new_at).rows()
    found = pa.chunked_array([*uneven, *picked(new.column("event_id"), rows).chunks], pa.string())
    return pc.unique(found), len(rows)


def _groups(ids: pa.ChunkedArray) -> tuple[pa.Array, Any]:
    """The ids of stretches of equal ids, and how long each is."""
    if not len(ids):
        return pa.array([], pa.string()), np.array([], np.int64)
    other = np.asarray(pc.fill_null(pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1)), True))
    starts = np.concatenate([[0], np.flatnonzero(other) + 1])
    return ids.combine_chunks().take(pa.array(starts)), np.diff(np.append(starts, len(ids)))


def _ascending(ids: pa.ChunkedArray) -> bool:
    return not ids.null_count and bool(pc.all(pc.less_equal(ids.slice(0, max(len(ids) - 1, 0)), ids.slice(1))).as_py() in (True, None))


def picked(column: pa.ChunkedArray, at: Any) -> pa.ChunkedArray:
    """These rows of a column, in this order; from each chunk by itself where they ascend, so that the chunks are not put together."""
    if not len(at) or np.any(at[1:] <= at[:-1]):
        return column.take(pa.array(at))
    pieces, start = [], 0
    for chunk in column.chunks:
        first, last = np.searchsorted(at, (start, start + len(chunk)))
        if last > first:
            pieces.append(chunk.take(pa.array(at[first:last] - start)))
        start += len(chunk)
    return pa.chunked_array(pieces, column.type)


def _piece(column: pa.ChunkedArray, at: Any) -> pa.ChunkedArray:
    """These rows of a column: a slice where they stand together, else copied out of the stretch that they stand in."""
    if not len(at):
        return column.slice(0, 0)
    first, size = int(at[0]), int(at[-1] - at[0]) + 1
    if size < len(at) or (len(at) > 1 and not np.all(at[1:] > at[:-1])):
        return column.take(pa.array(at))
    stretch = column.slice(first, size)
    if size == len(at):
        return stretch
    mask = np.zeros(size, bool)
    mask[at - first] = True
    return stretch.filter(pa.array(mask))


def _in_step(was: pa.Array, now: pa.Array) -> Any:
    """Places of rows with the same id that stand in the same order in both; None where they are too scattered to be followed.

    Both are gone through side by side: as long as the ids are the same in long steps, and where they part the nearest place at which they meet
    again is looked for. What is between is left out (it went, came, or stands elsewhere).
    """
    stretches: list[tuple[int, int, int]] = []
    i = j = 0
    step = _STEP
    while i < len(was) and j < len(now):
        size = min(step, len(was) - i, len(now) - j)
        other = pc.index(pc.equal(was.slice(i, size), now.slice(j, size)), False).as_py()
        same = size if other < 0 else other
        if same:
            stretches.append((i, j, same))
            i, j, step = i + same, j + same, min(step * 2, PIECE)
        if other < 0:
            continue
        step = _STEP
        for reach in (32, 512, 8192):
            there = {text: place for place, text in enumerate(was.slice(i, reach).to_pylist())}
            met = ((there[text] + place, there[text], place) for place, text in enumerate(now.slice(j, reach).to_pylist()) if text in there)
            nearest = min(met, default=None)
            if nearest is not None:
                i, j = i + nearest[1], j + nearest[2]
                break
        else:
            i, j = i + 8192, j + 8192
        if len(stretches) > SCATTERED:
            return None
    paired = sum(size for *_, size in stretches)
    if paired * 2 < min(len(was), len(now)):
        return None
    firsts = np.array(stretches, np.int64).reshape(-1, 3)
    within = np.arange(paired) - np.repeat(np.cumsum(firsts[:, 2]) - firsts[:, 2], firsts[:, 2])
    return tuple(np.repeat(firsts[:, side], firsts[:, 2]) + within for side in (0, 1))
