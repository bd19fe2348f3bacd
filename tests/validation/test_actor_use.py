"""Actors over the whole dataset (T21)."""

from __future__ import annotations

from typing import Any

import pytest

from eventcoder.actors import ActorRegistry
from eventcoder.codebook import Codebook
from eventcoder.validation.across import _registered, across
from eventcoder.validation.actor_use import actor_problems
from tests.synthetic_events import synthetic_values
from tests.validation.tables import events_table, side_table

VALUES = [values for values in synthetic_values(60, 52) if values["country"] == "Iran"] + synthetic_values(40, 53)
HILL = {"name": "HDF: Hill Defence Front", "inter": "Rebel group", "country": "Iran | Iraq", "since": "2015", "until": "2020-06-30"}


def told(codebook: Codebook, *changes: dict[str, Any], own: tuple[dict[str, Any], ...] = (HILL,)) -> list[tuple[str, str, str | None, Any]]:
    rows = [{**VALUES[n], "assoc_actor_1": [], "event_id": f"c{n:011d}", **change} for n, change in enumerate(changes)]
    register = ActorRegistry(codebook, own)
    problems = actor_problems(events_table([*rows, *VALUES[len(changes) :]], codebook), codebook, register, own={body["name"] for body in own})
    return [(p.code, p.severity, p.event_id, p.value) for p in problems]


def use(actor: str, inter: str = "Rebel group", day: str = "2018-05-05", country: str = "Iran", **more: Any) -> dict[str, Any]:
    return {"actor1": actor, "inter1": inter, "event_date": day, "country": country, "actor2": None, "inter2": None, **more}


def test_invented_events_and_a_registered_actor_in_its_place_are_fine(codebook: Codebook) -> None:
    assert told(codebook) == []
    assert told(codebook, use(HILL["name"]), use(HILL["name"], country="Iraq"), use(HILL["name"], day="2015-01-01")) == []
    abroad = use(HILL["name"], "External/Other forces", country="Iraq")
    assert told(codebook, abroad) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Military Forces of Nigeria (1993-1998)", "Military Forces of Nigeria (1993-1999)"),
        ("Military Forces of Nigeria (2015-2023)", "Military Forces of Nigeria (2015-)"),
        ("RVF: River Front", "RVF:  River front"),
        ("Hill Guard Militia", "Hillguard Militia"),
    ],
)
def test_names_that_differ_in_case_spacing_or_the_last_year_are_told_once_a_pair(codebook: Codebook, one: str, other: str) -> None:
    found = [p for p in told(codebook, use(one), use(one), use(other), use(other)) if p[0] == "actors-nearly-alike"]
    assert len(found) == 1 and found[0][1] == "warning" and {found[0][3]} < {one, other}


def test_of_two_registered_names_nobody_is_told_to_register_the_difference(codebook: Codebook) -> None:
    own = ({"name": "Hill Guard Militia", "inter": "Rebel group"}, {"name": "Hillguard Militia", "inter": "Rebel group"})
    uses = [use(body["name"]) for body in own] * 2
    assert [len([p for p in told(codebook, *uses, own=some) if p[0] == "actors-nearly-alike"]) for some in (own[:1], own[1:], own)] == [1, 1, 0]


def test_of_a_registered_actor_the_class_of_the_register_is_told(codebook: Codebook) -> None:
    register = ActorRegistry(codebook, (HILL,))
    rows = [{**VALUES[n], "event_id": f"c{n:011d}", **use(HILL["name"], inter)} for n, inter in enumerate(("Rebel group", "Political militia"))]
    problems = actor_problems(events_table(rows, codebook), codebook, register, own={HILL["name"]})
    (said,) = [p.message for p in problems if p.code == "actor-of-several-classes"]
    assert "the register says Rebel group" in said and "and register it" not in said


def test_another_government_is_another_name(codebook: Codebook) -> None:
    names = ("Police Forces of Kenya (2013-2022)", "Police Forces of Kenya (2022-)", "M23: March 23 Movement", "M24: March 24 Movement")
    assert [p for p in told(codebook, *map(use, names)) if p[0] == "actors-nearly-alike"] == []


def test_one_name_with_several_classes_is_told_once_with_counts(codebook: Codebook) -> None:
    rows = [use("Reed Valley Guard (Iran)")] * 4 + [use("Reed Valley Guard (Iran)", "Political militia")]
    assert [(code, event_id) for code, _, event_id, _ in told(codebook, *rows)] == [("actor-of-several-classes", "c00000000004")]
    army = "Military Forces of Iran (1989-)"
    assert told(codebook, use(army, "State forces"), use(army, "External/Other forces", country="Iraq")) == []


def test_class_time_and_region_of_a_registered_actor(codebook: Codebook) -> None:
    name = HILL["name"]
    assert told(codebook, use(name, "Identity militia")) == [("actor-class-differs", "warning", "c00000000000", "Identity militia")]
    late = [use(name, day="2021-01-01"), use(name, day="2014-12-31"), use(name, day="2020-06-30")]
    assert [(code, event_id) for code, _, event_id, _ in told(codebook, *late)] == [
        ("actor-outside-its-time", "c00000000000"), ("actor-outside-its-time", "c00000000001"),
    ]  # fmt: skip
    assert told(codebook, use(name, country="Chile"), use(name, country="Chile")) == [("actor-in-another-region", "warning", "c00000000000", "Chile")]
    packaged = use("PJAK: Kurdistan Free Life Party", "Political militia", country="Iran")
    assert told(codebook, packaged, own=()) == [("actor-class-differs", "info", "c00000000000", "Political militia")]


def test_a_release_knows_the_actors_of_its_own_table(codebook: Codebook) -> None:
    rows = [
        {
            "actor": HILL["name"],
            "inter": ["Rebel group"],
            "country": "Iran",
            "since": "2015",
            "until": "2020-06-30",
            "aliases": [],
            "registered": True,
        },
        {"actor": "Weavers (Iran)", "inter": [], "aliases": [], "registered": False},
        {"actor": "Odd", "inter": ["Rioters", "Rebel group"], "since": "long ago", "aliases": [], "registered": True},
    ]
    actors = side_table("actors", rows)
    assert [(body["name"], body["inter"]) for body in _registered(actors)] == [(HILL["name"], "Rebel group"), ("Odd", None)]
    event = {**VALUES[0], **use(HILL["name"], day="2022-01-01")}
    found = across({"events": events_table([event], codebook), "actors": actors}, codebook)
    assert ("actor-outside-its-time", "warning") in {(p.code, p.severity) for p in found.problems}


@pytest.mark.parametrize(
    ("rare", "common", "slip"),
    [
        ("NRF: Northen River Front", "NRF: Northern River Front", True),
        ("NRF: Northern Rivver Front", "NRF: Northern River Front", False),  # 'River' is short
        ("NRF: Norhtern River Front", "NRF: Northern River Front", True),  # two letters exchanged
        ("NRF: Nordhern River Frond", "NRF: Northern River Front", False),
        ("Unidentified Clan Militia (Gambia)", "Unidentified Clan Militia (Zambia)", False),
        ("Valley Brigade 1412345", "Valley Brigade 1512345", False),
        ("Mountain Guard of Kesra", "Fountain Guard of Kesra", True),
    ],
)
def test_a_rare_name_one_letter_off_a_common_one_is_a_slip(codebook: Codebook, rare: str, common: str, slip: bool) -> None:
    found = [p for p in told(codebook, use(rare), *[use(common)] * 9) if p[0] == "actors-nearly-alike"]
    assert [p[3] for p in found] == ([rare] if slip else [])
    assert "actors-nearly-alike" not in [p[0] for p in told(codebook, use(rare), *[use(common)] * 5)], "as common as two groups are"
    own = ({**HILL, "name": rare},)
    assert "actors-nearly-alike" not in [p[0] for p in told(codebook, use(rare), *[use(common)] * 9, own=own)]
