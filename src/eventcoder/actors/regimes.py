"""Who ruled where and since when: the years in the names of state forces. Facts from schema/registers/regimes.csv.

Columns: country, since, until (days YYYY-MM-DD, or a bare year where the day is not on file), note, ruled_by (for a territory: the country
whose forces serve there), named (how the names of forces write the country, "the Philippines"; such a row is no regime). A new ruler or
government that came by coup or election makes a new actor. Countries and times that are not on file give None: the coder decides, nothing is
guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Regime:
    """One government's time. `first` and `last` are the days that are certainly its own; None for `last` while it goes on."""

    country: str
    since_year: int
    until_year: int | None
    first: date
    last: date | None

    def covers(self, day: date) -> bool:
        """Whether `day` certainly falls into it."""
        return self.first <= day and (self.last is None or day <= self.last)


class Regimes:
    """The regimes of all countries on file."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._of: dict[str, list[Regime]] = {}
        self._ruler: dict[str, str] = {}
        self._named: dict[str, str] = {}
        for row in rows:
            if row.get("named"):
                self._named[row["country"]] = row["named"]
                continue
            if row.get("ruled_by"):
                self._ruler[row["country"]] = row["ruled_by"]
                continue
            self._of.setdefault(row["country"], []).append(_regime(row))

    def named(self, country: str) -> str:
        """A country as the names of its forces have it: "the Philippines" for Philippines."""
        return self._named.get(country, country)

    def ruler(self, country: str) -> str:
        """The country whose forces serve in `country`: itself, but France for New Caledonia."""
        return self._ruler.get(country, country)

    def all(self, country: str) -> list[Regime]:
        """Those of a country, earliest first; [] if none is on file."""
        return self._of.get(country, [])

    def on(self, country: str, day: date | None) -> Regime | None:
        """The one that ruled on `day`; None if it is not on file, if two claim the day, or without a day when there was more than one."""
        found = self.all(country) if day is None else [regime for regime in self.all(country) if regime.covers(day)]
        return found[0] if len(found) == 1 else None

    def deposed(self, country: str, day: date | None) -> Regime | None:
        """The one that a change of power on `day` itself ended; None on all other days."""
        began = next((i for i, regime in enumerate(self.all(country)) if regime.first == day), 0)
        return self.all(country)[began - 1] if began else None


def _regime(row: Mapping[str, str]) -> Regime:
    since, until = row["since"], row.get("until") or ""
    # where only the year is on file the year of the change belongs to nobody for certain
    first = date(int(since) + 1, 1, 1) if len(since) == 4 else date.fromisoformat(since)
    last = None
    if until:
        last = date(int(until) - 1, 12, 31) if len(until) == 4 else date.fromisoformat(until)
    return Regime(row["country"], int(since[:4]), int(until[:4]) if until else None, first, last)
