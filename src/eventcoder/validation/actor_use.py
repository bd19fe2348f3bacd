"""Actors over the whole dataset: one name one class, one actor one name, and nobody before its time or in another part of the world. Floor 4.

Told once an actor (or pair of names) with the number of events, save for the days outside an actor's time, which are told event by event. What
the team registered itself is a warning; the packaged register was written by others from general knowledge and only gives hints (info).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.actors.grammar import parse_state_force
from eventcoder.names import fold
from eventcoder.problem import Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.actors import ActorRegistry
    from eventcoder.codebook import Codebook
    from eventcoder.problem import Severity

ACTORS: tuple[tuple[str, Severity], ...] = (
    ("actors-nearly-alike", "warning"),
    ("actor-of-several-classes", "warning"),
    ("actor-class-differs", "warning"),
    ("actor-outside-its-time", "warning"),
    ("actor-in-another-region", "warning"),
)
FORM = "actor-form"  # the rule that knows names by their form alone
_NEEDED = ("event_id", "event_date", "country", "actor1", "inter1", "actor2", "inter2")
TIMES_AS_OFTEN = 8  # a slip is rare beside the right spelling; two real groups with nearly one name are about as common
LONG_WORD = 6  # letters: shorter words (Mayo, Mahi) differ by a letter and mean something else
_YEARS = re.compile(r"\((\d{4})\s*-\s*(\d{4})?\)")


@dataclass(frozen=True, slots=True)
class Use:
    """How often an actor stands in a class in a country (`inter` None: as associate), and one of these events."""

    actor: str
    inter: str | None
    country: str | None
    events: int
    event_id: str | None


def without_registered(problems: Iterable[Problem], register: ActorRegistry) -> Iterator[Problem]:
    """All but the hints on the form of names that the register has: it is the register that says how they are written."""
    known: dict[str, bool] = {}
    for problem in problems:
        if problem.code == FORM and isinstance(problem.value, str):
            name = problem.value
            if name not in known:
                known[name] = register.known(name)
            if known[name]:
                continue
        yield problem


def actor_problems(events: pa.Table, codebook: Codebook, register: ActorRegistry, *, own: Collection[str] = ()) -> list[Problem]:
    """What the events' actors say against each other and against the register; `own` are the names that the team registered itself."""
    if not set(_NEEDED) <= set(events.column_names):
        return []
    from eventcoder.codebook.duck import connect

    lists = [name for name in ("assoc_actor_1", "assoc_actor_2") if name in events.column_names]
    con = connect()
    try:
        con.register("events", events.select([*_NEEDED, *lists]))
        sides = [f"SELECT actor{n} AS actor, inter{n} AS inter, country, event_id FROM events" for n in (1, 2)]
        sides += [f"SELECT unnest({name}), NULL, country, event_id FROM events WHERE len({name}) > 0" for name in lists]
        rows = con.execute(
            f"""SELECT actor, inter, country, count(*), min(event_id) FROM ({" UNION ALL ".join(sides)})
            WHERE actor <> '' GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
        uses = [Use(*row) for row in rows]
        found = [
            *_alike(uses, register),
            *_misspelt(uses, codebook, register),
            *_classes(uses, codebook, register),
            *_against(uses, codebook, register, frozenset(own)),
        ]
        return [*found, *_untimely(con, uses, register, frozenset(own))]
    finally:
        con.close()


def _alike(uses: list[Use], register: ActorRegistry) -> Iterator[Problem]:
    """Names that differ in case, spacing, punctuation or the last year alone (T21), the rarer against the most used one. Where both stand in the
    register they are two on purpose."""
    registered = {name for actor in register.actors for name in actor.names}
    counts: Counter[str] = Counter()
    example: dict[str, str | None] = {}
    for use in uses:
        counts[use.actor] += use.events
        example.setdefault(use.actor, use.event_id)
    groups: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        key = fold(_YEARS.sub(r"(\1-)", name)).replace(" ", "")
        if key:
            groups[key].append(name)
    for names in groups.values():
        first, *others = sorted(names, key=lambda name: (-counts[name], name))
        for name in sorted(others):
            if name in registered and first in registered:
                continue
            same_but_years = fold(_YEARS.sub("", name)) == fold(_YEARS.sub("", first))
            what = "the last year" if same_but_years and _YEARS.findall(name) != _YEARS.findall(first) else "case, spacing or punctuation"
            said = (
                f"'{name}' ({_events(counts[name])}) and '{first}' ({_events(counts[first])}) differ in {what} alone and are counted as two actors."
                " Use one of the names ('eventcoder amend --where'), or register the difference."
            )
            yield Problem("actors-nearly-alike", said, "warning", example[name], "actor1", name)


def _misspelt(uses: list[Use], codebook: Codebook, register: ActorRegistry) -> Iterator[Problem]:
    """Rare names that are one letter off a common one ('Northen' for 'Northern'); names of countries, years and registered names are no slips."""
    counts: Counter[str] = Counter()
    example: dict[str, str | None] = {}
    for use in uses:
        counts[use.actor] += use.events
        example.setdefault(use.actor, use.event_id)
    countries = {word for code in codebook.lists["countries"].codes for word in fold(code).split()}
    registered = {name for actor in register.actors for name in actor.names}
    common: dict[str, list[str]] = defaultdict(list)  # a word less one letter, with the rest of the name -> common names that give it
    for name, count in counts.items():
        if count >= TIMES_AS_OFTEN:
            for key in _less_a_letter(name):
                common[key].append(name)
    for name in sorted(counts):
        if name in registered or parse_state_force(name) is not None:
            continue
        near = {other for key in _less_a_letter(name) for other in common.get(key, ()) if counts[other] >= TIMES_AS_OFTEN * counts[name]}
        for other in sorted(near - {name}):
            pair = [(a, b) for a, b in zip(fold(name).split(), fold(other).split(), strict=False) if a != b]
            if len(pair) == 1 and not {*pair[0]} <= countries and not any(char.isdigit() for word in pair[0] for char in word):
                said = (
                    f"'{name}' ({_events(counts[name])}) is one letter off '{other}' ({_events(counts[other])}) and is counted as another actor."
                    " Mend the spelling ('eventcoder amend --where'), or register the rarer one ('eventcoder actors add')."
                )
                yield Problem("actors-nearly-alike", said, "warning", example[name], "actor1", name)
                break


def _less_a_letter(name: str) -> Iterator[str]:
    """The name with one letter taken out of one of its longer words, for each letter: two names one letter apart share one of these."""
    words = fold(name).split()
    for at, word in enumerate(words):
        if len(word) >= LONG_WORD:
            before, after = " ".join(words[:at]), " ".join(words[at + 1 :])
            for cut in range(len(word)):
                yield f"{before}|{word[:cut]}{word[cut + 1 :]}|{after}"
            yield f"{before}|{word}|{after}"


def _classes(uses: list[Use], codebook: Codebook, register: ActorRegistry) -> Iterator[Problem]:
    _, abroad = _state_classes(codebook)
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    example: dict[tuple[str, str], str | None] = {}
    for use in uses:
        if use.inter:
            classes[use.actor][use.inter] += use.events
            example.setdefault((use.actor, use.inter), use.event_id)
    registered = {name: actor.inter for actor in register.actors for name in actor.names}
    for actor, counted in sorted(classes.items()):
        # forces are of one class at home and of another abroad; generic actors have rules of their own
        inside = Counter({inter: n for inter, n in counted.items() if inter != abroad})
        if len(inside) < 2 or parse_state_force(actor) is not None or (actor not in registered and register.inter_of(actor) is not None):
            continue
        ordered = sorted(inside.items(), key=lambda item: (-item[1], item[0]))
        told = ", ".join(f"{inter} ({_events(n)})" for inter, n in ordered)
        said = f"{actor} stands as {told}. Decide on its class and register it ('eventcoder actors'), or give the two their own names."
        if inter := registered.get(actor):
            said = (
                f"{actor} stands as {told}; the register says {inter}. Correct the class of the others, or of the register "
                "('eventcoder actors change'), or give the two their own names."
            )
        yield Problem("actor-of-several-classes", said, "warning", example[actor, ordered[-1][0]], "inter1", actor)


def _against(uses: list[Use], codebook: Codebook, register: ActorRegistry, own: frozenset[str]) -> Iterator[Problem]:
    """Classes and countries of registered actors."""
    known = {name: actor for actor in register.actors for name in actor.names}
    home, abroad = _state_classes(codebook)
    listed = codebook.lists["countries"]
    region = {code: listed.attribute(code, "region") for code in listed.codes}
    classes: dict[tuple[str, str, str], list[Any]] = {}
    places: dict[tuple[str, str], list[Any]] = {}
    for use in uses:
        actor = known.get(use.actor)
        if actor is None or parse_state_force(use.actor) is not None:
            continue
        if use.inter and actor.inter and use.inter != actor.inter and not (use.inter == abroad and use.country not in actor.countries[:1]):
            seen = classes.setdefault((use.actor, use.inter, actor.inter), [0, use.event_id])
            seen[0] += use.events
        regions = {region.get(country) for country in actor.countries}
        if use.country and actor.countries and region.get(use.country) not in regions | {None} and home != actor.inter and abroad != actor.inter:
            seen = places.setdefault((use.actor, use.country), [0, use.event_id])
            seen[0] += use.events
    for (name, used, given), (count, event_id) in sorted(classes.items()):
        said = f"{name} is registered as {given} and stands as {used} in {_events(count)}. Correct the class of the events, or of the register."
        yield Problem("actor-class-differs", said, _severity(name, own), event_id, "inter1", used)
    for (name, country), (count, event_id) in sorted(places.items()):
        at_home = " and ".join(known[name].countries[:3])
        said = f"{name} is registered for {at_home} and stands in {_events(count)} in {country}. Check actor and country, or register it for both."
        yield Problem("actor-in-another-region", said, _severity(name, own), event_id, "country", country)


def _untimely(con: Any, uses: list[Use], register: ActorRegistry, own: frozenset[str]) -> Iterator[Problem]:
    import pyarrow as pa

    used = {use.actor for use in uses}
    dated: dict[str, list[date]] = {}  # a name -> the first and the last day of it
    for actor in register.actors:
        for name, since, until in ((p.name, p.since or date.min, p.until or date.max) for p in actor.periods):
            if name in used and (since, until) != (date.min, date.max) and not _YEARS.search(name):
                first, last = dated.get(name, (since, until))
                dated[name] = [min(first, since), max(last, until)]
    if not dated:
        return
    con.register(
        "dated",
        pa.table({
            "actor": pa.array(list(dated), pa.string()),
            "since": pa.array([since for since, _ in dated.values()], pa.date32()),
            "until": pa.array([until for _, until in dated.values()], pa.date32()),
        }),
    )  # fmt: skip
    sides = " UNION ALL ".join(
        f"SELECT event_id, 'actor{n}' AS field, actor{n} AS actor, TRY_CAST(event_date AS DATE) AS day FROM events" for n in (1, 2)
    )
    rows = con.execute(
        f"SELECT event_id, field, actor, day FROM ({sides}) JOIN dated USING (actor) WHERE day < since OR day > until ORDER BY ALL"
    ).fetchall()
    for event_id, field, name, day in rows:
        first, last = dated[name]
        when = f"from {first}" if first > date.min else ""
        when += f"{' ' if when else ''}until {last}" if last < date.max else ""
        said = f"{name} is registered {when}, and the event is of {day}. Take the name of that day, correct the date, or correct the register."
        yield Problem("actor-outside-its-time", said, _severity(name, own), event_id, field, name)


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count} events"


def _severity(name: str, own: frozenset[str]) -> Severity:
    return "warning" if name in own else "info"


def _state_classes(codebook: Codebook) -> tuple[str | None, str | None]:
    """The classes of state forces at home and abroad."""
    inter = codebook.lists["inter"]
    numbered = {inter.attribute(code, "number"): code for code in inter.codes}
    return numbered.get("1"), numbered.get("8")
