"""Words with their places in a text: what every recogniser of this package walks over.

Hyphens inside words divide them ("air-strike" reads as "air strike"), a possessive ending belongs to its word but not to its form.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

_TOKEN = re.compile(r"[^\W\d_]++(?:['’](?:s|t|re|ve|ll|d)\b)?+|\d++(?:[.,]\d++)*+|[^\w\s]")
_POSSESSIVE = re.compile(r"['’]s$")
_SPAN = re.Match.span
_HYPHENS = frozenset("-‐‑")


@dataclass(slots=True)
class Tokens:
    """The words and marks of a text as parallel lists: `forms` lower case without possessive, `starts` and `ends` in code points."""

    text: str
    forms: list[str]
    starts: list[int]
    ends: list[int]
    seen: tuple[object, list[tuple[int, int]]] | None = field(default=None, repr=False, compare=False)  # what `lexicon` noted of the words

    def __len__(self) -> int:
        return len(self.forms)

    def at(self, position: int) -> int:
        """Index of the first token that begins at or after `position`."""
        return bisect_left(self.starts, position)

    def slice(self, start: int, end: int) -> tuple[int, int]:
        """Token range [i, j) of the characters [start, end)."""
        return bisect_left(self.starts, start), bisect_left(self.starts, end)

    def is_capital(self, index: int) -> bool:
        """Does the token begin with a capital letter?"""
        return self.text[self.starts[index]].isupper()


def tokenize(text: str) -> Tokens:
    """Tokens of `text`. Every offset refers to `text` as given."""
    spans = list(map(_SPAN, _TOKEN.finditer(text)))
    if not _HYPHENS.isdisjoint(text):
        last = len(text)
        spans = [
            (a, b) for a, b in spans
            if not (text[a] in _HYPHENS and a > 0 and b < last and text[a - 1].isalnum() and text[b].isalnum())
        ]  # fmt: skip
    lower = text.lower()
    # A few letters change their length in lower case; then every word is lowered by itself.
    forms = [lower[a:b] for a, b in spans] if len(lower) == len(text) else [text[a:b].lower() for a, b in spans]
    if "'" in text or "’" in text:
        forms = [_POSSESSIVE.sub("", f) if "'" in f or "’" in f else f for f in forms]
    return Tokens(text, forms, [a for a, _ in spans], [b for _, b in spans])
