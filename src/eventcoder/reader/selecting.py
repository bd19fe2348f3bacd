"""Rows out of a release's Parquet file: by DuckDB where few are wanted, which decodes only the values of those, else by Arrow. Floor 7.

Both say the same (a test compares them): a filter is an Arrow expression and a condition of SQL, and the rows keep the order of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from eventcoder.errors import ReleaseError
from eventcoder.reader.filters import LISTED, PRECISIONS, Filters

_PATTERN = "*?[{"  # DuckDB takes a path with these for a pattern of several files


def rows(path: Path, dataset: ds.Dataset, names: Sequence[str], asked: Filters, wanted: ds.Expression | None) -> pa.Table:
    """The columns `names` of the rows that the filters let through; `wanted` says the same as `asked`. Raises `ReleaseError`."""
    try:
        if wanted is None or asked.actor is not None or not names or any(sign in str(path) for sign in _PATTERN):
            return dataset.to_table(columns=list(names), filter=wanted)
        return _by_duckdb(path, dataset.schema, names, asked)
    except (pa.ArrowInvalid, OSError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}", "Run 'eventcoder check' on the release, or fetch it again.") from None


def _by_duckdb(path: Path, schema: pa.Schema, names: Sequence[str], asked: Filters) -> pa.Table:
    import duckdb

    condition, values = _condition(asked)
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    try:
        with duckdb.connect(":memory:", config=settings) as con:
            con.execute("SET enable_progress_bar = false")
            found = con.sql(f"SELECT {columns} FROM read_parquet(?) WHERE {condition}", params=[str(path), *values]).to_arrow_table()
    except duckdb.Error as error:
        raise ReleaseError(f"{path} cannot be read: {error}", "Run 'eventcoder check' on the release, or fetch it again.") from None
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
