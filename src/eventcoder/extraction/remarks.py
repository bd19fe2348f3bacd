"""What is said, planned, denied or summed up in sentences that tell of no event: one statement each, so that a coder sees that it was read. Floor 5.

"The governor condemned the killings and called for calm", "The union is to march on Friday", "More than 900 people have been killed since May".
Nothing of it becomes a row; the drafts carry a status and the clue, no fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventcoder.event import Status
from eventcoder.extraction.clauses import Piece
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.mentions import HYPOTHETICAL, TALK, Sentence, Statement
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.status import Judged, accumulates, many_events
from eventcoder.extraction.typing import Typed
from eventcoder.extraction.word_sets import word_set

_STRONG = {"plan": 0.9, "predict": 0.9, "threat": 0.9, "call": 0.8, "fear": 0.9, "announce": 0.8, "deny": 0.8, "negate": 0.9, "condemn": 0.7,
           "accuse": 0.8, "speech": 0.7}  # fmt: skip
_AHEAD = frozenset({"will", "would", "could", "might", "may", "shall", "'ll", "should"})
_SAID = frozenset({"said", "says", "say", "told", "saying", "writes", "wrote", "added", "stated", "declared", "insisted"})
_JOINTS = frozenset({"and", "but", ";", "while", "—", "–"})
_DAYS = word_set("day_words")
_YEARS = re.compile(r"\b[Ii]n\s+(?:[A-Z][a-z]+\s+)?(?:19|20)\d\d\b(?!,?\s+(?:will|would))|\b(?:years|decades)\s+ago\b|\blast\s+year\b")
_QUOTED = re.compile(r"[\"“«][^\"”»]{3,}[\"”»]?")


def remarks(sentence: Sentence, taken: Sequence[Reading]) -> list[Reading]:
    """Statements of talk, plans and sums in the parts of a sentence in which no reading of `taken` stands."""
    tokens = sentence.tokens
    talk = [r for r in taken if r.judged.status in ("speech_act", "hypothetical")]
    spans = [(p.start, p.end) for r in taken if not any(r is t for t in talk) for p in r.statement.pieces]
    whole = not taken
    out: list[Reading] = []
    begin = 0
    marks = [s for s in sentence.signs if s.weight >= _STRONG.get(s.label, 9)]
    if whole and not marks:
        quoted = next((s for s in sentence.signs if s.label == "speech" and tokens.forms[s.start] in _SAID), None)
        if quoted is not None and _QUOTED.search(sentence.text):
            marks = [quoted]
    last: str = talk[0].judged.status if len(talk) == 1 else ""
    if len(talk) > 1:
        return []
    if talk:
        # Only what begins anew behind "and" or "but": "have condemned the shooting and will march tomorrow".
        seen = max((max(s.end, h.end) for h, s in talk[0].statement.covered), default=len(tokens))
        marks = [m for m in marks if m.start >= seen and not _JOINTS.isdisjoint(tokens.forms[seen : m.start])]
    for number, sign in enumerate(marks):
        status, clue = _status(sentence, sign)
        if status == last:
            continue
        start = begin
        for i in range(sign.start - 1, begin, -1):
            if tokens.forms[i] in _JOINTS and (out or talk):
                start = i
                break
        end = len(tokens)
        for other in marks[number + 1 :]:
            if _status(sentence, other)[0] != status:
                end = next((i for i in range(other.start, sign.end, -1) if tokens.forms[i] in _JOINTS), len(tokens))
                break
        if any(a < sign.end and sign.start < b for a, b in spans):
            continue
        out.append(_remark(sentence, start, end, status, clue))
        last, begin = status, end
        if end >= len(tokens):
            break
    if whole and not out:
        if (
            accumulates(sentence.tokens)
            or many_events(sentence.tokens, sentence.text)
            or (any(s.label == "total" and s.weight >= 0.9 for s in sentence.signs) and _figure(sentence))
        ):
            out.append(_remark(sentence, 0, len(tokens), "aggregate", "a sum over time without an event of its own"))
        elif sentence.hits and any(s.label == "court" and s.weight >= 0.9 for s in sentence.signs):
            out.append(_remark(sentence, 0, len(tokens), "background", "told of in court"))
        elif any(h.label == "NOFIGHT" and tokens.forms[h.start] == "no" for h in sentence.hits):
            out.append(_remark(sentence, 0, len(tokens), "hypothetical", "did not happen"))
        elif old := _YEARS.search(sentence.text):
            out.append(_remark(sentence, 0, len(tokens), "background", f"told of an earlier time: '{old.group()}'"))
        elif any(s.label == "anniversary" and s.weight >= 0.9 for s in sentence.signs):
            out.append(_remark(sentence, 0, len(tokens), "background", "remembered: an anniversary"))
    return out


def remembered(sentence: Sentence) -> bool:
    """ "In May 2010, more than 90 people died": told of an earlier time."""
    return _YEARS.search(sentence.text) is not None


def _figure(sentence: Sentence) -> bool:
    return any(f[0].isdigit() for f in sentence.tokens.forms) or not {"hundreds", "thousands", "dozens", "scores"}.isdisjoint(sentence.tokens.forms)


def _status(sentence: Sentence, sign: Hit) -> tuple[Status, str]:
    """Status and clue of a sign without an event: a call or warning is talk unless it speaks of what is to come."""
    tokens = sentence.tokens
    words = sentence.text[tokens.starts[sign.start] : tokens.ends[sign.end - 1]]
    ahead = not _AHEAD.isdisjoint(tokens.forms[sign.end :])
    label = sign.label
    if label == "call" and not _DAYS.isdisjoint(tokens.forms[sign.end :]):
        return "hypothetical", f"called for: '{words}' with a day"
    if label in TALK or (label in ("call", "deny") and not ahead):
        return "speech_act", f"talk: '{words}'"
    if label == "threat" and words.lower().startswith("warn") and not ahead:
        return "speech_act", f"talk: '{words}'"
    if label == "predict" and _inside_quote(sentence, sign) and not _SAID.isdisjoint(tokens.forms):
        return "speech_act", f"said, not done: '{words}'"
    if label in HYPOTHETICAL:
        return "hypothetical", f"planned, expected or denied: '{words}'"
    return "speech_act", f"talk: '{words}'"


def _inside_quote(sentence: Sentence, sign: Hit) -> bool:
    at = sentence.tokens.starts[sign.start]
    return any(m.start() < at < m.end() for m in _QUOTED.finditer(sentence.text))


def _remark(sentence: Sentence, start: int, end: int, status: Status, clue: str) -> Reading:
    statement = Statement(sentence, [Piece(start, max(end, start + 1), "main")], [])
    return Reading(statement, Typed(None, 0.0, rule="remark"), Judged(status, clue))
