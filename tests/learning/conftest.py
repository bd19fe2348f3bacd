"""Projects of a team: one made once and copied for each test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eventcoder.cli import run as run_command
from tests.conftest import Ran
from tests.learning.team import Team, make_project, mixed, usage


@pytest.fixture(scope="session")
def empty_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("learning") / "empty")


@pytest.fixture(scope="session")
def decided_project(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """288 decisions on 144 documents, coded as the team codes."""
    folder = tmp_path_factory.mktemp("learning") / "decided"
    shutil.copytree(empty_project, folder)
    made = Team(folder)
    made.decide(made.ingest(mixed(32)), usage)
    return folder


@pytest.fixture
def fresh(empty_project: Path, tmp_path: Path) -> Team:
    """A team that has decided nothing yet."""
    return Team(Path(shutil.copytree(empty_project, tmp_path / "project")))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run `eventcoder ARGS --project ROOT`."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("EVENTCODER_LEDGER", raising=False)

    def call(root: Path, *args: str, code: int = 0) -> Ran:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["eventcoder"])
        got = run_command([*args, "--project", str(root)])
        out = capsys.readouterr()
        assert "Traceback" not in out.err
        assert got == code, f"exit code {got}\n{out.out}\n{out.err}"
        return Ran(got, out.out, out.err)

    return call
