"""XLSX -> a sheet with typed cells, by openpyxl in its reading mode. Floor 5.

Cells are what the workbook holds, never what it would compute: a row with a formula or an error is a fault, cached results are not looked at. Cells
with a date's number format are datetimes (both epochs); times of day and durations are texts. The header is the first row that is not empty.
"""

from __future__ import annotations

import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from eventcoder.errors import InputError
from eventcoder.intake.formats.detection import AS_TABLE, refused
from eventcoder.intake.formats.limits import MAX_PIECE, MAX_ROWS, MAX_TEXT
from eventcoder.intake.formats.origin import Origin
from eventcoder.intake.formats.sheet import EXTRA, OWN, Fault, Piece, Sheet, checked
from eventcoder.intake.formats.sheet import counted as number_of
from eventcoder.intake.formats.workbookparts import Seen, check_parts, damaged, look_through
from eventcoder.problem import Problem

EVENTS = "events"  # the sheet that is read where several have data, in any case
_TEMPLATE = frozenset(("guide", "lists", EVENTS))  # the sheets of our own template
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")  # how a workbook writes characters that XML has not
_SHOWN = 100
# What openpyxl and the XML parsers under it raise on a workbook that is not as they expect; each is told as damage.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, SyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError),
)


class WorkbookSheet(Sheet):
    """One sheet of a workbook; `line` is its row."""

    format = "xlsx"

    def __init__(self, origin: Origin, book: Any, sheet: Any, seen: Seen, close: Callable[[], None], notes: Sequence[Problem]) -> None:
        super().__init__(origin, (), notes)
        self.sheet = str(sheet.title)
        self._book = book
        self._sheet = sheet
        self._seen = seen
        self._close = close
        self._header_row, self._header = self._read_header()
        self._places = [n for n, name in enumerate(self._header) if not name.startswith(OWN)]
        self.columns = tuple(self._header[n] for n in self._places)
        self._letters = {name: _letter(n) for n, name in enumerate(self._header) if name}
        if self._header_row != 1:
            self._note("header-row", f"the names of the columns are taken from row {self._header_row}, the first that is not empty", "info")

    def pieces(self, size: int = 10_000) -> Iterator[Piece]:
        self._origin.check()
        self._origin.share = 0.0
        width, places = len(self._header), self._places
        straight = places == list(range(width))
        piece, held = Piece(), 0
        for number, cells in self._rows():
            if number <= self._header_row:
                continue
            values = [cell.value for cell in cells]
            if all(value is None or value == "" for value in values):
                continue
            kinds = {cell.data_type for cell in cells}
            if kinds & {"f", "e"} or (len(values) > width and any(v is not None and v != "" for v in values[width:])):
                fault = self._fault_in(number, cells)
            else:
                fault = None
            values = _as_values(values)
            if fault is None:
                fault = self._unheld(number, values)
            if fault is not None:
                piece.faults.append(fault)
            else:
                row = values[:width] + [None] * (width - len(values))
                piece.lines.append(number)
                piece.rows.append(row if straight else [row[n] for n in places])
                held += sum(len(value) for value in values if isinstance(value, str))
            if len(piece) >= size or held > MAX_PIECE:
                self._origin.share = number / max(self._seen.rows, number)
                yield piece
                piece, held = Piece(), 0
        self._origin.check()
        self._origin.share = 1.0
        if len(piece):
            yield piece

    def where(self, line: int, column: str | None = None) -> str:
        place = f"{self.name}, sheet '{self.sheet}', row {line}"
        if column is None:
            return place
        letter = self._letters.get(column)
        return f"{place}, column {letter} ({column})" if letter else f"{place}, column {column}"

    def close(self) -> None:
        self._close()
        super().close()

    def _rows(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """All rows with their numbers; openpyxl's warnings (what it cannot draw or print) say nothing to us."""
        self._sheet.reset_dimensions()  # what a sheet declares is often absurd, and every row would be filled up to it
        rows = self._sheet.iter_rows(max_row=MAX_ROWS)
        for number in range(1, MAX_ROWS + 1):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    cells = next(rows, None)
            except _BROKEN as error:
                raise damaged(self.name, error) from None
            if cells is None:
                return
            if cells:
                yield number, cells

    def _read_header(self) -> tuple[int, tuple[str, ...]]:
        for number, cells in self._rows():
            values = _as_values([cell.value for cell in cells])
            if any(_text(value).strip() for value in values):
                if bad := next((n for n, cell in enumerate(cells) if cell.data_type in ("f", "e")), None):
                    said = f"column {_letter(bad)} of row {number} in sheet '{self.sheet}' has a formula or an error in place of a name"
                    raise refused(self.name, said, "Write the names of the columns as texts into the first row.")
                names = [_text(value).strip() for value in values]
                while not names[-1]:
                    names.pop()
                return number, checked(names, f"{self.name}, sheet '{self.sheet}',")
        raise refused(self.name, f"sheet '{self.sheet}' is empty", "Write the names of the columns into its first row, and the events below.")

    def _fault_in(self, number: int, cells: Sequence[Any]) -> Fault | None:
        """What is wrong with a row that has a formula, an error or a cell beyond the header; None if it stands in our own columns only."""
        header = self._header
        values = _as_values([_formula(cell.value) if cell.data_type == "f" else cell.value for cell in cells])
        raw = self._raw(values)
        for n, cell in enumerate(cells):
            if cell.data_type in ("f", "e") and (n >= len(header) or not header[n].startswith(OWN)):
                name = header[n] if n < len(header) else ""
                text = _text(values[n])[:_SHOWN]
                place = f"sheet '{self.sheet}', row {number}, column {_letter(n)}{f' ({name})' if name else ''}"
                if cell.data_type == "f":
                    said = f"{place} has the formula {text}, which is not computed. Replace it by its value (copy, then paste values)."
                    return self._place_fault("formula-cell", number, n, said, raw, text)
                return self._place_fault("error-cell", number, n, f"{place} has the error {text}. Correct or empty the cell.", raw, text)
        beyond = next((n for n, value in enumerate(values) if n >= len(header) and value is not None and value != ""), None)
        if beyond is None:
            return None
        said = f"the row has a cell in column {_letter(beyond)}, where the header has no name. Name the column, or empty the cell."
        return self._place_fault("wrong-cell-count", number, beyond, said, raw, values[beyond])

    def _raw(self, values: list[Any]) -> dict[str, Any]:
        header = self._header
        raw: dict[str, Any] = {header[n]: values[n] for n in self._places if n < len(values) and header[n] and values[n] is not None}
        extra = [_text(value) for n, value in enumerate(values) if (n >= len(header) or not header[n]) and value is not None and value != ""]
        return {**raw, EXTRA: "; ".join(extra)} if extra else raw

    def _unheld(self, number: int, values: list[Any]) -> Fault | None:
        """A fault for a text or number that is none."""
        for n, value in enumerate(values):
            if isinstance(value, str) and len(value) > MAX_TEXT:
                said = f"column {_letter(n)} holds more than {MAX_TEXT >> 20} MB. Shorten it; whole articles belong among the documents."
                return self._place_fault("field-too-large", number, n, said, self._raw([*values[:n], None, *values[n + 1 :]]), value[:_SHOWN])
            if isinstance(value, float) and not math.isfinite(value):
                said = f"column {_letter(n)} holds a number that is none. Correct it."
                return self._place_fault("error-cell", number, n, said, self._raw(values), str(value))
        return None

    def _place_fault(self, code: str, number: int, place: int, said: str, raw: dict[str, Any], value: Any) -> Fault:
        name = self._header[place] if place < len(self._header) else ""
        where = f"{self.where(number)}, column {_letter(place)}{f' ({name})' if name else ''}"
        return Fault(number, raw, Problem(code, said, field=name or None, value=value, where=where))

    def _note(self, code: str, said: str, severity: Any = "warning") -> None:
        self.notes.append(Problem(code, f"{self.name}, sheet '{self.sheet}': {said}.", severity, where=f"{self.name}, sheet '{self.sheet}'"))

    def note_layout(self) -> None:
        """Tell what a reader of the sheet on screen does not see, or sees differently."""
        seen = self._seen
        hidden = [number_of(n, f"hidden {what}") for n, what in ((seen.hidden_rows, "row"), (seen.hidden_columns, "group of columns")) if n]
        if seen.hidden_columns:
            hidden[-1] = hidden[-1].replace("group of columnss", "groups of columns")
        if hidden:
            self._note("hidden-cells", f"{' and '.join(hidden)} read like the others")
        if seen.n_merged:
            said = f"{number_of(seen.n_merged, 'merged range')} ({', '.join(seen.merged)}{', ...' if seen.n_merged > len(seen.merged) else ''})"
            self._note("merged-cells", f"{said}; only the first cell of each has a value, the others are empty")


def open_workbook(origin: Origin, wanted: str | None, notes: Sequence[Problem]) -> WorkbookSheet:
    """Choose the sheet. Raises `InputError` for a workbook that cannot be opened, and where no one sheet is meant."""
    from openpyxl import load_workbook

    name = origin.name
    file = origin.path.open("rb")
    opened: WorkbookSheet | None = None
    try:
        with zipfile.ZipFile(file) as archive:
            check_parts(archive, name)
        file.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, keep_links=False)
        opened = _chosen(origin, book, wanted, file.close, notes)
    except InputError:
        raise
    except _BROKEN as error:
        raise damaged(name, error) from None
    finally:
        if opened is None:
            file.close()
    return opened


def _chosen(origin: Origin, book: Any, wanted: str | None, close: Callable[[], None], notes: Sequence[Problem]) -> WorkbookSheet:
    name = origin.name
    sheets = list(book.worksheets)
    names = ", ".join(f"'{sheet.title}'" for sheet in sheets)
    if not sheets:
        raise refused(name, "the workbook has no sheet that can be read (Excel's 'Strict Open XML' is not)", AS_TABLE)
    visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    archive = book._archive  # openpyxl has no public name for it, nor for a sheet's part
    looked: dict[str, Seen] = {}

    def look(sheet: Any) -> Seen:
        if sheet.title not in looked:
            looked[sheet.title] = look_through(archive, sheet._worksheet_path, name)
        return looked[sheet.title]

    if wanted is not None:
        found = [s for s in sheets if s.title == wanted] or [s for s in sheets if s.title.strip().lower() == wanted.strip().lower()]
        if len(found) != 1:
            raise InputError(f"{name} has no sheet '{wanted}'.", f"Give one of {names} with --sheet.")
    else:
        found = visible if len(visible) == 1 else [sheet for sheet in visible if look(sheet).rows and _has_data(sheet)]
        if len(found) > 1:
            found = [sheet for sheet in found if sheet.title.strip().lower() == EVENTS] or found
        if len(found) != 1:
            said = "several sheets with data" if found else "no visible sheet with data"
            raise InputError(f"{name} has {said}.", f"Say with --sheet which of {names} has the events.")
    (chosen,) = found
    sheet = WorkbookSheet(origin, book, chosen, look(chosen), close, notes)
    _note_others(sheet, sheets, visible, chosen, looked)
    sheet.note_layout()
    return sheet


def _note_others(sheet: WorkbookSheet, sheets: list[Any], visible: list[Any], chosen: Any, looked: dict[str, Seen]) -> None:
    name = sheet.name
    ours = chosen.title.strip().lower() == EVENTS and {s.title.strip().lower() for s in sheets} <= _TEMPLATE
    if chosen not in visible:
        sheet.notes.append(Problem("hidden-sheet", f"{name}: sheet '{chosen.title}' is hidden.", "warning", where=name))
    if ours:
        return
    hidden = ", ".join(f"'{s.title}'" for s in sheets if s not in visible and s is not chosen)
    if hidden:
        sheet.notes.append(Problem("hidden-sheet", f"{name}: hidden sheets are not read: {hidden}.", "warning", where=name))
    left = ", ".join(f"'{s.title}'" for s in visible if s is not chosen and (s.title not in looked or looked[s.title].rows))
    if left:
        sheet.notes.append(Problem("sheet-left-out", f"{name}: only sheet '{chosen.title}' is read, not {left}.", "info", where=name))


def _has_data(sheet: Any) -> bool:
    sheet.reset_dimensions()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return any(cell.value is not None for cells in sheet.iter_rows(max_row=MAX_ROWS) for cell in cells)


def _as_values(values: list[Any]) -> list[Any]:
    """Cells as the types that a sheet may have."""
    return [
        _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value)
        if isinstance(value, str) and "_x" in value
        else value.isoformat()
        if isinstance(value, time)
        else str(value)
        if isinstance(value, timedelta)
        else value
        for value in values
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value)


def _formula(value: Any) -> str:
    """A formula's text; array formulas and data tables are objects."""
    if isinstance(value, str):
        return value
    text = getattr(value, "text", None) or getattr(value, "ref", None) or ""
    return text if str(text).startswith("=") else f"={text}"


def _letter(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
