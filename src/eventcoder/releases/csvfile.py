"""CSV as releases write and read it. Floor 6.

RFC 4180 in UTF-8 with `\\n` between records: text cells stand in double quotes (line breaks and quotes inside are kept), numbers, days and
flags do not. Null is nothing between two commas; an empty text would be `""` (our tables have none). Lists are joined by `; `.

Spreadsheets run a cell that begins with = + - @, a tab or a carriage return as a formula. In CSV (never in Parquet) such a text gets an
apostrophe before it, and so does one that already has apostrophes before such a sign: `restore` takes exactly one away, so nothing is lost.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

SEPARATOR = "; "
ROWS_AT_ONCE = 50_000
BLOCK = 1 << 22  # bytes of a file that are taken apart at a time; no row can be longer
LONGEST_HEADER = 1 << 18  # bytes; 2,000 columns with names of a hundred letters. Arrow makes several objects of each column it is told of
MOST_COLUMNS = 2_000
_FORMULA = r"^('*[=+\-@\t\r])"
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
_SUSPECT = np.zeros(256, bool)  # first bytes of the texts that the pattern can meet
_SUSPECT[list(b"'=+-@\t\r")] = True


def neutralise(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Texts that a spreadsheet would run, with an apostrophe before them."""
    if isinstance(column, pa.ChunkedArray):
        return pa.chunked_array([neutralise(piece) for piece in column.chunks], column.type)
    if not _any_suspect(column):
        return column  # nearly always: looking at first bytes costs a tenth of looking for the pattern
    return pc.replace_substring_regex(column, pattern=_FORMULA, replacement=r"'\1")


def _any_suspect(column: pa.StringArray) -> bool:
    """Whether any text begins with a byte that the pattern can meet (a null may lie over such a byte: that only costs time)."""
    _, offset_buffer, data = column.buffers()
    if not len(column) or offset_buffer is None or data is None or not data.size:
        return False
    offsets = np.frombuffer(offset_buffer, np.int32)[column.offset : column.offset + len(column) + 1]
    begins = offsets[:-1][offsets[1:] > offsets[:-1]]
    return bool(_SUSPECT[np.frombuffer(data, np.uint8)[begins]].any())


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
    """Write in pieces, so that the text form of the whole table never stands in memory; the bytes are those of `_rendered`."""
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    with pyarrow.csv.CSVWriter(path, as_csv(table.slice(0, 0)).schema, write_options=options) as out:
        for start in range(0, table.num_rows, ROWS_AT_ONCE):
            out.write_table(as_csv(table.slice(start, ROWS_AT_ONCE)))


def _rendered(table: pa.Table) -> Iterator[pa.Buffer]:
    """The bytes of the table's CSV, piece by piece, the header first."""
    for start in range(-ROWS_AT_ONCE, table.num_rows, ROWS_AT_ONCE):
        options = pyarrow.csv.WriteOptions(include_header=start < 0, quoting_style="needed")
        out = pa.BufferOutputStream()
        pyarrow.csv.write_csv(as_csv(table.slice(max(start, 0), ROWS_AT_ONCE if start >= 0 else 0)), out, options)
        yield out.getvalue()


def is_csv_of(table: pa.Table, path: Path) -> bool:
    """Whether a file is byte for byte what `write_csv` makes of the table. Much faster than reading it; the first difference ends it."""
    with path.open("rb") as file:
        return all(file.read(piece.size) == piece for piece in _rendered(table)) and not file.read(1)


def read_texts(path: Path) -> pa.Table:
    """Every cell of a CSV file as text, null where it is empty. Raises `pyarrow.ArrowInvalid` for what is no CSV, or no UTF-8."""
    with _opened(path) as reader:
        return reader.read_all()


def text_pieces(path: Path) -> Iterator[pa.Table]:
    """The same piece by piece, at least one (which may have no rows)."""
    with _opened(path) as reader:
        yield reader.schema.empty_table()
        for batch in reader:
            yield pa.Table.from_batches([batch])


def same_as_csv(table: pa.Table, path: Path) -> list[str]:
    """Names of the columns in which a CSV file differs from the table; '' stands for other columns or rows. Raises as `read_texts` does.

    A file that our own writer made is told by its bytes. Any other is read in pieces, so that its text form never stands in memory as a whole.
    """
    if is_csv_of(table, path):
        return []
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
        start = handle.read(LONGEST_HEADER)
        if (b"\n" not in start and len(start) == LONGEST_HEADER) or start.split(b"\n", 1)[0].count(b",") >= MOST_COLUMNS:
            raise pa.ArrowInvalid(f"its first line is no header: it has more than {LONGEST_HEADER:,} bytes or {MOST_COLUMNS:,} columns")
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise pa.ArrowInvalid("it is UTF-16; save it as CSV UTF-8")
        handle.seek(0)
        try:
            head = pyarrow.csv.open_csv(handle, parse_options=parse).schema.names
        except UnicodeDecodeError:
            raise pa.ArrowInvalid("the names of its columns are not UTF-8; save it as CSV UTF-8") from None
    if len(head) == 1 and (sign := next((sign for sign in (";", "\t", "|") if sign in head[0]), None)):
        raise pa.ArrowInvalid(f"its cells are separated by {sign!r}, not by commas; save it with commas")
    if len(set(head)) != len(head):
        twice = next(name for name in head if head.count(name) > 1)
        raise pa.ArrowInvalid(f"its header names the column {twice[:100]!r} twice")
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
            plain = pc.replace_substring_regex(column, pattern=r"^'('*[=+\-@\t\r])", replacement=r"\1") if _any_suspect(column) else column
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
