"""Actors in running text: named groups by all their names, and common words ("gunmen", "riot police") with the country they go with. Floor 2.

The words are data: `schema/lexicon/actor_words.csv` (word, kind, inter, group, needs). `kind` is military, police, security (either of the
two), government, a kind of actor_forms.csv, or empty for words that only name an associated group ("students"). Words that need a country
("forces") count only after one ("Syrian forces").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from eventcoder.actors.matcher import Phrases, Word, words_of
from eventcoder.actors.peoples import People
from eventcoder.actors.unknown import Unknown
from eventcoder.names import fold

if TYPE_CHECKING:
    from eventcoder.actors.actor import Actor
    from eventcoder.actors.registry import ActorRegistry

_SHORT = 3  # an acronym of up to so many letters is only believed in a country where its bearer is known
_NAMED, _COMMON, _PEOPLE, _COUNTRY = 1, 2, 4, 8
_STATE_KINDS = ("military", "police", "government", "security")
_ENDS = re.compile(r"[.!?;:\n]")
_HEDGES = frozenset({"suspected", "presumed", "alleged"})


@dataclass(frozen=True, slots=True)
class ActorMatch:
    """An actor found in a text: `text[start:end] == name`.

    `actor` is the name to store (None where undecided), `inter` its class in the event's country, `group` the associated group that the word
    stands for ("Students (Iran)"), `kind` the word's kind or "named", "people" (an ethnic group, armed or not), "country" or "unknown",
    `country` the country the actor belongs to, `score` 0 to 1.
    """

    start: int
    end: int
    name: str
    actor: str | None
    inter: str | None
    score: float
    kind: str = "named"
    group: str | None = None
    country: str | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Common:
    """A common word for actors, as the lexicon has it."""

    word: str
    kind: str
    inter: str | None
    group: str | None
    needs: str


class Finder:
    """Holds the compiled phrases of a registry; built at the first use."""

    def __init__(
        self,
        registry: ActorRegistry,
        lexicon: Iterable[Mapping[str, str]],
        peoples: Sequence[People] = (),
        group_words: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self._registry = registry
        self._named: Phrases[tuple[Actor, bool]] = Phrases()
        for actor in registry.actors:
            for name in actor.surfaces:
                self._named.add(name, (actor, False))
            for name in actor.local_aliases:
                self._named.add(name, (actor, True))
        self._common: Phrases[_Common] = Phrases()
        for row in lexicon:
            self._common.add(row["word"], _Common(row["word"], row["kind"], row["inter"] or None, row["group"] or None, row.get("needs") or ""))
        self._peoples: Phrases[People] = Phrases()
        for people in peoples:
            for name in dict.fromkeys((people.name, people.name + "s", *people.aliases)):
                self._peoples.add(name, people)
        self._countries: Phrases[tuple[str, ...]] = Phrases()
        for surface, countries, _ in registry.countries.surfaces():
            self._countries.add(surface, countries)
        self._codes = registry.countries.codes
        self._unknown = Unknown(registry, group_words)
        # most words begin no phrase: one look decides that, and which tables to ask
        self._first: dict[str, int] = {}
        codes = [fold(code) for code in self._codes]
        for bit, keys in (
            (_NAMED, self._named.first),
            (_COMMON, self._common.first),
            (_PEOPLE, self._peoples.first),
            (_COUNTRY, [*self._countries.first, *codes]),
        ):
            for key in keys:
                self._first[key] = self._first.get(key, 0) | bit

    def find(self, text: str, country: str | None, day: date | None, *, countries: bool = False) -> list[ActorMatch]:
        words = words_of(text)
        matches: list[ActorMatch] = []
        at = 0
        while at < len(words):
            tables = self._first.get(words[at].key)
            if tables is None:
                at += 1
                continue
            match, length = self._at(text, words, at, tables, country, day, countries=countries)
            if match is not None:
                matches.append(match)
            at += max(length, 1)
        return self._unknown.add(text, words, matches, country)

    def _at(
        self, text: str, words: list[Word], at: int, tables: int, country: str | None, day: date | None, *, countries: bool
    ) -> tuple[ActorMatch | None, int]:
        named, bearers = self._named.longest(words, at) if tables & _NAMED else (0, [])
        common, lexical = self._common.longest(words, at) if tables & _COMMON else (0, [])
        prefix, homes = self._country_at(words, at) if tables & _COUNTRY else (0, ())
        home = homes[0] if len(homes) == 1 else country if country in homes else None
        after, adjectival = self._common.longest(words, at + prefix) if prefix and at + prefix < len(words) else (0, [])
        if after and _ENDS.search(text, words[at + prefix - 1].end, words[at + prefix].start):
            after, adjectival = 0, []  # "... of Ukraine. Riot police ...": the next sentence
        if after and prefix + after > named:
            span = slice(words[at].start, words[at + prefix + after - 1].end)
            forces = self._of_class(text, span, adjectival[0], home, country, day, said=True)
            if home is None and adjectival[0].kind in _STATE_KINDS and country is not None and country not in homes:
                forces = replace(forces, inter=self._registry.force_class(homes[0], country))  # of whichever: a foreign force
            return forces, prefix + after
        if prefix and home is not None and not after and at + prefix < len(words) and words[at + prefix].key in ("and", "or"):
            # "US and British warplanes": the noun belongs to both
            second, _ = self._country_at(words, at + prefix + 1) if at + prefix + 1 < len(words) else (0, ())
            joint = at + prefix + 1 + second
            after, adjectival = self._common.longest(words, joint) if second and joint < len(words) else (0, [])
            if after and adjectival[0].kind in _STATE_KINDS:
                span = slice(words[at].start, words[at + prefix - 1].end)
                return self._of_class(text, span, adjectival[0], home, country, day, said=True), prefix
        if named and named >= common:
            span = slice(words[at].start, words[at + named - 1].end)
            match = self._of_bearers(text, span, bearers, country, day)
            if match is not None:
                return match, named
        people, folk = self._peoples.longest(words, at) if tables & _PEOPLE else (0, [])
        if people and people >= common:
            found = self._of_people(text, words, at, people, folk, country)
            if found is not None:
                return found
        if common > 1 and words[at].key in _HEDGES:
            # "suspected separatists" where those words mean one group
            lead, bearers = self._named.longest(words, at + 1)
            match = self._of_bearers(text, slice(words[at + 1].start, words[at + lead].end), bearers, country, day) if lead >= common - 1 else None
            if match is not None and match.actor is not None:
                return match, lead + 1
        if common and not lexical[0].needs:
            span = slice(words[at].start, words[at + common - 1].end)
            return self._of_class(text, span, lexical[0], country, country, day, said=False), common
        if prefix and countries and home is not None:
            span = slice(words[at].start, words[at + prefix - 1].end)
            force = self._registry.state_force("military", home, day)
            inter = self._registry.force_class(home, country)
            return ActorMatch(span.start, span.stop, text[span], force, inter, 0.5, kind="country", country=home), prefix
        return None, prefix

    def _country_at(self, words: list[Word], at: int) -> tuple[int, tuple[str, ...]]:
        """The country or demonym that begins here: number of words, and which it may be."""
        surface = words[at].surface
        if surface[:1].islower() or surface.isdecimal():
            return 0, ()
        code = self._codes.get(surface.replace(".", "").removesuffix("'s").removesuffix("’s"))
        length, found = self._countries.longest(words, at)
        if length > 1 or (length and code is None):
            return length, found[0]
        return (1, (code,)) if code is not None else (0, ())

    def _of_bearers(self, text: str, span: slice, bearers: Sequence[tuple[Actor, bool]], country: str | None, day: date | None) -> ActorMatch | None:
        actors = list({actor.name: actor for actor, local in bearers if not local or (country is not None and country in actor.countries)}.values())
        surface = text[span]
        short = len(surface) <= _SHORT and surface.isupper()
        if short and country is not None:
            actors = [actor for actor in actors if country in actor.countries or not actor.countries]
        if not actors:
            return None
        chosen = self._registry.choose(actors, country, day, text)
        if chosen is None:
            if len(actors) == 1 and len(bearers) == 1 and any(local for _, local in bearers):
                return None
            names = tuple(sorted(actor.name for actor in actors))
            inter = {actor.inter for actor in actors}
            return ActorMatch(span.start, span.stop, surface, None, inter.pop() if len(inter) == 1 else None, 0.4, candidates=names)
        elsewhere = country is not None and bool(chosen.countries) and country not in chosen.countries
        score = 1.0 if " " in surface else 0.95
        group = None
        if chosen.inter is None:
            group = chosen.name
        return ActorMatch(
            span.start,
            span.stop,
            surface,
            self._registry.name_on(chosen, day),
            self._registry.inter_of(chosen.name, country=country, on_date=day),
            score - (0.25 if elsewhere else 0.0) - (0.15 if short and country is None else 0.0),
            group=group,
            country=chosen.countries[0] if chosen.countries else None,
        )

    def _of_people(
        self, text: str, words: list[Word], at: int, length: int, folk: Sequence[People], country: str | None
    ) -> tuple[ActorMatch, int] | None:
        """ "Fulani herdsmen" are a militia, "Fulani farmers" civilians of a people, "the Fulani" may be either."""
        here = [p for p in folk if country is None or country in p.countries]
        if not here:
            return None
        people, where = here[0], country or (here[0].countries[0] if len(here[0].countries) == 1 else None)
        if where is None:
            return None
        use, reach = self._unknown.use_after(words, at + length)
        if use is not None and _ENDS.search(text, words[at + length - 1].end, words[at + length].start):
            use, reach = None, 0
        if use is None:
            common, lexical = self._common.longest(words, at + length) if at + length < len(words) else (0, [])
            if common and lexical[0].kind in ("civilians", "protesters", "rioters"):
                span = slice(words[at].start, words[at + length + common - 1].end)
                actor = self._registry.generic(lexical[0].kind, where)
                group = people.group(where)
                return ActorMatch(
                    span.start, span.stop, text[span], actor, lexical[0].inter, 0.8, kind=lexical[0].kind, group=group, country=where
                ), length + common
        span = slice(words[at].start, words[at + length + reach - 1].end)
        inter, kind = ("Identity militia", "named" if use == "armed" else "people")
        score = 0.9 if use == "armed" else 0.5
        match = ActorMatch(
            span.start, span.stop, text[span], people.militia(where), inter, score, kind=kind, group=people.group(where), country=where
        )
        return match, length + reach

    def _of_class(self, text: str, span: slice, word: _Common, home: str | None, country: str | None, day: date | None, *, said: bool) -> ActorMatch:
        registry = self._registry
        score = 0.9 if said else 0.75
        actor: str | None = None
        inter = word.inter
        candidates: tuple[str, ...] = ()
        if home is None:
            score -= 0.3
            # whose soldiers "Congolese soldiers" are decides between home and abroad
            inter = None if word.kind in _STATE_KINDS and said else inter
        elif word.kind in ("military", "police", "government"):
            actor = registry.state_force(word.kind, home, day)
            candidates = () if actor else tuple(registry.candidates(word.kind, home))
            inter = registry.force_class(home, country)
        elif word.kind == "security":
            either = (registry.state_force("police", home, day), registry.state_force("military", home, day))
            candidates = tuple(name for name in either if name)
            inter = registry.force_class(home, country)
        elif word.kind and word.kind != "civilian_site":
            # a crowd stands where the event is; "Russian protesters" in Georgia are Protesters (Georgia) with an associated actor
            where = country if word.kind in ("protesters", "rioters") and country is not None else home
            actor = registry.generic(word.kind, where)
        group = registry.associated(word.group, home, day) if word.group and home else None
        if word.kind in ("protesters", "rioters") and said and home != country and home is not None and country is not None:
            group = registry.generic("protesters", home)
        kind = word.kind or "group"
        return ActorMatch(
            span.start, span.stop, text[span], actor, inter, round(score, 2), kind=kind, group=group, country=home, candidates=candidates
        )
