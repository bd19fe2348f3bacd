"""Batches of a table to a file, one batch in memory at a time: CSV as releases write it, Parquet, JSON Lines, GeoJSON. Floor 6."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from eventcoder.releases.csvfile import as_csv

POINT = ("longitude", "latitude")
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class Writer(Protocol):
    """Takes tables of one schema, one after the other."""

    def write(self, table: pa.Table) -> None: ...


@contextmanager
def open_writer(kind: str, path: Path, schema: pa.Schema) -> Iterator[Writer]:
    """A writer of this format for tables of this schema. The file is whole when the block has ended."""
    with path.open("wb") as out:
        if kind == "csv":
            options = pyarrow.csv.WriteOptions(include_header=True, quoting_style="needed")
            with pyarrow.csv.CSVWriter(out, as_csv(schema.empty_table()).schema, write_options=options) as writer:
                yield _Csv(writer)
        elif kind == "parquet":
            with pq.ParquetWriter(out, schema, compression="zstd", compression_level=3) as writer:
                yield _Parquet(writer)
        elif kind == "jsonl":
            yield _JsonLines(out)
        else:
            with _GeoJson(out) as features:
                yield features


class _Csv:
    def __init__(self, writer: pyarrow.csv.CSVWriter) -> None:
        self._writer = writer

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(as_csv(table))


class _Parquet:
    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer

    def write(self, table: pa.Table) -> None:
        if table.num_rows:
            self._writer.write_table(table.combine_chunks())


class _JsonLines:
    """One object a row with every column; days are `YYYY-MM-DD`, lists are lists, null is null."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def write(self, table: pa.Table) -> None:
        self._out.write("".join([_ENCODE(row) + "\n" for row in _objects(table)]).encode())


class _GeoJson:
    """RFC 7946: one Feature an event. A place without coordinates has no geometry; how exact a point is stands in its properties."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._before = b"\n"

    def __enter__(self) -> _GeoJson:
        self._out.write(b'{"type": "FeatureCollection", "features": [')
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._out.write(b"\n]}\n")

    def write(self, table: pa.Table) -> None:
        for row in _objects(table):
            point = [row.pop(name, None) for name in POINT]
            geometry = None if None in point else {"type": "Point", "coordinates": point}
            feature = {"type": "Feature", "id": row.get("event_id"), "geometry": geometry, "properties": row}
            self._out.write(self._before + _ENCODE(feature).encode())
            self._before = b",\n"


def _objects(table: pa.Table) -> Iterator[dict[str, Any]]:
    """The rows as JSON has them. Column by column, which takes half the time of `to_pylist` of the table."""
    names = table.column_names
    columns = [table.column(name) for name in names]
    texts = [column.cast(pa.string()) if pa.types.is_date(column.type) else column for column in columns]
    for row in zip(*(column.to_pylist() for column in texts), strict=True):
        yield dict(zip(names, row, strict=True))
