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

from eventcoder.codebook import Codebook
from eventcoder.releases.acled import acled_table

UNREPORTED: Final = "fatalities that nobody reported are written as 0, as ACLED does"
SIDELESS: Final = "associated actors of a side without an actor are left out"
ACTORLESS: Final = "no actor is known, so there is no row"
NUMBERLESS: Final = "an actor type or interaction without a number in the code lists is left empty"
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
        self.losses[NOWHERE] += events.num_rows - _count(placed)
        self.losses[AREA] += _count(pc.and_(placed, pc.fill_null(pc.greater(events.column("geo_precision"), 1), False)))
        return events


class Acled(Native):
    """The 31 columns."""

    def shape(self, events: pa.Table) -> pa.Table:
        self.losses[UNREPORTED] += events.column("fatalities").null_count
        return acled_table(events)


class NumericAcled(Acled):
    """The 31 columns with numbers in inter1, inter2 and interaction, 0 in inter2 where there is no second actor, as files until 2023 have them."""

    def __init__(self, codebook: Codebook) -> None:
        super().__init__()
        self._numbers = {name: _numbers(codebook, codebook.column(name).list) for name in ("inter1", "inter2", "interaction")}

    def shape(self, events: pa.Table) -> pa.Table:
        table = super().shape(events)
        alone = pc.is_null(table.column("actor2"))
        missing = pa.array(np.zeros(table.num_rows, dtype=bool))
        for name, (codes, numbers) in self._numbers.items():
            at = table.column_names.index(name)
            found = numbers.take(pc.index_in(table.column(name).combine_chunks(), value_set=codes))
            if name == "inter2":
                found = pc.if_else(pc.and_(alone, pc.is_null(table.column(name))), pa.scalar(0, pa.int16()), found)
                found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
            missing = pc.or_(missing, pc.and_(pc.is_null(found), pc.is_valid(table.column(name)).combine_chunks()))
            table = table.set_column(at, name, found)
        self.losses[NUMBERLESS] += _count(missing)
        return table


class Monadic(Acled):
    """ACLED's actor-based form: one row for actor 1 and, where there is one, one for actor 2 under the same id; the columns of a second actor go."""

    def shape(self, events: pa.Table) -> pa.Table:
        table = super().shape(events)
        second = pc.is_valid(table.column("actor2")).combine_chunks().to_numpy(zero_copy_only=False)
        lonely = pc.and_(pc.is_null(table.column("actor2")), pc.is_valid(table.column("assoc_actor_2")))
        self.losses[SIDELESS] += _count(lonely)
        event = np.repeat(np.arange(table.num_rows), 1 + second)
        is_second = np.zeros(len(event), dtype=bool)
        is_second[1:] = event[1:] == event[:-1]
        rows = table.take(pa.array(event))
        for pattern in SIDE_COLUMNS:
            first, other = (pattern.format(side) for side in SIDES)
            chosen = pc.if_else(pa.array(is_second), rows.column(other), rows.column(first))
            rows = rows.set_column(rows.column_names.index(first), first, chosen).drop_columns([other])
        return rows


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


def _numbers(codebook: Codebook, name: str) -> tuple[pa.Array, pa.Array]:
    """Codes of a list and their numbers, null for those that have none."""
    codes = codebook.lists[name]
    given = [codes.attribute(code, "number") for code in codes]
    return pa.array(codes.codes, pa.string()), pa.array([int(n) if n and n.isdigit() else None for n in given], pa.int16())


def _count(flags: pa.Array | pa.ChunkedArray) -> int:
    return int(pc.sum(flags).as_py() or 0)
