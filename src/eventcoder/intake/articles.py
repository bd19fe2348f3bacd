"""Articles into the project: read, stored, and entered into the ledger. Floor 5.

Every item read is counted once: `read = created + unchanged + refused`. The text goes to disk first, the ledger's entries follow in one
transaction; a run that was interrupted between the two is completed by the next one, because "created" asks the ledger, not the folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from eventcoder.clock import latest_today
from eventcoder.documents import Article, DocumentStore, NearDuplicate, near_duplicates, read_articles
from eventcoder.documents.metadata import Misread, parse_field
from eventcoder.documents.store import METADATA
from eventcoder.errors import UsageError
from eventcoder.event import Document
from eventcoder.ledger import Entry, Ledger, new_entry
from eventcoder.ledger.people.roster import roster
from eventcoder.problem import Problem
from eventcoder.project import Project


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of the items. `documents` are the ids of all that are in the store now, in the order read, each once."""

    read: int
    created: int
    unchanged: int
    refused: int
    problems: tuple[Problem, ...]
    near_duplicates: tuple[NearDuplicate, ...]
    documents: tuple[str, ...]


def ingest(
    project: Project,
    ledger: Ledger,
    paths: Iterable[Path],
    *,
    coder: str,
    time: datetime,
    publisher: str | None = None,
    published: Any = None,
    language: str | None = None,
    visibility: str | None = None,
    licence: str | None = None,
) -> IngestResult:
    """Read files and folders into `raw/documents/` and the ledger. The keywords fill what articles do not say (see `read_articles`).

    What cannot be read becomes a problem and the rest goes on. The same text again is `unchanged`; if it now comes with other metadata, the new
    ones stand, one more entry keeps them, and `document-metadata-changed` says so. Raises `UsageError` for a keyword that cannot be understood,
    `Refused` for a coder who may not take in documents.
    """
    defaults = _defaults(publisher=publisher, published=published, language=language, visibility=visibility, licence=licence)
    role = roster(ledger).role_of(coder)
    roster(ledger).demand(coder, "coder", "take in documents")  # before texts are stored of which the ledger would know nothing
    store = DocumentStore(project.documents_dir)
    known = ledger.latest("document")
    redacted = set(ledger.latest("redaction"))
    pending: dict[str, Document] = {}
    problems: list[Problem] = []
    created: list[str] = []
    seen: dict[str, None] = {}
    read = refused = unchanged = 0
    for path in paths:
        for item in read_articles(Path(path), defaults=defaults):
            if isinstance(item, Problem):
                problems.append(item)
                if item.severity == "error":
                    read, refused = read + 1, refused + 1
                continue
            read += 1
            if item.published is not None and item.published > latest_today(time):
                said = f"{item.source_name} says that it was published on {item.published}, which is still to come."
                problems.append(Problem("document-future-date", said, "warning", field="published", value=str(item.published), where=str(path)))
            if item.id in known and known[item.id].id in redacted:
                refused += 1
                said = f"{item.source_name} is document {item.id}, whose content was redacted; it was not stored again."
                problems.append(Problem("document-redacted", said, value=item.id, where=str(path)))
                continue
            document, _ = store.save(item)
            seen[document.id] = None
            if document.id not in known and document.id not in pending:
                created.append(document.id)
                pending[document.id] = document
                continue
            unchanged += 1
            # The ledger's record is the one that counts: the folder may have been kept elsewhere and come back empty.
            earlier = pending.get(document.id) or Document.model_validate(known[document.id].body)
            changes = _changes(earlier, item)
            current = Document.model_validate({**earlier.model_dump(), **changes})
            if current != document:
                store.update(document.id, {field: getattr(current, field) for field in METADATA})
            if changes:
                pending[document.id] = current
                problems.append(_changed(document.id, item, changes))
    entries: list[Entry] = []
    for identity, document in pending.items():
        body = document.model_dump(mode="json")
        before = known.get(identity)
        # Two files with one text and two publishers take turns in every run; where the last word is the old one, there is nothing to enter.
        if before is None or before.body != body:
            entries.append(new_entry("document", identity, body, coder=coder, role=role, time=time, parents=(before.id,) if before else ()))
    if entries:
        ledger.append(entries)
    near = near_duplicates(store, created)
    return IngestResult(read, len(created), unchanged, refused, tuple(problems), tuple(near), tuple(seen))


def _defaults(**given: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, value in given.items():
        try:
            values[field] = parse_field(field, value)
        except Misread as error:
            raise UsageError(f"--{field}: {error}") from None
    return values


def _changes(document: Document, article: Article) -> dict[str, Any]:
    """What the article says otherwise than the stored document. Silence changes nothing, least of all an undisclosed source to a public one."""
    changes: dict[str, Any] = {}
    for field in METADATA:
        value = getattr(article, field)
        if value is not None and value != getattr(document, field):
            changes[field] = value
    return changes


def _changed(identity: str, article: Article, changes: dict[str, Any]) -> Problem:
    named = ", ".join(f"{field} is now {value}" for field, value in changes.items())
    said = f"{article.source_name} is document {identity}, known already, with other metadata: {named}. The earlier ones stay in its history."
    return Problem("document-metadata-changed", said, "warning", field=next(iter(changes)), value=identity, where=article.source_name)
