"""A lab of three in its week: what tired people type, and what they must not learn of each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eventcoder.agreement.fields import MISSING, Field
from eventcoder.agreement.table import Shape, agree_table
from eventcoder.cli.twins import likely_twins
from eventcoder.coding import NewEvent
from eventcoder.errors import NotFound
from eventcoder.releases.papers.reliability import _fields
from eventcoder.team.following import Wanted, entries_of
from eventcoder.team.members.enrolling import change, enrol
from eventcoder.team.members.training import train
from eventcoder.team.tasks.assigning import Wish, assign
from eventcoder.team.tasks.blind import drafts_concealed
from eventcoder.team.tasks.claiming import finish, nothing_stored, take, the_current
from eventcoder.team.tasks.codings import held_events
from eventcoder.team.tasks.queue import queue
from tests.conftest import CLEAN, Command
from tests.team.blindly import Room
from tests.team.test_adjudicate_command import RALLY
from tests.team.test_training import gold
from tests.team.working import Team

TEXT = "Date: 2026-05-05\nPublisher: Qasr Daily\nLanguage: fa\n\nTeachers gathered in Shiraz on 3 May. Note {}.\n"


@pytest.fixture
def given(command: Command, tmp_path: Path) -> list[str]:
    """Three documents that no engine reads, the coder's own tasks."""
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(TEXT.format(number), "utf-8")
    command("ingest", *(tmp_path / f"{n}.txt" for n in range(3)))
    command("assign", "--to", "ana", "--double", "0", "--control", "0")
    return [row["task"] for row in command("queue", "--tasks", "--json").lines]


def test_a_command_typed_twice_hands_no_document_in_unread(command: Command, given: list[str], options: Callable[..., list[str]]) -> None:
    task = command("next", "--json").one["task"]
    assert f"{task}  2026-05-05  Qasr Daily  " in command("next").out and ".txt" in command("next").out, "the file's name where there is no title"
    assert "eventcoder next --nothing" in command("next", "--done", code=1).err
    command("add", "--task", task, *options())
    assert "Hand it in: eventcoder next --done" in command("next", "--nothing", code=1).err
    command("next", "--done")
    assert "exclude each other" in command("next", "--done", "--nothing", code=2).err
    command("next", "--nothing")
    assert [row["state"] for row in command("queue", "--tasks", "--json").lines].count("done") == 2


def test_a_sitting_goes_from_task_to_task(command: Command, given: list[str]) -> None:
    ran = command("next", "--work", stdin="y\ns\nNot my region.\nq\n")
    assert "hand it in as a document without an event" in ran.out and ran.out.count("Qasr Daily") == 3 and "stays yours" in ran.out
    states = sorted(row["state"] for row in command("queue", "--tasks", "--json").lines)
    assert states == ["claimed", "done", "skipped"]


def test_events_of_a_file_are_held_for_the_task_too(command: Command, tmp_path: Path) -> None:
    (tmp_path / "0.txt").write_text(TEXT.format(0), "utf-8")
    command("ingest", tmp_path / "0.txt")
    command("assign", "--to", "ana", "--to", "ben", "--double", "1", "--control", "0")
    task = command("next", "--json").one["task"]
    made = command("add", "-", "--task", task, stdin=json.dumps(CLEAN)).out.split()
    assert made[1] == "held" and "report" in command("show", made[0]).out


def test_who_may_not_adjudicate_is_told_once(command: Command) -> None:
    room = Room(Path.cwd(), ["Teachers gathered in Shiraz on 3 May. One.", "Teachers gathered in Shiraz on 3 May. Two."])
    for number in range(2):
        room.coded(1, "ann", {}, document=number)
        room.coded(2, "bob", {}, document=number)
    with room.desk("lea") as desk:
        enrol(desk, "lea", "lead")
        for name in ("ann", "bob", "zoe"):
            enrol(desk, name, "coder")
    ran = command("adjudicate", "--coder", "zoe", code=1)
    assert ran.err.count("may not adjudicate") == 1 and not ran.out


def test_an_adjudicator_changes_what_both_have_wrong(command: Command) -> None:
    room = Room(Path.cwd())
    room.coded(1, "ann", RALLY)
    room.coded(2, "bob", RALLY)
    ran = command("adjudicate", stdin="e\nnonsense\ne\ngeo_precision\n2\n2\nNear the town.\n\n")
    assert "nonsense" in ran.out and "1 of 1 items adjudicated." in ran.out
    assert command("list", "--json").one["geo_precision"] == 2
    assert {c["coder"] for c in command("feedback", "--json").lines} == {"ann", "bob"}, "both read where they erred"


def test_the_queue_counts_what_adjudicate_lists(tmp_path: Path) -> None:
    team = Team(tmp_path, 2)
    with team.desk("lea") as desk:
        train(desk, "ben", gold(1))
        assign(desk, [team.documents[1]], Wish(to=("ana", "lea"), double=1.0))
    for name, document in (("ben", 0), ("ana", 1), ("lea", 1)):
        with team.desk(name) as desk:
            task = take(desk)
            assert task is not None and task.document == team.documents[document]
            desk.add(NewEvent(CLEAN, reports=[task.document]))
            finish(desk, task)
    with team.desk("lea", readonly=True) as desk:
        seen = queue(desk)
        assert (seen.items, seen.compared) == (1, 1), "a training round is no double coding"


def test_who_is_in_training_gets_no_ordinary_work_unasked(tmp_path: Path) -> None:
    team = Team(tmp_path, 4)
    with team.desk("lea") as desk:
        change(desk, "ben", training="in-training")
        would = assign(desk, [], Wish(double=0), dry_run=True)
        assert "ben" not in would.by_coder and "ben: in training" in would.notes[0]
        assert assign(desk, [], Wish(double=0, to=("ben",)), dry_run=True).by_coder == {"ben": 4}


def test_nobody_learns_which_task_has_a_planted_draft(tmp_path: Path) -> None:
    team = Team(tmp_path, 4)
    with team.desk("lea") as desk:
        done = assign(desk, [], Wish(to=("ana", "ben"), double=1.0, plant=0.5, control=0.25))
        assert done.planted and done.control
    with team.desk("ana", readonly=True) as desk:
        seen = list(entries_of(desk, Wanted(kind="assignment")))
        assert len(seen) == done.tasks, "what is left out would tell as much"
        assert not any(entry.body.keys() & {"planted", "control"} for entry in seen)
        assert drafts_concealed(desk) == set(team.documents)
        assert not list(entries_of(desk, Wanted(kind="draft"))), "the true draft beside the planted one would give it away"
    with team.desk("lea", readonly=True) as desk:
        assert sum(bool(entry.body["planted"]) for entry in entries_of(desk, Wanted(kind="assignment"))) == done.planted


def test_no_command_tells_that_another_coders_event_exists(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    with team.desk("lea") as desk:
        assign(desk, [], Wish(to=("ana", "ben"), double=1.0))
    with team.desk("ana") as desk:
        task = take(desk)
        assert task is not None and nothing_stored(desk, task)
        event = desk.add(NewEvent(CLEAN, reports=[task.document])).event_id
        assert not nothing_stored(desk, the_current(desk)) and held_events(desk, task.task)
    with team.desk("ben") as desk, pytest.raises(NotFound, match="No event"):
        desk.restore(event, reason="x")


def test_what_an_earlier_round_made_of_a_document_is_not_offered_in_a_blind_one(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    with team.desk("lea") as desk:
        event = desk.add(NewEvent(CLEAN, reports=team.documents)).event_id
        assign(desk, team.documents, Wish(to=("ana", "ben"), double=1.0, round="again"))
    with team.desk("ana") as desk:
        values = desk.prepare(CLEAN, reports=team.documents).values
        assert [t.event_id for t in likely_twins(desk, values, documents=team.documents)] == [event]
        take(desk)
        assert not likely_twins(desk, values, documents=team.documents)


def test_a_table_headed_unit_coder_value_is_not_three_coders(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("Unit,Coder,Value\n1,ann,x\n1,bob,x\n2,ann,y\n2,bob,z\n", "utf-8")
    found = agree_table(path, Shape(), Field("value", "nominal", MISSING), samples=0)
    assert (found.coders, found.units) == (("ann", "bob"), 2)


def test_a_round_that_is_not_there_is_told_with_those_that_are(command: Command) -> None:
    room = Room(Path.cwd())
    room.coded(1, "ann", RALLY, done=False)
    assert "There is no round 'Mai'" in (said := command("agree", "--round", "Mai", code=2).err) and "Known: May." in said
    assert "No document has been coded by two" in command("agree", "--round", "May").err


def test_the_reviewer_reads_the_text_and_the_coder_the_way_on(command: Command, tmp_path: Path, options: Callable[..., list[str]]) -> None:
    (tmp_path / "project" / "eventcoder.toml").write_text('id = "trial"\napproval = "all"\n', "utf-8")
    (tmp_path / "0.txt").write_text(TEXT.format(0), "utf-8")
    command("ingest", tmp_path / "0.txt")
    document = command("documents", "--json").one["id"]
    for name, role in (("lea", "lead"), ("ana", "coder"), ("rui", "reviewer")):
        command("coders", "add", name, "--role", role, "--coder", "lea")
    event = command("add", "-d", document, *options()).out.split()[0]
    ran = command("approve", "--coder", "rui", stdin="d\nq\n")
    assert "Note 0." in ran.out
    command("ask", event, "Sure?", "--coder", "rui")
    assert "eventcoder answer EVENT TEXT" in command("queue", "--approval").err
    assert "1 event queried" in command("queue").out and "queue --approval" in command("queue").out
    assert 'eventcoder answer ID "TEXT"' in command("answer", event, code=2).err


def test_the_page_shows_what_is_said_of_a_field_and_no_empty_column() -> None:
    none = {"value": None, "low": None, "high": None, "reason": "three coders"}
    alpha = {"value": 0.5, "low": None, "high": None, "no_interval": "5 documents"}
    one = {"column": "location", "metric": "nominal", "units": 5, "level": 0.8, "alpha": alpha, "alpha_otherwise": none, "mean_apart": None}
    page = _fields([{**one, "percent_agreement": alpha, "cohens_kappa": none, "fleiss_kappa": alpha}])
    assert "Fleiss" in page and "Cohen" not in page and "Below the 0.8 that the team wants." in page
    rest = {"percent_agreement": alpha, "cohens_kappa": none, "fleiss_kappa": alpha, "mean_apart": 2.5}
    metrics = {"event_date": "interval", "date_start": "interval", "location": "kilometres", "tidal_range": "interval"}
    page = _fields([{**one, **rest, "column": column, "metric": metric} for column, metric in metrics.items()])
    assert (page.count("On average 2.5 days apart."), page.count("2.5 km apart."), page.count("2.5 apart.")) == (2, 1, 1)
