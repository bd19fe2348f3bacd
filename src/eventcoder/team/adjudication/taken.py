"""From whose coding each value of an adjudicated event came: the `taken` of an act, looked up. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.errors import NotFound
from eventcoder.ledger.entry import ID_PATTERN

if TYPE_CHECKING:
    from eventcoder.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Taken:
    """The act that a value was taken from: its coder, the (held) event that it is about, and when it was made."""

    act: str
    coder: str
    event_id: str
    time: str

    def as_json(self) -> dict[str, str]:
        return {"act": self.act, "coder": self.coder, "event_id": self.event_id, "time": self.time}


def taken_from(ledger: Ledger, body: Mapping[str, Any]) -> dict[str, Taken]:
    """Column -> where an act's value of it was taken from; {} for an act that took none (a merge takes from events, not from acts)."""
    given = body.get("taken")
    ids = {c: i for c, i in given.items() if isinstance(i, str) and ID_PATTERN.fullmatch(i)} if isinstance(given, dict) else {}
    found: dict[str, Taken] = {}
    for act in dict.fromkeys(ids.values()):
        try:
            entry = ledger.entry(act)
        except NotFound:  # a journal that is not here yet
            continue
        found[act] = Taken(act, entry.coder, entry.subject, entry.time)
    return {column: found[act] for column, act in ids.items() if act in found}


def adjudicated_words(body: Mapping[str, Any]) -> list[str]:
    """What an act took from other events and acts, and whom it overruled, in words for a line of history."""
    out = []
    taken = body.get("taken")
    if isinstance(taken, dict) and taken:
        acts = {i for i in taken.values() if isinstance(i, str) and ID_PATTERN.fullmatch(i)}
        out.append(f"taken from {len(acts)} coding{'' if len(acts) == 1 else 's'}" if acts else f"taken {taken}")
    overruled = body.get("overruled")
    cells = list(overruled.items()) if isinstance(overruled, dict) else []
    if cells and all(isinstance(i, str) and ID_PATTERN.fullmatch(i) for i, _ in cells):  # a conflict: by the act that was not taken
        cells = [cell for _, fields in cells if isinstance(fields, dict) for cell in fields.items()]
    out += [f"{name}: {cell.get('was')!r} -> {cell.get('now')!r} ({cell.get('class')})" for name, cell in cells if isinstance(cell, dict)]
    missed = body.get("missed")
    out += [f"missed by {said.get('coder')}" for said in missed if isinstance(said, dict)] if isinstance(missed, list) else []
    return out
