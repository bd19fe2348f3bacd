"""Arrow to pandas with the right dtypes. Floor 7.

Whole numbers stay whole where values are missing (`Int16`, `Int32`, `Int64`, as the codebook bounds them), flags are `boolean`, texts are
pandas' string dtype with `pd.NA` for missing,
days are `datetime64[s]` at midnight without zone (an event's day is local to its place), lists are Python lists, `[]` where there is nothing.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

_DTYPES: dict[Any, Any] = {
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int8(): pd.Int8Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype("pyarrow"),
}


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """The table as a DataFrame; the index is a plain 0, 1, 2, ..."""
    lists = {}
    days = []
    for name in table.column_names:
        kind = table.schema.field(name).type
        if pa.types.is_list(kind):
            lists[name] = table.column(name)
        elif pa.types.is_date(kind):
            days.append(name)
    plain = table.drop_columns(list(lists)) if lists else table
    for name in days:
        index = plain.column_names.index(name)
        plain = plain.set_column(index, name, plain.column(name).cast(pa.timestamp("s")))
    frame: pd.DataFrame = plain.replace_schema_metadata(None).to_pandas(types_mapper=_DTYPES.get)
    for name, column in lists.items():
        frame[name] = pd.Series([v or [] for v in column.to_pylist()], index=frame.index, dtype=object)
    return frame[table.column_names]
