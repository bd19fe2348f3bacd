"""The record of one place, and places that a team or earlier events bring along."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eventcoder.names import fold

EARTH_RADIUS_KM = 6371.0088  # mean radius (IUGG)


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the gazetteer.

    `latitude` and `longitude` are WGS 84 degrees with at most 4 decimals; None for kind "country", because a country is not a point. For
    kind "admin1" they are those of its capital, else its most populous place: representative, not exact. `country` is a code of the
    codebook's list. `matched` is the name by which a lookup found it, `official` whether that is its main name.
    """

    gazetteer_id: str
    name: str
    country: str
    admin1: str | None = None
    admin2: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    population: int = 0
    kind: str = "place"
    version: str = ""
    aliases: tuple[str, ...] = ()
    matched: str = ""
    official: bool = True
    origin: str = "gazetteer"  # gazetteer | team | earlier

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude, or None for a country."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)

    @property
    def body(self) -> dict[str, Any]:
        """The body of a ledger entry of kind "place"; the inverse of `places_from_entries`."""
        names = ("gazetteer_id", "name", "country", "admin1", "admin2", "latitude", "longitude")
        return {**{name: getattr(self, name) for name in names}, "aliases": list(self.aliases)}


def distance_km(latitude_1: float, longitude_1: float, latitude_2: float, longitude_2: float) -> float:
    """Great-circle distance in kilometres between two points in degrees (haversine)."""
    a, b = math.radians(latitude_1), math.radians(latitude_2)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(longitude_2 - longitude_1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def team_id(name: str, country: str) -> str:
    """The id of a place that the team added: `team:<country>-<name>`, both folded and hyphenated."""
    return "team:" + "-".join(fold(f"{country} {name}").split())


def places_from_entries(entries: Iterable[Any]) -> list[Place]:
    """The team's places from ledger entries of kind "place" (or from their bodies).

    A body is {"gazetteer_id", "name", "country", "admin1", "admin2", "latitude", "longitude", "aliases"}; a later entry with the same id
    replaces the earlier one; one with `"removed": true` takes the place out.
    """
    places: dict[str, Place] = {}
    for entry in entries:
        body = entry if isinstance(entry, Mapping) else entry.body
        body = body.get("body", body)
        if "gazetteer" in body:  # a GeoNames file that was imported: an index of its own, no place
            continue
        name, country = body["name"], body["country"]
        key = body.get("gazetteer_id") or team_id(name, country)
        if body.get("removed"):
            places.pop(key, None)
            continue
        places[key] = Place(
            gazetteer_id=key,
            name=name,
            country=country,
            admin1=body.get("admin1") or None,
            admin2=body.get("admin2") or None,
            latitude=_rounded(body.get("latitude")),
            longitude=_rounded(body.get("longitude")),
            kind=body.get("kind") or "place",
            version="team",
            aliases=tuple(body.get("aliases") or ()),
            origin="team",
        )
    return list(places.values())


def earlier_places(values: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Place]:
    """The places of events already coded, as (location, country) -> place. The last event given wins; events without a point are skipped."""
    found: dict[tuple[str, str], Place] = {}
    for event in values:
        name, country, latitude, longitude = (event.get(key) for key in ("location", "country", "latitude", "longitude"))
        if not name or not country or latitude is None or longitude is None:
            continue
        found[name, country] = Place(
            gazetteer_id=event.get("gazetteer_id") or team_id(name, country),
            name=name,
            country=country,
            admin1=event.get("admin1") or None,
            admin2=event.get("admin2") or None,
            latitude=_rounded(latitude),
            longitude=_rounded(longitude),
            version=event.get("gazetteer_version") or "earlier events",
            origin="earlier",
        )
    return found


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(float(degrees), 4)
