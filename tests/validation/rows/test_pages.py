"""What a Parquet file would take is known before it is decoded, whatever its footer says."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventcoder.errors import InputError, ReleaseError
from eventcoder.releases.parquetfile import read_parquet
from eventcoder.validation.rows import pages
from eventcoder.validation.rows.pages import look
from eventcoder.validation.rows.pieces import parquet_pieces


def looked(path: Path) -> None:
    with path.open("rb") as file:
        look(path, file)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"data_page_version": "2.0"},
        {"use_dictionary": False},
        {"compression": "gzip", "write_statistics": False},
        {"dictionary_pagesize_limit": 64, "data_page_size": 100},
        {"use_dictionary": False, "column_encoding": "DELTA_LENGTH_BYTE_ARRAY"},
    ],
    ids=str,
)
def test_what_writers_make_is_read_as_it_is(tmp_path: Path, how: dict[str, object]) -> None:
    path = tmp_path / "a.parquet"
    lists = pa.array([[f"x{n}", None] if n % 3 else None for n in range(500)], pa.list_(pa.string()))
    table = pa.table({"event_id": [f"a{n % 77}" if n % 5 else None for n in range(500)], "source": lists})
    if "column_encoding" in how:
        table = table.select(["event_id"])
    pq.write_table(table, path, row_group_size=130, **how)
    with path.open("rb") as file:
        found = look(path, file)
        assert found.leaves[0] == "event_id"
        assert sum(chunk.values for (_, at), chunk in found.chunks.items() if at == 0) == 500
    (piece,) = parquet_pieces(path, frozenset(table.column_names))
    for name in table.column_names:
        assert piece[name].to_pylist() == table[name].to_pylist()


def test_texts_are_read_as_they_are_where_that_is_known_to_be_small(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"ids": [f"k{n:011}" for n in range(20_000)], "few": ["x"] * 20_000}), path, dictionary_pagesize_limit=1_000)
    with path.open("rb") as file:
        found = look(path, file)
        assert found.longest(file, 1 << 20) == ["ids"]
        assert found.longest(file, 1 << 10) == []
    pq.write_table(pq.read_table(path), path, dictionary_pagesize_limit=1_000, row_group_size=19_999)  # a last group of one row changes nothing
    with path.open("rb") as file:
        assert look(path, file).longest(file, 1 << 20) == ["ids"]


@pytest.mark.parametrize("column", ["texts", "numbers"])
def test_pages_that_unpack_to_far_more_are_refused_before_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str) -> None:
    """A page of 4 MB in a file of some hundred bytes, as a dictionary; and many pages that are small one by one. The bounds are small here."""
    path = tmp_path / "a.parquet"
    if column == "texts":
        pq.write_table(pa.table({"texts": ["x" * (4 << 20), "y"]}), path, compression="zstd", dictionary_pagesize_limit=8 << 20)
        monkeypatch.setattr(pages, "LARGEST_PAGE", 1 << 20)
    else:
        zeros = pa.table({"numbers": pa.array([0] * (1 << 19), pa.int64())})
        pq.write_table(zeros, path, compression="zstd", use_dictionary=False)
        monkeypatch.setattr(pages, "SMALL", 1 << 20)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", None)  # nothing is decoded
    with pytest.raises(InputError, match="would expand"):
        list(parquet_pieces(path, frozenset({column})))
    with pytest.raises(ReleaseError, match="would expand"):
        read_parquet(path)


def test_a_footer_that_says_other_rows_than_the_pages_have_is_refused(tmp_path: Path) -> None:
    path, other = tmp_path / "a.parquet", tmp_path / "b.parquet"
    for file, rows in ((path, 1_000), (other, 1_001)):
        pq.write_table(pa.table({"n": pa.array(range(rows), pa.int32())}), file, use_dictionary=False, compression="none")
    one, two = path.read_bytes(), other.read_bytes()
    length = int.from_bytes(two[-8:-4], "little") + 8
    own = int.from_bytes(one[-8:-4], "little") + 8
    path.write_bytes(one[:-own] + b"\0" * 4 + two[-length:])  # the footer of a file with a row more
    with pytest.raises(InputError, match=r"n has 1,000 values, its footer says 1,001|damaged"):
        looked(path)


def test_no_bytes_of_pages_make_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"t": ["a", "b"] * 300}), path)
    whole = path.read_bytes()
    for at in range(4, 80):
        for value in (0, 0x7F, 0x8C, 0xFF):
            path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
            try:
                looked(path)
            except InputError as error:
                assert error.remedy
