"""Links between the drafts of one document: a total and the events it sums, a second telling and the event it tells again. Floor 5.

A link is made only where the text makes it ("bringing to five the number of ...", "it was the third attack this month"). It stands among the
draft's candidates (`parts`, `same_as`: draft ids), never in a field, so that nothing is added up by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.event import Document, Draft
from eventcoder.extraction.drafting import finish, span_of
from eventcoder.extraction.joining import family
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.status import Judged

_REACH = 4  # sentences between an event and the total that begins with "the", "this" or "it"
_POINTS = frozenset({"the", "this", "these", "it", "its", "with", "that"})
_BRINGS = frozenset({"bring", "brings", "bringing", "brought", "raises", "raising", "raised", "takes", "taking", "pushes", "pushing", "add", "adds"})


def with_parts(reading: Reading, drafts: Sequence[Draft], made: Sequence[tuple[Reading, list[Draft]]]) -> list[Draft]:
    """The drafts of a sum with the ids of the events that the text says it holds; others as they are."""
    if reading.judged.status != "aggregate" or not _points(reading):
        return list(drafts)
    index = reading.statement.sentence.index
    kind = family(reading.typed.sub_event_type)
    parts: list[Draft] = []
    for other, found in made:
        distance = index - other.statement.sentence.index
        if other is reading or not 0 <= distance <= _REACH or other.judged.status not in ("codable", "lead"):
            continue
        if kind and family(other.typed.sub_event_type) not in (kind, "") and distance:
            continue
        parts = found  # the nearest before it
    if not parts:
        return list(drafts)
    links = [{"draft": d.draft_id, "words": d.statement.quote[:80]} for d in parts]
    return [d.model_copy(update={"candidates": {**d.candidates, "parts": links}}) for d in drafts]


def _points(reading: Reading) -> bool:
    """Does the sum speak of an event told before: as the end of its sentence, or by "the", "this", "it" with a verb that adds up?"""
    statement = reading.statement
    if statement.kind == "total":
        return True
    forms = statement.sentence.tokens.forms
    if not forms or forms[0] not in _POINTS:
        return False
    return not _BRINGS.isdisjoint(forms[:14]) or reading.judged.clue.startswith("one of many")


def told_again(document: Document, text: str, reading: Reading, drafts: Sequence[Draft]) -> list[Draft]:
    """A draft of status `attribute` for every later sentence that tells of the event of `drafts` again, with the event's draft id."""
    if not drafts:
        return []
    out: list[Draft] = []
    event = drafts[0]
    seen = {reading.statement.sentence.index}
    for other in reading.joined:
        sentence = other.statement.sentence
        if sentence.index in seen:
            continue
        seen.add(sentence.index)
        other.judged = Judged("attribute", f"told again: of the event '{event.statement.quote[:60]}'")
        span = span_of(text, sentence.offset + other.statement.start, sentence.offset + other.statement.end)
        candidates = {"same_as": [{"draft": event.draft_id, "words": event.statement.quote[:80]}]}
        out.append(finish(document, other, span, {}, {}, [], candidates, {"status": other.judged.clue}, event.score, event.engine_version))
    return out
