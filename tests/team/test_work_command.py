"""`assign`, `next`, `queue` and `add --task` as somebody types them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Command

TEXT = "Date: 2026-05-05\nPublisher: Qasr Daily\nLanguage: fa\n\nTeachers gathered in Shiraz on 3 May. Note {}.\n"


@pytest.fixture
def documents(command: Command, tmp_path: Path) -> list[str]:
    """Two documents in a language that no engine reads: nothing has to be drafted."""
    for number in range(2):
        (tmp_path / f"{number}.txt").write_text(TEXT.format(number), "utf-8")
    command("ingest", tmp_path / "0.txt", tmp_path / "1.txt")
    return sorted(row["id"] for row in command("documents", "--json").lines)


def test_work_goes_round(command: Command, documents: list[str], options: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("assign", documents[0], "--to", "ana", "--to", "ben", "--double", "1", "--control", "0")
    would = command(*asked, "--dry-run")
    assert "1 document would be given as 2 tasks; 1 read twice" in would.out and command("queue").out.startswith("No task.")
    assert command(*asked, "--json").one["coders"] == {"ana": 1, "ben": 1}
    seen = command("next")
    assert f"{documents[0]}/" in seen.out and "nobody sees it, until all are done" in seen.out and "eventcoder next --done" in seen.out
    task = command("next", "--json").one
    assert task["holder"] == "ana" and "control" not in task and "planted" not in task

    made = command("add", "--task", task["task"], *options())
    assert made.out.split()[1] == "held"
    event = made.out.split()[0]
    assert "coded apart" in command("show", event).out
    with monkeypatch.context() as ben:
        ben.setenv("EVENTCODER_CODER", "ben")
        assert "No event" in command("show", event, code=2).err and event not in command("log").out
    assert event not in command("list").out
    assert "1 document is coded blind; 0 of them wait" in command("queue").out

    done = command("next", "--done")
    assert f"{task['task']} handed in with 1 event." in done.err and "Nothing waits for ana." in done.out
    command("next", "--coder", "ben")
    assert "eventcoder next --nothing" in command("next", "--done", "--coder", "ben", code=1).err, "a word typed twice hands nothing in unread"
    assert "no event found" in command("next", "--nothing", "--coder", "ben").err
    assert command("queue", "--json").one["to_adjudicate"] == 1
    assert [row["state"] for row in command("queue", "--tasks", "--json").lines] == ["done", "done"]
    assert command("doctor").code == 0


def test_mistakes_are_told(command: Command, documents: list[str]) -> None:
    assert "Nobody is registered as a coder. Name them: --to ana" in command("assign", code=2).err
    assert "No task about" in command("next", documents[0]).out and "has taken no task" in command("next", "--done", code=2).err
    command("assign", "--to", "ana", "--plan", "pool", "--double", "0")
    first = command("next", "--json").one
    assert 'Skipping a task needs a reason. eventcoder next --skip "TEXT"' in command("next", "--skip", " ", code=2).err
    other = command("next", "--skip", "Not my region.", "--json").one
    assert other["item"] != first["item"]
    assert "exclude each other" in command("next", "--done", "--skip", "x", code=2).err
    assert "There is no task" in command("assign", "--withdraw", "x/1", "--reason", "x", code=2).err
    assert "This needs a reason" in command("assign", "--withdraw", first["task"], code=2).err
    assert "take a task each" in command("assign", "--withdraw", "--round", "May", code=2).err
    assert command("assign", "--withdraw", first["task"], "--reason", "Printed twice.").out.startswith(first["task"])
    assert "withdrawn" in command("queue", "--tasks").out


def test_a_claim_that_went_to_another_is_told_to_who_had_it(command: Command, documents: list[str], tmp_path: Path) -> None:
    share, laptop = Path("raw/journal"), tmp_path / "laptop"
    command("assign", documents[0], "--plan", "pool", "--to", "ben", "--double", "0", "--control", "0")
    command("journal", "sync")
    laptop.mkdir()
    (laptop / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
    shutil.copytree(share, laptop / share)
    assert "'eventcoder journal sync' reads them" in command("next", "--project", laptop, "--coder", "ben").out
    command("journal", "sync", "--project", laptop)
    task = command("next", "--json", "--project", laptop, "--coder", "ben").one["task"]
    command("next", "--json")
    command("next", "--nothing")
    command("journal", "sync")
    ran = command("journal", "sync", share.resolve(), "--project", laptop, "--json")
    assert ran.one["lost_claims"] == [{"task": task, "coder": "ben", "holder": "ana"}]
    assert f"Task {task}, which ben had taken, was taken by ana too" in ran.err
    assert command("journal", "sync", "--json").one["lost_claims"] == []
