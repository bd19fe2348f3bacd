"""Dates in a column of a table: one reading for the whole column, proved by the column, or none. Floor 5.

Certain by themselves are ISO days, days with the month's name, eight digits (20200509) and typed cells of a spreadsheet. Numbers around
separators (03/04/2015, 31-12-19) are not: of the orders that such a form could have, every one is out that makes an impossible day of a cell, or a
day that is still to come, or another year than the row's own, where another order does not. What is left is the order; where several are left and
differ, a person must say (`Undecided`). Each form (separator, two or four digits of the year) is decided for itself: files are put together from
parts. Serial numbers of spreadsheets are read where the whole column has nothing else.

Memory is bounded: cells are judged as they come, and only the verdicts are kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from eventcoder.errors import UsageError

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day-first", "month-first", "year-first"
ORDERS: Final = (DAY_FIRST, MONTH_FIRST, YEAR_FIRST)
OPTION: Final = "--day-order"
_SAID: Final = {DAY_FIRST: "day first", MONTH_FIRST: "month first", YEAR_FIRST: "year first"}

_CENTURY: Final = 69  # two-digit years: 69 to 99 are 1969 to 1999, as in POSIX; no event dataset reaches further back
_YEARS: Final = (1900, 2200)  # of columns.csv
_MIDNIGHT = r"(?:[T ](?:00?:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?|12:00(?::00)? ?[Aa][Mm]))?"
_ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _MIDNIGHT)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NAMED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?(?:[ -]|\. ?)([a-z]{3,9})\.?(?:[ -]|, ?)([0-9]{4}|[0-9]{2})")
_NAME_FIRST = re.compile(r"([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?(?:, ?| )([0-9]{4})")
_NUMERIC = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})" + _MIDNIGHT)
_SERIAL = re.compile(r"([0-9]{5})(?:\.0+)?")
_OWN_YEAR = re.compile(r"([0-9]{4})(?:\.0+)?")
_NAMES: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
#: the full name, its first three letters and, as many write them, its first four
MONTHS: Final[Mapping[str, int]] = {form: n for n, name in enumerate(_NAMES, 1) for form in (name, name[:3], name[:4])}

_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets from 1 March 1900 on (they hold 1900 for a leap year)
_EPOCH_1904 = date(1904, 1, 1)
_FIRST_SERIAL = 18_264  # 1 January 1950: smaller numbers are no dates of events but years, counts or ids
OTHER: Final = "other"  # the style of a cell that is no day
_MEMORY = 50_000  # cells remembered as judged


class Undecided(UsageError):
    """The column does not say in which order day and month stand. The message shows a cell with its readings, the remedy names the option."""


class _Cell(NamedTuple):
    """A cell of known form: its style, and what could be its day under each order ("" for the forms that need none)."""

    style: str
    days: Mapping[str, tuple[int, int, int]]


@dataclass(slots=True)
class _Form:
    """What the cells of one numeric form have shown so far."""

    out: dict[str, str] = field(default_factory=dict)  # order -> the cell that rules it out
    differing: dict[tuple[str, str], str] = field(default_factory=dict)  # two orders -> a cell that they read differently
    orders: tuple[str, ...] = ()

    @property
    def left(self) -> list[str]:
        return [order for order in self.orders if order not in self.out]


class DateFacts:
    """Fed with the cells of a column, in any pieces, and the years of their rows where the table has such a column."""

    def __init__(self, *, latest_today: date | None = None) -> None:
        self._latest = latest_today
        self._forms: dict[str, _Form] = {}
        self.styles: Counter[str] = Counter()
        self._backwards = 0  # days with a name whose other number is the row's year (20-May-09 in 2020)
        self._forwards = 0
        self._systems = {1900: 0, 1904: 0, 0: 0}  # serial numbers whose row's year fits only the one, only the other, or neither
        self._late = 0  # serial numbers that would be days to come
        self._seen: dict[Any, str] = {}  # (cell, year) as judged -> style, "" for a blank one

    def add(self, cells: Iterable[Any], years: Iterable[Any] | None = None) -> None:
        """`years` goes with the cells, one each: the row's own year, blank or no year where it has none."""
        single = (None if isinstance(c, list | dict) else c for c in cells)  # a cell of JSON that holds several things is no day
        pairs: Counter[tuple[Any, Any]] = Counter(zip(single, years, strict=True)) if years is not None else Counter((c, None) for c in single)
        for key, count in pairs.items():
            style = self._seen.get(key)
            if style is None:
                cell, given = key
                known = _known(cell)
                style = known.style if known is not None else "" if _blank(cell) else OTHER
                if len(self._seen) < _MEMORY:
                    self._seen[key] = style
                if known is not None:
                    self._judge(str(cell).strip(), known, _year(given))
            if style:
                self.styles[style] += count

    def _judge(self, cell: str, known: _Cell, year: int | None) -> None:
        if known.style == "serial number":
            self._judge_serial(known, year)
        elif known.style.startswith("numeric"):
            self._judge_numeric(cell, known, year)
        elif known.style == "day, name, two-digit year" and year is not None:
            fits = {order: _possible(day) is not None and day[0] == year for order, day in known.days.items()}
            self._forwards += fits[DAY_FIRST] and not fits[YEAR_FIRST]
            self._backwards += fits[YEAR_FIRST] and not fits[DAY_FIRST]

    def _judge_numeric(self, cell: str, known: _Cell, year: int | None) -> None:
        form = self._forms.setdefault(known.style, _Form(orders=tuple(known.days)))
        days = {order: _possible(day) for order, day in known.days.items()}
        fits = {order for order, day in days.items() if day is not None and (self._latest is None or day <= self._latest)}
        # A year that no order can give is a slip in one of the two columns and says nothing about the order.
        fits = {order for order in fits if known.days[order][0] == year} or fits
        if fits:  # a cell that no order can read has no say
            for order in form.orders:
                if order not in fits:
                    form.out.setdefault(order, cell)
        for one in form.orders:
            for other in form.orders[form.orders.index(one) + 1 :]:
                if days[one] is not None and days[other] is not None and days[one] != days[other]:
                    form.differing.setdefault((one, other), cell)

    def _judge_serial(self, known: _Cell, year: int | None) -> None:
        days = {system: _possible(known.days[str(system)]) for system in (1900, 1904)}
        self._late += self._latest is not None and days[1900] is not None and days[1900] > self._latest
        if year is not None:
            fitting = [system for system, day in days.items() if day is not None and day.year == year]
            self._systems[fitting[0] if fitting else 0] += 1

    def reader(self, order: str | None = None) -> DateReading:
        """How the column is to be read. `order` is the word of a person for what the column does not prove, and stands against its proof too.

        Raises `Undecided` where day and month could change places, `UsageError` for an unknown order.
        """
        if order is not None and order not in ORDERS:
            raise UsageError(f"There is no order of the day {order!r}.", f"{OPTION} is one of {', '.join(ORDERS)}.")
        notes: list[str] = []
        chosen: dict[str, str | None] = {}
        for style, form in sorted(self._forms.items()):
            chosen[style] = self._order(style, form, order, notes)
        chosen["day, name, two-digit year"] = self._named_order(notes)
        system = self._system(notes)
        certain = [f"{count:,} {style}" for style, count in sorted(self.styles.items(), key=lambda s: (-s[1], s[0])) if style != OTHER]
        if len(certain) > 1:
            notes.insert(0, f"dates in {len(certain)} forms: {'; '.join(certain)}")
        return DateReading(chosen, system, dict(self.styles), "; ".join(notes) or None)

    def _order(self, style: str, form: _Form, order: str | None, notes: list[str]) -> str | None:
        if order in form.orders:
            if (cell := form.out.get(order)) is not None:
                notes.append(f"{_SAID[order]} as asked for, which cells such as {cell} contradict")
            return order
        left = form.left
        if not left:
            shown = ", ".join(dict.fromkeys(form.out.values()))
            notes.append(f"no order of day and month fits all of {shown} ({style}); such cells are refused. Write them as YYYY-MM-DD")
            return None
        unsettled = next((cell for (one, other), cell in form.differing.items() if one in left and other in left), None)
        if unsettled is None:
            notes.append(f"{style}: {_SAID[left[0]]}" + (f", as {form.out[_other(form, left[0])]} shows" if form.out else ""))
            return left[0]
        known = _known(unsettled)
        assert known is not None
        days = {o: d for o in left if (d := _possible(known.days[o])) is not None}
        readings = " or ".join(f"{day.day} {_NAMES[day.month - 1].title()} {day.year} ({_SAID[o]})" for o, day in days.items())
        said = f"dates such as {unsettled} can be read as {readings}, and nothing in the column settles it."
        raise Undecided(said, f"Say which with {OPTION} {'|'.join(left)}, or write the days as YYYY-MM-DD.")

    def _named_order(self, notes: list[str]) -> str | None:
        if not self._backwards:
            return DAY_FIRST
        if self._forwards:
            notes.append("days such as 9-May-20 begin with the day in some rows and with the year in others; such cells are refused")
            return None
        notes.append("days such as 20-May-09 begin with the year, as the rows' own year shows")
        return YEAR_FIRST

    def _system(self, notes: list[str]) -> int | None:
        if not self.styles["serial number"]:
            return None
        others = [style for style, count in self.styles.items() if count and style != "serial number"]
        proved = [system for system in (1900, 1904) if self._systems[system]]
        if others or self._systems[0] or len(proved) > 1 or (self._late and not proved):
            why = "other forms stand beside them" if others else "they do not fit the rows' own years, or lie in the future"
            notes.append(f"serial numbers of a spreadsheet are not read, because {why}")
            return None
        if proved:
            notes.append(f"serial numbers of a spreadsheet, counted from {proved[0]} as the rows' own years show")
            return proved[0]
        notes.append("serial numbers of a spreadsheet, counted from 1900; no column of years confirms it")
        return 1900


@dataclass(frozen=True, slots=True)
class DateReading:
    """How one column is read. `styles` counts the cells of each form; `note` is what to tell the user, if anything."""

    orders: Mapping[str, str | None]
    system: int | None
    styles: Mapping[str, int]
    note: str | None

    def read(self, cell: Any) -> Any:
        """The day as `YYYY-MM-DD`, or the cell as it is, for the codebook to refuse. A day that the calendar lacks keeps its form (2025-06-31)."""
        known = _known(cell)
        if known is None:
            return cell
        if known.style == "serial number":
            day = None if self.system is None else known.days[str(self.system)]
        elif "" in known.days:
            day = known.days[""]
        else:
            order = self.orders.get(known.style)
            day = None if order is None else known.days[order]
        if day is None or not 1 <= day[1] <= 12 or not 1 <= day[2] <= 31:
            return cell
        return f"{day[0]:04}-{day[1]:02}-{day[2]:02}"


def _other(form: _Form, left: str) -> str:
    return next(order for order in form.out if order != left)


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _known(cell: Any) -> _Cell | None:
    """The form of a cell; None for a blank one and for whatever is no day."""
    if isinstance(cell, datetime):
        return (
            _Cell("typed", {"": (cell.year, cell.month, cell.day)}) if (cell.hour, cell.minute, cell.second, cell.microsecond) == (0,) * 4 else None
        )
    if isinstance(cell, date):
        return _Cell("typed", {"": (cell.year, cell.month, cell.day)})
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    if isinstance(cell, float):
        if not cell.is_integer():
            return None
        cell = int(cell)
    text = str(cell).strip()
    if m := _ISO.fullmatch(text):
        return _Cell("year first", {"": (int(m[1]), int(m[3]), int(m[4]))})
    if m := _NUMERIC.fullmatch(text):
        first, second, year = int(m[1]), int(m[3]), m[4]
        days = {DAY_FIRST: (_whole(year), second, first), MONTH_FIRST: (_whole(year), first, second)}
        if len(year) == 2:
            days[YEAR_FIRST] = (_whole(m[1].zfill(2)), second, int(year))
        return _Cell(f"numeric with {m[2]} and a {'two' if len(year) == 2 else 'four'}-digit year", days)
    if m := _NAMED.fullmatch(text.lower()):
        return _named(m[2], int(m[1]), m[3])
    if m := _NAME_FIRST.fullmatch(text.lower()):
        return _named(m[1], int(m[2]), m[3])
    if m := _COMPACT.fullmatch(text):  # as day and month first it would be a year before 1232
        day = (int(m[1]), int(m[2]), int(m[3]))
        return _Cell("eight digits", {"": day}) if _possible(day) and _YEARS[0] <= day[0] <= _YEARS[1] else None
    if (m := _SERIAL.fullmatch(text)) and int(m[1]) >= _FIRST_SERIAL:
        two = {1900: _EPOCH + timedelta(int(m[1])), 1904: _EPOCH_1904 + timedelta(int(m[1]))}
        return _Cell("serial number", {str(system): (day.year, day.month, day.day) for system, day in two.items()})
    return None


def _named(name: str, number: int, year: str) -> _Cell | None:
    month = MONTHS.get(name)
    if month is None:
        return None
    if len(year) == 4:
        return _Cell("with the month's name", {"": (int(year), month, number)})
    return _Cell("day, name, two-digit year", {DAY_FIRST: (_whole(year), month, number), YEAR_FIRST: (_whole(f"{number:02}"), month, int(year))})


def _whole(year: str) -> int:
    return int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= _CENTURY else 2000)


def _possible(day: tuple[int, int, int]) -> date | None:
    try:
        return date(*day)
    except ValueError:
        return None


def _year(cell: Any) -> int | None:
    if isinstance(cell, bool) or cell is None:
        return None
    found = _OWN_YEAR.fullmatch(str(cell).strip())
    return int(found[1]) if found else None
