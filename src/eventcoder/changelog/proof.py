"""Whether previous + changes = this, for tables of millions of rows. Floor 3.

`replay.apply` builds the newer tables and sorts them, which takes minutes and twice the memory for millions of events of which a few changed.
Here only the rows that the changes name are replayed; all others must be the same rows in the same order in both versions, which is told column
by column. Where that does not show the tables to be equal (they differ, or the older one has another order), `apply` decides: the verdict is
always its verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog.replay import apply, new_tables
from eventcoder.changelog.schema import BEGINNINGS, ENDINGS, OPS, aligned, recast
from eventcoder.dataset.canonical import canonical_table, conform, in_order
from eventcoder.dataset.schemas import EVENTS, SORT_KEYS
from eventcoder.errors import ReleaseError

# Rows of a table from which on it is worth while to leave the untouched ones out. Below it, replaying everything takes no time.
MANY = 50_000
PIECE = 262_144  # rows that are compared at a time


def misreplayed(old: Mapping[str, pa.Table], changes: pa.Table, new: Mapping[str, pa.Table], *, many: int = MANY) -> list[str]:
    """Names of the tables of `new` that the older tables and the changes do not give.

    `old` may be lazy: each of its tables is asked for once and not kept. Raises `ReleaseError` when the changes do not fit `old`, or speak of
    operations or new events that are not there.
    """
    strange = pc.unique(changes.column("op")).filter(pc.invert(pc.is_in(pc.unique(changes.column("op")), value_set=pa.array(OPS))))
    if len(strange):
        raise ReleaseError(f"The changes hold an operation {strange[0].as_py()!r} that is not known.", "Fetch the release again.")
    came, gone = (_ids(changes, pc.is_in(changes.column("op"), value_set=pa.array(ops))) for ops in (BEGINNINGS, ENDINGS))
    if EVENTS in new:
        lost = came.filter(pc.invert(pc.is_in(came, value_set=new[EVENTS].column("event_id").combine_chunks())))
        if len(lost):
            raise ReleaseError(f"The changes name {lost[0].as_py()} as new, which is not among the events.", "Fetch the release again.")
    whole = pc.is_in(changes.column("op"), value_set=pa.array((*BEGINNINGS, *ENDINGS)))
    wrong = []
    fresh = new_tables(changes, old)
    for name, table in new.items():
        if name in fresh:
            if not canonical_table(name, table, table.schema).equals(table):
                wrong.append(name)
            continue
        before = {name: old[name]} if name in old else {}
        its = changes.filter(pc.or_(whole, pc.fill_null(pc.equal(changes.column("table"), name), False)))
        proven = table.num_rows >= many and _proven(before, name, its, table, came, gone)
        if not proven and not apply(before, its, {name: table})[name].equals(table):
            wrong.append(name)
    return wrong


def _ids(changes: pa.Table, mask: pa.ChunkedArray) -> pa.Array:
    return changes.filter(mask).column("event_id").combine_chunks().unique()


def _proven(before: Mapping[str, pa.Table], name: str, changes: pa.Table, new: pa.Table, came: pa.Array, gone: pa.Array) -> bool:
    """Whether the touched rows replay and all others are the same; False: not told."""
    if "event_id" not in new.column_names:
        return False
    first = [k for k in SORT_KEYS.get(name, ()) if k in new.column_names]
    if not in_order(new, [*first, *sorted(set(new.column_names) - set(first))]) or not _settled(new):
        return False
    old = before.get(name, new.slice(0, 0))
    if "event_id" not in old.column_names or old.schema.field("event_id").type != pa.string():
        return False
    old = recast(old, new.schema)  # whether a column fits another type is told from all of it
    named = _ids(changes, pc.invert(pc.is_in(changes.column("op"), value_set=pa.array((*BEGINNINGS, *ENDINGS)))))
    was_named, is_named = (pc.is_in(t.column("event_id"), value_set=named) for t in (old, new))
    touched = new.filter(is_named)
    if not apply({name: old.filter(was_named)}, changes, {name: touched})[name].equals(touched):
        return False
    stayed = pc.invert(pc.or_(was_named, pc.is_in(old.column("event_id"), value_set=gone)))
    stays = pc.invert(pc.or_(is_named, pc.is_in(new.column("event_id"), value_set=came)))
    kept = pc.sum(stays).as_py() or 0  # the sum of no row is null: a first version has an empty one before it
    if (pc.sum(stayed).as_py() or 0) != kept:
        return False

    def same(field: pa.Field) -> bool:
        now = new.column(field.name)
        if field.name not in old.column_names:
            empty = conform(pa.table({"": pa.nulls(kept)}), pa.schema([field])).column(0)
            return bool(empty.equals(now.filter(stays)))
        was = old.column(field.name)
        if was.type != field.type or _formed(field):
            return bool(aligned(old.select([field.name]).filter(stayed), pa.schema([field])).column(0).equals(now.filter(stays)))
        return all(was.slice(*a).filter(stayed.slice(*a)).equals(now.slice(*b).filter(stays.slice(*b))) for a, b in spans)

    spans = list(zip(_spans(stayed), _spans(stays), strict=True))
    with ThreadPoolExecutor(2) as threads:  # Arrow filters and compares without holding up Python
        return all(threads.map(same, new.schema))


def _spans(mask: pa.ChunkedArray) -> list[tuple[int, int]]:
    """Stretches (first row, rows) that hold `PIECE` chosen rows each: a column of gigabytes is never filtered as a whole."""
    chosen = np.flatnonzero(np.asarray(mask))
    starts = range(0, len(chosen), PIECE)
    return [(int(chosen[at]), int(chosen[min(at + PIECE, len(chosen)) - 1] - chosen[at] + 1)) for at in starts]


def _formed(field: pa.Field) -> bool:
    """Whether the column has a form to keep: rounded numbers, no null for an empty list."""
    return bool(pa.types.is_floating(field.type) or pa.types.is_list(field.type))


def _settled(table: pa.Table) -> bool:
    """Whether such columns have their canonical form already."""
    formed = [f for f in table.schema if _formed(f)]
    return all(conform(table.select([f.name]), pa.schema([f])).column(0).equals(table.column(f.name)) for f in formed)
