"""Which number is the day in a bulletin's item heads ("05/03: ..."): told by its other heads or the period that it covers. Floor 5."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from eventcoder.extraction.dates import resolve_all

Order = Literal["day", "month"]
_HEADS = re.compile(r"^[ \t•*–-]*(\d{1,2})/(\d{1,2})(?:\s?:|\s+[–—-])\s", re.MULTILINE)
_OPENING = 600  # characters in which a bulletin says its period
_LONGEST = 62  # days of a bulletin's period


def head_order(text: str, published: date | None) -> Order | None:
    """ "day" or "month": what stands first in the text's item heads; None where nothing settles it."""
    first = _HEADS.search(text)
    if first is None:
        return None
    pairs = {(int(found[1]), int(found[2])) for found in _HEADS.finditer(text)}
    day, month = any(one > 12 for one, _ in pairs), any(two > 12 for _, two in pairs)
    if day or month:
        return None if day and month else "day" if day else "month"
    for period in resolve_all(text[: min(first.start(), _OPENING)], published):
        if period.first is not None and period.last is not None and 0 < (period.last - period.first).days <= _LONGEST:
            able: list[Order] = []
            if all(_within(two, one, period.first, period.last) for one, two in pairs):
                able.append("day")
            if all(_within(one, two, period.first, period.last) for one, two in pairs):
                able.append("month")
            return able[0] if len(able) == 1 else None
    return None


def _within(month: int, day: int, first: date, last: date) -> bool:
    for year in {first.year, last.year}:
        try:
            if first <= date(year, month, day) <= last:
                return True
        except ValueError:
            continue
    return False
