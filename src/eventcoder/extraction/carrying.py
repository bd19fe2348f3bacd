"""Where an event without a place of its own happened: the place told just before in its paragraph, the headline's, the text's only one. Floor 5.

Local papers and bulletins name the town once. A place is taken over only by an event with a day that names no place at all, never where the text
says "elsewhere" or that the place is not known, and never from a dateline. The rule says from where it came; the evidence shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventcoder.extraction.geography import Mention
from eventcoder.extraction.joining import same_again
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.scene import Scene
from eventcoder.extraction.status import dated

_APART = frozenset({"elsewhere", "somewhere", "unnamed", "undisclosed", "unspecified", "separately"})
_BULLETS = ("-", "–", "—", "•", "*", "▪", "►")
_BACK = 6  # sentences of the paragraph that are looked back


def take_over_places(events: list[Reading], scene: Scene, kit: Kit) -> list[Reading]:
    """Place the dated events that name no place; those that thereby prove to be told before are joined. Returns the events that remain."""
    out: list[Reading] = []
    for reading in events:
        if _open(reading):
            found = _place(reading, out, scene)
            if found is not None:
                mention, rule = found
                reading.places, reading.place_rule = [mention], rule
                reading.judged = dated(reading.statement, reading.when, True, reading.published, kit.settings.window_days)
                host = next((h for h in reversed(out[-12:]) if same_again(h, reading)), None)
                if host is not None:
                    host.joined.append(reading)
                    host.joined.extend(reading.joined)
                    continue
        out.append(reading)
    return out


def _open(reading: Reading) -> bool:
    if reading.judged.status != "lead" or not reading.dated or reading.settled_places or reading.named_places or reading.country_mention is not None:
        return False
    assert reading.when is not None
    return reading.when.precision is not None and _APART.isdisjoint(reading.statement.sentence.tokens.forms)


def _place(reading: Reading, before: Sequence[Reading], scene: Scene) -> tuple[Mention, str] | None:
    sentence = reading.statement.sentence
    start = sentence.offset + reading.statement.start
    paragraph = scene.paragraph(sentence.offset)
    for host in reversed(before[-4:]):
        told = (host, *host.joined)[-1].statement.sentence
        if told.offset < paragraph or sentence.index - told.index > _BACK:
            break
        if len(host.settled_places) == 1:
            return host.settled_places[0], "continued:event"
        if not host.settled_places and host.named_places:
            return host.named_places[0], "continued:event"
    beside = scene.between(paragraph, start)
    near = [m for m in beside if id(m) in scene.town_ids]
    if near:
        tight = [m for m in near if m.context != "near"] or near
        return tight[-1], "continued:paragraph"
    later = [m for m in scene.between(start, sentence.offset + len(sentence.text)) if m.excluded == "organisation" and _venue(m)]
    if later:
        return replace(later[0], excluded=None, context="in"), "continued:venue"
    for host in reversed(before[-3:]):
        # One town in the headline and in the paragraph before: the news goes on there.
        if len(host.settled_places) == 1 and scene.in_headline(host.settled_places[0]):
            return host.settled_places[0], "continued:headline"
    head = [m for m in scene.between(0, scene.headline_end) if m.best is not None and m.best.kind != "country" and not m.excluded]
    if len({m.best.gazetteer_id for m in head if m.best is not None}) == 1:
        return head[0], "continued:headline"
    if scene.text[paragraph : paragraph + 3].lstrip()[:1] in _BULLETS:
        return None  # every item of a list tells of its own place
    towns = {m.best.gazetteer_id: m for m in reversed(scene.towns) if m.best is not None}
    if len(towns) == 1:
        return next(iter(towns.values())), "continued:text"
    return None


def _venue(m: Mention) -> bool:
    """ "outside the Peshawar Press Club": the building's town, where a preposition of place stands before its name."""
    if not m.candidates or m.country_only or m.candidates[0][1] < 0.55 or m.candidates[0][0].kind == "country":
        return False
    return m.preposition in ("in", "at", "outside", "near", "inside", "around")
