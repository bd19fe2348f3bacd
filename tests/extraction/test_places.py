"""Which places a text names, which one each name means, and which names are no places of an event."""

from __future__ import annotations

from typing import Any

import pytest

from eventcoder.extraction.kit import Kit
from eventcoder.extraction.places import read_places
from eventcoder.extraction.trial import try_places
from eventcoder.gazetteer import distance_km, earlier_places, open_gazetteer
from eventcoder.gazetteer.place import Place
from eventcoder.project import Settings


def places(text: str, kit: Kit, **more: Any) -> list[dict[str, Any]]:
    return list(try_places({"id": 1, "text": text, **more}, kit)["places"])


def first(text: str, kit: Kit, **more: Any) -> tuple[str, str, float, float]:
    place = places(text, kit, **more)[0]
    return place["name"], place["country"], place["latitude"], place["longitude"]


# Texts, the event's place in them, and where it lies (to half a degree).
MEANT = [
    ("On 3 May 2026, Russian forces shelled Tsyrkuny (Tsyrkuny hromada, Kharkiv).", "Tsyrkuny", "Ukraine", 50.1, 36.4),
    ("On 8 May 2026, Houthi forces shelled Al Tuhayta town in At Tuhayta district of Al Hodeidah governorate.", "Al Tuhayta", "Yemen", 14.2, 43.2),
    ("Around 12 January, RSF looted houses in Wad Madani (Al Jazirah).", "Wad Madani", "Sudan", 14.4, 33.5),
    ("Air strikes hit Deir Ezzor on Friday, the Syrian army said.", "Deir Ezzor", "Syria", 35.3, 40.1),
    ("Fighting raged around Mekele, the capital of Ethiopia's Tigray region.", "Mekele", "Ethiopia", 13.5, 39.5),
    ("Israeli tanks entered Khan Younis on Monday.", "Khan Younis", "Palestine", 31.3, 34.3),
    ("Rockets were fired from Gaza City towards Sderot.", "Gaza City", "Palestine", 31.5, 34.5),
    ("IS militants attacked a checkpoint in Sheikh Zuweid, North Sinai.", "Sheikh Zuweid", "Egypt", 31.2, 34.1),
    ("Unknown assailants fired at a van in Kulachi tehsil of Dera Ismail Khan district.", "Kulachi", "Pakistan", 31.9, 70.5),
    ("BNP activists clashed with police at Savar upazila in Dhaka district.", "Savar", "Bangladesh", 23.9, 90.3),
    ("NPA rebels clashed with soldiers in Barangay San Isidro, Las Navas, Northern Samar.", "San Isidro", "Philippines", 12.4, 125.0),
    ("The PDF said it attacked a convoy in Ye-U Township, Sagaing Region.", "Ye-U", "Myanmar", 22.8, 95.4),
    ("A car bomb exploded in Sadr City, a district of eastern Baghdad.", "Sadr City", "Iraq", 33.4, 44.5),
    ("Two protesters were shot in Ikeja, Lagos, on Wednesday.", "Ikeja", "Nigeria", 6.6, 3.4),
    ("Gunmen raided Bali town in Taraba State.", "Bali", "Nigeria", 7.9, 11.0),
    ("An explosion was heard in Denpasar, Bali.", "Denpasar", "Indonesia", -8.7, 115.2),
    ("Hundreds rallied in Newcastle, New South Wales.", "Newcastle", "Australia", -32.9, 151.8),
    ("Dozens of people rallied in Nice on Saturday, French media reported.", "Nice", "France", 43.7, 7.3),
    ("Unknown gunmen abducted a teacher in Beni, North Kivu.", "Beni", "Democratic Republic of Congo", 0.5, 29.5),
    ("A car bomb exploded in Kiev on Tuesday.", "Kiev", "Ukraine", 50.5, 30.5),
    ("GUNMEN KILL 12 IN KADUNA VILLAGE", "KADUNA", "Nigeria", 10.5, 7.4),
    ("Shelling hit Sloviansk, Moscow said.", "Sloviansk", "Ukraine", 48.9, 37.6),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "country", "latitude", "longitude"), MEANT, ids=[m[1] for m in MEANT])
def test_the_place_that_is_meant(text: str, name: str, country: str, latitude: float, longitude: float, kit: Kit) -> None:
    found = first(text, kit)
    assert found[:2] == (name, country)
    assert distance_km(found[2], found[3], latitude, longitude) < 80


@pytest.mark.parametrize(
    ("text", "country", "admin1"),
    [
        ("Police fired tear gas in Portland, Oregon.", "United States", "Oregon"),
        ("A man was shot dead in Springfield, IL, police said.", "United States", "Illinois"),
        ("Some 200 residents marched in Athens, Ga., against the new jail.", "United States", "Georgia"),
        ("A rally took place in Savannah, Georgia.", "United States", "Georgia"),
        ("A rally took place in Batumi, Georgia.", "Georgia", "Adjara"),
        ("Farmers blocked roads outside Paris, Texas.", "United States", "Texas"),
        ("Demonstrators gathered in London, Ontario.", "Canada", "Ontario"),
        ("Workers rallied in Long Beach, CA.", "United States", "California"),
    ],
)
def test_T9_the_division_named_beside_a_town_decides(text: str, country: str, admin1: str, kit: Kit) -> None:
    place = next(m.best for m in read_places(text, kit).mentions if m.parent is not None)
    assert place is not None
    assert (place.country, place.admin1) == (country, admin1)


@pytest.mark.parametrize(
    ("text", "none"),
    [
        ("Washington warned Tehran on Thursday; a protest took place in Mashhad.", ("Washington", "Tehran")),
        ("The White House condemned violence in Minneapolis.", ("White House",)),
        ("Researchers of China University of Geosciences staged a sit-in in Wuhan.", ("China", "Geosciences")),
        ("Students of the University of Lagos protested in Abuja.", ("Lagos",)),
        ("The Bishop of Mopti called for calm after a march in Bamako.", ("Mopti",)),
        ("President Lincoln Jackson condemned the killing in Goma.", ("Lincoln", "Jackson")),
        ("Paris Hilton visited protesters in Austin, Texas.", ("Paris",)),
        ("Florence Nakato, 34, was beaten by police in Masaka.", ("Florence",)),
        ("Suspected Boko Haram militants killed three in Kano in March.", ("Boko", "March")),
        ("Kurdish demonstrators marched through Cologne.", ("Kurdish",)),
        ("Clashes between the ELN and the army hit Arauca.", ("ELN",)),
    ],
)
def test_governments_bodies_persons_and_peoples_are_no_places(text: str, none: tuple[str, ...], kit: Kit) -> None:
    found = places(text, kit)
    assert found and found[0]["latitude"] is not None
    assert not [p["name"] for p in found if any(word in p["name"] for word in none)]


def test_T7_the_dateline_is_no_place_of_an_event(kit: Kit) -> None:
    for text in (
        "NAIROBI, Kenya, May 4 (Wire) - Fighters attacked a village near Mandera on Monday, police said.",
        "Raid on village\n\nNAIROBI, May 4 (Wire) - Fighters attacked a village near Mandera on Monday, police said.",
    ):
        assert [p["name"] for p in places(text, kit, published="2026-05-05")] == ["Mandera"]


def test_T8_several_places_are_all_given_and_the_first_is_not_taken_for_all(kit: Kit) -> None:
    found = places("Protesters marched in Kano, Kaduna and Zaria on Monday.", kit)
    assert [(p["name"], p["country"]) for p in found] == [("Kano", "Nigeria"), ("Kaduna", "Nigeria"), ("Zaria", "Nigeria")]


def test_T10_one_unknown_place_empties_no_other(kit: Kit) -> None:
    geography = read_places("Gunmen killed two traders in Qxyzwodi. In Kano, police arrested nine men.", kit)
    assert {m.name: m.best is not None for m in geography.mentions} == {"Qxyzwodi": False, "Kano": True}


def test_a_name_borne_by_towns_of_equal_weight_is_left_to_the_coder(kit: Kit) -> None:
    (place,) = places("A man was shot dead in Springfield on Monday.", kit)
    assert place["gazetteer_id"] is None
    assert len(place["candidates"]) > 1 and all(0 <= c["score"] <= 1 for c in place["candidates"])


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("A bomb went off in Baquba, Iraq.", 1),
        ("A bomb went off near Baquba, Iraq.", 2),
        ("A bomb went off 30 km north of Baquba, Iraq.", 2),
        ("Clashes were reported in Anka LGA of Zamfara State.", 2),
        ("Fighting was reported in the province of Khuzestan, Iran.", 3),
        ("Clashes were reported in Borno State.", 3),
        ("Clashes were reported across Donbas.", 3),
    ],
)
def test_T6_the_words_of_the_text_say_how_exact_a_place_is(text: str, precision: int, kit: Kit) -> None:
    assert places(text, kit)[0]["geo_precision"] == precision


def test_T6_a_village_that_the_gazetteer_lacks_stands_in_its_district_never_as_a_point(kit: Kit) -> None:
    text = "On 14 June 2026, militants attacked Gidan Xarba village (Chibok LGA, Borno), killing 3 civilians."
    place = places(text, kit, published="2026-06-16")[0]
    assert (place["name"], place["country"], place["geo_precision"]) == ("Gidan Xarba", "Nigeria", 2)
    assert distance_km(place["latitude"], place["longitude"], 10.87, 12.85) < 60
    assert place["score"] < 0.7


def test_T6_a_country_is_no_point(kit: Kit) -> None:
    (place,) = places("Protests were held across Iran.", kit)
    assert (place["country"], place["latitude"], place["gazetteer_id"]) == ("Iran", None, "geonames:130758")


def test_T11_disputed_and_renamed_places_follow_the_codebook(kit: Kit) -> None:
    assert first("Masked men attacked police in Zvecan, northern Kosovo.", kit)[1] == "Kosovo"
    assert first("Drones struck an oil depot in Feodosia, Crimea.", kit)[1] == "Ukraine"
    assert first("Settlers attacked olive pickers in Huwara, in the occupied West Bank.", kit)[1] == "Palestine"
    assert first("Police detained activists in Nur-Sultan, Kazakhstan.", kit)[1] == "Kazakhstan"


def test_T13_the_same_text_gives_the_same_places(kit: Kit) -> None:
    text = "Clashes broke out in San Pedro, Santa Cruz and San Antonio on Monday, police in Victoria said."
    again = Kit(kit.codebook, open_gazetteer(kit.codebook), kit.actors)
    assert places(text, kit) == places(text, kit) == places(text, again)


def test_the_scope_of_the_project_decides_between_namesakes(kit: Kit) -> None:
    text = "A bomb exploded in Tripoli on Monday."
    lebanon = Kit(kit.codebook, kit.gazetteer, kit.actors, Settings(countries=("Lebanon",)))
    assert places(text, lebanon)[0]["country"] == "Lebanon"
    libya = Kit(kit.codebook, kit.gazetteer, kit.actors, Settings(countries=("Libya",)))
    assert places(text, libya)[0]["country"] == "Libya"


ORSOVA = {"location": "Orsova", "country": "Romania", "admin1": "Mureș County", "latitude": 46.75, "longitude": 24.9137}


def test_the_places_of_earlier_events_come_first(kit: Kit) -> None:
    """A town that the project has coded before settles what the text alone leaves open, and never unsettles what it settled."""
    gazetteer = open_gazetteer(kit.codebook, earlier=earlier_places([{**ORSOVA, "gazetteer_id": "geonames:671680"}]))
    (place,) = places("Around 80 workers rallied outside the town hall of Orsova on Monday.", Kit(kit.codebook, gazetteer, kit.actors))
    assert place["gazetteer_id"] == "geonames:671680"
    kano = {"location": "Kano", "country": "Nigeria", "latitude": 12.0001, "longitude": 8.5167, "gazetteer_id": "geonames:2335204"}
    gazetteer = open_gazetteer(kit.codebook, earlier=earlier_places([kano]))
    (place,) = places("Police opened fire on traders in Kano on Tuesday.", Kit(kit.codebook, gazetteer, kit.actors))
    assert place["gazetteer_id"] == "geonames:2335204"


def test_earlier_places_beat_a_city_of_that_name_but_not_the_country_that_the_text_names(kit: Kit) -> None:
    paris = {"location": "Paris", "country": "United States", "latitude": 33.66, "longitude": -95.56, "gazetteer_id": "geonames:4717560"}
    coded = Kit(kit.codebook, open_gazetteer(kit.codebook, earlier=earlier_places([paris])), kit.actors)
    assert places("Forty people marched in Paris on Monday.", coded)[0]["gazetteer_id"] == "geonames:4717560"
    assert places("Forty people marched in Paris, France, on Monday.", coded)[0]["country"] == "France"


def test_a_place_of_the_team_is_found_by_another_spelling_too(kit: Kit) -> None:
    team = [Place("team:syria-tell-hamdun", "Tell Hamdun", "Syria", "Al-Hasakah", None, 36.9, 40.9)]
    coded = Kit(kit.codebook, open_gazetteer(kit.codebook, team=team), kit.actors)
    place = places("Shells hit the village of Tall Hamdoun, Syria, on Monday.", coded)[0]
    assert (place["gazetteer_id"], place["country"]) == ("team:syria-tell-hamdun", "Syria")


@pytest.mark.parametrize(
    "text", ["", " ", "in", "In ", "(", "Kano", "in Kano's", "– Kano–Zaria road", "U.S.", "IN KANO " * 400, "Äöü, Ñ. Ж Щ 漢字 in Ж."]
)
def test_any_text_is_read(text: str, kit: Kit) -> None:
    for mention in read_places(text, kit).mentions:
        assert text[mention.start : mention.end] == mention.name
