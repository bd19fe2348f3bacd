from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.extraction.dates import REFUSALS, Resolved, resolve_all

PUBLISHED = date(2019, 8, 1)  # a Thursday


def one(text: str, published: date | None = PUBLISHED, **options: object) -> Resolved:
    found = resolve_all(text, published, **options)  # type: ignore[arg-type]
    assert found, f"no date seen in {text!r}"
    return found[0]


def span(text: str, published: date | None = PUBLISHED) -> tuple[str, str, int | None]:
    found = one(text, published)
    return str(found.first), str(found.last), found.precision


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("Wednesday (31)", "2019-07-31", "2019-07-31", 1),
        ("on the 31st", "2019-07-31", "2019-07-31", 1),
        ("last week", "2019-07-22", "2019-07-28", 2),
        ("over the weekend", "2019-07-27", "2019-07-28", 2),
        ("on Friday and Saturday", "2019-07-26", "2019-07-27", 2),
        ("over the past four days", "2019-07-28", "2019-08-01", 2),
        ("late on Wednesday", "2019-07-31", "2019-07-31", 1),
        ("earlier this week", "2019-07-29", "2019-08-01", 2),
        ("yesterday", "2019-07-31", "2019-07-31", 1),
        ("two days ago", "2019-07-30", "2019-07-30", 1),
        ("3-5 May", "2019-05-03", "2019-05-05", 2),
        ("between 3 and 5 May", "2019-05-03", "2019-05-05", 2),
        ("from 28 April to 3 May 2018", "2018-04-28", "2018-05-03", 2),
        ("May 3-5, 2018", "2018-05-03", "2018-05-05", 2),
        ("on December 30", "2018-12-30", "2018-12-30", 1),
        ("in July", "2019-07-01", "2019-07-31", 3),
        ("in September 2013", "2013-09-01", "2013-09-30", 3),
        ("in early June", "2019-06-01", "2019-06-10", 3),
        ("last month", "2019-07-01", "2019-07-31", 3),
        ("in 2015", "2015-01-01", "2015-12-31", None),
        ("between 2009 and 2016", "2009-01-01", "2016-12-31", None),
        ("29/07/2019", "2019-07-29", "2019-07-29", 1),
        ("in recent days", "2019-07-25", "2019-08-01", 2),
        ("2019", "2019-01-01", "2019-08-01", None),
        ("July", "2019-07-01", "2019-07-31", 3),
        ("the weekend", "2019-07-27", "2019-07-28", 2),
        ("Friday and Saturday", "2019-07-26", "2019-07-27", 2),
    ],
)
def test_T1_T4_expressions_give_an_interval_and_its_precision(text: str, first: str, last: str, precision: int | None) -> None:
    assert span(text) == (first, last, precision)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("03/04/2019", "ambiguous-day-month"),
        ("1398/05/10", "foreign-calendar"),
        ("10 Kartik 2076", "foreign-calendar"),
        ("Friday, 30 July 2019", "weekday-mismatch"),
        ("31 February 2019", "impossible-date"),
        ("12 September 2019", "later-than-publication"),
        ("August 3", "later-than-publication"),
        ("the next day", "no-anchor"),
    ],
)
def test_T1_T5_what_is_ambiguous_or_impossible_is_refused_never_repaired(text: str, reason: str) -> None:
    found = one(text)
    assert (found.first, found.last, found.rule) == (None, None, reason)
    assert reason in REFUSALS


@pytest.mark.parametrize("text", ["on Friday", "yesterday", "last week", "3 May", "in July", "the past two days", "today"])
def test_T2_without_publication_date_relative_dates_stay_null(text: str) -> None:
    assert (one(text, None).first, one(text, None).rule) == (None, "no-publication-date")


def test_T2_a_full_date_needs_no_publication_date() -> None:
    assert span("12 July 2019", None) == ("2019-07-12", "2019-07-12", 1)


def test_planned_dates_may_lie_ahead() -> None:
    assert str(one("on Friday", planned=True).first) == "2019-08-02"
    assert str(one("14 March", planned=True).first) == "2020-03-14"


def test_since_is_an_open_beginning() -> None:
    found = one("since January")
    assert found.open_start and str(found.first) == "2019-01-01" and found.precision is None


def test_the_next_day_refers_to_the_day_named_before() -> None:
    found = resolve_all("They met on 12 July. A day later they left.", PUBLISHED)
    assert [str(f.first) for f in found] == ["2019-07-12", "2019-07-13"]


@pytest.mark.parametrize("text", ["the Sunday Times", "they may march on", "every Friday", "nearly 2000 people", "Bloody Sunday"])
def test_words_that_only_look_like_dates(text: str) -> None:
    assert resolve_all(text, PUBLISHED) == []


@given(
    st.sampled_from([
        "on {w}", "last {w}", "{d} {m}", "{m} {d}", "in {m}", "late {m}", "last week", "the past {d} days", "on the {d}th", "{d}-{e} {m}",
        "{w} ({d})",
    ]),
    st.sampled_from([
        "Monday", "Wednesday", "Sunday",
    ]), st.sampled_from(["January", "February", "May", "December"]), st.integers(1, 31), st.integers(1, 31),
    st.dates(date(2000, 1, 1), date(2030, 12, 31)),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_T1_no_resolved_date_is_later_than_publication(form: str, weekday: str, month: str, day: int, other: int, published: date) -> None:
    for found in resolve_all(form.format(w=weekday, m=month, d=day, e=other), published):
        if found.known:
            assert found.first is not None and found.last is not None
            assert found.first <= found.last <= published
            assert found.day is None or found.first <= found.day <= found.last
            if found.precision == 1:
                assert found.first == found.last
            if found.precision == 2:
                assert found.last - found.first <= timedelta(days=10)
