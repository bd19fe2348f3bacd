"""Parquet files of others, read within bounds. Floor 6.

A file is read only after its footer has been looked at, and never decoded into more than its size allows: a few kilobytes can stand for terabytes.
Every bound leaves room for a release of ten million events.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eventcoder.errors import ReleaseError
from eventcoder.releases.bounded import AGAIN, kind_of

LARGEST_FOOTER = 32 << 20  # bytes; ten million events of 55 columns in groups of 131,072 rows need 1 MB
MOST_COLUMNS = 2_000  # of a Parquet file; ours have 55, and teams add some
MOST_ROWS = 200_000_000  # event_actors of ten million events has some thirty million
SMALL = 256 << 20  # bytes in memory that any Parquet file may take
EXPANSION = 100  # bytes in memory for each byte of a Parquet file beyond that; ours take 7 to 15
FEW = 10_000  # rows of a group; below, a thread takes longer to start than to cast a column
_OLD_ENCODING = "DELTA_BYTE_ARRAY"  # a few bytes can stand for any number of long texts; our files never have it


def read_parquet(path: Path) -> pa.Table:
    """A whole Parquet file, decoded group by group within its bound. Raises `ReleaseError`.

    Texts are read as dictionaries first: what they would take is counted before it is taken (one text of a megabyte named a million times
    makes a small file). Every text is valid UTF-8 afterwards.
    """
    if not path.is_file():
        raise ReleaseError(f"{path} is missing." if kind_of(path) == "absent" else f"{path} is no plain file.", AGAIN)
    try:
        size = path.stat().st_size
        with path.open("rb") as file, ThreadPoolExecutor(2) as threads:  # Arrow casts without holding up Python
            _look_at_footer(path, file, size)
            found = pq.ParquetFile(file)
            leaves = _leaves(path, found.metadata)
            left = _allowance(path, found.metadata, size)
            reader = pq.ParquetFile(file, metadata=found.metadata, read_dictionary=leaves)
            groups = []
            for number in range(found.metadata.num_row_groups):
                group = reader.read_row_group(number)
                left -= _size(group)
                if left < 0:
                    raise _too_much(path)
                groups.append(_plain(group, found.schema_arrow, threads))
        table = pa.concat_tables(groups) if groups else found.schema_arrow.empty_table()
        table.validate(full=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise ReleaseError(f"{path} cannot be read as Parquet: {str(error)[:300]}", AGAIN) from None
    if table.num_rows != found.metadata.num_rows:
        raise ReleaseError(f"{path} says that it has {found.metadata.num_rows} rows and has {table.num_rows}.", AGAIN)
    return table


def parquet_schema(path: Path) -> pa.Schema:
    """The columns of a Parquet file, from its footer alone. Raises `ReleaseError`."""
    if not path.is_file():
        raise ReleaseError(f"{path} is missing or no plain file.", AGAIN)
    try:
        with path.open("rb") as file:
            _look_at_footer(path, file, path.stat().st_size)
            found = pq.ParquetFile(file)
            _leaves(path, found.metadata)
            return found.schema_arrow
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise ReleaseError(f"{path} cannot be read as Parquet: {str(error)[:300]}", AGAIN) from None


def _too_much(path: Path) -> ReleaseError:
    return ReleaseError(f"{path} would expand to far more than a table of its size takes.", "Do not use it; " + AGAIN[0].lower() + AGAIN[1:])


def _look_at_footer(path: Path, file: Any, size: int) -> None:
    """The length of the footer before it is parsed."""
    file.seek(max(0, size - 8))
    tail = file.read(8)
    file.seek(0)
    if tail[4:] != b"PAR1" or size < 12:
        raise ReleaseError(f"{path} is no Parquet file, or cut off.", AGAIN)
    length = int.from_bytes(tail[:4], "little")
    if length > min(LARGEST_FOOTER, size - 12):
        raise ReleaseError(f"{path} has a footer of {length:,} bytes, which cannot be.", AGAIN)


def _leaves(path: Path, facts: pq.FileMetaData) -> list[str]:
    """The columns of texts. Refuses what a table of ours never has: very many columns, deep nesting."""
    if facts.num_columns > MOST_COLUMNS:
        raise ReleaseError(f"{path} has {facts.num_columns:,} columns; a table has at most {MOST_COLUMNS:,}.", AGAIN)
    texts = []
    for at in range(facts.num_columns):
        column = facts.schema.column(at)
        if column.max_repetition_level > 1 or column.max_definition_level > 3:
            raise ReleaseError(f"{path}: the column {column.path[:100]} is nested. A table holds values and lists of texts.", AGAIN)
        if column.physical_type == "BYTE_ARRAY":
            texts.append(column.path)
    return texts


def _allowance(path: Path, facts: pq.FileMetaData, size: int) -> int:
    """How many bytes the file may take in memory. Raises `ReleaseError` if what it says of itself is more."""
    allowed = SMALL + EXPANSION * size
    if not 0 <= facts.num_rows <= MOST_ROWS:
        raise ReleaseError(f"{path} has {facts.num_rows:,} rows; a table has at most {MOST_ROWS:,}.", AGAIN)
    said = 0
    for number in range(facts.num_row_groups):
        group = facts.row_group(number)
        for at in range(facts.num_columns):
            chunk = group.column(at)
            if _OLD_ENCODING in chunk.encodings:
                raise ReleaseError(f"{path} is encoded as {_OLD_ENCODING}, which is not read.", "Write it again with plain or dictionary encoding.")
            said += max(chunk.total_uncompressed_size, 4 * max(chunk.num_values, group.num_rows))
        if said > allowed or said < 0:
            raise _too_much(path)
    return allowed


def _size(table: pa.Table) -> int:
    """Bytes that the table takes when its dictionaries are written out."""
    total = 0
    for column in table.columns:
        for piece in column.chunks:
            while pa.types.is_list(piece.type):
                total += 4 * len(piece)
                piece = piece.flatten()
            if pa.types.is_dictionary(piece.type):
                lengths = pc.binary_length(piece.dictionary).cast(pa.int64())
                total += 4 * len(piece) + (pc.sum(lengths.take(piece.indices)).as_py() or 0)
            else:
                total += piece.nbytes
    return total


def _plain(table: pa.Table, schema: pa.Schema, threads: ThreadPoolExecutor) -> pa.Table:
    """The table with its dictionaries written out, in the file's own schema."""
    spread = threads.map if table.num_rows > FEW else map
    return pa.Table.from_arrays(list(spread(lambda c, f: c.cast(f.type), table.columns, schema)), schema=schema)
