"""Invented events that abide by the codebook: the material of tests and benchmarks that need many rows.

`synthetic_values(n, seed)` gives plain dicts of all columns (dates as ISO strings, lists as lists). Places and countries are real, everything
that happens is invented. Written without the codebook's code on purpose: what it says about types, interactions and derived values is an
independent second opinion about `schema/`. The same seed always gives the same events.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from eventcoder.identity import assigned_event_id_cnty, event_id_from

FIRST_DAY = date(2018, 1, 1)
LAST_DAY = date(2026, 10, 20)

# country: region, numeric ISO code, id prefix, regimes (start, end or None), towns (name, admin1, admin2, latitude, longitude)
COUNTRIES: dict[str, tuple[str, int, str, list[tuple[int, int | None]], list[tuple[str, str, str, float, float]]]] = {
    "Iran": ("Middle East", 364, "IRN", [(1989, None)], [
        ("Tehran", "Tehran", "Tehran", 35.6944, 51.4215), ("Ahvaz", "Khuzestan", "Ahvaz", 31.3203, 48.6693),
        ("Isfahan", "Esfahan", "Isfahan", 32.6525, 51.6746), ("Kermanshah", "Kermanshah", "Kermanshah", 34.3142, 47.0650),
        ("Shiraz", "Fars", "Shiraz", 29.6104, 52.5311), ("Bandar Abbas", "Hormozgan", "Bandar Abbas", 27.1832, 56.2666)]),
    "Iraq": ("Middle East", 368, "IRQ", [(2018, 2020), (2020, 2022), (2022, None)], [
        ("Baghdad", "Baghdad", "Al Rusafa", 33.3406, 44.4009), ("Basrah", "Al Basrah", "Al Basrah", 30.5085, 47.7804),
        ("Kirkuk", "Kirkuk", "Kirkuk", 35.4681, 44.3922), ("Nasiriyah", "Dhi Qar", "Nasiriyah", 31.0580, 46.2573)]),
    "Turkey": ("Middle East", 792, "TUR", [(2016, None)], [
        ("Ankara", "Ankara", "Cankaya", 39.9199, 32.8543), ("Izmir", "Izmir", "Konak", 38.4127, 27.1384),
        ("Diyarbakir", "Diyarbakir", "Sur", 37.9136, 40.2172), ("Bursa", "Bursa", "Osmangazi", 40.1956, 29.0601)]),
    "Nigeria": ("Western Africa", 566, "NIG", [(2015, 2023), (2023, None)], [
        ("Kano", "Kano", "Kano Municipal", 12.0001, 8.5167), ("Maiduguri", "Borno", "Maiduguri", 11.8464, 13.1603),
        ("Jos", "Plateau", "Jos North", 9.9285, 8.8921), ("Ibadan", "Oyo", "Ibadan North", 7.3776, 3.9059)]),
    "Kenya": ("Eastern Africa", 404, "KEN", [(2013, 2022), (2022, None)], [
        ("Nairobi", "Nairobi", "Starehe", -1.2833, 36.8167), ("Kisumu", "Kisumu", "Kisumu Central", -0.1022, 34.7617),
        ("Mombasa", "Mombasa", "Mvita", -4.0547, 39.6636), ("Garissa", "Garissa", "Garissa Township", -0.4536, 39.6401)]),
    "Cameroon": ("Middle Africa", 120, "CAO", [(1982, None)], [
        ("Bamenda", "Nord-Ouest", "Mezam", 5.9597, 10.1460), ("Buea", "Sud-Ouest", "Fako", 4.1527, 9.2410),
        ("Maroua", "Extreme-Nord", "Diamare", 10.5910, 14.3159)]),
    "Uganda": ("Eastern Africa", 800, "UGA", [(1986, None)], [
        ("Kampala", "Central", "Kampala", 0.3163, 32.5822), ("Gulu", "Northern", "Gulu", 2.7746, 32.2990),
        ("Kasese", "Western", "Kasese", 0.1833, 30.0833)]),
    "Egypt": ("Northern Africa", 818, "EGY", [(2014, None)], [
        ("Cairo", "Cairo", "Qism Abdin", 30.0626, 31.2497), ("Suez", "Suez", "Qism as Suways", 29.9737, 32.5263),
        ("Asyut", "Asyut", "Asyut", 27.1810, 31.1837)]),
    "India": ("South Asia", 356, "IND", [(2014, None)], [
        ("Lucknow", "Uttar Pradesh", "Lucknow", 26.8393, 80.9231), ("Patna", "Bihar", "Patna", 25.5941, 85.1356),
        ("Imphal", "Manipur", "Imphal West", 24.8080, 93.9442), ("Chennai", "Tamil Nadu", "Chennai", 13.0878, 80.2785),
        ("Srinagar", "Jammu and Kashmir", "Srinagar", 34.0857, 74.8056)]),
    "Pakistan": ("South Asia", 586, "PAK", [(2018, 2022), (2022, None)], [
        ("Quetta", "Balochistan", "Quetta", 30.1841, 67.0014), ("Karachi", "Sindh", "Karachi South", 24.8608, 67.0104),
        ("Peshawar", "Khyber Pakhtunkhwa", "Peshawar", 34.0080, 71.5785), ("Gwadar", "Balochistan", "Gwadar", 25.1216, 62.3254)]),
    "Philippines": ("Southeast Asia", 608, "PHL", [(2016, 2022), (2022, None)], [
        ("Davao", "Davao Region", "Davao del Sur", 7.0731, 125.6128), ("Iloilo", "Western Visayas", "Iloilo", 10.6969, 122.5644),
        ("Cotabato", "Bangsamoro", "Maguindanao del Norte", 7.2236, 124.2464)]),
    "Serbia": ("Europe", 688, "SRB", [(2017, None)], [
        ("Novi Sad", "Vojvodina", "Juzna Backa", 45.2517, 19.8369), ("Nis", "Sumadija and Western Serbia", "Nisava", 43.3247, 21.9033)]),
    "France": ("Europe", 250, "FRA", [(2017, None)], [
        ("Lyon", "Auvergne-Rhone-Alpes", "Rhone", 45.7485, 4.8467), ("Marseille", "Provence-Alpes-Cote d'Azur", "Bouches-du-Rhone", 43.2970, 5.3811),
        ("Nantes", "Pays de la Loire", "Loire-Atlantique", 47.2173, -1.5534)]),
    "Colombia": ("South America", 170, "COL", [(2018, 2022), (2022, None)], [
        ("Cali", "Valle del Cauca", "Santiago de Cali", 3.4372, -76.5225), ("Popayan", "Cauca", "Popayan", 2.4382, -76.6132),
        ("Arauca", "Arauca", "Arauca", 7.0847, -70.7591), ("Tumaco", "Narino", "San Andres de Tumaco", 1.7986, -78.8156)]),
    "Chile": ("South America", 152, "CHI", [(2018, 2022), (2022, None)], [
        ("Santiago", "Region Metropolitana de Santiago", "Santiago", -33.4569, -70.6483),
        ("Temuco", "Araucania", "Cautin", -38.7396, -72.5984), ("Valparaiso", "Valparaiso", "Valparaiso", -33.0360, -71.6296)]),
    "Mexico": ("North America", 484, "MEX", [(2018, 2024), (2024, None)], [
        ("Oaxaca", "Oaxaca", "Oaxaca de Juarez", 17.0654, -96.7237), ("Culiacan", "Sinaloa", "Culiacan", 24.7903, -107.3878),
        ("Morelia", "Michoacan de Ocampo", "Morelia", 19.7008, -101.1844)]),
}  # fmt: skip

GROUPS = ("Teachers", "Students", "Labor Group", "Farmers", "Health Workers", "Women", "Journalists", "Lawyers")
ISSUES = (
    "months of unpaid wages", "cuts to the supply of drinking water", "a rise in bread prices", "the closure of a textile mill",
    "a court's ruling on pasture land", "power cuts during the heat", "the arrest of two trade unionists", "plans for a quarry near the old bridge",
    "late pension payments", "the state of the road to the hospital", "a new parking fee", "exam dates", "the drainage of a wetland",
    "delayed compensation after the spring floods", "the price of fertiliser", "fares of the city's buses",
)  # fmt: skip
SPOTS = ("in front of the governor's office", "in the main square", "outside the city hall", "at the railway station", "near the courthouse",
         "along the river road", "at the university gate", "by the central market")  # fmt: skip
PAPERS = (("The Lantern", "National"), ("Morning Ledger", "National"), ("Harbour Gazette", "Subnational"), ("Hill Country Post", "Subnational"),
          ("Crossroads Wire", "International"), ("Southern Dispatch", "Regional"), ("Open Street Channel", "New media"))  # fmt: skip
SCALES = ("Local partner", "Other", "New media", "Subnational", "National", "Regional", "International")
INTER = {1: "State forces", 2: "Rebel group", 3: "Political militia", 4: "Identity militia", 5: "Rioters", 6: "Protesters", 7: "Civilians",
         8: "External/Other forces"}  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
PV, DEMO, STRATEGIC = "Political violence", "Demonstrations", "Strategic developments"

# sub-event type: weight, event type, disorder type, possible (inter1, inter2) pairs, what the note says happened
Pair = tuple[int, int | None]
TYPES: dict[str, tuple[int, str, str, tuple[Pair, ...], str]] = {
    "Peaceful protest": (420, "Protests", DEMO, ((6, None), (6, None), (6, 6)), "gathered {spot} over {issue}"),
    "Protest with intervention": (60, "Protests", DEMO, ((6, 1),), "gathered {spot} over {issue}; police pushed them back and detained several"),
    "Excessive force against protesters": (15, "Protests", f"{PV}; {DEMO}", ((6, 1),), "marched over {issue} when police opened fire on them"),
    "Violent demonstration": (50, "Riots", DEMO, ((5, None), (5, 1)), "burned tyres and threw stones {spot} over {issue}"),
    "Mob violence": (40, "Riots", PV, ((5, 7), (5, None), (5, 5)), "attacked people and stalls {spot} after a quarrel over {issue}"),
    "Government regains territory": (6, "Battles", PV, ((1, 2),), "retook two villages after a day of fighting"),
    "Non-state actor overtakes territory": (5, "Battles", PV, ((2, 1),), "took a hill post after the garrison had left it"),
    "Armed clash": (110, "Battles", PV, ((1, 2), (1, 3), (2, 3), (1, 4), (3, 3)), "exchanged fire on the edge of the town"),
    "Chemical weapon": (1, "Explosions/Remote violence", PV, ((2, 1),), "fired shells that released a choking gas at an army post"),
    "Air/drone strike": (25, "Explosions/Remote violence", PV, ((1, None), (1, 2)), "struck a depot outside the town from the air"),
    "Suicide bomb": (4, "Explosions/Remote violence", PV, ((2, 1), (2, 7)), "carried out a suicide bombing at a checkpoint"),
    "Shelling/artillery/missile attack": (30, "Explosions/Remote violence", PV, ((1, None), (1, 2), (1, 7)), "shelled a valley road for an hour"),
    "Remote explosive/landmine/IED": (30, "Explosions/Remote violence", PV, ((3, None), (2, 1), (3, 7)), "set off a roadside bomb"),
    "Grenade": (10, "Explosions/Remote violence", PV, ((3, None), (3, 1)), "threw a grenade at a police post"),
    "Sexual violence": (4, "Violence against civilians", PV, ((3, 7), (1, 7)), "abused people who had been stopped on the road"),
    "Attack": (70, "Violence against civilians", PV, ((3, 7), (2, 7), (4, 7)), "attacked villagers on their way to the market"),
    "Abduction/forced disappearance": (25, "Violence against civilians", PV, ((3, 7), (1, 7)), "took away a shopkeeper, who has not been seen since"),
    "Agreement": (4, STRATEGIC, STRATEGIC, ((1, 2),), "agreed on a truce for the harvest weeks"),
    "Arrests": (15, STRATEGIC, STRATEGIC, ((1, 7), (1, None)), "detained a large number of people in raids before the election"),
    "Change to group/activity": (8, STRATEGIC, STRATEGIC, ((2, None), (1, None)), "announced a new command for the district"),
    "Disrupted weapons use": (15, STRATEGIC, STRATEGIC, ((1, None), (1, 2)), "found and cleared a buried explosive"),
    "Headquarters or base established": (3, STRATEGIC, STRATEGIC, ((1, None),), "opened a new base beside the airfield"),
    "Looting/property destruction": (15, STRATEGIC, STRATEGIC, ((3, None), (3, 7)), "burned down an empty school at night"),
    "Non-violent transfer of territory": (3, STRATEGIC, STRATEGIC, ((1, None), (2, None)), "moved into a district that the other side had left"),
    "Other": (6, STRATEGIC, STRATEGIC, ((1, None),), "closed all roads into the district for two days"),
}
NEVER_DEADLY = frozenset({"Peaceful protest", "Protest with intervention", "Abduction/forced disappearance"})


def interaction(first: int, second: int | None) -> str:
    """The interaction label of two actor types, as the field writes it (its one exception to the order of codes included)."""
    if second is None:
        return f"{INTER[first]} only"
    low, high = sorted((first, second))
    return "External/Other forces-Civilians" if (low, high) == (7, 8) else f"{INTER[low]}-{INTER[high]}"


def synthetic_values(n: int, seed: int = 1, *, codebook_version: str = "1.0.0") -> list[dict[str, Any]]:
    """`n` invented events, in no particular order, all different in (day, place, actors, type, associates); the same for the same seed."""
    rng = random.Random(seed)
    kinds, weights = list(TYPES), [row[0] for row in TYPES.values()]
    out: list[dict[str, Any]] = []
    seen: set[tuple[Any, ...]] = set()
    while len(out) < n:
        values = _event(rng, rng.choices(kinds, weights)[0], f"{seed}:{len(out)}".encode(), codebook_version)
        key = (values["event_date"], values["location"], values["actor1"], values["actor2"], values["sub_event_type"], *values["assoc_actor_1"])
        if key not in seen:
            seen.add(key)
            out.append(values)
    return out


def _event(rng: random.Random, kind: str, seed: bytes, codebook_version: str) -> dict[str, Any]:
    _, event_type, disorder, pairs, phrase = TYPES[kind]
    country = rng.choice(list(COUNTRIES))
    region, iso, prefix, regimes, towns = COUNTRIES[country]
    demonstration = event_type in ("Protests", "Riots")
    time_precision = rng.choices((1, 2, 3), (94, 5, 1))[0]
    geo_precision = rng.choices((1, 2, 3), (80, 18, 2))[0]
    day = FIRST_DAY + timedelta(days=rng.randrange((LAST_DAY - FIRST_DAY).days))
    if time_precision == 3:
        day = day.replace(day=15)
    start, end = _interval(day, time_precision)
    town = rng.choice(towns)
    location, latitude, longitude = _point(rng, town)
    inter1, inter2 = rng.choice(pairs)
    actor1 = _actor(rng, inter1, country, regimes, day, kind)
    actor2 = None if inter2 is None else _actor(rng, inter2, country, regimes, day, kind)
    targeted = event_type == "Violence against civilians" or kind == "Excessive force against protesters"
    targeted = targeted or (7 in (inter1, inter2) and (event_type == "Explosions/Remote violence" or kind == "Mob violence"))
    associates = sorted(f"{g} ({country})" for g in rng.sample(GROUPS, rng.choices((0, 1, 2), (3, 4, 1))[0])) if demonstration else []
    issue, spot = rng.choice(ISSUES), rng.choice(SPOTS)
    papers = rng.sample(PAPERS, rng.choices((1, 2), (3, 1))[0])
    scales = sorted({scale for _, scale in papers}, key=SCALES.index)
    deaths = _deaths(rng, kind, event_type)
    crowd = _crowd(rng) if demonstration else None
    injured = rng.randrange(1, 9) if kind in ("Violent demonstration", "Armed clash", "Attack") and rng.random() < 0.3 else None
    arrested = rng.randrange(2, 30) if kind == "Protest with intervention" and rng.random() < 0.6 else None
    spoken = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    opening = f"On {spoken}," if time_precision == 1 else f"Around {spoken} (as reported),"
    who = f"{crowd[2]}{'' if crowd[1] else ' of'} people" if crowd else "protesters" if demonstration else actor1
    note = f"{opening} {who} {phrase.format(spot=spot, issue=issue)} in {location} ({town[1]})."
    if deaths[1]:
        note += f" {deaths[1]} people were killed."
    if injured is not None:
        note += f" {injured} people were injured."
    event_id = event_id_from(b"synthetic:" + seed)
    reported = end + timedelta(days=rng.randrange(0, 6))
    changed = datetime(reported.year, reported.month, reported.day, tzinfo=UTC) + timedelta(days=2, seconds=rng.randrange(86_400))
    return {
        "event_id": event_id,
        "event_id_cnty": assigned_event_id_cnty(prefix, event_id),
        "event_date": day.isoformat(),
        "year": day.year,
        "time_precision": time_precision,
        "disorder_type": disorder,
        "event_type": event_type,
        "sub_event_type": kind,
        "actor1": actor1,
        "assoc_actor_1": associates,
        "inter1": INTER[inter1],
        "actor2": actor2,
        "assoc_actor_2": [],
        "inter2": None if inter2 is None else INTER[inter2],
        "interaction": interaction(inter1, inter2),
        "civilian_targeting": "Civilian targeting" if targeted else None,
        "iso": iso,
        "region": region,
        "country": country,
        "admin1": town[1],
        "admin2": town[2],
        "admin3": None,
        "location": location,
        "latitude": latitude,
        "longitude": longitude,
        "geo_precision": geo_precision,
        "source": [name for name, _ in papers],
        "source_scale": "-".join(scales),
        "notes": note,
        "fatalities": deaths[1],
        "tags": [f"crowd size={crowd[2] if crowd else 'no report'}"] if demonstration else [],
        "timestamp": int(changed.timestamp()),
        "date_start": start.isoformat(),
        "date_end": end.isoformat(),
        "reported_date": reported.isoformat(),
        "fatalities_low": deaths[0],
        "fatalities_high": deaths[2],
        "fatalities_basis": deaths[3],
        "crowd_low": crowd[0] if crowd else None,
        "crowd_high": crowd[1] if crowd else None,
        "crowd_text": crowd[2] if crowd else None,
        "injured_low": injured,
        "injured_high": injured,
        "arrested_low": arrested,
        "arrested_high": arrested,
        "gazetteer_id": None,
        "gazetteer_version": None,
        "point_kind": "exact" if geo_precision == 1 else "representative",
        "clarity": "clear",
        "n_reports": len(papers),
        "n_publishers": len(papers),
        "codebook_version": codebook_version,
        "revision": 1,
        "first_release": None,
        "last_changed": None,
    }


def _interval(day: date, time_precision: int) -> tuple[date, date]:
    """Earliest and latest possible day: the day, the week around it, the month."""
    if time_precision == 1:
        return day, day
    if time_precision == 2:
        return day - timedelta(days=3), day + timedelta(days=3)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _point(rng: random.Random, town: tuple[str, str, str, float, float]) -> tuple[str, float, float]:
    """The town itself, or one of its four quarters some kilometres off."""
    name, _, _, latitude, longitude = town
    quarter = rng.randrange(8)
    if quarter > 3:
        return name, latitude, longitude
    north, east = ((0.03, 0.0), (-0.03, 0.0), (0.0, 0.03), (0.0, -0.03))[quarter]
    return f"{name} - {('North', 'South', 'East', 'West')[quarter]}", round(latitude + north, 4), round(longitude + east, 4)


def _actor(rng: random.Random, inter: int, country: str, regimes: list[tuple[int, int | None]], day: date, kind: str) -> str:
    if inter == 1:
        start, end = next(r for r in regimes if r[1] is None or day.year <= r[1])
        police = kind in ("Protest with intervention", "Excessive force against protesters", "Violent demonstration", "Arrests")
        return f"{'Police' if police else 'Military'} Forces of {country} ({start}-{end or ''})"
    generic: dict[int, Callable[[], str]] = {
        2: lambda: f"{rng.choice(('NRF: Northern River Front', 'LDM: Liberation of the Dry Mountains'))}",
        3: lambda: f"Unidentified Armed Group ({country})",
        4: lambda: f"Unidentified Communal Militia ({country})",
        5: lambda: f"Rioters ({country})",
        6: lambda: f"Protesters ({country})",
        7: lambda: f"Civilians ({country})",
    }
    return generic[inter]()


def _deaths(rng: random.Random, kind: str, event_type: str) -> tuple[int | None, int | None, int | None, str | None]:
    """low, best, high, basis"""
    if kind in NEVER_DEADLY or event_type == STRATEGIC:
        return 0, 0, 0, "none"
    if kind == "Suicide bomb":
        return 1, 1, rng.choice((1, 1, 4)), "number"  # the bomber is counted
    if rng.random() < 0.04:
        return None, None, None, None  # the reports say nothing
    if event_type in ("Protests", "Riots") and rng.random() < 0.85:
        return 0, 0, 0, "none"
    best = rng.choices((0, 1, 2, 3, 4, 5, 7, 9, 14, 23), (30, 24, 14, 8, 6, 5, 4, 3, 2, 1))[0]
    if best == 0:
        return 0, 0, 0, "none"
    if rng.random() < 0.05:
        return 10, 10, None, "word"
    return best, best, best + rng.choice((0, 0, 0, 1, 3)), "number"


def _crowd(rng: random.Random) -> tuple[int | None, int | None, str] | None:
    if rng.random() < 0.35:
        return None
    words: tuple[int, int | None, str] = rng.choice(((100, None, "hundreds"), (12, None, "dozens"), (1000, None, "thousands"), (0, 0, "")))
    if words[0]:
        return words
    size = rng.choice((15, 20, 30, 40, 60, 80, 120, 200, 350, 500))
    return rng.choice(((size, size, f"about {size}"), (size, size + size // 2, f"{size}-{size + size // 2}")))
