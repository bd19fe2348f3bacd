"""Records as pydantic models: what crosses a border (file, ledger, command line) has one of these shapes. Floor 1.

The model of an event's values is derived from the codebook's columns (`event_model`); the others are written here. All are frozen and refuse
unknown keys.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Status = Literal["codable", "lead", "background", "aggregate", "attribute", "speech_act", "hypothetical"]
State = Literal["open", "settled", "retracted", "merged", "conflict"]
CountKind = Literal["killed", "injured", "arrested", "crowd"]
Visibility = Literal["public", "undisclosed"]


class Record(BaseModel):
    """Base of all records: immutable, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(Record):
    """A piece of a document's stored text: `text[start:end] == quote`, offsets in code points."""

    start: int = Field(ge=0)
    end: int
    quote: str

    @model_validator(mode="after")
    def _ordered(self) -> Span:
        if self.end <= self.start or len(self.quote) != self.end - self.start:
            raise ValueError("a span needs start < end and a quote of exactly that length")
        return self


class Evidence(Span):
    """A span of a named document that supports one field of an event."""

    document: str


class Count(Record):
    """People counted in a document: `low <= best <= high`; null `high` is an open bound ("at least 52"); `words` as written.

    `rule` names the entry of the lexicon or the pattern that turned the words into numbers. `victim` is the class of people where told.
    """

    kind: CountKind
    low: int | None = Field(default=None, ge=0)
    best: int | None = Field(default=None, ge=0)
    high: int | None = Field(default=None, ge=0)
    words: str = ""
    rule: str = ""
    victim: str | None = None
    document: str | None = None
    start: int | None = None
    end: int | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Count:
        known = [v for v in (self.low, self.best, self.high) if v is not None]
        if known != sorted(known):
            raise ValueError("a count needs low <= best <= high")
        return self


class Report(Record):
    """The tie between an event and one document."""

    document: str


class Document(Record):
    """One source report: what the sidecar says. `id` is the first 16 hex digits of `sha256`, the hash of the stored text's UTF-8 bytes."""

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    length: int = Field(ge=0, description="code points of the stored text")
    published: date | None = None
    publisher: str | None = None
    title: str | None = None
    url: str | None = None
    language: str | None = None
    licence: str | None = None
    visibility: Visibility = "public"
    invented: bool = Field(default=False, description="sample text about invented events")
    source_name: str = Field(default="", description="file name (and row) that it was read from")
    source_sha256: str | None = None
    extractor: str = ""
    extractor_version: str = ""
    repairs: tuple[str, ...] = Field(default=(), description="what was done to the characters: a guessed encoding, mojibake undone")


class Draft(Record):
    """A machine's proposal for one statement of one document. Never edited; a coder's decision is another record.

    `draft_id` is a hash of document, span, engine, engine version and fields, so that the same run gives the same ids. `statement` is the
    clause or sentence that was read, `clue` says in words what decided the status.
    """

    draft_id: str
    document: str
    status: Status
    clue: str
    statement: Span
    fields: dict[str, Any] = Field(default_factory=dict)
    evidence: dict[str, list[Span]] = Field(default_factory=dict)
    counts: list[Count] = Field(default_factory=list)
    candidates: dict[str, list[dict[str, Any]]] = Field(default_factory=dict, description="what else a field could be, best first")
    rules: dict[str, str] = Field(default_factory=dict, description="field -> id of the rule that gave the value, or why it is null")
    score: float = Field(ge=0, le=1)
    engine: str
    engine_version: str

    def as_json(self) -> dict[str, Any]:
        """The shape that `extract --json` prints."""
        return self.model_dump(mode="json")
