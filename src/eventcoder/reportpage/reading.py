"""Coverage by country and period: what was found where somebody read, and what a blank means elsewhere. Floor 5.

A 0 stands only where records say that the whole country was read on every day of the period; where nobody read, or only a part of the country or
of the period was, the absence of events means little (T36) and no figure is shown for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from eventcoder.reportpage.periods import Periods, between

if TYPE_CHECKING:
    import pyarrow as pa

WEEKS, YEARS, COUNTRIES = 26, 30, 30  # columns and rows that a page has room for
READ, PART, UNREAD = "read", "part", "unread"
DAY = timedelta(days=1)
Ranges = list[tuple[date, date]]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Countries by periods; a cell is how far the period was read (`READ`, `PART`, `UNREAD`) and the events in it (None: no figure)."""

    periods: Periods
    rows: list[tuple[str, list[tuple[str, int | None]]]]
    further: int  # countries for which there was no room


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the records of reading come to. `through` is the last day up to which something was read."""

    through: date | None
    countries: int
    matrices: list[Matrix]


def coverage(
    table: pa.Table | None, weeks: Mapping[tuple[str, date], int], years: Mapping[tuple[str, date], int], only: Collection[str] | None = None
) -> Coverage:
    """`table` is the release's table `coverage`; `weeks` and `years` are events by country and first day of the period; `only` these countries."""
    whole, partly = _ranges(table, only)
    ends = [until for ranges in (*whole.values(), *partly.values()) for _, until in ranges]
    if not ends:
        return Coverage(None, 0, [])
    totals: dict[str, int] = {}
    for (country, _), n in weeks.items():
        totals[country] = totals.get(country, 0) + n
    known = {*whole, *partly}
    names = sorted({*totals, *known}, key=lambda c: (c not in known, -totals.get(c, 0), c))  # what is said of reading comes first
    days = [day for _, day in weeks]
    first = min([*days, *(since for ranges in (*whole.values(), *partly.values()) for since, _ in ranges)])
    last = max([*days, *ends])
    matrices = []
    for unit, most, found in (("week", WEEKS, weeks), ("year", YEARS, years)):
        if unit == "year" and (last - first).days < 7 * WEEKS:
            continue
        periods = between(first, last, unit)
        periods = Periods(unit, periods.starts[-most:])
        rows = [(name, _cells(name, periods, last, whole.get(name, []), partly.get(name, []), found)) for name in names[:COUNTRIES]]
        matrices.append(Matrix(periods, rows, max(0, len(names) - COUNTRIES)))
    return Coverage(max(ends), len({*whole, *partly}), matrices)


def _cells(
    name: str, periods: Periods, last: date, whole: Ranges, partly: Ranges, found: Mapping[tuple[str, date], int]
) -> list[tuple[str, int | None]]:
    cells: list[tuple[str, int | None]] = []
    for start, after in zip(periods.starts, periods.ends(), strict=True):
        end = after - DAY if periods.unit == "week" else min(after - DAY, last)  # a running year is read as far as it has gone
        n = found.get((name, start))
        if any(since <= start and end <= until for since, until in whole):
            cells.append((READ, n or 0))
        elif any(since <= end and start <= until for since, until in (*whole, *partly)):
            cells.append((PART, n))
        else:
            cells.append((UNREAD, n))
    return cells


def _ranges(table: pa.Table | None, only: Collection[str] | None) -> tuple[dict[str, Ranges], dict[str, Ranges]]:
    """Days read, by country: of whole countries (joined where they touch), and of divisions."""
    whole: dict[str, Ranges] = {}
    partly: dict[str, Ranges] = {}
    if table is None:
        return whole, partly
    columns = [table.column(name).to_pylist() for name in ("country", "admin1", "since", "until")]
    for country, admin1, since, until in zip(*columns, strict=True):
        if country and since and until and since <= until and (only is None or country in only):
            (partly if admin1 else whole).setdefault(country, []).append((since, until))
    return {name: _joined(ranges) for name, ranges in whole.items()}, partly


def _joined(ranges: Ranges) -> Ranges:
    out: Ranges = []
    for since, until in sorted(ranges):
        if out and since <= out[-1][1] + DAY:
            out[-1] = (out[-1][0], max(out[-1][1], until))
        else:
            out.append((since, until))
    return out
