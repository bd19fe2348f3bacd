"""The events' Arrow schema, derived from the columns: explicit types, what may be null, each column's description and unit as field metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventcoder.codebook.columns import Column

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook.schema import Codebook


def arrow_schema(codebook: Codebook) -> pa.Schema:
    """One field a column, in order. Codes are plain strings (dictionaries would make a file's bytes depend on its history).

    Whole numbers take the smallest of int16, int32 and int64 that holds the column's range. Only columns that every stored event has are
    non-null: an open event may lack any other.
    """
    import pyarrow as pa

    fields = []
    for column in codebook.columns:
        about = {"description": column.description, "label": column.label, "unit": column.unit, "codes": column.list}
        metadata = {key: value for key, value in about.items() if value}
        fields.append(pa.field(column.name, _type(column), nullable=True, metadata=metadata))
    return pa.schema(fields)


def _type(column: Column) -> pa.DataType:
    import pyarrow as pa

    if column.type == "integer":
        low, high = float(column.min or 0), float(column.max if column.max is not None else 2**53)
        for bits, kind in ((15, pa.int16()), (31, pa.int32())):
            if -(2**bits) <= low and high < 2**bits:
                return kind
        return pa.int64()
    simple = {"number": pa.float64(), "date": pa.date32(), "boolean": pa.bool_()}
    return simple.get(column.type) or (pa.list_(pa.field("item", pa.string(), nullable=False)) if column.type == "list" else pa.string())
