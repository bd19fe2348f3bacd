"""The first pass over a sheet: what can only be said of whole columns, and which ids come back. Floor 5.

How a column writes its days, which edition of a format a file is, whether a row's id stands again a million rows later: all of this must be known
before the first row is read for good. The pass keeps little: up to `DISTINCT` texts a column, and 8 bytes a row for its id.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventcoder.intake.dates import DateFacts
from eventcoder.intake.dialects import IndexFacts
from eventcoder.intake.formats import Piece, Sheet
from eventcoder.intake.reading import cell_text, folded, natural_key

DISTINCT = 5_000
PIECE = 10_000


class Repeats:
    """Which ids occur several times, found by their hashes (a chance meeting of two only holds their rows back until both were read)."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._several: dict[int, int] = {}

    def add(self, identities: Sequence[str]) -> None:
        self._hashes.extend([hash(folded(i)) for i in identities if i])

    def close(self) -> None:
        """No more will come: count."""
        import numpy as np

        found, times = np.unique(np.frombuffer(self._hashes, np.int64) if self._hashes else np.empty(0, np.int64), return_counts=True)
        several = times > 1
        self._several = dict(zip(found[several].tolist(), times[several].tolist(), strict=True))
        self._hashes = array("q")

    def __bool__(self) -> bool:
        return bool(self._several)

    def times(self, identity: str) -> int:
        """How often an id occurs if it does so more than once, else 0."""
        return self._several.get(hash(folded(identity)), 0) if self._several else 0


@dataclass(frozen=True, slots=True)
class Places:
    """Which columns are looked at, and for what. `ids` are those of our own ids, the stronger first; `natural` those of another dataset's id."""

    days: Mapping[int, int | None]  # column of days -> column of the rows' own year
    distinct: Sequence[int]
    index: Sequence[int]
    ids: Sequence[int]
    natural: Sequence[int]


class SheetSurvey:
    """What the first pass saw. Columns go by their place."""

    def __init__(self, places: Places, facts: Callable[[], DateFacts]) -> None:
        self.rows = 0
        self.repeats = Repeats()
        self._places = places
        self._distinct: dict[int, set[str] | None] = {place: set() for place in places.distinct}
        self._dates = {place: facts() for place in places.days}
        self._index = {place: IndexFacts() for place in places.index}

    def distinct(self, place: int) -> frozenset[str] | None:
        """The texts of a column, stripped; None if they are more than `DISTINCT`."""
        known = self._distinct[place]
        return None if known is None else frozenset(known)

    def dates(self, place: int) -> DateFacts:
        """How a column writes its days."""
        return self._dates[place]

    def counting(self, place: int) -> bool:
        """Whether a column without a name only counts the rows."""
        return self._index[place].counting

    def add(self, piece: Piece) -> None:
        """Look at some more rows."""
        self.rows += len(piece)
        for place, index in self._index.items():
            index.add([row[place] for row in piece.rows])
            index.skip(len(piece.faults))
        if not piece.rows:
            return
        columns = list(zip(*piece.rows, strict=True))
        for place, known in self._distinct.items():
            if known is not None:
                known.update(map(cell_text, _once(columns[place])))
                if len(known) > DISTINCT:
                    self._distinct[place] = None
        for place, year in self._places.days.items():
            self._dates[place].add(columns[place], columns[year] if year is not None else None)
        self.repeats.add(_identities(columns, self._places.ids, self._places.natural, len(piece.rows)))


def survey(sheet: Sheet, places: Places, facts: Callable[[], DateFacts], progress: Callable[[int, float], None]) -> SheetSurvey:
    """Go through the whole sheet once."""
    seen = SheetSurvey(places, facts)
    for piece in sheet.pieces(PIECE):
        seen.add(piece)
        progress(seen.rows, sheet.done)
    seen.repeats.close()
    return seen


def _once(cells: Sequence[Any]) -> Iterable[Any]:
    """The distinct cells; lists (of JSON) cannot be told apart so cheaply and all come."""
    try:
        return set(cells)
    except TypeError:
        return cells


def _identities(columns: Sequence[Sequence[Any]], ids: Sequence[int], natural: Sequence[int], length: int) -> list[str]:
    found = [""] * length
    for place in ids:
        found = [known or cell_text(cell) for known, cell in zip(found, columns[place], strict=True)]
    if natural:
        found = [known or natural_key(row) for known, row in zip(found, zip(*(columns[p] for p in natural), strict=True), strict=True)]
    return found
