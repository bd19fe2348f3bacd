"""Taking work and handing it in: what `next` does. Floor 5.

A task is chosen and taken in one transaction, so that no two coders get one: writers wait for each other in SQLite, and PostgreSQL passes over the
rows that somebody else is about to take. What is assigned to a coder comes first, then what is anybody's: first things first (`rank`), in languages
that the coder reads, never two tasks of one item, never an item that the coder has skipped. A claim ends after `claim_days` of the settings; then, or
when its holder is disabled, the task is anybody's again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from eventcoder.clock import stamp
from eventcoder.coding import Desk
from eventcoder.coding.records import reason_text
from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.ledger import Entry, Folded, new_entry
from eventcoder.ledger.backend import Repeatable
from eventcoder.ledger.people.roster import ASK, Member, Roster, standing
from eventcoder.ledger.work import READ, Task, append_claim, task_of, the_task, to_task
from eventcoder.team.tasks.codings import held_events

_TRIES = 4  # of a claim that the database gives up for another's sake
Condition = tuple[str, list[Any]]
# Of a document that is coded apart nobody has a draft in the same round, nor the other way round.
_APART = (
    "NOT EXISTS (SELECT 1 FROM work AS p WHERE p.document = w.document AND p.item_kind <> w.item_kind AND p.round = w.round "
    "AND (p.blind = 1 OR w.blind = 1) AND (p.queue = ? OR (p.holder = ? AND p.state IN ('claimed', 'done'))))"
)


@dataclass(frozen=True, slots=True)
class Handed:
    """A task that was handed in, with the events that were held for it (none: the coder found nothing; None: not a blind task)."""

    task: Task
    events: list[Folded] | None


def current(desk: Desk) -> list[Task]:
    """The tasks that the coder has taken and not handed in, the oldest first."""
    rows = desk.ledger.store.rows(
        f"SELECT {READ} FROM work AS w WHERE w.holder = ? AND w.state = 'claimed' ORDER BY w.changed, w.task", (desk.coder,)
    )
    return [to_task(row) for row in rows]


def take(desk: Desk, *, round: str | None = None, item: str | None = None, peek: bool = False) -> Task | None:
    """The coder's next task, taken; what the coder holds already is given again. None where nothing waits for this coder.

    `item` asks for a task about this one, `round` for one of a round; `peek` only looks. Raises `Refused` for a coder who may not take work.
    """
    store = desk.ledger.store
    if peek:
        return _choose(desk, round, item, "")[0]
    for left in range(_TRIES, 0, -1):
        try:
            with store.appending([f"next {desk.coder}"]):  # one at a time of each coder: two windows of one must not get two tasks of one item
                task, people = _choose(desk, round, item, store.skip_locked)
                if task is None or (task.state == "claimed" and task.holder == desk.coder):
                    return task
                entry = _claim(desk, task, people)
                people.check(entry)
                append_claim(store, entry, task.refused)
            return task_of(entry)
        except Repeatable:
            if left == 1:
                raise
    return None


def _claim(desk: Desk, task: Task, people: Roster) -> Entry:
    until = stamp(desk.moment + timedelta(days=desk.project.settings.claim_days))
    own = desk.coder if task.assigned_for == desk.coder else None
    # what a lead wrote when giving it back stays to be read
    reason = task.reason if task.state == "returned" else None
    body = task.body_with(**{"state": "claimed", "by": desk.coder, "for": own, "until": until, "reason": reason})
    return new_entry("assignment", task.task, body, coder=desk.coder, role=people.role_of(desk.coder), time=desk.moment, parents=task.heads)


def skip(desk: Desk, task: Task, reason: str) -> None:
    """Give a task back that the coder does not want to do: it goes to somebody else, and its item never comes to this coder again.

    Raises `UsageError` without a reason, `Refused` if the coder does not have the task or has stored events for it.
    """
    _refuse_not_mine(desk, task)
    if not reason.strip():
        raise UsageError("Skipping a task needs a reason.", 'eventcoder next --skip "TEXT"')
    if task.blind and held_events(desk, task.task, desk.coder):
        raise Refused(
            f"You have stored events for {task.task}, which would be lost.",
            "Hand it in (eventcoder next --done), or retract them first: eventcoder retract EVENT --reason TEXT",
        )
    refused = sorted({*task.refused, desk.coder})
    body = task.body_with(**{"state": "skipped", "by": None, "for": None, "until": None, "reason": reason_text(reason), "refused": refused})
    desk.ledger.append([desk.entry("assignment", task.task, body, task.heads)])


def finish(desk: Desk, task: Task) -> Handed:
    """Hand a task in. Raises `Refused` if the coder does not have it, `LedgerConflict` if it went to somebody else meanwhile."""
    _refuse_not_mine(desk, task)
    body = task.body_with(state="done", by=desk.coder, until=None, reason=None)
    desk.ledger.append([desk.entry("assignment", task.task, body, task.heads)])
    return Handed(the_task(desk.ledger.store, task.task), held_events(desk, task.task, desk.coder) if task.blind else None)


def nothing_stored(desk: Desk, task: Task) -> bool:
    """Whether the coder has neither stored an event of the task's document nor decided anything about it: it may not have been read at all."""
    if task.blind and held_events(desk, task.task, desk.coder):
        return False
    said = [f'"{task.document}"']
    decisions = desk.ledger.entries("decision", coder=desk.coder, saying=said)
    if task.item_kind != "document":
        decisions = (entry for entry in decisions if entry.subject.partition("@")[0] == task.item)
    if any(not task.blind or entry.body.get("task") == task.task for entry in decisions if entry.body.get("decision") != "undo"):
        return False
    return task.blind or task.item_kind != "document" or next(iter(desk.ledger.entries("act", coder=desk.coder, saying=said)), None) is None


def the_current(desk: Desk, item: str | None = None) -> Task:
    """The one task that the coder has (about `item`). Raises `NotFound` for none, `UsageError` for several."""
    held = [task for task in current(desk) if item is None or item in (task.item, task.task) or task.item.startswith(item)]
    if not held:
        raise NotFound(f"{desk.coder} has taken no task{f' about {item}' if item else ''}.", "'eventcoder next' gives one.")
    if len(held) > 1:
        raise UsageError(f"{desk.coder} has {len(held)} tasks: {', '.join(task.item for task in held)}.", "Name the document.")
    return held[0]


def _refuse_not_mine(desk: Desk, task: Task) -> None:
    if task.state != "claimed" or task.holder != desk.coder:
        who = f" by {task.holder}" if task.holder else ""
        raise Refused(f"Task {task.task} is {task.state}{who}; {desk.coder} does not have it.", "'eventcoder next' gives one.")


# -- choosing -------------------------------------------------------------------------------------------------------------------------------


def _choose(desk: Desk, round: str | None, item: str | None, ending: str) -> tuple[Task | None, Roster]:
    """The coder's next task, and the roster by which it was chosen. What the coder has comes before what is only assigned, then what is anybody's.

    What a server can be asked together is: who waits with many others waits for their round trips too. Raises `Refused`.
    """
    store, who = desk.ledger.store, desk.coder
    given: list[Condition] = []
    if round is not None:
        given.append(("w.round = ?", [round]))
    if item is not None:
        given.append(("w.item = ?", [item]))

    def first(conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
        every = [*conditions, *given]
        where = " AND ".join(sql for sql, _ in every)
        sql = f"SELECT {READ} FROM work AS w WHERE {where} ORDER BY w.rank, w.task LIMIT 1{ending}"
        return sql, [value for _, values in every for value in values]

    mine = (first([("w.holder = ? AND w.state = 'claimed'", [who])]), first([("w.queue = ?", [who])]))
    (state,), *found = store.rows_together((ASK, ()), *mine)
    people = standing(store, state)
    member = people.demand(who, "coder", "take work")
    for rows in found:
        if rows:
            return to_task(rows[0]), people
    for conditions in _others(desk, people, member):
        for row in store.rows_together(first(conditions))[0]:
            return to_task(row), people
    return None, people


def _others(desk: Desk, people: Roster, member: Member | None) -> Iterator[list[Condition]]:
    """What is not the coder's own and may become it, in this order: conditions of which one index each answers."""
    now = stamp(desk.moment)
    free = _free_to(desk.coder, member)
    yield [("w.queue = ''", []), *free]
    yield [("w.state IN ('assigned', 'returned', 'claimed')", []), ("w.until < ?", [now]), *free]
    gone = [m.name for m in people.members if not m.active]
    if gone:
        marks = ", ".join("?" * len(gone))
        yield [(f"w.holder IN ({marks}) AND w.state = 'claimed'", gone), *free]
        yield [(f"w.queue IN ({marks})", gone), *free]


def _free_to(who: str, member: Member | None) -> Sequence[Condition]:
    """That a task is none of an item which the coder has, had or skipped, nor apart from one, and that the coder reads its language."""
    others = (
        "NOT EXISTS (SELECT 1 FROM work AS o WHERE o.item = w.item AND (o.queue = ? OR REPLACE(o.refused, ?, '') <> o.refused "
        "OR (o.holder = ? AND o.state IN ('claimed', 'done'))))"
    )
    out: list[Condition] = [(others, [who, f"|{who}|", who]), (_APART, [who, who])]
    if member is not None and member.languages:
        read = [language.casefold() for language in member.languages]
        out.append((f"(w.language IS NULL OR LOWER(w.language) IN ({', '.join('?' * len(read))}))", read))
    return out
