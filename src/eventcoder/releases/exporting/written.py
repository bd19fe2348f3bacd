"""The shape of a dialect that can be written: its own columns, codes, nulls and rows, as its `[write]` says. Floor 6.

The same data by which `import` reads such tables (`schema/dialects`) say how they are written; nothing about any dataset stands in code here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.codebook import Codebook
from eventcoder.intake.dialects import Write
from eventcoder.releases.exporting.shapes import SIDE_COLUMNS, SIDES, Native, counted

FILLED: Final = "{column} without a value (not reported) is written as {text}, as this dialect does"
CODELESS: Final = "a code of {column} without a counterpart in the code lists is left empty"
SIDELESS: Final = "associated actors of a side without an actor are left out"
DAY: Final = "%d %B %Y"


class Written(Native):
    """Events in the columns of a dialect; with `pairs`, one row for each of the two actors under one id."""

    def __init__(self, write: Write, codebook: Codebook) -> None:
        super().__init__()
        self._write = write
        self._columns = tuple((name, write.names.get(name, name)) for name in write.columns or codebook.names)
        self._codes = {ours: _codes(codebook, codebook.column(ours).list, attribute) for ours, attribute in write.codes.items()}

    def shape(self, events: pa.Table) -> pa.Table:
        if not self._write.pairs:
            return self._table(events)
        second = pc.is_valid(events.column("actor2")).combine_chunks().to_numpy(zero_copy_only=False)
        lonely = pc.and_(pc.is_null(events.column("actor2")), pc.greater(pc.list_value_length(events.column("assoc_actor_2")), 0))
        self.losses[SIDELESS] += counted(lonely)
        event = np.repeat(np.arange(events.num_rows), 1 + second)
        is_second = np.zeros(len(event), dtype=bool)
        is_second[1:] = event[1:] == event[:-1]
        first = self._table(events).take(pa.array(event))
        other = self._table(_turned(events), tell=False).take(pa.array(event))
        for name, ours in self._columns:
            if ours in {pattern.format(SIDES[0]) for pattern in SIDE_COLUMNS}:
                chosen = pc.if_else(pa.array(is_second), other.column(name), first.column(name))
                first = first.set_column(first.column_names.index(name), name, chosen)
        return first

    def _table(self, events: pa.Table, *, tell: bool = True) -> pa.Table:
        columns = [self._column(events, ours, tell) for _, ours in self._columns]
        return pa.table(columns, names=[name for name, _ in self._columns])

    def _column(self, events: pa.Table, ours: str, tell: bool) -> pa.Array:
        write = self._write
        column = events.column(ours).combine_chunks() if ours in events.column_names else pa.nulls(events.num_rows, pa.string())
        if pa.types.is_list(column.type):
            lists = column.cast(pa.list_(pa.string()))
            column = pc.if_else(pc.equal(pc.list_value_length(lists), 0), pa.scalar(None, pa.string()), pc.binary_join(lists, write.separator))
        unknown = pc.is_null(column)
        if ours in self._codes:
            known, theirs = self._codes[ours]
            column = theirs.take(pc.index_in(column, value_set=known))
            if tell:
                self.losses[CODELESS.format(column=ours)] += counted(pc.and_(pc.is_null(column), pc.invert(unknown)))
        if ours in write.values:
            table = write.values[ours]
            found = pc.index_in(column, value_set=pa.array(table, column.type))
            column = pc.coalesce(pa.array(table.values(), pa.string()).take(found), column)
        if pa.types.is_date(column.type) and write.dates != "iso":
            column = pc.strftime(column, DAY)
        if ours in write.nulls:
            filler = pa.scalar(write.nulls[ours]).cast(column.type)
            if tell and ours not in self._codes:
                self.losses[FILLED.format(column=ours, text=write.nulls[ours])] += counted(unknown)
            column = pc.if_else(unknown, filler, column)
        return column


def _turned(events: pa.Table) -> pa.Table:
    """The events with their two sides exchanged."""
    for pattern in SIDE_COLUMNS:
        one, two = (pattern.format(side) for side in SIDES)
        first, second = events.column(one), events.column(two)
        events = events.set_column(events.column_names.index(one), one, second).set_column(events.column_names.index(two), two, first)
    return events


def _codes(codebook: Codebook, name: str, attribute: str) -> tuple[pa.Array, pa.Array]:
    """Codes of a list and what is written for them; whole numbers as such, null for those that have none."""
    codes = codebook.lists[name]
    given = [codes.attribute(code, attribute) for code in codes]
    numeric = all(text.isdigit() for text in given if text)
    theirs = pa.array([int(t) if t else None for t in given], pa.int16()) if numeric else pa.array(given, pa.string())
    return pa.array(codes.codes, pa.string()), theirs
