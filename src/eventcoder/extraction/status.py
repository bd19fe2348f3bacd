"""The status of a statement and the clue that decided: codable, lead, background, aggregate, attribute, speech_act or hypothetical.

What was only planned, feared or denied is hypothetical; what somebody condemns or talks about is a speech act; sums over time or space are
aggregates; what the text remembers is background. The rest happened: inside the window and placeable it is codable, else a lead or background.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from eventcoder.event import Status
from eventcoder.extraction.dates import REFUSALS, Resolved
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.mentions import HYPOTHETICAL, Statement
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.word_sets import word_set

_MANY_EVENTS = re.compile(
    r"\b(?:(?:\d[\d,.]*|dozens\s+of|hundreds\s+of|thousands\s+of|scores\s+of|several|numerous|many|countless|(?:four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|twenty|thirty|forty|fifty)(?:-\w+)?)\s+(?:[\w-]+\s+){0,3}?"
    r"(?:attacks|protests|demonstrations|clashes|incidents|killings|bombings|airstrikes|strikes|abductions|kidnappings|explosions|raids|riots|"
    r"rallies|marches|battles|massacres|shootings|assassinations|violations|events|operations|assaults|cases))\b",
    re.IGNORECASE,
)
_MANY_PLACES = re.compile(
    r"\b(?:in|across|engulfed|at|spread\s+to|throughout|over|reached|gripped)\s+(?:(?:at\s+least|more\s+than|over|about|some|around|nearly|"
    r"all)\s+)*(?:\d[\d,]*|an?\s+(?:hundred|dozen)|two\s+(?:dozen|hundred)|dozens\s+of|hundreds\s+of|scores\s+of|many|numerous|"
    r"all\s+\d+)\s+(?:\w+\s+){0,2}(?:cities|towns|villages|provinces|states|districts|locations|places|sites|regions|municipalities|departments|"
    r"areas|countries)\b|"
    r"\b(?:(?:[4-9]|\d{2,})|dozens\s+of|scores\s+of|hundreds\s+of)\s+(?:settlements|localities|villages|towns|communities)\b|"
    r"\b(?:in|across)\s+(?:[4-9]|four|five|six|seven|eight|nine|ten|eleven|twelve)\s+(?:\w+\s+)?(?:cities|provinces|states|districts|regions|departments|countries)\b",
    re.IGNORECASE,
)
# Looked up before the patterns run: most sentences hold none of these words.
_EVENT_PLURALS = word_set("event_plurals")
_PLACE_PLURALS = word_set("place_plurals")
_ORDER_OF = re.compile(r"\bthe\s+(?:last|latest|first|second|third|deadliest|\w+th)\s+(?:in\s+a\s+(?:series|string|wave)\s+)?of\b", re.IGNORECASE)


_NTH = re.compile(
    r"\b(?:the|its|their|a)\s+(?:at\s+least\s+)?(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\d+(?:st|nd|rd|th)|latest|"
    r"deadliest|worst|biggest|largest)\s+(?:[\w-]+\s+){1,8}?(?:of\s+(?:its|their|this|the)\s+kind|this\s+(?:week|month|year)|since|so\s+far|"
    r"in\s+(?:as\s+many|less\s+than|under|the\s+(?:past|last)|a\s+(?:week|month|year|decade)|\w+\s+(?:days|weeks|months|years)))",
    re.IGNORECASE,
)
_IN_SEVERAL = re.compile(
    r"\b(?:in|by)\s+(?:(?:two|three|four|five|six|seven|several|separate|multiple|various|different|a\s+series\s+of)\s+)+(?:[\w-]+\s+){0,2}?(?:raids|attacks|"
    r"strikes|airstrikes|incidents|bombings|ambushes|clashes|shootings|explosions|operations|protests|marches)\b|\b(?:attacks|strikes|airstrikes|raids|"
    r"protests|demonstrations|clashes|bombings|marches|rallies|riots)\b[^.;]{0,60}?\b(?:across|throughout)\s+(?:the\s+)?[A-Z]"
)
# A length of time longer than a day that a figure runs over: "in three days of fighting", "in the space of a week", "over the last fortnight".
_LENGTH = re.compile(
    r"\b(?P<nth>(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th)|first|latest|deadliest|worst)\s+(?:[\w'-]+\s+){0,6}?)?"
    r"(?:in|over|during|within|throughout)\s+(?:(?:just|only|under|barely|nearly|almost|about|around|some|less\s+than|more\s+than|the\s+space\s+of|"
    r"the\s+course\s+of)\s+)*(?:the\s+)?(?:(?:past|last)\s+)?(?:(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[2-9]|\d\d|several|"
    r"few|a\s+few|as\s+many|a|one|single)\s+)?(?:(?:straight|consecutive|successive)\s+)?"
    r"(?:days|week|weeks|fortnight|month|months|(?:(?<=48\s)|(?<=72\s)|(?<=96\s))hours)\b(?!\s*(?:['’]|time\b|ago\b|earlier\b|before\b))",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\b(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|dozens|scores|hundreds|thousands)\b", re.IGNORECASE)
_TIMES = re.compile(
    r"\b(?:(?:twice|(?:two|three|four|five|six|seven|eight|nine|ten|several|many|numerous|\d+)\s+times|on\s+(?:two|three|four|five|several|many|numerous)\s+"
    r"(?:separate\s+)?occasions))\s+(?:this|since|already|(?:in|over|during|within)\s+(?:the\s+|a\s+)?(?:\w+\s+){0,2}(?:days|week|weeks|month|months|year))\b",
    re.IGNORECASE,
)
_TOLL = re.compile(
    r"\b(?:toll|number\s+of\s+(?:deaths|dead|fatalities|victims)|deaths)\b[^.;]*?\b(?:rose|risen|climbed|jumped|grew|reached|mounted|stood|stands|increased)"
    r"\s+(?:(?:to|at|by|past|above)\s+)?(?:\w+\s+){0,2}?\d",
    re.IGNORECASE,
)
_SPAN = re.compile(r"(?:between|from)\b", re.IGNORECASE)
_YEARS_AGO = re.compile(r"\b(?:years?|decades?)\s+(?:ago|earlier|before)\b", re.IGNORECASE)
_YEAR_AFTER = re.compile(r"\s*,?\s*(?:in|of|back\s+in)\s+((?:19|20)\d\d)\b")
_WHERE = re.compile(r",\s*(?:where|in\s+which|at\s+which)\b[^,;]*,")
_MANY = word_set("many")
_SITES = word_set("sites")
_ORDERED = word_set("ordinals")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_PAPER = frozenset({"released", "published", "issued", "circulated", "circulating", "report", "statement", "communique", "communiqué"})
_MANY_IN_A_DAY = 20  # events in one figure that happened in no single place, even on one day
_SPELL = 3  # days after the first: from then on a figure of dead is a sum
_LARGE = 50  # deaths within a year or more that are rather a sum than one event


@dataclass(frozen=True, slots=True)
class Judged:
    """A status and the clue, in words, that decided it."""

    status: Status
    clue: str


def governed(statement: Statement) -> Judged | None:
    """The status when every cue of the statement is governed by a sign; None if something happened."""
    if (
        any(
            h.label
            not in ("CROWD", "DEMAND", "SOLIDARITY", "GATHER", "STRIKE", "SLOGAN", "DISPLACE", "THREAT", "RESTRICT", "DEPLOY", "POLITICS", "COURT")
            for h in statement.hits
        )
        or not statement.covered
    ):
        return None
    hit, sign = statement.covered[0]
    words = _words(statement, sign.start, sign.end)
    if sign.label in HYPOTHETICAL:
        what = {
            "deny": "denied",
            "announce": "announced",
            "negate": "did not happen",
            "threat": "threatened",
            "call": "called for",
            "fear": "feared",
        }.get(sign.label, "planned or expected")
        return Judged("hypothetical", f"{what}: '{words}' before '{_words(statement, hit.start, hit.end)}'")
    if sign.label == "anniversary":
        return Judged("background", f"remembered: '{words}'")
    if sign.label == "court":
        return Judged("background", f"told of in court: '{words}'")
    return Judged("speech_act", f"talk about an event: '{words}'")


def many_events(tokens: Tokens, text: str) -> bool:
    """ "45 incidents", "dozens of attacks"."""
    return not _EVENT_PLURALS.isdisjoint(tokens.forms) and _MANY_EVENTS.search(text) is not None


def accumulates(tokens: Tokens) -> bool:
    """ "more than 40 people have been killed since May": a figure in the perfect tense with a beginning and no end."""
    forms = tokens.forms
    if "since" not in forms:
        return False
    perfect = any(forms[i] in ("has", "have") and i + 1 < len(forms) and forms[i + 1] not in ("not", "no", "to") for i in range(len(forms)))
    return perfect and any(f[0].isdigit() or f in _MANY for f in forms)


def summed(statement: Statement, when: Resolved | None, placed: bool, counted: bool = False, most: int = 0) -> Judged | None:
    """Is the statement a sum over time or space? `most` is its largest figure of people."""
    sentence = statement.sentence
    text = sentence.text[statement.start : statement.end]
    forms = sentence.tokens.forms
    if statement.kind == "total":
        return Judged("aggregate", f"a running total: '{text[:60]}'")
    many = None if _EVENT_PLURALS.isdisjoint(forms) else _MANY_EVENTS.search(text)
    places = None if _PLACE_PLURALS.isdisjoint(forms) else _MANY_PLACES.search(text)
    if places:
        return Judged("aggregate", f"a sum over places: '{places.group()}'")
    several = None if placed or _EVENT_PLURALS.isdisjoint(forms) else _IN_SEVERAL.search(text)
    if several:
        return Judged("aggregate", f"several events told together: '{several.group()}'")
    exact = when is not None and when.known and when.precision == 1 and not when.open_start and not when.spoken and not _of_paper(statement, when)
    if when is not None and when.open_start and when.precision != 1:
        return Judged("aggregate", f"accumulated: '{when.words}' with an open beginning")
    if (not exact or (when is not None and _begins(statement, when))) and accumulates(sentence.tokens):
        return Judged("aggregate", "accumulated: a figure in the perfect tense with 'since'")
    if (
        when is not None
        and when.known
        and when.precision is None
        and (many or _spans_years(when) or (counted and (most >= _LARGE or not {"have", "has"}.isdisjoint(text.lower().split()))))
    ):
        return Judged("aggregate", f"a sum over time: '{when.words}'")
    if counted and most >= 10 and when is not None and when.known and _SPAN.match(when.words) and _days(when) >= _SPELL:
        return Judged("aggregate", f"a sum over days: '{when.words}'")
    if (many or counted) and when is not None and when.known and _up_to(statement, when):
        return Judged("aggregate", f"a sum up to a day: '{when.words}'")
    over = _over_days(text, exact, counted)
    if over:
        return Judged("aggregate", f"a sum over days: '{over}'")
    toll = _TOLL.search(text) if when is not None and "to" in forms else None
    # "The toll of the fighting rose to 64 on Tuesday": the day is that of the count, unless the event has a day of its own before it.
    if toll and when is not None and when.start >= statement.start + toll.end() - 1:
        return Judged("aggregate", f"a toll that grew: '{toll.group()[:60]}'")
    first = min((h.start for h in statement.hits), default=0)
    for sign in statement.signs:
        enough = 0.9 if when is None or exact else 0.8
        strong = (sign.label == "total" and sign.weight >= enough) or (sign.label == "recurring" and sign.weight >= 0.8)
        # "Gunmen killed five in Kano on Monday, one of a series of attacks": an event with a day and a place of its own stays one.
        if strong and not (exact and (placed or sign.label == "total") and sign.start > first):
            return Judged("aggregate", f"a sum: '{_words(statement, sign.start, sign.end)}'")
        if sign.label == "nationwide" and not placed:
            return Judged("aggregate", f"no single place: '{_words(statement, sign.start, sign.end)}'")
    if many and (not exact or (not placed and (number := re.match(r"\d+", many.group().replace(",", ""))) and int(number.group()) >= _MANY_IN_A_DAY)):
        return Judged("aggregate", f"several events in one figure: '{many.group()}'")
    order = _ORDER_OF.search(text) if many else None
    if order:
        return Judged("aggregate", f"one of many: '{order.group()}'")
    if not exact and not _ORDERED.isdisjoint(forms):
        nth = _NTH.search(text)
        if nth:
            return Judged("aggregate", f"one of many: '{nth.group()}'")
    return None


def _over_days(text: str, exact: bool, counted: bool) -> str | None:
    """ "60 killed in a week of operations", "attacked four times this week": the words, if no day of the event's own is told."""
    if exact:
        return None
    times = _TIMES.search(text) if "times" in text or "occasions" in text or "twice" in text else None
    if times:
        return times.group()
    return next((m.group() for m in _LENGTH.finditer(text) if m["nth"] is None and (counted or _FIGURE.search(text, 0, m.start()))), None)


def _begins(statement: Statement, when: Resolved) -> bool:
    """ "since the war began on 15 April": the day from which is counted."""
    tokens = statement.sentence.tokens
    at = tokens.at(when.start)
    return "since" in tokens.forms[max(0, at - 12) : at]


def _of_paper(statement: Statement, when: Resolved) -> bool:
    """ "figures released on Saturday", "in a report published on 3 May": the day of the paper, not of what it counts."""
    tokens = statement.sentence.tokens
    at = tokens.at(when.start)
    return not _PAPER.isdisjoint(tokens.forms[max(0, at - 3) : at])


def _up_to(statement: Statement, when: Resolved) -> bool:
    """ "41 shootings up to Tuesday", "as of 3 May 12 people had been killed": the day at which counting stopped."""
    tokens = statement.sentence.tokens
    at = tokens.at(when.start)
    return tuple(tokens.forms[max(0, at - 2) : at]) in (("up", "to"), ("as", "of"), ("up", "until"))


def _days(when: Resolved) -> int:
    assert when.first is not None and when.last is not None
    return (when.last - when.first).days


def _spans_years(when: Resolved) -> bool:
    return _days(when) > 366


def tried(statement: Statement, when: Resolved | None = None) -> Hit | None:
    """A sign that the event is told of in court: a strong one before its cues ("jurors watched how ...", "told the court that ...")."""
    first = min((h.start for h in statement.hits), default=0)
    new = any(h.label in ("PROTEST", "CROWD", "GATHER", "ARREST", "DETAIN") for h in statement.hits)
    early = when is None or statement.sentence.tokens.at(when.start) < first  # "charged on Tuesday over the stabbing": the day of the court
    signs = [s for s in statement.signs if s.label == "court" and s.weight >= (0.8 if early else 0.9)]
    return next((s for s in signs if s.start < first or not new), None)


def in_passing(statement: Statement, when: Resolved | None, opening: Sequence[Hit], places: Sequence[int]) -> bool:
    """ "Soldiers patrolled on Thursday after a week of violence": the day is the main clause's, what came before it has none.

    `places` are the tokens at which places stand: one in the main clause makes it the telling ("forces regained A on Thursday after clashes").
    """
    if when is None or not when.known or not opening:
        return False
    sub = next((i for i, p in enumerate(statement.pieces) if p.kind == "sub"), None)
    if sub is None:
        return False
    start, end = statement.pieces[sub].start, next((p.start for p in statement.pieces[sub + 1 :] if p.kind in ("main", "clause")), 1 << 30)
    inside = all(start <= h.start < end for h in opening)
    return inside and not start <= statement.sentence.tokens.at(when.start) < end and all(start <= at < end for at in places)


def dated(statement: Statement, when: Resolved | None, placed: bool, published: date | None, window_days: int) -> Judged:
    """Status of something that happened: by the window, the precision of its date and whether it can be placed."""
    if when is None or not when.known:
        past = next((s for s in statement.signs if s.label in ("earlier", "obituary", "anniversary", "court") and s.weight >= 0.8), None)
        if past is not None:
            return Judged("background", f"told as past: '{_words(statement, past.start, past.end)}'")
        if statement.kind in ("relative", "sub"):
            return Judged("background", "told in passing, in a subordinate clause without a date")
        if when is not None and when.rule == "later-than-publication" and not _YEAR.search(when.words):
            return Judged("hypothetical", f"still to come: '{when.words}' lies after publication")
        reason = REFUSALS.get(when.rule, when.rule) if when is not None else "no date in the text"
        return Judged("lead", f"cannot be dated: {reason}" + (f" ('{when.words}')" if when is not None else ""))
    assert when.first is not None and when.last is not None
    past_words = _remembered(statement, when, published)
    if past_words:
        return Judged("background", f"told as past: '{past_words}'")
    if published is not None and when.first > published:
        return Judged("hypothetical", f"still to come: '{when.words}' lies after publication")
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


def _remembered(statement: Statement, when: Resolved, published: date | None) -> str | None:
    """ "A year ago on Sunday", "on May 5 in 2013", "the church, where 70 died, reopened on Sunday": the words, if the day is not the event's."""
    assert when.first is not None
    if published is not None and when.precision == 1 and _YEARS_AGO.search(when.words) and abs((published - when.first).days) < 300:
        return when.words
    sentence = statement.sentence
    at = when.start
    after = _YEAR_AFTER.match(sentence.text, at + len(when.words))
    if after and int(after[1]) < when.first.year:
        return f"{when.words}{after.group()}"
    where = next((m for m in _WHERE.finditer(sentence.text, 0, max(0, at)) if m.end() <= at), None)
    # "The prison in A, where 12 died": the site is no cue.
    starts = [sentence.tokens.starts[h.start] for h in statement.hits if sentence.tokens.forms[h.start] not in _SITES]
    if where and starts and all(where.start() < i < where.end() for i in starts):
        return where.group()
    return None


def _words(statement: Statement, start: int, end: int) -> str:
    tokens = statement.sentence.tokens
    return statement.sentence.text[tokens.starts[start] : tokens.ends[end - 1]]
