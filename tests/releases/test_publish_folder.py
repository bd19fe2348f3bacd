"""Publishing to a folder: killed anywhere and run again, on a full disk, beside another publisher; and the command itself."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from eventcoder.cli import run
from eventcoder.errors import ReleaseError, UsageError
from eventcoder.project import Project
from eventcoder.reader import load, pull
from eventcoder.releases import check_release, publish, staging, withdraw
from eventcoder.releases.versions import read_versions, write_versions
from tests.releases.narrow import full_disk
from tests.releases.test_publish_store import first_only
from tests.releases.workshop import Workshop

OLD, NEW = "2026.11.0", "2026.11.1"


@pytest.fixture
def project(shared: Workshop, tmp_path: Path) -> Project:
    """A project of its own with two releases, of which the first is published in `web`."""
    shutil.copytree(shared.project.releases_dir, tmp_path / "own" / "releases")
    (tmp_path / "own" / "eventcoder.toml").write_text('id = "weir"\n', "utf-8")
    found = Project(tmp_path / "own", shared.project.settings)
    every = read_versions(found.releases_dir)
    first_only(found)
    publish(found, tmp_path / "web")
    write_versions(found.releases_dir, every)
    return found


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Power failures are not what these tests are about."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def holds(web: Path, version: str) -> None:
    assert load(web, columns=["event_id"]).attrs["version"] == version
    assert not [p.name for p in web.iterdir() if p.name.startswith(".") and p.name != ".lock"] or version == OLD


@pytest.mark.parametrize("n", [0, 1, 30, 57])
def test_killed_at_any_file_the_old_version_loads_and_the_next_run_completes(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    left = [n]

    def copied(origin: Path, to: Path) -> None:
        if left[0] == 0:
            to.write_bytes(origin.read_bytes()[:7])
            raise KeyboardInterrupt
        left[0] -= 1
        to.write_bytes(origin.read_bytes())

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", copied)
        with pytest.raises(KeyboardInterrupt):
            publish(project, tmp_path / "web")
    holds(tmp_path / "web", OLD)
    assert publish(project, tmp_path / "web").copied == (NEW,)
    holds(tmp_path / "web", NEW)
    assert check_release(tmp_path / "web", deep=False).valid


def test_killed_just_before_the_list_the_old_version_loads(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("eventcoder.releases.publishing.publish.write_versions", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(project, tmp_path / "web")
    holds(tmp_path / "web", OLD)
    publish(project, tmp_path / "web")
    holds(tmp_path / "web", NEW)


def test_a_full_disk_leaves_the_old_version_and_no_half_one(project: Project, tmp_path: Path) -> None:
    for most in (100, 20_000):
        with full_disk(most), pytest.raises(ReleaseError, match=r"web cannot be written: File too large.*untouched"):
            publish(project, tmp_path / "web")
        holds(tmp_path / "web", OLD)
        assert sorted(p.name for p in (tmp_path / "web").iterdir()) == [".lock", OLD, "versions.json"]
    assert publish(project, tmp_path / "web").copied == (NEW,)


def test_a_version_of_ours_that_cannot_be_read_is_named(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(origin: Path, to: Path) -> None:
        raise PermissionError(13, "Permission denied", str(origin))

    monkeypatch.setattr(shutil, "copyfile", refused)
    with pytest.raises(ReleaseError, match=rf"releases/{NEW}/[^ ]+ cannot be used: Permission denied\. Look at its permissions.*untouched"):
        publish(project, tmp_path / "web")


def test_where_nothing_may_be_published(project: Project, tmp_path: Path) -> None:
    pull(project.releases_dir, tmp_path / "copy")
    (tmp_path / "file").write_text("")
    other = tmp_path / "other"
    other.mkdir()
    (other / "eventcoder.toml").write_text("")
    for target, said in (
        (project.root, "is a project"),
        (other / "releases", "holds the releases of a project"),
        (tmp_path / "copy", "is a copy made by 'eventcoder pull'"),
        (tmp_path / "file", "is no folder"),
        (" ", "No target is named"),
    ):
        with pytest.raises(UsageError, match=f"{said}.*[Nn]ame"):
            publish(project, target)
    publish(project, other / "public")
    assert not (other / "releases").exists() and not (project.root / "versions.json").exists()


def test_a_full_disk_while_a_version_is_withdrawn(project: Project) -> None:
    with full_disk(9), pytest.raises(ReleaseError, match=r"releases cannot be written: File too large.*untouched.*run this again"):
        withdraw(project, OLD, "wrong dates")
    assert sorted(p.name for p in project.releases_dir.iterdir()) == [".lock", OLD, NEW, "versions.json"]
    withdraw(project, OLD, "wrong dates")


def test_only_one_publishes_at_a_time(project: Project, tmp_path: Path) -> None:
    with staging.locked(tmp_path / "web"), pytest.raises(ReleaseError, match="Somebody else is publishing to"):
        publish(project, tmp_path / "web")
    holds(tmp_path / "web", OLD)


def test_what_lies_beside_the_files_of_a_release_is_not_published(project: Project, tmp_path: Path) -> None:
    (project.releases_dir / NEW / "draft.txt").write_text("private", "utf-8")
    publish(project, tmp_path / "web")
    assert not (tmp_path / "web" / NEW / "draft.txt").exists()


def test_the_command(project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = str(tmp_path / "web")
    assert run(["publish", where, "--project", str(project.root)]) == 0
    assert f"Published {NEW}; {where} has 2 version(s), latest {NEW}." in capsys.readouterr().out
    assert run(["publish", f"file://{where}", "--json", "--project", str(project.root)]) == 0
    assert json.loads(capsys.readouterr().out) == {"target": where, "latest": NEW, "copied": [], "already": [OLD, NEW], "removed": []}
