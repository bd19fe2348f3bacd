"""`as_acled`: events as the 31 columns of an ACLED export. Floor 7."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventcoder.analysis.inputs import LIST, WHOLE, columns_of, kind_of
from eventcoder.releases.layout import ACLED_COLUMNS

if TYPE_CHECKING:
    import pandas as pd


def as_acled(events: Any) -> pd.DataFrame:
    """The 31 columns of an ACLED export, in order, with the kinds that `pandas.read_csv` gives them: what `load(acled=True)` gives, from any table.

    Days and lists (joined by `; `) are texts. Deaths that nobody reported are 0, because that form has no other way to say so; how many those were
    stands in `attrs["fatalities_not_reported"]`. Only `fatalities` may be there of the interval; the rest of it, and every other native column, is
    lost. Raises `UsageError` for absent columns and where an event stands in several rows.
    """
    import pandas as pd

    frame = columns_of(events, ACLED_COLUMNS)
    out: dict[str, Any] = {}
    for name in ACLED_COLUMNS:
        column, kind = frame[name], kind_of(name)
        if kind == LIST:
            column = pd.Series([("; ".join(items) or None) for items in column], dtype="str")
        elif name == "event_date":
            column = column.dt.strftime("%Y-%m-%d").astype("str")
        elif kind == WHOLE:
            column = column.fillna(0) if name == "fatalities" else column
            column = column.astype("float64" if column.isna().any() else "int64")
        elif column.dtype == "string":
            column = column.astype("str")
        out[name] = column
    found = pd.DataFrame(out)
    found.attrs = {**frame.attrs, "fatalities_not_reported": int(frame["fatalities"].isna().sum())}
    return found
