"""A project with an empty ledger, and a function that imports texts into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eventcoder.codebook import Codebook, load_codebook
from eventcoder.intake.tables import ImportResult, Wishes, import_table
from eventcoder.ledger import Ledger, open_ledger
from eventcoder.project import Project, packaged_schema

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
Bring = Callable[..., ImportResult]


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Codebook:
    return load_codebook(packaged_schema(), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def home(tmp_path: Path) -> Project:
    made = Project(tmp_path / "home")
    made.state_dir.mkdir(parents=True)
    return made


@pytest.fixture
def store(home: Project) -> Iterator[Ledger]:
    with open_ledger(home.ledger_path) as opened:
        yield opened


@pytest.fixture
def take(home: Project, store: Ledger, book: Codebook, tmp_path: Path) -> Bring:
    """Write a text (or bytes) to a file and import it; the account must add up, always."""

    def do(text: str | bytes | Path, name: str = "events.csv", *, time: datetime = NOW, coder: str = "ana", **wishes: Any) -> ImportResult:
        path = text if isinstance(text, Path) else tmp_path / name
        if not isinstance(text, Path):
            path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        result = import_table(home, store, book, path, coder=coder, time=time, wishes=Wishes(**wishes))
        assert result.read == result.created + result.revised + result.unchanged + result.rejected
        assert store.unsealed() == {} and store.verify() == []
        return result

    return do
