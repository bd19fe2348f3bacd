"""The rules that Excel and LibreOffice apply while a coder types: drop-downs, days, numbers, lengths; each with prompt and message. Floor 5.

They keep slips out early; the import checks everything again, because pasting goes around them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.columns import LARGEST
from eventcoder.intake.template.fields import SUB_TYPE, Field, Role
from eventcoder.intake.template.ranges import Ranges
from eventcoder.intake.template.wording import FIRST_YEAR, error, prompt, title, until_today

if TYPE_CHECKING:
    from openpyxl.worksheet.datavalidation import DataValidation

# Tomorrow, because it is tomorrow somewhere. Not the day on which the workbook was made: coders use one for weeks. A validation is no cell,
# so TODAY() makes nothing recalculate.
TOMORROW = "TODAY()+1"


def validation(field: Field, ranges: Ranges, *, type_cell: str, last_row: int, letter: str) -> DataValidation:
    """The validation of a column's cells from row 2 to `last_row`. `type_cell` is the cell of row 2 that holds the event type ("" if none)."""
    from openpyxl.worksheet.datavalidation import DataValidation

    condition = _condition(field, ranges, type_cell)
    refused = {}
    if condition["type"] is not None:
        name, text = error(field)
        refused = {"showErrorMessage": True, "errorStyle": "stop", "errorTitle": name, "error": text}
    return DataValidation(
        **condition,
        **refused,
        allow_blank=True,
        showInputMessage=True,
        promptTitle=title(field),
        prompt=prompt(field),
        sqref=f"{letter}2:{letter}{last_row}",
    )


def _condition(field: Field, ranges: Ranges, type_cell: str) -> dict[str, Any]:
    column = field.column
    if field.role is Role.IDENTITY:
        return {"type": None}  # a prompt only
    if field.name == SUB_TYPE and ranges.pairs and type_cell:
        return {"type": "list", "formula1": ranges.sub_types_for(type_cell)}
    if field.name in ranges.of:
        return {"type": "list", "formula1": ranges.of[field.name]}
    if column.type == "date":
        last = _day(column.max) or (TOMORROW if until_today(column) else None)
        return _between("date", _day(column.min) or f"DATE({FIRST_YEAR},1,1)", last)
    if column.type in ("integer", "number"):
        kind = "whole" if column.type == "integer" else "decimal"
        return _between(kind, _number(column.min, -LARGEST), _number(column.max, LARGEST))
    if column.type == "list":
        return {"type": None}  # several items in a cell: no drop-down can hold them, and each item has its own limit
    return {"type": "textLength", "operator": "lessThanOrEqual", "formula1": str(column.longest)}


def _between(kind: str, low: str, high: str | None) -> dict[str, Any]:
    if high is None:
        return {"type": kind, "operator": "greaterThanOrEqual", "formula1": low}
    return {"type": kind, "operator": "between", "formula1": low, "formula2": high}


def _day(bound: float | str | None) -> str | None:
    if not isinstance(bound, str):
        return None
    day = date.fromisoformat(bound)
    return f"DATE({day.year},{day.month},{day.day})"


def _number(bound: float | str | None, otherwise: int) -> str:
    return str(otherwise if bound is None else bound)


def wrong_pair(ranges: Ranges, type_cell: str, sub_cell: str) -> str:
    """A formula that is true where a sub-type does not belong to the type beside it (the type was changed after it)."""
    types, subs = ranges.pairs or ("", "")
    return f'AND({type_cell}<>"",{sub_cell}<>"",COUNTIFS({types},{type_cell},{subs},{sub_cell})=0)'


def missing(cell: str, first: str, last: str) -> str:
    """A formula that is true where a needed cell is empty in a row that somebody has begun (`first` to `last`: its cells)."""
    return f"AND(LEN({cell})=0,COUNTA({first}:{last})>0)"
