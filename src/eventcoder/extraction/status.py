"""The status of a statement and the clue that decided: codable, lead, background, aggregate, attribute, speech_act or hypothetical.

What was only planned, feared or denied is hypothetical; what somebody condemns or talks about is a speech act; sums over time or space are
aggregates; what the text remembers is background. The rest happened: inside the window and placeable it is codable, else a lead or background.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from eventcoder.event import Status
from eventcoder.extraction.dates import REFUSALS, Resolved
from eventcoder.extraction.mentions import HYPOTHETICAL, Statement

_MANY_EVENTS = re.compile(
    r"\b(?:(?:\d[\d,.]*|dozens\s+of|hundreds\s+of|thousands\s+of|scores\s+of|several|numerous|many|countless|(?:four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|twenty|thirty|forty|fifty)(?:-\w+)?)\s+(?:\w+\s+){0,3}?"
    r"(?:attacks|protests|demonstrations|clashes|incidents|killings|bombings|airstrikes|strikes|abductions|kidnappings|explosions|raids|riots|"
    r"rallies|marches|battles|massacres|shootings|assassinations|violations|events))\b",
    re.IGNORECASE,
)
_MANY_PLACES = re.compile(
    r"\b(?:in|across|engulfed|at|spread\s+to|throughout|over|reached|gripped)\s+(?:(?:at\s+least|more\s+than|over|about|some|around|nearly|"
    r"all)\s+)*(?:\d[\d,]*|an?\s+(?:hundred|dozen)|two\s+(?:dozen|hundred)|dozens\s+of|hundreds\s+of|scores\s+of|many|numerous|"
    r"all\s+\d+)\s+(?:\w+\s+){0,2}(?:cities|towns|villages|provinces|states|districts|locations|places|sites|regions|municipalities|departments|"
    r"areas|countries)\b",
    re.IGNORECASE,
)
# Looked up before the patterns run: most sentences hold none of these words.
_EVENT_PLURALS = frozenset(
    [
        "attacks",
        "protests",
        "demonstrations",
        "clashes",
        "incidents",
        "killings",
        "bombings",
        "airstrikes",
        "strikes",
        "abductions",
        "kidnappings",
        "explosions",
        "raids",
        "riots",
        "rallies",
        "marches",
        "battles",
        "massacres",
        "shootings",
        "assassinations",
        "violations",
        "events",
    ]
)
_PLACE_PLURALS = frozenset(
    [
        "cities",
        "towns",
        "villages",
        "provinces",
        "states",
        "districts",
        "locations",
        "places",
        "sites",
        "regions",
        "municipalities",
        "departments",
        "areas",
        "countries",
    ]
)
_ORDER_OF = re.compile(r"\bthe\s+(?:last|latest|first|second|third|deadliest|\w+th)\s+(?:in\s+a\s+(?:series|string|wave)\s+)?of\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judged:
    """A status and the clue, in words, that decided it."""

    status: Status
    clue: str


def governed(statement: Statement) -> Judged | None:
    """The status when every cue of the statement is governed by a sign; None if something happened."""
    if (
        any(h.label not in ("CROWD", "DEMAND", "SOLIDARITY", "GATHER", "STRIKE", "SLOGAN", "DISPLACE", "THREAT") for h in statement.hits)
        or not statement.covered
    ):
        return None
    hit, sign = statement.covered[0]
    words = _words(statement, sign.start, sign.end)
    if sign.label in HYPOTHETICAL:
        what = {"deny": "denied", "negate": "did not happen", "threat": "threatened", "call": "called for", "fear": "feared"}.get(
            sign.label, "planned or expected"
        )
        return Judged("hypothetical", f"{what}: '{words}' before '{_words(statement, hit.start, hit.end)}'")
    if sign.label == "anniversary":
        return Judged("background", f"remembered: '{words}'")
    return Judged("speech_act", f"talk about an event: '{words}'")


def summed(statement: Statement, when: Resolved | None, placed: bool, counted: bool = False) -> Judged | None:
    """Is the statement a sum over time or space?"""
    sentence = statement.sentence
    text = sentence.text[statement.start : statement.end]
    forms = sentence.tokens.forms
    many = None if _EVENT_PLURALS.isdisjoint(forms) else _MANY_EVENTS.search(text)
    places = None if _PLACE_PLURALS.isdisjoint(forms) else _MANY_PLACES.search(text)
    if places:
        return Judged("aggregate", f"a sum over places: '{places.group()}'")
    if when is not None and when.open_start and when.precision != 1:
        return Judged("aggregate", f"accumulated: '{when.words}' with an open beginning")
    if when is not None and when.known and when.precision is None and (many or _spans_years(when) or counted):
        return Judged("aggregate", f"a sum over time: '{when.words}'")
    for sign in statement.signs:
        if (sign.label == "total" and sign.weight >= 0.9) or (sign.label == "recurring" and sign.weight >= 0.8):
            return Judged("aggregate", f"a sum: '{_words(statement, sign.start, sign.end)}'")
        if sign.label == "nationwide" and not placed:
            return Judged("aggregate", f"no single place: '{_words(statement, sign.start, sign.end)}'")
    if many and (when is None or not when.known or when.precision != 1):
        return Judged("aggregate", f"several events in one figure: '{many.group()}'")
    order = _ORDER_OF.search(text) if many else None
    if order:
        return Judged("aggregate", f"one of many: '{order.group()}'")
    return None


def _spans_years(when: Resolved) -> bool:
    assert when.first is not None and when.last is not None
    return (when.last - when.first).days > 366


def dated(statement: Statement, when: Resolved | None, placed: bool, published: date | None, window_days: int) -> Judged:
    """Status of something that happened: by the window, the precision of its date and whether it can be placed."""
    if when is None or not when.known:
        past = next((s for s in statement.signs if s.label in ("earlier", "obituary", "anniversary") and s.weight >= 0.8), None)
        if past is not None:
            return Judged("background", f"told as past: '{_words(statement, past.start, past.end)}'")
        if statement.kind in ("relative", "sub"):
            return Judged("background", "told in passing, in a subordinate clause without a date")
        reason = REFUSALS.get(when.rule, when.rule) if when is not None else "no date in the text"
        return Judged("lead", f"cannot be dated: {reason}" + (f" ('{when.words}')" if when is not None else ""))
    assert when.first is not None and when.last is not None
    point = when.day or when.last
    if published is not None and point < published - timedelta(days=window_days):
        return Judged("background", f"'{when.words}' lies before the window of {window_days} days")
    if when.precision is None:
        return Judged("lead" if published is not None else "background", f"'{when.words}' is coarser than a month")
    if published is None and not placed:
        return Judged("lead", "no place settled in the text")
    if not placed:
        return Judged("lead", f"'{when.words}' lies in the window, but no place is settled")
    return Judged(
        "codable",
        f"'{when.words}' lies in the window and the place is settled"
        if published is not None
        else f"dated '{when.words}' and placed; publication date unknown",
    )


def _words(statement: Statement, start: int, end: int) -> str:
    tokens = statement.sentence.tokens
    return statement.sentence.text[tokens.starts[start] : tokens.ends[end - 1]]
