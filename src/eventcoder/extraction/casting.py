"""The two sides of an event from all sentences that tell of it. Floor 5.

The first statement names its sides (`actors.cast`); where it leaves one unnamed, the sentences that go on with the event may name it ("Riot police
used rubber bullets", "Residents blamed Boko Haram"). "The attackers", "they", "the same group" mean the group of the event told before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventcoder.extraction.actors import Cast, Role, cast, found_actors, people_with_names
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.roles import speaks
from eventcoder.extraction.topics import topics
from eventcoder.extraction.word_sets import word_set

_REACH = 3  # sentences within which a side is named
_BACK = 5  # sentences within which "the attackers" are those told of before
_ARMED = ("Political militia", "Rebel group", "Identity militia")
_STATE = ("State forces", "External/Other forces")
_AGAIN = frozenset({"the", "they", "these", "those", "same", "their"})
_ATTACKERS = word_set("attackers")


def cast_event(reading: Reading, kind: str, country: str | None, day: str | None, kit: Kit, before: Sequence[Reading]) -> Cast:
    """The sides of an event of type `kind`, with offsets of the text; `before` are the events already cast, in order of the text."""
    made = _cast_of(reading, kind, country, day, kit)
    for other in reading.joined if kind != "Peaceful protest" else ():
        gap = other.statement.sentence.index - reading.statement.sentence.index
        if other.headline or not -1 <= gap <= _REACH or not _names_somebody(other, made):
            continue
        _fill(made, _cast_of(other, kind, country, day, kit), kind)
    if (made.first is None or _weak(made.first)) and _points_back(reading, made.first):
        known = _told_before(reading, before)
        if known is not None and (made.second is None or made.second.actor != known.actor):
            made.first = replace(known, rule="told before: " + known.rule)
    reading.first = made.first
    return made


def _cast_of(reading: Reading, kind: str, country: str | None, day: str | None, kit: Kit) -> Cast:
    statement = reading.statement
    tokens = statement.sentence.tokens
    matches = found_actors(statement.sentence.text, kit, country, day)
    people = people_with_names(tokens, statement.sentence.people, matches)
    within = [p for p in people if statement.holds(p.start) and not speaks(tokens, p.end, p.start)]
    inside = [m for m in matches if statement.holds(tokens.at(m.start)) and not speaks(tokens, tokens.at(m.end), tokens.at(m.start))]
    about = topics(tokens, statement.hits)
    made = cast(tokens, statement.hits, within, inside, kind, country, day, kit, about[0][0] if about else len(tokens))
    offset = statement.sentence.offset
    made.first, made.second = _moved(made.first, offset), _moved(made.second, offset)
    made.groups_first = [r for r in (_moved(g, offset) for g in made.groups_first) if r is not None]
    made.groups_second = [r for r in (_moved(g, offset) for g in made.groups_second) if r is not None]
    return made


def _moved(role: Role | None, offset: int) -> Role | None:
    if role is None or role.start is None or role.end is None:
        return role
    return replace(role, start=role.start + offset, end=role.end + offset)


def _names_somebody(reading: Reading, made: Cast) -> bool:
    """A quick look: does a side lack a name that this statement may give, by an armed class of people or by a name?"""
    if not _open(made.first) and not _open(made.second):
        return False
    sentence = reading.statement.sentence
    if any(p.kind not in ("people", "civilian", "civilian_site") for p in sentence.people):
        return True
    return _open(made.first) and any(f[:1].isupper() for f in sentence.text.split()[1:])


def _open(role: Role | None) -> bool:
    """May another sentence name this side better?"""
    return role is None or _weak(role)


def _weak(role: Role) -> bool:
    """A side that is there by convention only, or an unnamed armed group."""
    return role.start is None or role.actor.startswith("Unidentified Armed Group")


def _fill(made: Cast, told: Cast, kind: str) -> None:
    first, second = told.first, told.second
    if kind in ("Armed clash", *_TERRITORY) and first is not None and _better(made.second, first) and not _side_of(made.first, first):
        # "three militants were shot dead by troops" after "militants attacked a post": the sides may be told the other way round
        second, first = (first, second) if second is None or _weak(second) else (second, first)
    if first is not None and _better(made.first, first) and not _side_of(made.second, first):
        made.first = replace(first, rule=first.rule + ":told on")
    if second is not None and _better(made.second, second) and not _side_of(made.first, second):
        made.second = replace(second, rule=second.rule + ":told on")
    if told.groups_first and not made.groups_first:
        made.groups_first = told.groups_first


_TERRITORY = ("Government regains territory", "Non-state actor overtakes territory")


def _better(old: Role | None, new: Role) -> bool:
    """Is the new name more than the old one? An unnamed group never replaces anything; nor do the police who came afterwards one."""
    if new.start is None or (old is not None and not _weak(old)):
        return False
    if old is None:
        return True
    if old.inter == new.inter:
        return not _weak(new) and (old.start is None or new.actor != old.actor)
    return not _weak(new) and old.inter in _ARMED and new.inter in _ARMED


def _side_of(other: Role | None, role: Role) -> bool:
    """Does the name stand on the other side already?"""
    return other is not None and (other.actor == role.actor or (other.inter in _STATE and role.inter == other.inter))


def _points_back(reading: Reading, first: Role | None) -> bool:
    """ "The attackers then stormed ...", "They also raided ...", "The same group ..." """
    statement = reading.statement
    tokens = statement.sentence.tokens
    begin = statement.pieces[0].start
    opening = tokens.forms[begin : begin + 5]
    if first is not None and first.start is not None:
        at = tokens.at(first.start - statement.sentence.offset)
        return not {"the", "these", "those", "same"}.isdisjoint(tokens.forms[max(0, at - 2) : at])
    return bool(opening) and (opening[0] == "they" or (opening[0] in _AGAIN and not _ATTACKERS.isdisjoint(opening[1:4])))


def _told_before(reading: Reading, before: Sequence[Reading]) -> Role | None:
    """The armed group that acted in the event told last before."""
    index = reading.statement.sentence.index
    for other in reversed(before):
        last = max(r.statement.sentence.index for r in (other, *other.joined) if not r.headline) if other.joined else other.statement.sentence.index
        if not 0 <= index - last <= _BACK:
            continue
        role = other.first
        return role if role is not None and role.inter in _ARMED and not _weak(role) else None
    return None
