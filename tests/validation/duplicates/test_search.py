"""Likely duplicates over a whole dataset: found, not too many, never in groups."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook
from eventcoder.identity import event_id_from
from eventcoder.ledger import Ledger, new_entry, open_ledger
from eventcoder.validation.duplicates.likeness import Columns, Fingerprints
from eventcoder.validation.duplicates.search import _needed, candidates, search
from eventcoder.validation.duplicates.similar import DEFAULT, features, score
from eventcoder.validation.duplicates.undecided import undecided
from tests.releases.workshop import book
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


FIELDS = {
    "event_date": [None, "2025-06-01", "2025-06-02", "2025-06-04"],
    "date_start": [None, "2025-05-29", "2025-06-01"],
    "date_end": [None, "2025-06-01", "2025-06-05", "2025-06-30"],
    "reported_date": [None, "2025-06-02", "2025-06-03"],
    "time_precision": [None, 1, 2],
    "latitude": [None, 31.3203, 31.3303, 31.45],
    "longitude": [None, 48.6693, 48.70],
    "geo_precision": [None, 1, 2, 3],
    "fatalities": [None, 0, 3, 40],
    "fatalities_low": [None, 0, 2],
    "fatalities_high": [None, 0, 5],
    "country": ["Iran", None],
    "location": [None, "Ahvaz", "AHVAZ", "Dezful"],
    "admin1": ["Khuzestan", None],
    "sub_event_type": [None, "Peaceful protest", "Protest with intervention", "Attack"],
    "event_type": [None, "Protests", "Violence against civilians"],
    "disorder_type": [None, "Demonstrations", "Political violence; Demonstrations", "Political violence"],
    "actor1": [None, "", "Protesters (Iran)", "Unidentified Armed Group (Iran)", "Rioters (Iran)"],
    "actor2": [None, "Protesters (Iran)", "Unidentified Gang (Iran)", "Civilians (Iran)"],
    "assoc_actor_1": [None, [], ["Teachers (Iran)"], ["Teachers (Iran)", "Women (Iran)"], [f"Group {n}" for n in range(8)]],
    "assoc_actor_2": [None, [], ["Women (Iran)"], ["Group 1", "Group 2"]],
    "notes": [
        None,
        "",
        "On 1 June, teachers rallied over unpaid wages.",
        "Unpaid wages: teachers rallied; the mayor spoke.",
        "Sugar mill closed, Ahvaz.",
    ],
}
ROW = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FIELDS.items()})


@settings(max_examples=20, deadline=None)
@given(st.lists(ROW, min_size=2, max_size=14), st.sampled_from([0.3, 0.5, 0.62, 0.9]))
def test_the_search_over_a_table_finds_what_scoring_each_with_each_finds(rows: list[dict[str, Any]], at_least: float) -> None:
    values = [{**row, "event_id": f"a{n:011}"} for n, row in enumerate(rows)]
    told = [(v["event_id"], made) for v in values if (made := features({k: x for k, x in v.items() if x != ""}))]
    single = {(a, b, *score(one, other)) for (a, one), (b, other) in combinations(told, 2) if score(one, other)[0] >= at_least}
    bulk = {(p.a, p.b, p.score, p.reasons) for p in candidates(events_table(values, book()), at_least=at_least)}
    assert bulk == single


@settings(max_examples=30, deadline=None)
@given(st.lists(ROW.filter(lambda row: row["event_date"]), min_size=2, max_size=9))
def test_the_bound_is_never_below_the_score_and_exact_for_few_words(rows: list[dict[str, Any]]) -> None:
    table = _needed(events_table([{**row, "event_id": f"a{n:011}"} for n, row in enumerate(rows)], book()))
    columns = Columns(table, DEFAULT)
    a, b = (np.array(side) for side in zip(*combinations(range(len(rows)), 2), strict=True))
    told = Fingerprints([(r["notes"], r["location"], r["admin1"], r["country"]) for r in rows], len(rows), DEFAULT.full_notes)
    top, weights = columns.means(a, b)
    most = columns.most(columns.gates(a, b), top, weights, told.most(a, b))
    for i, j, bound in zip(a.tolist(), b.tolist(), most.tolist(), strict=True):
        one, other = features(rows[i]), features(rows[j])
        assert one is not None and other is not None
        points, _ = score(one, other)
        assert bound >= points - 0.0005
        if max(len(one.associates), len(other.associates)) <= 6:
            assert bound <= points + 0.0006, "a bound that is too generous would cost time"


def test_a_pair_over_the_date_line_is_met(codebook: Codebook) -> None:
    one = synthetic_values(1, 23)[0] | {"latitude": -16.8, "longitude": 179.995, "geo_precision": 1}
    other = {**one, "event_id": "a00000000001", "longitude": -179.996}
    assert len(candidates(events_table([one, other], codebook))) == 1


def test_a_city_with_too_many_events_on_a_day_is_narrowed_and_told(codebook: Codebook) -> None:
    first = synthetic_values(1, 24)[0] | {"time_precision": 1, "geo_precision": 1, "assoc_actor_1": [], "assoc_actor_2": []}
    kinds = [("Peaceful protest", "Protests"), ("Armed clash", "Battles")]
    words = [f"{a}{b}{c}" for a in "bdfgk" for b in ("ala", "ene", "iri") for c in ("mon", "tur", "sep", "lok")]
    rows = []
    for n in range(120):
        kind, event_type = kinds[n % 2]
        notes = " ".join(words[(n * 7 + k * 11) % 60] for k in range(6))
        rows.append({**first, "event_id": f"a{n:011}", "sub_event_type": kind, "event_type": event_type, "notes": notes})
    rows.append({**rows[7], "event_id": "b00000000007"})
    rows.append({**rows[8], "event_id": "b00000000008", "sub_event_type": "Peaceful protest"})
    table = events_table(rows, codebook)
    whole = search(table, at_least=0.9)
    assert whole.narrowed == []
    narrow = search(table, at_least=0.9, parameters=replace(DEFAULT, block_events=80))
    assert [(block.events, block.by) for block in narrow.narrowed] == [(122, "event type")]
    assert first["location"].lower() in str(narrow.narrowed[0]) and "event type" in str(narrow.narrowed[0])
    assert narrow.compared < 0.6 * whole.compared
    assert {p for p in whole.pairs if p.b == "b00000000007"} <= set(narrow.pairs)
    tight = search(table, at_least=0.9, parameters=replace(DEFAULT, block_events=10))
    assert [block.by for block in tight.narrowed] == ["event type", *["sub-event type and point"] * 2, *["sub-event type, point and actors"] * 2]
    assert tight.narrowed[0].events == 122
    assert ("a00000000007", "b00000000007") in {(p.a, p.b) for p in tight.pairs}


def told_in(root: Path, events: list[dict[str, Any]], relations: dict[str, list[dict[str, str]]]) -> Ledger:
    """A ledger of these events, one act each, a minute after the other."""
    ledger = open_ledger(root / "ledger.sqlite")
    for n, values in enumerate(events):
        body: dict[str, Any] = {
            "act": "create",
            "values": {k: v for k, v in values.items() if k != "event_id" and v not in (None, [])},
            "settled": n > 0,
        }
        body |= {"relations": relations[values["event_id"]]} if values["event_id"] in relations else {}
        ledger.append([new_entry("act", values["event_id"], body, coder="ana", time=f"2026-11-02T09:0{n}:00Z")])
    return ledger


def test_undecided_pairs_come_out_of_the_ledger_and_a_relation_decides_one(tmp_path: Path) -> None:
    one = {**synthetic_values(1, 22)[0], "event_id": "a00000000001"}
    events = [one, {**one, "event_id": "a00000000002"}, {**one, "event_id": "a00000000003", "fatalities": "many", "latitude": None}]
    with told_in(tmp_path, events, {"a00000000002": [{"kind": "different", "event_id": "a00000000001"}]}) as ledger:
        found = undecided(ledger)
        assert (found.events, found.decided) == (3, 1)
        third = [("a00000000001", "a00000000003"), ("a00000000002", "a00000000003")]
        assert [(p.a, p.b) for p in found.pairs] == third, "what is no number in an open event counts as not told, and a name stands for a point"
        assert undecided(ledger, since="2026-11-02T09:05:00Z").pairs == []
        assert [(p.a, p.b) for p in undecided(ledger, since="2026-11-02T09:01:30Z").pairs] == third
        assert undecided(ledger, only={"a00000000001"}).pairs == found.pairs[:1]
    (tmp_path / "second").mkdir()
    with told_in(tmp_path / "second", events[:2], {}) as ledger:
        (pair,) = undecided(ledger).pairs
        direct = score(*(features({k: v for k, v in e.items() if k != "x"}) for e in events[:2]))  # type: ignore[arg-type]
        assert (pair.a, pair.b, pair.score, pair.reasons) == ("a00000000001", "a00000000002", *direct)
        assert undecided(ledger, at_least=1.01).pairs == []
