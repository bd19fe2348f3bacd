"""Actors of short coded notes: allies, hedges, two crowds, hosts of talks, names of one group in several countries; all events are invented."""

from __future__ import annotations

import pytest

from eventcoder.actors.registry import ActorRegistry
from eventcoder.extraction.kit import Kit
from tests.extraction.test_actors import names, sides

CLASH, ATTACK, MOB, RIOT = "Armed clash", "Attack", "Mob violence", "Violent demonstration"


def found(kit: Kit, text: str, country: str, day: str) -> list[str | None]:
    return [m.actor for m in kit.actors.find(text, country=country, on_date=day)]


def test_a_name_ends_with_its_sentence(kit: Kit) -> None:
    text = "People rallied in Gori against the war in Ukraine. Riot police detained six."
    assert found(kit, text, "Georgia", "2024-05-02")[-1] == "Police Forces of Georgia (2012-)"


@pytest.mark.parametrize(
    ("text", "country", "first", "second"),
    [
        ("Fighting between Masalit and Arab armed men left 18 dead.", "Sudan", "Masalit Ethnic Militia", "Arab Ethnic Militia"),
        ("Clashes between Rizeigat and Fallata tribesmen broke out in Greida.", "Sudan", "Rezeigat Ethnic Militia", "Fellata Ethnic Militia"),
        ("Pokot and Turkana raiders clashed near Kapedo.", "Kenya", "Pokot Ethnic Militia", "Turkana Ethnic Militia"),
    ],
)
def test_two_peoples_are_two_sides(kit: Kit, text: str, country: str, first: str, second: str) -> None:
    assert set(names(sides(kit, text, CLASH, country))) == {f"{first} ({country})", f"{second} ({country})"}


def test_a_people_fights_itself_only_where_the_text_says_so(kit: Kit) -> None:
    first, second = names(sides(kit, "Clashes among Turkana raiders broke out in Lokori.", CLASH, "Kenya"))
    assert first != second
    first, second = names(sides(kit, "Clashes broke out between rival Turkana raiders in Lokori.", CLASH, "Kenya"))
    assert first == second == "Turkana Ethnic Militia (Kenya)"


@pytest.mark.parametrize(
    ("text", "country", "actor"),
    [
        ("IS-KP claimed the bomb.", "Afghanistan", "Islamic State Khorasan Province"),
        ("IS fighters fled the village.", "Afghanistan", "Islamic State Khorasan Province"),
        ("Islamic State fighters raided a camp near Ayorou (Tillaberi).", "Niger", "Islamic State Sahel Province"),
        ("Islamic State fighters raided a camp near Bosso (Diffa).", "Niger", "Islamic State West Africa Province"),
        ("Islamic State fighters raided a camp.", "Niger", "Islamic State"),
        ("Islamic State fighters raided a school.", "Democratic Republic of Congo", "ADF: Allied Democratic Forces"),
    ],
)
def test_the_islamic_state_of_the_country_and_region(kit: Kit, text: str, country: str, actor: str) -> None:
    match = kit.actors.find(text, country=country, on_date="2021-05-05")[0]
    assert (match.actor, match.inter) == (actor, "Rebel group")


def test_maoists_are_a_group_in_india_only(kit: Kit) -> None:
    made = sides(kit, "A female Maoist was killed by troops in a gunfight.", CLASH, "India")
    assert names(made)[1] == "CPI (Maoist): Communist Party of India (Maoist)"
    assert "CPI (Maoist): Communist Party of India (Maoist)" not in found(kit, "The Maoist Centre won.", "Nepal", "2021-05-05")


@pytest.mark.parametrize(
    ("text", "kind", "country", "first"),
    [
        ("Armed men, suspected separatists, shot dead two teachers.", ATTACK, "Cameroon", "Ambazonian Separatists (Cameroon)"),
        ("Dogon militiamen, allegedly of Dan Na Ambassagou, killed ten villagers.", ATTACK, "Mali", "Dan Na Ambassagou"),
        ("JNIM (or ISSP) militants killed four farmers.", ATTACK, "Mali", "JNIM: Group for Support of Islam and Muslims"),
        ("Murle armed youth killed ten herders.", ATTACK, "South Sudan", "Murle Ethnic Militia (South Sudan)"),
        ("Suspected separatists shot dead a teacher.", ATTACK, "Thailand", "Malay Muslim Separatists (Thailand)"),
        (
            "A minibus hit an IED, likely planted by JNIM, near Kolo.", "Remote explosive/landmine/IED", "Mali",
            "JNIM: Group for Support of Islam and Muslims",
        ),
        ("Russian Shahed drones hit a house.", "Air/drone strike", "Ukraine", "Military Forces of Russia (2000-)"),
        ("RSF fighters looted humanitarian warehouses.", "Looting/property destruction", "Sudan", "RSF: Rapid Support Forces"),
    ],
)  # fmt: skip
def test_hedges_and_appositions_still_name_the_attacker(kit: Kit, text: str, kind: str, country: str, first: str) -> None:
    assert names(sides(kit, text, kind, country))[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "Supporters of TMC and BJP clashed with sticks. Twelve people were hurt.",
        "Cadres of two parties scuffled at a polling centre; one worker died.",
        "Hooligans of two clubs fought in the street. One man was stabbed.",
    ],
)
def test_two_crowds_are_rioters_on_both_sides(kit: Kit, text: str) -> None:
    made = sides(kit, text, MOB, "India")
    assert names(made) == ("Rioters (India)", "Rioters (India)")
    assert made.undirected


@pytest.mark.parametrize("text", ["Villagers killed three suspected thieves.", "A crowd beat to death two alleged robbers."])
def test_those_whom_a_mob_suspects_are_its_victims(kit: Kit, text: str) -> None:
    assert names(sides(kit, text, MOB, "Kenya")) == ("Rioters (Kenya)", "Civilians (Kenya)")


@pytest.mark.parametrize(
    ("text", "country", "second"),
    [
        ("A march turned violent: police cars were set alight.", "Greece", "Police Forces of Greece (2019-)"),
        ("Demonstrators stormed a police station.", "Greece", "Police Forces of Greece (2019-)"),
        ("Youths attacked a police bus during a march.", "Greece", "Police Forces of Greece (2019-)"),
        ("Protesters set fire to the BJP office.", "India", "BJP: Bharatiya Janata Party"),
        ("Protesters burned barricades and looted a shop.", "Greece", None),
    ],
)
def test_the_owner_of_what_rioters_attack(kit: Kit, text: str, country: str, second: str | None) -> None:
    assert names(sides(kit, text, RIOT, country))[1] == second


@pytest.mark.parametrize(
    ("text", "country", "first", "second", "ally"),
    [
        (
            "The KNLA and PDF forces fought with military troops.", "Myanmar",
            "KNU/KNLA: Karen National Union/Karen National Liberation Army", "Military Forces of Myanmar (2021-)", "PDF: People's Defense Force",
        ),
        (
            "ENDF forces together with Amhara militias fought with TPLF forces.", "Ethiopia",
            "Military Forces of Ethiopia (2018-)", "TPLF: Tigray People's Liberation Front", "Amhara Ethnic Militia (Ethiopia)",
        ),
        (
            "FARDC soldiers, supported by Wazalendo, clashed with M23 rebels.", "Democratic Republic of Congo",
            "Military Forces of the Democratic Republic of Congo (2019-)", "M23: March 23 Movement", "Wazalendo",
        ),
    ],
)  # fmt: skip
def test_allies_stand_on_one_side(kit: Kit, text: str, country: str, first: str, second: str, ally: str) -> None:
    made = sides(kit, text, CLASH, country)
    assert names(made) == (first, second)
    assert [g.actor for g in made.groups_first] == [ally]


@pytest.mark.parametrize(
    ("text", "country", "both"),
    [
        ("The Government of Yemen and the Houthis agreed at UN-led talks.", "Yemen", ("Government of Yemen (2022-)", "Houthi Movement")),
        (
            "The Government of Colombia and the ELN signed a ceasefire, mediated by Cuba and the UN.", "Colombia",
            ("Government of Colombia (2022-2026)", "ELN: National Liberation Army"),
        ),
    ],
)  # fmt: skip
def test_the_host_of_talks_is_no_party(kit: Kit, text: str, country: str, both: tuple[str, str]) -> None:
    assert names(sides(kit, text, "Agreement", country)) == both


def test_who_launched_what_was_shot_down(kit: Kit) -> None:
    made = sides(kit, "Ukrainian air defences downed 18 missiles that Russia had launched.", "Disrupted weapons use", "Ukraine")
    assert names(made) == ("Military Forces of Ukraine (2019-)", "Military Forces of Russia (2000-)")


def test_armed_men_are_a_gang_where_the_text_speaks_of_gangs(kit: Kit) -> None:
    assert names(sides(kit, "Armed men in a dispute over drug sales shot dead a trader.", ATTACK, "Ecuador"))[0] == "Unidentified Gang (Ecuador)"
    assert names(sides(kit, "Armed men shot dead a trader.", ATTACK, "Ecuador"))[0] == "Unidentified Armed Group (Ecuador)"


def test_a_coup_is_against_the_government_of_the_day_before(kit: Kit) -> None:
    made = sides(kit, "Soldiers seized power and dissolved the government.", "Other", "Guinea", "2021-09-05")
    assert made.second is not None
    assert made.second.actor == "Government of Guinea (2010-2021)"


def test_names_of_forces_with_an_article(actors: ActorRegistry) -> None:
    assert actors.state_force("military", "Philippines", "2023-01-01") == "Military Forces of the Philippines (2022-)"
    assert actors.resolve("Military Forces of Philippines (2022-)", on_date="2023-01-01") == "Military Forces of the Philippines (2022-)"
    assert actors.known("Police Forces of the Netherlands (2010-2024)")
    assert not actors.known("Police Forces of Netherlands (2010-2024)")
    assert actors.inter_of("Military Forces of the United States (2017-2021)", country="Iraq") == "External/Other forces"


def test_no_regime_begins_and_ends_in_one_year(actors: ActorRegistry) -> None:
    assert actors.state_force("military", "Burkina Faso", "2022-05-05") == "Military Forces of Burkina Faso (2022-)"
    assert actors.state_force("military", "Peru", "2020-11-12") == "Military Forces of Peru (2018-2020)"


@pytest.fixture
def actors(kit: Kit) -> ActorRegistry:
    registry = kit.actors
    assert isinstance(registry, ActorRegistry)
    return registry
