"""Covered weeks: those of which every day was read, whatever the pieces."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.dataset.coverage import coverage_weeks, week_of, weeks_between, whole_weeks

DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 31))


def table(*rows: tuple[str | None, str | None, str | None, str | None]) -> pa.Table:
    columns = list(zip(*rows, strict=True))
    names = ("country", "admin1", "since", "until")
    return pa.table(
        {n: pa.array(c, pa.string()) if n in names[:2] else pa.array(c, pa.string()).cast(pa.date32()) for n, c in zip(names, columns, strict=True)}
    )


@given(st.lists(st.tuples(DAYS, st.integers(-3, 25)), max_size=6))
def test_a_week_counts_where_each_of_its_days_does(pieces: list[tuple[date, int]]) -> None:
    ranges = [(day, day + timedelta(days=length)) for day, length in pieces]
    read = {since + timedelta(days=n) for since, until in ranges for n in range((until - since).days + 1)}
    saturdays = [week for week in weeks_between(date(2025, 12, 1), date(2026, 6, 1)) if all(week + timedelta(days=n) in read for n in range(7))]
    assert whole_weeks(ranges) == saturdays


def test_weeks_begin_on_saturday() -> None:
    assert {week_of(date(2026, 7, day)) for day in range(4, 11)} == {date(2026, 7, 4)}
    assert weeks_between(date(2026, 7, 10), date(2026, 7, 11)) == [date(2026, 7, 4), date(2026, 7, 11)]
    assert weeks_between(date(2026, 7, 10), date(2026, 7, 9)) == []


def test_pieces_of_one_area_join_and_areas_stay_apart() -> None:
    found = coverage_weeks(table(
        ("Iran", None, "2026-07-04", "2026-07-06"), ("Iran", None, "2026-07-07", "2026-07-17"), ("Iran", "Fars", "2026-07-04", "2026-07-06"),
        ("Iran", "Qom", "2026-07-07", "2026-07-10"), ("Chad", "Kanem", "2026-07-04", "2026-07-10"), ("Chad", "Kanem", "2026-07-01", "2026-07-12"),
        (None, None, "2026-07-04", "2026-07-10"), ("Peru", None, "2026-07-04", None),
    ))  # fmt: skip
    assert found.to_pylist() == [
        {"country": "Chad", "admin1": "Kanem", "week": date(2026, 7, 4)},
        {"country": "Iran", "admin1": None, "week": date(2026, 7, 4)},
        {"country": "Iran", "admin1": None, "week": date(2026, 7, 11)},
    ]
    empty = coverage_weeks(table(("Iran", None, None, None)))
    assert empty.num_rows == 0 and empty.schema == found.schema
