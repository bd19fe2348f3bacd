"""Reliability data in arrays: which coder gave which unit which value, and which units hang together. Floor 5.

A unit is what was coded (an event, a sentence, a row of a table); units of one group (a document) are resampled together.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from eventcoder.agreement.metrics import Metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64]

Rated = tuple[int, Sequence[tuple[int, Any]]]  # the group of a unit, and (coder, value or None) of everybody who coded it
ABSENT = -1
NARROW = 128  # kinds up to which samples are counted by one product of matrices


class Numbering(dict[Hashable, int]):
    """Thing -> its number, by first appearance."""

    def __missing__(self, key: Hashable) -> int:
        self[key] = found = len(self)
        return found


@dataclass(frozen=True, slots=True)
class Units:
    """Who coded what, whatever the field: for every code its unit (0, 1, ... in order), its coder, and for every unit its group."""

    unit: Numbers
    coder: Numbers
    group: Numbers
    groups: int

    @classmethod
    def of(cls, units: Iterable[tuple[int, Iterable[int]]], groups: int) -> Units:
        """From the group and the coders of each unit."""
        import numpy as np

        unit: list[int] = []
        coder: list[int] = []
        group: list[int] = []
        for at, (of, coders) in enumerate(units):
            before = len(coder)
            coder.extend(coders)
            unit.extend([at] * (len(coder) - before))
            group.append(of)
        return cls(np.array(unit, np.int64), np.array(coder, np.int64), np.array(group, np.int64), groups)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every two values that one unit was given: their places among `Ratings.value`, and 2 / (m - 1) of their unit with m values."""

    first: Numbers
    second: Numbers
    weight: Floats


class Ratings:
    """The values of one field that can be compared: those of units that two coders or more gave one.

    `codes` are numbers in `domain` (different readable values), `ABSENT` where a coder gave none. Of what is kept, `value` are numbers in
    `self.domain`, which holds the values that occur, in the metric's order; `units` counts the units.
    """

    def __init__(self, units: Units, codes: Numbers, domain: Sequence[Any], metric: str) -> None:
        import numpy as np

        many = np.bincount(units.unit[codes != ABSENT], minlength=len(units.group))
        kept = (codes != ABSENT) & (many >= 2)[units.unit]
        used, value = np.unique(codes[kept], return_inverse=True)
        occur = [domain[i] for i in used]
        self.metric = Metric(metric, occur)
        self.domain = [occur[i] for i in self.metric.order]
        place = np.empty(len(occur), np.int64)
        place[self.metric.order] = np.arange(len(occur))
        self.value: Numbers = place[value]
        self.unit: Numbers = np.cumsum(many >= 2)[units.unit[kept]] - 1
        self.coder: Numbers = units.coder[kept]
        self.group: Numbers = units.group[units.unit[kept]]
        self.groups = units.groups
        self.units = int((many >= 2).sum())

    @classmethod
    def of(cls, rated: Iterable[Rated], metric: str, groups: int) -> Ratings:
        """From units one by one; values as the metric reads them."""
        import numpy as np

        number = Numbering()
        rated = list(rated)
        codes = [ABSENT if what is None else number[what] for _, seen in rated for _, what in seen]
        return cls(Units.of(((group, [who for who, _ in seen]) for group, seen in rated), groups), np.array(codes, np.int64), list(number), metric)

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def sizes(self) -> Numbers:
        """Values a unit."""
        import numpy as np

        return np.bincount(self.unit, minlength=self.units).astype(np.int64)

    @cached_property
    def pairs(self) -> Pairs:
        import numpy as np

        first, second = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for step in range(1, int(self.sizes.max(initial=1))):
            here = np.flatnonzero(self.unit[step:] == self.unit[:-step])
            first.append(here)
            second.append(here + step)
        a, b = np.concatenate(first), np.concatenate(second)
        return Pairs(a, b, 2 / (self.sizes[self.unit[a]] - 1) if len(a) else np.zeros(0))

    @cached_property
    def all(self) -> Counting:
        """How often each value was given."""
        return self.counting()

    def counting(self, of: NDArray[np.bool_] | None = None) -> Counting:
        """How often each value of the domain was given, among those that `of` picks."""
        if of is None or bool(of.all()):
            return self.all if of is not None else Counting(self.value, None, self.group, self.groups, len(self.domain))
        return Counting(self.value[of], None, self.group[of], self.groups, len(self.domain))

    def by_group(self, amounts: Floats, places: Numbers) -> Floats:
        """The sum of amounts over each group; `places` are the places of the values that the amounts belong to."""
        import numpy as np

        return np.bincount(self.group[places], amounts, minlength=self.groups).astype(np.float64)


class Counting:
    """Sums of amounts by kind (0 to `kinds` - 1) in many samples of the groups at once; the last answer is kept."""

    def __init__(self, kind: Numbers, amounts: Floats | None, group: Numbers, groups: int, kinds: int) -> None:
        import numpy as np

        self.kind, self.amounts, self.group, self.kinds = kind, amounts, group, kinds
        self._table: Floats | None = None
        if kinds <= NARROW:
            self._table = np.bincount(group * kinds + kind, amounts, minlength=groups * kinds).astype(np.float64).reshape(groups, kinds)
        self._last: tuple[Floats, Floats] | None = None

    def of(self, weights: Floats) -> Floats:
        """A row of sums for each row of weights (how often each group counts)."""
        import numpy as np

        if self._last is not None and self._last[0] is weights:
            return self._last[1]
        if self._table is not None:
            found = weights @ self._table
        else:
            found = np.empty((len(weights), self.kinds))
            for at, row in enumerate(weights):
                amounts = row[self.group]
                found[at] = np.bincount(self.kind, amounts if self.amounts is None else amounts * self.amounts, minlength=self.kinds)
        self._last = (weights, found)
        return found
