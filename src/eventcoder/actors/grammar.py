"""The grammar of actors' names: taken apart, put together, never looked up.

    Protesters (Country)                                    generic, forms in schema/registers/actor_forms.csv
    Women (Country)                                         associated groups, forms in the list `associated_groups`
    Military Forces of X (YYYY-[YYYY]) [Unit]               Police Forces likewise; "Mutiny of ..." before it
    Government of X (YYYY-[YYYY])
    ACRONYM: Full name                                      named groups

The order in which an event names its two actors carries no meaning (not aggressor and victim): compare pairs with `pair_key`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from eventcoder.names import fold

_STATE = re.compile(
    r"(?P<mutiny>Mutiny of )?(?P<kind>Military Forces|Police Forces|Government) of (?:the )?(?P<country>[^()]+?)"
    r"(?: \((?P<since>\d{4})-(?P<until>\d{4})?\)(?: (?P<unit>\S.*))?)?",  # a unit needs the years before it, else it would be part of the country
)
_PARENTHESES = re.compile(r"(?P<head>.+) \((?P<country>[^()]+)\)")
_ACRONYM = re.compile(r"(?P<acronym>[^\s:][^:]{0,24}): (?P<full>\S.*)")
STATE_KINDS = {"military": "Military Forces", "police": "Police Forces", "government": "Government"}


@dataclass(frozen=True, slots=True)
class StateForce:
    """The parts of "Military Forces of Iran (1989-) Islamic Revolutionary Guard Corps". Years are None where the name has none or is open."""

    kind: str  # military | police | government
    country: str
    since: int | None = None
    until: int | None = None
    unit: str = ""
    mutiny: bool = False

    def __str__(self) -> str:
        years = "" if self.since is None else f" ({self.since}-{self.until or ''})"
        unit = f" {self.unit}" if self.unit else ""
        return f"{'Mutiny of ' if self.mutiny else ''}{STATE_KINDS[self.kind]} of {self.country}{years}{unit}"

    def covers(self, day: date) -> bool:
        """Whether the years of the name include `day`; a name without years covers every day."""
        return (self.since is None or self.since <= day.year) and (self.until is None or day.year <= self.until)


def parse_state_force(name: str) -> StateForce | None:
    """The parts of a name of state forces or a government, or None if it is none."""
    found = _STATE.fullmatch(name.strip())
    if found is None:
        return None
    kind = next(key for key, label in STATE_KINDS.items() if label == found["kind"])
    since, until = (int(year) if year else None for year in (found["since"], found["until"]))
    return StateForce(kind, found["country"], since, until, found["unit"] or "", bool(found["mutiny"]))


def split_generic(name: str) -> tuple[str, str] | None:
    """ "Protesters (Iran)" -> ("Protesters", "Iran"); None for names of another shape. The head is not checked."""
    found = _PARENTHESES.fullmatch(name.strip())
    return (found["head"], found["country"]) if found else None


def split_acronym(name: str) -> tuple[str, str]:
    """ "PKK: Kurdistan Workers Party" -> ("PKK", "Kurdistan Workers Party"); ("", name) for a name without acronym."""
    found = _ACRONYM.fullmatch(name.strip())
    return (found["acronym"], found["full"]) if found else ("", name.strip())


def pair_key(actor1: str | None, actor2: str | None) -> tuple[str, str]:
    """One key for a pair of actors in whichever order they stand."""
    first, second = sorted((fold(actor1 or ""), fold(actor2 or "")))
    return first, second
