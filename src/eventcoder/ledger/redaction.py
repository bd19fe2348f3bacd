"""Redaction: the one way in which content leaves the ledger (source safety, a court, privacy law), with a visible trace.

A redaction entry's body is `{"entry", "envelope", "reason", "stub"}`: whose body is replaced, the hash of the rest of that entry (so that a
redacted entry's coder, time and parents stay provable although its id can no longer be recomputed), why, and the body that stands now.
A redaction may be redacted itself, to a redaction of the same entry whose stub holds less: what stood in that stub may have to go later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from eventcoder.errors import UsageError
from eventcoder.identity import canonical, digest
from eventcoder.ledger.entry import Entry, new_entry
from eventcoder.ledger.secrets import MARK, Secrets


def envelope(entry: Entry) -> str:
    """Hash of everything of an entry but its body and id."""
    content = entry.content()
    del content["body"]
    return digest(content)


def redaction_of(entry: Entry, stub: Mapping[str, Any], *, coder: str, time: datetime | str, reason: str, role: str = "coder") -> Entry:
    """The entry that replaces the body of `entry` by `stub` once it is appended. Raises `UsageError` for seals, for redactions (but to one of the
    same entry that says the same with another stub), and for no reason."""
    if entry.kind == "seal" or (entry.kind == "redaction" and not is_same_trace(entry.body, stub)):
        raise UsageError(f"A {entry.kind} entry cannot be redacted: it is the trace.")
    if not reason.strip():
        raise UsageError("A redaction needs a reason.", "Say it without the content that is to go.")
    body = {"entry": entry.id, "envelope": envelope(entry), "reason": reason, "stub": dict(stub)}
    return new_entry("redaction", entry.id, body, coder=coder, role=role, time=time)


def is_same_trace(body: Mapping[str, Any], stub: Mapping[str, Any]) -> bool:
    """Whether both are redactions of one entry, for the same reason or a redacted one, that differ in what they leave of it."""
    return body.keys() == stub.keys() == {"entry", "envelope", "reason", "stub"} and all(body[k] == stub[k] for k in ("entry", "envelope"))


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


def document_stub(document: str) -> dict[str, Any]:
    """What stays of a document's record: that there was one. It is not a `Document` any more, and counts as undisclosed wherever it is named."""
    return {"id": document, "redacted": True, "visibility": "undisclosed"}


def stub_of(entry: Entry, secrets: Secrets, *, tied: bool, keeps: bool) -> dict[str, Any] | None:
    """What may stay of an entry's body without the secrets; None if it holds none of them.

    `tied`: the entry is about an event (or draft) that rests on the document; `keeps`: that event may go on naming the publisher.
    """
    body, document = entry.body, secrets.document
    if entry.kind == "seal":
        return None
    if entry.kind == "redaction":
        left = _draft_stub(body["stub"]) if _is_draft_of(body["stub"], document) else _cleaned(body["stub"], secrets, tied, keeps)
        stub = {**body, "reason": secrets.clean(body["reason"], tied=tied), "stub": left}
    elif entry.kind == "document" and document and entry.subject == document:
        stub = document_stub(document)
    elif entry.kind == "draft" and _is_draft_of(body, document):
        stub = _draft_stub(body)
    else:
        stub = _cleaned(body, secrets, tied, keeps)
    return stub if stub != body else None


def _is_draft_of(body: Mapping[str, Any], document: str) -> bool:
    return bool(document) and "draft_id" in body and body.get("document") == document


def _cleaned(body: Mapping[str, Any], secrets: Secrets, tied: bool, keeps: bool) -> dict[str, Any]:
    if secrets.document:
        body = without_document(body, secrets.document)
    if secrets.field:
        body = _without_field(body, secrets)
    cleaned: dict[str, Any] = secrets.everywhere(body, tied=tied, keeps=keeps)
    return cleaned


def _draft_stub(body: Mapping[str, Any]) -> dict[str, Any]:
    """A draft that proposes nothing, in the shape of every other, so that whatever counts drafts can still read it."""
    nothing: dict[str, Any] = {"fields": {}, "evidence": {}, "counts": [], "candidates": {}, "rules": {}, "score": 0.0, "clue": MARK}
    kept = {k: body.get(k) for k in ("draft_id", "document", "status", "engine", "engine_version")}
    return {**kept, **nothing, "statement": {"start": 0, "end": len(MARK), "quote": MARK}}


def _without_field(body: Mapping[str, Any], secrets: Secrets) -> dict[str, Any]:
    """A body without the values and quotes of one field: an act's (with what adjudication overruled in it), a draft's, a decision's, a planting's."""
    out = dict(body)
    for part in ("values", "fields", "edits"):
        if isinstance(out.get(part), dict) and isinstance(out[part].get(secrets.field), str):
            out[part] = {**out[part], secrets.field: MARK}
    for part in ("evidence", "candidates"):
        if isinstance(out.get(part), dict) and secrets.field in out[part]:
            out[part] = {k: v for k, v in out[part].items() if k != secrets.field}
    if isinstance(out.get("overruled"), dict):
        out["overruled"] = _overruled_without(out["overruled"], secrets.field)
    planted = out.get("planted")
    if isinstance(planted, dict) and isinstance(also := planted.get("also"), dict) and isinstance(also.get(secrets.field), str):
        out["planted"] = {**planted, "also": {**also, secrets.field: MARK}}
    return out


def _overruled_without(overruled: Mapping[str, Any], field: str) -> dict[str, Any]:
    """What was overruled, by field, or by head of an event in conflict and then by field."""
    out: dict[str, Any] = {}
    for name, said in overruled.items():
        if name == field and isinstance(said, dict):
            out[name] = {k: MARK if k in ("was", "now") and isinstance(v, str) else v for k, v in said.items()}
        else:
            nested = isinstance(said, dict) and any(isinstance(v, dict) for v in said.values())
            out[name] = _overruled_without(said, field) if nested else said
    return out
