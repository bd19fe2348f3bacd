"""What was read, by area and period: the days of each period that coverage records. Floor 7.

A country counts as read on a day where an entry for the whole country has the day; a division where one for it or for its country has. Entries for
some divisions never make a whole country, because nobody said that there are no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.analysis.inputs import columns_of, frame_of, side_table
from eventcoder.analysis.periods import day_numbers
from eventcoder.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from eventcoder.analysis.periods import Days

Area = tuple[str | None, ...]
Range = tuple[int, int]  # first day, and the day after the last
WEEK = 7


@dataclass(frozen=True)
class Covered:
    """Ranges of days, merged and in order, of each (country, division); the division is None for entries of the whole country."""

    ranges: Mapping[tuple[str, str | None], tuple[Range, ...]]

    def areas(self, level: str) -> list[Area]:
        """The countries, or the divisions, that have entries of their own. Finer places have none."""
        if level == "country":
            return [(country,) for country, division in self.ranges if division is None]
        return [(country, division) for country, division in self.ranges if division is not None] if level == "admin1" else []

    def span(self, country: str | None = None) -> Range | None:
        """From the first day that was read to the day after the last."""
        found = [r for (c, _), several in self.ranges.items() for r in several if country in (None, c)]
        return (min(r[0] for r in found), max(r[1] for r in found)) if found else None

    def days(self, area: Area, bounds: Days) -> Days:
        """How many days between each bound and the next were read for in this area (its country, or country and division first)."""
        import numpy as np

        country, division = area[0], area[1] if len(area) > 1 else None
        if country is None:
            return np.zeros(len(bounds) - 1, dtype=np.int64)
        own = self.ranges.get((country, division), ()) if division is not None else ()
        merged = np.array(merge([*self.ranges.get((country, None), ()), *own]), dtype=np.int64).reshape(-1, 2)
        before = np.zeros(len(bounds), dtype=np.int64)  # days read before each bound
        for first, end in merged:
            before += np.clip(bounds, first, end) - first
        return np.diff(before)


def recorded(coverage: Any, events: Any, clip: tuple[int | None, int | None]) -> Covered | None:
    """Coverage as given, or that of the release which `events` came from; None where neither is there.

    `clip`: first day, and day after the last, that the events at hand were chosen for: what was read outside says nothing of them.
    Raises `UsageError` for a table that is none of coverage.
    """
    if coverage is None:
        coverage = side_table(events, "coverage")
        if coverage is None:
            return None
    frame = _frame(coverage)
    found: dict[tuple[str, str | None], list[Range]] = {}
    firsts, lasts = day_numbers(frame["since"]), day_numbers(frame["until"])
    whole = (frame["country"].notna() & frame["since"].notna() & frame["until"].notna()).to_numpy()
    for at in whole.nonzero()[0]:
        division = frame["admin1"].iloc[at]
        first = max(int(firsts[at]), clip[0]) if clip[0] is not None else int(firsts[at])
        end = min(int(lasts[at]) + 1, clip[1]) if clip[1] is not None else int(lasts[at]) + 1
        key = (str(frame["country"].iloc[at]), division if isinstance(division, str) and division else None)
        if first < end:
            found.setdefault(key, []).append((first, end))
    return Covered({key: tuple(merge(ranges)) for key, ranges in sorted(found.items(), key=lambda one: (one[0][0], one[0][1] or ""))})


def merge(ranges: list[Range]) -> list[Range]:
    """The same days in ranges that neither overlap nor touch, in order."""
    out: list[Range] = []
    for first, end in sorted(ranges):
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((first, end))
    return out


def _frame(coverage: Any) -> pd.DataFrame:
    """country, admin1, since, until; a table of covered weeks (`week`: its Saturday) is understood too."""
    import pandas as pd

    names = frame_of(coverage, "coverage").columns
    if "week" in names and "since" not in names:
        frame = columns_of(coverage, ("country", "week"), ("admin1",), what="coverage", repeats=True)
        return frame.assign(since=frame["week"], until=frame["week"] + pd.Timedelta(days=WEEK - 1))
    if "country" not in names or "since" not in names:
        raise UsageError("coverage has no columns country, admin1, since, until.", "Give the table coverage of a release, or leave it out.")
    return columns_of(coverage, ("country", "since", "until"), ("admin1",), what="coverage", repeats=True)
