"""One registered actor: its names and when it bore them, its class, where it is at home, from when until when. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from eventcoder.actors.grammar import split_acronym
from eventcoder.countries import split_names
from eventcoder.names import Period, day_text, edge, name_on, period_rows, periods_of


@dataclass(frozen=True, slots=True)
class Actor:
    """One registered actor. `countries` are where it is at home or active, home first; empty = anywhere. `since`, `until` are inclusive.

    `local_aliases` are names that others bear elsewhere ("National Guard", "settlers"): they are believed only in its countries.
    `areas` are places whose mention tells it from others of the same name there ("Islamic State" in Tillaberi or in Diffa).
    `named` are its names one after the other, where it was renamed; the last is `name`.
    """

    name: str
    aliases: tuple[str, ...] = ()
    inter: str | None = None
    countries: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    acronym: str = ""
    note: str = ""
    local_aliases: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    named: tuple[Period, ...] = ()

    def active(self, day: date | None) -> bool:
        """Whether it existed on `day`, as far as is known; True without a day."""
        return day is None or ((self.since is None or self.since <= day) and (self.until is None or day <= self.until))

    def name_on(self, day: date | None) -> str:
        """Its name on a day: before the first known change the first one; without a day the last."""
        return name_on(self.name, self.named, day)

    @property
    def periods(self) -> tuple[Period, ...]:
        """Each name with the days of it; of an actor that never changed its name the one, with its own days."""
        return self.named or (Period(self.name, self.since, self.until),)

    @property
    def names(self) -> tuple[str, ...]:
        """Its names, the present one first, each once."""
        return tuple(dict.fromkeys((self.name, *(period.name for period in self.named))))

    @property
    def surfaces(self) -> tuple[str, ...]:
        """How texts everywhere call it: its names without acronym, its acronyms, its other names (not the local ones), each once."""
        former = tuple(split_acronym(name)[0] for name in self.names[1:])
        return tuple(n for n in dict.fromkeys((*(split_acronym(name)[1] for name in self.names), self.acronym, *former, *self.aliases)) if n)

    def body(self) -> dict[str, Any]:
        """As the body of a ledger entry of kind "actor"; the inverse of `actor_of`."""
        out: dict[str, Any] = {
            "name": self.name, "inter": self.inter, "country": self.countries[0] if len(self.countries) == 1 else list(self.countries),
            "aliases": list(self.aliases), "local_aliases": list(self.local_aliases), "since": day_text(self.since), "until": day_text(self.until),
            "note": self.note, "areas": list(self.areas), "acronym": "" if self.acronym == split_acronym(self.name)[0] else self.acronym,
            "named": period_rows(self.named),
        }  # fmt: skip
        return {key: value for key, value in out.items() if value not in (None, "", [])}


def actor_of(row: Mapping[str, Any]) -> Actor:
    """An actor from a row of the packaged register or from the body of a ledger entry. Raises `ValueError` for a day that is none."""
    return Actor(
        name=row["name"],
        aliases=several(row.get("aliases")),
        inter=row.get("inter") or None,
        countries=several(row.get("country")),
        since=edge(row.get("since"), last=False),
        until=edge(row.get("until"), last=True),
        acronym=row.get("acronym") or split_acronym(row["name"])[0],
        note=row.get("note") or "",
        local_aliases=several(row.get("local_aliases")),
        areas=several(row.get("areas")),
        named=periods_of(row.get("named")),
    )


def several(value: Any) -> tuple[str, ...]:
    """The names of a cell or a list."""
    return tuple(split_names(value)) if isinstance(value, str) else tuple(value or ())
