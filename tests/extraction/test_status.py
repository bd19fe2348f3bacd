from __future__ import annotations

import pytest

from tests.extraction.conftest import Reader


@pytest.mark.parametrize(
    "text",
    [
        "Opposition leaders called for a general strike in Kano on Monday.",
        "Activists plan to march to parliament in Kano on Friday.",
        "The union threatened to block the road to Kano next week.",
        "The army denied that troops had opened fire on villagers in Kano on Tuesday.",
        "The attacks on the villages will certainly continue.",
        "A counter-protest that traders had announced for Tuesday in Kano was cancelled.",
        "Residents fear an attack by gunmen in Kano.",
    ],
)
def test_T37_what_is_planned_feared_or_denied_is_never_an_event(text: str, read: Reader) -> None:
    drafts = read(text)
    assert [d.status for d in drafts] == ["hypothetical"]
    assert drafts[0].fields == {} and drafts[0].clue


def test_T37_the_same_words_without_the_sign_are_an_event(read: Reader) -> None:
    assert [d.status for d in read("Activists marched to parliament in Kano on Tuesday.")] == ["codable"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The president condemned the killing of three farmers.", "speech_act"),
        ("Since January, 40 attacks have killed more than 300 people in the north.", "aggregate"),
        ("Protests took place in 191 cities across the country in November 2019.", "aggregate"),
        ("Between 2009 and 2016, gunmen killed at least 141 members of the group in Iraq.", "aggregate"),
        ("The general, who was killed in a missile strike on 3 January, was widely known.", "background"),
        ("Last month, a suicide bomber killed 20 people at a mosque in Peshawar.", "background"),
    ],
)
def test_talk_sums_and_memories_are_kept_apart(text: str, status: str, read: Reader) -> None:
    drafts = read(text)
    assert status in {d.status for d in drafts}
    assert not any(d.status in ("codable", "lead") for d in drafts)


def test_an_anniversary_march_is_an_event_and_what_it_remembers_is_not(read: Reader) -> None:
    drafts = read("Hundreds of people marched in Lima on Tuesday, marking the third anniversary of the killing of two students.")
    event = next(d for d in drafts if d.status == "codable")
    assert event.fields["sub_event_type"] == "Peaceful protest" and event.fields["event_date"] == "2025-05-06"
    assert "fatalities" not in event.fields


def test_numbers_about_residents_are_an_attribute(read: Reader) -> None:
    drafts = read("The town, home to 12,000 people, was attacked on Tuesday.")
    assert "attribute" in {d.status for d in drafts}
    assert not any("crowd_low" in d.fields for d in drafts)


def test_no_place_or_only_a_country_makes_a_lead(read: Reader) -> None:
    (draft,) = read("Massive protests have been seen in Iran over the past four days.")
    assert draft.status == "lead" and draft.fields["country"] == "Iran" and "latitude" not in draft.fields
    assert "no point" in draft.rules["location"]


def test_T2_T3_an_undated_statement_stays_undated(read: Reader) -> None:
    (draft,) = read("Gunmen killed two traders in Kano.")
    assert draft.status == "lead" and "event_date" not in draft.fields and draft.rules["event_date"] == "no date in the text"
    (draft,) = read("Gunmen killed two traders in Kano on Tuesday.", published=None)
    assert "event_date" not in draft.fields and draft.rules["event_date"].startswith("no-publication-date")
