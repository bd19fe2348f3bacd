"""One name of a text as a mention: its context, the kind of place that is said of it, and why it may be no place of an event. Floor 5."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from eventcoder.extraction.date_patterns import MONTHS, WEEKDAYS
from eventcoder.extraction.geography import Mention
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.place_context import NOTHING, After, Before, after_name, before_name, is_title, speaks_before
from eventcoder.extraction.place_patterns import BYLINE
from eventcoder.extraction.place_words import PlaceWords, place_words

TOWN = 20_000  # inhabitants from which a word that also means something else is taken for the town in "in Reading"
CONTEXT = {"admin1": "admin", "region": "admin", "admin2": "sub", "town": "town"}
DAYS = frozenset({*MONTHS, *WEEKDAYS})
_AFTER_SPACE_VERB = re.compile(r"\s+(?:on|in|after|and|to|for|over|has|have|was|were|is|are|when|where|that|who|during|since|at|as|by)\b")
_ARTICLE = re.compile(r"^(?:al|el|ad|an|ar|as|ash|at|az|the)[ -](?=[A-Z]\w{3})", re.IGNORECASE)
_DIRECTION = re.compile(r"(?:north|south|east|west)\w*(?:-\w+)?|central|upper|lower|rural")
_WHERE = re.compile(r"(?:,|,? in| \()\s?(?:the )?[A-Z]")
_PLAIN_AREAS = frozenset({"area", "areas", "base", "mine", "dam", "sector", "union"})


class MentionBuilder:
    """Looks names up and reads the words around them; `hints` collects what else in the text speaks for a country."""

    def __init__(self, text: str, kit: Kit, dateline: tuple[int, int]) -> None:
        self.text = text
        self.kit = kit
        self.words: PlaceWords = place_words(kit.schema_dir)
        self.dateline = dateline
        self.hints: dict[str, float] = defaultdict(float)
        self._not_names = self.words.of("not_name")
        self._seen: set[str] = set()

    def lookup(self, name: str, *, strict: bool = True) -> list[Any]:
        """Places of that name anywhere, remembered."""
        memory = self.kit.cache("lookup" if strict else "lookup-loose")
        found = memory.get(name)
        if found is None:
            if len(memory) > 60_000:
                memory.clear()
            found = self.kit.gazetteer.lookup(name, limit=8, strict=strict) if any(c.isalpha() for c in name) else []
            if not found and (bare := _ARTICLE.sub("", name)) != name:
                found = [p for p in self.kit.gazetteer.lookup(bare, limit=8, strict=strict) if p.kind != "country"]
            memory[name] = found
        return list(found)

    def _level_hint(self, word: str) -> None:
        if word and word not in self._seen and (countries := self.words.level_countries.get(word)):
            self._seen.add(word)
            for country in countries:
                self.hints[country] += 1 / len(countries)

    def _before(self, start: int) -> Before:
        if start == 0 or self.text[start - 1] not in ' \xa0(“"‘\n':
            return NOTHING
        return before_name(self.text, start, self.words)

    def _is_country_name(self, name: str) -> bool:
        memory = self.kit.cache("country-first")
        if name not in memory:
            memory[name] = any(p.kind == "country" for p in self.kit.gazetteer.lookup(name, limit=5)) or len(name) <= 4 or "." in name
        return bool(memory[name])

    def _country(self, start: int, end: int, country: str, before: Before) -> Mention:
        text, name = self.text, self.text[start:end]
        context = before.context
        is_name = name.lower() == country.lower() or context != "none" or text[end : end + 1] in (".", ",", ";")
        following = re.match(r"\s+[a-z]", text[end : end + 3]) is not None
        demonym = not is_name or (
            following and context in ("none", "in") and name.lower() != country.lower() and not _AFTER_SPACE_VERB.match(text[end : end + 12])
        )
        mention = Mention(
            start, end, name, context, country_only=True, country=country, demonym=demonym, preposition=before.preposition, level=before.level
        )
        mention.divisions = [p for p in self.lookup(name) if p.kind == "admin1"]
        after = after_name(text, end, self.words)
        if after.level == "admin1" and mention.divisions and not before.level:
            mention.country_only, mention.country, mention.level = False, None, "admin1"
            mention.candidates = [(p, 0.0) for p in mention.divisions]
            mention.context = "admin" if before.preposition else "none"
            mention.stop = end + after.length
        elif after.excluded == "metonym" or (context == "none" and speaks_before(text, start, self.words)):
            mention.excluded = "metonym"
        return mention

    def _place(self, start: int, end: int, found: list[Any], before: Before, opening: bool, level: str | None = None, part: bool = False) -> Mention:
        """A name that the gazetteer has: its context, and why it may be no place of an event after all."""
        text, name = self.text, self.text[start:end]
        after = after_name(text, end, self.words)
        said = level or after.level or before.level
        for word in (after.level_word, before.level_word):
            self._level_hint(word)
        if said is None and " " in name:
            last = self.words.level(name.rsplit(" ", 1)[1])
            said = last
        context = self._context(before, said, after)
        mention = Mention(start, end, name, context, preposition=before.preposition or ("in" if after.site and context == "in" else ""), level=said)
        mention.stop = end + after.length
        mention.level_word = after.level_word or before.level_word
        if after.level in ("region", "admin2"):  # "Beni territory" and "Puncak regency" may be listed as such
            listed = [p for p in self.lookup(text[start : mention.stop]) if p.gazetteer_id.startswith("region:")]
            found = [*listed, *found]
        mention.candidates = [(p, 0.0) for p in found]
        mention.part = part or (before.distance and said in ("admin1", "region")) or self._directed(start)
        mention.excluded = self._excluded(mention, before, after, opening)
        return mention

    def _context(self, before: Before, level: str | None, after: After) -> str:
        if before.context == "near":
            return "near"
        if level is not None:
            context = CONTEXT[level]
            return "none" if context == "admin" and not before.preposition and before.level is None else context
        if before.context == "none" and after.site:
            return "in"
        return before.context

    def _directed(self, start: int) -> bool:
        word = self.text[max(0, start - 14) : start].split()
        return bool(word) and _DIRECTION.fullmatch(word[-1].lower()) is not None

    def _excluded(self, mention: Mention, before: Before, after: After, opening: bool) -> str | None:
        text, start = self.text, mention.start
        if text[max(0, start - 12) : start].rstrip().endswith(("in", "from")) and BYLINE.search(text, max(0, start - 60), start):
            return "byline"
        if is_title(text, start, self.words) and mention.context not in ("near", "admin", "town") and before.preposition not in ("in", "at"):
            return "person"
        if mention.name in self.words.of("metonym_name"):
            return "metonym"
        if before.of and before.preposition == "of" and before.level is None and before.of in self.words.of("org_before"):
            return "organisation"
        if after.excluded == "organisation":
            return "organisation"
        if after.excluded == "metonym" and (mention.context == "none" or (mention.context == "in" and before.preposition in ("to", "from", "of"))):
            return "metonym"
        if (after.level is not None and mention.context == "none") or after.level == "admin1":
            behind = after_name(text, mention.stop, self.words)
            if behind.excluded == "organisation":
                return "organisation"
        if mention.context in ("none", "in") and before.preposition not in ("in", "at", "near") and speaks_before(text, start, self.words):
            return "metonym"
        if (
            opening
            and mention.context == "none"
            and " " not in mention.name
            and text[mention.stop : mention.stop + 1] not in (",", "(")
            and not after.site
        ):
            return "sentence-start"
        return None

    def _unknown(self, start: int, end: int, before: Before, level: str | None = None) -> list[Mention]:
        """A name that the gazetteer lacks, kept where the words around it say that it is a place."""
        name = self.text[start:end]
        if (name.isupper() and len(name) < 7) or name in self.words.cues or self.text[max(0, start - 3) : start].endswith((" a ", "an ")):
            return []  # "between the ELN and", "a Yazidi village"
        after = after_name(self.text, end, self.words)
        if before.linked:
            pass
        elif before.context == "none" and level is None:
            if after.level not in ("town", "admin2") or after.level_word in (
                "area",
                "areas",
                "farm",
                "base",
                "mine",
                "bridge",
                "dam",
                "sector",
                "union",
            ):
                return []
            self._level_hint(after.level_word)
        if after.level is not None and (listed := [p for p in self.lookup(self.text[start : end + after.length]) if p.kind in ("admin2", "region")]):
            return [self._place(start, end, listed, before, False, level)]  # "Khyber district"
        loose = self._lenient(name, start, end, before)
        if loose:
            return [self._place(start, end, loose, before, False, level)]
        if (
            after.level == "town"
            and self.text[end + after.length :].startswith(" of ")
            and self.text[end + after.length + 4 : end + after.length + 5].isupper()
        ):
            return []  # "the Andean town of Loja"
        said = level or after.level or before.level
        for word in (after.level_word, before.level_word):
            self._level_hint(word)
        context = self._context(before, said, After())
        last = name.rsplit(" ", 1)[-1]
        if before.linked and said is None:
            context = "none"
        leads = (
            before.preposition in ("in", "at", "inside", "into", "within", "")
            or before.preposition in self.words.of("verb")
            or before.of in self.words.of("event_noun")
        )
        if not leads and before.preposition == "of" and before.of.islower() and before.of not in self.words.of("org_before"):
            leads = _WHERE.match(self.text, end) is not None  # "the weekly fair of Amasrakad, in the Gao region"
        if said is None and (not leads or after.excluded or after.site) and (before.context != "near" or after.excluded):
            return []
        if last in self.words.of("organisation") or last in self.words.of("site") or last in self.words.of("title"):
            return []
        if is_title(self.text, start, self.words) and said is None:
            return []
        word = after.level_word or before.level_word
        return [Mention(start, end, name, context, preposition=before.preposition, level=said, level_word=word, stop=end + after.length)]

    def _lenient(self, name: str, start: int, end: int, before: Before) -> list[Any]:
        """Towns whose name is also a common word, where a preposition or a kind of place stands before it."""
        if before.level not in ("town", "admin1", "region", "admin2") and before.preposition not in (
            "in",
            "at",
            "near",
            "outside",
            "across",
            "around",
        ):
            return []
        if name.casefold() in self._not_names or self.text[end : end + 2].strip()[:1].isupper():
            return []
        least = 0 if before.level is not None or self.text[end : end + 2] == ", " else TOWN
        return [p for p in self.lookup(name, strict=False) if p.official and (p.population >= max(least, 500))]
