"""Places that a team registers and those of events already coded."""

from __future__ import annotations

from eventcoder.gazetteer import distance_km, earlier_places, places_from_entries, team_id

BODY = {"gazetteer_id": "team:iraq-camp-ashraf", "name": "Camp Ashraf", "country": "Iraq", "admin1": "Diyala", "admin2": "", "latitude": 33.81,
        "longitude": 44.5212345, "aliases": ["Ashraf"]}  # fmt: skip


def test_a_later_entry_replaces_an_earlier_one_and_may_remove_it() -> None:
    moved = {**BODY, "latitude": 33.9}
    other = {"name": "Qasr el-Nil Square", "country": "Egypt", "latitude": 30.04, "longitude": 31.23}
    places = places_from_entries([{"kind": "place", "body": BODY}, other, moved])
    assert [(p.gazetteer_id, p.latitude, p.longitude, p.admin2) for p in places] == [
        ("team:iraq-camp-ashraf", 33.9, 44.5212, None),
        ("team:egypt-qasr-el-nil-square", 30.04, 31.23, None),
    ]
    assert places_from_entries([BODY, {**BODY, "removed": True}]) == []


def test_earlier_places_are_those_of_events_with_a_point() -> None:
    events = [
        {"location": "Orsova", "country": "Romania", "latitude": 44.7253, "longitude": 22.3961, "gazetteer_id": "geonames:670474"},
        {"location": "Orsova", "country": "Romania", "latitude": 44.73, "longitude": 22.4, "gazetteer_id": None},
        {"location": "Somewhere", "country": "Romania", "latitude": None, "longitude": None},
        {"country": "Romania", "latitude": 0.0, "longitude": 0.0},
    ]
    found = earlier_places(events)
    assert list(found) == [("Orsova", "Romania")]
    assert found["Orsova", "Romania"].point == (44.73, 22.4)


def test_ids_of_team_places_are_plain() -> None:
    assert team_id("Plaza São João", "Brazil") == "team:brazil-plaza-sao-joao"


def test_distance_of_known_cities() -> None:
    assert round(distance_km(51.5074, -0.1278, 48.8566, 2.3522)) == 344
    assert distance_km(0, 179.5, 0, -179.5) < 112
