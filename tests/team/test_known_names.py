"""A name that nobody bears is refused with those that there are; and what takes a lead is done by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eventcoder.ledger import new_entry, open_ledger
from eventcoder.ledger.people.permission import demand_lead
from eventcoder.ledger.work import body_of
from eventcoder.project import open_project
from tests.conftest import Command, Ran
from tests.team.blindly import Room
from tests.team.test_adjudicate_command import RALLY

ROUND = "There is no round 'Mai'{} Did you mean 'May'? Known: {}May."
ANY, APART = ROUND.format(".", "June, "), ROUND.format(" in which documents are coded apart.", "")


def test_names_that_nobody_bears_are_told_with_those_that_there_are(command: Command, options: Callable[..., list[str]]) -> None:
    room = Room(Path.cwd())
    room.coded(1, "ann", RALLY, done=False)
    with room.desk("lea") as desk:
        desk.ledger.append([desk.entry("assignment", "plain/1", body_of("plain", 1, round="June"))])  # nothing of this round is coded apart
        desk.ledger.append([new_entry("draft", "d", {"document": "x"}, coder="rules-2", role="machine", time=room.moment)])
    event = command("add", *options(), "--json").one["event_id"]
    coders = "there is no coder 'anne'. Did you mean 'ann'? Known: ana, ann, lea."
    for args, said in (
        (("queue", "--of", "anne"), coders),
        (("queue", "--approval", "--of", "anne"), coders),
        (("queue", "--tasks", "--of", "anne"), coders),
        (("queue", "--of", "LEA"), "there is no coder 'LEA'. Did you mean 'lea'?"),
        (("queue", "--round", "Mai"), ANY),
        (("queue", "--tasks", "--round", "Mai", "--json"), ANY),
        (("queue", "--approval", "--round", "May"), "which belong to no round"),
        (("next", "--round", "Mai"), ANY),
        (("adjudicate", "--list", "--round", "Mai"), APART),
        (("adjudicate", "--agreed", "--round", "Mai"), APART),
        (("feedback", "--of", "anne"), coders),
        (("feedback", "--round", "Mai"), APART),
        (("feedback", "--confusion", "--round", "Mai"), APART),
        (("feedback", "--planted", "--round", "Mai"), APART),
        (("feedback", "--field", "fatalites"), "Did you mean 'fatalities'?"),
        (("feedback", "--confusion", "--field", "fatalites"), "Did you mean 'fatalities'?"),
        (("agree", "--round", "Mai", "--json"), APART),
        (("log", "--by", "anne"), coders.replace("lea.", "lea, rules-2.")),
        (("queue", "--of", "rules-2"), "there is no coder 'rules-2'. Known: ana, ann, lea."),
        (("log", "--field", "fatalites"), "Did you mean 'fatalities'?"),
        (("log", "--kind", "akt"), "Known: document"),
        (("log", "--act", "revised"), "Known: create"),
        (("log", "--after", "2026.05.1"), "This project has no release yet."),
        (("log", "--import", "may.csv"), "no file 'may.csv' was imported. None was yet."),
        (("ask", event, "fatalites", "Three?"), "Did you mean 'fatalities'?"),
        (("answer", event, "crowd_lo", "--close"), "Did you mean 'crowd_low'?"),
        (("coders", "disable", "anne", "--reason", "left"), "anne is not a registered coder"),
        (("assign", "--withdraw", f"{room.documents[0]}/7", "--reason", "twice"), f"{room.documents[0]}/7"),
        (("history", "nothing"), "No event"),
    ):
        assert said in (ran := command(*args, code=2)).err and (not ran.out or "--json" in args), (args, ran.err)
    for fine in (
        ("queue", "--of", "lea"),
        ("queue", "--of", "ann", "--round", "May"),
        ("queue", "--approval", "--of", "lea"),
        ("log", "--by", "rules-2"),
        ("log", "--import", "*"),
    ):
        command(*fine)
    assert command("queue", "--of", "lea").out == "No task of lea.\n" and command("feedback", "--round", "May").code == 0
    assert command("queue", "--approval", "--of", "lea").err == "Nothing of lea waits for approval or an answer.\n"


def test_before_anything_was_assigned_or_stored_names_are_told_too(command: Command) -> None:
    assert "There is none yet: 'eventcoder assign' makes tasks." in command("queue", "--round", "May", code=2).err
    assert "Nobody has stored anything here yet." in command("queue", "--of", "ana", code=2).err
    assert command("queue").out.startswith("No task.")


def team(command: Command) -> None:
    for name, role in (("lea", "lead"), ("ana", "coder"), ("rui", "reviewer")):
        command("coders", "add", name, "--role", role, "--coder", "lea")


def test_what_goes_out_of_the_project_takes_a_lead(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    team(command)

    def says(*args: str, coder: str, code: int) -> Ran:
        return command(*args, "--coder", coder, code=code)

    for args, what in (
        (("release",), "release"),
        (("withdraw", "2026.01.1", "--reason", "wrong"), "withdraw a version"),
        (("redact", "0123", "--reason", "asked for", "--yes"), "redact"),
        (("redact", "0123", "--dry-run"), "redact"),
    ):
        for name, role in (("ana", "coder"), ("rui", "reviewer"))[: 2 if what == "release" else 1]:
            refused = says(*args, coder=name, code=1).err
            assert f"{name} is registered as {role} and may not {what}: that takes a lead. Ask lea." in refused, (args, refused)
        assert "takes a lead" not in command(*args, "--coder", "lea", code=None).err
    assert "mona is not a registered coder" in says("release", coder="mona", code=1).err
    assert command("queue", "--of", "rui").out == "No task of rui.\n", "who is registered and has done nothing yet is known"
    monkeypatch.delenv("EVENTCODER_CODER")
    assert "Who is coding is not known" in command("release", code=2).err
    for args in (
        ("release", "--dry-run"),
        ("release", "--candidate"),
        ("publish", str(tmp_path / "web")),
        ("check", "releases"),
        ("list",),
        ("queue",),
    ):
        assert "is not known" not in (ran := command(*args, code=None)).err and "takes a lead" not in ran.err, "reading and checks ask nobody"


def test_where_nobody_is_registered_no_name_is_asked_for(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTCODER_CODER")
    for args in (("release",), ("withdraw", "2026.01.1", "--reason", "wrong")):
        assert "Who is coding" not in (ran := command(*args, code=None)).err and ran.code, "there is no ledger, and no release"
    project = open_project(Path.cwd())
    with open_ledger(project.ledger_at) as ledger:
        demand_lead(project, None, "release", ledger)
    demand_lead(project, None, "release")
