"""The world in which the invented events of `invented.py` happen: kinds of events, and countries with their places, actors and publishers.

Countries, places and regimes are real (`schema/`, the gazetteer); actors, publishers and what a note tells are invented. All texts are made once, as
the cells of a CSV file, so that a row only has to pick.
"""

from __future__ import annotations

import csv
import random
import sys
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
if str(TOP) not in sys.path:
    sys.path.insert(0, str(TOP))

from tests.synthetic_events import INTER, ISSUES, NEVER_DEADLY, SCALES, SPOTS, STRATEGIC, TYPES, interaction  # noqa: E402

FIRST_YEAR = 1997
LAST_DAY = date(2026, 10, 20)
COUNTRIES = 120
PLACES = 45  # towns a country at most, the large ones with four quarters each
SIDES = (("North", 0.03, 0.0), ("South", -0.03, 0.0), ("East", 0.0, 0.03), ("West", 0.0, -0.03))  # degrees from the middle
POLICE = 9  # a pool of its own beside the eight classes of actors

# (inter1, inter2) pairs that the narrower generator of the tests does not have; all legal by the list sub_event_types
MORE_PAIRS: dict[str, tuple[tuple[int, int | None], ...]] = {
    "Armed clash": ((1, 2), (1, 3), (1, 8), (2, 2), (3, 3), (4, 4), (3, 8)),
    "Air/drone strike": ((8, None), (8, 2), (8, 7), (1, 7)),
    "Shelling/artillery/missile attack": ((8, None), (2, 1), (8, 1), (2, 7)),
    "Attack": ((8, 7), (1, 7), (3, 7)),
    "Mob violence": ((5, 7), (5, 1), (5, 3)),
    "Disrupted weapons use": ((1, 3), (8, None)),
    "Change to group/activity": ((3, None), (8, None)),
}
MORE_ISSUES = (
    "the sale of municipal land", "a shortage of cooking gas", "new rules for market stalls", "the transfer of a school director",
    "unpaid allowances of nurses", "the felling of old trees", "dust from the cement works", "the release of seized boats",
    "missing textbooks", "the route of the planned railway", "a verdict on a fishing quota", "the merger of two districts",
)  # fmt: skip
MORE_SPOTS = ("before the regional parliament", "on the ring road", "at the harbour gate", "beside the grain silo", "in the old bazaar",
              "under the viaduct", "before the tax office", "at the bus terminal")  # fmt: skip
GROUPS = ("Women", "Students", "Teachers", "Labor Group", "Health Workers", "Journalists", "Lawyers", "Farmers", "Fishers", "Taxi Drivers",
          "Street Traders", "Youth", "Muslim Group", "Christian Group", "Refugees/IDPs", "Former Government Officials")  # fmt: skip
VICTIMS = ("Farmers", "Women", "Girls", "Journalists", "Aid Workers", "Teachers", "Street Traders", "Refugees/IDPs", "Fishers", "Health Workers")
WORDS_A = ("Northern", "Liberation", "United", "Popular", "Free", "Eastern", "National", "Democratic", "Southern", "Valley", "Highland", "Renewal")
WORDS_B = ("River", "Mountain", "Homeland", "Workers", "Youth", "Justice", "Unity", "Dawn", "Border", "Forest", "Coast", "Harvest", "Solidarity")
WORDS_C = {2: ("Front", "Army", "Movement", "Resistance"), 3: ("Brigade", "Guard", "Defence Committee", "Syndicate"),
           0: ("Union", "Party", "Association", "Federation", "Congress")}  # fmt: skip
PEOPLES = ("Hill", "River", "Lake", "Upper Valley", "Lower Valley", "Plateau", "Delta", "Steppe")
UNITS = ("", "", "", " Border Guard", " Rapid Response Unit", " Third Brigade", " Special Forces", " Coast Guard", " Gendarmerie")
PAPERS = (("{} Lantern", "National"), ("{} Morning Ledger", "National"), ("The {} Crossroads", "National"), ("Radio {} Libre", "National"),
          ("{} Harbour Gazette", "Subnational"), ("Hill Post ({})", "Subnational"), ("Voice of the Valley ({})", "Subnational"),
          ("{} Street Channel", "New media"), ("Observers of {}", "Local partner"), ("{} Committee for Rights, Land and Water", "Other"))  # fmt: skip
WIRES = (("Crossroads Wire", "International"), ("Four Winds Agency", "International"), ("Southern Dispatch", "Regional"),
         ("Continental Courier", "Regional"), ("Undisclosed Source", "Other"), ('The "Open Ledger" Review', "International"),
         ("L'Écho des Rivières", "Regional"), ("Agência Maré", "Regional"), ("Zeitungsring Süd", "International"))  # fmt: skip
CROWDS = ("hundreds", "dozens", "thousands", "several dozen", "several hundred", "large", "more than a hundred", "a group", "tens of thousands")
RARE_TAGS = ("local administrators", "women targeted: politicians", "women targeted: activists/human rights defenders/social leaders",
             "women targeted: girls", "sexual violence; women targeted: relatives of targeted groups or persons")  # fmt: skip
DETAILS = (
    "The road was open again by {hour} in the evening.", "A delegation of {n} handed over a list of demands.",
    "Shops nearby stayed closed for {n} hours.",
    "A spokesman named {name} said that talks would go on.", "Witnesses counted {n} vehicles.", "The district council met the next day.",
    "Two accounts differ on the hour; the earlier one ({hour} o'clock) is kept here.", "No group claimed responsibility.",
    "Traffic was led through the side streets for {n} hours, and the market opened late.", "Damage to {n} houses was reported.",
    "The ministry did not comment; a statement was announced for the week after.", "It was incident number {n} of this kind in the season.",
    "{name}, who has worked there for {n} years, confirmed the report.", "According to {name}, nobody was told beforehand.",
)  # fmt: skip
QUOTED = (
    'Banners read ""{word} first"".',
    'They chanted ""{word}, {word}!"" until the evening.',
    'A leaflet signed ""{word}"" was found on the spot.',
)
BROKEN = ("\nUpdate: a second source gives the same account.", "\n\nFatalities: coded from the lower of two reports.")
NAMES = ("Amina Okoro", "J. Marlowe", "Tomás Echeverría", "Šefika Novák", "R. van Aarle", "Zoë Lindqvist", "Ngọc Trần", "İlker Ağaoğlu", "P. Osei")
SLOGANS = ("Water", "Bread", "Wages", "Łódź", "Justice", "Schools", "Peace")


@dataclass(slots=True)
class Case:
    """A sub-event type with one pair of actor classes."""

    types: str  # disorder_type, event_type, sub_event_type as they stand in the row
    first: int  # pools of the actors; 0 for no second one
    second: int
    inter1: str
    inter2: str
    closing: str  # interaction, civilian_targeting
    demonstration: bool
    deadly: int  # 0 never, 1 seldom, 2 often, 3 the bomber at least
    victims: bool
    deeds: list[str]


@dataclass(slots=True)
class Country:
    """The pools of one country."""

    name: str
    prefix: str
    since: int
    places: list[tuple[str, str, str]]  # quoted cells from iso to longitude; location and admin1 as they are
    pools: list[list[list[str]]] = field(default_factory=list)  # by year since FIRST_YEAR, then by class of actor
    demonstrators: list[str] = field(default_factory=list)
    allies: list[str] = field(default_factory=list)
    victims: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)  # source, source_scale


def quoted(text: str) -> str:
    """A cell as csv writes it: quoted only where it must be."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n\r') else text


def cases() -> list[Case]:
    """Every kind of event, as often as it is to come (about 1,500 cells; a row picks one)."""
    out: list[Case] = []
    for kind, (weight, event_type, disorder, pairs, phrase) in TYPES.items():
        demonstration = event_type in ("Protests", "Riots")
        police = "police" in phrase or kind in ("Violent demonstration", "Arrests")
        deadly = 0 if kind in NEVER_DEADLY or event_type == STRATEGIC else 3 if kind == "Suicide bomb" else 1 if demonstration else 2
        deeds = [phrase.format(spot=s, issue=i) for s in SPOTS + MORE_SPOTS for i in ISSUES + MORE_ISSUES] if "{" in phrase else [phrase]
        both = [*pairs, *MORE_PAIRS.get(kind, ())]
        for first, second in both:
            targeted = event_type == "Violence against civilians" or kind == "Excessive force against protesters"
            targeted |= 7 in (first, second) and (event_type == "Explosions/Remote violence" or kind == "Mob violence")
            case = Case(
                types=f"{disorder},{event_type},{kind}",
                first=POLICE if first == 1 and police else first,
                second=POLICE if second == 1 and police else second or 0,
                inter1=INTER[first],
                inter2=INTER[second] if second else "",
                closing=f"{interaction(first, second)},{'Civilian targeting' if targeted else ''}",
                demonstration=demonstration,
                deadly=deadly,
                victims=second == 7,
                deeds=deeds,
            )
            out += [case] * max(1, round(weight * 1.5 / len(both)))
    return out


def regimes(rows: Sequence[dict[str, str]], country: str) -> list[str]:
    """For every year the years in power as actors' names carry them, "(2015-2023)": the register's, gaps closed with invented ones."""
    known = sorted((int(r["since"][:4]), r["until"][:4]) for r in rows if r["country"] == country)
    begins = [since for since, _ in known]
    out = []
    for year in range(FIRST_YEAR, LAST_DAY.year + 1):
        place = bisect_right(begins, year) - 1
        if place < 0:
            out.append(f"(1990-{begins[0] if begins else ''})")
        else:
            since, until = known[place]
            following = begins[place + 1] if place + 1 < len(begins) else ""
            out.append(f"({since}-{until})" if not until or int(until) >= year else f"({until}-{following})")
    return out


def read_towns() -> dict[str, list[tuple[Any, ...]]]:
    """The gazetteer's towns with a first-level division by ISO code of the country, the largest first: name, admin1, admin2, point."""
    from eventcoder.gazetteer.index import open_index

    connection, _ = open_index()
    out: dict[str, list[tuple[Any, ...]]] = {}
    for iso2, *town in connection.execute(
        "SELECT iso2, name, admin1, admin2, latitude, longitude FROM place WHERE kind = 'place' AND admin1 IS NOT NULL AND population >= 2000 "
        "ORDER BY population DESC, id"
    ):
        out.setdefault(iso2, []).append(tuple(town))
    connection.close()
    return out


def choose_places(country: dict[str, str], towns: Sequence[tuple[Any, ...]]) -> list[tuple[str, str, str]]:
    """The largest towns that lie inside the country's box, as cells, large ones with their quarters."""
    south, north, west, east = (float(country[c]) for c in ("lat_min", "lat_max", "lon_min", "lon_max"))
    lead = ",".join(quoted(country[c]) for c in ("iso", "region", "code"))
    third = sum(map(ord, country["code"])) % 3 == 0  # a third of the countries has a third level
    out: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for name, admin1, admin2, latitude, longitude in towns:
        inside = south <= latitude <= north and west <= longitude <= east and not (latitude == int(latitude) and longitude == int(longitude))
        if not inside or name in seen or name == country["code"] or any(c in f"{name}{admin1}{admin2}" for c in '";\n'):
            continue
        seen.add(name)
        quarters = [(name, 0.0, 0.0)]
        if len(seen) <= PLACES // 3:
            quarters += [
                (f"{name} - {q}", y, x) for q, y, x in (("North", 0.03, 0.0), ("South", -0.03, 0.0), ("East", 0.0, 0.03), ("West", 0.0, -0.03))
            ]
        for location, y, x in quarters:
            lat, lon = round(latitude + y, 4), round(longitude + x, 4)
            if south <= lat <= north and west <= lon <= east:
                cells = (admin1, admin2 or "", name if third and admin2 else "", location, repr(lat), repr(lon))
                out.append((f"{lead},{','.join(map(quoted, cells))}", location, admin1))
        if len(seen) >= PLACES:
            break
    return out


def countries(rng: random.Random) -> list[Country]:
    """The countries with their pools; the most eventful first."""
    with (TOP / "schema" / "lists" / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["prefix_basis"] and not r["one_place"] and float(r["lon_min"]) <= float(r["lon_max"])]
    with (TOP / "schema" / "registers" / "regimes.csv").open(encoding="utf-8", newline="") as file:
        ruled = list(csv.DictReader(file))
    prefixes = [r["prefix"] for r in rows]
    rows = [r for r in rows if prefixes.count(r["prefix"]) == 1]
    rng.shuffle(rows)
    towns = read_towns()
    out: list[Country] = []
    for row in rows:
        places = choose_places(row, towns.get(row["iso2"], []))
        if len(places) >= 20:
            rng.shuffle(places)
            out.append(Country(row["code"], row["prefix"], max(FIRST_YEAR, int(row["start_year"] or FIRST_YEAR)), places))
        if len(out) == COUNTRIES:
            break
    out[0].since = FIRST_YEAR  # there is always somewhere for an event to happen
    years = {country.name: regimes(ruled, country.name) for country in out}
    for number, country in enumerate(out):
        others = [out[(number + step) % len(out)].name for step in (1, 2, 5)]
        _people(country, rng, years, [o for o in others if o not in country.name and country.name not in o])
        _papers(country, rng)
    return out


def _people(country: Country, rng: random.Random, years: dict[str, list[str]], others: list[str]) -> None:
    """Actors and associates."""
    name = country.name

    def named(kind: int, count: int) -> list[str]:
        made: dict[str, None] = {}
        while len(made) < count:
            words = (rng.choice(WORDS_A), rng.choice(WORDS_B), rng.choice(WORDS_C[kind]))
            made[f"{''.join(w[0] for w in words)}: {' '.join(words)} of {name}"] = None
        return list(made)

    rebels, militias = named(2, rng.randrange(3, 7)), [f"Unidentified Armed Group ({name})", *named(3, rng.randrange(4, 9))]
    communal = [f"Unidentified Communal Militia ({name})", *(f"{p} Communal Militia ({name})" for p in rng.sample(PEOPLES, rng.randrange(2, 6)))]
    fixed = {2: rebels, 3: militias, 4: communal, 5: [f"Rioters ({name})"], 6: [f"Protesters ({name})"], 7: [f"Civilians ({name})"]}
    units = rng.sample(UNITS, 6)
    for number in range(LAST_DAY.year - FIRST_YEAR + 1):
        pools = [fixed.get(kind, []) for kind in range(10)]
        pools[1] = [f"Military Forces of {name} {years[name][number]}{unit}" for unit in units]
        pools[POLICE] = [f"Police Forces of {name} {years[name][number]}{unit}" for unit in units[:3]]
        pools[8] = [f"Military Forces of {o} {years[o][number]}" for o in others] or [f"RSM: Regional Stabilisation Mission in {name}"]
        country.pools.append([list(map(quoted, pool)) for pool in pools])
    groups = [f"{g} ({name})" for g in GROUPS]
    unions = named(0, rng.randrange(12, 24))
    combined = [rng.sample(groups, rng.choice((1, 1, 2, 3))) + rng.sample(unions, rng.choice((0, 0, 1, 1, 2))) for _ in range(140)]
    country.demonstrators = [quoted("; ".join(items)) for items in combined]
    country.allies = list(map(quoted, [*rebels, *militias[1:], *communal]))
    country.victims = [quoted("; ".join(f"{v} ({name})" for v in rng.sample(VICTIMS, rng.choice((1, 1, 2))))) for _ in range(30)]


def _papers(country: Country, rng: random.Random) -> None:
    """Sources: one to five publishers with the scale that they make together."""
    known = [(paper.format(country.name), scale) for paper, scale in PAPERS] + list(WIRES)
    for _ in range(180):
        chosen = rng.sample(known, rng.choices((1, 2, 3, 5), (70, 20, 8, 2))[0])
        scales = sorted({scale for _, scale in chosen}, key=SCALES.index)
        scale = scales[0] if len(scales) == 1 else f"{scales[0]}-{scales[-1]}"
        country.sources.append(f"{quoted('; '.join(name for name, _ in chosen))},{scale}")


def tails(rng: random.Random, count: int) -> list[str]:
    """Ends of notes, 20 to about 220 characters, quotes doubled as CSV wants them."""
    out: list[str] = []
    while len(out) < count:
        chosen = rng.sample(DETAILS, rng.choices((1, 2, 3), (4, 4, 2))[0])
        text = "".join(" " + d.format(n=rng.randrange(2, 60), hour=rng.randrange(4, 11), name=rng.choice(NAMES)) for d in chosen)
        if rng.random() < 0.06:
            text += " " + rng.choice(QUOTED).format(word=rng.choice(SLOGANS))
        if rng.random() < 0.006:
            text += rng.choice(BROKEN)
        out.append(text)
    return out


def crowd_tags(rng: random.Random) -> list[str]:
    out = ["crowd size=no report"] * 1800 + [f"crowd size={rng.choice(CROWDS)}" for _ in range(1100)]
    for _ in range(1100):
        n = rng.choice((rng.randrange(5, 60), rng.randrange(6, 50) * 10, rng.randrange(5, 60) * 100))
        out.append(
            "crowd size=" + rng.choice(("{n}", "around {n}", "about {n}", "at least {n}", "more than {n}", "{n}-{m}")).format(n=n, m=n + n // 2 + 1)
        )
    out[: len(out) // 50] = [f"{tag}; counter-demonstration" for tag in out[: len(out) // 50]]
    return out
