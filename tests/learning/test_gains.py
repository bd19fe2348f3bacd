"""Known answers of the comparison, and its folds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.learning.comparing import EARLIER, folds_of, groups_of, split_by_time
from eventcoder.learning.decisions import Decision
from eventcoder.learning.fitting import SMOOTH, shares_of
from eventcoder.learning.gains import gains


def test_figures_are_those_of_a_hand() -> None:
    truth = ["a", "a", "a", "b", "b", "b", "b", "b"]
    before = ["a", "b", "b", "b", "b", "b", "a", "c"]
    after = ["a", "a", "b", "b", "b", "b", "b", "b"]
    out = gains(truth, before, after, list("12345678"))
    b, a = out.types
    assert (b.name, b.number, a.name, a.number) == ("b", 5, "a", 3)
    assert b.before == pytest.approx(2 * 3 / (5 + 5))  # 3 right of 5 gold and 5 answered
    assert b.after == pytest.approx(2 * 5 / (5 + 6))
    assert a.before == pytest.approx(2 * 1 / (3 + 2))
    assert a.after == pytest.approx(2 * 2 / (3 + 2))
    assert a.verdict == "few", "three decisions tell nothing"
    assert out.accuracy.before == 4 / 8
    assert out.accuracy.after == 7 / 8
    assert out.f1.before == pytest.approx((5 * 0.6 + 3 * 0.4) / 8)
    assert out.f1.after == pytest.approx((5 * 10 / 11 + 3 * 0.8) / 8)


def test_a_change_that_chance_could_make_is_noise_and_a_great_one_is_not() -> None:
    truth = ["a", "b"] * 30
    slip = [*truth[:-1], "a"]
    groups = [str(i) for i in range(60)]
    assert gains(truth, truth, slip, groups).f1.verdict == "within noise"
    assert gains(truth, truth, truth, groups).f1.verdict == "same"
    assert gains(truth, ["a"] * 60, truth, groups).f1.verdict == "gained"
    assert gains(truth, truth, ["a"] * 60, groups).f1.verdict == "lost"


def test_one_document_is_no_evidence() -> None:
    truth = ["a", "b"] * 30
    out = gains(truth, ["a"] * 60, truth, ["one"] * 60)
    assert {t.verdict for t in out.types} == {"few"}


def decision(number: int, document: str, event: str, day: str = "", published: str = "") -> Decision:
    return Decision(f"{number:012x}", document, event, f"sentence {number}", "Attack", day, published)


def test_documents_of_one_event_and_reprints_stay_together() -> None:
    held = [decision(1, "d1", "e1"), decision(2, "d2", "e1"), decision(3, "d3", "e3"), decision(4, "d4", "e4"), decision(5, "d5", "e5")]
    story = "Two men were shot at a checkpoint near the old bridge on Friday evening, the police said, and nobody claimed it."
    texts = {"d1": "One.", "d2": "Two.", "d3": story, "d4": f"{story} More soon.", "d5": "A quite different story of another day and place."}
    groups = groups_of(held, texts)
    assert groups[0] == groups[1]
    assert groups[2] == groups[3]
    assert len(set(groups)) == 3


@given(st.lists(st.integers(0, 12), min_size=2, max_size=60))
def test_folds_never_cut_a_group_and_none_is_empty(numbers: list[int]) -> None:
    groups = [str(n) for n in numbers]
    fold = folds_of(groups)
    assert len({(g, f) for g, f in zip(groups, fold, strict=True)}) == len(set(groups))
    assert set(fold) == set(range(min(5, len(set(groups)))))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 28)), min_size=1, max_size=50))
def test_nothing_that_is_tested_on_was_decided_before_what_is_learned(drawn: list[tuple[int, int]]) -> None:
    held = [decision(i, f"d{document}", f"e{document}", f"2026-03-{day:02d}") for i, (document, day) in enumerate(drawn)]
    groups = [d.document for d in held]
    earlier, later, _ = split_by_time(held, groups)
    assert sorted([*earlier, *later]) == list(range(len(held)))
    assert not {groups[i] for i in earlier} & {groups[i] for i in later}
    assert len(earlier) >= round(len(held) * EARLIER)
    last = {g: max(d.day for d in held if d.document == g) for g in groups}
    assert max(last[groups[i]] for i in earlier) <= min((last[groups[i]] for i in later), default="9")


def test_decisions_of_one_day_are_split_by_publication() -> None:
    held = [decision(i, f"d{i}", f"e{i}", "2026-06-01", f"2026-05-{28 - i:02d}") for i in range(10)]
    earlier, later, until = split_by_time(held, [d.document for d in held])
    assert [held[i].published for i in later] == ["2026-05-27", "2026-05-28"]
    assert len(earlier) == 8
    assert until == "2026-05-26"


def test_shares_start_as_packaged_and_end_as_decided() -> None:
    packaged = {"a": 0.75, "b": 0.25}
    assert shares_of([], packaged) == packaged
    half = shares_of(["b"] * int(SMOOTH), packaged)
    assert half == {"a": pytest.approx(0.375), "b": pytest.approx(0.625)}
    many = shares_of(["b"] * 100_000, packaged)
    assert 0 < many["a"] < 0.001
    assert shares_of(["c"], packaged)["c"] > 0, "a type of the team's own"
