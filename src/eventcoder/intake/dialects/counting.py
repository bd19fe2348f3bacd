"""Whether a column without a name is a count of the rows, as data frames and spreadsheets write it. Floor 5. Imports nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_WHOLE = re.compile(r"([0-9]{1,15})(\.0+)?")


class IndexFacts:
    """Fed with the cells of one column in order. Says yes only to whole numbers that go up by one from wherever, and to nothing but blanks.

    Rows that could not be read are missing from the cells: `skip` tells of them, and the count may leave out as many numbers there.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._blank = False
        self._broken = False
        self._missing = 0

    def add(self, cells: Iterable[Any]) -> None:
        for cell in cells:
            if self._broken:
                return
            number = _number(cell)
            if number is None:
                self._blank = self._blank or _is_blank(cell)
                self._broken = not _is_blank(cell) or self._last is not None
                continue
            fits = self._last is None or self._last < number <= self._last + 1 + self._missing
            self._broken = self._blank or not fits
            if self._last is not None and fits:
                self._missing -= number - self._last - 1
            self._last = number

    def skip(self, rows: int) -> None:
        """So many rows stand here that could not be read."""
        self._missing += rows

    @property
    def counting(self) -> bool:
        return not self._broken


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _number(cell: Any) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int):
        return cell if cell >= 0 else None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and cell >= 0 else None
    found = _WHOLE.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return int(found[1]) if found else None
