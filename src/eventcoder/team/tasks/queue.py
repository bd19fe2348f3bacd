"""Where the work stands: tasks by state with their age, by coder, and the items that wait for adjudication. Floor 5."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from eventcoder.clock import stamp
from eventcoder.ledger.blind import TRAINING
from eventcoder.ledger.registered import KINDS, words
from eventcoder.ledger.work import STATES, Task, tasks

if TYPE_CHECKING:
    from eventcoder.coding import Desk


@dataclass(slots=True)
class Line:
    """Tasks in one state: how many, and since when the oldest is in it."""

    number: int = 0
    oldest: str = ""

    def add(self, since: str) -> None:
        self.number += 1
        self.oldest = min(self.oldest, since) if self.oldest else since


@dataclass(slots=True)
class Queue:
    """The work of a round (or of all).

    `states`: state -> Line, in the order of a task's life. `expired`: claims that ran out, of which the tasks are anybody's. `idle`: tasks of coders
    who are disabled, by name. `coders`: name -> state -> number ("" is what is anybody's). `approval`: events that wait for a second person, an
    answer or a change, by state. `names`: register ("actor", ...) -> names about which a lead has to decide; empty where a round or coder is named.
    `items`: documents and single drafts (so many are `drafts`) that are coded blind; `compared`: those of them that all coders handed in, and that
    have held events which nobody adjudicated.
    """

    states: dict[str, Line] = field(default_factory=dict)
    expired: list[Task] = field(default_factory=list)
    idle: Counter[str] = field(default_factory=Counter)
    coders: dict[str, Counter[str]] = field(default_factory=dict)
    approval: dict[str, Line] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    items: int = 0
    drafts: int = 0
    compared: int = 0

    @property
    def number(self) -> int:
        return sum(line.number for line in self.states.values())


def queue(opened: Desk, *, round: str | None = None, coder: str | None = None) -> Queue:
    """Count tasks, of one round or of one coder if these are named."""
    from eventcoder.team.members.approval import worklist

    people = opened.people
    gone = set() if people.empty else {m.name for m in people.members if not m.active}
    now = stamp(opened.moment)
    out = Queue()
    lines: dict[str, Line] = {}
    blind: dict[str, list[Task]] = {}
    for task in tasks(opened.ledger.store, round=round):
        whose = (task.holder if task.state in ("claimed", "done") else task.assigned_for) or ""
        if task.blind and task.state != "withdrawn" and task.plan != TRAINING:
            blind.setdefault(task.item, []).append(task)
        if coder is not None and whose != coder:
            continue
        lines.setdefault(task.state, Line()).add(task.changed)
        out.coders.setdefault(whose, Counter())[task.state] += 1
        if task.state in ("claimed", "assigned", "returned"):
            if task.until is not None and task.until < now:
                out.expired.append(task)
            if whose in gone:
                out.idle[whose] += 1
    out.states = {state: lines[state] for state in STATES if state in lines}
    out.coders = dict(sorted(out.coders.items()))
    out.items = len(blind)
    out.drafts = sum(of[0].item_kind == "draft" for of in blind.values())
    waiting = _held_tasks(opened)
    out.compared = sum(all(t.state == "done" for t in of) and any(t.task in waiting for t in of) for of in blind.values())
    for waiting_event in worklist(opened) if round is None else ():
        if coder in (None, waiting_event.coder):
            out.approval.setdefault(waiting_event.state, Line()).add(waiting_event.since)
    for kind in KINDS if round is coder is None else ():
        if number := sum(bool(word.proposed or word.rivals) for word in words(opened.ledger, kind).values()):
            out.names[kind] = number
    return out


def _held_tasks(opened: Desk) -> set[str]:
    """Tasks with held events about which nobody has decided."""
    rows = opened.ledger.store.rows("SELECT DISTINCT held FROM heads WHERE held IS NOT NULL AND state = 'held'")
    return {row[0] for row in rows}


def age(since: str, moment: datetime) -> str:
    """How long ago that was, in whole days, hours or minutes."""
    passed = moment - datetime.fromisoformat(since)
    seconds = max(0, int(passed.total_seconds()))
    for length, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length:
            number = seconds // length
            return f"{number} {word}{'s' if number != 1 else ''}"
    return "just now"


def task_json(task: Task) -> dict[str, Any]:
    """A task as `next --json` and `queue --tasks --json` print it: without what would tell a coder that it is a control or has a planted draft."""
    return {
        "task": task.task, "item": task.item, "document": task.document, "state": task.state, "assigned_for": task.assigned_for,
        "holder": task.holder, "until": task.until, "round": task.round, "blind": task.blind, "language": task.language,
        "country": task.country, "rank": task.rank, "reason": task.reason, "since": task.changed,
    }  # fmt: skip
