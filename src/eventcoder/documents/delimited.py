"""CSV text -> header and numbered rows, strictly. Floor 2; the intake of event tables (floor 5) reads through it too.

Reads what RFC 4180 allows (quotes, doubled quotes, line ends inside quotes) with `,` `;` TAB or `|` between the cells. Anything else is told with its
line, never guessed away: a reader that accepts broken quoting joins rows and loses them (one such loss in the field cost 21 % of a file).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

DELIMITERS = ",;\t|"
MAX_CELL = 64 * 1024 * 1024  # the csv module's own ceiling is 128 KiB; what is too long for a column is the column's matter


class BadTable(ValueError):
    """The text cannot be read as a table at all."""


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: the line it begins on (the header is line 1), its cells, and `fault`: None, `row-truncated` or `wrong-cell-count`."""

    line: int
    cells: tuple[str, ...]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Header and rows; `broken` tells in words why reading stopped early, with the line it stopped at, or is None."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    delimiter: str
    broken: tuple[int, str] | None = None


def sniff(text: str) -> str:
    """The delimiter: of those in the header line (outside quotes), the one that gives the most cells; a comma for a single column."""
    best, cells = ",", 1
    for delimiter in DELIMITERS:
        try:
            first = next(iter(csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=delimiter)), [])
        except csv.Error:
            continue
        if len(first) > cells:
            best, cells = delimiter, len(first)
    return best


def read_table(text: str) -> Table:
    """Parse a whole CSV text. Blank lines are passed over. Raises `BadTable` for an empty one and for a header with empty or repeated names."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise BadTable("it is empty")
    csv.field_size_limit(MAX_CELL)
    delimiter = sniff(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    numbered = _numbered(reader)
    try:
        header = next((tuple(c.strip() for c in cells) for _, cells in numbered), ())
    except csv.Error as error:
        raise BadTable(f"its header is not CSV: {error}") from None
    if not all(header):
        raise BadTable(f"column {header.index('') + 1} of its header has no name")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise BadTable(f"its header names {', '.join(twice)} more than once")
    rows: list[Row] = []
    broken: tuple[int, str] | None = None
    start = reader.line_num + 1
    try:
        for line, cells in numbered:
            fault = None if len(cells) == len(header) else "wrong-cell-count"
            rows.append(Row(line, tuple(cells), fault))
            start = reader.line_num + 1
    except csv.Error as error:
        broken = (start, "a quote is opened and never closed" if "unexpected end" in str(error) else str(error))
    if broken is None and rows and rows[-1].fault and len(rows[-1].cells) < len(header) and not text.endswith(("\n", "\r")):
        rows[-1] = Row(rows[-1].line, rows[-1].cells, "row-truncated")
    return Table(header, tuple(rows), delimiter, broken)


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins on (`line_num` of the csv module is the line it ends on)."""
    start = 1
    for cells in reader:
        if cells:
            yield start, cells
        start = reader.line_num + 1  # type: ignore[attr-defined]
