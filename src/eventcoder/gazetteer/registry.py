"""The gazetteer as callers see it: from a name to ranked places, from a point to the nearest place, from letters to completions.

Ranking, first criterion first: the team's own places, places of earlier events, countries (but not by
a mere alias that is the main name of a city), then all others by weight. The weight is the
decimal logarithm of the population, plus two for a place whose main name was asked for: an alternate name wins only over a place a hundred
times smaller ("Kiev" is the capital, not a hamlet that still has that name). A first-level division that shares its name with a
large place of its own comes after that place ("Tehran" is the city), unless the name says what it is ("Tehran Province").
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.countries import CountryNames, read_register, split_names
from eventcoder.gazetteer import index
from eventcoder.gazetteer.place import EARTH_RADIUS_KM, Place, distance_km
from eventcoder.names import fold

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

_COLUMNS = "p.id, p.name, p.iso2, p.admin1, p.admin2, p.latitude, p.longitude, p.population, p.kind, p.code"
_MAIN_NAME_BONUS = 2.0
_SHORT = 3  # alternate names up to this length are codes and abbreviations ("THR", "LA")
_CITY = 100_000
_ORIGINS = {"team": 0, "earlier": 1}


class Gazetteer:
    """Places by name, by point and by prefix. Opened with `open_gazetteer`."""

    def __init__(
        self,
        codebook: Codebook,
        connection: sqlite3.Connection,
        path: Path,
        *,
        team: Sequence[Place] = (),
        earlier: Mapping[tuple[str, str], Place] | None = None,
        schema_dir: Path | None = None,
        reopen: Callable[[], tuple[sqlite3.Connection, Path]] | None = None,
    ) -> None:
        self._connection = connection
        self._reopen = reopen
        self._schema_dir = schema_dir
        self.path = path
        self.version: str = self._rows("SELECT value FROM meta WHERE key = 'version'")[0][0]
        self._country_of, self._country_rows = self._countries(codebook)
        self._iso2_of: dict[str, list[str]] = {}
        for iso2, country in self._country_of.items():
            self._iso2_of.setdefault(country, []).append(iso2)
        alpha2 = {iso2: country for iso2, country in self._country_of.items() if iso2 not in self._territories}
        self.names = CountryNames(codebook, schema_dir=schema_dir, codes=alpha2)
        self._own: dict[str, list[Place]] = {}
        self._own_points: list[Place] = []
        for place in team:
            self._remember(replace(place, origin="team"))
        for (name, _), place in (earlier or {}).items():
            self._remember(replace(place, origin="earlier"), name)
        self._cached = lru_cache(maxsize=65_536)(self._find)

    # -- what callers use

    def lookup(self, name: str, *, country: str | None = None, limit: int = 10, strict: bool = True) -> list[Place]:
        """Places called `name`, best first; only those in `country` if given (a code of the codebook, or a name of it). [] if there are none.

        `strict` leaves out what running text means otherwise: names on the stop list ("Reading", "March") and abbreviations of up to three
        letters; give False when a person or a phrase such as "in Nice" says that a place is meant.
        """
        return list(self._cached(name, country, strict)[:limit])

    def country(self, text: str) -> str | None:
        """The codebook's country that `text` names (name, older name, demonym, upper-case ISO code), or None if none or several."""
        return self.names.country(text)

    def countries(self, text: str) -> tuple[str, ...]:
        """All countries that `text` may mean: ("Democratic Republic of Congo", "Republic of Congo") for "Congo"."""
        return self.names.countries(text)

    def place(self, gazetteer_id: str) -> Place | None:
        """The place with this id ("geonames:112931", "team:..."), or None."""
        for places in self._own.values():
            for place in places:
                if place.gazetteer_id == gazetteer_id:
                    return place
        prefix, _, number = gazetteer_id.partition(":")
        if prefix == "geonames" and number.isdecimal() and len(number) < 16:
            for row in self._rows(f"SELECT {_COLUMNS} FROM place p WHERE p.id = ?", (int(number),)):
                return self._place(row)
            for country, (key, population) in self._country_rows.items():
                if key == int(number):
                    return self._country_place(country, country, population)
        if prefix == "admin1":
            iso2, _, code = number.partition(".")
            for row in self._rows(f"SELECT {_COLUMNS} FROM place p WHERE p.id < 0 AND p.iso2 = ? AND p.code = ?", (iso2, code)):
                return self._place(row)
        return None

    def complete(self, prefix: str, *, country: str | None = None, limit: int = 10) -> list[Place]:
        """Places with a name that begins with `prefix`: the team's and earlier ones, then the most populous. [] for an empty prefix."""
        key = fold(prefix)
        if not key:
            return []
        own = [p for k, places in self._own.items() if k.startswith(key) for p in places if country is None or p.country == country]
        found = {p.gazetteer_id: p for p in sorted(own, key=lambda p: (_ORIGINS[p.origin], p.name))}
        codes = self._iso2_of.get(country, []) if country is not None else None
        for table in ("major", "name"):
            if len(found) >= limit or codes == []:
                break
            where, values = _within(codes)
            rows = self._rows(
                f"SELECT {_COLUMNS}, max(n.official), max(n.text) FROM {table} n JOIN place p ON p.id = n.place "
                f"WHERE n.key >= ? AND n.key < ?{where} GROUP BY p.id ORDER BY p.population * (1 + 99 * max(n.official)) DESC, p.id LIMIT ?",
                (key, key + "\U0010ffff", *values, limit),
            )
            for row in rows:
                if (place := self._place(row, matched=row[1] if row[10] else row[11], official=bool(row[10]))) is not None:
                    found.setdefault(place.gazetteer_id, place)
        return list(found.values())[:limit]

    def nearest(self, latitude: float, longitude: float, *, limit: int = 1) -> list[tuple[Place, float]]:
        """The `limit` populated places nearest to a point (degrees), with their distance in km, nearest first.

        Raises `ValueError` for a point that is not on the earth.
        """
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError(f"{latitude}, {longitude} is not a latitude (-90 to 90) and a longitude (-180 to 180)")
        radius = 25.0
        while True:
            rows = self._box(latitude, longitude, radius)
            near = [(distance_km(latitude, longitude, row[5], row[6]), row) for row in rows if row[2] in self._country_of]
            near = sorted((pair for pair in near if pair[0] <= radius), key=lambda pair: pair[0])[:limit]
            if len(near) >= limit or radius > math.pi * EARTH_RADIUS_KM:
                break
            radius *= 4
        found = [(place, km) for km, row in near if (place := self._place(row)) is not None]
        for own in self._own_points:
            if (point := own.point) is not None:
                found.append((own, distance_km(latitude, longitude, *point)))
        return [(place, round(km, 3)) for place, km in sorted(found, key=lambda pair: pair[1])[:limit]]

    def close(self) -> None:
        """Close the index file."""
        self._connection.close()

    # -- the work behind

    @property
    def _stopwords(self) -> dict[str, str]:
        """Folded word -> "all" (not a place in running text) or "alternate" (only its main bearer is)."""
        return _stopwords(self._schema_dir)

    def _countries(self, codebook: Codebook) -> tuple[dict[str, str], dict[str, tuple[int, int]]]:
        """ISO alpha-2 -> codebook country; country -> (geonameid, population)."""
        listed = codebook.lists["countries"]
        by_iso3, by_number = {}, {}
        for code in listed.codes:
            row = listed.get(code) or {}
            by_iso3[row.get("iso3") or code] = code
            by_number[str(row.get("iso") or "")] = code
        self._territories = {row["iso2"]: row["country"] for row in read_register(self._schema_dir, "territories.csv")}
        country_of: dict[str, str] = {}
        details: dict[str, tuple[int, int]] = {}
        for iso2, iso3, number, key, population in self._rows("SELECT iso2, iso3, numeric, id, population FROM country"):
            if own := by_iso3.get(iso3) or (by_number.get(str(number)) if number else None):
                country_of[iso2] = own
                details[own] = (key, population)
                self._territories.pop(iso2, None)
            elif self._territories.get(iso2) in listed.codes:
                country_of[iso2] = self._territories[iso2]
        return country_of, details

    def _remember(self, place: Place, name: str | None = None) -> None:
        keys = {fold(n) for n in (name or place.name, place.name, *place.aliases)} - {""}
        for key in keys:
            self._own.setdefault(key, []).append(place)
        if place.point is not None and place.kind == "place":
            self._own_points.append(place)

    def _find(self, name: str, country: str | None, strict: bool) -> tuple[Place, ...]:
        key = fold(name)
        if not key or len(name) > 200:
            return ()
        if country is not None and country not in self._iso2_of and (resolved := self.names.country(country)) is not None:
            country = resolved
        own = [replace(p, matched=name, official=key == fold(p.name)) for p in self._own.get(key, ()) if country is None or p.country == country]
        own.sort(key=lambda p: (_ORIGINS[p.origin], not p.official, p.country))
        found: dict[str, Place] = {p.gazetteer_id: p for p in own}
        stop = self._stopwords.get(key) if strict else None
        if stop != "all":
            indexed = self._indexed(key, country, strict, stop)
            named = self._named_countries(name) if country is None else []
            # "Hong Kong" is an older or wider name of a country for some lists, but first of all a city
            city_first = bool(named) and not named[0].official and bool(indexed) and indexed[0].official and indexed[0].population >= _CITY
            for place in (*indexed[:1], *named, *indexed) if city_first else (*named, *indexed):
                mine = found.get(place.gazetteer_id)
                if mine is None:
                    found[place.gazetteer_id] = place
                elif mine.origin != "gazetteer" and not mine.population:
                    # an event knows the place's point but not how large it is
                    found[place.gazetteer_id] = replace(mine, population=place.population, official=mine.official or place.official)
        return tuple(found.values())

    def _named_countries(self, name: str) -> list[Place]:
        if self.names.is_demonym(name):
            return []
        return [self._country_place(c, name, self._country_rows.get(c, (0, 0))[1]) for c in self.names.countries(name)]

    def _country_place(self, country: str, matched: str, population: int) -> Place:
        key = self._country_rows.get(country, (0, 0))[0]
        official = fold(matched) == fold(country)
        return Place(
            f"geonames:{key}", country, country, population=population, kind="country", version=self.version, matched=matched, official=official
        )

    def _indexed(self, key: str, country: str | None, strict: bool, stop: str | None) -> list[Place]:
        codes = self._iso2_of.get(country, []) if country is not None else None
        if codes == []:
            return []
        short = index.short_division(key)
        division = short != key
        rows = self._named(key, codes)
        for alias, aliased, holder in _division_aliases(self._schema_dir).get(short, ()):
            rows += [(*row[:10], 0, alias) for row in self._named(aliased, codes) if row[8] == "admin1" and self._country_of.get(row[2]) == holder]
        if division:
            rows += [row for row in self._named(short, codes) if row[8] == "admin1"]
        if strict and (stop == "alternate" or (len(key) <= _SHORT and key.isascii())):
            rows = [row for row in rows if row[10]]
        rows.sort(key=_order(rows, asked_for_division=division))
        places: list[Place] = []
        seen: set[tuple[str, str | None, str]] = set()
        for row in rows:
            place = self._place(row, matched=row[11] or row[1], official=bool(row[10]))
            if place is None or (place.kind == "admin1" and (place.country, place.admin1, place.kind) in seen):
                continue
            seen.add((place.country, place.admin1, place.kind))
            places.append(place)
        return places

    def _named(self, key: str, codes: list[str] | None) -> list[tuple[Any, ...]]:
        where, values = _within(codes)
        return self._rows(f"SELECT {_COLUMNS}, n.official, n.text FROM name n JOIN place p ON p.id = n.place WHERE n.key = ?{where}", (key, *values))

    def _box(self, latitude: float, longitude: float, radius: float) -> list[tuple[Any, ...]]:
        """Places in the smallest box of degrees around the circle of `radius` km; all longitudes near a pole."""
        reach = math.degrees(radius / EARTH_RADIUS_KM) * 1.001
        low, high = latitude - reach, latitude + reach
        base = f"SELECT {_COLUMNS} FROM place p WHERE p.kind = 'place' AND p.latitude BETWEEN ? AND ?"
        if low <= -90 or high >= 90:
            return self._rows(base, (low, high))
        sine = math.sin(math.radians(reach)) / math.cos(math.radians(latitude))
        width = math.degrees(math.asin(sine)) * 1.001 if sine < 1 else 180.0
        if width >= 180:
            return self._rows(base, (low, high))
        west, east = longitude - width, longitude + width
        if west < -180 or east > 180:  # the box crosses the antimeridian
            west, east = (west + 540) % 360 - 180, (east + 540) % 360 - 180
            return self._rows(f"{base} AND (p.longitude >= ? OR p.longitude <= ?)", (low, high, west, east))
        return self._rows(f"{base} AND p.longitude BETWEEN ? AND ?", (low, high, west, east))

    def _place(self, row: tuple[Any, ...], matched: str = "", official: bool = True) -> Place | None:
        country = self._country_of.get(row[2])
        if country is None:
            return None
        key = f"geonames:{row[0]}" if row[0] > 0 else f"admin1:{row[2]}.{row[9]}"
        return Place(key, row[1], country, row[3], row[4], row[5], row[6], row[7], row[8], self.version, (), matched or row[1], official)

    def _rows(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows; a file that turns out to be damaged is built anew once, and asked again."""
        values = tuple(values)
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError:
            if self._reopen is None:
                raise
            reopen, self._reopen = self._reopen, None
            self._connection.close()
            self._connection, self.path = reopen()
            return self._connection.execute(sql, values).fetchall()


def _order(rows: Sequence[tuple[Any, ...]], *, asked_for_division: bool) -> Callable[[tuple[Any, ...]], tuple[float, int]]:
    """The sort key of the ranking described above; ties go to the lower id, so that the order never depends on the file."""
    weights = {}
    for row in rows:
        weights[row[0]] = math.log10(row[7] + 10) + (_MAIN_NAME_BONUS if row[10] else 0.0)
    for row in rows:
        if row[8] != "admin1":
            continue
        if asked_for_division:
            weights[row[0]] += 10
            continue
        # a place of the same name that is a large part of the division takes the division's weight and stands just before it
        seats = [other for other in rows if other[8] == "place" and other[2] == row[2] and other[7] * 12 >= row[7]]
        if seats:
            seat = max(seats, key=lambda other: other[7])[0]
            weights[seat] = max(weights[seat], weights[row[0]])
            weights[row[0]] = weights[seat] - 0.001
    return lambda row: (-weights[row[0]], row[0])


def _within(codes: list[str] | None) -> tuple[str, list[str]]:
    return ("", []) if codes is None else (f" AND p.iso2 IN ({','.join('?' * len(codes))})", codes)


@lru_cache(maxsize=8)
def _stopwords(schema_dir: Path | None) -> dict[str, str]:
    return {fold(row["word"]): row["scope"] for row in read_register(schema_dir, "place_stopwords.csv", "lexicon")}


@lru_cache(maxsize=8)
def _division_aliases(schema_dir: Path | None) -> dict[str, list[tuple[str, str, str]]]:
    """Folded other name of a first-level division -> (name as written, folded name in the index, country)."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in read_register(schema_dir, "division_names.csv"):
        for alias in split_names(row["aliases"]):
            found.setdefault(index.short_division(fold(alias)), []).append((alias, index.short_division(fold(row["name"])), row["country"]))
    return found
