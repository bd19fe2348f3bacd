"""When a draft agrees with a gold statement: the windows of day, place and type, and the rules of each field. Floor 5."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from eventcoder.evaluation.gold import GoldStatement
from eventcoder.event import Draft
from eventcoder.gazetteer.divisions import short_division
from eventcoder.gazetteer.place import distance_km
from eventcoder.names import fold

if TYPE_CHECKING:
    from eventcoder.actors import ActorRegistry
    from eventcoder.codebook import Codebook
    from eventcoder.gazetteer import Gazetteer

Point = tuple[float, float]
ACTORS = ("actor1", "actor2")
_NAMES = (*ACTORS, "location", "country")  # compared by their folded form: case, accents and punctuation are no error of reading
_YEARS = re.compile(r" \(\d{4}-(?:\d{4})?\)")


@dataclass(frozen=True, slots=True)
class Windows:
    """How far a draft may lie from the gold event and still be it. All of this is printed with the figures."""

    days: int = 1  # gap between the two intervals of days
    km: float = 25.0  # between the two points, where both are known
    far_km: float = 161.0  # 100 miles: the usual bound of "the right place" for the accuracy of geocoding
    overlap: float = 0.5  # of the shorter of the two pieces of text

    def as_text(self) -> list[str]:
        """The windows in words, a line each."""
        return [
            f"day    intervals overlap or lie at most {self.days} day{'s' if self.days != 1 else ''} apart",
            f"place  same id, name or accepted name, or within {self.km:g} km; gold without a point: same country and admin1",
            "type   strict: the same sub-event type or an accepted one; lenient: the same event type (family)",
            f"words  the statement shares {self.overlap:.0%} of the shorter text with the gold quote, whatever the values",
        ]


class Judge:
    """Compares drafts with gold statements. Without a codebook a type is its own family; without a gazetteer places are compared by name."""

    def __init__(
        self,
        codebook: Codebook | None = None,
        gazetteer: Gazetteer | None = None,
        actors: ActorRegistry | None = None,
        windows: Windows | None = None,
    ) -> None:
        self.windows = windows or Windows()
        self._codebook = codebook
        self._gazetteer = gazetteer
        self._actors = actors
        self._places = lru_cache(maxsize=65_536)(self._look_up)

    # -- windows

    def near_in_time(self, gold: GoldStatement, draft: Draft) -> bool:
        """Whether the days agree; a gold statement without a day agrees with every draft."""
        spans = [_interval(gold.fields), *((day, day) for value in gold.accept.get("event_date", ()) if (day := _day(value)))]
        wanted = [span for span in spans if span is not None]
        if not wanted:
            return True
        got = _interval(draft.fields)
        return got is not None and any((max(a, got[0]) - min(b, got[1])).days <= self.windows.days for a, b in wanted)

    def near_in_space(self, gold: GoldStatement, draft: Draft) -> bool:
        """Whether the places agree; a gold statement that names no place agrees with every draft."""
        names = [n for n in gold.wanted("location") if n not in (None, "")]
        if "country" in gold.fields and draft.fields.get("country") and not self.right("country", gold, draft):
            return False
        got = draft.fields.get("location")
        if "location" not in gold.fields or (not got and gold.right("location", got)):
            return True
        if not got:
            return False
        if any(_plain(name) == _plain(got) for name in names):
            return True
        places = [place for name in names for place in self._places(str(name), *self._area(gold))]
        if any(identity == draft.fields.get("gazetteer_id") for identity, _ in places):
            return True
        points = self.points(gold)
        if points:
            return (far := self.distance(gold, draft)) is not None and far <= self.windows.km
        if "admin1" in gold.fields and draft.fields.get("admin1"):
            return self.right("admin1", gold, draft)
        return False

    def same_type(self, gold: GoldStatement, draft: Draft) -> bool:
        """Strict: the same sub-event type, or an accepted one."""
        return "sub_event_type" not in gold.fields or gold.right("sub_event_type", draft.fields.get("sub_event_type"))

    def same_family(self, gold: GoldStatement, draft: Draft) -> bool:
        """Lenient: the same event type."""
        got = self.family(draft.fields.get("sub_event_type"))
        return "sub_event_type" not in gold.fields or any(self.family(kind) == got for kind in gold.wanted("sub_event_type"))

    def family(self, kind: Any) -> Any:
        """The event type of a sub-event type; the type itself where the codebook does not know it."""
        found = self._codebook.lists["sub_event_types"].attribute(kind, "event_type") if self._codebook is not None and kind else None
        return found or kind

    def shared_words(self, gold: GoldStatement, draft: Draft, start: int | None) -> float:
        """Share of the shorter text that quote and statement have in common, 0 if below the window; `start` is the quote's offset, if known."""
        if start is not None:
            end = start + len(gold.quote)
            common = min(end, draft.statement.end) - max(start, draft.statement.start)
            share = common / min(len(gold.quote), draft.statement.end - draft.statement.start)
        else:
            wanted, got = gold.quote.split(), draft.statement.quote.split()
            share = len(_common(wanted, got)) / min(len(wanted), len(got)) if wanted and got else 0.0
        return share if share >= self.windows.overlap else 0.0

    # -- fields

    def right(self, name: str, gold: GoldStatement, draft: Draft) -> bool:
        """Whether the draft's value of a column is the gold one or an accepted one."""
        value = draft.fields.get(name)
        if name == "admin1":
            return any(_plain(value) == _plain(wanted) for wanted in gold.wanted(name))
        if name in _NAMES:
            return any(fold(str(value or "")) == fold(str(wanted or "")) for wanted in gold.wanted(name))
        return gold.right(name, value)

    def same_actor(self, name: str, gold: GoldStatement, draft: Draft) -> bool:
        """As `right` for an actor, but another spelling that the register knows, and other years of a regime, are no error."""
        got = self._bare(draft.fields.get(name), draft.fields)
        return any(self._bare(wanted, gold.fields) == got for wanted in gold.wanted(name))

    def points(self, gold: GoldStatement) -> list[Point]:
        """Where the gold place lies by the gazetteer: one point for its name and for each accepted name that is known."""
        out = []
        for name in gold.wanted("location"):
            if name not in (None, "") and (found := self._places(str(name), *self._area(gold))) and found[0][1] is not None:
                out.append(found[0][1])
        return out

    def distance(self, gold: GoldStatement, draft: Draft) -> float | None:
        """Kilometres between the draft's point and the nearest gold one; None where either is not known."""
        latitude, longitude = draft.fields.get("latitude"), draft.fields.get("longitude")
        points = self.points(gold)
        if latitude is None or longitude is None or not points:
            return None
        return min(distance_km(float(latitude), float(longitude), *point) for point in points)

    def _area(self, gold: GoldStatement) -> tuple[tuple[str, ...], str | None]:
        admin1 = gold.fields.get("admin1")
        return tuple(str(c) for c in gold.wanted("country") if c), (str(admin1) if admin1 else None)

    def _look_up(self, name: str, countries: tuple[str, ...], admin1: str | None) -> tuple[tuple[str, Point | None], ...]:
        if self._gazetteer is None:
            return ()
        found = [p for country in countries or (None,) for p in self._gazetteer.lookup(name, country=country, limit=20, strict=False)]
        inside = [p for p in found if admin1 is None or p.admin1 is None or _plain(p.admin1) == _plain(admin1)]
        return tuple((p.gazetteer_id, p.point) for p in (inside or ([] if admin1 else found))[:3])

    def _bare(self, name: Any, fields: Mapping[str, Any]) -> str:
        if not name:
            return ""
        known = self._actors.resolve(str(name), country=fields.get("country"), on_date=fields.get("event_date")) if self._actors is not None else None
        return fold(_YEARS.sub("", known or str(name)))


def _plain(name: Any) -> str:
    """A place's name without the words for its kind ("Zamfara State" is Zamfara)."""
    return short_division(fold(str(name or "")))


def _common(wanted: list[str], got: list[str]) -> list[str]:
    left = list(got)
    out = []
    for word in wanted:
        if word in left:
            left.remove(word)
            out.append(word)
    return out


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _interval(fields: Mapping[str, Any]) -> tuple[date, date] | None:
    """The earliest and latest possible day; the event's day where no interval is given."""
    day = _day(fields.get("event_date"))
    first, last = _day(fields.get("date_start")) or day, _day(fields.get("date_end")) or day
    return (first, last) if first is not None and last is not None else None
