"""One question about one text: what `eventcoder try` asks. Each function takes a record and a Kit and answers a plain dict.

A record is {"id", "text", "published"?, "country"?}; the answer repeats `id`. Types are given even where nothing would be coded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from eventcoder.errors import UsageError
from eventcoder.extraction.actors import cast, found_actors, people_with_names
from eventcoder.extraction.counts import counts_in
from eventcoder.extraction.dates import Resolved, resolve_all
from eventcoder.extraction.engine import read_document
from eventcoder.extraction.kit import Kit, find_people
from eventcoder.extraction.mentions import Sentence, add_dates, as_nouns
from eventcoder.extraction.places import read_places
from eventcoder.extraction.roles import speaks
from eventcoder.extraction.sentences import HEADER
from eventcoder.extraction.tokens import Tokens, tokenize
from eventcoder.extraction.topics import topics
from eventcoder.extraction.typing import decide

_NO_CUE = "Other"  # the codebook's residual type: the best answer where no cue speaks, with a score that says so


def try_type(record: Mapping[str, Any], kit: Kit) -> dict[str, Any]:
    """`sub_event_type`, `score`, `alternatives` [{sub_event_type, score}], `rule` of the whole text read as one event."""
    text = _text(record)
    tokens, people, _matches = _read(text, record, kit)
    hits = [h for h in kit.lexicon.cues.find(tokens) if h.label != "NOISE"]
    typed = decide(tokens, as_nouns(tokens, hits, people), people, kit.lexicon.signals)
    return {
        "id": record.get("id"), "sub_event_type": typed.sub_event_type or _NO_CUE, "score": typed.score if typed.sub_event_type else 0.03,
        "alternatives": [{"sub_event_type": t, "score": s} for t, s in typed.alternatives], "rule": typed.rule,
    }  # fmt: skip


def try_date(record: Mapping[str, Any], kit: Kit) -> dict[str, Any]:
    """`start`, `end`, `time_precision`, `rule` of the event's date; `start` null and `rule` the reason where it cannot be resolved."""
    text, published = _text(record), _published(record)
    events, _, _ = read_document(text, published, kit)
    chosen: Resolved | None = next((r.when for r in events if r.when is not None and r.when.known), None)
    if chosen is None:
        found = _resolve(text, published, kit)
        known = [r for r in found if r.known]
        chosen = min(known, key=lambda r: (r.precision or 9, r.start)) if known else found[0] if found else None
    if chosen is None:
        return {"id": record.get("id"), "start": None, "end": None, "time_precision": None, "event_date": None, "rule": "no-date", "words": None}
    return {
        "id": record.get("id"), "start": _iso(chosen.first), "end": _iso(chosen.last), "time_precision": chosen.precision,
        "event_date": _iso(chosen.day) if chosen.precision else None, "rule": chosen.rule, "words": chosen.words,
    }  # fmt: skip


def try_places(record: Mapping[str, Any], kit: Kit) -> dict[str, Any]:
    """`places` that the text names, likeliest first, and the `country` it speaks of. An unsettled one has no id but its `candidates`."""
    text = _text(record)
    geography = read_places(text, kit, country=_country(record, kit))
    out = []
    for m in geography.mentions:
        if m.country_only or m.excluded or not m.candidates:
            continue
        best = m.best
        row: dict[str, Any] = {"start": m.start, "end": m.end, "name": m.name}
        row |= {
            "gazetteer_id": best.gazetteer_id if best else None,
            "latitude": best.latitude if best else None, "longitude": best.longitude if best else None,
            "country": best.country if best else None, "score": m.score, "geo_precision": m.geo_precision,
        }  # fmt: skip
        if best is None:
            row["candidates"] = [
                {
                    "gazetteer_id": p.gazetteer_id,
                    "name": p.name,
                    "country": p.country,
                    "admin1": p.admin1,
                    "latitude": p.latitude,
                    "longitude": p.longitude,
                    "score": s,
                }
                for p, s in m.candidates[:5]
            ]
        out.append(row)
    out.sort(key=lambda row: (-row["score"], row["start"]))
    return {"id": record.get("id"), "places": out, "country": geography.country}


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
    first = rows[0] if rows else {"kind": None, "low": None, "best": None, "high": None, "rule": "no-count"}
    return {"id": record.get("id")} | {k: first[k] for k in ("kind", "low", "best", "high", "rule")} | {"counts": rows}


def try_actors(record: Mapping[str, Any], kit: Kit) -> dict[str, Any]:
    """`actors` [{start, end, name, actor, inter, role}]; role is actor1, actor2, assoc_actor_1, assoc_actor_2 or mentioned."""
    text = _text(record)
    country = _country(record, kit) or read_places(text, kit).country
    published = _published(record)
    day = published.isoformat() if published else None
    tokens, people, matches = _read(text, record, kit, country=country, day=day)
    hits = [h for h in kit.lexicon.cues.find(tokens) if h.label != "NOISE"]
    hits = as_nouns(tokens, hits, people)
    typed = decide(tokens, hits, people, kit.lexicon.signals)
    about = topics(tokens, hits)
    able = [m for m in matches if not speaks(tokens, tokens.at(m.end), tokens.at(m.start))]
    made = cast(tokens, hits, people, able, typed.sub_event_type or "", country, day, kit, about[0][0] if about else len(tokens))
    rows: list[dict[str, Any]] = []
    for role, name in ((made.first, "actor1"), (made.second, "actor2")):
        if role is not None:
            start, end = role.start, role.end
            rows.append(
                {
                    "start": start,
                    "end": end,
                    "name": text[start:end] if start is not None else None,
                    "actor": role.actor,
                    "inter": role.inter,
                    "role": name,
                }
            )
    for groups, name in ((made.groups_first, "assoc_actor_1"), (made.groups_second, "assoc_actor_2")):
        rows.extend({"start": g.start, "end": g.end, "name": text[g.start : g.end], "actor": g.actor, "inter": None, "role": name} for g in groups)
    taken = [(r["start"], r["end"]) for r in rows if r["start"] is not None]
    for m in matches:
        if not any(s < m.end and m.start < e for s, e in taken):
            rows.append({"start": m.start, "end": m.end, "name": m.name, "actor": m.actor or m.group, "inter": m.inter, "role": "mentioned"})
    return {"id": record.get("id"), "actors": rows}


def _read(
    text: str, record: Mapping[str, Any], kit: Kit, *, country: str | None = None, day: str | None = None
) -> tuple[Tokens, list[Any], list[Any]]:
    tokens = tokenize(text)
    matches = found_actors(text, kit, country or _country(record, kit), day)
    people = people_with_names(tokens, find_people(tokens, kit.lexicon), matches)
    return tokens, [p for p in people if not speaks(tokens, p.end, p.start)], matches


def _resolve(text: str, published: date | None, kit: Kit) -> list[Resolved]:
    """All dates of a text that need not hold an event ("late on Thursday")."""
    header = HEADER.match(text)
    begin = header.end() if header else 0
    tokens = tokenize(text[begin:])
    sentence = Sentence(text[begin:], begin, 0, tokens, [], [], kit.lexicon.statuses.find(tokens))
    add_dates(sentence, published, None)
    return sentence.dates or resolve_all(text, published)


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
