"""The sheet `guide`: how to fill the workbook in and what happens at import, in one page of plain words. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eventcoder.intake.template import look
from eventcoder.intake.template.cells import put
from eventcoder.intake.template.fields import Field, Role
from eventcoder.intake.template.sheets import EVENTS, LISTS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SHEET = "guide"
_COLOURS = (
    (Role.NEEDED, "dark, bold", "You fill these in. An event without one of them is stored, but stays out of releases until it is there."),
    (Role.OPTIONAL, "light blue", "You fill these in where the source tells it."),
    (Role.FILLED, "green, slanted", "Leave these empty if you like: the import fills in what follows from the rest. What you write there stands."),
    (Role.CHOICE, "yellow, slanted", "Only a help for choosing; it may stay empty. The import computes it."),
    (Role.IDENTITY, "grey", "Not for you: empty for a new event, and to be left as it is in rows that have it."),
)
_WIDE = 108  # characters of a line
_ABOUT = "about"  # marks a heading in the texts below
FILLING = (
    (_ABOUT, f"Filling in the sheet '{EVENTS}'"),
    ("One row", "is one event: one day, one place, one type, one pair of actors. A protest in three towns is three rows."),
    ("What a column means", "Rest the mouse on its header. The same text, shorter, shows beside a cell that you choose."),
    ("Lists", f"Alt + arrow down opens the list of a cell. The sheet '{LISTS}' explains every code. Other values are refused."),
    ("Type of event", "Choose event_type first; then sub_event_type offers only what belongs to it. Red: the two do not go together."),
    ("Days", "Year-month-day: 2026-05-09. If only the week or month is known, write its middle and say so in time_precision."),
    ("Numbers", "Digits only. 0 says that sources report none; an empty cell says that nothing is reported. They are not the same."),
    ("Several items", "in one cell are separated by a semicolon and a space: Women (Iran); Students (Iran)"),
    ("Not known", "Leave the cell empty. Do not write n/a, unknown, ? or -. Orange cells are still needed in a row that you have begun."),
    ("No formulas", "The import refuses them. Paste as 'values only': other pasting takes the lists and checks away."),
    ("The header", "must stay as it is. You may hide, move and filter columns, sort rows, and leave rows empty."),
)
KNOWN = (
    (
        "Rows with event_id",
        "are events that the ledger has already. Change a cell and the import makes a revision of the event; unchanged rows change nothing, and "
        "deleting a row withdraws nothing. To make a new event from such a row, empty the grey cells of the copy.",
    ),
)
IMPORTING = (
    (_ABOUT, "What happens at import"),
    ("First try", "eventcoder import FILE.xlsx --dry-run says what would happen and stores nothing; without --dry-run it is stored."),
    ("Every row counts", "Each row is created, revised, unchanged or rejected; the four add up. A message names sheet, row and column."),
    ("Rejected rows", "cannot be read (an unknown code, a day that is none). Nothing is stored then: mend them and import again."),
    ("Rows with gaps", "or broken rules are stored open and named. They are released once they are mended."),
    ("Twice", "The same file again changes nothing."),
    (
        "Afterwards",
        "Go on in a new workbook. A row without event_id that you change after its import would be a second event: to correct it, ask for a "
        "workbook with examples (eventcoder template FILE.xlsx --examples) or use eventcoder amend.",
    ),
)


def write_guide(sheet: Worksheet, fields: Sequence[Field], *, project: str, codebook: str, made: str, rows: int, known: int) -> None:
    """The page. `made` says who made the workbook and when, `rows` how many rows are prepared and `known` how many events stand in it."""
    from openpyxl.styles import Alignment

    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = _WIDE
    row = 0

    def line(left: str, right: str = "", *, role: Role | None = None, heading: bool = False) -> None:
        nonlocal row
        row += 1
        for at, text in ((1, left), (2, right)):
            cell = sheet.cell(row, at)
            cell.alignment = Alignment(vertical="top", wrap_text=at == 2)
            cell.font = look.font(bold=at == 1, size=13 if heading else 11, color=look.COLOURS[Role.NEEDED][0] if heading else "000000")
            if text:
                put(cell, text)
        sheet.row_dimensions[row].height = 22 if heading else look.height(look.lines(right, _WIDE))
        if role is not None:
            look.head(sheet.cell(row, 1), role)
            sheet.cell(row, 1).alignment = Alignment(vertical="top")

    def part(lines: Sequence[tuple[str, str]]) -> None:
        for left, right in lines:
            if left is _ABOUT:
                line("")
                line(right, heading=True)
            else:
                line(left, right)

    line(project, heading=True)
    line("Codebook", codebook)
    line("Made", made)
    prepared = f"{rows:,} empty rows have lists and checks; the import reads rows below them too."
    line("Prepared", prepared + (f" {known} event{'s' if known != 1 else ''} of the ledger stand{'s' if known == 1 else ''} above." if known else ""))
    part(FILLING)
    if known:
        part(KNOWN)
    line("")
    line("Colours of the header", heading=True)
    for role, name, text in _COLOURS:
        if any(field.role is role for field in fields):
            names = ": " + ", ".join(field.name for field in fields if field.role is role) if role is Role.NEEDED else ""
            line(name, text + (f" They are{names}." if names else ""), role=role)
    part(IMPORTING)
    sheet.sheet_view.showGridLines = False
    look.one_page_wide(sheet, landscape=False, pages=1)
