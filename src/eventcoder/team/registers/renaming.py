"""Events that bear another name than the register has for their day: the list, and the commands that would change them. Floor 5.

Nothing is changed here: events keep what was coded until a coder amends them.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from eventcoder.coding import LIVE_STATES

if TYPE_CHECKING:
    from eventcoder.coding import Desk
    from eventcoder.ledger import Folded

_COLUMNS = {"actor": (("actor1", "actor2"), ("assoc_actor_1", "assoc_actor_2")), "publisher": ((), ("source",))}


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Events that bear `old` where the register says `new` now: by column, and the commands that would amend them."""

    old: str
    new: str
    events: dict[str, list[str]]  # column -> event ids
    commands: tuple[str, ...]

    @property
    def count(self) -> int:
        return len({event for events in self.events.values() for event in events})


def named_otherwise(desk: Desk, kind: str, old: str, new: str, since: date | None = None) -> Otherwise:
    """Which live events, from a day on if it is given, bear `old`. A publisher's day is that of the report, where it is known."""
    texts, lists = _COLUMNS[kind]
    events: dict[str, list[str]] = {}
    single: list[str] = []
    why = _quoted(f"{old} is called {new}" + (f" from {since} on" if since else ""))
    for event, column in _bearing(desk, (*texts, *lists), old, since if kind == "actor" else None):
        if kind == "publisher" and since is not None and str(event.values.get("reported_date") or event.values.get("event_date") or "") < str(since):
            continue
        events.setdefault(column, []).append(event.event_id)
        if column in lists:
            names = dict.fromkeys(new if name == old else name for name in event.values[column])
            setting = _quoted(f"{column}={'; '.join(names)}")
            single.append(f"eventcoder amend {event.event_id} --set {setting} --reason {why}")
    many = []
    for column in (c for c in texts if c in events):
        where = f"{column} = {_text(old)}" + (f" AND event_date >= DATE '{since}'" if since else "")
        expect = len(events[column])
        many.append(f"eventcoder amend --where {_quoted(where)} --set {_quoted(f'{column}={new}')} --expect {expect} --reason {why}")
    return Otherwise(old, new, events, (*many, *single))


def _bearing(desk: Desk, columns: tuple[str, ...], name: str, since: date | None) -> Iterator[tuple[Folded, str]]:
    if not desk.has_ledger:
        return
    for event in desk.ledger.events(states=LIVE_STATES, since=since):
        for column in columns:
            value = event.values.get(column)
            if value == name or (isinstance(value, list) and name in value):
                yield event, column


def _quoted(text: str) -> str:
    """A word for a shell: in double quotes where that will do, since expressions hold single ones."""
    return shlex.quote(text) if any(sign in text for sign in '"$`\\!') else f'"{text}"'


def _text(name: str) -> str:
    """A literal of the expression language."""
    return "'" + name.replace("'", "''") + "'"
