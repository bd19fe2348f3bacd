"""What goes over the desk: a new event, its checked form, and the outcome of an act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventcoder.errors import UsageError
from eventcoder.problem import Problem
from eventcoder.text import bad_characters, clean

LONGEST_REASON = 1_000  # characters; as for every text that is not a note


@dataclass(frozen=True, slots=True)
class Prepared:
    """One event's values, ready to be stored, and everything that is wrong with them.

    `structural` problems never enter the ledger; `problems` (rules and gaps) may, while the event is open.
    """

    values: dict[str, Any]
    structural: list[Problem]
    problems: list[Problem]

    @property
    def errors(self) -> list[Problem]:
        return self.structural + [p for p in self.problems if p.severity == "error"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did: the event, its revision and state now, the act's entry id, and the problems that remain."""

    event_id: str
    revision: int
    state: str
    act: str
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What a coder hands in for one event: raw values (text or JSON) and what supports them.

    `reports` are document ids; `evidence` maps a field to spans `{"document", "start", "end", "quote"}`; `draft` is the draft it came from.
    """

    raw: Mapping[str, Any]
    reports: Sequence[str] = ()
    evidence: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    counts: Sequence[Mapping[str, Any]] = ()
    draft: str | None = None
    reason: str | None = None
    where: str | None = None


def remark_text(text: str) -> str:
    """A coder's remark in its stored form. Raises `UsageError` for one that is too long or holds characters that no text can have."""
    bad = bad_characters(text)
    if bad:
        raise UsageError(f"The reason holds {', '.join(bad)}, which no text can have.", "Type it again without.")
    if len(text) > LONGEST_REASON:
        raise UsageError(f"The reason has {len(text):,} characters.", f"At most {LONGEST_REASON:,} are kept; put the rest into the notes.")
    return clean(text)


def reason_text(text: str) -> str:
    """A reason that must be given, in its stored form. Raises `UsageError` if there is none, or as `remark_text`."""
    found = remark_text(text)
    if not found:
        raise UsageError("This needs a reason.", 'Give --reason "TEXT": it is published with the change.')
    return found
