"""A project in a temporary folder and the command line in this process."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from eventcoder.cli import run as run_command

from .postgres import postgres_new, postgres_server, postgres_url  # noqa: F401 -- fixtures for every test

TOP = Path(__file__).resolve().parents[1]

# Several hundred tests start Python: without bytecode each of them would compile the package anew, and each worker the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Started in the background of a shell, everything would be deaf to Ctrl-C, and so would be the commands that tests stop with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How quick a machine is no property finds out: on a busy one examples take long to make.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# The files that take longest (measured), the longest first. A worker has a file to itself: one of these that began last would make the others wait.
LONGEST = [
    "faults/test_killed", "corpus/test_ledger", "validation/test_expectations", "learning/test_learn", "faults/test_hostile_releases",
    "releases/test_redact", "validation/test_release_gate", "ci/test_released", "test_readme", "releases/test_build", "test_review",
    "corpus/test_cluster", "corpus/test_datasets", "intake/template/test_libreoffice", "releases/test_candidate", "report/test_page",
    "changelog/test_codebooks", "releases/test_stopping", "releases/test_check", "intake/template/test_template", "ci/test_command",
    "cli/test_extract_bad_input", "ci/test_journal", "faults/test_codebooks", "faults/test_releases", "releases/test_exports", "corpus/test_pools",
]  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Let `pytest_collection_modifyitems` say in which order files begin, and not xdist, which goes by their numbers of tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then those with the most tests; within a file nothing changes."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    names = {item.path: item.path.relative_to(TOP / "tests").with_suffix("").as_posix() for item in items if item.path.is_relative_to(TOP / "tests")}
    many = Counter(item.path for item in items)
    items.sort(key=lambda item: (rank.get(names.get(item.path, ""), len(rank)), -many[item.path], str(item.path)))


def pytest_collection_finish() -> None:
    """What is there when the tests begin stays to the end: Python need not look through all of it again and again (an eighth of the whole)."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Extensions count at the end what was never let go, and complain."""
    gc.unfreeze()


CLEAN = {
    "event_date": "2026-05-03",
    "time_precision": "1",
    "sub_event_type": "Peaceful protest",
    "actor1": "Protesters (Iran)",
    "assoc_actor_1": "Teachers (Iran)",
    "country": "Iran",
    "admin1": "Fars",
    "location": "Shiraz",
    "latitude": "29.6104",
    "longitude": "52.5311",
    "geo_precision": "1",
    "source": "Qasr Daily",
    "source_scale": "National",
    "notes": "On 3 May 2026, teachers gathered in Shiraz (Fars) to demand the payment of late salaries.",
}


@dataclass
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    @property
    def one(self) -> Any:
        """The one JSON object on standard output."""
        (only,) = self.lines
        return only


Command = Callable[..., Ran]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `eventcoder ARGS` in a fresh project as the coder 'ana'; `stdin=` is what is piped in."""
    project = tmp_path / "project"
    monkeypatch.setenv("EVENTCODER_CODER", "ana")
    monkeypatch.delenv("EVENTCODER_LEDGER", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    project.mkdir()
    (project / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
    monkeypatch.chdir(project)

    def run(*args: str | Path, stdin: str | bytes = "", code: int | None = 0) -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(data), encoding="utf-8"))
        capsys.readouterr()
        got = run_command([str(a) for a in args])
        captured = capsys.readouterr()
        ran = Ran(got, captured.out, captured.err)
        assert "Traceback" not in captured.err
        assert code is None or got == code, f"exit code {got}\n{captured.out}\n{captured.err}"
        return ran

    return run


@pytest.fixture
def options() -> Callable[..., list[str]]:
    """The options of `add` for a clean event, with changes; None leaves a column out."""

    def build(**changes: str | None) -> list[str]:
        values = {**CLEAN, **changes}
        return [part for name, value in values.items() if value is not None for part in ("--" + name.replace("_", "-"), value)]

    return build


@pytest.fixture
def clean() -> dict[str, str]:
    """The columns of a clean event as text."""
    return dict(CLEAN)
