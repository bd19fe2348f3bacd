"""How far apart several events lie that somebody takes for one: days, kilometres, and the least likeness of two of them. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from eventcoder.validation.duplicates.similar import DEFAULT, Parameters, features, haversine_km, score


@dataclass(frozen=True, slots=True)
class Extent:
    """Of a group of events: how many, the days between the first and the last, the largest distance, the least score and the pair that has it."""

    events: int
    days: int
    km: float
    score: float
    farthest: tuple[str, str]

    def beyond(self, parameters: Parameters = DEFAULT) -> list[str]:
        """What exceeds the bounds, in words; empty when the group is narrow enough."""
        out = []
        if self.days > parameters.cluster_days:
            out.append(f"span {self.days} days (more than {parameters.cluster_days})")
        if self.km > parameters.cluster_km:
            out.append(f"lie {self.km:.0f} km apart (more than {parameters.cluster_km:g})")
        if self.score < parameters.cluster_score:
            out.append(f"have two members that are hardly alike (score {self.score:.2f}, less than {parameters.cluster_score:g})")
        return out


def extent(events: Sequence[Mapping[str, Any]], parameters: Parameters = DEFAULT) -> Extent:
    """The extent of events given by their values and `event_id`. One without a day cannot be compared and counts as unlike every other."""
    days, km, least = 0, 0.0, 1.0
    farthest = (str(events[0].get("event_id")), str(events[-1].get("event_id"))) if events else ("", "")
    told = [(str(values.get("event_id")), features(values)) for values in events]
    for (a, one), (b, other) in combinations(told, 2):
        points = 0.0
        if one is not None and other is not None:
            # days on which both can have happened are no distance: an event known to the week lies near each of its days
            days = max(days, one.first - other.last, other.first - one.last)
            here, there = (one.latitude, one.longitude), (other.latitude, other.longitude)
            if here[0] is not None and here[1] is not None and there[0] is not None and there[1] is not None:
                km = max(km, haversine_km(here[0], here[1], there[0], there[1]))
            points, _ = score(one, other, parameters)
        if points < least:
            least, farthest = points, (a, b)
    return Extent(len(events), days, km, least, farthest)
