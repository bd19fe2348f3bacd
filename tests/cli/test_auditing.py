"""`log`, `history`, `relate` and `journal sync` as a coder meets them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eventcoder.cli.auditing import _told
from eventcoder.ledger import new_entry


@pytest.fixture
def pair(command, options) -> tuple[str, str]:
    """Two clean events; a colleague corrected the first."""
    notes = "On 20 June 2026, pensioners rallied in Ahvaz (Khuzestan)."
    elsewhere = {"location": "Ahvaz", "admin1": "Khuzestan", "latitude": "31.3203", "longitude": "48.6693", "notes": notes}
    first = command("add", *options(), "--json").one["event_id"]
    second = command("add", *options(event_date="2026-06-20", **elsewhere), "--json").one["event_id"]
    command("amend", first, "--set", "admin3=Marvdasht", "--reason", "=Division added.", "--coder", "ben")
    return first, second


def test_log_finds_what_was_done_by_whom_to_what(command, pair) -> None:
    first, _ = pair
    assert [line["body"]["act"] for line in command("log", "--json").lines] == ["revise", "create", "create"]
    assert {line["subject"] for line in command("log", "--event", first[:8], "--json").lines} == {first}
    for words in (("--by", "ben"), ("--act", "revise"), ("--field", "admin3")):
        assert [line["coder"] for line in command("log", *words, "--json").lines] == ["ben"]
    assert command("log", "--until", "2026-01-01", "--json").lines == []
    lines = command("log", "--summary", "--json").lines
    assert [(line["coder"], line["what"], line["entries"], line["subjects"]) for line in lines] == [("ana", "create", 2, 2), ("ben", "revise", 1, 1)]
    assert command("log", "-n", "1").out.split()[1:4] == ["ben", "revise", first]
    assert "Known: create" in command("log", "--act", "fix", code=2).err
    assert "YYYY-MM-DD" in command("log", "--until", "May", code=2).err
    assert command("log", "--after", "latest", code=2).err.startswith("error")


def test_what_is_exported_is_a_table_that_a_spreadsheet_may_open(command, pair) -> None:
    first, _ = pair
    rows = list(csv.DictReader(io.StringIO(command("log", "--csv", "-").out)))
    assert [row["what"] for row in rows] == ["revise", "create", "create"]
    assert (rows[0]["fields"], rows[0]["values"], rows[0]["reason"]) == ("admin3", '{"admin3":"Marvdasht"}', "'=Division added.")
    assert "3 entries" in command("log", "--csv", "log.csv").err and len(Path("log.csv").read_text("utf-8").splitlines()) == 4
    command("history", first, "--all", "--csv", "one.csv")
    rows = list(csv.DictReader(io.StringIO(Path("one.csv").read_text("utf-8"))))
    assert [row["subject"] for row in rows] == [first, first]
    assert "cannot be written" in command("log", "--csv", "nowhere/log.csv", code=2).err


def test_a_table_is_whole_and_a_list_that_was_cut_says_so(command, pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventcoder.cli.auditing.LIMIT", 2)
    assert "3 entries in" in command("log", "--csv", "log.csv").err
    assert "2 entries in" in command("log", "--csv", "log.csv", "-n", "2").err
    for how in ((), ("--json",)):
        ran = command("log", *how)
        assert len(ran.out.splitlines()) == 2 and "--limit 0 shows all" in ran.err
        assert "--limit" not in command("log", *how, "-n", "3").err


def test_relations_are_shown_from_both_sides_and_taken_back(command, pair) -> None:
    first, second = pair
    assert "itself" in command("relate", first, "part-of", first, code=2).err
    command("relate", first, "part-of", second, "--reason", "One strike.")
    assert f"part_of {second}  2026-06-20 Ahvaz" in command("show", first).out
    assert "has_part" not in command("show", second).out
    assert f"has_part {first}" in command("show", second, "--others").out
    shown = command("show", first, "--json").one["related"]
    assert shown == [{"kind": "part_of", "event_id": second, "state": "settled", "current_id": second, "beyond": []}]
    assert "round in a circle" in command("relate", second, "part_of", first, code=1).err
    assert command("relate", first, "part_of", second, "--withdraw", code=2).err.startswith("error"), "a reason is needed"
    command("relate", first, "part_of", second, "--withdraw", "--reason", "Two strikes.")
    assert command("show", first, "--json").one["relations"] == []
    assert f"no longer part_of {second}" in command("history", first).out


def test_a_laptop_and_the_team_meet_in_a_folder(command, pair, tmp_path: Path) -> None:
    first, _ = pair
    share = tmp_path / "share"
    assert "3 entries in" in command("journal", "sync", share).out
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    (laptop / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
    ran = command("journal", "sync", share, "--project", laptop)
    assert "ana: 2 create" in ran.out and "ben: 1 revise" in ran.out
    command("amend", first, "--set", "admin3=Fasa", "--reason", "My map.", "--coder", "cem", "--project", laptop)
    command("amend", first, "--set", "admin3=Kazerun", "--reason", "My map.")
    command("journal", "sync", share, "--project", laptop)
    ran = command("journal", "sync", share, "--json")
    assert (ran.one["new"], ran.one["conflicts"], ran.one["written"]) == (1, [first], 5)
    assert ran.one["came"] == [{"coder": "cem", "what": "revise", "count": 1}]
    assert "adjudicate" in ran.err and "eventcoder show" in ran.err
    command("journal", "sync", share, "--project", laptop)
    here, there = ({line["id"] for line in command("log", "--json", "-n", "0", "--project", root).lines} for root in (".", laptop))
    assert here == there and len(here) == 5
    file = next(share.glob("cem-*"))
    file.write_text(file.read_text("utf-8").replace("Fasa", "Tehran"), "utf-8")
    ran = command("journal", "sync", share, code=1)
    assert "journal-entry-altered" in ran.err and "nothing was written" in ran.err


def test_who_ended_a_conflict_is_told_by_what_was_overruled_and_not_by_every_value() -> None:
    body = {"act": "resolve", "values": {"country": "Iran", "location": "Yazd"}, "reason": "Read both.",
            "overruled": {"a" * 64: {"location": {"was": "Taft", "now": "Yazd", "class": "slip"}}}}  # fmt: skip
    line = _told(new_entry("act", "e00000000001", body, coder="rui", time=datetime(2026, 5, 1, tzinfo=UTC)), about=False)
    assert "location: 'Taft' -> 'Yazd' (slip)" in line and "country" not in line
