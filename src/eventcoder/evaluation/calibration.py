"""Whether scores mean what they say: reliability by bin, expected calibration error, how right the surest are. Floor 5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

from eventcoder.evaluation.measures import Figure, Sums

BINS = 10
SUREST = 0.7


class Scored(NamedTuple):
    """One answer with its score: the document that it belongs to (a number), the score from 0 to 1, whether it was right."""

    document: int
    score: float
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers with scores from `low` up to `high`."""

    low: float
    high: float
    number: int
    mean: float
    right: float

    def as_json(self) -> dict[str, Any]:
        return {"from": self.low, "to": self.high, "n": self.number, "mean_score": round(self.mean, 4), "right": round(self.right, 4)}


@dataclass(frozen=True, slots=True)
class Calibration:
    """`error` is the expected calibration error: the mean distance of score and share right over the bins, weighted by their size."""

    bins: tuple[Bin, ...]
    error: float | None
    surest: Figure

    def as_json(self) -> dict[str, Any]:
        error = None if self.error is None else round(self.error, 4)
        return {"bins": [b.as_json() for b in self.bins], "expected_error": error, "surest_share": SUREST, "surest_right": self.surest.as_json()}

    def as_text(self) -> list[str]:
        """The reliability table, then the two figures."""
        if self.error is None:
            return ["  undefined (no answer to score)"]
        lines = ["  score      n    mean score  right"]
        lines += [f"  {b.low:.1f}-{b.high:.1f} {b.number:>5}          {b.mean:.2f}   {b.right:.2f}" for b in self.bins]
        lines += [f"  expected calibration error {self.error:.3f}", f"  of the surest {SUREST:.0%} right: {self.surest.as_text()}"]
        return lines


def calibrate(answers: Sequence[Scored], documents: int) -> Calibration:
    """Reliability of `answers` out of so many documents."""
    number = len(answers)
    tallies: list[Counter[str]] = [Counter() for _ in range(documents)]
    bins: dict[int, list[Scored]] = {}
    for answer in answers:
        bins.setdefault(min(int(answer.score * BINS), BINS - 1), []).append(answer)
    # of answers that tie at the edge each counts for its part, so that no order decides which are in
    wanted = ceil(SUREST * number)
    edge = sorted((a.score for a in answers), reverse=True)[wanted - 1] if wanted else 0.0
    above = sum(a.score > edge for a in answers)
    ties = sum(a.score == edge for a in answers)
    for answer in answers:
        weight = 1.0 if answer.score > edge else (wanted - above) / ties if answer.score == edge else 0.0
        tallies[answer.document]["sure.total"] += weight  # type: ignore[assignment]
        tallies[answer.document]["sure.right"] += weight * answer.right  # type: ignore[assignment]
    rows = tuple(
        Bin(at / BINS, (at + 1) / BINS, len(held), sum(a.score for a in held) / len(held), sum(a.right for a in held) / len(held))
        for at, held in sorted(bins.items())
    )
    error = sum(b.number * abs(b.mean - b.right) for b in rows) / number if number else None
    return Calibration(rows, error, Sums(tallies).share("sure", "no answer to score"))
