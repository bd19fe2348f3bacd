"""One project with two releases, built once; tests that change files work on a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.releases.workshop import Workshop


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    workshop = Workshop(tmp_path_factory.mktemp("weir") / "project")
    workshop.coverage(country="Iran", week="2026-10-26", sources=["The Weir Gazette"])
    workshop.release(notes="The first week.")
    workshop.second()
    yield workshop
    workshop.ledger.close()


@pytest.fixture
def releases(shared: Workshop, tmp_path: Path) -> Path:
    """A copy of the folder of releases."""
    return Path(shutil.copytree(shared.project.releases_dir, tmp_path / "releases"))
