"""How far two values lie apart: the difference functions of Krippendorff's alpha. Floor 5.

    nominal      0 equal, 1 not
    ordinal      squared number of values that lie between the two (their ranks depend on all the values given, so that it is no fixed distance)
    interval     squared difference
    ratio        squared difference by the squared sum; no negative values
    log-ratio    ratio of log(1 + x): 3 and 5 dead differ as 300 and 1,600 do, and 0 differs fully from any other number
    kilometres   great-circle distance between two points, not squared: squares would let one exchange of two countries decide
    sets         MASI: 1 - (common / all) * (1 equal, 2/3 one within the other, 1/3 overlapping, 0 without a common item)

A metric knows its domain (the different values that occur). `apart` gives the differences of pairs of them, `expected` the sum of all differences
n_c * n_k * d(c, k) for many sets of counts at once. Where the domain is large, that sum is taken over pairs drawn with a fixed seed (`DENSE`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING, Any

from eventcoder.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64]

METRICS = ("nominal", "ordinal", "interval", "ratio", "log-ratio", "kilometres", "sets")
CATEGORIES = ("nominal", "ordinal")  # what kappa can be asked of
NUMERIC = ("ordinal", "interval", "ratio", "log-ratio")
DENSE = 3000  # different values up to which every pair of them is looked at
DRAWN = 400_000  # pairs that stand for all of them beyond that: alpha moves by about (1 - alpha) / 500
SEED = 71_012_026
EARTH_KM = 6371.0088  # mean radius


def readable(value: Any, metric: str) -> Any:
    """The value as the metric compares it, None where it is absent. Raises `InputError` where the metric cannot compare it.

    Days (ISO texts or dates) are numbers on the interval scale; lists are compared as sets; `kilometres` takes (latitude, longitude).
    """
    if value is None or value == "" or (isinstance(value, list | tuple | frozenset) and not value):
        return None
    if metric == "sets":
        return frozenset(map(str, value)) if isinstance(value, list | tuple | frozenset | set) else frozenset([str(value)])
    if metric == "kilometres":
        return _point(value)
    if metric not in NUMERIC:
        return tuple(value) if isinstance(value, list) else value
    number = _number(value, metric)
    if number is not None and not isfinite(number):
        return None
    if metric in ("ratio", "log-ratio") and number is not None and number < 0:
        raise InputError(f"{value!r} is negative, and the metric {metric} compares numbers from 0 on.", "Use the metric interval.")
    return number


def _point(value: Any) -> tuple[float, float]:
    latitude, longitude = (_number(part, "kilometres") for part in value)
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InputError(f"{value!r} is no point on the earth.", "Give latitude and longitude in decimal degrees.")
    return latitude, longitude


def _number(value: Any, metric: str) -> float | None:
    if isinstance(value, date):
        return float(value.toordinal())
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip()
    if metric == "interval" and len(text) >= 10 and text[4:5] == "-":
        try:
            return float(date.fromisoformat(text[:10]).toordinal())
        except ValueError:
            pass
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{text!r} is no number, and the metric {metric} compares numbers.", "Use the metric nominal, or mend the value.") from None


class Metric:
    """Differences within one domain: `values` are different readable values; they are put into order here (`order`: old place of each)."""

    def __init__(self, name: str, values: Sequence[Any]) -> None:
        import numpy as np

        self.name = name
        self.order: Numbers = np.arange(len(values), dtype=np.int64)
        self._sets: list[frozenset[str]] = []
        self._at: Floats = np.zeros(0)
        self._points: Floats = np.zeros((0, 2))
        if name in NUMERIC:
            given = np.array(values, np.float64)
            self.order = np.argsort(given, kind="stable")
            given = np.log1p(given[self.order]) if name == "log-ratio" else given[self.order]
            self._at = given - given.mean() if name == "interval" and len(given) else given  # near 0, so that squares of days keep their digits
        elif name == "kilometres":
            self._points = np.radians(np.array(values, np.float64).reshape(-1, 2))
        elif name == "sets":
            self._sets = list(values)
        self.size = len(values)
        self._dense: Floats | None = None
        self._drawn: tuple[Numbers, Numbers, Floats] | None = None

    @property
    def drawn(self) -> bool:
        """Whether the expected disagreement is taken from drawn pairs."""
        return self.name in ("ratio", "log-ratio", "kilometres", "sets") and self.size > DENSE

    def apart(self, a: Numbers, b: Numbers) -> Floats:
        """Differences between pairs of values (numbers in the domain); not for `ordinal`, whose ranks `ranks` gives."""
        import numpy as np

        if self.name == "nominal":
            return np.asarray(a != b, np.float64)
        if self.name in ("interval", "ordinal"):
            return np.asarray((self._at[a] - self._at[b]) ** 2)
        if self.name == "kilometres":
            return _kilometres(self._points[a], self._points[b])
        if self.name == "sets":
            return np.array([_masi(self._sets[i], self._sets[j]) for i, j in zip(a.tolist(), b.tolist(), strict=True)], np.float64)
        total = self._at[a] + self._at[b]
        return np.asarray(np.divide(self._at[a] - self._at[b], total, out=np.zeros(len(total)), where=total > 0) ** 2)

    def expected(self, counts: Floats, base: Floats) -> Floats:
        """For each row of counts (rows x domain) the sum over ordered pairs of values of n_c * n_k * d(c, k). `base` are counts of all values
        together, by which pairs are drawn where the domain is large."""
        import numpy as np

        if self.name == "nominal":
            return np.asarray(counts.sum(1) ** 2 - (counts**2).sum(1))
        if self.name in ("interval", "ordinal"):
            at = ranks(counts) if self.name == "ordinal" else self._at[None, :]
            spread = 2 * (counts.sum(1) * (counts * at**2).sum(1) - (counts * at).sum(1) ** 2)
            several = (counts > 0).sum(1) > 1
            return np.asarray(np.where(several, np.maximum(spread, 0.0), 0.0))
        if not self.drawn:
            return np.asarray(((counts @ self._all()) * counts).sum(1))
        first, second, apart = self._pairs(base)
        scale = base.sum() ** 2 / len(apart)
        by_base = counts / np.where(base > 0, base, 1.0)
        return np.array([scale * float((row[first] * row[second] * apart).sum()) for row in by_base], np.float64)

    def _all(self) -> Floats:
        """Differences of every pair of the domain."""
        import numpy as np

        if self._dense is None:
            if self.name == "sets":
                self._dense = _masi_matrix(self._sets)
            else:
                everything = np.arange(self.size)
                self._dense = (
                    np.stack([self.apart(np.full(self.size, one), everything) for one in range(self.size)]) if self.size else np.zeros((0, 0))
                )
        return self._dense

    def _pairs(self, base: Floats) -> tuple[Numbers, Numbers, Floats]:
        import numpy as np

        if self._drawn is None:
            until = np.cumsum(base)
            places = np.random.default_rng(SEED).random((2, DRAWN)) * until[-1]
            first, second = (np.minimum(np.searchsorted(until, row, side="right"), self.size - 1) for row in places)
            self._drawn = first, second, self.apart(first, second)
        return self._drawn


def ranks(counts: Floats) -> Floats:
    """Middle ranks of the values of a domain in its order: the ordinal difference of two is the square of the difference of these."""
    import numpy as np

    return np.asarray(np.cumsum(counts, axis=-1) - counts / 2)


def _kilometres(a: Floats, b: Floats) -> Floats:
    import numpy as np

    half = np.sin((a - b) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half[:, 0] + np.cos(a[:, 0]) * np.cos(b[:, 0]) * half[:, 1], 0.0, 1.0))))


def _masi(a: frozenset[str], b: frozenset[str]) -> float:
    if a == b:
        return 0.0
    common = len(a & b)
    if not common:
        return 1.0
    return 1 - common / len(a | b) * (2 / 3 if a <= b or b <= a else 1 / 3)


def _masi_matrix(sets: Sequence[frozenset[str]]) -> Floats:
    import numpy as np

    items = {item: at for at, item in enumerate(sorted(frozenset().union(*sets)))}
    holds = np.zeros((len(sets), len(items)), np.float32)
    for row, one in enumerate(sets):
        holds[row, [items[item] for item in one]] = 1
    common = (holds @ holds.T).astype(np.float64)
    size = holds.sum(1, dtype=np.float64)
    together = size[:, None] + size[None, :] - common
    within = (common == size[:, None]) | (common == size[None, :])
    kind = np.where(within, 2 / 3, 1 / 3)
    apart = np.where(common > 0, 1 - common / np.maximum(together, 1) * kind, 1.0)
    np.fill_diagonal(apart, 0.0)
    return np.asarray(apart)
