"""Entries: the records that a ledger is made of, their identity and the shapes of their bodies.

An entry is `{"id", "kind", "subject", "parents", "coder", "role", "time", "body"}`; `id` is the sha256 of the canonical JSON of everything
else, so an entry cannot be edited without being found out, and the same entry written twice is one. Order comes from `parents`, never from
`time`: clocks of coders differ and run backwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eventcoder.clock import stamp
from eventcoder.errors import UsageError
from eventcoder.identity import canonical, digest

KINDS = (
    "document",
    "draft",
    "decision",
    "act",
    "actor",
    "place",
    "publisher",
    "coder",
    "assignment",
    "coverage",
    "query",
    "redaction",
    "seal",
)
ACTS = ("create", "attach", "revise", "settle", "retract", "restore", "merge", "split", "relate", "resolve", "adjudicate")
ID_PATTERN = re.compile(r"[0-9a-f]{64}")
TIME_PATTERN = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")
COLUMNS = "id, kind, subject, parents, coder, role, time, body"


@dataclass(frozen=True, slots=True)
class Entry:
    """One immutable record. `time` is `YYYY-MM-DDTHH:MM:SSZ`; `parents` are entry ids in sorted order."""

    id: str
    kind: str
    subject: str
    parents: tuple[str, ...]
    coder: str
    role: str
    time: str
    body: dict[str, Any]
    _text: str | None = field(default=None, init=False, repr=False, compare=False)  # the body's canonical JSON, where it was made for the id

    def content(self) -> dict[str, Any]:
        """Everything but the id, as JSON values."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "parents": list(self.parents),
            "coder": self.coder,
            "role": self.role,
            "time": self.time,
            "body": self.body,
        }

    def as_json(self) -> dict[str, Any]:
        """The entry as one JSON object: a line of the journal, or what `history --json` prints."""
        return {"id": self.id, **self.content()}

    def intact(self) -> bool:
        """Whether the id is the hash of the content (a redacted entry is not: see `redaction`)."""
        return digest(self.content()) == self.id

    def row(self) -> tuple[str, ...]:
        """The entry as the eight texts of `COLUMNS`."""
        text = self._text or canonical(self.body)
        return (self.id, self.kind, self.subject, ids_text(self.parents), self.coder, self.role, self.time, text)


def ids_text(ids: Sequence[str]) -> str:
    """The canonical JSON of a list of entry ids, which hold nothing that JSON would escape."""
    return '["' + '","'.join(ids) + '"]' if ids else "[]"


def from_row(row: tuple[Any, ...]) -> Entry:
    """The inverse of `Entry.row`."""
    parents = row[3]
    return Entry(row[0], row[1], row[2], tuple(json.loads(parents)) if parents != "[]" else (), row[4], row[5], row[6], json.loads(row[7]))


def new_entry(
    kind: str,
    subject: str,
    body: Mapping[str, Any],
    *,
    coder: str,
    role: str = "coder",
    time: datetime | str,
    parents: Iterable[str] = (),
) -> Entry:
    """An entry with its id. `subject` is what it is about: the event id of an act, a document's id, an actor's name, ...

    `time` is an aware datetime or its stamp. Raises `UsageError` for an unknown kind, an empty subject or coder, a body that is not JSON,
    or an act whose body has the wrong shape.
    """
    moment = stamp(time) if isinstance(time, datetime) else time
    try:
        text = canonical(dict(body))
        text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"The body of a {kind} entry is not JSON: {error}.", "Use texts, numbers, true, false, null, lists and objects.") from None
    content = {
        "kind": kind,
        "subject": subject,
        "parents": sorted(set(parents)),
        "coder": coder,
        "role": role,
        "time": moment,
        "body": json.loads(text),
    }
    fault = content_fault(content)
    if fault:
        raise UsageError(f"This is no entry: {fault}.")
    ordered = {name: text if name == "body" else canonical(content[name]) for name in sorted(content)}
    whole = "{" + ",".join(f'"{name}":{value}' for name, value in ordered.items()) + "}"  # the canonical JSON of the content
    entry = Entry(digest(whole.encode()), kind, subject, tuple(content["parents"]), coder, role, moment, content["body"])
    object.__setattr__(entry, "_text", text)
    return entry


def content_fault(content: Mapping[str, Any]) -> str:
    """What is wrong with an entry's content ("" if nothing): the one check for entries made here and read from a journal."""
    if content.get("kind") not in KINDS:
        return f"kind {content.get('kind')!r} is not one of {', '.join(KINDS)}"
    for name in ("subject", "coder", "role"):
        value = content.get(name)
        if not isinstance(value, str) or not value.strip():
            return f"{name} must be a text that is not empty"
        if not value.isprintable():
            return f"{name} holds characters that cannot be printed"
    time = content.get("time")
    if not isinstance(time, str) or not TIME_PATTERN.fullmatch(time):
        return f"time {time!r} is not of the form 2026-11-23T12:00:00Z"
    parents = content.get("parents")
    if not isinstance(parents, list) or not all(isinstance(p, str) and ID_PATTERN.fullmatch(p) for p in parents):
        return "parents must be a list of entry ids"
    if parents != sorted(set(parents)):
        return "parents must be sorted, each once"
    body = content.get("body")
    if not isinstance(body, dict):
        return "body must be an object"
    if content["kind"] == "act":
        return act_fault(body)
    if content["kind"] == "redaction" and not (
        body.keys() == {"entry", "envelope", "reason", "stub"} and isinstance(body["stub"], dict) and body["entry"] == content["subject"]
    ):
        return "a redaction's body is 'entry' (its subject), 'envelope', 'reason' and 'stub': make it with redaction_of()"
    return ""


_LIST_OF_OBJECTS = ("reports", "counts", "relations")
_LIST_OF_TEXTS = ("merged", "detach")
_TEXT_OR_NULL = ("successor", "reason", "draft", "codebook", "held")


def act_fault(body: Mapping[str, Any]) -> str:
    """What is wrong with the shape of an act's body, "" if nothing. Values themselves are the codebook's business."""
    if body.get("act") not in ACTS:
        return f"act {body.get('act')!r} is not one of {', '.join(ACTS)}"
    values = body.get("values", {})
    if not isinstance(values, dict):
        return "'values' must be an object"
    for name, value in values.items():
        if isinstance(value, list):
            if not all(isinstance(item, str) for item in value):
                return f"value of '{name}' must be a list of texts"
        elif isinstance(value, dict):
            return f"value of '{name}' must not be an object"
    evidence = body.get("evidence", {})
    if not isinstance(evidence, dict) or not all(_objects(spans) for spans in evidence.values()):
        return "'evidence' must be an object of field -> list of spans"
    for key in _LIST_OF_OBJECTS:
        if key in body and not _objects(body[key]):
            return f"'{key}' must be a list of objects"
    for key in _LIST_OF_TEXTS:
        if key in body and not (isinstance(body[key], list) and all(isinstance(item, str) for item in body[key])):
            return f"'{key}' must be a list of texts"
    for key in _TEXT_OR_NULL:
        if body.get(key) is not None and not isinstance(body[key], str):
            return f"'{key}' must be a text or null"
    if not isinstance(body.get("settled", False), bool):
        return "'settled' must be true or false"
    if body["act"] == "merge" and not body.get("successor") and not body.get("merged"):
        return "a merge names 'successor' (on the event that ends) or 'merged' (on the one that stays)"
    return ""


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
