"""Documents of the ledger, page by page through its index: a million of them are never held at once. Floor 5."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from pydantic import ValidationError

from eventcoder.coding import Desk
from eventcoder.corpus.pieces import Item
from eventcoder.errors import InputError, NotFound
from eventcoder.event import Document, Draft
from eventcoder.extraction.protocol import Text
from eventcoder.identity import digest
from eventcoder.ledger import Entry, Ledger
from eventcoder.ledger.entry import COLUMNS, from_row
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.writing import portions
from eventcoder.problem import Problem

PAGE = 500
_READ = ", ".join(f"e.{name}" for name in COLUMNS.split(", "))
_HEARD = ("published", "language", "visibility", "title", "publisher")  # what of a sidecar an engine may go by


def find_document(desk: Desk, prefix: str) -> str:
    """The id of the one document that begins with `prefix`, by the ledger's index. Raises `NotFound`."""
    sql = f"SELECT DISTINCT e.subject FROM entries AS e WHERE e.kind = 'document' AND e.subject >= ? AND e.subject < ? AND {VISIBLE} LIMIT 6"
    ids = [row[0] for row in desk.ledger.store.rows(sql, (prefix, prefix + "\U0010ffff"))] if prefix.isascii() and prefix else []
    if len(ids) == 1 or prefix in ids:
        return prefix if prefix in ids else str(ids[0])
    why = f"{len(ids) if len(ids) < 6 else 'Several'} documents begin with {prefix!r}" if ids else f"No document {prefix!r} in this project"
    raise NotFound(f"{why}.", "'eventcoder documents' shows the ids.")


def count(ledger: Ledger) -> int:
    """How many documents there are."""
    row = ledger.store.row(f"SELECT COUNT(DISTINCT e.subject) FROM entries AS e WHERE e.kind = 'document' AND {VISIBLE}")
    return int(row[0]) if row else 0


def pages(ledger: Ledger, only: Sequence[str] | None = None) -> Iterator[list[Entry]]:
    """The newest word on every document (or on those of `only`, in that order), a page at a time, by id."""
    if only is not None:
        for part in portions(ledger.store, only):
            marks = ", ".join("?" * len(part))
            sql = f"SELECT {_READ} FROM entries AS e WHERE e.kind = 'document' AND e.subject IN ({marks}) AND {VISIBLE} ORDER BY e.subject, e.seq"
            found = {entry.subject: entry for entry in _newest(ledger.store.rows(sql, tuple(part)))}
            yield [found[i] for i in part if i in found]
        return
    after = ""
    while True:
        sql = f"SELECT DISTINCT e.subject FROM entries AS e WHERE e.kind = 'document' AND e.subject > ? AND {VISIBLE} ORDER BY e.subject LIMIT {PAGE}"
        ids = [row[0] for row in ledger.store.rows(sql, (after,))]
        if not ids:
            return
        sql = f"SELECT {_READ} FROM entries AS e WHERE e.kind = 'document' AND e.subject BETWEEN ? AND ? AND {VISIBLE} ORDER BY e.subject, e.seq"
        yield list(_newest(ledger.store.rows(sql, (ids[0], ids[-1]))))
        after = ids[-1]


def drafts_of(ledger: Ledger, ids: Mapping[str, Sequence[str]]) -> dict[str, list[Draft]]:
    """Document -> its stored drafts, in the order of their `ids`; ids that the ledger does not have are left out."""
    wanted = [i for some in ids.values() for i in some]
    found: dict[str, Draft] = {}
    for part in portions(ledger.store, wanted):
        marks = ", ".join("?" * len(part))
        sql = f"SELECT {_READ} FROM entries AS e WHERE e.kind = 'draft' AND e.subject IN ({marks}) AND {VISIBLE} ORDER BY e.subject, e.seq"
        found.update((entry.subject, Draft.model_validate(entry.body)) for entry in _newest(ledger.store.rows(sql, tuple(part))))
    return {document: [found[i] for i in some if i in found] for document, some in ids.items()}


def _newest(rows: Iterable[tuple[Any, ...]]) -> Iterator[Entry]:
    """Of each subject the entry that no other names as parent; of several, the last by time, then id (as `Ledger.latest` has it)."""
    for _, group in groupby(map(from_row, rows), key=lambda entry: entry.subject):
        entries = list(group)
        named = {parent for entry in entries for parent in entry.parents}
        yield max((e for e in entries if e.id not in named), key=lambda e: (e.time, e.id), default=entries[-1])


def key_of(entry: Entry, state: str) -> str:
    """What a document's drafts follow from: its text (which is its id), its sidecar, and the state of engine and registers."""
    return digest([state, entry.subject, {name: entry.body.get(name) for name in _HEARD}])[:16]


def item_of(desk: Desk, entry: Entry, state: str) -> Item:
    """A document with its text, or with the problem for which there is none."""
    identity = entry.subject
    key = key_of(entry, state)
    try:
        document = Document.model_validate(entry.body)
        return Item(identity, Text(document, desk.documents.text(identity)), key=key)
    except ValidationError:
        return Item(identity, fault=Problem("document-redacted", f"{identity} was redacted; it is not read.", "warning", where=identity), key=key)
    except NotFound as error:
        return Item(identity, fault=Problem("document-text-missing", f"{identity} was not read: {error}", where=identity), key=key)
    except InputError as error:
        return Item(identity, fault=Problem("document-altered", f"{identity} was not read: {error}", where=identity), key=key)
