"""The events' Arrow schema: explicit types that hold every allowed value, and descriptions that travel with the file."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from eventcoder.codebook import Codebook
from eventcoder.codebook.arrow import arrow_schema

KINDS = {"string": pa.string(), "text": pa.string(), "number": pa.float64(), "date": pa.date32(), "boolean": pa.bool_()}


def test_columns_stand_in_the_codebooks_order_with_its_types(codebook: Codebook) -> None:
    schema = arrow_schema(codebook)
    assert schema.names == list(codebook.names)
    for column, field in zip(codebook.columns, schema, strict=True):
        if column.type == "integer":
            assert pa.types.is_signed_integer(field.type), column.name
        elif column.type == "list":
            assert pa.types.is_list(field.type) and field.type.value_type == pa.string(), column.name
        else:
            assert field.type == KINDS[column.type], column.name


def test_whole_numbers_have_room_for_their_whole_range(codebook: Codebook) -> None:
    for column, field in zip(codebook.columns, arrow_schema(codebook), strict=True):
        if column.type == "integer":
            assert pa.array([column.min, column.max, None], field.type).to_pylist() == [column.min, column.max, None]
    assert arrow_schema(codebook).field("timestamp").type == pa.int64()


def test_every_column_may_be_null_so_that_open_events_fit(codebook: Codebook) -> None:
    schema = arrow_schema(codebook)
    assert all(field.nullable for field in schema)
    assert pa.Table.from_pylist([{}], schema=schema).num_rows == 1


def test_descriptions_survive_in_a_parquet_file(codebook: Codebook, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "events.parquet"
    pq.write_table(arrow_schema(codebook).empty_table(), path)
    back = pq.read_schema(path)
    assert back.equals(arrow_schema(codebook))
    for column in codebook.columns:
        assert back.field(column.name).metadata[b"description"].decode() == column.description
    assert back.field("latitude").metadata[b"unit"] == b"degrees north (WGS 84)"
