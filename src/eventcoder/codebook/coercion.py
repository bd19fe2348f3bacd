"""From text or JSON to typed values. What cannot be typed is a structural problem and never enters the ledger.

Values are str, int, float, bool, None and lists of str; dates are ISO text. Text is NFC, stripped, without control characters (line
breaks and tabs stay in columns of type text). Numbers in text are plain digits with an optional sign and point, nothing else:
"12 people", "1e5", "1,000" and "५" are refused rather than guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.columns import LARGEST, Column
from eventcoder.codebook.rules import range_text
from eventcoder.codebook.suggestion import did_you_mean, no_column
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.codebook.schema import Codebook

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
#: control characters (but tab and line feed) and lone surrogates
_BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
COORDINATE_DECIMALS = 4  # about 11 m; more would feign exactness (ACLED Codebook, table 1)

_REMEDY = {
    "not-a-number": "Write plain digits, such as 35.6892.",
    "not-a-whole-number": "Write a whole number in plain digits, such as 12.",
    "not-a-date": "Write the day as YYYY-MM-DD.",
    "impossible-date": "There is no such day in the calendar.",
    "not-a-boolean": "Write true or false.",
    "not-a-list": "Give a list of texts, or texts separated by '; '.",
    "not-a-text": "Give a text.",
    "bad-character": "Remove NUL, control characters and broken halves of characters.",
}


class _Wrong(Exception):
    """A value that cannot be typed; carries the problem's code and, where the code does not say it, the remedy."""

    def __init__(self, code: str, remedy: str = "") -> None:
        self.code = code
        self.remedy = remedy or _REMEDY[code]
        super().__init__(code)


def coerce(codebook: Codebook, raw: Mapping[str, Any], where: str | None = None) -> tuple[dict[str, Any], list[Problem]]:
    """Typed values of the known columns in `raw`, and the structural problems. Values with problems are left out; "" becomes None."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, given in raw.items():
        column = codebook.columns_by_name.get(name)
        if column is None:
            message = no_column(str(name), codebook.names, codebook.about.get("migration"))
            problems.append(Problem("unknown-column", message, field=str(name), value=given, where=where))
            continue
        value, problem = coerce_cell(codebook, column, given, where)
        if problem is None:
            values[name] = value
        else:
            problems.append(problem)
    return values, problems


def coerce_cell(codebook: Codebook, column: Column, given: Any, where: str | None = None) -> tuple[Any, Problem | None]:
    """One value of one column, typed, or None and the structural problem."""
    try:
        return coerce_value(codebook, column, given), None
    except _Wrong as wrong:
        told = repr(given if not isinstance(given, str) or len(given) <= 80 else given[:79] + "…")
        told = told if len(told) <= 200 else told[:199] + "…"
        kept = given if isinstance(given, (str, int, float, bool, list)) and len(str(given)) <= 200 else told
        message = f"{column.name}: {told} {_PHRASES[wrong.code]}. {wrong.remedy}"
        return None, Problem(wrong.code, message, field=column.name, value=kept, where=where)


def shortcut(column: Column) -> Callable[[Any], Any]:
    """A function that gives the typed value of plain cells of this column, and None for all others, which are then `coerce_cell`'s business.

    Nearly all cells of nearly all files are plain: printable ASCII in a column of texts, a few digits in a column of whole numbers.
    """
    if column.list:
        return lambda given: None
    if column.type == "integer":
        least = -LARGEST if column.min is None else float(column.min)
        most = LARGEST if column.max is None else float(column.max)

        def whole(given: Any) -> Any:
            if given.__class__ is str and len(given) <= 15 and given.isascii() and given.isdigit():
                value = int(given)
                return value if least <= value <= most else None
            return None

        return whole
    if column.type not in ("string", "text"):
        return lambda given: None
    longest = column.longest
    pattern = _compiled(column) if column.pattern else None

    def text(given: Any) -> Any:
        if given.__class__ is not str or len(given) > longest or not given.isascii() or not given.isprintable():
            return None
        value = given.strip() or None
        return value if pattern is None or (value is not None and pattern.search(value)) else None

    return text


_PHRASES = {
    "not-a-number": "is not a number",
    "not-a-whole-number": "is not a whole number",
    "not-a-date": "is not a date",
    "impossible-date": "is not a possible date",
    "not-a-boolean": "is neither true nor false",
    "not-a-list": "is not a list of texts",
    "not-a-text": "is not a text",
    "bad-character": "holds a character that no text can have",
    "unknown-code": "is not a code of its list",
    "out-of-range": "is out of range",
    "pattern-mismatch": "does not have the right form",
    "text-too-long": "is too long",
}


def coerce_value(codebook: Codebook, column: Column, given: Any) -> Any:
    """One value of one column."""
    if given is None or (isinstance(given, str) and (not given or given.isspace()) and not _BAD.search(given)):
        return [] if column.type == "list" else None
    value = _TYPED[column.type](column, given)
    if column.list and value is not None:
        value = _coded(codebook, column, value)
    if column.min is not None or column.max is not None:
        _bounded(column, value)
    if column.pattern:
        _formed(codebook, column, value)
    return value


def _text(column: Column, given: Any) -> str | None:
    if isinstance(given, (int, float)) and not isinstance(given, bool) and column.list:
        given = str(given)  # numeric spellings of codes (inter 1 to 8) come as numbers from spreadsheets
    if not isinstance(given, str):
        raise _Wrong("not-a-text")
    text = given.strip(" \t\r\n")
    if text.isascii() and text.isprintable():  # most texts: nothing to look for and nothing to compose
        if len(text) > column.longest:
            raise _Wrong("text-too-long", f"At most {column.longest:,} characters; this has {len(text):,}.")
        return text or None
    text = text.replace("\r\n", "\n")
    if _BAD.search(text) or (column.type != "text" and ("\n" in text or "\t" in text)):
        raise _Wrong("bad-character")
    if len(text) > column.longest:
        raise _Wrong("text-too-long", f"At most {column.longest:,} characters; this has {len(text):,}.")
    return unicodedata.normalize("NFC", text).strip() or None


def clean_text(column: Column, value: str) -> str | None:
    """The text as it would be stored, or None for one that is empty or cannot be (control characters, too long, ';' in an item of a list)."""
    try:
        text = _text(column, value)
    except _Wrong:
        return None
    return None if column.type == "list" and text and ";" in text else text


def _list(column: Column, given: Any) -> list[str]:
    if isinstance(given, str):
        parts: list[Any] = given.split(";")
    elif isinstance(given, (list, tuple)):
        parts = list(given)
        if not all(isinstance(part, str) for part in parts):
            raise _Wrong("not-a-list")
        if any(";" in part for part in parts):
            raise _Wrong("not-a-list", "An item cannot hold ';', which separates items in files.")
    else:
        raise _Wrong("not-a-list")
    return [item for item in (_text(column, part) for part in parts) if item]


def _number(column: Column, given: Any) -> float | int:
    value = _plain_number(given, "not-a-number")
    number = float(value)
    return round(number, COORDINATE_DECIMALS) + 0.0 if column.unit.startswith("degrees") else number


def _integer(column: Column, given: Any) -> int:
    value = _plain_number(given, "not-a-whole-number")
    if isinstance(value, float):
        if not value.is_integer():
            raise _Wrong("not-a-whole-number")
        value = int(value)
    return value


def _plain_number(given: Any, code: str) -> float | int:
    if isinstance(given, bool) or not isinstance(given, (str, int, float)):
        raise _Wrong(code)
    if isinstance(given, str):
        text = given.strip()
        if not _NUMBER.fullmatch(text):
            raise _Wrong(code)
        given = float(text) if "." in text else int(text)
    number: float | int = given
    if number != number or number in (float("inf"), float("-inf")):
        raise _Wrong(code)
    if abs(number) > LARGEST:
        raise _Wrong("out-of-range", "Numbers beyond 9,007,199,254,740,992 are not kept exactly.")
    return number


def _date(column: Column, given: Any) -> str:
    if isinstance(given, datetime):
        if (given.hour, given.minute, given.second, given.microsecond) != (0, 0, 0, 0):
            raise _Wrong("not-a-date", "Give the local calendar day, without a time.")
        given = given.date()
    if isinstance(given, date):
        return given.isoformat()
    if not isinstance(given, str) or not _DATE.fullmatch(given.strip()):
        raise _Wrong("not-a-date")
    try:
        return date.fromisoformat(given.strip()).isoformat()
    except ValueError:
        raise _Wrong("impossible-date") from None


def _boolean(column: Column, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    found = _BOOLEANS.get(given.strip().lower()) if isinstance(given, str) else None
    if found is None:
        raise _Wrong("not-a-boolean")
    return found


_TYPED = {"string": _text, "text": _text, "list": _list, "number": _number, "integer": _integer, "date": _date, "boolean": _boolean}


def _coded(codebook: Codebook, column: Column, value: Any) -> Any:
    """The canonical code(s): exact, else whatever the case, else a known old spelling."""
    codes = codebook.lists[column.list]

    def one(item: Any) -> str:
        text = str(item)
        code = codes.canonical(text)
        if code is None:
            raise _Wrong("unknown-code", f"List {column.list}. {did_you_mean(text, codes.codes)}".rstrip())
        return code

    if isinstance(value, list):
        return [one(item) for item in value]
    code = one(int(value) if isinstance(value, float) and value.is_integer() else value)
    return type(value)(code) if isinstance(value, (int, float)) else code


def _bounded(column: Column, value: Any) -> None:
    low: Any = column.min
    high: Any = column.max
    if (low is not None and value < low) or (high is not None and value > high):
        raise _Wrong("out-of-range", f"{column.name} is {range_text(column)}{' ' + column.unit if column.unit else ''}.")


def _formed(codebook: Codebook, column: Column, value: Any) -> None:
    pattern = codebook.patterns.get(column.name)
    if pattern is None:
        pattern = codebook.patterns[column.name] = _compiled(column)
    for item in value if isinstance(value, list) else [value]:
        if not pattern.search(item):
            raise _Wrong("pattern-mismatch", f"The form is {column.pattern}.")


def _compiled(column: Column) -> re.Pattern[str]:
    from eventcoder.codebook.expression.patterns import for_python

    return re.compile(for_python(column.pattern), re.ASCII)


def wrong_type(column: Column, value: Any) -> str:
    """The structural problem's code of a stored value that is not of its column's type, or "" (always so after `coerce`)."""
    type_ = column.type
    if type_ in ("string", "text"):
        return "" if isinstance(value, str) else "not-a-text"
    if type_ == "integer":
        return "" if isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST else "not-a-whole-number"
    if type_ == "number":
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST
        return "" if good else "not-a-number"
    if type_ == "date":
        return "" if isinstance(value, str) and _is_day(value) else "not-a-date"
    if type_ == "boolean":
        return "" if isinstance(value, bool) else "not-a-boolean"
    return "" if isinstance(value, list) and all(isinstance(item, str) for item in value) else "not-a-list"


def _is_day(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
