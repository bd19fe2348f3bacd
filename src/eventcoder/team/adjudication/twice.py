"""An item that two people adjudicated apart: one decision stands, the other's events are retracted. Floor 5."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from eventcoder.coding import LIVE_STATES, Outcome
from eventcoder.coding.apart import REOPENED
from eventcoder.coding.records import reason_text
from eventcoder.errors import Refused, UsageError
from eventcoder.ledger import Entry, Folded
from eventcoder.validation.twice import ends_apart

if TYPE_CHECKING:
    from eventcoder.coding import Desk

Ends = dict[str, dict[str, Entry]]  # held event -> adjudicator -> the act that ended it


def adjudicated_twice(desk: Desk, only: Iterable[str] | None = None) -> dict[str, Ends]:
    """Item -> its held events with two ends or more, each with the acts that ended it by adjudicator."""
    wanted = None if only is None else set(only)
    return {item: ends for item, ends in ends_apart(desk.ledger).items() if wanted is None or item in wanted}


def outcomes_of(desk: Desk, ends: Ends, adjudicator: str) -> list[Folded]:
    """The events that one of the adjudicators made of the item and that still stand."""
    ids = dict.fromkeys(acts[adjudicator].body.get("successor") for acts in ends.values() if adjudicator in acts)
    found = (desk.head(i) for i in ids if isinstance(i, str))
    return [event for event in found if event is not None and event.state in LIVE_STATES]


def keep_one(desk: Desk, item: str, keep: str, *, reason: str) -> list[Outcome]:
    """Let the decision of `keep` stand, in one transaction; the outcomes of the events that stand.

    The other's events are retracted, with the one that came of the same coding as their successor. Raises `UsageError`, `Refused`.
    """
    desk.people.demand(desk.coder, "reviewer", "adjudicate")
    ends = adjudicated_twice(desk, [item]).get(item)
    if not ends:
        raise Refused(f"{item} was not adjudicated twice (any more).", "'eventcoder adjudicate --list' shows what waits.")
    names = sorted({name for acts in ends.values() for name in acts})
    if keep not in names:
        raise UsageError(f"{keep!r} has not adjudicated {item}.", f"It was adjudicated by {' and '.join(names)}.")
    text = reason_text(reason)
    stay = outcomes_of(desk, ends, keep)
    gone: dict[str, str | None] = {}
    for acts in ends.values():
        after = acts[keep].body.get("successor") if keep in acts else None
        for name, act in acts.items():
            other = act.body.get("successor")
            if name != keep and isinstance(other, str) and other not in {event.event_id for event in stay}:
                gone[other] = gone.get(other) or after
    for event_id, acts in ends.items():  # what both, apart, retracted is gone, whoever is followed
        after = acts[keep].body.get("successor") if keep in acts else None
        for other in dict.fromkeys(str(a.body[key]) for a in desk.acts(event_id) for key in ("successor", REOPENED) if a.body.get(key)):
            found = desk.head(other)
            last = [a for a in desk.acts(other) if found is not None and a.id in found.heads]
            if found is not None and found.state == "conflict" and all(a.body.get("act") == "retract" for a in last):
                gone.setdefault(other, after)
    with desk.together():
        for event_id, acts in ends.items():
            held = desk.event(event_id)
            if keep in acts:
                told = {k: v for k, v in acts[keep].body.items() if k in ("act", "successor", "overruled", "missed", REOPENED)}
                desk.store([desk.act(event_id, {"reason": text, **told}, held.heads)])
        for event_id, after in gone.items():
            found = desk.head(event_id)
            if found is not None and found.state in LIVE_STATES:
                body = {"act": "retract", "reason": text} | ({"successor": after} if after else {})
                desk.store([desk.act(event_id, body, found.heads)])
    return [Outcome(e.event_id, e.revision, e.state, "") for e in stay]
