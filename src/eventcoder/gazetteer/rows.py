"""How rows of the index are ordered, and the registers beside it: stop words, other names of divisions, regions that are no divisions. Floor 2."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from eventcoder.countries import read_register, split_names
from eventcoder.gazetteer.divisions import short_division
from eventcoder.gazetteer.place import EARTH_RADIUS_KM
from eventcoder.names import fold

MAIN_NAME_BONUS = 2.0


class ImportedRow(tuple[Any, ...]):
    """A row of an imported index, which says where it is from."""

    version: str

    def __new__(cls, row: Iterable[Any], version: str) -> ImportedRow:
        made = super().__new__(cls, row)
        made.version = version
        return made


def order(rows: Sequence[tuple[Any, ...]], *, asked_for_division: bool) -> Callable[[tuple[Any, ...]], tuple[float, int]]:
    """The sort key of the ranking described above; ties go to the lower id, so that the order never depends on the file."""
    weights = {}
    for row in rows:
        weights[row[0]] = math.log10(row[7] + 10) + (MAIN_NAME_BONUS if row[10] else 0.0)
    for row in rows:
        if row[8] not in ("admin1", "admin2"):
            continue
        if row[8] == "admin2" and any(other[8] != "admin2" and other[2] == row[2] for other in rows):
            weights[row[0]] = min(weights[row[0]], 1.0)  # the town, or the province, of that name says more
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


def box_query(columns: str, latitude: float, longitude: float, radius: float) -> tuple[str, tuple[float, ...]]:
    """The question for places in the smallest box of degrees around a circle of `radius` km; all longitudes near a pole."""
    reach = math.degrees(radius / EARTH_RADIUS_KM) * 1.001
    low, high = latitude - reach, latitude + reach
    base = f"SELECT {columns} FROM place p WHERE p.kind = 'place' AND p.latitude BETWEEN ? AND ?"
    if low <= -90 or high >= 90:
        return base, (low, high)
    sine = math.sin(math.radians(reach)) / math.cos(math.radians(latitude))
    width = math.degrees(math.asin(sine)) * 1.001 if sine < 1 else 180.0
    if width >= 180:
        return base, (low, high)
    west, east = longitude - width, longitude + width
    if west < -180 or east > 180:  # the box crosses the antimeridian
        west, east = (west + 540) % 360 - 180, (east + 540) % 360 - 180
        return f"{base} AND (p.longitude >= ? OR p.longitude <= ?)", (low, high, west, east)
    return f"{base} AND p.longitude BETWEEN ? AND ?", (low, high, west, east)


def within(codes: list[str] | None) -> tuple[str, list[str]]:
    return ("", []) if codes is None else (f" AND p.iso2 IN ({','.join('?' * len(codes))})", codes)


@lru_cache(maxsize=8)
def stopwords(schema_dir: Path | None) -> dict[str, str]:
    return {fold(row["word"]): row["scope"] for row in read_register(schema_dir, "place_stopwords.csv", "lexicon")}


@lru_cache(maxsize=8)
def division_aliases(schema_dir: Path | None) -> dict[str, list[tuple[str, str, str]]]:
    """Folded other name of a first-level division -> (name as written, folded name in the index, country)."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in read_register(schema_dir, "division_names.csv"):
        for alias in split_names(row["aliases"]):
            found.setdefault(short_division(fold(alias)), []).append((alias, short_division(fold(row["name"])), row["country"]))
    return found


def region_id(row: dict[str, str]) -> str:
    return "region:" + "-".join(fold(f"{row['country']} {row['name']}").split())


@lru_cache(maxsize=8)
def regions(schema_dir: Path | None) -> dict[str, list[dict[str, str]]]:
    """Folded name of a region that is no division of the gazetteer -> its rows of `place_regions.csv`."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in read_register(schema_dir, "place_regions.csv", "lexicon"):
        for name in (row["name"], *split_names(row["aliases"])):
            found.setdefault(fold(name), []).append(row)
    return found
