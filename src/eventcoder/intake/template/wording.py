"""What the workbook says about a column: the note on its header, the prompt on its cells, the message for a wrong entry. Floor 5.

All of it comes from the codebook. Excel calls a file damaged whose texts are longer than these limits, so they are cut here, at a word.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from eventcoder.codebook import Codebook
from eventcoder.codebook.columns import Column
from eventcoder.intake.template.fields import SUB_TYPE, TYPE, Field, Role

TITLE_LIMIT, PROMPT_LIMIT, ERROR_LIMIT = 32, 255, 225  # UTF-16 units: what Excel's own dialogue lets a person type
PROMPT_LINE = 80  # characters; LibreOffice shows a line unbroken however long it is
FIRST_YEAR = 1900  # before it Excel knows no days
FEW_CODES = 4  # so many are told in the prompt itself
_SENTENCES = re.compile(r"(?<=[.?!])\s+(?=[A-Z0-9'])")
_ROLES = {
    Role.NEEDED: "Needed: an event without it is stored, but not released.",
    Role.OPTIONAL: "Fill it in where the source tells it.",
    Role.FILLED: "Filled in at import where it is left empty and follows from the rest.",
    Role.CHOICE: f"Only a help: choosing it shortens the list of {SUB_TYPE}. It may stay empty; at import it is computed.",
    Role.IDENTITY: "Leave it empty for a new event, and as it is in rows that have it.",
}


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` UTF-16 units, ending at a word."""
    if units(text) <= limit:
        return text
    while text and units(text) > limit - 1:
        text = text[:-1]
    return (text.rpartition(" ")[0].rstrip(" ,;:") or text) + "…"


def units(text: str) -> int:
    """The length of a text as Excel counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def meaning(column: Column) -> tuple[str, str]:
    """The description without its source, and what an empty cell means (or "")."""
    told, empty = [], []
    for sentence in _SENTENCES.split(column.description.strip()):
        if sentence.startswith("Null"):
            empty.append(re.sub(r"\bnull\b", "empty", sentence.replace("Null (empty list)", "Null").replace("Null", "Empty", 1)))
        elif not sentence.startswith("Source:"):
            told.append(sentence)
    return " ".join(told), " ".join(empty)


def form(field: Field) -> str:
    """How a cell of the column is written, in one or two short sentences."""
    column = field.column
    if field.name == SUB_TYPE and field.single:
        return f"Choose from the list; it is shorter once {TYPE} is chosen."
    if field.single and field.codes is not None:
        labels = field.codes.labels
        if len(labels) <= FEW_CODES and any(code != label for code, label in labels.items()):
            return ", ".join(code if code == label else f"{code} {label}" for code, label in labels.items()) + "."
        return "Choose from the list."
    if column.type == "list":
        return f"Several are separated by '; '.{f' Codes of the list {column.list}.' if column.list else ''}"
    return {
        "date": "Write the day as 2026-05-09.",
        "integer": f"A whole number{_range(column)}, in digits.",
        "number": f"A number{_range(column)}, such as 35.6892.",
        "boolean": "yes or no.",
    }.get(column.type, "")


def title(field: Field) -> str:
    return cut(field.column.label or field.name, TITLE_LIMIT)


def prompt(field: Field) -> str:
    """What shows beside a cell that is chosen: the meaning's first sentence, the form, what empty means; a line each."""
    if field.role in (Role.CHOICE, Role.IDENTITY):
        return cut(_ROLES[field.role], PROMPT_LIMIT)
    told, empty = meaning(field.column)
    parts = [_SENTENCES.split(told)[0], form(field), _SENTENCES.split(empty)[0]]
    if units("\n".join(filter(None, parts))) > PROMPT_LIMIT:
        parts[0] = cut(parts[0], max(PROMPT_LIMIT - units("\n".join(filter(None, parts[1:]))) - 1, 1))
    lines = [line for part in parts for line in textwrap.wrap(part, PROMPT_LINE)]
    return cut("\n".join(lines), PROMPT_LIMIT)


def note(field: Field, codebook: Codebook) -> str:
    """The note on the header: label and unit, meaning, form, what empty means, who fills it in, the codes where they are few."""
    column = field.column
    told, empty = meaning(column)
    head = (column.label or column.name) + (f", {column.unit}" if column.unit and column.unit != "code" else "")
    lines = [head, told, "" if field.role is Role.IDENTITY else form(field), empty if field.role not in (Role.IDENTITY, Role.CHOICE) else ""]
    if field.codes is not None and len(field.codes) > FEW_CODES:
        lines.append("Sheet 'lists' explains the codes.")
    lines.append(_ROLES[field.role])
    return "\n".join(line for line in lines if line)


def error(field: Field) -> tuple[str, str]:
    """Title and text of the message for an entry that the column refuses: what it takes, and what to do."""
    column = field.column
    if field.name == SUB_TYPE and field.single:
        said = f"Choose from the list. If {TYPE} is filled in, only its own sub-types go with it: change or empty {TYPE} first."
        return "Not in the list", cut(said, ERROR_LIMIT)
    if field.single or column.type == "boolean":
        return "Not in the list", cut(
            f"{field.name} takes one value of its list: choose it (Alt + arrow down), or leave the cell empty. Sheet 'lists' explains them.",
            ERROR_LIMIT,
        )
    if column.type == "date":
        last = column.max or ("tomorrow" if until_today(column) else None)
        span = f"not before {column.min or f'{FIRST_YEAR}-01-01'}{f' and not after {last}' if last else ''}"
        said = f"{field.name} takes a day, {span}. Write it as 2026-05-09 (year-month-day), or leave the cell empty."
        return "Not a day", cut(said, ERROR_LIMIT)
    if column.type in ("integer", "number"):
        kind, bad = ("a whole number", "Not a whole number") if column.type == "integer" else ("a number", "Not a number")
        unit = f" {column.unit}" if column.unit and _range(column) else ""
        said = f"{field.name} takes {kind}{_range(column)}{unit}, in digits and without words. If it is not known, leave the cell empty."
        return f"{bad} in the range" if _range(column) else bad, cut(said, ERROR_LIMIT)
    said = f"{field.name} takes at most {column.longest:,} characters. Shorten the text; what does not fit cannot be stored."
    return "Text too long", cut(said, ERROR_LIMIT)


def until_today(column: Column) -> bool:
    """True for days of things that have happened. A project's own columns may look ahead (a trial, an election)."""
    return column.max is None and column.group != "project"


def _range(column: Column) -> str:
    low, high = (None if bound is None else f"{bound:,}" if isinstance(bound, (int, float)) else bound for bound in (column.min, column.max))
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" of at least {low}" if low is not None else f" of at most {high}" if high is not None else ""


def used_lists(fields: Sequence[Field], codebook: Codebook) -> dict[str, list[str]]:
    """Lists that the coder needs -> names of the columns that use them: those of drop-downs, and those that a description names."""
    out: dict[str, list[str]] = {}
    for field in fields:
        if field.role is Role.IDENTITY:
            continue
        named = re.findall(r"\blist ([a-z_]+)\b", field.column.description)
        for name in dict.fromkeys([field.column.list, *named]):
            if name in codebook.lists:
                out.setdefault(name, []).append(field.name)
    return out
