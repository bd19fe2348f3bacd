"""A table from anywhere in the codebook's columns and types; what does not fit becomes problems instead of exceptions. Floor 4.

A column of another type is read value by value with the codebook's own coercion, so that "12 people" or 2.5 fatalities in a file get the
same verdict here as in an import; the values that it refuses are left out and reported with their row.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.problem import Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook, Column


def conform(events: pa.Table, codebook: Codebook) -> tuple[pa.Table, list[Problem], frozenset[str]]:
    """`events` with exactly the codebook's columns in their types, what did not fit, and the names of the columns that are absent.

    Problems: `unknown-column` (T27), `duplicate-column`, `missing-column` (an error for required columns, else a warning), and those of
    `Codebook.coerce` with the event or the row they are in.
    """
    import pyarrow as pa

    from eventcoder.codebook.arrow import arrow_schema
    from eventcoder.codebook.suggestion import did_you_mean

    problems: list[Problem] = []
    names = events.column_names
    for name in dict.fromkeys(names):
        if name not in codebook.names:
            hint = did_you_mean(name, codebook.names)
            problems.append(Problem("unknown-column", f"There is no column '{name}'. {hint}".rstrip(), field=name))
        if names.count(name) > 1:
            message = f"Column '{name}' occurs {names.count(name)} times; the first is read. Keep one."
            problems.append(Problem("duplicate-column", message, field=name))
    ids: list[str | None] = [None] * len(events)
    if "event_id" in names:
        ids = _texts(events.column(names.index("event_id")))
    columns: list[Any] = []
    absent: set[str] = set()
    for field in arrow_schema(codebook):
        column = codebook.column(field.name)
        if field.name not in names:
            absent.add(field.name)
            problems.append(_missing(column))
            columns.append(pa.nulls(len(events), field.type))
            continue
        got = events.column(names.index(field.name))
        if pa.types.is_dictionary(got.type):
            got = got.cast(got.type.value_type)
        if got.type == field.type or _safe(got.type, field.type):
            columns.append(got.cast(field.type))
        else:
            read, wrong = _coerced(got, field.type, column, codebook, ids)
            columns.append(read)
            problems += wrong
    return pa.Table.from_arrays(columns, schema=arrow_schema(codebook)), problems, frozenset(absent)


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
        return bool((pa.types.is_list(got) or pa.types.is_large_list(got)) and _safe(got.value_type, wanted.value_type))
    return bool(pa.types.is_string(wanted) and (pa.types.is_large_string(got) or pa.types.is_string_view(got)))


def _missing(column: Column) -> Problem:
    if column.required and column.entered != "system":
        return Problem("missing-column", f"The required column '{column.name}' is missing. Add it.", field=column.name)
    return Problem("missing-column", f"The column '{column.name}' is missing; it is read as empty.", "warning", field=column.name)


def _texts(column: pa.ChunkedArray) -> list[str | None]:
    return [None if value is None else str(value) for value in column.to_pylist()]


def _coerced(got: pa.ChunkedArray, wanted: pa.DataType, column: Column, codebook: Codebook, ids: list[str | None]) -> tuple[pa.Array, list[Problem]]:
    import pyarrow as pa

    problems: list[Problem] = []
    values: list[Any] = []
    known: dict[tuple[type, str], tuple[Any, list[Problem]]] = {}  # most columns repeat few values
    for row, raw in enumerate(got.to_pylist()):
        raw = raw.isoformat() if isinstance(raw, date) else raw
        key = (type(raw), str(raw))
        if key not in known:
            typed, wrong = ({}, []) if raw is None else codebook.coerce({column.name: raw})
            known[key] = (typed.get(column.name), wrong)
        value, wrong = known[key]
        values.append(value)
        event_id = ids[row]
        where = None if event_id else f"row {row + 1}"
        problems += [Problem(p.code, p.message, p.severity, event_id, p.field, p.value, where) for p in wrong]
    if pa.types.is_date(wanted):
        return pa.array(values, pa.string()).cast(wanted), problems
    return pa.array(values, wanted), problems
