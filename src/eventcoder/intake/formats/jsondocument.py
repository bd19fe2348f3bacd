"""A JSON document -> a sheet: a list of objects, or an object with exactly one such list (the answer of an API). Floor 5.

The text is held, its objects are not: they are read one by one from their places, at each pass again. `line` is the object's place from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from eventcoder.errors import InputError
from eventcoder.intake.formats.charset import Charset
from eventcoder.intake.formats.jsonvalue import DECODER, Columns, misfit, raw_of, shown, why_not
from eventcoder.intake.formats.limits import MAX_JSON, MAX_PIECE, MAX_TEXT
from eventcoder.intake.formats.lines import HEAD
from eventcoder.intake.formats.origin import Origin
from eventcoder.intake.formats.sheet import RAW, Fault, Piece, Sheet, checked
from eventcoder.problem import Problem

_SPACE = re.compile(r"[ \t\r\n]*")
_REMEDY = "Give a list of objects, an object with one list of objects, or JSON Lines (one object a line)."


class Document:
    """The text of a JSON document and where its list of objects begins. `members`: the other members of the object around the list."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self.members: dict[str, Any] = {}
        self._start = self._find()

    def items(self) -> Iterator[tuple[int, int, Any]]:
        """The list's items: where each begins and ends in the text, and its value."""
        yield from self._list(self._start)

    def slice(self, start: int, end: int) -> str:
        return self._text[start:end]

    @property
    def length(self) -> int:
        return len(self._text)

    def _find(self) -> int:
        start = self._skip(0)
        if self._at(start) == "[":
            self._end(self._past(start)[0])
            return start
        if self._at(start) != "{":
            self._fail("it is neither a list nor an object", start)
        lists: dict[str, tuple[int, int]] = {}
        place = self._skip(start + 1)
        while self._at(place) != "}":
            if self.members or lists:
                place = self._sign(place, ",")
            key, place = self._value(place)
            if not isinstance(key, str) or key in self.members or key in lists:
                self._fail("a key is missing or given twice", place)
            place = self._sign(place, ":")
            if self._at(place) == "[":
                begin = place
                place, objects, others = self._past(place)
                if objects or not others:
                    lists[key] = (begin, objects if not others else 0)
                self.members.setdefault(key, None)
            else:
                self.members[key], place = self._value(place)
            place = self._skip(place)
        self._end(place + 1)
        full = {key: found for key, found in lists.items() if found[1]} or lists
        if len(full) != 1:
            said = f"lists of objects: {', '.join(full)}" if full else f"no list of objects, only {', '.join(list(self.members)[:8]) or 'nothing'}"
            raise InputError(f"{self._name} cannot be read as a table: the object in it has {said}.", _REMEDY)
        return next(iter(full.values()))[0]

    def _past(self, start: int) -> tuple[int, int, int]:
        """Behind a list: the place, how many objects it has and how many other values."""
        objects = others = 0
        behind = self._skip(start + 1)
        for _, end, item in self._list(start):
            behind = end
            if isinstance(item, dict):
                objects += 1
            else:
                others += 1
        return self._skip(behind) + 1, objects, others

    def _list(self, start: int) -> Iterator[tuple[int, int, Any]]:
        place = self._skip(start + 1)
        first = True
        while first or self._at(place) != "]":
            if self._at(place) == "]":
                return
            if not first:
                place = self._sign(place, ",")
            value, end = self._value(place)
            yield place, end, value
            place = self._skip(end)
            first = False

    def _value(self, place: int) -> tuple[Any, int]:
        try:
            return DECODER.raw_decode(self._text, place)
        except (ValueError, RecursionError) as error:
            self._fail(why_not(error), place)

    def _sign(self, place: int, sign: str) -> int:
        place = self._skip(place)
        if self._at(place) != sign:
            self._fail(f"'{sign}' is missing" if place < len(self._text) else "it ends too early and seems to be cut off", place)
        return self._skip(place + 1)

    def _end(self, place: int) -> None:
        if self._skip(place) != len(self._text):
            self._fail("more follows behind its end", place)

    def _at(self, place: int) -> str:
        return self._text[place : place + 1]

    def _skip(self, place: int) -> int:
        found = _SPACE.match(self._text, place)
        return found.end() if found else place

    def _fail(self, why: str, place: int) -> NoReturn:
        line = self._text.count("\n", 0, place) + 1
        raise InputError(f"{self._name} cannot be read as JSON: {why} (near line {line}, character {place + 1}).", _REMEDY) from None


class JsonSheet(Sheet):
    """Objects of one document."""

    format = "json"
    counted = "item"

    def __init__(self, origin: Origin, document: Document, notes: list[Problem]) -> None:
        super().__init__(origin, (), notes)
        self._document = document
        columns = Columns(self.name)
        for _, _, item in document.items():
            if isinstance(row := self._row(item), dict):
                columns.add(row)
        self._keys = self._read(columns)
        self.columns = checked(self._keys, self.name)

    def pieces(self, size: int = 10_000) -> Iterator[Piece]:
        piece, full = Piece(), MAX_PIECE
        self._origin.check()
        self._origin.share = 0.0
        for line, (start, end, item) in enumerate(self._document.items(), 1):
            if end - start > MAX_TEXT:
                said = f"the object is longer than {MAX_TEXT >> 20} MB. Shorten it; whole articles belong among the documents."
                piece.faults.append(self._fault("field-too-large", line, said, {RAW: f"{self._document.slice(start, start + HEAD)}… (cut)"}))
            elif isinstance(cells := self._cells(line, item), Fault):
                piece.faults.append(cells)
            else:
                piece.lines.append(line)
                piece.rows.append(cells)
            if len(piece) >= size or end > full:
                self._origin.share = end / self._document.length
                yield piece
                piece, full = Piece(), end + MAX_PIECE
        self._origin.share = 1.0
        if len(piece):
            yield piece

    def _row(self, item: Any) -> Any:
        """The object that has the columns."""
        return item

    def _read(self, columns: Columns) -> tuple[str, ...]:
        return columns.read()

    def _cells(self, line: int, item: Any) -> list[Any] | Fault:
        if (why := misfit(item)) is not None:
            return self._misfit(line, item, why)
        return list(map(item.get, self._keys))

    def _misfit(self, line: int, item: Any, why: tuple[str, str, str | None, Any]) -> Fault:
        code, said, column, value = why
        raw = raw_of(item) if isinstance(item, dict) and code != "duplicate-key" else {RAW: shown(item)}
        return self._fault(code, line, said, raw, column=column, value=value)


def read_document(origin: Origin, charset: Charset, size: int) -> Document:
    """Read the whole text. Raises `InputError` if it is too large or not JSON."""
    if size > MAX_JSON:
        said = f"{origin.name} is a JSON document of {size >> 20:,} MB; up to {MAX_JSON >> 20} MB are read."
        raise InputError(said, "Write it as JSON Lines (one object a line) or CSV, which have no such bound.")
    reader = origin.open()
    try:
        text = "".join(charset.texts(reader))
    except UnicodeDecodeError:
        raise origin.changed() from None
    finally:
        reader.close()
    origin.check()
    return Document(text, origin.name)
