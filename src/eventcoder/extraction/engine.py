"""The engine `rules`: a stored text in, drafts out. Offline, deterministic, every field with its span and its rule.

Per document: sentences -> statements (`mentions`) -> type, date, place, counts, status of each -> statements of the same event joined
(`joining`) -> drafts with actors, notes and evidence (`drafting`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from eventcoder.event import Document, Draft
from eventcoder.extraction.counts import counts_in
from eventcoder.extraction.dates import Resolved
from eventcoder.extraction.drafting import draft_of, governed_draft
from eventcoder.extraction.following import attach_claims, by_place_and_day, claims, take_over_days
from eventcoder.extraction.geography import Geography, Mention
from eventcoder.extraction.joining import join
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.mentions import Statement, add_dates, read_sentence, statements
from eventcoder.extraction.places import dateline_end, read_places
from eventcoder.extraction.reading import ENGINE, ENGINE_VERSION, Reading
from eventcoder.extraction.sentences import sentences
from eventcoder.extraction.status import Judged, dated, governed, summed
from eventcoder.extraction.topics import topics
from eventcoder.extraction.typing import Typed, decide
from eventcoder.extraction.victims import Found

__all__ = ["ENGINE", "ENGINE_VERSION", "extract_document"]

_WEAK = 1.1  # below this weight of opening cues a statement without date, place and number is no statement of an event


def extract_document(document: Document, text: str, kit: Kit) -> list[Draft]:
    """Drafts for the statements of one document, in the order of the text. The same input always gives the same drafts."""
    readings, talk, claimed = read_document(text, document.published, kit)
    drafts = [governed_draft(document, text, reading, kit) for reading in talk]
    events = join(readings)
    attach_claims(events, claimed)
    for reading in events:
        drafts.extend(draft_of(document, text, reading, kit))
    drafts.sort(key=lambda d: (d.statement.start, d.statement.end, d.draft_id))
    seen: dict[str, Draft] = {}
    for draft in drafts:
        seen.setdefault(draft.draft_id, draft)
    return list(seen.values())


def read_document(text: str, published: date | None, kit: Kit) -> tuple[list[Reading], list[Reading], list[tuple[int, int, int]]]:
    """All statements of a text: those of events, those of talk, plans and attributes, and the sentences (index, start, end) that claim an attack."""
    geography: Geography | None = None
    events: list[Reading] = []
    talk: list[Reading] = []
    anchor: date | None = None
    claimed: list[tuple[int, int, int]] = []
    line = dateline_end(text)
    for index, (start, end) in enumerate(sentences(text)):
        if start < line < end:
            start = line
        claim = claims(text[start:end])
        if claim:
            claimed.append((index, start, end))
        sentence = read_sentence(text, start, end, index, kit)
        if sentence is None or (claim and all(h.form == "n" for h in sentence.hits)):
            continue
        if geography is None:
            geography = read_places(text, kit)
        anchor = add_dates(sentence, published, anchor)
        for statement in statements(sentence, kit):
            for reading in (one for found in _read(statement, geography, published, kit) for one in by_place_and_day(found, kit)):
                (talk if reading.judged.status in ("speech_act", "hypothetical", "attribute") else events).append(reading)
    take_over_days(events, text, kit)
    return events, talk, claimed


def _read(statement: Statement, geography: Geography, published: date | None, kit: Kit) -> list[Reading]:
    sentence = statement.sentence
    signals = kit.lexicon.signals
    out: list[Reading] = []
    population = next((s for s in statement.signs if s.label == "population" and s.weight >= 1), None)
    if population is not None:
        out.append(
            Reading(
                statement,
                Typed(None, 0.0, rule="population"),
                Judged("attribute", f"a number about residents: '{_text(statement, population.start, population.end)}'"),
            )
        )
    judged = governed(statement)
    if judged is not None:
        hits = [h for h, _ in statement.covered]
        if judged.status == "background":
            typed = decide(sentence.tokens, hits, sentence.people, signals)
            return [*out, _reading(statement, typed, judged, geography, published, kit, hits)]
        return [*out, Reading(statement, decide(sentence.tokens, hits, sentence.people, signals), judged)]
    for sign in statement.signs:
        if sign.label == "speech" and sign.weight >= 0.9 and any(0 <= h.start - sign.end <= 8 and h.label != "GATHER" for h in statement.hits):
            out.append(
                Reading(
                    statement,
                    Typed(None, 0.0, rule="speech"),
                    Judged("speech_act", f"talk about an event: '{_text(statement, sign.start, sign.end)}'"),
                )
            )
            break
    opening = [h for h in statement.hits if signals[h.label].opens == "yes"]
    outcome = [h for h in statement.hits if signals[h.label].opens == "outcome"]
    detail = [h for h in statement.hits if h.label == "SLOGAN" and h.weight >= 1]
    if detail and not any(signals[h.label].family == "demo" for h in opening):
        out.append(
            Reading(
                statement,
                Typed("Peaceful protest", 0.3, rule="detail"),
                Judged("attribute", f"a detail of a demonstration: '{_text(statement, detail[0].start, detail[0].end)}'"),
            )
        )
        if opening:
            statement.hits = [h for h in statement.hits if signals[h.label].family != "demo"]
    elif detail and any(h.weight > 1 for h in detail):
        out.append(
            Reading(
                statement,
                Typed("Peaceful protest", 0.3, rule="detail"),
                Judged("attribute", f"a detail of a demonstration: '{_text(statement, detail[0].start, detail[0].end)}'"),
            )
        )
    if not opening and not outcome:
        return out
    hits = statement.hits
    typed = decide(sentence.tokens, hits, sentence.people, signals)
    if typed.sub_event_type is None:
        return out
    reading = _reading(statement, typed, None, geography, published, kit, hits)
    weight = sum(signals[h.label].weight * h.weight for h in opening)
    bare = all(h.form == "n" for h in opening)
    similar = bool(reading.places) and "similar" in sentence.tokens.forms  # "a similar gathering took place in B"
    labels = {h.label for h in hits}
    protesters = "DEMAND" in labels or any(p.kind == "protester" for p in sentence.people)
    # "Teachers gathered in Shiraz on Sunday to demand their pay": gathering alone is no demonstration, for a cause on a day at a place it is one
    gathered = "GATHER" in labels and protesters and reading.when is not None and bool(reading.places)
    if not opening and not gathered and not reading.counts and not similar and reading.judged.status != "aggregate":
        return out
    if weight < _WEAK and not reading.when and not reading.places and not reading.counts and reading.judged.status not in ("aggregate",):
        return out
    reading.mere_name = bare and reading.when is None and not reading.places and not reading.counts
    if not opening and not gathered and all(h.label in ("GATHER", "DEMAND") for h in outcome):
        # "400 people had come to demand a law": tells more of a demonstration already told, opens none.
        reading.mere_name = True
    return [*out, reading]


def _reading(
    statement: Statement, typed: Typed, judged: Judged | None, geography: Geography, published: date | None, kit: Kit, hits: Sequence[object]
) -> Reading:
    sentence = statement.sentence
    about = [
        (sentence.tokens.starts[a], sentence.tokens.ends[b - 1])
        for a, b in topics(sentence.tokens, statement.hits)
        # "against a new levy in Kano on Tuesday": without another event in it the topic ends before place and day.
        if any(a <= h.start < b and kit.lexicon.signals[h.label].family in ("force", "sd") for h in statement.hits)
    ]
    when = _date_of(statement, about)
    own = _places_of(statement, geography, about)
    found = [f for f in _counts_of(statement, kit) if not any(a <= f.start < b for a, b in about) or f.count.kind == "crowd"]
    found = [f for f in found if not _of_covered(statement, f)]
    country, country_mention = _country_of(statement, geography, own)
    placed = any(m.best is not None and m.best.kind != "country" for m in own)
    if judged is None:
        judged = summed(statement, when, placed, bool(found) and not own) or dated(statement, when, placed, published, kit.settings.window_days)
    return Reading(statement, typed, judged, when, own, found, country, country_mention, geography, published=published)


def _date_of(statement: Statement, about: Sequence[tuple[int, int]]) -> Resolved | None:
    """The statement's own date: outside topics first, known before refused, exact before vague; then the rest of the sentence's."""
    dates = statement.sentence.dates
    tokens = statement.sentence.tokens
    inside = [r for r in dates if statement.holds(tokens.at(r.start))]
    free = [r for r in inside if not any(a <= r.start < b for a, b in about)]
    pool = free or ([] if statement.kind != "main" else inside if not about else _trailing(inside, about, statement))
    if not pool and statement.kind in ("clause", "dash"):
        return None
    known = [r for r in pool if r.known]
    if known:
        return min(known, key=lambda r: (r.precision or 9, not r.rule.startswith("weekday") and 0, r.start))
    return pool[0] if pool else None


def _trailing(inside: Sequence[Resolved], about: Sequence[tuple[int, int]], statement: Statement) -> list[Resolved]:
    """A date at the very end of the sentence may belong to the demonstration though it stands in the topic ("against X on Monday")."""
    last = len(statement.sentence.text.rstrip(".!? "))
    return [r for r in inside if last - r.end <= 2]


def _places_of(statement: Statement, geography: Geography, about: Sequence[tuple[int, int]]) -> list[Mention]:
    """Settled or candidate places of the statement in context of place, best tier of preposition only, outside topics first."""
    offset = statement.sentence.offset
    inside = [
        m for m in geography.between(offset, offset + len(statement.sentence.text))
        if not m.country_only and not m.excluded and not m.dateline and m.context != "none"
        and statement.holds(statement.sentence.tokens.at(m.start - offset))
    ]  # fmt: skip
    parents = {id(m.parent) for m in inside if m.parent is not None}
    heads = [m for m in inside if id(m) not in parents]
    free = [m for m in heads if not any(a <= m.start - offset < b for a, b in about)] or heads
    tier = {m.start: _tier(m) for m in free}
    best = min(tier.values(), default=9)
    chosen = [m for m in free if tier[m.start] == best]
    # "on the road from A to B": the other end is no place of the event, but a candidate.
    ends = [m for m in free if m not in chosen and any(c.context == "near" and _joins(geography, c, m) for c in chosen)]
    return chosen + ends


def _joins(geography: Geography, one: Mention, two: Mention) -> bool:
    return one.end < two.start and two.preposition in ("to", "towards", "toward") and two.start - one.end <= 10


def _tier(mention: Mention) -> int:
    if mention.context in ("town", "near", "admin", "sub"):
        return 0
    return (
        0
        if mention.preposition in ("in", "at", "inside", "within", "across", "throughout", "into", "downtown")
        else 1
        if mention.preposition in ("on", "of", "over", "through")
        else 2
    )


def _country_of(statement: Statement, geography: Geography, places: Sequence[Mention]) -> tuple[str | None, Mention | None]:
    """The country that the statement itself names as the place ("in Iran"); a nationality is none."""
    settled = {m.best.country for m in places if m.best is not None}
    if len(settled) == 1:
        return settled.pop(), None
    parents = {m.parent.country for m in places if m.parent is not None and m.parent.country_only}
    if len(parents) == 1:
        parent = next(m.parent for m in places if m.parent is not None and m.parent.country_only)
        return parent.country, parent
    divisions = {(p.country) for m in places if m.parent is not None and not m.parent.country_only for p, _ in m.parent.candidates[:1]}
    if len(divisions) == 1:
        return divisions.pop(), next(m.parent for m in places if m.parent is not None)
    offset = statement.sentence.offset
    for m in geography.between(offset, offset + len(statement.sentence.text)):
        if (
            m.country_only
            and not m.demonym
            and not m.excluded
            and not m.dateline
            and m.preposition_is_place
            and statement.holds(statement.sentence.tokens.at(m.start - offset))
        ):
            return m.country, m
    return None, None


def _of_covered(statement: Statement, found: Found) -> bool:
    """Does the figure belong to something planned, denied or remembered ("the anniversary of the killing of two students")?"""
    if found.count.kind == "crowd" or not statement.covered:
        return False
    starts = statement.sentence.tokens.starts
    before = [(starts[h.start], True) for h, _ in statement.covered] + [(starts[h.start], False) for h in statement.hits]
    ahead = [pair for pair in before if pair[0] <= found.end]
    return bool(ahead) and max(ahead)[1]


def _counts_of(statement: Statement, kit: Kit) -> list[Found]:
    sentence = statement.sentence
    if sentence.counts is None:
        sentence.counts = counts_in(sentence.tokens, sentence.people, kit.lexicon)
    found = sentence.counts
    return [f for f in found if statement.holds(sentence.tokens.at(f.count.start if f.count.start is not None else f.start))]


def _text(statement: Statement, start: int, end: int) -> str:
    tokens = statement.sentence.tokens
    return statement.sentence.text[tokens.starts[start] : tokens.ends[end - 1]]
