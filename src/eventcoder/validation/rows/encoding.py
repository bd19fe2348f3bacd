"""Columns as small numbers: which distinct values there are and which of them each row has; and which combinations of several columns occur. Floor 4.

Most conditions of a codebook read columns that repeat few values. What is judged once for each distinct value, or combination of values, need
not be judged for each of a million rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

SAMPLES = (4_096, 32_768)  # rows looked at to tell whether a column repeats its values; ten thousand places show it in the second only
DIFFERENT = 0.5  # share of different values in the samples from which a column of texts is not encoded: hashing a million ids costs a second
DIRECT = 1 << 22  # combinations that are marked in a table (4 MB) instead of being hashed
_JOINT = "\x1f"  # between the items of a list while lists are told apart


@dataclass(slots=True)
class Encoded:
    """A column: `values[codes[row]]` is the row's value. An empty list is null. Values may repeat (harmless, only slower)."""

    codes: np.ndarray[Any, Any]
    values: pa.Array
    kept: dict[Any, np.ndarray[Any, Any]] = field(default_factory=dict)  # classes of rows already worked out

    def __len__(self) -> int:
        return len(self.values)


@dataclass(slots=True)
class Combinations:
    """Combinations of several columns' classes that occur: `parts[k][c]` is the class of column k in combination c."""

    parts: list[np.ndarray[Any, Any]]
    keys: np.ndarray[Any, Any]  # row -> key
    found: np.ndarray[Any, Any]  # combination -> key
    size: int  # keys are smaller

    def __len__(self) -> int:
        return len(self.found)

    def rows(self, wanted: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """For each row whether its combination is wanted."""
        import numpy as np

        marked = np.zeros(self.size, np.bool_)
        marked[self.found[wanted]] = True
        truth: np.ndarray[Any, Any] = marked[self.keys]
        return truth


def encode(column: pa.ChunkedArray) -> Encoded | None:
    """The column encoded, or None where most values are different (or lists cannot be told apart)."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count == len(column):
        return Encoded(np.zeros(len(column), np.uint8), pa.nulls(1, _value_type(column.type)))
    plain = column
    if pa.types.is_list(column.type):
        joined = _joined(column)
        if joined is None:
            return None
        plain = joined
    if not pa.types.is_dictionary(plain.type):
        if not _repeats(plain):
            return None
        plain = plain.dictionary_encode()
    plain = plain if _one_dictionary(plain) else plain.unify_dictionaries()
    dictionary = plain.chunk(0).dictionary
    if len(dictionary) > max(DIFFERENT * len(column), SAMPLES[0]):
        return None
    small = smallest(len(dictionary) + 1)
    codes = np.empty(len(column), small)
    at = 0
    for chunk in plain.chunks:
        part = chunk.indices
        codes[at : at + len(part)] = (pc.fill_null(part, len(dictionary)) if part.null_count else part).to_numpy(zero_copy_only=False)
        at += len(part)
    if not pa.types.is_list(column.type):
        return Encoded(codes, pa.concat_arrays([dictionary, pa.nulls(1, dictionary.type)]))
    lengths = _lengths(column)
    # a separator inside an item would make two different lists look alike: then there are more of them than the items need
    signs = np.append(pc.count_substring(dictionary, _JOINT).to_numpy(zero_copy_only=False), -1)
    if not bool((signs[codes] + 1 == lengths).all()):
        return None
    first = np.full(len(dictionary) + 1, -1)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return Encoded(codes, column.take(pa.array(first, mask=first < 0)).combine_chunks())


def _one_dictionary(column: pa.ChunkedArray) -> bool:
    """Whether all chunks refer to the same dictionary in memory, as they do once encoded: to unify hundreds of large ones takes many seconds."""
    seen = set()
    for chunk in column.chunks:
        own = chunk.dictionary
        seen.add((len(own), own.offset, *(None if buffer is None else buffer.address for buffer in own.buffers())))
    return len(seen) == 1


def _value_type(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _joined(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Lists as texts; null for an empty one. None where an item is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chunks = []
    for chunk in column.chunks:
        if chunk.values.null_count:
            return None
        plain = chunk.cast(pa.list_(pa.string()))
        text = pc.binary_join(plain, _JOINT)
        chunks.append(pc.if_else(pc.fill_null(pc.greater(pc.list_value_length(plain), 0), False), text, pa.scalar(None, pa.string())))
    return pa.chunked_array(chunks, pa.string())


def _lengths(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    import numpy as np
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(pc.list_value_length(column), 0).to_numpy())


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether values repeat in samples of the column. Numbers and days are always hashed: that costs little even if all are different."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_string(column.type):
        return True
    for size in SAMPLES:
        if len(column) <= size:
            return True
        some = _sample(column, np.linspace(0, len(column) - 1, size).astype(np.int64))
        if pc.count_distinct(some).as_py() <= max(DIFFERENT * (size - some.null_count), size // 8):
            return True
    return False


def _sample(column: pa.ChunkedArray, rows: np.ndarray[Any, Any]) -> pa.ChunkedArray:
    """The values in these rows (ascending), chunk by chunk: `ChunkedArray.take` would put all chunks together first."""
    import numpy as np
    import pyarrow as pa

    ends = np.cumsum([len(chunk) for chunk in column.chunks])
    cuts = np.searchsorted(rows, ends)
    parts = zip(column.chunks, np.split(rows, cuts[:-1]), ends, strict=True)
    return pa.chunked_array([chunk.take(pa.array(own - (end - len(chunk)))) for chunk, own, end in parts if len(own)], column.type)


def smallest(size: int) -> Any:
    import numpy as np

    return np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.int32


def combine(parts: Sequence[tuple[np.ndarray[Any, Any], int]], most: int) -> Combinations | None:
    """The combinations that occur of classes (codes of rows, how many there are); None if there are more than `most`."""
    import numpy as np
    import pyarrow as pa

    codes, size = parts[0]
    found = np.arange(size)
    done: list[np.ndarray[Any, Any]] = [found]
    keys: np.ndarray[Any, Any] = codes
    for at, (more, count) in enumerate(parts[1:], 1):
        size *= count
        keys = np.multiply(keys, count, dtype=np.int32 if size < 1 << 31 else np.int64)
        keys += more
        if size <= DIRECT:
            seen = np.zeros(size, np.bool_)
            seen[keys] = True
            found = np.flatnonzero(seen)
        else:
            some = keys[:: max(1, len(keys) // SAMPLES[1])]
            if len(np.unique(some)) > max(DIFFERENT * len(some), SAMPLES[0]):
                return None
            hashed = pa.array(keys).dictionary_encode()
            found = hashed.dictionary.to_numpy()
        if len(found) > most:
            return None
        done = [part[found // count] for part in done] + [found % count]
        last = at == len(parts) - 1
        if size > DIRECT:
            keys, size, found = hashed.indices.to_numpy(), len(found), np.arange(len(found))
        elif not last:
            index = np.empty(size, np.int32)
            index[found] = np.arange(len(found), dtype=np.int32)
            keys, size = index[keys], len(found)
    return Combinations(done, keys, found, size)
