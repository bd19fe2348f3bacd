"""Where a statement says that its event happened: the places and the country that its own words name. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.extraction.geography import Mention
from eventcoder.extraction.mentions import Statement, telling_clauses
from eventcoder.extraction.scene import Scene
from eventcoder.extraction.sources import of_source
from eventcoder.extraction.topics import topics


def places_of(statement: Statement, scene: Scene, about: Sequence[tuple[int, int]]) -> list[Mention]:
    """Settled or candidate places of the statement in context of place, best tier of preposition only, outside topics first."""
    offset = statement.sentence.offset
    inside = [
        m for m in scene.between(offset, offset + len(statement.sentence.text))
        if not m.country_only and not m.excluded and not m.dateline and m.context != "none"
        and statement.holds(statement.sentence.tokens.at(m.start - offset))
    ]  # fmt: skip
    for piece in statement.pieces:
        if piece.kind == "relative" and statement.sentence.tokens.forms[piece.start] == "where":
            # "the unrest reached Huambo, where demonstrators burned tyres": the place right before the clause is its own.
            at = offset + statement.sentence.tokens.starts[piece.start]
            inside += [m for m in scene.between(offset, at) if 0 <= at - m.end <= 3 and not m.country_only and not m.excluded and m not in inside]
    parents = {id(m.parent) for m in inside if m.parent is not None}
    heads = [m for m in inside if id(m) not in parents]
    # "according to an elder in Dhusamareb", "a spokesperson in Maputo said", "taken to hospital in Kano": where somebody spoke or was brought.
    heads = [m for m in heads if not of_source(statement.sentence.tokens, statement.sentence.tokens.at(m.start - offset))]
    if clauses := telling_clauses(statement):
        inner = {m.start for m in heads if any(p.start <= statement.sentence.tokens.at(m.start - offset) < p.end for p in clauses)}
        heads = [m for m in heads if m.start in inner] or heads
    free = [m for m in heads if not any(a <= m.start - offset < b for a, b in about)] or heads
    free = _no_topic(statement, free)
    free = _no_home(statement, free)
    if not free and statement.pieces[0].start == 0:
        return [m for m in scene.head_of_item(offset) if m.start >= offset]
    tier = {m.start: _tier(m) for m in free}
    best = min(tier.values(), default=9)
    chosen = [
        m for m in free if tier[m.start] == best and not (best == 2 and m.best is None and m.preposition in ("from", "to", "towards", "toward"))
    ]
    # "on the road from A to B": the other end is no place of the event, but a candidate.
    ends = [m for m in free if m not in chosen and any(c.context == "near" and _joins(c, m) for c in chosen)]
    return chosen + ends


def _no_topic(statement: Statement, places: list[Mention]) -> list[Mention]:
    """ "took to the streets of Khartoum to denounce violence in Blue Nile": what a crowd speaks of stands behind where it stood."""
    if len(places) < 2:
        return places
    tokens, offset = statement.sentence.tokens, statement.sentence.offset
    about = [(tokens.starts[a], tokens.ends[b - 1]) for a, b in topics(tokens, statement.hits)]
    stood = [m for m in places if not any(a <= m.start - offset < b for a, b in about)]
    if not stood or len(stood) == len(places) or min(m.start for m in stood) - offset > about[0][0] or not any(_tier(m) <= 1 for m in stood):
        return places
    return stood


def _no_home(statement: Statement, places: list[Mention]) -> list[Mention]:
    """ "rebel factions in Daraa reached a deal in Bosra": where the people of the subject are at home is not where they acted."""
    if len(places) < 2:
        return places
    tokens, offset = statement.sentence.tokens, statement.sentence.offset
    verb = min((h.start for h in statement.hits), default=0)
    people = {person.end for person in statement.sentence.people}
    ends = people | {end + 1 for end in people if end < len(tokens) and tokens.forms[end].endswith("s")}  # "rebel factions"
    at = {id(m): tokens.at(m.start - offset) for m in places}
    home = [m for m in places if at[id(m)] < verb and tokens.forms[at[id(m)] - 1] in ("in", "from") and at[id(m)] - 1 in ends]
    acted = [m for m in places if at[id(m)] > verb and _tier(m) == 0]
    return [m for m in places if m not in home] if home and acted else places


def _joins(one: Mention, two: Mention) -> bool:
    return one.end < two.start and two.preposition in ("to", "towards", "toward") and two.start - one.end <= 10


def _tier(mention: Mention) -> int:
    if mention.context in ("town", "near", "admin", "sub"):
        return 0
    return (
        0
        if mention.preposition in ("in", "at", "inside", "within", "across", "throughout", "into", "downtown")
        else 1
        if mention.preposition in ("on", "of", "over", "through")
        else 2
    )


def country_of(statement: Statement, scene: Scene, places: Sequence[Mention]) -> tuple[str | None, Mention | None]:
    """The country that the statement itself names as the place ("in Iran"); a nationality is none."""
    settled = {m.best.country for m in places if m.best is not None}
    if len(settled) == 1:
        return settled.pop(), None
    parents = {m.parent.country for m in places if m.parent is not None and m.parent.country_only}
    if len(parents) == 1:
        parent = next(m.parent for m in places if m.parent is not None and m.parent.country_only)
        return parent.country, parent
    divisions = {(p.country) for m in places if m.parent is not None and not m.parent.country_only for p, _ in m.parent.candidates[:1]}
    if len(divisions) == 1:
        return divisions.pop(), next(m.parent for m in places if m.parent is not None)
    offset = statement.sentence.offset
    for m in scene.between(offset, offset + len(statement.sentence.text)):
        if (
            m.country_only
            and not m.demonym
            and not m.excluded
            and not m.dateline
            and m.preposition_is_place
            and statement.holds(statement.sentence.tokens.at(m.start - offset))
        ):
            return m.country, m
    return None, None
