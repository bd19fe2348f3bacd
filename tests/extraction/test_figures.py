"""Figures of several sources about one event."""

from __future__ import annotations

import pytest

from tests.extraction.conftest import Reader

BOMB = "A bomb killed {} in Mosul, Iraq, on Tuesday."


def deaths(text: str, read: Reader) -> tuple[int | None, int | None, int | None]:
    event = next(d for d in read(text) if d.status == "codable")
    return event.fields.get("fatalities"), event.fields.get("fatalities_low"), event.fields.get("fatalities_high")


@pytest.mark.parametrize(
    ("told", "later", "wanted"),
    [
        ("25 people", "The health ministry put the number of dead at 27.", (25, 25, 27)),
        ("25 people", "Hospital sources said 22 people had died.", (22, 22, 25)),
        ("at least 12 people", "Hospital sources said 15 people had died.", (12, 12, None)),
        ("five people", "The death toll later rose to seven.", (7, 7, 7)),
        ("four policemen and a passer-by", "", (5, 5, 5)),
        ("two soldiers, a driver and three farmers", "", (6, 6, 6)),
        ("three soldiers", "The governor said that the market was closed.", (3, 3, 3)),
    ],
)
def test_T20_the_lowest_figure_counts_and_the_others_widen_the_interval(
    told: str, later: str, wanted: tuple[int, int, int | None], read: Reader
) -> None:
    assert deaths(f"{BOMB.format(told)} {later}", read) == wanted


def test_T18_an_upper_bound_alone_gives_no_figure(read: Reader) -> None:
    assert deaths(BOMB.format("up to 20 people"), read) == (None, 0, 20)
    event = read(BOMB.format("up to 20 people"))[0]
    assert event.rules["fatalities"].startswith("conservative")


def test_crowds_of_organisers_and_police_make_an_interval(read: Reader) -> None:
    text = "Nurses marched through Lyon, France, on Tuesday. The union spoke of 6,000 participants, the police of 3,500."
    (event,) = [d for d in read(text) if d.status == "codable"]
    assert (event.fields["crowd_low"], event.fields["crowd_high"]) == (3500, 6000)
    assert {c.words for c in event.counts} == {"6,000", "3,500"}


def test_T16_a_figure_for_each_city_is_given_to_each_and_a_joint_one_to_none(read: Reader) -> None:
    each = read("Teachers marched in Lyon and Nantes, France, on Tuesday; some 900 people took part in each city.")
    assert [d.fields.get("crowd_low") for d in each if d.status == "codable"] == [900, 900]
    joint = read("Some 900 people marched in Lyon and Nantes, France, on Tuesday.")
    assert [d.fields.get("crowd_low") for d in joint if d.status == "codable"] == [None, None]


def test_people_injured_in_the_attack_are_counted(read: Reader) -> None:
    text = "Gunmen attacked a bus in Zaria, Nigeria, on Tuesday. 15 people were injured in the attack."
    (event,) = [d for d in read(text) if d.status == "codable"]
    assert (event.fields["injured_low"], event.fields["injured_high"]) == (15, 15)


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("The opposition vowed to march on Friday.", {"hypothetical"}),
        ("The mayor condemned the attack.", {"speech_act"}),
        ("The governor denied that soldiers had killed farmers in Zaria.", {"hypothetical"}),
        ("The minister is expected to meet the farmers in Kano.", {"hypothetical"}),
        ("The mayor said that the shops would open on Monday.", set()),
    ],
)
def test_talk_is_shown_where_an_event_is_at_stake_and_never_coded(text: str, statuses: set[str], read: Reader) -> None:
    assert {d.status for d in read(text)} == statuses
