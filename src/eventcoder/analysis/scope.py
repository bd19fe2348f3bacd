"""For which time and countries a table of events speaks: outside them no event is no sign of peace. Floor 7.

A frame of `load` carries its filters. One that was cut afterwards (`frame[frame["country"] == "Mali"]`) does not say how: then only the countries
and the days that it has count as asked for, and the analyst is told.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from eventcoder.analysis.periods import day_numbers
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import UsageError
from eventcoder.project import packaged_schema
from eventcoder.reader.filters import day, known_names

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Scope:
    """Days from `first` to before `end` (None: open), countries (None: all); `named` are those of since, until, countries that the analyst
    gave; `cut` is the warning about a frame that was cut after loading.
    """

    first: int | None
    end: int | None
    countries: tuple[str, ...] | None
    regions: frozenset[str] | None
    filters: Mapping[str, Any]
    named: frozenset[str] = frozenset()
    cut: str = ""
    said: tuple[str, ...] = ()

    def holds(self, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Which events lie in it."""
        import numpy as np

        days = day_numbers(frame["event_date"])
        inside = np.ones(len(frame), dtype=bool)
        if self.first is not None:
            inside &= days >= self.first
        if self.end is not None:
            inside &= days < self.end
        if self.countries is not None:
            inside &= frame["country"].isin(self.countries).to_numpy()
        return inside

    def has_country(self, country: str) -> bool:
        """Whether events of the country would be in the table if there were any."""
        return (self.countries is None or country in self.countries) and (self.regions is None or country in self.regions)

    def narrowed(self, frame: pd.DataFrame) -> Scope:
        """Only the countries and days of these events, as far as the analyst named no others."""
        days = day_numbers(frame["event_date"])
        countries = self.countries if "countries" in self.named else tuple(sorted(frame["country"].dropna().unique()))
        if not len(days):
            return replace(self, countries=countries)
        first = self.first if "since" in self.named else int(days.min())
        return replace(self, first=first, end=self.end if "until" in self.named else int(days.max()) + 1, countries=countries)

    def values_of(self, column: str) -> list[str]:
        """The values of a column that the frame was loaded with."""
        return _several(self.filters.get(column)) or []


def scope_of(events: Any, rows: int, since: Any, until: Any, countries: str | Sequence[str] | None) -> Scope:
    """What is named, else what the frame was loaded with. Raises `UsageError` for days that cannot be understood."""
    attrs = getattr(events, "attrs", None)
    attrs = attrs if isinstance(attrs, Mapping) else {}
    loaded: Mapping[str, Any] = attrs.get("filters") or {}
    first, last = (day(given, name, end=end) for given, name, end in ((since, "since", False), (until, "until", True)))
    if first and last and first > last:
        raise UsageError(f"since={first} lies after until={last}.", "Swap them.")
    begun, ended = day(loaded.get("since"), "since"), day(loaded.get("until"), "until", end=True)
    # a frame that was loaded for a shorter time than the panel is asked for knows nothing of the rest
    first, last = max((d for d in (first, begun) if d), default=None), min((d for d in (last, ended) if d), default=None)
    named = _countries(_several(countries), _several(loaded.get("country")))
    regions = _several(loaded.get("region"))
    stated = frozenset(name for name, value in (("since", since), ("until", until), ("countries", countries)) if value is not None)
    cut = ""
    if attrs.get("rows") not in (None, rows) and len(stated) < 3:
        cut = (
            f"load() gave {attrs['rows']:,} events and {rows:,} are left. How they were chosen is not known, so the panel has only the countries and "
            "the days of these events; name since=, until= and countries= to say for what they stand, or filter in load()."
        )
    others = [name for name in loaded if name not in ("country", "region", "since", "until")]
    said = (f"All numbers are of events with {', '.join(f'{name}={loaded[name]!r}' for name in others)}.",) if others else ()
    return Scope(
        (first - _EPOCH).days if first else None,
        (last - _EPOCH).days + 1 if last else None,
        tuple(named) if named else None,
        frozenset(c for c, r in _regions().items() if r in regions) if regions else None,
        loaded,
        stated,
        cut,
        said,
    )


def _several(given: Any) -> list[str] | None:
    return None if given is None else [str(given)] if isinstance(given, (str, int)) else [str(one) for one in given]


def _countries(asked: list[str] | None, loaded: list[str] | None) -> list[str] | None:
    """Those asked for, by name or ISO code as in `load`; they must be among those that the frame was loaded with."""
    if asked is None:
        return loaded
    names = known_names(packaged_schema() / "lists" / "countries.csv")
    found = []
    for name in asked:
        country = names.get(name) or names.get(name.casefold())
        if country is None and loaded is not None and name in loaded:
            country = name  # of a codebook that has further countries
        if country is None:
            raise UsageError(f"{name!r} is no country of the codebook.", did_you_mean(name, _regions()) if len(name) > 3 else "")
        if loaded is not None and country not in loaded:
            raise UsageError(f"The frame was loaded for {', '.join(loaded)}, and knows nothing of {country!r}.", "Load it for that country too.")
        found.append(country)
    return list(dict.fromkeys(found))


@cache
def _regions() -> dict[str, str]:
    with (packaged_schema() / "lists" / "countries.csv").open(encoding="utf-8", newline="") as handle:
        return {row["code"]: row["region"] for row in csv.DictReader(handle)}
