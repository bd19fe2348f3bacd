"""Counts as newsrooms, police and note writers tell them: lists, parts, other sources, denials, and numbers that count nobody."""

from __future__ import annotations

import pytest

from eventcoder.event import Count
from eventcoder.extraction.count_sums import combined_found
from eventcoder.extraction.counts import counts_in
from eventcoder.extraction.kit import Kit, Lexicon, find_people
from eventcoder.extraction.tokens import tokenize
from eventcoder.extraction.trial import try_count
from eventcoder.extraction.victims import Found

Interval = tuple[int | None, int | None, int | None]


def found(text: str, lexicon: Lexicon) -> list[Found]:
    tokens = tokenize(text)
    out = counts_in(tokens, find_people(tokens, lexicon), lexicon)
    for f in out:
        assert f.count.start is not None and text[f.count.start : f.count.end] == f.count.words and f.count.rule
    return out


def total(text: str, kind: str, lexicon: Lexicon) -> Interval | None:
    sums = combined_found(found(text, lexicon), kind)  # type: ignore[arg-type]
    return None if sums is None else sums[:3]


def told(text: str, lexicon: Lexicon) -> list[Count]:
    return [f.count for f in found(text, lexicon)]


@pytest.mark.parametrize(
    ("text", "killed", "injured"),
    [
        ("A mine hit a minibus near Afgooye, killing three and wounding five others.", (3, 3, 3), (5, 5, 5)),
        ("Clashes in Goma: 4 dead, 12 injured.", (4, 4, 4), (12, 12, 12)),
        ("Deaths: 5; injuries: 12", (5, 5, 5), (12, 12, 12)),
        ("The unrest has left 5 dead and 31 injured.", (5, 5, 5), (31, 31, 31)),
        ("Two policemen were killed and three others injured when a bomb went off.", (2, 2, 2), (3, 3, 3)),
        ("Gunmen shot three people dead and injured two.", (3, 3, 3), (2, 2, 2)),
        ("A landmine killed one farmer and maimed another.", (1, 1, 1), (1, 1, 1)),
        ("Six people killed, incl. 2 kids, in an air strike. 14+ wounded", (6, 6, 6), (14, 14, None)),
        ("Five people were wounded; one of them died later.", (1, 1, 1), (5, 5, 5)),
        ("Hoodlums attacked the convoy, leaving a police inspector dead and two officers injured.", (1, 1, 1), (2, 2, 2)),
        ("12 people were killed or wounded in the shelling.", (None, None, 12), (None, None, 12)),
        ("Nearly 50 people were injured.", None, (None, 50, 50)),
    ],
)
def test_the_killed_and_the_injured_are_told_apart(text: str, killed: Interval | None, injured: Interval | None, lexicon: Lexicon) -> None:
    assert total(text, "killed", lexicon) == killed
    assert total(text, "injured", lexicon) == injured


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("A man and his wife were killed when gunmen stormed their home.", 2),
        ("A mother and her two children were killed.", 3),
        ("The mayor was ambushed; his bodyguard and driver were killed.", 2),
        ("A police constable, Ravi Kumar, 34, and his brother were killed.", 2),
        ("Bandits killed the imam together with 14 worshippers.", 15),
        ("A suicide bomber killed himself and 8 others.", 9),
        ("Two farmers in Ngala and a trader in Dikwa were killed.", 3),
        ("Two men were shot dead and a fourth died in hospital.", 3),
        ("Gunmen killed Brigadier Yusuf Omar and two of his guards.", 3),
        ("Colombia: ELN kills 2 soldiers, 1 civilian in Arauca", 3),
        ("A beekeeper and his son were killed when a missile hit their van.", 2),
    ],
)
def test_a_list_of_victims_adds_up_whoever_they_are(text: str, dead: int, lexicon: Lexicon) -> None:
    assert total(text, "killed", lexicon) == (dead, dead, dead)


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("Three people, including two children, were killed.", 3),
        ("Three people - two women and a child - were killed.", 3),
        ("Two people, a woman and her daughter, died when shells landed.", 2),
        ("6 fatalities (4 soldiers, 2 civilians).", 6),
        ("19 people, 11 of them children, were killed.", 19),
        ("Seven of the 12 hostages were killed.", 7),
        ("Kidnappers killed one of the 30 hostages.", 1),
        ("The toll has climbed from 10 to 14 dead.", 14),
        ("Four more bodies were pulled from the rubble, bringing the toll to 19.", 19),
        ("Local media put the number of dead at seven.", 7),
        ("Six people besides the attacker died.", 6),
    ],
)
def test_a_total_is_not_swelled_by_its_parts_nor_by_what_it_holds_already(text: str, dead: int, lexicon: Lexicon) -> None:
    assert total(text, "killed", lexicon) == (dead, dead, dead)


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("Ahmed Khan, a local trader, was shot dead in Hub.", 1),
        ("Gunmen assassinated Col. John Okoro.", 1),
        ("An angry mob lynched a man accused of stealing a goat.", 1),
        ("The suspect was beaten to death by residents.", 1),
        ("A 12-year-old girl was killed by a stray bullet.", 1),
        ("Journalist killed in Veracruz", 1),
        ("Gunmen kill traditional ruler, abduct son", 1),
        ("The body of a kidnapped trader was found on Monday.", 1),
        ("The commander killed Jan. 3 was buried on Monday.", 1),
        ("A farmer of 43 and a youth of 17 lost their lives.", 2),
        ("In 2012 dozens perished.", 12),
        ("Since 20 October 35 persons have died.", 35),
    ],
)
def test_deaths_told_without_a_plain_number_and_beside_ages_and_dates(text: str, dead: int, lexicon: Lexicon) -> None:
    sums = total(text, "killed", lexicon)
    assert sums is not None and sums[:2] == (dead, dead)


@pytest.mark.parametrize(
    "text",
    [
        "The shelling caused no casualties.",
        "No one was hurt in the explosion.",
        "The drone was shot down without casualties.",
        "All passengers escaped unhurt.",
        "No one was killed or injured in the raid.",
        "Neither deaths nor injuries were reported.",
    ],
)
def test_T19_a_text_that_denies_casualties_says_0(text: str, lexicon: Lexicon) -> None:
    assert total(text, "killed", lexicon) == (0, 0, 0) == total(text, "injured", lexicon)


@pytest.mark.parametrize(
    "text",
    [
        "Casualties unknown.",
        "There was no immediate word on casualties.",
        "The number of casualties is unknown.",
        "It was unclear how many people were killed.",
        "Both sides suffered casualties.",
        "There were no civilian casualties.",
        "14 militants surrendered to the army.",
        "He threatened to kill 12 hostages.",
        "Police foiled a plot to kill three judges.",
        "The man was sentenced to 20 years for killing three people in 2019.",
        "Students marched for the killing of two students in 2014.",
        "Prosecutors charged two men over the killing of a priest.",
        "The court sentenced 12 men to death.",
    ],
)
def test_T19_silence_threats_and_court_cases_say_nothing_about_deaths(text: str, lexicon: Lexicon) -> None:
    assert total(text, "killed", lexicon) is None


def test_T19_what_happened_to_others_is_not_denied(lexicon: Lexicon) -> None:
    text = "Two people were killed but no one else was hurt."
    assert (total(text, "killed", lexicon), total(text, "injured", lexicon)) == ((2, 2, 2), None)
    text = "There were no deaths, but 11 people were injured."
    assert (total(text, "killed", lexicon), total(text, "injured", lexicon)) == ((0, 0, 0), (11, 11, 11))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Thousands took to the streets in Dhaka.", 1000, None),
        ("A 4,000-strong march reached the parliament.", 4000, 4000),
        ("The vigil was attended by 500.", 500, 500),
        ("Hundreds, mostly women, marched through the capital.", 100, None),
        ("The organisers said 10,000, police 4,000.", 4000, 10000),
        ("According to the police, 650 people took part; the union counted 1,500.", 650, 1500),
        ("Over 2 lakh people joined the rally in Patna.", 200000, None),
        ("Between two and three thousand people marched.", 2000, 3000),
        ("Participants: about 80", 80, 80),
        ("Workers of the mill, about 700, went on strike.", 700, 700),
        ("On 1 February 2026, around 100 (as reported) teachers staged a sit-in.", 100, 100),
    ],
)
def test_crowds_as_texts_tell_them(text: str, low: int, high: int | None, lexicon: Lexicon) -> None:
    sums = total(text, "crowd", lexicon)
    assert sums is not None and (sums[0], sums[2]) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "Troops fired 155mm shells at the village 30 km from Kharkiv.",
        "They blocked Highway 4 for two hours.",
        "Rebels burned 40 vehicles and stole 300 cattle and torched 50 houses.",
        "The government deployed 500 troops.",
        "Relatives of the 43 disappeared students wept.",
        "Eight rebels with a bounty of Rs 26 lakh surrendered.",
        "Some 14,000 people fled the fighting.",
        "The victims were identified as Musa Bello, 34, and his cousin Ibrahim, 29.",
        "A message spoke of a meeting on March 24.",
    ],
)
def test_numbers_of_things_ages_dates_and_troops_are_no_counts(text: str, lexicon: Lexicon) -> None:
    assert told(text, lexicon) == []


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Police made 14 arrests.", 14),
        ("15 were detained, 3 of them women.", 15),
        ("The attacker was overpowered and arrested.", 1),
        ("Officers rounded up 60 migrants.", 60),
        ("Farmers rallied. Police detained 47 of them.", 47),
    ],
)
def test_arrests(text: str, held: int, lexicon: Lexicon) -> None:
    assert total(text, "arrested", lexicon) == (held, held, held)


def test_T20_an_unknown_number_of_deaths_keeps_its_words_and_its_rule(lexicon: Lexicon) -> None:
    (count,) = told("There were an unknown number of fatalities.", lexicon)
    assert (count.low, count.high, count.rule, count.words) == (3, None, "acled:an unknown number of", "an unknown number of")


def test_try_count_answers_the_first_figure_and_lists_all(kit: Kit) -> None:
    answer = try_count({"id": "a", "text": "Two soldiers and a civilian were killed. Police arrested 15."}, kit)
    assert (answer["kind"], answer["low"], answer["best"], answer["high"], answer["rule"]) == ("killed", 3, 3, 3, "sum-of-classes")
    assert [(c["kind"], c["best"], c["victim"]) for c in answer["counts"]] == [
        ("killed", 2, "soldiers"),
        ("killed", 1, "civilian"),
        ("arrested", 15, None),
    ]
    empty = try_count({"id": "b", "text": "Gunmen attacked the village."}, kit)
    assert (empty["kind"], empty["best"], empty["rule"], empty["counts"]) == (None, None, "no-count", [])


def test_a_running_toll_is_not_the_toll_of_the_event_and_a_number_says_more_than_a_plural(lexicon: Lexicon) -> None:
    text = "A gendarme was shot dead in Lifou, bringing to five the number of people killed in the riots."
    assert total(text, "killed", lexicon) == (1, 1, 1)
    text = "Villagers were killed in the raid: 14 people died."
    assert total(text, "killed", lexicon) == (14, 14, 14)


def test_the_source_of_a_figure_is_no_victim(lexicon: Lexicon) -> None:
    text = "A bomb killed three conscripts and two guards, a medic in the local hospital said."
    assert total(text, "killed", lexicon) == (5, 5, 5)
    assert [c.best for c in told("Many dead and injured, witnesses said.", lexicon)] == [10, 10]
