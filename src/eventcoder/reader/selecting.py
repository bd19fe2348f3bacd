"""Rows out of a release's Parquet file: by DuckDB where few are wanted, which decodes only the values of those, else by Arrow. Floor 7.

Both say the same (a test compares them): a filter is an Arrow expression and a condition of SQL, and the rows keep the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from eventcoder.errors import ReleaseError
from eventcoder.reader.filters import LISTED, PRECISIONS, Filters

_AT = "file_row_number"  # DuckDB's name for the place of a row in the file
_PATTERN = "*?[{"  # DuckDB takes a path with these for a pattern of several files


def rows(
    path: Path, actors: Path | None, dataset: ds.Dataset, names: Sequence[str], asked: Filters, wanted: Callable[[], ds.Expression | None]
) -> pa.Table:
    """The columns `names` of the rows that the filters let through; `wanted` makes the expression that says the same as `asked`. `actors` is the
    file of the table event_actors, where an actor is asked for. Raises `ReleaseError`.
    """
    try:
        if not asked.told() or not names or any(sign in str(path) for sign in _PATTERN):
            return dataset.to_table(columns=list(names), filter=wanted())
        return _by_duckdb(path, actors, dataset.schema, names, asked)
    except (pa.ArrowInvalid, OSError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}", "Run 'eventcoder check' on the release, or fetch it again.") from None


def _by_duckdb(path: Path, actors: Path | None, schema: pa.Schema, names: Sequence[str], asked: Filters) -> pa.Table:
    import duckdb

    condition, values = _condition(asked)
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    read = "read_parquet(?)"
    if asked.actor is not None:  # a join may give rows in any order: the file's is restored
        condition += f' AND "event_id" IN (SELECT event_id FROM read_parquet(?) WHERE actor IN ({", ".join("?" * len(asked.actor))}))'
        values = [*values, str(actors), *asked.actor]
        columns, read = f"{columns}, {_AT}", f"read_parquet(?, {_AT} = true)"
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    try:
        with duckdb.connect(":memory:", config=settings) as con:
            con.execute("SET enable_progress_bar = false")
            found = con.sql(f"SELECT {columns} FROM {read} WHERE {condition}", params=[str(path), *values]).to_arrow_table()
    except duckdb.Error as error:
        raise ReleaseError(f"{path} cannot be read: {error}", "Run 'eventcoder check' on the release, or fetch it again.") from None
    if asked.actor is not None:
        found = found.take(pc.sort_indices(found.column(_AT))).drop_columns([_AT])
    return found.cast(pa.schema([schema.field(name) for name in names]))


def _condition(asked: Filters) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for column in LISTED:
        given = getattr(asked, column)
        if given is not None:
            parts.append(f'"{column}" IN ({", ".join("?" * len(given))})')
            values += given
    for name, column in PRECISIONS.items():
        if (level := getattr(asked, name)) is not None:
            parts.append(f'"{column}" <= ?')
            values.append(level)
    for sign, day in ((">=", asked.since), ("<=", asked.until)):
        if day is not None:
            parts.append(f'"event_date" {sign} ?')
            values.append(day)
    return " AND ".join(parts) or "true", values
