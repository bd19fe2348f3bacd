"""From spans to a day, or to none."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.intake.dialects import UNCERTAIN
from eventcoder.intake.dialects.spans import Bounds, NoDay, day_of_parts, longest_spans, span

SPANS = {"1": 1, "2": 10, "3": 31}
DAYS = st.dates(date(1950, 1, 1), date(2030, 12, 31))


def day(text):
    return Bounds(date.fromisoformat(text), date.fromisoformat(text))


def test_the_codebook_says_how_long_a_span_may_be(codebook):
    assert longest_spans(codebook) == SPANS


@pytest.mark.parametrize(
    ("parts", "first", "last"),
    [
        (("2014", "5", "9"), "2014-05-09", "2014-05-09"),
        (("2014", "2", "0"), "2014-02-01", "2014-02-28"),
        (("2016", "2", None), "2016-02-01", "2016-02-29"),
        (("2014", "0", "0"), "2014-01-01", "2014-12-31"),
    ],
)
def test_days_in_three_columns(parts, first, last):
    assert day_of_parts(*parts, frozenset("0")) == Bounds(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "parts",
    [("2014", "2", "30"), ("2014", "13", "1"), ("1214", "1", "1"), ("2014", "May", "1"), (None, "5", "9"), ("2014", "-5", "1"), ("२०१४", "5", "1")],
)
def test_three_columns_that_are_no_day(parts):
    with pytest.raises(NoDay):
        day_of_parts(*parts, frozenset("0"))


def test_nothing_is_nothing():
    assert set(span(None, None, None, False, SPANS).values()) == {None}
    assert day_of_parts(None, None, None, frozenset()) is None
    assert set(span(None, day("2020-01-01"), None, False, SPANS).values()) == {UNCERTAIN}


@pytest.mark.parametrize("asked", [True, False])
def test_an_end_before_the_start_is_left_for_the_rules(asked):
    got = span(day("2020-01-02"), day("2020-01-01"), "1" if asked else None, asked, SPANS)
    assert got == {"date_start": "2020-01-02", "date_end": "2020-01-01", "event_date": UNCERTAIN, "time_precision": UNCERTAIN}


@given(DAYS, st.integers(0, 400), st.sampled_from(["1", "2", "3", None]))
def test_a_code_of_precision_that_the_span_does_not_fit_gives_no_day(start, length, code):
    end = start + timedelta(length)
    got = span(Bounds(start, start), Bounds(end, end), code, True, SPANS)
    assert (got["date_start"], got["date_end"]) == (start.isoformat(), end.isoformat())
    if code is None or length + 1 > SPANS[code]:
        assert (got["event_date"], got["time_precision"]) == (UNCERTAIN, UNCERTAIN)
    else:
        middle = date.fromisoformat(got["event_date"])
        assert got["time_precision"] == code
        assert -1 <= (end - middle).days - (middle - start).days <= 1


@given(DAYS, st.integers(0, 40))
def test_known_days_are_one_day_or_several_events(start, length):
    end = start + timedelta(length)
    got = span(Bounds(start, start), Bounds(end, end), None, False, SPANS)
    assert got["time_precision"] == ("1" if length == 0 else UNCERTAIN)
    assert got["event_date"] == (start.isoformat() if length == 0 else UNCERTAIN)


def test_an_unknown_day_is_the_middle_of_its_month():
    may = Bounds(date(2014, 5, 1), date(2014, 5, 31))
    assert span(may, None, None, False, SPANS) == {
        "event_date": "2014-05-16", "time_precision": "3", "date_start": "2014-05-01", "date_end": "2014-05-31",
    }  # fmt: skip
    june = Bounds(date(2014, 6, 1), date(2014, 6, 30))
    assert span(june, None, None, False, SPANS)["event_date"] == "2014-06-15"
    year = Bounds(date(2014, 1, 1), date(2014, 12, 31))
    assert span(year, None, None, False, SPANS)["event_date"] is UNCERTAIN
