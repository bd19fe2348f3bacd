"""The form of `add` on a terminal: one prompt a field, with completion of types, actors and places. Floor 8."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.cli.keys import CHOICES, END, read_choice, read_key, read_line, single_keys
from eventcoder.cli.output import note, show_problems
from eventcoder.ledger.folded import OF_DATASET

if TYPE_CHECKING:
    from eventcoder.coding import Desk, NewEvent, Outcome
    from eventcoder.gazetteer import Place
    from eventcoder.problem import Problem

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
        return list(dict.fromkeys([*generic, *_used(desk, name, country, 200), *desk.actors.complete("", limit=MOST_WORDS)]))[:MOST_WORDS]
    if name.startswith("assoc_actor"):
        groups = desk.codebook.lists["associated_groups"].codes if "associated_groups" in desk.codebook.lists else ()
        return [f"{g} ({country})" if country else g for g in groups]
    if name == "location":
        own = [p.name for p in desk.team_places if not country or p.country == country]
        return list(dict.fromkeys([*own, *_used(desk, "location", country, 500)]))[:MOST_WORDS]
    return []


def _used(desk: Desk, name: str, country: str | None, limit: int) -> list[str]:
    """What the newest events of the dataset have in a column."""
    newest = desk.ledger.events(states=OF_DATASET, country=country, limit=limit, newest_first=True)
    return [str(event.values[name]) for event in newest if event.values.get(name)]


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
    named = bool(documents) and all(_publisher(desk, d) for d in documents)
    names = [name for name in ORDER if name != "source" or not named]
    return NewEvent(raw, reports=documents) if _ask(desk, raw, names) else None


def _ask(desk: Desk, raw: dict[str, Any], names: Sequence[str]) -> bool:
    """Fill in the fields `names`; what stands there already is offered to be changed. False when the coder stops."""
    for name in names:
        if name in ("latitude", "longitude", "admin1") and _found(raw, name) and len(names) > 1:
            continue
        held = raw.get(name)
        had = "; ".join(held) if isinstance(held, list) else str(held) if held is not None else DEFAULTS.get(name, "")
        while True:
            column = desk.codebook.columns_by_name.get(name)
            words = words_for(desk, name, raw)
            value = read_line(f"{(column.label or name) if column else name}: ", words=words, default=had)
            if value is None:
                return False
            if not value.strip():
                raw.pop(name, None)
                break
            typed, problems = desk.codebook.coerce({name: completed(value, words if column and column.list else ())})
            if not problems:
                raw[name] = typed[name]
                break
            show_problems(problems)
        if name == "location" and raw.get("location") and raw.get("location") != held:
            place = choose_place(desk, raw["location"], raw.get("country"))
            if place is not None:
                if not _latin(raw["location"]):
                    raw["location"] = place.name  # typed as the article writes it; the dataset's names are in Latin letters
                desk.use_place(raw, place)
    return True


def _latin(text: str) -> bool:
    return all(unicodedata.name(c, "").startswith("LATIN") for c in text if c.isalpha())


def store_event(desk: Desk, new: NewEvent, *, allow_open: bool = False) -> Outcome | None:
    """Store what the form gathered; where it is refused, ask for the fields that are wrong or lacking, so that nothing typed is lost.

    None when the coder drops it.
    """
    from eventcoder.cli.screen import folded
    from eventcoder.coding import NewEvent
    from eventcoder.errors import Refused

    raw = dict(new.raw)
    while True:
        for document in new.reports:
            told = ask_scale(desk, document) or proposed_scale(desk, document)
            if told and len(new.reports) == 1 and not raw.get("source_scale"):
                raw["source_scale"] = told
        try:
            return desk.add(NewEvent(raw, reports=new.reports, reason=new.reason), allow_open=allow_open)
        except Refused as error:
            show_problems(folded(error.problems))
            wrong = fields_to_mend(desk, raw, error.problems)
        note("Not stored yet.  e: mend these fields  o: keep the event open as it is  d: drop it")
        with single_keys():
            key = read_key().casefold()
            while key not in ("e", "o", "d", END):
                key = read_key().casefold()
        if key in ("d", END) or (key == "e" and not _ask(desk, raw, wrong or list(ORDER))):
            return None
        allow_open = allow_open or key == "o"


def fields_to_mend(desk: Desk, raw: Mapping[str, Any], problems: Iterable[Problem]) -> list[str]:
    """What is asked again: the fields that the errors name. For what is computed (the interaction, an actor's type that nobody gave) that is the
    actors, from which it follows; a type typed beside a wrong actor would only hide the mistake.
    """
    wrong: dict[str, None] = {}
    for problem in problems:
        name = problem.field or ""
        if problem.severity != "error" or name not in desk.codebook.columns_by_name:
            continue
        if name == "interaction":
            wrong |= {"actor1": None, "actor2": None}
        elif name in ("inter1", "inter2"):
            wrong[f"actor{name[-1]}"] = None
            if name in raw or problem.code == "missing-required":
                wrong[name] = None
        else:
            wrong[name] = None
    return list(wrong)


def ask_scale(desk: Desk, document: str) -> str | None:
    """Ask once of what scale the publisher of a document is, where no register knows; kept for all its reports. The scale, if it was told now."""
    name = _publisher(desk, document)
    if not name or desk.publishers.scale([name]) is not None or _waits(desk, name) is not None:
        return None
    scales = [code for code in desk.codebook.lists["source_scales"].codes if "-" not in code]
    note(f"Of what scale is {name}? (another key: later)")
    note("  ".join(f"{key} {scale}" for key, scale in zip(CHOICES, scales, strict=False)))
    chosen = read_choice(scales)
    if chosen not in scales:
        return None
    from eventcoder.team.registers.registering import enter_or_propose

    stored = enter_or_propose(desk, "publisher", name, {"scale": chosen})
    waits = "" if desk.publishers.scale([name]) else ": proposed to the leads; until one decides, what you code from its reports takes it"
    note(f"{stored.subject}  [{chosen}]{waits}")
    return chosen


def scale_to_give(desk: Desk, document: str) -> str | None:
    """The scale that a draft needs until a lead accepts its publisher: as it was proposed, else as the coder says now; None if none is needed."""
    name = _publisher(desk, document)
    if not name:
        note("The document names no publisher: e gives source_scale.")
    elif desk.publishers.scale([name]) is not None:
        note(f"The register knows the scale of {name}.")
    elif (proposed := _waits(desk, name)) is not None:
        note(f"{name} waits for a lead. " + (f"Taken for this draft: {proposed}, as it was proposed." if proposed else "e gives source_scale."))
        return proposed or None
    else:
        return ask_scale(desk, document)
    return None


def proposed_scale(desk: Desk, document: str) -> str | None:
    """The scale of a document's publisher while a lead has not decided about it: what was proposed serves, so that nobody is asked at each report."""
    name = _publisher(desk, document)
    return (_waits(desk, name) or None) if name and desk.publishers.scale([name]) is None else None


def scale_meanwhile(desk: Desk, document: str, values: Mapping[str, Any]) -> tuple[str | None, str]:
    """What `source_scale` a draft takes while no register knows its publisher, and what is said to the coder; None and nothing where it has one."""
    from eventcoder.team.registers.registering import may_decide

    names = "; ".join(values.get("source") or [])
    if not names or values.get("source_scale"):
        return None, ""
    if scale := proposed_scale(desk, document):
        return scale, f"source_scale {scale}: as it was proposed, until a lead decides about {names}"
    once = "tells once and for all" if may_decide(desk, "publisher") else "proposes to the leads"
    return None, f"p  {once} of what scale {names} is (national, regional ...)"


def _waits(desk: Desk, name: str) -> str | None:
    """The scale of a publisher that was proposed and that a lead has to decide ("": proposed without one): a coder is not asked twice."""
    from eventcoder.ledger.registered import words

    said = words(desk.ledger, "publisher", name).get(name)
    return str(said.proposed[-1].body.get("scale") or "") if said is not None and said.proposed else None


def _publisher(desk: Desk, document: str) -> str:
    meta = desk.document_meta(desk.find_document(document))
    return "" if meta.get("visibility") == "undisclosed" else str(meta.get("publisher") or "")


def _found(raw: Mapping[str, Any], name: str) -> bool:
    return raw.get(name) is not None


def choose_place(desk: Desk, name: str, country: str | None) -> Place | None:
    """Offer the places of that name, the team's own and earlier ones first; None if there is none or the coder wants none of them."""
    places = [p for p in desk.gazetteer(progress=note).lookup(name, country=country, limit=6, strict=False) if p.point is not None]
    for number, place in enumerate(places, 1):
        note(f"  {number}  {place.name}, {place.admin1 or '-'}, {place.country}  {place.latitude}, {place.longitude}")
    if not places:
        from eventcoder.team.registers.describing import way_in

        note(f"  No such place is known: type its coordinates. 'eventcoder places {way_in(desk, 'place')}' remembers it.")
        return None
    answer = read_line(f"Which place [1-{len(places)}], or 0 for none of them? ", default="1")
    if answer and answer.strip().isdigit() and 1 <= int(answer) <= len(places):
        return places[int(answer) - 1]
    return None
