"""Documents that are coded blind: those still under way, and those that all have handed in and nobody has adjudicated yet. Floor 2.

Until both are over an event of such a document comes of a blind task or of adjudication, and by no other way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from eventcoder.ledger.backend import Store
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.people.roster import roster
from eventcoder.ledger.work import Task, any_tasks, tasks
from eventcoder.problem import Problem

TRAINING = "training"  # the plan of tasks that new coders learn by: no codings of the dataset, and nobody adjudicates them


_REPORT = re.compile(r'"document":"([0-9a-f]{16})"')


def under_way(store: Store, document: str | None = None) -> dict[str, list[Task]]:
    """document -> its blind tasks, those of rounds that are not at their end (of one document, or of all)."""
    found: dict[str, list[Task]] = {}
    for task in tasks(store, document=document, blind=True) if any_tasks(store) else ():
        if task.state != "withdrawn":
            found.setdefault(task.document, []).append(task)
    open_rounds = {d: {t.round for t in of if t.state != "done"} for d, of in found.items()}
    return {d: [t for t in of if t.round in open_rounds[d]] for d, of in found.items() if open_rounds[d]}


def undecided(store: Store, document: str | None = None) -> dict[str, list[Task]]:
    """document -> its blind tasks that were handed in and of which an event waits for an adjudicator (of one document, or of all)."""
    if not any_tasks(store):
        return {}
    done = {task.task: task for task in tasks(store, document=document, state="done", blind=True) if task.plan != TRAINING}
    waits = "SELECT held, folded FROM heads WHERE {} AND state = 'held'"
    if document is not None:
        rows = [row for task in done for row in store.rows(waits.format("held = ?"), (task,))]
    else:
        rows = list(store.rows(waits.format("held IS NOT NULL"))) if done else []
    out: dict[str, dict[str, Task]] = {}
    for held, folded in rows:
        task = done.get(held)
        # a claim that ran out went to another coder: what the first one had stored waits for nobody
        if task is not None and json.loads(folded)["coder"] == task.holder:
            out.setdefault(task.document, {})[held] = task
    return {d: list(of.values()) for d, of in out.items()}


def apart(store: Store) -> set[str]:
    """The documents of which an event may come in by no other way."""
    return {*under_way(store), *undecided(store)}


def beside_codings(store: Store) -> list[Problem]:
    """Warnings about events of the dataset that were begun while a document of theirs was coded blind: a journal brings them, or a clock.

    What came of adjudication, what a reviewer or lead added, and what another draft of the document tells, is none.
    """
    names = under_way(store)
    for document, tasks_of in undecided(store).items():
        names.setdefault(document, []).extend(tasks_of)
    return list(_beside(store, names)) if names else []


def _beside(store: Store, names: Mapping[str, list[Task]]) -> Iterator[Problem]:
    people = roster(store)
    with store.snapshot() as still:
        found = "SELECT event_id, folded FROM heads WHERE held IS NULL AND state IN ('open', 'settled', 'conflict') ORDER BY event_id"
        events = [row for row in still.each(found) if not names.keys().isdisjoint(_REPORT.findall(row[1]))]
    for event_id, text in events:
        named = {d for d in _REPORT.findall(text) if d in names}
        folded = json.loads(text)
        member, created = people.get(folded["coder"]), folded["created"]
        if member is not None and member.role in ("reviewer", "lead"):
            continue
        acts = store.rows(f"SELECT e.body FROM entries AS e WHERE e.kind = 'act' AND e.subject = ? AND {VISIBLE}", (event_id,))
        first: dict[str, Any] = next((body for row in acts if (body := json.loads(row[0])).get("act") == "create"), {})
        for document in sorted(named) if not first.get("adjudicated") else ():
            about = [t for t in names[document] if t.item_kind == "document" or first.get("draft") in (None, t.item)]
            given = [_given(store, task) for task in about]
            if given and min(given) < created:
                said = f"{folded['coder']} began event {event_id} at {created}, when its document {document} was coded blind already. Adjudicate the "
                said += "document ('eventcoder adjudicate'), then merge the two if they are one ('eventcoder duplicates'), or retract it."
                yield Problem("event-beside-codings", said, "warning", event_id=event_id, value=document)


def _given(store: Store, task: Task) -> str:
    """When a task was made."""
    row = store.row(f"SELECT MIN(e.time) FROM entries AS e WHERE e.kind = 'assignment' AND e.subject = ? AND {VISIBLE}", (task.task,))
    return str(row[0]) if row and row[0] else task.changed
