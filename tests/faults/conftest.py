"""The command line as a clumsy or hostile user meets it: a project, a released project to damage, and a user without rights."""

from __future__ import annotations

import copy
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

import eventcoder
from eventcoder.cli import run as run_command
from eventcoder.codebook import load_codebook
from eventcoder.project import packaged_schema
from eventcoder.validation.expectations import judge_profile
from eventcoder.validation.suite import column_items
from tests.conftest import CLEAN, Command

NOBODY = 65534
Changes = dict[str, str | None]
EVENTS: tuple[Changes, ...] = (
    {},
    {"event_date": "2026-06-20", "notes": "On 20 June 2026, teachers rallied in Shiraz (Fars).", "source": "Qasr Daily; Orsova Courier"},
    {"event_date": "2026-07-02", "notes": "=On 2 July 2026, teachers rallied in Shiraz (Fars), 'they said'.", "location": "@Shiraz"},
)


def option_list(**changes: str | None) -> list[str]:
    """The options of `add` for a clean event, with changes."""
    values = {**CLEAN, **changes}
    return [part for name, value in values.items() if value is not None for part in ("--" + name.replace("_", "-"), value)]


@pytest.fixture(scope="session")
def released_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with three events, a document and one release, made by the command line."""
    root = tmp_path_factory.mktemp("released") / "project"
    root.mkdir()
    (root / "eventcoder.toml").write_text('id = "trial"\ntitle = "Trial events"\n', "utf-8")
    (root / "march.txt").write_text("Teachers marched in Shiraz, Iran, on Sunday to demand late salaries.", "utf-8")
    common = ["--project", str(root)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVENTCODER_CODER", "ana")
        assert run_command(["ingest", str(root / "march.txt"), "--published", "2026-05-04", "--publisher", "Qasr Daily", *common]) == 0
        for changes in EVENTS:
            assert run_command(["add", *option_list(**changes), *common]) == 0
        assert run_command(["release", *common]) == 0
        assert run_command(["journal", "export", *common]) == 0
    return root


@pytest.fixture
def released(released_once: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that project, as the current folder."""
    root = Path.cwd().parent / "released"
    shutil.copytree(released_once, root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the codebook, parsed once: every test has a project of its own, which would parse it anew."""
    folder = tmp_path_factory.mktemp("parsed") / "cache"
    load_codebook(packaged_schema(), folder)
    return folder


@pytest.fixture(autouse=True)
def _warm(command: Command, parsed: Path) -> None:
    shutil.copytree(parsed, ".eventcoder/cache")


_JUDGED: dict[str, list[dict[str, Any]]] = {}


@pytest.fixture(autouse=True)
def _judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Great Expectations judges the same profile and measures once: `check` gives it again what `release` gave it, for most of a second each time.

    That it says the same twice is tested in tests/validation."""

    def judged(profile: Any, codebook: Any, measures: Any, items: Any, **more: Any) -> list[dict[str, Any]]:
        key = repr((profile, column_items(codebook), dict(measures), items, more))
        if key not in _JUDGED:
            _JUDGED[key] = judge_profile(profile, codebook, measures, items, **more)
        return copy.deepcopy(_JUDGED[key])

    monkeypatch.setattr("eventcoder.validation.release_gate.judge_profile", judged)


@pytest.fixture
def without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the codebook's rules, which take a second a check, where a test is about files and hashes."""
    monkeypatch.setattr("eventcoder.validation.rows.bulk.validate_events", lambda *_, **__: [])
    monkeypatch.setattr("eventcoder.validation.keyed.keyed_checks", lambda *_, **__: [])


@contextmanager
def _as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        if not os.access(eventcoder.__file__, os.R_OK, effective_ids=True):
            pytest.skip("the checkout lies in a folder that only root may enter: an unprivileged user cannot run it there")
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def as_nobody() -> Callable[[], AbstractContextManager[None]]:
    """Inside the block the process has no rights of root, for whom nothing is read-only."""
    return _as_nobody


@pytest.fixture
def read_only(released: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The released project in a folder where nobody may write, as the current folder."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        shutil.copytree(released, root)
        everything = [Path(folder), *Path(folder).rglob("*")]
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
        monkeypatch.chdir(root)
        yield root
        monkeypatch.chdir(Path(folder).parent)
        for path in everything:
            path.chmod(0o755 if path.is_dir() else 0o644)
