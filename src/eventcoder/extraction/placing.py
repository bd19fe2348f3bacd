"""Which of the places of a statement are its event's: a list of towns, a point between two, the town rather than its region, the nearest. Floor 5."""

from __future__ import annotations

import itertools
from dataclasses import replace

from eventcoder.extraction.geography import Mention
from eventcoder.extraction.place_patterns import ROAD
from eventcoder.extraction.reading import Reading


def finest(places: list[Mention]) -> list[Mention]:
    """ "in Jiribam district ... at Borobekra village": the towns, where there are some, else the regions."""
    towns = [m for m in places if m.within or (m.best is not None and m.best.kind not in ("admin1", "admin2", "region"))]
    return towns or places


def town_within(reading: Reading) -> Mention | None:
    """ "in Nyaung Hla village" beside "In Sagaing Region": the town goes before its region, by its likeliest reading there or by its bare name."""
    named = next(iter(reading.named_places), None)
    region = reading.settled_places[0]
    if named is None or region.best is None or named.context not in ("town", "in", "near"):
        return None
    inside = [(p, s) for p, s in named.candidates if p.country == region.best.country and (not region.best.admin1 or p.admin1 == region.best.admin1)]
    return replace(named, candidates=[(inside[0][0], 1.0)] if inside else [], parent=named.parent or region)


def between(text: str, mentions: list[Mention]) -> Mention | None:
    """A point between two places ("between A and B", "from A to B", "on the A-B road") lies near the first; None if the places are told otherwise."""
    if len(mentions) != 2:
        return None
    one, two = sorted(mentions, key=lambda m: m.start)
    gap = text[one.end : two.start].strip().lower()
    if (
        (one.preposition == "between" and gap in ("and", "&"))
        or ((one.preposition == "from" or one.context == "near") and gap in ("to", "towards", "toward"))
        or (gap in ("-", "–", "—") and ROAD.match(text, two.end))
    ):
        return one if one.context == "near" else replace(one, context="near")
    return None


def listed(text: str, mentions: list[Mention]) -> bool:
    """Are the places a list ("in Kano, Kaduna and Zaria")?"""
    ordered = sorted(mentions, key=lambda m: m.start)
    for one, two in itertools.pairwise(ordered):
        gap = text[one.end : two.start].strip()
        if gap.lower() not in (
            ",",
            "and",
            ", and",
            "and in",
            ", and in",
            "&",
            "as well as",
            "and the city of",
            ", in",
        ) and not gap.lower().startswith(("and in", "and near")):
            return False
    return True


def nearest(reading: Reading, mentions: list[Mention]) -> Mention | None:
    """Of several places that are no list, the one right after the first cue; None when two stand equally near (the coder chooses)."""
    statement = reading.statement
    if not statement.hits:
        return None
    cue = statement.sentence.offset + statement.sentence.tokens.ends[statement.hits[0].end - 1]
    ranked = sorted(mentions, key=lambda m: (abs(m.start - cue), m.start))
    first, second = ranked[0], ranked[1]
    return first if abs(second.start - cue) - abs(first.start - cue) >= 15 else None
