"""Is this event already there? Scores pairs of events and says why. Floor 4; pure Python, on the path of `add`.

A score is a number from 0 to 1: the product of how well the days and the places agree (both must) and the weighted mean of type, actors,
associated actors, fatalities and notes. What neither event tells is left out of the mean; what only one of them tells counts half.
Separate demonstrations in one town on one day are normal (8% of the rows of one national export share day, place and actor pair), so day,
place and type alone never reach `stop_from`: notes or associated actors must agree as well. Nor do events on different days that are both exactly
known, however alike: the second day of a strike is a second event. A score proposes; a person decides (T14, T15).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventcoder.ledger import Folded

_EARTH_KM = 6371.0088  # mean radius
_WORD = re.compile(r"[^\W\d_]{3,}")
# Words that every second note has: agreeing in them says nothing about the event.
_COMMON = frozenset(_WORD.findall(
    "about according after afternoon against among and approximately april around august before being between came city complained crowd day december"
    " demanded demanding demonstrated demonstration demonstrators district during evening february for friday from gathered gathering had has"
    " have held hundreds dozens thousands january july june killed local made march marched may monday morning near new not november"
    " number october off one organised other over people percent police protest protested protesters province reported reportedly residents"
    " saturday september several some staged sunday that the their them they thursday took town tuesday two village was wednesday week were"
    " when where which while who with working year yesterday"
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the score is made of. Published with every release; units in the names."""

    day_gates: tuple[float, ...] = (1.0, 0.9, 0.6, 0.4)  # factor for events 0, 1, 2, 3 days apart; farther apart is no duplicate
    exact_gates: tuple[float, ...] = (1.0, 0.8, 0.4, 0.3)  # the same where both days are exactly known: a strike's second day is a second event
    reported_gate: float = 0.85  # for exact days one apart that were first reported on one day: one of them may be the day of the report
    week_gate: float = 0.95  # factor where the days overlap but one of them is only known to a week or so
    month_gate: float = 0.8  # the same where one is known to more than `week_days`
    week_days: int = 10
    near_km: float = 1.0  # closer than this is the same place
    far_km: float = 25.0  # farther than this is another place
    far_km_imprecise: float = 60.0  # the same, where a place only stands for its surroundings (geo_precision 2 or 3)
    far_gate: float = 0.4  # factor at the far end; between near and far it falls in a straight line
    weight_type: float = 0.25
    weight_actors: float = 0.20
    weight_associates: float = 0.15
    weight_fatalities: float = 0.10
    weight_notes: float = 0.30
    same_event_type: float = 0.8  # worth of another sub-event type of one event type
    same_disorder_type: float = 0.5  # worth of another event type of one disorder type
    other_type: float = 0.1
    full_notes: float = 0.6  # a share of common words from which notes count as the same
    unnamed_actors: tuple[str, ...] = ("Unidentified ",)  # beginnings of actors that stand for somebody whom the report did not name
    unnamed_actor: float = 0.5  # worth of an unnamed actor facing another one: it may be the same
    block_events: int = 1000  # events of one day and cell that are compared each with each; more are narrowed by type, point, actors
    show_from: float = 0.5  # `add` shows pairs from this score
    list_from: float = 0.62  # `duplicates` lists pairs from this score
    stop_from: float = 0.9  # default of the project's `duplicate_stop`
    cluster_days: int = 3  # days between the first and the last of merged events: beyond, no pair among them is a candidate
    cluster_km: float = 25.0  # kilometres between the farthest of them: beyond `far_km` no precise pair is a candidate
    cluster_score: float = 0.5  # the least score of a pair among them: below `show_from` two of them are not even alike

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


DEFAULT = Parameters()


@dataclass(frozen=True, slots=True)
class Likely:
    """An event that is perhaps the same, with the score and its reasons in words."""

    event_id: str
    score: float
    reasons: tuple[str, ...]
    folded: Folded


@dataclass(frozen=True, slots=True)
class Features:
    """What a comparison needs of one event, worked out once."""

    first: int  # ordinal of the earliest possible day
    last: int
    exact: bool  # the day is known: time_precision 1
    reported: str | None
    latitude: float | None
    longitude: float | None
    imprecise: bool
    place: str
    sub_event_type: str | None
    event_type: str | None
    disorder: frozenset[str]
    actors: frozenset[str]
    associates: frozenset[str]
    deaths: tuple[int, float] | None
    words: frozenset[str]


def features(values: Mapping[str, Any]) -> Features | None:
    """The features of an event's values; None without a day (nothing can be said then)."""
    day = values.get("event_date")
    if not day:
        return None
    first, last = values.get("date_start") or day, values.get("date_end") or day
    low = values.get("fatalities_low")
    if low is None:
        low = values.get("fatalities")
    high = values.get("fatalities_high")
    best = values.get("fatalities")
    if high is None and values.get("fatalities_low") is None:
        high = best
    return Features(
        first=date.fromisoformat(min(first, day)).toordinal(),
        last=date.fromisoformat(max(last, day)).toordinal(),
        exact=first == day == last and values.get("time_precision") in (None, 1),
        reported=values.get("reported_date"),
        latitude=values.get("latitude"),
        longitude=values.get("longitude"),
        imprecise=(values.get("geo_precision") or 1) > 1,
        place=f"{values.get('country') or ''}/{(values.get('location') or '').casefold()}",
        sub_event_type=values.get("sub_event_type"),
        event_type=values.get("event_type"),
        disorder=frozenset((values.get("disorder_type") or "").split("; ")) - {""},
        actors=frozenset(a for a in (values.get("actor1"), values.get("actor2")) if a),
        associates=frozenset([*(values.get("assoc_actor_1") or ()), *(values.get("assoc_actor_2") or ())]),
        deaths=None if low is None else (low, math.inf if high is None else high),
        words=telling_words(values),
    )


def telling_words(values: Mapping[str, Any]) -> frozenset[str]:
    """The words of an event's notes that say something about it: neither common ones nor those of its place."""
    return frozenset(_WORD.findall((values.get("notes") or "").lower())) - _COMMON - _place_words(*map(values.get, ("location", "admin1", "country")))


@lru_cache(20_000)  # an export names each place many times
def _place_words(*names: str | None) -> frozenset[str]:
    return frozenset(_WORD.findall(" ".join(name or "" for name in names).lower()))


def haversine_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres between two points in decimal degrees."""
    p1, p2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((p2 - p1) / 2) ** 2 + math.cos(p1) * math.cos(p2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def score(a: Features, b: Features, parameters: Parameters = DEFAULT) -> tuple[float, tuple[str, ...]]:
    """How likely `a` and `b` are one event (0 to 1, three decimals, the same both ways round), and the reasons in words."""
    reasons: list[str] = []
    gate = _day_gate(a, b, parameters, reasons)
    if gate:
        gate *= _place_gate(a, b, parameters, reasons)
    if not gate:
        return 0.0, ()
    parts = [
        (parameters.weight_type, _type_part(a, b, parameters, reasons)),
        (parameters.weight_actors, _actors_part(a, b, parameters, reasons)),
        (parameters.weight_associates, _set_part(a.associates, b.associates, "associated actors", reasons)),
        (parameters.weight_fatalities, _deaths_part(a, b, reasons)),
        (parameters.weight_notes, _notes_part(a, b, parameters, reasons)),
    ]
    told = [(weight, part) for weight, part in parts if part is not None]
    total = sum(weight for weight, _ in told)
    mean = sum(weight * part for weight, part in told) / total if total else 0.0
    return round(gate * mean, 3), tuple(reasons)


def likely_duplicates(values: Mapping[str, Any], others: Iterable[Folded], *, limit: int = 5, parameters: Parameters = DEFAULT) -> list[Likely]:
    """The events among `others` that may be the event that `values` describe, best first, at most `limit` (0: all).

    `others` is what the ledger's `near(first_day, last_day, country)` gives. The event itself (same `event_id`) and events that were
    retracted or merged away are passed over. Nothing is found for values without `event_date`.
    """
    mine = features(values)
    if mine is None:
        return []
    found: list[Likely] = []
    for other in others:
        if other.event_id == values.get("event_id") or other.state in ("retracted", "merged"):
            continue
        theirs = features(other.values)
        if theirs is None:
            continue
        points, reasons = score(mine, theirs, parameters)
        if points >= parameters.show_from:
            found.append(Likely(other.event_id, points, reasons, other))
    found.sort(key=lambda likely: (-likely.score, likely.event_id))
    return found[:limit] if limit else found


def _day_gate(a: Features, b: Features, parameters: Parameters, reasons: list[str]) -> float:
    gap = max(a.first - b.last, b.first - a.last, 0)
    if gap >= len(parameters.day_gates):
        return 0.0
    if gap:
        reasons.append(f"{gap} day{'s' if gap > 1 else ''} apart")
        if not (a.exact and b.exact):
            return parameters.day_gates[gap]
        if gap == 1 and a.reported is not None and a.reported == b.reported:
            reasons.append("first reported on one day")
            return parameters.reported_gate
        return parameters.exact_gates[gap]
    span = max(a.last - a.first, b.last - b.first)
    reasons.append("days overlap" if span else "same day")
    return parameters.day_gates[0] if not span else parameters.week_gate if span < parameters.week_days else parameters.month_gate


def _place_gate(a: Features, b: Features, parameters: Parameters, reasons: list[str]) -> float:
    if a.latitude is None or b.latitude is None or a.longitude is None or b.longitude is None:
        same = a.place == b.place and not a.place.endswith("/")
        if same:
            reasons.append("same place name")
        return 1.0 if same else 0.0
    if a.latitude == b.latitude and a.longitude == b.longitude:
        reasons.append("same place")
        return 1.0
    km = haversine_km(a.latitude, a.longitude, b.latitude, b.longitude)
    far = parameters.far_km_imprecise if a.imprecise or b.imprecise else parameters.far_km
    if km > far:
        return 0.0
    reasons.append(f"{km:.1f} km apart")
    if km <= parameters.near_km:
        return 1.0
    return 1.0 - (1.0 - parameters.far_gate) * (km - parameters.near_km) / (far - parameters.near_km)


def _type_part(a: Features, b: Features, parameters: Parameters, reasons: list[str]) -> float | None:
    if a.sub_event_type is None or b.sub_event_type is None:
        return None
    if a.sub_event_type == b.sub_event_type:
        reasons.append("same sub-event type")
        return 1.0
    if a.event_type == b.event_type:
        reasons.append("same event type")
        return parameters.same_event_type
    if a.disorder & b.disorder:
        reasons.append("same disorder type")
        return parameters.same_disorder_type
    reasons.append("other type")
    return parameters.other_type


def _actors_part(a: Features, b: Features, parameters: Parameters, reasons: list[str]) -> float | None:
    """As any set, but "Unidentified ..." of one report may be the actor that the other one names."""
    one, other = a.actors - b.actors, b.actors - a.actors
    unnamed = [sum(actor.startswith(parameters.unnamed_actors) for actor in side) for side in (one, other)]
    met = min(len(one), len(other), sum(unnamed))
    if not met:
        return _set_part(a.actors, b.actors, "actors", reasons)
    shared = len(a.actors & b.actors)
    reasons.append("an actor is named by one only" if 0 in unnamed else "actors without a name")
    return (shared + parameters.unnamed_actor * met) / (shared + len(one) + len(other) - met)


def _set_part(a: frozenset[str], b: frozenset[str], word: str, reasons: list[str]) -> float | None:
    if not a and not b:
        return None
    if not a or not b:
        return 0.5
    shared = a & b
    reasons.append(f"same {word}" if a == b else f"{len(shared)} of {len(a | b)} {word} shared" if shared else f"other {word}")
    return len(shared) / len(a | b)


def _deaths_part(a: Features, b: Features, reasons: list[str]) -> float | None:
    """Intervals that meet agree; otherwise the ratio of the nearest ends. None killed in both is the normal case and says nothing."""
    if a.deaths is None or b.deaths is None or (a.deaths[1] == 0 and b.deaths[1] == 0):
        return None
    if a.deaths[0] <= b.deaths[1] and b.deaths[0] <= a.deaths[1]:
        reasons.append("fatalities agree")
        return 1.0
    smaller, larger = min(a.deaths[1], b.deaths[1]), max(a.deaths[0], b.deaths[0])
    reasons.append("fatalities differ")
    return smaller / larger


def _notes_part(a: Features, b: Features, parameters: Parameters, reasons: list[str]) -> float | None:
    """Shared words against the shorter note: a short note and a long one of the same event agree in what the short one says."""
    if not a.words and not b.words:
        return 0.5  # notes always exist where they are coded; without any words that tell, the pair must not look certain
    if not a.words or not b.words:
        return 0.5
    share = len(a.words & b.words) / min(len(a.words), len(b.words))
    reasons.append(f"notes share {share:.0%} of their words")
    return min(1.0, share / parameters.full_notes)
