"""Ways of damaging a release: its files, its manifest, its tables."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eventcoder.releases.csvfile import write_csv
from eventcoder.releases.tables import write_parquet

Damage = Callable[[Path], object]
Raw = dict[str, Any]


def put(name: str, data: bytes) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)

    return damage


def replaced(name: str, by: Callable[[Path], object]) -> Damage:
    def damage(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        by(path)

    return damage


def link_to(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


def manifest(**changes: Any) -> Callable[[Raw], object]:
    return lambda raw: raw["eventcoder"].update(changes)


def files(name: str, **facts: Any) -> Callable[[Raw], object]:
    whole = {"sha256": "0" * 64, "bytes": 1, "rows": None}
    return lambda raw: raw["eventcoder"]["files"].update({name: {**raw["eventcoder"]["files"].get(name, whole), **facts}})


def without(*path: str) -> Callable[[Raw], object]:
    def edit(raw: Raw) -> None:
        for step in path[:-1]:
            raw = raw[step]
        del raw[path[-1]]

    return edit


def of_table(name: str, edit: Callable[[pa.Table], pa.Table], **options: Any) -> Damage:
    def damage(folder: Path) -> None:
        table = edit(pq.read_table(folder / f"{name}.parquet"))
        pq.write_table(table, folder / f"{name}.parquet", **options) if options else write_parquet(table, folder / f"{name}.parquet")

    return damage


def column(name: str, values: Callable[[pa.Table], Any]) -> Callable[[pa.Table], pa.Table]:
    def edit(table: pa.Table) -> pa.Table:
        at = table.column_names.index(name)
        return table.set_column(at, name, values(table))

    return edit


def patched(name: str, at: int, data: bytes) -> Damage:
    """Bytes of a file overwritten, counted from its end."""

    def damage(folder: Path) -> None:
        good = bytearray((folder / name).read_bytes())
        good[len(good) + at : len(good) + at + len(data)] = data
        (folder / name).write_bytes(good)

    return damage


def many_columns(_: pa.Table) -> pa.Table:
    return pa.table({f"c{i}": pa.nulls(1, pa.int8()) for i in range(3_000)})


def deep(table: pa.Table) -> pa.Table:
    kind: pa.DataType = pa.string()
    for _ in range(30):
        kind = pa.list_(kind)
    return column("tags", lambda t: pa.nulls(len(t), kind))(table)


def broken_utf8(table: pa.Table) -> pa.Array:
    size = table.num_rows
    return pa.StringArray.from_buffers(size, pa.py_buffer(struct.pack(f"<{size + 1}i", *range(size + 1))), pa.py_buffer(b"\xff" * size))


def repeated(table: pa.Table) -> pa.Table:
    """Few bytes on disk, a gigabyte in memory: one text of a megabyte, named a thousand times."""
    big = pa.table({"event_id": pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int32()), pa.array(["x" * 1_000_000]))})
    return big.select(["event_id"])


def long_cell(folder: Path) -> None:
    table = pq.read_table(folder / "events.parquet")
    write_csv(table.slice(0, 1), folder / "events.csv")
    with (folder / "events.csv").open("ab") as file:
        file.write(b'"' + b"x" * 9_000_000 + b'"\n')
