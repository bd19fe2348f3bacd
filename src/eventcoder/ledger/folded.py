"""Folded: an event as it stands now, and its JSON form in the head table."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from eventcoder.errors import LedgerError
from eventcoder.identity import canonical

STATES = ("open", "settled", "retracted", "merged", "conflict", "held", "adjudicated")
OF_DATASET = STATES[:5]  # those of events that are not coded apart


@dataclass(frozen=True, slots=True)
class Folded:
    """The result of folding an event's acts.

    `values` holds no nulls: a column that is absent is null. `state` is one of `STATES`. `revision` counts the acts behind it. `heads` are
    the acts that no other act names as parent: one, or several in a conflict; `differing` then maps each field on which they differ to
    `{head: value}`, and `values` has the common ancestor's value for it. `created` and `changed` are the times of the first and the last
    act, `coder` made the first. `successor` is where a merged or retracted event went; `merged` are the ids that this one took in.
    `held` is the task (subject of an assignment) that the event was coded for apart from the dataset: such an event is in state `held`, and after
    adjudication in state `adjudicated`, with the event that came of it as `successor`, if any.
    `imported` is the digest of the table's row that an import last brought (`import.row` of an act), if any.
    `provenance` (field -> id of the act that gave the present value) is computed by `fold` and not kept in the head table.
    """

    event_id: str
    values: dict[str, Any]
    reports: list[dict[str, Any]]
    evidence: dict[str, list[dict[str, Any]]]
    counts: list[dict[str, Any]]
    relations: list[dict[str, Any]]
    state: str
    revision: int
    heads: tuple[str, ...]
    created: str
    changed: str
    coder: str
    successor: str | None = None
    merged: tuple[str, ...] = ()
    reason: str | None = None
    codebook: str | None = None
    imported: str | None = None
    held: str | None = None
    provenance: dict[str, str] = field(default_factory=dict)
    differing: dict[str, dict[str, Any]] = field(default_factory=dict)


_ALWAYS = ("event_id", "state", "revision", "heads", "created", "changed", "coder")
_MAY_BE_EMPTY = tuple(name for name in Folded.__slots__ if name not in _ALWAYS and name != "provenance")


def to_text(folded: Folded) -> str:
    """Canonical JSON of everything but `provenance`; empty parts are left out, so the text is a function of the content."""
    parts: dict[str, Any] = {
        "event_id": folded.event_id,
        "state": folded.state,
        "revision": folded.revision,
        "heads": folded.heads,
        "created": folded.created,
        "changed": folded.changed,
        "coder": folded.coder,
    }
    for name in _MAY_BE_EMPTY:
        if (value := getattr(folded, name)) or value == "":
            parts[name] = value
    return canonical(parts)


def from_text(text: str) -> Folded:
    """The inverse of `to_text` (without provenance). Raises `LedgerError` for what `to_text` cannot have written."""
    try:
        raw = json.loads(text)
        get = raw.get
        return Folded(
            raw["event_id"],
            get("values") or {},
            get("reports") or [],
            get("evidence") or {},
            get("counts") or [],
            get("relations") or [],
            raw["state"],
            raw["revision"],
            tuple(raw["heads"]),
            raw["created"],
            raw["changed"],
            raw["coder"],
            get("successor"),
            tuple(get("merged") or ()),
            get("reason"),
            get("codebook"),
            get("imported"),
            get("held"),
            {},
            get("differing") or {},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        told = f"How an event stands cannot be read from the ledger's table of heads: {text[:60]!r}."
        raise LedgerError(told, "Its owner puts it right from the entries: 'eventcoder doctor --rebuild'.") from None
