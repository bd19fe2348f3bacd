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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "project" / ".eventcoder" / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with open_ledger(path, project="sample") as opened:
        yield opened
