"""Peoples, clans and tribes: who they are and what their militias and their people are called. Floor 2.

Facts from schema/registers/peoples.csv: name, aliases, kind (ethnic, clan, tribal, indigenous, caste), countries. The names follow the field's
grammar: "Fulani Ethnic Militia (Nigeria)", "Fulani Ethnic Group (Nigeria)".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eventcoder.countries import split_names

_MILITIA = {"ethnic": "Ethnic", "clan": "Clan", "tribal": "Tribal", "communal": "Communal", "indigenous": "Communal", "caste": "Communal"}
_GROUP = {"ethnic": "Ethnic", "clan": "Clan", "tribal": "Tribal", "communal": "Communal", "indigenous": "Indigenous", "caste": "Caste"}


@dataclass(frozen=True, slots=True)
class People:
    """One people. `countries` are where it lives; elsewhere its name is not believed."""

    name: str
    aliases: tuple[str, ...]
    kind: str
    countries: tuple[str, ...]

    def militia(self, country: str) -> str:
        """The name of its armed men in a country."""
        return militia_of(self.name, self.kind, country)

    def group(self, country: str) -> str:
        """The name of its people as an associated actor."""
        return f"{self.name} {_GROUP.get(self.kind, 'Ethnic')} Group ({country})"


def militia_of(name: str, kind: str, country: str) -> str:
    """The name of the armed men of a people that nobody registered: ("Turi", "tribal", "Pakistan") -> "Turi Tribal Militia (Pakistan)"."""
    return f"{name} {_MILITIA.get(kind, 'Communal')} Militia ({country})"


def peoples_of(rows: Iterable[Mapping[str, str]]) -> list[People]:
    """The register as objects."""
    return [
        People(row["name"], tuple(split_names(row.get("aliases"))), row.get("kind") or "ethnic", tuple(split_names(row.get("countries"))))
        for row in rows
    ]
