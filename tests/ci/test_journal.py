"""The journal only grows: what was there is there, as it was, in its place."""

from __future__ import annotations

import json

import pytest

from eventcoder.ledger import Ledger, new_entry
from eventcoder.ledger.exchange.journal_line import entry_line
from tests.ci.conftest import DataRepository

pytestmark = pytest.mark.usefixtures("quick")
FILE = "ada-2026-11.jsonl"


def test_new_events_are_a_good_change_and_are_counted(clone: DataRepository) -> None:
    clone.create()
    clone.commit()
    found = clone.inspect("journal", "rebuild", "validate", "released", "build", "diff")
    assert found.passed, [p for s in found.steps for p in s.problems if p.severity == "error"]
    assert "1 new since the base: ada 1" in found.step("journal").told
    assert found.step("diff").told == ["against 2026.11.1: 1 added"]
    assert "#### Events" in found.pending and "| added |" in found.pending


def test_a_line_whose_content_was_edited(clone: DataRepository) -> None:
    lines = clone.lines()
    lines[7] = lines[7].replace('"coder":"ada"', '"coder":"eve"')
    clone.write(lines)
    clone.commit()
    found = clone.inspect("journal", "rebuild", "build")
    assert found.step("journal").report.flatten("code", "where") == [
        ("journal-misplaced", f"raw/journal/{FILE}, line 8"),
        ("journal-line-rewritten", f"raw/journal/{FILE}, line 8"),
    ]
    assert "left out" not in str(found.step("build").reason) and found.step("build").verdict == "skipped"
    assert not [p for p in found.step("rebuild").problems if p.code == "journal-entry-altered"], "one mistake is told once"


def test_a_line_rewritten_with_a_new_id_is_found_all_the_same(clone: DataRepository) -> None:
    lines = clone.lines()
    at = next(i for i, line in enumerate(lines) if '"act":"revise"' in line)
    old = clone.entry(lines[at])
    forged = new_entry("act", old.subject, {**old.body, "values": {"location": "Elsewhere"}}, coder=old.coder, time=old.time, parents=old.parents)
    lines[at] = entry_line(forged).rstrip("\n")
    clone.write(lines)
    clone.commit()
    assert clone.inspect("journal").step("journal").report.flatten("code", "event_id", "where") == [
        ("journal-line-rewritten", old.subject, f"raw/journal/{FILE}, line {at + 1}")
    ]


def test_an_act_that_changes_the_past_without_a_reason(clone: DataRepository) -> None:
    first, second = clone.events()[:2]
    clone.act(first, {"act": "retract"})
    clone.act(second, {"act": "revise", "values": {"location": "Elsewhere"}, "settled": True}, minute=1)
    clone.commit()
    found = clone.inspect("journal").step("journal").report.flatten("code", "event_id")
    assert sorted(found) == sorted([("act-without-reason", first), ("act-without-reason", second)])
    clone.commit("Later.")
    assert clone.errors("journal", base="HEAD~1") == set(), "what the base has is not told again"


def test_a_line_taken_out(clone: DataRepository) -> None:
    lines = clone.lines()
    gone = clone.entry(lines.pop())
    clone.write(lines)
    clone.commit()
    (problem,) = clone.inspect("journal").step("journal").problems
    assert (problem.code, problem.event_id) == ("journal-line-removed", gone.subject)
    assert gone.id[:12] in problem.message
    assert "event-vanished" in clone.errors("build"), "the released event has no act any more"


def test_a_file_taken_away_is_told_once(clone: DataRepository) -> None:
    entries = len(clone.lines()) - 1
    (clone.journal / FILE).unlink()
    clone.commit()
    found = clone.inspect("journal", "rebuild", "validate", "build", "diff")
    (problem,) = found.step("journal").problems
    assert (problem.code, problem.value) == ("journal-line-removed", entries)
    assert [found.step(name).verdict for name in ("rebuild", "validate", "build", "diff")] == ["skipped"] * 4


def test_many_removed_lines_are_counted_not_listed(clone: DataRepository) -> None:
    clone.create(seed=41)
    for number in range(30):
        clone.act(clone.events()[0], {"act": "revise", "values": {"tags": [f"crowd size={number + 1}"]}, "settled": True}, minute=number)
        if number > 25:
            break
    clone.commit("Much work.")
    clone.write(clone.lines()[:3])
    clone.commit("And its loss.")
    problems = clone.inspect("journal", base="HEAD~1").step("journal").problems
    assert len(problems) == 21
    assert problems[-1].message.startswith("And ")


def test_lines_that_are_not_in_order_or_twice(clone: DataRepository) -> None:
    lines = clone.lines()
    lines[4], lines[5] = lines[5], lines[4]
    clone.write([*lines, lines[3]])
    clone.commit()
    found = clone.inspect("journal", "rebuild")
    assert found.step("journal").report.flatten("code", "where") == [
        ("journal-unsorted", f"raw/journal/{FILE}, line 6"),
        ("journal-line-twice", f"raw/journal/{FILE}, line {len(lines) + 1}"),
    ]
    assert found.step("rebuild").verdict == "passed", "nothing is lost by it"


def test_entries_in_the_wrong_file_and_files_in_the_wrong_place(clone: DataRepository) -> None:
    lines = clone.lines()
    clone.write(lines[:-1])
    clone.write([lines[0], lines[-1]], "ben-2026-11.jsonl")
    (clone.journal / "old").mkdir()
    clone.write([lines[0], lines[3]], "old/ada-2026-11.jsonl")
    (clone.journal / "link.jsonl").symlink_to(clone.journal / FILE)
    clone.commit()
    found = {(p.code, p.where) for p in clone.inspect("journal").step("journal").problems}
    assert found == {
        ("journal-misplaced", "raw/journal/ben-2026-11.jsonl, line 2"),
        ("journal-misplaced", "raw/journal/old/ada-2026-11.jsonl"),
        ("journal-misplaced", "raw/journal/link.jsonl"),
        ("journal-line-twice", "raw/journal/old/ada-2026-11.jsonl, line 2"),
    }, "a line that moved was not removed"


def test_windows_line_ends_lose_nothing_and_are_told_once(clone: DataRepository) -> None:
    lines = clone.lines()
    clone.write(lines, end="\r\n")
    clone.commit()
    found = clone.inspect("journal", "rebuild", "build")
    assert found.passed
    assert found.step("journal").report.flatten("code", "severity", "value") == [("journal-line-form", "warning", len(lines) - 1)]
    assert ".gitattributes" in found.step("journal").problems[0].message


@pytest.mark.parametrize("junk", ["{not json", "<<<<<<< HEAD", '{"id":"x"}', "\x00", "[" * 5000])
def test_lines_that_are_no_entries(clone: DataRepository, junk: str) -> None:
    lines = clone.lines()
    clone.write([*lines[:4], junk, *lines[4:]])
    clone.commit()
    found = clone.inspect("journal", "rebuild", "validate", "build")
    assert found.step("journal").problems[0].where == f"raw/journal/{FILE}, line 5"
    assert not found.passed and found.step("rebuild").verdict == "passed", "told once, where it stands"
    assert found.step("build").verdict == "skipped"


def test_a_redaction_is_no_rewriting_but_the_stub_without_it_is(clone: DataRepository) -> None:
    secret = next(clone.entry(line) for line in clone.lines()[1:] if '"kind":"document"' in line)
    stub = {**secret.body, "title": None, "publisher": None}
    before = clone.lines()
    clone.with_ledger(
        lambda ledger: ledger.redact(secret.id, stub, coder="ada", time="2026-11-06T08:00:00Z", reason="asked for by the source") and None
    )
    clone.commit()
    assert clone.inspect("journal", "rebuild").passed
    redacted = [line for line in clone.lines() if '"kind":"redaction"' not in line]
    assert redacted != before
    clone.write(redacted)
    clone.commit()
    assert clone.errors("journal", base="HEAD~1") == {"journal-line-rewritten", "journal-line-removed"}


def test_two_coders_who_did_not_meet(clone: DataRepository) -> None:
    event = clone.events()[7]
    aside = clone.top.parent / "ben"
    aside.mkdir()
    clone.act(event, {"act": "revise", "values": {"location": "Old Bridge"}, "settled": True, "reason": "A better map."}, coder="ben", folder=aside)
    clone.act(event, {"act": "revise", "values": {"location": "New Bridge"}, "settled": True, "reason": "A better map."}, coder="cleo", minute=3)
    (aside / "ben-2026-11.jsonl").rename(clone.journal / "ben-2026-11.jsonl")
    clone.commit("A merge of two journals.")
    found = clone.inspect("journal", "rebuild", "validate", "build")
    (problem,) = found.step("rebuild").problems
    assert (problem.code, problem.event_id, problem.field) == ("event-in-conflict", event, "location")
    assert "ben and cleo" in problem.message and "ben: Old Bridge" in problem.message and "cleo: New Bridge" in problem.message
    assert found.step("journal").verdict == "passed"
    assert not [p for p in found.step("validate").problems if p.code == "event-in-conflict"]


def test_two_coders_at_different_events_are_no_conflict(clone: DataRepository) -> None:
    one, other = clone.events()[7:9]
    aside = clone.top.parent / "ben"
    aside.mkdir()
    clone.act(one, {"act": "revise", "values": {"location": "Old Bridge"}, "settled": True, "reason": "A better map."}, coder="ben", folder=aside)
    clone.act(other, {"act": "revise", "values": {"location": "New Bridge"}, "settled": True, "reason": "A better map."}, coder="cleo", minute=3)
    (aside / "ben-2026-11.jsonl").rename(clone.journal / "ben-2026-11.jsonl")
    clone.commit()
    found = clone.inspect("journal", "rebuild")
    assert found.passed
    assert "2 new since the base: ben 1, cleo 1" in found.step("journal").told


def test_an_unknown_code_in_an_act(clone: DataRepository) -> None:
    event = clone.create(sub_event_type="Dance-off")
    clone.commit()
    problems = clone.inspect("validate").step("validate").report.errors
    assert ("unknown-code", event, "sub_event_type") in {(p.code, p.event_id, p.field) for p in problems}


def test_a_third_of_the_events_retracted_is_not_passed_over(clone: DataRepository) -> None:
    def work(ledger: Ledger) -> None:
        for number, event in enumerate(list(ledger.events(states=("settled",)))[:4]):
            time = f"2026-11-05T11:{number:02d}:00Z"
            ledger.append([new_entry("act", event.event_id, {"act": "retract"}, coder="ada", time=time, parents=event.heads)])

    clone.with_ledger(work)
    clone.commit()
    found = clone.inspect("build", "diff")
    told = {p.code: p.severity for p in found.step("build").problems}
    assert "row-drop" in told
    assert "4 retracted" in found.step("diff").told[0]
    assert "row-drop" in found.pending


def test_the_journal_of_another_project(clone: DataRepository) -> None:
    lines = clone.lines()
    head = json.dumps({"journal": 1, "project": "harbour"}, separators=(",", ":"))
    clone.write([lines[0].replace('"project":""', '"project":"weir"'), *lines[1:]])
    clone.write([head, *lines[1:3]], "ben-2026-11.jsonl")
    clone.commit()
    assert "journal-foreign-project" in clone.errors("rebuild")
