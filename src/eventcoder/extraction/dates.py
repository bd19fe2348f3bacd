"""Dates of events: an expression and the day of publication become an interval with a precision, or null with a reason.

Never the day of publication for want of a better one, never later than publication unless the event is planned, never repaired: what is
ambiguous ("03/04/2019"), of another calendar, impossible or without an anchor stays null and says why. Precision follows the codebook:
1 the day, 2 a week or less than about ten days, 3 a month; coarser intervals carry none and are not codable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from eventcoder.extraction.date_arithmetic import Context, precision_of
from eventcoder.extraction.date_patterns import Expression, expressions
from eventcoder.extraction.date_solvers import ABSOLUTE
from eventcoder.extraction.date_spans import RELATIVE

REFUSALS = {
    "no-publication-date": "the expression is relative and the document has no date of publication",
    "ambiguous-day-month": "day and month cannot be told apart",
    "foreign-calendar": "the date is given in another calendar",
    "impossible-date": "there is no such day",
    "later-than-publication": "the date lies after publication and nothing says that the event is planned",
    "weekday-mismatch": "the weekday and the day of the month do not meet",
    "no-anchor": "the expression refers to a date that the text does not give",
    "too-vague": "the expression names no span",
}
SOLVERS = ABSOLUTE | RELATIVE
_RECENT = 31  # days
_UNITS_BACK = frozenset({"past-unit", "past-span"})
_SINCE = re.compile(r"\b[Ss]ince\s+(?:the\s+|at\s+least\s+|late\s+|early\s+)*$")


@dataclass(slots=True)
class Resolved:
    """Earliest and latest possible day; `day` is the codebook's event_date (middle of a span, edge for "early" and "late").

    `precision` is None for spans coarser than a month. When nothing could be resolved `first` is None and `rule` is the reason.
    """

    first: date | None
    last: date | None
    precision: int | None
    rule: str
    start: int
    end: int
    words: str
    day: date | None = None
    open_start: bool = False  # "since January": a span of accumulation, not of one event
    attributive: bool = False  # "the 3 May massacre": says which event is meant; another date of the sentence goes first
    spoken: bool = False  # "police said on Monday": the day of the talk

    @property
    def known(self) -> bool:
        return self.first is not None


def resolve_all(
    text: str, published: date | None, *, start: int = 0, end: int | None = None, planned: bool = False, anchor: date | None = None
) -> list[Resolved]:
    """Every expression of time in text[start:end], resolved or refused. `anchor` is the date that "the next day" refers to."""
    return resolve_each(expressions(text, start, end), text, published, planned=planned, anchor=anchor)


def resolve_each(
    found_in_text: Sequence[Expression], text: str, published: date | None, *, planned: bool = False, anchor: date | None = None
) -> list[Resolved]:
    """Expressions already recognised in `text`, resolved or refused.

    Where another expression dates the sentence, a named day ("on Good Friday") and the day of somebody's talk ("police said on Monday") are left out.
    """
    out = []
    aside: list[Resolved] = []
    reported: date | None = None  # "As reported on 29 May, during the previous week"
    for expression in found_in_text:
        since = reported if expression.rule in _UNITS_BACK and reported is not None else published
        found = resolve(expression, since, planned=planned, anchor=anchor)
        if since is not None and since is not published and found.first is not None and found.last == since and found.first < since:
            first = found.first + timedelta(days=1)  # the days up to the report, its own among them
            found = replace(found, first=first, day=first + (since - first) // 2)
        if found.known and published is not None and _since(text, expression):
            found = _accumulated(found, published)
        if expression.rule == "holiday" or expression.spoken:
            aside.append(found)
            if expression.spoken and found.precision == 1 and found.rule.startswith(("day-month", "numeric")):
                reported = found.first
        elif found.known and found.precision == 1 and not found.attributive:
            anchor = found.first
        out.append(found)
    said = next((r for r in out if r.spoken and r.known and r.precision == 1), None)
    if said is not None and said.first is not None:
        # "killed overnight, police said on Friday": the night before that Friday
        eve = said.first - timedelta(days=1)
        out = [replace(r, first=eve, last=said.first, day=eve) if r.rule == "overnight" and r.known else r for r in out]
    if aside and any(_dates_an_event(r, published) for r in out if not any(r is a for a in aside)):
        return [r for r in out if not any(r is a for a in aside)]
    return out


def _since(text: str, expression: Expression) -> bool:
    """ "since Saturday"; not "since Saturday, when gunmen came": the clause tells of that day."""
    if _SINCE.search(text, max(0, expression.start - 16), expression.start) is None:
        return False
    return not text.startswith((", when", " when"), expression.end)


def _dates_an_event(found: Resolved, published: date | None) -> bool:
    """Is this a day or a span of days near publication, rather than history or a sum?"""
    if not found.known or found.precision not in (1, 2) or found.open_start or found.attributive:
        return False
    assert found.last is not None
    return published is None or (published - found.last).days <= _RECENT


def _accumulated(found: Resolved, published: date) -> Resolved:
    """ "since 3 May": everything from that day up to publication."""
    assert found.first is not None
    if found.first > published:
        return found
    precision = precision_of(found.first, published)
    middle = found.first + timedelta(days=((published - found.first).days + 1) // 2) if precision else None
    middle = found.first if precision == 1 else middle
    return replace(found, last=published, precision=precision, day=middle, rule=found.rule + ":since", open_start=True)


def resolve(expression: Expression, published: date | None, *, planned: bool = False, anchor: date | None = None) -> Resolved:
    """One expression against the day of publication."""
    span = SOLVERS[expression.rule](expression.parts, Context(published, planned, anchor, expression.words))
    if isinstance(span, str):
        return Resolved(None, None, None, span, expression.start, expression.end, expression.words)
    first, last, precision, suffix, day = span
    if published is not None and not planned:
        if first > published:
            return Resolved(None, None, None, "later-than-publication", expression.start, expression.end, expression.words)
        if last > published:
            last = published
            if day is not None and day > published:
                day = published
    if day is None and precision is not None:
        day = first + timedelta(days=2) if suffix == "calendar-week" and (last - first).days == 6 else first + (last - first) // 2
    rule = expression.rule if not suffix else suffix if suffix.startswith("foreign-calendar") else f"{expression.rule}:{suffix}"
    if published is not None and first > published:
        rule += ":planned"
    return Resolved(
        first,
        last,
        precision,
        rule,
        expression.start,
        expression.end,
        expression.words,
        day,
        open_start=expression.parts.get("pre") == "since" or suffix == "since" or expression.rule == "so-far",
        attributive=expression.attributive,
        spoken=expression.spoken,
    )
