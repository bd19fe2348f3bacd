"""Figures with their intervals: documents drawn again and again with a fixed seed. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.agreement.coefficients import Coefficient

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEED = 20_261_126
LEVEL = 0.95
LEAST_GROUPS = 10  # fewer documents carry no interval: resampling a handful tells nothing of others
LEAST_SAMPLES = 0.9  # share of the samples in which the figure must exist
CELLS = 20_000_000  # weights held in one piece; all of them are held
EXACT = 1e-12  # from 1: less is an error of rounding
DIGITS = 4  # of a published figure: what lies beyond depends on the order of summing


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the ends of its interval. None: there is none, and `reason` (of the figure) or `unsure` (of its interval) says why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    unsure: str = ""

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"value": self.value, "low": self.low, "high": self.high}
        return {**out, **({"reason": self.reason} if self.reason else {}), **({"no_interval": self.unsure} if self.unsure else {})}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Figure:
        return cls(found["value"], found["low"], found["high"], found.get("reason", ""), found.get("no_interval", ""))


class Samples:
    """`rounds` samples of `groups` groups, drawn with replacement: the same numbers give the same samples. `rounds` 0: no intervals."""

    def __init__(self, groups: int, rounds: int, called: str = "document") -> None:
        import numpy as np

        self.groups, self.rounds, self.called = groups, rounds, called
        drawn = np.random.default_rng(SEED)
        many = rounds if groups >= LEAST_GROUPS else 0
        rows = max(1, CELLS // max(groups, 1))
        self.one: Floats = np.ones((1, groups))
        self.parts: list[Floats] = []  # weights of the groups, a row a sample
        for start in range(0, many, rows):
            here = min(rows, many - start)
            self.parts.append(np.stack([np.bincount(drawn.integers(0, groups, groups), minlength=groups) for _ in range(here)]).astype(np.float64))

    def point(self, coefficient: Coefficient) -> Figure:
        """The figure of the data alone."""
        if coefficient.nothing:
            return Figure(None, reason=coefficient.nothing)
        return Figure(_rounded(coefficient.of(self.one)[0]))

    def figure(self, coefficient: Coefficient) -> Figure:
        """The figure of the data and its percentile interval."""
        import numpy as np

        found_here = self.point(coefficient)
        value = found_here.value
        if value is None:
            return found_here
        if not self.rounds:
            return Figure(value)
        if not self.parts:
            many = f"{self.groups} {self.called}{'s'[: self.groups != 1]}"
            return Figure(value, unsure=f"{many}; it takes {LEAST_GROUPS} to resample them")
        found = np.concatenate([coefficient.of(part) for part in self.parts])
        there = found[np.isfinite(found)]
        if len(there) < LEAST_SAMPLES * len(found):
            return Figure(value, unsure=f"in {len(found) - len(there)} of {len(found)} samples there is no variation")
        low, high = np.quantile(there, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Figure(value, _rounded(low), _rounded(high))


def _rounded(value: float) -> float:
    """To the published digits, but never up to 1: that is said of nothing but complete agreement."""
    found = round(float(value), DIGITS)
    return 1 - 10**-DIGITS if found == 1 and value < 1 - EXACT else found + 0.0  # no -0.0
