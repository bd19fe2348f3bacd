"""Parquet -> a sheet, batch by batch, by pyarrow. Floor 5.

Dictionaries are decoded, each distinct text of a batch once: a text of megabytes that every row names must not be made a thousand times. Decimals
become exact texts, times of day texts; timestamps are datetimes. A column of records, maps or lists of anything but texts has no cells that a table
could have, and refuses the file by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from eventcoder.errors import InputError
from eventcoder.intake.formats.limits import MAX_GROUP, MAX_PIECE, MAX_TEXT
from eventcoder.intake.formats.origin import Origin
from eventcoder.intake.formats.sheet import OWN, Piece, Sheet, checked
from eventcoder.problem import Problem

_BUFFER = 1 << 20  # bytes of a column that are read ahead
_BATCH = 2_000  # rows decoded at a time
_PLAIN_BATCH = 500  # and where texts are made row by row
_DICTIONARY = 64 << 20  # bytes of a column in one row group up to which its texts are read as a dictionary, which pyarrow lets grow to its end


class ParquetSheet(Sheet):
    """`line` is the row from 1."""

    format = "parquet"

    def __init__(self, origin: Origin, notes: Sequence[Problem]) -> None:
        super().__init__(origin, (), notes)
        import pyarrow as pa

        file = self._open()
        try:
            schema = file.schema_arrow
            self._n_rows = file.metadata.num_rows
            self._batch = self._bounded(file.metadata)
            names = checked(schema.names, self.name)
            kept = [n for n, name in enumerate(names) if not name.startswith(OWN)]
            for n in kept:
                if not _readable(pa, schema.field(n).type):
                    said = f"{self.name} cannot be read as a table: column '{names[n]}' has values of type {schema.field(n).type}."
                    raise InputError(said, "Give each part of them a column of its own, or write them as texts.")
            self._read = [schema.names[n] for n in kept]
            self.columns = tuple(names[n] for n in kept)
        finally:
            file.close()

    def pieces(self, size: int = 10_000) -> Iterator[Piece]:
        import pyarrow as pa

        self._origin.check()
        self._origin.share = 0.0
        file = self._open()
        try:
            piece, held, line = Piece(), 0, 1
            for batch in file.iter_batches(batch_size=min(size, self._batch), columns=self._read, use_threads=False):
                columns = [_cells(pa, batch.column(n)) for n in range(len(self._read))]
                for row in zip(*columns, strict=True):
                    held += self._take(piece, line, row)
                    line += 1
                    if len(piece) >= size or held > MAX_PIECE:
                        self._origin.share = line / max(self._n_rows, line)
                        yield piece
                        piece, held = Piece(), 0
            self._origin.check()
            self._origin.share = 1.0
            if len(piece):
                yield piece
        except (pa.ArrowException, OSError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            self._origin.check()
            raise _damaged(self.name, error) from None
        finally:
            file.close()

    def _take(self, piece: Piece, line: int, row: tuple[Any, ...]) -> int:
        length = 0
        for n, cell in enumerate(row):
            if type(cell) is str:
                length += len(cell)
                if len(cell) > MAX_TEXT:
                    said = f"the cell holds more than {MAX_TEXT >> 20} MB. Shorten it; whole articles belong among the documents."
                    raw = {name: None if place == n else row[place] for place, name in enumerate(self.columns)}
                    piece.faults.append(self._fault("field-too-large", line, said, raw, column=self.columns[n]))
                    return 0
        piece.lines.append(line)
        piece.rows.append(row)
        return length

    def _bounded(self, metadata: Any) -> int:
        """How many rows to decode at a time, so that texts of megabytes do not come by the thousand. Raises `InputError` for a group too large."""
        batch = _PLAIN_BATCH if any(size > _DICTIONARY for size in _sizes(metadata)) else _BATCH
        for n in range(metadata.num_row_groups):
            group = metadata.row_group(n)
            if group.total_byte_size > MAX_GROUP:
                said = f"{self.name} has a row group of {group.total_byte_size >> 20:,} MB; up to {MAX_GROUP >> 20:,} MB are read."
                raise InputError(said, "Write it again with smaller row groups (100,000 rows each).")
            batch = min(batch, max(1, MAX_PIECE * group.num_rows // max(group.total_byte_size, 1)))
        return batch

    def _open(self) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            metadata = pq.read_metadata(self._origin.path)
            schema, sizes = metadata.schema.to_arrow_schema(), _sizes(metadata)
            flat = metadata.num_columns == len(schema)
            texts = [
                field.name
                for n, field in enumerate(schema)
                if (pa.types.is_string(field.type) or pa.types.is_large_string(field.type)) and flat and sizes[n] <= _DICTIONARY
            ]
            return pq.ParquetFile(self._origin.path, buffer_size=_BUFFER, pre_buffer=False, read_dictionary=texts)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _damaged(self.name, error) from None


def _sizes(metadata: Any) -> list[int]:
    """The largest unpacked size of each column in any row group."""
    groups = [metadata.row_group(n) for n in range(metadata.num_row_groups)]
    return [max((group.column(n).total_uncompressed_size for group in groups), default=0) for n in range(metadata.num_columns)]


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(f"{name} cannot be read as Parquet: {str(error).splitlines()[0][:200]}.", "Fetch it again; it may be cut off.")


def _readable(pa: Any, kind: Any) -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        return _readable(pa, kind.value_type)
    if types.is_list(kind) or types.is_large_list(kind):
        inner = kind.value_type
        return bool(types.is_string(inner) or types.is_large_string(inner) or (types.is_dictionary(inner) and types.is_string(inner.value_type)))
    return not (types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType))


def _cells(pa: Any, array: Any) -> list[Any]:
    """A column of a batch as Python values."""
    types, kind = pa.types, array.type
    if types.is_dictionary(kind):
        used = array.indices.unique().drop_null()  # the dictionary may be that of a million rows
        words = dict(zip(used.to_pylist(), _cells(pa, array.dictionary.take(used)), strict=True))
        return [None if index is None else words[index] for index in array.indices.to_pylist()]
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return [None if value is None else value.decode("utf-8") for value in array.to_pylist()]
    if types.is_timestamp(kind) and kind.unit == "ns":
        array = array.cast(pa.timestamp("us", tz=kind.tz), safe=False)  # Python has no finer times
    elif types.is_decimal(kind):
        return [None if value is None else format(value, "f") for value in array.to_pylist()]
    elif types.is_time(kind):
        return [None if value is None else value.isoformat() for value in array.to_pylist()]
    elif types.is_duration(kind):
        array = array.cast(pa.int64()).cast(pa.string())
    values: list[Any] = array.to_pylist()
    return values
