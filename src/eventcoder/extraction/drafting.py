"""Drafts from readings: the codebook's columns with evidence, candidates and rules; a reason for every null that a coder would ask about.

Every span is given in offsets of the stored text, its quote is cut from there. Several places told for one statement give several drafts, and
figures for them together are kept as counts but not given to any one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventcoder.event import Count, Document, Draft, Span
from eventcoder.extraction.actors import Cast
from eventcoder.extraction.casting import cast_event
from eventcoder.extraction.dates import REFUSALS
from eventcoder.extraction.figures import figures
from eventcoder.extraction.following import claimant
from eventcoder.extraction.geography import Mention, as_candidate, place_fields
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.note import draft_note
from eventcoder.extraction.placing import between, finest, listed, nearest, town_within
from eventcoder.extraction.reading import ENGINE, ENGINE_VERSION, Reading, engine_version
from eventcoder.extraction.settling import settled_type
from eventcoder.extraction.status import dated
from eventcoder.identity import digest

_PLACE_COLUMNS = ("country", "admin1", "admin2", "location", "latitude", "longitude", "geo_precision", "gazetteer_id", "gazetteer_version")


def draft_of(document: Document, text: str, reading: Reading, kit: Kit, before: Sequence[Reading] = ()) -> list[Draft]:
    """The draft of a reading with its joined mentions; one a place where several are told. `before` are the events drafted before it."""
    if reading.only_regions and (town := town_within(reading)) is not None:
        return [_draft(document, text, reading, kit, town, several=False, before=before)]
    places = finest(list(reading.settled_places))
    distinct = {m.name if m.within else m.best.gazetteer_id: m for m in places if m.best is not None}
    if reading.judged.status in ("codable", "background") and len(distinct) > 1:
        chosen = list(distinct.values())
        first = between(text, chosen)
        if first is not None:
            return [_draft(document, text, reading, kit, first, several=False, before=before)]
        if listed(text, chosen):
            return [_draft(document, text, reading, kit, m, several=True, before=before) for m in chosen]
        return [_draft(document, text, reading, kit, nearest(reading, chosen), several=False, before=before)]
    return [_draft(document, text, reading, kit, next(iter(distinct.values()), None), several=False, before=before)]


def governed_draft(document: Document, text: str, reading: Reading, kit: Kit) -> Draft:
    """A draft without event fields: talk, plans and attributes are shown to the coder, never coded by themselves."""
    statement = reading.statement
    span = span_of(text, statement.sentence.offset + statement.start, statement.sentence.offset + statement.end)
    fields: dict[str, Any] = {}
    rules = {"status": reading.judged.clue}
    evidence: dict[str, list[Span]] = {}
    if reading.typed.sub_event_type and reading.judged.status == "hypothetical":
        rules["sub_event_type"] = f"would be {reading.typed.sub_event_type}; not coded because it has not happened"
    score = round(0.5 + reading.typed.score / 2, 3) if reading.typed.score else 0.6
    return finish(document, reading, span, fields, evidence, [], {}, rules, score, engine_version(kit.model_version))


def _draft(
    document: Document, text: str, reading: Reading, kit: Kit, place: Mention | None, *, several: bool, before: Sequence[Reading] = ()
) -> Draft:
    statement = reading.statement
    offset = statement.sentence.offset
    status = reading.judged
    happened = status.status in ("codable", "lead", "background")
    if happened and reading.joined:
        placed = place is not None or bool(reading.settled_places or reading.named_places)
        again = dated(statement, reading.when, placed, reading.published, kit.settings.window_days)
        if status.status == "lead" or (status.status == "codable" and again.status != "codable"):
            status = again
    fields: dict[str, Any] = {}
    evidence: dict[str, list[Span]] = {}
    rules: dict[str, str] = {"status": status.clue}
    candidates: dict[str, list[dict[str, Any]]] = {}
    all_readings = [reading, *reading.joined]
    kind, score = settled_type(all_readings)
    if kind is not None:
        fields["sub_event_type"] = kind
        rules["sub_event_type"] = reading.typed.rule
        evidence["sub_event_type"] = _cues(text, all_readings)
        if reading.typed.alternatives:
            candidates["sub_event_type"] = [{"value": t, "score": s} for t, s in reading.typed.alternatives]
    _dates(text, reading, all_readings, fields, evidence, rules)
    if happened:
        _place(text, reading, place, fields, evidence, rules, candidates)
    else:
        rules["location"] = "a statement of this status has no single place"
    counts = figures(text, document, all_readings, fields, evidence, rules, happened=happened, several=several, kind=kind)
    if happened:
        day = fields.get("event_date")
        country = fields.get("country")
        made = cast_event(reading, kind or "", country, day, kit, before)
        _actors(text, made, country, fields, evidence, rules)
        if made.presumed is not None:
            candidates["actor1"] = [{"value": made.presumed, "score": 0.5, "rule": "presumed: the text names nobody"}]
        if made.undirected:
            rules["actor1"] += "; undirected: the text does not say who began"
        _claimed(text, reading, made, fields, evidence, rules, kit)
    if fields.get("event_date") is None:
        rules.setdefault("event_date", "no date in the text")
    note = draft_note(fields) if happened else None
    if note:
        fields["notes"] = note
        rules["notes"] = "built from the fields"
    start, end = offset + statement.start, offset + statement.end
    total = min(0.99, max(0.05, score * (1.0 if happened else 0.8) * (1.0 if fields.get("location") else 0.85)))
    reading = _with_status(reading, status)
    span = span_of(text, start, end)
    return finish(document, reading, span, fields, evidence, counts, candidates, rules, round(total, 3), engine_version(kit.model_version))


def _with_status(reading: Reading, status: Any) -> Reading:
    reading.judged = status
    return reading


def _cues(text: str, readings: list[Reading]) -> list[Span]:
    out: list[Span] = []
    for reading in readings:
        sentence = reading.statement.sentence
        hits = reading.statement.hits or [h for h, _ in reading.statement.covered]
        for hit in hits[:3]:
            out.append(span_of(text, sentence.offset + sentence.tokens.starts[hit.start], sentence.offset + sentence.tokens.ends[hit.end - 1]))
    if not out:  # an event without a cue: the whole clause bears the type out
        statement = readings[0].statement
        out.append(span_of(text, statement.sentence.offset + statement.start, statement.sentence.offset + statement.end))
    return out[:6]


def _dates(
    text: str, reading: Reading, readings: list[Reading], fields: dict[str, Any], evidence: dict[str, list[Span]], rules: dict[str, str]
) -> None:
    when = reading.when
    if when is None:
        rules["event_date"] = "no date in the text"
        return
    source = next((r for r in readings if r.when is when), reading)
    offset = source.statement.sentence.offset if source.when_offset is None else source.when_offset
    span = span_of(text, offset + when.start, offset + when.end)
    if not when.known:
        rules["event_date"] = f"{when.rule}: {REFUSALS.get(when.rule, 'not resolved')}"
        evidence["event_date"] = [span]
        return
    assert when.first is not None and when.last is not None
    fields["date_start"], fields["date_end"] = when.first.isoformat(), when.last.isoformat()
    names = ["date_start", "date_end"]
    if reading.judged.status == "aggregate":
        rules["event_date"] = "a sum has no day of its own"
    elif when.precision is not None and when.day is not None:
        fields["event_date"], fields["time_precision"] = when.day.isoformat(), when.precision
        names += ["event_date", "time_precision"]
    else:
        rules["event_date"] = f"{when.rule}: coarser than a month"
    for name in names:
        evidence[name] = [span]
        rules.setdefault(name, when.rule)


def _place(
    text: str,
    reading: Reading,
    place: Mention | None,
    fields: dict[str, Any],
    evidence: dict[str, list[Span]],
    rules: dict[str, str],
    candidates: dict[str, list[dict[str, Any]]],
) -> None:
    mentions = [m for r in (reading, *reading.joined) for m in r.places]
    listed = [as_candidate(p, s) | {"start": m.start, "end": m.end} for m in mentions for p, s in m.candidates[:5]]
    if listed:
        candidates["location"] = sorted(listed, key=lambda c: -c["score"])[:8]
    if place is not None and place.best is not None:
        span = span_of(text, place.start, place.end)
        for name, value in place_fields(place).items():
            fields[name] = value
            evidence[name] = [span]
            rules[name] = reading.place_rule or f"gazetteer:{place.context}"
        if place.parent is not None:
            evidence["admin1" if not place.parent.country_only else "country"] = [span_of(text, place.parent.start, place.parent.end)]
        return
    unknown = next((m for m in mentions if not m.candidates), None)
    named = next((m for r in (reading, *reading.joined) for m in r.named_places), None)
    if named is not None and reading.judged.status == "codable":
        # The text says where it was; the coder has only to find the point.
        fields["location"] = named.name.title() if named.name.isupper() and len(named.name) > 3 else named.name
        evidence["location"] = [span_of(text, named.start, named.end)]
        rules["location"] = f"'{named.name}' is not in the gazetteer" if not named.candidates else "several places fit; the candidates are listed"
        rules["latitude"] = "no point: " + rules["location"]
        fields["geo_precision"] = 2 if named.context == "near" else 1
        evidence["geo_precision"], rules["geo_precision"] = evidence["location"], "the text names the town; only its point is not known"
    elif unknown is not None:
        rules["location"] = f"'{unknown.name}' is not in the gazetteer"
    elif mentions:
        rules["location"] = "several places fit; the candidates are listed"
    else:
        rules["location"] = "the text names no place for this statement"
    region = next(
        (m.parent.best for m in mentions if not m.candidates and m.parent is not None and not m.parent.country_only and m.parent.best is not None),
        None,
    )
    if region is not None and region.kind == "admin1":
        parent = next(m.parent for m in mentions if m.parent is not None and m.parent.best is region)
        fields["country"], fields["admin1"] = region.country, region.admin1
        evidence["country"] = evidence["admin1"] = [span_of(text, parent.start, parent.end)]
        rules["country"] = rules["admin1"] = "the region named with the place"
        return
    scene = reading.scene
    sole = (
        reading.scene.sole_country if reading.scene is not None and reading.country is None and reading.judged.status in ("lead", "codable") else None
    )
    if sole is not None:
        fields["country"] = sole.country or (sole.best.country if sole.best is not None else None)
        evidence["country"] = [span_of(text, sole.start, sole.end)]
        rules["country"] = "the only country that the text speaks of"
        rules["location"] += "; a country is no point" if "location" not in fields else ""
    elif reading.country is not None:
        fields["country"] = reading.country
        source = reading.country_mention
        if source is not None:
            evidence["country"] = [span_of(text, source.start, source.end)]
            rules["country"] = "named as the place"
        else:
            evidence["country"] = [span_of(text, m.start, m.end) for m in mentions[:1]]
            rules["country"] = "all candidate places lie there"
        rules["location"] += "; a country is no point" if "location" not in fields else ""
    elif scene is not None and scene.country is not None and reading.judged.status == "codable":
        fields["country"], rules["country"] = scene.country, "the country that the text is mostly about"
        evidence["country"] = [span_of(text, m.start, m.end) for m in scene.of_country(scene.country)[:1]]


def _actors(text: str, made: Cast, country: str | None, fields: dict[str, Any], evidence: dict[str, list[Span]], rules: dict[str, str]) -> None:
    for number, role, groups in ((1, made.first, made.groups_first), (2, made.second, made.groups_second)):
        name = f"actor{number}"
        if role is None:
            rules[name] = made.reasons.get(name) or ("no country: the codebook's name needs one" if country is None else "the text names none")
        else:
            fields[name] = role.actor
            rules[name] = role.rule
            if role.inter:
                fields[f"inter{number}"] = role.inter
                rules[f"inter{number}"] = role.rule
            if role.start is not None and role.end is not None and role.end > role.start >= 0:
                evidence[name] = [span_of(text, role.start, role.end)]
                if role.inter:
                    evidence[f"inter{number}"] = evidence[name]
        if groups:
            fields[f"assoc_actor_{number}"] = [g.actor for g in groups]
            rules[f"assoc_actor_{number}"] = groups[0].rule
            evidence[f"assoc_actor_{number}"] = [span_of(text, g.start or 0, g.end or 0) for g in groups if g.end]


def _claimed(
    text: str, reading: Reading, made: Cast, fields: dict[str, Any], evidence: dict[str, list[Span]], rules: dict[str, str], kit: Kit
) -> None:
    """Who claimed the attack is its first actor where the telling named none."""
    country = fields.get("country")
    if made.first is not None and (country is None or made.first.actor != kit.actors.generic("armed_group", country)):
        return
    for start, end in reading.claims:
        named = claimant(text[start:end], kit, country, fields.get("event_date"))
        if named is not None:
            fields["actor1"], rules["actor1"] = named.actor, "claim"
            evidence["actor1"] = [span_of(text, start + named.start, start + named.end)]
            if named.inter:
                fields["inter1"], rules["inter1"], evidence["inter1"] = named.inter, "claim", evidence["actor1"]
            return


def span_of(text: str, start: int, end: int) -> Span:
    """The evidence at [start, end) of the stored text."""
    return Span(start=start, end=end, quote=text[start:end])


def finish(
    document: Document,
    reading: Reading,
    span: Span,
    fields: dict[str, Any],
    evidence: dict[str, list[Span]],
    counts: list[Count],
    candidates: dict[str, list[dict[str, Any]]],
    rules: dict[str, str],
    score: float,
    version: str = ENGINE_VERSION,
) -> Draft:
    """The draft with its id: a hash of document, span, engine, version, status and fields."""
    identity = digest(
        {
            "document": document.id,
            "start": span.start,
            "end": span.end,
            "engine": ENGINE,
            "version": version,
            "status": reading.judged.status,
            "fields": fields,
        }
    )
    return Draft(
        draft_id=identity[:16], document=document.id, status=reading.judged.status, clue=reading.judged.clue,
        statement=span, fields=fields, evidence=evidence,
        counts=counts, candidates=candidates, rules=rules, score=score, engine=ENGINE, engine_version=version,
    )  # fmt: skip
