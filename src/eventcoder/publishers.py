"""Publishers: who stands behind a source, under which names and domains, and how far from the event it reports.

Data: `schema/registers/publishers.csv` (name, aliases, domain, scale, country, language, ownership where it is known; several aliases or domains
are separated by ` | `) and what a team registered itself. One that was renamed is known under all its names, each with its days.

The scale of a list of sources follows the codebook's list `source_scales`: one atom, or two joined by "-"
in the fixed order of that list (Local partner, Other, New media, Subnational, National, Regional, International). With more than two distinct
atoms the first and the last in that order stand, because they span the range: the nearest to the event and the farthest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.countries import read_register, split_names
from eventcoder.names import Period, fold, name_on, period_rows, periods_of

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook


@dataclass(frozen=True, slots=True)
class Publisher:
    """One outlet or organisation. `scale` is an atom of the list `source_scales`; `domains` are host names without "www.".

    `ownership` is a code of `schema/team/ownerships.csv` (None: not known); `named` are its names one after the other, the last is `name`.
    """

    name: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    scale: str | None = None
    country: str | None = None
    language: str | None = None
    ownership: str | None = None
    named: tuple[Period, ...] = ()

    def name_on(self, day: date | None) -> str:
        """Its name on a day; without a day the last."""
        return name_on(self.name, self.named, day)

    @property
    def names(self) -> tuple[str, ...]:
        """Its names, the present one first, each once."""
        return tuple(dict.fromkeys((self.name, *(period.name for period in self.named))))

    def body(self) -> dict[str, Any]:
        """As the body of a ledger entry of kind "publisher"."""
        out: dict[str, Any] = {
            "name": self.name, "scale": self.scale, "domain": self.domains[0] if len(self.domains) == 1 else list(self.domains),
            "country": self.country, "language": self.language, "ownership": self.ownership, "aliases": list(self.aliases),
            "named": period_rows(self.named),
        }  # fmt: skip
        return {key: value for key, value in out.items() if value not in (None, "", [])}


class PublisherRegistry:
    """Known publishers. `registered` are bodies of ledger entries of kind "publisher"; they win over the packaged register."""

    def __init__(self, codebook: Codebook, registered: Sequence[Mapping[str, Any]] = (), *, schema_dir: Path | None = None) -> None:
        scales = codebook.lists["source_scales"]
        rows = [(code, scales.get(code) or {}) for code in scales.codes]
        self._atoms = [code for code, row in rows if not row.get("second")]
        self._pairs = {(row["first"], row["second"]): code for code, row in rows if row.get("second")}
        publishers: dict[str, Publisher] = {}
        for row in (*read_register(schema_dir, "publishers.csv"), *registered):
            if row.get("removed") or row.get("merged_into"):  # merged or renamed: the other one bears this name too
                publishers.pop(row["name"], None)
            else:
                publishers[row["name"]] = _publisher(row)
        self._publishers = publishers
        self._former = {period.name for publisher in publishers.values() for period in publisher.named}
        self._by_key: dict[str, str] = {}
        self._by_domain: dict[str, str] = {}
        for publisher in publishers.values():
            for name in (*publisher.aliases, *reversed(publisher.names)):
                self._by_key[_key(name)] = publisher.name
            for domain in publisher.domains:
                self._by_domain[domain] = publisher.name

    @property
    def publishers(self) -> tuple[Publisher, ...]:
        """All known publishers."""
        return tuple(self._publishers.values())

    def get(self, name: str) -> Publisher | None:
        """The publisher known under this name, alias, domain or address, or None."""
        canonical = self.canonical(name)
        return None if canonical is None else self._publishers[canonical]

    def canonical(self, text: str) -> str | None:
        """The registered name for a name, an alias, a domain or an address of a page; None if it is not known.

        A subdomain belongs to its domain ("arabic.example.org" to "example.org") unless it is registered itself.
        """
        if (found := self._by_key.get(_key(text))) is not None:
            return found
        host = host_of(text)
        while "." in host:
            if (found := self._by_domain.get(host)) is not None:
                return found
            host = host.partition(".")[2]
        return None

    def known(self, name: str) -> bool:
        """Whether `name` is the registered spelling of a publisher, on some day."""
        return name in self._publishers or name in self._former

    def scale(self, names: Sequence[str]) -> str | None:
        """The `source_scale` of a list of sources, in whatever order; those that are not known, or have no scale, do not count.

        None when no scale is known: the coder has to give it.
        """
        atoms = {publisher.scale for name in names if (publisher := self.get(name)) is not None}
        known = [atom for atom in self._atoms if atom in atoms]
        if not known:
            return None
        return known[0] if len(known) == 1 else self._pairs[known[0], known[-1]]

    def complete(self, prefix: str, limit: int = 10) -> list[str]:
        """Registered names that begin with `prefix`, then those with a word or an alias that does."""
        key = fold(prefix)
        first = sorted(name for name in self._publishers if fold(name).startswith(key))
        then = sorted(
            publisher.name
            for publisher in self._publishers.values()
            if any(f" {key}" in f" {fold(n)}" for n in (*publisher.names, *publisher.aliases))
        )
        return list(dict.fromkeys((*first, *then)))[:limit]


def host_of(text: str) -> str:
    """The host name in an address or a domain, in lower case, without "www." and port; "" if `text` is neither."""
    rest = text.strip().partition("://")[2] or text.strip()
    host = rest.split("/")[0].split("?")[0].rpartition("@")[2].split(":")[0].casefold().removeprefix("www.")
    return host if "." in host and " " not in host else ""


def _key(name: str) -> str:
    return fold(name).removeprefix("the ")


def _publisher(row: Mapping[str, Any]) -> Publisher:
    def several(value: Any) -> tuple[str, ...]:
        return tuple(split_names(value)) if isinstance(value, str) else tuple(value or ())

    domains = tuple(host for domain in several(row.get("domain")) if (host := host_of(domain)))
    return Publisher(
        name=row["name"], aliases=several(row.get("aliases")), domains=domains, scale=row.get("scale") or None, country=row.get("country") or None,
        language=row.get("language") or None, ownership=row.get("ownership") or None, named=periods_of(row.get("named")),
    )  # fmt: skip
