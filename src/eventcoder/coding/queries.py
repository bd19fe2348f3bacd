"""The thread of an event: questions, answers, and returns with their reasons. Floor 5.

A message is an entry of kind `query` about an event. A question and a return name the event's heads as parents, so that it is known without clocks
what they were said about; an answer names what it answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.ledger.fold import in_order

if TYPE_CHECKING:
    from eventcoder.ledger import Entry, Folded, Ledger

QUESTION, ANSWER, RETURN, CLOSE = "question", "answer", "return", "close"
SAYS = (QUESTION, ANSWER, RETURN, CLOSE)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a thread. `open`: a question that nobody answered or closed, or a return after which the event was not changed."""

    id: str
    event_id: str
    says: str
    field: str | None
    text: str
    coder: str
    role: str
    time: str
    reply_to: str | None
    open: bool

    def told(self) -> str:
        """The message as one line."""
        about = f" on {self.field}" if self.field else ""
        verb = {QUESTION: "asks", ANSWER: "answers", RETURN: "returns it", CLOSE: "closes the question"}.get(self.says, self.says)
        return f"{self.coder} {verb}{about}: {self.text}" if self.text else f"{self.coder} {verb}{about}."


def thread_of(entries: Iterable[Entry], event: Folded | None) -> list[Message]:
    """The messages about one event, each after what it follows; `event` is the event as it stands."""
    ordered = in_order(entries, complete=False)
    settled = {str(e.body.get("reply_to")) for e in ordered if e.body.get("says") in (ANSWER, CLOSE)}
    heads = frozenset(event.heads) if event is not None else frozenset()
    out = []
    for entry in ordered:
        says = str(entry.body.get("says", ""))
        waits = says == QUESTION or (says == RETURN and heads <= frozenset(entry.parents))
        text, field, reply = (entry.body.get(key) for key in ("text", "field", "reply_to"))
        out.append(
            Message(
                entry.id, entry.subject, says, str(field) if field else None, str(text or ""), entry.coder, entry.role, entry.time,
                str(reply) if reply else None, waits and entry.id not in settled,
            )
        )  # fmt: skip
    return out


def thread(ledger: Ledger, event_id: str) -> list[Message]:
    """The thread of one event; [] if nobody said anything."""
    found = list(ledger.entries("query", subject=event_id))
    return thread_of(found, ledger.head(event_id)) if found else []


def waiting(messages: Sequence[Message]) -> list[Message]:
    """Those that still wait: open questions and returns."""
    return [message for message in messages if message.open]
