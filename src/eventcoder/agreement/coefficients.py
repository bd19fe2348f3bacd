"""Krippendorff's alpha, Cohen's and Fleiss' kappa, percent agreement: each at once for the data and for many samples of it. Floor 5.

A coefficient is a function of weights: how often each group (document) counts, once in the data, any number of times in a sample. It gives a number
a row of weights, nan where it has none; `nothing` says in words why it has none for the data itself. Nothing here returns 1 for want of variation.

    alpha    1 - Do / De: Do the mean difference within units, De that of all values paired at will (Krippendorff's formula for any number of
             coders and values that are missing)
    cohen    (Po - Pe) / (1 - Pe) of two coders, each with his own shares
    fleiss   the same of any number of coders with common shares, over units that all have the same number of values (the commonest number)
    share    mean over units of the share of pairs of values that agree: equal, or no further apart than the tolerance
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.agreement.metrics import CATEGORIES, ranks
from eventcoder.agreement.ratings import Counting, Ratings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SMALL = 1e-12  # expected disagreement below this is none: what rounding left

NO_UNIT = "no unit was given a value by two coders"
UNVARIED = "without variation agreement cannot be told from chance"
NOTHING = "(absent)"  # an empty cell, where it is a value of its own
NO_CATEGORY = "kappa compares categories"
ONE_UNIT = "one unit alone was given a value by two coders, which is no sample"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """`of(weights)`: a number for each row of weights (rows x groups). `nothing`: why there is none for the data, else ""."""

    of: Callable[[Floats], Floats]
    nothing: str = ""


def alpha(ratings: Ratings) -> Coefficient:
    """Krippendorff's alpha with the metric of the ratings."""
    import numpy as np

    if few := _few(ratings):
        return Coefficient(_none, few)
    if len(ratings.domain) == 1:
        return Coefficient(_none, _unanimous(ratings))
    metric, pairs = ratings.metric, ratings.pairs
    first, second = ratings.value[pairs.first], ratings.value[pairs.second]
    base = ratings.all.of(np.ones((1, ratings.groups)))[0]
    if metric.name == "ordinal":  # the difference of two values depends on the sample: the pairs are counted by kind
        size = len(ratings.domain)
        kinds, kind = np.unique(first * size + second, return_inverse=True)
        kinds_of = Counting(kind, pairs.weight, ratings.group[pairs.first], ratings.groups, len(kinds))
        low, high = kinds // size, kinds % size
    else:
        observed = ratings.by_group(pairs.weight * metric.apart(first, second), pairs.first)

    def of(weights: Floats) -> Floats:
        counts = ratings.all.of(weights)
        if metric.name == "ordinal":
            at = ranks(counts)
            apart = (kinds_of.of(weights) * (at[:, low] - at[:, high]) ** 2).sum(1)
        else:
            apart = weights @ observed
        expected = metric.expected(counts, base)
        here = expected > SMALL * np.maximum(counts.sum(1), 1)
        return np.asarray(np.where(here, 1 - (counts.sum(1) - 1) * apart / np.where(here, expected, 1.0), np.nan))

    if not np.isfinite(of(np.ones((1, ratings.groups)))[0]):
        return Coefficient(_none, "all values lie at one point, so that agreement cannot be told from chance")
    return Coefficient(of)


def cohen(ratings: Ratings) -> Coefficient:
    """Cohen's kappa; of exactly two coders who gave values to the same units."""
    import numpy as np

    if ratings.metric.name not in CATEGORIES:
        return Coefficient(_none, f"{NO_CATEGORY}; this is measured as {ratings.metric.name}")
    if few := _few(ratings):
        return Coefficient(_none, few)
    coders = np.unique(ratings.coder)
    if len(coders) != 2:
        return Coefficient(_none, f"it is defined for two coders, and there are {len(coders)} (see the figures by coder pair)")
    if len(ratings.domain) == 1:
        return Coefficient(_none, _unanimous(ratings))
    one = ratings.coder == coders[0]
    equal = ratings.by_group(np.asarray(ratings.value[ratings.pairs.first] == ratings.value[ratings.pairs.second], np.float64), ratings.pairs.first)
    units = ratings.by_group(np.ones(len(ratings.pairs.first)), ratings.pairs.first)

    by_one, by_other = ratings.counting(one), ratings.counting(~one)

    def of(weights: Floats) -> Floats:
        n = weights @ units
        chance = (by_one.of(weights) * by_other.of(weights)).sum(1)
        return _beyond(_over(weights @ equal, n), _over(chance, n**2))

    return _checked(of, ratings)


def fleiss(ratings: Ratings) -> Coefficient:
    """Fleiss' kappa over the units that have the commonest number of values (complete cases)."""
    import numpy as np

    if ratings.metric.name not in CATEGORIES:
        return Coefficient(_none, f"{NO_CATEGORY}; this is measured as {ratings.metric.name}")
    if few := _few(ratings):
        return Coefficient(_none, few)
    many = complete(ratings)
    chosen = ratings.sizes[ratings.unit] == many
    if len(np.unique(ratings.value[chosen])) == 1:
        return Coefficient(_none, _unanimous(ratings))
    pairs = ratings.pairs
    kept = chosen[pairs.first]
    first, second = pairs.first[kept], pairs.second[kept]
    equal = ratings.by_group(np.asarray(ratings.value[first] == ratings.value[second], np.float64), first)
    units = ratings.by_group(np.ones(len(first)), first)

    by_all = ratings.counting(chosen)

    def of(weights: Floats) -> Floats:
        counts = by_all.of(weights)
        chance, total = (counts**2).sum(1), counts.sum(1)
        return _beyond(_over(weights @ equal, weights @ units), _over(chance, total**2))

    return _checked(of, ratings)


def complete(ratings: Ratings) -> int:
    """The commonest number of values a unit; of numbers as common the larger."""
    import numpy as np

    found = np.bincount(ratings.sizes)
    return int(max(range(len(found)), key=lambda size: (found[size], size)))


def share(ratings: Ratings, tolerance: float = 0.0) -> Coefficient:
    """Percent agreement as a share from 0 to 1. `tolerance`: how far apart values still agree, in the unit of the metric (days, km, numbers)."""
    import numpy as np

    if not ratings.units:
        return Coefficient(_none, NO_UNIT)
    pairs = ratings.pairs
    a, b = ratings.value[pairs.first], ratings.value[pairs.second]
    alike = a == b
    if tolerance > 0 and ratings.metric.name == "kilometres":
        alike = alike | (ratings.metric.apart(a, b) <= tolerance)
    elif tolerance > 0 and ratings.metric.name != "sets" and ratings.metric.name != "nominal":
        given = np.array(ratings.domain, np.float64)
        alike = alike | (np.abs(given[a] - given[b]) <= tolerance)
    amounts = pairs.weight / ratings.sizes[ratings.unit[pairs.first]]  # 2 / (m (m - 1)): the pairs of a unit sum to 1
    found, units = ratings.by_group(np.where(alike, amounts, 0.0), pairs.first), ratings.by_group(amounts, pairs.first)
    return Coefficient(lambda weights: _over(weights @ found, weights @ units))


def apart(ratings: Ratings) -> Coefficient:
    """How far apart the values of two coders of one unit lie on average: days or numbers of an interval scale, kilometres."""
    import numpy as np

    if not ratings.units:
        return Coefficient(_none, NO_UNIT)
    pairs = ratings.pairs
    found = ratings.metric.apart(ratings.value[pairs.first], ratings.value[pairs.second])
    amounts = pairs.weight / ratings.sizes[ratings.unit[pairs.first]]
    total = ratings.by_group(amounts * (np.sqrt(found) if ratings.metric.name == "interval" else found), pairs.first)
    units = ratings.by_group(amounts, pairs.first)
    return Coefficient(lambda weights: _over(weights @ total, weights @ units))


def _checked(of: Callable[[Floats], Floats], ratings: Ratings) -> Coefficient:
    import numpy as np

    if not np.isfinite(of(np.ones((1, ratings.groups)))[0]):
        return Coefficient(_none, "agreement by chance alone is complete with these shares")
    return Coefficient(of)


def _few(ratings: Ratings) -> str:
    return NO_UNIT if not ratings.units else ONE_UNIT if ratings.units == 1 else ""


def _unanimous(ratings: Ratings) -> str:
    """Without the value: reasons are published, and a value may be something that a release does not tell."""
    return f"all {len(ratings)} values are the same: {UNVARIED}"


def _none(weights: Floats) -> Floats:
    import numpy as np

    return np.full(len(weights), np.nan)


def _over(a: Floats, b: Floats) -> Floats:
    import numpy as np

    return np.asarray(np.divide(a, b, out=np.full(len(a), np.nan), where=b > 0))


def _beyond(found: Floats, chance: Floats) -> Floats:
    """(found - chance) / (1 - chance)"""
    import numpy as np

    return np.asarray(np.divide(found - chance, 1 - chance, out=np.full(len(found), np.nan), where=1 - chance > SMALL))
