"""The sub-event type of a piece of text: the classifier, which has seen the rules' vote, and how common each type is. Floor 5.

Examples are written evenly over the types, events are not: `schema/classifier/priors.csv` says how often coders met each type, and a part of it
(`PRIOR`) is brought in, so that a doubtful march is a peaceful one rather than a rare thing.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventcoder.errors import CodebookError
from eventcoder.extraction.classifier.features import Seen, look
from eventcoder.extraction.classifier.linear import Linear, load
from eventcoder.extraction.typing import Typed

FOLDER = "classifier"  # under schema/: types.npz, priors.csv
MODEL = "types.npz"
PRIORS = "priors.csv"
PRIOR = 0.35  # share of the logarithm of the prior that is added
PEACEFUL = "demonstration:peaceful"  # the rules' id for a demonstration without violence by or against it
DOUBT = 0.25  # what is left of the probability of an act against the crowd where no word tells of one
_AGAINST = ("Protest with intervention", "Excessive force against protesters")
SHOWN = 4  # alternatives that a draft keeps
_LEAST = 0.005  # share of an alternative


@dataclass(slots=True)
class Voter:
    """A model with its priors. Build with `open_voter`."""

    model: Linear
    push: Any  # numpy, one a label

    def probabilities(self, seen: Seen) -> dict[str, float]:
        """Type -> probability, priors and calibration included."""
        import numpy

        scores = self.model.scores(seen) + self.push
        scores = scores / float(self.model.about.get("temperature", 1.0))
        raised = numpy.exp(scores - scores.max())
        return dict(zip(self.model.labels, (raised / raised.sum()).tolist(), strict=True))

    def vote_statement(self, statement: Any, typed: Typed) -> Typed:
        """The type of a statement (`mentions.Statement`): only the words of its own clauses are seen."""
        sentence = statement.sentence
        return self.vote(sentence.tokens, statement.hits, sentence.people, typed, statement.ranges)

    def vote(self, tokens: Any, hits: Any, people: Any, typed: Typed, within: tuple[tuple[int, int], ...] | None = None) -> Typed:
        """The type of a text (or of the token ranges `within` it) that the rules read as `typed`."""
        return as_typed(self.probabilities(look(tokens, hits, people, typed, within)), typed)


def as_typed(shares: Mapping[str, float], rules: Typed) -> Typed:
    """The likeliest type with the next ones. `rule` tells who decided: the rules' id where they agree, else the classifier."""
    if rules.rule == PEACEFUL:
        shares = _unmet(shares)
    likely = [item for item in shares.items() if item[1] >= _LEAST] or list(shares.items())
    ranked = sorted(likely, key=lambda item: (-item[1], item[0]))
    best, score = ranked[0]
    rule = rules.rule if rules.sub_event_type == best else "classifier"
    return Typed(best, round(min(0.99, score), 3), [(t, round(s, 3)) for t, s in ranked[1 : SHOWN + 1] if s >= _LEAST], rule)


def _unmet(shares: Mapping[str, float]) -> dict[str, float]:
    """A demonstration in which the rules find no act against the crowd: that police is named ("the police spoke of 3,500") is no intervention."""
    lowered = {label: share * (DOUBT if label in _AGAINST else 1.0) for label, share in shares.items()}
    total = sum(lowered.values())
    return {label: share / total for label, share in lowered.items()}


def open_voter(folder: Path) -> Voter:
    """The model in `folder` (types.npz, or a learned one of the same form) with the priors beside it. Raises `CodebookError`."""
    return with_priors(load(folder / MODEL), read_priors(folder / PRIORS))


def with_priors(model: Linear, shares: Mapping[str, float]) -> Voter:
    """A voter of a model; types that `shares` does not know count as rare."""
    import numpy

    rare = min(shares.values(), default=1.0)
    push = PRIOR * numpy.log(numpy.array([shares.get(label, rare) for label in model.labels], dtype=numpy.float64))
    return Voter(model, (push - push.max()).astype(numpy.float32))


def read_priors(path: Path) -> dict[str, float]:
    """Type -> share. Raises `CodebookError` when the file is absent or a share is no positive number."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
        shares = {row["sub_event_type"]: float(row["share"]) for row in rows}
    except (OSError, KeyError, ValueError) as error:
        raise CodebookError(f"{path} cannot be read: {error}.", "Compare it with the packaged file.") from None
    if not shares or any(share <= 0 for share in shares.values()):
        raise CodebookError(f"{path} needs a positive share for every type.", "Compare it with the packaged file.")
    return shares
