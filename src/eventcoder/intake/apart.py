"""Rows that name a document which is coded blind: an event of theirs would stand beside the codings, for all coders to see. Floor 5.

A table's row has no column for a document, but its cells may name one, in whatever column: by its id, or by the address of the same article.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.ledger.blind import apart

if TYPE_CHECKING:
    from eventcoder.ledger import Ledger

_NAME = re.compile(r"(?i)https?://[^\s\"'<>;|]+|\b[0-9a-f]{16}\b")
_SHORTEST = 11  # characters of an address with a host
_FEW = 200  # documents whose records are read one by one
_HEAD = re.compile(r"https?://(www\.)?")


class Apart:
    """The documents that are coded blind now, or wait for an adjudicator, by what a row may call them."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names`: id or address (as `address` gives it) -> id of the document."""
        self._names = names

    @classmethod
    def of(cls, ledger: Ledger) -> Apart | None:
        """None where nothing is coded blind, which is almost always: then no row is looked at."""
        found = apart(ledger.store)
        if not found:
            return None
        names = {document: document for document in found}
        records = ledger.latest("document").items() if len(found) > _FEW else [(e.subject, e) for d in found for e in ledger.entries("document", d)]
        for document, record in records:
            url = record.body.get("url")
            if document in found and isinstance(url, str) and url.strip():
                names[address(url)] = document
        return cls(names)

    def named(self, cells: Sequence[Any]) -> str | None:
        """The document that a row's cells name, the first of several; None if they name none that is coded apart."""
        for cell in cells:
            text = cell if isinstance(cell, str) else str(cell) if isinstance(cell, list | tuple | dict) else ""
            if len(text) >= _SHORTEST:
                for name in _NAME.findall(text):
                    found = self._names.get(name.lower()) or self._names.get(address(name))
                    if found is not None:
                        return found
        return None


def address(url: str) -> str:
    """A URL as it is compared: http is https, "www.", a fragment, a last slash and the punctuation of a sentence make no other article."""
    text = _HEAD.sub("", url.strip().partition("#")[0].lower(), count=1)
    return text.rstrip(".,:!?)]}/")
