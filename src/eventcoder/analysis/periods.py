"""Periods of a panel: days, weeks from Saturday to Friday, months, quarters, years, as numbers that can be computed with. Floor 7.

A day is the number of days since 1970-01-01. A period is named by its first day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventcoder.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Days = npt.NDArray[np.int64]

NAMES = {"D": "day", "W": "week", "M": "month", "Q": "quarter", "Y": "year"}
SATURDAY = 2  # 1970-01-03
_MONTHS = {"M": 1, "Q": 3, "Y": 12}


def frequency(given: str) -> str:
    """D, W, M, Q or Y from the letter or the word. Raises `UsageError` naming them."""
    wanted = str(given).strip().upper()
    for letter, name in NAMES.items():
        if wanted in (letter, name.upper(), f"{name.upper()}S"):
            return letter
    told = ", ".join(f"{letter} ({name})" for letter, name in NAMES.items())
    raise UsageError(f"freq={given!r} is no period of a panel.", f"There are {told}; weeks run from Saturday to Friday.")


def starts(days: Days, freq: str) -> Days:
    """The first day of the period of each day."""
    import numpy as np

    if freq == "D":
        return days
    if freq == "W":
        return days - (days - SATURDAY) % 7
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return _first_days(months - months % _MONTHS[freq])


def sequence(first: int, last: int, freq: str) -> Days:
    """The first days of all periods from that of the day `first` to that of `last`, and after them the one that follows (where the last ends)."""
    import numpy as np

    begin, end = (int(starts(np.array([day], dtype=np.int64), freq)[0]) for day in (first, last))
    if freq in ("D", "W"):
        step = 7 if freq == "W" else 1
        return np.arange(begin, end + 2 * step, step, dtype=np.int64)
    months = np.array([begin, end]).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    step = _MONTHS[freq]
    return _first_days(np.arange(months[0], months[1] + 2 * step, step, dtype=np.int64))


def day_numbers(column: Any) -> Days:
    """Days of a `datetime64` column as numbers; the smallest number where there is none."""
    import numpy as np

    return np.asarray(column.to_numpy(), dtype="datetime64[D]").astype(np.int64)


def _first_days(months: Days) -> Days:
    import numpy as np

    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
