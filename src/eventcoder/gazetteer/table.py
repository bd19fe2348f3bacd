"""A team's places from a CSV table: `places import`.

Columns: name, country, latitude, longitude (required); gazetteer_id, admin1, admin2, aliases (several separated by ` | `) may be there, also
under the names of the event columns (location). Coordinates are decimal degrees, WGS 84.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.countries import CountryNames, split_names
from eventcoder.errors import InputError
from eventcoder.gazetteer.place import Place, team_id
from eventcoder.problem import Problem
from eventcoder.text import clean

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.gazetteer.registry import Gazetteer

COLUMNS = ("name", "country", "latitude", "longitude")
_OTHER = ("gazetteer_id", "admin1", "admin2", "aliases")
_RENAMED = {"location": "name", "lat": "latitude", "lon": "longitude", "lng": "longitude"}


@dataclass(frozen=True, slots=True)
class _Box:
    """The rectangle of degrees around a country; `west` > `east` where it crosses the antimeridian."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, latitude: float, longitude: float) -> bool:
        across = self.west <= longitude <= self.east if self.west <= self.east else longitude >= self.west or longitude <= self.east
        return self.south <= latitude <= self.north and across


def read_places_csv(path: Path, codebook: Codebook, gazetteer: Gazetteer | None = None) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The places of a CSV file, as bodies of ledger entries, and what is wrong with its rows; a row with an error gives no place.

    With a `gazetteer` a point among the places of another country is refused too, where the country's box cannot tell.

    Raises `InputError` when the file cannot be read at all: missing, empty, not UTF-8, or without the required columns.
    """
    rows = _rows(path)
    names = CountryNames(codebook)
    places: dict[str, Place] = {}
    problems: list[Problem] = []
    for line, row in rows:
        where = f"{path.name}, line {line}"
        place, found = _place(row, codebook, names, where)
        if place is not None and gazetteer is not None and (strayed := _strayed(place, gazetteer, where)) is not None:
            place, found = None, [*found, strayed]
        if place is not None and place.gazetteer_id in places:
            message = f"'{place.name}' in {place.country} stands here twice; the later row was left out."
            found.append(Problem("place-twice", message, "warning", where=where))
        elif place is not None:
            places[place.gazetteer_id] = place
        problems.extend(found)
    return [place.body for place in places.values()], problems


def place_body(raw: Mapping[str, Any], codebook: Codebook) -> tuple[dict[str, Any], list[Problem]]:
    """One place that a coder typed (name, country, latitude, longitude, admin1, admin2, aliases as a list), as the body of a ledger entry."""
    row = {key: " | ".join(value) if isinstance(value, list) else "" if value is None else str(value) for key, value in raw.items()}
    place, problems = _place(row, codebook, CountryNames(codebook), "")
    return (place.body if place is not None else {}), [replace(problem, where=None) for problem in problems]


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}).", "Save it as CSV UTF-8.") from None
    if "\x00" in text:
        raise InputError(f"{path} is not a CSV file: it contains NUL bytes.", "Save the table as CSV UTF-8.")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        header = [_RENAMED.get(name.strip().casefold(), name.strip().casefold()) for name in next(reader)]
    except StopIteration:
        raise InputError(f"{path} is empty.", f"It needs a line with the columns {', '.join(COLUMNS)}.") from None
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise InputError(f"{path} has no column {', '.join(missing)}.", f"Columns: {', '.join((*COLUMNS, *_OTHER))}.")
    rows = []
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows.append((reader.line_num, {name: cells[at].strip() if at < len(cells) else "" for at, name in enumerate(header)}))
    return rows


def _place(row: Mapping[str, str], codebook: Codebook, names: CountryNames, where: str) -> tuple[Place | None, list[Problem]]:
    problems: list[Problem] = []

    def wrong(code: str, field: str, message: str, severity: str = "error") -> None:
        problems.append(Problem(code, message, "warning" if severity == "warning" else "error", field=field, value=row.get(field), where=where))

    name = clean(row["name"])
    if not name:
        wrong("missing-required", "name", "The place has no name.")
    country = row["country"]
    if country not in codebook.lists["countries"].codes:
        known = names.country(country) if country else None
        if known is None:
            wrong("unknown-country", "country", f"'{country}' is not a country of the codebook. Write its name as in 'codebook show countries'.")
        country = known or ""
    latitude, longitude = (_degrees(row[field], limit) for field, limit in (("latitude", 90), ("longitude", 180)))
    for field, value, limit in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        if isinstance(value, str):
            wrong(value, field, f"{field} '{row[field]}' must be a number of degrees from -{limit} to {limit}, such as -3.743.")
    if country and isinstance(latitude, float) and isinstance(longitude, float):
        box = _box(codebook, country)
        if box is not None and not box.holds(latitude, longitude):
            if box.holds(longitude, latitude):
                wrong("coordinates-swapped", "latitude", f"{latitude}, {longitude} is not in {country}, but {longitude}, {latitude} is: swap them.")
            else:
                wrong("place-outside-country", "latitude", f"{latitude}, {longitude} is not in {country}. Check the point or the country.")
    if any(problem.severity == "error" for problem in problems) or isinstance(latitude, str) or isinstance(longitude, str):
        return None, problems
    key = row.get("gazetteer_id") or team_id(name, country)
    aliases = tuple(clean(alias) for alias in split_names(row.get("aliases")))
    admin1, admin2 = clean(row.get("admin1", "")) or None, clean(row.get("admin2", "")) or None
    return Place(key, name, country, admin1, admin2, latitude, longitude, version="team", aliases=aliases, origin="team"), problems


def _strayed(place: Place, gazetteer: Gazetteer, where: str) -> Problem | None:
    """The problem of a point that lies among the places of another country."""
    if place.point is None or gazetteer.lies_in(place.country, *place.point) is not False:
        return None
    other = gazetteer.nearest(*place.point, own=False)[0][0]
    message = f"{place.latitude}, {place.longitude} lies at {other.name} in {other.country}, not in {place.country}. Check the point or the country."
    return Problem("place-outside-country", message, "error", field="latitude", value=str(place.latitude), where=where)


def _degrees(text: str, limit: int) -> float | str:
    """The number, rounded to 4 decimals, or the code of the problem."""
    try:
        value = float(text)
    except ValueError:
        return "not-a-number" if text else "missing-required"
    return round(value, 4) if math.isfinite(value) and abs(value) <= limit else "out-of-range"


def _box(codebook: Codebook, country: str) -> _Box | None:
    row = codebook.lists["countries"].get(country) or {}
    edges = [row.get(name) for name in ("lat_min", "lat_max", "lon_min", "lon_max")]
    return _Box(*(float(edge) for edge in edges if edge)) if all(edges) else None
