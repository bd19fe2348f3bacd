"""From their dates to event_date, time_precision, date_start and date_end. Floor 5.

Their dates say between which days the event lies, and how exactly. In our codebook an event has one day, known with some precision, and what went on
for several days is several events. So there are three cases:

- The span is a want of knowledge (their code of precision says so, or a day or month is unknown): event_date is its middle, if the span fits the
  code of time_precision (list `time_precision`, column `max_days`).
- One day, known: that day.
- Several days that are known: the interval stands in date_start and date_end; which of its days, or how many events, is for a coder to say.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from eventcoder.intake.dialects.model import SPANNED, UNCERTAIN

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

_YEARS = (1900, 2200)  # of columns.csv
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The earliest and the latest day that a date of theirs can mean; equal where it is a day."""

    first: date
    last: date


class NoDay(ValueError):
    """A date that is none. `text` is handed to the codebook, which refuses it with its own words."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


def day_of(text: str | None) -> Bounds | None:
    """From an ISO day, as `DateReading.read` gives it. Raises `NoDay`."""
    if text is None:
        return None
    try:
        found = date(*map(int, text.split("-"))) if _ISO.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise NoDay(text)
    return Bounds(found, found)


def day_of_parts(year: str | None, month: str | None, day: str | None, unknown: frozenset[str]) -> Bounds | None:
    """From three numbers; a month or day that is blank or `unknown` leaves the whole year or month. Raises `NoDay`."""
    said = "-".join(part.zfill(2) if part else "?" for part in (year, month, day))
    y, m, d = (_number(part, unknown, said) for part in (year, month, day))
    if y is None:
        if m is not None or d is not None:
            raise NoDay(said)
        return None
    try:
        if not _YEARS[0] <= y <= _YEARS[1]:
            raise NoDay(said)
        first = date(y, m or 1, d or 1 if m else 1)
        last = date(y, 12, 31) if m is None else date(y, m, calendar.monthrange(y, m)[1]) if d is None else first
    except ValueError:
        raise NoDay(said) from None
    return Bounds(first, last)


def _number(text: str | None, unknown: frozenset[str], said: str) -> int | None:
    if text is None or text in unknown:
        return None
    if not (text.isascii() and text.isdigit()) or not int(text):
        raise NoDay(said)
    return int(text)


def longest_spans(codebook: Codebook) -> dict[str, int]:
    """Code of time_precision -> the most days that it allows, shortest first."""
    codes = codebook.lists["time_precision"]
    found = {code: codes.attribute(code, "max_days") for code in codes.codes}
    return dict(sorted(((code, int(days)) for code, days in found.items() if days), key=lambda item: item[1]))


def span(start: Bounds | None, end: Bounds | None, code: str | None, asked: bool, spans: Mapping[str, int]) -> dict[str, Any]:
    """The four values. `code`: the code of time_precision that the source's own means; `asked`: the source has such a code (which may be blank).

    An end before the start leaves both as they are, for the rules to find.
    """
    if start is None:
        return dict.fromkeys(SPANNED) if end is None else dict.fromkeys(SPANNED, UNCERTAIN)
    last = end or start
    days = (last.last - start.first).days + 1
    out: dict[str, Any] = {"date_start": start.first.isoformat(), "date_end": last.last.isoformat()}
    exact = start.first == start.last and last.first == last.last
    if days < 1:
        code = None
    elif not asked:
        # Known days: one is the day, several are a campaign. An unknown day or month: the finest code that allows the span.
        allowed = list(spans)[:1] if exact else list(spans)
        code = next((c for c in allowed if days <= spans[c]), None)
    elif code is not None and days > spans.get(code, 0):
        code = None
    middle = start.first + timedelta((days - 1) // 2)
    out |= {"event_date": UNCERTAIN, "time_precision": UNCERTAIN} if code is None else {"event_date": middle.isoformat(), "time_precision": code}
    return out


def reader(
    read_start: Callable[..., Bounds | None],
    starts: int,
    read_end: Callable[..., Bounds | None] | None,
    ends: int,
    read_code: Callable[[Any], Any] | None,
    spans: Mapping[str, int],
) -> Callable[..., dict[str, Any]]:
    """A function from the cells (of the start, the end, the code) to the four values. A date that is none stands as it is, to be refused."""

    def read(*cells: Any) -> dict[str, Any]:
        try:
            start = read_start(*cells[:starts])
        except NoDay as bad:
            return {**dict.fromkeys(SPANNED), "event_date": bad.text}
        try:
            end = read_end(*cells[starts : starts + ends]) if read_end is not None else None
        except NoDay as bad:
            return {**dict.fromkeys(SPANNED), "date_end": bad.text}
        code = read_code(cells[-1]) if read_code is not None else None
        return span(start, end, code if isinstance(code, str) else None, read_code is not None, spans)

    return read
