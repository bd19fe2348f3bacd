"""Parquet: typed columns in batches, whatever way they are stored."""

import tracemalloc
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.errors import InputError
from eventcoder.intake.formats import open_sheet
from tests.intake.formats.reading import codes, read, read_file

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
COLUMNS = {
    "text": (pa.string(), TEXT),
    "word": (pa.dictionary(pa.int32(), pa.string()), TEXT),
    "large": (pa.large_string(), TEXT),
    "whole": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "number": (pa.float64(), st.floats(allow_nan=False)),
    "flag": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), st.dates()),
    "time": (pa.timestamp("us"), st.datetimes()),
    "words": (pa.list_(pa.string()), st.lists(TEXT, max_size=3)),
}


@settings(deadline=None, max_examples=80)
@given(st.data(), st.integers(0, 12), st.sampled_from([1, 5, 1000]), st.sampled_from([3, 1000]))
def test_a_table_comes_back(tmp_path_factory, data, n, size, group):
    values = {name: data.draw(st.lists(st.none() | cell, min_size=n, max_size=n)) for name, (_, cell) in COLUMNS.items()}
    path = tmp_path_factory.mktemp("t") / "events.parquet"
    pq.write_table(pa.table({name: pa.array(values[name], kind) for name, (kind, _) in COLUMNS.items()}), path, row_group_size=group)
    with open_sheet(path) as sheet:
        for _ in range(2):
            found, faults = read(sheet, size)
            assert (sheet.format, sheet.typed, sheet.columns, faults, sheet.notes) == ("parquet", True, tuple(COLUMNS), [], [])
            assert found == [(line, list(row)) for line, row in enumerate(zip(*values.values(), strict=True), 1)]
        assert sheet.where(3, "day") == "events.parquet, row 3, column day"


def written(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


def test_exact_numbers_finer_times_and_plain_bytes(tmp_path):
    path = written(
        tmp_path / "e.parquet",
        exact=pa.array([Decimal("1234567890123456789.10"), None], pa.decimal128(30, 2)),
        fine=pa.array([1_700_000_000_123_456_789, None], pa.timestamp("ns")),
        zone=pa.array([datetime(2025, 5, 16, 12, tzinfo=UTC), None], pa.timestamp("ms", "UTC")),
        raw=pa.array([b"Shiraz", None], pa.binary()),
        clock=pa.array([time(14, 30), None], pa.time32("s")),
        long=pa.array([timedelta(seconds=5), None], pa.duration("s")),
        none=pa.nulls(2),
    )
    _, rows, _ = read_file(path)
    assert rows[0] == [
        "1234567890123456789.10", datetime(2023, 11, 14, 22, 13, 20, 123456), datetime(2025, 5, 16, 12, tzinfo=UTC), "Shiraz", "14:30:00", "5", None,
    ]  # fmt: skip
    assert rows[1] == [None] * 7


@pytest.mark.parametrize(
    "column",
    [
        pa.array([{"a": 1}]),
        pa.array([[1, 2]]),
        pa.array([[["a"]]]),
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    ],
)
def test_nested_columns_are_refused_by_name(tmp_path, column):
    with pytest.raises(InputError, match="column 'place' has values of type") as refusal:
        open_sheet(written(tmp_path / "e.parquet", id=["IRN1"], place=column))
    assert refusal.value.remedy
    assert read_file(written(tmp_path / "e.parquet", id=["IRN1"], _place=column))[1] == [["IRN1"]]


def test_names_twice_and_names_with_points(tmp_path):
    path = tmp_path / "e.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]), path)
    with pytest.raises(InputError, match="'a' more than once"):
        open_sheet(path)
    sheet, rows, _ = read_file(written(path, **{"a.b": [1], " a ": ["x"], "_own": [3]}))
    assert sheet.columns == ("a.b", "a") and rows == [[1, "x"]]


def test_a_damaged_file_is_refused(tmp_path):
    path = written(tmp_path / "e.parquet", id=[f"IRN{n}" for n in range(5000)])
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        open_sheet(path)
    path.write_bytes(data[:10] + b"\xff" * 2000 + data[2010:])
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_file(path)


def test_a_text_repeated_a_million_times_is_held_once_and_one_too_long_is_refused(tmp_path):
    path = tmp_path / "e.parquet"
    repeated = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), pa.array(["x" * 300_000]))
    distinct = pa.array([f"{n}" + "x" * 300_000 for n in range(1000)])
    for n, notes in ((20_000, repeated), (1000, distinct)):
        # A page is held whole, so pages must be small here; without the Arrow schema the column does not say that it is a dictionary.
        pq.write_table(pa.table({"id": range(n), "notes": notes}), path, write_batch_size=16, store_schema=False)
        tracemalloc.start()
        before, arrow, read_rows = pa.total_allocated_bytes(), 0, 0
        try:
            with open_sheet(path) as sheet:
                for piece in sheet.pieces():
                    read_rows += len(piece.rows)
                    arrow = max(arrow, pa.total_allocated_bytes() - before)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert read_rows == n and peak < 300_000_000 and arrow < 300_000_000
    _, rows, faults = read_file(written(path, id=[1, 2], notes=["short", "y" * 11_000_000]))
    assert rows == [[1, "short"]] and codes(faults) == [(2, "field-too-large")] and faults[0].raw == {"id": 2, "notes": None}


def test_days_stay_days(tmp_path):
    _, rows, _ = read_file(written(tmp_path / "e.parquet", day=[date(2025, 5, 16)], moment=[datetime(2025, 5, 16)]))
    assert [type(cell) for cell in rows[0]] == [date, datetime]
