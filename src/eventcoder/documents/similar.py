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
    """All runs of five words, case and punctuation aside, as hashes that mean something within this process only."""
    words = _WORD.findall(text.casefold())
    if len(words) <= SHINGLE:
        return frozenset([hash(tuple(words))]) if words else frozenset()
    return frozenset(map(hash, zip(*(words[n:] for n in range(SHINGLE)), strict=False)))


def similarity(a: frozenset[int], b: frozenset[int]) -> float:
    """Jaccard similarity: shared by all. 0 where one is empty."""
    if not a or not b:
        return 0.0
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


class Index:
    """Sets of shingles, each findable by the first of its shingles in one fixed order."""

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold
        self._sets: dict[str, frozenset[int]] = {}
        self._by_shingle: dict[int, list[str]] = defaultdict(list)

    def alike(self, mine: frozenset[int]) -> list[tuple[str, float]]:
        """Documents at or above the threshold, best first."""
        # Asking with the whole set instead of its own first shingles finds more candidates than needed, and saves sorting it.
        candidates = {other for s in mine & self._by_shingle.keys() for other in self._by_shingle[s]}
        scored = [(other, similarity(mine, self._sets[other])) for other in candidates]
        return sorted(((o, s) for o, s in scored if s >= self.threshold), key=lambda pair: (-pair[1], pair[0]))

    def add(self, document: str, mine: frozenset[int]) -> None:
        """Index one document."""
        self._sets[document] = mine
        for s in sorted(mine)[: len(mine) - math.ceil(self.threshold * len(mine)) + 1]:
            self._by_shingle[s].append(document)


def near_duplicates(store: DocumentStore, new: Iterable[str] | None = None, *, threshold: float = THRESHOLD) -> list[NearDuplicate]:
    """Pairs of stored documents at or above `threshold`, best first; with `new`, only pairs that one of these ids is in.

    Documents without a text here are left out. Reads every text once.
    """
    ids = store.ids()
    wanted = set(ids if new is None else new)
    if not wanted:
        return []
    index = Index(threshold)
    found: list[NearDuplicate] = []
    # The new ones first: only they are indexed, all others just ask.
    for document in sorted(ids, key=lambda i: (i not in wanted, i)):
        try:
            mine = shingles(store.text(document))
        except NotFound:
            continue
        for other, score in index.alike(mine):
            first, second = sorted((document, other))
            found.append(NearDuplicate(first, second, round(score, 4)))
        if document in wanted:
            index.add(document, mine)
    return sorted(found, key=lambda pair: (-pair.score, pair.first, pair.second))
