"""What every engine is: texts in, drafts out, and what was dropped on the way said aloud. Floor 5.

An engine is deterministic for its version: the same text, sidecar, codebook and registers give the same drafts with the same ids. `llm` is so
by its cache: an answer once given is read again, never asked for twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from eventcoder.event import Document, Draft
from eventcoder.problem import Problem

Workers = Literal["processes", "threads"]


@dataclass(frozen=True, slots=True)
class Text:
    """A document's sidecar and its stored text."""

    document: Document
    text: str


@dataclass(slots=True)
class Extracted:
    """What an engine made of one document.

    `problems` say what was dropped and why (a value without its quote, an unknown label) or why nothing was read (a language that the engine
    does not know, an endpoint that timed out). `failed` means that the document was not read: it comes again in the next run, and the command
    ends with exit code 1. A document that was read and holds no event is not failed and has no drafts.
    """

    document: str
    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failed: bool = False


class Engine(Protocol):
    """`rules`, `semantic` and `llm` behind one door. Open with `engines.open_engine`, close when done."""

    name: str
    version: str  # stands in every draft; another lexicon, model or prompt is another version
    workers: Workers  # how a run over many documents shares the work: processes on all cores, or threads that wait for an endpoint

    def read(self, texts: Sequence[Text]) -> Iterator[Extracted]:
        """One answer a text, in the order of the texts. A fault of one document is in its answer and never raised."""
        ...

    def close(self) -> None:
        """Give back what the engine holds (model, connection, cache)."""
        ...
