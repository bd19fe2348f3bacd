"""A decision of an adjudicator taken back: what it made is retracted, and the codings wait again. Floor 5.

In one transaction every coding of the item gets a `restore` (back to `held`) and every event that came of it a `retract`, with the same reason. Both
stay in the ledger for good. Whoever decides anew makes a new event; the old one then names it as its successor (`moved_on`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.coding.apart import REOPENED
from eventcoder.coding.records import reason_text
from eventcoder.errors import LedgerConflict, NotFound, Refused
from eventcoder.ledger import Entry, Folded
from eventcoder.ledger.work import Task, tasks
from eventcoder.team.adjudication.aligning import Row
from eventcoder.team.adjudication.cases import acts_of, refuse_coders

if TYPE_CHECKING:
    from eventcoder.coding import Desk

SHOW = "'eventcoder show {0}' and 'eventcoder history {0}' tell more."
_PLAIN = ("create", "settle")  # acts that leave an event as its adjudicator made it


@dataclass(frozen=True, slots=True)
class Reopened:
    """What became of an item. `coders` coded it, `by` had decided it at `time`; `retracted` are the events that came of it and stood until now;
    `notes` say what went with them."""

    item: str
    coders: tuple[str, ...]
    by: str
    time: str
    retracted: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Decided:
    """An item with its codings that were adjudicated, each with the act that ended it."""

    item: str
    tasks: list[Task]
    ends: list[tuple[Folded, Entry]]

    @property
    def outcomes(self) -> list[str]:
        """The events that came of it, the first coding's first."""
        return list(dict.fromkeys(event.successor for event, _ in self.ends if event.successor))

    @property
    def coders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(task.holder for task in self.tasks if task.holder and task.state == "done"))

    @property
    def last(self) -> Entry:
        return max((end for _, end in self.ends), key=lambda act: (act.time, act.id))


def reopen(desk: Desk, prefix: str, *, reason: str, dry_run: bool = False) -> Reopened:
    """Take back the decision about the item (or document, or event that came of it) that begins with `prefix`.

    A lead may, and whoever decided it, but none of its coders. Raises `NotFound`, `Refused` that says what has to be undone before, and
    `LedgerConflict` that tells what somebody else did meanwhile: then nothing is stored.
    """
    text = reason_text(reason)
    found = _decided(desk, prefix)
    _refuse_unfit(desk, found)
    notes: list[str] = []
    standing = [event for event_id in found.outcomes if (event := _standing(desk, found, event_id, notes)) is not None]
    try:
        with desk.together(dry_run=dry_run):
            for event, _ in found.ends:
                desk.store([desk.act(event.event_id, {"act": "restore", "reason": text, REOPENED: event.successor}, event.heads)])
            for event in standing:
                desk.store([desk.act(event.event_id, {"act": "retract", "reason": text}, event.heads)])
    except LedgerConflict as error:
        raise _told(desk, found, standing, error) from None
    last = found.last
    return Reopened(found.item, found.coders, last.coder, last.time, tuple(event.event_id for event in standing), tuple(notes))


def _decided(desk: Desk, prefix: str) -> _Decided:
    """The one decided item that is meant. Raises `NotFound`."""
    known = {task.task: task for task in tasks(desk.ledger.store, blind=True)}
    items: dict[str, list[Folded]] = {}
    for event in desk.ledger.events(states=("adjudicated",)):
        items.setdefault((event.held or "").rpartition("/")[0], []).append(event)
    of: dict[str, list[Task]] = {}
    for task in known.values():
        if task.item in items:
            of.setdefault(task.item, []).append(task)
    names = {
        item: {item, *(t.document for t in of.get(item, ())), *(e.event_id for e in events), *(e.successor or "" for e in events)}
        for item, events in items.items()
    }
    meant = [item for item, ids in names.items() if any(name.startswith(prefix) for name in ids)] if prefix else []
    if len(meant) > 1 and prefix in items:
        meant = [prefix]
    if len(meant) > 1:
        raise NotFound(f"{len(meant)} decided items begin with {prefix!r}: {', '.join(sorted(meant)[:5])}.", "Give more of the id.")
    if not meant:
        raise NotFound(*_no_decision(desk, prefix))
    events = {event.event_id: event for event in items[meant[0]]}
    ends = {act.subject: act for act in acts_of(desk, events) if act.id in events[act.subject].heads}
    order = sorted(events.values(), key=lambda event: (event.created, event.event_id))
    return _Decided(meant[0], of.get(meant[0], []), [(event, ends[event.event_id]) for event in order])


def _no_decision(desk: Desk, prefix: str) -> tuple[str, str]:
    """Why there is nothing to take back, and what to do."""
    known = {task.task: task for task in tasks(desk.ledger.store, blind=True)}
    for event in desk.ledger.events(states=("held",)):
        task = known.get(event.held or "")
        names = (event.event_id, (event.held or "").rpartition("/")[0], task.document if task else "")
        if prefix and any(name.startswith(prefix) for name in names):
            last = desk.ledger.acts(event.event_id)[-1]
            item = names[1]
            if last.body.get("act") == "restore":
                why = f": {last.coder} took the decision back at {last.time} ({last.body.get('reason')})"
                return f"{item} is open{why}.", f"'eventcoder adjudicate {item}' decides it anew."
            return f"{item} was not adjudicated: there is no decision to take back.", "'eventcoder adjudicate --list' shows what waits."
    for event in desk.ledger.events(states=("open", "settled", "retracted")):
        if prefix and event.event_id.startswith(prefix):
            codings = desk.ledger.acts(event.event_id)[0].body.get("adjudicated") or ()
            if codings and (coding := desk.ledger.head(codings[0])) is not None:
                if coding.state == "held":
                    return _no_decision(desk, coding.event_id)
                item = (coding.held or "").rpartition("/")[0]
                told = f"The decision that {event.event_id} came of was taken back already, and {item} was decided anew"
                return f"{told}.", f"eventcoder adjudicate {item} --reopen --reason TEXT takes back what stands now."
            act = next((a for a in reversed(desk.ledger.acts(event.event_id)) if len(a.parents) > 1), None)
            if act is not None:
                told = f"{event.event_id} was in conflict until {act.coder} decided it at {act.time}: what stands is corrected like any event"
                verb = "restore" if event.state == "retracted" else "amend"
                return f"{told}.", f"eventcoder {verb} {event.event_id} --reason TEXT"
            return f"{event.event_id} did not come of an adjudication.", f"'eventcoder retract {event.event_id} --reason TEXT' withdraws it."
    return f"Nothing that begins with {prefix!r} was adjudicated.", "Name the item, its document, or an event that came of it."


def _refuse_unfit(desk: Desk, found: _Decided) -> None:
    """Raise `Refused` unless the person at the desk is a lead or decided the item, and coded no part of it."""
    member = desk.people.demand(desk.coder, "reviewer", "take a decision back")
    refuse_coders(desk, found.item, found.coders)
    deciders = sorted({end.coder for _, end in found.ends})
    if member is not None and member.role != "lead" and desk.coder not in deciders:
        leads = [m.name for m in desk.people.members if m.active and m.role == "lead" and m.name not in found.coders]
        raise Refused(
            f"{found.item} was decided by {' and '.join(deciders)}: {desk.coder} may not take that back.",
            f"Ask {' or '.join([*deciders, *(n for n in leads if n not in deciders)][:3])}.",
        )


def _standing(desk: Desk, found: _Decided, event_id: str, notes: list[str]) -> Folded | None:
    """An event that came of the decision, if it is still there to be retracted. Raises `Refused` for one that others were built on."""
    event = desk.head(event_id)
    if event is None:
        notes.append(f"{event_id} came of it and is not in this ledger: a journal is missing.")
        return None
    if event.state == "retracted":
        notes.append(f"{event_id} had been retracted before ({event.reason}).")
        return None
    acts = desk.acts(event_id)
    if event.state == "conflict":
        raise Refused(f"{event_id}, which came of {found.item}, is in conflict.", f"Decide that first: eventcoder adjudicate {event_id}")
    if event.state == "merged":
        first = f"Take that back first: eventcoder restore {event_id} --reason TEXT"
        raise Refused(f"{event_id}, which came of {found.item}, was merged into {event.successor}.", first)
    if event.merged:
        first = f"Take that back first: eventcoder restore {event.merged[0]} --reason TEXT"
        raise Refused(f"{event_id}, which came of {found.item}, has taken in {', '.join(event.merged)}.", first)
    parts = [part for act in acts for part in act.body.get("parts") or ()]
    if alive := [part for part in parts if (other := desk.head(part)) is not None and other.state in ("open", "settled", "conflict")]:
        first = f"Retract what does not stand by itself first: eventcoder retract {alive[0]} --reason TEXT"
        raise Refused(f"{event_id}, which came of {found.item}, was split: {', '.join(alive)} stand beside it.", first)
    if later := [act for act in acts if act.body.get("act") not in _PLAIN]:
        who = " and ".join(sorted({act.coder for act in later}))
        many = "a change" if len(later) == 1 else f"{len(later)} changes"
        notes.append(f"{event_id} had {many} since, by {who}: they stay in its history and are not in the codings.")
    own = {task.document for task in found.tasks} | {r["document"] for e, _ in found.ends for r in e.reports}
    if more := [r["document"] for r in event.reports if r["document"] not in own]:
        notes.append(f"{event_id} had reports besides: {', '.join(more)}. Tie them to what comes of the next decision: eventcoder attach")
    return event


def _told(desk: Desk, found: _Decided, standing: Sequence[Folded], error: LedgerConflict) -> LedgerConflict:
    """The conflict, with what somebody else did meanwhile."""
    for event, end in found.ends:
        last = desk.ledger.acts(event.event_id)[-1]
        if last.id != end.id:
            did = "took the decision back" if last.body.get("act") == "restore" else "decided"
            told = f"Somebody was faster: {last.coder} {did} at {last.time} ({last.body.get('reason')}). Nothing of yours was stored."
            return LedgerConflict(told, f"'eventcoder adjudicate {found.item}' shows how it stands.", event_id=error.event_id, current=error.current)
    for event in standing:
        last = desk.ledger.acts(event.event_id)[-1]
        if last.id not in event.heads:
            told = f"{event.event_id} was changed meanwhile: {last.body.get('act')} by {last.coder} at {last.time}. Nothing of yours was stored."
            again = f"{SHOW.format(event.event_id)} Then take it back again, if it still has to be."
            return LedgerConflict(told, again, event_id=error.event_id, current=error.current)
    return error


def moved_on(desk: Desk, row: Row, event_id: str, reason: str) -> list[Entry]:
    """The acts by which events of an earlier decision about these codings, which was taken back, name the new one as their successor."""
    # create, adjudicate, restore: a coding with less was never decided before, and of thousands not every one is read
    again = [side.event.event_id for side in row.sides if side.event.revision > 2]
    former = dict.fromkeys(str(act.body[REOPENED]) for act in acts_of(desk, again) if act.body.get(REOPENED)) if again else ()
    gone = [event for i in former if (event := desk.head(i)) is not None and event.state == "retracted" and event.successor is None]
    return [desk.act(event.event_id, {"act": "retract", "reason": event.reason or reason, "successor": event_id}, event.heads) for event in gone]
