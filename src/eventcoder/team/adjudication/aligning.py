"""Codings of one document side by side: which events of several coders are one, and in which columns they differ. Floor 5.

Events are matched one to one by the words that their coders marked, by day, place, type and actors (`schema/team/adjudication.toml` has the
weights). What one coder saw and another did not is a row of its own: nothing is left out because it has no partner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.evaluation.assignment import assign
from eventcoder.team.adjudication.grounds import Grounds
from eventcoder.validation.duplicates.similar import haversine_km

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Folded

# columns that the software gives, or that name the row and not what happened
NEVER = frozenset({"event_id_cnty"})


@dataclass(frozen=True, slots=True)
class Side:
    """One coder's version of an event. `provenance`: column -> id of the act that gave its value. `task` is empty for a side of a conflict, and
    `head` is the last act of the side. `planted`: it came of a draft that was made wrong on purpose, and can never be taken.
    `draft` is the draft that it began with, if any."""

    coder: str
    event: Folded
    provenance: dict[str, str]
    task: str = ""
    head: str = ""
    planted: bool = False
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class Contrast:
    """A column in which sides say something: `values` one a side, None where it says nothing. `lead` is the column that it follows here.

    `agreed`: all say the same. `free`: in the coder's own words; differing is no disagreement.
    """

    column: str
    values: tuple[Any, ...]
    agreed: bool
    free: bool
    lead: str | None

    @property
    def open(self) -> bool:
        """Whether somebody has to decide it."""
        return not self.agreed and not self.free and self.lead is None


@dataclass(frozen=True, slots=True)
class Row:
    """One event as far as its coders have seen it. `absent` are the coders of the item who have no such event."""

    number: int
    sides: tuple[Side, ...]
    absent: tuple[str, ...] = ()

    @property
    def genuine(self) -> tuple[Side, ...]:
        """The sides that can be taken."""
        return tuple(side for side in self.sides if not side.planted)

    @property
    def single(self) -> bool:
        """Whether somebody has to decide that the event exists: one coder of several saw it."""
        return bool(self.absent) and bool(self.genuine)

    @property
    def withdrawn(self) -> tuple[str, ...]:
        """The coders (of a conflict) for whom the event is withdrawn, while it stands for others."""
        return tuple(side.coder for side in self.sides if side.event.state in ("retracted", "merged"))


def aligned(codings: Sequence[Sequence[Side]], coders: Sequence[str], grounds: Grounds) -> list[Row]:
    """The rows of an item: `codings` are the sides of each of `coders`, in the order of their slots. The same codings always give the same rows."""
    groups: list[list[Side]] = []
    for sides in codings:
        ordered = sorted(sides, key=lambda s: (_first_word(s.event), s.event.values.get("event_date") or "", s.event.event_id))
        partner = _matched(groups, ordered, grounds)
        for number, side in enumerate(ordered):
            if number in partner:
                groups[partner[number]].append(side)
            else:
                groups.append([side])
    groups.sort(key=lambda g: (min(_first_word(s.event) for s in g), min(s.event.event_id for s in g)))
    return [row_of(number, group, coders) for number, group in enumerate(groups, 1)]


def row_of(number: int, sides: Iterable[Side], coders: Sequence[str]) -> Row:
    """A row of these sides, in the order of the coders. A coder whose planted draft stands in it is not said to have missed the event."""
    found = sorted(sides, key=lambda s: coders.index(s.coder) if s.coder in coders else len(coders))
    have = {side.coder for side in found}
    return Row(number, tuple(found), tuple(c for c in coders if c not in have))


def _matched(groups: Sequence[Sequence[Side]], sides: Sequence[Side], grounds: Grounds) -> dict[int, int]:
    """Position among `sides` -> position among `groups`; sure pairs before the others."""
    scores: dict[tuple[int, int], float] = {}
    for n, side in enumerate(sides):
        for g, group in enumerate(groups):
            score = max(likeness(side.event, other.event, grounds) for other in group)
            if score >= grounds.bounds["least"]:
                scores[n, g] = score
    sure = assign({pair: score for pair, score in scores.items() if score >= grounds.bounds["sure"]})
    used = set(sure.values())
    return sure | assign({(n, g): score for (n, g), score in scores.items() if n not in sure and g not in used})


def likeness(a: Folded, b: Folded, grounds: Grounds) -> float:
    """How likely two codings of one document are one event, 0 to 1."""
    parts = {
        "words": _words(a, b),
        "day": _days(a.values, b.values, grounds.bounds["days"]),
        "place": _place(a.values, b.values, grounds.bounds["km"]),
        "type": _type(a.values, b.values),
        "actors": _actors(a.values, b.values),
    }
    known = {name: part for name, part in parts.items() if part is not None}
    weight = sum(grounds.weights[name] for name in known)
    return sum(grounds.weights[name] * part for name, part in known.items()) / weight if weight else 0.0


def _marked(event: Folded) -> dict[str, set[int]]:
    out: dict[str, set[int]] = {}
    for spans in event.evidence.values():
        for span in spans:
            out.setdefault(span.get("document") or "", set()).update(range(span.get("start") or 0, span.get("end") or 0))
    return out


def _first_word(event: Folded) -> int:
    return min((span.get("start") or 0 for spans in event.evidence.values() for span in spans), default=1 << 40)


def _words(a: Folded, b: Folded) -> float | None:
    one, other = _marked(a), _marked(b)
    if not one or not other:
        return None
    common = sum(len(one[d] & other.get(d, set())) for d in one)
    smaller = min(sum(map(len, one.values())), sum(map(len, other.values())))
    return common / smaller if smaller else None


def _days(a: Mapping[str, Any], b: Mapping[str, Any], most: float) -> float | None:
    try:
        apart = abs((date.fromisoformat(a["event_date"]) - date.fromisoformat(b["event_date"])).days)
    except (KeyError, TypeError, ValueError):
        return None
    return max(0.0, 1 - apart / most) if most else float(not apart)


def _place(a: Mapping[str, Any], b: Mapping[str, Any], most: float) -> float | None:
    numbers = [v.get(name) for v in (a, b) for name in ("latitude", "longitude")]
    points = [float(n) for n in numbers if isinstance(n, int | float)]
    if len(points) == len(numbers):
        apart = haversine_km(*points)
        return max(0.0, 1 - apart / most) if most else float(not apart)
    names = [v.get("location") for v in (a, b)]
    return float(str(names[0]).casefold() == str(names[1]).casefold()) if all(names) else None


def _type(a: Mapping[str, Any], b: Mapping[str, Any]) -> float | None:
    one, other = a.get("sub_event_type"), b.get("sub_event_type")
    if not one or not other:
        return None
    return 1.0 if one == other else 0.5 if a.get("event_type") and a.get("event_type") == b.get("event_type") else 0.0


def _actors(a: Mapping[str, Any], b: Mapping[str, Any]) -> float | None:
    one, other = ({v[n] for n in ("actor1", "actor2") if v.get(n)} for v in (a, b))
    return len(one & other) / len(one | other) if one and other else None


def contrasts(row: Row, codebook: Codebook, grounds: Grounds) -> list[Contrast]:
    """The columns that coders fill in and in which a side of the row says something, in the codebook's order."""
    sides = row.genuine
    used = {name for side in sides for name in side.event.values}
    names = [c.name for c in codebook.columns if c.name in used and c.entered in ("coder", "default") and c.name not in NEVER]
    values = {name: tuple(_said(side.event.values.get(name)) for side in sides) for name in names}
    differs = {name for name, given in values.items() if any(v != given[0] or type(v) is not type(given[0]) for v in given)}
    out = []
    for name, given in values.items():
        if all(v is None for v in given):
            continue
        lead = next((one for one in grounds.leads.get(name, ()) if one in differs), None) if name in differs else None
        out.append(Contrast(name, given, name not in differs, name in grounds.free, lead))
    return out


def _said(value: Any) -> Any:
    return None if value in (None, "", []) else value
