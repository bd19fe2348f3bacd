"""Relations between events: said, refused, taken back, carried through merges and splits, and left standing when an event ends."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.codebook import Codebook, load_codebook
from eventcoder.coding import Desk, NewEvent
from eventcoder.coding.relating import related, told_by_others, withdraw
from eventcoder.errors import Refused, UsageError
from eventcoder.project import open_project, packaged_schema
from eventcoder.validation.circles import circles
from eventcoder.validation.keyed import keyed_checks
from tests.conftest import CLEAN


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("relating")
    (root / "eventcoder.toml").write_text('id = "trial"\ncoder = "ana"\n', "utf-8")
    with Desk(open_project(root), coder="ana") as desk:
        for day in range(4, 8):
            notes = f"On {day} May 2026, teachers gathered in Shiraz (Fars) to demand the payment of late salaries."
            desk.add(NewEvent({**CLEAN, "event_date": f"2026-05-0{day}", "notes": notes}))
    return root


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(folder, tmp_path / "project")
    with Desk(open_project(tmp_path / "project"), coder="ana") as opened:
        yield opened


def ids_of(desk: Desk) -> list[str]:
    return [event.event_id for event in sorted(desk.ledger.events(), key=lambda e: e.values["event_date"])]


def told(desk: Desk, event_id: str) -> list[tuple[str, str]]:
    return [(r["kind"], r["event_id"]) for r in desk.event(event_id).relations]


def test_every_kind_says_what_it_is_from_both_sides(desk: Desk) -> None:
    for row in desk.codebook.lists["relation_kinds"].rows:
        assert row["definition"] and {row["symmetric"], row["acyclic"], row["inherited"]} <= {"yes", "no"}
        assert bool(row["inverse"]) == (row["symmetric"] == "no") and not (row["symmetric"] == "yes" == row["acyclic"])


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("part-of", "part_of"), ("campaign", "part_of_campaign"), ("counter-protest", "counter_demonstration"), ("same-as", "same_incident")],
)
def test_words_that_people_use_for_kinds(desk: Desk, typed: str, kind: str) -> None:
    a, b, *_ = ids_of(desk)
    desk.relate(a, typed, b)
    assert told(desk, a) == [(kind, b)]


def test_a_circle_of_parts_is_refused_with_the_way_and_how_to_take_it_back(desk: Desk) -> None:
    a, b, c, _ = ids_of(desk)
    desk.relate(a, "part_of", b)
    desk.relate(b, "part_of", c)
    with pytest.raises(Refused, match=f"{a} to {b} to {c}") as refused:
        desk.relate(c, "part_of", a)
    assert f"relate {a} part_of {b} --withdraw" in str(refused.value)
    assert [(r.kind, r.event_id, r.beyond) for r in related(desk, desk.event(a))] == [("part_of", b, (c,))]
    assert [(kind, other.event_id) for kind, other in told_by_others(desk, desk.event(b))] == [("part_of", a)]
    desk.relate(c, "response_to", a)
    desk.relate(a, "response_to", c)  # two may answer each other
    with pytest.raises(UsageError, match="itself"):
        desk.relate(a, "part_of", a)
    withdraw(desk, a, "part_of", b, reason="Another strike.")
    desk.relate(c, "part_of", a)
    assert ("part_of", b) not in told(desk, a) and ("response_to", c) in told(desk, a)


def test_a_relation_is_taken_back_from_whichever_side_told_it(desk: Desk) -> None:
    a, b, *_ = ids_of(desk)
    desk.relate(a, "campaign", b)
    assert withdraw(desk, b, "campaign", a, reason="Two strikes.").event_id == a and told(desk, a) == []
    desk.relate(a, "continues", b)
    with pytest.raises(UsageError, match=f"But {a} is continues {b}"):
        withdraw(desk, b, "continues", a, reason="r")


def test_a_merge_carries_relations_and_taking_it_back_takes_them_along(desk: Desk) -> None:
    a, b, c, d = ids_of(desk)
    desk.relate(b, "part_of_campaign", c)
    desk.relate(b, "see_also", a)
    desk.relate(a, "part_of", d)
    desk.relate(d, "response_to", b)
    before = {i: told(desk, i) for i in (a, b, c, d)}
    desk.merge(a, [b], reason="One rally.", beyond=True)
    assert told(desk, a) == [("part_of", d), ("part_of_campaign", c)], "not the relation between the two"
    (answer,) = related(desk, desk.event(d))
    assert (answer.event_id, answer.head.state if answer.head else "", answer.current.event_id if answer.current else "") == (b, "merged", a)
    desk.unmerge(b, reason="Two after all.", decided=False)
    assert {i: told(desk, i) for i in (a, b, c, d)} == before


def test_a_relation_that_the_other_side_tells_is_not_told_twice_after_a_merge(desk: Desk) -> None:
    a, b, c, _ = ids_of(desk)
    desk.relate(c, "campaign", a)
    desk.relate(b, "campaign", c)
    desk.merge(a, [b], reason="One rally.", beyond=True)
    assert told(desk, a) == []


def test_parts_that_are_split_off_belong_to_the_same_whole(desk: Desk) -> None:
    a, b, c, _ = ids_of(desk)
    desk.relate(a, "part_of", b)
    desk.relate(a, "response_to", c)
    _, new = desk.split(a, [{"location": "Marvdasht", "latitude": "29.874", "longitude": "52.8025"}], reason="Two towns.", allow_open=True)
    assert told(desk, new.event_id) == [("split_from", a), ("part_of", b)]
    assert told(desk, a) == [("part_of", b), ("response_to", c)]


def test_relations_to_withdrawn_events_stand(desk: Desk) -> None:
    a, b, *_ = ids_of(desk)
    desk.relate(a, "part_of", b)
    desk.retract(b, reason="A film set.")
    assert [(r.event_id, r.head.state if r.head else "", r.current) for r in related(desk, desk.event(a))] == [(b, "retracted", None)]


def relations(*rows: tuple[str, str, str]) -> pa.Table:
    return pa.table({name: pa.array([r[n] for r in rows], pa.string()) for n, name in enumerate(("event_id", "kind", "other_event_id"))})


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return load_codebook(packaged_schema())


def test_a_circle_that_two_offline_coders_made_together_is_found_in_the_tables(codebook: Codebook) -> None:
    table = relations(("a", "part_of", "b"), ("b", "part_of", "a"), ("c", "part_of", "a"), ("x", "response_to", "y"), ("y", "response_to", "x"))
    found = [(p.code, p.event_id, p.value) for p in keyed_checks({"relations": table}, codebook) if p.code == "relation-circle"]
    assert found == [("relation-circle", "a", "b"), ("relation-circle", "b", "a")]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_circles_are_found_where_and_only_where_there_are_some(codebook: Codebook, pairs: list[tuple[int, int]]) -> None:
    reach = {(a, b) for a, b in pairs if a != b}
    for middle in range(7):
        reach |= {(a, b) for a in range(7) for b in range(7) if (a, middle) in reach and (middle, b) in reach}
    on = {str(a) for a in range(7) if (a, a) in reach}
    found = {p.event_id for p in circles(relations(*((str(a), "continues", str(b)) for a, b in pairs)), codebook)}
    assert on <= found and bool(on) == bool(found)
