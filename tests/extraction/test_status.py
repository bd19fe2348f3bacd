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


# What real texts tell beside the news: none of it may become a row. (text, the status under which it must appear)
NEVER_ROWS = [
    ("At least 1,204 people have been killed in attacks in the north since the start of the year, the UN said.", "aggregate"),
    ("So far this year, police have recorded 312 kidnappings.", "aggregate"),
    ("The killing brings to 14 the number of journalists murdered in Mexico this year.", "aggregate"),
    ("Over the past decade, the conflict has claimed more than 40,000 lives.", "aggregate"),
    ("Since 16 January, when the offensive began, 80 people have been killed in the region.", "aggregate"),
    ("Violence between the factions has killed over 900 people in Kano since May 2.", "aggregate"),
    ("In a statement on Friday he said that troops had killed 40 fighters in several operations near Kano.", "aggregate"),
    ("During the reporting period, 14 protests and 9 clashes were recorded in Kano.", "aggregate"),
    ("Wednesday marked ten years since gunmen stormed the museum in Tunis, killing 22 people.", "background"),
    ("On this day in 1989, troops opened fire on demonstrators in Tbilisi.", "background"),
    ("A court in Sofia sentenced two men on Wednesday to life in prison for the 2012 bombing of a bus in Burgas.", "background"),
    ("Jurors in Leeds watched a video on Monday that shows a man stabbing a student during the unrest.", "background"),
    ("Six officers went on trial in Dakar on Monday over the killing of a student in February 2023.", "background"),
    ("Soldiers patrolled the empty streets on Wednesday after a week of violence in which gunmen took over a station in Kano.", "background"),
    ("Union leaders vowed to block the highway outside Kano on Friday unless the decree is withdrawn.", "hypothetical"),
    ("The demonstration scheduled for Wednesday in Kano was postponed.", "hypothetical"),
    ("The group has announced a night march in Kano for Monday.", "hypothetical"),
    ("Police foiled a plot to bomb a train station in Kano, the minister said on Tuesday.", "hypothetical"),
    ("The army denied bombing the hospital in Kano on Tuesday.", "hypothetical"),
    ("No clashes were reported in Kano on Monday.", "hypothetical"),
    ("Rumours that soldiers had shot a student in Kano on Tuesday proved false.", "hypothetical"),
    ("The general warned on Tuesday that his troops would retaliate for any attack on Kano.", "hypothetical"),
    ("A rally that had been announced for Wednesday in Kano did not take place.", "hypothetical"),
    ("Kyiv blamed Moscow on Tuesday for the drone attack on a hospital in Sumy last month.", "speech_act"),
    ("Leaders of the breakaway group denied on Tuesday that they had asked for weapons.", "speech_act"),
    ("The governor condemned all acts of lawlessness in Kano on Tuesday.", "speech_act"),
]


@pytest.mark.parametrize(("text", "status"), NEVER_ROWS)
def test_totals_anniversaries_forecasts_denials_and_talk_are_no_rows(text: str, status: str, read: Reader) -> None:
    drafts = read(text)
    assert not [d for d in drafts if d.status == "codable"]
    assert status in {d.status for d in drafts}
    assert all(d.clue for d in drafts)


# The totals, memories and plans of real texts stand beside news of the same days and have a day and a place of their own.
BESIDE_NEWS = [
    "In Plateau state alone, 52 people have died in five days of fighting, the Red Cross said on Tuesday.",
    "The army said on Monday it had killed 60 militants in a week of operations in Borno.",
    "Bandits killed 12 people in Baringo and nine in Samburu in the space of a week, officials said on Tuesday.",
    "Two buses were hijacked in Zaria in the last week alone.",
    "Settlers have attacked Duma four times this week, residents said on Tuesday.",
    "From April 27 to May 4, gangs killed 44 people in Kenscoff, a rights group said on Tuesday.",
    "The death toll from the fighting in Bukavu rose to 64 on Tuesday from 41 at the weekend.",
    "Police recorded 41 election-related shootings in Maiduguri up to Tuesday.",
    "A total of 75 people were hurt in clashes in five districts on Monday and Tuesday.",
    "A year ago on Sunday gunmen stormed a church in Owo, killing 40 worshippers.",
    "The church in Kasanga, where 70 people were found beheaded in February, reopened on Sunday.",
    "Workers are to rally in Zaria on Thursday.",
]


@pytest.mark.parametrize("beside", BESIDE_NEWS)
def test_only_the_news_beside_a_total_a_memory_or_a_plan_is_a_row(beside: str, read: Reader) -> None:
    text = f"KANO, Nigeria - Gunmen shot dead three traders in Gusau on Monday, police said. {beside}"
    assert ["shot dead three traders" in d.statement.quote for d in read(text) if d.status == "codable"] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen killed five farmers in Gusau, Nigeria, on Monday, in the second attack in three days.",
        "Police in Kano, Nigeria, arrested 14 protesters on Tuesday after two days of unrest.",
        "In Kano, Nigeria, where students have protested for weeks, police fired tear gas on Tuesday.",
    ],
)
def test_a_length_of_time_beside_a_day_of_its_own_does_not_undo_an_event(text: str, read: Reader) -> None:
    assert "codable" in {d.status for d in read(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen reportedly killed four fishermen in Kano, Nigeria, on Tuesday.",
        "Six villagers were allegedly beaten by soldiers in Kano, Nigeria, on Tuesday, according to local media.",
        "A man accused of theft was beaten to death by a mob in Kano, Nigeria, on Tuesday.",
        "Five people would have been killed in Kano, Nigeria, on Tuesday in an attack by gunmen, says the radio.",
        "Gunmen killed four fishermen in Kano, Nigeria, on Tuesday, in one of a series of attacks.",
        "Gunmen killed four fishermen in Kano, Nigeria, on Tuesday, and police said they would hunt them down.",
    ],
)
def test_hedges_and_what_follows_do_not_undo_an_event(text: str, read: Reader) -> None:
    assert [d.fields["event_date"] for d in read(text) if d.status == "codable"] == ["2025-05-06"]


def test_every_codable_draft_lies_in_the_window(read: Reader) -> None:
    drafts = read("Gunmen killed two men in Kano, Nigeria, on 3 April. On Sunday they killed three. They will attack Zaria next Sunday.")
    assert [(d.status, d.fields.get("event_date")) for d in drafts][:2] == [("background", "2025-04-03"), ("codable", "2025-05-04")]
