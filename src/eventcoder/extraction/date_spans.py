"""Solvers for expressions relative to the day of publication or to the day told before: weekdays, "two days ago", "last week". Floor 5."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from eventcoder.extraction.date_arithmetic import (
    DAY,
    Context,
    Span,
    count_of,
    covering,
    exact_day,
    latest_weekday,
    month_span,
    months_back,
    nearest_weekday,
    one_day,
    part_of,
    precision_of,
    span_back,
    year_span,
)
from eventcoder.extraction.date_solvers import Parts, Solver, day_month

_WEEK = timedelta(days=7)


def weekday_number(p: Parts, c: Context) -> Span:
    """ "Wednesday (31)": the latest day that is both."""
    weekday, day = int(p["w"]), int(p["d"])
    if "m" in p:
        return day_month({**p, "wd": p["w"]}, c)
    if c.published is None:
        return "no-publication-date"
    near = c.published
    for _ in range(62):
        if near.day == day and near.weekday() == weekday:
            return one_day(near)
        near += DAY if c.planned else -DAY
    return "weekday-mismatch"


def weekday(p: Parts, c: Context) -> Span:
    day, which = int(p["w"]), p.get("which", "")
    if which in ("following", "previous"):
        if c.anchor is None:
            return "no-anchor"
        if which == "previous":
            return one_day(latest_weekday(day, c.anchor, strictly=True), "before-anchor")
        return one_day(c.anchor + timedelta(days=(day - c.anchor.weekday() - 1) % 7 + 1), "after-anchor")
    if c.published is None:
        return "no-publication-date"
    if which == "next":
        return one_day(c.published + timedelta(days=(day - c.published.weekday() - 1) % 7 + 1), "next")
    if c.planned and which != "last":
        return one_day(c.published + timedelta(days=(day - c.published.weekday()) % 7))
    return one_day(latest_weekday(day, c.published, strictly=which == "last"), which)


def weekday_week(p: Parts, c: Context) -> Span:
    if c.published is None:
        return "no-publication-date"
    monday = c.published - timedelta(days=c.published.weekday())
    shift = {"last": -7, "previous": -7, "next": 7}.get(p["which"], 0)
    return one_day(monday + timedelta(days=int(p["w"]) + shift), p["which"] + "-week")


def weekday_range(p: Parts, c: Context) -> Span:
    """ "from Monday to Wednesday", "Saturday to Sunday 9 June"."""
    if "d" in p:
        dated = day_month({**{k: p[k] for k in ("d", "m", "y") if k in p}, "wd": p["w"]}, c)
        if isinstance(dated, str):
            return dated
        begin = dated[0] - timedelta(days=(int(p["w"]) - int(p["w1"])) % 7)
        return begin, dated[0], precision_of(begin, dated[0]), "", None
    if c.published is None:
        return "no-publication-date"
    first, last = int(p["w1"]), int(p["w"])
    end = c.published + timedelta(days=(last - c.published.weekday()) % 7) if c.planned else latest_weekday(last, c.published)
    start = end - timedelta(days=(last - first) % 7)
    return start, end, precision_of(start, end), "", None


def weekday_ago(p: Parts, c: Context) -> Span:
    """ "a week ago on Friday": the day of that name nearest to a week ago."""
    if c.published is None:
        return "no-publication-date"
    days = count_of(p["n"]) * {"week": 7, "fortnight": 14}.get(p["u"], 1)
    return one_day(nearest_weekday(int(p["w"]), c.published - timedelta(days=days)), "weeks")


def weekday_overnight(p: Parts, c: Context) -> Span:
    """ "overnight on Thursday", "overnight into Thursday": the one day named; "overnight from Monday to Tuesday": both."""
    if c.published is None:
        return "no-publication-date"
    if "w2" in p:
        return weekday_range({"w1": p["w"], "w": p["w2"]}, c)
    return one_day(latest_weekday(int(p["w"]), c.published), "night")


def ordinal_day(p: Parts, c: Context) -> Span:
    """ "on the 31st": the latest such day of a month."""
    if c.published is None:
        if c.anchor is None:
            return "no-publication-date"
        last = calendar.monthrange(c.anchor.year, c.anchor.month)[1]
        return one_day(c.anchor.replace(day=int(p["d"])), "month-of-text") if int(p["d"]) <= last else "impossible-date"
    day = int(p["d"])
    for back in range(3):
        year, month = months_back(c.published, -back if c.planned else back)
        if day <= calendar.monthrange(year, month)[1]:
            value = date(year, month, day)
            if (value >= c.published) if c.planned else (value <= c.published):
                return one_day(value)
    return "impossible-date"


def day_of_month(p: Parts, c: Context) -> Span:
    """ "the 28th of last month"."""
    if c.published is None:
        return "no-publication-date"
    year, month = months_back(c.published, {"last": 1, "next": -1}.get(p["which"], 0))
    return exact_day(year, month, int(p["d"]), f"{p['which']}-month")


def ordinal_range(p: Parts, c: Context) -> Span:
    last = ordinal_day(p, c)
    if isinstance(last, str):
        return last
    end = last[0]
    first = int(p["d1"])
    year, month = (end.year, end.month) if first <= end.day else months_back(end, 1)
    return covering(one_day(date(year, month, first)), last) if first <= calendar.monthrange(year, month)[1] else "impossible-date"


def past_span(p: Parts, c: Context) -> Span:
    if c.published is None:
        return "no-publication-date"
    number = count_of(p["n"])
    number = number + count_of(p.get("n3")) if number % 10 == 0 else number
    return span_back(c.published, max(number, count_of(p.get("n2"))), p["u"])


def past_unit(p: Parts, c: Context) -> Span:
    if c.published is None:
        return "no-publication-date"
    unit = p["u"]
    if unit == "weekend":
        return weekend(p, c)
    several = bool(re.search(r"s\s*$", c.words))
    number = {"day": 7, "week": 3, "month": 6, "year": 5, "hour": 24}.get(unit, 3) if several else 1
    span = span_back(c.published, number, unit)
    return span if isinstance(span, str) else (span[0], span[1], span[2], "vague" if several else unit, None)


def coming_span(p: Parts, c: Context) -> Span:
    return "later-than-publication"


def ago(p: Parts, c: Context) -> Span:
    if c.published is None:
        return "no-publication-date"
    number, unit, pub = count_of(p["n"]), p["u"], c.published
    if number % 10 == 0:
        number += count_of(p.get("n3"))
    vague = p["n"].startswith("~")
    if number > 1000:
        return "impossible-date"
    if unit == "fortnight":
        number, unit = 2 * number, "week"
    if "t" in p and unit in ("day", "week"):
        return one_day(pub - timedelta(days=number * (7 if unit == "week" else 1)), "today")
    if "t" in p and unit in ("year", "month"):
        year, month = months_back(pub, number * (12 if unit == "year" else 1))
        return one_day(date(year, month, min(pub.day, calendar.monthrange(year, month)[1])), "today")
    if unit == "hour":
        return pub - timedelta(days=-(-number // 24)), pub, 2, "hours", None
    if unit not in ("week", "weekend", "month", "year", "decade", "quarter"):
        day = pub - timedelta(days=number)
        if "n2" in p:
            return covering(one_day(pub - timedelta(days=count_of(p["n2"]))), one_day(day, "days"))
        return (day - 2 * DAY, min(pub, day + 2 * DAY), 2, "vague", None) if vague else one_day(day, "days")
    if unit in ("week", "weekend"):
        centre = pub - number * _WEEK
        reach = timedelta(days=1 if number == 1 else 3 if not vague else 7)
        return centre - reach, centre + reach, 2 if not vague else 3, "weeks", centre
    if unit == "month":
        return month_span(*months_back(pub, number), "months")
    year = pub.year - number * (10 if unit == "decade" else 1)
    return year_span(max(1, year), max(1, year), "years") if unit == "year" else year_span(max(1, year - 1), max(1, year + 1), "decades")


def days_later(p: Parts, c: Context) -> Span:
    """ "three days later": counted from the day told before."""
    if c.anchor is None:
        return "no-anchor"
    number, unit = count_of(p["n"]), p["u"]
    back = p["dir"] in ("earlier", "before")
    if number > 1000:
        return "impossible-date"
    if unit == "hour" and number < 12:
        return one_day(c.anchor, "same-day")
    if unit == "hour":
        days = timedelta(days=-(-number // 24))
        return (c.anchor - days, c.anchor, 2, "hours-later", None) if back else (c.anchor, c.anchor + days, 2, "hours-later", None)
    if unit in ("month", "year", "decade"):
        months = number * {"month": 1, "year": 12, "decade": 120}[unit]
        year, month = months_back(c.anchor, months if back else -months)
        return month_span(year, month, "months-later") if 1 <= year <= 9999 else "impossible-date"
    days = timedelta(days=number * {"week": 7, "fortnight": 14}.get(unit, 1))
    return one_day(c.anchor - days if back else c.anchor + days, "days-later")


def next_day(p: Parts, c: Context) -> Span:
    """ "the following day", "that same night", "the day before"."""
    if c.anchor is None:
        return "no-anchor"
    which, unit = p["which"], p.get("u", "day")
    step = {"previous": -1, "before": -1, "following": 1, "next": 1, "after": 1}.get(which, 0)
    if unit == "week":
        monday = c.anchor - timedelta(days=c.anchor.weekday()) + step * _WEEK
        return monday, monday + 6 * DAY, 2, "calendar-week", None
    if unit == "weekend":
        saturday = c.anchor + timedelta(days=(5 - c.anchor.weekday()) % 7) if step >= 0 else latest_weekday(5, c.anchor, strictly=True)
        return saturday, saturday + DAY, 2, "weekend", saturday
    if unit == "month":
        return month_span(*months_back(c.anchor, -step), "month")
    if unit in ("year", "decade", "hour", "quarter"):
        return year_span(c.anchor.year + step, c.anchor.year + step) if unit == "year" else "too-vague"
    return one_day(c.anchor + step * DAY, {-1: "day-before", 0: "same-day"}.get(step, "next-day"))


def of_year(p: Parts, c: Context) -> Span:
    return "no-anchor" if c.anchor is None else month_span(c.anchor.year, int(p["m"]))


def calendar_unit(p: Parts, c: Context) -> Span:
    """ "last week", "earlier this month", "this morning", "late last year"."""
    if c.published is None:
        return "no-publication-date"
    pub, which, unit, pre = c.published, p["which"], p["u"], p.get("pre", "")
    back = which in ("last", "previous")
    if unit == "weekend":
        return weekend({"which": which}, c)
    if unit in ("week", "month", "year", "fortnight"):
        step = -1 if back else 1 if which == "next" else 0
        if unit in ("week", "fortnight"):
            monday = pub - timedelta(days=pub.weekday()) + step * _WEEK
            span: Span = (monday, monday + 6 * DAY, 2, "this-week" if not step else "calendar-week", None)
        elif unit == "month":
            span = month_span(*months_back(pub, -step), f"{which}-month")
        else:
            span = year_span(pub.year + step, pub.year + step, f"{which}-year")
        assert not isinstance(span, str)
        if pre == "since":
            return span[0], pub, precision_of(span[0], pub), "since", None
        if pre in ("early", "middle", "late") and not (unit == "week" and not step):
            return part_of(span, pre)
        if not step and not c.planned:
            return span[0], pub, (1 if span[0] == pub and unit == "week" else span[2]), span[3], None
        return span
    if unit in ("day",):
        return "too-vague"
    if unit in ("season", "spring", "summer", "autumn", "winter", "quarter", "decade", "hour"):
        return "too-vague"
    return one_day(pub - DAY if back else pub, f"{which}-{unit}")


def this_unit(p: Parts, c: Context) -> Span:
    """ "throughout the week", "so far this year"."""
    if p["u"] not in ("week", "month", "year"):
        return "too-vague"
    return calendar_unit({"which": p.get("which", "this"), "u": p["u"]}, c)


def part_of_unit(p: Parts, c: Context) -> Span:
    """ "at the beginning of the month", "earlier in the week"; "earlier in the day" is the day told before."""
    if p["u"] == "day":
        return one_day(c.anchor, "same-day") if c.anchor is not None else "no-anchor"
    if p["u"] not in ("week", "month", "year"):
        return "too-vague"
    return calendar_unit({"which": p.get("which", "this"), "u": p["u"], "pre": p["part"]}, c)


def weekend(p: Parts, c: Context) -> Span:
    """The latest weekend that has begun; "the weekend of 12-13 April"."""
    if "d1" in p:
        tail = {"y": p["y"]} if "y" in p else {}
        first = day_month({"d": p["d1"], "m": p["m"], **tail}, c)
        if isinstance(first, str):
            return first
        if "d2" in p:
            return covering(first, day_month({"d": p["d2"], "m": p["m"], **tail}, c))
        saturday = nearest_weekday(5, first[0])
        return saturday, saturday + DAY, 2, "weekend", saturday
    if c.published is None:
        return "no-publication-date"
    pub = c.published
    saturday = latest_weekday(5, pub) if not c.planned else pub + timedelta(days=(5 - pub.weekday()) % 7)
    if p.get("which") in ("last", "previous") and pub.weekday() >= 5:
        saturday -= _WEEK
    if p.get("which") == "next":
        saturday = latest_weekday(5, pub) + _WEEK
    sunday = saturday + DAY
    if not c.planned and saturday <= pub < sunday:
        sunday = saturday
    return saturday, sunday, 1 if saturday == sunday else 2, "weekend", saturday


def yesterday(p: Parts, c: Context) -> Span:
    return "no-publication-date" if c.published is None else one_day(c.published - (2 if "dir" in p else 1) * DAY)


def today(p: Parts, c: Context) -> Span:
    return "no-publication-date" if c.published is None else one_day(c.published)


def tomorrow(p: Parts, c: Context) -> Span:
    return "no-publication-date" if c.published is None else one_day(c.published + (2 if "dir" in p else 1) * DAY)


def overnight(p: Parts, c: Context) -> Span:
    return "no-publication-date" if c.published is None else (c.published - DAY, c.published, 2, "", None)


RELATIVE: dict[str, Solver] = {
    "weekday-and-number": weekday_number, "weekday-ordinal": weekday_number, "weekday-range": weekday_range, "weekday-week": weekday_week,
    "weekday-ago": weekday_ago, "weekday-before": weekday, "weekday-overnight": weekday_overnight, "weekday": weekday,
    "ordinal-range": ordinal_range, "ordinal-day": ordinal_day, "past-span": past_span, "past-unit": past_unit, "recent": past_unit,
    "day-of-month": day_of_month, "coming-span": coming_span, "ago": ago, "days-later": days_later, "next-day": next_day, "of-year": of_year,
    "calendar-unit": calendar_unit, "this-unit": this_unit, "so-far": this_unit, "part-of-unit": part_of_unit, "weekend": weekend,
    "yesterday": yesterday, "today": today,
    "tomorrow": tomorrow, "overnight": overnight,
}  # fmt: skip
