"""Colours, fonts and widths of the workbook. Floor 5."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from eventcoder.intake.template.cells import number_format
from eventcoder.intake.template.fields import Field, Role

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

# role -> (fill, text) of its header, as RGB. The needed ones are the only dark ones, so that they stand out in grey print too.
COLOURS = {
    Role.NEEDED: ("1F4E79", "FFFFFF"),
    Role.OPTIONAL: ("DDEBF7", "1F2D3D"),
    Role.FILLED: ("E2EFDA", "1F2D3D"),
    Role.CHOICE: ("FFF2CC", "1F2D3D"),
    Role.IDENTITY: ("D9D9D9", "595959"),
}
IDENTITY_FILL = "F2F2F2"
KNOWN_FILL = "F5F9FD"  # rows of events that are in the ledger
MISSING_FILL = "FCE4D6"
WRONG_FILL, WRONG_TEXT = "FFC7CE", "9C0006"
_WIDTHS = {"date": 13.0, "integer": 11.0, "number": 11.0, "boolean": 9.0, "list": 34.0, "text": 70.0, "string": 24.0}
_FILTER_BUTTON = 4.0  # characters that the button of the filter covers
A4 = 9
LINE, TALLEST = 15.0, 409.0  # points; the second is Excel's limit


def width(field: Field) -> float:
    """Width of a column in characters."""
    wide = _WIDTHS[field.column.type]
    if field.single and field.codes is not None:
        wide = min(max((len(code) for code in field.codes), default=0) + 4.0, 34.0)
    return max(wide, len(field.name) * 1.15 + _FILTER_BUTTON)


def lines(text: str, wide: float) -> int:
    """About how many lines a text takes in a wrapped cell `wide` digits across; a little more rather than less (letters are narrower)."""
    return sum(max(1, ceil(len(part) / (wide * 1.05))) for part in text.split("\n"))


def height(count: int) -> float:
    """Height of a row of `count` lines in points. Excel finds it by itself when it opens the file, LibreOffice does not always."""
    return min(max(count, 1) * LINE + 1, TALLEST)


def font(**how: Any) -> Any:
    from openpyxl.styles import Font

    return Font(**{"name": "Calibri", "size": 11, **how})


def fill(rgb: str) -> Any:
    from openpyxl.styles import PatternFill

    return PatternFill("solid", start_color=rgb, end_color=rgb)


def head(cell: Cell, role: Role) -> None:
    """A header's look."""
    from openpyxl.styles import Alignment, Border, Side

    back, text = COLOURS[role]
    cell.fill = fill(back)
    cell.font = font(bold=role is Role.NEEDED, italic=role in (Role.FILLED, Role.CHOICE), color=text)
    cell.alignment = Alignment(vertical="center")
    cell.border = Border(bottom=Side("medium", "7F7F7F"), right=Side("thin", "BFBFBF"))


def wraps(field: Field) -> bool:
    """True for columns of free text, whose cells may take several lines."""
    return field.column.type in ("text", "list") or (field.column.type == "string" and not field.single)


def body(target: Any, field: Field, *, known: bool = False) -> None:
    """The look of a column's cells (`target`: its column dimension, or one cell of a row that is `known` already)."""
    from openpyxl.styles import Alignment

    target.number_format = number_format(field.column)
    coded = field.column.type == "date" or (field.single and field.column.type == "integer")
    side = "center" if coded else "right" if field.column.type in ("integer", "number") else "left"
    target.alignment = Alignment(horizontal=side, vertical="top", wrap_text=wraps(field), indent=1 if side == "right" else 0)
    if field.role is Role.IDENTITY:
        target.fill = fill(IDENTITY_FILL)
        target.font = font(color="7F7F7F")
    elif known:
        target.fill = fill(KNOWN_FILL)


def one_page_wide(sheet: Worksheet, *, landscape: bool, pages: int = 0) -> None:
    """Printed, the sheet is as wide as a page; `pages` long, 0 for as many as it takes."""
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, pages
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
