"""`duplicates`, its decisions by keys and by file, and `merge` and `split` in a terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from eventcoder.validation.duplicates.similar import DEFAULT
from tests.test_review import Terminal

NOTES = (
    "On 3 May 2026, teachers gathered in Shiraz (Fars) to demand the payment of late salaries.",
    "On 3 May 2026, some hundred teachers rallied over late salaries in Shiraz (Fars), and asked for payment.",
    "On 3 May 2026, teachers asked the governor for payment of late salaries in Shiraz (Fars).",
)


@pytest.fixture
def three(command, options) -> list[str]:
    """Three accounts of one rally."""
    extra = ({}, {"source": "Orsova Courier"}, {"source": "Hill Post", "admin2": "Shiraz"})
    return [command("add", *options(notes=n, **more), "--json").one["event_id"] for n, more in zip(NOTES, extra, strict=True)]


def show(command, event_id: str) -> dict[str, Any]:
    return command("show", event_id, "--json").one


def decisions(*rows: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([("a", "b", "decision", "reason"), *rows])
    return text.getvalue()


def test_the_list_shows_both_events_and_where_they_differ(command, three) -> None:
    ran = command("duplicates")
    assert ran.out.count("same day; same place") == 3
    assert all(ran.out.count(event_id) == 2 for event_id in three)
    assert "differ: source " in ran.out and "admin2" in ran.out
    assert "3 undecided pairs among 3 events" in ran.err and "--decide" in ran.err
    first = command("duplicates", "--json", "--limit", "1")
    assert first.one.keys() == {"a", "b", "score", "reasons", "a_is", "b_is"} and "Shiraz" in first.one["a_is"]
    assert "1 shown, --limit 0 shows all" in first.err
    assert len(command("duplicates", "--json").lines) == 3


def test_the_parameters_are_published_and_printed(command) -> None:
    assert command("duplicates", "--parameters").one == json.loads(json.dumps(DEFAULT.as_json()))


def test_only_what_is_new_since_a_day_or_a_release(command, three) -> None:
    assert len(command("duplicates", "--since", "2026-01-01", "--json").lines) == 3
    assert command("duplicates", "--since", "2999-01-01", "--json").lines == []
    ran = command("duplicates", "--new", "--json")
    assert "no release yet" in ran.err and len(ran.lines) == 3
    assert "neither a release nor a day" in command("duplicates", "--since", "2026.9", code=2).err
    command("duplicates", "--since", "2026-01-01", "--new", code=2)
    command("duplicates", "some.csv", code=2)


def test_a_file_of_decisions_is_taken_whole_or_not_at_all(command, three) -> None:
    a, b, c = three
    good = decisions((a, b, "same", "One rally, two papers."), (a, c, "different", ""), (b, c, "", ""))
    bad = decisions((a, b, "same", ""), (a, "zzzz", "different", ""), (a, c, "twin", ""), (a, a, "same", ""))
    ran = command("duplicates", "--decide", "-", stdin=bad, code=1)
    assert [f"line {n}" in ran.err for n in (2, 3, 4, 5)] == [False, True, True, True] and "3 lines cannot be carried out" in ran.err
    assert show(command, a)["revision"] == 1
    assert "would be stored: 1 same, 1 different" in command("duplicates", "--decide", "-", "--dry-run", stdin=good).out
    assert show(command, a)["revision"] == 1
    Path("decided.csv").write_text(good.replace("rally, two", "rally: two").replace(",", ";"), "utf-8-sig")
    assert "2 decisions stored: 1 same, 1 different." in command("duplicates", "--decide", "decided.csv").out
    assert (show(command, b)["state"], show(command, b)["successor"]) == ("merged", a)
    assert [act.get("reason") for act in command("history", a, "--json").lines] == [None, "One rally: two papers.", "Two events that look alike."]
    assert command("duplicates", "--json").lines == []
    assert "column decision" in command("duplicates", "--decide", "-", stdin="a,b\n1,2\n", code=2).err
    assert "cannot be read" in command("duplicates", "--decide", "nowhere.csv", code=2).err
    assert "UTF-8" in command("duplicates", "--decide", "-", stdin=b"\xff\xfe\x00a", code=2).err


def test_keys_decide_skip_undo_and_the_next_sitting_goes_on(command, three) -> None:
    ran = command("duplicates", "--decide", stdin="k\nd\nTwo schools.\nu\np\n\nq\n")
    assert "taken back: different" in ran.out
    assert "1 decision (1 part_of_campaign); 1 pair waits, 1 was skipped." in ran.out
    left = command("duplicates", "--json").lines
    assert len(left) == 2
    ran = command("duplicates", "--decide", stdin="s\nb\nOne rally.\nr\nsee_also\n\nq\n")
    assert "1 same" in ran.out
    acts = [line for line in command("log", "--json", "--limit", "0").lines if line["body"].get("act") == "merge"]
    assert {line["body"]["reason"] for line in acts} == {"One rally."}
    shown = re.search(r"A  (\w{12}) \(older\) +B  (\w{12})", ran.out)
    assert shown is not None
    assert show(command, shown[1])["successor"] == shown[2], "b keeps the other one"


def test_the_keys_on_a_real_terminal(command, three) -> None:
    with Terminal(Path.cwd(), "duplicates", "--decide", "--limit", "2") as terminal:
        assert "(older)" in terminal.until(r"\? help")
        terminal.keys("s")
        terminal.until("another key: back")
        terminal.keys("x")
        terminal.until(r"\? help")
        terminal.keys("s")
        terminal.until("another key: back")
        terminal.keys("\r")
        terminal.until(r"One event, told twice\.")
        terminal.keys("\r")
        terminal.until("went into")
        terminal.until("Nothing is left|[?] help")
        terminal.keys("q")
        terminal.until("1 same")
        terminal.child.wait(timeout=20)
        assert terminal.child.returncode == 0
    assert len(command("list", "--json").lines) == 2


def test_merge_shows_what_differs_and_takes_what_is_asked(command, three) -> None:
    a, _, c = three
    dry = command("merge", a, c, "--reason", "One rally.", "--dry-run")
    assert f"admin2: - stays, not Shiraz ({c})" in dry.err and "Nothing was stored" in dry.err
    assert show(command, a)["revision"] == 1
    command("merge", a, c, "--reason", "One rally.", "--take", f"admin2={c}")
    assert (show(command, a)["admin2"], show(command, a)["source"]) == ("Shiraz", ["Qasr Daily", "Hill Post"])
    for bad in ("admin2", "admin2=", f"colour={c}", f"year={c}"):
        command("merge", a, three[1], "--reason", "r", "--take", bad, code=2)
    assert command("split", a, "--reason", "Two rallies.").out.split()[0] == c
    assert "admin2" not in show(command, a)
    assert [line["act"] for line in command("history", a, "--json").lines] == ["create", "merge", "split"]


def test_split_undoes_a_merge_by_either_name_and_asks_when_there_are_several(command, three) -> None:
    a, b, c = three
    assert "was not merged" in command("split", a, "--reason", "r", code=2).err
    command("merge", a, b, c, "--reason", "One rally.")
    assert f"took in {b}, {c}" in command("split", a, "--reason", "r", code=2).err
    command("split", c, "--reason", "Another square.")
    command("split", a, "--reason", "Another school.")
    assert [show(command, i)["state"] for i in three] == ["settled"] * 3
    assert show(command, a)["source"] == ["Qasr Daily"]
    assert len(command("duplicates", "--json").lines) == 1, "what was taken apart is decided; b and c were never compared"


def test_an_event_is_split_by_options_or_by_a_file(command, three) -> None:
    a = three[0]
    town = ("--part", "location=Marvdasht", "--part", "latitude=29.874", "--part", "longitude=52.8025", "--part", "admin1=Fars")
    new = command("split", a, *town, "--reason", "Two towns.", "--json").lines
    assert (len(new), new[0]["event_id"]) == (2, a)
    assert show(command, new[1]["event_id"])["location"] == "Marvdasht"
    parts = [
        {
            "notes": "On 3 May 2026, teachers also gathered in Fasa (Fars).",
            "location": "Fasa",
            "latitude": 28.94,
            "longitude": 53.65,
            "admin1": "Fars",
        }
    ]
    Path("parts.json").write_text(json.dumps([*parts, {"event_id": a, "admin2": "Shiraz"}]), "utf-8")
    command("split", a, "--into", "parts.json", "--reason", "Three towns.")
    assert show(command, a)["admin2"] == "Shiraz"
    assert len(command("list", "--json").lines) == 5
    for stdin in ("[", "[]", "[1]"):
        command("split", a, "--into", "-", "--reason", "r", stdin=stdin, code=2)
    command("split", a, "--into", "parts.json", "--part", "location=x", "--reason", "r", code=2)
