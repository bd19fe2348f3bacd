"""Distinct points, countries, divisions and names against the places of the gazetteer, without a loop over rows. Floor 4.

Every judgement rests on several places: the nearest ones all elsewhere, the country's own or the named one far away. What the places cannot
tell (open sea, desert, borders, areas that two states claim, names that nobody lists) is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.countries import read_register, split_names
from eventcoder.gazetteer.atlas import Atlas, kilometres
from eventcoder.gazetteer.divisions import short_division
from eventcoder.names import fold

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.problem import Severity

Spot = tuple[float, float, str, str | None, str | None, int | None, str | None]  # latitude, longitude, country, admin1, location, precision, id
_DIGITS = (1.0, 2.0, 3.0, 5.0, 10.0)  # degrees by which one mistyped figure moves a point


@dataclass(frozen=True, slots=True)
class Found:
    """A problem of all rows that have spot number `spot`."""

    spot: int
    code: str
    severity: Severity
    field: str
    value: Any
    message: str


@dataclass(slots=True)
class Measured:
    """What the gazetteer says of the spots, as parallel arrays: the nearest places of all (km, number) and those of the spot's own country."""

    latitude: Any
    longitude: Any
    country: Any
    division: Any
    precision: Any
    inside: Any
    near_km: Any
    near: Any
    own_km: Any
    own: Any
    settled: set[int] = field(default_factory=set)


def thresholds(schema_dir: Path | None) -> dict[str, float]:
    """`schema/registers/place_checks.csv`: name -> value."""
    return {row["name"]: float(row["value"]) for row in read_register(schema_dir, "place_checks.csv")}


def judged(spots: Sequence[Spot], atlas: Atlas, codebook: Codebook, limits: Mapping[str, float], schema_dir: Path | None = None) -> Iterator[Found]:
    """Every problem of these spots, each of which stands for all rows that have the same values."""
    if not spots:
        return
    seen = _measure(spots, atlas, codebook, int(limits["neighbours"]))
    bearers = _bearers(spots, atlas, seen)
    yield from _mistyped(spots, atlas, seen, bearers, limits)
    yield from _outside(spots, atlas, seen, limits, _areas(schema_dir))
    yield from _identities(spots, atlas, seen, limits)
    yield from _divisions(spots, atlas, seen, limits)
    yield from _elsewhere(spots, atlas, seen, bearers, limits)
    yield from _regions(spots, seen, bearers, codebook, limits)


def _measure(spots: Sequence[Spot], atlas: Atlas, codebook: Codebook, k: int) -> Measured:
    import numpy as np

    latitude, longitude = (np.array([spot[i] for spot in spots], np.float64) for i in (0, 1))
    country = np.array([atlas.country_number(spot[2]) for spot in spots], np.int32)
    known: dict[tuple[int, str | None], int] = {}
    division = np.empty(len(spots), np.int32)
    for n, spot in enumerate(spots):
        key = (int(country[n]), spot[3])
        if key not in known:
            known[key] = atlas.division_of(*key)
        division[n] = known[key]
    precision = np.array([spot[5] or 0 for spot in spots], np.int32)
    # many rows differ in name or division alone: each point is looked for once
    _, first, back = np.unique(np.column_stack((latitude, longitude, country)), axis=0, return_index=True, return_inverse=True)
    back = back.reshape(-1)
    lat, lon, home = latitude[first], longitude[first], country[first]
    near_km, near = atlas.nearest(lat, lon, k)
    own_km, own = np.full((len(first), k), np.inf), np.full((len(first), k), -1)
    for number in np.unique(home):
        at = np.flatnonzero(home == number)
        if number >= 0:
            own_km[at], own[at] = atlas.nearest(lat[at], lon[at], k, int(number))
    inside = _in_boxes(codebook, atlas, latitude, longitude, country)
    return Measured(latitude, longitude, country, division, precision, inside, near_km[back], near[back], own_km[back], own[back])


def _in_boxes(codebook: Codebook, atlas: Atlas, latitude: Any, longitude: Any, country: Any) -> Any:
    """Whether a point lies in the box of its country: those outside are told by the codebook's own rules."""
    import numpy as np

    listed = codebook.lists["countries"]
    inside = np.zeros(len(latitude), bool)
    for number in np.unique(country):
        if number < 0:
            continue
        edges = [listed.attribute(atlas.countries[number], name) for name in ("lat_min", "lat_max", "lon_min", "lon_max")]
        at = np.flatnonzero(country == number)
        try:
            south, north, west, east = (float(edge or "") for edge in edges)
        except ValueError:
            inside[at] = True
            continue
        between = (longitude[at] >= west) & (longitude[at] <= east) if west <= east else (longitude[at] >= west) | (longitude[at] <= east)
        inside[at] = (latitude[at] >= south) & (latitude[at] <= north) & between
    return inside


@dataclass(slots=True)
class Bearers:
    """For spots whose name the gazetteer knows in their country: km to the nearest bearer of all, to the nearest one in the named division
    (or of unknown division), and that place; infinite and -1 where there is none. `pairs` are (spots, places), one of each a pair."""

    any_km: Any
    same_km: Any
    same: Any
    pairs: tuple[Any, Any]


def base_name(location: str) -> str:
    """ "Tehran - District 6" is looked up as "Tehran"."""
    return location.split(" - ")[0]


def _bearers(spots: Sequence[Spot], atlas: Atlas, seen: Measured) -> Bearers:
    import numpy as np

    named = atlas.named({base_name(spot[4]) for spot in spots if spot[4]})
    cache: dict[tuple[int, str], list[int]] = {}
    whose: list[int] = []
    places: list[int] = []
    home = atlas.country.tolist()
    for n, (spot, country) in enumerate(zip(spots, seen.country.tolist(), strict=True)):
        if not spot[4] or country < 0:
            continue
        key = (country, spot[4])
        if key not in cache:
            cache[key] = [p for p in named.get(fold(base_name(spot[4])), ()) if home[p] == country]
        whose += [n] * len(cache[key])
        places += cache[key]
    a, b = np.array(whose, np.int64), np.array(places, np.int64)
    count = len(spots)
    any_km, same_km, same = np.full(count, np.inf), np.full(count, np.inf), np.full(count, -1)
    if len(a):
        km = kilometres(seen.latitude[a], seen.longitude[a], atlas.latitude[b], atlas.longitude[b])
        fits = (seen.division[a] < 0) | (atlas.division[b] < 0) | (seen.division[a] == atlas.division[b])
        np.minimum.at(any_km, a, km)
        np.minimum.at(same_km, a[fits], km[fits])
        best = fits & (km == same_km[a])
        same[a[best]] = b[best]
    return Bearers(any_km, same_km, same, (a, b))


def _mistyped(spots: Sequence[Spot], atlas: Atlas, seen: Measured, bearers: Bearers, limits: Mapping[str, float]) -> Iterator[Found]:
    """The named place is far from the point, and exactly where the point would be with its figures exchanged, of other sign, or mistyped."""
    import numpy as np

    a, b = bearers.pairs
    far = (bearers.any_km > limits["named_km"])[a] & seen.inside[a] if len(a) else np.zeros(0, bool)
    a, b = a[far], b[far]
    lat, lon = seen.latitude[a], seen.longitude[a]
    forms: list[tuple[str, Any, Any]] = [
        ("with latitude and longitude exchanged", lon, lat),
        ("with the other sign of latitude", -lat, lon),
        ("with the other sign of longitude", lat, -lon),
        ("with both signs changed", -lat, -lon),
    ]
    for step in _DIGITS:
        for way in (step, -step):
            forms += [(f"with {way:+.0f} degrees of latitude", lat + way, lon), (f"with {way:+.0f} degrees of longitude", lat, lon + way)]
    for said, y, x in forms if len(a) else ():
        on_earth = (np.abs(y) <= 90) & (np.abs(x) <= 180)
        km = np.where(on_earth, kilometres(np.clip(y, -90, 90), np.clip(x, -180, 180), atlas.latitude[b], atlas.longitude[b]), np.inf)
        # a whole degree off must hit more exactly: there are more ways to be a degree away than to be mirrored
        for hit in np.flatnonzero(km <= (limits["mistyped_km"] if "degrees" not in said else limits["mistyped_km"] / 2)).tolist():
            n, place = int(a[hit]), int(b[hit])
            if n in seen.settled:
                continue
            seen.settled.add(n)
            message = (
                f"({_point(spots[n])}) is {bearers.any_km[n]:.0f} km from {atlas.names[place]}, {spots[n][2]}; {said} it would lie there"
                f" ({atlas.latitude[place]:g}, {atlas.longitude[place]:g}). Correct the coordinates."
            )
            yield Found(n, "coordinates-mistyped", "error", "latitude", spots[n][0], message)


def _outside(
    spots: Sequence[Spot], atlas: Atlas, seen: Measured, limits: Mapping[str, float], areas: Sequence[tuple[frozenset[str], Sequence[float]]]
) -> Iterator[Found]:
    import numpy as np

    # a country without any place in the gazetteer cannot be judged by it
    known = seen.inside & (seen.country >= 0) & np.isfinite(seen.own_km[:, 0])
    foreign = known & (atlas.country[seen.near] != seen.country[:, None]).all(axis=1) & np.isfinite(seen.near_km).all(axis=1)
    nearest, own = seen.near_km[:, 0], seen.own_km[:, 0]
    certain = foreign & (nearest <= limits["certain_km"]) & (own >= limits["outside_km"])
    doubtful = foreign & (nearest <= limits["near_km"]) & (own >= limits["border_km"]) & ~certain
    nowhere = known & (own >= limits["nowhere_km"]) & ~certain & ~doubtful
    for n in np.flatnonzero(certain | doubtful | nowhere).tolist():
        if n in seen.settled:
            continue
        country, around = spots[n][2], atlas.countries[int(atlas.country[seen.near[n, 0]])]
        if any({country, around} <= claimed and _in(spots[n], box) for claimed, box in areas):
            continue
        seen.settled.add(n)
        theirs = f"the nearest is {_place(atlas, seen.near[n, 0], nearest[n])}"
        mine = f"the nearest of {country} is {_place(atlas, seen.own[n, 0], own[n])}"
        hint = _mirrored(spots[n], atlas, int(seen.country[n]), limits["mistyped_km"])
        if nowhere[n]:
            said = f"({_point(spots[n])}) is far from every place of {country}: {mine}.{hint}"
            said += " Check the coordinates; leave it if it is at sea or a lone post."
            yield Found(n, "point-far-from-country", "warning", "latitude", spots[n][0], said)
        else:
            said = f"({_point(spots[n])}) is coded as {country}, but the places around it are elsewhere: {theirs}; {mine}.{hint}"
            end = "Correct the country or the coordinates." if certain[n] else "Check the country, and on which side of the border it was."
            code = "point-outside-country" if certain[n] else "point-near-border"
            yield Found(n, code, "error" if certain[n] else "warning", "country", country, f"{said} {end}")


def _mirrored(spot: Spot, atlas: Atlas, country: int, near: float) -> str:
    """A sentence where the point with its figures exchanged or of another sign would be at a place of the country, else ""."""
    latitude, longitude = spot[0], spot[1]
    for said, y, x in (
        ("Exchanged, the two", longitude, latitude),
        ("With the other sign of latitude it", -latitude, longitude),
        ("With the other sign of longitude it", latitude, -longitude),
    ):
        if abs(y) <= 90:
            km, place = atlas.nearest([y], [x], 1, country)
            if km[0, 0] <= near:
                return f" {said} would lie at {_place(atlas, place[0, 0], km[0, 0])}."
    return ""


def _identities(spots: Sequence[Spot], atlas: Atlas, seen: Measured, limits: Mapping[str, float]) -> Iterator[Found]:
    import numpy as np

    rows = np.array([atlas.row(spot[6]) if spot[6] else -1 for spot in spots], np.int64)
    at = np.flatnonzero(rows >= 0)
    km = kilometres(seen.latitude[at], seen.longitude[at], atlas.latitude[rows[at]], atlas.longitude[rows[at]])
    for n, distance in zip(at.tolist(), km.tolist(), strict=True):
        if distance > limits["identity_km"]:
            place = int(rows[n])
            said = (
                f"({_point(spots[n])}) is {distance:.0f} km from {spots[n][6]}, which is {atlas.names[place]} at"
                f" {atlas.latitude[place]:g}, {atlas.longitude[place]:g}. Take point and id from one place ('eventcoder places')."
            )
            yield Found(
                n, "gazetteer-point-differs", "error" if distance > limits["identity_error_km"] else "warning", "gazetteer_id", spots[n][6], said
            )


def _divisions(spots: Sequence[Spot], atlas: Atlas, seen: Measured, limits: Mapping[str, float]) -> Iterator[Found]:
    """The places around a point all lie in other divisions of its country, and the named one is far."""
    import numpy as np

    around = np.where(seen.own >= 0, atlas.division[seen.own], -1)
    doubted = seen.inside & (seen.division >= 0) & (around != seen.division[:, None]).all(axis=1) & (around[:, 0] >= 0)
    doubted &= seen.own_km[:, 0] <= limits["near_km"]
    for division in np.unique(seen.division[doubted]).tolist():
        at = np.flatnonzero(doubted & (seen.division == division))
        km, place = atlas.nearest(seen.latitude[at], seen.longitude[at], 1, division=division)
        for n, distance, there in zip(at.tolist(), km[:, 0].tolist(), place[:, 0].tolist(), strict=True):
            if n in seen.settled or not limits["division_km"] <= distance < float("inf"):
                continue
            seen.settled.add(n)
            nearest = int(seen.own[n, 0])
            said = (
                f"({_point(spots[n])}) is coded as {spots[n][3]}, but the places around it are in {atlas.admin1[nearest]}: the nearest is"
                f" {_place(atlas, nearest, seen.own_km[n, 0])}; the nearest of {spots[n][3]} is {_place(atlas, there, distance)}."
                " Correct admin1 or the coordinates."
            )
            yield Found(n, "point-outside-division", "warning", "admin1", spots[n][3], said)


def _elsewhere(spots: Sequence[Spot], atlas: Atlas, seen: Measured, bearers: Bearers, limits: Mapping[str, float]) -> Iterator[Found]:
    """The gazetteer knows the named place in that division, and it is not at the point: another place is, or a town of the name is far."""
    import numpy as np

    known = seen.inside & (bearers.same >= 0) & np.isfinite(bearers.same_km)
    other = known & (seen.precision == 1) & (bearers.any_km > limits["elsewhere_km"]) & (seen.own_km[:, 0] <= limits["on_place_km"])
    far = known & (bearers.any_km > limits["named_km"])
    for n in np.flatnonzero(other | far).tolist():
        if n in seen.settled:
            continue
        place = int(bearers.same[n])
        named = f"{atlas.names[place]}, which the gazetteer knows {bearers.same_km[n]:.0f} km away ({_coordinates(atlas, place)})"
        at = int(seen.own[n, 0])
        if other[n]:
            if seen.division[n] < 0 and atlas.population[place] < limits["named_population"]:
                continue  # without a division any small namesake of the country would do
            seen.settled.add(n)
            said = f"({_point(spots[n])}) is the point of {atlas.names[at]}, not of {named}. Take the point of {spots[n][4]},"
            end = "or set geo_precision to 2 if only the area is known."
            yield Found(n, "point-of-another-place", "warning", "location", spots[n][4], f"{said} {end}")
        elif atlas.population[place] >= limits["named_population"] and fold(atlas.names[place]) == fold(base_name(spots[n][4] or "")):
            seen.settled.add(n)
            said = f"({_point(spots[n])}) is not near {named}. Correct the coordinates, or name the place so that it is not taken for that one."
            yield Found(n, "location-far-away", "warning", "location", spots[n][4], said)


def _regions(spots: Sequence[Spot], seen: Measured, bearers: Bearers, codebook: Codebook, limits: Mapping[str, float]) -> Iterator[Found]:
    """A division or country as location with the precision of a town, where no town of that name is near."""
    import numpy as np

    listed = codebook.lists["countries"]
    for n in np.flatnonzero(seen.inside & (seen.precision == 1) & (bearers.any_km > limits["named_km"])).tolist():
        _, _, country, admin1, location, _, _ = spots[n]
        if not location or listed.attribute(country, "one_place"):
            continue
        name = fold(location)
        wider = admin1 if admin1 and short_division(name) == short_division(fold(admin1)) else country if name == fold(country) else None
        if wider is not None:
            said = f"{location} is {'a country' if wider == country else 'a division'}, and geo_precision 1 says that the town is known."
            yield Found(
                n, "town-precision-for-region", "warning", "geo_precision", 1,
                f"{said} Give the town, or geo_precision {3 if wider == country else '2 or 3'}.",
            )  # fmt: skip


def _areas(schema_dir: Path | None) -> list[tuple[frozenset[str], tuple[float, ...]]]:
    """Areas that several states claim (`schema/registers/disputed_areas.csv`): the states, and the box."""
    rows = read_register(schema_dir, "disputed_areas.csv")
    return [
        (frozenset(split_names(row["countries"])), tuple(float(row[edge]) for edge in ("lat_min", "lat_max", "lon_min", "lon_max"))) for row in rows
    ]


def _in(spot: Spot, box: Sequence[float]) -> bool:
    return box[0] <= spot[0] <= box[1] and box[2] <= spot[1] <= box[3]


def _point(spot: Spot) -> str:
    return f"{spot[0]:g}, {spot[1]:g}"


def _coordinates(atlas: Atlas, place: int) -> str:
    return f"{atlas.latitude[place]:g}, {atlas.longitude[place]:g}"


def _place(atlas: Atlas, place: Any, km: float) -> str:
    return f"{atlas.names[int(place)]} in {atlas.countries[int(atlas.country[int(place)])]}, {km:.0f} km away"
