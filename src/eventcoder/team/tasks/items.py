"""What can be shared out: documents, or single drafts of the ledger; and what is known of each before anybody reads it. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.coding.apart import DOCUMENT
from eventcoder.errors import NotFound
from eventcoder.ledger.work import tasks
from eventcoder.team.tasks.plans import Item

if TYPE_CHECKING:
    from eventcoder.coding import Desk
    from eventcoder.event import Draft

Progress = Callable[[str], None]
UNKNOWN = "unknown"
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an item: its document, the document's drafts (of a draft: itself) and its day ("" if unknown)."""

    item: Item
    document: str
    drafts: list[Draft]
    published: str

    @property
    def kind(self) -> str:
        return DOCUMENT if self.item.id == self.document else DRAFT


def barred(desk: Desk, round: str) -> dict[tuple[str, str], set[str]]:
    """(document, kind of an item) -> coders who must not get one of this kind in the round: who codes a document does not code drafts of it, too,
    nor the other way round, as whatever is coded apart would be seen twice by one pair of eyes."""
    out: dict[tuple[str, str], set[str]] = {}
    for task in tasks(desk.ledger.store, round=round):
        name = task.holder or task.assigned_for
        if name and task.state != "withdrawn":
            out.setdefault((task.document, DRAFT if task.item_kind == DOCUMENT else DOCUMENT), set()).add(name)
    return out


def document_facts(desk: Desk, documents: Sequence[str], progress: Progress | None) -> Iterator[Facts]:
    """Facts of documents, with the stored drafts where there are any, else those that the project's engine reads now."""
    stored: dict[str, list[Draft]] = {}
    wanted = set(documents)
    if desk.ledger.count("draft"):
        from eventcoder.event import Draft as Record

        for entry in desk.ledger.latest("draft").values():
            if entry.body.get("document") in wanted:
                stored.setdefault(str(entry.body["document"]), []).append(Record.model_validate(entry.body))
    session = None
    for document in documents:
        if document not in stored and session is None:
            from eventcoder.review import draft_session

            session = draft_session(desk, progress=progress)
        try:
            drafts = stored[document] if document in stored else session.drafts_of(document) if session is not None else []
        except NotFound:
            drafts = []  # its text is elsewhere: it can be assigned all the same
        yield _facts(desk, document, document, drafts)


def draft_facts(desk: Desk, drafts: Sequence[Draft]) -> Iterator[Facts]:
    """Facts of single drafts."""
    return (_facts(desk, draft.draft_id, draft.document, [draft]) for draft in drafts)


def _facts(desk: Desk, item: str, document: str, drafts: list[Draft]) -> Facts:
    meta = desk.document_meta(document)
    first = next((d for status in ("codable", "lead", "background") for d in drafts if d.status == status), None)
    country = str(first.fields["country"]) if first is not None and first.fields.get("country") else None
    kind = desk.codebook.lists["sub_event_types"].attribute(str(first.fields.get("sub_event_type")), "event_type") if first is not None else ""
    return Facts(
        Item(item, meta.get("language") or None, country, (kind or UNKNOWN, country or UNKNOWN)), document, drafts, str(meta.get("published") or "")
    )


def undecided(desk: Desk, statuses: Collection[str], engine: str) -> list[Draft]:
    """The stored drafts of an engine (its newest reading of each document) that nobody has decided or been given, and whose document nobody has been
    given, in the order of their ids."""
    from eventcoder.review import newest_drafts
    from eventcoder.review.session import is_redacted
    from eventcoder.review.sitting import settled_by

    given = {task.item for task in tasks(desk.ledger.store) if task.state != "withdrawn"}
    past: dict[str, list[dict[str, object]]] = {}
    for entry in desk.ledger.latest("decision").values():
        if entry.body.get("decision") != "undo":
            past.setdefault(str(entry.body.get("document")), []).append(entry.body)
    found = [draft for of in newest_drafts(desk, engine).values() for draft in of if draft.status in statuses]
    waiting = [d for d in found if d.draft_id not in given and d.document not in given and not is_redacted(d.as_json())]
    return sorted((d for d in waiting if not any(settled_by(said, d) for said in past.get(d.document, ()))), key=lambda d: d.draft_id)
