"""The engine `rules`: a stored text in, drafts out. Offline, deterministic, every field with its span and its rule.

Per document: sentences -> statements (`mentions`) -> type, date, place, counts, status of each -> statements of the same event joined
(`joining`) -> drafts with actors, notes and evidence (`drafting`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from eventcoder.event import Document, Draft
from eventcoder.extraction.carrying import take_over_places
from eventcoder.extraction.date_heads import head_order
from eventcoder.extraction.dates import Resolved
from eventcoder.extraction.drafting import draft_of, governed_draft
from eventcoder.extraction.following import (
    Occurrence,
    attach_claims,
    by_place_and_day,
    claims,
    days_of_the_scene,
    days_told_after,
    settle_days,
    take_over_days,
)
from eventcoder.extraction.headlines import headlines, under_headlines
from eventcoder.extraction.joining import held_for, join
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.linking import told_again, with_parts
from eventcoder.extraction.mentions import Sentence, Statement, add_dates, read_sentence, statements, telling_clauses
from eventcoder.extraction.outcomes import counts_of, may_tell_outcome, outcome, take_outcomes
from eventcoder.extraction.places import read_places
from eventcoder.extraction.reading import ENGINE, ENGINE_VERSION, Reading
from eventcoder.extraction.remarks import remarks
from eventcoder.extraction.scene import Scene, dateline_span
from eventcoder.extraction.sentences import sentences
from eventcoder.extraction.sources import in_public, of_source, talked
from eventcoder.extraction.status import Judged, dated, governed, in_passing, summed, tried
from eventcoder.extraction.topics import topics
from eventcoder.extraction.typing import Typed, decide
from eventcoder.extraction.unnamed import may_tell, unnamed
from eventcoder.extraction.victims import Found
from eventcoder.extraction.where import country_of, places_of

__all__ = ["ENGINE", "ENGINE_VERSION", "extract_document"]

_TALK = ("speech_act", "hypothetical", "attribute")
_WEAK = 1.1  # below this weight of opening cues a statement without date, place and number is no statement of an event


def extract_document(document: Document, text: str, kit: Kit) -> list[Draft]:
    """Drafts for the statements of one document, in the order of the text. The same input always gives the same drafts."""
    read = _Reader(text, document.published, kit).read()
    drafts = [governed_draft(document, text, reading, kit) for reading in read.talk]
    heads, told = headlines(read.events, read.scene)
    events = held_for(join(told))
    if read.scene is not None:
        events = take_over_places(events, read.scene, kit)
        events = under_headlines(heads, events, read.scene, kit)
    take_outcomes(events, read.outcomes)
    attach_claims(events, read.claimed)
    events, doubted = _doubted(events, kit)
    drafts += [governed_draft(document, text, reading, kit) for reading in doubted]
    made = [(reading, draft_of(document, text, reading, kit, events[max(0, i - 6) : i])) for i, reading in enumerate(events)]
    for reading, found in made:
        drafts.extend(with_parts(reading, found, made))
        drafts.extend(told_again(document, text, reading, found))
    drafts.sort(key=lambda d: (d.statement.start, d.statement.end, d.draft_id))
    seen: dict[str, Draft] = {}
    for draft in drafts:
        seen.setdefault(draft.draft_id, draft)
    return list(seen.values())


def _doubted(events: Sequence[Reading], kit: Kit) -> tuple[list[Reading], list[Reading]]:
    """Events that the classifier of statuses does not believe in become what it takes them for: (events, talk)."""
    kept: list[Reading] = []
    talk: list[Reading] = []
    for reading in events:
        if reading.judged.status == "codable" or (reading.judged.status == "lead" and reading.dated and reading.named_or_settled):
            reading.judged = kit.doubter.doubt(reading.statement) or reading.judged
        (talk if reading.judged.status in _TALK else kept).append(reading)
    return kept, talk


def read_document(text: str, published: date | None, kit: Kit) -> tuple[list[Reading], list[Reading], list[tuple[int, int, int]]]:
    """All statements of a text: those of events, those of talk, plans and attributes, and the sentences (index, start, end) that claim an attack."""
    read = _Reader(text, published, kit).read()
    return read.events, read.talk, read.claimed


_DASHES = frozenset("-–—:")  # after a date at the head of an item


class _Reader:
    """The statements of one text."""

    def __init__(self, text: str, published: date | None, kit: Kit) -> None:
        self.text, self.published, self.kit = text, published, kit
        self.scene: Scene | None = None
        self.events: list[Reading] = []
        self.talk: list[Reading] = []
        self.claimed: list[tuple[int, int, int]] = []
        self.anchor: date | None = None
        self.heads = head_order(text, published)
        self.outcomes: list[Reading] = []
        self.quiet: dict[int, Sentence] = {}  # sentences that tell of no event: they may set the scene

    def read(self) -> _Reader:
        """Go through the sentences; the places are looked up at the first that may hold an event."""
        told: list[Occurrence] = []
        line_start, line_end = dateline_span(self.text)
        for index, (start, end) in enumerate(sentences(self.text)):
            if line_start <= start < line_end < end:
                start = line_end
            claim = claims(self.text[start:end])
            if claim:
                self.claimed.append((index, start, end))
            sentence = read_sentence(self.text, start, end, index, self.kit)
            if sentence is None or (claim and all(h.form == "n" for h in sentence.hits)):
                continue
            bare = may_tell(sentence)
            if sentence.hits or bare or "occur" in sentence.kinds:
                self.anchor = add_dates(sentence, self.published, self.anchor, self.heads)
            found = self._sentence(sentence) if sentence.hits else []
            if not sentence.hits and "occur" in sentence.kinds and sentence.dates:
                told.append(Occurrence(sentence, self._scene().towns_of(sentence)))
                continue
            if bare and not any(r.judged.status not in _TALK for r in found) and self._unnamed(sentence):
                continue
            said = remarks(sentence, found)
            self.talk.extend(said)
            if not found and all(r.judged.status == "speech_act" for r in said):
                self.quiet[index] = sentence
            if not found and self.events and not any(r.judged.status in ("aggregate", "background") for r in said):
                self._outcome(sentence, planned=any(r.judged.status == "hypothetical" for r in said))
        days_of_the_scene(self.events, self.quiet, self.text, self.kit, self.scene)
        days_told_after(self.events, self.quiet, self.text, self.kit)
        take_over_days(self.events, self.text, self.kit)
        settle_days(self.events, told, self.kit)
        return self

    def _sentence(self, sentence: Sentence) -> list[Reading]:
        scene = self._scene()
        out: list[Reading] = []
        for statement in statements(sentence, self.kit):
            for reading in (one for found in _read(statement, scene, self.published, self.kit) for one in by_place_and_day(found, self.kit)):
                (self.talk if reading.judged.status in _TALK else self.events).append(reading)
                out.append(reading)
        return out

    def _outcome(self, sentence: Sentence, *, planned: bool) -> None:
        """Keep the figures of a sentence that tells of no event; of a plan or denial only that there were none ("no arrests were made")."""
        if not may_tell_outcome(sentence):
            return
        seen = outcome(sentence, self.kit)
        if seen is None or (planned and any(f.count.high != 0 for f in seen.counts)):
            return
        if not sentence.dates:
            add_dates(sentence, self.published, None)
        scene = self._scene()
        tokens = sentence.tokens
        seen.places = [m for m in scene.towns_of(sentence) if not of_source(tokens, tokens.at(m.start - sentence.offset))]
        seen.scene, seen.published = scene, self.published
        self.outcomes.append(seen)

    def _unnamed(self, sentence: Sentence) -> bool:
        """Whether the sentence tells of an event without a cue; its reading is kept."""
        seen = unnamed(sentence, self.kit)
        if seen is None:
            return False
        statement, typed = seen
        reading = _reading(statement, typed, None, self._scene(), self.published, self.kit, [])
        if reading.judged.status not in ("codable", "lead") or not (reading.places or reading.judged.status == "lead"):
            return False
        self.events.append(reading)
        return True

    def _scene(self) -> Scene:
        if self.scene is None:
            self.scene = Scene(self.text, read_places(self.text, self.kit))
        return self.scene


def _read(statement: Statement, scene: Scene, published: date | None, kit: Kit) -> list[Reading]:
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
            return [*out, _reading(statement, typed, judged, scene, published, kit, hits)]
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
    shown = bool(detail) and not opening and _shown(statement, scene)
    if shown:
        pass  # slogans chanted on a day at a place, by whomever: a demonstration, though nothing calls it so
    elif detail and not any(signals[h.label].family == "demo" for h in opening):
        out.append(
            Reading(
                statement,
                Typed("Peaceful protest", 0.3, rule="detail"),
                Judged("attribute", f"a detail of a demonstration: '{_text(statement, detail[0].start, detail[0].end)}'"),
            )
        )
        if opening:
            statement.hits = [h for h in statement.hits if signals[h.label].family != "demo"]
    elif detail and any(h.weight > 1 for h in detail):  # beside the demonstration itself
        out.append(
            Reading(
                statement,
                Typed("Peaceful protest", 0.3, rule="detail"),
                Judged("attribute", f"a detail of a demonstration: '{_text(statement, detail[0].start, detail[0].end)}'"),
            )
        )
    if not opening and not outcome and not shown:
        return out
    if not opening and any(s.label == "disease" for s in statement.signs):
        return out  # deaths of a sickness
    talk = talked(statement)
    if talk is not None:
        return [*out, Reading(statement, Typed(None, 0.0, rule="talk"), talk)]
    hits = statement.hits
    typed = decide(sentence.tokens, hits, sentence.people, signals)
    if typed.sub_event_type is None:
        return out
    typed = kit.voter.vote_statement(statement, typed)
    reading = _reading(statement, typed, None, scene, published, kit, hits)
    weight = sum(signals[h.label].weight * h.weight for h in opening)
    bare = all(h.form == "n" for h in opening)
    similar = bool(reading.places) and not {"similar", "comparable"}.isdisjoint(sentence.tokens.forms)  # "a similar gathering took place in B"
    labels = {h.label for h in hits}
    protesters = "DEMAND" in labels or any(p.kind == "protester" for p in sentence.people)
    # "Teachers gathered in Shiraz on Sunday to demand their pay": gathering alone is no demonstration, for a cause on a day at a place it is one
    gathered = "GATHER" in labels and (protesters or in_public(sentence.tokens, reading.counts))
    gathered = shown or (gathered and reading.when is not None and bool(reading.places))
    if not opening and not gathered and not reading.counts and not similar and reading.judged.status != "aggregate":
        return out
    if weight < _WEAK and not reading.when and not reading.places and not reading.counts and reading.judged.status not in ("aggregate",):
        return out
    reading.mere_name = bare and reading.when is None and not reading.places and not reading.counts
    if not opening and not gathered and all(h.label in ("GATHER", "DEMAND") for h in outcome):
        # "400 people had come to demand a law": tells more of a demonstration already told, opens none.
        reading.mere_name = True
    return [*out, reading]


def _shown(statement: Statement, scene: Scene) -> bool:
    """Does the statement tell a day of its own and a settled place?"""
    when = _date_of(statement, [])
    if when is None or when.precision != 1 or when.spoken or when.open_start:
        return False
    return any(m.best is not None and m.best.kind != "country" for m in places_of(statement, scene, []))


def _reading(
    statement: Statement, typed: Typed, judged: Judged | None, scene: Scene, published: date | None, kit: Kit, hits: Sequence[object]
) -> Reading:
    sentence = statement.sentence
    about = [
        (sentence.tokens.starts[a], sentence.tokens.ends[b - 1])
        for a, b in topics(sentence.tokens, statement.hits)
        # "against a new levy in Kano on Tuesday": without another event in it the topic ends before place and day.
        if any(a <= h.start < b and kit.lexicon.signals[h.label].family in ("force", "sd") for h in statement.hits)
    ]
    when = _date_of(statement, about)
    if when is not None and judged is None and when.start in sentence.plain and any(h.form in ("d", "g") for h in statement.hits):
        when = sentence.plain[when.start]  # a sign of plan elsewhere in the sentence does not move ahead what happened
    own = places_of(statement, scene, about)
    passing = judged is None and in_passing(statement, when, statement.hits, [sentence.tokens.at(m.start - sentence.offset) for m in own])
    if passing:
        when = None
    found = [f for f in _counts_of(statement, kit) if not any(a <= f.start < b for a, b in about) or f.count.kind == "crowd"]
    found = [f for f in found if not _of_covered(statement, f)]
    country, country_mention = country_of(statement, scene, own)
    placed = any(m.best is not None and m.best.kind != "country" for m in own)
    if judged is None:
        most = max((f.count.low or 0 for f in found), default=0)
        judged = summed(statement, when, placed, bool(found), most)
    reading = Reading(statement, typed, judged or Judged("lead", ""), when, own, found, country, country_mention, scene, published=published)
    if judged is None:
        named = next(iter(reading.named_places), None)
        placed = placed or (named is not None and bool(country or scene.country or named.candidates))
        reading.judged = dated(statement, when, placed, published, kit.settings.window_days)
        if passing and reading.judged.status == "lead":
            reading.judged = Judged("background", "told in passing, in a clause of cause or time without a day of its own")
        court = tried(statement, when) if reading.judged.status in ("codable", "lead") else None
        if court is not None:
            reading.judged = Judged("background", f"told of in court: '{_text(statement, court.start, court.end)}'")
    return reading


def _date_of(statement: Statement, about: Sequence[tuple[int, int]]) -> Resolved | None:
    """The statement's own date: outside topics first, known before refused, exact before vague; then the rest of the sentence's."""
    dates = statement.sentence.dates
    tokens = statement.sentence.tokens
    inside = [
        r
        for r in dates
        if (statement.holds(tokens.at(r.start)) or (r.start < 4 and statement.sentence.text[r.end : r.end + 3].strip()[:1] in _DASHES))
        and tokens.forms[max(0, tokens.at(r.start) - 1)] not in ("until", "till", "untill")
    ]
    free = [r for r in inside if not any(a <= r.start < b for a, b in about)]
    # "Schools stayed closed on Tuesday after gangs attacked on Monday": the day of the clause that tells.
    if clauses := telling_clauses(statement):
        free = [r for r in free if any(p.start <= tokens.at(r.start) < p.end for p in clauses)] or free
    pool = free or ([] if statement.kind != "main" else inside if not about else _trailing(inside, about, statement))
    if not pool and statement.kind in ("clause", "dash"):
        return None
    known = [r for r in pool if r.known]
    # "... those killed in Sunday's suicide bombing": the day that stands at the noun is the event's.
    nouns = [h.start for h in statement.hits if h.form == "n"]
    body = statement.sentence.text
    own = [
        r
        for r in inside
        if r.known and (r.attributive or body[r.end : r.end + 2] in ("'s", "’s")) and any(0 <= at - tokens.at(r.end) <= 2 for at in nouns)
    ]
    if own and not any(h.form == "d" and h.start < tokens.at(own[0].start) - 4 for h in statement.hits):
        return own[0]
    if known:
        return min(known, key=lambda r: (r.spoken, r.attributive, r.open_start, r.rule.startswith("next-day"), r.precision or 9, r.start))
    return pool[0] if pool else None


def _trailing(inside: Sequence[Resolved], about: Sequence[tuple[int, int]], statement: Statement) -> list[Resolved]:
    """A date at the very end of the sentence may belong to the demonstration though it stands in the topic ("against X on Monday")."""
    last = len(statement.sentence.text.rstrip(".!? "))
    return [r for r in inside if last - r.end <= 2]


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
    found = counts_of(sentence, kit)
    return [f for f in found if statement.holds(sentence.tokens.at(f.count.start if f.count.start is not None else f.start))]


def _text(statement: Statement, start: int, end: int) -> str:
    tokens = statement.sentence.tokens
    return statement.sentence.text[tokens.starts[start] : tokens.ends[end - 1]]
