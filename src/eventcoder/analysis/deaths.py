"""Sums of deaths that keep what is known: lowest, reported, highest, open upper bounds and what nobody reported. Floor 7.

    fatalities_low           sum of the lowest figures
    fatalities               sum of the reported figures (the codebook's conservative one)
    fatalities_high          sum of the highest figures; missing as soon as one event is open upwards ("at least 52")
    fatalities_high_floor    the same with open events counted at what is known of them: the sum of the highest figures is at least this
    fatalities_open          events open upwards; so also those of which a figure is known and no bound
    fatalities_not_reported  events of which nobody reported whether anybody died

Where there are events and no figure at all, the sums are missing: that is not 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers = npt.NDArray[np.int64]

NEEDED = ("fatalities",)
WANTED = ("fatalities_low", "fatalities_high", "fatalities_basis")
COLUMNS = ("fatalities_low", "fatalities", "fatalities_high", "fatalities_high_floor", "fatalities_open", "fatalities_not_reported")


def bounds(frame: pd.DataFrame) -> pd.DataFrame:
    """low, reported, high and floor of each event (`Int64`), missing where there is no figure, and high where it is open."""
    import pandas as pd

    reported = frame["fatalities"].fillna(frame["fatalities_low"])
    low = frame["fatalities_low"].fillna(reported)
    nobody = (reported == 0).fillna(False) & (frame["fatalities_basis"] == "none").fillna(False)  # "a source says that nobody was killed"
    high = frame["fatalities_high"].mask(nobody & frame["fatalities_high"].isna(), 0)
    least = pd.concat([low, reported], axis=1).max(axis=1).astype("Int64")
    return pd.DataFrame({"low": low, "reported": reported, "high": high, "floor": high.fillna(least)})


def sums(frame: pd.DataFrame, group: Numbers, size: int) -> tuple[Numbers, dict[str, Any]]:
    """Events of each group 0 .. size - 1, and the columns above as `Int64` arrays; a group without events has 0 everywhere."""
    import numpy as np
    import pandas as pd

    found = bounds(frame)
    figure = found["reported"].notna().to_numpy()
    opened = figure & found["high"].isna().to_numpy()
    events = np.bincount(group, minlength=size)
    told = np.bincount(group[figure], minlength=size)
    unbounded = np.bincount(group[opened], minlength=size)
    out: dict[str, Any] = {}
    for name, part in (("fatalities_low", "low"), ("fatalities", "reported"), ("fatalities_high", "floor"), ("fatalities_high_floor", "floor")):
        weights = found[part].fillna(0).to_numpy(dtype=np.float64)  # whole numbers far below 2**53: exact
        total = np.bincount(group, weights=weights, minlength=size).astype(np.int64)
        missing = (events > 0) & (told == 0)
        out[name] = pd.arrays.IntegerArray(total, missing | (unbounded > 0) if name == "fatalities_high" else missing)
    none = np.zeros(size, dtype=bool)
    out["fatalities_open"] = pd.arrays.IntegerArray(unbounded.astype(np.int64), none)
    out["fatalities_not_reported"] = pd.arrays.IntegerArray((events - told).astype(np.int64), none.copy())
    return events.astype(np.int64), out
