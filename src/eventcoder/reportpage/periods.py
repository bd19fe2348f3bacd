"""Periods of time: days, coding weeks (Saturday to Friday), months or years, as the span asks. Floor 5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from eventcoder.dataset.coverage import week_of

DAYS, WEEKS, MONTHS = 62, 480, 366 * 15  # a span of at most so many days is told in days, weeks, months; a longer one in years
UNITS = ("day", "week", "month", "year")
_LENGTHS = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class Periods:
    """All periods of one unit from the one that holds `first` to the one that holds `last`."""

    unit: str
    starts: tuple[date, ...]

    def ends(self) -> list[date]:
        """The first day after each period."""
        return [*self.starts[1:], following(self.unit, self.starts[-1])] if self.starts else []

    def name(self, start: date) -> str:
        """How a period is called in a table."""
        return {"year": f"{start.year}", "month": f"{start:%Y-%m}"}.get(self.unit, start.isoformat())


def unit_for(first: date, last: date) -> str:
    """The unit in which a span of days is told."""
    span = (last - first).days + 1
    return "day" if span <= DAYS else "week" if span <= WEEKS else "month" if span <= MONTHS else "year"


def start_of(unit: str, day: date) -> date:
    """The first day of the period that holds `day`."""
    return {"day": day, "week": week_of(day), "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[unit]


def following(unit: str, start: date) -> date:
    """The first day of the period after the one that begins on `start`."""
    if unit in _LENGTHS:
        return start + timedelta(days=_LENGTHS[unit])
    return date(start.year + 1, 1, 1) if unit == "year" else date(start.year + start.month // 12, start.month % 12 + 1, 1)


def between(first: date | None, last: date | None, unit: str | None = None) -> Periods:
    """The periods from that of `first` to that of `last`, both included; none where there is no day."""
    if first is None or last is None:
        return Periods(unit or "month", ())
    chosen = unit or unit_for(first, last)
    starts = [start_of(chosen, first)]
    while (after := following(chosen, starts[-1])) <= last:
        starts.append(after)
    return Periods(chosen, tuple(starts))


def start_sql(unit: str) -> str:
    """DuckDB's expression for the first day of the period that holds `event_date`."""
    if unit == "day":
        return "event_date"
    if unit == "week":  # isodow: Monday 1 to Sunday 7; the coding week begins on Saturday
        return "CAST(event_date - CAST((isodow(event_date) + 1) % 7 AS INTEGER) AS DATE)"
    return f"CAST(date_trunc('{unit}', event_date) AS DATE)"
