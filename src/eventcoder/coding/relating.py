"""How events stand to each other: said, taken back, and looked at. Floor 5.

A relation is told by one of the two events. What kinds there are is the codebook's list `relation_kinds`: whether a kind means the same from both
sides (`symmetric`), what it is called from the other side (`inverse`), whether it may lead round in a circle (`acyclic`), and whether new events
that are split off have it as well (`inherited`).

Nothing follows by itself when an event ends: a relation to an event that was merged or retracted goes on leading there, and so to what took its
place. A merge gives the relations of the event that ends to the one that stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.coding.records import Outcome, reason_text, remark_text
from eventcoder.errors import Refused, UsageError
from eventcoder.ledger import Folded

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.coding.desk import Desk
    from eventcoder.coding.opened import Opened

LIST = "relation_kinds"


@dataclass(frozen=True, slots=True)
class Related:
    """One relation as a reader wants it: its kind, and the event that it leads to as it stands now (None: not in this ledger).

    `current` is what stands in the place of an event that was merged or retracted, if anything does; `beyond`, of a kind without circles, the events
    to which the same relation leads on.
    """

    kind: str
    event_id: str
    head: Folded | None
    current: Folded | None
    beyond: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "event_id": self.event_id,
            "state": self.head.state if self.head else None,
            "current_id": self.current.event_id if self.current else None,
            "beyond": list(self.beyond),
        }


def kind_of(codebook: Codebook, text: str) -> str:
    """The kind that somebody typed. Raises `UsageError`."""
    known = codebook.lists[LIST].canonical(text)
    if known is None:
        raise UsageError(f"Unknown relation {text!r}.", f"Known: {', '.join(codebook.lists[LIST].codes)}.")
    return known


def is_symmetric(codebook: Codebook, kind: str | None) -> bool:
    """Whether the kind means the same from both sides."""
    return codebook.lists[LIST].attribute(kind, "symmetric") == "yes"


def is_acyclic(codebook: Codebook, kind: str | None) -> bool:
    """Whether no circle may be made of the kind."""
    return codebook.lists[LIST].attribute(kind, "acyclic") == "yes"


def inherited(codebook: Codebook, event: Folded) -> list[dict[str, Any]]:
    """The relations of an event that events split off it have, too."""
    kinds = codebook.lists[LIST]
    return [dict(r) for r in event.relations if kinds.attribute(r.get("kind"), "inherited") == "yes"]


def says(event: Folded, kind: str, other: str) -> bool:
    """Whether the event has this relation to the other one."""
    return any(r.get("kind") == kind and r.get("event_id") == other for r in event.relations)


def relate(desk: Desk, event_id: str, kind: str, other: str, *, reason: str = "") -> Outcome:
    """What `Desk.relate` does. Raises `UsageError` for an unknown kind or the event itself, `Refused` where it would lead round in a circle."""
    event, target = desk.undisputed(event_id), desk.live(other)
    known = kind_of(desk.codebook, kind)
    if event.event_id == target.event_id:
        raise UsageError("An event cannot be related to itself.", "Name another event.")
    # told twice it would be counted twice
    if says(event, known, target.event_id) or (is_symmetric(desk.codebook, known) and says(target, known, event.event_id)):
        return Outcome(event.event_id, event.revision, event.state, "")
    if is_acyclic(desk.codebook, known):
        way = _way(desk, known, target, event.event_id)
        if way:
            raise Refused(
                f"'{known}' already leads from {' to '.join(way)}; with {event.event_id} {known} {target.event_id} it would lead round in a circle.",
                f"If that is wrong: eventcoder relate {way[0]} {known} {way[1]} --withdraw --reason TEXT",
            )
    body: dict[str, Any] = {"act": "relate", "relations": [{"kind": known, "event_id": target.event_id}]}
    if reason:
        body["reason"] = remark_text(reason)
    return desk.follow(event, body, event.state)


def unrelate(desk: Desk, event_id: str, other: str, *, reason: str, kind: str | None = None) -> Outcome:
    """Take back what was said about how an event stands to another: from this event's side, of every kind or of one."""
    event = desk.undisputed(event_id)
    known = kind_of(desk.codebook, kind) if kind is not None else None
    gone = [r for r in event.relations if r.get("event_id") == other and known in (None, r.get("kind"))]
    if not gone:
        return Outcome(event.event_id, event.revision, event.state, "")
    return desk.follow(event, {"act": "relate", "withdraw": {"relations": gone}, "reason": reason_text(reason)}, event.state)


def withdraw(desk: Desk, event_id: str, kind: str, other: str, *, reason: str) -> Outcome:
    """Take back one relation, from whichever side it was told if it means the same from both. Raises `UsageError` if there is no such relation."""
    known = kind_of(desk.codebook, kind)
    one, two = desk.event(event_id), desk.event(other)
    sides = [(one, two), (two, one)] if is_symmetric(desk.codebook, known) else [(one, two)]
    for event, target in sides:
        if says(event, known, target.event_id):
            return unrelate(desk, event.event_id, target.event_id, reason=reason, kind=known)
    turned = f" But {two.event_id} is {known} {one.event_id}." if says(two, known, one.event_id) else ""
    raise UsageError(f"Event {one.event_id} is not {known} {two.event_id}.{turned}", f"'eventcoder show {one.event_id}' lists its relations.")


def related(opened: Opened, event: Folded) -> list[Related]:
    """The relations that an event tells, in the order in which they were told."""
    out = []
    for relation in event.relations:
        kind, target = str(relation.get("kind")), str(relation.get("event_id"))
        head = opened.ledger.head(target)
        beyond = _beyond(opened, kind, head, event.event_id) if head is not None and is_acyclic(opened.codebook, kind) else ()
        out.append(Related(kind, target, head, _current(opened, head), beyond))
    return out


def told_by_others(opened: Opened, event: Folded) -> list[tuple[str, Folded]]:
    """(kind, event) of the relations that other events have to this one, by event; looks through all events."""
    out = []
    for other in opened.ledger.related_to(event.event_id):
        out += [(str(r.get("kind")), other) for r in other.relations if r.get("event_id") == event.event_id]
    return out


def _current(opened: Opened, head: Folded | None) -> Folded | None:
    """The event, or what stands in its place; None where nothing does."""
    seen: set[str] = set()
    while head is not None and head.state in ("merged", "retracted"):
        if head.event_id in seen or not head.successor:
            return None
        seen.add(head.event_id)
        head = opened.ledger.head(head.successor)
    return head


def _beyond(opened: Opened, kind: str, head: Folded, start: str) -> tuple[str, ...]:
    """Where the same relation leads on to, step by step, as long as it leads to one event."""
    out: list[str] = []
    here: Folded | None = head
    while here is not None:
        onward = [str(r.get("event_id")) for r in here.relations if r.get("kind") == kind]
        if len(onward) != 1 or onward[0] in (start, head.event_id, *out):
            break
        out.append(onward[0])
        here = opened.ledger.head(onward[0])
    return tuple(out)


def _way(desk: Desk, kind: str, start: Folded, goal: str) -> list[str]:
    """The events over which a kind of relation leads from one event to another, both named; [] if it does not."""
    came: dict[str, str] = {}
    waiting = [start.event_id]
    for here in waiting:  # grows
        head = desk.head(here)
        for relation in head.relations if head is not None else ():
            there = str(relation.get("event_id"))
            if relation.get("kind") != kind or there in came or there == start.event_id:
                continue
            came[there] = here
            if there == goal:
                way = [goal]
                while way[0] != start.event_id:
                    way.insert(0, came[way[0]])
                return way
            waiting.append(there)
    return []
