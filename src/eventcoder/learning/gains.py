"""What a new model won or lost against another on the same decisions, type by type, with what chance alone could do. Floor 5.

The interval is the middle 95% over bootstrap samples of documents, the same samples for both models: a difference whose interval holds 0 is noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

RESAMPLES = 1000
SEED = 0
COVERAGE = 0.95
FEW = 5  # decisions of a type below which no interval is worth showing


@dataclass(frozen=True, slots=True)
class Gain:
    """One figure before and after. `low` and `high` bound the difference; None where they cannot be told."""

    name: str
    number: int
    before: float
    after: float
    low: float | None = None
    high: float | None = None

    @property
    def difference(self) -> float:
        return self.after - self.before

    @property
    def verdict(self) -> str:
        """gained, lost, same, within noise, or few."""
        if self.low is None or self.high is None:
            return "few"
        if self.low > 0:
            return "gained"
        if self.high < 0:
            return "lost"
        return "same" if self.low == self.high == 0 else "within noise"

    def as_json(self) -> dict[str, Any]:
        def cut(value: float | None) -> float | None:
            return None if value is None else round(value, 4)

        return {
            "name": self.name, "n": self.number, "before": cut(self.before), "after": cut(self.after), "difference": cut(self.difference),
            "low": cut(self.low), "high": cut(self.high), "verdict": self.verdict,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gains:
    """F1 of each type, weighted F1 and the share right."""

    types: list[Gain]
    f1: Gain
    accuracy: Gain

    def as_json(self) -> dict[str, Any]:
        return {"weighted_f1": self.f1.as_json(), "accuracy": self.accuracy.as_json(), "types": [t.as_json() for t in self.types]}


def gains(truth: Sequence[str], before: Sequence[str], after: Sequence[str], groups: Sequence[str]) -> Gains:
    """Hold two lists of answers against the truth. `groups` are what is resampled. Types in the order of their number, the greatest first."""
    import numpy

    names = sorted(set(truth))
    rows = {group: i for i, group in enumerate(dict.fromkeys(groups))}
    one, two = (_tallies(truth, answers, groups, rows, names) for answers in (before, after))
    draws = numpy.random.default_rng(SEED).multinomial(len(rows), numpy.full(len(rows), 1 / len(rows)), size=RESAMPLES).astype(float)
    whole = numpy.ones((1, len(rows)))
    number = _f1(one, whole)[1][0]
    (points_one, _), (points_two, _) = _f1(one, whole), _f1(two, whole)
    (all_one, gold), (all_two, _) = _f1(one, draws), _f1(two, draws)
    types = []
    for k in sorted(range(len(names)), key=lambda k: (-number[k], names[k])):
        held = gold[:, k] > 0
        low, high = _middle((all_two - all_one)[held, k]) if number[k] >= FEW and len(rows) > 1 else (None, None)
        types.append(Gain(names[k], int(number[k]), float(points_one[0, k]), float(points_two[0, k]), low, high))
    share_one, share_two = ((t["right"].sum(axis=1), t["gold"].sum(axis=1)) for t in (one, two))
    return Gains(
        types,
        _overall("weighted F1", len(truth), *(_weighted(t, w) for w in (whole, draws) for t in (one, two))),
        _overall("right", len(truth), *((w @ right) / (w @ total) for w in (whole, draws) for right, total in (share_one, share_two))),
    )


def _tallies(truth: Sequence[str], answers: Sequence[str], groups: Sequence[str], rows: dict[str, int], names: Sequence[str]) -> dict[str, Any]:
    """Groups x types: how often each type was gold, answered, and both. Answers of a type that is never gold count as mistakes of the gold type."""
    import numpy

    column = {name: k for k, name in enumerate(names)}
    out = {key: numpy.zeros((len(rows), len(names))) for key in ("gold", "answered", "right")}
    for wanted, got, group in zip(truth, answers, groups, strict=True):
        at = rows[group]
        out["gold"][at, column[wanted]] += 1
        if got in column:
            out["answered"][at, column[got]] += 1
            out["right"][at, column[got]] += got == wanted
    return out


def _f1(tallies: dict[str, Any], weights: Any) -> tuple[Any, Any]:
    """F1 and number of gold ones: weightings x types."""
    import numpy

    gold, answered, right = (weights @ tallies[key] for key in ("gold", "answered", "right"))
    total = gold + answered
    return numpy.divide(2 * right, total, out=numpy.zeros_like(total), where=total > 0), gold


def _weighted(tallies: dict[str, Any], weights: Any) -> Any:
    f1, gold = _f1(tallies, weights)
    return (f1 * gold).sum(axis=1) / gold.sum(axis=1)


def _overall(name: str, number: int, before: Any, after: Any, drawn_before: Any, drawn_after: Any) -> Gain:
    low, high = _middle(drawn_after - drawn_before) if drawn_before.size and number > 1 else (None, None)
    return Gain(name, number, float(before[0]), float(after[0]), low, high)


def _middle(values: Any) -> tuple[float | None, float | None]:
    import numpy

    if not values.size:
        return None, None
    edge = (1 - COVERAGE) / 2
    low, high = numpy.quantile(values, [edge, 1 - edge])
    return float(round(low, 6)), float(round(high, 6))
