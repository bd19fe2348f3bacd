"""JSON Lines -> a sheet: one object a line. Floor 5.

Read twice: the keys of all lines are the columns, so the first pass collects them. A line that is no object is a fault; the others are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eventcoder.intake.formats.charset import Charset
from eventcoder.intake.formats.jsonvalue import DECODER, Columns, misfit, raw_of, shown, why_not
from eventcoder.intake.formats.limits import MAX_PIECE, MAX_TEXT
from eventcoder.intake.formats.lines import HEAD, Lines
from eventcoder.intake.formats.origin import Origin
from eventcoder.intake.formats.sheet import RAW, Fault, Piece, Sheet, checked
from eventcoder.problem import Problem


class JsonLinesSheet(Sheet):
    """`line` is the physical line."""

    format = "jsonl"
    counted = "line"

    def __init__(self, origin: Origin, charset: Charset, notes: list[Problem]) -> None:
        super().__init__(origin, (), notes)
        self._charset = charset
        columns = Columns(self.name)
        for _, item, _ in self._items():
            if isinstance(item, dict):
                columns.add(item)
        self._keys = columns.read()
        self.columns = checked(self._keys, self.name)

    def pieces(self, size: int = 10_000) -> Iterator[Piece]:
        piece, full = Piece(), MAX_PIECE
        keys = self._keys
        for line, item, lines in self._items():
            if isinstance(item, Fault):
                piece.faults.append(item)
            elif (why := misfit(item)) is None:
                piece.lines.append(line)
                piece.rows.append(list(map(item.get, keys)))
            else:
                piece.faults.append(self._misfit(line, item, why))
            if len(piece) >= size or lines.loaded > full:
                yield piece
                piece, full = Piece(), lines.loaded + MAX_PIECE
        if len(piece):
            yield piece

    def _misfit(self, line: int, item: Any, why: tuple[str, str, str | None, Any]) -> Fault:
        code, said, column, value = why
        raw = raw_of(item) if isinstance(item, dict) and code != "duplicate-key" else {RAW: shown(item)}
        return self._fault(code, line, said, raw, column=column, value=value)

    def _items(self) -> Iterator[tuple[int, Any, Lines]]:
        """Each line that is not blank: its number, and its value or a fault."""
        reader = self._origin.open()
        try:
            lines = Lines(self._charset.texts(reader))
            number = 0
            for number, text in enumerate(lines.since(1), 1):
                lines.anchor = number
                stripped = text.strip()
                if number in lines.long or len(text) > MAX_TEXT:
                    yield number, self._too_long(number, lines.long.get(number, text[:HEAD])), lines
                elif stripped:
                    try:
                        yield number, DECODER.decode(stripped), lines
                    except (ValueError, RecursionError) as error:
                        yield number, self._unread(number, text, error, lines), lines
            self._origin.check()
        except UnicodeDecodeError:
            self._origin.check()
            raise self._origin.changed() from None
        finally:
            reader.close()

    def _too_long(self, number: int, head: str) -> Fault:
        said = f"the line is longer than {MAX_TEXT >> 20} MB. Shorten it; whole articles belong among the documents."
        return self._fault("field-too-large", number, said, {RAW: f"{head}… (cut)"})

    def _unread(self, number: int, text: str, error: Exception, lines: Lines) -> Fault:
        if not text.endswith(("\n", "\r")):
            said = f"the line is not JSON ({why_not(error)}). The file seems to be cut off here."
            return self._fault("row-truncated", number, said, {RAW: text})
        return self._fault("not-json", number, f"the line is not JSON ({why_not(error)}).", {RAW: text.rstrip("\r\n")})
