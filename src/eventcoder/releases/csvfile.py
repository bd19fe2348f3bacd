"""CSV as releases write and read it. Floor 6.

RFC 4180 in UTF-8 with `\\n` between records: text cells stand in double quotes (line breaks and quotes inside are kept), numbers, days and
flags do not. Null is nothing between two commas; an empty text would be `""` (our tables have none). Lists are joined by `; `.

Spreadsheets run a cell that begins with = + - @, a tab or a carriage return as a formula. In CSV (never in Parquet) such a text gets an
apostrophe before it, and so does one that already has apostrophes before such a sign: `restore` takes exactly one away, so nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

SEPARATOR = "; "
ROWS_AT_ONCE = 50_000
BLOCK = 1 << 22  # bytes of a file that are taken apart at a time; no row can be longer
_FORMULA = r"^('*[=+\-@\t\r])"
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def neutralise(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Texts that a spreadsheet would run, with an apostrophe before them."""
    return pc.replace_substring_regex(column, pattern=_FORMULA, replacement=r"'\1")


def restore(text: str) -> str:
    """The inverse of `neutralise` for one cell."""
    return text[1:] if _NEUTRALISED.match(text) else text


def joined(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A list column as texts; an empty list is null."""
    lists = (column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column).cast(pa.list_(pa.string()))
    return pc.if_else(pc.equal(pc.list_value_length(lists), 0), pa.scalar(None, pa.string()), pc.binary_join(lists, SEPARATOR))


def as_csv(table: pa.Table) -> pa.Table:
    """The table as its CSV shows it: lists as one text, texts neutralised, all else as it is."""
    columns = []
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_list(column.type):
            column = joined(column)
        columns.append(neutralise(column) if pa.types.is_string(column.type) else column)
    return pa.table(columns, names=table.column_names)


def write_csv(table: pa.Table, path: Path) -> None:
    """Write in pieces, so that the text form of the whole table never stands in memory."""
    first = as_csv(table.slice(0, 0))
    options = pyarrow.csv.WriteOptions(include_header=True, quoting_style="needed")
    with path.open("wb") as out, pyarrow.csv.CSVWriter(out, first.schema, write_options=options) as writer:
        for start in range(0, table.num_rows, ROWS_AT_ONCE):
            writer.write_table(as_csv(table.slice(start, ROWS_AT_ONCE)))


def read_texts(path: Path) -> pa.Table:
    """Every cell of a CSV file as text, null where it is empty. Raises `pyarrow.ArrowInvalid` for what is no CSV, or no UTF-8."""
    with _opened(path) as reader:
        return reader.read_all()


def same_as_csv(table: pa.Table, path: Path) -> list[str]:
    """Names of the columns in which a CSV file differs from the table; '' stands for other columns or rows. Raises as `read_texts` does.

    The file is read in pieces, so that its text form never stands in memory as a whole.
    """
    at = 0
    differing: set[str] = set()
    with _opened(path) as reader:
        if reader.schema.names != table.column_names:
            return [""]
        for texts in reader:
            shown = as_csv(table.slice(at, texts.num_rows)).combine_chunks()
            at += texts.num_rows
            if shown.num_rows != texts.num_rows:
                return [""]
            for name in set(table.column_names) - differing:
                expected, found = shown.column(name).cast(pa.string()), texts.column(name)
                if not expected.equals(pa.chunked_array([found])):
                    differing.add(name)
    if at != table.num_rows:
        return [""]
    return [name for name in table.column_names if name in differing]


def _opened(path: Path) -> pyarrow.csv.CSVStreamingReader:
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    with path.open("rb") as handle:
        head = pyarrow.csv.open_csv(handle, parse_options=parse).schema.names
    convert = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(head, pa.string()), strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
    )
    return pyarrow.csv.open_csv(path, pyarrow.csv.ReadOptions(block_size=BLOCK), parse, convert)


def typed(texts: pa.Table, kinds: Mapping[str, pa.DataType]) -> tuple[pa.Table, list[tuple[str, int, str]]]:
    """Cells of a CSV file in the types of a schema; cells that do not fit become null and are named: (column, row from 0, text)."""
    columns, names, misfits = [], [], []
    for name in texts.column_names:
        kind = kinds.get(name, pa.string())
        column = texts.column(name).combine_chunks()
        if pa.types.is_string(kind) or pa.types.is_list(kind):
            plain = pc.replace_substring_regex(column, pattern=r"^'('*[=+\-@\t\r])", replacement=r"\1")
            column = pc.split_pattern(pc.fill_null(plain, ""), SEPARATOR) if pa.types.is_list(kind) else plain
            if pa.types.is_list(kind):
                empty = pa.scalar([], pa.list_(pa.string()))
                column = pc.if_else(pc.fill_null(pc.equal(plain, ""), True), empty, column)
        else:
            try:
                column = column.cast(kind)
            except pa.ArrowInvalid:
                values, bad = _cell_by_cell(column, kind)
                misfits += [(name, row, text) for row, text in bad]
                column = values
        columns.append(column)
        names.append(name)
    return pa.table(columns, names=names), misfits


def _cell_by_cell(column: pa.Array, kind: pa.DataType) -> tuple[pa.Array, list[tuple[int, str]]]:
    bad = []
    values = []
    for row, text in enumerate(column.to_pylist()):
        try:
            values.append(pa.scalar(text, pa.string()).cast(kind).as_py())
        except pa.ArrowInvalid:
            bad.append((row, text))
            values.append(None)
    return pa.array(values, kind), bad
