"""Filters of `load` and `scan`: checked against the code lists of the release itself, so that a misspelt country is never an empty result.
Floor 7.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from eventcoder.errors import UsageError
from eventcoder.reader.source import Release

Names = str | Sequence[str] | None
Day = str | date | None


def expression(release: Release, *, country: Names, since: Day, until: Day, event_type: Names) -> ds.Expression | None:
    """The filter as an Arrow expression, None for no filter. Raises `UsageError` for codes and days that cannot be understood."""
    parts = []
    for column, listed, given in (("country", "countries", country), ("event_type", "event_types", event_type)):
        if given is not None:
            parts.append(ds.field(column).isin(codes(release, listed, given)))
    first, last = day(since, "since"), day(until, "until")
    if first and last and first > last:
        raise UsageError(f"since={first} lies after until={last}.", "Swap them.")
    if first:
        parts.append(ds.field("event_date") >= pa.scalar(first, pa.date32()))
    if last:
        parts.append(ds.field("event_date") <= pa.scalar(last, pa.date32()))
    found: ds.Expression | None = None
    for part in parts:
        found = part if found is None else found & part
    return found


def codes(release: Release, listed: str, given: str | Sequence[str]) -> list[str]:
    """The given names as codes of a list of the release; letter case and old spellings are forgiven. Raises `UsageError` naming the nearest."""
    known = _known(release.path(f"codes/{listed}.csv"))
    out = []
    for name in [given] if isinstance(given, str) else given:
        code = known.get(name) or known.get(name.casefold())
        if code is None:
            near = difflib.get_close_matches(name.casefold(), known, 1)
            hint = f"Did you mean {known[near[0]]!r}?" if near else f"codes/{listed}.csv of the release has all."
            raise UsageError(f"{name!r} is not in the list {listed} of version {release.version}.", hint)
        out.append(code)
    return out


def day(given: Day, name: str) -> date | None:
    """A day from a date or `YYYY-MM-DD`."""
    if isinstance(given, datetime):
        return given.date()
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise UsageError(f"{name}={given!r} is not a day.", "Write it as YYYY-MM-DD.") from None


def column_names(release_names: Sequence[str], given: Sequence[str] | None) -> list[str]:
    """The columns asked for, all if none. Raises `UsageError` naming the nearest."""
    if given is None:
        return list(release_names)
    if isinstance(given, str):
        given = [given]
    for name in given:
        if name not in release_names:
            near = difflib.get_close_matches(name, release_names, 1)
            raise UsageError(f"There is no column {name!r}.", f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(release_names)}.")
    return list(given)


def _known(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows: list[dict[str, Any]] = list(csv.DictReader(handle))
    for row in rows:
        for old in (row.get("legacy") or "").split("|"):
            if old.strip():
                found.setdefault(old.strip().casefold(), row["code"])
    for row in rows:
        found[row["code"]] = found[row["code"].casefold()] = row["code"]
    return found
