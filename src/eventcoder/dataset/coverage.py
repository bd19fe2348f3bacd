"""Coverage in weeks: which country, division and week was read from its first day to its last. Floor 3.

Coding weeks run from Saturday to Friday, as in the weekly aggregates of the field. A week counts as covered where every one of its seven days
lies in recorded ranges of the same area, whoever read them and in how many entries; a week that was read in part does not count, because a
zero in it is no zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

WEEK = timedelta(days=7)
REMOVED = "removed"  # key of a record that takes an earlier one of its subject back; its value is the reason
DAY = timedelta(days=1)
Area = tuple[str, str | None]  # country, first-level division (None: the whole country)


def week_of(day: date) -> date:
    """The Saturday on which the coding week of `day` begins."""
    return day - timedelta(days=(day.weekday() - 5) % 7)


def weeks_between(first: date, last: date) -> list[date]:
    """The Saturdays of all weeks from that of `first` to that of `last`, both included; none where `last` lies before `first`."""
    start = week_of(first)
    return [start + n * WEEK for n in range(max(0, (week_of(last) - start).days // 7 + 1))] if last >= first else []


def whole_weeks(ranges: Iterable[tuple[date, date]]) -> list[date]:
    """The Saturdays of the weeks of which every day lies in one of the ranges (first and last day, both included); in order."""
    out: list[date] = []
    begin: date | None = None
    end = date.min
    for since, until in sorted(r for r in ranges if r[0] <= r[1]):
        if begin is not None and since <= end + DAY:
            end = max(end, until)
            continue
        out += _within(begin, end) if begin is not None else []
        begin, end = since, until
    return out + (_within(begin, end) if begin is not None else [])


def _within(first: date, last: date) -> list[date]:
    start = week_of(first)
    start = start if start == first else start + WEEK
    return [start + n * WEEK for n in range(max(0, ((last - start).days + 1) // 7))]


def covered_weeks(rows: Iterable[tuple[str | None, str | None, date | None, date | None]]) -> dict[Area, list[date]]:
    """Covered weeks of each area; `rows` are (country, admin1, since, until), those with a gap in them are left out."""
    ranges: dict[Area, list[tuple[date, date]]] = {}
    for country, admin1, since, until in rows:
        if country and since is not None and until is not None:
            ranges.setdefault((country, admin1 or None), []).append((since, until))
    found = {area: whole_weeks(days) for area, days in ranges.items()}
    return {area: weeks for area, weeks in sorted(found.items(), key=lambda one: (one[0][0], one[0][1] or "")) if weeks}


def coverage_weeks(coverage: pa.Table) -> pa.Table:
    """The weeks that a table `coverage` of a release records as read: `country`, `admin1` (null: the whole country), `week` (its Saturday).

    One row for an area and week, sorted. An area's own entries alone count: a division is not listed for weeks in which the whole country was
    read (whoever joins asks for both).
    """
    import pyarrow as pa

    columns: list[list[Any]] = [coverage.column(name).to_pylist() for name in ("country", "admin1", "since", "until")]
    rows = [(country, admin1, week) for (country, admin1), weeks in covered_weeks(zip(*columns, strict=True)).items() for week in weeks]
    kinds = (("country", pa.string()), ("admin1", pa.string()), ("week", pa.date32()))
    return pa.table({name: pa.array([row[at] for row in rows], kind) for at, (name, kind) in enumerate(kinds)})
