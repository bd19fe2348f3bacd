"""Drafts from what a model told: every quote looked for in the text, every label in the lists, every value found again by our own resolvers. Floor 5.

Confirmed by the quoted words: a field with its evidence. Quoted but not confirmed: offered as a candidate, the field stays null with the reason.
Without a quote that stands in the text: dropped. Nothing of this happens silently; each case is a problem of the document.
"""

from __future__ import annotations

from datetime import date
from typing import cast

from eventcoder.clock import latest_today, now
from eventcoder.event import CountKind, Document, Draft, Span, Status
from eventcoder.extraction.dates import Resolved
from eventcoder.extraction.geography import Geography, place_fields
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.llm.answer import ACTORS, COUNTED, FIELDS, PLACES, Quoted, Statement
from eventcoder.extraction.llm.days import day_of, parsed, standing
from eventcoder.extraction.llm.making import Making, plain, short, stored
from eventcoder.extraction.llm.people import actor_of, agree, basis, people_of, whole
from eventcoder.extraction.llm.quotes import find_quote
from eventcoder.extraction.llm.spots import country_of, division_of, place_of
from eventcoder.extraction.note import draft_note
from eventcoder.extraction.places import dateline_end
from eventcoder.identity import digest
from eventcoder.problem import Problem

_MOST_PEOPLE = 50_000_000  # no larger number is offered
_HAPPENED = ("codable", "lead", "background")
_NO_DEATHS = ("Peaceful protest", "Protest with intervention", "Abduction/forced disappearance")


def drafts_of(
    document: Document,
    text: str,
    told: list[tuple[Statement, tuple[int, int]]],
    kit: Kit,
    geography: Geography,
    *,
    english: bool,
    engine: str,
    version: str,
) -> tuple[list[Draft], list[Problem]]:
    """The drafts of a document in the order of the text, and what was dropped or left open on the way."""
    problems: list[Problem] = []
    made: list[Draft] = []
    for statement, window in told:
        draft = _draft(document, text, statement, window, kit, geography, english, problems, engine, version)
        if draft is not None:
            made.append(draft)
    kept: list[Draft] = []
    for draft in sorted(made, key=lambda d: (-len(d.fields), d.statement.start, d.draft_id)):
        if not any(_same(draft, other) for other in kept):
            kept.append(draft)
    kept.sort(key=lambda d: (d.statement.start, d.statement.end, d.draft_id))
    return kept, list(dict.fromkeys(problems))


def _draft(
    document: Document,
    text: str,
    statement: Statement,
    window: tuple[int, int],
    kit: Kit,
    geography: Geography,
    english: bool,
    problems: list[Problem],
    engine: str,
    version: str,
) -> Draft | None:
    where = find_quote(text, statement.quote, *window)
    if where is None:
        what = f"its quote {short(statement.quote)} is not in the text" if statement.quote.strip() else "it has no quote"
        problems.append(
            Problem("quote-not-in-text", f"A statement was dropped: {what}.", "warning", value=stored(statement.quote), where=document.id)
        )
        return None
    making = Making(document, text, kit, geography, where, window, english, problems)
    status = making.label("status", "statuses", statement.status)
    if status is None:
        return None
    clue_span = find_quote(text, statement.clue, *window, near=where.start) if statement.clue else None
    clue = f"read by the model: '{plain(clue_span.quote)}'" if clue_span is not None else "read by the model"
    if status in _HAPPENED:
        _type(making, statement)
        country, admin1 = _region(making, statement)
        when = _day(making, statement.date)
        _place(making, statement.location, country, admin1)
        _sides(making, statement)
    for name in COUNTED:
        _people(making, name, statement.field(name), happened=status in _HAPPENED)
    if status in _HAPPENED:
        if status != "background":
            settled = "location" in making.fields
            status, why = standing("codable", when, settled, document.published, kit.settings.window_days)
            if status == "codable" and "sub_event_type" not in making.fields:
                status, why = "lead", "no type is settled"
            clue = f"{clue}; {why}" if why else clue
        note = draft_note(making.fields)
        if note:
            making.fields["notes"], making.rules["notes"] = note, "built from the fields"
    else:
        for name in FIELDS:
            if name not in COUNTED and statement.field(name).told:
                making.rules[name] = "a statement of this status has no such field"
    making.rules["status"] = clue
    share = making.confirmed / making.told if making.told else 0.5
    score = round((0.4 + 0.5 * share) * (0.85 if status in _HAPPENED and "location" not in making.fields else 1.0), 3)
    identity = {
        "document": document.id,
        "start": where.start,
        "end": where.end,
        "engine": engine,
        "version": version,
        "status": status,
        "fields": making.fields,
    }
    return Draft(
        draft_id=digest(identity)[:16], document=document.id, status=cast(Status, status), clue=clue, statement=where, fields=making.fields,
        evidence=making.evidence, counts=making.counts, candidates=making.candidates, rules=making.rules, score=score, engine=engine,
        engine_version=version,
    )  # fmt: skip


def _type(making: Making, statement: Statement) -> None:
    given = statement.sub_event_type
    if not given.told:
        return
    making.told += 1
    span = making.quoted("sub_event_type", given)
    if span is None:
        return
    code = making.label("sub_event_type", "sub_event_types", given.value)
    if code is None:
        making.rules["sub_event_type"] = f"dropped: the model's label {short(given.value)} is not in the codebook"
        return
    making.confirmed += 1
    making.set("sub_event_type", code, span, "llm")


def _region(making: Making, statement: Statement) -> tuple[str | None, str | None]:
    """Country and first-level division where the text names them; they are fields only as long as no place says otherwise."""
    country = admin1 = None
    for name in PLACES[:0:-1]:  # country, then admin1
        given = statement.field(name)
        if not given.told:
            continue
        making.told += 1
        span = making.quoted(name, given)
        if span is None:
            continue
        found = country_of(making.kit, span, given.value) if name == "country" else division_of(making.kit, span, given.value, country)
        if found is None:
            making.offer(name, given, span, f"'{plain(span.quote)}' names none that is known")
            continue
        making.confirmed += 1
        making.set(name, found, span, "named as the place")
        country, admin1 = (found, admin1) if name == "country" else (country, found)
    return country, admin1


def _place(making: Making, given: Quoted, country: str | None, admin1: str | None) -> None:
    if not given.told:
        making.rules["location"] = "the model names no place for this statement"
        return
    making.told += 1
    span = making.quoted("location", given)
    if span is None:
        return
    line = dateline_end(making.text)
    if span.end <= line:
        again = find_quote(making.text, given.quote, line, len(making.text), near=making.statement.start)
        if again is None or again.start < line:
            making.offer("location", given, span, "named only at the head of the report, which says where it was written")
            return
        span = again
    names = [n for n in (given.value, given.english) if isinstance(n, str)]
    settled, others = place_of(
        making.geography, making.kit, span, names, country, admin1, likely=making.geography.country, foreign=not making.english
    )
    if settled is None or settled.best is None:
        why = "several places fit; the candidates are listed" if others else f"'{plain(span.quote)}' is not in the gazetteer"
        making.offer("location", given, span, why, others)
        return
    making.confirmed += 1
    at = Span(start=settled.start, end=settled.end, quote=making.text[settled.start : settled.end])
    for name, value in place_fields(settled).items():
        if making.fields.get(name) != value:
            making.set(name, value, at, f"gazetteer:{settled.context}")


def _day(making: Making, given: Quoted) -> Resolved | None:
    if not given.told:
        making.rules["event_date"] = "the model names no day"
        return None
    making.told += 1
    span = making.quoted("date", given)
    if span is None:
        making.rules["event_date"] = making.rules.pop("date")
        return None
    value = parsed(given.value)
    published = making.document.published
    when, rule = day_of(making.text, span, None if making.english else given.english, value, published)
    if when is not None and when.first is not None and when.first > (published or latest_today(now())):
        when, rule = None, "the day lies in the future"
    if when is None:
        offered = Quoted(value=value.isoformat() if _possible(value, published) and value is not None else None, quote=given.quote)
        making.offer("event_date", offered if offered.value else Quoted(value=None, quote=given.quote), span, rule)
        return None
    making.confirmed += 1
    assert when.first is not None and when.last is not None
    at = Span(start=when.start, end=when.end, quote=making.text[when.start : when.end]) if making.text[when.start : when.end] == when.words else span
    making.set("date_start", when.first.isoformat(), at, rule)
    making.set("date_end", when.last.isoformat(), at, rule)
    if when.precision is not None and when.day is not None:
        making.set("event_date", when.day.isoformat(), at, rule)
        making.set("time_precision", when.precision, at, rule)
    else:
        making.rules["event_date"] = f"{rule}: coarser than a month"
    if value is not None and not when.first <= value <= when.last:
        making.rules["event_date"] += f" (the model said {value.isoformat()})"
        making.report(
            "value-not-confirmed",
            f"'date': the words {short(at.quote)} give {when.first}, the model said {value}; the words stand.",
            "date",
            value.isoformat(),
            "info",
        )
    return when


def _possible(value: date | None, published: date | None) -> bool:
    return value is not None and value <= (published or latest_today(now()))


def _sides(making: Making, statement: Statement) -> None:
    for number, name in enumerate(ACTORS, 1):
        given = statement.field(name)
        if not given.told:
            continue
        making.told += 1
        span = making.quoted(name, given)
        if span is None:
            continue
        label = making.label(f"inter{number}", "inter", given.actor_class) if given.actor_class else None
        country, day = making.fields.get("country"), making.fields.get("event_date")
        side = actor_of(making.kit, span, None if making.english else (given.english or ""), given.value, label, country, day)
        if side is None or side.actor is None:
            why = "no country: the codebook's name needs one" if country is None else f"'{plain(span.quote)}' is no actor that is known"
            making.offer(name, given, span, why)
            continue
        if not agree(side.inter, label):
            why = f"the words mean {side.actor} ({side.inter}), the model says {label}"
            making.offer(name, given, span, why, [{"value": side.actor, "inter": side.inter, "score": 0.4}])
            continue
        making.confirmed += 1
        making.set(name, side.actor, span, side.rule)
        if side.inter:
            making.set(f"inter{number}", side.inter, span, side.rule)
        if side.groups:
            making.set(f"assoc_actor_{number}", list(side.groups), span, side.rule)


def _people(making: Making, name: str, given: Quoted, *, happened: bool) -> None:
    column = "fatalities" if name == "killed" else f"{name}_low"
    if not given.told:
        return
    making.told += 1
    span = making.quoted(name, given)
    if span is None:
        making.rules[column] = making.rules.pop(name)
        return
    interval, count = people_of(making.kit, making.text, span, None if making.english else given.english, given.value, cast(CountKind, name))
    if interval is None or count is None:
        number = whole(given.value)
        offered = Quoted(value=number if number is not None and 0 <= number <= _MOST_PEOPLE else None, quote=given.quote)
        making.offer(column, offered, span, f"'{plain(span.quote)}' gives no number that our reading confirms")
        return
    making.confirmed += 1
    making.counts.append(count.model_copy(update={"document": making.document.id}))
    if not happened:
        making.rules[column] = "kept as a count, never as an event's figure"
        return
    low, best, high, rule = interval
    if name != "killed":
        for end, value in (("low", low if low is not None else best), ("high", high)):
            if value is not None:
                making.set(f"{name}_{end}", value, span, rule)
        if name == "crowd":
            making.set("crowd_text", count.words, span, rule)
        return
    if making.fields.get("sub_event_type") in _NO_DEATHS and (best or low):
        making.rules["fatalities"] = "deaths are told, but this type has none: kept as a count"
        return
    figure = best if best is not None else low if low is not None else 0 if high == 0 else None
    if figure is None:
        making.rules["fatalities"] = f"conservative: the text gives only an upper bound ({high}); the coder decides"
    else:
        making.set("fatalities", figure, span, rule)
    making.set("fatalities_low", low if low is not None else 0, span, rule)
    if high is not None:
        making.set("fatalities_high", high, span, rule)
    else:
        making.rules["fatalities_high"] = "open: the text gives no upper bound"
    making.set("fatalities_basis", basis(rule, high), span, rule)


def _same(one: Draft, two: Draft) -> bool:
    """Is it one statement told in two windows: the same words, of the same kind, at no other place?"""
    a, b = one.statement, two.statement
    shared = min(a.end, b.end) - max(a.start, b.start)
    if 2 * shared <= min(a.end - a.start, b.end - b.start):
        return False
    if (one.status in _HAPPENED) != (two.status in _HAPPENED):
        return False
    return all(
        name not in one.fields or name not in two.fields or one.fields[name] == two.fields[name]
        for name in ("sub_event_type", "gazetteer_id", "event_date")
    )
