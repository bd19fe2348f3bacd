"""Sentences that tell only how many were hurt, held or killed: they belong to the event told just before. Floor 5.

"Seven others were wounded." "Sixteen people needed treatment." "Two of them died later." Such a sentence opens no event; its figures go to the
nearest event before it, unless that is a sum or remembered, another place or another day is named, or it sums up over time itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.extraction.clauses import Piece
from eventcoder.extraction.counts import counts_in
from eventcoder.extraction.joining import HARMLESS
from eventcoder.extraction.kit import Kit, find_people
from eventcoder.extraction.mentions import Sentence, Statement
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.remarks import remembered
from eventcoder.extraction.status import Judged, accumulates, many_events
from eventcoder.extraction.typing import Typed
from eventcoder.extraction.victims import Found
from eventcoder.extraction.word_sets import word_set

RULE = "outcome"
_WORDS = word_set("outcome_words") | word_set("harm_words")
_BARRED = frozenset({"total", "recurring", "nationwide", "anniversary", "population", "disease", "predict", "plan", "threat", "fear", "obituary"})


def counts_of(sentence: Sentence, kit: Kit) -> list[Found]:
    """The people counted in a sentence, read once."""
    if sentence.counts is None:
        if not sentence.people:
            sentence.people = find_people(sentence.tokens, kit.lexicon)
        sentence.counts = counts_in(sentence.tokens, sentence.people, kit.lexicon)
    return sentence.counts


def may_tell_outcome(sentence: Sentence) -> bool:
    """A quick look: a word for an outcome, and no sign that the sentence sums up, plans or remembers."""
    return (
        not _WORDS.isdisjoint(sentence.tokens.forms)
        and not any(s.label in _BARRED and s.weight >= 0.8 for s in sentence.signs)
        and not accumulates(sentence.tokens)
        and not many_events(sentence.tokens, sentence.text)
        and not remembered(sentence)
    )


def outcome(sentence: Sentence, kit: Kit) -> Reading | None:
    """The reading of a sentence that counts people and tells of no event, or None."""
    if "still" in sentence.tokens.forms:
        return None  # "two bodies are still lying in the gardens": of those counted before
    counts = [f for f in counts_of(sentence, kit) if not f.running]
    if not counts:
        return None
    statement = Statement(sentence, [Piece(0, len(sentence.tokens), "main")], list(sentence.hits), signs=sentence.signs)
    return Reading(statement, Typed(None, 0.0, rule=RULE), Judged("lead", "figures of the event told before"), counts=counts, mere_name=True)


def is_outcome(reading: Reading) -> bool:
    """Was this reading made by `outcome`?"""
    return reading.typed.rule == RULE


def take_outcomes(events: Sequence[Reading], told: Sequence[Reading]) -> None:
    """Join each outcome of `told` to the event of `events` (joined already) that stands nearest before it and can have it."""
    for one in told:
        host = _host(events, one)
        if host is not None:
            host.joined.append(one)
            host.joined.sort(key=lambda r: r.statement.sentence.index)


_REACH = 3  # sentences


def _host(events: Sequence[Reading], one: Reading) -> Reading | None:
    index = one.statement.sentence.index
    best: tuple[int, int, Reading] | None = None
    for number, event in enumerate(events):
        before = [r.statement.sentence.index for r in (event, *event.joined) if r.statement.sentence.index < index and not r.headline]
        if before and index - max(before) <= _REACH and (best is None or (max(before), number) > best[:2]):
            best = (max(before), number, event)
    if best is None:
        return None
    host = best[2]
    if host.judged.status not in ("codable", "lead") or host.typed.sub_event_type in HARMLESS:
        return None
    return host if _same_day(host, one) and _same_place(host, one) else None


def _same_day(host: Reading, one: Reading) -> bool:
    """No other day is named; somebody may die, or be held, some days later."""
    if not host.dated or host.when is None or host.when.first is None or host.when.last is None:
        return True
    for day in one.statement.sentence.dates:
        if day.known and not day.spoken and day.precision == 1 and day.first is not None and day.last is not None:
            if day.last < host.when.first or (day.first - host.when.last).days > 7:
                return False
            if day.first > host.when.last and any(f.count.kind in ("crowd",) for f in one.counts):
                return False
    return True


def _same_place(host: Reading, one: Reading) -> bool:
    own = {m.best.gazetteer_id for m in one.settled_places if m.best is not None}
    if not own:
        return True
    theirs = {m.best.gazetteer_id for r in (host, *host.joined) for m in r.settled_places if m.best is not None}
    return bool(own & theirs)
