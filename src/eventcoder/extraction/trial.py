"""One question about one text: what `eventcoder try` asks. Each function takes a record and a Kit and answers a plain dict.

A record is {"id", "text", "published"?, "country"?}; the answer repeats `id`. Types are given even where nothing would be coded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from eventcoder.errors import UsageError
from eventcoder.extraction.actors import cast, found_actors, people_with_names
from eventcoder.extraction.count_sums import combined_found, within_sentence
from eventcoder.extraction.counts import counts_in
from eventcoder.extraction.date_patterns import may_date
from eventcoder.extraction.dates import Resolved, resolve_all
from eventcoder.extraction.engine import read_document
from eventcoder.extraction.geography import as_candidate
from eventcoder.extraction.kit import Kit, find_people
from eventcoder.extraction.mentions import Sentence, add_dates, as_nouns
from eventcoder.extraction.places import read_places
from eventcoder.extraction.roles import speaks
from eventcoder.extraction.sentences import HEADER, sentences
from eventcoder.extraction.tokens import Tokens, tokenize
from eventcoder.extraction.topics import topics
from eventcoder.extraction.typing import decide

_REACH = 240  # characters: a sentence or so
_NO_DATE = {"id": None, "start": None, "end": None, "time_precision": None, "event_date": None, "rule": "no-date", "words": None}


def try_type(record: Mapping[str, Any], kit: Kit) -> dict[str, Any]:
    """`sub_event_type`, `score`, `alternatives` [{sub_event_type, score}], `rule` of the whole text read as one event."""
    text = _text(record)
    tokens, people, _matches = _read(text, record, kit)
    hits = [h for h in kit.lexicon.cues.find(tokens) if h.label != "NOISE"]
    hits = as_nouns(tokens, hits, people)
    typed = kit.voter.vote(tokens, hits, people, decide(tokens, hits, people, kit.lexicon.signals))
    return {
        "id": record.get("id"), "sub_event_type": typed.sub_event_type, "score": typed.score,
        "alternatives": [{"sub_event_type": t, "score": s} for t, s in typed.alternatives], "rule": typed.rule,
    }  # fmt: skip


def try_date(record: Mapping[str, Any], kit: Kit) -> dict[str, Any]:
    """`start`, `end`, `time_precision`, `rule` of the event's date; `start` null and `rule` the reason where it cannot be resolved.

    Of several events the first current one counts, before what the text only remembers, sums up or plans. The day of somebody's talk ("police
    said on Wednesday") counts only where no other day is told in the sentences around.
    """
    text = _text(record)
    header = HEADER.match(text)
    published = _published(record) or (date.fromisoformat(header.group(1)) if header else None)
    if not may_date(text):
        return _NO_DATE | {"id": record.get("id")}
    events, _, _ = read_document(text, published, kit)
    told = [r for r in events if r.when is not None and r.when.known]
    current = [r for r in told if r.judged.status in ("codable", "lead") and not r.mere_name]
    reading = next(iter(current or told), None)
    chosen = reading.when if reading is not None else None
    if reading is not None and current and published is not None and chosen is not None and (chosen.first or published) > published:
        # It happened: a sign of plan elsewhere in the sentence does not move it ahead.
        again = resolve_all(reading.statement.sentence.text, published)
        chosen = next((r for r in again if r.start == chosen.start), chosen)
    if reading is None or chosen is None or not current or chosen.spoken or chosen.attributive or chosen.open_start or _told_before(chosen):
        about = reading.statement.sentence if reading is not None and current else None
        found = _resolve(text, published, kit)
        if about is not None:  # the sentence of the event and the two after it
            reach = about.offset + len(about.text) + 2 * _REACH
            found = [r for r in found if about.offset <= r.start < reach]
        known = [r for r in found if r.known and (about is None or r.precision in (1, 2))]
        if about is not None and published is not None:
            known = [r for r in known if r.last is not None and r.last <= published]
        refused = sorted((r for r in found if not r.known), key=lambda r: r.rule == "no-anchor")
        best = min(known, key=lambda r: (r.spoken, r.attributive, r.open_start, _told_before(r), r.precision or 9, r.start), default=None)
        if best is not None and (chosen is None or not (best.attributive or best.open_start or (best.spoken and chosen.spoken))):
            chosen = best
        elif chosen is None:
            chosen = next(iter(refused), None)
    if chosen is None:
        return _NO_DATE | {"id": record.get("id")}
    return {
        "id": record.get("id"), "start": _iso(chosen.first), "end": _iso(chosen.last), "time_precision": chosen.precision,
        "event_date": _iso(chosen.day) if chosen.precision else None, "rule": chosen.rule, "words": chosen.words,
    }  # fmt: skip


def _told_before(found: Resolved) -> bool:
    """ "the previous day", "two days earlier": relative to a day told before, which another word of the sentence may say outright."""
    return found.rule.startswith(("next-day", "days-later"))


def try_places(record: Mapping[str, Any], kit: Kit) -> dict[str, Any]:
    """`places` that the text names, likeliest place of an event first, and the `country` it speaks of.

    An unsettled place has no id but its `candidates`; a country has an id but no point, and stands after the places.
    """
    text = _text(record)
    published = _published(record)
    geography = read_places(text, kit, country=_country(record, kit))
    holders = {id(m.parent) for m in geography.mentions if m.parent is not None}
    rows: list[tuple[tuple[bool, bool], bool, dict[str, Any]]] = []
    for m in geography.mentions:
        if m.excluded or (not m.candidates and not m.country_only) or (m.country_only and (m.demonym or m.dateline or id(m) in holders)):
            continue
        best = m.best
        row: dict[str, Any] = {"start": m.start, "end": m.end, "name": m.name}
        if m.country_only:
            place = kit.gazetteer.lookup(m.country or "", limit=1)
            row |= {"gazetteer_id": place[0].gazetteer_id if place else None, "latitude": None, "longitude": None}
            row |= {"country": m.country, "score": 0.3 if m.preposition_is_place else 0.1, "geo_precision": None}
        else:
            row |= {
                "gazetteer_id": best.gazetteer_id if best else None,
                "latitude": best.latitude if best else None, "longitude": best.longitude if best else None,
                "country": best.country if best else None, "score": m.score, "geo_precision": m.geo_precision,
            }  # fmt: skip
            if best is None:
                row["candidates"] = [as_candidate(p, s) for p, s in m.candidates[:5]]
        weak = m.country_only or id(m) in holders or m.context == "none" or (m.within and m.parent is None)
        rows.append(((m.country_only, best is None), weak, row))
    # Which events the text tells decides the order among places of one kind only: a text with one of each need not be read for events.
    told = _told_at(text, published, kit) if len(rows) > len({kind for kind, _, _ in rows}) else {}
    rows.sort(key=lambda item: (item[0], told.get((item[2]["start"], item[2]["end"]), (2, 0)), item[1], item[2]["start"]))
    return {"id": record.get("id"), "places": [row for _, _, row in rows], "country": geography.country}


def _told_at(text: str, published: date | None, kit: Kit) -> dict[tuple[int, int], tuple[int, int]]:
    """Spans of the places of the events that the text tells, with their rank: what happened before what was only planned, then as told."""
    events, _, _ = read_document(text, published, kit)
    told: dict[tuple[int, int], tuple[int, int]] = {}
    for at, reading in enumerate(events):
        happened = 0 if reading.judged.status in ("codable", "lead") else 1
        for m in reading.places:
            told.setdefault((m.start, m.end), (happened, at))
    return told


def try_count(record: Mapping[str, Any], kit: Kit) -> dict[str, Any]:
    """`kind`, `low`, `best`, `high`, `rule` of the first count of people, `counts` with all; all null where nothing is counted."""
    text = _text(record)
    tokens = tokenize(text)
    found = counts_in(tokens, find_people(tokens, kit.lexicon), kit.lexicon)
    rows = [
        {"kind": f.count.kind, "low": f.count.low, "best": f.count.best, "high": f.count.high,
         "rule": f.count.rule, "words": f.count.words, "victim": f.count.victim,
         "start": f.count.start, "end": f.count.end}
        for f in found
    ]  # fmt: skip
    # A list ("two soldiers and a driver") and rival figures of one sentence are one figure; so is what comes on top ("a fourth died").
    total = combined_found(within_sentence(text, found), found[0].count.kind) if found else None
    if total is None:
        return {"id": record.get("id"), "kind": None, "low": None, "best": None, "high": None, "rule": "no-count", "counts": rows}
    low, best, high, rule = total
    return {"id": record.get("id"), "kind": found[0].count.kind, "low": low, "best": best, "high": high, "rule": rule, "counts": rows}


def try_actors(record: Mapping[str, Any], kit: Kit) -> dict[str, Any]:
    """`actors` [{start, end, name, actor, inter, role}]; role is actor1, actor2, assoc_actor_1, assoc_actor_2 or mentioned.

    `actor` is null where no country is known to name a generic actor by. The day is that of the text, else of its publication.
    """
    text = _text(record)
    country = _country(record, kit) or read_places(text, kit).country
    published = _published(record)
    told = next((r.day or r.first for r in _resolve(text, published, kit) if r.known), None)
    day = _iso(told or published)
    tokens, people, matches = _read(text, record, kit, country=country, day=day)
    if country is None and (homes := {m.country for m in matches if m.country and m.kind in ("military", "police", "security")}) and len(homes) == 1:
        country = homes.pop()  # "Afghan soldiers" and nobody else's: where they are at home
        tokens, people, matches = _read(text, record, kit, country=country, day=day)
    hits = [h for h in kit.lexicon.cues.find(tokens) if h.label != "NOISE"]
    hits = as_nouns(tokens, hits, people)
    typed = kit.voter.vote(tokens, hits, people, decide(tokens, hits, people, kit.lexicon.signals))
    about = topics(tokens, hits)
    able = [m for m in matches if not speaks(tokens, tokens.at(m.end), tokens.at(m.start))]
    topic_from = about[0][0] if about else len(tokens)
    made = cast(tokens, hits, people, able, typed.sub_event_type or "", country, day, kit, topic_from, nameless=True)
    rows: list[dict[str, Any]] = []
    for role, name in ((made.first, "actor1"), (made.second, "actor2")):
        if role is not None:
            said = text[role.start : role.end] if role.start is not None else None
            rows.append({"start": role.start, "end": role.end, "name": said, "actor": role.actor or None, "inter": role.inter, "role": name})
    for groups, name in ((made.groups_first, "assoc_actor_1"), (made.groups_second, "assoc_actor_2")):
        rows.extend({"start": g.start, "end": g.end, "name": text[g.start : g.end], "actor": g.actor, "inter": None, "role": name} for g in groups)
    taken = [(r["start"], r["end"]) for r in rows if r["start"] is not None]
    for m in matches:
        if m.kind not in ("country", "civilian_site") and not any(s < m.end and m.start < e for s, e in taken):
            rows.append({"start": m.start, "end": m.end, "name": m.name, "actor": m.actor or m.group, "inter": m.inter, "role": "mentioned"})
    return {"id": record.get("id"), "actors": rows, "undirected": made.undirected}


def _read(
    text: str, record: Mapping[str, Any], kit: Kit, *, country: str | None = None, day: str | None = None
) -> tuple[Tokens, list[Any], list[Any]]:
    tokens = tokenize(text)
    matches = found_actors(text, kit, country or _country(record, kit), day)
    people = people_with_names(tokens, find_people(tokens, kit.lexicon), matches)
    return tokens, [p for p in people if not speaks(tokens, p.end, p.start)], matches


def _resolve(text: str, published: date | None, kit: Kit) -> list[Resolved]:
    """All dates of a text, sentence by sentence, also where it tells of no event ("late on Thursday")."""
    header = HEADER.match(text)
    out: list[Resolved] = []
    anchor: date | None = None
    for index, (start, end) in enumerate(sentences(text)):
        start = max(start, header.end()) if header else start
        if start >= end:
            continue
        tokens = tokenize(text[start:end])
        # "May" is the month here, not what may happen; "would" and "could" are too weak to move a day ahead.
        signs = [
            s
            for s in kit.lexicon.statuses.find(tokens)
            if not (tokens.forms[s.start] == "may" and tokens.is_capital(s.start)) and (s.label != "predict" or s.weight >= 0.8)
        ]
        sentence = Sentence(text[start:end], start, index, tokens, [], [], signs)
        anchor = add_dates(sentence, published, anchor)
        out.extend(replace(r, start=r.start + start, end=r.end + start) for r in sentence.dates)
    return out


def _text(record: Mapping[str, Any]) -> str:
    text = record.get("text")
    if not isinstance(text, str):
        raise UsageError("The record has no text.", 'Give {"id": ..., "text": "..."}.')
    return text


def _published(record: Mapping[str, Any]) -> date | None:
    given = record.get("published")
    if given in (None, ""):
        return None
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given)[:10])
    except ValueError:
        raise UsageError(f"'published' must be a date like 2020-01-17, not {given!r}.") from None


def _country(record: Mapping[str, Any], kit: Kit) -> str | None:
    given = record.get("country")
    return kit.gazetteer.country(str(given)) if given else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
