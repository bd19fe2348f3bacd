"""Known answers, the libraries that others trust, and samples: each coefficient says what the literature says, or why it says nothing."""

from __future__ import annotations

import json
import math
from itertools import permutations
from typing import Any
from unittest import mock

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

from eventcoder.agreement import metrics, ratings
from eventcoder.agreement.coefficients import Coefficient, alpha, apart, cohen, fleiss, share
from eventcoder.agreement.metrics import Metric, readable
from eventcoder.agreement.ratings import Ratings
from eventcoder.agreement.sampling import Samples
from eventcoder.errors import InputError
from eventcoder.gazetteer.place import distance_km

N = None
# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", example C: four observers, twelve units, missing data.
FOUR = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
# Fleiss's kappa, the table with ten subjects, fourteen raters and five categories that textbooks use: 0.210.
FOURTEEN = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
NUMERIC = ("nominal", "ordinal", "interval", "ratio")


def rated(rows: list[list[Any]], metric: str = "nominal", group: list[int] | None = None) -> Ratings:
    """From a row a coder and a column a unit; each unit a group of its own unless told."""
    units = list(zip(*rows, strict=True))
    group = group or list(range(len(units)))
    seen = [(group[u], [(c, None if v is None else readable(v, metric)) for c, v in enumerate(unit)]) for u, unit in enumerate(units)]
    return Ratings.of(seen, metric, max(group, default=0) + 1)


def value(found: Coefficient, groups: int) -> float | None:
    return Samples(groups, 0).figure(found).value


@pytest.mark.parametrize(("metric", "answer"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)])
def test_alpha_of_the_example_with_missing_data(metric: str, answer: float) -> None:
    found = value(alpha(rated(FOUR, metric)), 12)
    assert found is not None
    assert round(found, 3) == answer


def test_alpha_of_two_observers_by_hand() -> None:
    """Ten units, 6 agreements, counts of 14 and 6: Do = 4 / 10, De = (20 * 20 - 14 * 14 - 6 * 6) / (20 * 19); alpha = 0.095 (example A)."""
    assert value(alpha(rated([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]])), 10) == 0.0952


def test_cohens_kappa_of_the_classic_table() -> None:
    """Grants read by two: 20 both yes, 5 and 10 split, 15 both no: Po 0.7, Pe 0.5."""
    cells = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    both = rated([[a for a, _ in cells], [b for _, b in cells]])
    assert value(cohen(both), 50) == 0.4
    assert value(share(both), 50) == 0.7


def test_fleiss_kappa_of_the_classic_table() -> None:
    units = [[category for category, n in enumerate(row) for _ in range(n)] for row in FOURTEEN]
    assert value(fleiss(rated([list(row) for row in zip(*units, strict=True)])), 10) == 0.2099


def test_fleiss_kappa_takes_units_with_the_commonest_number_of_values() -> None:
    whole, cut = [[1, 2, 1, 2], [1, 2, 2, 2], [1, 1, 1, 2]], [[1, 2, 1, 2, 1], [1, 2, 2, 2, N], [1, 1, 1, 2, 2]]
    assert value(fleiss(rated(whole)), 4) == value(fleiss(rated(cut)), 5)
    tied = [[1, 2, 1, 2, 1, 1], [1, 2, 2, 2, 2, 2], [1, N, 1, N, 2, N]]  # as many units with two values as with three: the fuller ones
    assert value(fleiss(rated(tied)), 6) == value(fleiss(rated([[1, 1, 1], [1, 2, 2], [1, 1, 2]])), 3)


def test_a_tolerance_means_nothing_to_sets() -> None:
    lists = rated([[["a"], ["a", "b"], ["c"]], [["a"], ["a"], ["d"]]], "sets")
    assert value(share(lists, 1.0), 3) == value(share(lists), 3) == 0.3333


code = st.one_of(st.none(), st.integers(0, 4))
matrix = st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(code, min_size=n, max_size=n), min_size=2, max_size=12))


@given(matrix, st.sampled_from(NUMERIC))
@settings(max_examples=80, deadline=None)
def test_alpha_is_that_of_the_library(units: list[list[int | None]], metric: str) -> None:
    rows = [list(row) for row in zip(*units, strict=True)]
    found = value(alpha(rated(rows, metric)), len(units))
    kept = [u for u in units if sum(v is not None for v in u) > 1]
    if len(kept) < 2 or len({v for u in kept for v in u if v is not None}) < 2:
        assert found is None
        return
    array = np.array([[np.nan if v is None else v for v in row] for row in zip(*kept, strict=True)], float)
    assert found == pytest.approx(krippendorff.alpha(array, level_of_measurement=metric), abs=1.01e-4)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_kappas_are_those_of_the_library(pairs: list[tuple[int, int]]) -> None:
    both = rated([[a for a, _ in pairs], [b for _, b in pairs]])
    ours = value(cohen(both), len(pairs)), value(fleiss(both), len(pairs))
    if len({v for pair in pairs for v in pair}) == 1:
        assert ours == (None, None)
        return
    table = np.zeros((4, 4))
    counts = np.zeros((len(pairs), 4))
    for u, (a, b) in enumerate(pairs):
        table[a, b] += 1
        counts[u, a] += 1
        counts[u, b] += 1
    assert ours[0] == pytest.approx(cohens_kappa(table, return_results=False), abs=1.01e-4)
    assert ours[1] == pytest.approx(fleiss_kappa(counts), abs=1.01e-4)


texts = st.sampled_from(["a", "b", "c", "d"])
anything = {
    "nominal": st.integers(0, 3), "ordinal": st.integers(0, 3), "interval": st.integers(0, 9), "ratio": st.integers(0, 9),
    "log-ratio": st.integers(0, 300), "kilometres": st.tuples(st.integers(-60, 60), st.integers(-170, 170)),
    "sets": st.frozensets(texts, min_size=1, max_size=3).map(lambda s: tuple(sorted(s))),
}  # fmt: skip


@given(st.data(), st.sampled_from(sorted(anything)))
@settings(max_examples=80, deadline=None)
def test_a_sample_counts_a_document_as_often_as_it_was_drawn(data: st.DataObject, metric: str) -> None:
    """Every figure of a sample is the figure of the data in which the drawn documents stand that often: what makes the intervals right."""
    cell = st.one_of(st.none(), anything[metric])
    rows = data.draw(st.lists(st.lists(cell, min_size=6, max_size=6), min_size=2, max_size=3))
    group = sorted(data.draw(st.lists(st.integers(0, 2), min_size=6, max_size=6)))
    weights = data.draw(st.lists(st.integers(0, 3), min_size=3, max_size=3))
    places = [u for u in range(6) for _ in range(weights[group[u]])]
    with mock.patch.object(ratings, "NARROW", data.draw(st.sampled_from([0, 128]))):  # the two ways of counting
        whole = rated(rows, metric, group)
        figures = {make: make(whole) for make in (alpha, share, cohen, fleiss)}
    drawn = rated([[row[u] for u in places] for row in rows], metric, [0] * len(places))
    for make in (alpha, share, cohen, fleiss):
        if make is fleiss and len(set(whole.sizes.tolist())) > 1:
            continue  # which units are complete is decided for the data, not for each sample
        if make is cohen and len(set(drawn.coder.tolist())) != 2:
            continue
        there, here = figures[make], make(drawn)
        if there.nothing:
            continue
        found = there.of(np.array([weights[: whole.groups]], float))[0]
        answer = math.nan if here.nothing else here.of(np.ones((1, drawn.groups)))[0]
        assert found == pytest.approx(answer, abs=1e-9, nan_ok=True) or len(places) < 2 or drawn.units < 2, make


def test_distances_of_places_and_sets_by_hand() -> None:
    points = [(35.7, 51.4), (35.7, 51.4), (32.65, 51.67), (29.6, 52.53)]
    a, b, c = points[0], points[2], points[3]
    found = value(alpha(rated([[a, b, c], [a, b, a]], "kilometres")), 3)
    values = [a, b, c, a, b, a]
    chance = sum(distance_km(*x, *y) for x, y in permutations(values, 2)) / 30
    assert found == pytest.approx(1 - distance_km(*c, *a) / 3 / chance, abs=1e-4)
    assert value(apart(rated([[a, b, c], [a, b, a]], "kilometres")), 3) == pytest.approx(distance_km(*c, *a) / 3, rel=1e-4)
    sets = Metric("sets", [frozenset("ab"), frozenset("a"), frozenset("bc"), frozenset("x"), frozenset()])
    one, other = np.array([0, 0, 0, 0, 0, 4]), np.array([0, 1, 2, 3, 4, 4])
    assert sets.apart(one, other).tolist() == pytest.approx([0, 1 - 1 / 2 * 2 / 3, 1 - 1 / 3 * 1 / 3, 1, 1, 0])


def test_deaths_differ_by_how_many_times_larger_they_are() -> None:
    deaths = Metric("log-ratio", [0.0, 3.0, 5.0, 300.0, 1600.0])
    small, large, zero = deaths.apart(np.array([1, 3, 0]), np.array([2, 4, 4]))
    assert small == pytest.approx(large, rel=0.01)
    assert small < 0.02
    assert zero == 1


@pytest.mark.parametrize("metric", ["log-ratio", "kilometres", "sets"])
def test_pairs_that_are_drawn_stand_for_all_of_them(metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(7)
    pool: list[Any] = {
        "log-ratio": [int(x) for x in draw.pareto(0.8, 300) * 20],
        "kilometres": [(round(float(x), 3), round(float(y), 3)) for x, y in draw.uniform(8, 14, (300, 2))],
        "sets": [tuple({str(x) for x in draw.integers(0, 30, 3)}) for _ in range(300)],
    }[metric]
    first = [pool[i] for i in draw.integers(0, 300, 600)]
    second = [v if draw.random() < 0.7 else pool[draw.integers(0, 300)] for v in first]
    exact = Samples(600, 20).figure(alpha(rated([first, second], metric)))
    monkeypatch.setattr(metrics, "DENSE", 10)
    drawn = Samples(600, 20).figure(alpha(rated([first, second], metric)))
    for one, other in ((exact.value, drawn.value), (exact.low, drawn.low), (exact.high, drawn.high)):
        assert one is not None
        assert one == pytest.approx(other, abs=0.004)


UNDEFINED = {
    "nobody": ([[N, N], [N, N]], "no unit"),
    "one coder": ([[1, 2, 3], [N, N, N]], "no unit"),
    "one unit": ([[1, N, N], [2, N, N]], "one unit alone"),
    "unanimous": ([[2, 2, 2], [2, 2, 2]], "without variation"),
    "unanimous where two coded": ([[2, 2, 5], [2, 2, N]], "without variation"),
}


@pytest.mark.parametrize("case", UNDEFINED)
@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "log-ratio"])
def test_what_is_undefined_says_why(case: str, metric: str) -> None:
    rows, reason = UNDEFINED[case]
    figure = Samples(len(rows[0]), 200).figure(alpha(rated(rows, metric)))
    assert figure.value is None
    assert figure.low is None
    assert reason in figure.reason
    json.dumps(figure.as_json(), allow_nan=False)


def test_total_disagreement_and_complete_agreement_are_defined() -> None:
    low = value(alpha(rated([[1, 2, 1, 2], [2, 1, 2, 1]])), 4)
    assert low is not None
    assert low < 0
    assert value(alpha(rated([[1, 2, 1, 2], [1, 2, 1, 2]])), 4) == 1.0


def test_a_figure_is_rounded_up_to_complete_agreement_by_nothing() -> None:
    days = [float(d) for d in range(0, 20_000, 10)]
    assert value(alpha(rated([days, [days[0] + 1, *days[1:]]], "interval")), 2000) == 0.9999


def test_the_same_data_give_the_same_interval_and_few_documents_none() -> None:
    many = [[c for c in row for _ in range(4)] for row in FOUR]
    first, second = (Samples(48, 100).figure(alpha(rated(many))) for _ in range(2))
    assert first == second
    assert first.low is not None
    assert first.high is not None
    assert first.low < (first.value or 0) < first.high
    few = Samples(9, 100).figure(alpha(rated([row[:9] for row in FOUR])))
    assert few.low is None
    assert "9 documents" in few.unsure


def test_an_interval_that_rests_on_unanimous_samples_is_not_given() -> None:
    rare = [[1] * 39 + [2], [1] * 39 + [2]]
    figure = Samples(40, 200).figure(alpha(rated(rare)))
    assert figure.value == 1.0
    assert figure.low is None
    assert "no variation" in figure.unsure


@pytest.mark.parametrize(("cell", "metric"), [("many", "interval"), ("2026-13-01", "interval"), (-1, "ratio"), (("91", "0"), "kilometres")])
def test_what_a_metric_cannot_compare_is_refused(cell: Any, metric: str) -> None:
    with pytest.raises(InputError):
        readable(cell, metric)


def test_days_count_as_days() -> None:
    assert readable("2026-05-04", "interval") - readable("2026-05-01", "interval") == 3
    assert value(apart(rated([["2026-05-01", "2026-05-09"], ["2026-05-02", "2026-05-06"]], "interval")), 2) == 2.0
    both = rated([["2026-05-01", "2026-05-09"], ["2026-05-02", "2026-05-06"]], "interval")
    assert value(share(both, 1), 2) == 0.5
    assert value(share(both), 2) == 0.0
