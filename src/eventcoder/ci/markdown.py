"""Values out of the data as Markdown that stays text: no markup, no HTML, no mention of a person, one line. Floor 7."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence

LIMIT = 65_000  # characters; GitHub takes 65,536 in a comment
_MARKUP = re.compile(r"([\\`*_{}\[\]#|~>])")  # values never begin a line, so the marks of lists and headings do not count
_NOT_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(value: object, longest: int = 120) -> str:
    """A value as text that Markdown shows as it is; cut with an ellipsis. Controls and marks that turn the direction of text are shown as codes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    text = "".join(c if unicodedata.category(c) not in _NOT_SHOWN else f"\\u{ord(c):04x}" for c in text)
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = _MARKUP.sub(r"\\\1", text)
    # a mention or a link would reach somebody or lead somewhere: @ and :// get a character without width, # is escaped already
    return text.replace("@", "@\u200b").replace("://", ":\u200b//").replace("www.", "www\u200b.")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table; the cells are made plain, the header is ours."""
    lines = [f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
    return [*lines, *(f"| {' | '.join(plain(c) for c in row)} |" for row in rows), ""]


def bounded(text: str, limit: int = LIMIT) -> str:
    """The text, cut at the end of a line so that it has at most `limit` characters, and saying so."""
    if len(text) <= limit:
        return text
    note = "\n\n_Cut here: the rest does not fit. `eventcoder ci --json` has every problem._\n"
    kept = text[: limit - len(note)]
    return kept[: kept.rfind("\n")] + note
