"""Arrow to pandas with the right dtypes. Floor 7.

Whole numbers stay whole where values are missing (`Int16`, `Int32`, `Int64`, as the codebook bounds them), flags are `boolean`, texts are
pandas' string dtype with `pd.NA` for missing,
days are `datetime64[s]` at midnight without zone (an event's day is local to its place), lists are Python lists, `[]` where there is nothing.
"""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
    if not plain.num_columns:  # a table without columns has no rows either
        frame = pd.DataFrame(index=pd.RangeIndex(table.num_rows))
    for name, column in lists.items():
        frame[name] = pd.Series(_lists(column), index=frame.index, dtype=object)
    found: pd.DataFrame = frame[table.column_names]
    return found


def _lists(column: pa.ChunkedArray) -> list[list[Any]]:
    """A Python list for each row, a new one each, `[]` for null. Each different item is made once: four times faster than `to_pylist`."""
    running = gc.isenabled()
    gc.disable()  # millions of lists that all stay: looking through them again and again would take most of the time
    try:
        return [items for chunk in column.chunks for items in _chunk_lists(chunk)]
    finally:
        if running:
            gc.enable()


def _chunk_lists(chunk: pa.ListArray) -> list[list[Any]]:
    if chunk.null_count:
        chunk = pc.if_else(pc.is_null(chunk), pa.scalar([], chunk.type), chunk)
    items = chunk.flatten().dictionary_encode()
    whole = np.array([*items.dictionary.to_pylist(), None], dtype=object)[pc.fill_null(items.indices, -1).to_numpy()].tolist()
    ends = np.cumsum(chunk.value_lengths().to_numpy()).tolist()
    return [whole[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
