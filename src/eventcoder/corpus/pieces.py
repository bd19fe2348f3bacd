"""The records that a run passes along: documents going in, answers coming out, and the pieces of work in between. Floor 5."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from eventcoder.documents.article import MAX_READ
from eventcoder.event import Draft
from eventcoder.extraction.protocol import Extracted, Text
from eventcoder.problem import Problem

PIECE_TEXTS = 16  # documents that a worker takes at once: a tenth of a second of work, so that all end at about the same time
PIECE_LENGTH = 400_000  # characters of a piece that is not one document alone
LONGEST = MAX_READ
Form = Literal["drafts", "rows"]  # what answers hold: drafts, or rows of a table made where the drafts were made


@dataclass(slots=True)
class Answer:
    """What became of one document. `drafts` are drafts, or rows for a table (`rows.row_of`), as the run asked for.

    `failed`: it was not read. `lasting`: and would not be in another run, because the fault is in the document.
    """

    document: str
    drafts: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failed: bool = False
    lasting: bool = False


@dataclass(slots=True)
class Item:
    """One document of a source: its text, or the problem for which there is none. `id` is what the source calls it.

    `key` stands for all that its drafts follow from besides the project's state; `part` is the part of a dataset that it belongs to.
    """

    id: str
    text: Text | None = None
    fault: Problem | None = None
    key: str = ""
    part: int = 0
    warnings: tuple[Problem, ...] = ()
    kept: list[Draft] | None = None  # drafts that an earlier run stored: nothing is read again


class Pool(Protocol):
    """Hands that read: this process, several processes, a cluster."""

    def run(self, pieces: Iterable[list[Text]]) -> Iterator[list[Answer]]:
        """Read every piece; answers come piece by piece, in order, with a bounded number of pieces under way."""
        ...

    def close(self) -> None:
        """Let the hands go."""
        ...


def answered(pool: Pool, items: Iterable[Item], most: int = PIECE_TEXTS) -> Iterator[tuple[Item, Answer]]:
    """Every item with its answer, in order."""
    waiting: deque[list[Item]] = deque()

    def pieces() -> Iterator[list[Text]]:
        for piece in cut(items, most):
            waiting.append(piece)
            yield [item.text for item in piece if item.text is not None]

    for answers in pool.run(pieces()):
        rest = iter(answers)
        for item in waiting.popleft():
            answer = next(rest) if item.text is not None else _without_text(item)
            answer.problems = [*item.warnings, *([item.fault] if item.fault else []), *answer.problems]
            yield item, answer


def cut(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Items in pieces of at most `most` documents and about `PIECE_LENGTH` characters."""
    piece: list[Item] = []
    length = 0
    for item in items:
        size = len(item.text.text) if item.text is not None else 0
        if piece and (len(piece) >= most or length + size > PIECE_LENGTH):
            yield piece
            piece, length = [], 0
        piece.append(item)
        length += size
    if piece:
        yield piece


def too_long(text: Text) -> Problem | None:
    """The problem of a document that no engine is asked to read."""
    if len(text.text) <= LONGEST:
        return None
    said = f"{_named(text)} has {len(text.text):,} characters, and {LONGEST:,} is the most that is read as one document: split it into its articles."
    return Problem("document-too-large", said, where=text.document.id)


def not_read(text: Text, code: str, why: str) -> Answer:
    """The answer for a document over which reading came to an end."""
    return Answer(text.document.id, [], [Problem(code, f"{_named(text)} was not read: {why}", where=text.document.id)], failed=True)


def as_answer(one: Extracted, form: Form) -> Answer:
    """An engine's answer in the form that the run asked for."""
    if form == "rows":
        from eventcoder.corpus.rows import row_of

        return Answer(one.document, [row_of(draft) for draft in one.drafts], one.problems, one.failed)
    drafts: list[Draft] = one.drafts
    return Answer(one.document, list(drafts), one.problems, one.failed)


def _named(text: Text) -> str:
    source = text.document.source_name
    return f"{text.document.id}{f' ({source})' if source else ''}"


def _without_text(item: Item) -> Answer:
    if item.kept is not None:
        return Answer(item.id, list(item.kept))
    failed = item.fault is not None and item.fault.severity == "error"
    return Answer(item.id, failed=failed, lasting=failed)
