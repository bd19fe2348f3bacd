"""Repositories as they come: without a past, cut off, elsewhere, with odd names, and nothing in them is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eventcoder.ci.git import open_repository, pointer
from eventcoder.errors import UsageError
from tests.ci.conftest import DataRepository, git

pytestmark = pytest.mark.usefixtures("quick")
FILES = ("journal", "rebuild", "released", "diff")


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p.relative_to(folder)): (p.lstat().st_mtime_ns, p.lstat().st_size) for p in folder.rglob("*")}


def test_nothing_is_touched_and_nothing_is_left_behind(clone: DataRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone.create()
    clone.commit()
    (tmp_path / "aside").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "aside"))
    before = everything(clone.top)
    clone.inspect()
    assert everything(clone.top) == before
    assert list((tmp_path / "aside").iterdir()) == []


def test_hooks_and_filters_of_the_repository_never_run(clone: DataRepository, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'sprung'}'\ncat\n", "utf-8")
    trap.chmod(0o755)
    (clone.top / ".gitattributes").write_text("* filter=trap diff=trap\n", "utf-8")
    clone.commit()
    for key in ("filter.trap.clean", "filter.trap.smudge", "diff.trap.textconv", "core.fsmonitor", "core.pager", "diff.external"):
        git(clone.top, "config", key, str(trap))
    (clone.top / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        shutil.copy(trap, clone.top / ".git" / "hooks" / hook)
    clone.inspect(*FILES)
    assert not (tmp_path / "sprung").exists()


def test_without_a_past_there_is_nothing_to_compare_with(good: DataRepository, tmp_path: Path) -> None:
    shutil.copytree(good.top, tmp_path / "new", ignore=shutil.ignore_patterns(".git"))
    fresh = DataRepository(tmp_path / "new")
    git(fresh.top, "init", "--quiet")
    found = fresh.inspect(*FILES)
    assert found.passed and (found.head, found.base.commit, found.base.why) == (None, None, "no commit yet")
    fresh.commit()
    found = fresh.inspect(*FILES)
    assert found.passed and (found.base.commit, found.base.why) == (None, "the first commit")
    assert found.step("released").verdict == "skipped"


def test_a_project_with_nothing_in_it(tmp_path: Path) -> None:
    (tmp_path / "eventcoder.toml").write_text('id = "empty"\n', "utf-8")
    git(tmp_path, "init", "--quiet")
    empty = DataRepository(tmp_path)
    empty.commit()
    found = empty.inspect()
    assert found.passed
    assert [s.name for s in found.steps if s.verdict == "passed"] == ["codebook"]
    assert all(s.reason for s in found.steps if s.verdict == "skipped")


def test_a_shallow_clone_says_what_to_do(good: DataRepository, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{good.top}", "shallow")
    shallow = DataRepository(tmp_path / "shallow")
    for more in ({}, {"base": "HEAD~1"}, {"environment": {"GITHUB_BASE_REF": "release"}}):
        with pytest.raises(UsageError, match="fetch-depth: 0"):
            shallow.inspect(*FILES, **more)
    assert shallow.inspect(*FILES, base="HEAD").passed


def test_a_detached_head_and_a_pull_request(clone: DataRepository) -> None:
    clone.create()
    mine = clone.commit()
    git(clone.top, "checkout", "--quiet", "--detach", mine)
    git(clone.top, "branch", "--quiet", "--delete", "--force", "main")
    found = clone.inspect("journal", environment={"GITHUB_BASE_REF": "main"})
    assert found.base.why == "where the pull request left main"
    assert found.base.commit == git(clone.top, "rev-parse", "origin/main")
    assert clone.inspect("journal").base.why == "where it left origin/HEAD"
    assert clone.inspect("journal", base="0" * 40).base.why == "where it left origin/HEAD", "GitHub's zeros for a new branch"
    with pytest.raises(UsageError, match="branch other of the pull request is not in this clone"):
        clone.inspect("journal", environment={"GITHUB_BASE_REF": "other"})
    git(clone.top, "remote", "remove", "origin")
    assert clone.inspect("journal").base.why == "the commit before"


def test_what_others_added_to_the_main_branch_meanwhile_was_not_removed_here(clone: DataRepository) -> None:
    git(clone.top, "checkout", "--quiet", "-b", "mine")
    git(clone.top, "checkout", "--quiet", "main")
    clone.create(seed=33)
    git(clone.top, "update-ref", "refs/remotes/origin/main", clone.commit("Somebody else's work."))
    git(clone.top, "checkout", "--quiet", "mine")
    clone.create(seed=34)
    clone.commit()
    assert clone.inspect("journal").passed
    assert clone.inspect("journal", environment={"GITHUB_BASE_REF": "main"}).passed
    assert not clone.inspect("journal", base="origin/main").passed, "asked for by name, it is compared with exactly that"


@pytest.mark.parametrize("base", ["nowhere", "--upload-pack=x", "-h", "HEAD~99", "HEAD:schema"])
def test_a_base_that_is_no_commit(clone: DataRepository, base: str) -> None:
    with pytest.raises(UsageError, match="no commit"):
        clone.inspect("journal", base=base)


def test_no_git_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "eventcoder.toml").write_text('id = "alone"\n', "utf-8")
    with pytest.raises(UsageError, match="not in a git repository"):
        DataRepository(tmp_path).inspect()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="Install git"):
        DataRepository(tmp_path).inspect()


def test_another_users_repository_is_read_only_if_the_user_trusts_it(clone: DataRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setattr("eventcoder.ci.git.KEPT", ("GIT_TEST_ASSUME_DIFFERENT_OWNER",))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    with pytest.raises(UsageError, match=r"safe\.directory"):
        open_repository(clone.top)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {clone.top}\n", "utf-8")
    assert open_repository(clone.top).resolve("HEAD")


def test_a_project_below_folders_with_odd_names(good: DataRepository, tmp_path: Path) -> None:
    top = tmp_path / "Überblick über 'alles'"
    root = top / ":(glob) données – 1" / "weir"
    shutil.copytree(good.top, root, ignore=shutil.ignore_patterns(".git"))
    git(top, "init", "--quiet")
    odd = DataRepository(top, root)
    odd.commit()
    (odd.releases / "2026.11.0" / "LICENSE").write_text("Ours.", "utf-8")
    odd.write(odd.lines()[:-1])
    (odd.journal / "a\n::error::b ﷽.jsonl").write_text("{}\n", "utf-8")
    odd.commit()
    found = odd.inspect(*FILES)
    place = ":(glob) données – 1/weir/"
    assert {(p.code, p.where) for s in found.steps for p in s.problems if p.severity == "error"} == {
        ("journal-line-removed", f"{place}raw/journal/ada-2026-11.jsonl"),
        ("journal-entry-invalid", f"{place}raw/journal/a\n::error::b ﷽.jsonl, line 1"),
        ("released-file-changed", f"{place}releases/2026.11.0/LICENSE"),
    }


def test_what_is_not_committed_yet_is_judged_too(clone: DataRepository) -> None:
    clone.write(clone.lines()[:-1])
    assert clone.errors("journal") == {"journal-line-removed"}


def test_settings_in_the_environment_of_a_hook_do_not_lead_elsewhere(clone: DataRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "--quiet", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    assert open_repository(clone.top).top == clone.top.resolve()


def test_a_pointer_is_told_from_a_file() -> None:
    text = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 12\n"
    found = pointer(text)
    assert found is not None and (found.sha256, found.bytes) == ("ab" * 32, 12)
    assert pointer(text + b"x") is None and pointer(b"") is None and pointer(text.replace(b"12", b"1e3")) is None
