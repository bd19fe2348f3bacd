"""One Kit for all tests of extraction: the packaged codebook, gazetteer and actors."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from eventcoder.actors import ActorRegistry
from eventcoder.codebook import load_codebook
from eventcoder.event import Document, Draft
from eventcoder.extraction.engine import extract_document
from eventcoder.extraction.kit import Kit, Lexicon, open_lexicon
from eventcoder.gazetteer import open_gazetteer
from eventcoder.project import packaged_schema


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return open_lexicon(packaged_schema() / "lexicon")


@pytest.fixture(scope="session")
def kit() -> Kit:
    codebook = load_codebook(packaged_schema())
    return Kit(codebook, open_gazetteer(codebook), ActorRegistry(codebook))


class Reader:
    """Reads a text as a document and checks on every draft that its quotes are verbatim."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    def __call__(self, text: str, published: str | None = "2025-05-08") -> list[Draft]:
        sha = hashlib.sha256(text.encode()).hexdigest()
        day = date.fromisoformat(published) if published else None
        drafts = extract_document(Document(id=sha[:16], sha256=sha, length=len(text), published=day), text, self.kit)
        for draft in drafts:
            for span in (draft.statement, *(s for spans in draft.evidence.values() for s in spans)):
                assert text[span.start : span.end] == span.quote
            for count in draft.counts:
                assert count.start is not None and text[count.start : count.end] == count.words
        return drafts


@pytest.fixture(scope="session")
def read(kit: Kit) -> Reader:
    return Reader(kit)


SEED = Path(__file__).parents[3] / "shared"
