"""CSV of any punctuation and encoding -> a sheet. Floor 5.

Strict, by the csv module: a reader that accepts broken quoting joins rows and loses them (one such loss in the field cost 21 % of a file). A row
that breaks is a fault with its raw text, and reading goes on behind it (`resumption`), so that one bad quote in a million rows costs one row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from eventcoder.errors import InputError
from eventcoder.intake.formats.charset import Charset
from eventcoder.intake.formats.limits import MAX_PIECE, MAX_TEXT
from eventcoder.intake.formats.lines import HEAD, Lines
from eventcoder.intake.formats.origin import Origin
from eventcoder.intake.formats.punctuation import Ambiguous, Punctuation, find_punctuation, fitted, separator_line
from eventcoder.intake.formats.resumption import Resumption
from eventcoder.intake.formats.scan import Scan
from eventcoder.intake.formats.sheet import EXTRA, OWN, RAW, Fault, Piece, Sheet, checked
from eventcoder.problem import Problem


class DelimitedSheet(Sheet):
    """A CSV; `line` is the physical line on which a row begins (the header of a plain file is line 1)."""

    format = "csv"
    typed = False
    counted = "line"

    def __init__(
        self, origin: Origin, charset: Charset, punctuation: Punctuation, header: Sequence[str], first: int, notes: Sequence[Problem]
    ) -> None:
        """`header` with our own columns, `first`: the line behind it."""
        super().__init__(origin, [name for name in header if not name.startswith(OWN)], notes)
        self._header = tuple(header)
        self._charset = charset
        self._punctuation = punctuation
        self._first = first
        self._places = [n for n, name in enumerate(header) if not name.startswith(OWN)]

    def pieces(self, size: int = 10_000) -> Iterator[Piece]:
        csv.field_size_limit(MAX_TEXT)
        reader = self._origin.open()
        try:
            texts = self._charset.texts(reader)
            lines = Lines(texts, quote=self._punctuation.quote, as_read=self._punctuation.as_read)
            yield from self._pieces(lines, size)
        except UnicodeDecodeError:
            self._origin.check()
            raise self._origin.changed() from None  # the whole file was decoded when it was opened
        finally:
            reader.close()

    def _pieces(self, lines: Lines, size: int) -> Iterator[Piece]:
        width = len(self._header)
        resumption = Resumption(lines, self._punctuation, width)
        start = self._first
        lines.anchor = 1
        piece, full = Piece(), MAX_PIECE
        while True:
            records = self._punctuation.reader(lines.since(start))
            before = start  # `line_num` of the csv module begins anew with each reader
            numbers, rows = piece.lines, piece.rows
            try:
                for cells in records:
                    behind = before + records.line_num
                    if len(cells) != width or (behind - start > 1 and resumption.swallowed(start)):
                        if len(cells) > 1 or (cells and (width == 1 or cells[0].strip())):
                            fault, going_on = self._miscounted(lines, resumption, start, behind, cells)
                            piece.faults.append(fault)
                            if going_on != behind:
                                start = lines.anchor = going_on
                                break
                    else:
                        numbers.append(start)
                        rows.append(cells)
                    start = lines.anchor = behind
                    if len(rows) >= size or lines.loaded > full or len(piece.faults) >= size:
                        yield self._projected(piece)
                        piece, full = Piece(), lines.loaded + MAX_PIECE
                        numbers, rows = piece.lines, piece.rows
                else:
                    break
            except csv.Error as error:
                fault, start = self._broken(lines, resumption, start, before + records.line_num, str(error))
                lines.anchor = start
                piece.faults.append(fault)
        self._origin.check()
        if len(piece):
            yield self._projected(piece)

    def _projected(self, piece: Piece) -> Piece:
        if len(self._places) < len(self._header):
            keep = itemgetter(*self._places)
            piece.rows = [keep(row) for row in piece.rows] if len(self._places) > 1 else [(keep(row),) for row in piece.rows]
        return piece

    def _miscounted(self, lines: Lines, resumption: Resumption, start: int, behind: int, cells: list[str]) -> tuple[Fault, int]:
        width = len(self._header)
        if behind - start > 1 and resumption.good(start + 1):
            said = f"a quote is opened and not closed where it should be, so that the row takes in those behind it up to line {behind - 1}."
            return self._fault("bad-quoting", start, f"{said} Mend its quotes.", {RAW: "".join(lines.take(start, start + 1))}), start + 1
        raw: dict[str, Any] = {self._header[n]: cells[n] for n in self._places if n < len(cells) and self._header[n]}
        extra = [cell for n, cell in enumerate(cells) if n >= width or not self._header[n]]
        if any(extra):
            raw[EXTRA] = self._punctuation.delimiter.join(extra)
        said = f"the row has {len(cells)} cells where the header has {width}."
        if len(cells) < width and not lines.has(behind) and lines.open_end:
            return self._fault("row-truncated", start, f"{said} The file seems to be cut off here.", raw), behind
        return self._fault("wrong-cell-count", start, f"{said} Check its quotes and separators.", raw), behind

    def _broken(self, lines: Lines, resumption: Resumption, start: int, behind: int, why: str) -> tuple[Fault, int]:
        never_closed = "unexpected end" in why
        if lines.overlong or "field larger" in why or any(start <= line < behind for line in lines.long):
            head = "".join(lines.take(start, start + 1))[:HEAD]
            going_on, long = resumption.behind_long(start, behind)
            if long:
                said = f"the row or one of its cells is longer than {MAX_TEXT >> 20} MB. Shorten it; whole articles belong among the documents."
                return self._fault("field-too-large", start, said, {RAW: f"{head}… (cut)"}), going_on
            never_closed = True
        else:
            going_on = resumption.behind_broken(start, behind)
        raw = {RAW: "".join(lines.take(start, going_on))}
        if never_closed and not lines.has(going_on):
            said = "a quote is opened and never closed; the file seems to be cut off here."
            return self._fault("row-truncated", start, said, raw), going_on
        said = "a quote is opened and never closed" if never_closed else why
        return self._fault("bad-quoting", start, f"{said}. Mend the quotes of the row.", raw), going_on


def open_delimited(origin: Origin, charset: Charset, seen: Scan, notes: Sequence[Problem]) -> DelimitedSheet:
    """Find punctuation and header. Raises `InputError`."""
    name = origin.name
    lines = list(Lines([charset.beginning(seen)]).since(1))
    if not seen.complete and len(lines) > 1:
        lines.pop()  # cut off by the end of the sample
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    delimiter = separator_line(lines[first])
    first += delimiter is not None
    csv.field_size_limit(MAX_TEXT)
    try:
        escapes = [line.decode(charset.encoding, "replace") for line in seen.escaped]
        trial = find_punctuation(lines[first:], delimiter, escapes)
    except Ambiguous as error:
        remedy = "Save it with one sign between cells that stands in no name, or as XLSX or JSON Lines."
        raise InputError(f"{name} cannot be read as a table: {error}.", remedy) from None
    punctuation = trial.punctuation
    as_read = punctuation.as_read
    records = punctuation.reader(line if as_read is None else as_read(line) for line in lines[first:])
    try:
        header: list[str] = next((cells for cells in records if cells), [])
    except csv.Error as error:
        remedy = "Check that its first line names the columns."
        raise InputError(f"{name} cannot be read as a table: its header is not CSV ({error}).", remedy) from None
    notes = list(notes)
    if trial.shape:
        told = {
            "trailing": "its rows end with a separator and its header does not; the cell behind it is empty",
            "short": "its header ends with a separator and its rows do not",
            "index": "its rows begin with their number, for which the header has no name",
        }[trial.shape]
        notes.append(Problem("table-shape", f"{name}: {told}.", "info", where=name))
    columns = checked(fitted(header, trial.shape), name)
    return DelimitedSheet(origin, charset, punctuation, columns, first + records.line_num + 1, notes)
