"""Ledgers for tests: a fresh one, and short ways to make acts about invented events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventcoder.ledger import Entry, Ledger, new_entry, open_ledger

EVENT = "k3m9p2q7r5t1"
VALUES = {
    "event_id_cnty": "IRN1000000001",
    "event_date": "2026-03-04",
    "country": "Iran",
    "location": "Shiraz",
    "sub_event_type": "Peaceful protest",
    "actor1": "Protesters (Iran)",
    "fatalities": 0,
    "source": ["Invented Daily"],
}


def moment(minute: int) -> str:
    return f"2026-03-05T10:{minute:02d}:00Z"


def act(verb: str, *, parents: tuple[str, ...] = (), event: str = EVENT, coder: str = "ana", minute: int = 0, **body: Any) -> Entry:
    return new_entry("act", event, {"act": verb, **body}, coder=coder, time=moment(minute), parents=parents)


def created(event: str = EVENT, coder: str = "ana", minute: int = 0, **changes: Any) -> Entry:
    return act("create", event=event, coder=coder, minute=minute, values={**VALUES, **changes}, settled=True, codebook="1.0.0")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What asks for a `ledger` (or `where` one lies) runs on both backends; what asks for the `path` of its file is about SQLite's file."""
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", ["sqlite"] if "path" in metafunc.fixturenames else ["sqlite", "postgresql"])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A server puts the heads of an import into their table in one way only."""
    twice = [i for i in items if i.name.endswith(("[postgresql-new table]", "[new table-postgresql]"))]
    if twice:
        config.hook.pytest_deselected(items=twice)
        items[:] = [i for i in items if i not in twice]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of this test's ledger, which is in SQLite then."""
    return tmp_path / "project" / ".eventcoder" / "ledger.sqlite"


@pytest.fixture
def where(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path | str:
    """Where this test's ledger lies, which is still empty: a file that is not there yet, or a database on a server."""
    if backend == "sqlite":
        return tmp_path / "project" / ".eventcoder" / "ledger.sqlite"
    made: str = request.getfixturevalue("postgres_new")(1, project="sample")
    return made


@pytest.fixture
def ledger(where: Path | str) -> Iterator[Ledger]:
    with open_ledger(where, project="sample") as opened:
        yield opened
