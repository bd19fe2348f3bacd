"""Finds listed phrases in running text: a trie of folded words, longest match first, whole words only.

A phrase that begins with a capital letter is only found where the text has one too; an abbreviation in capitals only in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from eventcoder.names import fold

Payload = TypeVar("Payload")
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|\w+(?:['’ʼ]\w+)*")


class Word(NamedTuple):
    """One word of a text with its place in it; `key` is its folded form without a possessive s."""

    surface: str
    start: int
    end: int
    key: str


@lru_cache(maxsize=32_768)
def _key(surface: str) -> str:
    if surface.endswith(".") or "." in surface:
        return fold(surface.replace(".", ""))
    if surface[-2:] in ("'s", "’s", "ʼs"):
        surface = surface[:-2]
    return fold(surface).replace(" ", "")


def words_of(text: str) -> list[Word]:
    """The words of a text in order; "U.S." is one word."""
    return [Word(surface := found.group(), found.start(), found.end(), _key(surface)) for found in _WORD.finditer(text)]


@lru_cache(maxsize=16_384)
def _keys(phrase: str) -> tuple[str, ...]:
    """The folded words of a listed phrase. Kept: the packaged ones are listed anew for every project that a process opens."""
    return tuple(word.key for word in words_of(phrase) if word.key)


class _Node(Generic[Payload]):
    """One word of the trie: the words that may follow, and the phrases that end here with their shape."""

    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node[Payload]] = {}
        self.ends: list[tuple[str, Payload]] = []


class Phrases(Generic[Payload]):
    """A trie from phrases to payloads; one phrase may carry several."""

    def __init__(self) -> None:
        self._root: _Node[Payload] = _Node()

    def add(self, phrase: str, payload: Payload) -> None:
        """Add a phrase; one without words is left out."""
        node = self._root
        for key in _keys(phrase):
            node = node.next.setdefault(key, _Node())
        if node is not self._root:
            node.ends.append((_shape(phrase), payload))

    @property
    def first(self) -> Iterable[str]:
        """The folded words with which a phrase begins."""
        return self._root.next

    def longest(self, words: list[Word], at: int) -> tuple[int, list[Payload]]:
        """The longest phrase that begins with word `at`: the number of its words and its payloads; (0, []) if there is none."""
        node = self._root
        length, payloads = 0, list[Payload]()
        first = words[at].surface
        for index in range(at, len(words)):
            child = node.next.get(words[index].key)
            if child is None:
                break
            node = child
            if node.ends and (fitting := [payload for shape, payload in node.ends if _fits(shape, first)]):
                length, payloads = index - at + 1, fitting
        return length, payloads


def _shape(phrase: str) -> str:
    plain = phrase.replace(".", "")
    if plain.isupper() and " " not in plain and len(plain) <= 6:
        return "capitals"
    return "capital" if phrase[:1].isupper() else "any"


def _fits(shape: str, first: str) -> bool:
    if shape == "capitals":
        return first.removesuffix("'s").removesuffix("’s").isupper()
    # scripts without case are neither upper nor lower
    return shape == "any" or not first[:1].islower()
