"""Decisions on pairs of likely duplicates, as acts: one event (merged), two events (a relation), or left for later.

`Pairs` is a sitting at the keyboard: each decision is stored at once and can be undone. `decide_rows` takes a table of decisions, all or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventcoder.coding.records import Outcome
from eventcoder.errors import EventcoderError, Refused, UsageError
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.coding.desk import Desk
    from eventcoder.ledger import Folded
    from eventcoder.validation.duplicates.search import Pair

SAME = "same"  # the decision that merges; every other one is a relation of the codebook
SAME_REASON = "One event, told twice."
REASONS = {
    "different": "Two events that look alike.",
    "part_of_campaign": "Parts of one campaign.",
    "counter_demonstration": "One against the other.",
}
COLUMNS = ("a", "b", "decision", "reason")


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision of this sitting: on which pair, what, and the event that stayed where two were merged."""

    pair: Pair
    decision: str
    kept: str | None = None


def older_first(a: Folded, b: Folded) -> tuple[Folded, Folded]:
    """The two events, first the one that was created earlier (of two of one second the one that is named first): it stays when they are merged,
    unless a coder says otherwise."""
    return (a, b) if a.created <= b.created else (b, a)


def relation_of(desk: Desk, decision: str) -> str:
    """The relation that a decision other than `same` stands for. Raises `UsageError`."""
    known = desk.codebook.lists["relation_kinds"].canonical(decision)
    if known is None:
        raise UsageError(f"Unknown decision {decision!r}.", f"Known: {SAME}, {', '.join(desk.codebook.lists['relation_kinds'].codes)}.")
    return known


@dataclass(slots=True)
class Pairs:
    """Undecided pairs, one after the other. What was decided elsewhere meanwhile, or went with a merge, is passed over."""

    desk: Desk
    waiting: list[Pair]
    skipped: list[Pair] = field(default_factory=list)
    done: list[Decided] = field(default_factory=list)

    @property
    def current(self) -> Pair | None:
        """The pair to be decided next; None when nothing is left."""
        while self.waiting:
            pair = self.waiting[0]
            a, b = self.desk.head(pair.a), self.desk.head(pair.b)
            if a is not None and b is not None and {a.state, b.state} <= {"open", "settled"} and not _related(a, b):
                return pair
            self.waiting.pop(0)
        return None

    def same(self, keep: str, other: str, reason: str, *, take: Mapping[str, str] | None = None, beyond: bool = False) -> Outcome:
        """They are one event: `other` goes into `keep`."""
        outcome = self.desk.merge(keep, [other], reason=reason, take=take, beyond=beyond)
        self._decided(SAME, keep)
        return outcome

    def relate(self, kind: str, reason: str) -> Outcome:
        """They are two events, and this is how the first stands to the second."""
        pair = self.waiting[0]
        outcome = self.desk.relate(pair.a, relation_of(self.desk, kind), pair.b, reason=reason)
        self._decided(kind)
        return outcome

    def skip(self) -> None:
        """Leave the pair; it comes again in the next sitting."""
        self.skipped.append(self.waiting.pop(0))

    def undo(self) -> Decided | None:
        """Take back the last decision of this sitting by an act of its own; None when there is none. Its pair is the current one again."""
        if not self.done:
            return None
        last = self.done[-1]
        pair = last.pair
        if last.kept is None:
            self.desk.unrelate(pair.a, pair.b, reason="Decision taken back.")
        else:
            self.desk.unmerge(pair.b if last.kept == pair.a else pair.a, reason="Decision taken back.", decided=False)
        self.done.pop()
        self.waiting.insert(0, pair)
        return last

    def _decided(self, decision: str, kept: str | None = None) -> None:
        self.done.append(Decided(self.waiting.pop(0), decision, kept))


def decide_rows(desk: Desk, rows: Iterable[tuple[int, Mapping[str, Any]]], *, dry_run: bool = False) -> dict[str, int]:
    """Carry out decisions given as (line, columns `a`, `b`, `decision`, `reason`): all or none. How many there were of each kind.

    Rows without a decision are passed over (a list that a coder has filled in part of). An event that went into another by an earlier row stands
    for that one in later rows. Raises `Refused` with a problem for every line that cannot
    be carried out.
    """
    told: dict[str, int] = {}
    problems: list[Problem] = []
    gone: dict[str, str] = {}  # event id -> where it went by an earlier row
    with desk.together(dry_run=dry_run):
        for line, row in rows:
            a, b, decision, reason = (str(row.get(name) or "").strip() for name in COLUMNS)
            if not decision:
                continue
            try:
                _carry_out(desk, a, b, decision, reason, gone)
                told[decision] = told.get(decision, 0) + 1
            except EventcoderError as error:
                said = f"{error.message} {error.remedy}".strip()
                problems.append(Problem("bad-decision", said, "error", a or None, where=f"line {line}"))
        if problems:
            many = "1 line" if len(problems) == 1 else f"{len(problems)} lines"
            raise Refused(f"{many} cannot be carried out: no decision was stored.", "Mend them and give the file again.", problems)
    return told


def _carry_out(desk: Desk, a: str, b: str, decision: str, reason: str, gone: dict[str, str]) -> None:
    if not a or not b:
        raise UsageError("A decision needs two events.", "Give their ids in the columns a and b.")
    one, other = (_now(desk, event_id, gone) for event_id in (a, b))
    same = decision.casefold() == SAME
    if one.event_id == other.event_id and desk.event(a).event_id != desk.event(b).event_id:
        if same:
            return
        raise UsageError(f"{a} and {b} became one event by earlier lines.", "Only one of these decisions can hold.")
    if same:
        keep, other = older_first(one, other)
        desk.merge(keep.event_id, [other.event_id], reason=reason or SAME_REASON)
        gone[other.event_id] = keep.event_id
    else:
        kind = relation_of(desk, decision)
        desk.relate(one.event_id, kind, other.event_id, reason=reason or REASONS.get(kind, ""))


def _now(desk: Desk, prefix: str, gone: Mapping[str, str]) -> Folded:
    """The event that is meant, or the one that it went into by an earlier row."""
    event_id = desk.event(prefix).event_id
    while event_id in gone:
        event_id = gone[event_id]
    return desk.undisputed(event_id)


def _related(a: Folded, b: Folded) -> bool:
    return any(r.get("event_id") == b.event_id for r in a.relations) or any(r.get("event_id") == a.event_id for r in b.relations)
