"""`to_panel`: known answers by hand, and what must hold for any events."""

from __future__ import annotations

import warnings
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventcoder import load, to_panel
from eventcoder.errors import UsageError
from tests.analysis.rows import coverage, events

SAMPLE = Path(__file__).resolve().parents[2] / "releases"
MARCH = coverage(("Mali", None, "2024-03-02", "2024-03-22"))  # three weeks, Saturday to Friday


def cells(panel: pd.DataFrame, *names: str) -> list[list[Any]]:
    """Rows as plain values, days as text, missing as None."""
    picked = panel[list(names)].astype(object)
    return [[None if pd.isna(v) else str(v.date()) if isinstance(v, pd.Timestamp) else v for v in row] for row in picked.itertuples(index=False)]


def test_T19_zero_is_written_only_where_somebody_read() -> None:
    frame = events({"event_date": "2024-03-08"}, {"event_date": "2024-03-09"}, {"event_date": "2024-03-30", "fatalities": 4})
    panel = to_panel(frame, coverage=MARCH)
    assert cells(panel, "country", "period", "period_end", "events", "fatalities", "covered") == [
        ["Mali", "2024-03-02", "2024-03-08", 1, None, "whole"],  # the Friday belongs to the week before; nobody reported deaths: not 0
        ["Mali", "2024-03-09", "2024-03-15", 1, None, "whole"],
        ["Mali", "2024-03-16", "2024-03-22", 0, 0, "whole"],
        ["Mali", "2024-03-23", "2024-03-29", None, None, "none"],
        ["Mali", "2024-03-30", "2024-04-05", 1, 4, "none"],  # what was found is there, though nobody says that it is all
    ]
    assert str(panel["events"].dtype) == "Int64"
    assert "every day of the period was read" in panel.attrs["panel"]


def test_a_period_that_was_read_in_part_has_no_zero() -> None:
    panel = to_panel(events({"event_date": "2024-04-05"}), "M", coverage=MARCH)
    assert cells(panel, "period", "events", "days", "days_covered", "covered") == [
        ["2024-03-01", None, 31, 21, "part"],
        ["2024-04-01", 1, 30, 0, "none"],
    ]
    two = coverage(("Mali", None, "2024-03-01", "2024-03-10"), ("Mali", None, "2024-03-08", "2024-03-31"))
    assert cells(to_panel(events({"event_date": "2024-04-05"}), "M", coverage=two), "events", "covered") == [[0, "whole"], [1, "none"]]


def test_divisions_are_read_with_their_country_and_never_make_one() -> None:
    frame = events({"event_date": "2024-03-06"}, {"event_date": "2024-03-20", "admin1": "Mopti"}, {"event_date": "2024-03-20", "admin1": None})
    read = coverage(
        ("Mali", "Gao", "2024-03-02", "2024-03-22"), ("Mali", None, "2024-03-09", "2024-03-15"), ("Niger", "Agadez", "2024-03-02", "2024-03-08")
    )
    panel = to_panel(frame, level="admin1", coverage=read)
    assert cells(panel, "country", "admin1", "period", "events", "covered") == [
        ["Mali", "Gao", "2024-03-02", 1, "whole"],
        ["Mali", "Gao", "2024-03-09", 0, "whole"],
        ["Mali", "Gao", "2024-03-16", 0, "whole"],
        ["Mali", "Mopti", "2024-03-02", None, "none"],
        ["Mali", "Mopti", "2024-03-09", 0, "whole"],
        ["Mali", "Mopti", "2024-03-16", 1, "none"],
        ["Mali", None, "2024-03-16", 1, "none"],  # the division is not told: kept, so that the sum is right
        ["Niger", "Agadez", "2024-03-02", 0, "whole"],
        ["Niger", "Agadez", "2024-03-09", None, "none"],
        ["Niger", "Agadez", "2024-03-16", None, "none"],
    ]
    whole = to_panel(frame, coverage=read)
    assert cells(whole, "country", "period", "events") == [
        ["Mali", "2024-03-02", 1], ["Mali", "2024-03-09", 0], ["Mali", "2024-03-16", 2],
    ]  # fmt: skip


def test_T4_days_that_are_not_known_within_the_period_are_said_bounded_and_never_split() -> None:
    frame = events(
        {"event_date": "2024-03-06", "time_precision": 2, "date_start": "2024-03-04", "date_end": "2024-03-08"},  # surely in the first week
        {"event_date": "2024-03-08", "time_precision": 2, "date_start": "2024-03-07", "date_end": "2024-03-10", "fatalities": 3},
        {"event_date": "2024-03-13"},
    )
    with pytest.warns(UserWarning, match="Of 1 of 3 events the week is not surely known") as told:
        panel = to_panel(frame, coverage=MARCH)
    assert len(told) == 1
    assert told[0].filename == __file__
    names = ("events", "events_min", "events_max", "fatalities")
    assert cells(panel, *names) == [[2, 1, 2, 3], [1, 1, 2, None], [0, 0, 0, 0]]
    left = to_panel(frame, coverage=MARCH, imprecise="drop")
    assert cells(left, *names) == [[1, 1, 2, None], [1, 1, 2, None], [0, 0, 0, 0]]
    alone = to_panel(frame[1:2], coverage=MARCH, imprecise="drop")
    assert cells(alone, *names) == [[None, 0, 1, None], [None, 0, 1, None], [0, 0, 0, 0]], "no 0 where an event that was left out may be"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        to_panel(frame, coverage=MARCH, imprecise="nominal")
        to_panel(frame, "M", coverage=MARCH)


def test_an_interval_follows_from_the_precision_where_none_is_given() -> None:
    week = to_panel(events({"event_date": "2024-03-06", "time_precision": 2}), coverage=MARCH, imprecise="nominal")
    assert cells(week, "period", "events_max") == [["2024-03-02", 1], ["2024-03-09", 1], ["2024-03-16", 0]]
    month = to_panel(events({"event_date": "2024-03-15", "time_precision": 3}), "D", coverage=MARCH, imprecise="nominal")
    assert month["events_max"].eq(1).all(), "any day of March"
    assert month["events"].sum() == 1
    assert to_panel(events({"event_date": "2024-03-15", "time_precision": 3}), "M", coverage=MARCH)["events_min"].sum() == 1


def test_T6_places_that_stand_for_a_wider_area_are_said() -> None:
    frame = events({}, {"geo_precision": 3, "location": "Gao"})
    with pytest.warns(UserWarning, match=r"1 of 2 events are counted in the admin1 of a place that stands for a wider area.*max_geo_precision=2"):
        panel = to_panel(frame, level="admin1", coverage=MARCH)
    assert panel["events_place_inexact"].tolist() == [1, 0, 0]
    with pytest.warns(UserWarning, match="max_geo_precision=1"):
        to_panel(frame, level="location", coverage=MARCH)
    assert "events_place_inexact" not in to_panel(frame, coverage=MARCH)


def test_by_type_has_zeros_of_every_type_where_read() -> None:
    frame = events({}, {"event_date": "2024-03-12", "event_type": "Protests"})
    panel = to_panel(frame, coverage=MARCH, by="event_type")
    assert cells(panel, "period", "event_type", "events")[:4] == [
        ["2024-03-02", "Battles", 1], ["2024-03-02", "Protests", 0], ["2024-03-09", "Battles", 0], ["2024-03-09", "Protests", 1],
    ]  # fmt: skip
    assert len(panel) == 6


def test_without_coverage_nothing_is_zero_and_that_is_said() -> None:
    with pytest.warns(UserWarning, match="No coverage is known"):
        panel = to_panel(events({}, {"event_date": "2024-05-06"}))
    assert panel["events"].tolist() == [1, 1]


def test_the_frame_of_a_release_brings_its_coverage_and_its_filters() -> None:
    panel = to_panel(load(SAMPLE))
    week = panel[(panel["country"] == "Pakistan") & (panel["period"] == "2026-06-06")].iloc[0]
    assert (week["events"], week["covered"]) == (1, "whole")
    quiet = to_panel(load(SAMPLE, country="NG", event_type="Battles"))
    assert cells(quiet.dropna(subset="events"), "country", "period", "events") == [["Nigeria", "2026-04-18", 0], ["Nigeria", "2026-07-11", 0]]
    assert "event_type=['Battles']" in quiet.attrs["panel"]
    cut = to_panel(load(SAMPLE, country="Nigeria", since="2026-04-20"))
    assert cells(cut.head(1), "period", "events", "covered") == [["2026-04-18", 1, "part"]], "the week was loaded from its Monday on"
    typed = to_panel(load(SAMPLE, country="Iran", event_type=["Riots", "Protests"]), by="event_type")
    assert cells(typed.head(2), "event_type", "events") == [["Protests", 1], ["Riots", 0]]


def test_a_frame_that_was_cut_by_hand_is_no_sign_of_peace() -> None:
    frame = load(SAMPLE)
    with pytest.warns(UserWarning, match=r"load\(\) gave 18 events and 2 are left"):
        panel = to_panel(frame[frame["country"] == "Nigeria"])
    assert set(panel["country"]) == {"Nigeria"}
    assert not (panel["events"] == 0).any(), "the weeks read lie at both ends of the cut"
    with pytest.warns(UserWarning, match="1 are left"):
        later = to_panel(frame[(frame["country"] == "Nigeria") & (frame["event_date"] >= "2026-07-01")])
    assert cells(later, "period", "events", "covered") == [["2026-07-11", 1, "part"]], "nothing of April, which was read but cut off"
    with pytest.warns(UserWarning, match="0 are left"):
        assert to_panel(frame[frame["fatalities"] > 1000]).empty
    named = to_panel(frame[frame["fatalities"] > 4], "W", since="2026-04-01", until="2026-06-30", countries="Nigeria")
    assert cells(named.dropna(subset="events"), "period", "events") == [["2026-04-18", 0]]
    with pytest.raises(UsageError, match="loaded for Iran, and knows nothing of 'Mali'"):
        to_panel(load(SAMPLE, country="Iran"), countries="Mali")


def test_countries_are_named_as_in_load() -> None:
    frame = load(SAMPLE)
    expected = to_panel(frame, "M", countries=["Nigeria", "Iran"])
    pd.testing.assert_frame_equal(to_panel(frame, "M", countries=["NGA", "iran"]), expected)
    with pytest.raises(UsageError, match="knows nothing of 'Iran'"):
        to_panel(load(SAMPLE, country="NG"), countries="IRN")


def test_what_cannot_be_meant_is_refused() -> None:
    frame = events({})
    for wrong, match in (
        ({"freq": "fortnight"}, "Saturday to Friday"), ({"level": "town"}, "country, admin1"), ({"imprecise": "spread"}, "nominal"),
        ({"by": "event_typ"}, "no column event_typ"), ({"countries": "Malli"}, "Did you mean 'Mali'"), ({"since": "2024-13"}, "YYYY-MM-DD"),
        ({"coverage": frame}, "since, until"), ({"by": "country"}, "not its place"), ({"by": "tags"}, "one value an event"),
        ({"since": "2024-05", "until": "2024-04"}, "lies after"),
    ):  # fmt: skip
        with pytest.raises(UsageError) as told:
            to_panel(frame, **{"coverage": MARCH, **wrong})
        assert match in f"{told.value} {told.value.remedy}", wrong
    with pytest.raises(UsageError, match="repeat an event"):
        to_panel(pd.concat([frame, frame]), coverage=MARCH)
    with pytest.raises(UsageError, match="no table but list"):
        to_panel([1, 2])
    far = events({"event_date": "1997-01-01"}, {"event_date": "2025-12-31"}, *({"country": f"Land {n}"} for n in range(2000)))
    with pytest.raises(UsageError, match="The panel would have"):
        to_panel(far, "D", coverage=MARCH)


def test_every_library_and_no_row_at_all() -> None:
    import polars as pl

    frame = events({}, {"event_date": "2024-03-12", "fatalities": 2})
    expected = to_panel(frame, coverage=MARCH)
    table = pa.Table.from_pandas(frame.drop(columns=["assoc_actor_1", "assoc_actor_2"]), preserve_index=False)
    for given_ in (table, pl.from_arrow(table), pl.from_arrow(table).lazy()):  # type: ignore[union-attr]
        pd.testing.assert_frame_equal(to_panel(given_, coverage=MARCH), expected)
    none = to_panel(frame[:0], coverage=MARCH)
    assert none["events"].tolist() == [0, 0, 0], "read, and nothing found"
    assert to_panel(frame[:0], coverage=MARCH[:0]).empty


DAYS = st.dates(date(2023, 12, 20), date(2024, 2, 20))


@st.composite
def some_events(draw: st.DrawFn) -> pd.DataFrame:
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        day, low = draw(DAYS), draw(st.none() | st.integers(0, 9))
        before, after = draw(st.integers(0, 9)), draw(st.integers(0, 9))
        rows.append(
            {
                "event_date": str(day), "time_precision": draw(st.integers(1, 3)), "country": draw(st.sampled_from(["Mali", "Niger"])),
                "date_start": str(day - timedelta(before)) if before < 8 else None, "date_end": str(day + timedelta(after)) if before < 8 else None,
                "admin1": draw(st.sampled_from(["Gao", "Mopti", None])), "event_type": draw(st.sampled_from(["Battles", "Riots"])),
                "fatalities": low, "fatalities_low": low, "fatalities_high": None if low is None else draw(st.none() | st.integers(low, 20)),
            }
        )  # fmt: skip
    return events(*rows)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some_events(), st.lists(st.tuples(st.sampled_from(["Mali", "Niger"]), st.sampled_from([None, "Gao"]), DAYS, DAYS), max_size=4),
       st.sampled_from("DWMQY"), st.sampled_from(["country", "admin1"]), st.sampled_from([None, "event_type"]))  # fmt: skip
def test_sums_are_kept_and_zeros_are_true(frame: pd.DataFrame, read: list[Any], freq: str, level: str, by: str | None) -> None:
    table = coverage(*((c, a, str(min(s, u)), str(max(s, u))) for c, a, s, u in read))
    panel = to_panel(frame, freq, level, coverage=table, by=by, imprecise="nominal")
    assert panel["events"].sum() == len(frame)
    for name in ("fatalities", "fatalities_low"):
        assert panel[name].sum() == frame[name].sum()
    assert panel["fatalities_not_reported"].sum() == frame["fatalities"].isna().sum()
    assert (panel["events_min"].fillna(0) <= panel["events"].fillna(0)).all()
    assert (panel["events"].fillna(0) <= panel["events_max"].fillna(0)).all()
    assert not panel.duplicated(["country", *([] if level == "country" else ["admin1"]), "period", *([by] if by else [])]).any()
    for row in panel[panel["events"].eq(0).fillna(False)].itertuples():
        division = None if pd.isna(getattr(row, "admin1", None)) else row.admin1  # not told: then its whole country must have been read
        for n in range(row.days):
            day = row.period.date() + timedelta(n)
            assert any(c == row.country and (a is None or a == division) and min(s, u) <= day <= max(s, u) for c, a, s, u in read)
    dropped = to_panel(frame, freq, level, coverage=table, by=by, imprecise="drop")
    assert dropped["events"].sum() == panel["events_min"].sum()
