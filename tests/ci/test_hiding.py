"""Ways to take something away unseen: behind a link, in a submodule, behind a pointer, in a folder that moved, in days to come."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from eventcoder.ledger import Ledger, new_entry
from tests.ci.conftest import DataRepository, git

pytestmark = pytest.mark.usefixtures("quick")


PLACES = {"raw/journal": "journal", "raw": "journal", "releases": "released", "releases/2026.11.0": "released", "schema": "codebook"}


def test_a_folder_that_is_a_link(clone: DataRepository) -> None:
    aside = clone.root / "aside"
    for name, step in PLACES.items():
        path = clone.root / name
        path.rename(aside)
        path.symlink_to(aside)
        found = clone.inspect(step)
        assert [(p.where, p.value) for p in found.step(step).problems if p.code == "folder-elsewhere"] == [(name, "a link")]
        path.unlink()
        aside.rename(path)
    (clone.root / "releases").rename(aside)
    (clone.root / "releases").symlink_to("aside")
    clone.commit()
    assert clone.errors("released", base="HEAD") == {"folder-elsewhere"}, "also where the base has the link already"


def test_a_journal_in_a_submodule_is_not_passed_over_where_it_was_not_fetched(clone: DataRepository, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    clone.journal.rename(journal)
    git(journal, "init", "--quiet")
    git(journal, "add", "--all")
    git(journal, "commit", "--quiet", "-m", "The journal.")
    git(clone.top, "rm", "-r", "--quiet", "--cached", "raw/journal")
    git(clone.top, "submodule", "--quiet", "add", str(journal), "raw/journal")
    git(clone.top, "commit", "--quiet", "-m", "The journal lies elsewhere.")
    git(tmp_path, "clone", "--quiet", str(clone.top), "fresh")  # without submodules: the folder is empty
    assert clone.errors("journal") == {"folder-elsewhere"}
    fresh = DataRepository(tmp_path / "fresh")
    assert clone.errors("journal", base="HEAD") == {"folder-elsewhere"}
    assert fresh.errors("journal", "rebuild", "build", base="HEAD") == {"folder-elsewhere"}, "an empty folder is no journal without faults"


def test_a_journal_behind_pointers_is_an_error_until_it_is_in_git_again(clone: DataRepository) -> None:
    path = clone.journal / "ada-2026-11.jsonl"
    data = path.read_bytes()
    path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(data).hexdigest()}\nsize {len(data)}\n", "ascii")
    pointed = clone.commit()
    path.write_bytes(data)  # as a checkout that fetches large files has it
    assert clone.errors("journal", base=pointed) == {"journal-misplaced"}
    path.write_bytes(data[: data[:-1].rfind(b"\n") + 1])
    assert "journal-misplaced" in clone.errors("journal", base=pointed)
    path.write_bytes(data)
    clone.commit("Back in git.")
    assert clone.inspect("journal", base=pointed).passed


def test_a_project_that_moves_is_compared_with_where_it_was(clone: DataRepository) -> None:
    (clone.top / "data").mkdir()
    for name in ("eventcoder.toml", "raw", "releases", "schema"):
        (clone.top / name).rename(clone.top / "data" / name)
    moved = DataRepository(clone.top, clone.top / "data")
    clone.commit()
    found = moved.inspect("journal", "released")
    assert found.passed and "the project lay in ./ then" in found.step("journal").told
    assert "of 2 released version(s) compared" in found.step("released").told[0]
    moved.write(moved.lines()[:-1])
    clone.commit()
    assert "journal-line-removed" in moved.errors("journal", base="HEAD~2")


def test_an_entry_of_days_to_come(clone: DataRepository) -> None:
    def work(ledger: Ledger) -> None:
        head = ledger.head(clone.events()[0])
        assert head is not None
        ledger.append(
            [new_entry("act", head.event_id, {"act": "revise", "reason": "x"}, coder="ada", time="2031-01-01T00:00:00Z", parents=head.heads)]
        )

    clone.with_ledger(work)
    clone.commit()
    (problem,) = clone.inspect("journal").step("journal").problems
    assert (problem.code, problem.severity, problem.where) == ("journal-time-ahead", "error", "raw/journal/ada-2031-01.jsonl, line 2")


def test_a_warning_about_a_line_does_not_hide_that_it_builds_on_nothing(clone: DataRepository) -> None:
    entry = clone.entry(clone.lines()[-1])
    lost = new_entry("act", entry.subject, {"act": "revise", "reason": "x"}, coder="ada", time="2026-11-09T00:00:00Z", parents=["0" * 64])
    spaced = json.dumps({k: getattr(lost, k) for k in ("id", "kind", "subject", "coder", "role", "time", "body")} | {"parents": list(lost.parents)})
    clone.write([*clone.lines(), spaced])
    clone.commit()
    found = clone.inspect("journal", "rebuild", "build")
    assert {p.code: p.severity for p in found.step("journal").problems} == {"journal-line-form": "warning"}
    assert found.step("build").verdict == "skipped"
    assert found.codes == {"journal-parent-unknown"}, "what kept the build from running must be told"


UNFIT = [
    ({"fatalities": "many"}, "not-a-whole-number"),
    ({"fatalities": 1.5}, "not-a-whole-number"),
    ({"event_date": "yesterday"}, "not-a-date"),
    ({"source": "One Paper"}, "value-of-another-type"),
    ({"weather": "wet"}, "column-left-behind"),
]


def test_values_that_no_table_can_hold_are_told_and_no_step_dies_of_them(clone: DataRepository) -> None:
    chosen: list[str] = []

    def work(ledger: Ledger) -> None:
        for minute, (event, (values, _)) in enumerate(zip(list(ledger.events(states=("settled",))), UNFIT, strict=False)):
            body = {"act": "revise", "values": values, "settled": True, "reason": "x"}
            ledger.append([new_entry("act", event.event_id, body, coder="ada", time=f"2026-11-05T10:{minute:02d}:00Z", parents=event.heads)])
            chosen.append(event.event_id)

    clone.with_ledger(work)
    clone.commit()
    found = clone.inspect("validate", "build", "diff")
    told = {(p.event_id, p.code) for p in found.step("validate").report.errors}
    assert told >= {(event, code) for event, (_, code) in zip(chosen, UNFIT, strict=True)}
    assert [p.code for p in found.step("build").report.errors] == ["value-of-another-type"]
    assert found.step("diff").verdict == "skipped", "the same is not told twice"
