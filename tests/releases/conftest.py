"""One project with two releases, built once; tests that change files work on a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.releases.workshop import Workshop

_BUILT: list[Workshop] = []  # the tests of the reader use the same one


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    if _BUILT:
        yield _BUILT[0]
        return
    workshop = Workshop(tmp_path_factory.mktemp("weir") / "project")
    workshop.coverage(country="Iran", week="2026-10-26", sources=["The Weir Gazette"])
    workshop.release(notes="The first week.", gated="whole")
    workshop.second(gated="whole")
    _BUILT.append(workshop)
    yield workshop
    workshop.ledger.close()


@pytest.fixture
def without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the gate, which takes seconds, where a test is about files and hashes."""
    monkeypatch.setattr("eventcoder.releases.checking.check.rejudge", lambda *_, **__: [])


@pytest.fixture
def releases(shared: Workshop, tmp_path: Path) -> Path:
    """A copy of the folder of releases."""
    return Path(shutil.copytree(shared.project.releases_dir, tmp_path / "releases"))
