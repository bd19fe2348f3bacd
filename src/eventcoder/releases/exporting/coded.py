"""The shape of a dialect whose codes come from a crosswalk: an event's own facts, then its codes there. Floor 6.

`codes` holds all that certainly apply, `candidates` those of which a person would have to choose, `certain` says whether nothing is left to
decide, `loss` says in sentences what the other scheme cannot say or we do not know. No code is ever invented: where there is none, there is none.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pyarrow as pa

from eventcoder.crosswalks import Crosswalk, Match

OWN: Final = (
    "event_id", "event_id_cnty", "event_date", "time_precision", "country", "admin1", "admin2", "location", "latitude", "longitude",
    "geo_precision", "event_type", "sub_event_type", "actor1", "inter1", "actor2", "inter2", "fatalities", "source",
)  # fmt: skip
COLUMN: Final = "sub_event_type"
REMEMBERED: Final = 50_000  # different combinations of values; beyond it they are worked out anew
OPEN: Final = "several codes are possible: they stand in 'candidates'"
ABSENT: Final = "no code there: 'loss' says why"


class Coded:
    """Events with the codes of one crosswalk's field."""

    def __init__(self, crosswalk: Crosswalk, field: str) -> None:
        self.losses: Counter[str] = Counter()
        self._reads = crosswalk.reads(COLUMN, field)
        self._convert = crosswalk.converter(COLUMN, field)
        self._known: dict[tuple[Any, ...], Match] = {}

    def shape(self, events: pa.Table) -> pa.Table:
        values = [_plain(events, name) for name in self._reads]
        matches = [self._match(row) for row in zip(*values, strict=True)]
        for match in matches:
            if match.candidates:
                self.losses[OPEN] += 1
            elif not match.codes:
                self.losses[ABSENT] += 1
        texts = pa.list_(pa.string())
        table = events.select([name for name in OWN if name in events.column_names])
        table = table.append_column("codes", pa.array([m.codes for m in matches], texts))
        table = table.append_column("candidates", pa.array([m.candidates for m in matches], texts))
        table = table.append_column("certain", pa.array([m.certain for m in matches], pa.bool_()))
        return table.append_column("loss", pa.array([" ".join(m.losses) or None for m in matches], pa.string()))

    def _match(self, row: tuple[Any, ...]) -> Match:
        found = self._known.get(row)
        if found is None:
            found = self._convert(dict(zip(self._reads, row, strict=True)))
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[row] = found
        return found


def _plain(events: pa.Table, name: str) -> list[Any]:
    """A column's values as conditions read them: days as ISO text, lists as tuples."""
    column = events.column(name)
    if pa.types.is_date(column.type):
        column = column.cast(pa.string())
    values: list[Any] = column.to_pylist()
    return [tuple(v) if v else () for v in values] if pa.types.is_list(column.type) else values
