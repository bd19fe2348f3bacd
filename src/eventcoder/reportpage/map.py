"""Figures -> the map: the world's outlines, or those around the events where they lie closer together. Floor 5.

A dot is a place, or a cluster of places where there are too many; its area says how many events. Dots that stand for a wider area than a town are
hollow: nobody knows that the event was there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from eventcoder.reportpage.borders import WORLD, Box, features
from eventcoder.reportpage.drawing import INK, LOOK, altair, drawn
from eventcoder.reportpage.questions import Figures, Spot
from eventcoder.validation.reports.harmless import harmless

WIDTH = 860
MOST_HIGH = 620
NAMED = 8  # places whose names stand on the map of a small area
NEAR = 60.0  # degrees: a narrower view is drawn on Mercator's projection with the fine outlines
LEAST = 3.0  # degrees of latitude that a view shows at least
LARGEST = 900.0  # square pixels of the largest dot
SEA, LAND, BORDER, DOT = "#f2f6f9", "#e4e1d8", "#a39e90", "#0072B2"


def world_map(found: Figures) -> str:
    """The map, empty where no event has coordinates."""
    if not found.spots:
        return ""
    alt = altair()
    box = view(found.spots)
    near = box is not WORLD
    width, height, projection = (
        _mercator(box) if near else (WIDTH, 430, {"type": "naturalEarth1", "scale": 163, "center": [0, 14], "translate": [430, 215]})
    )
    data = {"land": features(_grown(box), fine=near)}
    layers = [alt.Chart(alt.NamedData(name="land")).mark_geoshape(fill=LAND, stroke=BORDER, strokeWidth=0.6, aria=False)]
    top = max(s.events for s in found.spots)
    size = alt.Size(
        "n:Q",
        scale=alt.Scale(
            type="sqrt" if found.clustered else "linear", domain=[0, top], range=[6 if found.clustered else 14, min(LARGEST, 110.0 * top)]
        ),
        legend=None,
    )
    spots = [{"x": round(s.longitude, 4), "y": round(s.latitude, 4), "n": s.events, "said": _said(s, found.clustered > 0)} for s in found.spots]
    hollow = [not found.clustered and s.exact == 0 for s in found.spots]
    for name, wanted, look in (
        ("full", False, {"fill": DOT, "fillOpacity": 0.55, "stroke": "#ffffff", "strokeWidth": 0.7}),
        ("hollow", True, {"fillOpacity": 0, "stroke": INK, "strokeWidth": 1.3}),
    ):
        rows = [spot for spot, open_ in zip(spots, hollow, strict=True) if open_ is wanted]
        if rows:
            data[name] = rows
            layers.append(
                alt.Chart(alt.NamedData(name=name))
                .mark_point(shape="circle", filled=False, **look)
                .encode(longitude="x:Q", latitude="y:Q", size=size, description="said:N")
            )
    data["names"] = [{"x": s.longitude, "y": s.latitude, "name": harmless(s.name)} for s in _named(found.spots, box)] if near else []
    if data["names"]:
        layers.append(
            alt.Chart(alt.NamedData(name="names"))
            .mark_text(dy=-13, fontSize=13, fill=INK, aria=False, limit=180)
            .encode(longitude="x:Q", latitude="y:Q", text="name:N")
        )
    chart = alt.layer(*layers, width=width, height=height, background=SEA).project(**projection).configure(**LOOK | {"background": SEA, "padding": 0})
    return drawn(chart, "map", spoken(found), "map", **data)


def _named(spots: Sequence[Spot], box: Box) -> list[Spot]:
    """The largest spots that have room for a name: what tells a reader of a small area where he is."""
    west, south, east, north = box
    kept: list[Spot] = []
    for spot in spots:
        apart = all(abs(spot.longitude - k.longitude) > (east - west) / 7 or abs(spot.latitude - k.latitude) > (north - south) / 16 for k in kept)
        if spot.name and apart:
            kept.append(spot)
        if len(kept) == NAMED:
            break
    return kept


def spoken(found: Figures) -> str:
    """What the map shows, for somebody who does not see it."""
    placed = found.total.events - found.unplaced
    what = f"{len(found.spots):,} clusters of places" if found.clustered else f"{len(found.spots):,} place{'' if len(found.spots) == 1 else 's'}"
    most = ", ".join(f"{s.name or 'unnamed'} ({s.events:,})" for s in found.spots[:3])
    leading = f"; most of them at {most}" if found.spots[0].events > 1 else ""
    return harmless(f"Map of {placed:,} event{'' if placed == 1 else 's'} at {what}{leading}.")


def view(spots: Sequence[Spot]) -> Box:
    """What part of the world the map shows: the world, or a box around the spots with some room."""
    west, east = min(s.longitude for s in spots), max(s.longitude for s in spots)
    south, north = min(s.latitude for s in spots), max(s.latitude for s in spots)
    if east - west > NEAR or north - south > NEAR or max(abs(south), abs(north)) > 78:
        return WORLD
    room = max(LEAST, (north - south) * 0.25, (east - west) * 0.12)
    return max(-180.0, west - room), max(-80.0, south - room), min(180.0, east + room), min(82.0, north + room)


def _mercator(box: Box) -> tuple[int, int, dict[str, Any]]:
    """Width, height and projection of a view; a tall box is widened, so that the page keeps its shape."""
    west, south, east, north = box
    high = _stretched(north) - _stretched(south)
    wide = math.radians(east - west)
    scale = min(WIDTH / wide, MOST_HIGH / high)
    height = max(320, round(high * scale))
    middle = math.degrees(2 * math.atan(math.exp((_stretched(north) + _stretched(south)) / 2)) - math.pi / 2)
    where = {
        "type": "mercator",
        "scale": round(scale, 3),
        "center": [round((west + east) / 2, 4), round(middle, 4)],
        "translate": [WIDTH / 2, height / 2],
    }
    return WIDTH, height, where


def _stretched(latitude: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))


def _grown(box: Box) -> Box:
    """The box with what else may come into a picture that is wider or higher than it."""
    west, south, east, north = box
    side = max(east - west, north - south)
    return west - side, south - side / 2, east + side, north + side / 2


def _said(spot: Spot, cluster: bool) -> str:
    name = harmless(spot.name) or "unnamed place"
    many = f"{spot.events:,} event{'' if spot.events == 1 else 's'}"
    if cluster:
        return f"around {name}: {many}"
    return f"{name}: {many}" + ("" if spot.exact == spot.events else f", {spot.events - spot.exact:,} of them only known to be near or in the region")
