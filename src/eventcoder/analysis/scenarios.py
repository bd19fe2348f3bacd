"""`fatality_scenarios`: deaths as intervals, for any grouping. Floor 7."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.analysis.deaths import NEEDED, WANTED, sums
from eventcoder.analysis.inputs import columns_of
from eventcoder.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


def fatality_scenarios(events: Any, by: str | Sequence[str] | None = None) -> pd.DataFrame:
    """Deaths of each group: lowest, as reported, highest; one row for all without `by`.

    `events` is a frame of `load`, an Arrow table or a polars frame; `by` names one or several of its columns. The columns are those of `by`, then
    `events` (how many), `fatalities_low`, `fatalities`, `fatalities_high`, `fatalities_high_floor`, `fatalities_open`, `fatalities_not_reported`.
    `fatalities_high` is missing where at least one event is open upwards ("at least 52"): nobody gave a highest figure. `fatalities_high_floor`
    counts such events at what is known of them. All sums are missing where no event of the group has a figure, which is not the same as 0.

    Raises `UsageError` for a column that is absent or holds lists, and where an event stands in several rows.
    """
    import numpy as np
    import pandas as pd

    names = [by] if isinstance(by, str) else list(by or ())
    frame = columns_of(events, (*NEEDED, *names), WANTED)
    for name in names:
        if len(frame) and any(isinstance(cell, list) for cell in frame[name].iloc[:1]):
            raise UsageError(
                f"{name} holds lists, which cannot be grouped by.", "For actors use long_by_actor(); for others explode() the frame first."
            )
    if names:
        grouped = frame.groupby(names, dropna=False, sort=True)
        group, heads = grouped.ngroup().to_numpy().astype(np.int64), grouped.size().reset_index()[names]
    else:
        group, heads = np.zeros(len(frame), dtype="int64"), pd.DataFrame(index=pd.RangeIndex(1))
    count, deaths = sums(frame, group, len(heads))
    out: pd.DataFrame = heads.assign(events=count, **deaths)
    out.attrs = {**frame.attrs, "deaths": "missing: no figure; fatalities_high missing: open upwards; 0 is written only where it was reported"}
    return out
