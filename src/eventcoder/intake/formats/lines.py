"""The physical lines of a text, numbered, with those kept back that the record under way may need again. Floor 5.

A CSV record may run over many lines, and only where it breaks is it known that a quote was wrong: then its lines are needed once more. What lies
before `anchor` is forgotten, and no more than `MAX_TEXT` characters are held behind it: a record that wants more is stopped by a line that is
certain to break it (`overlong` says that it was). A single line that is longer is cut, and stands in `long`.

Lines end with LF, CR or CRLF, also mixed. Speed decides the form: lists of lines are made by the thousand and read by the csv module in C.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from eventcoder.intake.formats.limits import MAX_TEXT

HEAD = 1000  # characters kept of what is too long
_PEEK = 8
# What `splitlines` takes for the end of a line and a CSV does not.
_OTHER_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


class Lines:
    """Lines of a text that comes in blocks; the first has number 1."""

    def __init__(self, texts: Iterable[str], *, quote: str = '"', as_read: Callable[[str], str] | None = None) -> None:
        """`as_read` makes of a line what the csv module is to see (escapes that it does not know)."""
        self.anchor = 1
        self.loaded = 0  # characters so far
        self.overlong = False
        self.long: dict[int, str] = {}
        self.open_end = False  # known at the end only: the last line has no line end
        self._breaker = f"{quote}x{quote}x\n"  # breaks a record wherever it is: at its start, or inside quotes
        self._as_read = as_read
        self._blocks = self._split(iter(texts))
        self._kept: deque[tuple[int, list[str], int]] = deque()
        self._held = 0
        self._next = 1

    def since(self, line: int) -> Iterator[str]:
        """The lines from that one on, which must not lie before `anchor`."""
        return chain.from_iterable(self._feed(line))

    def take(self, first: int, behind: int) -> list[str]:
        """The lines from `first` to before `behind`, as they stand in the file; less if the file ends."""
        found: list[str] = []
        while first < behind and (block := self._block(first)) is not None:
            start, lines, _ = block
            part = lines[first - start : behind - start]
            found += [self.long.get(first + n, line) for n, line in enumerate(part)] if self.long else part
            first += len(part)
        return found

    def has(self, line: int) -> bool:
        """Whether the file has that line."""
        return self._block(line) is not None

    def _feed(self, line: int) -> Iterator[list[str]]:
        while True:
            if self._held > MAX_TEXT and line >= self._next:
                self._forget()
                if self._held > MAX_TEXT:
                    self.overlong = True
                    yield [self._breaker]
                    return
            block = self._block(line)
            if block is None:
                return
            start, lines, _ = block
            part = lines
            if line > start:  # the first lines by themselves: often they are all that is looked at, of ten thousand
                part = lines[line - start : line - start + _PEEK]
            line = max(line, start) + len(part)
            yield part if self._as_read is None else [self._as_read(one) for one in part]

    def _block(self, line: int) -> tuple[int, list[str], int] | None:
        for block in reversed(self._kept):
            if block[0] <= line:
                if line < block[0] + len(block[1]):
                    return block
                break
        while line >= self._next:
            self._forget()
            loaded = next(self._blocks, None)
            if loaded is None:
                return None
            lines, size = loaded
            self._kept.append((self._next, lines, size))
            self._held += size
            self._next += len(lines)
        return self._kept[-1]

    def _forget(self) -> None:
        while self._kept and self._kept[0][0] + len(self._kept[0][1]) <= self.anchor:
            self._held -= self._kept.popleft()[2]

    def _split(self, texts: Iterator[str]) -> Iterator[tuple[list[str], int]]:
        carry = ""
        number = 1
        skipping = False  # inside a line that is too long
        for text in texts:
            self.loaded += len(text)
            if carry:
                text = carry + text
                carry = ""
            # A CR at the very end may be the first half of a CRLF: it waits for the next block.
            cut = text.rfind("\n") + 1 or text.rfind("\r", 0, len(text) - 1) + 1
            if not cut:
                if skipping:
                    carry = text[-1:]
                elif len(text) > MAX_TEXT:
                    self.long[number] = text[:HEAD]
                    skipping = True
                    carry = text[-1:]
                else:
                    carry = text
                continue
            text, carry = text[:cut], text[cut:]
            lines = _lines(text)
            if skipping:
                lines[0] = self._breaker
                skipping = False
            number += len(lines)
            yield lines, len(text)
        self.open_end = skipping or bool(carry and carry[-1] not in "\r\n")
        if skipping:
            yield [self._breaker], HEAD
        elif carry:
            yield _lines(carry), len(carry)


def _lines(text: str) -> list[str]:
    if any(end in text for end in _OTHER_ENDS):
        return io.StringIO(text, newline="").readlines()
    return text.splitlines(True)
