"""Documents from a Parquet dataset, streamed by batches of rows. Floor 5.

Columns: `text` (required), `id`, `published`, `publisher`, `title`, `url`, `language`, `visibility`; others are left alone. Rows of a file are
parts of `PART` rows each; a part is known by the file's path, its rows and the end of the file (where Parquet keeps counts, offsets and statistics).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from eventcoder.corpus.pieces import Item
from eventcoder.corpus.places import Place, asked
from eventcoder.documents.encoding import Undecodable, decode, garbled, unscramble
from eventcoder.documents.language import guess_language
from eventcoder.documents.metadata import Misread, parse_field
from eventcoder.documents.store import ID_LENGTH
from eventcoder.errors import InputError
from eventcoder.event import Document
from eventcoder.extraction.protocol import Text
from eventcoder.identity import digest
from eventcoder.problem import Problem
from eventcoder.text import normalise

PART = 500  # documents of a part: what a kill costs at most, and the size of the files that come out
COLUMNS = ("id", "text", "published", "publisher", "title", "url", "language", "visibility")
_BATCH = 250  # rows that are held at once
_TAIL = 65_536  # bytes of a file's end
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Part:
    """Rows `start` to `stop` of one file. `name` is what the part that comes out is called, `key` what it stands for."""

    number: int
    name: str
    key: str
    file: str
    start: int
    stop: int


class ParquetSource:
    """A Parquet file, or a folder of them. Raises `InputError` where there is none, or a file has no column `text`."""

    def __init__(self, where: Place) -> None:
        self.where = where
        if where.is_file():
            self._files = {where.path.rpartition("/")[2]: where}
        else:
            self._files = {name: where.under(name) for name in where.inside() if name.endswith((".parquet", ".pq"))}
        if not self._files:
            raise InputError(f"{where.shown} holds no Parquet file.", "Give a .parquet file, or a folder of them.")
        self.parts = [part for name in self._files for part in self._parts_of(name)]
        self.parts = [Part(n, p.name, p.key, p.file, p.start, p.stop) for n, p in enumerate(self.parts)]

    @property
    def documents(self) -> int:
        """How many rows there are."""
        return sum(part.stop - part.start for part in self.parts)

    def items(self, wanted: Collection[int]) -> Iterator[Item]:
        """The documents of the parts with these numbers, in order."""
        for name in self._files:
            own = [part for part in self.parts if part.file == name and part.number in wanted]
            if own:
                yield from self._items_of(name, own)

    def _parts_of(self, name: str) -> Iterator[Part]:
        rows, tail = self._examine(name)
        stem = re.sub(r"[^A-Za-z0-9-]+", "-", name.rsplit(".", 1)[0])[-40:].strip("-")
        for start in range(0, rows, PART):
            stop = min(start + PART, rows)
            called = f"part-{stem}-{digest(name)[:6]}-{start:09d}.parquet"
            yield Part(0, called, digest([name, start, stop, tail])[:16], name, start, stop)

    def _examine(self, name: str) -> tuple[int, str]:
        """How many rows a file has, and the hash of its end."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        place = self._files[name]
        with asked(place), place.files.open_input_file(place.path) as stream:
            file = pq.ParquetFile(stream)
            names = file.schema_arrow.names
            if "text" not in names:
                raise InputError(f"{place.shown} has no column 'text'.", f"It has {', '.join(names[:12])}; rename the one that holds the articles.")
            kind = file.schema_arrow.field("text").type
            kind = kind.value_type if pa.types.is_dictionary(kind) else kind
            if not _is_text(kind):
                raise InputError(f"{place.shown}: the column 'text' holds {kind}, not text.", "Name the column that holds the articles 'text'.")
            size = stream.size()
            stream.seek(max(0, size - _TAIL))
            return int(file.metadata.num_rows), hashlib.sha256(stream.read()).hexdigest()

    def _items_of(self, name: str, parts: list[Part]) -> Iterator[Item]:
        """Row groups without a wanted row are not read; of the others a batch of rows at a time."""
        import pyarrow.parquet as pq

        place = self._files[name]
        by_start = {part.start: part.number for part in parts}
        with asked(place):
            stream = place.files.open_input_file(place.path)
        with stream:
            with asked(place):
                file = pq.ParquetFile(stream, buffer_size=2**20, pre_buffer=False)
            columns = [c for c in COLUMNS if c in file.schema_arrow.names]
            first = 0
            for group in range(file.metadata.num_row_groups):
                last = first + file.metadata.row_group(group).num_rows
                if any(part.start < last and first < part.stop for part in parts):
                    at = first
                    batches = file.iter_batches(batch_size=_BATCH, row_groups=[group], columns=columns)
                    while True:
                        with asked(place):
                            batch = next(batches, None)
                        if batch is None:
                            break
                        for raw in _rows(batch):
                            number = by_start.get(at // PART * PART)
                            if number is not None:
                                yield item_of(raw, f"{name}, row {at + 1}", number)
                            at += 1
                first = last


def _rows(batch: Any) -> list[dict[str, Any]]:
    """The rows of a batch; texts that are not UTF-8, as some writers let through, are given as bytes."""
    import pyarrow as pa

    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except UnicodeDecodeError:
        columns = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if pa.types.is_dictionary(column.type):
                column = column.dictionary_decode()
            strings = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
            values = column.cast(pa.large_binary()).to_pylist() if strings else column.to_pylist()
            columns[name] = [v.decode("utf-8", "replace") if isinstance(v, bytes) and name != "text" else v for v in values]
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return rows


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    checks = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_binary,
        pa.types.is_large_binary,
        pa.types.is_binary_view,
    )
    return any(check(kind) for check in checks)


def item_of(raw: dict[str, Any], where: str, part: int = 0) -> Item:
    """One row as a document, or the problem for which it is none: as `ingest` reads articles."""
    given = raw.get("id")
    named = "" if given is None else str(given)
    warnings: list[Problem] = []

    def refused(code: str, why: str) -> Item:
        label = f"{named} ({where})" if named else where
        return Item(named or where, fault=Problem(code, f"{label} was not read: {why}", where=where), part=part, warnings=tuple(warnings))

    try:
        text, repairs = _text(raw.get("text"))
        values = {field: parse_field(field, raw.get(field)) for field in COLUMNS if field not in ("id", "text")}
    except Undecodable as error:
        return refused(error.code, f"{error}.")
    except Misread as error:
        return refused(error.code, str(error))
    if not text:
        return refused("document-empty", "it holds no text.")
    if (left := garbled(text)) is not None:
        warnings.append(Problem("document-encoding", f"{named or where}: {left}.", "warning", where=where))
    sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    document = Document(
        id=sha256[:ID_LENGTH], sha256=sha256, length=len(text), published=values["published"], publisher=values["publisher"], title=values["title"],
        url=values["url"], language=values["language"] or guess_language(text), visibility=values["visibility"] or "public", source_name=where,
        repairs=repairs,
    )  # fmt: skip
    return Item(named or document.id, Text(document, text), part=part, warnings=tuple(warnings))


def _text(raw: Any) -> tuple[str, tuple[str, ...]]:
    """The stored form of a cell's text, and what was mended. Raises `Undecodable`."""
    if raw is None:
        return "", ()
    if isinstance(raw, bytes):
        decoded = decode(raw) if raw.strip() else None
        return (normalise(decoded.text), decoded.repairs) if decoded else ("", ())
    bad = len(_NOT_TEXT.findall(raw[:4000]))
    if bad * 20 > min(len(raw), 4000):
        raise Undecodable("document-binary", f"it is not text: {bad} of its first {min(len(raw), 4000):,} characters are control characters")
    text, rounds = unscramble(raw)
    return normalise(text), (f"mojibake undone: UTF-8 had been read as Windows-1252 ({rounds} times)",) if rounds else ()
