"""What a coder, a reviewer and a lead are told at the moments at which the next step is not plain to see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eventcoder.cli.form import fields_to_mend
from eventcoder.problem import Problem, Report
from eventcoder.releases.making.build import stop_at
from tests.conftest import CLEAN, Command

from .test_training import gold
from .working import Team

Options = Callable[..., list[str]]


@pytest.fixture
def team(command: Command) -> Team:
    """In the project of `command`: lea leads, rob reviews, ana and ben code; two documents, everything needs a second person."""
    team = Team(Path.cwd(), 2)
    Path("eventcoder.toml").write_text('id = "trial"\napproval = "all"\n', "utf-8")
    command("coders", "add", "rob", "--role", "reviewer", "--coder", "lea")
    return team


def test_what_is_computed_is_mended_at_the_actors(team: Team) -> None:
    wrong = [Problem("illegal-interaction", "x", field="interaction"), Problem("rioters-missing", "x", field="inter1"),
             Problem("missing-required", "x", field="notes"), Problem("odd", "x", "warning", field="country")]  # fmt: skip
    with team.desk("ana") as desk:
        assert fields_to_mend(desk, {}, wrong) == ["actor1", "actor2", "notes"]
        assert fields_to_mend(desk, {"inter1": "Civilians"}, wrong[1:2]) == ["actor1", "inter1"], "a type that was typed may be what is wrong"
        assert fields_to_mend(desk, {}, [Problem("missing-required", "x", field="inter2")]) == ["actor2", "inter2"]


def test_who_was_asked_hears_of_it_where_no_task_waits(team: Team, command: Command, options: Options) -> None:
    event = command("add", *options()).out.split()[0]
    assert "But you" not in command("next").err
    assert f"{event}  open" not in command("list", "--state", "open").out
    assert "coded: a reviewer looks" in command("list", "--state", "open", "--why").out
    command("ask", event, "fatalities", "Three?", "--coder", "rob")
    command("approve", event, "--return", "The wrong town.", "--coder", "rob")
    ran = command("next")
    assert ran.out == "Nothing waits for ana.\n" and f"But you were asked about {event}: eventcoder queue --approval --of ana" in ran.err
    assert "But you" not in command("next", "--coder", "ben").err
    (line,) = [line for line in command("queue", "--approval").out.splitlines() if event in line]
    assert "returned" in line and "The wrong town." in line, "what gives it its state, not the older question"
    ran = command("answer", event, "No.", code=2)
    assert "Name the field first; then the same without a field is the one on the whole event." in ran.err
    command("answer", event, "fatalities", "None.")
    command("answer", event, "It is the right one.")
    command("approve", event, "--coder", "rob")
    told = command("ask", event, "Sure?", "--coder", "rob").err
    assert "is settled already, and a question does not keep it out of a release" in told and f"approve {event} --return" in told


def test_the_level_not_reached_says_what_was_wrong_and_what_comes_next(command: Command, tmp_path: Path) -> None:
    team = Team(Path.cwd(), 2)
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(line.model_dump_json(exclude_none=True) + "\n" for line in gold()), "utf-8")
    command("coders", "add", "tom", "--in-training", "--coder", "lea")
    command("coders", "train", "tom", "--gold", path, "--coder", "lea")
    assert "qualify tom --gold FILE --dry-run" in command("coders", "train", "tom", "--gold", path, "--coder", "lea", code=1).err
    for _ in team.documents:
        task = command("next", "--coder", "tom", "--json").one["task"]
        values = {**CLEAN, "event_date": "2026-05-04", "fatalities": "0"}
        options = [part for name, value in values.items() for part in ("--" + name.replace("_", "-"), value)]
        event = command("add", "--task", task, *options, "--open", "--coder", "tom").out.split()[0]
        assert f"You stored of it: {event}  2026-05-04  Shiraz" in command("next", "--coder", "tom").out
        assert "You stored" not in command("next", "--peek", "--coder", "ben").out
        if task.startswith(team.documents[0]):
            ran = command("coders", "qualify", "tom", "--gold", path, "--coder", "lea", code=1)
            assert "handed in" in ran.err and "The rest comes first" in ran.err
        command("next", "--done", "--coder", "tom")
    told = command("amend", event, "--set", "fatalities=1", "--reason", "x", "--coder", "tom", code=1).err
    assert "coded for training, and is no part of the dataset" in told and "adjudicate" not in told
    assert "was coded for training: nobody adjudicates it" in command("adjudicate", team.documents[0], "--coder", "lea", code=2).err
    ran = command("coders", "qualify", "tom", "--gold", path, "--coder", "lea", code=1)
    assert "coders train tom --gold FILE" in ran.err and "2026-05-03" in ran.out and "2026-05-04" in ran.out


def test_a_coder_s_own_word_on_a_paper_serves_add_too(team: Team, command: Command, options: Options) -> None:
    (team.root / "w.txt").write_text("Date: 2026-05-05\nPublisher: Weir Post\nLanguage: en\n\nTeachers gathered in Shiraz on 3 May.\n", "utf-8")
    command("ingest", "w.txt")
    document = next(row["id"] for row in command("documents", "--json").lines if row["publisher"] == "Weir Post")
    given = ["add", "-d", document, *options(source=None, source_scale=None)]
    assert "source_scale" in command(*given, code=1).err
    command("publishers", "propose", "Weir Post", "--scale", "Regional", "--reason", "Its imprint.")
    ran = command(*given)
    assert "source_scale Regional: as it was proposed" in ran.err
    assert "1 name waits for a lead: eventcoder publishers queue" in command("queue").out
    assert command("queue", "--json").one["proposed_names"] == {"publisher": 1}
    assert "for a lead" not in command("queue", "--of", "ana").out


def test_a_lead_s_event_beside_blind_coders_is_said_to_be_seen(team: Team, command: Command, options: Options) -> None:
    document = team.documents[0]
    command("assign", document, "--to", "ana", "--to", "ben", "--double", "1", "--control", "0", "--coder", "lea")
    ran = command("add", "-d", document, *options(), "--coder", "lea")
    assert f"ana and ben still code {document} apart and see this event" in ran.err
    assert "apart and see" not in command("add", *options(location="Yazd"), "--coder", "lea", code=None).err


def test_a_refused_table_does_not_look_stored(command: Command, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"{','.join(CLEAN)}\n" + "".join('"' + '","'.join({**CLEAN, **c}.values()) + '"\n'
                                    for c in ({}, {"event_date": "never"})), "utf-8")  # fmt: skip
    assert "incomplete 0 (not stored: see below)" in command("import", tmp_path / "t.csv", code=1).out
    assert "(not stored" not in command("import", tmp_path / "t.csv", "--keep-going", code=1).out


def test_a_fresh_clone_says_that_its_journals_were_not_read(team: Team, command: Command) -> None:
    command("journal", "export")
    for path in Path(".eventcoder").glob("ledger*"):
        path.unlink()
    for told in (command("list").err, command("queue").out, command("next").out):
        assert told == "The ledger is empty, and the project has journals: 'eventcoder journal sync' reads them.\n"


@pytest.mark.parametrize(("event", "said"), [("abc", "'eventcoder validate'"), (None, "'eventcoder checks list --ledger'")])
def test_what_stops_a_release_is_listed_where_it_is_said_to_be(event: str | None, said: str) -> None:
    from eventcoder.errors import ReleaseError

    with pytest.raises(ReleaseError) as error:
        stop_at(Report([Problem("x", "It is wrong.", event_id=event)]), "release")
    assert f"Mend it ({said}" in str(error.value) and str(error.value).count("eventcoder ") == (2 if event else 1)
