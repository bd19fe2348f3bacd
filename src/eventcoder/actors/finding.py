"""Actors in running text: named groups by all their names, and common words ("gunmen", "riot police") with the country they go with.

The words are data: `schema/lexicon/actor_words.csv` (word, kind, inter, group). `kind` is military, police, security (either of the two),
government, a kind of actor_forms.csv, or empty for words that only name an associated group ("students").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from eventcoder.actors.grammar import split_acronym
from eventcoder.actors.matcher import Phrases, Word, words_of
from eventcoder.names import fold

if TYPE_CHECKING:
    from eventcoder.actors.registry import Actor, ActorRegistry

_SHORT = 3  # an acronym of up to so many letters is only believed in a country where its bearer is known
_STATE_KINDS = ("military", "police", "government", "security")


@dataclass(frozen=True, slots=True)
class ActorMatch:
    """An actor found in a text: `text[start:end] == name`.

    `actor` is the name to store (None where undecided), `inter` its class in the event's country, `group` the associated group that the word
    stands for ("Students (Iran)"), `kind` the word's kind or "named", `country` the country the actor belongs to, `score` 0 to 1.
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


class Finder:
    """Holds the compiled phrases of a registry; built at the first use."""

    def __init__(self, registry: ActorRegistry, lexicon: Iterable[Mapping[str, str]]) -> None:
        self._registry = registry
        self._named: Phrases[tuple[Actor, str]] = Phrases()
        for actor in registry.actors:
            for name in dict.fromkeys((split_acronym(actor.name)[1], actor.acronym, *actor.aliases)):
                if name:
                    self._named.add(name, (actor, name))
        self._common: Phrases[_Common] = Phrases()
        for row in lexicon:
            self._common.add(row["word"], _Common(row["word"], row["kind"], row["inter"] or None, row["group"] or None))
        self._countries: Phrases[tuple[str, ...]] = Phrases()
        for surface, countries, _ in registry.countries.surfaces():
            self._countries.add(surface, countries)
        self._codes = registry.countries.codes
        # most words begin no phrase: one look decides that
        self._first = frozenset({*self._named.first, *self._common.first, *self._countries.first, *(fold(code) for code in self._codes)})

    def find(self, text: str, country: str | None, day: date | None) -> list[ActorMatch]:
        words = words_of(text)
        matches: list[ActorMatch] = []
        at = 0
        while at < len(words):
            if words[at].key not in self._first:
                at += 1
                continue
            match, length = self._at(text, words, at, country, day)
            if match is not None:
                matches.append(match)
            at += max(length, 1)
        return matches

    def _at(self, text: str, words: list[Word], at: int, country: str | None, day: date | None) -> tuple[ActorMatch | None, int]:
        named, bearers = self._named.longest(words, at)
        common, lexical = self._common.longest(words, at)
        prefix, homes = self._country_at(words, at)
        home = homes[0] if len(homes) == 1 else country if country in homes else None
        after, adjectival = self._common.longest(words, at + prefix) if prefix and at + prefix < len(words) else (0, [])
        if after and prefix + after > named:
            span = slice(words[at].start, words[at + prefix + after - 1].end)
            return self._of_class(text, span, adjectival[0], home, country, day, said=True), prefix + after
        if named and named >= common:
            span = slice(words[at].start, words[at + named - 1].end)
            match = self._of_bearers(text, span, bearers, country, day)
            if match is not None:
                return match, named
        if common:
            span = slice(words[at].start, words[at + common - 1].end)
            return self._of_class(text, span, lexical[0], country, country, day, said=False), common
        return None, 0

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

    def _of_bearers(self, text: str, span: slice, bearers: Sequence[tuple[Actor, str]], country: str | None, day: date | None) -> ActorMatch | None:
        actors = list({actor.name: actor for actor, _ in bearers}.values())
        surface = text[span]
        short = len(surface) <= _SHORT and surface.isupper()
        if short and country is not None:
            actors = [actor for actor in actors if country in actor.countries or not actor.countries]
            if not actors:
                return None
        chosen = self._registry.choose(actors, country, day)
        if chosen is None:
            names = tuple(sorted(actor.name for actor in actors))
            inter = {actor.inter for actor in actors}
            return ActorMatch(span.start, span.stop, surface, None, inter.pop() if len(inter) == 1 else None, 0.4, candidates=names)
        elsewhere = country is not None and bool(chosen.countries) and country not in chosen.countries
        score = 1.0 if " " in surface else 0.95
        return ActorMatch(
            span.start,
            span.stop,
            surface,
            self._registry.name_on(chosen, day),
            self._registry.inter_of(chosen.name, country=country, on_date=day),
            score - (0.25 if elsewhere else 0.0) - (0.15 if short and country is None else 0.0),
            country=chosen.countries[0] if chosen.countries else None,
        )

    def _of_class(self, text: str, span: slice, word: _Common, home: str | None, country: str | None, day: date | None, *, said: bool) -> ActorMatch:
        registry = self._registry
        score = 0.9 if said else 0.75
        actor: str | None = None
        inter = word.inter
        candidates: tuple[str, ...] = ()
        if home is None:
            score -= 0.3
            inter = None if word.kind in _STATE_KINDS else inter  # whose soldiers they are decides between home and abroad
        elif word.kind in ("military", "police", "government"):
            actor = registry.state_force(word.kind, home, day)
            candidates = () if actor else tuple(registry.candidates(word.kind, home))
            inter = registry.force_class(home, country)
        elif word.kind == "security":
            either = (registry.state_force("police", home, day), registry.state_force("military", home, day))
            candidates = tuple(name for name in either if name)
            inter = registry.force_class(home, country)
        elif word.kind:
            # a crowd stands where the event is; "Russian protesters" in Georgia are Protesters (Georgia) with an associated actor
            where = country if word.kind in ("protesters", "rioters") and country is not None else home
            actor = registry.generic(word.kind, where)
        group = registry.generic(word.group, home) if word.group and home else None
        if word.kind in ("protesters", "rioters") and said and home != country and home is not None and country is not None:
            group = registry.generic("protesters", home)
        kind = word.kind or "group"
        return ActorMatch(
            span.start, span.stop, text[span], actor, inter, round(score, 2), kind=kind, group=group, country=home, candidates=candidates
        )
