"""What a ledger is and holds, in a few figures: for people who look after one. Floor 2."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.ledger.hidden import VISIBLE

if TYPE_CHECKING:
    from eventcoder.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Status:
    """`where` is without a password. `unsealed`: imports that nobody ended, name -> entries. `server`, `user`, `connections`: None for a file."""

    backend: str
    where: str
    format: str
    project: str
    entries: int
    events: int
    coders: int
    last: str | None
    unsealed: dict[str, int]
    server: str | None = None
    user: str | None = None
    connections: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """The same for a person."""
        place = self.where if self.server is None else f"{self.where}  ({self.server}; you are '{self.user}', {self.connections} connected)"
        out = [
            f"ledger     {place}",
            f"format     {self.format} of {self.backend}",
            f"project    {self.project or '(not named yet)'}",
            f"entries    {self.entries:,}, the newest of {self.last}" if self.last else "entries    none",
            f"events     {self.events:,}",
            f"coders     {self.coders}" + ("" if self.coders else " registered: anybody may do anything"),
        ]
        return out + [f"unsealed   import '{name}': {number:,} entries that nobody sees" for name, number in self.unsealed.items()]


def status(ledger: Ledger) -> Status:
    """Look at an open ledger. `last` is the newest time that a visible entry carries."""
    store = ledger.store
    found = store.row(f"SELECT COUNT(*), MAX(e.time) FROM entries AS e WHERE {VISIBLE}") or (0, None)
    events = store.row("SELECT COUNT(*) FROM heads") or (0,)
    kept = store.row("SELECT value FROM meta WHERE name = 'format'") or ("?",)
    coders = store.row(f"SELECT COUNT(DISTINCT e.subject) FROM entries AS e WHERE e.kind = 'coder' AND {VISIBLE}") or (0,)
    facts: dict[str, Any] = {}
    if store.backend == "postgresql":
        row = store.row(
            "SELECT current_setting('server_version'), session_user, (SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend')"
        ) or ("?", "?", 0)
        facts = {"server": f"PostgreSQL {row[0].split()[0]}", "user": str(row[1]), "connections": int(row[2])}
    return Status(
        store.backend, store.shown, str(kept[0]), ledger.project, int(found[0]), int(events[0]), int(coders[0]), found[1], ledger.unsealed(), **facts
    )
