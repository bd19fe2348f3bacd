"""Solvers for expressions with numbers: days, months and years said outright, with or without one of them; other calendars. Floor 5."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from eventcoder.extraction.date_arithmetic import (
    DAY,
    Context,
    Span,
    count_of,
    covering,
    exact_day,
    infer_year,
    month_span,
    nearest_weekday,
    one_day,
    part_of,
    precision_of,
    year_span,
)
from eventcoder.extraction.date_calendars import foreign_day, foreign_month, holiday_span, thai_year
from eventcoder.extraction.date_words import open_date_words

Parts = dict[str, str]
Solver = Callable[[Parts, Context], Span]
_AROUND = 3  # days either side of "around 5 May": a week in all


def numeric(p: Parts, c: Context) -> Span:
    """ "2022-04-12", "12.04.2022", "04/12/2022"."""
    one, two, three = (int(n) for n in re.split(r"[./-]", p["x"]))
    lengths = [len(n) for n in re.split(r"[./-]", p["x"])]
    if lengths[0] == 4:
        if 1200 <= one <= 1499:
            return "foreign-calendar"
        return _on_weekday(p, exact_day(thai_year(one), two, three, "thai") if one > 2400 else exact_day(one, two, three, "iso"))
    if lengths[0] == 3 or lengths[2] == 3:
        return "impossible-date"
    if lengths[2] == 1:
        return "too-vague"
    year = three if lengths[2] == 4 else 2000 + three if three < 70 else 1900 + three
    if 1200 <= year <= 1499:
        return "foreign-calendar"
    if year > 2400:
        year = thai_year(year)
    if "." in p["x"] or one > 12 or one == two:
        return _on_weekday(p, exact_day(year, two, one, "day-first"))
    if two > 12:
        return _on_weekday(p, exact_day(year, one, two, "month-first"))
    if "wd" in p:  # the weekday may tell which of the two it is
        able = [s for s in (exact_day(year, two, one, "by-weekday"), exact_day(year, one, two, "by-weekday")) if _on_weekday(p, s) == s]
        return able[0] if len(able) == 1 else "ambiguous-day-month"
    return "ambiguous-day-month"


def slashed_day(p: Parts, c: Context) -> Span:
    """ "Sat 2/5": the weekday tells day from month."""
    one, two = int(p["d1"]), int(p["d2"])
    able = []
    for day, month in {(one, two), (two, one)}:
        year = infer_year(month, day, c) if month <= 12 else "impossible-date"
        span = year if isinstance(year, str) else _on_weekday(p, exact_day(year, month, day, "by-weekday"))
        if not isinstance(span, str):
            able.append(span)
    return able[0] if len(able) == 1 else "ambiguous-day-month" if able else "weekday-mismatch"


def item_head(p: Parts, c: Context) -> Span:
    """ "25/02: ...": day and month where only one reading is a date; with dots the day comes first."""
    one, two = int(p["d1"]), int(p["d2"])
    day, month = (one, two) if two <= 12 else (two, one)
    if p["sep"] == "/" and one <= 12 and two <= 12 and one != two:
        if "order" not in p:
            return "ambiguous-day-month"
        day, month = (one, two) if p["order"] == "day" else (two, one)
    if p["sep"] == "." and two > 12:
        return "impossible-date"
    year = infer_year(month, day, c) if 1 <= month <= 12 else "impossible-date"
    return year if isinstance(year, str) else exact_day(year, month, day, "year-inferred")


def _on_weekday(p: Parts, span: Span) -> Span:
    """The span, unless the weekday before it is another one."""
    if "wd" in p and not isinstance(span, str) and span[0].weekday() != int(p["wd"]):
        return "weekday-mismatch"
    return span


def foreign_date(p: Parts, c: Context) -> Span:
    letter, month = p["c"][0], p["c"][1:]
    if letter == "K" or not month.isdigit():
        return "foreign-calendar"
    year = int(p["y"]) if "y" in p else None
    if year is not None and letter in "SL" and year >= 1500:
        year = None if c.published is not None and c.published.year == year else -1  # "15 Ramadan 2023": the year is ours
        if year == -1:
            return "foreign-calendar"
    last = foreign_day(letter, year, int(month), int(p["d"]), c.published)
    if "wd" in p and letter == "L" and not isinstance(last, str) and last[4] is not None:
        day = nearest_weekday(int(p["wd"]), last[4])  # the weekday says which of the three days it was
        last = one_day(day, last[3]) if last[0] <= day <= last[1] else "weekday-mismatch"
    last = _on_weekday(p, last)
    return covering(foreign_day(letter, year, int(month), int(p["d1"]), c.published), last) if "d1" in p else last


def foreign_month_of(p: Parts, c: Context) -> Span:
    if not p["c"][1:].isdigit():
        return "foreign-calendar"
    return foreign_month(p["c"][0], int(p["y"]) if "y" in p else None, int(p["c"][1:]), c.published)


def foreign_year(p: Parts, c: Context) -> Span:
    return "foreign-calendar"


def holiday(p: Parts, c: Context) -> Span:
    offset = max(0, count_of(p["o"]) - 1) if p.get("o", "").isdigit() else 0
    year = int(p["y"]) if "y" in p else None
    return holiday_span(open_date_words().holidays[p["name"]], year, min(offset, 10), c.published, c.planned)


def day_month(p: Parts, c: Context) -> Span:
    month, day = int(p["m"]), int(p["d"])
    if "y" in p:
        return _on_weekday(p, exact_day(int(p["y"]), month, day))
    if "which" in p:
        year = _year_of(p["which"], c)
        return year if isinstance(year, str) else exact_day(year, month, day)
    year = infer_year(month, day, c)
    return year if isinstance(year, str) else _on_weekday(p, exact_day(year, month, day, "year-inferred"))


def _year_of(which: str, c: Context) -> int | str:
    """The year of "last year", "this year", "that year"."""
    if which == "that":
        return c.anchor.year if c.anchor is not None else "no-anchor"
    if c.published is None:
        return "no-publication-date"
    return c.published.year + {"last": -1, "previous": -1, "next": 1}.get(which, 0)


def day_range(p: Parts, c: Context) -> Span:
    tail = {"y": p["y"]} if "y" in p else {}
    last = day_month({"d": p["d"], "m": p["m"], **tail}, c)
    if isinstance(last, str):
        return last
    month = int(p.get("m1", p["m"]))
    year = int(p["y1"]) if "y1" in p else last[1].year - (1 if month > last[1].month else 0)
    return covering(exact_day(year, month, int(p["d1"])), last)


def around_day(p: Parts, c: Context) -> Span:
    day = day_month(p, c)
    if isinstance(day, str):
        return day
    reach = timedelta(days=_AROUND)
    last = day[0] + reach
    return day[0] - reach, min(last, c.published) if c.published and day[0] <= c.published else last, 2, "around", day[0]


def month_year(p: Parts, c: Context) -> Span:
    month = int(p["m"])
    which = p.get("which", "")
    if "y" in p or ("u" in p and which):
        year = int(p["y"]) if "y" in p else _year_of(which, c)
        span: Span = year if isinstance(year, str) else month_span(year, month)
    elif c.published is None:
        return "no-publication-date"
    elif which in ("next", "coming") or (c.planned and month < c.published.month):
        return month_span(c.published.year + (1 if month <= c.published.month else 0), month, "year-inferred")
    else:
        year = c.published.year if month <= c.published.month or c.planned else c.published.year - 1
        if which == "last" and month == c.published.month:
            year = c.published.year - 1
        span = month_span(year, month, "year-inferred")
    if not isinstance(span, str) and p.get("pre") == "since" and c.published is not None and span[0] <= c.published:
        return span[0], c.published, precision_of(span[0], c.published) and max(3, precision_of(span[0], c.published) or 3), "since", None
    return span


def part_of_month(p: Parts, c: Context) -> Span:
    return part_of(month_year(p, c), p["part"])


def weeks_of_month(p: Parts, c: Context) -> Span:
    """ "the first week of May", "the second half of the month", "the last day of April"."""
    if "m" in p:
        whole = month_year(p, c)
    elif c.published is None:
        return "no-publication-date"
    else:
        which = p.get("which", "this")
        first = c.published.replace(day=1)
        if which in ("last", "previous"):
            first = (first - DAY).replace(day=1)
        elif which == "next":
            first = (first + timedelta(days=32)).replace(day=1)
        whole = month_span(first.year, first.month)
    if isinstance(whole, str):
        return whole
    first, last = whole[0], whole[1]
    number = 99 if p["o"] in ("last", "99") else int(p["o"])
    unit = p.get("o2") or p.get("u2", "week")
    if unit == "half":
        return (first, first.replace(day=15), 3, "first-half", None) if number == 1 else (first.replace(day=16), last, 3, "second-half", None)
    if unit == "day":
        return one_day(last if number == 99 else first + (number - 1) * DAY) if number == 99 or number <= last.day else "impossible-date"
    if unit == "weekend":
        saturday = first + timedelta(days=(5 - first.weekday()) % 7 + 7 * (min(number, 4) - 1))
        if number == 99:
            saturday = last - timedelta(days=(last.weekday() - 5) % 7)
        return saturday, saturday + DAY, 2, "weekend", saturday
    if "u2" in p:
        return (last - 13 * DAY, last, 3, "last-weeks", None) if number == 99 else (first, first.replace(day=14), 3, "first-weeks", None)
    if unit != "week" or (number > 5 and number != 99):
        return "too-vague"
    if number == 99:
        return last - 6 * DAY, last, 2, "last-week", None
    start = first + 7 * (number - 1) * DAY
    return (start, min(last, start + 6 * DAY), 2, "week", None) if start <= last else "impossible-date"


def part_of_year(p: Parts, c: Context) -> Span:
    year = int(p["y"])
    if "part" in p:
        return part_of(year_span(year, year), p["part"])
    parts = 2 if p["o2"] == "half" else 4
    number = parts if p["o"] in ("last", "99") else int(p["o"])
    if not 1 <= number <= parts:
        return "impossible-date"
    size = 12 // parts
    first, last = month_span(year, size * (number - 1) + 1), month_span(year, size * number)
    return covering(first, last)


def month_range(p: Parts, c: Context) -> Span:
    last = month_year({k: p[k] for k in ("m", "y", "which", "u") if k in p}, c)
    if isinstance(last, str):
        return last
    month = int(p["m1"])
    year = int(p["y1"]) if "y1" in p else last[1].year - (1 if month > last[1].month else 0)
    return covering(month_span(year, month), last)


def year_of(p: Parts, c: Context) -> Span:
    year = int(p["y"])
    if p.get("pre") == "since" and c.published is not None and year <= c.published.year:
        return covering(year_span(year, year), (c.published, c.published, 1, "since", None))
    return year_span(year, year)


def year_range(p: Parts, c: Context) -> Span:
    first, last = p["y1"], p["y"]
    return year_span(int(first), int(last if len(last) == 4 else first[:2] + last.zfill(2)))


def season(p: Parts, c: Context) -> Span:
    return year_span(int(p["y"]), int(p["y"]), "season")


def week_of(p: Parts, c: Context) -> Span:
    day = day_month(p, c)
    if isinstance(day, str):
        return day
    if re.search(r"\bending\b", c.words, re.IGNORECASE):
        return day[0] - 6 * DAY, day[0], 2, "week-ending", None
    return day[0], day[0] + 6 * DAY, 2, "week", None


ABSOLUTE: dict[str, Solver] = {
    "numeric": numeric, "slashed-day": slashed_day, "item-head": item_head,
    "foreign-date": foreign_date, "foreign-month": foreign_month_of, "foreign-year": foreign_year,
    "holiday": holiday,
    "day-range-months": day_range, "day-range": day_range, "day-month": day_month, "around-day": around_day, "part-of-month": part_of_month,
    "weeks-of-month": weeks_of_month, "part-of-year": part_of_year, "month-range": month_range, "month-year": month_year,
    "last-month-name": month_year, "month": month_year, "year-range": year_range, "year": year_of, "bare-year": year_of, "season": season,
    "week-of": week_of,
}  # fmt: skip
