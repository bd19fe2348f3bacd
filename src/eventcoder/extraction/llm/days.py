"""The day of a statement: the model points at the words of time, our own resolver reads them. Floor 5.

The model's own date counts only as a second voice: where our resolver reads its English translation and comes to the same day, or where the quoted
words hold the full date. A later day than publication is refused, as everywhere.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from eventcoder.clock import latest_today, now
from eventcoder.event import Span
from eventcoder.extraction.dates import REFUSALS, Resolved, resolve_all

_DIGITS = re.compile(r"\d+")
_BEFORE = 2000  # characters before the quote in which "the next day" may find its day


def day_of(text: str, span: Span, english: str | None, value: date | None, published: date | None) -> tuple[Resolved | None, str]:
    """(what the words say, how that was found); None with the reason where they do not bear a day out."""
    own = _best(resolve_all(text, published, start=span.start, end=span.end)) or _best(resolve_all(span.quote, published))
    if own is not None and own.rule == "no-anchor":
        told = [r for r in resolve_all(text, published, start=max(0, span.start - _BEFORE), end=span.start) if r.known and r.precision == 1]
        anchored = _best(resolve_all(text, published, start=span.start, end=span.end, anchor=told[-1].first)) if told else None
        # which day "the next day" follows is a guess of ours: it counts where the model came to the same day
        if anchored is not None and anchored.known and value is not None and _agrees(anchored, value):
            own = anchored
    coarse = own if own is not None and own.known and own.precision is None else None
    if own is not None and own.known and coarse is None:
        return own, own.rule
    if value is not None and (value > (published or latest_today(now()))):
        return None, "the model's date lies after publication" if published else "the model's date lies in the future"
    if coarse is None and own is not None and own.rule not in ("foreign-calendar", "too-vague"):
        return None, f"{own.rule}: {REFUSALS.get(own.rule, 'not resolved')}"
    if english:
        there = _best(resolve_all(english, published))
        if there is not None and there.known and value is not None and _agrees(there, value):
            return _at(there, span), f"llm-translation:{there.rule}"
    if value is not None and _full(span.quote, value):
        return Resolved(value, value, 1, "llm:full-date", span.start, span.end, span.quote, day=value), "llm:full-date"
    if coarse is not None:
        return coarse, coarse.rule
    if own is not None:
        return None, f"{own.rule}: {REFUSALS.get(own.rule, 'not resolved')}"
    return None, f"'{_short(span.quote)}' does not tell a day that can be worked out"


def parsed(value: object) -> date | None:
    """The model's date, if it is one."""
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        return None


def standing(status: str, when: Resolved | None, placed: bool, published: date | None, window_days: int) -> tuple[str, str]:
    """(status, clue) of something that happened: the window, the day and the place decide, not the model's word."""
    if when is None or not when.known or when.first is None:
        return "lead", "cannot be dated"
    point = when.day or when.last or when.first
    if published is not None and point < published - timedelta(days=window_days):
        return "background", f"'{when.words}' lies before the window of {window_days} days"
    if when.precision is None:
        return "lead", f"'{when.words}' is coarser than a month"
    if not placed:
        return "lead", "no place is settled"
    return status, ""


def _best(found: list[Resolved]) -> Resolved | None:
    known = [r for r in found if r.known]
    return min(known, key=lambda r: (r.precision or 9, r.start)) if known else (found[0] if found else None)


def _agrees(found: Resolved, value: date) -> bool:
    assert found.first is not None and found.last is not None
    return found.first <= value <= found.last


def _at(found: Resolved, span: Span) -> Resolved:
    return replace(found, start=span.start, end=span.end, words=span.quote)


def _full(quote: str, value: date) -> bool:
    """Do the words hold year and day of the date, and the month by number or by a word?"""
    numbers = [int(n) for n in _DIGITS.findall(quote) if len(n) <= 4]  # digits of any script
    if value.year not in numbers:
        return False
    numbers.remove(value.year)
    if value.day not in numbers:
        return False
    numbers.remove(value.day)
    if numbers:
        # "05/03/2026" reads both ways: only figures that cannot be exchanged tell the month
        return numbers == [value.month] and (value.day > 12 or value.day == value.month)
    return any(len(word) > 2 for word in re.findall(r"[^\W\d_]+", quote))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:60] + "…"
