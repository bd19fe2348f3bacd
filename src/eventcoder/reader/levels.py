"""Events by their reports: one row for each report of each event, for analysts who count reports or compare what they say. Floor 7."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from eventcoder.errors import UsageError
from eventcoder.reader.frame import to_pandas
from eventcoder.reader.source import Release

if TYPE_CHECKING:
    import pandas as pd

EVENTS, REPORTS = "events", "reports"
LEVELS = (EVENTS, REPORTS)
PREFIX = "report_"  # of the columns that say of which report a row is: those of `event_sources`


def checked(level: str, *, acled: bool) -> str:
    """The level. Raises `UsageError` for an unknown one, and for reports in ACLED's form, which has no room for them."""
    if level not in LEVELS:
        near = difflib.get_close_matches(level, LEVELS, 1, 0.0)
        raise UsageError(f"There is no level {level!r}.", f"Did you mean {near[0]!r}? There are: {', '.join(LEVELS)}.")
    if level == REPORTS and acled:
        raise UsageError("ACLED's form has one row an event.", "Leave acled=True out, or take level='events'.")
    return level


def by_report(release: Release, frame: pd.DataFrame) -> pd.DataFrame:
    """A row for each report of each event of `frame` (which has `event_id`), in its order; an event without reports has one row, with none.

    Undisclosed documents of an event are one row together, as in `event_sources`: `report_n_documents` says how many they are.
    """
    import pyarrow as pa

    table = release.table("event_sources")
    wanted = pa.array(frame["event_id"].dropna().unique(), pa.string())
    sources = to_pandas(table.filter(pc.is_in(table.column("event_id"), value_set=wanted)))
    sources = sources.rename(columns={name: PREFIX + name for name in sources.columns if name != "event_id"})
    found = frame.merge(sources, on="event_id", how="left", sort=False)
    found.attrs = {**frame.attrs, "rows": len(found), "level": REPORTS}
    return found
