"""All places at once, as arrays: what checks over many rows need where `Gazetteer` answers one question at a time. Floor 2.

Distances are great-circle kilometres. Trees are built over points on the unit sphere, so that neither the poles nor the 180th meridian are
special; they are built when they are first asked for, and kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.gazetteer import open_gazetteer
from eventcoder.gazetteer.divisions import short_division
from eventcoder.gazetteer.index import Progress, open_file
from eventcoder.gazetteer.place import EARTH_RADIUS_KM, Place
from eventcoder.gazetteer.registry import Gazetteer
from eventcoder.gazetteer.rows import division_aliases
from eventcoder.names import fold

if TYPE_CHECKING:
    import numpy as np

    from eventcoder.codebook import Codebook

_KEYS = 20_000  # names looked up in one question
_PLACES = "SELECT id, name, iso2, admin1, latitude, longitude, population FROM place WHERE kind = 'place' AND latitude IS NOT NULL ORDER BY id"
_BEARERS = "SELECT n.key, n.place FROM json_each(?) AS j JOIN name AS n ON n.key = j.value"
_ARTICLES = frozenset({"al", "an", "ar", "as", "ash", "at", "ad", "adh", "az", "el", "le", "la"})


class Atlas:
    """The populated places of a gazetteer. All arrays run in parallel; a place's number is its position in them.

    `latitude`, `longitude` in degrees; `population` in people; `country` numbers `countries`, the codes of the codebook (-1: none of them);
    `division` numbers the first-level divisions, told apart by country and folded name without the words for its kind (-1: not known).
    """

    def __init__(self, gazetteer: Gazetteer, codebook: Codebook, team: Sequence[Place] = (), schema_dir: Path | None = None) -> None:
        import numpy as np

        self.version = gazetteer.version
        self._gazetteer = gazetteer
        self.countries: list[str] = list(codebook.lists["countries"].codes)
        self._number_of = {code: n for n, code in enumerate(self.countries)}
        base = _base(str(gazetteer.path))
        known = set(base.ids)
        extra = [row for connection, _ in gazetteer._extra for row in connection.execute(_PLACES) if row[0] not in known]
        own = [place for place in team if place.point is not None and place.kind == "place" and place.country in self._number_of]
        self.names: list[str] = [*base.names, *(row[1] for row in extra), *(place.name for place in own)]
        self.admin1: list[str | None] = [*base.admin1, *(row[3] for row in extra), *(place.admin1 for place in own)]
        number_of = {iso2: self._number_of.get(code, -1) for iso2, code in gazetteer._country_of.items()}
        homes = np.array([number_of.get(iso2, -1) for iso2 in base.countries], np.int32)
        added = [number_of.get(row[2], -1) for row in extra] + [self._number_of[place.country] for place in own]
        self.country = np.concatenate((homes[base.country], np.array(added, np.int32)))
        points = [(row[4], row[5], row[6]) for row in extra] + [(*place.point, 0) for place in own if place.point]
        more = np.array(points, np.float64).reshape(-1, 3)
        self.latitude = np.concatenate((base.latitude, more[:, 0]))
        self.longitude = np.concatenate((base.longitude, more[:, 1]))
        self.population = np.concatenate((base.population, more[:, 2].astype(np.int64)))
        self._row_of = {**base.rows, **{row[0]: n for n, row in enumerate(extra, len(base.ids))}} if extra else base.rows
        first = len(self._row_of)
        self._team = {place.gazetteer_id: first + n for n, place in enumerate(own)}
        self._team_names: dict[str, list[int]] = {}
        for n, place in enumerate(own, first):
            for key in {fold(name) for name in (place.name, *place.aliases)}:
                self._team_names.setdefault(key, []).append(n)
        self._aliases = division_aliases(schema_dir)
        shared = _shared(str(gazetteer.path), tuple(homes.tolist()))
        self._divisions, self._division_names = dict(shared.divisions), list(shared.names)
        later = zip(self.country[len(base.ids) :].tolist(), self.admin1[len(base.ids) :], strict=True)
        self.division = np.concatenate((shared.numbers[base.pair], np.array([self._division_number(*pair) for pair in later], np.int32)))
        self._trees: dict[tuple[int | None, int | None], tuple[Any, Any]] = {} if extra or own else shared.trees

    def country_number(self, country: str | None) -> int:
        """The number of a country of the codebook, -1 for what is none."""
        return self._number_of.get(country or "", -1)

    def division_of(self, country: int, name: str | None) -> int:
        """The number of the first-level division that `name` means in a country (by number); -1 where the gazetteer knows none of that name."""
        if not name:
            return -1
        key = short_division(fold(name))
        for form in (key, _without_article(key)):
            if (number := self._divisions.get((country, form), -1)) >= 0:
                return number
        for _, aliased, holder in self._aliases.get(key, ()):
            if self._number_of.get(holder) == country and (number := self._divisions.get((country, aliased), -1)) >= 0:
                return number
        return -1

    def row(self, gazetteer_id: str) -> int:
        """The number of the place with this id, -1 where the atlas has none: another gazetteer's, or a division."""
        prefix, _, number = gazetteer_id.partition(":")
        if prefix == "geonames" and number.isdecimal() and len(number) < 16:
            return self._row_of.get(int(number), -1)
        return self._team.get(gazetteer_id, -1)

    def named(self, names: Iterable[str]) -> dict[str, list[int]]:
        """Folded name -> numbers of the places that bear it, in any country and as any of their names; names that nobody bears are left out."""
        keys = sorted({fold(name) for name in names} - {""})
        found: dict[str, list[int]] = {}
        for start in range(0, len(keys), _KEYS):
            part = json.dumps(keys[start : start + _KEYS], ensure_ascii=False)
            for key, place in self._gazetteer._rows(_BEARERS, (part,)):
                if (row := self._row_of.get(place, -1)) >= 0:
                    found.setdefault(key, []).append(row)
        for key in keys:
            if key in self._team_names:
                found.setdefault(key, []).extend(self._team_names[key])
        return found

    def nearest(
        self, latitude: Any, longitude: Any, limit: int, country: int | None = None, division: int | None = None
    ) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """For each point the distances (km) and numbers of the `limit` nearest places, of one country or one of its divisions if given.

        Two arrays of shape (points, limit); where there are fewer places the distance is infinite and the number -1.
        """
        import numpy as np

        tree, members = self._tree(country, division)
        if not len(members):
            return np.full((len(latitude), limit), np.inf), np.full((len(latitude), limit), -1)
        chords, at = tree.query(_sphere(latitude, longitude), k=list(range(1, limit + 1)))
        there = np.isfinite(chords)
        km = np.where(there, 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(np.where(there, chords, 0) / 2, 0, 1)), np.inf)
        return km, np.where(there, members[np.where(there, at, 0)], -1)

    def _tree(self, country: int | None, division: int | None) -> tuple[Any, Any]:
        import numpy as np
        from scipy.spatial import cKDTree

        key = (country, division)
        if key not in self._trees:
            if division is not None:
                members = np.flatnonzero(self.division == division)
            elif country is not None:
                members = np.flatnonzero(self.country == country)
            else:
                members = np.flatnonzero(self.country >= 0)
            points = _sphere(self.latitude[members], self.longitude[members])
            self._trees[key] = (cKDTree(points) if len(members) else None, members)
        return self._trees[key]

    def _division_number(self, country: int, name: str | None) -> int:
        return _numbered(self._divisions, self._division_names, country, name)


def kilometres(latitude_1: Any, longitude_1: Any, latitude_2: Any, longitude_2: Any) -> Any:
    """Great-circle distances between points in degrees, element by element."""
    import numpy as np

    a, b = np.radians(latitude_1), np.radians(latitude_2)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(np.asarray(longitude_2) - longitude_1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def _sphere(latitude: Any, longitude: Any) -> Any:
    import numpy as np

    phi, theta = np.radians(np.asarray(latitude, np.float64)), np.radians(np.asarray(longitude, np.float64))
    return np.column_stack((np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)))


def _numbered(divisions: dict[tuple[int, str], int], names: list[str], country: int, name: str | None) -> int:
    """The number of a division, the next one for a new division; -1 without a name."""
    if not name:
        return -1
    key = short_division(fold(name))
    number = divisions.get((country, key))
    if number is None:
        number = divisions[country, key] = len(names)
        names.append(key)
        divisions.setdefault((country, _without_article(key)), number)
    return number


def _without_article(key: str) -> str:
    first, _, rest = key.partition(" ")
    return rest if rest and first in _ARTICLES else key


@dataclass(frozen=True, slots=True)
class _Base:
    """The places of one index file: the same for every codebook and team. `country` numbers `countries` (ISO alpha-2), `pair` numbers `pairs`."""

    ids: list[int]
    rows: dict[int, int]  # id -> number
    names: list[str]
    admin1: list[str | None]
    countries: list[str]
    country: Any
    pairs: list[tuple[str, str | None]]
    pair: Any
    latitude: Any
    longitude: Any
    population: Any


@lru_cache(maxsize=1)
def _base(path: str) -> _Base:
    """Read once a process: a quarter of a million rows."""
    import numpy as np

    connection = open_file(Path(path))
    if connection is None:
        raise OSError(f"{path} is not a whole index of places")
    with closing(connection):
        ids, names, iso2, admin1, latitude, longitude, population = map(list, zip(*connection.execute(_PLACES), strict=True))
    countries: dict[str, int] = {}
    country = np.array([countries.setdefault(code, len(countries)) for code in iso2], np.int32)
    pairs: dict[tuple[str, str | None], int] = {}
    pair = np.array([pairs.setdefault(both, len(pairs)) for both in zip(iso2, admin1, strict=True)], np.int32)
    points = (np.array(latitude, np.float64), np.array(longitude, np.float64))
    rows = {key: n for n, key in enumerate(ids)}
    return _Base(ids, rows, names, admin1, list(countries), country, list(pairs), pair, *points, np.array(population, np.int64))


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all atlases of one index file and one list of countries have alike: the numbers of divisions, and trees over the file's places alone."""

    numbers: Any
    divisions: dict[tuple[int, str], int]
    names: list[str]
    trees: dict[tuple[int | None, int | None], tuple[Any, Any]]


@lru_cache(maxsize=1)
def _shared(path: str, homes: tuple[int, ...]) -> _Shared:
    """Made once a process: a check of several projects or releases opens several. `homes` numbers the file's countries as the codebook does."""
    import numpy as np

    base = _base(path)
    home_of = dict(zip(base.countries, homes, strict=True))
    divisions: dict[tuple[int, str], int] = {}
    names: list[str] = []
    numbers = np.array([_numbered(divisions, names, home_of[iso2], name) for iso2, name in base.pairs], np.int32)
    return _Shared(numbers, divisions, names, {})


def open_atlas(
    codebook: Codebook,
    *,
    team: Sequence[Place] = (),
    schema_dir: Path | None = None,
    extra_dir: Path | None = None,
    progress: Progress | None = None,
) -> Atlas:
    """The atlas of the installed gazetteer, with a project's own places and imported files if given; kept for the next call without them.
    `progress` is called with a line of text where the index has to be built first.

    Raises `MissingPart` without the data packages, `OSError` when the index can be written nowhere.
    """
    if not team and extra_dir is None and schema_dir is None:
        return _packaged(_Key(codebook))
    return Atlas(open_gazetteer(codebook, team=team, schema_dir=schema_dir, extra_dir=extra_dir, progress=progress), codebook, team, schema_dir)


class _Key:
    """A codebook as a key of the cache: two with the same files are one."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.codebook.hash == self.codebook.hash

    def __hash__(self) -> int:
        return hash(self.codebook.hash)


@lru_cache(maxsize=1)
def _packaged(key: _Key) -> Atlas:
    return Atlas(open_gazetteer(key.codebook), key.codebook)
