"""How exactly the day and the place of events are known, and the warning for whoever takes them as exact. Floor 7.

The interval of an event is `date_start` to `date_end`; where these are not worked out it follows from `time_precision`: the day itself (1), as
many days around it as the codebook's list allows for a week or similar span (2), its calendar month (3).
"""

from __future__ import annotations

import csv
import warnings
from functools import cache
from typing import TYPE_CHECKING

from eventcoder.analysis.periods import day_numbers, sequence, starts
from eventcoder.project import packaged_schema

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from eventcoder.analysis.periods import Days

# The coarsest geo_precision with which an event's place still says that it lies in an area of this level. A place of level 2 is near the town or in
# part of its district, so its division holds; of level 3 only a larger region is known, of which the capital stands for all, and which may reach
# over several divisions.
FINE_ENOUGH = {"country": 3, "admin1": 2, "admin2": 1, "location": 1}


def intervals(frame: pd.DataFrame) -> tuple[Days, Days]:
    """First and last day on which each event can have taken place; `frame` has event_date (never missing), time_precision, date_start, date_end."""
    import numpy as np

    day = day_numbers(frame["event_date"])
    level = frame["time_precision"].fillna(1).to_numpy(dtype=np.int64)
    half = _longest(2) // 2
    month = starts(day, "M")
    following = starts(month + 31, "M")
    first = np.where(level == 2, day - half, np.where(level >= 3, month, day))
    last = np.where(level == 2, day + half, np.where(level >= 3, following - 1, day))
    for name, into in (("date_start", first), ("date_end", last)):
        known = frame[name].notna().to_numpy()
        into[known] = day_numbers(frame[name])[known]
    return np.minimum(first, day), np.maximum(last, day)


def periods_touched(frame: pd.DataFrame, freq: str, first: int, last: int) -> tuple[Days, Days, Days]:
    """Numbers, counted from the period of the day `first`, of the period of each event's day, and of the first and last that its interval
    touches (these two not outside `first` to `last`).
    """
    import numpy as np

    begin = sequence(first, last, freq)[:-1]
    early, late = intervals(frame)

    def number(days: Days) -> Days:
        return np.searchsorted(begin, days, side="right").astype(np.int64) - 1

    return number(day_numbers(frame["event_date"])), np.maximum(number(early), 0), number(late)


def inexact_places(frame: pd.DataFrame, level: str) -> npt.NDArray[np.bool_]:
    """Which events are not surely in the area of this level that they are counted to."""
    return (frame["geo_precision"] > FINE_ENOUGH[level]).fillna(False).to_numpy(dtype=bool)


def warn(message: str) -> None:
    """One UserWarning that points at the analyst's own line."""
    warnings.warn(message, UserWarning, stacklevel=3)


@cache
def _longest(level: int) -> int:
    with (packaged_schema() / "lists" / "time_precision.csv").open(encoding="utf-8", newline="") as handle:
        return next(int(row["max_days"]) for row in csv.DictReader(handle) if row["code"] == str(level))
