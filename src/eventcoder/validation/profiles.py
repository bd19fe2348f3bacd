"""What a dataset expectation needs to know of the events, counted by DuckDB column by column. Floor 4.

Great Expectations is slow and hungry on wide tables (a million rows: 7 to 60 s, 2.9 GB). It judges the same from much less: whether all
values of a column lie in a set, a range or a pattern is decided by its distinct values, its ends, or one value of each kind; what share is
filled or how many rows repeat is decided by a count. A `Profile` holds these, and is published with a release.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.validation.suite import SEPARATOR, cell_form, has_form

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook, Column

MOST_DISTINCT = 1000  # values of a coded column that are kept, unknown codes before known ones


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: how many rows have no value, the ends (numbers, dates), values with counts (coded columns), one value that does not fit the
    form or else one that does, and how many different values there are where that is asked for."""

    nulls: int
    least: Any = None
    most: Any = None
    values: tuple[tuple[Any, int], ...] = ()
    fitting: str | None = None
    unfitting: str | None = None
    distinct: int | None = None

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"nulls": self.nulls}
        if self.least is not None:
            out |= {"min": self.least, "max": self.most}
        if self.values:
            out["values"] = {str(value): n for value, n in self.values}
        if self.unfitting is not None:
            out["unfitting"] = self.unfitting
        if self.distinct is not None:
            out["distinct"] = self.distinct
        return out


@dataclass(frozen=True, slots=True)
class Profile:
    """The columns' profiles by name, and the number of rows."""

    rows: int
    columns: dict[str, ColumnProfile]

    def as_json(self) -> dict[str, Any]:
        return {"rows": self.rows, "columns": {name: column.as_json() for name, column in self.columns.items()}}


def profile(events: pa.Table, codebook: Codebook, *, unique: Iterable[str] = ()) -> Profile:
    """The profile of the codebook's columns that `events` has. `unique` names columns whose different values are to be counted.

    The columns must have the codebook's types (`bulk.conform` sees to it). An empty list counts as no value.
    """
    from eventcoder.codebook.duck import connect

    counted = frozenset(unique)
    wanted = [column for column in codebook.columns if column.name in events.column_names]
    con = connect()
    try:

        def one(column: Column) -> ColumnProfile:
            cursor = con.cursor()
            cursor.register("events", events.select([column.name]))
            # one query a column: in one of all columns, counting different values takes gigabytes and three times as long
            terms = _terms(column, column.name in counted, cell_form(column, codebook, re2=True))
            got = list(cursor.execute(f"SELECT {', '.join(terms)} FROM events").fetchall()[0])
            return _read(column, codebook.lists[column.list] if column.list else (), len(events), got, column.name in counted)

        with ThreadPoolExecutor(2) as threads:
            return Profile(len(events), dict(zip([column.name for column in wanted], threads.map(one, wanted), strict=True)))
    finally:
        con.close()


def _terms(column: Column, counted: bool, form: str | None) -> list[str]:
    name = f'"{column.name}"'
    if column.type == "number":
        name = f"nullif({name}, 'nan'::DOUBLE)"  # no number, and pandas takes it for no value
    terms = [f"count(*) FILTER (len({name}) > 0)" if column.type == "list" else f"count({name})"]
    if column.type in ("integer", "number", "date"):
        terms += [f"min({name})", f"max({name})"]
    if column.list and column.type != "list":
        terms.append(f"histogram({name})")
    if form:
        text, there = (f"array_to_string({name}, '{SEPARATOR}')", f"len({name}) > 0") if column.type == "list" else (name, "TRUE")
        quoted = form.replace("'", "''")
        fits = f"regexp_matches({text}, '{quoted}')"
        terms += [f"any_value({text}) FILTER ({there})", f"min({text}) FILTER ({there} AND NOT {fits})"]
    if counted:
        terms.append(f"count(DISTINCT {name})")
    return terms


def _read(column: Column, codes: Container[str], rows: int, got: list[Any], counted: bool) -> ColumnProfile:
    facts: dict[str, Any] = {"nulls": rows - got.pop(0)}
    if column.type in ("integer", "number", "date"):
        facts["least"], facts["most"] = (v.isoformat() if hasattr(v, "isoformat") else v for v in (got.pop(0), got.pop(0)))
    if column.list and column.type != "list":
        found = sorted((got.pop(0) or {}).items(), key=lambda item: (str(item[0]) in codes, str(item[0])))
        facts["values"] = tuple(sorted(found[:MOST_DISTINCT], key=lambda item: str(item[0])))
    if has_form(column):
        some, facts["unfitting"] = got.pop(0), got.pop(0)
        facts["fitting"] = some if facts["unfitting"] is None else None  # where none is unfitting, any of them fits
    if counted:
        facts["distinct"] = got.pop(0)
    return ColumnProfile(**facts)
