"""The events in ACLED's form: 31 columns in their order, for scripts that know nothing else. Floor 6; imports floor 3 only.

What this form cannot say is said its way: a number of deaths that nobody reported is 0 (the native table keeps null and the interval), lists
are texts joined by `; `. ACLED's splitting rule, floor(N / k) deaths a day or place with the remainder to the first, is a coder's act here:
such events carry `fatalities_basis = split` in the native table, and this file has the figures as they were coded. A total that no coder has
split is never split by an export; until then its events say 0 here and null there.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.releases.csvfile import joined
from eventcoder.releases.layout import ACLED_COLUMNS


def acled_table(events: pa.Table) -> pa.Table:
    """The 31 columns of a table of events; a column that is absent is null. Nothing is neutralised here: that is CSV's business."""
    columns = []
    for name in ACLED_COLUMNS:
        column = events.column(name) if name in events.column_names else pa.nulls(events.num_rows, pa.string())
        if pa.types.is_list(column.type):
            column = joined(column)
        if name == "fatalities":
            column = pc.fill_null(column, 0)
        columns.append(column)
    return pa.table(columns, names=list(ACLED_COLUMNS))
