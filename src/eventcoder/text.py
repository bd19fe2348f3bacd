"""Cleaning of text: one normal form for values and one for documents. Floor 0: imports nothing of ours.

Values (`clean`) are what coders and tables give for one column; documents (`normalise`) are whole articles, whose stored form is fixed for ever
at ingest because evidence points into it by offset. Both are NFC, hold no control characters and no lone surrogates, and are idempotent.
Format characters (bidirectional marks, zero-width joiners) are kept: Persian and Arabic spelling needs them.
"""

from __future__ import annotations

import re
import unicodedata

# Every control character but TAB and LF, every lone surrogate, the two non-characters that are a misread byte order mark, and the mark itself.
_BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_TRAILING = re.compile("[ \t\xa0]+(?=\n)|[ \t\xa0]+$")
_MANY_BREAKS = re.compile("\n{3,}")


def bad_characters(text: str) -> tuple[str, ...]:
    """The control characters and lone surrogates of a value as `U+0000`, each once, in order; empty if it may be stored.

    Line ends in any convention and TAB are allowed (notes may have paragraphs).
    """
    return tuple(dict.fromkeys(f"U+{ord(c):04X}" for c in _BAD.findall(_LINE_ENDS.sub("\n", text)) if c != "\ufeff"))


def clean(text: str) -> str:
    """A value in its stored form: line ends as LF, control characters removed, NFC, no space at either end.

    Removing is for callers that have reported `bad_characters` first, or whose input cannot hold any.
    """
    return unicodedata.normalize("NFC", _BAD.sub("", _LINE_ENDS.sub("\n", text))).strip()


def normalise(text: str) -> str:
    """An article in its stored form: as `clean`, and trailing spaces of lines are cut and three or more line ends become two."""
    text = clean(text)
    return _MANY_BREAKS.sub("\n\n", _TRAILING.sub("", text))


def file_name(name: str) -> str:
    """A file's name as text that can be stored and shown: bytes that are not UTF-8 and unprintable characters become U+FFFD."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
