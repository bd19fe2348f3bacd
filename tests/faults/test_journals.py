"""Journals that were edited, cut, doubled or come from elsewhere, through `journal import`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Command

Lines = list[str]


def journal() -> Path:
    """The coder's journal (drafts and documents of the machine are in others)."""
    return max(Path("raw/journal").glob("*.jsonl"), key=lambda p: p.stat().st_size)


def changed_value(lines: Lines) -> Lines:
    return [line.replace('"Shiraz"', '"Ahvaz"') for line in lines]


def other_coder(lines: Lines) -> Lines:
    return [line.replace('"coder":"ana"', '"coder":"ben"') for line in lines]


def without_parent(lines: Lines) -> Lines:
    amended = next(json.loads(line) for line in lines if '"act":"revise"' in line)
    gone = next(i for i, line in enumerate(lines) if f'"id":"{amended["parents"][0]}"' in line)
    return lines[:gone] + lines[gone + 1 :]


def cut_in_the_last_line(lines: Lines) -> Lines:
    return [*lines[:-1], lines[-1][:-40]]


def merge_marks(lines: Lines) -> Lines:
    return [lines[0], "<<<<<<< HEAD", *lines[1:], ">>>>>>> ben"]


def newer_format(lines: Lines) -> Lines:
    head = json.loads(lines[0])
    key = next(k for k, v in head.items() if isinstance(v, int))
    return [json.dumps({**head, key: head[key] + 41}), *lines[1:]]


def key_twice(lines: Lines) -> Lines:
    return [lines[0], lines[1].replace("{", '{"coder":"ben",', 1), *lines[2:]]


DAMAGES: list[tuple[Callable[[Lines], Lines], set[str]]] = [
    (changed_value, {"journal-entry-altered"}),
    (other_coder, {"journal-entry-altered"}),
    (without_parent, {"journal-parent-unknown"}),
    (cut_in_the_last_line, {"journal-truncated", "journal-not-json"}),
    (merge_marks, {"journal-not-json"}),
    (newer_format, {"journal-newer-format"}),
    (key_twice, {"journal-not-json"}),
]


@pytest.fixture
def fresh(released: Path, command: Command) -> Path:
    """The released project with one more act, its journal written and its ledger gone, as after a clone."""
    event = command("list", "--json", "--limit", "1").one["event_id"]
    command("amend", event, "--set", "admin2=Shiraz", "--reason", "Division added.")
    command("journal", "export")
    for path in Path(".eventcoder").glob("ledger.sqlite*"):
        path.unlink()
    return released


@pytest.mark.parametrize(("damage", "codes"), DAMAGES, ids=[d.__name__ for d, _ in DAMAGES])
def test_a_damaged_journal_is_refused_whole_with_the_line(command: Command, fresh: Path, damage: Callable[[Lines], Lines], codes: set[str]) -> None:
    path = journal()
    good = path.read_text("utf-8")
    path.write_text("\n".join(damage(good.splitlines())) + ("" if damage is cut_in_the_last_line else "\n"), "utf-8")
    ran = command("journal", "import", "--json", code=1)
    problems = [p for p in ran.one["problems"] if p["severity"] == "error"]
    assert codes & {p["code"] for p in problems}
    assert all(path.name in (p["where"] or p["message"]) for p in problems)
    assert ran.one["new"] == 0
    assert command("list", "--json").lines == [], "nothing of it was stored"
    path.write_text(good, "utf-8")
    command("journal", "import")
    assert len(command("list", "--json").lines) == 3
    assert command("journal", "import", "--json").one["new"] == 0, "twice changes nothing"
    assert "All is well" in command("doctor").out


def test_the_good_part_of_a_cut_journal_is_taken_with_keep_going(command: Command, fresh: Path) -> None:
    path = journal()
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(lines)[:-40], "utf-8")
    ran = command("journal", "import", "--keep-going", "--json", code=1).one
    assert ran["new"] > 0
    assert command("doctor", code=None).out
    path.write_text("\n".join(lines) + "\n", "utf-8")
    command("journal", "import")
    assert {e["revision"] for e in command("list", "--json").lines} == {1, 2}


def test_a_journal_without_its_header_is_taken_with_a_warning(command: Command, fresh: Path) -> None:
    path = journal()
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    ran = command("journal", "import", "--json").one
    assert [(p["code"], p["severity"]) for p in ran["problems"]] == [("journal-header-missing", "warning")]


@pytest.mark.parametrize("data", [b"", b"\0\1\2" * 50, b"PK\x03\x04" + bytes(100), b"a,b\n1,2\n", '{"é": 1}\n'.encode("latin-1")])
def test_files_that_are_no_journals(command: Command, data: bytes) -> None:
    Path("x.jsonl").write_bytes(data)
    ran = command("journal", "import", "x.jsonl", code=None)
    assert ran.code in (1, 2) or not data
    assert ran.code == 0 or "x.jsonl" in ran.err
    assert command("list", "--json").lines == []


def test_an_export_never_overwrites_what_came_from_a_colleague(command: Command, fresh: Path) -> None:
    command("journal", "import")
    path = journal()
    path.write_text(path.read_text("utf-8") + "my remark\n", "utf-8")
    before = path.read_bytes()
    assert command("journal", "export", code=2).err.startswith("error")
    assert path.read_bytes() == before


def test_two_coders_apart_become_a_conflict_that_is_told_kept_out_and_resolved(command: Command, fresh: Path, tmp_path: Path) -> None:
    command("journal", "import")
    event = command("list", "--json", "--limit", "1").one["event_id"]
    both = {}
    for coder, value in (("ben", "Marvdasht"), ("eve", "Kazerun")):
        root = tmp_path / coder
        root.mkdir()
        (root / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
        command("journal", "import", "raw/journal", "--project", root)
        command("amend", event, "--set", f"admin3={value}", "--reason", "My map.", "--coder", coder, "--project", root)
        command("journal", "export", "--project", root)
        both[coder] = root / "raw" / "journal"
    ran = command("journal", "import", both["ben"], both["eve"], "--json")
    assert ran.one["conflicts"] == [event]
    assert command("show", event, "--json").one["state"] == "conflict"
    assert not command("validate", "--json", code=1).one["valid"]
    other = command("list", "--json", "--limit", "2").lines[1]["event_id"]
    for words in (
        ("amend", event, "--set", "admin3=Kazerun", "--reason", "r"), ("amend", "--where", "country = 'Iran'", "--set", "admin3=x", "--reason", "r"),
        ("settle", event), ("retract", event, "--reason", "r"), ("merge", other, event, "--reason", "r"), ("relate", event, "different", other),
    ):  # fmt: skip
        assert "eventcoder resolve" in command(*words, code=1).err, "no other act ends a conflict in passing"
    assert command("release", "--json").one["events"] == 2
    command("resolve", event, "--set", "admin3=Kazerun", "--reason", "Asked the correspondent.")
    settled = command("show", event, "--json").one
    assert (settled["state"], settled["admin3"]) == ("settled", "Kazerun")
    values = [a["values"].get("admin3") for a in command("history", event, "--json").lines if a["values"].get("admin3")]
    assert {"Marvdasht", "Kazerun"} <= set(values), "both sides stay in the history"
