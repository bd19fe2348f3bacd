"""Days, months and years without one of the others: the arithmetic that the solvers of dates share."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from eventcoder.extraction.date_patterns import MONTHS, SMALL

DAY = timedelta(days=1)
Span = tuple[date, date, int | None, str, date | None] | str


def count_of(words: str) -> int:
    """The number that digits or a small number word say."""
    words = words.lower()
    return int(words) if words.isdigit() else SMALL[words]


def month_number(name: str) -> int:
    """1 to 12 for an English month name or abbreviation."""
    return MONTHS[name.lower().rstrip(".")]


def day_number(words: str) -> int:
    """The day of the month in "3rd"."""
    return int("".join(c for c in words if c.isdigit()))


def exact_day(year: int, month: int, day: int, suffix: str = "") -> Span:
    """One day with precision 1, or the reason that there is no such day."""
    try:
        value = date(year, month, day)
    except ValueError:
        return "impossible-date"
    return value, value, 1, suffix, value


def month_span(year: int, month: int, suffix: str = "") -> Span:
    """A calendar month with precision 3."""
    last = calendar.monthrange(year, month)[1]
    return date(year, month, 1), date(year, month, last), 3, suffix, None


def year_span(first: int, last: int, suffix: str = "") -> Span:
    """Whole years: coarser than a month, without precision."""
    if last < first:
        return "impossible-date"
    return date(first, 1, 1), date(last, 12, 31), None, suffix, None


def infer_year(month: int, day: int, published: date | None, planned: bool) -> int | str:
    """The year of a day without one: the latest not after publication (for plans: the earliest not before it)."""
    if published is None:
        return "no-publication-date"
    try:
        here = date(published.year, month, day)
    except ValueError:
        if (month, day) != (2, 29):
            return "impossible-date"
        year = published.year
        while not calendar.isleap(year):
            year += 1 if planned else -1
        return year
    if planned:
        return published.year if here >= published - timedelta(days=1) else published.year + 1
    if here <= published:
        return published.year
    # A day or two ahead is more likely a plan or a slip than an event of last year: refuse rather than shift it by a year.
    return "later-than-publication" if (here - published).days <= 14 else published.year - 1


def covering(first: Span, last: Span) -> Span:
    """From the beginning of one span to the end of another, with the precision that its length allows."""
    if isinstance(first, str):
        return first
    if isinstance(last, str):
        return last
    start, end = first[0], last[1]
    if end < start:
        return "impossible-date"
    days = (end - start).days + 1
    precision = 1 if days == 1 else 2 if days <= 10 else 3 if days <= 31 else None
    return start, end, precision, last[3], None


def latest_weekday(weekday: int, published: date, *, strictly: bool = False) -> date:
    """The latest such weekday not after publication (`strictly`: before it)."""
    back = (published.weekday() - weekday) % 7
    if strictly and back == 0:
        back = 7
    return published - timedelta(days=back)


def span_back(published: date, number: int, unit: str) -> Span:
    """The span from `number` units before publication up to it."""
    unit = unit.rstrip("s")
    days = {"hour": max(1, -(-number // 24)), "day": number, "night": number, "week": 7 * number, "weekend": 7 * number}.get(unit)
    if days is None:
        years = number // 12 + 1 if unit == "month" else number * (10 if unit == "decade" else 1)
        if unit == "month" and number == 1:
            return published - timedelta(days=31), published, 3, "month", None
        if unit == "month":
            month = published.month - number % 12
            year = published.year - number // 12 - (1 if month < 1 else 0)
            return date(year, month if month >= 1 else month + 12, 1), published, None, "months", None
        return date(max(1, published.year - years), 1, 1), published, None, "years", None
    precision = 2 if days <= 10 else 3 if days <= 31 else None
    return published - timedelta(days=days), published, precision, "", None
