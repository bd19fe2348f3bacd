"""The register of actors: who is known under which names, of which class, where and when.

Data: `schema/registers/actors.csv` (name, aliases, local_aliases, inter, country, since, until, acronym, note, areas; several names, countries
or areas in a cell are separated by ` | `), `peoples.csv`, `regimes.csv`, `presumed_attackers.csv`, `actor_forms.csv` (kind, form, inter), the
lists `inter`, `associated_groups` and `countries`, and what a team registered itself. Generic actors are built from forms, not listed. `since`
and `until` are years or days.

Class of state forces: State forces in their home country, External/Other forces elsewhere (codebook, inter codes 1 and 8).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.actors.actor import Actor, actor_of
from eventcoder.actors.finding import ActorMatch, Finder
from eventcoder.actors.grammar import StateForce, parse_state_force, split_acronym, split_generic
from eventcoder.actors.peoples import peoples_of
from eventcoder.actors.regimes import Regimes
from eventcoder.countries import CountryNames, read_register, register_bytes, register_rows
from eventcoder.errors import UsageError
from eventcoder.names import edge, fold

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

INTERNATIONAL = "International"  # stands for a country where people of several, or of none that is known, are meant
Day = date | str | None
_FOLK = (" Ethnic Group", " Clan Group", " Tribal Group", " Communal Group", " Indigenous Group", " Caste Group")  # of any people


class ActorRegistry:
    """Answers questions about actors. `registered` are bodies of ledger entries of kind "actor"; they win over the packaged register."""

    def __init__(self, codebook: Codebook, registered: Sequence[Mapping[str, Any]] = (), *, schema_dir: Path | None = None) -> None:
        self._codebook = codebook
        self._schema_dir = schema_dir
        self.countries = CountryNames(codebook, schema_dir=schema_dir)
        inter = codebook.lists["inter"]
        numbered = {(inter.get(code) or {}).get("number"): code for code in inter.codes}
        self._at_home, self._abroad = numbered.get("1"), numbered.get("8")
        self._forms = {row["kind"]: (row["form"], row["inter"] or None) for row in read_register(schema_dir, "actor_forms.csv")}
        self._tails = {row["form"]: row["inter"] or None for row in read_register(schema_dir, "actor_forms.csv") if row["form"].startswith("*")}
        groups = codebook.lists["associated_groups"]
        self._groups = {code: (groups.get(code) or {}).get("form") or f"{code} ({{country}})" for code in groups.codes}
        self._heads = {form.split(" ({")[0]: label for form, label in self._forms.values() if "({country})" in form and not form.startswith("*")}
        self._regimes = _regimes(register_bytes(schema_dir, "regimes.csv"))
        actors = {actor.name: actor for actor in _listed(register_bytes(schema_dir, "actors.csv"))}
        for body in registered:
            if body.get("removed") or body.get("merged_into"):  # merged or renamed: the other one bears this name too
                actors.pop(body["name"], None)
            else:
                actors[body["name"]] = actor_of(body)
        self._actors = actors
        self._former = {period.name: actor for actor in actors.values() for period in actor.named if period.name not in actors}
        self._generic: dict[tuple[str, str], str] = {}
        self._keys: dict[str | None, list[str]] = {}
        self._presumed: dict[str, list[dict[str, str]]] = {}
        for row in read_register(schema_dir, "presumed_attackers.csv"):
            self._presumed.setdefault(row["country"], []).append(row)

    @property
    def actors(self) -> tuple[Actor, ...]:
        """All registered actors (named groups and forces; generic ones are built, not listed)."""
        return tuple(self._actors.values())

    def get(self, name: str) -> Actor | None:
        """The registered actor that bears or bore exactly this name, or None (aliases: see `resolve`)."""
        return self._actors.get(name) or self._former.get(name)

    # -- building names

    def generic(self, kind: str, country: str) -> str:
        """The name of a generic actor or associated group of a country: ("protesters", "Iran") -> "Protesters (Iran)".

        `kind` is a kind of actor_forms.csv or a code of the list `associated_groups`, in any case; `country` a code of the list `countries`
        or "International". Raises `UsageError` for others.
        """
        made = self._generic.get((kind, country))
        if made is not None:
            return made
        form = self._form(kind)
        if form is None:
            known = [*self._forms, *self._groups]
            near = difflib.get_close_matches(kind.casefold(), known, 1)
            raise UsageError(f"There is no generic actor of kind '{kind}'.", f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}.")
        if country != INTERNATIONAL and country not in self._codebook.lists["countries"].codes:
            raise UsageError(f"'{country}' is not a country of the codebook.", "See 'eventcoder codebook show countries'.")
        name = str(StateForce("government", self._regimes.named(country))) if "{regime}" in form else form.format(country=country)
        self._generic[kind, country] = name
        return name

    def associated(self, kind: str, country: str, on_date: Day = None) -> str:
        """The name of an associated group: as `generic`, but a government carries the years of its day where they are on file."""
        if kind == "Government of":
            return self.state_force("government", country, on_date) or self.generic(kind, country)
        return self.generic(kind, country)

    def state_force(self, kind: str, country: str, on_date: Day = None) -> str | None:
        """The name of the "military", "police" or "government" of a country on a day, with the years of its regime.

        None where the regime of that day is not on file: then `candidates` lists what is, and the coder decides.
        Raises `UsageError` for another kind or for a text that is not a date.
        """
        country = self._regimes.ruler(country)
        day = _day(on_date)
        _check_kind(kind)
        # on the day of a coup the government that is overthrown is still the old one
        regime = (self._regimes.deposed(country, day) if kind == "government" else None) or self._regimes.on(country, day)
        return None if regime is None else str(StateForce(kind, self._regimes.named(country), regime.since_year, regime.until_year))

    def candidates(self, kind: str, country: str) -> list[str]:
        """All names of those state forces that are on file for a country, latest first; [] if none are."""
        _check_kind(kind)
        country = self._regimes.ruler(country)
        return [str(StateForce(kind, self._regimes.named(country), r.since_year, r.until_year)) for r in reversed(self._regimes.all(country))]

    # -- asking about names

    def resolve(self, name: str, *, country: str | None = None, on_date: Day = None) -> str | None:
        """The registered spelling of an actor known as `name` on that day in that country; None if unknown or if several are meant.

        Knows acronyms, aliases, other case and accents, other words for the same generic actor, and other years of the same regime
        ("Military Forces of Nigeria (1993-1998)" and "(1993-1999)" are one regime under two names).
        """
        day = _day(on_date)
        force = parse_state_force(name)
        if force is not None and (dated := self._resolve_force(force, day)) is not None:
            return dated
        generic = split_generic(name)
        if generic is not None and (form := self._form(generic[0])) is not None:
            where = INTERNATIONAL if fold(generic[1]) == fold(INTERNATIONAL) else self.countries.country(generic[1])
            if where is not None and "{regime}" not in form:
                return form.format(country=where)
        found = self.choose(self._by_key.get(fold(name), []), country, day)
        return self.name_on(found, day) if found is not None else None

    def known(self, name: str) -> bool:
        """Whether `name` is written exactly as the register or the grammar would write it, on some day (aliases are not: see `resolve`)."""
        if self.get(name) is not None:
            return True
        force = parse_state_force(name)
        if force is not None:
            regimes = self._regimes.all(force.country)
            if str(replace(force, country=self._regimes.named(force.country))) != name or self.countries.country(force.country) != force.country:
                return False
            return not regimes or any((force.since, force.until) in ((r.since_year, r.until_year), (r.since_year, None)) for r in regimes)
        generic = split_generic(name)
        if generic is None or (generic[1] != INTERNATIONAL and generic[1] not in self._codebook.lists["countries"].codes):
            return False
        return generic[0] in self._heads or generic[0] in self._groups or generic[0].endswith(_FOLK) or self._tail(generic[0]) is not None

    def inter_of(self, name: str, *, country: str | None = None, on_date: Day = None) -> str | None:
        """The class (a code of the list `inter`) of an actor in an event in `country`; None if the name does not tell.

        State forces count as at home when no country is given. Associated groups ("Women (Iran)") have no class of their own.
        """
        force = parse_state_force(name)
        if force is not None and self.countries.country(force.country) is not None:
            return self.force_class(force.country, country)
        generic = split_generic(name)
        if generic is not None and generic[0] in self._heads:
            return self._heads[generic[0]]
        actor = self.get(name) or self.choose(self._by_key.get(fold(name), []), country, _day(on_date))
        if actor is not None:
            if actor.inter == self._at_home and actor.countries and country is not None and country != actor.countries[0]:
                return self._abroad
            return actor.inter
        return None if generic is None else self._tail(generic[0])

    def complete(self, prefix: str, limit: int = 10, *, country: str | None = None) -> list[str]:
        """Names for a prompt: those that begin with `prefix` (all registered ones for ""), then those with a word or an alias that does.

        With `country` its own forces and generic actors are offered too, and its groups come first.
        """
        key = fold(prefix)
        first, then = [], []
        for name in self._offered(prefix, country):
            folded = fold(name)
            if folded.startswith(key):
                first.append(name)
            elif f" {key}" in folded:
                then.append(name)
        for actor in sorted(self._actors.values(), key=lambda a: (country not in a.countries, a.name)):
            # a former name is offered as itself: an event of its days bears it
            first += [p.name for p in actor.named if p.name != actor.name and fold(p.name).startswith(key)] if key else []
            names = (actor.name, actor.acronym, split_acronym(actor.name)[1])
            if any(fold(n).startswith(key) for n in names if n):
                first.append(actor.name)
            elif any(f" {key}" in f" {fold(n)}" for n in (actor.name, *actor.aliases, *actor.local_aliases)):
                then.append(actor.name)
        return list(dict.fromkeys((*first, *then)))[:limit]

    def suggest(self, name: str, *, limit: int = 5) -> list[str]:
        """Registered actors whose name or an alias is spelt like `name`, the likest first. For misspellings, not for acronyms."""
        from rapidfuzz import fuzz, process  # not on the hot path

        found: dict[str, float] = {}
        for key, score, _ in process.extract(fold(name), list(self._by_key), scorer=fuzz.token_sort_ratio, limit=limit * 4, score_cutoff=60):
            for actor in self._by_key[key]:
                found[actor.name] = max(found.get(actor.name, 0.0), score)
        return sorted(found, key=lambda other: (-found[other], other))[:limit]

    def spelt_like(self, name: str, country: str | None, score: int) -> str | None:
        """The one actor, at home in `country` where that is given, whose name or an alias is spelt nearly like `name` (`score` of 100)."""
        from rapidfuzz import fuzz, process  # only for names that nobody registered

        keys = self._keys_in(country)
        found = process.extract(fold(name), keys, scorer=fuzz.ratio, limit=3, score_cutoff=score)
        names = {
            actor.name for key, _, _ in found for actor in self._by_key[key] if country is None or not actor.countries or country in actor.countries
        }
        return names.pop() if len(names) == 1 else None

    def _keys_in(self, country: str | None) -> list[str]:
        if country not in self._keys:
            self._keys[country] = [
                key for key, actors in self._by_key.items()
                if len(key) >= 7 and (country is None or any(not a.countries or country in a.countries for a in actors))
            ]  # fmt: skip
        return self._keys[country]

    def find(self, text: str, *, country: str | None = None, on_date: Day = None, countries: bool = False) -> list[ActorMatch]:
        """The actors named in running text, in order, not overlapping; the longest name wins.

        `country` and `on_date` are those of the event: they decide between bearers of one acronym, the years in names of state forces, and
        home or abroad. `actor` of a match is None where the text names a class but the register cannot say who ("security forces" of a
        country without regime on file); `candidates` then lists what it may be. Groups that nobody registered but whose words say what they are
        ("Free Sons of Kirkuk Brigade") come with kind "unknown". With `countries`, countries and nationalities that stand alone ("an Israeli
        strike", "Russia shelled") are given too, as the forces of that country and with kind "country".
        """
        return self._finder.find(text, country, _day(on_date), countries=countries)

    def presumed(self, country: str, on_date: Day, means: Sequence[str]) -> str | None:
        """Who is meant in a country at war where a text names no attacker: by `means` (air, shell, enemy) and day; None if nobody can be."""
        day = _day(on_date)
        for row in self._presumed.get(country, ()):
            since, until = edge(row["since"], last=False), edge(row["until"], last=True)
            if (
                day is not None
                and (since is None or since <= day)
                and (until is None or day <= until)
                and not set(means).isdisjoint(row["means"].split())
            ):
                force = parse_state_force(row["actor"])
                return (self._resolve_force(force, day) if force is not None else None) or row["actor"]
        return None

    # -- what the finder needs too

    def choose(self, actors: Sequence[Actor], country: str | None, day: date | None, text: str = "") -> Actor | None:
        """The one of several bearers of a name that fits country, day and the places that the text names; None if none or several do.

        Where several do, a bearer that is at home nowhere stands for all of them: "Islamic State" for its provinces.
        """
        alive = [actor for actor in actors if actor.active(day)]
        if country is not None:
            here = [actor for actor in alive if country in actor.countries]
            alive = here or [actor for actor in alive if not actor.countries] or alive
        else:
            alive = [actor for actor in alive if not actor.countries] or alive
        if len({actor.name for actor in alive}) == 1:
            return alive[0]
        near = [actor for actor in alive if any(area in text for area in actor.areas)]
        if len({actor.name for actor in near}) == 1:
            return near[0]
        umbrella = [actor for actor in actors if not actor.countries and actor.active(day)] if country is not None else []
        return umbrella[0] if len({actor.name for actor in umbrella}) == 1 else None

    def name_on(self, actor: Actor, day: date | None) -> str:
        """The name to store for a registered actor: that of the day; armies and police carry the years of its government where it is on file."""
        name = actor.name_on(day)
        force = parse_state_force(name)
        return (self._resolve_force(force, day) if force is not None else None) or name

    def force_class(self, home: str, country: str | None) -> str | None:
        """The class of state forces of `home` in an event in `country`; as at home when that is not known."""
        code = self.countries.country(home)
        return self._at_home if country is None or code == country or code == self._regimes.ruler(country) else self._abroad

    def _resolve_force(self, force: StateForce, day: date | None) -> str | None:
        country = self.countries.country(force.country)
        if country is None:
            return None
        regimes = self._regimes.all(country)
        regime = self._regimes.on(country, day) if day is not None else None
        if regime is None and force.since is not None:
            same = [r for r in regimes if r.since_year == force.since]
            regime = same[0] if len(same) == 1 else None
        if regime is None:
            return None
        return str(replace(force, country=self._regimes.named(country), since=regime.since_year, until=regime.until_year))

    def _form(self, kind: str) -> str | None:
        if kind.casefold() in self._forms:
            return self._forms[kind.casefold()][0]
        key = fold(kind)
        for head in self._heads:
            if fold(head) == key:
                return f"{head} ({{country}})"
        for code, form in self._groups.items():
            if fold(code) == key:
                return form
        return None

    def _tail(self, head: str) -> str | None:
        """The class of "Dinka Clan Militia": from the forms that begin with a star."""
        return next((label for form, label in self._tails.items() if head.endswith(form.split(" ({")[0][1:])), None)

    def _offered(self, prefix: str, country: str | None) -> Iterable[str]:
        """Generic names and state forces worth offering: of `country`, or of the countries that the prefix already names."""
        opened = prefix.rpartition("(")[2] if "(" in prefix else prefix.rpartition(" of ")[2] if " of " in prefix else ""
        if country is not None:
            countries = [country]
        else:
            countries = [c for c in self._codebook.lists["countries"].codes if opened and fold(c).startswith(fold(opened))]
        for where in countries:
            for kind, head in (("military", "Military Forces of"), ("police", "Police Forces of")):
                yield from self.candidates(kind, where) or [f"{head} {self._regimes.named(where)}"]
            for head in (*self._heads, *(code for code, form in self._groups.items() if "{regime}" not in form)):
                yield f"{head} ({where})"
        if not countries and prefix:
            yield from (f"{head} (" for head in self._heads)

    @cached_property
    def _by_key(self) -> dict[str, list[Actor]]:
        found: dict[str, list[Actor]] = {}
        for actor in self._actors.values():
            for key in {fold(n) for n in (*actor.names, *actor.surfaces, *actor.local_aliases)}:
                found.setdefault(key, []).append(actor)
        return found

    @cached_property
    def _finder(self) -> Finder:
        words = read_register(self._schema_dir, "actor_words.csv", "lexicon")
        return Finder(
            self, words, peoples_of(read_register(self._schema_dir, "peoples.csv")), read_register(self._schema_dir, "group_words.csv", "lexicon")
        )


@lru_cache(maxsize=8)
def _listed(data: bytes) -> tuple[Actor, ...]:
    """The actors of a register's file: a process that opens several projects makes them once."""
    return tuple(actor_of(row) for row in register_rows(data))


@lru_cache(maxsize=8)
def _regimes(data: bytes) -> Regimes:
    return Regimes(register_rows(data))


def _day(value: Day) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"'{value}' is not a date.", "Write YYYY-MM-DD.") from None


def _check_kind(kind: str) -> None:
    if kind not in ("military", "police", "government"):
        raise UsageError(f"There are no state forces of kind '{kind}'.", "Use 'military', 'police' or 'government'.")
