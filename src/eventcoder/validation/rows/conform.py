"""A table from anywhere in the codebook's columns and types; what does not fit becomes problems instead of exceptions. Floor 4.

A column of another type is read value by value with the codebook's own coercion, so that "12 people" or 2.5 fatalities in a file get the
same verdict here as in an import; the values that it refuses are left out and reported with their row.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.problem import Problem
from eventcoder.validation.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook, Column

PIECE = 65_536  # rows whose values are held as Python objects at a time


def conform(
    events: pa.Table,
    codebook: Codebook,
    *,
    dictionaries: bool = False,
    before: int = 0,
    columns_known: bool = False,
    tally: Tally | None = None,
) -> tuple[pa.Table, list[Problem], frozenset[str]]:
    """`events` with exactly the codebook's columns in their types, what did not fit, and the names of the columns that are absent.

    Problems: `unknown-column` (T27), `duplicate-column`, `missing-column` (an error for required columns, else a warning), and those of
    `Codebook.coerce` with the event or the row they are in. `dictionaries`: texts that come as dictionaries stay so. Of a table that is a piece
    of a larger one, `before` is the number of rows before it, and `columns_known` says that its columns were told already. With a `tally` all
    values that do not fit are counted, and the first of each column told.
    """
    import pyarrow as pa

    from eventcoder.codebook.arrow import arrow_schema

    names = events.column_names
    problems = [] if columns_known else _columns(names, codebook)
    columns: list[Any] = []
    fields: list[Any] = []
    for field in arrow_schema(codebook):
        fields.append(field)
        if field.name not in names:
            columns.append(pa.nulls(len(events), field.type))
            continue
        got = events.column(names.index(field.name))
        if pa.types.is_dictionary(got.type):
            if dictionaries and pa.types.is_string(field.type) and pa.types.is_string(got.type.value_type):
                fields[-1] = field.with_type(got.type)
                columns.append(got)
                continue
            got = got.cast(got.type.value_type)
        if (got.type == field.type or _safe(got.type, field.type)) and _whole(got):
            columns.append(got if got.type == field.type else got.cast(field.type))
        else:
            ids = events.column(names.index("event_id")) if "event_id" in names else None
            read, wrong = _coerced(got, field.type, codebook.column(field.name), codebook, ids, before, tally)
            columns.append(read)
            problems += wrong
    absent = frozenset(name for name in codebook.names if name not in names)
    return pa.Table.from_arrays(columns, schema=pa.schema(fields)), problems, absent


def _columns(names: list[str], codebook: Codebook) -> list[Problem]:
    """What is wrong with the names of a table's columns."""
    from eventcoder.codebook.suggestion import did_you_mean

    problems: list[Problem] = []
    for name in dict.fromkeys(names):
        if name not in codebook.names:
            hint = did_you_mean(name, codebook.names)
            problems.append(Problem("unknown-column", f"There is no column '{name}'. {hint}".rstrip(), field=name))
        if names.count(name) > 1:
            message = f"Column '{name}' occurs {names.count(name)} times; the first is read. Keep one."
            problems.append(Problem("duplicate-column", message, field=name))
    return problems + [_missing(column) for column in codebook.columns if column.name not in names]


def _whole(column: pa.ChunkedArray) -> bool:
    """Whether no value is one that its type cannot tell: not a number, endless, a null inside a list."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        return pc.all(pc.is_finite(column)).as_py() is not False
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return not any(chunk.flatten().null_count for chunk in column.chunks)
    return True


def _safe(got: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether every value of one type is a value of the other: widening only, and the several layouts of text and of lists."""
    import pyarrow as pa

    if pa.types.is_null(got):
        return True
    if pa.types.is_integer(got):
        return bool(got.bit_width <= 32 and (pa.types.is_floating(wanted) or wanted == pa.int64())) or bool(
            pa.types.is_signed_integer(got) and pa.types.is_signed_integer(wanted) and got.bit_width <= wanted.bit_width
        )
    if pa.types.is_floating(got):
        return bool(pa.types.is_floating(wanted) and got.bit_width <= wanted.bit_width)
    if pa.types.is_list(wanted):
        listed = pa.types.is_list(got) or pa.types.is_large_list(got)
        return bool(listed and (got.value_type == wanted.value_type or _safe(got.value_type, wanted.value_type)))
    return bool(pa.types.is_string(wanted) and (pa.types.is_large_string(got) or pa.types.is_string_view(got)))


def _missing(column: Column) -> Problem:
    if column.required and column.entered != "system":
        return Problem("missing-column", f"The required column '{column.name}' is missing. Add it.", field=column.name)
    return Problem(
        "missing-column",
        f"The column '{column.name}' is missing; it is read as empty, and rules that read it are not judged.",
        "warning",
        field=column.name,
    )


def _coerced(
    got: pa.ChunkedArray, wanted: pa.DataType, column: Column, codebook: Codebook, ids: pa.ChunkedArray | None, before: int, tally: Tally | None
) -> tuple[pa.ChunkedArray, list[Problem]]:
    import pyarrow as pa

    problems: list[Problem] = []
    chunks: list[pa.Array] = []
    known: dict[tuple[type, str], tuple[Any, list[Problem]]] = {}  # most columns repeat few values
    for start in range(0, len(got), PIECE):
        values: list[Any] = []
        for row, raw in enumerate(got.slice(start, PIECE).to_pylist(), start):
            raw = raw.isoformat() if isinstance(raw, date) else raw
            key = (type(raw), str(raw))
            if key not in known:
                typed, wrong = ({}, []) if raw is None else codebook.coerce({column.name: raw})
                known[key] = (typed.get(column.name), wrong)
            value, wrong = known[key]
            values.append(value)
            for p in wrong:
                if tally is None or tally.count(p.code, p.field, p.severity):
                    event_id = None if ids is None else ids[row].as_py()
                    where = None if event_id else f"row {before + row + 1}"
                    problems.append(Problem(p.code, p.message, p.severity, str(event_id) if event_id else None, p.field, p.value, where))
        chunks.append(pa.array(values, pa.string()).cast(wanted) if pa.types.is_date(wanted) else pa.array(values, wanted))
        if len(known) > PIECE:
            known.clear()
    return pa.chunked_array(chunks, wanted), problems
