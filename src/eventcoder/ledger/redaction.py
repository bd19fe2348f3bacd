"""Redaction: the one way in which content leaves the ledger (source safety, a court, privacy law), with a visible trace.

A redaction entry's body is `{"entry", "envelope", "reason", "stub"}`: whose body is replaced, the hash of the rest of that entry (so that a
redacted entry's coder, time and parents stay provable although its id can no longer be recomputed), why, and the body that stands now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from eventcoder.errors import UsageError
from eventcoder.identity import canonical, digest
from eventcoder.ledger.entry import Entry, new_entry


def envelope(entry: Entry) -> str:
    """Hash of everything of an entry but its body and id."""
    content = entry.content()
    del content["body"]
    return digest(content)


def redaction_of(entry: Entry, stub: Mapping[str, Any], *, coder: str, time: datetime | str, reason: str, role: str = "coder") -> Entry:
    """The entry that replaces the body of `entry` by `stub` once it is appended. Raises `UsageError` for redactions, seals and no reason."""
    if entry.kind in ("redaction", "seal"):
        raise UsageError(f"A {entry.kind} entry cannot be redacted: it is the trace.")
    if not reason.strip():
        raise UsageError("A redaction needs a reason.", "Say it without the content that is to go.")
    body = {"entry": entry.id, "envelope": envelope(entry), "reason": reason, "stub": dict(stub)}
    return new_entry("redaction", entry.id, body, coder=coder, role=role, time=time)


def least_stub(bodies: Iterable[Mapping[str, Any]]) -> str:
    """The stub, as canonical JSON, that stands among several redactions of one entry: the shortest, so that whichever comes last, nothing that
    one of them removed comes back by its length alone; then the smaller text."""
    return min((canonical(body["stub"]) for body in bodies), key=lambda text: (len(text), text))


def is_redacted_form(entry: Entry, bodies: Iterable[Mapping[str, Any]]) -> bool:
    """Whether `entry` is what one of these redactions (their bodies) left of the entry with its id."""
    text, rest = canonical(entry.body), envelope(entry)
    return any(body["entry"] == entry.id and body["envelope"] == rest and canonical(body["stub"]) == text for body in bodies)


def without_document(body: Mapping[str, Any], document: str) -> dict[str, Any]:
    """An act's or draft's body without the quotes and words taken from a document: a stub for redacting that document's traces.

    Values, offsets and the tie to the document stay; `quote` and `words` of its spans and counts become empty.
    """

    def cleaned(value: Any, inside: bool) -> Any:
        if isinstance(value, dict):
            inside = inside or value.get("document") == document
            return {k: "" if inside and k in ("quote", "words") else cleaned(v, inside) for k, v in value.items()}
        if isinstance(value, list):
            return [cleaned(item, inside) for item in value]
        return value

    return {k: cleaned(v, body.get("document") == document) for k, v in body.items()}
