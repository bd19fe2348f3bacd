"""The outlines of countries that lie in the package, as polygons in degrees. Floor 5.

TopoJSON stores each border once, as differences of whole numbers; here they are put together again. Source and licence: `outlines/README.md`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

Ring = list[tuple[float, float]]
Box = tuple[float, float, float, float]  # west, south, east, north
WORLD: Box = (-180.0, -60.0, 180.0, 84.0)
_FOLDER = Path(__file__).parent / "outlines"


@cache
def countries(fine: bool) -> tuple[tuple[Box, tuple[tuple[Ring, ...], ...]], ...]:
    """Every country as (box around it, its polygons), a polygon being its outer ring and its holes; longitude comes first in a point."""
    topology = json.loads((_FOLDER / f"countries-{'50m' if fine else '110m'}.json").read_text("utf-8"))
    arcs = [_degrees(arc, topology["transform"]) for arc in topology["arcs"]]
    found = []
    for one in topology["objects"]["countries"]["geometries"]:
        raw = one.get("arcs") or []
        polygons = tuple(tuple(_ring(arcs, ring) for ring in polygon) for polygon in (raw if one.get("type") == "MultiPolygon" else [raw]) if polygon)
        if polygons:
            found.append((_box(polygons), polygons))
    return tuple(found)


def features(box: Box, *, fine: bool) -> list[dict[str, Any]]:
    """The polygons that reach into the box, as GeoJSON features."""
    kept: list[list[list[list[float]]]] = []
    for around, polygons in countries(fine):
        if _meets(around, box):
            kept += [[[[x, y] for x, y in ring] for ring in polygon] for polygon in polygons if _meets(_box((polygon,)), box)]
    return [{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": polygon}} for polygon in kept]


def _degrees(arc: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    x = y = 0
    out = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        out.append((round(x * sx + tx, 3), round(y * sy + ty, 3)))
    return out


def _ring(arcs: list[Ring], numbers: list[int]) -> Ring:
    """Arcs end to end; a number below 0 is the complement of one that runs backwards. A point that two arcs share stands once."""
    out: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        out += arc[1:] if out else arc
    return out


def _box(polygons: tuple[tuple[Ring, ...], ...]) -> Box:
    xs = [x for polygon in polygons for x, _ in polygon[0]]
    ys = [y for polygon in polygons for _, y in polygon[0]]
    return min(xs), min(ys), max(xs), max(ys)


def _meets(a: Box, b: Box) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]
