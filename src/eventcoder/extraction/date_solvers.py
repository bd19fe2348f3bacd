"""One solver a rule of `date_patterns`: the parts of an expression and the day of publication become a span of days, or the reason for none."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta

from eventcoder.extraction.date_arithmetic import (
    DAY,
    Span,
    count_of,
    covering,
    day_number,
    exact_day,
    infer_year,
    latest_weekday,
    month_number,
    month_span,
    span_back,
    year_span,
)
from eventcoder.extraction.date_patterns import WEEKDAYS

_Parts = dict[str, str]
_Solver = Callable[[_Parts, date | None, bool, date | None, str], Span]


def _iso(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    return exact_day(int(p["y"]), int(p["m"]), int(p["d"]))


def _numeric(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    a, b = int(p["a"]), int(p["b"])
    year = int(p["y"]) if len(p["y"]) == 4 else 2000 + int(p["y"]) if int(p["y"]) < 70 else 1900 + int(p["y"])
    if p["sep"] == "." or a > 12 or a == b:
        return exact_day(year, b, a, "day-first")
    if b > 12:
        return exact_day(year, a, b, "month-first")
    return "ambiguous-day-month"


def _foreign(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    return "foreign-calendar"


def _day_month(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    month, day = month_number(p["m"]), day_number(p["d"])
    if "y" in p:
        return exact_day(int(p["y"]), month, day)
    year = infer_year(month, day, pub, plan)
    return year if isinstance(year, str) else exact_day(year, month, day, "year-inferred")


def _day_range(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    tail = {"y": p["y"]} if "y" in p else {}
    last = _day_month({"d": p["d2"], "m": p.get("m2", p.get("m", "")), **tail}, pub, plan, anchor, words)
    if isinstance(last, str):
        return last
    month = month_number(p.get("m1", p.get("m", "")))
    year = int(p["y1"]) if "y1" in p else last[1].year - (1 if month > last[1].month else 0)
    return covering(exact_day(year, month, day_number(p["d1"])), last)


def _part_of_month(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    whole = _month_year(p, pub, plan, anchor, words)
    if isinstance(whole, str):
        return whole
    first, last = whole[0], whole[1]
    part = p["part"].lower()
    if part.startswith(("early", "begin", "start", "the begin", "the start")):
        return first, first.replace(day=10), 3, "early", first
    if "first week" in part:
        return first, first.replace(day=7), 2, "first-week", None
    if "second week" in part:
        return first.replace(day=8), first.replace(day=14), 2, "second-week", None
    if "last week" in part:
        return last - 6 * DAY, last, 2, "last-week", None
    if "first half" in part:
        return first, first.replace(day=15), 3, "first-half", None
    if "half" in part:
        return first.replace(day=16), last, 3, "second-half", None
    if "mid" in part:
        return first.replace(day=11), first.replace(day=20), 3, "middle", None
    return first.replace(day=21), last, 3, "late", last


def _month_year(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    month = month_number(p["m"])
    if "y" in p:
        return month_span(int(p["y"]), month)
    if pub is None:
        return "no-publication-date"
    which = p.get("which", "").lower()
    if which == "next" or (plan and month < pub.month):
        return month_span(pub.year + (1 if month <= pub.month else 0), month, "year-inferred")
    year = pub.year if month <= pub.month or plan else pub.year - 1
    if which in ("last", "past") and month == pub.month:
        year = pub.year - 1
    span = month_span(year, month, "year-inferred")
    if not isinstance(span, str) and p.get("pre", "").lower() in ("since", "from"):
        return span[0], pub, 3 if (pub - span[0]).days <= 31 else None, "since", None
    return span


def _month_last_year(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    return month_span(pub.year - (1 if p["which"] == "last" else 0), month_number(p["m"]))


def _month_range(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    last = _month_year({"m": p["m2"], **({"y": p["y"]} if "y" in p else {})}, pub, plan, anchor, words)
    if isinstance(last, str):
        return last
    month = month_number(p["m1"])
    year = int(p["y1"]) if "y1" in p else last[1].year - (1 if month > last[1].month else 0)
    return covering(month_span(year, month), last)


def _year_range(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    first = p.get("y1") or p["y3"]
    last = p.get("y2") or p["y4"]
    return year_span(int(first), int(last if len(last) == 4 else first[:2] + last))


def _weekday_number(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    weekday, day = WEEKDAYS[p["w"].lower()], day_number(p["d"])
    if pub is None:
        return "no-publication-date"
    if "m" in p:
        return _day_month(p, pub, plan, anchor, words)
    step = DAY if plan else -DAY
    near = pub
    for _ in range(62):
        if near.day == day and near.weekday() == weekday:
            return near, near, 1, "", near
        near += step
    return "weekday-mismatch"


def _weekday(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    name = p.get("w") or p.get("w3") or p["w4"]
    weekday = WEEKDAYS[name.lower()]
    if pub is None:
        return "no-publication-date"
    which = (p.get("which") or p.get("which2") or p.get("next") or "").lower()
    if which in ("next", "coming"):
        plan_day = pub + timedelta(days=(weekday - pub.weekday() - 1) % 7 + 1)
        return (plan_day, plan_day, 1, "next", plan_day) if plan or which == "next" else "later-than-publication"
    if plan and which != "last":
        ahead = pub + timedelta(days=(weekday - pub.weekday()) % 7)
        return ahead, ahead, 1, "planned", ahead
    day = latest_weekday(weekday, pub, strictly=which in ("last", "past"))
    return day, day, 1, which.replace(" ", "-") if which else "", day


def _weekday_week(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    name = p.get("w") or p["w3"]
    if pub is None:
        return "no-publication-date"
    which = (p.get("which") or p.get("which2") or "").lower()
    monday = pub - timedelta(days=pub.weekday())
    shift = -7 if "last" in which else 7 if "next" in which else 0
    day = monday + timedelta(days=WEEKDAYS[name.lower()] + shift)
    return day, day, 1, which.replace(" ", "-"), day


def _weekday_range(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    first, last = WEEKDAYS[p["w1"].lower()], WEEKDAYS[p["w2"].lower()]
    end = pub + timedelta(days=(last - pub.weekday()) % 7) if plan else latest_weekday(last, pub)
    start = end - timedelta(days=(last - first) % 7)
    return start, end, 1 if start == end else 2, "", None


def _ordinal_day(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    day = day_number(p["d"])
    year, month = pub.year, pub.month
    for _ in range(3):
        if day <= calendar.monthrange(year, month)[1]:
            value = date(year, month, day)
            if (value >= pub) if plan else (value <= pub):
                return value, value, 1, "", value
        month += 1 if plan else -1
        if month in (0, 13):
            year, month = (year - 1, 12) if month == 0 else (year + 1, 1)
    return "impossible-date"


def _past_span(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    number = max(count_of(p["n"]), count_of(p["n2"]) if "n2" in p else 0)
    return span_back(pub, number, p["u"])


def _past_unit(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    unit = p.get("u") or p["u2"]
    if unit == "weekend":
        return _weekend(p, pub, plan, anchor, words)
    number = {"days": 7, "weeks": 3, "months": 6, "years": 5, "hours": 24}.get(unit, 1)
    span = span_back(pub, number, unit)
    return span if isinstance(span, str) else (span[0], span[1], span[2], "vague" if unit.endswith("s") else unit, None)


def _ago(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    number, unit = count_of(p["n"]), p["u"].rstrip("s")
    vague = p["n"].lower() in ("several", "few", "a few", "couple of", "a couple of")
    if unit == "hour":
        first = pub - timedelta(days=-(-number // 24))
        return first, pub, 2, "hours", None
    if unit in ("day", "night"):
        day = pub - timedelta(days=number)
        return (day - 2 * DAY, min(pub, day + 2 * DAY), 2, "vague", None) if vague else (day, day, 1, "days", day)
    if unit == "week":
        centre = pub - timedelta(days=7 * number)
        reach = timedelta(days=1 if number == 1 else 3 if not vague else 7)
        return centre - reach, centre + reach, 2 if not vague else 3, "weeks", centre
    if unit == "month":
        month = pub.month - number % 12
        year = pub.year - number // 12
        return month_span(year if month >= 1 else year - 1, month if month >= 1 else month + 12, "months")
    year = pub.year - number * (10 if unit == "decade" else 1)
    return year_span(max(1, year), max(1, year), "years") if unit == "year" else year_span(max(1, year - 1), max(1, year + 1), "decades")


def _later(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if anchor is None:
        return "no-anchor"
    if "rel2" in p:
        return anchor, anchor, 1, "same-day", anchor
    if "rel" in p or "dir2" in p:
        back = p.get("rel") == "previous" or p.get("dir2") == "before"
        if p.get("u2") == "week":
            monday = anchor - timedelta(days=anchor.weekday()) + timedelta(days=-7 if back else 7)
            return monday, monday + 6 * DAY, 2, "calendar-week", None
        day = anchor + (-DAY if back else DAY)
        return day, day, 1, "day-before" if back else "next-day", day
    unit = p["u"].rstrip("s")
    number = count_of(p["n"])
    if unit == "hour":
        return anchor, anchor + timedelta(days=-(-number // 24)), 2, "hours-later", None
    shift = timedelta(days=number * (7 if unit == "week" else 1))
    day = anchor + shift if p["dir"] in ("later", "after that") else anchor - shift
    return day, day, 1, "days-later", day


def _calendar_unit(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    which, unit = p["which"].lower(), p["u"]
    back = which in ("last", "previous")
    since = p.get("pre", "").lower() == "since"
    if unit in ("morning", "afternoon", "evening", "night"):
        day = pub - DAY if back else pub
        return day, day, 1, f"{which}-{unit}", day
    if unit == "weekend":
        return _weekend({"which": which}, pub, plan, anchor, words)
    if unit == "week":
        monday = pub - timedelta(days=pub.weekday())
        if which == "next":
            return monday + 7 * DAY, monday + 13 * DAY, 2, "calendar-week", None
        if since:
            return monday - 7 * DAY if back else monday, pub, 2 if not back else 3, "since", None
        if back:
            return monday - 7 * DAY, monday - DAY, 2, "calendar-week", None
        first, last = monday, pub if not plan else monday + 6 * DAY
        return first, last, 1 if first == last else 2, "this-week", None
    if unit == "month":
        first = pub.replace(day=1)
        if which == "next":
            first = (first + timedelta(days=32)).replace(day=1)
            return month_span(first.year, first.month, "next-month")
        if back:
            end = first - DAY
            return (end.replace(day=1), pub, None, "since", None) if since else (end.replace(day=1), end, 3, "last-month", None)
        end = pub - DAY if p.get("pre", "").lower().startswith("earl") and pub.day > 1 else pub
        return first, end, 3, "this-month", None
    if unit == "year":
        year = pub.year - 1 if back else pub.year + 1 if which == "next" else pub.year
        return date(year, 1, 1), min(date(year, 12, 31), pub) if which != "next" else date(year, 12, 31), None, f"{which}-year", None
    return "too-vague"


def _weekend(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    saturday = latest_weekday(5, pub) if not plan else pub + timedelta(days=(5 - pub.weekday()) % 7)
    if p.get("which") in ("last", "previous") and pub.weekday() >= 5:
        saturday -= 7 * DAY
    if p.get("which") == "next":
        saturday = latest_weekday(5, pub) + 7 * DAY
    sunday = saturday + DAY
    return saturday, sunday if plan or sunday <= pub else saturday, 2 if plan or sunday <= pub else 1, "weekend", saturday


def _last_month_name(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    return _month_year(p, pub, plan, anchor, words)


def _so_far(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    return _calendar_unit({"which": "this", "u": p["u"]}, pub, plan, anchor, words)


def _week_of(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    day = _day_month({"d": p.get("d") or p["d2"], "m": p.get("m") or p["m2"], **({"y": p["y"]} if "y" in p else {})}, pub, plan, anchor, words)
    return day if isinstance(day, str) else (day[0], day[0] + 6 * DAY, 2, "week", None)


def _season(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    return year_span(int(p["y"]), int(p["y"]), "season")


def _yesterday(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    day = pub - (2 * DAY if "before" in words else DAY)
    return day, day, 1, "", day


def _today(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    return "no-publication-date" if pub is None else (pub, pub, 1, "", pub)


def _tomorrow(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    if pub is None:
        return "no-publication-date"
    day = pub + (2 * DAY if "after" in words else DAY)
    return day, day, 1, "", day


def _overnight(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    return "no-publication-date" if pub is None else (pub - DAY, pub, 2, "", None)


def _year(p: _Parts, pub: date | None, plan: bool, anchor: date | None, words: str) -> Span:
    year = int(p["y"])
    if p.get("pre", "").lower() in ("since", "from") and pub is not None and year <= pub.year:
        return date(year, 1, 1), pub, None, "since", None
    return year_span(year, year)


SOLVERS: dict[str, _Solver] = {
    "iso": _iso, "foreign-calendar": _foreign, "numeric": _numeric, "day-range-months": _day_range, "month-day-range-months": _day_range,
    "day-range": _day_range, "month-day-range": _day_range, "day-month": _day_month, "month-day": _day_month, "part-of-month": _part_of_month,
    "month-range": _month_range, "month-year": _month_year, "month-last-year": _month_last_year, "year-range": _year_range,
    "weekday-and-number": _weekday_number, "weekday-ordinal": _weekday_number, "weekday-range": _weekday_range, "weekday-week": _weekday_week,
    "weekday-before": _weekday, "weekday": _weekday, "ordinal-day": _ordinal_day, "past-span": _past_span, "past-unit": _past_unit, "ago": _ago,
    "days-later": _later, "calendar-unit": _calendar_unit, "last-month-name": _last_month_name, "recent": _past_unit, "weekend": _weekend,
    "so-far": _so_far, "week-of": _week_of, "season": _season, "yesterday": _yesterday, "today": _today, "tomorrow": _tomorrow,
    "overnight": _overnight, "month": _month_year, "year": _year, "bare-year": _year,
}  # fmt: skip
