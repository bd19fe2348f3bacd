"""Near duplicates: pairs of documents that say nearly the same, as one wire story printed by two papers. Floor 2.

Exact Jaccard similarity of sets of five-word shingles. Candidates come from prefix filtering: with all shingles in one fixed order, two sets of
similarity t or more share at least one of the first n - ceil(t * n) + 1 shingles of each. So nothing above the threshold is missed, and only a
fifth of the shingles is indexed.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from zlib import crc32

from eventcoder.documents.store import DocumentStore
from eventcoder.errors import NotFound

THRESHOLD = 0.8
SHINGLE = 5  # words; a shorter text is one shingle
_WORD = re.compile(r"\w+")


class NearDuplicate(NamedTuple):
    """Two documents (`first` < `second`) and their similarity, 0 to 1."""

    first: str
    second: str
    score: float


def shingles(text: str) -> frozenset[int]:
    """Hashes of all runs of five words, case and punctuation aside."""
    words = [w.encode("utf-8") for w in _WORD.findall(text.casefold())]
    if len(words) <= SHINGLE:
        return frozenset([crc32(b" ".join(words))]) if words else frozenset()
    return frozenset(crc32(b" ".join(words[i : i + SHINGLE])) for i in range(len(words) - SHINGLE + 1))


def similarity(a: frozenset[int], b: frozenset[int]) -> float:
    """Jaccard similarity: shared by all. 0 where one is empty."""
    if not a or not b:
        return 0.0
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


class Index:
    """Documents by their rarest-first shingle prefixes; add one after the other and ask for those alike."""

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold
        self._sets: dict[str, frozenset[int]] = {}
        self._by_shingle: dict[int, list[str]] = defaultdict(list)

    def alike(self, text: str) -> list[tuple[str, float]]:
        """Documents at or above the threshold, best first."""
        mine = shingles(text)
        candidates = {other for s in self._prefix(mine) for other in self._by_shingle.get(s, ())}
        scored = [(other, similarity(mine, self._sets[other])) for other in candidates]
        return sorted(((o, s) for o, s in scored if s >= self.threshold), key=lambda pair: (-pair[1], pair[0]))

    def add(self, document: str, text: str) -> None:
        """Index one document."""
        mine = shingles(text)
        self._sets[document] = mine
        for s in self._prefix(mine):
            self._by_shingle[s].append(document)

    def _prefix(self, mine: frozenset[int]) -> list[int]:
        return sorted(mine)[: len(mine) - math.ceil(self.threshold * len(mine)) + 1] if mine else []


def near_duplicates(store: DocumentStore, new: Iterable[str] | None = None, *, threshold: float = THRESHOLD) -> list[NearDuplicate]:
    """Pairs of stored documents at or above `threshold`, best first; with `new`, only pairs that one of these ids is in.

    Documents without a text here are left out.
    """
    wanted = None if new is None else set(new)
    if wanted is not None and not wanted:
        return []
    index = Index(threshold)
    found: list[NearDuplicate] = []
    for document in store.ids():
        try:
            text = store.text(document)
        except NotFound:
            continue
        for other, score in index.alike(text):
            if wanted is None or document in wanted or other in wanted:
                first, second = sorted((document, other))
                found.append(NearDuplicate(first, second, round(score, 4)))
        index.add(document, text)
    return sorted(found, key=lambda pair: (-pair.score, pair.first, pair.second))
