"""Parquet files of others, read within bounds. Floor 6.

A file is read only after its footer and the headers of its pages have been looked at (`validation.pages`), and never decoded into more than its
size allows: a few kilobytes can stand for terabytes. Every bound leaves room for a release of ten million events.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eventcoder.errors import InputError, ReleaseError
from eventcoder.releases.bounded import AGAIN, kind_of
from eventcoder.validation.rows.pages import Looked, look, too_much

MOST_ROWS = 200_000_000  # event_actors of ten million events has some thirty million
FEW = 10_000  # rows of a group; below, a thread takes longer to start than to cast a column


def read_parquet(path: Path) -> pa.Table:
    """A whole Parquet file, decoded group by group within its bound. Raises `ReleaseError`.

    Texts that could expand are read as dictionaries first: what they would take is counted before it is taken (one text of a megabyte named a
    million times makes a small file). Every text is valid UTF-8 afterwards.
    """
    with _opened(path) as (file, found), ThreadPoolExecutor(2) as threads:  # Arrow casts without holding up Python
        left = _allowance(path, found)
        schema = pq.ParquetFile(file, metadata=found.metadata).schema_arrow
        straight = frozenset(found.longest(file, left))
        reader = pq.ParquetFile(file, metadata=found.metadata, read_dictionary=[name for name in found.texts if name not in straight])
        groups = []
        for number in range(found.metadata.num_row_groups):
            group = reader.read_row_group(number)
            left -= _size(group)
            if left < 0:
                raise too_much(path, AGAIN)
            groups.append(_plain(group, schema, threads))
        table = pa.concat_tables(groups) if groups else schema.empty_table()
        list(threads.map(lambda column: column.validate(full=True), table.columns))
    if table.num_rows != found.metadata.num_rows:
        raise ReleaseError(f"{path} says that it has {found.metadata.num_rows} rows and has {table.num_rows}.", AGAIN)
    return table


def parquet_schema(path: Path) -> pa.Schema:
    """The columns of a Parquet file, without its values. Raises `ReleaseError`."""
    with _opened(path) as (file, found):
        return pq.ParquetFile(file, metadata=found.metadata).schema_arrow


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Looked]]:
    """The open file and what was seen of it; all that goes wrong with it becomes a `ReleaseError`."""
    if not path.is_file():
        raise ReleaseError(f"{path} is missing." if kind_of(path) == "absent" else f"{path} is no plain file.", AGAIN)
    try:
        with path.open("rb") as file:
            yield file, look(path, file, again=AGAIN)
    except InputError as error:
        raise ReleaseError(error.message, error.remedy) from None
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise ReleaseError(f"{path} cannot be read as Parquet: {str(error)[:300]}", AGAIN) from None


def _allowance(path: Path, found: Looked) -> int:
    """How many bytes the file may take in memory. Raises `InputError` if what it says of itself is more."""
    facts = found.metadata
    if not 0 <= facts.num_rows <= MOST_ROWS:
        raise InputError(f"{path} has {facts.num_rows:,} rows; a table has at most {MOST_ROWS:,}.", AGAIN)
    rows = [facts.row_group(number).num_rows for number in range(facts.num_row_groups)]
    if sum(max(chunk.unpacked, 4 * max(chunk.values, rows[group])) for (group, _), chunk in found.chunks.items()) > found.allowed:
        raise too_much(path, AGAIN)
    return found.allowed


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
