"""Where a CSV goes on behind a row that is broken. Floor 5.

A wrong quote shows itself lines later, when the next one comes: everything between was taken into one cell. So reading goes back to the line behind
the one where the row began, if that reads as a row of its own. Only if it does not was the row really one of several lines; then it ends where
its quotes are even again, or where a line looks like a row. Every line belongs to exactly one row or fault.
"""

from __future__ import annotations

import csv

from eventcoder.intake.formats.lines import Lines
from eventcoder.intake.formats.punctuation import Punctuation

_LOOK = 10  # lines that are tried one by one; notes with more lines of their own are rare, and each try costs time
_WIDE = 8  # columns from which a line with all its separators is a row, and not a text that happens to have as many


class Resumption:
    """Decides for one pass over `lines`."""

    def __init__(self, lines: Lines, punctuation: Punctuation, width: int) -> None:
        self._lines = lines
        self._punctuation = punctuation
        self._width = width

    def swallowed(self, start: int) -> bool:
        """Whether a row of several lines has taken in others: its first line has all separators of a row, and the next one reads as one."""
        return self._looks_whole(start) and self.good(start + 1)

    def good(self, line: int) -> bool:
        """Whether a row with the right number of cells and even quotes begins on that line."""
        records = self._punctuation.reader(self._lines.since(line))
        try:
            cells = next(records, None)
        except csv.Error:
            self._lines.overlong = False
            return False
        if cells is None or len(cells) != self._width:
            return False
        return sum(text.count(self._punctuation.quote) for text in self._lines.take(line, line + records.line_num)) % 2 == 0

    def behind_broken(self, start: int, behind: int) -> int:
        """The line on which the next row begins; `behind`: the line after the one on which the row broke."""
        open_ = behind - start > 1 or self._quotes(start) % 2 == 1
        if not open_:
            return start + 1
        for line in range(start + 1, start + 1 + _LOOK):
            if not self._lines.has(line) or self.good(line) or self._looks_whole(line):
                return line
            if self._quotes(line) % 2 == 1:
                return line + 1
        return start + 1

    def behind_long(self, start: int, behind: int) -> tuple[int, bool]:
        """The line on which the next row begins, and whether the row was really too long (else its quote is never closed).

        What is too long is passed over without being held.
        """
        cut = any(start <= line < behind for line in self._lines.long)
        for line in range(start + 1, start + 1 + (1 if cut else _LOOK)):
            if self.good(line) or self._looks_whole(line):
                self._lines.overlong = False
                return line, cut
        line = start + 1
        open_ = True
        while open_:
            self._lines.anchor = line
            if not self._lines.has(line) or (self._separators(line) and self.good(line)):
                break
            open_ = self._quotes(line) % 2 == 0
            line += 1
        self._lines.overlong = False
        return line, True

    def _quotes(self, line: int) -> int:
        return sum(text.count(self._punctuation.quote) for text in self._lines.take(line, line + 1))

    def _separators(self, line: int) -> int:
        return sum(text.count(self._punctuation.delimiter) for text in self._lines.take(line, line + 1))

    def _looks_whole(self, line: int) -> bool:
        return self._width >= _WIDE and self._separators(line) >= self._width - 1
