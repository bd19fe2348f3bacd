"""A model of the packaged examples and a team's decisions together, and how common each type is to the team. Floor 5.

A decision is real text that the team met, so it weighs more than an invented example (`WEIGHT`). The shares of types move from the packaged ones
to the team's as decisions come in: `SMOOTH` decisions weigh as much as the packaged shares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.extraction.classifier.examples import Example
from eventcoder.extraction.classifier.features import Seen, as_row, look
from eventcoder.extraction.classifier.making import teaching
from eventcoder.extraction.classifier.pieces import read_piece
from eventcoder.extraction.classifier.training import train
from eventcoder.extraction.classifier.voting import Voter, with_priors
from eventcoder.project import packaged_schema

if TYPE_CHECKING:
    from eventcoder.extraction.kit import Kit

WEIGHT = 3.0
SMOOTH = 100.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A text as the classifier sees it, with what it should be read as."""

    seen: Seen
    row: Mapping[str, float]
    label: str
    weight: float = 1.0

    def as_label(self, label: str) -> Sample:
        """The same text with another type."""
        return self if label == self.label else Sample(self.seen, self.row, label, self.weight)


def packaged_examples(kit: Kit) -> list[Example]:
    """The examples of the project's schema, or the packaged ones where it has none of its own."""
    own = kit.schema_dir / "examples"
    return teaching(kit.schema_dir if own.is_dir() else packaged_schema())


def sample(sentence: str, label: str, weight: float, kit: Kit) -> Sample:
    """Read a sentence as one event."""
    piece = read_piece(sentence, kit)
    seen = look(piece.tokens, piece.hits, piece.people, piece.typed)
    return Sample(seen, as_row(seen), label, weight)


def fit(examples: Sequence[Sample], decisions: Sequence[Sample], packaged: Mapping[str, float]) -> Voter:
    """Train on both. `packaged` are the shares of types to start from; the voter is not calibrated (temperature 1)."""
    both = [*examples, *decisions]
    model = train([s.row for s in both], [s.label for s in both], [s.weight for s in both])
    return with_priors(model, shares_of((s.label for s in decisions), packaged))


def shares_of(labels: Iterable[str], packaged: Mapping[str, float]) -> dict[str, float]:
    """Type -> share: the team's decisions, smoothed with the packaged shares. A type that these do not know starts as their rarest."""
    often = Counter(labels)
    rarest = min(packaged.values(), default=1.0)
    names = sorted({*packaged, *often})
    start = {name: packaged.get(name, rarest) for name in names}
    scale = sum(start.values())
    total = often.total() + SMOOTH
    return {name: round((often[name] + SMOOTH * start[name] / scale) / total, 5) or 0.00001 for name in names}
