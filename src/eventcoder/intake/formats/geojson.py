"""GeoJSON -> a sheet: the properties of Point features are the columns, with `longitude` and `latitude` from the geometry. Floor 5.

A feature of another geometry has no one place and is a fault. A feature without geometry (GeoJSON allows it for what is not located) is a row
without coordinates. Properties that name other coordinates than the geometry are a fault: nobody can tell which are right.
"""

from __future__ import annotations

import re
from typing import Any

from eventcoder.errors import InputError
from eventcoder.intake.formats.jsondocument import Document, JsonSheet
from eventcoder.intake.formats.jsonvalue import Columns, misfit, raw_of, shown
from eventcoder.intake.formats.origin import Origin
from eventcoder.intake.formats.sheet import RAW, Fault
from eventcoder.problem import Problem

_CLOSE = 0.0001  # degrees: coordinates are stored with 4 decimals
_AXES = ("longitude", "latitude")  # in the order of GeoJSON
_WGS84 = re.compile(r"CRS84|EPSG:.*\b4326", re.IGNORECASE)


class GeoJsonSheet(JsonSheet):
    """Features of one collection."""

    format = "geojson"
    counted = "feature"

    def __init__(self, origin: Origin, document: Document, notes: list[Problem]) -> None:
        crs = document.members.get("crs")
        if crs is not None and not _WGS84.search(shown(crs)):
            said = f"{origin.name} has coordinates in another system than longitude and latitude of WGS 84: {shown(crs)[:120]}."
            raise InputError(said, "Export it in WGS 84 (EPSG:4326).")
        self._n_ids = 0
        super().__init__(origin, document, notes)
        if self._n_ids:
            said = f"{self.name}: the ids of {self._n_ids:,} features stand outside their properties and are not read."
            self.notes.append(Problem("feature-ids", said, "warning", where=self.name))

    def _row(self, item: Any) -> Any:
        if not isinstance(item, dict):
            return None
        self._n_ids += item.get("id") is not None
        return item.get("properties") or {}

    def _read(self, columns: Columns) -> tuple[str, ...]:
        named = {key.strip().lower(): key for key in columns.keys}
        self._axes = tuple(named.get(axis, axis) for axis in _AXES)
        columns.add(self._axes)
        return columns.read()

    def _cells(self, line: int, item: Any) -> list[Any] | Fault:
        if not isinstance(item, dict) or item.get("type") != "Feature" or not isinstance(item.get("properties") or {}, dict):
            return self._fault("not-an-object", line, "the item is not a feature with properties.", {RAW: shown(item)})
        row = item.get("properties") or {}
        if (why := misfit(row)) is not None:
            return self._misfit(line, row, why)
        geometry = item.get("geometry")
        if geometry is not None:
            point = _point(geometry)
            if point is None:
                kind = geometry.get("type") if isinstance(geometry, dict) else None
                said = f"its geometry is {kind or 'none that is known'}, and an event has one point."
                return self._fault("not-a-point", line, f"{said} Give the point that stands for it.", {**raw_of(row), RAW: shown(geometry)[:1000]})
            row = dict(row)
            for key, axis, degrees in zip(self._axes, _AXES, point, strict=True):
                given = row.get(key)
                if given is None or given == "":
                    row[key] = degrees
                elif not _agree(given, degrees):
                    said = f"its properties give {axis} {given}, its geometry {degrees}. Correct one of them."
                    return self._fault("coordinates-differ", line, said, {**raw_of(row), RAW: shown(geometry)}, column=key, value=given)
        return list(map(row.get, self._keys))


def _point(geometry: Any) -> tuple[float, float] | None:
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None
    place = geometry.get("coordinates")
    if not isinstance(place, list) or len(place) not in (2, 3) or any(type(degrees) not in (int, float) for degrees in place):
        return None
    return place[0], place[1]


def _agree(said: Any, degrees: float) -> bool:
    try:
        return abs(float(said) - degrees) <= _CLOSE
    except (TypeError, ValueError):
        return False
