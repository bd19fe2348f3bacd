"""The desk under random work: nothing is lost, ids are never reused, and a correction taken back leaves no trace in the values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventcoder.coding import Desk, NewEvent
from eventcoder.errors import Refused, UsageError
from eventcoder.intake.articles import ingest
from eventcoder.project import open_project
from tests.conftest import CLEAN

MOMENT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FULL = {
    **CLEAN, "sub_event_type": "Excessive force against protesters", "actor2": "Police Forces of Iran (1989-)", "fatalities": "7",
    "fatalities_low": "5", "fatalities_high": "9", "crowd_text": "hundreds", "time_precision": "2", "date_start": "2026-05-01",
    "date_end": "2026-05-06",
}  # fmt: skip
OTHER = {
    "event_date": ["2026-05-05", "2026-05-02"],
    "sub_event_type": ["Violent demonstration", "Attack"], "actor1": ["Rioters (Iran)", "Civilians (Iran)"],
    "assoc_actor_1": ["Farmers (Iran)", "Farmers (Iran); Women (Iran)"], "inter1": ["Rioters"], "actor2": ["Protesters (Iran)"], "admin1": ["Yazd"],
    "admin2": ["Shiraz"], "latitude": ["29.5"], "longitude": ["52.1", "52.2"], "geo_precision": ["2", "3"], "source": ["Orsova Courier"],
    "notes": ["Around 3 May 2026, teachers were shot at in Shiraz."], "fatalities": ["6", "8"], "fatalities_low": ["6"], "fatalities_high": ["12"],
    "tags": ["crowd size=12"], "reported_date": ["2026-05-04"], "crowd_low": ["40"], "crowd_text": ["dozens"], "injured_low": ["2"],
    "date_start": ["2026-05-02"], "clarity": ["aggregated"],
}  # fmt: skip
AMENDMENTS = [(name, value) for name, values in OTHER.items() for value in values]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(f"Report {number}: teachers marched in Shiraz, Iran, on Sunday {'again ' * number}.", "utf-8")
    with Desk(open_project(tmp_path), coder="ana", moment=MOMENT) as opened:
        texts = sorted(tmp_path.glob("*.txt"))
        ingest(opened.project, opened.ledger, texts, coder="ana", time=MOMENT, published="2026-05-04", publisher="Qasr Daily")
        yield opened


def test_a_correction_taken_back_gives_the_values_that_were(desk: Desk) -> None:
    for base in (CLEAN, FULL):
        for name, value in AMENDMENTS:
            event = desk.add(NewEvent(base), allow_open=True).event_id
            before = desk.event(event)
            outcome = desk.amend(event, {name: value}, reason="Misread.")
            assert outcome.revision == 2
            assert desk.event(event).values != before.values, name
            desk.amend(event, {name: before.values.get(name)}, reason="Read again.")
            after = desk.event(event)
            assert after.values == before.values, name
            assert (after.state, after.revision) == (before.state, 3)


def test_an_interval_that_somebody_gave_outlives_the_correction_of_the_figure(desk: Desk) -> None:
    event = desk.add(NewEvent(FULL), allow_open=True).event_id
    desk.amend(event, {"fatalities": 6}, reason="Hospital.")
    values = desk.event(event).values
    assert [values[n] for n in ("fatalities_low", "fatalities", "fatalities_high")] == [5, 6, 9]
    outcome = desk.amend(event, {"fatalities": 4}, reason="Hospital.")
    assert any(p.severity == "error" and "fatalities" in (p.field or "") for p in outcome.problems), "the rules say that 4 is not from 5 to 9"
    desk.amend(event, {"event_date": "2026-05-04"}, reason="Misread.")
    values = desk.event(event).values
    assert [values[n] for n in ("date_start", "event_date", "date_end")] == ["2026-05-01", "2026-05-04", "2026-05-06"]
    desk.amend(event, {"time_precision": 1}, reason="The day is known now.")
    values = desk.event(event).values
    assert values["date_start"] == values["event_date"] == values["date_end"]


def test_figures_that_followed_the_only_one_still_follow_it(desk: Desk) -> None:
    event = desk.add(NewEvent({**FULL, "fatalities_low": "", "fatalities_high": ""}), allow_open=True).event_id
    desk.amend(event, {"fatalities": 3}, reason="Hospital.")
    values = desk.event(event).values
    assert [values[n] for n in ("fatalities_low", "fatalities", "fatalities_high")] == [3, 3, 3]
    desk.amend(event, {"fatalities": None}, reason="No figure after all.")
    assert not {"fatalities", "fatalities_low", "fatalities_high"} & set(desk.event(event).values)


def test_T20_T22_who_comes_first_and_whose_the_dead_are_is_kept_as_it_was_said(desk: Desk) -> None:
    """The order of the actors and the sides of the dead are what the coder said: no act sorts, swaps or attributes."""
    count = {"kind": "killed", "low": 5, "best": 7, "high": 9, "words": "seven", "victim": "protesters"}
    first = desk.add(NewEvent(FULL, counts=[count]), allow_open=True).event_id
    swapped = {**FULL, "actor1": FULL["actor2"], "actor2": FULL["actor1"], "assoc_actor_1": "", "assoc_actor_2": "Teachers (Iran)"}
    second = desk.add(NewEvent(swapped), allow_open=True).event_id
    a, b = desk.event(first).values, desk.event(second).values
    assert (a["actor1"], a["inter1"], a["interaction"]) == (b["actor2"], b["inter2"], b["interaction"]), "the interaction has no direction"
    assert "fatalities_actor1" not in a and desk.event(first).counts[0]["victim"] == "protesters"
    desk.merge(first, [second], reason="One event, two papers.")
    assert desk.event(first).values["actor1"] == FULL["actor1"]


def test_ids_are_never_given_twice(desk: Desk) -> None:
    number = {**CLEAN, "event_id_cnty": "IRN77"}
    first = desk.add(NewEvent(number)).event_id
    for act in (lambda: None, lambda: desk.retract(first, reason="Withdrawn.")):
        act()
        with pytest.raises(Refused) as refused:
            desk.add(NewEvent(number))
        assert [p.code for p in refused.value.problems] == ["duplicate-id"], "also not after the event was withdrawn"
    with pytest.raises(Refused):
        desk.add_many([NewEvent({**CLEAN, "event_id_cnty": "IRN78"}), NewEvent({**CLEAN, "event_id_cnty": "IRN78"})])
    assert len(list(desk.ledger.events())) == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from([0, 1])),
        st.tuples(st.just("amend"), st.integers(0, 5), st.sampled_from(AMENDMENTS)),
        st.tuples(st.just("clear"), st.integers(0, 5), st.sampled_from(sorted(OTHER))),
        st.tuples(st.just("retract"), st.integers(0, 5)),
        st.tuples(st.just("restore"), st.integers(0, 5)),
        st.tuples(st.just("merge"), st.integers(0, 5), st.integers(0, 5)),
        st.tuples(st.just("attach"), st.integers(0, 5), st.integers(0, 2)),
        st.tuples(st.just("settle"), st.integers(0, 5)),
    ),
    min_size=4,
    max_size=14,
)


def act(desk: Desk, step: tuple[Any, ...], ids: list[str], documents: list[str]) -> tuple[str, dict[str, Any]] | None:
    """Do one step; the event and the values that were set, or None when it was refused."""
    kind, number, *rest = step
    if kind == "add":
        ids.append(desk.add(NewEvent((CLEAN, FULL)[number]), allow_open=True).event_id)
        return ids[-1], {}
    event = ids[number % len(ids)]
    changes: dict[str, Any] = {}
    try:
        if kind == "amend":
            changes = {rest[0][0]: rest[0][1]}
            desk.amend(event, changes, reason="r")
        elif kind == "clear":
            changes = {rest[0]: None}
            desk.amend(event, changes, reason="r")
        elif kind == "merge":
            desk.merge(event, [ids[rest[0] % len(ids)]], reason="r")
        elif kind == "attach":
            desk.attach(event, [documents[rest[0]]])
        elif kind == "settle":
            desk.settle(event)
        else:
            getattr(desk, kind)(event, reason="r")
    except (Refused, UsageError):
        return None
    return event, changes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_T31_no_sequence_of_acts_loses_an_earlier_value(desk: Desk, steps: list[tuple[Any, ...]]) -> None:
    documents = sorted(desk.ledger.latest("document"))
    ids = [desk.add(NewEvent(CLEAN)).event_id, desk.add(NewEvent(FULL), allow_open=True).event_id]
    history = {event: [(a.id, dict(a.body)) for a in desk.ledger.acts(event)] for event in ids}
    for step in steps:
        done = act(desk, step, ids, documents)
        for event in ids:
            acts = [(a.id, dict(a.body)) for a in desk.ledger.acts(event)]
            before = history.get(event, [])
            assert acts[: len(before)] == before, "what was is still there, in its place"
            assert done is not None or acts == before, "what was refused left nothing"
            history[event] = acts
        if done is not None:
            folded = desk.event(done[0])
            assert folded.revision == len(history[done[0]])
            typed, _ = desk.codebook.coerce({k: v for k, v in done[1].items() if v is not None})
            for name, value in done[1].items():
                if value is not None or desk.codebook.column(name).entered == "coder":  # what has a default takes it again when it is cleared
                    assert folded.values.get(name) == typed.get(name), name
    for event in ids:
        folded = desk.event(event)
        assert folded.state in ("open", "settled", "retracted", "merged")
        if folded.state == "settled":
            assert not desk.prepare(folded.values, event_id=event).errors, "nothing settles with errors"
        if folded.state == "merged":
            assert folded.successor in ids
        told = {r["document"] for r in folded.reports}
        # what a merge brought goes back with the event that it came from, when that one is restored
        own = {r["document"] for _, body in history[event] if body["act"] != "merge" for r in body.get("reports", [])}
        assert told >= own
    assert desk.ledger.verify() == []
