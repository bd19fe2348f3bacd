"""What a statement takes over from its neighbours: the day of the event before, the actor from a claim; and points between two towns."""

from __future__ import annotations

import pytest

from eventcoder.event import Draft
from tests.extraction.conftest import Reader


def events(drafts: list[Draft]) -> list[Draft]:
    return [d for d in drafts if d.status in ("codable", "lead")]


def days(drafts: list[Draft]) -> dict[str | None, str | None]:
    return {d.fields.get("location"): d.fields.get("event_date") for d in events(drafts)}


def test_a_statement_that_goes_on_takes_over_the_day_and_says_so(read: Reader) -> None:
    text = "Hundreds marched in Lyon, France, on Tuesday. Similar marches were held in Marseille and Nantes, where some 900 took part in each."
    drafts = read(text)
    assert days(drafts) == {"Lyon": "2025-05-06", "Marseille": "2025-05-06", "Nantes": "2025-05-06"}
    nantes = next(d for d in drafts if d.fields.get("location") == "Nantes")
    assert nantes.status == "codable" and nantes.rules["event_date"] == "continued:weekday"
    assert [s.quote for s in nantes.evidence["event_date"]] == ["Tuesday"]
    assert nantes.fields["time_precision"] == 1 and nantes.fields["date_start"] == nantes.fields["date_end"] == "2025-05-06"


@pytest.mark.parametrize("word", ["Similar protests were held", "Meanwhile, teachers protested", "Workers also protested"])
def test_across_paragraphs_only_with_a_word_that_links(word: str, read: Reader) -> None:
    first = "Hundreds of people marched in Lyon, France, on Tuesday.\n\n"
    assert days(read(first + word + " in Nantes."))["Nantes"] == "2025-05-06"
    assert days(read(first + "Teachers protested in Nantes."))["Nantes"] is None


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen attacked Kano in Nigeria on 3 May 2019, killing four people. In Zaria, gunmen killed two farmers.",
        "Hundreds marched in Kano, Nigeria, on Tuesday. In Zaria, soldiers had killed two farmers.",
        "Hundreds marched in Kano, Nigeria, on Tuesday. The day is the anniversary of a flood. In Zaria, soldiers killed two farmers.",
        "Hundreds marched in Kano, Nigeria, last week. In Zaria, soldiers killed two farmers.",
        "Hundreds marched in Kano, Nigeria, on Tuesday. Years ago soldiers killed two farmers in Zaria.",
    ],
)
def test_T3_no_day_from_or_across_the_past_or_from_a_span(text: str, read: Reader) -> None:
    assert days(read(text)).get("Zaria") is None


def test_separately_is_another_event_though_place_and_day_agree(read: Reader) -> None:
    drafts = events(read("Gunmen killed three traders in Zaria, Nigeria, on Tuesday. Separately, gunmen killed two farmers."))
    assert [d.fields["fatalities"] for d in drafts] == [3, 2]
    assert drafts[1].fields["event_date"] == "2025-05-06" and drafts[1].rules["event_date"].startswith("continued")


def test_each_place_has_its_own_day(read: Reader) -> None:
    drafts = read("Farmers staged a sit-in in Ludhiana on Monday and in Amritsar, India, on Tuesday.")
    assert days(drafts) == {"Ludhiana": "2025-05-05", "Amritsar": "2025-05-06"}


@pytest.mark.parametrize(
    "claim",
    ["Boko Haram claimed responsibility on Wednesday.", "The attack was later claimed by Boko Haram.", "Boko Haram later claimed the attack."],
)
def test_a_claim_names_the_unnamed_attacker(claim: str, read: Reader) -> None:
    (event,) = events(read("Gunmen killed two farmers in Zaria, Nigeria, on Tuesday. " + claim))
    assert (event.fields["actor1"], event.rules["actor1"], event.fields["event_date"]) == ("Boko Haram", "claim", "2025-05-06")
    assert [s.quote for s in event.evidence["actor1"]] == ["Boko Haram"]


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen killed two farmers in Zaria, Nigeria, on Tuesday. No group claimed responsibility; Boko Haram is active there.",
        "Gunmen killed two farmers in Zaria, Nigeria, on Tuesday. Boko Haram denied any part and never claimed responsibility.",
    ],
)
def test_what_nobody_claimed_stays_unnamed(text: str, read: Reader) -> None:
    assert events(read(text))[0].fields["actor1"] == "Unidentified Armed Group (Nigeria)"


def test_a_claim_never_replaces_a_named_actor(read: Reader) -> None:
    drafts = events(read("Police shot dead two farmers in Zaria, Nigeria, on Tuesday. Boko Haram claimed the attack."))
    assert drafts[0].fields["actor1"].startswith("Police Forces of Nigeria")


@pytest.mark.parametrize(
    "where", ["on the road between Damboa and Biu", "on the road from Damboa to Biu", "on the Damboa-Biu road", "between Damboa and Biu"]
)
def test_T8_a_point_between_two_towns_is_one_event_near_the_first(where: str, read: Reader) -> None:
    (event,) = events(read(f"Gunmen abducted three traders {where} in Nigeria on Tuesday."))
    assert (event.fields["location"], event.fields["geo_precision"]) == ("Damboa", 2)
    assert {"Damboa", "Biu"} <= {c["name"] for c in event.candidates["location"]}


def test_T8_a_list_of_towns_stays_an_event_each(read: Reader) -> None:
    drafts = events(read("Thousands marched in Lagos, Ibadan and Abuja, Nigeria, on Tuesday."))
    assert sorted(d.fields["location"] for d in drafts) == ["Abuja", "Ibadan", "Lagos"]
    assert {d.fields["geo_precision"] for d in drafts} == {1}
