"""Filters of `load` and `scan`: checked against the code lists of the release itself, so that a misspelt country is never an empty result.
Floor 7.
"""

from __future__ import annotations

import csv
import difflib
import numbers
import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from eventcoder.errors import UsageError
from eventcoder.reader.source import Release

Names = str | Sequence[str] | None
Countries = str | int | Sequence[str | int] | None
Day = str | int | date | None

LISTED = {  # filter, which is also the column: the list of the release that has its codes
    "country": "countries", "region": "regions", "event_type": "event_types", "sub_event_type": "sub_event_types", "disorder_type": "disorder_types",
}  # fmt: skip
PRECISIONS = {"max_time_precision": "time_precision", "max_geo_precision": "geo_precision"}
_PERIOD = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; None everywhere: all events. `load` explains each."""

    country: Countries = None
    region: Names = None
    since: Day = None
    until: Day = None
    event_type: Names = None
    sub_event_type: Names = None
    disorder_type: Names = None
    actor: Names = None
    max_time_precision: int | None = None
    max_geo_precision: int | None = None

    def resolved(self, release: Release) -> Filters:
        """The same in the release's own codes, names and days. Raises `UsageError` for what it does not know."""
        found: dict[str, Any] = {}
        for column, listed in LISTED.items():
            if (given := getattr(self, column)) is not None:
                found[column] = codes(release, listed, given)
        for name, column in PRECISIONS.items():
            if (given := getattr(self, name)) is not None:
                found[name] = _level(release, column, name, given)
        if self.actor is not None:
            found["actor"] = _actors(release, self.actor)
        first, last = day(self.since, "since"), day(self.until, "until", end=True)
        if first and last and first > last:
            raise UsageError(f"since={first} lies after until={last}.", "Swap them.")
        return Filters(**found, since=first, until=last)

    def told(self) -> dict[str, Any]:
        """Those that were given, in plain values, for `frame.attrs`."""
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: str(value) if isinstance(value, date) else value for name, value in given.items() if value is not None}


def expression(release: Release, wanted: Filters) -> ds.Expression | None:
    """Resolved filters as an Arrow expression, None for no filter."""
    parts = [ds.field(column).isin(list(given)) for column in LISTED if (given := getattr(wanted, column)) is not None]
    if wanted.since is not None:
        parts.append(ds.field("event_date") >= pa.scalar(wanted.since, pa.date32()))
    if wanted.until is not None:
        parts.append(ds.field("event_date") <= pa.scalar(wanted.until, pa.date32()))
    parts += [ds.field(column) <= given for name, column in PRECISIONS.items() if (given := getattr(wanted, name)) is not None]
    if wanted.actor is not None:
        parts.append(ds.field("event_id").isin(_events_of(release, list(wanted.actor))))
    found: ds.Expression | None = None
    for part in parts:
        found = part if found is None else found & part
    return found


def codes(release: Release, listed: str, given: str | int | Sequence[str | int]) -> list[str]:
    """The given names as codes of a list of the release; letter case and old spellings are forgiven, and countries may be given by other names
    and by ISO 3166-1 codes (`IRQ`, `IQ`, 368). Raises `UsageError` naming the nearest.
    """
    known = known_names(release.path(f"codes/{listed}.csv"))
    out = []
    for name in _several(given, listed):
        code = known.get(name) or known.get(name.casefold()) or (known.get(str(int(name))) if name.isdecimal() and name.isascii() else None)
        if code is None:
            hint = _prefix(release, name) if listed == "countries" else _elsewhere(release, listed, name)
            said = f"{name!r} is not in the list {listed} of version {release.version}."
            raise UsageError(said, hint or _hint(name, known, f"codes/{listed}.csv"))
        out.append(code)
    return out


def day(given: Day, name: str, *, end: bool = False) -> date | None:
    """A day from a date, `YYYY-MM-DD`, or a whole month or year (`YYYY-MM`, `YYYY`): its first day, or with `end` its last."""
    if isinstance(given, datetime):
        return given.date()
    if given is None or isinstance(given, date):
        return given
    try:
        if (whole := _PERIOD.fullmatch(str(given))) is not None:
            year, month = int(whole[1]), int(whole[2] or (12 if end else 1))
            return date(year, month, monthrange(year, month)[1] if end else 1)
        return date.fromisoformat(str(given))
    except ValueError:  # IllegalMonthError is one
        raise UsageError(f"{name}={given!r} is not a day.", "Write it as YYYY-MM-DD; a month (YYYY-MM) or a year (YYYY) is understood too.") from None


def column_names(release_names: Sequence[str], given: Sequence[str] | None) -> list[str]:
    """The columns asked for, all if none. Raises `UsageError` naming the nearest."""
    if given is None:
        return list(release_names)
    if isinstance(given, str):
        given = [given]
    for name in given:
        if name not in release_names:
            near = difflib.get_close_matches(str(name).casefold(), release_names, 1)
            raise UsageError(f"There is no column {name!r}.", f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(release_names)}.")
    return list(given)


def _level(release: Release, column: str, name: str, given: Any) -> int:
    levels = {int(row["code"]): row["label"] for row in _rows(release.path(f"codes/{column}.csv")) if row["code"].isdecimal()}
    if isinstance(given, bool) or not isinstance(given, numbers.Integral) or int(given) not in levels:
        told = ", ".join(f"{level} ({label})" for level, label in sorted(levels.items()))
        raise UsageError(f"{name}={given!r} is no level of {column}.", f"The coarsest level that you want to keep: {told}.")
    return int(given)


def _actors(release: Release, given: str | Sequence[str]) -> list[str]:
    """Names as the release has them, from names or registered aliases; of an actor that was renamed or merged all its names."""
    rows = ds.dataset(release.path("actors.parquet"), format="parquet").to_table(columns=["actor", "aliases"]).to_pylist()
    known: dict[str, str] = {}
    for row in rows:
        for alias in row["aliases"] or ():
            known.setdefault(alias.casefold(), row["actor"])
    for row in rows:
        known[row["actor"]] = known[row["actor"].casefold()] = row["actor"]
    aliases = {row["actor"]: set(row["aliases"] or ()) for row in rows}
    wanted: list[str] = []
    for name in _several(given, "actors"):
        actor = known.get(name) or known.get(name.casefold())
        if actor is None:
            raise UsageError(f"{name!r} is no actor of version {release.version}.", _hint(name, known, "actors.csv"))
        todo = [actor]
        while todo:
            if (one := todo.pop(0)) not in wanted:
                wanted.append(one)
                # two rows are one actor where each names the other; an alias alone may be a word that several groups go by
                todo += sorted(other for other in aliases[one] if one in aliases.get(other, ()))
    return wanted


def _events_of(release: Release, actors: list[str]) -> pa.Array:
    """Ids of the events in which one of the actors takes part, on either side, as actor or associated."""
    rows = ds.dataset(release.path("event_actors.parquet"), format="parquet").to_table(columns=["event_id"], filter=ds.field("actor").isin(actors))
    return rows.column("event_id").combine_chunks().unique()


def _several(given: Any, what: str) -> list[str]:
    several: Iterable[Any] = [given] if isinstance(given, (str, numbers.Integral)) else given
    names = [str(name) for name in several]
    if not names:
        raise UsageError(f"The filter on {what} is an empty list, which fits no event.", "Leave the filter out to get all.")
    return names


def _elsewhere(release: Release, listed: str, name: str) -> str:
    """Which filter takes the name, where another one of types does."""
    for column, other in LISTED.items():
        if other != listed and column.endswith("_type"):
            known = known_names(release.path(f"codes/{other}.csv"))
            if code := known.get(name) or known.get(name.casefold()):
                return f"It is one of {other}: {column}={code!r}."
    return ""


def _hint(name: str, known: dict[str, str], file: str) -> str:
    if len(name.strip()) < 2:
        return f"{file} of the release has all; without the filter you get every event."
    folded = name.casefold()
    alike = difflib.get_close_matches(folded, known, 1) if len(folded) > 3 else []  # the letters of a code are like no name
    near = alike or [k for k in known if k.startswith(f"{folded}:")] or [k for k in known if folded in k]
    return f"Did you mean {known[near[0]]!r}?" if near else f"{file} of the release has all."


def _prefix(release: Release, name: str) -> str:
    """ACLED's own three letters are no country codes: some of them are another country's ISO code."""
    for row in _rows(release.path("codes/countries.csv")):
        if name == row.get("prefix"):
            return f"{name} is how ids of {row['code']} begin in ACLED; its ISO 3166-1 code is {row.get('iso3') or 'not given'}."
    return ""


def known_names(path: Path) -> dict[str, str]:
    """Every way to write a code of the list, folded: older spellings and other names where they mean one code, ISO codes, the code itself."""
    found: dict[str, str] = {}
    rows = _rows(path)
    other: dict[str, set[str]] = {}
    for row in rows:
        for cell in ("legacy", "aliases"):
            for old in (row.get(cell) or "").split("|"):
                if old.strip():
                    other.setdefault(old.strip().casefold(), set()).add(row["code"])
    found.update({name: min(meant) for name, meant in other.items() if len(meant) == 1})
    for row in rows:
        for cell in ("iso2", "iso3", "iso"):
            if value := (row.get(cell) or "").strip():
                found[value.casefold()] = row["code"]
    for row in rows:
        found[row["code"]] = found[row["code"].casefold()] = row["code"]
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))
