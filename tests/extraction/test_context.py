"""What the sentences around an event add to it: figures, sides, its type, its place; and what they must not take from another event."""

from __future__ import annotations

import pytest

from eventcoder.event import Draft


def codable(drafts: list[Draft]) -> list[Draft]:
    return [d for d in drafts if d.status == "codable"]


@pytest.mark.parametrize(
    ("sentence", "column", "wanted"),
    [
        ("Seven others were wounded and taken to hospital.", "injured_low", 7),
        ("Sixteen people needed treatment.", "injured_low", 16),
        ("Medics treated 14 people for burns.", "injured_low", 14),
        ("One officer sustained a head injury.", "injured_low", 1),
        ("Three people are in hospital, one in a grave condition.", "injured_low", 3),
        ("Seven more, among them two women, were taken to the civil hospital.", "injured_low", 7),
        ("Police said 23 people were arrested.", "arrested_low", 23),
        ("Eleven youths were taken into custody.", "arrested_low", 11),
        ("Three traders were killed, according to an elder.", "fatalities", 3),
        ("No deaths were reported.", "fatalities", 0),
    ],
)
def test_figures_of_the_next_sentence_are_the_event_s(read, sentence, column, wanted):
    text = f"Gunmen raided the market of Gusau in Nigeria on Tuesday, residents said. {sentence}"
    (draft,) = codable(read(text))
    assert draft.fields[column] == wanted
    assert any(span.quote in sentence for span in draft.evidence[column])


def test_those_who_die_later_come_on_top_and_rivals_widen(read):
    text = (
        "Gunmen shot dead five farmers in Gusau, Nigeria, on Tuesday. Seven others were wounded. Two of them died later, a doctor said on Wednesday."
    )
    (draft,) = codable(read(text))
    assert (draft.fields["event_date"], draft.fields["fatalities"], draft.fields["injured_low"]) == ("2025-05-06", 7, 7)
    text = "Hundreds of teachers marched in Lima on Monday. Organisers put the crowd at 5,000, police at 1,200."
    (draft,) = codable(read(text))
    assert (draft.fields["crowd_low"], draft.fields["crowd_high"]) == (1200, 5000)


def test_the_dead_of_both_sides_add_up_and_a_boast_only_widens(read):
    text = (
        "ISWAP fighters attacked an army base in Damboa, Nigeria, on Sunday. Three soldiers were killed, a security source said. "
        "The army said 15 militants were killed. ISWAP claimed it had killed 40 soldiers."
    )
    (draft,) = codable(read(text))
    assert draft.fields["fatalities"] == 18
    assert draft.fields["fatalities_high"] == 40


def test_figures_do_not_wander_to_another_event(read):
    text = (
        "Hundreds of people rallied in Abuja on Saturday against a tax. In May 2010, more than 90 people died in the city. "
        "Since January 900 people have been arrested.\n\nTwo policemen were killed in Gusau on Monday when gunmen attacked their post. "
        "One was wounded."
    )
    march, post = codable(read(text))
    assert march.fields["sub_event_type"] == "Peaceful protest" and "fatalities" not in march.fields and "arrested_low" not in march.fields
    assert post.fields["fatalities"] == 2 and post.fields["injured_low"] == 1


@pytest.mark.parametrize(
    ("told_on", "kind", "inter1"),
    [
        ("Police fired tear gas to disperse them.", "Protest with intervention", "Protesters"),
        ("Eleven of the teachers were detained.", "Protest with intervention", "Protesters"),
        ("Youths then hurled stones at the town hall and set fire to two cars.", "Violent demonstration", "Rioters"),
        ("Police opened fire, killing two of the teachers.", "Excessive force against protesters", "Protesters"),
        ("It ended quietly after an hour.", "Peaceful protest", "Protesters"),
    ],
)
def test_the_next_sentence_raises_a_march(read, told_on, kind, inter1):
    (draft,) = codable(read(f"Hundreds of teachers marched in Lima on Monday. {told_on}"))
    assert (draft.fields["sub_event_type"], draft.fields["inter1"]) == (kind, inter1)
    assert draft.fields.get("inter2") == (None if kind == "Peaceful protest" else "State forces") or kind == "Violent demonstration"


def test_arrests_that_open_a_bulletin_belong_to_the_riot_told_next(read):
    text = (
        "Police in Mbale, Uganda, said on Tuesday they had arrested 12 people. On Monday, youths burned tyres and blocked the Tororo road in Mbale."
    )
    (draft,) = codable(read(text))
    assert (draft.fields["sub_event_type"], draft.fields["event_date"], draft.fields["arrested_low"]) == ("Violent demonstration", "2025-05-05", 12)


def test_the_insurgents_are_those_told_before(read):
    text = (
        "Boko Haram fighters stormed Gwoza in Nigeria on Monday and killed four traders. "
        "The insurgents also attacked Bama on Tuesday and killed two women."
    )
    first, second = codable(read(text))
    assert first.fields["actor1"] == second.fields["actor1"]
    assert second.rules["actor1"].startswith("told before")


def test_a_headline_adds_no_deaths_to_the_march_below(read):
    text = (
        "Soldier dies, shops looted as unrest spreads\n\nIn the northern town of Gusau, Nigeria, about 350 people marched peacefully on Tuesday, "
        "watched by police. They handed over a petition. The governor received them and promised an answer within the month."
    )
    (draft,) = codable(read(text))
    assert draft.fields["sub_event_type"] == "Peaceful protest" and not draft.fields.get("fatalities")


def test_a_bulletin_s_item_gives_its_place(read):
    drafts = codable(
        read("Colombia: weekly summary\n\n– 5 May, Ocaña: some 2,000 people marched for peace.\n– 6 May, Tibú: armed men killed a teacher.\n")
    )
    assert [(d.fields["event_date"], d.fields["location"]) for d in drafts] == [("2025-05-05", "Ocaña"), ("2025-05-06", "Tibú")]


def test_a_named_town_without_a_point_has_its_precision(read):
    (draft,) = codable(read("Kidnappers seized three nuns in the village of Qarzubeh in Nigeria on Monday, the bishop said."))
    assert draft.fields["location"] == "Qarzubeh" and draft.fields["geo_precision"] in (1, 2, 3)
