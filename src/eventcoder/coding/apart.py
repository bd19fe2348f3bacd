"""Coding apart: a coder who holds a blind task makes events that nobody else sees, and that are no part of the dataset. Floor 5.

An event of a document that is coded blind is created with the task that it is held for (`held`), and a decision on a draft stands under
`<draft>@<task>`, so that every coder of the document is asked about every draft. Whatever was made for a task shows to its coder alone until all
tasks of the document in that round are done; then to the coders of the document, reviewers and leads. The library keeps this; on SQLite whoever
owns the file could look into it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.ledger.blind import TRAINING, undecided, under_way
from eventcoder.ledger.people.roster import roster
from eventcoder.ledger.work import ENDED, Task, any_tasks, find_task, tasks

if TYPE_CHECKING:
    from eventcoder.coding.desk import Desk
    from eventcoder.coding.opened import Opened
    from eventcoder.event import Draft
    from eventcoder.ledger import Entry, Folded

MARK = "@"  # between draft and task in the subject of a decision
KIND = "see_also"  # how a held event stands to the event of the dataset that its coder takes it for
HELD = ("held", "adjudicated")
REOPENED = "reopened"  # of the act by which an adjudicated coding waits again: the event that had come of it (null: none)
DOCUMENT = "document"  # the kind of a task's item; the other is "draft"


# -- whose turn it is -----------------------------------------------------------------------------------------------------------------------


def blind_tasks(opened: Opened, document: str) -> list[Task]:
    """The blind tasks about a document, those of rounds that are not at their end: they keep everybody else away from it."""
    return under_way(opened.ledger.store, document).get(document, [])


def rounds_under_way(opened: Opened) -> dict[str, list[Task]]:
    """document -> its blind tasks, as `blind_tasks` gives them, of all documents at once."""
    return under_way(opened.ledger.store)


def elsewhere(desk: Desk) -> dict[str, str]:
    """Documents and single drafts that other coders have taken or been given, and who sits at the desk has not, each with its document: to decide
    them would be work done twice."""
    store = desk.ledger.store
    whose: dict[tuple[str, str], set[str | None]] = {}
    for task in tasks(store) if any_tasks(store) else ():
        if task.state not in ENDED:
            whose.setdefault((task.item, task.document), set()).add(task.holder or task.assigned_for)
    return {item: document for (item, document), names in whose.items() if desk.coder not in names and None not in names}


def task_for(desk: Desk, documents: Iterable[str], draft: str | None = None) -> Task | None:
    """The blind task that an event of these documents (made of `draft`) has to be held for; None where none of them is coded blind now.

    The task at hand comes first (`Desk.at_hand`). An event of a draft is none of the business of tasks about other drafts. Raises `Refused` where
    a document is coded blind and who sits at the desk has no part in it, or where all have handed it in and an adjudicator is to decide;
    `UsageError` where several of the coder's tasks come into question.
    """
    mine: dict[str, Task] = {}
    for document in dict.fromkeys(documents):
        found = [t for t in blind_tasks(desk, document) if _about(t, draft) or t.task == desk.at_hand]
        if not found:
            waiting = [t for t in undecided(desk.ledger.store, document).get(document, ()) if _about(t, draft)]
            if waiting and not _stands_above(desk, waiting):
                raise Refused(*to_adjudicate(waiting, document))
            continue
        task = own_task([t for t in found if t.task == desk.at_hand], desk.coder) or _only(found, desk.coder)
        if task is None and _stands_above(desk, found):
            continue
        if task is None:
            raise Refused(*not_yours(found, document, desk.coder))
        mine[task.task] = task
    if len(mine) > 1:
        raise Refused(f"These documents belong to several blind tasks ({', '.join(mine)}).", "Code an event for each document by itself.")
    return next(iter(mine.values()), None)


def _about(task: Task, draft: str | None) -> bool:
    """Whether an event (made of `draft`) of its document is the task's business."""
    return task.item_kind == DOCUMENT or draft in (None, task.item)


def _only(found: Iterable[Task], coder: str) -> Task | None:
    """The one task among these that the coder has taken and not handed in; that about the document before those about single drafts of it."""
    own = [task for task in found if task.state == "claimed" and task.holder == coder]
    whole = [task for task in own if task.item_kind == DOCUMENT]
    if len(own) > 1 and len(whole) != 1:
        told = ", ".join(task.task for task in own)
        raise UsageError(f"You have several tasks about this document: {told}.", "Say for which the event is: eventcoder add --task TASK")
    return next(iter(whole or own), None)


def _stands_above(desk: Desk, found: Iterable[Task]) -> bool:
    """Whether who sits at the desk decides about the document and codes no part of it: a registered reviewer or lead."""
    member = desk.people.get(desk.coder)
    part = any(desk.coder in (task.holder, task.assigned_for) for task in found)
    return member is not None and member.role in ("reviewer", "lead") and not part


def own_task(found: Iterable[Task], coder: str) -> Task | None:
    """The task among these that the coder has taken and not handed in."""
    return next((task for task in found if task.state == "claimed" and task.holder == coder), None)


def not_yours(found: Sequence[Task], document: str, coder: str) -> tuple[str, str]:
    """Why a coder has no part in the blind coding of a document now, and what to do."""
    draft = found[0].item if all(task.item == found[0].item for task in found) and found[0].item_kind != DOCUMENT else None
    told = f"{f'Draft {draft} of document' if draft else 'Document'} {document} is being coded blind by several coders"
    done = next((task for task in found if task.holder == coder and task.state == "done"), None)
    if done:
        return f"{told}, and you have handed in yours.", f"Wait for the others; a lead can give it back: eventcoder assign --return {done.task}"
    if any(task.assigned_for == coder for task in found if task.state not in ENDED):
        return f"{told}, and you have not taken your part yet.", f"Take it first: eventcoder next {draft or document}"
    return f"{told}: until all are done nobody else stores an event of it.", "'eventcoder queue' shows how far they are."


def waiting_for_others(desk: Desk) -> dict[str, list[Task]]:
    """document -> its blind tasks of which an event waits for an adjudicator, where who sits at the desk cannot be that one."""
    return {d: found for d, found in undecided(desk.ledger.store).items() if not _stands_above(desk, found)}


def to_adjudicate(found: Sequence[Task], document: str) -> tuple[str, str]:
    """Why nobody adds an event of a document that all have handed in, and what to do."""
    names = " and ".join(sorted({str(task.holder) for task in found}))
    said = f"Document {document} was coded blind by {names} and waits for an adjudicator: until then nobody else stores an event of it."
    first = min(task.item for task in found)
    return said, f"A reviewer or lead who did not code it runs: eventcoder adjudicate {first}; what is missing then can be added."


# -- what a held event may become -----------------------------------------------------------------------------------------------------------


def own_held(desk: Desk, event: Folded) -> Folded:
    """The held event itself, if who sits at the desk may change it. Raises `NotFound` if it is not for these eyes, `Refused` if it was handed in."""
    refuse_unseen(desk, event)
    task = find_task(desk.ledger.store, event.held or "")
    if event.state != "held":
        raise Refused(f"Event {event.event_id} was coded apart for task {event.held}, and is {event.state}.", "Its successor can be changed.")
    if task is None or task.state != "claimed" or task.holder != desk.coder or event.coder != desk.coder:
        item = (event.held or "").rpartition("/")[0]
        learning = task is not None and task.plan == TRAINING
        raise Refused(
            f"Event {event.event_id} was coded apart for task {event.held}, which {event.coder} has handed in: it is kept as it is.",
            "It was coded for training, and is no part of the dataset."
            if learning
            else f"'eventcoder adjudicate {item}' decides what becomes of it.",
        )
    return event


def refuse_unseen(opened: Opened, event: Folded) -> None:
    """Raise `NotFound` for an event that is coded apart and not for these eyes: not even that it exists is told."""
    if event.held and not visible(opened, event):
        raise NotFound(f"No event {event.event_id!r}.", "'eventcoder list' shows the ids.")


def refuse_held(events: Iterable[Folded], what: str) -> None:
    """Raise `Refused` if one of the events is coded apart: it is merged, split or settled by adjudication only."""
    for event in events:
        if event.held:
            raise Refused(f"Event {event.event_id} is coded apart for task {event.held} and cannot be {what}.", "Adjudication decides about it.")


def refuse_reopened(desk: Desk, event: Folded) -> None:
    """Raise `Refused` for an event whose adjudication was taken back: its codings wait or were decided anew, and it would stand beside them."""
    acts = desk.acts(event.event_id)
    for coding in next((act.body["adjudicated"] for act in acts if act.body.get("adjudicated")), ()):
        held = desk.head(coding)
        taken = [act for act in desk.acts(coding) if act.body.get(REOPENED) == event.event_id]
        if held is not None and taken and held.successor != event.event_id:
            item = (held.held or "").rpartition("/")[0]
            back = taken[-1]
            told = f"{event.event_id} came of a decision about {item} that {back.coder} took back at {back.time} ({back.body.get('reason')})."
            out = f"--drop {event.event_id} --error event=CLASS --reason TEXT" if event.state == "conflict" else ""
            now = f"See {held.successor}." if held.successor else f"The item is decided anew: eventcoder adjudicate {item}."
            raise Refused(told, f"{now} This one is withdrawn by: eventcoder adjudicate {event.event_id} {out}" if out else now)


# -- who sees it ----------------------------------------------------------------------------------------------------------------------------


def viewer(opened: Opened) -> str:
    """Who looks: the coder at the desk, else whom the environment or the settings name, "" if nobody is named."""
    return getattr(opened, "coder", "") or os.environ.get("EVENTCODER_CODER", "") or opened.project.settings.coder


def visible(opened: Opened, event: Folded) -> bool:
    """Whether an event may be shown to who looks: all of the dataset; what is coded apart to its coder, and to others when all are done."""
    return not event.held or event.coder == viewer(opened) or task_open_to(opened, event.held)


def task_open_to(opened: Opened, task_id: str) -> bool:
    """Whether what others did for this task may be shown to who looks: the item is done by all, and they are its coder, a reviewer or a lead."""
    store, who = opened.ledger.store, viewer(opened)
    task = find_task(store, task_id)
    if task is None:
        return True  # an entry that no assignment explains is kept from nobody
    item = [other for other in tasks(store, item=task.item, blind=True) if other.state != "withdrawn"]
    if any(other.state != "done" for other in item if other.round == task.round):
        return False
    about = (other for other in tasks(store, document=task.document, blind=True) if other.state not in ENDED)
    if any(who in (other.holder, other.assigned_for) for other in about):
        return False  # of another round, or of the document or a draft of it, which this coder is still to do
    people = roster(store)
    member = people.get(who)
    return (
        people.empty
        or any(other.holder == who for other in item)
        or (member is not None and member.active and member.role in ("reviewer", "lead"))
    )  # fmt: skip


def visible_entry(opened: Opened, entry: Entry) -> bool:
    """Whether an entry of the ledger may be shown to who looks: acts on what is coded apart, decisions made for a task."""
    if entry.kind == "act":
        event = opened.ledger.head(entry.subject)
        return event is None or visible(opened, event)
    if entry.kind == "decision":
        task = entry.body.get("task")
        return not task or entry.coder == viewer(opened) or task_open_to(opened, str(task))
    return True


def shown_entry(opened: Opened, entry: Entry) -> Entry:
    """The entry as who looks may read it. Of a task that is under way nobody but a lead reads whether it is a control or has a planted draft.

    The words go from every task alike: what is missing from some alone would tell which these are.
    """
    if entry.kind != "assignment" or not entry.body.get("blind"):
        return entry
    member = roster(opened.ledger).get(viewer(opened))
    if (member is not None and member.role == "lead") or task_open_to(opened, entry.subject):
        return entry
    return replace(entry, body={name: value for name, value in entry.body.items() if name not in ("planted", "control")})


def drafts_concealed(opened: Opened) -> frozenset[str]:
    """Documents of which who looks has a blind task still to do: `review` alone shows their drafts, those that the task has."""
    who = viewer(opened)
    if not who or not opened.has_ledger:
        return frozenset()
    store = opened.ledger.store
    found = tasks(store, blind=True) if any_tasks(store) else ()
    return frozenset(t.document for t in found if t.state not in ENDED and who in (t.holder, t.assigned_for))


# -- drafts ---------------------------------------------------------------------------------------------------------------------------------


def decision_subject(draft_id: str, task: Task | None) -> str:
    """Under what a decision on a draft stands."""
    return f"{draft_id}{MARK}{task.task}" if task is not None and task.blind else draft_id


def drafts_shown(desk: Desk, task: Task | None, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts as the holder of a task sees them: none of a control item; the planted one in the place of the true one."""
    if task is None or not task.blind:
        return list(drafts)
    if task.control:
        return []
    if not task.planted:
        return list(drafts)
    planted = planted_draft(desk, task)
    if planted is None:
        return list(drafts)
    at = next((number for number, draft in enumerate(drafts) if same_words(draft, planted)), None)
    rest = [draft for draft in drafts if draft.draft_id != planted.draft_id]
    if at is None:
        return sorted([*rest, planted], key=lambda d: (d.statement.start, d.statement.end, d.draft_id))
    return [planted if number == at else draft for number, draft in enumerate(drafts) if number == at or draft.draft_id != planted.draft_id]


def planted_draft(desk: Desk, task: Task) -> Draft | None:
    """The wrong draft of a task: the stored one under its own id, with what was planted in it; None if it is not here."""
    from eventcoder.event import Draft

    planted: Mapping[str, Any] = task.planted or {}
    entry = next(iter(desk.ledger.entries(kind="draft", subject=str(planted.get("draft")))), None)
    if entry is None or entry.body.get("redacted"):
        return None
    true = Draft.model_validate(entry.body)
    changes = {str(planted.get("field")): planted.get("wrong"), **(planted.get("also") or {})}
    fields = {**true.fields, **changes}
    return true.model_copy(update={"fields": {name: value for name, value in fields.items() if value is not None}})


def same_words(one: Draft, other: Draft) -> bool:
    """Whether two drafts are about the same words: engines and registers change between the planting and the reading."""
    if one.draft_id == other.draft_id:
        return True
    shared = min(one.statement.end, other.statement.end) - max(one.statement.start, other.statement.start)
    shorter = min(one.statement.end - one.statement.start, other.statement.end - other.statement.start)
    return one.document == other.document and 2 * shared > shorter
