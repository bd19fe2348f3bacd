"""Columns: what `columns.csv` says about each value of an event."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventcoder.codebook.read import COLUMNS_FILE, Table
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.problem import Problem

HEADER = ("order", "name", "group", "type", "required", "entered", "list", "min", "max", "pattern", "unit", "label", "description")
TYPES = ("string", "text", "integer", "number", "date", "boolean", "list")
GROUPS = ("acled", "native", "project")
ENTERED = ("coder", "default", "derived", "system")

STRING_LENGTH = 1_000  # code points; a name or a label, longer ones are pasted by mistake
NOTES_LENGTH = 20_000  # code points of a column of type text
LARGEST = 2**53  # whole numbers beyond it are not exact as doubles, in which rules are calculated

#: how a column's type is seen by expressions
KIND = {"string": "text", "text": "text", "integer": "number", "number": "number", "date": "date", "boolean": "bool", "list": "list"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `list` names a code list or is empty; `min` and `max` are inclusive (numbers; ISO text for dates) or None."""

    order: int
    name: str
    group: str
    type: str
    required: bool
    entered: str
    list: str
    min: float | str | None
    max: float | str | None
    pattern: str
    unit: str
    label: str
    description: str

    @property
    def kind(self) -> str:
        """The type of the column inside expressions: text, number, date, bool or list."""
        return KIND[self.type]

    @property
    def longest(self) -> int:
        """The most code points that a text value (or one item of a list) may have."""
        return NOTES_LENGTH if self.type == "text" else STRING_LENGTH

    def as_json(self) -> Sequence[Any]:
        return [getattr(self, name) for name in HEADER]


_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,15})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_columns(table: Table) -> tuple[list[Column], list[Problem]]:
    """The columns in the order of the file, and what is wrong with them (code `bad-column`)."""
    columns: list[Column] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for line, row in zip(table.lines, table.dicts(), strict=True):
        where = f"{COLUMNS_FILE}, line {line}"
        wrong: list[str] = []
        name = row["name"]
        if not _NAME.fullmatch(name):
            wrong.append(f"name {name!r} must be lower case letters, digits and underscores")
        elif name in seen:
            wrong.append(f"a second column called '{name}'")
        seen.add(name)
        for key, allowed in (("type", TYPES), ("group", GROUPS), ("entered", ENTERED), ("required", ("yes", "no"))):
            if row[key] not in allowed:
                wrong.append(f"{key} {row[key]!r} is not one of {', '.join(allowed)}. {did_you_mean(row[key], allowed)}".rstrip())
        if not row["order"].isascii() or not row["order"].isdigit():
            wrong.append(f"order {row['order']!r} is not a whole number")
        bounds: dict[str, float | str | None] = {}
        for key in ("min", "max"):
            bounds[key], said = _bound(row[key], row["type"])
            if said:
                wrong.append(f"{key} {row[key]!r} {said}")
        if row["pattern"] and row["type"] not in ("string", "text", "list"):
            wrong.append(f"a pattern needs text, not {row['type']}")
        if wrong:
            problems += [Problem("bad-column", f"{where}: {text}.", field=name, where=where) for text in wrong]
            continue
        columns.append(
            Column(
                int(row["order"]),
                name,
                row["group"],
                row["type"],
                row["required"] == "yes",
                row["entered"],
                row["list"],
                bounds["min"],
                bounds["max"],
                row["pattern"],
                row["unit"],
                row["label"],
                row["description"],
            )
        )
    return columns, problems


def _bound(text: str, type_: str) -> tuple[float | str | None, str]:
    if not text:
        return None, ""
    if type_ == "date":
        return (text, "") if _DATE.fullmatch(text) else (None, "is not a date YYYY-MM-DD")
    if type_ not in ("integer", "number"):
        return None, f"makes no sense for type {type_}"
    if not _NUMBER.fullmatch(text) or abs(float(text)) > LARGEST:
        return None, "is not a number"
    return (float(text) if "." in text else int(text)), ""
