"""What a Parquet file would take before anything of it is decoded: its footer, and the headers of its pages. Floor 4.

A few kilobytes can stand for terabytes, and a footer can lie; the headers of the pages say what the decoder will really take. A file that would
take far more memory than a table of its size does is refused here, whoever reads it afterwards (`pieces`, `releases.parquetfile`). Every bound
leaves room for a release of ten million events. Where texts are written out in the pages, or their dictionary is known to hold short ones,
they can be read as they are, which takes a third of the time of reading them as dictionaries first.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from eventcoder.errors import InputError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

LARGEST_FOOTER = 32 << 20  # bytes; ten million events of 55 columns in groups of 131,072 rows need 1 MB
MOST_COLUMNS = 2_000  # ours have 55, and teams add some; a footer of 100,000 columns takes gigabytes once it is parsed
LARGEST_PAGE = 256 << 20  # bytes of a page when unpacked; writers make pages of 1 to 100 MB
SMALL = 256 << 20  # bytes in memory that any file may take
EXPANSION = 100  # bytes in memory for each byte of a file beyond that; tables of events take 7 to 15
FEW = 10_000  # rows a group below which looking into dictionaries costs more than is gained
AGAIN = "Write the file again, with pyarrow for instance."
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3  # kinds of pages
_PLAIN, _PLAIN_DICTIONARY, _DELTA_BYTE_ARRAY, _RLE_DICTIONARY = 0, 2, 7, 8  # encodings


@dataclass(slots=True)
class Chunk:
    """The pages of one column in one row group: bytes unpacked, values in the dictionary, values that refer to it, bytes of pages without it."""

    unpacked: int = 0
    values: int = 0
    entries: int = 0
    coded: int = 0
    plain: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that may be decoded: its metadata, the paths of the leaves that are wanted, those of texts with their numbers, bytes that it may
    take, chunks by (row group, number of the leaf)."""

    metadata: pq.FileMetaData
    leaves: list[str]
    texts: dict[str, int]
    allowed: int
    chunks: dict[tuple[int, int], Chunk]

    def longest(self, file: Any, most: int, rows: int | None = None) -> list[str]:
        """The texts that can be read as they are within `most` bytes, those that are read `rows` at a time by each such stretch; else, all at once.

        Texts that are in dictionaries throughout are not among them: they are as quickly read so, and take less.
        """
        import pyarrow.parquet as pq

        groups = range(self.metadata.num_row_groups)
        mixed = [name for name, at in self.texts.items() if self.leaves.count(name) == 1 and any(self.chunks[group, at].plain for group in groups)]
        taken = dict.fromkeys(mixed, 0)
        large = self.metadata.num_rows >= FEW * len(groups)
        reader = pq.ParquetFile(file, metadata=self.metadata, read_dictionary=mixed) if mixed else None
        for group in groups:
            known = [name for name in mixed if self.chunks[group, self.texts[name]].coded]
            entries = _entries(reader, group, known) if known and large and self.metadata.row_group(group).num_rows else {}
            for name in mixed:
                chunk = self.chunks[group, self.texts[name]]
                count, longest = entries.get(name, (0, 0))
                if count != chunk.entries:
                    taken[name] = most + 1  # the dictionary was not seen as a whole: nothing is known of its texts
                    continue
                coded = chunk.coded if rows is None else min(chunk.coded, rows)
                bytes_ = chunk.plain + 4 * chunk.values + coded * longest
                taken[name] = taken[name] + bytes_ if rows is None else max(taken[name], bytes_)
        out, left = [], most
        for name in mixed:
            if taken[name] <= left:
                out.append(name)
                left -= taken[name]
        return out


def look(path: Path, file: Any, wanted: frozenset[str] | None = None, again: str = AGAIN) -> Looked:
    """Look at a file without decoding any of its values; `wanted` are the columns that will be read (None: all).

    Raises `InputError` for what no table of events is: cut off, nested, very many columns, pages that expand beyond all measure.
    """
    import pyarrow.parquet as pq

    size = file.seek(0, 2)
    file.seek(max(0, size - 8))
    tail = file.read(8)
    file.seek(0)
    if size < 12 or tail[4:] != b"PAR1":
        raise InputError(f"{path} is no Parquet file, or cut off.", again)
    if (length := int.from_bytes(tail[:4], "little")) > min(LARGEST_FOOTER, size - 12):
        raise InputError(f"{path} has a footer of {length:,} bytes, which cannot be.", again)
    facts = pq.ParquetFile(file).metadata
    if facts.num_columns > MOST_COLUMNS:
        raise InputError(f"{path} has {facts.num_columns:,} columns; a table has at most {MOST_COLUMNS:,}.", again)
    places, texts = _leaves(path, facts, wanted, again)
    allowed = SMALL + EXPANSION * size
    chunks: dict[tuple[int, int], Chunk] = {}
    total = 0
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for number in range(facts.num_row_groups):
            group = facts.row_group(number)
            for at in places:
                column = group.column(at)
                chunk = _chunk(path, data, column, group.num_rows, again)
                chunks[number, at] = chunk
                total += max(chunk.unpacked, column.total_uncompressed_size)
            if total > allowed:
                raise too_much(path, again)
    return Looked(facts, [facts.schema.column(at).path for at in places], texts, allowed, chunks)


def too_much(path: Path, again: str) -> InputError:
    return InputError(f"{path} would expand to far more than a table of its size takes.", "Do not use it; " + again[0].lower() + again[1:])


def _leaves(path: Path, facts: pq.FileMetaData, wanted: frozenset[str] | None, again: str) -> tuple[list[int], dict[str, int]]:
    """The numbers of the leaves to read, and those of texts by their paths."""
    places: list[int] = []
    texts: dict[str, int] = {}
    for at in range(facts.num_columns):
        column = facts.schema.column(at)
        if wanted is not None and column.path.split(".")[0] not in wanted:
            continue
        if column.max_repetition_level > 1 or column.max_definition_level > 3:
            raise InputError(f"{path}: the column {column.path[:100]} is nested. A table holds values and lists of texts.", again)
        places.append(at)
        if column.physical_type == "BYTE_ARRAY":
            texts[column.path] = at
    return places, texts


def _entries(reader: Any, group: int, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """For each column how many texts the dictionary of its chunk holds and how long the longest is; decoded with the chunk's first row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    out = {}
    batch = next(reader.iter_batches(1, row_groups=[group], columns=list(names)))
    for column, field in zip(batch.columns, batch.schema, strict=True):
        flat = column.values if pa.types.is_list(column.type) else column
        if pa.types.is_dictionary(flat.type):
            path = next(name for name in names if name.split(".")[0] == field.name)
            out[path] = (len(flat.dictionary), pc.max(pc.binary_length(flat.dictionary)).as_py() or 0)
    return out


def _chunk(path: Path, data: mmap.mmap, column: Any, rows: int, again: str) -> Chunk:
    """Walk over the headers of a column chunk's pages."""
    if rows == column.num_values == 0:
        return Chunk()
    name = column.path_in_schema[:100]
    first = column.dictionary_page_offset
    at = first if first is not None and 0 < first < column.data_page_offset else column.data_page_offset
    end = at + column.total_compressed_size
    flat = "." not in column.path_in_schema
    if not 4 <= at <= end <= len(data) or min(column.num_values, rows) < 0 or (flat and column.num_values != rows):
        raise InputError(f"{path}: what the footer says of the column {name} cannot be.", again)
    found = Chunk()
    while at < end:
        try:
            header, at = _struct(data, at, end)
        except (IndexError, ValueError, RecursionError):
            raise InputError(f"{path}: the column {name} is damaged: it holds no pages where they should be.", again) from None
        kind, unpacked, packed = header.get(1), header.get(2), header.get(3)
        told = header.get({_DATA: 5, _DICTIONARY: 7, _DATA_V2: 8}.get(kind, 0) if _whole(kind) else 0)
        values, encoding = (told.get(1), told.get(4 if kind == _DATA_V2 else 2)) if isinstance(told, dict) else (None, None)
        if not (_whole(unpacked) and _whole(packed) and at + packed <= end):
            raise InputError(f"{path}: the column {name} is damaged: a page of it says an impossible size.", again)
        if unpacked > LARGEST_PAGE:
            raise too_much(path, again)
        at += packed
        found.unpacked += unpacked
        if kind == _DICTIONARY:
            found.entries += values if _whole(values) else 0
        elif kind in (_DATA, _DATA_V2):
            if not _whole(values):
                raise InputError(f"{path}: the column {name} is damaged: a page of it does not say how many values it has.", again)
            if encoding == _DELTA_BYTE_ARRAY:  # a few bytes can stand for any number of long texts; no writer has it as its default
                raise InputError(f"{path}: the column {name} is encoded as DELTA_BYTE_ARRAY, which can expand without measure.", again)
            found.values += values
            if encoding in (_PLAIN_DICTIONARY, _RLE_DICTIONARY):
                found.coded += values
            else:
                found.plain += unpacked
    if found.values != column.num_values:
        raise InputError(f"{path}: the column {name} has {found.values:,} values, its footer says {column.num_values:,}.", again)
    return found


def _whole(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def _struct(data: mmap.mmap, at: int, end: int, depth: int = 0) -> tuple[dict[int, Any], int]:
    """A structure in Thrift's compact form: field number -> whole number or structure; what else there is is passed over."""
    if depth > 4:
        raise ValueError
    out: dict[int, Any] = {}
    field = 0
    while True:
        if at >= end:
            raise IndexError
        head = data[at]
        at += 1
        if head == 0:
            return out, at
        kind = head & 15
        if head >> 4:
            field += head >> 4
        else:
            field, at = _number(data, at, end)
        if kind in (1, 2):  # a flag: its kind is its value
            continue
        if kind == 3:
            at += 1
        elif kind in (4, 5, 6):
            out[field], at = _number(data, at, end)
        elif kind == 7:
            at += 8
        elif kind == 8:
            length, at = _unsigned(data, at, end)
            at += length
        elif kind == 12:
            out[field], at = _struct(data, at, end, depth + 1)
        else:
            raise ValueError  # lists and maps stand in no page header


def _unsigned(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= end or shift > 63:
            raise IndexError
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _number(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    value, at = _unsigned(data, at, end)
    return (value >> 1) ^ -(value & 1), at
