"""Days, months and years without one of the others: the arithmetic that the solvers of dates share. Floor 5."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
# first and last day, precision, what to add to the rule's id, the day that stands for the span; or the reason for none
Span = tuple[date, date, int | None, str, date | None] | str


@dataclass(slots=True)
class Context:
    """What an expression is relative to: the day of publication, whether it tells a plan, the day told before, its own words."""

    published: date | None
    planned: bool
    anchor: date | None
    words: str


def count_of(value: str | None) -> int:
    """The number that a part stands for ("~3" for "a few"); 0 for none."""
    return int(value.lstrip("~")) if value else 0


def exact_day(year: int, month: int, day: int, suffix: str = "") -> Span:
    """One day with precision 1, or the reason that there is no such day."""
    try:
        value = date(year, month, day)
    except ValueError:
        return "impossible-date"
    return value, value, 1, suffix, value


def one_day(day: date, suffix: str = "") -> Span:
    """A day that is known to exist."""
    return day, day, 1, suffix, day


def month_span(year: int, month: int, suffix: str = "") -> Span:
    """A calendar month with precision 3."""
    last = calendar.monthrange(year, month)[1]
    return date(year, month, 1), date(year, month, last), 3, suffix, None


def year_span(first: int, last: int, suffix: str = "") -> Span:
    """Whole years: coarser than a month, without precision."""
    if not 1 <= first <= last <= 9999:
        return "impossible-date"
    return date(first, 1, 1), date(last, 12, 31), None, suffix, None


def precision_of(first: date, last: date) -> int | None:
    """The codebook's precision of a span by its length."""
    days = (last - first).days + 1
    return 1 if days == 1 else 2 if days <= 10 else 3 if days <= 31 else None


def infer_year(month: int, day: int, context: Context) -> int | str:
    """The year of a day without one: the latest not after publication (for plans: the earliest not before it).

    Without a publication date the year of the day told before counts, if there is one.
    """
    published, planned = context.published, context.planned
    if published is None:
        return context.anchor.year if context.anchor is not None else "no-publication-date"
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
        return published.year if here >= published - DAY else published.year + 1
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
    return start, end, precision_of(start, end), last[3], None


def latest_weekday(weekday: int, published: date, *, strictly: bool = False) -> date:
    """The latest such weekday not after publication (`strictly`: before it)."""
    back = (published.weekday() - weekday) % 7
    if strictly and back == 0:
        back = 7
    return published - timedelta(days=back)


def nearest_weekday(weekday: int, centre: date) -> date:
    """The day of that name at most three days from `centre`."""
    return centre + timedelta(days=(weekday - centre.weekday() + 3) % 7 - 3)


def months_back(day: date, number: int) -> tuple[int, int]:
    """Year and month `number` months before the month of `day` (negative: after it)."""
    months = day.year * 12 + day.month - 1 - number
    return months // 12, months % 12 + 1


def span_back(published: date, number: int, unit: str) -> Span:
    """The span from `number` units before publication up to it."""
    if unit in ("month", "quarter"):
        if number == 1 and unit == "month":
            return published - timedelta(days=31), published, 3, "month", None
        year, month = months_back(published, number * (3 if unit == "quarter" else 1))
        return (date(year, month, 1), published, None, "months", None) if year >= 1 else "impossible-date"
    if unit in ("year", "decade", "season"):
        years = number * (10 if unit == "decade" else 1)
        return date(max(1, published.year - years), 1, 1), published, None, "years", None
    days = max(1, -(-number // 24)) if unit == "hour" else number * {"week": 7, "weekend": 7, "fortnight": 14}.get(unit, 1)
    if days > 3650:
        return "impossible-date"
    first = published - timedelta(days=days)
    return first, published, precision_of(first, published), "", None


def part_of(span: Span, part: str) -> Span:
    """The early, middle or late part of a month (1-10, 11-20, 21-), of a week (Mon-Wed, Tue-Thu, Thu-Sun) or of a year (four months)."""
    if isinstance(span, str):
        return span
    first, last = span[0], span[1]
    days = (last - first).days + 1
    if days > 31:
        cuts = (date(first.year, 4, 30), date(first.year, 8, 31))
        return {
            "early": (first, cuts[0], None, "early", None), "middle": (cuts[0] + DAY, cuts[1], None, "middle", None),
        }.get(part, (cuts[1] + DAY, last, None, "late", None))  # fmt: skip
    if days == 7:
        low, high = {"early": (0, 2), "middle": (1, 3)}.get(part, (3, 6))
        return first + low * DAY, first + high * DAY, 2, part, None
    if part == "early":
        return first, first.replace(day=10), 3, "early", first
    if part == "middle":
        return first.replace(day=11), first.replace(day=20), 3, "middle", None
    return first.replace(day=21), last, 3, "late", last
