"""Places of coders' notes: names outside the named parent, districts, villages that no list has, and places that the event only mentions."""

from __future__ import annotations

from typing import Any

import pytest

from eventcoder.extraction.kit import Kit
from eventcoder.extraction.trial import try_places
from eventcoder.gazetteer import distance_km


def first(text: str, kit: Kit, country: str | None = None) -> dict[str, Any]:
    return dict(try_places({"id": 1, "text": text, "country": country}, kit)["places"][0])


# Text, country that the caller gives, the event's place, where it lies.
HELD_BY_PARENT = [
    ("Gunmen wounded a guard in Palma town (Palma, Cabo Delgado).", "Mozambique", "Palma", -10.8, 40.5),
    ("A policeman died in the Lobato neighbourhood of Salvador (Bahia).", "Brazil", "Lobato", -13.0, -38.5),
    ("A shootout broke out in the Jacarezinho favela in Rio de Janeiro.", None, "Jacarezinho", -22.9, -43.2),
    ("Women gathered at Al Karama square in As-Suwayda city.", "Syria", "Al Karama", 32.7, 36.6),
    ("Maoists ambushed a patrol in Bijapur and Sukma districts (Chhattisgarh).", None, "Bijapur", 18.8, 80.8),
    ("Gunmen ambushed a patrol in El Aguaje, Aguililla (Michoacan).", "Mexico", "El Aguaje", 18.7, -102.8),
    ("Bandits burned huts in Kwaimbana village (Maru LGA, Zamfara).", "Nigeria", "Kwaimbana", 12.3, 6.4),
    ("Gunmen kidnapped a teacher in Zzakwe (Momo, Nord-Ouest).", "Cameroon", "Zzakwe", 5.9, 9.9),
]


@pytest.mark.parametrize(("text", "country", "name", "latitude", "longitude"), HELD_BY_PARENT)
def test_a_name_lies_inside_the_place_named_with_it(text: str, country: str | None, name: str, latitude: float, longitude: float, kit: Kit) -> None:
    place = first(text, kit, country)
    assert place["name"] == name
    assert distance_km(latitude, longitude, place["latitude"], place["longitude"]) < 130


def test_an_unknown_village_keeps_its_name_and_is_no_exact_point(kit: Kit) -> None:
    place = first("On 2 May 2023, junta troops torched homes in Kan Taw village (Gangaw, Magway).", kit, "Myanmar")
    assert place["name"] == "Kan Taw"
    assert place["geo_precision"] == 2


def test_refugees_are_not_at_home_where_they_demonstrate(kit: Kit) -> None:
    place = first("Refugees from Homs demonstrated in Beirut.", kit)
    assert (place["name"], place["country"]) == ("Beirut", "Lebanon")


DISTRICTS = [
    ("Soldiers burned 40 houses in Myaung township (Sagaing region).", "Myanmar", 21.83, 95.41),
    ("Party workers scuffled at a polling centre in Dolakha district.", "Nepal", 27.67, 86.03),
    ("Two candidates' supporters fought in Gabtali (Bogura).", "Bangladesh", 24.85, 89.37),
    ("Militiamen clashed with soldiers in Djugu territory (Ituri).", "Democratic Republic of Congo", 1.92, 30.5),
    ("Militiamen looted a clinic in Mambasa territory (Ituri).", "Democratic Republic of Congo", 1.36, 29.05),
    ("Rebels attacked a bus in Guliso woreda (West Wellega, Oromia).", "Ethiopia", 9.17, 35.6),
]


@pytest.mark.parametrize(("text", "country", "latitude", "longitude"), DISTRICTS)
def test_districts_lie_where_they_are(text: str, country: str, latitude: float, longitude: float, kit: Kit) -> None:
    place = first(text, kit, country)
    assert distance_km(latitude, longitude, place["latitude"], place["longitude"]) < 40
    assert place["geo_precision"] == 2


def test_a_district_seat_named_alone_is_a_town(kit: Kit) -> None:
    assert first("On 3 May 2026, a convoy was ambushed in Paletwa, Chin State.", kit, "Myanmar")["geo_precision"] == 1


# Text, country, the event's place: not what the crowd speaks of, where its people are from, or after whom a park is named.
MEANT = [
    ("Students blocked the Dhaka-Rajshahi highway in Natore on Monday.", "Bangladesh", "Natore"),
    ("Demonstrators took to the streets of Khartoum to denounce violence in Blue Nile state.", "Sudan", "Khartoum"),
    ("Shopkeepers in Sukkur rallied to condemn the killing of a trader in Shikarpur.", "Pakistan", "Sukkur"),
    ("Youths protested at Gani Fawehinmi Park in Ojota, Lagos.", "Nigeria", "Ojota"),
    ("Rebel factions in Daraa reached a deal with the army in Bosra.", "Syria", "Bosra"),
    ("Fishermen in Kribi burned a trawler in Limbe on Monday.", "Cameroon", "Limbe"),
    ("At Gabès, some sixty youths forced the gate of a factory on Wednesday.", None, "Gabès"),
]


@pytest.mark.parametrize(("text", "country", "name"), MEANT)
def test_the_first_place_is_that_of_the_event(text: str, country: str | None, name: str, kit: Kit) -> None:
    assert first(text, kit, country)["name"] == name


def test_a_road_without_a_place_on_it_lies_near_its_ends(kit: Kit) -> None:
    place = first("Bandits stopped a bus on the Kano-Zaria road on Monday.", kit, "Nigeria")
    assert (place["name"], place["geo_precision"]) == ("Kano", 2)


def test_a_suburb_named_after_the_city_is_the_place(kit: Kit) -> None:
    assert first("A car bomb exploded in the Baghdad suburb of Abu Ghraib.", kit)["name"] == "Abu Ghraib"


def test_listed_districts_do_not_stand_before_great_cities(kit: Kit) -> None:
    assert kit.gazetteer.lookup("Palma", limit=1)[0].country == "Spain"
    assert kit.gazetteer.lookup("Palma", country="Mozambique", limit=1)[0].admin1 == "Cabo Delgado"
