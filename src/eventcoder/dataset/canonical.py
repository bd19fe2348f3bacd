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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.dataset.schemas import RECORDS, SORT_KEYS

Bytes = bytes | memoryview
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
    every = _every(table, keys)
    if in_order(table, every):
        return table.combine_chunks()
    first = [k for k in keys if k in table.column_names]
    plain: dict[str, pa.Array] = {}
    for name in first:
        plain[name] = _sortable(table.column(name))
    order = pc.sort_indices(pa.table(plain), [(n, "ascending") for n in first]) if first else None
    found = table if order is None else table.take(order)
    if first and not _has_ties(found, first):
        return found.combine_chunks()
    columns = {name: _sortable(found.column(name)) for name in every}
    return found.take(pc.sort_indices(pa.table(columns), [(n, "ascending") for n in every])).combine_chunks()


def in_order(table: pa.Table, names: Sequence[str]) -> bool:
    """Whether the rows stand in ascending order of these columns, nulls last. False too where that is not easily told (NaN).

    Neighbours are compared, column after column, as long as they are equal: for a sorted table with a key this costs a hundredth of sorting.
    """
    if table.num_rows < 2:
        return True
    tied: Any = None  # rows that equal the next one in all columns so far; None: all
    for name in names:
        values = _sortable(table.column(name))
        if pa.types.is_floating(values.type) and pc.any(pc.is_nan(values)).as_py():
            return False
        if tied is None:
            a, b = values.slice(0, len(values) - 1), values.slice(1)
        else:
            a, b = values.take(pa.array(tied)), values.take(pa.array(tied + 1))
        alike = np.asarray(_equal(a, b))
        before = pc.or_(pc.fill_null(pc.less(a, b), False), pc.and_(pc.is_valid(a), pc.is_null(b)))
        if not np.all(np.asarray(before) | alike):
            return False
        tied = np.flatnonzero(alike) if tied is None else tied[alike]
        if not len(tied):
            return True
    return True


def _equal(a: pa.Array, b: pa.Array) -> pa.Array:
    """Cell by cell, null equal to null."""
    return pc.or_(pc.fill_null(pc.equal(a, b), False), pc.and_(pc.is_null(a), pc.is_null(b)))


def canonical_table(name: str, table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Table `name` in its schema and its order."""
    return sort_rows(conform(table, schema), SORT_KEYS.get(name, ()))


def fingerprint(tables: Mapping[str, pa.Table]) -> str:
    """sha256 (hex) over the canonical records of all tables; see the module's text for the exact bytes.

    Tables of `schemas.RECORDS` (`acts`) are left out: who decided what, under which name, is not what happened, and releases that were built
    before there was such a table keep their fingerprint. That an event was looked at again still shows in its `revision`.
    """
    found = hashlib.sha256()
    waiting: Future[None] | None = None
    with ThreadPoolExecutor(1) as hashing:  # the next piece is made while the one before is being hashed
        for piece in _printed(tables):
            if waiting:
                waiting.result()
            waiting = hashing.submit(found.update, piece)
    return found.hexdigest()


def _printed(tables: Mapping[str, pa.Table]) -> Iterator[Bytes]:
    for name in sorted(set(tables).difference(RECORDS)):
        table, keys = tables[name], SORT_KEYS.get(name, ())
        if not in_order(table, _every(table, keys)):
            table = sort_rows(table, keys)
        yield f"table {name} rows {table.num_rows}\n".encode()
        for column in sorted(set(table.column_names) - UNPRINTED):
            values = table.column(column)
            if pa.types.is_dictionary(values.type):
                values = values.cast(values.type.value_type)
            yield f"column {column} {_kind(values.type)}\n".encode()
            yield from _pieces(values.chunks, _kind(values.type))


def _every(table: pa.Table, keys: Iterable[str]) -> list[str]:
    """All columns in the order in which they decide the order of the rows."""
    first = [k for k in keys if k in table.column_names]
    return [*first, *sorted(set(table.column_names) - set(first))]


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
        equal = _equal(values.slice(0, len(values) - 1), values.slice(1))
        same = equal if same is None else pc.and_(same, equal)
    return bool(pc.any(same).as_py())


def is_plain(kind: pa.DataType) -> bool:
    """Whether a column of this type has a canonical form: texts, whole numbers, numbers, flags, days, and lists of texts."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
        return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
    simple = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_boolean, pa.types.is_date32)
    return any(is_it(kind) for is_it in simple) or kind in (pa.float32(), pa.float64())


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


def _pieces(chunks: Sequence[pa.Array], kind: str) -> Iterator[Bytes]:
    """The bytes of a column, chunk by chunk: a column of gigabytes is never put together."""
    if kind == "texts":
        yield from (_int64(pc.fill_null(pc.list_value_length(values), 0)) for values in chunks)
        yield from _pieces([pc.list_flatten(values) for values in chunks], "text")
    elif kind == "text":
        yield from (_int64(pc.fill_null(pc.binary_length(values).cast(pa.int64()), -1)) for values in chunks)
        yield from (_text_bytes(values.drop_null() if values.null_count else values) for values in chunks)
    else:
        yield from (_int64(pc.is_valid(values).cast(pa.int8())) for values in chunks)
        for values in chunks:
            kept = values.drop_null()
            if kind == "number":
                yield np.asarray(_rounded(kept.cast(pa.float64()))).astype("<f8").tobytes()
            else:
                yield _int64(kept.cast(pa.date32()).cast(pa.int32()) if kind == "day" else kept.cast(pa.int64()))


def _int64(values: pa.Array) -> Bytes:
    return np.asarray(values).astype("<i8").tobytes()


def _text_bytes(values: pa.StringArray | pa.LargeStringArray) -> Bytes:
    """The UTF-8 of all values one after the other, taken from the array's own buffer (no value is null)."""
    if not len(values):
        return b""
    _, offset_buffer, data = values.buffers()
    width = "<i8" if pa.types.is_large_string(values.type) else "<i4"
    offsets = np.frombuffer(offset_buffer, width)[values.offset : values.offset + len(values) + 1]
    return b"" if data is None else memoryview(data)[int(offsets[0]) : int(offsets[-1])]
