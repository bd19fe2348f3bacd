"""Training rounds: new coders code gold documents apart from the dataset, and settle nothing until they reach the level."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.coding import NewEvent
from eventcoder.errors import CodebookError, Refused, UsageError
from eventcoder.evaluation import GoldDocument
from eventcoder.team.members.enrolling import enrol
from eventcoder.team.members.training import qualify, read_levels, score, train
from eventcoder.team.tasks.claiming import finish, take
from eventcoder.team.tasks.codings import codings
from tests.conftest import CLEAN, Command

from .working import TOWNS, Team


def gold(number: int = 2) -> list[GoldDocument]:
    return [
        GoldDocument.model_validate(
            {
                "document": f"{n}.txt",
                "statements": [
                    {
                        "id": "a",
                        "quote": f"Teachers gathered in {TOWNS[n][0]}",
                        "status": "codable",
                        "fields": {
                            "event_date": "2026-05-03",
                            "sub_event_type": "Peaceful protest",
                            "location": TOWNS[n][0],
                            "country": "Iran",
                            "fatalities": 0,
                        },
                    }
                ],
            }
        )
        for n in range(number)
    ]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    out = Team(tmp_path, 2)
    with out.desk("lea") as desk:
        enrol(desk, "tom", "coder")
        enrol(desk, "rob", "reviewer")
        assert train(desk, "tom", gold()) == out.documents
    return out


def code(team: Team, **changes: str) -> None:
    """tom codes the next document of the round and hands it in."""
    with team.desk("tom") as desk:
        task = take(desk)
        assert task is not None and task.control and task.blind
        town = TOWNS[team.documents.index(task.document)]
        values = {**CLEAN, "location": town[0], "latitude": str(town[1]), "longitude": str(town[2]), "fatalities": "0", **changes}
        made = desk.add(NewEvent(values, reports=[task.document]), allow_open=True)
        assert made.state == "held"
        finish(desk, task)


def test_who_codes_as_the_gold_does_qualifies(team: Team) -> None:
    code(team)
    with team.desk("lea") as desk:
        half = score(desk, "tom", gold())
        assert (half.done, half.tasks, half.qualifies) == (1, 2, False)
        with pytest.raises(Refused, match="1 of 2 documents"):
            qualify(desk, half)
        with pytest.raises(Refused, match="in training round 'training tom 1' already"):
            train(desk, "tom", gold())
    code(team)
    with team.desk("lea") as desk:
        whole = score(desk, "tom", gold())
        assert whole.qualifies and all(r.enough for r in whole.figures if r.level.measure != "fatalities")
        assert codings(desk) == {} and list(codings(desk, round=whole.round)) == sorted(team.documents)  # no double codings of the dataset
        qualify(desk, whole)
        assert desk.ledger.states() == {"held": 2}
        tom = desk.people.get("tom")
        assert tom is not None and tom.training == "qualified"
    with team.desk("tom") as desk:
        assert desk.add(NewEvent(dict(CLEAN))).state == "settled"


def test_below_the_level_only_a_reason_helps(team: Team) -> None:
    code(team)
    code(team, event_date="2026-05-24", sub_event_type="Violent demonstration")
    with team.desk("lea") as desk:
        found = score(desk, "tom", gold())
        low = {r.level.measure for r in found.figures if r.enough is False}
        assert not found.qualifies and {"events.f1", "sub_event_type"} <= low
        with pytest.raises(Refused, match=r"below the level: .*sub_event_type"):
            qualify(desk, found)
    with team.desk("rob") as desk, pytest.raises(Refused, match="may not qualify"):
        qualify(desk, found)
    with team.desk("lea") as desk:
        train(desk, "tom", gold())  # another round
        assert score(desk, "tom", gold()).round == "training tom 2"
        qualify(desk, found, anyway="The second document can be read both ways.")
        with pytest.raises(UsageError, match="not in training"):
            qualify(desk, found)


def test_nothing_of_a_trainee_settles(team: Team) -> None:
    with team.desk("tom") as desk:
        made = desk.add(NewEvent(dict(CLEAN)))
        assert made.state == "open"
        with pytest.raises(Refused, match="tom is in training"):
            desk.settle(made.event_id)
    with team.desk("rob") as desk:
        with pytest.raises(Refused, match="tom is in training"):
            desk.settle(made.event_id)
        changed = desk.amend(made.event_id, {"notes": CLEAN["notes"].replace("late", "unpaid")}, reason="read again")
        assert changed.state == "open"  # it is still what a trainee found
        clean = desk.add(NewEvent({**CLEAN, "event_date": "2026-05-04"}))
        assert clean.state == "settled"
    with team.desk("tom") as desk:
        assert desk.amend(clean.event_id, {"notes": CLEAN["notes"].replace("late", "owed")}, reason="mine").state == "open"


def test_levels_say_why(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    for row, said in (("speed,0.5,why", "no measure"), ("location,2,why", "from 0 to 1"), ("location,0.5,", "why")):
        (tmp_path / "team" / "training.csv").write_text(f"measure,least,why\n{row}\n", "utf-8")
        with pytest.raises(CodebookError, match=said):
            read_levels(tmp_path)


def test_gold_that_is_not_here_is_named(command: Command, tmp_path: Path) -> None:
    command("coders", "add", "lea", "--role", "lead", "--coder", "lea")
    command("coders", "add", "tom", "--in-training", "--coder", "lea")
    path = tmp_path / "gold.jsonl"
    path.write_text(gold(1)[0].model_dump_json(exclude_none=True) + "\n", "utf-8")
    assert "0.txt" in command("coders", "train", "tom", "--gold", path, "--coder", "lea", code=1).err
    (tmp_path / "project" / "0.txt").write_text("Teachers gathered in Shiraz on 3 May. Note 0.\n", "utf-8")
    command("ingest", "0.txt", "--coder", "lea")
    assert "1 document to code" in command("coders", "train", "tom", "--gold", path, "--coder", "lea").out
    command("next", "--done", "--coder", "tom", code=2)
    command("next", "--coder", "tom")
    command("next", "--nothing", "--coder", "tom")
    ran = command("coders", "qualify", "tom", "--gold", path, "--coder", "lea", "--json", code=1)
    assert ran.lines[0]["qualifies"] is False and "events.f1" in ran.err
    assert "training" in command("coders", "list").out
