"""Canonical JSON of many rows from pieces: each value's text is made once and joined, never the whole object encoded. Floor 5.

What comes out is `identity.canonical` of the same objects, letter by letter (a test holds it): hashes and ids depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring as quoted  # what the encoder itself uses for texts
from typing import Any

from eventcoder.codebook.completion import Remembered
from eventcoder.identity import canonical

Columns = dict[str, list[Any]]


class Fragments:
    """Makes the texts. Not to be shared between threads."""

    def __init__(self) -> None:
        self._memory: dict[str, Remembered] = {}

    def column(self, name: str, values: Sequence[Any]) -> list[str]:
        """`"name":value` for each value, "" for null."""
        memory = self._memory.get(name)
        if memory is None:
            memory = self._memory[name] = Remembered(_member(name), 20_000)
        return memory.each(values)

    def columns(self, columns: Columns, known: Mapping[str, tuple[Sequence[Any], list[str]]] | None = None) -> dict[str, list[str]]:
        """The texts of all columns that are not wholly null, in the order of their names.

        `known` are texts made before, with the values that they were made of: taken over where these are the very same list.
        """
        out: dict[str, list[str]] = {}
        for name in sorted(columns):
            values = columns[name]
            before = known.get(name) if known else None
            if before is not None and before[0] is values:
                out[name] = before[1]
            elif any(v is not None and v != () for v in values):
                out[name] = self.column(name, values)
        return out


def objects(texts: Mapping[str, list[str]], length: int) -> list[str]:
    """One JSON object a row, of the texts that `Fragments.columns` gave."""
    if not texts:
        return ["{}"] * length
    return ["{" + ",".join(filter(None, row)) + "}" for row in zip(*texts.values(), strict=True)]


def _member(name: str) -> Callable[[Any], str]:
    head = canonical(name) + ":"

    def text(value: Any) -> str:
        if value.__class__ is str:
            return head + quoted(value)
        if value.__class__ is int:
            return f"{head}{value}"
        return "" if value is None or value == () else head + canonical(value)

    return text
