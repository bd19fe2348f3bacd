"""Batches of a release's events in the columns of a dialect, and a count of what the dialect cannot say. Floor 6.

Every shape gives whole columns of Arrow; no row becomes a Python object, but in `coded`, where distinct values do. What a form cannot carry is
counted in `losses` (sentence -> events) and told by whoever exports; nothing is dropped in silence.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ACTORLESS: Final = "no actor is known, so there is no row"
AREA: Final = "the point stands for a wider area (geo_precision 2 or 3)"
NOWHERE: Final = "no coordinates: the feature has no geometry"
SIDES: Final = (1, 2)
SIDE_COLUMNS: Final = ("actor{}", "assoc_actor_{}", "inter{}")


class Native:
    """All columns as they are."""

    def __init__(self) -> None:
        self.losses: Counter[str] = Counter()

    def shape(self, events: pa.Table) -> pa.Table:
        return events


class Points(Native):
    """All columns; the writer makes a point of the coordinates."""

    def shape(self, events: pa.Table) -> pa.Table:
        placed = pc.and_(pc.is_valid(events.column("latitude")), pc.is_valid(events.column("longitude")))
        self.losses[NOWHERE] += events.num_rows - counted(placed)
        self.losses[AREA] += counted(pc.and_(placed, pc.fill_null(pc.greater(events.column("geo_precision"), 1), False)))
        return events


class Long(Native):
    """Our actor-based form: `event_actors` with the event's columns beside each row. Order: the release's events, then side, role, number.

    Computed from the events, batch by batch, as the table `event_actors` was; whoever exports compares the number of rows with that table.
    """

    def shape(self, events: pa.Table) -> pa.Table:
        pieces = [piece for side in SIDES for piece in (self._actors(events, side), self._associated(events, side))]
        actors = pa.concat_tables(pieces)
        actors = actors.sort_by([("at", "ascending"), ("side", "ascending"), ("role", "ascending"), ("number", "ascending")])
        at = actors.column("at").combine_chunks()
        self.losses[ACTORLESS] += events.num_rows - len(pc.unique(at))
        own = {pattern.format(side) for pattern in SIDE_COLUMNS for side in SIDES}
        kept = [name for name in events.column_names if name not in own and name != "event_id"]
        beside = events.select(["event_id", *kept]).take(at)
        taken = actors.drop_columns(["at"])
        fields = [beside.schema.field("event_id"), *taken.schema]
        columns = [beside.column("event_id"), *taken.columns]
        for name in kept:  # a project's own column may be called 'role'
            field = beside.schema.field(name)
            fields.append(field.with_name(f"event_{name}") if name in taken.column_names else field)
            columns.append(beside.column(name))
        return pa.table(columns, schema=pa.schema(fields, metadata=events.schema.metadata))

    def _actors(self, events: pa.Table, side: int) -> pa.Table:
        names = events.column(f"actor{side}").combine_chunks()
        at = pa.array(np.flatnonzero(pc.is_valid(names).to_numpy(zero_copy_only=False)), pa.int64())
        ones = pa.array(np.ones(len(at)), pa.int64())
        return _piece(at, side, "actor", ones, names.take(at), events.column(f"inter{side}").combine_chunks().take(at))

    def _associated(self, events: pa.Table, side: int) -> pa.Table:
        lists = events.column(f"assoc_actor_{side}").combine_chunks()
        at = pc.list_parent_indices(lists).cast(pa.int64())
        numbers = np.arange(len(at))
        parents = at.to_numpy()
        starts = np.flatnonzero(np.r_[True, parents[1:] != parents[:-1]]) if len(at) else numbers
        first = np.repeat(starts, np.diff(np.r_[starts, len(at)]))
        names = pc.list_flatten(lists).cast(pa.string())
        return _piece(at, side, "associated", pa.array(numbers - first + 1, pa.int64()), names, pa.nulls(len(at), pa.string()))


def _piece(at: pa.Array, side: int, role: str, number: pa.Array, actor: pa.Array, inter: pa.Array) -> pa.Table:
    sides, roles = pa.array(np.full(len(at), side), pa.int64()), pa.array([role], pa.string()).take(pa.array(np.zeros(len(at), dtype=np.int64)))
    return pa.table({"at": at, "side": sides, "role": roles, "number": number, "actor": actor, "inter": inter})


def counted(flags: pa.Array | pa.ChunkedArray) -> int:
    return int(pc.sum(flags).as_py() or 0)
