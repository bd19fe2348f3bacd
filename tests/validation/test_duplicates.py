"""Likely duplicates over a whole dataset: found, not too many, never in groups."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest

from eventcoder.codebook import Codebook
from eventcoder.identity import event_id_from
from eventcoder.validation.duplicates import candidates, undecided_pairs
from eventcoder.validation.similar import DEFAULT, features, score
from tests.synthetic_events import synthetic_values
from tests.validation.tables import events_table

REWORDED = (
    ("gathered", "held a rally"), ("threw stones", "hurled rocks"), ("exchanged fire", "fought"), ("attacked villagers", "set upon villagers"),
    ("set off", "detonated"), ("shelled", "fired mortars at"), ("people", "residents"), ("marched", "walked through the streets"),
    ("were killed", "died"), ("On ", "Several reports say that on "),
)  # fmt: skip


def retold(values: dict[str, Any], rng: random.Random, number: int) -> dict[str, Any]:
    """The same event as another paper has it: other words, perhaps a day off, perhaps some kilometres off."""
    notes = values["notes"]
    for old, new in REWORDED:
        notes = notes.replace(old, new)
    out = {**values, "notes": notes, "event_id": event_id_from(f"retold:{number}:padding".encode())}
    if rng.random() < 0.4:
        day = date.fromisoformat(values["event_date"]) + timedelta(days=1)
        out |= dict.fromkeys(("event_date", "date_start", "date_end"), day.isoformat())
    if rng.random() < 0.4:
        out["latitude"] = round(values["latitude"] + 0.025, 4)
    return out


@pytest.fixture(scope="module")
def dataset() -> tuple[list[dict[str, Any]], set[tuple[str, str]]]:
    """5,000 different events and 250 of them told a second time."""
    rng = random.Random(9)
    values = synthetic_values(5000, 11)
    again = [(v, retold(v, rng, i)) for i, v in enumerate(rng.sample([v for v in values if v["time_precision"] == 1], 250))]
    pairs = {(min(a["event_id"], b["event_id"]), max(a["event_id"], b["event_id"])) for a, b in again}
    return values + [b for _, b in again], pairs


def test_T14_planted_duplicates_are_found_with_few_false_ones(dataset: tuple[list[dict[str, Any]], set[tuple[str, str]]], codebook: Codebook) -> None:
    values, planted = dataset
    found = candidates(events_table(values, codebook))
    listed = {(pair.a, pair.b) for pair in found}
    assert len(listed & planted) >= 0.99 * len(planted)
    assert len(listed - planted) <= len(values) / 20
    assert all(pair.reasons and DEFAULT.list_from <= pair.score <= 1 for pair in found)
    assert [pair.score for pair in found] == sorted((pair.score for pair in found), reverse=True)


def test_blocking_loses_nothing_that_scores_high_enough(codebook: Codebook) -> None:
    values = [v for v in synthetic_values(6000, 12) if v["country"] in ("Iran", "Serbia")]
    told = [(v["event_id"], features(v)) for v in values]
    every = set()
    for (a, one), (b, other) in combinations(told, 2):
        assert one is not None and other is not None
        if score(one, other)[0] >= 0.5:
            every.add((min(a, b), max(a, b)))
    assert len(every) > 3
    assert {(pair.a, pair.b) for pair in candidates(events_table(values, codebook), at_least=0.5)} == every


def test_only_pairs_with_something_new_are_looked_at(dataset: tuple[list[dict[str, Any]], set[tuple[str, str]]], codebook: Codebook) -> None:
    values, planted = dataset
    table = events_table(values, codebook)
    new = {v["event_id"] for v in values[5000:5010]}
    assert {p for p in candidates(table) if {p.a, p.b} & new} == set(candidates(table, only=new))
    newest = max(v["timestamp"] for v in values)
    assert len(candidates(table, since=newest + 1)) == 0
    assert len(planted) == 250


def test_the_order_of_the_rows_plays_no_role(dataset: tuple[list[dict[str, Any]], set[tuple[str, str]]], codebook: Codebook) -> None:
    values, _ = dataset
    shuffled = random.Random(3).sample(values, len(values))
    assert candidates(events_table(values, codebook)) == candidates(events_table(shuffled, codebook))


def test_T15_a_chain_of_likenesses_stays_pairs(codebook: Codebook) -> None:
    first = synthetic_values(1, 20)[0] | {"time_precision": 1, "geo_precision": 1}
    chain = []
    for step in range(4):
        day = (date(2025, 6, 1) + timedelta(days=step)).isoformat()
        chain.append({**first, "event_id": f"a0000000000{step}", "event_date": day, "date_start": day, "date_end": day})
    pairs = {(pair.a, pair.b) for pair in candidates(events_table(chain, codebook))}
    assert pairs == {("a00000000000", "a00000000001"), ("a00000000001", "a00000000002"), ("a00000000002", "a00000000003")}


def test_events_without_coordinates_or_columns_meet_by_name(codebook: Codebook) -> None:
    one = synthetic_values(1, 21)[0] | {"latitude": None, "longitude": None}
    table = events_table([one, {**one, "event_id": "a00000000001"}, {**one, "event_id": "a00000000002", "event_date": None}], codebook)
    assert len(candidates(table)) == 1
    assert len(candidates(table.drop_columns(["admin1", "assoc_actor_1", "fatalities_low"]))) == 1
    assert candidates(table.slice(0, 0)) == []


def test_a_relation_decides_a_pair() -> None:
    one = synthetic_values(1, 22)[0]
    ids = [one["event_id"], "a00000000001"]
    folded: list[Any] = [SimpleNamespace(event_id=i, values={**one, "event_id": i}, relations=[]) for i in ids]
    assert [{pair.a, pair.b} for pair in undecided_pairs(folded)] == [set(ids)]
    folded[1].relations.append({"kind": "different", "event_id": ids[0]})
    assert undecided_pairs(folded) == []
