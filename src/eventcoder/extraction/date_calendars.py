"""Days of other calendars as days of ours: Iranian and Afghan (solar), Islamic (lunar), Ethiopian, Thai; Easter; and which calendar a year is of.

The solar and the Ethiopian calendar are arithmetic and exact. The Islamic one begins its months when the moon is seen, a day apart from country to
country: its days are given with one day either side. Calendars that need tables which we do not have (Bikram Sambat) are refused. Floor 5.
"""

from __future__ import annotations

from datetime import date, timedelta

from eventcoder.extraction.date_arithmetic import DAY, Span, exact_day
from eventcoder.extraction.date_words import Holiday

_SOLAR_EPOCH = date(622, 3, 22)
_THAI = 543
_LUNAR_MONTHS = 12


def solar_day(year: int, month: int, day: int) -> date | None:
    """The day of a date of the Iranian calendar (years 1200 to 1499), None if there is none. Leap years follow the cycle of 33 years."""
    lengths = [31] * 6 + [30] * 5 + [30 if _solar_leap(year) else 29]
    if not (1200 <= year < 1500 and 1 <= month <= 12 and 1 <= day <= lengths[month - 1]):
        return None
    # New year 1206 fell on 22 March 1827; from there every year is counted.
    start = date(1827, 3, 22) + timedelta(days=sum(366 if _solar_leap(y) else 365 for y in range(1206, year))) if year >= 1206 else None
    return None if start is None else start + timedelta(days=sum(lengths[: month - 1]) + day - 1)


def _solar_leap(year: int) -> bool:
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)


def lunar_day(year: int, month: int, day: int) -> date | None:
    """The likeliest day of a date of the Islamic calendar (Umm al-Qura, years 1343 to 1500), None if there is none."""
    from hijridate import Hijri

    try:
        # The 30th of a month of 29 days: where the moon was seen a day later there was one.
        return Hijri(year, month, min(day, 29)).to_gregorian() + (DAY if day == 30 else timedelta()) if day <= 30 else None
    except (ValueError, OverflowError):
        return None


def ethiopian_day(year: int, month: int, day: int) -> date | None:
    """The day of a date of the Ethiopian calendar (years 1800 to 2092), None if there is none."""
    if not (1800 <= year <= 2092 and 1 <= month <= 13 and 1 <= day <= 30):
        return None
    return date(1900, 9, 11) + timedelta(days=365 * (year - 1893) + year // 4 - 1893 // 4 + 30 * (month - 1) + day - 1)


_TO_DAY = {"S": solar_day, "L": lunar_day, "E": ethiopian_day}
_NAMES = {"S": "solar-hijri", "L": "lunar-hijri", "E": "ethiopian"}


def foreign_day(letter: str, year: int | None, month: int, day: int, published: date | None) -> Span:
    """A day of another calendar. Without a year the latest not after publication."""
    convert = _TO_DAY.get(letter)
    if convert is None or (letter == "S" and year is not None and year > 1499):
        return "foreign-calendar"
    if year is None:
        if published is None:
            return "no-publication-date"
        # The year there that runs on the day of publication, then the ones before.
        guess = {"S": published.year - 621, "L": (published.year - 622) * 33 // 32 + 2, "E": published.year - 7}[letter]
        found = next((d for y in range(guess, guess - 4, -1) if (d := convert(y, month, day)) is not None and d <= published), None)
    else:
        found = convert(year, month, day)
    if found is None:
        return "impossible-date"
    name = "foreign-calendar:" + _NAMES[letter]
    if letter == "L":
        return found - DAY, found + DAY, 2, name, found
    return found, found, 1, name, found


def foreign_month(letter: str, year: int | None, month: int, published: date | None) -> Span:
    """A month of another calendar, from its first day to the day before the next month's first."""
    first = foreign_day(letter, year, month, 1, published)
    if isinstance(first, str):
        return first
    start = first[4]
    assert start is not None
    length = 31 if letter == "S" and month <= 6 else 30 if letter != "L" else 29
    return start, start + timedelta(days=length - 1), 3, first[3], None


def thai_year(year: int) -> int:
    """The year of ours in "2565"."""
    return year - _THAI


def easter(year: int) -> date:
    """Easter Sunday of the western churches."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def holiday_span(holiday: Holiday, year: int | None, offset: int, published: date | None, planned: bool) -> Span:
    """A named day of `year`, or the latest one that began by publication (for plans: the next). `offset`: 1 for the second day of it."""
    if year is None and published is None:
        return "no-publication-date"
    base = year or (published.year if published else 0)
    found: list[tuple[date, Span]] = []
    for one in [base] if year else [base + 1, base, base - 1]:
        for span in _of_year(holiday, one, offset):
            if not isinstance(span, str):
                found.append((span[4] or span[0], span))
    if year is None and published is not None:
        able = [f for f in found if (f[0] >= published if planned else f[0] <= published)]
        found = sorted(able, key=lambda f: abs((f[0] - published).days))
    return found[0][1] if found else "impossible-date"


def _of_year(holiday: Holiday, year: int, offset: int) -> list[Span]:
    shift = timedelta(days=offset)
    if holiday.calendar == "lunar":
        spans: list[Span] = []
        for month, day in [(holiday.month, holiday.day)] if holiday.month else [(10, 1), (12, 10)]:
            for lunar in range((year - 622) * 33 // 32, (year - 622) * 33 // 32 + 3):
                found = lunar_day(lunar, month, day)
                if found is not None and found.year == year:
                    spans.append((found + shift - DAY, found + shift + DAY, 2, "lunar-hijri", found + shift))
        return spans
    if holiday.calendar == "easter":
        start = easter(year) + timedelta(days=holiday.day)
    elif holiday.calendar == "solar":
        there = solar_day(year - 621 - (1 if holiday.month >= 11 else 0), holiday.month, holiday.day)
        if there is None:
            return []
        start = there
    else:
        return [exact_day(year, holiday.month, holiday.day)]
    start += shift
    return [(start, start + timedelta(days=holiday.days - 1), 1 if holiday.days == 1 else 2, "", start)]
