"""Blind double coding: what one coder does shows to nobody, until both are done; and it is never part of the dataset (T28)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.coding import Desk, NewEvent
from eventcoder.errors import NotFound, Refused
from eventcoder.ledger.work import body_of, task_id, tasks
from eventcoder.team.tasks.assigning import Wish, assign
from eventcoder.team.tasks.blind import shown_entry, visible, visible_entry
from eventcoder.team.tasks.claiming import finish, skip, take, the_current
from eventcoder.team.tasks.codings import codings
from eventcoder.team.tasks.planting import plant, planted_results
from tests.conftest import CLEAN

from .working import Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """One document that ana and ben read blind, one that nobody was given."""
    team = Team(tmp_path, 2)
    with team.desk("lea") as desk:
        assign(desk, team.documents[:1], Wish(to=["ana", "ben"], double=1.0, round="May"))
    return team


def code(team: Team, coder: str, **edits: str) -> str:
    """Take the task, accept the draft (with edits), hand it in; the event's id."""
    with team.desk(coder) as desk:
        task = take(desk)
        assert task is not None
        sitting = team.review(desk, task.document)
        assert sitting.current is not None, sitting.unreadable
        outcome = sitting.accept(sitting.current, edits)
        assert outcome.state == "held" and sitting.current is None
        assert finish(desk, task).events[0].event_id == outcome.event_id  # type: ignore[index]
    return outcome.event_id


def all_shown(desk: Desk) -> set[str]:
    return {event.event_id for event in desk.ledger.events() if visible(desk, event)}


def test_nobody_sees_the_other_until_both_are_done(team: Team) -> None:
    first = code(team, "ana")
    for who, sees in (("ana", {first}), ("ben", set()), ("lea", set()), ("chloe", set())):
        with team.desk(who) as desk:
            assert all_shown(desk) == sees
            assert any(e.subject == first for e in desk.ledger.entries() if visible_entry(desk, e)) == bool(sees)
            assert codings(desk) == {} and (codings(desk, done_only=False)[team.documents[0]][0].events != []) is True
    second = code(team, "ben", fatalities="0")
    for who, sees in (("ana", True), ("ben", True), ("lea", True), ("chloe", False)):
        with team.desk(who) as desk:
            assert all_shown(desk) == ({first, second} if sees else set())
    with team.desk("lea") as desk:
        found = codings(desk)[team.documents[0]]
        assert [(c.coder, c.round, len(c.events), c.done is not None) for c in found] == [("ana", "May", 1, True), ("ben", "May", 1, True)]
        assert found == codings(desk, round="May", items=team.documents)[team.documents[0]] and codings(desk, round="June") == {}
        assert codings(desk, items=team.documents[1:]) == {}


def test_held_events_are_no_part_of_the_dataset(team: Team) -> None:
    event = code(team, "ana")
    with team.desk("ben") as desk:
        assert desk.ledger.near("2026-05-01", "2026-05-09") == [] and desk.ledger.find_cnty(desk.event(event).values.get("event_id_cnty", "")) is None
        assert "event_id_cnty" not in desk.event(event).values
        assert desk.known_place("Shiraz", "Iran") is None
        assert list(desk.ledger.events(states=("open", "settled", "conflict"))) == []


def test_the_other_coder_is_asked_about_the_same_draft(team: Team) -> None:
    code(team, "ana")
    with team.desk("ben") as desk:
        assert take(desk) is not None
        sitting = team.review(desk)
        assert [d.draft_id for d in sitting.waiting if d.document == team.documents[0]] == [team.drafts[0].draft_id]
        sitting.reject(next(d for d in sitting.waiting if d.document == team.documents[0]), "not_an_event")
        assert len(desk.ledger.latest("decision")) == 2
    with team.desk("chloe") as desk:  # the document is decided, and no business of others
        assert [d.document for d in team.review(desk).waiting] == [team.documents[1]]
        assert "until all are done nobody else" in team.review(desk, team.documents[0]).unreadable[0]


def test_others_store_no_event_of_a_document_that_is_coded_blind(team: Team) -> None:
    new = NewEvent(CLEAN, reports=team.documents[:1])
    with team.desk("chloe") as desk, pytest.raises(Refused, match="until all are done nobody else stores"):
        desk.add(new)
    with team.desk("ana") as desk:
        with pytest.raises(Refused, match="have not taken your part yet"):
            desk.add(new)
        take(desk)
        assert desk.add(new).state == "held"
        finish(desk, the_current(desk))
        with pytest.raises(Refused, match="handed in yours"):
            desk.add(new)
        assert desk.add(NewEvent(CLEAN, reports=team.documents[1:])).state == "settled"


def test_a_held_event_is_changed_by_its_coder_until_it_is_handed_in(team: Team) -> None:
    with team.desk("ana") as desk:
        take(desk)
        event = desk.add(NewEvent(CLEAN, reports=team.documents[:1])).event_id
        assert desk.amend(event, {"fatalities": 0, "location": "Fasa"}, reason="Read again.").state == "held"
        assert desk.attach(event, team.documents[1:]).state == "held"
        other = desk.add(NewEvent(CLEAN)).event_id
        with pytest.raises(Refused, match="coded apart"):
            desk.merge(other, [event], reason="One.")
        with pytest.raises(Refused, match="coded apart"):
            desk.settle(event)
        with pytest.raises(Refused, match="which would be lost"):
            skip(desk, the_current(desk), "Too long.")
    with team.desk("ben") as desk, pytest.raises(NotFound):
        desk.amend(event, {"fatalities": 1}, reason="Mine now.")
    with team.desk("ana") as desk:
        finish(desk, the_current(desk))
        with pytest.raises(Refused, match="has handed in: it is kept as it is"):
            desk.amend(event, {"fatalities": 1}, reason="Too late.")


def test_attaching_the_document_makes_an_event_apart(team: Team) -> None:
    with team.desk("ana") as desk:
        known = desk.add(NewEvent(CLEAN)).event_id
        take(desk)
        outcome = desk.attach(known, team.documents[:1])
        made = desk.event(outcome.event_id)
        assert outcome.state == "held" and made.relations == [{"kind": "see_also", "event_id": known}] and made.values["location"] == "Shiraz"
        assert desk.event(known).reports == []
        sitting = team.review(desk, team.documents[0])
        assert sitting.current is not None and sitting.attach(sitting.current, known).state == "held"
        sitting.undo()
        assert sitting.current is not None and [e.event_id for e in desk.ledger.events(states=("held",))] == [made.event_id]


def test_nothing_found_is_a_coding_too(team: Team) -> None:
    with team.desk("ana") as desk:
        assert finish(desk, take(desk)).events == []  # type: ignore[arg-type]
    code(team, "ben")
    with team.desk("lea") as desk:
        assert [len(c.events) for c in codings(desk)[team.documents[0]]] == [0, 1]


def test_a_control_shows_no_draft(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    with team.desk("lea") as desk:
        assign(desk, [], Wish(double=1.0, control=1.0))
    with team.desk("ana") as desk:
        take(desk)
        sitting = team.review(desk, team.documents[0])
        assert sitting.current is None and [d for d, _ in sitting.by_hand] == team.documents


@pytest.mark.parametrize(("act", "verdict"), [("accept", "accepted"), ("edit", "corrected"), ("reject", "rejected"), ("nothing", None)])
def test_a_planted_draft_tells_how_suggestions_are_read(tmp_path: Path, act: str, verdict: str | None) -> None:
    team = Team(tmp_path, 3)
    with team.desk("lea") as desk:
        made = plant(desk, team.drafts[:1], [d.fields for d in team.drafts], "x")
        assert made is not None and made[0] is team.drafts[0]
        bodies = [body_of(team.documents[0], n, slots=2, blind=True, assigned_for=who, planted=p)
                  for n, who, p in ((1, "ana", made[1]), (2, "ben", None))]  # fmt: skip
        desk.ledger.append([desk.entry("assignment", task_id(team.documents[0], body["slot"]), body) for body in bodies])
    field, wrong, true = (made[1][key] for key in ("field", "wrong", "true"))
    with team.desk("ben") as desk:
        take(desk)
        assert team.review(desk, team.documents[0]).current.fields[field] == true  # type: ignore[union-attr]
    with team.desk("ana") as desk:
        task = take(desk)
        sitting = team.review(desk, team.documents[0])
        draft = sitting.current
        assert draft is not None and draft.fields[field] == wrong and draft.draft_id == team.drafts[0].draft_id and len(sitting.waiting) == 1
        if act == "reject":
            sitting.reject(draft, "not_an_event")
        elif act != "nothing":
            sitting.accept(draft, {field: str(true)} if act == "edit" else None, allow_open=True)
        finish(desk, task)  # type: ignore[arg-type]
        assert not any(shown_entry(desk, e).body.get("planted") for e in desk.ledger.entries() if e.kind == "assignment")
        assert next(desk.ledger.entries(kind="draft", subject=draft.draft_id)).body["fields"] == team.drafts[0].as_json()["fields"]
    with team.desk("lea") as desk:
        (result,) = planted_results(desk)["ana"]
        assert (result.verdict, result.field, result.true, result.wrong) == (verdict, field, true, wrong)
        assert any(t.planted for t in tasks(desk.ledger.store))


def test_the_end_of_a_review_hands_the_task_in(team: Team, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from eventcoder.cli import review

    keys = iter("ny")
    monkeypatch.setattr(review, "read_key", lambda: next(keys))
    with team.desk("ana") as desk:
        take(desk)
        sitting = team.review(desk, team.documents[0])
        review.offer_hand_in(desk, sitting)
        assert capsys.readouterr().out == ""  # a draft waits
        sitting.reject(sitting.waiting[0], "not_an_event")
        review.offer_hand_in(desk, sitting)
        assert the_current(desk).document == team.documents[0]  # kept: the coder has seen an event that no draft tells
        review.offer_hand_in(desk, sitting)
        assert "handed in: no event found" in capsys.readouterr().out
