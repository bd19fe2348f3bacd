"""How work is shared out: what is read twice, and who reads what. No clock and no dice: the same documents give the same plan. Floor 5."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

PLANS = {
    "round-robin": "in turn to every coder who reads the language",
    "pool": "to nobody: whoever asks next, and reads the language, gets it",
    "language": "to coders who are registered for the document's language",
    "country": "to coders who are registered for the document's country",
}
Stratum = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reader:
    """A coder as plans see one. Without languages or countries: reads all."""

    name: str
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    def reads(self, language: str | None) -> bool:
        return not self.languages or language is None or language.casefold() in {x.casefold() for x in self.languages}


@dataclass(frozen=True, slots=True)
class Item:
    """A document or single draft to be shared out: `stratum` is (type, country)."""

    id: str
    language: str | None
    country: str | None
    stratum: Stratum


@dataclass(slots=True)
class Dealer:
    """Gives items to coders, evenly. `load` is what each has already."""

    plan: str
    readers: Sequence[Reader]
    load: Counter[str] = field(default_factory=Counter)
    barred: Mapping[str, Collection[str]] = field(default_factory=dict)  # item -> coders who must not get it
    _pairs: Counter[frozenset[str]] = field(default_factory=Counter)

    def able(self, item: Item) -> list[Reader]:
        """Who may get this item."""
        able = [reader for reader in self.readers if reader.reads(item.language) and reader.name not in self.barred.get(item.id, ())]
        if self.plan == "language":
            return [r for r in able if r.languages and item.language is not None]
        if self.plan == "country":
            return [r for r in able if item.country in r.countries]
        return able

    def deal(self, item: Item, slots: int) -> list[str | None]:
        """For each slot a coder, never one twice; None: anybody's. Shorter than `slots` where there are not enough coders."""
        able = self.able(item)
        if self.plan == "pool":
            return [None] * min(slots, len(able))
        chosen: list[str] = []
        for _ in range(min(slots, len(able))):
            left = [reader.name for reader in able if reader.name not in chosen]
            # coders who have least first, then pairs that met least, so that all are compared with all
            name = min(left, key=lambda n: (self.load[n], sum(self._pairs[frozenset((n, c))] for c in chosen), lot(item.id, n)))
            self._pairs.update(frozenset((name, other)) for other in chosen)
            self.load[name] += 1
            chosen.append(name)
        return list(chosen)


def stratified(items: Sequence[Item], share: float, salt: str) -> list[str]:
    """Ids of a share of the items: of each stratum its part, rounded; and where strata are small, so many more that the whole share is reached."""
    if share <= 0 or not items:
        return []
    strata: dict[Stratum, list[str]] = {}
    for item in items:
        strata.setdefault(item.stratum, []).append(item.id)
    for ids in strata.values():
        ids.sort(key=lambda i: lot(salt, i))
    wanted = {stratum: floor(share * len(ids) + 0.5) for stratum, ids in strata.items()}
    missing = ceil(round(share * len(items), 9)) - sum(wanted.values())
    for stratum in sorted(strata, key=lambda s: (wanted[s] - share * len(strata[s]), lot(salt, *s))):
        if missing > 0 and wanted[stratum] < len(strata[stratum]):
            wanted[stratum] += 1
            missing -= 1
    return [i for stratum in sorted(strata) for i in strata[stratum][: wanted[stratum]]]


def some(ids: Sequence[str], first: Mapping[str, object] | set[str], number: int, salt: str) -> list[str]:
    """So many of these ids by lot, those of `first` before the others."""
    return sorted(ids, key=lambda i: (i not in first, lot(salt, i)))[:number]


def lot(*parts: str) -> int:
    """A number that depends on these texts alone."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big")
