"""Names that may be places: runs of capitalised words, cut where the gazetteer and the words around them say so.

A person, an organisation, a capital that speaks for its government and a nationality are told apart by `place_building`; which place a name
means is decided in `place_ranking`. Floor 5.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from eventcoder.extraction.geography import Mention
from eventcoder.extraction.place_building import CONTEXT, DAYS, MentionBuilder
from eventcoder.extraction.place_context import Before, before_name
from eventcoder.extraction.place_patterns import DOTTED, ENDS_SENTENCE, NAME, ROAD, names

_LONGEST = 9  # words; a longer run of capitals is a headline or noise
_KNOWN = 50_000  # inhabitants from which a town is recognised in a headline without a preposition
_NAMED = 5_000  # the same after a preposition
_ABBREVIATION = re.compile(r",\s?((?:[A-Z]\.\s?){2,3}|[A-Z][A-Za-z&]{1,4}\.?)(?![\w])")
_CAPITAL = re.compile(r"(?:['’]s)? (capital)\b(?! (?:city )?(?:of |,? ?[A-Z]|market|punishment|gains|controls))(?!, [A-Z])")
_PART = re.compile(r"\S+")
_OPENERS = frozenset({"At", "As", "An"})  # words that open a sentence and articles of Arabic names
_DIRECTIONS = frozenset({"north", "south", "east", "west", "northern", "southern", "eastern", "western", "central"})


class MentionFinder(MentionBuilder):
    """Finds the mentions of one text, and what else in it speaks for a country (`hints`: groups, bodies, kinds of division)."""

    def find(self) -> list[Mention]:
        """All mentions in the order of the text."""
        out: list[Mention] = []
        text, at = self.text, 0
        known = self.kit.cache("names")
        for match in names(text):
            start, end = match.span()
            if start < at:
                continue
            if text.startswith(".", start + 1) and (dotted := DOTTED.match(text, start)):
                end = dotted.end()
            if text.startswith((" (", "'s ", "’s "), end):
                end = self._owned(start, end)
            at = end
            name = text[start:end]
            hints, idle = known.get(name) or self._learn(name)
            for key, country in hints:
                if key not in self._seen:
                    self._seen.add(key)
                    self.hints[country] += 1
            if idle:
                continue
            found = self._run(start, end)
            if len(found) == 1 and found[0].country_only and (capital := self._capital(found[0])) is not None:
                found.append(capital)
            for mention in found:
                mention.stop = max(mention.stop, mention.end)
                mention.dateline = self.dateline[0] <= mention.start < self.dateline[1]
                if mention.dateline:
                    mention.excluded = mention.excluded or (None if mention.country_only else "dateline")
            out.extend(found)
            if found and (state := self._abbreviated(found[-1])) is not None:
                out.append(state)
                at = state.end
        return out

    def _learn(self, name: str) -> tuple[tuple[tuple[str, str], ...], bool]:
        """What a name says wherever it stands: words in it that speak for a country, and whether it is a word that names no place. Remembered."""
        first, _, rest = name.partition(" ")
        short = first.partition("-")[0]
        keys = (name, first, short, f"{first} {rest.partition(' ')[0]}") if rest else (name, short)
        cues = self.words.cues
        hints = tuple((key, country) for key in keys if (country := cues.get(key)) is not None)
        memory = self.kit.cache("names")
        if len(memory) > 60_000:
            memory.clear()
        found = memory[name] = hints, " " not in name and self._no_name(name)
        return found

    def _no_name(self, word: str) -> bool:
        folded = word.casefold()
        return folded in self._not_names or folded in DAYS

    def _opens(self, start: int) -> bool:
        """Does a sentence or a quotation begin there?"""
        text = self.text
        return start == 0 or ENDS_SENTENCE.search(text, max(0, start - 4), start) is not None or text[start - 1] in '“"‘('

    def _capital(self, country: Mention) -> Mention | None:
        """ "in the Libyan capital": a town that is meant without its name."""
        match = _CAPITAL.match(self.text, country.end)
        if match is None or not country.country:
            return None
        start, end = match.span(1)
        before = before_name(self.text, country.start, self.words)
        place = self.kit.gazetteer.capital(country.country) if before.preposition or before.context == "near" else None
        if place is None:
            return None
        mention = Mention(start, end, self.text[start:end], "near" if before.context == "near" else "in", preposition=before.preposition)
        mention.candidates, mention.settled, mention.shown, mention.stop = [(place, 0.9)], True, place.name, end
        country.preposition, country.context = "", "none"
        return mention

    def _owned(self, start: int, end: int) -> int:
        """The end of "Cox's Bazar", which is one name; that of "Kabul" in "Kabul's Green Zone", which are two."""
        if self.text[end : end + 2] == " (" and (close := self.text.find(")", end, end + 20)) > 0:  # "Frankfurt (Oder)"
            return close + 1 if any(p.official for p in self.lookup(self.text[start : close + 1])) else end
        if self.text[end : end + 3] not in ("'s ", "’s ") or not self.text[end + 3 : end + 4].isupper():
            return end
        following = NAME.match(self.text, end + 3)
        if following is None:
            return end
        whole = self.text[start : following.end()].replace("’", "'")
        return following.end() if any(p.official for p in self.lookup(whole)) else end

    def _run(self, start: int, end: int) -> list[Mention]:
        text = self.text
        name = text[start:end]
        spans = [(start, end)] if name.split() == [name] else [(m.start() + start, m.end() + start) for m in _PART.finditer(name)]
        opening: bool | None = None  # looked at where it counts only
        if len(spans) > 1 and text[slice(*spans[0])] in _OPENERS and not self.kit.gazetteer.lookup(name, limit=1):
            spans, opening = spans[1:], False  # "At Gabès," is no Arabic article
            start = spans[0][0]
            name = text[start:end]
        whole = self.lookup(name)
        while len(spans) > 1 and not whole and (first := text[slice(*spans[0])].casefold()) in self._not_names and self.words.level(first) is None:
            if first in _DIRECTIONS and not (self._opens(start) if opening is None else opening):
                break
            spans, opening = spans[1:], False
            start = spans[0][0]
            name = text[start:end]
            whole = self.lookup(name)
        if len(name) < 2 or (len(spans) == 1 and self._no_name(name)):
            return []
        if not whole and len(spans) > 1:
            capitals = len(spans) >= 5 and all(text[a].isupper() for a, _ in spans)
            if name.isupper() or capitals or any(text[a:b] in ("In", "Near", "At") for a, b in spans):
                return self._headline(spans)
        if len(spans) > _LONGEST:
            return []
        before = self._before(start)
        country = self.kit.gazetteer.country(name) if not whole or whole[0].kind == "country" or whole[0].population < 3_000_000 else None
        if (
            country is not None
            and name.isupper()
            and len(name.replace(".", "")) < 5
            and name not in self.words.of("code")
            and name.lower() != country.lower()
        ):
            country = None  # "AL" and "BRN" are parties and groups far more often than Albania and Brunei
            whole = [p for p in whole if p.kind != "country"]
        if country is not None and self.kit.gazetteer.names.is_demonym(name) and not (whole and whole[0].official and whole[0].population > 100_000):
            return [self._country(start, end, country, before)]
        if country is not None and (not whole or whole[0].kind == "country" or self._is_country_name(name)):
            return [self._country(start, end, country, before)]
        if whole or len(spans) > 1:
            opening = self._opens(start) if opening is None else opening
            return [self._place(start, end, whole, before, opening)] if whole else self._pieces(spans, before, opening)
        if ("-" in name or "–" in name) and ROAD.match(text, end):
            return self._ends_of_road(start, name)
        return self._unknown(start, end, before)

    def _ends_of_road(self, start: int, name: str) -> list[Mention]:
        """The two places that name a road ("on the Kano-Zaria road"): a point near the first."""
        out: list[Mention] = []
        for one in re.finditer(r"[^-–]+", name):
            found = self.lookup(one.group())
            if found:
                out.append(
                    Mention(start + one.start(), start + one.end(), one.group(), "near", preposition="on", candidates=[(p, 0.0) for p in found])
                )
        return out

    def _pieces(self, spans: list[tuple[int, int]], before: Before, opening: bool) -> list[Mention]:
        """The places inside a run that is none as a whole: "Chibok LGA", "Northern Borno", "Kabul Police", "Goma North Kivu"."""
        text, words = self.text, self.words
        start, end = spans[0][0], spans[-1][1]
        first, last = text[slice(*spans[0])], text[slice(*spans[-1])]
        second = text[slice(*spans[1])]
        if first in words.of("feature"):
            return []
        if second == "of":
            level = words.level(first)
            core = spans[2:]
            if core and text[slice(*core[0])] == "the":
                core = core[1:]
            if not core:
                return []
            if level is None and first not in words.of("org_before") and first not in words.of("organisation"):
                return self._run(core[0][0], end)  # "PD5 of Kabul"
            if level is None:  # "University of Lagos", "Government of Sudan"
                country = self.kit.gazetteer.country(text[core[0][0] : end])
                return [Mention(core[0][0], end, text[core[0][0] : end], "none", True, country, True)] if country else []
            before = replace(before, level=before.level or level, level_word=before.level_word or first.casefold())
            if before.context != "near":
                before.context = CONTEXT[level]
            return self._one(core, before, False, level)
        joint = next((i for i, (a, b) in enumerate(spans) if i > 1 and text[a:b] == "of"), 0)
        if joint and joint + 1 < len(spans):  # "Anka LGA of Zamfara State", "China University of Geosciences"
            left = self._run(start, spans[joint - 1][1])
            head = text[slice(*spans[joint - 1])]
            return left if head in words.of("organisation") else [*left, *self._run(spans[joint + 1][0], end)]
        if (level := words.level(last)) is not None and last[0].isupper():
            self._level_hint(last.casefold())
            core = spans[:-1]
            if text[slice(*core[-1])].casefold() in ("local", "government", "autonomous", "refugee", "idp") and len(core) > 1:
                core = core[:-1]
            found = self._one(core, before, opening, level)
            for mention in found:
                mention.stop, mention.level_word = max(mention.stop, end), last.casefold()
            return found
        if (level := words.level(first)) in ("town", "admin2") and first[0].isupper():
            self._level_hint(first.casefold())
            inner = self._one(spans[1:], before, False, level)
            for mention in inner:
                mention.level_word = first.casefold()
            return inner
        lowered = first.casefold()
        if lowered in words.of("modifier") and self.lookup(text[spans[1][0] : end]):
            return [self._place(spans[1][0], end, self.lookup(text[spans[1][0] : end]), before, False, part=True)]
        body = last in words.of("organisation") or last in words.of("site")
        for cut in range(len(spans) - 1, 0, -1):
            head = text[start : spans[cut - 1][1]]
            rest = text[slice(*spans[cut])]
            if body or rest in words.of("organisation") or rest in words.of("site"):
                country = self.kit.gazetteer.country(head)
                if country is not None:
                    named = self._country(start, spans[cut - 1][1], country, Before())
                    named.demonym = True  # "China University", "Kenya Parliament": whose, not where
                    return [named]
                if found := self._held_by(self.lookup(head), spans[cut:]):
                    mention = self._place(start, spans[cut - 1][1], found, before, False)
                    if body and last not in words.of("site"):
                        mention.excluded = mention.excluded or "organisation"
                    mention.stop = end
                    return [mention]
                continue
            tail = self.lookup(text[spans[cut][0] : end])
            divided = any(p.kind == "admin1" or (p.kind == "country" and p.name == text[spans[cut][0] : end]) for p in tail)
            if len(head) > 3 and divided and (found := [p for p in self.lookup(head) if p.official and p.population >= _NAMED]):  # "Goma North Kivu"
                head_place = self._place(start, spans[cut - 1][1], found, before, opening)
                return [head_place, self._place(spans[cut][0], end, tail, Before(), False)]
        if body:
            return []
        for span in (spans[0], spans[-1]):
            country = self.kit.gazetteer.country(text[slice(*span)])
            if country and self.kit.gazetteer.names.is_demonym(text[slice(*span)]):  # "Iranian Kurds", never "Chad Smith"
                return [self._country(*span, country, Before())]
        return self._unknown(start, end, before) if len(spans) <= 4 else []

    def _held_by(self, found: list[Any], rest: list[tuple[int, int]]) -> list[Any]:
        """Places whose name opens that of a site or body: any before words for it ("Ojota Park"), else large ones ("Kabul Serena Hotel")."""
        words = self.words
        plain = all(w in words.of("site") or w in words.of("organisation") for w in (self.text[a:b] for a, b in rest))
        return found if plain else [p for p in found if p.official and p.population >= _KNOWN]

    def _one(self, core: list[tuple[int, int]], before: Before, opening: bool, level: str) -> list[Mention]:
        """A name whose kind of place was said in capitals beside it."""
        start, end = core[0][0], core[-1][1]
        name = self.text[start:end]
        found = self.lookup(name) or [p for p in self.lookup(name, strict=False) if p.official]
        country = self.kit.gazetteer.country(name)
        if country is not None and (not found or found[0].kind == "country"):
            divisions = [p for p in found if p.kind == "admin1"]
            if not divisions:
                return [self._country(start, end, country, before)]
            found = divisions
        if found:
            mention = self._place(start, end, found, before, opening, level)
            if mention.context == "none" and level != "admin1":
                mention.context = CONTEXT[level]
            return [mention]
        return self._unknown(start, end, before, level)

    def _headline(self, spans: list[tuple[int, int]]) -> list[Mention]:
        """Known places in a headline, where every word is a capital: after a preposition, or large ones."""
        text, words = self.text, self.words
        out: list[Mention] = []
        at = 0
        while at < len(spans):
            taken = 1
            word = text[slice(*spans[at])].casefold().strip("'’")
            if word not in self._not_names and word not in DAYS:
                previous = (
                    text[slice(*spans[at - 1])].casefold()
                    if at
                    else self.text[max(0, spans[0][0] - 10) : spans[0][0]].casefold().strip().rsplit(" ", 1)[-1]
                )
                led = previous in words.of("in:in") or previous in words.of("near") or previous in words.of("verb")
                for length in (4, 3, 2, 1):
                    if at + length > len(spans):
                        continue
                    start, end = spans[at][0], spans[at + length - 1][1]
                    name = text[start:end].rstrip("'’")
                    country = self.kit.gazetteer.country(name if not name.isupper() or len(name) <= 4 else name.title())
                    if country is not None and length <= 3:
                        out.append(self._country(start, end, country, Before("in", previous) if led else Before()))
                        taken = length
                        break
                    found = [p for p in self.lookup(name) if p.official and p.population >= (5_000 if led else _KNOWN)]
                    if found:
                        near = previous in words.of("near")
                        mention = Mention(start, end, name, ("near" if near else "in") if led else "none", preposition=previous if led else "")
                        mention.candidates = [(p, 0.0) for p in found]
                        following = text[slice(*spans[at + length])] if at + length < len(spans) else ""
                        mention.level = words.level(following) if following else None
                        if following.casefold() in words.organisations_lower and not {following, following.title()} & words.of("site"):
                            mention.excluded = "organisation"
                        out.append(mention)
                        taken = length
                        break
            at += taken
        return out

    def _abbreviated(self, mention: Mention) -> Mention | None:
        """The state of "Springfield, IL" and "London, Ont.", as a mention of its own."""
        match = _ABBREVIATION.match(self.text, mention.stop)
        if match is None or mention.country_only:
            return None
        said = match[1].strip()
        ids = self.words.abbreviations.get(said) or self.words.abbreviations.get(said.rstrip("."), ())
        for key in ids:
            memory = self.kit.cache("divisions")
            if key not in memory:
                memory[key] = self.kit.gazetteer.place(key)
            division = memory[key]
            if division is None:
                continue
            inside = any(p.country == division.country and p.admin1 == division.name for p in self.lookup(mention.name, strict=False)) or any(
                p.admin1 == division.name for p in self.kit.gazetteer.lookup(mention.name, country=division.country, limit=30, strict=False)
            )
            if inside or mention.level is not None:
                mention.excluded = None if mention.excluded == "sentence-start" else mention.excluded
                state = Mention(match.start(1), match.end(1), said, "none", level="admin1", candidates=[(division, 0.9)])
                state.stop, state.settled = state.end, True
                mention.parent = state
                return state
        return None
