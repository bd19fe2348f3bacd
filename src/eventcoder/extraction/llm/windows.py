"""A text in windows that fit one request: cut at paragraphs, with an overlap, so that nothing is left out. Floor 5."""

from __future__ import annotations

import re

SIZE = 6000  # characters; the answer to so much text fits what endpoints write at once
OVERLAP = 700  # characters told twice, so that an event that crosses a cut is whole in one window
MOST = 60  # windows of one document; a longer one is refused
_CUTS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"[.!?؟。।]['\"”’)]*\s"), re.compile(r"\s"))


def windows(text: str, size: int = SIZE, overlap: int = OVERLAP) -> list[tuple[int, int]]:
    """Ranges (start, end) that cover all of `text` in order; each after the first begins up to `overlap` before the end of the one before."""
    out: list[tuple[int, int]] = []
    start = 0
    while len(text) - start > size:
        end = _cut(text, start + size // 2, start + size) or start + size
        out.append((start, end))
        start = max(_cut(text, end - overlap, end - overlap // 3) or end - overlap // 3, start + 1)
    out.append((start, len(text)))
    return out


def _cut(text: str, low: int, high: int) -> int | None:
    """The last good place to part the text in [low, high): after a paragraph, else a line, a sentence, a word."""
    for pattern in _CUTS:
        last = None
        for match in pattern.finditer(text, low, high):
            last = match.end()
        if last is not None and low < last <= high:
            return last
    return None
