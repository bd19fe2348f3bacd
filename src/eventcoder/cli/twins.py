"""Events that may be the same as one that is about to be added, and the offer to attach instead. Floor 8."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from eventcoder.cli.keys import read_line
from eventcoder.cli.output import say

if TYPE_CHECKING:
    from eventcoder.coding import Desk, NewEvent, Outcome
    from eventcoder.validation.duplicates.similar import Likely

WINDOW = timedelta(days=3)
COMPARED = ("event_date", "sub_event_type", "location", "actor1", "actor2", "fatalities")


def likely_twins(desk: Desk, values: Mapping[str, Any], *, documents: Iterable[str] = (), limit: int = 3) -> Sequence[Likely]:
    """Likely duplicates among the events of the same days and country, best first; empty without a date.

    What an earlier round made of `documents` is not offered to who codes one of them blind now: it would be copied.
    """
    from eventcoder.coding.apart import blind_tasks, own_task
    from eventcoder.validation.duplicates.similar import likely_duplicates

    if not values.get("event_date"):
        return []
    first = date.fromisoformat(values.get("date_start") or values["event_date"]) - WINDOW
    last = date.fromisoformat(values.get("date_end") or values["event_date"]) + WINDOW
    others = desk.ledger.near(first.isoformat(), last.isoformat(), values.get("country"))
    blind = {d for d in documents if own_task(blind_tasks(desk, d), desk.coder)}
    fit = [o for o in others if o.state != "conflict" and o.event_id != values.get("event_id") and not blind & {r["document"] for r in o.reports}]
    return likely_duplicates(values, fit, limit=limit)


def differing(values: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """`column: here | there` for the columns that tell events apart."""
    return [
        f"{name}: {values.get(name) if values.get(name) is not None else '-'} | {other.get(name) if other.get(name) is not None else '-'}"
        for name in COMPARED
        if values.get(name) != other.get(name)
    ]


def offer_attach(desk: Desk, new: NewEvent, twins: Sequence[Likely]) -> Outcome | None:
    """Ask whether the documents report one of `twins`; None means: add it as a new event."""
    values = desk.prepare(new.raw).values
    say("This may be an event that you have already:")
    for number, twin in enumerate(twins, 1):
        held = twin.folded.values
        say(f"  {number}  {twin.event_id}  {held.get('event_date')}  {held.get('location')}  {held.get('sub_event_type')}  ({twin.score:.2f})")
        for line in differing(values, held):
            say(f"       {line}")
    while True:
        answer = read_line(f"Attach to [1-{len(twins)}], or add as [n]ew? ")
        answer = "n" if answer is None else answer.strip().casefold()
        if answer in ("n", "new"):
            return None
        if answer.isdigit() and 1 <= int(answer) <= len(twins):
            return desk.attach(twins[int(answer) - 1].event_id, new.reports, evidence=new.evidence or None, counts=new.counts, draft=new.draft)
