"""What several coders made of one item, each by himself: blind tasks with the events that were held for them. Floor 5."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.ledger import Folded
from eventcoder.ledger.blind import TRAINING
from eventcoder.ledger.folded import from_text
from eventcoder.ledger.work import Task, tasks

if TYPE_CHECKING:
    from eventcoder.coding.opened import Opened

KEPT = ("held", "adjudicated", "conflict")  # states of an event that is part of a coding; a coder's own mistakes are retracted
_ALL_AT_ONCE = 200  # items; for more all tasks and held events are read in one go


@dataclass(frozen=True, slots=True)
class Coding:
    """One coder's coding of an item. `done` is when it was handed in (None: not yet).

    `events` are as they were handed in, the earliest first; none, with `done`: the coder read the item and found nothing. `planted` is the wrong
    draft that the coder was shown (`{"draft", "field", "true", "wrong"}`), if any.
    """

    task: str
    item: str
    document: str
    coder: str
    round: str
    blind: bool
    control: bool
    planted: dict[str, Any] | None
    done: str | None
    events: list[Folded]


def codings(opened: Opened, *, round: str | None = None, items: Collection[str] | None = None, done_only: bool = True) -> dict[str, list[Coding]]:
    """item -> codings of its blind tasks, by slot; items in order. `items` limits it to these (all: None), `round` to tasks of one round.

    With `done_only` items are left out of which any task is still to be done, so that nobody reads what another coder is yet to code; a task
    that was withdrawn is none. Without it tasks that a coder has taken count, too.
    """
    store = opened.ledger.store
    wanted: dict[str, list[Task]] = {}
    asked = frozenset(items or ())
    if items is None or len(asked) > _ALL_AT_ONCE:  # one reading of all instead of a query for each
        found = (t for t in tasks(store, blind=True, round=round) if items is None or t.item in asked)
    else:
        found = (t for i in sorted(asked) for t in tasks(store, item=i, blind=True))
    for task in found:
        if task.state != "withdrawn" and (round == task.round or (round is None and task.plan != TRAINING)):
            wanted.setdefault(task.item, []).append(task)
    if done_only:
        wanted = {item: of for item, of in wanted.items() if all(task.state == "done" for task in of)}
    events = _held(opened, None if len(wanted) > _ALL_AT_ONCE else [task.task for of in wanted.values() for task in of])
    out: dict[str, list[Coding]] = {}
    for item, of in wanted.items():
        made = [_coding(task, events.get(task.task, ())) for task in of if task.holder]
        if made:
            out[item] = made
    return out


def held_events(opened: Opened, task: str, coder: str | None = None) -> list[Folded]:
    """The events that were held for a task (by `coder`), the earliest first."""
    return [event for event in _held(opened, [task]).get(task, ()) if coder in (None, event.coder)]


def _coding(task: Task, events: Collection[Folded]) -> Coding:
    # a claim that ran out went to another coder: what the first one had stored is not part of this coding
    own = [event for event in events if event.coder == task.holder]
    done = task.changed if task.state == "done" else None
    return Coding(task.task, task.item, task.document, task.holder or "", task.round, task.blind, task.control, task.planted, done, own)


def _held(opened: Opened, wanted: Collection[str] | None) -> dict[str, list[Folded]]:
    out: dict[str, list[Folded]] = {}
    for event in _events(opened, wanted):
        if event.held and event.state in KEPT:
            out.setdefault(event.held, []).append(event)
    for events in out.values():
        events.sort(key=lambda event: (event.created, event.event_id))
    return out


def _events(opened: Opened, wanted: Collection[str] | None) -> Iterator[Folded]:
    store = opened.ledger.store
    if wanted is None:
        with store.snapshot() as still:
            yield from (from_text(row[0]) for row in still.each("SELECT folded FROM heads WHERE held IS NOT NULL"))
        return
    for task in wanted:
        yield from (from_text(row[0]) for row in store.rows("SELECT folded FROM heads WHERE held = ?", (task,)))
