"""Items that two people adjudicated apart: until one decision is kept, the events of both stand, one happening twice. Floor 4.

To take a decision back is to decide, too: where one did and the other, apart, decided anew, somebody has to say which of it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.ledger import Entry, Ledger

CODE = "adjudicated-twice"
STANDING = ("open", "settled")


def ends_apart(ledger: Ledger) -> dict[str, dict[str, dict[str, Entry]]]:
    """Item -> its held events with two ends or more -> the acts that ended each, by adjudicator (`lea#2`: the same one, on another machine)."""
    out: dict[str, dict[str, dict[str, Entry]]] = {}
    for event in ledger.events(states=("conflict",)):
        item = (event.held or "").rpartition("/")[0]
        if not item:
            continue
        ends: dict[str, Entry] = {}
        for act in sorted(ledger.acts(event.event_id), key=lambda a: (a.time, a.id)):
            if act.id in event.heads and _decides(act.body):
                again = sum(name.partition("#")[0] == act.coder for name in ends)
                ends[f"{act.coder}#{again + 1}" if again else act.coder] = act
        if len(ends) > 1:
            out.setdefault(item, {})[event.event_id] = ends
    return dict(sorted(out.items()))


def _decides(body: Mapping[str, Any]) -> bool:
    """Whether an act on a coding is an adjudicator's, who decided or took a decision back; not one by which coders bring back their own."""
    return body.get("act") == "adjudicate" or (body.get("act") == "restore" and "reopened" in body)


def twice_problems(ledger: Ledger) -> Iterator[Problem]:
    """An error for every event of the dataset that came of an item which was adjudicated twice."""
    for item, found in ends_apart(ledger).items():
        acts = [(name, act) for ends in found.values() for name, act in ends.items()]
        who = " and ".join(sorted({name.partition("#")[0] for name, _ in acts}))
        for event_id in sorted({str(act.body["successor"]) for _, act in acts if act.body.get("successor")}):
            event = ledger.head(event_id)
            if event is not None and event.state in STANDING:
                told = (
                    f"It came of {item}, which {who} adjudicated twice, each time without the other decision: the events of both stand. "
                    f"'eventcoder adjudicate {item}' keeps one of them."
                )
                yield Problem(CODE, told, event_id=event_id)
