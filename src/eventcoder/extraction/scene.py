"""One text with its places in order: what stands between two offsets, in which paragraph, under which headline. Floor 5."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property

from eventcoder.extraction.geography import Geography, Mention
from eventcoder.extraction.mentions import Sentence
from eventcoder.extraction.place_patterns import DATELINE, LATER_DATELINE
from eventcoder.extraction.sources import of_source
from eventcoder.extraction.tokens import tokenize

_BREAK = re.compile(r"\n[ \t]*\n|\n")
_ITEM = re.compile(r"\s*(?:[-–—*•#▪►·]\s*)?(?:[\w./-]+\s+){0,4}(?:[\w./-]+[,:–-]?\s*)?$")
_COLON = re.compile(r"(?:[ ,]*\([^)\n]{1,50}\)|,\s+[\w' -]{2,30})?\s*[:–—]")
_HEAD = 600  # characters within which a dateline may stand below its headline


class Scene:
    """The text, its mentions of places, its headline and its dateline."""

    def __init__(self, text: str, geography: Geography) -> None:
        self.text = text
        self.geography = geography
        self._mentions = sorted(geography.mentions, key=lambda m: m.start)
        self._starts = [m.start for m in self._mentions]

    def between(self, start: int, end: int) -> list[Mention]:
        """Mentions that lie wholly in [start, end), in order."""
        out = []
        for m in self._mentions[bisect_left(self._starts, start) :]:
            if m.start >= end:
                break
            if m.end <= end:
                out.append(m)
        return out

    @cached_property
    def sole_country(self) -> Mention | None:
        """See `Geography.sole_country`; looked up once a text."""
        return self.geography.sole_country

    @property
    def country(self) -> str | None:
        """The country that the text is mostly about."""
        return self.geography.country

    def of_country(self, country: str) -> list[Mention]:
        """The mentions that name the country, else the places that lie in it, in order."""
        named = [m for m in self._mentions if m.country_only and m.country == country]
        return named or [m for m in self._mentions if m.best is not None and m.best.country == country]

    def head_of_item(self, at: int) -> list[Mention]:
        """The places at the head of the bulletin's item in which offset `at` lies ("– 28 January, Ocaña: ...")."""
        start = self.paragraph(at)
        end = self.text.find("\n", start)
        found = [m for m in self.between(start, min(start + 120, end if end >= 0 else len(self.text))) if self._heads(m)]
        # A place that opens the paragraph ("SRINAGAR: ...") is a dateline; the item's place stands behind its bullet, number or day.
        return [m for m in found if m.start <= at + 80 and self.text[start : m.start].strip()]

    @cached_property
    def headline_end(self) -> int:
        """Where the first line ends when it is a headline (a short line before a longer text), else 0."""
        match = re.match(r"\s*([^\n]{8,160})\n\s*\S", self.text)
        if match is None or match.group(1).rstrip().endswith((".", ",")) or len(self.text) < 2 * match.end(1):
            return 0
        return match.end(1)

    def paragraph(self, at: int) -> int:
        """Where the paragraph that holds `at` begins."""
        return self.text.rfind("\n", 0, at) + 1

    def towns_of(self, sentence: Sentence) -> list[Mention]:
        """The usable places of one sentence."""
        return [m for m in self.between(sentence.offset, sentence.offset + len(sentence.text)) if usable(m)]

    @cached_property
    def towns(self) -> list[Mention]:
        """Settled places below a country at which something may have happened, in order."""
        return [m for m in self._mentions if (usable(m) or self._heads(m)) and not self._of_source(m)]

    def _of_source(self, m: Mention) -> bool:
        """ "according to an elder in Kano": where somebody spoke."""
        begin = max(0, m.start - 90)
        tokens = tokenize(self.text[begin : m.end + 40])
        return of_source(tokens, tokens.at(m.start - begin))

    @cached_property
    def town_ids(self) -> set[int]:
        """Identities of `towns`, for a quick look."""
        return {id(m) for m in self.towns}

    def in_headline(self, place: Mention) -> bool:
        """Does the headline name this place?"""
        assert place.best is not None
        return any(m.best is not None and m.best.gazetteer_id == place.best.gazetteer_id for m in self.between(0, self.headline_end))

    def _heads(self, m: Mention) -> bool:
        """ "– 24 January, Tibú (Norte de Santander): ...": the place at the head of an item of a bulletin."""
        if m.best is None or m.best.kind == "country" or m.country_only or m.dateline or m.excluded not in (None, "sentence-start"):
            return False
        before = self.text[self.paragraph(m.start) : m.start]
        return len(before) <= 40 and _ITEM.match(before) is not None and _COLON.match(self.text, m.end) is not None


def usable(m: Mention) -> bool:
    """Is this a settled place, below a country, of which the text says that something is there?"""
    return m.best is not None and m.best.kind != "country" and not m.excluded and not m.dateline and not m.country_only and m.context != "none"


def dateline_span(text: str) -> tuple[int, int]:
    """The dateline ("KANO, Nigeria, May 6 (Newswire) - ") at the start or below the headline, with the white space after it; (0, 0) without one."""
    match = DATELINE.match(text) or LATER_DATELINE.search(text, 0, _HEAD)
    if match is None:
        return 0, 0
    end = match.end()
    while end < len(text) and text[end].isspace():
        end += 1
    return match.start(), end
