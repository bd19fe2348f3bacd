"""Whether an event settles by itself, and who may settle one that does not. Floor 5.

Nothing here asks for a second person in a project where no coder is registered: there names are not known, and `approval` means what it always
did, that an event settles by `settle` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eventcoder.coding.queries import RETURN, thread, waiting
from eventcoder.errors import Refused

if TYPE_CHECKING:
    from eventcoder.coding.desk import Desk
    from eventcoder.ledger import Entry, Folded


def drawn(desk: Desk, event_id: str, values: Mapping[str, Any]) -> bool:
    """Whether the project's setting asks for a second person for this event."""
    return desk.second_person is not None and desk.second_person(event_id, values)


def trainee(desk: Desk, event_id: str) -> str | None:
    """The coder in training because of whom an event does not settle: who is at the desk, or who made the event."""
    trainees = desk.people.trainees
    if not trainees:
        return None
    if desk.coder in trainees:
        return desk.coder
    event = desk.head(event_id) if event_id else None
    return event.coder if event is not None and event.coder in trainees else None


def settles(desk: Desk, event_id: str, values: Mapping[str, Any]) -> bool:
    """Whether an event without errors settles by itself."""
    return not drawn(desk, event_id, values) and trainee(desk, event_id) is None


def coders_of(acts: list[Entry]) -> dict[str, str]:
    """Who gave values of an event: name -> time of the first act that did. A migration that nobody had to decide gives none."""
    out: dict[str, str] = {}
    for act in acts:
        if act.body.get("mechanical") is True:
            continue
        if act.body.get("values") or act.body.get("act", "create") == "create":  # a redacted act may keep nothing: its coder counts
            out.setdefault(act.coder, act.time)
    return out


def refuse_approval(desk: Desk, event: Folded) -> None:
    """Raise `Refused` unless who is at the desk may declare this event fit for release."""
    if desk.people.empty:
        return
    told = f"Event {event.event_id} cannot settle"
    young = event.coder if event.coder in desk.people.trainees else None
    if young or desk.coder in desk.people.trainees:
        who = young or desk.coder
        raise Refused(f"{told}: {who} is in training.", f"A lead sees how far they are: eventcoder coders qualify {who}")
    open_ones = waiting(thread(desk.ledger, event.event_id))
    if open_ones:
        first = open_ones[0]
        back = first.says == RETURN
        what = "it was returned and not changed since" if back else "a question waits for an answer"
        end = f"Amend it, or run: eventcoder answer {event.event_id} TEXT" if back else f"Answer it: eventcoder answer {event.event_id} TEXT"
        raise Refused(f"{told}: {what}. {first.told()}", end)
    if not drawn(desk, event.event_id, event.values):
        return
    desk.people.demand(desk.coder, "reviewer", "approve events")
    given = coders_of(desk.acts(event.event_id))
    if desk.coder in given:
        others = [m.name for m in desk.people.members if m.active and m.role in ("reviewer", "lead") and m.name not in given]
        raise Refused(
            f"{told} by {desk.coder}, who coded it or gave values of it ({given[desk.coder]}): the second person must be somebody else.",
            f"Ask {' or '.join(others[:3])}." if others else "A lead can register another reviewer: eventcoder coders add NAME --role reviewer",
        )
