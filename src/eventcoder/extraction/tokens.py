"""Words with their places in a text: what every recogniser of this package walks over.

Hyphens inside words divide them ("air-strike" reads as "air strike"), a possessive ending belongs to its word but not to its form.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

_TOKEN = re.compile(r"[^\W\d_]+(?:['’](?:s|t|re|ve|ll|d)\b)?|\d+(?:[.,]\d+)*|[^\w\s]")
_POSSESSIVE = re.compile(r"['’]s$")
_INNER_HYPHENS = "-‐‑"


@dataclass(slots=True)
class Tokens:
    """The words and marks of a text as parallel lists: `forms` lower case without possessive, `starts` and `ends` in code points."""

    text: str
    forms: list[str]
    starts: list[int]
    ends: list[int]

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
    forms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        word = match.group()
        if word in _INNER_HYPHENS and start > 0 and end < len(text) and text[start - 1].isalnum() and text[end].isalnum():
            continue
        if "'" in word or "’" in word:
            word = _POSSESSIVE.sub("", word)
        forms.append(word.lower())
        starts.append(start)
        ends.append(end)
    return Tokens(text, forms, starts, ends)
