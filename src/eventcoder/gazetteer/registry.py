"""The gazetteer as callers see it: from a name to ranked places, from a point to the nearest place, from letters to completions.

Ranking, first criterion first: the team's own places, places of earlier events, countries (but not by
a mere alias that is the main name of a city), then all others by weight. The weight is the
decimal logarithm of the population, plus two for a place whose main name was asked for: an alternate name wins only over a place a hundred
times smaller ("Kiev" is the capital, not a hamlet that still has that name). A first-level division that shares its name with a
large place of its own comes after that place ("Tehran" is the city), unless the name says what it is ("Tehran Province").

`similar` finds other spellings of a name inside one country, where `lookup` finds nothing. Floor 2.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.countries import CountryNames, read_register
from eventcoder.gazetteer import index, variants
from eventcoder.gazetteer.divisions import short_district, short_division
from eventcoder.gazetteer.place import EARTH_RADIUS_KM, Place, distance_km
from eventcoder.gazetteer.rows import ImportedRow, box_query, division_aliases, order, region_id, regions, stopwords, within
from eventcoder.names import fold

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

_COLUMNS = "p.id, p.name, p.iso2, p.admin1, p.admin2, p.latitude, p.longitude, p.population, p.kind, p.code"
_SHORT = 3  # alternate names up to this length are codes and abbreviations ("THR", "LA")
_CITY = 100_000
_ALIKE = 0.8  # least likeness of two names with the same consonants
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
        self._extra: list[tuple[sqlite3.Connection, str]] = []
        self._reopen = reopen
        self._schema_dir = schema_dir
        self.path = path
        self.version: str = self._rows("SELECT value FROM meta WHERE key = 'version'")[0][0]
        self._filter: bytes = self._rows("SELECT bits FROM filter")[0][0]
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
        self._regions = regions(schema_dir)
        self._cached = lru_cache(maxsize=65_536)(self._find)
        self._held = lru_cache(maxsize=16_384)(self._everywhere)
        self._alike = lru_cache(maxsize=16_384)(self._similar)

    # -- what callers use

    def lookup(self, name: str, *, country: str | None = None, limit: int = 10, strict: bool = True) -> list[Place]:
        """Places called `name`, best first; only those in `country` if given (a code of the codebook, or a name of it). [] if there are none.

        `strict` leaves out what running text means otherwise: names on the stop list ("Reading", "March") and abbreviations of up to three
        letters; give False when a person or a phrase such as "in Nice" says that a place is meant.
        """
        return list(self._cached(name, country, strict)[:limit])

    def similar(self, name: str, *, country: str | None = None, admin1: str | None = None, limit: int = 5) -> list[Place]:
        """Places of `country` (and `admin1`, if given) whose name is another spelling of `name`, the most alike first; `matched` stays empty.

        Without a country only large places that sound the same. The consonants must be the same ("Hodeidah" and "Hudaydah", never "Hodeidah"
        and "Hodiya"). [] if there are none.
        """
        return [p for p in self._alike(name, country) if admin1 is None or p.admin1 == admin1][:limit]

    def attach(self, folder: Path) -> None:
        """Look places up in the imported indexes of `folder` too (`places import` of a GeoNames file); a folder that is not there has none."""
        for connection, _ in self._extra:
            connection.close()
        self._extra.clear()
        for path in sorted(folder.glob("*.sqlite")) if folder.is_dir() else ():
            if (opened := index.open_file(path)) is not None:
                self._extra.append((opened, opened.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()[0]))
        self._cached.cache_clear()
        self._held.cache_clear()
        self._alike.cache_clear()

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
        if prefix in ("admin1", "admin2"):
            iso2, _, code = number.partition(".")
            sql = f"SELECT {_COLUMNS} FROM place p WHERE p.id < 0 AND p.iso2 = ? AND p.code = ? AND p.kind = ?"
            for row in self._rows(sql, (iso2, code, prefix)):
                return self._place(row)
        if prefix == "region":
            for regions in self._regions.values():
                for region in regions:
                    if region_id(region) == gazetteer_id:
                        return self._region(region, region["name"])
        return None

    def capital(self, country: str) -> Place | None:
        """The capital of a country of the codebook as GeoNames has it, or None."""
        codes = [iso2 for iso2 in self._iso2_of.get(country, []) if iso2 not in self._territories]
        for (name,) in self._rows(f"SELECT capital FROM country WHERE iso2 IN ({','.join('?' * len(codes))})", codes):
            return next((p for p in self._cached(name, country, False) if p.kind == "place"), None) if name else None
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
            where, values = within(codes)
            rows = self._rows(
                f"SELECT {_COLUMNS}, max(n.official), max(n.text) FROM {table} n JOIN place p ON p.id = n.place "
                f"WHERE n.key >= ? AND n.key < ?{where} GROUP BY p.id ORDER BY p.population * (1 + 99 * max(n.official)) DESC, p.id LIMIT ?",
                (key, key + "\U0010ffff", *values, limit),
            )
            for row in rows:
                if (place := self._place(row, matched=row[1] if row[10] else row[11], official=bool(row[10]))) is not None:
                    found.setdefault(place.gazetteer_id, place)
        return list(found.values())[:limit]

    def nearest(self, latitude: float, longitude: float, *, limit: int = 1, own: bool = True) -> list[tuple[Place, float]]:
        """The `limit` populated places nearest to a point (degrees), with their distance in km, nearest first; without `own` none of the team's.

        Raises `ValueError` for a point that is not on the earth.
        """
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError(f"{latitude}, {longitude} is not a latitude (-90 to 90) and a longitude (-180 to 180)")
        radius = 25.0
        while True:
            rows = self._rows(*box_query(_COLUMNS, latitude, longitude, radius))
            near = [(distance_km(latitude, longitude, row[5], row[6]), row) for row in rows if row[2] in self._country_of]
            near = sorted((pair for pair in near if pair[0] <= radius), key=lambda pair: pair[0])[:limit]
            if len(near) >= limit or radius > math.pi * EARTH_RADIUS_KM:
                break
            radius *= 4
        found = [(place, km) for km, row in near if (place := self._place(row)) is not None]
        for place in self._own_points if own else ():
            if (point := place.point) is not None:
                found.append((place, distance_km(latitude, longitude, *point)))
        ranked = sorted(found, key=lambda pair: pair[1])
        once = {place.gazetteer_id: (place, round(km, 3)) for place, km in reversed(ranked)}
        return sorted(once.values(), key=lambda pair: pair[1])[:limit]

    def lies_in(self, country: str, latitude: float, longitude: float) -> bool | None:
        """Whether a point lies in `country`, as far as the populated places around it can tell; None near a border, at sea and where none are.

        False needs ten places nearer than any of the country's own, the nearest within 30 km: a village on a border is never refused.
        """
        around = [(place, km) for place, km in self.nearest(latitude, longitude, limit=10, own=False) if place.origin == "gazetteer"]
        if not around or around[0][1] > 30:
            return None
        if around[0][0].country == country and around[0][1] <= 5:
            return True
        countries = {place.country for place, _ in around}
        return country in countries if len(countries) == 1 or country not in countries else None

    def divisions(self) -> dict[tuple[str, str], str]:
        """Names of the first-level divisions by (ISO alpha-2, code)."""
        return {(row[0], row[1]): row[2] for row in self._rows("SELECT iso2, code, name FROM place WHERE id < 0 AND kind = 'admin1'")}

    @property
    def iso2(self) -> Mapping[str, str]:
        """ISO 3166 alpha-2 codes with their countries in the codebook."""
        return self._country_of

    def close(self) -> None:
        """Close the index files."""
        for connection in (self._connection, *(extra for extra, _ in self._extra)):
            connection.close()

    # -- the work behind

    @cached_property
    def _stopwords(self) -> dict[str, str]:
        """Folded word -> "all" (not a place in running text) or "alternate" (only its main bearer is)."""
        return stopwords(self._schema_dir)

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
            regions = [self._region(row, name) for row in self._regions.get(key, ()) if country is None or row["country"] == country]
            # "Hong Kong" is a wider name of a country for some lists, "Palma" a district of Mozambique, but first of all a city
            large = bool(indexed) and indexed[0].official and indexed[0].population >= _CITY
            abroad = bool(regions) and all(r is None or r.country != indexed[0].country for r in regions if indexed)
            city_first = large and (abroad or (bool(named) and not named[0].official))
            ranked = (*indexed[:1], *named, *regions, *indexed) if city_first else (*named, *regions, *indexed)
            for place in filter(None, ranked):
                mine = found.get(place.gazetteer_id)
                if mine is None:
                    found[place.gazetteer_id] = place
                elif mine.origin != "gazetteer" and not mine.population:
                    # an event knows the place's point but not how large it is
                    found[place.gazetteer_id] = replace(mine, population=place.population, official=mine.official or place.official)
        return tuple(found.values())

    def _similar(self, name: str, country: str | None) -> tuple[Place, ...]:
        from rapidfuzz.fuzz import ratio

        sound = variants.plain(fold(name))
        codes = self._iso2_of.get(country, []) if country is not None else None
        if len(sound) < 4 or codes == []:
            return ()
        form = variants.number(sound)
        scored: dict[str, tuple[float, Place]] = {}
        where, values = within(codes)
        sql = f"SELECT {_COLUMNS}, s.form FROM sound s JOIN place p ON p.id = s.place WHERE s.key = ?{where}"
        for row in self._rows(sql, (variants.number(variants.bare(sound)), *values)):
            likeness = 1.0 if row[10] == form else ratio(sound, variants.plain(fold(row[1]))) / 100
            if country is None and (likeness < 1.0 or row[7] < _CITY):
                continue
            if likeness >= _ALIKE and (place := self._place(row, official=False, sought=False)) is not None:
                kept = scored.get(place.gazetteer_id)
                if kept is None or kept[0] < likeness:
                    scored[place.gazetteer_id] = (likeness, place)
        for mine in self._own_points:
            if country in (None, mine.country):
                own = variants.plain(fold(mine.name))
                likeness = ratio(sound, own) / 100 if variants.bare(own) == variants.bare(sound) else 0.0
                if likeness >= _ALIKE:
                    scored[mine.gazetteer_id] = (likeness + 1, replace(mine, official=False, matched=""))
        ranked = sorted(scored.values(), key=lambda pair: (-pair[0], -pair[1].population, pair[1].gazetteer_id))
        return tuple(place for _, place in ranked)

    def _region(self, row: dict[str, str], matched: str) -> Place | None:
        """A region that is no division ("Donbas"), a district or a town that the data lack: its own point, else that of the place it names."""
        if row["country"] not in self._iso2_of:
            return None
        seat = next(iter(self._indexed(fold(row["seat"]), row["country"], False, None)), None)
        if seat is None:
            return None
        own = row.get("latitude"), row.get("longitude")
        point = (float(own[0]), float(own[1])) if own[0] and own[1] else (seat.latitude, seat.longitude)
        admin1 = seat.admin1 if row["inside"] in ("yes", "town") else None
        kind = {"yes": "admin2", "town": "place"}.get(row["inside"], "region")
        return Place(region_id(row), row["name"], row["country"], admin1, None, *point, 0, kind, self.version, (), matched, True)

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
        short = short_division(key)
        division = short != key
        rows = self._named(key, codes)
        for alias, aliased, holder in division_aliases(self._schema_dir).get(short, ()):
            rows += [(*row[:10], 0, alias) for row in self._named(aliased, codes) if row[8] == "admin1" and self._country_of.get(row[2]) == holder]
        if division:
            rows += [row for row in self._named(short, codes) if row[8] == "admin1"]
        district = short_district(key)
        if district != key and not rows:
            rows += [row for row in self._named(district, codes) if row[8] == "admin2"]
        if strict and (stop == "alternate" or (len(key) <= _SHORT and key.isascii())):
            rows = [row for row in rows if row[10]]
        rows.sort(key=order(rows, asked_for_division=division))
        places: list[Place] = []
        seen: set[tuple[str, str | None, str]] = set()
        ids: set[str] = set()
        for row in rows:
            place = self._place(row, matched=row[11] or row[1], official=bool(row[10]))
            if place is None or (place.kind == "admin1" and (place.country, place.admin1, place.kind) in seen):
                continue
            if place.gazetteer_id in ids:
                continue
            ids.add(place.gazetteer_id)
            seen.add((place.country, place.admin1, place.kind))
            places.append(place)
        return places

    def _named(self, key: str, codes: list[str] | None) -> list[tuple[Any, ...]]:
        at = index.bit(key)
        if not self._extra and not self._filter[at >> 3] & 1 << (at & 7):
            return []
        rows = self._held(key)
        return list(rows) if codes is None else [row for row in rows if row[2] in codes]

    def _everywhere(self, key: str) -> tuple[tuple[Any, ...], ...]:
        """Rows of all countries: a name is asked for in one country after the other, the file once."""
        return tuple(self._rows(f"SELECT {_COLUMNS}, n.official, n.text FROM name n JOIN place p ON p.id = n.place WHERE n.key = ?", (key,)))

    def _place(self, row: tuple[Any, ...], matched: str = "", official: bool = True, sought: bool = True) -> Place | None:
        country = self._country_of.get(row[2])
        if country is None:
            return None
        key = f"geonames:{row[0]}" if row[0] > 0 else f"{row[8]}:{row[2]}.{row[9]}"
        version = row.version if isinstance(row, ImportedRow) else self.version
        return Place(
            key, row[1], country, row[3], row[4], row[5], row[6], row[7], row[8], version, (), (matched or row[1]) if sought else "", official
        )

    def _rows(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows; a file that turns out to be damaged is built anew once, and asked again."""
        values = tuple(values)
        try:
            found = self._connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError:
            if self._reopen is None:
                raise
            reopen, self._reopen = self._reopen, None
            self._connection.close()
            self._connection, self.path = reopen()
            found = self._connection.execute(sql, values).fetchall()
        for extra, version in self._extra:
            found += [ImportedRow(row, version) for row in extra.execute(sql, values)]
        return found
