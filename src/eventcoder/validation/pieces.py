"""A Parquet file of events judged piece by piece, whatever its size and whoever wrote it. Floor 4.

A file is read only after its footer has been looked at. Texts are read as dictionaries, and what a piece would take when written out is counted
before it is: one text of a megabyte named a million times makes a small file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.errors import InputError
from eventcoder.problem import Report

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from eventcoder.codebook import Codebook

ROWS = 500_000  # rows judged at a time: three million were judged within 1.4 GB, the whole process included
BATCH = 65_536  # rows decoded at a time
LARGEST_FOOTER = 32 << 20  # bytes; ten million events of 55 columns need 1 MB
MOST_COLUMNS = 2_000  # a codebook has 55; a footer of 100,000 columns takes gigabytes once it is parsed
LARGEST_BATCH = 1 << 30  # bytes of one decoded batch with its texts written out: 16 KB a row, where an event takes 1 KB
LARGEST_CHUNK = 4 << 30  # bytes that a column of a row group says it takes: ten million notes of 400 characters
AGAIN = "Write the file again, with pyarrow for instance."


def validate_parquet(path: Path, codebook: Codebook, *, latest_today: date, most: int | None = None) -> Report:
    """What `validate_events` finds, for a Parquet file of any number of rows; memory grows with the problems only (at most `most` a check are told).

    Columns that the codebook does not have are named and not read. Raises `InputError` for what cannot be read as a table of events: no Parquet,
    cut off, nested or very many columns, values that expand beyond any event's.
    """
    from eventcoder.validation.bulk import row_problems
    from eventcoder.validation.conform import conform
    from eventcoder.validation.sweep import Sweep
    from eventcoder.validation.tally import MOST, BulkReport, Tally

    tally, before = Tally(MOST if most is None else most), 0
    report: BulkReport | None = None
    with Sweep(codebook, latest_today) as sweep:
        for piece in parquet_pieces(path, frozenset(codebook.names)):
            table, problems, absent = conform(piece, codebook, dictionaries=True, before=before, columns_known=report is not None, tally=tally)
            report = report or BulkReport()
            report.extend(problems)
            report.extend(row_problems(table, codebook, latest_today=latest_today, absent=absent, tally=tally, sweep=sweep, before=before))
            before += len(table)
    assert report is not None  # there is one piece at least
    report.extend(tally.untold())
    return report


def parquet_pieces(path: Path, wanted: frozenset[str], rows: int = ROWS) -> Iterator[pa.Table]:
    """The rows in pieces of about `rows`, at least one; texts may be dictionaries. Columns that are not wanted come in the first piece, as nulls.

    Raises `InputError`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise InputError(f"{path} is no file.", "Give a Parquet file of events.")
    try:
        with path.open("rb") as file:
            _look_at_footer(path, file)
            texts, names = _columns(path, found := pq.ParquetFile(file), wanted)
            reader = pq.ParquetFile(file, metadata=found.metadata, read_dictionary=texts)
            held: list[pa.Table] = []
            seen = given = 0
            groups = range(found.metadata.num_row_groups)
            for batch in (batch for group in groups for batch in reader.iter_batches(BATCH, row_groups=[group], columns=names)):
                table = _within(path, pa.Table.from_batches([batch]))
                seen += len(table)
                if len(held) == 0 or sum(map(len, held)) + len(table) <= rows:
                    held.append(table)
                    continue
                yield _joined(held, found, wanted, given == 0)
                given, held = given + 1, [table]
            if names and seen != found.metadata.num_rows:
                raise InputError(f"{path} says that it has {found.metadata.num_rows:,} rows and has {seen:,}.", AGAIN)
            if held or not given:
                none = pa.schema([f for f in found.schema_arrow if f.name in wanted]).empty_table()
                yield _joined(held or [none], found, wanted, given == 0)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise InputError(f"{path} cannot be read as Parquet: {str(error)[:300]}", AGAIN) from None


def _look_at_footer(path: Path, file: Any) -> None:
    """The length of the footer before it is parsed."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 8))
    tail = file.read(8)
    file.seek(0)
    if size < 12 or tail[4:] != b"PAR1":
        raise InputError(f"{path} is no Parquet file, or cut off.", "Give a whole Parquet file of events.")
    if (length := int.from_bytes(tail[:4], "little")) > min(LARGEST_FOOTER, size - 12):
        raise InputError(f"{path} has a footer of {length:,} bytes, which cannot be.", AGAIN)


def _columns(path: Path, found: pq.ParquetFile, wanted: frozenset[str]) -> tuple[list[str], list[str]]:
    """Columns of texts (their paths) and all columns to read. Refuses what no table of events has."""
    facts = found.metadata
    if facts.num_columns > MOST_COLUMNS:
        raise InputError(f"{path} has {facts.num_columns:,} columns; a table of events has at most {MOST_COLUMNS:,}.", AGAIN)
    texts = []
    numbers = []
    for at in range(facts.num_columns):
        column = facts.schema.column(at)
        if column.path.split(".")[0] not in wanted:
            continue
        if column.max_repetition_level > 1 or column.max_definition_level > 3:
            raise InputError(f"{path}: the column {column.path[:100]} is nested. Events have values and lists of texts.", AGAIN)
        numbers.append(at)
        if column.physical_type == "BYTE_ARRAY":
            texts.append(column.path)
    for number in range(facts.num_row_groups):
        group = facts.row_group(number)
        for at in numbers:
            chunk = group.column(at)
            if not 0 <= max(chunk.total_uncompressed_size, 4 * chunk.num_values) <= LARGEST_CHUNK or "DELTA_BYTE_ARRAY" in chunk.encodings:
                raise InputError(f"{path}: the column {chunk.path_in_schema[:100]} would expand to far more than events take.", AGAIN)
    return texts, [facts.schema.column(at).path for at in numbers]


def _within(path: Path, table: pa.Table) -> pa.Table:
    """The batch, valid throughout; refused if its texts written out would be too large. Texts that mostly differ are written out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table.validate(full=True)
    total, columns = 0, []
    for column in table.columns:
        flat = column.chunk(0)
        if pa.types.is_list(flat.type):
            flat = flat.flatten()
        if pa.types.is_dictionary(flat.type):
            lengths = pc.binary_length(flat.dictionary).cast(pa.int64())
            total += 4 * len(flat) + (pc.sum(lengths.take(flat.indices)).as_py() or 0)
        else:
            total += flat.nbytes
        columns.append(column)
    if total > LARGEST_BATCH:
        raise InputError(f"{path} would expand to far more than a table of its rows takes.", AGAIN)
    plain = []
    for column in columns:
        kind = column.type
        if pa.types.is_dictionary(kind) and 2 * len(column.chunk(0).dictionary) > len(column):
            column = column.cast(kind.value_type)
        elif pa.types.is_list(kind) and pa.types.is_dictionary(kind.value_type):
            column = column.cast(pa.list_(pa.field("item", kind.value_type.value_type)))
        plain.append(column)
    return pa.table(plain, names=table.column_names)


def _joined(tables: list[pa.Table], found: pq.ParquetFile, wanted: frozenset[str], first: bool) -> pa.Table:
    """One piece; a column that is a dictionary in some batches only is plain in all. The first has the columns that were not read, as nulls."""
    import pyarrow as pa

    names = tables[0].column_names
    columns = []
    for at in range(len(names)):
        parts = [table.column(at) for table in tables]
        if len({part.type for part in parts}) > 1:
            parts = [part.cast(part.type.value_type) if pa.types.is_dictionary(part.type) else part for part in parts]
        columns.append(pa.chunked_array([chunk for part in parts for chunk in part.chunks], parts[0].type))
    if first:
        others = [name for name in found.schema_arrow.names if name not in wanted]
        names = names + others
        columns += [pa.nulls(len(tables[0]) if not columns else len(columns[0]))] * len(others)
    return pa.table(columns, names=names)
