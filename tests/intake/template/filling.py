"""Fill a prepared workbook in as a person does in Excel. For the tests of the template and of its import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

from eventcoder.codebook import Codebook

#: what a coder types into one row; event_type is the choice that shortens the next list
MARCH = {
    "event_date": "2026-05-09", "time_precision": "1", "event_type": "Protests", "sub_event_type": "Peaceful protest",
    "actor1": "Protesters (Iran)", "assoc_actor_1": "Teachers (Iran); Women (Iran)", "country": "Iran", "admin1": "Fars", "location": "Shiraz",
    "latitude": "29.6104", "longitude": "52.5311", "geo_precision": "1", "source": "Qasr Daily", "source_scale": "National",
    "notes": "On 9 May 2026, about 60 teachers marched in Shiraz (Fars) against the closing of a school.", "crowd_low": "60",
    "crowd_text": "about 60",
}  # fmt: skip
CLASH = {
    "event_date": "2026-05-10", "time_precision": "1", "event_type": "Battles", "sub_event_type": "Armed clash",
    "actor1": "Military Forces of Iran (1989-)", "inter1": "State forces", "actor2": "Unidentified Armed Group (Iran)",
    "inter2": "Political militia", "country": "Iran", "admin1": "Sistan and Baluchestan", "location": "Zahedan", "latitude": "29.4963",
    "longitude": "60.8629", "geo_precision": "1", "source": "Qasr Daily; Mill Gazette", "source_scale": "National",
    "notes": "On 10 May 2026, soldiers and gunmen exchanged fire in Zahedan (Sistan and Baluchestan). Four people were killed.",
    "fatalities": "4",
}  # fmt: skip


def typed(codebook: Codebook, column: str, text: str) -> Any:
    """What Excel makes of a text that is typed into a prepared cell: a day, a number (always a float), or the text."""
    kind = codebook.column(column).type
    if kind == "date":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    if kind in ("integer", "number"):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def fill(path: Path, codebook: Codebook, rows: Sequence[Mapping[str, str]], *, first: int | None = None) -> list[int]:
    """Type `rows` (column name -> text) into the sheet `events`, below what stands there or from row `first`; the numbers of their rows.

    A text "" empties the cell. Everything else of the workbook stays: notes, drop-downs, the other sheets.
    """
    book = openpyxl.load_workbook(path)
    sheet = book["events"]
    places = {cell.value: cell.column for cell in sheet[1]}
    known = last_row(sheet)
    start = first or known + 1
    for number, row in enumerate(rows, start):
        for name, text in row.items():
            cell = sheet.cell(number, places[name])
            cell.value = typed(codebook, name, text) if text != "" else None
            if isinstance(cell.value, str):
                cell.data_type = "s"  # typed into a cell of format text
            if number > known:
                cell._style = copy(sheet.column_dimensions[cell.column_letter]._style)  # as a new cell takes its column's look
    book.save(path)
    return list(range(start, start + len(rows)))


def last_row(sheet: Any) -> int:
    """The last row that holds anything."""
    return max(row[0].row for row in sheet.iter_rows() if any(cell.value is not None for cell in row))


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of the sheet `events` that hold anything, as column name -> cell."""
    book = openpyxl.load_workbook(path)
    rows = book["events"].iter_rows(values_only=True)
    header = next(rows)
    return [dict(zip(header, row, strict=True)) for row in rows if any(cell is not None for cell in row)]
