"""Writing a cell so that it says what it was given: text stays text, and a sheet that cannot hold a value says so. Floor 5."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook import Column
from eventcoder.intake.template.wording import units

if TYPE_CHECKING:
    from openpyxl.cell import Cell

LONGEST_CELL = 32_767  # UTF-16 units (Excel's limit)
FIRST_DAY = date(1900, 3, 1)  # Excel counts a 29 February 1900 that never was: days before it shift by one between programs
DAY_FORMAT, TEXT_FORMAT, WHOLE_FORMAT, DEGREES_FORMAT = "yyyy-mm-dd", "@", "0", "0.0###"
_FORMULA = re.compile(r"['=+\-@\t\r]")  # how a text begins that Excel would take for something else when it is edited
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # no XML file can hold these
_ESCAPE = re.compile("_x[0-9A-Fa-f]{4}_")  # Excel reads it as the character of that number


def put(cell: Cell, value: Any) -> None:
    """Write a value; a text is a text even if it looks like a formula or an error."""
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = plain(value)
    cell.data_type = "s"  # openpyxl makes a formula of '=...' and an error of '#N/A'
    if _FORMULA.match(value):
        cell.quotePrefix = True  # and Excel would, once a person edits the cell


def plain(text: str) -> str:
    """The text without what no XML file can hold."""
    return _CONTROL.sub("", text)


def cell_value(column: Column, value: Any) -> Any:
    """A value of an event as the sheet holds it: days as dates, lists joined by '; ', yes and no. None where there is nothing."""
    if value is None or value == []:
        return None
    if column.type == "list":
        return "; ".join(value)
    if column.type == "boolean":
        return "yes" if value else "no"
    if column.type == "date" and isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        return day if day >= FIRST_DAY else value
    return value


def fits(value: Any) -> bool:
    """True if the sheet gives the value back as it is."""
    return not isinstance(value, str) or not (units(value) > LONGEST_CELL or _CONTROL.search(value) or _ESCAPE.search(value))


def number_format(column: Column) -> str:
    """How the cells of a column show what they hold."""
    return {"date": DAY_FORMAT, "integer": WHOLE_FORMAT, "number": DEGREES_FORMAT if column.unit.startswith("degrees") else "General"}.get(
        column.type, TEXT_FORMAT
    )
