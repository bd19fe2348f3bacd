"""Tokens of the expression language: an allow-list of characters and shapes; everything else is refused with its place."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_TEXT = 8_000  # characters of one expression
MAX_TOKENS = 2_000
MAX_LITERAL = 1_000  # characters of one text literal

KEYWORDS = frozenset(("AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "TRUE", "FALSE", "CASE", "WHEN", "THEN", "ELSE", "END", "COALESCE", "DATE"))
#: words of SQL that mean something outside the subset: refused as such, so that the message is not "unknown column 'SELECT'"
FOREIGN = frozenset(
    ("SELECT", "FROM", "WHERE", "UNION", "JOIN", "EXISTS", "CAST", "LIKE", "ILIKE", "SIMILAR", "GLOB", "DROP", "DELETE", "INSERT", "UPDATE", "ATTACH")
)


class ExpressionError(ValueError):
    """An expression outside the language: `offset` (from 0) is the character where it goes wrong, `reason` says why."""

    def __init__(self, reason: str, offset: int) -> None:
        self.reason = reason
        self.offset = offset
        super().__init__(f"column {offset + 1}: {reason}")


class Token(NamedTuple):
    kind: str  # number | text | name | keyword | symbol | end
    text: str
    offset: int


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_.]))
    |(?P<text>'(?:[^']|'')*')
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<symbol><>|<=|>=|[=<>+*(),-])""",
    re.VERBOSE,
)

_WHY = (
    ("--", "comments are not part of the language"),
    ("/*", "comments are not part of the language"),
    ("#", "comments are not part of the language"),
    (";", "';' is not part of the language: an expression is one condition"),
    ('"', "quoted names are not part of the language: write the column's name as it is, texts in single quotes"),
    ("`", "quoted names are not part of the language: write the column's name as it is"),
    ("::", "casts are not part of the language"),
    ("/", "division is not part of the language (its meaning differs between engines)"),
    ("%", "'%' is not part of the language"),
    ("!=", "write <> for 'not equal'"),
    ("||", "'||' is not part of the language"),
    ("'", "a text that is never closed: a single quote is missing"),
    (".", "'.' is not part of the language outside numbers"),
)


def tokenize(text: str) -> list[Token]:
    """The tokens, the last of kind `end`. Raises `ExpressionError`."""
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"longer than {MAX_TEXT:,} characters ({len(text):,})", MAX_TEXT)
    out: list[Token] = []
    at = 0
    while at < len(text):
        if text.startswith(("--", "==", "=!"), at):
            raise ExpressionError("write = for 'equal'" if text[at] == "=" else "comments are not part of the language", at)
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(_why(text, at), at)
        kind = found.lastgroup or ""
        piece = found.group()
        if kind == "text":
            if len(piece) > MAX_LITERAL:
                raise ExpressionError(f"a text longer than {MAX_LITERAL:,} characters", at)
            if any(ord(char) < 32 or 0xD800 <= ord(char) <= 0xDFFF for char in piece):
                raise ExpressionError("a text with a control character", at)
            out.append(Token("text", piece[1:-1].replace("''", "'"), at))
        elif kind == "name":
            upper = piece.upper()
            if upper in FOREIGN:
                raise ExpressionError(f"{upper} is not part of the language", at)
            out.append(Token("keyword", upper, at) if upper in KEYWORDS else Token("name", piece, at))
        elif kind != "space":
            out.append(Token(kind, piece, at))
        if len(out) > MAX_TOKENS:
            raise ExpressionError(f"more than {MAX_TOKENS:,} words and signs", at)
        at = found.end()
    out.append(Token("end", "", len(text)))
    return out


def _why(text: str, at: int) -> str:
    for sign, reason in _WHY:
        if text.startswith(sign, at):
            return reason
    if text[at].isdigit():
        return "not a number: write plain digits with at most one point"
    return f"{text[at]!r} is not part of the language"
