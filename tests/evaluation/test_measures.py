"""Intervals, F1 over classes, calibration, matching: known answers and properties."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.evaluation import GoldDocument, evaluate
from eventcoder.evaluation.assignment import assign
from eventcoder.evaluation.calibration import Scored, calibrate
from eventcoder.evaluation.measures import Sums
from eventcoder.evaluation.pairing import LEVELS
from eventcoder.event import Draft
from tests.evaluation.material import draft, wanted


def test_the_interval_of_a_share_is_about_as_wide_as_it_should_be() -> None:
    # 100 documents, each with one value, half of them right: the textbook's 0.5 +- 1.96 * sqrt(0.25 / 100) = 0.40 to 0.60
    sums = Sums([Counter({"x.right": at % 2, "x.total": 1}) for at in range(100)])
    share = sums.share("x")
    assert (share.value, share.right, share.total) == (0.5, 50, 100)
    assert share.low == pytest.approx(0.40, abs=0.02) and share.high == pytest.approx(0.60, abs=0.02)
    assert sums.share("x") == Sums([Counter({"x.right": at % 2, "x.total": 1}) for at in range(100)]).share("x"), "the same scores, the same interval"


def test_the_interval_draws_documents_and_not_values() -> None:
    # 10 documents whose 10 values stand or fall together are 10 observations, not 100
    together = Sums([Counter({"x.right": 10 * (at % 2), "x.total": 10}) for at in range(10)]).share("x")
    assert together.low is not None and together.high is not None and together.high - together.low > 0.4
    assert Sums([Counter({"x.right": 1, "x.total": 2})]).share("x").low is None, "one document tells nothing of the next"


def test_resamples_without_anything_to_score_are_left_out() -> None:
    rare = Sums([Counter({"x.right": 1, "x.total": 1}), *[Counter[str]() for _ in range(9)]]).share("x")
    assert (rare.value, rare.low, rare.high) == (1, 1, 1)


def test_f1_over_classes_by_hand() -> None:
    sums = Sums([Counter({"t|A|A": 2, "t|B|B": 1}), Counter({"t|A|B": 1, "t|C|none": 1})])
    # A: 2 * 2 / (3 + 2); B: 2 * 1 / (1 + 2); C: 0
    assert sums.f1_of_classes("t", weighted=False).value == pytest.approx((0.8 + 2 / 3 + 0) / 3)
    assert sums.f1_of_classes("t", weighted=True).value == pytest.approx((3 * 0.8 + 2 / 3 + 0) / 5)
    assert sums.f1_of_classes("s", weighted=True).value is None


def test_a_class_that_only_the_drafts_have_lowers_precision_and_is_no_class_of_the_mean() -> None:
    sums = Sums([Counter({"t|A|A": 1, "t|A|X": 1})])
    assert sums.f1_of_classes("t", weighted=False).value == pytest.approx(2 / 3)


def test_calibration_by_hand() -> None:
    answers = [Scored(0, 0.95, True), Scored(0, 0.95, False), Scored(1, 0.25, False), Scored(1, 0.25, False)]
    found = calibrate(answers, 2)
    assert [(b.low, b.number, b.mean, b.right) for b in found.bins] == [(0.2, 2, 0.25, 0), (0.9, 2, 0.95, 0.5)]
    assert found.error == pytest.approx((2 * 0.25 + 2 * 0.45) / 4)
    # the surest 70% of four are three: the two of 0.95, and one of the two that tie at 0.25
    assert (found.surest.right, found.surest.total) == (1, 3)
    assert calibrate([Scored(0, 1.0, True)] * 3, 1).error == 0
    assert calibrate([], 3).error is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30), st.randoms(use_true_random=False))
def test_no_order_changes_the_calibration(pairs: list[tuple[float, bool]], chance: random.Random) -> None:
    answers = [Scored(0, score, right) for score, right in pairs]
    mixed = list(answers)
    chance.shuffle(mixed)
    one, two = calibrate(answers, 1), calibrate(mixed, 1)
    assert one.surest.total == pytest.approx(two.surest.total) and one.surest.right == pytest.approx(two.surest.right)
    assert (one.error is None) == (not answers) and (one.error or 0) == pytest.approx(two.error or 0)
    assert one.error is None or 0 <= one.error <= 1


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(0, 9).map(float), max_size=12))
def test_the_matching_is_the_best_of_all(weights: dict[tuple[int, int], float]) -> None:
    found = assign(weights)
    assert len(set(found.values())) == len(found) and all(pair in weights for pair in found.items())

    def worth(pairs: Any) -> tuple[int, float]:
        real = [p for p in pairs if p in weights]
        return len(real), sum(weights[p] for p in real)

    best = max(worth(zip(range(5), columns, strict=True)) for columns in itertools.permutations(range(5)))
    assert worth(found.items()) == best


KINDS = ("Peaceful protest", "Attack", "Armed clash")
STATUSES = ("codable", "codable", "lead", "background", "aggregate", "attribute", "speech_act", "hypothetical")


@st.composite
def golds(draw: st.DrawFn) -> list[GoldDocument]:
    out = []
    for number in range(draw(st.integers(1, 5))):
        statements = []
        for at in range(draw(st.integers(0, 6))):
            status = draw(st.sampled_from(STATUSES))
            fields: dict[str, Any] = {}
            if status == "codable":
                fields = {
                    "event_date": f"2026-05-{draw(st.integers(1, 28)):02d}", "sub_event_type": draw(st.sampled_from(KINDS)),
                    "country": draw(st.sampled_from(("Iran", "Iraq"))), "location": draw(st.sampled_from(("Shiraz", "Yazd", "Basra"))),
                    "fatalities": draw(st.sampled_from((None, 0, 3))),
                }  # fmt: skip
            statements.append(wanted(f"a{number}x{at} b{number}x{at} c{number}x{at} d{number}x{at}", status, None, f"s{at}", **fields))
        out.append(GoldDocument(document=f"{number}.txt", statements=statements))
    return out


def perfect(documents: list[GoldDocument]) -> dict[str, list[Draft]]:
    """A draft for each statement, with everything that the gold says."""
    return {d.document: [draft(s.quote, s.status, start=200 * i, **s.fields) for i, s in enumerate(d.statements)] for d in documents}


@given(golds())
def test_perfect_drafts_are_perfect_in_every_figure(documents: list[GoldDocument]) -> None:
    found = evaluate(perfect(documents), documents)
    shares = [found.precision(level) for level in LEVELS] + [found.recall(), found.f1(doubles=True)]
    shares += [found.status_f1(), found.status_accuracy(), found.type_f1(weighted=True), found.type_f1(weighted=False), *found.fields.values()]
    assert all(figure.value in (1, None) for figure in shares)
    assert (not found.misses) and not any(found.never_rows.values())


@given(golds(), st.randoms(use_true_random=False), st.data())
def test_no_order_of_documents_or_drafts_changes_anything(documents: list[GoldDocument], chance: random.Random, data: st.DataObject) -> None:
    drafts = perfect(documents)
    for name, held in drafts.items():
        # drafts of the kind that engines make: some gone, some of another type
        kept = [d for d in held if data.draw(st.booleans())]
        drafts[name] = [d.model_copy(update={"fields": {**d.fields, "sub_event_type": "Attack"}}) for d in kept]
    before = evaluate(drafts, documents).as_json()
    mixed = [d.model_copy(update={"statements": chance.sample(d.statements, len(d.statements))}) for d in documents]
    chance.shuffle(mixed)
    assert evaluate({n: chance.sample(d, len(d)) for n, d in drafts.items()}, mixed).as_json() == before


def test_taking_a_draft_away_never_raises_recall_and_adding_one_never_raises_precision_of_perfect_drafts() -> None:
    document = GoldDocument(document="1.txt", statements=[wanted(f"q{i} r{i} s{i}", location=f"L{i}") for i in range(4)])
    drafts = perfect([document])["1.txt"]
    recalls = [evaluate({"1.txt": drafts[:n]}, [document]).recall().value for n in range(5)]
    assert recalls == [0, 0.25, 0.5, 0.75, 1]
    beside = draft("nothing of all this", start=5000, location="Elsewhere")
    assert evaluate({"1.txt": [*drafts, beside]}, [document]).precision().value == 0.8
