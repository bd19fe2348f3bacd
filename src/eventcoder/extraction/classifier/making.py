"""The classifier of types from a schema's examples: features, fit, calibration, scores. Floor 5.

`about` of the model: `version` (hash of what it was made of), `examples`, `temperature`, `accuracy` and `f1` out of fold, by type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eventcoder.extraction.classifier.examples import Example, read_examples
from eventcoder.extraction.classifier.features import as_row, look
from eventcoder.extraction.classifier.linear import Linear
from eventcoder.extraction.classifier.pieces import read_piece
from eventcoder.extraction.classifier.training import inputs_digest, out_of_fold, train
from eventcoder.extraction.kit import Kit


def teaching(schema: Path) -> list[Example]:
    """The examples that teach types: coded as having happened, with a type."""
    return [e for e in read_examples(schema / "examples") if e.sub_event_type and e.status == "codable"]


def rows_of(examples: Sequence[Example], kit: Kit) -> list[dict[str, float]]:
    """The features of each example, its whole text read as one event."""
    out = []
    for example in examples:
        piece = read_piece(example.sentence, kit)
        out.append(as_row(look(piece.tokens, piece.hits, piece.people, piece.typed)))
    return out


def make_model(examples: Sequence[Example], kit: Kit, *, scored: bool = True) -> Linear:
    """Train, calibrate and score. `scored=False` leaves the cross-validation out (temperature 1)."""
    rows = rows_of(examples, kit)
    labels = [e.sub_event_type or "" for e in examples]
    model = train(rows, labels, [e.weight for e in examples])
    model.about = {"version": inputs_digest(examples, kit.schema_dir / "lexicon"), "examples": len(examples), "temperature": 1.0}
    if scored:
        known, shares = out_of_fold(rows, labels, [e.group for e in examples])
        model.about |= {"temperature": temperature(shares, [known.index(label) for label in labels]), **scores(known, shares, labels)}
    return model


def temperature(shares: Any, truth: Sequence[int]) -> float:
    """The power that makes out-of-fold probabilities say how often they are right (least mean log loss), in steps of 0.05."""
    import numpy

    logs = numpy.log(numpy.clip(shares, 1e-9, 1.0))
    best, least = 1.0, float("inf")
    for step in range(6, 61):
        scaled = logs / (step * 0.05)
        total = numpy.log(numpy.exp(scaled - scaled.max(axis=1, keepdims=True)).sum(axis=1)) + scaled.max(axis=1)
        loss = float((total - scaled[numpy.arange(len(truth)), list(truth)]).mean())
        if loss < least - 1e-9:
            best, least = step * 0.05, loss
    return round(best, 2)


def scores(known: Sequence[str], shares: Any, labels: Sequence[str]) -> Mapping[str, Any]:
    """Accuracy, weighted F1 and F1 by type of out-of-fold probabilities."""
    from sklearn.metrics import f1_score

    guessed = [known[i] for i in shares.argmax(axis=1)]
    by_type = f1_score(labels, guessed, labels=list(known), average=None, zero_division=0.0)
    return {
        "accuracy": round(sum(a == b for a, b in zip(labels, guessed, strict=True)) / len(labels), 3),
        "f1": round(float(f1_score(labels, guessed, average="weighted", zero_division=0.0)), 3),
        "f1_by_type": {name: round(float(value), 3) for name, value in zip(known, by_type, strict=True)},
    }
