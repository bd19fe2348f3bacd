"""Dates in a column of a table: one reading for the whole column, or none. Floor 5.

ISO days and days with a month's name can be read one by one. Numeric dates (03/04/2020) cannot: they are read as day/month/year only if no cell of
the column contradicts it and at least one (a day after the 12th) proves it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?(?:\.0+)?Z?)?")
_NAMED = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})\.?[ -](\d{4}|\d{2})")
_NUMERIC = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_CENTURY = 69  # two-digit years: 69 to 99 are 1969 to 1999, as in POSIX; no event dataset reaches further back


def date_reader(cells: Iterable[object], formats: Sequence[str]) -> tuple[Callable[[str], str], str | None]:
    """A function that turns a cell into `YYYY-MM-DD` (or leaves it as it is, for the codebook to refuse), and what to tell the user, if anything."""
    numeric = [m for cell in cells if isinstance(cell, str) and (m := _NUMERIC.fullmatch(cell.strip()))] if "numeric" in formats else []
    told: str | None = None
    day_first = False
    if numeric:
        if any(int(m[2]) > 12 for m in numeric):
            told = f"dates such as {numeric[0][0]} are not day/month/year throughout; write them as YYYY-MM-DD"
        elif any(int(m[1]) > 12 for m in numeric):
            day_first = True
        else:
            told = f"dates such as {numeric[0][0]} can be read in two ways; write them as YYYY-MM-DD"

    def read(cell: str) -> str:
        text = cell.strip()
        if m := _ISO.fullmatch(text):
            return f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}"
        if "day-month-year" in formats and (m := _NAMED.fullmatch(text.casefold())):
            month = next((n for n, name in enumerate(_MONTHS, 1) if m[2] in (name, name[:3], name[:4] if name == "september" else name)), None)
            if month:
                year = int(m[3]) if len(m[3]) == 4 else int(m[3]) + (1900 if int(m[3]) >= _CENTURY else 2000)
                return f"{year:04}-{month:02}-{int(m[1]):02}"
        if day_first and (m := _NUMERIC.fullmatch(text)):
            return f"{m[3]}-{int(m[2]):02}-{int(m[1]):02}"
        return cell

    return read, told
