"""Statements of the same event inside one document become one reading with more evidence.

Same family of types, days that overlap (or none told), the same place (or none told). A statement that tells no day and no place of its own
belongs to the nearest such event before it. Sums, talk and plans are never joined to events.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from eventcoder.extraction.dates import Resolved
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.typing import DEMO_SIGNALS

_FAMILIES = {
    "Peaceful protest": "demo", "Protest with intervention": "demo", "Excessive force against protesters": "demo", "Violent demonstration": "demo",
    "Mob violence": "mob",
}  # fmt: skip
_STRATEGIC = frozenset({
    "Agreement", "Arrests", "Change to group/activity", "Disrupted weapons use", "Headquarters or base established", "Looting/property destruction",
    "Non-violent transfer of territory", "Other",
})  # fmt: skip
_NEAR = 4  # sentences
# Types that a dated telling shares with no other: who was abducted on Friday is not who clashed with rivals on Saturday.
_SPECIAL = frozenset({"Abduction/forced disappearance", "Sexual violence", "Chemical weapon", "Air/drone strike", "Suicide bomb"})
_FIGHTS = frozenset({"CLASH", "BATTLE", "ATTACK_SITE", "AMBUSH", "SHOOT"})
_FIGURES = frozenset({"DEATH", "INJURE", "KILL", "SHOT_DEAD"})
_OUTCOMES = _FIGURES | {"BODY_FOUND", "ARREST", "DETAIN"}
# Types of which nobody dies, is hurt or held.
HARMLESS = frozenset({"Agreement", "Change to group/activity", "Headquarters or base established", "Non-violent transfer of territory", "Other"})
_FIGURES_REACH = 3  # sentences
_LOOK_BACK = 60  # events: bounds the work on a text without end
_RANK = {"Excessive force against protesters": 3, "Violent demonstration": 4, "Protest with intervention": 2, "Peaceful protest": 1}


def family(sub_event_type: str | None) -> str:
    """demo, mob, force, or the type itself for strategic developments."""
    if sub_event_type is None:
        return ""
    return _FAMILIES.get(sub_event_type) or (sub_event_type if sub_event_type in _STRATEGIC else "force")


def join(readings: Sequence[Reading]) -> list[Reading]:
    """The readings with later mentions of the same event folded into the first; mere names that belong to nothing are dropped."""
    out: list[Reading] = []
    for reading in readings:
        if reading.judged.status == "aggregate":
            out.append(reading)
            continue
        host = _nearest(out, reading) if only_figures(reading) else None
        if host is not None and not (host.judged.status in ("codable", "lead") and _harms(host)):
            host = None  # figures told right after a sum or a memory belong to it
            if not reading.mere_name:
                out.append(reading)
            continue
        host = host or next((h for h in islice(reversed(out), _LOOK_BACK) if _same(h, reading)), None)
        if host is not None and host is not out[-1] and _other_crowd(host, reading):
            host = None  # stones thrown belong to the crowd told last
        if host is not None and not host.joined and (not host.dated or _held_after(host, reading)) and reading.dated:
            # A headline or an opening without a day: the dated statement is the one to show.
            _fold(reading, host)
            out[out.index(host)] = reading
        elif host is not None:
            _fold(host, reading)
        elif not reading.mere_name:
            out.append(reading)
    return out


def _other_crowd(host: Reading, reading: Reading) -> bool:
    kind = family(reading.typed.sub_event_type)
    return family(host.typed.sub_event_type) == "demo" and kind in ("mob", "Looting/property destruction") and not reading.places


def _held_after(host: Reading, reading: Reading) -> bool:
    """ "Police arrested nine people. The arrests followed a protest in Umlazi on Monday": the protest is the event."""
    return host.typed.sub_event_type == "Arrests" and family(reading.typed.sub_event_type) in ("demo", "mob") and bool(reading.places)


def held_for(events: list[Reading]) -> list[Reading]:
    """ "Police arrested 23 suspects. On Monday a crowd barricaded the highway ...": arrests that open a bulletin belong to the riot told next."""
    if len(events) < 2:
        return events
    arrests, crowd = events[0], events[1]
    if (
        arrests.typed.sub_event_type != "Arrests"
        or (arrests.dated and not (arrests.when is not None and arrests.when.spoken))
        or arrests.judged.status not in ("lead", "codable")
        or crowd.judged.status not in ("lead", "codable")
        or family(crowd.typed.sub_event_type) not in ("demo", "mob")
        or not 0 < crowd.statement.sentence.index - arrests.statement.sentence.index <= 2
        or (_ids(arrests) and _ids(crowd) and not _ids(arrests) & _ids(crowd) and not _inside(arrests, crowd))
    ):
        return events
    crowd.joined = [arrests, *arrests.joined, *crowd.joined]
    if not crowd.places and arrests.settled_places:
        crowd.places, crowd.place_rule = arrests.places, "continued:event"
    return events[1:]


def only_figures(reading: Reading) -> bool:
    """ "Three soldiers were killed, according to an elder", "Police made 29 arrests": people counted, without a day, a place or a deed of its own."""
    labels = {h.label for h in reading.statement.hits}
    if (
        not labels
        or not labels <= _OUTCOMES
        or reading.judged.status != "lead"
        or reading.separate
        or reading.statement.kind not in ("main", "clause")
    ):
        return False
    if (reading.dated and not _day_of_the_same(reading, labels)) or reading.settled_places or reading.named_places:
        return False
    return bool(reading.counts) or labels <= _FIGURES


def _day_of_the_same(reading: Reading, labels: set[str]) -> bool:
    """A day that contradicts none: of the talk, "an hour later", or "one of them died on Wednesday"."""
    if reading.when is None or reading.when.spoken or "same-day" in reading.when.rule:
        return True
    return labels == {"DEATH"} and not _HURT_BEFORE.isdisjoint(reading.statement.sentence.tokens.forms)


def _nearest(out: Sequence[Reading], reading: Reading) -> Reading | None:
    """The event told last before these figures, at most `_FIGURES_REACH` sentences before; None if none is near."""
    index = reading.statement.sentence.index
    best: tuple[int, Reading] | None = None
    for host in islice(reversed(out), _LOOK_BACK):
        last = max(r.statement.sentence.index for r in (host, *host.joined))
        if last <= index and index - last <= _FIGURES_REACH and (best is None or last > best[0]):
            best = (last, host)
    return best[1] if best is not None else None


def _harms(host: Reading) -> bool:
    """Can the event have these outcomes? No one dies of an agreement."""
    return host.typed.sub_event_type not in HARMLESS


_UNRULY = frozenset({"STONES", "VANDAL", "DEMOLISH", "BURN_TYRES", "BARRICADE", "RIOT", "CROWD_CONTROL", "DISPERSE", "CLASH_POLICE"})
_HURT_BEFORE = frozenset({"them", "wounded", "injured", "hospital", "injuries", "wounds"})


def _same(host: Reading, other: Reading) -> bool:
    if host.judged.status == "aggregate" or other.separate:
        return False
    one, two = family(host.typed.sub_event_type), family(other.typed.sub_event_type)
    follow_up = not other.dated and not other.places and _follows(host, other)
    told_on = _told_on(host, other)
    if one != two and not (told_on or (follow_up and (_outcome(host, other, one, two) or _only_points_back(other)))):
        return False
    if other.dated and not _only_points_back(other) and len({host.typed.sub_event_type, other.typed.sub_event_type} & _SPECIAL) == 1:
        return False
    if told_on and _went_on(other):
        return True
    if host.dated and other.dated and not _days_of_talk(host, other):
        assert host.when is not None and other.when is not None
        if _apart(host.when, other.when):
            return False
        if host.when.precision is None or other.when.precision is None:
            return False
    if told_on:
        return True
    places_one, places_two = _ids(host), _ids(other)
    if places_one and places_two and not places_one & places_two and not _inside(host, other):
        return False
    if other.dated and host.dated and one == "force" and _means(host) and _means(other) and _means(host) != _means(other):
        return False
    if not host.dated and other.dated and not host.places:
        return _distance(host, other) <= 2
    if not host.dated and other.dated and places_two:
        return bool(places_one & places_two) or _inside(host, other)
    if _summary(host) and other.dated and places_two and not places_one:
        return False
    if other.dated and places_two and not places_one and host.statement.sentence.index > 1 and _opens_with_place(other):
        return False
    if other.dated and places_two:
        return bool(
            host.dated and (places_one or _distance(host, other) <= _NEAR) and (places_one or host.country == other.country or host.country is None)
        )
    if other.dated and host.dated:
        return _specific(host) == _specific(other) or _distance(host, other) <= _NEAR
    if not host.dated and other.dated:
        return _distance(host, other) <= 2 and not places_two - places_one
    if places_two and not other.dated:
        return bool(places_one & places_two) or _inside(host, other) or (not places_one and _distance(host, other) <= 1)
    return _follows(host, other)


def _told_on(host: Reading, other: Reading) -> bool:
    """ "They were still missing on Friday", "The blast, on Sunday, was claimed by ...": the subject is the event told before, or its people."""
    forms = other.statement.sentence.tokens.forms
    if not forms or other.statement.pieces[0].start > 0 or not _follows(host, other) or host.judged.status not in ("codable", "lead"):
        return False
    last = host.joined[-1] if host.joined else host
    if other.statement.sentence.offset - last.statement.sentence.offset - len(last.statement.sentence.text) > 3 and "\n" in _between(last, other):
        return False
    if forms[0] in _PRONOUNS:
        return _distance(host, other) <= 2 and not other.settled_places and family(host.typed.sub_event_type) in ("force", "mob", "demo")
    first = next((h for h in other.statement.hits if h.form == "n"), None)
    noun = first is not None and first.start <= 4 and forms[0] in _ARTICLES
    if not noun or first is None or other.named_places:
        return False
    kinds = {h.label for h in last.statement.hits}
    return first.label in kinds | {"ATTACK", "EXPLODE", "BOMB"} or (first.label in _FIGHTS and not kinds.isdisjoint(_FIGHTS))


def _went_on(other: Reading) -> bool:
    """ "The clashes lasted until dawn on Tuesday": the end of the same event, though on another day."""
    return not {"lasted", "continued", "ended", "raged"}.isdisjoint(other.statement.sentence.tokens.forms[:7])


def _between(one: Reading, two: Reading) -> str:
    scene = two.scene
    first = one.statement.sentence
    return scene.text[first.offset + len(first.text) : two.statement.sentence.offset] if scene is not None else ""


_PRONOUNS = frozenset({"they", "he", "she", "it", "their", "his", "her", "its", "both", "these", "those"})


def _days_of_talk(host: Reading, other: Reading) -> bool:
    """ "police said on Wednesday": the day of the talk contradicts no day of the event."""
    assert host.when is not None and other.when is not None
    return host.when.spoken != other.when.spoken and _follows(host, other)


def _only_points_back(reading: Reading) -> bool:
    """ "the attack", "15 people were injured in the blast": figures of an event told before and its name with an article, nothing new."""
    forms = reading.statement.sentence.tokens.forms
    named = False
    for hit in reading.statement.hits:
        if hit.form == "n" and not _ARTICLES.isdisjoint(forms[max(0, hit.start - 3) : hit.start]):
            named = True
        elif hit.label not in _FIGURES:
            return False
    return named or bool(reading.statement.hits)


_ARTICLES = frozenset({"the", "this", "that", "these", "those"})


def _apart(one: Resolved, two: Resolved) -> bool:
    """Do two known intervals have no day in common?"""
    assert one.first is not None and one.last is not None and two.first is not None and two.last is not None
    return one.last < two.first or two.last < one.first


def same_again(host: Reading, other: Reading) -> bool:
    """Are two placed events one: the same family of types, day and place? For those whose place was taken over only now."""
    if host.judged.status == "aggregate" or other.separate or not host.dated or not other.dated:
        return False
    assert host.when is not None and other.when is not None
    if _apart(host.when, other.when):
        return False
    one, two = family(host.typed.sub_event_type), family(other.typed.sub_event_type)
    if not _ids(host) & _ids(other) or (one != two and not _outcome(host, other, one, two)):
        return False
    return not (one == "force" and _means(host) and _means(other) and _means(host) != _means(other))


def _opens_with_place(other: Reading) -> bool:
    """ "In Hilla, on the same evening, ...": the text turns to another place."""
    at = other.statement.sentence.offset
    return other.statement.pieces[0].start == 0 and any(m.start - at <= 16 for m in other.places)


def _summary(host: Reading) -> bool:
    """ "the marches of the past week": a lead over several days and no place, not the march that a later sentence tells."""
    return host.when is not None and (host.when.precision or 9) >= 2


def _specific(reading: Reading) -> str | None:
    return reading.typed.sub_event_type


def _distance(host: Reading, other: Reading) -> int:
    last = host.joined[-1] if host.joined else host
    return other.statement.sentence.index - last.statement.sentence.index


def _follows(host: Reading, other: Reading) -> bool:
    return 0 <= _distance(host, other) <= _NEAR


def _outcome(host: Reading, other: Reading, one: str, two: str) -> bool:
    """Deaths, arrests and force told after a demonstration or attack without day and place are its outcome."""
    labels = {h.label for h in other.statement.hits}
    if one == "demo":
        return (
            labels
            <= {"KILL", "DEATH", "INJURE", "SHOOT", "SHOT_DEAD", "ARREST", "DETAIN", "BEAT", "CLASH", "BURN", "ATTACK", "LOOT", "EXPLODE"}
            | DEMO_SIGNALS
            | _UNRULY
        )
    if one in ("force", "mob"):
        return labels <= {"DEATH", "INJURE", "KILL", "BURN", "LOOT", "DEMOLISH", "CROWD_CONTROL", "BEAT", "ARREST", "DETAIN"} and two in (
            "force",
            "Looting/property destruction",
            "mob",
            "Arrests",
        )
    if one in ("Disrupted weapons use", "Arrests", "Looting/property destruction") and two == "force":
        return _distance(host, other) <= 2
    return labels <= {"DEATH", "INJURE"}


def _means(reading: Reading) -> str | None:
    """The specific means of violence; None for the general words that any later sentence may use ("the attack")."""
    kind = reading.typed.sub_event_type
    return None if kind in ("Attack", "Armed clash") and reading.typed.score < 0.75 else kind


def _ids(reading: Reading) -> set[str]:
    """Identity of the places named: the gazetteer's id, or the bare name where it is not settled."""
    return {m.best.gazetteer_id if m.best is not None and not m.within else m.name.lower() for m in reading.places}


def _inside(host: Reading, other: Reading) -> bool:
    """One names the province, the other a place in it."""
    for one in host.settled_places:
        for two in other.settled_places:
            a, b = one.best, two.best
            if one.within or two.within:  # an unknown name in a known division is a place of its own
                continue
            if a is not None and b is not None and (a.country, a.admin1) == (b.country, b.admin1) and "admin1" in (a.kind, b.kind):
                return True
    return False


def _fold(host: Reading, other: Reading) -> None:
    host.joined.append(other)
    if other.dated and (not host.dated or (host.when is not None and other.when is not None and host.when.spoken and not other.when.spoken)):
        host.when, host.when_offset = other.when, other.when_offset if other.when_offset is not None else other.statement.sentence.offset
    if other.settled_places and (
        not host.settled_places or (_inside(host, other) and other.settled_places[0].geo_precision < 3 <= host.settled_places[0].geo_precision)
    ):
        host.places = other.places
    if host.country is None and other.country is not None:
        host.country, host.country_mention = other.country, other.country_mention
