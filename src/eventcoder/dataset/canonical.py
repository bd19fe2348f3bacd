"""The canonical form of a table: its types, its order, its rows as text, and its fingerprint. Floor 3.

Two tables that say the same are the same here, whatever the order of their columns, their chunks, their dictionaries, the file that they
came from or the library that read them.

Fingerprint of a set of tables: sha256 over, for each table in order of name, `table NAME rows N\\n`, and for each of its columns in order of
name (those in `UNPRINTED` left out) `column NAME KIND\\n` and the column's bytes in canonical row order. KIND is text, whole, number, flag,
day or texts. Bytes: for every row a little-endian int64 (length in bytes of a text, -1 for null; number of items of a list; 0 or 1 for
"has a value" otherwise), then all present values without gaps: texts as UTF-8; whole numbers, days since 1970 and flags as int64; numbers as
float64 rounded to 6 decimals. A list column gives its lengths and then its items as a text column.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.dataset.schemas import SORT_KEYS

DECIMALS = 6
UNPRINTED: frozenset[str] = frozenset({"first_release", "last_changed", "timestamp"})


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """`table` in exactly this schema: columns in its order, absent ones null, values cast, one chunk a column.

    Raises pyarrow.ArrowInvalid where a value does not fit its type.
    """
    columns = []
    for field in schema:
        if field.name in table.column_names:
            column = table.column(field.name)
            if pa.types.is_dictionary(column.type):
                column = column.cast(column.type.value_type)
            if column.type != field.type:
                column = column.cast(field.type)
        else:
            column = pa.nulls(table.num_rows, field.type)
        columns.append(_tidy(_single(column), field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def sort_rows(table: pa.Table, keys: Iterable[str]) -> pa.Table:
    """`table` by these columns and then, where they are equal, by all others: the order never depends on the order of arrival."""
    if table.num_rows < 2:
        return table.combine_chunks()
    first = [k for k in keys if k in table.column_names]
    rest = sorted(set(table.column_names) - set(first))
    plain: dict[str, pa.Array] = {}
    for name in first:
        plain[name] = _sortable(table.column(name))
    order = pc.sort_indices(pa.table(plain), [(n, "ascending") for n in first]) if first else None
    found = table if order is None else table.take(order)
    if first and not _has_ties(found, first):
        return found.combine_chunks()
    every = {name: _sortable(found.column(name)) for name in [*first, *rest]}
    return found.take(pc.sort_indices(pa.table(every), [(n, "ascending") for n in every])).combine_chunks()


def canonical_table(name: str, table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Table `name` in its schema and its order."""
    return sort_rows(conform(table, schema), SORT_KEYS.get(name, ()))


def fingerprint(tables: Mapping[str, pa.Table]) -> str:
    """sha256 (hex) over the canonical records of all tables; see the module's text for the exact bytes."""
    found = hashlib.sha256()
    for name in sorted(tables):
        table = sort_rows(tables[name], SORT_KEYS.get(name, ()))
        found.update(f"table {name} rows {table.num_rows}\n".encode())
        for column in sorted(set(table.column_names) - UNPRINTED):
            values = _single(table.column(column))
            if pa.types.is_dictionary(values.type):
                values = values.cast(values.type.value_type)
            found.update(f"column {column} {_kind(values.type)}\n".encode())
            for piece in _pieces(values):
                found.update(piece)
    return found.hexdigest()


def json_texts(column: pa.ChunkedArray | pa.Array) -> list[str]:
    """Every value of a column as canonical JSON text; dates as ISO text, numbers rounded, a null list as []."""
    values = _single(column)
    is_list = pa.types.is_list(values.type) or pa.types.is_large_list(values.type)
    if pa.types.is_floating(values.type):
        values = _rounded(values)
    out = []
    for value in values.to_pylist():
        if value is None and is_list:
            value = []
        elif hasattr(value, "isoformat"):
            value = value.isoformat()
        elif isinstance(value, float) and value.is_integer():
            value = int(value)
        out.append(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return out


def from_json_texts(texts: Iterable[str | None], kind: pa.DataType) -> pa.Array:
    """The inverse of `json_texts` for a column of this type; None counts as null."""
    values: list[Any] = [None if t is None else json.loads(t) for t in texts]
    if pa.types.is_date(kind):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_floating(kind):
        values = [None if v is None else float(v) for v in values]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values = [[] if v is None else v for v in values]
    return pa.array(values, kind)


def row_texts(table: pa.Table) -> list[str]:
    """Every row as one canonical JSON object with its keys in order of name."""
    names = sorted(table.column_names)
    keys = [json.dumps(n) + ":" for n in names]
    columns = [json_texts(table.column(n)) for n in names]
    return ["{" + ",".join(k + v for k, v in zip(keys, row, strict=True)) + "}" for row in zip(*columns, strict=True)]


def comparable(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A plain array in which equal values are equal: lists as one text with separators, numbers rounded, null kept."""
    return _sortable(column)


def _single(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return column


def _tidy(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Rounded numbers, and empty lists for null ones: `[]` is the null of a list column."""
    if pa.types.is_floating(kind):
        return _rounded(values)
    if pa.types.is_list(kind) and values.null_count:
        lengths = np.asarray(pc.fill_null(pc.list_value_length(values), 0))
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), pc.list_flatten(values), type=kind)
    return values


def _rounded(values: pa.Array) -> pa.Array:
    """Rounded to `DECIMALS`, and without the negative zero (which is equal to zero and prints otherwise)."""
    return pc.add(pc.round(values, DECIMALS), 0.0)


def _sortable(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    values = _single(column)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        # \x1e before every item: [] and [""] stay apart; control characters cannot stand in our texts
        marked = pc.binary_join_element_wise(pa.scalar(""), pc.fill_null(pc.list_flatten(values), "\x00"), "\x1e")
        lengths = np.asarray(pc.fill_null(pc.list_value_length(values), 0))
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), marked), "")
    if pa.types.is_floating(values.type):
        return _rounded(values)
    return values


def _has_ties(table: pa.Table, keys: list[str]) -> bool:
    """Whether two neighbours of a sorted table are equal in all keys."""
    same = None
    for name in keys:
        values = _sortable(table.column(name))
        a, b = values.slice(0, len(values) - 1), values.slice(1)
        equal = pc.or_(pc.fill_null(pc.equal(a, b), False), pc.and_(pc.is_null(a), pc.is_null(b)))
        same = equal if same is None else pc.and_(same, equal)
    return bool(pc.any(same).as_py())


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return "texts"
    if pa.types.is_floating(kind):
        return "number"
    if pa.types.is_boolean(kind):
        return "flag"
    if pa.types.is_date(kind):
        return "day"
    return "whole" if pa.types.is_integer(kind) else "text"


def _pieces(values: pa.Array) -> list[bytes]:
    kind = _kind(values.type)
    if kind == "texts":
        lengths = pc.fill_null(pc.list_value_length(values), 0).cast(pa.int64())
        return [_int64(lengths), *_pieces(pc.list_flatten(values).cast(pa.large_string()))]
    if kind == "text":
        wide = values.cast(pa.large_string())
        lengths = pc.fill_null(pc.binary_length(wide).cast(pa.int64()), -1)
        return [_int64(lengths), _text_bytes(wide.drop_null())]
    present = _int64(pc.is_valid(values).cast(pa.int64()))
    kept = values.drop_null()
    if kind == "number":
        return [present, np.asarray(_rounded(kept.cast(pa.float64()))).astype("<f8").tobytes()]
    if kind == "day":
        kept = kept.cast(pa.date32()).cast(pa.int32())
    return [present, _int64(kept.cast(pa.int64()))]


def _int64(values: pa.Array) -> bytes:
    return bytes(np.asarray(values).astype("<i8").tobytes())


def _text_bytes(values: pa.LargeStringArray) -> bytes:
    """The UTF-8 of all values one after the other, taken from the array's own buffer (no value is null)."""
    if not len(values):
        return b""
    _, offset_buffer, data = values.buffers()
    offsets = np.frombuffer(offset_buffer, "<i8")[values.offset : values.offset + len(values) + 1]
    return b"" if data is None else bytes(memoryview(data)[int(offsets[0]) : int(offsets[-1])])
