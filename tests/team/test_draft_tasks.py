"""Single drafts as tasks: given, handed out, decided apart, compared; and kept away from who codes their document."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.coding import NewEvent
from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.event import Draft
from eventcoder.ledger.work import body_of, task_id, tasks
from eventcoder.review import Review, StoredDrafts, draft_entry, named
from eventcoder.review.session import stored_draft
from eventcoder.team.adjudication.adjudicating import Decision, adjudicate
from eventcoder.team.adjudication.cases import case_of
from eventcoder.team.tasks.assigning import Wish, assign
from eventcoder.team.tasks.claiming import finish, nothing_stored, take
from eventcoder.team.tasks.codings import codings
from eventcoder.team.tasks.items import undecided
from eventcoder.team.tasks.planting import planted_results
from eventcoder.team.tasks.queue import queue
from tests.conftest import CLEAN, Command

from .working import TOWNS, Team, draft


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Two documents, the first with two drafts: about Shiraz and about Ahvaz."""
    team = Team(tmp_path, 2)
    other = draft(team.documents[0], 7, TOWNS[2]).as_json() | {"statement": {"start": 31, "end": 37, "quote": "Note 0"}}
    team.drafts.append(Draft.model_validate(other))
    with team.desk("lea") as desk:
        desk.ledger.append([draft_entry(team.drafts[-1], desk)])
    return team


def sitting(desk, *drafts) -> Review:  # type: ignore[no-untyped-def]
    found = [d for x in drafts if (d := stored_draft(desk, x.draft_id)) is not None]
    return Review(desk, StoredDrafts(found), drafts=found)


def test_one_draft_is_decided_twice_apart_and_adjudicated(team: Team) -> None:
    one = team.drafts[0]
    with team.desk("lea") as desk:
        done = assign(desk, [], Wish(to=["ana", "ben"], double=1.0, control=1.0, round="May"), drafts=[one])
        assert (done.kind, done.documents, done.tasks, done.double, done.control) == ("draft", 1, 2, 1, 0)
        assert {(t.item, t.item_kind, t.document, t.type) for t in tasks(desk.ledger.store)} == {(one.draft_id, "draft", one.document, "Protests")}
        assert "already" in assign(desk, [], Wish(round="May"), drafts=[one]).notes[0]
    for who in ("ana", "ben"):
        with team.desk(who) as desk:
            with pytest.raises(Refused, match=f"Draft {one.draft_id} of document .* have not taken your part"):
                desk.add(NewEvent(CLEAN, reports=[one.document], draft=one.draft_id))
            task = take(desk)
            assert task is not None and task.item == one.draft_id and nothing_stored(desk, task)
            sit = sitting(desk, one)
            assert [d.draft_id for d in sit.waiting] == [one.draft_id]  # just this one, although ana has decided it
            assert sit.accept(sit.waiting[0]).state == "held" and not nothing_stored(desk, task)
            assert len(finish(desk, task).events or ()) == 1
    with team.desk("chloe") as desk:  # decided by both: asked about in no other sitting
        assert one.draft_id not in {d.draft_id for d in team.review(desk).waiting}
    with team.desk("lea") as desk:
        (found,) = codings(desk).items()
        assert found[0] == one.draft_id and [(c.coder, c.document, len(c.events)) for c in found[1]] == [
            ("ana", one.document, 1), ("ben", one.document, 1)
        ]  # fmt: skip
        assert (queue(desk).items, queue(desk).compared) == (1, 1)
        case = case_of(desk, one.document[:8])
        assert case.item == one.draft_id == case_of(desk, one.draft_id).item
        (outcome,) = adjudicate(desk, [(case, [(row, Decision(reason="Read.")) for row in case.rows])])
        assert desk.event(outcome.event_id).reports == [{"document": one.document}]
        assert queue(desk).compared == 0 and desk.ledger.verify() == []


def test_a_draft_decided_apart_shows_in_no_other_sitting_and_the_rest_does(team: Team) -> None:
    one, two, other = team.drafts
    with team.desk("lea") as desk:
        assign(desk, [], Wish(to=["ana", "ben"], double=1.0), drafts=[one])
        assign(desk, [], Wish(to=["ben"], double=0), drafts=[two])
    with team.desk("chloe") as desk:
        sit = team.review(desk)
        assert [d.draft_id for d in sit.waiting] == [other.draft_id]  # one is coded apart, two is ben's
        assert "until all are done nobody else" in sitting(desk, one).unreadable[0]
        assert sit.accept(other).state == "settled"  # another event of the same document
        with pytest.raises(Refused, match="being coded blind"):
            desk.add(NewEvent(CLEAN, reports=[one.document]))
    with team.desk("ben") as desk:
        first, second = take(desk), None
        assert first is not None
        finish(desk, first)
        second = take(desk)
        assert second is not None and {first.item, second.item} == {one.draft_id, two.draft_id}


def test_an_event_goes_to_the_task_at_hand(team: Team) -> None:
    one, _, other = team.drafts
    with team.desk("lea") as desk:
        assign(desk, [], Wish(to=["ana", "ben"], double=1.0), drafts=[one, other])
    with team.desk("ana") as desk:
        taken = take(desk, item=one.draft_id), take(desk, item=other.draft_id)
        assert None not in taken
        sit = sitting(desk, one, other)
        held = [desk.event(sit.accept(d).event_id).held for d in list(sit.waiting)]
        assert held == [task_id(one.draft_id, t.slot) if d is one else task_id(other.draft_id, t.slot)  # type: ignore[union-attr]
                        for d, t in zip((one, other), taken, strict=True)]  # fmt: skip
        with pytest.raises(UsageError, match="several tasks about this document"):
            desk.add(NewEvent(CLEAN, reports=[one.document]))
        desk.at_hand = held[1] or ""
        assert desk.event(desk.add(NewEvent(CLEAN, reports=[one.document])).event_id).held == held[1]


def test_a_draft_of_another_round_is_decided_for_its_own_task(team: Team) -> None:
    one = team.drafts[0]
    with team.desk("lea") as desk:
        assign(desk, team.documents[:1], Wish(to=["ana", "ben"], double=1.0, control=0))
        assign(desk, [], Wish(to=["ana", "ben"], double=1.0, round="again"), drafts=[one])
    with team.desk("ana") as desk:
        whole, single = take(desk, item=one.document), take(desk, item=one.draft_id)
        assert whole is not None and single is not None
        alone = sitting(desk, one)
        assert desk.event(alone.accept(alone.waiting[0]).event_id).held == single.task
        with_others = team.review(desk, one.document)
        assert desk.event(with_others.accept(with_others.waiting[0]).event_id).held == whole.task  # asked again, for the document


def test_nobody_has_a_document_and_a_draft_of_it_in_one_round(team: Team) -> None:
    one, two, _ = team.drafts
    with team.desk("lea") as desk:
        assign(desk, team.documents[:1], Wish(to=["ana", "ben"], double=1.0, control=0))
        done = assign(desk, [], Wish(to=["ana", "ben"], double=1.0), drafts=[one])
        assert done.tasks == 0 and "in round 'main' every coder has the document. Take another --round" in done.notes[-1]
        assert assign(desk, [], Wish(to=["ana", "lea"], double=0), drafts=[one]).by_coder == {"lea": 1}
        assert assign(desk, [], Wish(to=["ana", "ben"], double=1.0), drafts=[two]).tasks == 2
        again = assign(desk, team.documents[1:], Wish(to=["ana", "ben"], double=1.0, control=0))
        assert again.tasks == 0 and "a draft of it" in again.notes[-1]
        pool = body_of(team.documents[1], 9, blind=True, slots=2, round="main")  # anybody's is kept from them when they ask
        desk.ledger.append([desk.entry("assignment", task_id(team.documents[1], 9), pool)])
    with team.desk("ana") as desk:
        while (task := take(desk)) is not None:
            assert task.item != team.documents[1]
            finish(desk, task)


def test_all_undecided_drafts_of_the_ledger(team: Team) -> None:
    with team.desk("ana") as desk:
        team.review(desk, team.documents[1]).reject(team.drafts[1], "not_an_event")
    with team.desk("lea") as desk:
        assert {d.draft_id for d in undecided(desk, ["codable"], "rules")} == {team.drafts[0].draft_id, team.drafts[2].draft_id}
        assert undecided(desk, ["lead"], "rules") == undecided(desk, ["codable"], "llm") == []
        assign(desk, [], Wish(double=0), drafts=undecided(desk, ["codable"], "rules"))
        assert undecided(desk, ["codable"], "rules") == []
        assert assign(desk, [], Wish(double=0)).documents == 0  # its drafts are shared out, so the document is not


def test_a_draft_planted_in_a_task_about_it(team: Team) -> None:
    with team.desk("lea") as desk:
        done = assign(desk, [], Wish(to=["ana", "ben"], double=1.0, plant=1.0), drafts=team.drafts)
        assert done.planted == 3
        planted = next(t for t in tasks(desk.ledger.store) if t.planted and t.assigned_for)
    with team.desk(planted.assigned_for or "") as desk:
        task = take(desk, item=planted.item)
        assert task is not None
        sit = sitting(desk, next(d for d in team.drafts if d.draft_id == planted.item))
        assert sit.current is not None and sit.current.fields[planted.planted["field"]] == planted.planted["wrong"]  # type: ignore[index]
        sit.accept(sit.current, allow_open=True)
        finish(desk, task)
    with team.desk("lea") as desk:
        ((result,),) = planted_results(desk).values()
        assert result.verdict == "accepted" and result.draft == planted.item


def test_ids_of_documents_and_of_drafts(team: Team) -> None:
    with team.desk("lea") as desk:
        assert named(desk, [team.documents[0][:9], team.documents[0]]) == ([team.documents[0]], [])
        assert [d.draft_id for d in named(desk, [team.drafts[2].draft_id])[1]] == [team.drafts[2].draft_id]
        with pytest.raises(NotFound, match="No stored draft begins so either"):
            named(desk, ["zz"])


def test_as_somebody_types_it(team: Team, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(team.root)
    one = team.drafts[0].draft_id
    monkeypatch.setenv("EVENTCODER_CODER", "lea")
    assert "exclude each other" in command("assign", "--status", "lead", code=2).err
    assert "No draft waits" in command("assign", "--drafts", "--status", "lead").out
    assert command("assign", one, "--to", "ana", "--to", "ben", "--double", "1", "--json").one["drafts"] == 1
    assert "2 drafts would be given as 2 tasks" in command("assign", "--drafts", "--double", "0", "--dry-run", "--to", "ana").out
    monkeypatch.setenv("EVENTCODER_CODER", "ana")
    assert f"eventcoder review {one}" in command("next", one).out
    monkeypatch.setattr("eventcoder.cli.review.read_key", iter("ayq").__next__)
    told = command("review", one)
    assert f"Draft {one} is decided." in told.out and "handed in with 1 event" in told.out
