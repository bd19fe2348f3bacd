"""Parquet files that mean harm, or are broken: told as what they are, without a traceback, never green."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventcoder.codebook import Codebook
from eventcoder.errors import InputError
from eventcoder.validation.rows import pages
from eventcoder.validation.rows.pieces import validate_parquet
from tests.synthetic_events import synthetic_values
from tests.validation.tables import TODAY, events_table


def _written(path: Path, table: pa.Table, **how: object) -> None:
    pq.write_table(table, path, **how)


def _cut(keep: float) -> Callable[[Path, pa.Table], None]:
    def make(path: Path, table: pa.Table) -> None:
        _written(path, table)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])

    return make


def _lying_footer(path: Path, table: pa.Table) -> None:
    _written(path, table)
    data = bytearray(path.read_bytes())
    data[-8:-4] = (0x7FFFFFFF).to_bytes(4, "little")
    path.write_bytes(data)


def _damaged_middle(path: Path, table: pa.Table) -> None:
    _written(path, table, compression="zstd")
    data = bytearray(path.read_bytes())
    data[200:2000] = os.urandom(1800)
    path.write_bytes(data)


def _text_bomb(path: Path, table: pa.Table) -> None:
    notes = pa.DictionaryArray.from_arrays(pa.array([0] * 40_000, pa.int32()), pa.array(["x" * 100_000])).cast(pa.dictionary(pa.int32(), pa.string()))
    _written(path, pa.table({"notes": notes}), dictionary_pagesize_limit=1 << 20, store_schema=False)


def _no_utf8(path: Path, table: pa.Table) -> None:
    bad = pa.array([b"\xff\xfe"] * len(table)).view(pa.string())
    _written(path, table.set_column(table.column_names.index("notes"), "notes", bad))


HOSTILE: dict[str, Callable[[Path, pa.Table], None]] = {
    "empty": lambda path, table: path.write_bytes(b"") and None,
    "no Parquet": lambda path, table: path.write_bytes(b"event_id,notes\n" * 50) and None,
    "cut at a third": _cut(0.33),
    "cut near the end": _cut(0.98),
    "a footer that lies": _lying_footer,
    "damaged pages": _damaged_middle,
    "very many columns": lambda path, table: _written(path, pa.table({f"c{n}": [1] for n in range(2_500)})),
    "nested": lambda path, table: _written(path, pa.table({"source": [[["a"]]]})),
    "deeper": lambda path, table: _written(path, pa.table({"notes": [{"a": {"b": {"c": {"d": 1}}}}]})),
    "texts that expand": _text_bomb,
    "no UTF-8": _no_utf8,
    "a folder": lambda path, table: path.mkdir(),
    "a pipe": lambda path, table: os.mkfifo(path),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_a_reason(codebook: Codebook, tmp_path: Path, name: str) -> None:
    path = tmp_path / "events.parquet"
    HOSTILE[name](path, events_table(synthetic_values(50, 3), codebook))
    with pytest.raises(InputError) as told:
        validate_parquet(path, codebook, latest_today=TODAY)
    assert "events.parquet" in str(told.value) and told.value.remedy


def test_a_record_in_the_place_of_a_text_is_no_traceback(codebook: Codebook, tmp_path: Path) -> None:
    _written(tmp_path / "events.parquet", pa.table({"event_id": ["a" * 12], "notes": [{"a": 1}]}))
    try:
        assert not validate_parquet(tmp_path / "events.parquet", codebook, latest_today=TODAY).valid
    except InputError as error:
        assert "notes" in str(error)


def test_an_empty_table_and_one_of_strange_columns(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    _written(path, events_table([], codebook))
    assert validate_parquet(path, codebook, latest_today=TODAY).problems == []
    _written(path, pa.table({"colour": ["red"]}))
    found = validate_parquet(path, codebook, latest_today=TODAY)
    assert {"unknown-column", "missing-column"} == {p.code for p in found if p.severity == "error"}
    assert len(codebook.names) < pages.MOST_COLUMNS


def test_a_null_inside_a_list_is_told(codebook: Codebook, tmp_path: Path) -> None:
    table = events_table(synthetic_values(3, 4), codebook)
    sources = pa.array([["A", None], ["B"], ["C"]], pa.list_(pa.string()))
    _written(tmp_path / "events.parquet", table.set_column(table.column_names.index("source"), "source", sources))
    found = validate_parquet(tmp_path / "events.parquet", codebook, latest_today=TODAY)
    assert ("not-a-list", "source") in found.flatten("code", "field")
