"""The hidden sheet `codes`: the ranges that drop-downs offer. Floor 5.

Layout: one column a list, its name in row 1, its codes below. Drop-downs point to ranges, not to lists written out in the validation: those
hold 255 characters at most, split at commas, and follow the language of the machine. The types and sub-types stand side by side, sorted by
type, so that the sub-types of one type are one block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook import Codebook, CodeList
from eventcoder.intake.template.cells import put
from eventcoder.intake.template.fields import SUB_TYPE, TYPE, Field, depends

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SHEET = "codes"
YES_NO = ("yes", "no")  # TRUE and FALSE have other names in other languages
COUNTRIES = "countries"


@dataclass(frozen=True, slots=True)
class Ranges:
    """Where the codes of each column stand: column name -> absolute range; and the two ranges of types and their sub-types, or None."""

    of: dict[str, str]
    pairs: tuple[str, str] | None

    def sub_types_for(self, cell: str) -> str:
        """The formula of the sub-types that go with the type in `cell`: all of them while it is empty or unknown.

        OFFSET is recalculated only when somebody opens the list: a validation is no cell. Excel and LibreOffice agree on it.
        """
        if self.pairs is None:
            raise ValueError("no list of sub-types")
        types, subs = self.pairs
        above = subs.split(":")[0].replace("$2", "$1")
        count = f"COUNTIF({types},{cell})"
        return f"IF({count}=0,{subs},OFFSET({above},MATCH({cell},{types},0),0,{count},1))"


def write_ranges(sheet: Worksheet, codebook: Codebook, fields: Sequence[Field], *, day: date, countries: Sequence[str] = ()) -> Ranges:
    """Fill the hidden sheet. `countries` come first in their list (the project's own); codes retired before `day` come last."""
    from openpyxl.utils import get_column_letter

    of: dict[str, str] = {}
    done: dict[tuple[str, bool], str] = {}
    at = 0

    def column(head: str, codes: Sequence[Any]) -> str:
        nonlocal at
        at += 1
        put(sheet.cell(1, at), head)
        for row, code in enumerate(codes, 2):
            put(sheet.cell(row, at), code)
        letter = get_column_letter(at)
        return f"{SHEET}!${letter}$2:${letter}${len(codes) + 1}"

    pairs = None
    if depends(codebook):
        lists = {field.name: field.codes for field in fields if field.name in (TYPE, SUB_TYPE)}
        rows = _pairs(lists[TYPE], lists[SUB_TYPE], day)
        pairs = (column(f"{TYPE} of", [t for t, _ in rows]), column(SUB_TYPE, [s for _, s in rows]))
        of[SUB_TYPE] = pairs[1]
        of[TYPE] = column(TYPE, list(dict.fromkeys(t for t, _ in rows)))
    for field in fields:
        if field.name in of:
            continue
        if field.column.type == "boolean":
            key: tuple[str, bool] = ("yes or no", False)
            offered: list[Any] = list(YES_NO)
        elif field.single and field.codes is not None:
            numeric = field.column.type in ("integer", "number")
            key = (field.column.list, numeric)
            first = countries if field.column.list == COUNTRIES else ()
            offered = [int(code) if numeric and code.lstrip("-").isdigit() else code for code in _offered(field.codes, day, first)]
        else:
            continue
        if key not in done:
            done[key] = column(key[0], offered)
        of[field.name] = done[key]
    sheet.sheet_state = "hidden"
    return Ranges(of, pairs)


def _offered(codes: CodeList, day: date, first: Sequence[str] = ()) -> list[str]:
    """The codes in their order, those of `first` before the others, retired ones last (older events may still need them)."""
    return sorted(codes, key=lambda code: (_retired(codes, code, day), code not in first))


def _retired(codes: CodeList, code: str, day: date) -> bool:
    until = codes.attribute(code, "until")
    return until is not None and until < day.isoformat()


def _pairs(types: CodeList | None, subs: CodeList | None, day: date) -> list[tuple[str, str]]:
    """(type, sub-type), sorted by the order of the types; those without a known type come last."""
    if types is None or subs is None:
        return []
    order = {code: n for n, code in enumerate(_offered(types, day))}
    found = [(subs.attribute(code, TYPE) or "", code) for code in _offered(subs, day)]
    return sorted(found, key=lambda pair: order.get(pair[0], len(order)))
