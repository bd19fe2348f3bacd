"""Which events of several coders of one document are one event, and how far they agree that there was any. Floor 5.

Within a document events are matched one to one, coder by coder: as many pairs as the window of days and kilometres admits, and of those matchings
the nearest in day and place; where that leaves a choice, equal types and actors decide. Day and place are those of the intervals and points that
were given; where one of two codings has none, that part of the window is not asked, and where neither part can be asked there is no pair.
F1 = 2 * matched / (events of the one + events of the other), summed over all pairs of coders: the same whoever of the two is called right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.evaluation.assignment import assign
from eventcoder.gazetteer.place import distance_km

if TYPE_CHECKING:
    from eventcoder.team.tasks.codings import Coding

Event = Mapping[str, Any]  # column -> value, as the coder handed it in


@dataclass(frozen=True, slots=True)
class Window:
    """How far apart two codings of one document may lie and still be one event."""

    days: float
    km: float

    def __str__(self) -> str:
        return f"{self.days:g} day{'s' if self.days != 1 else ''} and {self.km:g} km"


@dataclass(slots=True)
class Found:
    """One document: `units` are its events, each with what every coder who saw it made of it (position of the coder -> values)."""

    coders: tuple[str, ...]
    units: list[dict[int, Event]] = field(default_factory=list)
    matched: int = 0  # over all pairs of coders: events that both have
    given: int = 0  # over all pairs of coders: events of the one and events of the other

    @property
    def any_event(self) -> list[bool]:
        """For each coder whether the document holds an event at all."""
        return [any(at in unit for unit in self.units) for at in range(len(self.coders))]


def find(codings: Sequence[Coding], window: Window) -> Found:
    """Match the events of the codings of one document, in the order of their slots. With two coders this is the optimal matching; of more, each
    coder's events are matched with the events known so far."""
    out = Found(tuple(one.coder for one in codings))
    sides = [[_Seen(event.values) for event in coding.events] for coding in codings]
    groups: list[list[tuple[int, _Seen]]] = []
    for at, side in enumerate(sides):
        weights = {}
        for g, group in enumerate(groups):
            for n, seen in enumerate(side):
                near = [w for _, other in group if (w := seen.nearness(other, window)) is not None]
                if near:
                    weights[g, n] = max(near)
        alone = len({g for g, _ in weights}) == len({n for _, n in weights}) == len(weights)  # nothing to choose
        taken = dict(list(weights)) if alone else assign(weights)
        for g, n in taken.items():
            groups[g].append((at, side[n]))
        used = set(taken.values())
        groups += [[(at, seen)] for n, seen in enumerate(side) if n not in used]
    out.units = [{at: seen.values for at, seen in group} for group in groups]
    pairs = len(codings) - 1
    out.given = pairs * sum(map(len, sides))
    out.matched = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    return out


class _Seen:
    """What of an event the window asks for."""

    __slots__ = ("actor", "family", "kind", "point", "span", "values")

    def __init__(self, values: Event) -> None:
        self.values = values
        self.span = _span(values)
        latitude, longitude = values.get("latitude"), values.get("longitude")
        known = isinstance(latitude, int | float) and isinstance(longitude, int | float)
        self.point = (float(latitude), float(longitude)) if known and latitude is not None and longitude is not None else None
        self.kind, self.family, self.actor = values.get("sub_event_type"), values.get("event_type"), values.get("actor1")

    def nearness(self, other: _Seen, window: Window) -> float | None:
        """0 to 5, or None outside the window: at most 2 for the day and 2 for the place, 1 for what is said of it."""
        near, asked = 0.0, False
        if self.span is not None and other.span is not None:
            days = max(0, max(self.span[0], other.span[0]) - min(self.span[1], other.span[1]))
            if days > window.days:
                return None
            asked, near = True, near + 2 * (1 - days / (window.days + 1))
        if self.point is not None and other.point is not None:
            km = 0.0 if self.point == other.point else distance_km(*self.point, *other.point)
            if km > window.km:
                return None
            asked, near = True, near + 2 * (1 - km / (window.km + 1))
        if not asked:
            return None
        return near + 0.5 * _same(self.kind, other.kind) + 0.25 * _same(self.family, other.family) + 0.25 * _same(self.actor, other.actor)


def _same(a: Any, b: Any) -> bool:
    return a is not None and a == b


def _span(values: Event) -> tuple[int, int] | None:
    """First and last day as numbers; the interval where it was given and is one, else the day of the event."""
    day = _day(values.get("event_date"))
    first, last = _day(values.get("date_start")), _day(values.get("date_end"))
    first, last = day if first is None else first, day if last is None else last
    if first is None or last is None or first > last:
        return None if day is None else (day, day)
    return first, last


def _day(value: Any) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        return None
