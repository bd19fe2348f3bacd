"""The sheets that a coder sees first: `events`, to be filled in, and `lists`, what the codes mean. Floor 5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.codebook import Codebook, CodeList
from eventcoder.intake.template import look
from eventcoder.intake.template.cells import TEXT_FORMAT, cell_value, put
from eventcoder.intake.template.fields import SUB_TYPE, TYPE, Field, Role
from eventcoder.intake.template.ranges import Ranges
from eventcoder.intake.template.validations import missing, validation, wrong_pair
from eventcoder.intake.template.wording import note, used_lists

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

EVENTS, LISTS = "events", "lists"
LIST_HEADER = ("columns", "code", "label", "belongs to", "what it is", "what counts", "what does not", "not used after")
_LIST_WIDTHS = (18, 34, 18, 26, 60, 50, 50, 15)
_LONG_LIST = 60  # countries: after the others, or nobody finds those


def write_events(
    sheet: Worksheet, codebook: Codebook, fields: Sequence[Field], ranges: Ranges, *, examples: Iterable[Mapping[str, Any]], rows: int
) -> int:
    """The sheet with header, examples (values by column name) and `rows` prepared rows below them. Returns the last prepared row."""
    from openpyxl.comments import Comment
    from openpyxl.utils import get_column_letter

    letters = {field.name: get_column_letter(at) for at, field in enumerate(fields, 1)}
    for at, field in enumerate(fields, 1):
        cell = sheet.cell(1, at)
        put(cell, field.name)
        look.head(cell, field.role)
        text = note(field, codebook)
        # lines of about 52 characters at 15 pixels each; Excel shows a note in the size that the file says
        lines = sum(1 + len(line) // 52 for line in text.split("\n"))
        cell.comment = Comment(text, "eventcoder", height=24 + 16 * lines, width=340)
        dimension = sheet.column_dimensions[letters[field.name]]
        dimension.width = look.width(field)
        look.body(dimension, field)
    last = 1
    for last, event in enumerate(examples, 2):
        tallest = 1
        for at, field in enumerate(fields, 1):
            cell = sheet.cell(last, at)
            value = cell_value(field.column, event.get(field.name))
            look.body(cell, field, known=True)
            if value is None:
                continue
            put(cell, value)
            if isinstance(value, str) and look.wraps(field):
                tallest = max(tallest, look.lines(value, look.width(field)))
        sheet.row_dimensions[last].height = look.height(tallest)
    last += rows
    _rules(sheet, fields, ranges, letters, last)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{letters[fields[-1].name]}{last}"
    sheet.row_dimensions[1].height = 24
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", look.A4
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:A"
    return last


def _rules(sheet: Worksheet, fields: Sequence[Field], ranges: Ranges, letters: Mapping[str, str], last: int) -> None:
    """Validations, and colours for what is missing or contradicts itself."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import Font

    type_letter = letters.get(TYPE) if ranges.pairs else None
    typed = [letters[field.name] for field in fields if field.role is not Role.IDENTITY]
    for field in fields:
        letter = letters[field.name]
        sheet.add_data_validation(validation(field, ranges, type_cell=f"${type_letter}2" if type_letter else "", last_row=last, letter=letter))
        if field.role is Role.NEEDED:
            formula = missing(f"{letter}2", f"${typed[0]}2", f"${typed[-1]}2")
            sheet.conditional_formatting.add(f"{letter}2:{letter}{last}", FormulaRule([formula], fill=look.fill(look.MISSING_FILL)))
        if field.name == SUB_TYPE and type_letter:
            formula = wrong_pair(ranges, f"${type_letter}2", f"{letter}2")
            red = FormulaRule([formula], fill=look.fill(look.WRONG_FILL), font=Font(color=look.WRONG_TEXT))
            sheet.conditional_formatting.add(f"{letter}2:{letter}{last}", red)


def write_lists(sheet: Worksheet, codebook: Codebook, fields: Sequence[Field]) -> None:
    """Every code that a coder may choose, with label and definition; the column before says where it is used."""
    from openpyxl.styles import Alignment, Border, Side

    for at, (name, wide) in enumerate(zip(LIST_HEADER, _LIST_WIDTHS, strict=True), 1):
        cell = sheet.cell(1, at)
        put(cell, name)
        look.head(cell, Role.NEEDED)
        sheet.column_dimensions[cell.column_letter].width = wide
    used = used_lists(fields, codebook)
    row = 1
    for name in sorted(used, key=lambda name: len(codebook.lists[name]) > _LONG_LIST):
        codes = codebook.lists[name]
        for code in codes:
            row += 1
            first = code == codes.codes[0]
            tallest = 1
            for at, value in enumerate(_told(codes, code, used[name]), 1):
                cell = sheet.cell(row, at)
                cell.alignment = Alignment(vertical="top", wrap_text=True)
                cell.number_format = TEXT_FORMAT
                cell.font = look.font(bold=at == 2)
                if first:
                    cell.border = Border(top=Side("thin", "7F7F7F"))
                if value is not None:
                    put(cell, value)
                    tallest = max(tallest, look.lines(value, _LIST_WIDTHS[at - 1]))
            sheet.row_dimensions[row].height = look.height(tallest)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{sheet.cell(1, len(LIST_HEADER)).column_letter}{max(row, 2)}"
    look.one_page_wide(sheet, landscape=True)
    sheet.print_title_rows = "1:1"


def _told(codes: CodeList, code: str, columns: Sequence[str]) -> tuple[str | None, ...]:
    label = codes.attribute(code, "label")
    above = codes.attribute(code, TYPE) or codes.attribute(code, "parent") or codes.attribute(code, "region")
    rest = (codes.attribute(code, name) for name in ("definition", "includes", "excludes", "until"))
    return (", ".join(columns), code, None if label == code else label, above, *rest)
