"""Who did what to whom, as the codebook names them: actor columns of a statement from the registry's finds and the roles around its main cue.

Demonstrators come first in demonstrations; civilians second in violence against civilians; a perpetrator whom the text leaves unnamed is the
codebook's Unidentified Armed Group. What the text does not support stays null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eventcoder.extraction.kit import Kit
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.roles import Person, is_passive, roles
from eventcoder.extraction.tokens import Tokens

_KIND_OF_INTER = {
    "State forces": "state", "Rebel group": "rebel", "Political militia": "militia", "Identity militia": "identity", "Rioters": "rioter",
    "Protesters": "protester", "Civilians": "civilian", "External/Other forces": "foreign",
}  # fmt: skip
_CLASS_OF_KIND = {
    "state": ("military", "State forces"), "rebel": ("armed_group", "Political militia"), "militia": ("armed_group", "Political militia"),
    "rioter": ("rioters", "Rioters"), "protester": ("protesters", "Protesters"),
    "civilian": ("civilians", "Civilians"), "people": ("civilians", "Civilians"),
    "civilian_site": ("civilians", "Civilians"),
}  # fmt: skip
DEMONSTRATIONS = ("Peaceful protest", "Protest with intervention", "Excessive force against protesters")
_ONE_SIDED = ("Attack", "Abduction/forced disappearance", "Sexual violence")
_HARM = frozenset({"KILL", "SHOT_DEAD", "SHOOT", "STAB", "BEAT", "ATTACK", "EXECUTE", "INJURE", "ASSASSINATE", "AMBUSH", "NEUTRALISE", "CLASH"})
_BOMBS = ("Remote explosive/landmine/IED", "Suicide bomb", "Grenade")
_ARMED = frozenset({"state", "rebel", "militia", "identity", "foreign"})


@dataclass(frozen=True, slots=True)
class Role:
    """One actor of a statement: the name to store, its class, the span that names it (None for a name by convention), the rule."""

    actor: str
    inter: str | None
    start: int | None
    end: int | None
    rule: str


@dataclass(slots=True)
class Cast:
    """The two sides and their associated groups."""

    first: Role | None = None
    second: Role | None = None
    groups_first: list[Role] = field(default_factory=list)
    groups_second: list[Role] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)


def found_actors(text: str, kit: Kit, country: str | None, day: str | None) -> list[Any]:
    """The registry's finds in a text for an event in `country` on `day`."""
    memory = kit.cache("actors")
    key = (text, country, day)
    if key not in memory:
        if len(memory) > 5_000:
            memory.clear()
        memory[key] = kit.actors.find(text, country=country, on_date=day)
    return list(memory[key])


def people_with_names(tokens: Tokens, generic: Sequence[Person], matches: Sequence[Any]) -> list[Person]:
    """Class words and registry finds as one list: a find that the registry can name, or that the class words do not know, wins."""
    named: list[Person] = []
    for match in matches:
        kind = _KIND_OF_INTER.get(match.inter or "")
        if kind is None:
            continue
        start, end = tokens.slice(match.start, match.end)
        if end > start:
            named.append(Person(start, end, kind, actor=match.actor, inter=match.inter, char_start=match.start, char_end=match.end))
    out = list(named)
    for person in generic:
        clash = next((n for n in named if n.start < person.end and person.start < n.end), None)
        if clash is None:
            out.append(person)
        elif person.kind.endswith("_site") and clash in out and person.end > clash.end:
            out.remove(clash)
            out.append(Person(person.start, person.end, person.kind, False, clash.actor, clash.inter, person.char_start, person.char_end))
        elif person.kind in _ARMED and clash.kind in ("civilian", "people") and clash in out and person.end - person.start > clash.end - clash.start:
            out.remove(clash)
            out.append(person)
        elif clash.actor is None and clash in out:
            out.remove(clash)
            out.append(Person(person.start, person.end, person.kind, person.counted, None, clash.inter, person.char_start, person.char_end))
    names = frozenset(tokens.at(m.start) for m in matches if m.kind == "named" and m.actor)
    return _of_a_group(tokens, sorted(out, key=lambda p: p.start), names)


def _of_a_group(tokens: Tokens, people: list[Person], named: frozenset[int]) -> list[Person]:
    """ "fighters of the Northern Front", "ADF militants": one actor, the named one. `named` are the first tokens of names."""
    out: list[Person] = []
    for person in people:
        last = out[-1] if out else None
        if last is not None and person.start in named and last.start not in named and last.kind in _ARMED and last.end < person.start <= last.end + 3:
            between = tokens.forms[last.end : person.start]
            if between and between[0] in ("of", "from") and all(f in ("of", "from", "the", "a", "former") for f in between):
                out.pop()
                person = replace(person, start=last.start)
                named = named | {last.start}
        elif last is not None and last.start in named and person.start == last.end and person.start not in named and person.kind in _ARMED:
            out[-1] = replace(last, end=person.end, char_end=person.char_end)
            continue
        out.append(person)
    return out


def cast(
    tokens: Tokens,
    hits: Sequence[Hit],
    people: Sequence[Person],
    matches: Sequence[Any],
    sub_event_type: str,
    country: str | None,
    day: str | None,
    kit: Kit,
    topic_from: int,
) -> Cast:
    """The actors of a statement of a known type. Offsets are those of the tokens' text."""
    out = Cast()
    if sub_event_type in DEMONSTRATIONS or sub_event_type == "Violent demonstration":
        _crowd_cast(tokens, people, matches, sub_event_type, country, kit, topic_from, out)
        return out
    main = _main_hit(hits, kit, sub_event_type)
    who, whom = roles(tokens, main, people) if main is not None else (None, None)
    for hit in hits:
        if main is not None and whom is None and hit is not main and hit.label in _HARM:
            agent, whom = roles(tokens, hit, people)
            if who is None and agent is not whom and hit.form != "n" and not is_passive(tokens, hit) and main.form != "n":
                who = agent
    if main is not None and who is None and not is_passive(tokens, main):
        who = next((p for p in people if p.kind in _ARMED and p.end <= main.start), None)
    if sub_event_type in ("Mob violence",):
        who = next((p for p in people if p.kind == "rioter"), who)
        if whom is who:
            whom = None
        out.first = (
            _named(who, country, day, kit, "rioters")
            if who is not None and who.kind == "rioter"
            else _generic("rioters", "Rioters", country, kit, "codebook:mob", who)
        )
        out.second = _named(whom, country, day, kit) if whom is not None and whom.kind in ("civilian", "people", "state", "rioter") else None
        _groups(out, matches, main, country)
        return out
    if sub_event_type in _ONE_SIDED:
        if whom is not None and whom.kind in _ARMED and who is not None and who.kind in ("civilian", "people"):
            who, whom = whom, who
        armed = (
            who
            if who is not None and (who.kind in _ARMED or who.actor) and who.kind not in ("civilian", "people", "civilian_site")
            else next((p for p in people if p.kind in _ARMED), None)
        )
        out.first = (
            _named(armed, country, day, kit)
            if armed is not None
            else _generic("armed_group", "Political militia", country, kit, "codebook:unnamed-perpetrator", None)
        )
        victim = (
            whom
            if whom is not None and whom.kind in ("civilian", "people", "civilian_site")
            else next((p for p in people if p.kind in ("civilian", "people")), None)
        )
        out.second = _generic("civilians", "Civilians", country, kit, "class:civilian", victim) if victim is not None or country else None
        _groups(out, matches, main, country)
        return out
    if who is whom and who is not None:
        who = None
    if (
        who is not None
        and who.kind in ("civilian", "people", "civilian_site")
        and sub_event_type in (*_BOMBS, "Air/drone strike", "Shelling/artillery/missile attack", "Armed clash", "Chemical weapon")
    ):
        who, whom = None, whom or who
    if who is None and sub_event_type not in _BOMBS:
        who = next((p for p in people if p.kind in _ARMED and p is not whom), None)
    if whom is None and who is not None and sub_event_type in ("Armed clash", "Government regains territory", "Non-state actor overtakes territory"):
        whom = next((p for p in people if p is not who and p.kind in (*_ARMED, "state_site", "rebel_site") and p.kind != who.kind), None)
    if whom is who:
        whom = None
    out.first = _named(who, country, day, kit) if who is not None else None
    out.second = _named(whom, country, day, kit) if whom is not None else None
    if out.first is None and sub_event_type in _BOMBS:
        out.first = _generic("armed_group", "Political militia", country, kit, "codebook:unnamed-perpetrator", None)
    if (
        (
            out.first is None
            and out.second is not None
            and sub_event_type not in ("Armed clash", "Air/drone strike", "Shelling/artillery/missile attack")
        )
        and who is None
        and out.second.inter != "Civilians"
    ):
        out.first, out.second = out.second, None
    if out.first is not None and out.second is not None and out.first.actor == out.second.actor and out.first.inter != "Identity militia":
        out.second = None
    _groups(out, matches, main, country)
    return out


def _main_hit(hits: Sequence[Hit], kit: Kit, sub_event_type: str) -> Hit | None:
    """The cue whose grammar tells the sides: one of the decided type if there is, verbs before nouns."""
    signals = kit.lexicon.signals
    opening = [h for h in hits if signals[h.label].opens == "yes"]
    opening = [h for h in opening if signals[h.label].sub_event_type == sub_event_type] or opening
    verbs = [h for h in opening if h.form in ("d", "s", "b")]
    pool = verbs or opening or list(hits)
    return max(pool, key=lambda h: (signals[h.label].weight * h.weight, -h.start), default=None)


def _crowd_cast(
    tokens: Tokens, people: Sequence[Person], matches: Sequence[Any], sub_event_type: str, country: str | None, kit: Kit, topic_from: int, out: Cast
) -> None:
    rioting = sub_event_type == "Violent demonstration"
    kind, inter = ("rioters", "Rioters") if rioting else ("protesters", "Protesters")
    crowd = next((p for p in people if p.kind in ("protester", "rioter", "crowd") and p.start < topic_from), None) or next(
        (p for p in people if p.kind in ("civilian", "people") and p.start < topic_from), None
    )
    out.first = _generic(kind, inter, country, kit, "codebook:demonstrators", crowd)
    limit = tokens.starts[topic_from] if topic_from < len(tokens) else len(tokens.text)
    for match in matches:
        if (
            match.group
            and match.start < limit
            and all(r.actor != match.group for r in out.groups_first)
            and match.kind not in ("police", "military", "security", "government")
        ):
            out.groups_first.append(Role(match.group, None, match.start, match.end, "registry:group"))
    if sub_event_type != "Peaceful protest":
        police = next((m for m in matches if m.kind in ("police", "military", "security") and (m.actor or m.candidates)), None)
        if police is not None:
            out.second = (
                Role(police.actor or police.candidates[0], police.inter, police.start, police.end, "registry:" + police.kind)
                if police.actor
                else None
            )
            if out.second is None:
                out.reasons["actor2"] = "several forces may be meant: " + ", ".join(police.candidates)


def _generic(kind: str, inter: str, country: str | None, kit: Kit, rule: str, person: Person | None) -> Role | None:
    if country is None:
        return None
    return Role(kit.actors.generic(kind, country), inter, person.char_start if person else None, person.char_end if person else None, rule)


def _named(person: Person, country: str | None, day: str | None, kit: Kit, _kind: str | None = None) -> Role | None:
    """The registry's name of a person or site, else the generic name of its class in the country."""
    if person.actor is not None and person.inter is not None:
        return Role(person.actor, person.inter, person.char_start, person.char_end, "registry")
    kind = person.kind.removesuffix("_site") if person.kind != "civilian_site" else person.kind
    if kind not in _CLASS_OF_KIND or country is None:
        return None
    name, inter = _CLASS_OF_KIND[kind]
    if kind == "state":
        actor = kit.actors.state_force(name, country, day)
        return Role(actor, inter, person.char_start, person.char_end, "class:state") if actor else None
    return Role(kit.actors.generic(name, country), inter, person.char_start, person.char_end, "class:" + kind)


def _groups(out: Cast, matches: Sequence[Any], main: Hit | None, country: str | None) -> None:
    """Associated groups go to the civilian side."""
    for match in matches:
        if not match.group:
            continue
        role = Role(match.group, None, match.start, match.end, "registry:group")
        side = (
            out.groups_second
            if out.second is not None and out.second.inter == "Civilians"
            else out.groups_first
            if out.first is not None and out.first.inter in ("Rioters", "Protesters", "Civilians")
            else None
        )
        if side is not None and all(r.actor != role.actor for r in side):
            side.append(role)
