"""The worklist of approval: which events wait for a second person, a trainer, or an answer. Floor 5.

coded      complete or not, it waits for a reviewer who gave no value of it
queried    a question waits for an answer
returned   a reviewer sent it back, and it was not changed since
approved   it is settled
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.coding.approving import drawn
from eventcoder.coding.queries import RETURN, Message, thread, thread_of, waiting

if TYPE_CHECKING:
    from eventcoder.coding.desk import Desk
    from eventcoder.ledger import Entry, Folded

CODED, QUERIED, RETURNED, APPROVED = "coded", "queried", "returned", "approved"
STATES = (CODED, QUERIED, RETURNED, APPROVED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that waits. `state` is one of `STATES`; `since` the time from which it has waited; `trainee` whose training holds it up, if any."""

    event_id: str
    state: str
    coder: str
    since: str
    trainee: str | None
    questions: tuple[Message, ...]
    event: Folded


def state_of(desk: Desk, event: Folded, messages: Sequence[Message] | None = None) -> str | None:
    """How far the approval of an event is; None where nobody is asked and nothing needs approval (or the event is withdrawn)."""
    if event.state not in ("open", "settled"):
        return None
    open_ones = waiting(thread(desk.ledger, event.event_id) if messages is None else messages)
    if open_ones:
        return RETURNED if any(m.says == RETURN for m in open_ones) else QUERIED
    if event.state == "settled":
        return APPROVED if drawn(desk, event.event_id, event.values) else None
    return CODED if drawn(desk, event.event_id, event.values) or event.coder in desk.people.trainees else None


def worklist(desk: Desk, *, mine: bool = False) -> Iterator[Waiting]:
    """Events that wait, the longest first. `mine`: those alone that who is at the desk may approve now, or answer."""
    from eventcoder.coding.approving import coders_of

    threads: dict[str, list[Entry]] = {}
    for entry in desk.ledger.entries("query"):
        threads.setdefault(entry.subject, []).append(entry)
    trainees, member = desk.people.trainees, desk.people.get(desk.coder)
    reviews = desk.people.empty or (member is not None and member.role in ("reviewer", "lead"))
    found = []
    for event in _candidates(desk, threads):
        messages = thread_of(threads.get(event.event_id, ()), event)
        state = state_of(desk, event, messages)
        if state in (None, APPROVED):
            continue
        open_ones = tuple(waiting(messages))
        trainee = event.coder if event.coder in trainees else None
        if mine:
            given = coders_of(desk.acts(event.event_id))
            if not (reviews and not trainee and desk.coder not in given if state == CODED else desk.coder in given):
                continue
        since = min((m.time for m in open_ones), default=event.changed)
        found.append(Waiting(event.event_id, str(state), event.coder, since, trainee, open_ones, event))
    yield from sorted(found, key=lambda w: (w.since, w.event_id))


def asked(desk: Desk) -> list[str]:
    """Events of the coder at the desk at which a question or a return waits; only threads are read, not all events."""
    subjects = dict.fromkeys(entry.subject for entry in desk.ledger.entries("query"))
    heads = ((subject, desk.ledger.head(subject)) for subject in subjects)
    own = [(subject, head) for subject, head in heads if head is not None and head.coder == desk.coder]
    return [subject for subject, head in own if state_of(desk, head) in (QUERIED, RETURNED)]


def _candidates(desk: Desk, threads: dict[str, list[Entry]]) -> Iterator[Folded]:
    """Open events, and settled ones that somebody asked about."""
    seen = set()
    if desk.second_person is not None or desk.people.trainees:
        for event in desk.ledger.events(states=("open",)):
            seen.add(event.event_id)
            yield event
    for event_id in sorted(threads.keys() - seen):
        found = desk.ledger.head(event_id)
        if found is not None and found.state in ("open", "settled"):
            yield found


def take_back(desk: Desk, event_id: str, reason: str) -> None:
    """Undo an approval: the event is open again and waits. Nothing happens to one that is not settled."""
    event = desk.undisputed(event_id)
    if event.state == "settled":
        desk.store([desk.act(event.event_id, {"act": "revise", "values": {}, "settled": False, "reason": reason}, event.heads)])
