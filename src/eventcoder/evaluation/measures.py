"""Sums over documents, ratios of sums, and their bootstrap intervals. Floor 5.

Every figure is a function of sums over documents, so that one matrix of resampled documents serves them all. Documents are drawn, not events:
the events of one article stand or fall together. The seed is fixed; the same scores always give the same interval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

RESAMPLES = 1000
SEED = 20260504
COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with its interval. `value` is None where nothing was there to score, and `why` says so; an undefined share is not zero."""

    value: float | None
    low: float | None = None
    high: float | None = None
    right: float | None = None
    total: float | None = None
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        named = {"value": self.value, "low": self.low, "high": self.high, "right": self.right, "total": self.total, "undefined": self.why or None}
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in named.items() if k in ("value", "low", "high") or v is not None}

    def as_text(self) -> str:
        """ "0.81 [0.74-0.88]"; "undefined" with the reason."""
        if self.value is None:
            return f"undefined ({self.why})" if self.why else "undefined"
        return f"{self.value:.2f}" + (f" [{self.low:.2f}-{self.high:.2f}]" if self.low is not None and self.high is not None else "")


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Precision, recall and F1 of one class; `gold` is its support."""

    name: str
    gold: int
    drafted: int
    right: int

    @property
    def precision(self) -> float | None:
        return self.right / self.drafted if self.drafted else None

    @property
    def recall(self) -> float | None:
        return self.right / self.gold if self.gold else None

    @property
    def f1(self) -> float | None:
        return 2 * self.right / (self.gold + self.drafted) if self.gold + self.drafted else None


class Sums:
    """Tallies of documents (name -> number), and figures from them."""

    def __init__(self, tallies: Sequence[Mapping[str, float]]) -> None:
        self._tallies = list(tallies)
        total: Counter[str] = Counter()
        for tally in self._tallies:
            total.update(tally)
        self.total: Mapping[str, float] = total

    def __getitem__(self, name: str) -> float:
        return self.total.get(name, 0)

    def count(self, name: str) -> int:
        """A sum that counts things."""
        return round(self[name])

    def names(self, prefix: str) -> list[str]:
        """Names that begin with `prefix`, in order, without it."""
        return sorted(name.removeprefix(prefix) for name in self.total if name.startswith(prefix))

    def ratio(self, part: Mapping[str, float], whole: Mapping[str, float], why: str = "nothing to score") -> Figure:
        """Weighted sums of tallies divided by each other, e.g. F1 = {found: 2} / {found: 2, invented: 1, missed: 1}."""

        def value(sums: Callable[[str], Any]) -> tuple[Any, Any]:
            return sum(sums(n) * w for n, w in part.items()), sum(sums(n) * w for n, w in whole.items())

        right, total = value(self.__getitem__)
        if not total:
            return Figure(None, total=0, right=right, why=why)
        low, high = self._interval(lambda sums: _divided(*value(sums)))
        return Figure(right / total, low, high, right, total)

    def share(self, name: str, why: str = "nothing to score") -> Figure:
        """`name.right` of `name.total`."""
        return self.ratio({f"{name}.right": 1}, {f"{name}.total": 1}, why)

    def classes(self, prefix: str) -> list[ClassScore]:
        """The classes of a confusion kept as `prefix|gold|drafted`, the most frequent first."""
        pairs = self.pairs(prefix)
        names = sorted({name for pair in pairs for name in pair})
        rows = [
            ClassScore(
                name,
                sum(n for (wanted, _), n in pairs.items() if wanted == name),
                sum(n for (_, got), n in pairs.items() if got == name),
                pairs.get((name, name), 0),
            )
            for name in names
        ]
        return sorted(rows, key=lambda r: (-r.gold, r.name))

    def pairs(self, prefix: str) -> dict[tuple[str, str], int]:
        """(gold, drafted) -> how often."""
        out: dict[tuple[str, str], int] = {}
        for name in self.names(prefix + "|"):
            wanted, _, got = name.partition("|")
            if number := self.count(f"{prefix}|{name}"):
                out[wanted, got] = number
        return out

    def f1_of_classes(self, prefix: str, *, weighted: bool, without: str | None = None) -> Figure:
        """Mean F1 over the classes that the gold has, each alike or by its share of the gold. `without` is no class ("none": not found)."""
        rows = [r for r in self.classes(prefix) if r.gold and r.name != without]
        if not rows:
            return Figure(None, why="no pair to score")
        weights = [r.gold if weighted else 1 for r in rows]
        value = sum((r.f1 or 0.0) * w for r, w in zip(rows, weights, strict=True)) / sum(weights)
        pairs = sorted(self.pairs(prefix))
        names = [r.name for r in rows]

        def resampled(sums: Callable[[str], Any]) -> Any:
            import numpy as np

            columns = {pair: sums(f"{prefix}|{pair[0]}|{pair[1]}") for pair in pairs}
            zero = next(iter(columns.values())) * 0.0
            gold = np.array([sum((c for (w, _), c in columns.items() if w == name), zero) for name in names])
            drafted = np.array([sum((c for (_, g), c in columns.items() if g == name), zero) for name in names])
            right = np.array([columns.get((name, name), zero) for name in names])
            f1 = _divided(2 * right, gold + drafted)
            share = gold if weighted else (gold > 0).astype(float)
            return _divided(np.where(share > 0, np.nan_to_num(f1) * share, 0.0).sum(axis=0), share.sum(axis=0))

        low, high = self._interval(resampled)
        return Figure(value, low, high)

    def _interval(self, figure: Callable[[Callable[[str], Any]], Any]) -> tuple[float | None, float | None]:
        """The middle 95% of the figure over resampled documents; None with fewer than two documents."""
        if len(self._tallies) < 2:
            return None, None
        import numpy as np

        values = figure(lambda name: self._resampled(name))
        known = values[~np.isnan(values)]
        if not known.size:
            return None, None
        edge = (1 - COVERAGE) / 2
        low, high = np.quantile(known, [edge, 1 - edge])
        return float(low), float(high)

    @cached_property
    def _draws(self) -> Any:
        import numpy as np

        number = len(self._tallies)
        return np.random.default_rng(SEED).multinomial(number, np.full(number, 1 / number), size=RESAMPLES).astype(float)

    @cached_property
    def _known(self) -> dict[str, Any]:
        return {}

    def _resampled(self, name: str) -> Any:
        if name not in self._known:
            import numpy as np

            self._known[name] = self._draws @ np.array([t.get(name, 0.0) for t in self._tallies], dtype=float)
        return self._known[name]


def _divided(part: Any, whole: Any) -> Any:
    """Elementwise, NaN (and no warning) where the whole is 0."""
    import numpy as np

    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0)
