"""Where a model's quote stands in the stored text: found word for word, or not at all. Floor 5.

Letters and digits must be the same. What models change without meaning to may differ: white space, the shape of quotation marks, dashes and dots,
a mark at either end. The span is always cut from the stored text, so that evidence is verbatim whatever the model wrote.
"""

from __future__ import annotations

import re
import unicodedata

from eventcoder.event import Span

_LOOSE = {
    **dict.fromkeys('"“”„‟«»‹›＂', '["“”„‟«»‹›＂]'),
    **dict.fromkeys("'‘’‚‛`´ʼ", "['‘’‚‛`´ʼ]"),
    **dict.fromkeys("-‐‑‒–—―−", "[-‐‑‒–—―−]"),
}
_EDGES = " \t\r\n\"“”„‟«»‹›'‘’`´.,;:!?…،؛؟。、()[]"
LONGEST = 4000  # characters; a longer quote is no quote


def find_quote(text: str, quote: str, start: int, end: int, *, near: int | None = None) -> Span | None:
    """The span of `quote` in text[start:end], else anywhere in `text`; of several the one nearest to `near`. None if the words are not there."""
    quote = unicodedata.normalize("NFC", quote).strip()
    if not quote or len(quote) > LONGEST:
        return None
    for wanted in dict.fromkeys((quote, quote.strip(_EDGES))):
        if not any(c.isalnum() for c in wanted):
            continue
        for low, high in ((start, end), (0, len(text))):
            found = _exact(text, wanted, low, high) or _loose(text, wanted, low, high)
            if found:
                at = found[0] if near is None else min(found, key=lambda pair: (abs(pair[0] - near), pair[0]))
                return Span(start=at[0], end=at[1], quote=text[at[0] : at[1]])
    return None


def _exact(text: str, wanted: str, low: int, high: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    at = text.find(wanted, low, high)
    while at >= 0:
        out.append((at, at + len(wanted)))
        at = text.find(wanted, at + 1, high)
    return _whole(text, out, wanted)


def _loose(text: str, wanted: str, low: int, high: int) -> list[tuple[int, int]]:
    words = ["".join(_LOOSE.get(c) or re.escape(c) for c in word) for word in wanted.replace("…", "...").split()]
    pattern = re.compile(r"\s+".join(words).replace(r"\.\.\.", r"(?:\.\.\.|…)"))
    return _whole(text, [match.span() for match in pattern.finditer(text, low, high)], wanted)


def _whole(text: str, found: list[tuple[int, int]], wanted: str) -> list[tuple[int, int]]:
    """Places where whole words stand ("Iran" is not in "Tirana"); in scripts that join words also inside one, where nothing better is there."""
    whole = [
        (a, b)
        for a, b in found
        if not (a and wanted[0].isalnum() and text[a - 1].isalnum()) and not (b < len(text) and wanted[-1].isalnum() and text[b].isalnum())
    ]
    joined = any(c.isalpha() and not _latin_like(c) for c in wanted)
    return whole or (found if joined else [])


def _latin_like(letter: str) -> bool:
    return ord(letter) < 0x590  # Latin, Greek, Cyrillic, Armenian: words stand apart
