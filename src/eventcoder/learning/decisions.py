"""What the ledger's decisions teach: the words of a draft's statement with the type that a coder settled on. Floor 5.

The type is that of the event as it stands now, so that a later `amend` counts; a merged event's is that of the one that took it in. A decision that
was undone teaches nothing, nor does a rejection: it says that there is no event, and the classifier only tells events from each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventcoder.errors import NotFound
from eventcoder.identity import digest
from eventcoder.learning.aside import Aside, kept_aside

if TYPE_CHECKING:
    from eventcoder.coding import Desk
    from eventcoder.ledger import Entry, Folded

LIVE = ("open", "settled")
_TYPE = "sub_event_type"
_ID = 12  # digits of an entry's id that are kept
_STEPS = 20  # from a merged event to where it went


@dataclass(frozen=True, slots=True)
class Decision:
    """One lesson. `day` is when it was decided, `published` the document's day (either may be empty); `event` is what it led to."""

    id: str
    document: str
    event: str
    sentence: str
    sub_event_type: str
    day: str = ""
    published: str = ""


@dataclass(slots=True)
class Gathered:
    """All lessons in a fixed order. `left` says why other decisions teach nothing; `aside` counts documents kept for scoring."""

    decisions: list[Decision] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    aside: dict[str, int] = field(default_factory=dict)
    ledger: str = ""  # a hash of the decisions and of the state of their events

    @property
    def documents(self) -> int:
        return len({d.document for d in self.decisions})

    def by_type(self) -> dict[str, int]:
        """Type -> number of decisions, the most frequent first."""
        return dict(sorted(Counter(d.sub_event_type for d in self.decisions).items(), key=lambda item: (-item[1], item[0])))


def gather(desk: Desk) -> Gathered:
    """Read the decisions of a project. Raises `Refused` for a gold coding that cannot be read."""
    standing = sorted(desk.ledger.latest("decision").values(), key=lambda e: e.id)
    texts = dict(_texts(desk, standing))
    aside = kept_aside(desk, texts)
    known = set(desk.codebook.lists["sub_event_types"].codes)
    left: Counter[str] = Counter()
    found: list[Decision] = []
    state: list[list[str]] = []
    for entry in standing:
        event = _event_of(desk, entry)
        state.append([entry.id, *(event.heads if event else ())])
        reason = _why_not(entry, event, aside, known, texts)
        if reason:
            left[reason] += 1
            continue
        assert event is not None
        found.append(_decision(desk, entry, event, texts[str(entry.body["document"])]))
    taught = _told_once(found, left)
    return Gathered(taught, dict(sorted(left.items(), key=lambda item: (-item[1], item[0]))), aside.counts(), digest(state)[:16])


def _texts(desk: Desk, entries: list[Entry]) -> Iterator[tuple[str, str]]:
    for document in sorted({str(e.body["document"]) for e in entries if e.body.get("document")}):
        try:
            yield document, desk.documents.text(document)
        except NotFound:
            continue


def _event_of(desk: Desk, entry: Entry) -> Folded | None:
    """The event that a decision led to, followed to where it went; None where there is none."""
    identity = entry.body.get("event_id")
    for _ in range(_STEPS):
        event = desk.ledger.head(str(identity)) if identity else None
        if event is None or event.state not in ("merged", "retracted") or not event.successor:
            return event
        identity = event.successor
    return None


def _why_not(entry: Entry, event: Folded | None, aside: Aside, known: set[str], texts: dict[str, str]) -> str:
    """Why a decision teaches nothing, "" if it does."""
    body = entry.body
    document = str(body.get("document", ""))
    if body.get("decision") == "undo":
        return "undone"
    if document in aside.why:
        return f"document {aside.why[document]}"
    if body.get("decision") == "reject":
        return "rejected (no event, so no type)"
    if event is None or event.state not in LIVE:
        return "event withdrawn or in conflict"
    if event.values.get(_TYPE) not in known:
        return "event without a type of the codebook"
    if document not in texts:
        return "text is not on this machine"
    if not _words(entry, texts[document]).strip():
        return "words are not in the text"
    return ""


def _words(entry: Entry, text: str) -> str:
    return text[int(entry.body.get("start", 0)) : int(entry.body.get("end", 0))]


def _decision(desk: Desk, entry: Entry, event: Folded, text: str) -> Decision:
    document = str(entry.body["document"])
    words = " ".join(_words(entry, text).split())
    published = str(desk.document_meta(document).get("published") or "")
    return Decision(entry.id[:_ID], document, event.event_id, words, str(event.values[_TYPE]), entry.time[:10], published)


def _told_once(found: list[Decision], left: Counter[str]) -> list[Decision]:
    """The same words with the same type teach once: one statement of several places, one wire sentence in several papers."""
    out: list[Decision] = []
    seen: set[tuple[str, str]] = set()
    for one in found:
        key = (one.sentence.casefold(), one.sub_event_type)
        if key in seen:
            left["same words as another"] += 1
            continue
        seen.add(key)
        out.append(one)
    return out
