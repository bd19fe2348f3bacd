"""The form of `add` on a terminal: one prompt a field, with completion of types, actors and places. Floor 8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.cli.keys import read_line
from eventcoder.cli.output import note, show_problems

if TYPE_CHECKING:
    from eventcoder.coding import Desk, NewEvent
    from eventcoder.gazetteer import Place

ORDER = (
    "event_date", "time_precision", "sub_event_type", "country", "location", "admin1", "latitude", "longitude", "geo_precision",
    "actor1", "assoc_actor_1", "actor2", "assoc_actor_2", "fatalities", "crowd_text", "source", "notes",
)  # fmt: skip
DEFAULTS = {"time_precision": "1", "geo_precision": "1"}
MOST_WORDS = 400  # completions offered at once


def words_for(desk: Desk, name: str, values: Mapping[str, Any]) -> list[str]:
    """What may be typed into a field: the codes of its list, known actors, places of the country, publishers."""
    column = desk.codebook.columns_by_name.get(name)
    if column is not None and column.list:
        return list(desk.codebook.lists[column.list].codes)
    country = values.get("country")
    if name in ("actor1", "actor2"):
        generic = [desk.actors.generic(kind, country) for kind in ("protesters", "rioters", "civilians", "unidentified")] if country else []
        used = [str(e.values[name]) for e in desk.ledger.events(country=country, limit=200, newest_first=True) if e.values.get(name)]
        return list(dict.fromkeys([*generic, *used, *desk.actors.complete("", limit=MOST_WORDS)]))[:MOST_WORDS]
    if name.startswith("assoc_actor"):
        groups = desk.codebook.lists["associated_groups"].codes if "associated_groups" in desk.codebook.lists else ()
        return [f"{g} ({country})" if country else g for g in groups]
    if name == "location":
        own = [p.name for p in desk.team_places if not country or p.country == country]
        used = [str(e.values["location"]) for e in desk.ledger.events(country=country, limit=500, newest_first=True) if e.values.get("location")]
        return list(dict.fromkeys([*own, *used]))[:MOST_WORDS]
    return []


def completed(value: str, words: Sequence[str]) -> str:
    """What was typed, or the one word that begins so: Tab is not needed where there is no choice."""
    text = value.strip()
    begins = [word for word in words if word.casefold().startswith(text.casefold())]
    return begins[0] if text and text not in words and len(begins) == 1 else text


def ask_event(desk: Desk, *, documents: Sequence[str] = ()) -> NewEvent | None:
    """Ask field by field; a value that cannot be read is said so and asked for again. None when the coder stops with Ctrl-C or Ctrl-D."""
    from eventcoder.coding import NewEvent

    note("One field a line; Tab completes, Enter leaves a field empty, Ctrl-C stops without storing.")
    raw: dict[str, Any] = {}
    for name in ORDER:
        if name in ("latitude", "longitude", "admin1") and _found(raw, name):
            continue
        if name == "source" and documents:
            continue
        while True:
            column = desk.codebook.columns_by_name.get(name)
            words = words_for(desk, name, raw)
            value = read_line(f"{(column.label or name) if column else name}: ", words=words, default=DEFAULTS.get(name, ""))
            if value is None:
                return None
            if not value.strip():
                break
            typed, problems = desk.codebook.coerce({name: completed(value, words if column and column.list else ())})
            if not problems:
                raw[name] = typed[name]
                break
            show_problems(problems)
        if name == "location" and raw.get("location"):
            place = choose_place(desk, raw["location"], raw.get("country"))
            if place is not None:
                desk.use_place(raw, place)
    return NewEvent(raw, reports=documents)


def _found(raw: Mapping[str, Any], name: str) -> bool:
    return raw.get(name) is not None


def choose_place(desk: Desk, name: str, country: str | None) -> Place | None:
    """Offer the places of that name, the team's own and earlier ones first; None if there is none or the coder wants none of them."""
    places = [p for p in desk.gazetteer(progress=note).lookup(name, country=country, limit=6, strict=False) if p.point is not None]
    for number, place in enumerate(places, 1):
        note(f"  {number}  {place.name}, {place.admin1 or '-'}, {place.country}  {place.latitude}, {place.longitude}")
    if not places:
        note("  No such place is known: type its coordinates. 'eventcoder places add' remembers it.")
        return None
    answer = read_line(f"Which place [1-{len(places)}], or 0 for none of them? ", default="1")
    if answer and answer.strip().isdigit() and 1 <= int(answer) <= len(places):
        return places[int(answer) - 1]
    return None
