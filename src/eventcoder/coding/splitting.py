"""One event made into several: what a coder took for one event were two towns, or two days.

The event keeps its id, and what is not said otherwise. Each part is an object of the values in which it differs from the event; `reports` are its
documents (default: all of the event's), and evidence comes along where the value stayed and the document is among them. A part with the event's own
`event_id` changes the event itself: e.g. the deaths that remain to it, and with `reports` those it keeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.coding.records import NewEvent, Outcome, reason_text
from eventcoder.coding.relating import inherited
from eventcoder.errors import Refused, UsageError
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.coding.desk import Desk
    from eventcoder.ledger import Folded

RELATION = "split_from"  # what the change table of a release reads (`changelog.reasons`)


def split(desk: Desk, event_id: str, parts: Sequence[Mapping[str, Any]], *, reason: str, allow_open: bool = False) -> list[Outcome]:
    """What `Desk.split` does. Raises `Refused` with the problems of all parts, `UsageError` for no part or a value that is no object."""
    event = desk.undisputed(event_id)
    text = reason_text(reason)
    own: dict[str, Any] = {}
    news: list[NewEvent] = []
    for number, part in enumerate(parts, 1):
        given = dict(part)
        named = given.pop("event_id", None)
        reports = _reports(desk, event, given.pop("reports", None), number)
        if named is None:
            if not given:
                raise UsageError(f"Part {number} says nothing in which it differs from {event.event_id}.", "Give at least one value, e.g. location.")
            news.append(_part(desk, event, given, reports, text, number))
        elif desk.event(str(named)).event_id != event.event_id:
            raise UsageError(f"Part {number} has the event_id {named!r}: a part gets a new id.", f"Leave it out, or name {event.event_id} itself.")
        elif own:
            raise UsageError(f"Part {number} changes {event.event_id} a second time.", "Say in one object what stays with it.")
        else:
            own = {"changes": given, "reports": reports}
    if not news:
        raise UsageError("A split needs at least one new event.", "Give its values: --part FIELD=VALUE, or --into FILE.")
    relation = desk.codebook.lists["relation_kinds"].canonical(RELATION)
    related = [{"kind": relation, "event_id": event.event_id}] if relation is not None else []
    related += inherited(desk.codebook, event)  # the parts of an event belong to the campaign, too
    with desk.together():
        made = desk.add_many(news, allow_open=allow_open, relations=related)
        kept = _kept(desk, event, own, [one.event_id for one in made], text)
    return [kept, *made]


def _reports(desk: Desk, event: Folded, given: Any, number: int) -> list[str]:
    """The documents of a part. Raises `UsageError` for one that the event does not have."""
    have = [r["document"] for r in event.reports]
    if given is None:
        return have
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise UsageError(f"Part {number}: 'reports' must be a list of document ids.", f"Reports of {event.event_id}: {', '.join(have) or 'none'}.")
    found = [desk.find_document(item) for item in given]
    for document in found:
        if document not in have:
            raise UsageError(f"Part {number}: {document} is no report of {event.event_id}.", "Attach it first, or leave it out.")
    return found


def _part(desk: Desk, event: Folded, changes: Mapping[str, Any], reports: Sequence[str], reason: str, number: int) -> NewEvent:
    """The new event: the old values, without what follows from the changed ones and what the software assigns."""
    assigned = {c.name for c in desk.codebook.columns if c.entered in ("system", "derived")} | {"event_id_cnty"}
    loose = desk.dependents(changes, event.values) | assigned
    if set(reports) != {r["document"] for r in event.reports}:
        loose |= {"source", "source_scale", "reported_date"} if reports else set()
    kept = {name: value for name, value in event.values.items() if name not in loose and name not in changes}
    evidence = {name: [s for s in spans if s.get("document") in reports] for name, spans in event.evidence.items() if name in kept}
    raw = kept | {name: value for name, value in changes.items() if value is not None}
    return NewEvent(raw, list(reports), {n: spans for n, spans in evidence.items() if spans}, reason=reason, where=f"part {number}")


def _kept(desk: Desk, event: Folded, own: Mapping[str, Any], made: Sequence[str], reason: str) -> Outcome:
    """The act on the event itself: which events came out of it, and what changes in it."""
    gone = [r["document"] for r in event.reports if r["document"] not in own["reports"]] if own else []
    base = {**event.values}
    changes: dict[str, Any] = dict(own.get("changes", {}))
    structural: list[Problem] = []
    if changes:
        typed, structural = desk.codebook.coerce({k: v for k, v in changes.items() if v not in (None, "", [])})
        structural += desk.refuse_assigned(changes, already={p.field for p in structural})
        for name in desk.dependents(changes, event.values) | changes.keys():
            base.pop(name, None)
        base |= typed
    ready = desk.prepare(base, event_id=event.event_id)
    if structural or ready.structural:
        raise Refused(f"Event {event.event_id} was not split.", "Mend the values that stay with it.", [*structural, *ready.structural])
    body: dict[str, Any] = {"act": "split", "parts": list(made), "reason": reason, "codebook": desk.codebook.version, "settled": desk.settles(ready)}
    if changes:
        from eventcoder.coding.joining import changes_of

        body["values"] = changes_of(event.values, ready.values)
    if gone:
        body["detach"] = gone
    entry = desk.act(event.event_id, body, event.heads)
    desk.store([entry])
    return Outcome(event.event_id, event.revision + 1, "settled" if body["settled"] else "open", entry.id, ready.problems)
