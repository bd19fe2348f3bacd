"""A Parquet file of events judged piece by piece, whatever its size and whoever wrote it. Floor 4.

A file is read only after its footer and the headers of its pages have been looked at (`pages`). Texts that could expand are read as dictionaries,
and what a piece would take when written out is counted before it is: one text of a megabyte named a million times makes a small file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from eventcoder.errors import InputError
from eventcoder.problem import Report
from eventcoder.validation.rows.pages import AGAIN, look

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.validation.rows.bulk import Registered

ROWS = 500_000  # rows judged at a time: three million were judged within 1.4 GB, the whole process included
BATCH = 65_536  # rows decoded at a time
LARGEST_BATCH = 1 << 30  # bytes of one decoded batch with its texts written out: 16 KB a row, where an event takes 1 KB


def validate_parquet(path: Path, codebook: Codebook, *, latest_today: date, most: int | None = None, registered: Registered | None = None) -> Report:
    """What `validate_events` finds, for a Parquet file of any number of rows; memory grows with the problems only (at most `most` a check are told).

    Columns that the codebook does not have are named and not read. Raises `InputError` for what cannot be read as a table of events: no Parquet,
    cut off, nested or very many columns, values that expand beyond any event's.
    """
    from eventcoder.validation.rows.bulk import row_problems
    from eventcoder.validation.rows.conform import conform
    from eventcoder.validation.rows.sweep import Sweep
    from eventcoder.validation.tally import MOST, BulkReport, Tally

    tally, before = Tally(MOST if most is None else most), 0
    report: BulkReport | None = None
    with Sweep(codebook, latest_today) as sweep:
        for piece in parquet_pieces(path, frozenset(codebook.names)):
            table, problems, absent = conform(piece, codebook, dictionaries=True, before=before, columns_known=report is not None, tally=tally)
            report = report or BulkReport()
            report.extend(problems)
            judged = row_problems(
                table, codebook, latest_today=latest_today, absent=absent, tally=tally, sweep=sweep, before=before, registered=registered
            )
            report.extend(judged)
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
            found = look(path, file, wanted)
            schema = pq.ParquetFile(file, metadata=found.metadata).schema_arrow
            most = min(LARGEST_BATCH, found.allowed)
            straight = frozenset(found.longest(file, most, BATCH))
            reader = pq.ParquetFile(file, metadata=found.metadata, read_dictionary=[name for name in found.texts if name not in straight])
            held: list[pa.Table] = []
            seen = given = 0
            groups = range(found.metadata.num_row_groups)
            for batch in (batch for group in groups for batch in reader.iter_batches(BATCH, row_groups=[group], columns=found.leaves)):
                table = _within(path, pa.Table.from_batches([batch]), most)
                seen += len(table)
                if len(held) == 0 or sum(map(len, held)) + len(table) <= rows:
                    held.append(table)
                    continue
                yield _joined(held, schema, wanted, given == 0)
                given, held = given + 1, [table]
            if found.leaves and seen != found.metadata.num_rows:
                raise InputError(f"{path} says that it has {found.metadata.num_rows:,} rows and has {seen:,}.", AGAIN)
            if held or not given:
                none = pa.schema([f for f in schema if f.name in wanted]).empty_table()
                yield _joined(held or [none], schema, wanted, given == 0)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise InputError(f"{path} cannot be read as Parquet: {str(error)[:300]}", AGAIN) from None


def _within(path: Path, table: pa.Table, most: int) -> pa.Table:
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
    if total > most:
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


def _joined(tables: list[pa.Table], schema: pa.Schema, wanted: frozenset[str], first: bool) -> pa.Table:
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
        others = [name for name in schema.names if name not in wanted]
        names = names + others
        columns += [pa.nulls(len(tables[0]) if not columns else len(columns[0]))] * len(others)
    return pa.table(columns, names=names)
