"""Registering coders, the second person, questions and answers: as a team uses them from the command line, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eventcoder.coding import NewEvent
from eventcoder.errors import CodebookError, Refused
from eventcoder.project import open_project
from eventcoder.team.members.approval import CODED, QUERIED, RETURNED, worklist
from eventcoder.team.members.enrolling import disable, enrol
from eventcoder.team.members.threads import answer, ask, close, send_back
from eventcoder.validation.lots import lot, read_lots
from tests.conftest import CLEAN, Command

from .working import Team

Options = Callable[..., list[str]]
OTHER = CLEAN["notes"].replace("late", "unpaid")


def setting(root: Path, line: str) -> None:
    (root / "eventcoder.toml").write_text(f'id = "trial"\n{line}\n', "utf-8")


def event(team: Team, name: str, **changes: str) -> str:
    with team.desk(name) as desk:
        return desk.add(NewEvent({**CLEAN, **changes})).event_id


def state(team: Team, event_id: str) -> str:
    with team.desk("", readonly=True) as desk:
        return desk.event(event_id).state


@pytest.fixture
def team(tmp_path: Path) -> Team:
    out = Team(tmp_path, 1)
    with out.desk("lea") as desk:
        enrol(desk, "rob", "reviewer")
        enrol(desk, "rea", "reviewer")
    return out


# -- coders


def test_a_project_becomes_a_team(command: Command, options: Options) -> None:
    command("add", *options())
    assert "No coder is registered" in command("coders", "list").err
    assert "coders add bob --role lead" in command("coders", "add", "bob", code=1).err
    ran = command("coders", "add", "lea", "--role", "lead", "--coder", "lea")
    assert ran.out == "lea  lead\n" and "only registered coders" in ran.err and "ana has 1 entries here" in ran.err
    assert "Did you mean 'lea'" in command("add", *options(), "--coder", "lee", code=1).err
    ran = command("coders", "add", "ana", "--language", "fa", "--country", "iran", "--coder", "lea")
    assert ran.out == "ana  coder  (fa, Iran)\n" and "protection" not in ran.err
    command("coders", "change", "ana", "--role", "reviewer", "--coder", "lea")
    listed = command("coders", "list", "--json").lines
    assert [(m["name"], m["role"], m["languages"]) for m in listed] == [("ana", "reviewer", ["fa"]), ("lea", "lead", [])]
    added = command("add", *options(event_date="2026-05-04"), "--json").one["event_id"]
    assert [e["role"] for e in command("history", added, "--json").lines] == ["reviewer"]
    assert "may not register coders" in command("coders", "add", "max", code=1).err
    for wrong in (("--role", "boss"), ("--country", "Atlantis"), ("--language", "english")):
        command("coders", "add", "max", *wrong, "--coder", "lea", code=2)
    command("coders", "disable", "ana", "--reason", "left", "--coder", "lea")
    ran = command("add", *options(), code=1)
    assert "ana is disabled (left)" in ran.err and "coders enable ana" in ran.err
    (Path() / "a.txt").write_text("Teachers gathered in Shiraz on Sunday.\n", "utf-8")
    assert "ana is disabled" in command("ingest", "a.txt", code=1).err and not list((Path() / "raw").glob("documents/*"))
    command("list")  # looking is free
    command("coders", "enable", "ana", "--coder", "lea")
    command(
        "amend", added, "--set", "location=Shiraz", "--set", "notes=" + CLEAN["notes"].replace("late", "unpaid"), "--reason", "as the text has it"
    )


def test_what_a_disabled_coder_had_taken_is_anybodys_again(team: Team) -> None:
    from eventcoder.team.tasks.assigning import Wish, assign
    from eventcoder.team.tasks.claiming import take

    with team.desk("lea") as desk:
        assign(desk, [], Wish("pool", double=0.0))
    with team.desk("ana") as desk:
        assert take(desk) is not None
    with team.desk("ben") as desk:
        assert take(desk) is None
    with team.desk("lea") as desk:
        assert disable(desk, "ana", "left the house") == 1
    with team.desk("ben") as desk:
        taken = take(desk)
        assert taken is not None and taken.holder == "ben"
    with pytest.raises(Refused, match="left the house"), team.desk("ana"):
        pass


def test_one_login_is_one_coder(team: Team) -> None:
    with team.desk("lea") as desk:
        enrol(desk, "max", "coder", login="staff_1")
        with pytest.raises(Refused, match="max has the login"):
            enrol(desk, "moe", "coder", login="staff_1")


# -- approval


def test_the_second_person_is_another_one_with_the_right(team: Team) -> None:
    setting(team.root, 'approval = "all"')
    found = event(team, "ana")
    assert state(team, found) == "open"
    for name, said in (("ana", "takes a reviewer.*rea or rob|rob or rea"), ("ben", "takes a reviewer")):
        with team.desk(name) as desk, pytest.raises(Refused, match=said):
            desk.settle(found)
    own = event(team, "rob", event_date="2026-05-04")
    with team.desk("rob") as desk:
        assert desk.settle(found).state == "settled"
        with pytest.raises(Refused, match="must be somebody else"):
            desk.settle(own)
        assert [w.event_id for w in worklist(desk, mine=True)] == []
    with team.desk("rea") as desk:
        assert [w.event_id for w in worklist(desk, mine=True)] == [own]
    with team.desk("ana") as desk:  # what was approved was approved with these values
        assert desk.amend(found, {"notes": OTHER}, reason="read again").state == "open"
    with team.desk("rob") as desk:
        desk.amend(found, {"notes": CLEAN["notes"].replace("late", "owed")}, reason="a slip")
        with pytest.raises(Refused, match="gave values of it"):
            desk.settle(found)


def test_a_question_holds_an_event_back_until_it_is_answered(team: Team) -> None:
    setting(team.root, 'approval = "all"')
    found = event(team, "ana")
    with team.desk("rob") as desk:
        ask(desk, found, "Is it one march or two?")
        ask(desk, found, "Which day?", field="event_date")
        assert [w.state for w in worklist(desk)] == [QUERIED]
        with pytest.raises(Refused, match="waits for an answer"):
            desk.settle(found)
        with pytest.raises(Exception, match="Did you mean"):
            ask(desk, found, "Why?", field="event_dat")
    with team.desk("ana") as desk:
        with pytest.raises(Exception, match="2 questions wait"):
            answer(desk, found, "one")
        assert answer(desk, found, "The third.", field="event_date").reply_to
        with pytest.raises(Refused, match="close what somebody else asked"):
            close(desk, found)
    with team.desk("rob") as desk:
        close(desk, found)
        assert [w.state for w in worklist(desk)] == [CODED] and desk.settle(found).state == "settled"
        assert list(worklist(desk)) == []


def test_a_returned_event_waits_until_it_is_changed(team: Team) -> None:
    setting(team.root, 'approval = "all"')
    found = event(team, "ana")
    with team.desk("rob") as desk:
        desk.settle(found)
    with team.desk("ana") as desk, pytest.raises(Refused, match="may not return"):
        send_back(desk, found, "no")
    with team.desk("rea") as desk:
        send_back(desk, found, "The town is not in the text.", field="location")
        assert desk.event(found).state == "open" and [w.state for w in worklist(desk)] == [RETURNED]
        with pytest.raises(Refused, match="returned and not changed"):
            desk.settle(found)
    with team.desk("ana") as desk:
        assert [w.state for w in worklist(desk, mine=True)] == [RETURNED]
        desk.amend(found, {"notes": OTHER}, reason="as the text has it")
    with team.desk("rea") as desk:
        assert desk.settle(found).state == "settled"


def test_a_share_is_drawn_once_for_ever(team: Team) -> None:
    setting(team.root, 'approval = "share"')
    folder = team.root / "schema"
    with team.desk("ana") as desk:
        book, packaged = desk.codebook, desk.project.schema_dir
        lots = read_lots(packaged, book)
        rare = {"event_type": "Violence against civilians", "sub_event_type": "Sexual violence", "country": "Iran"}
        assert lots.share(rare).share == 1.0 and lots.share({**rare, "sub_event_type": "Attack"}).share == 0.25
        ids = [f"event{number:07d}" for number in range(4000)]
        drawn = [i for i in ids if lots.drawn(i, {"event_type": "Protests"})]
        assert 320 < len(drawn) < 480 and drawn == [i for i in ids if lot(i) < 0.1]
        for day in range(1, 13):
            made = desk.add(NewEvent({**CLEAN, "event_date": f"2026-05-{day:02d}"}))
            assert made.state == ("open" if lot(made.event_id) < 0.1 else "settled")
            revised = desk.amend(made.event_id, {"notes": OTHER}, reason="read again")
            assert revised.state == made.state  # the lot stays
    (folder / "team").mkdir(parents=True)
    for row, said in (
        ("Riot,,,0.5,why", "no event type"),
        (",,Iran,2,why", "from 0"),
        (",,Iran,0.5,", "no reason"),
        (",,,0.5,a\n,,,0.6,b", "two rows"),
    ):
        (folder / "team" / "approval.csv").write_text(f"event_type,sub_event_type,country,share,why\n{row}\n", "utf-8")
        with pytest.raises(CodebookError, match=said):
            read_lots(folder, book)
    (folder / "team" / "approval.csv").write_text("event_type,sub_event_type,country,share,why\n,,,0,nobody\n,,iran,1,new to us\n", "utf-8")
    lots = read_lots(folder, book)
    assert lots.drawn("x", {"country": "Iran"}) and not lots.drawn("x", {"country": "Mali"})


def test_an_import_leaves_open_what_needs_a_second_person(team: Team) -> None:
    import csv

    from eventcoder.cli import run

    setting(team.root, 'approval = "share"')
    with (team.root / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*CLEAN])
        writer.writeheader()
        writer.writerows(
            {**CLEAN, "event_date": f"2026-04-{day:02d}", "notes": CLEAN["notes"].replace("3 May", f"{day} April")} for day in range(1, 29)
        )
    assert run(["import", str(team.root / "rows.csv"), "--project", str(team.root), "--coder", "rob"]) == 0
    with team.desk("", readonly=True) as desk:
        found = list(desk.ledger.events())
        assert len(found) == 28 and {e.state for e in found} == {"open", "settled"}
        assert all((e.state == "open") == (lot(e.event_id) < 0.1) for e in found)
        assert {act.role for act in desk.ledger.entries("act")} == {"reviewer"}


def test_an_open_project_goes_on_as_before(tmp_path: Path) -> None:
    team = Team(tmp_path, 1, registered=False)
    found = event(team, "ana")
    assert state(team, found) == "settled"
    setting(team.root, 'approval = "all"')
    found = event(team, "ana", event_date="2026-05-04")
    with team.desk("ana") as desk:
        assert desk.settle(found).state == "settled"  # names are not known here, so nobody is asked for another one


# -- the command line


def test_a_sitting_approves_asks_returns_and_takes_back(command: Command, options: Options) -> None:
    setting(Path(), 'approval = "all"')
    command("coders", "add", "lea", "--role", "lead", "--coder", "lea")
    command("coders", "add", "ana", "--coder", "lea")
    ids = [command("add", *options(event_date=f"2026-05-0{day}"), "--json").one["event_id"] for day in (1, 2, 3, 4)]
    assert "'eventcoder queue --approval' lists those that wait" in command("release", "--dry-run", "--coder", "lea", code=1).err
    twin = command("coders", "add", "Ana", "--coder", "lea").err
    assert "Ana and ana are two coders now" in twin and "coders disable Ana" in twin
    command("coders", "disable", "Ana", "--reason", "Typed twice.", "--coder", "lea")
    assert "takes a reviewer" in command("approve", code=1).err
    assert [w["state"] for w in command("queue", "--approval", "--json").lines] == ["coded"] * 4
    assert len(command("queue", "--approval", "--of", "ana", "--json").lines) == 4
    assert "Nothing of lea waits" in (ran := command("queue", "--approval", "--of", "lea")).err and not ran.out
    ran = command("approve", "--coder", "lea", stdin="y\nu\ny\n?\nevent_date: Which day?\nr\nNot in the text\nx\ns\n")
    assert "Taken back" in ran.err and "3 decided" in ran.err and "y approve" in ran.err
    states = {e["event_id"]: e["state"] for e in command("list", "--json").lines}
    assert sorted(states.values()) == ["open", "open", "open", "settled"]
    ran = command("queue", "--approval")
    assert "1 coded, 1 queried, 1 returned" in ran.err and "lea asks on event_date: Which day?" in ran.out
    asked = next(i for i in ids if "asks on event_date: Which day?  (waits)" in command("show", i).out)
    assert command("show", asked, "--json").one["thread"][0]["open"] is True
    assert command("answer", asked, "event_date", "The first.").out == f"{asked}  ana answers on event_date: The first.\n"
    assert "no question" in command("answer", asked, "again", code=2).err.casefold()
    assert command("approve", asked, "--coder", "lea", "--json").one["state"] == "settled"
    command("approve", asked, "--return", "Wrong town", "--coder", "lea")
    assert command("approve", *ids, "--coder", "lea", "--keep-going", code=1).err.count("returned and not changed") == 2
    assert "Nothing waits" in command("approve", "--coder", "lea").err
    assert open_project(Path()).settings.approval == "all"


def test_who_adds_an_event_reads_that_it_waits(command: Command) -> None:
    Path("eventcoder.toml").write_text('id = "trial"\napproval = "all"\n', "utf-8")
    command("add", "--json", "-", stdin=json.dumps(CLEAN).encode())
    event = command("list", "--json").one["event_id"]
    assert "open, waits for approval" in command("amend", event, "--set", "admin2=Shiraz", "--reason", "Division added.").out
    broken = command("amend", event, "--set", "time_precision=", "--reason", "Not known.").out
    assert "open" in broken and "waits for approval" not in broken
