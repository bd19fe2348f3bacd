"""Ranges of numbers, against sets of the same numbers."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from eventcoder.ledger.hidden import Range, holds, joined, length, runs, without

ranges = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=6)


def numbers(some: list[Range]) -> set[int]:
    return {n for first, last in some for n in range(first, last + 1)}


@given(ranges, ranges)
def test_ranges_are_sets(one: list[Range], two: list[Range]) -> None:
    assert numbers(without(one, two)) == numbers(one) - numbers(two)
    whole = joined(one)
    assert numbers(whole) == numbers(one) and length(whole) == len(numbers(one))
    assert all(a[1] + 1 < b[0] for a, b in itertools.pairwise(whole))
    assert runs(numbers(one)) == whole
    assert {n for n in range(60) if holds(whole, n)} == numbers(one)
