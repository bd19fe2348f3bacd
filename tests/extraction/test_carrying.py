"""Events that name no place or day of their own: taken over from the sentence before, the headline, the bulletin's item; and when not."""

from __future__ import annotations

import pytest

from eventcoder.event import Draft
from tests.extraction.conftest import Reader


def rows(drafts: list[Draft]) -> list[tuple[str, str | None]]:
    return [(d.fields["event_date"], d.fields.get("location")) for d in drafts if d.status == "codable"]


def test_the_place_told_just_before_in_the_paragraph(read: Reader) -> None:
    text = "In Zaria, Nigeria, soldiers killed two farmers on Monday. On Tuesday, hundreds of people marched against the army."
    drafts = read(text)
    assert rows(drafts) == [("2025-05-05", "Zaria"), ("2025-05-06", "Zaria")]
    march = drafts[1]
    assert march.rules["location"] == "continued:event" and [s.quote for s in march.evidence["location"]] == ["Zaria"]


@pytest.mark.parametrize(
    "text",
    [
        "Tension ran high in Zaria, Nigeria, on Tuesday. Youths set fire to a market and police fired tear gas.",
        "Huge crowd in Zaria, Nigeria, on Tuesday! Teachers marched from the bridge to the palace.",
    ],
)
def test_a_sentence_without_an_event_sets_day_and_place(text: str, read: Reader) -> None:
    drafts = read(text)
    assert rows(drafts) == [("2025-05-06", "Zaria")]
    (event,) = [d for d in drafts if d.status == "codable"]
    assert event.rules["event_date"].startswith("continued") and event.evidence["event_date"][0].quote == "Tuesday"


def test_the_headline_names_the_town(read: Reader) -> None:
    text = (
        "Bomb kills three at market in Zaria\n\nNigerian police said a bomb hidden in a cart exploded at a market on Tuesday morning, killing "
        "three traders and wounding nine others. Officers cordoned off the area."
    )
    drafts = read(text)
    assert rows(drafts) == [("2025-05-06", "Zaria")]
    (headline,) = [d for d in drafts if d.status == "attribute"]
    (event,) = [d for d in drafts if d.status == "codable"]
    assert headline.candidates["same_as"][0]["draft"] == event.draft_id


@pytest.mark.parametrize(
    "text",
    [
        "KANO, Nigeria, May 7 (Newswire) - Gunmen killed three farmers on Tuesday.",
        "Governor Musa Bello spoke in Kano, Nigeria. Elsewhere, gunmen killed three farmers on Tuesday.",
        "The army has bases in Kano and Zaria, Nigeria.\n\nGunmen killed three farmers on Tuesday.",
        "Gunmen killed three farmers on Tuesday, according to an elder in Kano.",
        "Gunmen shot three farmers on Tuesday; they were taken to a hospital in Kano.",
    ],
)
def test_T7_no_place_from_datelines_sources_hospitals_or_elsewhere(text: str, read: Reader) -> None:
    assert not rows(read(text))


def test_it_happened_on_tuesday_dates_the_event_before(read: Reader) -> None:
    text = "Gunmen stormed a clinic in Zaria, Nigeria, and abducted two nurses. Villagers heard shots. The incident happened on Monday evening."
    drafts = read(text)
    assert rows(drafts) == [("2025-05-05", "Zaria")]
    (event,) = [d for d in drafts if d.status == "codable"]
    assert event.rules["event_date"].startswith("told-after")


def test_an_event_without_a_word_of_the_lexicon_is_read_by_its_day_place_and_people(read: Reader) -> None:
    drafts = read("In Yerevan about 200 relatives of missing conscripts stood silently before the ministry of defence on Tuesday with photographs.")
    assert rows(drafts) == [("2025-05-06", "Yerevan")] and drafts[0].fields["sub_event_type"] == "Peaceful protest"
    assert not rows(read("About 200 guests attended the opening of a hotel in Yerevan that will not be named on Tuesday."))


def test_a_town_that_is_not_known_goes_before_its_region(read: Reader) -> None:
    (event,) = [d for d in read("Soldiers burned houses in the village of Qxyzwodi in Borno State, Nigeria, on Tuesday.") if d.status == "codable"]
    assert (event.fields["location"], event.fields["country"]) == ("Qxyzwodi", "Nigeria")
