"""Tying more reports to an event; a report that is coded blind goes to an event of its own, coded apart. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.coding.apart import KIND, task_for
from eventcoder.coding.records import NewEvent, Outcome
from eventcoder.coding.support import put_support

if TYPE_CHECKING:
    from eventcoder.coding.desk import Desk
    from eventcoder.ledger import Folded


def attach(
    desk: Desk, event_id: str, documents: Sequence[str], *, evidence: Mapping[str, Any] | None, counts: Sequence[Any], draft: str | None
) -> Outcome:
    """What `Desk.attach` does."""
    event = desk.undisputed(event_id)
    ids = [desk.find_document(d) for d in documents]
    have = {r["document"] for r in event.reports}
    new = [d for d in ids if d not in have]
    if not new and not evidence:
        return Outcome(event.event_id, event.revision, event.state, "")
    task = task_for(desk, new, draft)
    if task and event.held != task.task:
        raw = {name: value for name, value in event.values.items() if desk.codebook.column(name).entered in ("coder", "default")}
        return create_apart(desk, NewEvent(raw, reports=new, counts=counts, draft=draft), event)
    body: dict[str, Any] = {"act": "attach", "codebook": desk.codebook.version}
    put_support(body, new, evidence or {}, counts)
    if draft:
        body["draft"] = draft
    values = dict(event.values)
    merged: dict[str, Any] = {"source": None}
    desk.fill_from_registers(merged, ids)
    sources = list(dict.fromkeys([*(values.get("source") or []), *(merged.get("source") or [])]))
    if sources != (values.get("source") or []):
        body["values"] = {"source": sources, "source_scale": desk.publishers.scale(sources) or values.get("source_scale")}
        values.update(body["values"])
    ready = desk.prepare(values, event_id=event.event_id)
    body["settled"] = not ready.errors if event.state == "settled" and desk.coder not in desk.people.trainees else desk.settles(ready)
    return desk.follow(event, body, "settled" if body["settled"] else "open", ready.problems)


def create_apart(desk: Desk, new: NewEvent, event: Folded) -> Outcome:
    """A held event that its coder takes for `event` of the dataset: whether the two are one is decided when all have coded the report."""
    raw = {name: value for name, value in new.raw.items() if name != "event_id_cnty"}
    said = f"Taken for event {event.event_id} by the coder."
    apart = NewEvent(raw, new.reports, new.evidence, new.counts, new.draft, said)
    return desk.add_many([apart], allow_open=True, relations=[{"kind": KIND, "event_id": event.event_id}])[0]
