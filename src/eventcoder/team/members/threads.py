"""Questions and answers about an event, field by field, and returns to the coder. Floor 5.

`coding.queries` reads threads; here they are written. A return of a settled event opens it again in the same transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventcoder.coding.queries import ANSWER, CLOSE, QUESTION, RETURN, Message, thread, waiting
from eventcoder.coding.records import reason_text
from eventcoder.errors import NotFound, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventcoder.coding.desk import Desk
    from eventcoder.ledger import Folded


def ask(desk: Desk, event: str, text: str, *, field: str | None = None) -> Message:
    """Ask about an event, or about one field of it: until somebody answers or closes the question nobody approves the event."""
    found = desk.undisputed(event)
    return _say(desk, found, QUESTION, text, field=_column(desk, field), parents=found.heads)


def answer(desk: Desk, event: str, text: str, *, field: str | None = None) -> Message:
    """Answer what waits: of several questions the one on `field`. Raises `NotFound` if nothing waits, `UsageError` if several do."""
    found = desk.event(event)
    asked = _the_open_one(thread(desk.ledger, found.event_id), found.event_id, _column(desk, field))
    return _say(desk, found, ANSWER, text, field=asked.field, parents=(asked.id,), reply_to=asked.id)


def close(desk: Desk, event: str, *, field: str | None = None, text: str = "") -> Message:
    """Take a question back, or say that it needs no answer: who asked it may, and reviewers and leads. Raises as `answer`, and `Refused`."""
    found = desk.event(event)
    asked = _the_open_one(thread(desk.ledger, found.event_id), found.event_id, _column(desk, field))
    if asked.coder != desk.coder:
        desk.people.demand(desk.coder, "reviewer", "close what somebody else asked")
    return _say(desk, found, CLOSE, text, field=asked.field, parents=(asked.id,), reply_to=asked.id)


def send_back(desk: Desk, event: str, reason: str, *, field: str | None = None) -> Message:
    """Return an event to its coder, with the reason: it waits until it is changed or answered. A settled one is open again."""
    found = desk.undisputed(event)
    desk.people.demand(desk.coder, "reviewer", "return events")
    heads, before = found.heads, []
    if found.state == "settled":
        opening = desk.act(found.event_id, {"act": "revise", "values": {}, "settled": False, "reason": reason_text(reason)}, found.heads)
        heads, before = (opening.id,), [opening]
    return _say(desk, found, RETURN, reason, field=_column(desk, field), parents=heads, before=before)


def _say(
    desk: Desk, event: Folded, says: str, text: str, *, field: str | None, parents: Sequence[str], reply_to: str | None = None, before: Any = ()
) -> Message:
    if event.held:
        raise Refused(f"Event {event.event_id} is coded apart for task {event.held}: nobody is asked about it before adjudication.")
    said = text if says == CLOSE and not text.strip() else reason_text(text)
    body = {"says": says, "field": field, "text": said, "reply_to": reply_to}
    entry = desk.entry("query", event.event_id, body, parents)
    desk.ledger.append([*before, entry])
    return next(m for m in thread(desk.ledger, event.event_id) if m.id == entry.id)


def _column(desk: Desk, field: str | None) -> str | None:
    """The column of that name. Raises `UsageError` that names the nearest."""
    if field is None or field in desk.codebook.columns_by_name:
        return field
    _, problems = desk.codebook.coerce({field: "x"})
    raise UsageError(problems[0].message if problems else f"Unknown column {field!r}.", "Leave the field out to speak of the whole event.")


def _the_open_one(messages: Sequence[Message], event_id: str, field: str | None) -> Message:
    found = waiting(messages)
    fitting = [m for m in found if m.field == field] if field else found
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        about = f" on {field}" if field else ""
        raise NotFound(f"No question{about} waits at event {event_id}.", "'eventcoder show' prints the thread; 'eventcoder ask' asks anew.")
    names = sorted({m.field or "the whole event" for m in fitting})
    last = " first; then the same without a field is the one on the whole event" if any(m.field is None for m in fitting) else ""
    raise UsageError(
        f"{len(fitting)} questions wait at event {event_id}, on {', '.join(names)}.",
        f"Name the field{last}."
        if len(names) == len(fitting) and not field
        else "Close the ones that are done with: eventcoder answer EVENT FIELD --close",
    )
