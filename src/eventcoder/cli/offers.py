"""What one key can do on the screen of `review`: values that the draft holds ready, and events or drafts that tell of the same. Floor 8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventcoder.cli.twins import differing

if TYPE_CHECKING:
    from eventcoder.event import Draft
    from eventcoder.validation.duplicates.similar import Likely

MOST = 9  # offers on one screen: one digit each
_TYPES, _PLACES, _SETTLED = 3, 4, 2  # offers of one kind; of places fewer where one is chosen already
_LEAST = 0.05  # an alternative type that is less likely is not worth its line
_SIDES = ("actor1", "assoc_actor_1", "actor2", "assoc_actor_2")
_COARSE = {"admin1": "3", "admin2": "2"}  # geo precision of a division, by the beginning of its gazetteer id


@dataclass(frozen=True, slots=True)
class Offer:
    """One digit's worth: `edits` to take over, an event to `attach` to, or another draft to `join` with this one."""

    label: str
    edits: Mapping[str, str] = field(default_factory=dict)
    attach: str = ""
    join: str = ""
    details: Sequence[str] = ()  # what differs, for a look before the key


def offers(draft: Draft, values: Mapping[str, Any], *, twins: Sequence[Likely] = (), same: Sequence[tuple[Draft, float, str]] = ()) -> list[Offer]:
    """Offers in the order of their digits: events to attach to, drafts of other documents to join, places, types, a presumed actor.

    `values` are those on the screen; what they hold already is not offered. `same` are waiting drafts, each with its score and its publisher.
    """
    out = [Offer(f"attach to {twin_line(t)}", attach=t.event_id, details=differing(values, t.folded.values)) for t in twins]
    for other, score, origin in same:
        label = f"accept, and join with {origin}: {_words(other.statement.quote)} ({score:.2f})"
        out.append(Offer(label, join=other.draft_id, details=differing(values, other.fields)))
    return [*out, *value_offers(draft, values)][:MOST]


def value_offers(draft: Draft, values: Mapping[str, Any]) -> list[Offer]:
    """The offers that fill in a value."""
    return [*_places(draft, values), *_types(draft, values), *_actors(draft, values)]


def twin_line(twin: Likely) -> str:
    """A stored event in one line."""
    held = twin.folded.values
    return f"{twin.event_id}  {held.get('event_date')}  {held.get('location')}  {held.get('sub_event_type')}  ({twin.score:.2f})"


def _places(draft: Draft, values: Mapping[str, Any]) -> list[Offer]:
    settled = values.get("latitude") is not None
    seen = {(values.get("gazetteer_id"),)} if settled else set()
    out: list[Offer] = []
    for place in draft.candidates.get("location", ()):
        key = (place.get("gazetteer_id"),)
        if place.get("latitude") is None or not place.get("name") or key in seen:
            continue
        seen.add(key)
        edits = {name: str(place[name]) for name in ("country", "admin1", "latitude", "longitude", "gazetteer_id") if place.get(name) is not None}
        kind = str(place.get("gazetteer_id") or "").partition(":")[0]
        precision = _COARSE.get(kind) or str(values.get("geo_precision") or "1")
        label = ", ".join(str(place[n]) for n in ("name", "admin1", "country") if place.get(n))
        what = {"admin1": " (the division)", "admin2": " (the district)"}.get(kind, "")
        moved = _moved(values, str(place.get("country") or ""))
        out.append(Offer(f"location = {label}{what}", {"location": str(place["name"]), **edits, "geo_precision": precision, **moved}))
        if len(out) >= (_SETTLED if settled else _PLACES):
            break
    return out


def _moved(values: Mapping[str, Any], country: str) -> dict[str, str]:
    """Actors without a name follow the place into its country: "Protesters (Bolivia)" becomes "Protesters (Chile)"."""
    before = values.get("country")
    out: dict[str, str] = {}
    if before and country and before != country:
        for name in _SIDES:
            value = values.get(name)
            text = "; ".join(value) if isinstance(value, list) else str(value or "")
            if f"({before})" in text:
                out[name] = text.replace(f"({before})", f"({country})")
    return out


def _types(draft: Draft, values: Mapping[str, Any]) -> list[Offer]:
    held = values.get("sub_event_type")
    out = []
    for other in [{"value": draft.fields.get("sub_event_type")}, *draft.candidates.get("sub_event_type", ())]:
        kind, score = other.get("value"), other.get("score")
        if kind and kind != held and (score is None or score >= _LEAST):
            out.append(Offer(f"type = {kind}{'' if score is None else f' ({score:.2f})'}", {"sub_event_type": str(kind)}))
    return out[:_TYPES]


def _actors(draft: Draft, values: Mapping[str, Any]) -> list[Offer]:
    found = [c for c in draft.candidates.get("actor1", ()) if c.get("value") and c["value"] != values.get("actor1")]
    return [Offer(f"actor1 = {c['value']}{_because(c)}", {"actor1": str(c["value"])}) for c in found[:_SETTLED]]


def _because(candidate: Mapping[str, Any]) -> str:
    return f" ({candidate['rule']})" if candidate.get("rule") else ""


def _words(quote: str) -> str:
    text = " ".join(quote.split())
    return f"'{text[:70]}{'…' if len(text) > 70 else ''}'"
