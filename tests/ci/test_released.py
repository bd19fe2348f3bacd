"""What was released stays as it was, and what is released anew is what the journal gives."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventcoder.project import open_project
from eventcoder.releases import withdraw
from tests.ci.conftest import DataRepository

pytestmark = pytest.mark.usefixtures("quick")
FIRST, SECOND = "2026.11.0", "2026.11.1"


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_one_byte_of_a_released_table(clone: DataRepository) -> None:
    flip(clone.releases / FIRST / "events.csv")
    clone.commit()
    found = clone.inspect("released", "check")
    assert found.step("released").report.flatten("code", "value", "where") == [("released-file-changed", FIRST, f"releases/{FIRST}/events.csv")]
    assert "changed-file" in {p.code for p in found.step("check").problems}


def test_an_edit_with_a_manifest_and_sums_that_were_made_to_fit(clone: DataRepository) -> None:
    folder = clone.releases / SECOND
    page = folder / "CODEBOOK.md"
    old = hashlib.sha256(page.read_bytes()).hexdigest()
    page.write_bytes(page.read_bytes()[:-1] + b"!")
    new = hashlib.sha256(page.read_bytes()).hexdigest()
    manifest = folder / "datapackage.json"
    before = hashlib.sha256(manifest.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text("utf-8").replace(old, new), "utf-8")
    after = hashlib.sha256(manifest.read_bytes()).hexdigest()
    sums = folder / "SHA256SUMS"
    sums.write_text(sums.read_text("utf-8").replace(old, new).replace(before, after), "utf-8")
    listed = clone.releases / "versions.json"
    listed.write_text(listed.read_text("utf-8").replace(before, after), "utf-8")
    clone.commit()
    found = clone.inspect("released", "check")
    assert found.step("check").verdict == "passed", "by its own files it is whole: only the base gives it away"
    changed = {p.where for p in found.step("released").problems if p.code == "released-file-changed"}
    assert changed == {f"releases/{SECOND}/{name}" for name in ("CODEBOOK.md", "datapackage.json", "SHA256SUMS")}
    assert "versions-rewritten" in found.codes


def test_a_file_that_is_gone_or_a_link_and_line_ends(clone: DataRepository) -> None:
    folder = clone.releases / FIRST
    (folder / "CHANGES.md").unlink()
    (folder / "LICENSE").unlink()
    (folder / "LICENSE").symlink_to(clone.root / "eventcoder.toml")
    (folder / "events.csv").write_bytes((folder / "events.csv").read_bytes().replace(b"\n", b"\r\n"))
    clone.commit()
    problems = clone.inspect("released").step("released").problems
    assert {(p.code, p.where.rpartition("/")[2]) for p in problems if p.where} == {
        ("released-file-removed", "CHANGES.md"),
        ("released-file-changed", "LICENSE"),
        ("released-file-changed", "events.csv"),
    }
    assert [".gitattributes" in p.message for p in problems] == [False, False, True]


def test_a_release_that_was_deleted_is_told_once(clone: DataRepository) -> None:
    shutil.rmtree(clone.releases / FIRST)
    clone.commit()
    found = clone.inspect("released", "check")
    assert found.step("released").report.flatten("code", "value") == [("release-missing", FIRST)]
    assert ("release-missing", FIRST) in found.step("check").report.flatten("code", "value")


def test_the_version_before_was_never_committed(clone: DataRepository) -> None:
    shutil.rmtree(clone.releases / FIRST)
    listed = json.loads((clone.releases / "versions.json").read_text("utf-8"))
    listed["versions"] = listed["versions"][1:]
    (clone.releases / "versions.json").write_text(json.dumps(listed), "utf-8")
    commit = clone.commit()
    assert "release-missing" in clone.errors("check", base=commit)
    assert clone.errors("released", base="HEAD~1") == {"release-missing", "versions-rewritten"}


@pytest.mark.parametrize(
    "edit",
    [
        lambda raw: raw["versions"][0].update(notes="What we always said."),
        lambda raw: raw["versions"][0].update(manifest_sha256="0" * 64),
        lambda raw: raw["versions"].pop(0),
        lambda raw: raw.update(versions=[], latest=None),
        lambda raw: raw.update(format="x"),
    ],
)
def test_the_list_of_versions_rewritten(clone: DataRepository, edit: Callable[[Any], object]) -> None:
    listed = json.loads((clone.releases / "versions.json").read_text("utf-8"))
    edit(listed)
    (clone.releases / "versions.json").write_text(json.dumps(listed), "utf-8")
    clone.commit()
    assert clone.errors("released") == {"versions-rewritten"}


def test_the_list_of_versions_gone(clone: DataRepository) -> None:
    (clone.releases / "versions.json").unlink()
    clone.commit()
    assert clone.errors("released") == {"versions-rewritten"}


def test_a_withdrawal_is_a_good_change_and_taking_it_back_is_not(clone: DataRepository) -> None:
    withdraw(open_project(clone.root), SECOND, "two towns mixed up")
    clone.commit()
    assert clone.inspect("released").passed
    listed = json.loads((clone.releases / "versions.json").read_text("utf-8"))
    listed["versions"][1]["withdrawn"] = None
    listed["latest"] = SECOND
    (clone.releases / "versions.json").write_text(json.dumps(listed), "utf-8")
    clone.commit()
    assert clone.errors("released", base="HEAD~1") == {"versions-rewritten"}


def test_a_new_release_is_what_the_journal_gives(clone: DataRepository) -> None:
    clone.create()
    made = clone.release()
    clone.commit("The third release.")
    found = clone.inspect()
    assert found.passed, [p for s in found.steps for p in s.problems if p.severity == "error"]
    assert "the journal gives 2026.11.2 again" in found.step("build").told[0]
    assert found.pending == f"Nothing is pending: {made.version} holds the same {made.events} events.\n"


def test_a_release_whose_journal_was_not_committed(clone: DataRepository) -> None:
    before = clone.lines()
    clone.create()
    clone.release()
    clone.write(before)
    clone.commit()
    found = clone.inspect("journal", "build")
    assert found.step("journal").verdict == "passed"
    assert {"release-not-reproducible", "event-vanished"} <= found.codes


def test_later_work_and_other_journals_neither_excuse_nor_spoil_a_release(clone: DataRepository) -> None:
    clone.create()
    clone.release()
    events = clone.events()
    notes = {"act": "revise", "values": {"notes": "Read again."}, "settled": True, "reason": "x"}
    clone.act(events[1], notes, minute=59)  # after it, and in one commit with it
    clone.commit("A release.")
    clone.act(events[0], notes, coder="ben", minute=0)  # on another machine, before the release
    clone.commit("The journal of another coder.")
    found = clone.inspect("build", base="HEAD~2")
    assert "release-not-reproducible" not in found.codes
    assert "2026.11.2 is new here, and the journal gives the same" in found.step("build").told

    before = clone.lines()
    clone.create(seed=33)
    clone.release()
    clone.write(before)  # the journal of the second release is kept back, behind an entry that is later still
    clone.act(events[2], notes | {"reason": "later"}, coder="zoe", minute=59)
    clone.commit("A release of other data.")
    told = [p.where for p in clone.inspect("build", base="HEAD~3").step("build").problems if p.code == "release-not-reproducible"]
    assert told == ["releases/2026.11.3"]


def test_a_merge_of_two_releases_that_was_left_unfinished(clone: DataRepository) -> None:
    listed = clone.releases / "versions.json"
    listed.write_text("{\n<<<<<<< HEAD\n" + listed.read_text("utf-8")[1:], "utf-8")
    (problem,) = clone.inspect("released").step("released").problems
    assert problem.code == "versions-rewritten" and "somebody else released meanwhile" in problem.message


def test_two_releases_from_one(clone: DataRepository) -> None:
    """Somebody released meanwhile: the branch's release does not follow the latest one of the base."""
    clone.create()
    clone.release(version="2026.11.7")
    other = clone.commit("Released on another branch.")
    aside = shutil.copytree(clone.releases / "2026.11.7", clone.top.parent / "2026.11.7")
    listed = (clone.releases / "versions.json").read_text("utf-8")
    from tests.ci.conftest import git

    git(clone.top, "checkout", "--quiet", "-b", "mine", "HEAD~1")
    clone.create(seed=32)
    clone.release(version="2026.11.8")
    shutil.copytree(aside, clone.releases / "2026.11.7")
    mine, theirs = json.loads((clone.releases / "versions.json").read_text("utf-8")), json.loads(listed)
    mine["versions"].insert(2, theirs["versions"][2])
    (clone.releases / "versions.json").write_text(json.dumps(mine), "utf-8")
    clone.commit("Merged by hand.")
    assert clone.errors("released", base=other) == {"release-out-of-line"}


def test_tables_in_object_storage_are_not_called_damaged(clone: DataRepository) -> None:
    path = clone.releases / FIRST / "events.parquet"
    whole = path.read_bytes()
    path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(whole).hexdigest()}\nsize {len(whole)}\n", "ascii")
    moved = clone.commit("Large tables go to object storage.")
    found = clone.inspect("released", "check")
    assert found.passed, found.codes
    assert ("release-file-elsewhere", "info", f"releases/{FIRST}/events.parquet") in found.step("check").report.flatten("code", "severity", "where")
    assert found.step("check").told == [
        f"{FIRST}: hashes (some files lie in object storage)",
        f"{SECOND}: hashes (the version before lies in object storage)",
    ]

    path.write_bytes(whole)  # as a checkout with the large files has it
    assert clone.inspect("released", "check", base=moved).passed

    path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize {len(whole)}\n", "ascii")
    clone.commit("Another file stands behind the pointer now.")
    assert {"released-file-changed", "changed-file"} <= clone.errors("released", "check", base=moved)


def test_older_releases_by_their_hashes_alone(clone: DataRepository) -> None:
    assert clone.inspect("check", deep="latest").step("check").told == [f"{FIRST}: hashes", f"{SECOND}: hashes and contents"]
    flip(clone.releases / FIRST / "actors.parquet")
    assert "changed-file" in clone.errors("check", deep="latest")
