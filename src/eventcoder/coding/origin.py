"""Where an imported event came from: file, line, dialect, and what the file said that has no column or no certain code here. Floor 5."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eventcoder.ledger import Entry


def origin(acts: Iterable[Entry]) -> dict[str, Any] | None:
    """The provenance of the last import that changed the event; None for an event that was coded here.

    Keys: `file`, `sha256`, `line`, `dialect`, `vintage`, `row` (digest of what the row said), and `original` (source column -> cell) where something
    was kept beside the event.
    """
    found = [act.body["import"] for act in acts if isinstance(act.body.get("import"), dict)]
    return dict(found[-1]) if found else None


def told(found: dict[str, Any]) -> str:
    """The provenance in a line for people."""
    edition = f", {found['vintage']}" if found.get("vintage") else ""
    lines = found.get("lines") or [found.get("line")]
    return f"{found.get('file')}, line {' and '.join(map(str, lines))} ({found.get('dialect')}{edition})"
