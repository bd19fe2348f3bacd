"""A second opinion on statuses: does a statement that the rules take for an event sound like a sum, a memory, a plan or talk? Floor 5.

A linear model of the sentences in `schema/examples` (those of all statuses). It only takes events away, never makes one: a row too many costs
more than a row that a coder adds. It must be sure of another status (`SURE`) and must hardly believe in an event (`DOUBT`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eventcoder.event import Status
from eventcoder.extraction.classifier.examples import Example, read_examples
from eventcoder.extraction.classifier.features import Seen, look
from eventcoder.extraction.classifier.linear import Linear, load
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.status import Judged

MODEL = "statuses.npz"
SURE = 0.4
DOUBT = 0.35
_NOT_EVENTS: tuple[Status, ...] = ("aggregate", "background", "hypothetical", "speech_act")
_SAID = {
    "aggregate": "reads like a sum", "background": "reads like the past", "hypothetical": "reads like a plan or a fear",
    "speech_act": "reads like talk",
}  # fmt: skip


def status_features(tokens: Any, hits: Any, people: Any, signs: Sequence[Any], within: tuple[tuple[int, int], ...] | None = None) -> Seen:
    """What is seen of a statement for its status: as for types, without their vote, with the signs of status and the forms of the verbs."""
    seen = look(tokens, hits, people, None, within)
    marks = {f"sign:{s.label}" for s in signs} | {f"form:{h.form}" for h in hits} | {f"{h.label}:{h.form}" for h in hits}
    years = _has_year(tokens, within)
    return replace(seen, signals=sorted({*seen.signals, *marks, *(("year",) if years else ())}))


def _has_year(tokens: Any, within: tuple[tuple[int, int], ...] | None) -> bool:
    """Is a year among the tokens?"""
    ranges = within or ((0, len(tokens)),)
    return any(len(f) == 4 and f.isdigit() and f[:2] in ("19", "20") for a, b in ranges for f in tokens.forms[a:b])


class Doubter:
    """The model, asked about statements. Build with `open_doubter`."""

    def __init__(self, model: Linear) -> None:
        self.model = model

    def doubt(self, statement: Any) -> Judged | None:
        """Another status where the words speak clearly against an event, else None."""
        sentence = statement.sentence
        seen = status_features(sentence.tokens, statement.hits, sentence.people, statement.signs, statement.ranges)
        shares = self.model.probabilities(seen)
        best: Status = max(_NOT_EVENTS, key=lambda name: shares.get(name, 0.0))
        if shares.get("codable", 0.0) < DOUBT and shares.get(best, 0.0) > SURE:
            return Judged(best, f"{_SAID[best]} ({shares[best]:.2f}; an event {shares['codable']:.2f})")
        return None


def open_doubter(folder: Path) -> Doubter:
    """The model in `folder`. Raises `CodebookError`."""
    return Doubter(load(folder / MODEL))


def status_examples(schema: Path) -> list[Example]:
    """All sentences that teach statuses; those that teach types are events."""
    return read_examples(schema / "examples")


def make_statuses(examples: Sequence[Example], kit: Kit) -> Linear:
    """Train. `about` holds version, number of examples and the accuracy out of fold."""
    from eventcoder.extraction.classifier.features import as_row
    from eventcoder.extraction.classifier.making import temperature
    from eventcoder.extraction.classifier.pieces import read_piece
    from eventcoder.extraction.classifier.training import inputs_digest, out_of_fold, train

    rows = []
    for example in examples:
        piece = read_piece(example.sentence, kit)
        rows.append(as_row(status_features(piece.tokens, piece.hits, piece.people, kit.lexicon.statuses.find(piece.tokens))))
    labels = [e.status for e in examples]
    model = train(rows, labels)
    known, shares = out_of_fold(rows, labels, [e.group for e in examples])
    right = sum(known[i] == label for i, label in zip(shares.argmax(axis=1), labels, strict=True))
    model.about = {
        "version": inputs_digest(examples, kit.schema_dir / "lexicon"),
        "examples": len(examples),
        "temperature": temperature(shares, [known.index(label) for label in labels]),
        "accuracy": round(right / len(labels), 3),
    }
    return model
