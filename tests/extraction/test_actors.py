"""Who did what to whom: forms of sentences, not single texts; all events are invented."""

from __future__ import annotations

from typing import Any

import pytest

from eventcoder.extraction.actors import Cast, cast, found_actors, people_with_names
from eventcoder.extraction.kit import Kit, find_people
from eventcoder.extraction.mentions import as_nouns
from eventcoder.extraction.roles import speaks
from eventcoder.extraction.tokens import tokenize
from eventcoder.extraction.topics import topics
from eventcoder.extraction.trial import try_actors
from tests.extraction.conftest import Reader

UAG, CIVIL, ARMY = "Unidentified Armed Group (Mali)", "Civilians (Mali)", "Military Forces of Mali (2021-)"


def sides(kit: Kit, text: str, kind: str, country: str | None = "Mali", day: str | None = "2024-05-05", **options: Any) -> Cast:
    tokens = tokenize(text)
    matches = found_actors(text, kit, country, day)
    people = people_with_names(tokens, find_people(tokens, kit.lexicon), matches)
    people = [p for p in people if not speaks(tokens, p.end, p.start)]
    hits = as_nouns(tokens, [h for h in kit.lexicon.cues.find(tokens) if h.label != "NOISE"], people)
    about = topics(tokens, hits)
    return cast(tokens, hits, people, matches, kind, country, day, kit, about[0][0] if about else len(tokens), **options)


def names(made: Cast) -> tuple[str | None, str | None]:
    return (made.first.actor if made.first else None, made.second.actor if made.second else None)


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen killed a farmer near Kolo.",
        "A farmer was shot dead by gunmen near Kolo.",
        "A farmer, shot dead by unknown assailants, was buried in Kolo.",
        "The killing of three villagers by armed men was reported in Kolo.",
        "An attack by gunmen on the village of Kolo left 12 people dead.",
        "Police said gunmen killed 12 residents in Kolo.",
        "Suspected jihadists hacked a villager to death in Kolo.",
        "On 5 May 2024, an unidentified armed group executed at least 14 civilians in Kolo.",
        "Men in military uniform shot dead two traders in Kolo.",
        "Two traders were found dead in Kolo.",
    ],
)
def test_active_passive_and_nominal_forms_name_the_same_sides(kit: Kit, text: str) -> None:
    assert names(sides(kit, text, "Attack")) == (UAG, CIVIL)


@pytest.mark.parametrize(
    "text",
    [
        "JNIM fighters ambushed an army convoy near Kolo.",
        "Four soldiers were killed in an ambush by JNIM near Kolo.",
        "JNIM claimed an attack on an army post in Kolo in which six soldiers died.",
        "Clashes between the army and JNIM were reported near Kolo.",
        "JNIM and the army exchanged fire near Kolo.",
        "Soldiers clashed with members of JNIM near Kolo.",
        "A JNIM attack on a military base in Kolo killed three soldiers.",
    ],
)
def test_a_fight_has_two_armed_sides(kit: Kit, text: str) -> None:
    assert set(names(sides(kit, text, "Armed clash"))) == {"JNIM: Group for Support of Islam and Muslims", ARMY}


def test_only_one_side_named_takes_the_codebooks_word_for_the_other(kit: Kit) -> None:
    assert set(names(sides(kit, "Two soldiers died in an ambush near Kolo.", "Armed clash"))) == {UAG, ARMY}
    assert names(sides(kit, "JNIM seized the town of Kolo.", "Non-state actor overtakes territory"))[1] == ARMY


@pytest.mark.parametrize(
    ("text", "kind", "country", "day", "first", "second"),
    [
        ("An Israeli air strike on a car killed a Hezbollah commander.", "Air/drone strike", "Lebanon", "2024-08-15",
         "Military Forces of Israel (2022-)", "Hezbollah"),
        ("Israel struck the village of Kfar.", "Air/drone strike", "Lebanon", "2024-08-15",
         "Military Forces of Israel (2022-)", "Civilians (Lebanon)"),
        ("RSF shelling of a hospital killed a nurse.", "Shelling/artillery/missile attack", "Sudan", "2024-06-05",
         "RSF: Rapid Support Forces", "Civilians (Sudan)"),
        ("The enemy shelled the outskirts of the town.", "Shelling/artillery/missile attack", "Ukraine", "2024-06-05",
         "Military Forces of Russia (2000-)", None),
        ("A bomb exploded near a police station, killing two officers.", "Remote explosive/landmine/IED", "Mali", "2024-06-05",
         UAG, "Police Forces of Mali (2021-)"),
        ("A soldier lost a leg when he stepped on a mine.", "Remote explosive/landmine/IED", "Mali", "2024-06-05", UAG, ARMY),
    ],
)  # fmt: skip
def test_attacks_from_afar(kit: Kit, text: str, kind: str, country: str, day: str, first: str, second: str | None) -> None:
    assert names(sides(kit, text, kind, country, day)) == (first, second)


@pytest.mark.parametrize(
    ("text", "kind", "second", "group"),
    [
        ("Teachers marched to the ministry.", "Peaceful protest", None, "Teachers (Mali)"),
        ("Teachers marched to protest the killing of a student by soldiers.", "Peaceful protest", None, "Teachers (Mali)"),
        (
            "Police fired tear gas to disperse students at the university.",
            "Protest with intervention",
            "Police Forces of Mali (2021-)",
            "Students (Mali)",
        ),
        ("Twelve nurses were arrested during the sit-in.", "Protest with intervention", "Police Forces of Mali (2021-)", "Health Workers (Mali)"),
    ],
)  # fmt: skip
def test_demonstrators_come_first_and_their_topic_is_no_actor(kit: Kit, text: str, kind: str, second: str | None, group: str) -> None:
    made = sides(kit, text, kind)
    assert names(made) == ("Protesters (Mali)", second)
    assert [g.actor for g in made.groups_first] == [group]


def test_riots_and_mobs(kit: Kit) -> None:
    assert names(sides(kit, "Protesters threw stones at police.", "Violent demonstration")) == ("Rioters (Mali)", "Police Forces of Mali (2021-)")
    assert names(sides(kit, "An angry mob lynched two suspected kidnappers before police arrived.", "Mob violence")) == ("Rioters (Mali)", CIVIL)
    fans = sides(kit, "Two groups of fans pelted stones at each other.", "Mob violence")
    assert names(fans) == ("Rioters (Mali)", "Rioters (Mali)") and fans.undirected


def test_every_pair_is_legal_for_its_type(kit: Kit) -> None:
    types = kit.codebook.lists["sub_event_types"]
    numbers = {code: (kit.codebook.lists["inter"].get(code) or {}).get("number") for code in kit.codebook.lists["inter"].codes}
    texts = [
        "Gunmen killed two soldiers and a farmer, police said.",
        "Protesters clashed with police after Israeli settlers attacked a mosque.",
        "The army and the ELN signed a truce.",
        "A mob beat a suspected thief.",
        "Nothing is said of anybody.",
    ]
    for kind in types.codes:
        legal = set(str((types.get(kind) or {}).get("legal_interactions") or "").split())
        if not legal or (types.get(kind) or {}).get("event_type") == "Strategic developments":
            continue
        for text in texts:
            made = sides(kit, text, kind)
            one, two = (r.inter if r else None for r in (made.first, made.second))
            if one is None or (two is None and kind in ("Armed clash",)):
                continue
            pair = "".join(sorted((str(numbers[one]), str(numbers[two]) if two else "0"), key=lambda n: (n == "0", n)))
            assert pair in legal, (kind, text, one, two)


def test_who_speaks_is_no_side(kit: Kit) -> None:
    tokens = tokenize("Police spokesman Musa Garba said gunmen fled.")
    assert speaks(tokens, 1, 0)
    own = tokenize("Hezbollah said it targeted a post.")
    assert not speaks(own, 1, 0)
    claim = tokenize("Hezbollah claimed the attack.")
    assert not speaks(claim, 1, 0)


def test_an_unknown_group_is_said_to_be_one(kit: Kit, read: Reader) -> None:
    made = sides(kit, "Fighters of the Zarlan Liberation Front attacked an army post in Kolo.", "Armed clash")
    assert made.first is not None and made.first.rule == "unknown group: Zarlan Liberation Front" and made.first.inter == "Rebel group"


def test_without_a_country_there_are_classes_but_no_names(kit: Kit) -> None:
    assert names(sides(kit, "Gunmen killed a farmer.", "Attack", country=None)) == (None, None)
    made = sides(kit, "Gunmen killed a farmer.", "Attack", country=None, nameless=True)
    assert made.first is not None and made.second is not None
    assert (made.first.inter, made.second.inter) == ("Political militia", "Civilians")
    answer = try_actors({"text": "Gunmen killed a farmer."}, kit)
    assert {(a["role"], a["actor"], a["inter"]) for a in answer["actors"]} >= {("actor1", None, "Political militia")}


def test_the_day_of_the_text_decides_the_regime(kit: Kit) -> None:
    answer = try_actors({"text": "On 5 May 2016, police shot dead a trader in Kano, Nigeria."}, kit)
    assert next(a["actor"] for a in answer["actors"] if a["role"] == "actor1") == "Police Forces of Nigeria (2015-2023)"
