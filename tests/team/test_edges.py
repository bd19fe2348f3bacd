"""Edges of a team's work: claims that ran out, tasks that changed hands, windows of one coder, adjudication that leaves something out."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from eventcoder.coding import Desk, NewEvent
from eventcoder.errors import Refused
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.work import body_of, find_task, task_id
from eventcoder.project import open_project
from eventcoder.team.adjudication.adjudicating import Decision, adjudicate
from eventcoder.team.adjudication.cases import waiting
from eventcoder.team.adjudication.feedback import corrections
from eventcoder.team.members.approval import RETURNED, worklist
from eventcoder.team.members.enrolling import change as reregister
from eventcoder.team.members.enrolling import disable, enable, heads_of
from eventcoder.team.members.threads import ask, send_back
from eventcoder.team.tasks.assigning import Wish, assign, change
from eventcoder.team.tasks.claiming import current, finish, take
from eventcoder.team.tasks.codings import codings
from eventcoder.team.tasks.queue import queue
from tests.conftest import CLEAN
from tests.team.blindly import SHELLING, Room

from .working import START, Team


def test_what_was_assigned_until_a_day_is_anybodys_after_it_and_then_no_longer_the_firsts(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    with team.desk("lea") as desk:
        assign(desk, [], Wish(to=["ana"], double=0, days=3))
    with team.desk("ben", days=2) as desk:
        assert take(desk) is None
    with team.desk("ben", days=2) as desk:
        task = take(desk)
        assert task is not None and (task.holder, task.assigned_for) == ("ben", None)
        done = finish(desk, task).task
        assert done.until is None and queue(desk).expired == []
    with team.desk("lea", days=30) as desk:
        assert queue(desk).expired == [], "what is done does not run out"
        change(desk, [done.task], "returned", "One rally is missing.")
    with team.desk("ana") as desk:
        assert take(desk) is None, "it goes back to who did it"
    with team.desk("ben") as desk:
        assert take(desk).task == done.task  # type: ignore[union-attr]


def test_a_coding_is_what_its_holder_made_and_nothing_of_who_had_the_task_before(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    with team.desk("lea") as desk:
        assign(desk, [], Wish("pool", double=0, blind=True))
    with team.desk("ana") as desk:
        task = take(desk)
        left = desk.add(NewEvent(CLEAN, reports=team.documents)).event_id
    with team.desk("lea") as desk:
        assert disable(desk, "ana", "left") == 1
        given = find_task(desk.ledger.store, task.task)  # type: ignore[union-attr]
        assert given is not None and (given.state, given.holder, given.until) == ("returned", None, None)
    with team.desk("ben") as desk:
        assert take(desk) is not None
        own = desk.add(NewEvent({**CLEAN, "event_date": "2026-05-02"}, reports=team.documents)).event_id
        assert [e.event_id for e in finish(desk, current(desk)[0]).events or ()] == [own]
    with team.desk("lea") as desk:
        assert [[e.event_id for e in c.events] for c in codings(desk)[team.documents[0]]] == [[own]]
        assert {side.event.event_id for case in waiting(desk) for row in case.rows for side in row.sides} == {own}
        assert desk.event(left).state == "held"


def test_windows_of_one_coder_at_once_never_get_two_tasks_of_one_item(tmp_path: Path, postgres_url: str) -> None:
    """On a server nobody waits for another's writing: but a coder's own windows wait for each other."""
    (tmp_path / "eventcoder.toml").write_text(f'id = "trial"\nledger = "{postgres_url}"\n', "utf-8")
    with Desk(open_project(tmp_path), coder="lea", moment=START) as desk:
        bodies = [body_of(f"d{n}", slot, slots=3, blind=True, rank=n) for n in range(2) for slot in (1, 2, 3)]
        desk.ledger.append([desk.entry("assignment", task_id(body["item"], body["slot"]), body) for body in bodies])
    start, got = threading.Barrier(6), list[str]()

    def window() -> None:
        with Desk(open_project(tmp_path), coder="ana") as desk:
            desk.ledger  # noqa: B018  opened before the others start
            start.wait()
            task = take(desk)
            got.append(task.task if task else "none")

    threads = [threading.Thread(target=window) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6 and set(got) == {"d0/1"}, "they all show the one task that this coder has"


def test_what_was_adjudicated_is_neither_given_back_nor_withdrawn(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.coded(1, "ann", {})
    room.coded(2, "bob", {})
    with room.desk("lea") as desk:
        (case,) = waiting(desk)
        adjudicate(desk, [(case, [(case.rows[0], Decision())])])
        for state in ("returned", "withdrawn"):
            with pytest.raises(Refused, match="was compared with the others and adjudicated"):
                change(desk, [task_id(case.item, 1)], state, "Once more.")


def test_an_adjudication_that_says_nothing_of_an_event_stores_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.coded(1, "ann", {}, SHELLING)
    room.coded(2, "bob", {}, SHELLING)
    with room.desk("lea") as desk:
        (case,) = waiting(desk)
        with pytest.raises(Refused) as refused:
            adjudicate(desk, [(case, [(case.rows[0], Decision())])])
        (problem,) = refused.value.problems
        assert problem.code == "undecided-coding" and all(side.event.event_id in problem.message for side in case.rows[1].sides)
        assert desk.ledger.states() == {"held": 4}, "half an item would never be asked for again"


def test_who_missed_an_event_that_two_others_saw_is_told_once(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.coded(1, "ann", {}, slots=3)
    room.coded(2, "bob", {}, slots=3)
    room.coded(3, "cem", slots=3)
    with room.desk("lea") as desk:
        (case,) = waiting(desk)
        assert [row.absent for row in case.rows] == [("cem",)]
        adjudicate(desk, [(case, [(case.rows[0], Decision(exists=True, errors={"event": "overlooked-text"}, reason="It is the first sentence."))])])
        assert [(c.coder, c.what) for c in corrections(desk)] == [("cem", "missed")]


def test_what_breaks_a_rule_does_not_come_of_an_adjudication_in_passing(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.coded(1, "ann", {})
    room.coded(2, "bob", {})
    with room.desk("lea") as desk:
        (case,) = waiting(desk)
        wrong = Decision(given={"fatalities": "3"}, errors={"fatalities": "slip"}, reason="As printed.")  # of a peaceful protest
        with pytest.raises(Refused) as refused:
            adjudicate(desk, [(case, [(case.rows[0], wrong)])])
        assert [p.code for p in refused.value.problems] == ["fatalities-not-allowed"] and desk.ledger.states() == {"held": 2}
        (outcome,) = adjudicate(desk, [(case, [(case.rows[0], wrong)])], allow_open=True)
        assert outcome.state == "open" and desk.event(outcome.event_id).state == "open"


def test_a_return_counts_more_than_a_question_and_each_list_is_its_coders(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    (tmp_path / "eventcoder.toml").write_text('id = "trial"\napproval = "all"\n', "utf-8")
    with team.desk("ana") as desk:
        event = desk.add(NewEvent(CLEAN)).event_id
    with team.desk("lea") as desk:
        ask(desk, event, "Which day?", field="event_date")
        send_back(desk, event, "Another town.")
        assert [w.state for w in worklist(desk)] == [RETURNED] and list(worklist(desk, mine=True)) == [], "it is not the lead's turn"
    with team.desk("ben") as desk:
        assert list(worklist(desk, mine=True)) == []
    with team.desk("ana") as desk:
        assert [w.event_id for w in worklist(desk, mine=True)] == [event]


def test_a_registration_after_two_that_were_made_apart_follows_both(tmp_path: Path) -> None:
    for name in ("house", "away"):
        (tmp_path / name).mkdir()
    team, away = Team(tmp_path / "house", 1), Team(tmp_path / "away", 1, registered=False)
    with team.desk("lea") as desk:
        export_journal(desk.ledger, tmp_path / "before")
    with away.desk("lea") as desk:
        import_journal(desk.ledger, tmp_path / "before")
    for place, role in ((away, "reader"), (team, "reviewer")):
        with place.desk("lea", days=1 + (role == "reader")) as desk:
            reregister(desk, "ben", role=role)
            export_journal(desk.ledger, tmp_path / role)
    with team.desk("lea") as desk:
        import_journal(desk.ledger, tmp_path / "reader")
        assert len(heads_of(desk, "ben")) == 2 and desk.people.role_of("ben") == "reader", "the later one holds"
        before = desk.people.get("ben")
        assert before is not None
        disable(desk, "ben", "left")
        assert len(heads_of(desk, "ben")) == 1
    with team.desk("lea") as desk:
        assert enable(desk, "ben").state == "active" and len(heads_of(desk, "ben")) == 1
