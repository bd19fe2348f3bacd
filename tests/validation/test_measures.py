"""Measures of the whole dataset: the bulk form says what a slow count by hand says, and what cannot be measured says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import sqrt
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook
from eventcoder.validation.thresholds import Judged, judge_thresholds, misshapen
from tests.validation.tables import TODAY, events_table, side_table

Rows = list[dict[str, Any]]
THRESHOLDS: dict[str, dict[str, Any]] = {
    "filled": {"kind": "fill_rate", "column": "tags", "where": "fatalities > 0"},
    "published": {"kind": "fill_rate", "table": "event_sources", "column": "published"},
    "papers": {"kind": "distinct", "table": "event_sources", "column": "publisher"},
    "lag": {"kind": "lag", "column": "reported_date", "quantile": 0.5, "least_rows": 3},
    "heaped": {"kind": "heaping", "column": "fatalities", "at": 3, "below": [1, 2], "above": [4], "least_rows": 2},
    "fresh": {"kind": "fresh_rows", "days": 3},
    "unidentified": {"kind": "unidentified_actors", "prefix": "Unidentified"},
    "unregistered": {"kind": "unregistered_actors", "but": ")"},
    "reports": {"kind": "reports_mean"},
    "single": {"kind": "single_report"},
    "unread": {"kind": "uncovered_weeks"},
    "unread-divisions": {"kind": "uncovered_weeks", "by": "admin1"},
}
ACTORS = ("Unidentified Armed Group (Chad)", "Unidentified", "Protesters (Chad)", "NRF: Northern River Front", "LDM: Dry Mountains")
DAYS = st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=1))
EVENTS = st.lists(
    st.fixed_dictionaries({
        "country": st.sampled_from((None, "Chad", "Iran")), "admin1": st.sampled_from((None, "Kanem", "Batha")),
        "event_date": st.none() | DAYS, "reported_date": st.none() | DAYS, "fatalities": st.none() | st.integers(0, 5),
        "tags": st.sampled_from(([], ["crowd size=10"])), "reports": st.lists(st.integers(1, 3), max_size=2),
        "actors": st.lists(st.sampled_from(ACTORS), max_size=2),
    }),
    max_size=14,
)  # fmt: skip
COVERAGE = st.lists(
    st.fixed_dictionaries({
        "country": st.sampled_from(("Chad", "Iran")), "admin1": st.sampled_from((None, "Kanem")),
        "since": DAYS, "length": st.integers(0, 30),
    }),
    max_size=4,
)  # fmt: skip


def judged(codebook: Codebook, tables: dict[str, pa.Table], *wanted: str, **more: Any) -> dict[str, Judged]:
    chosen = tuple({"id": name, "why": "A test.", **THRESHOLDS[name]} for name in wanted or THRESHOLDS)
    found, problems = judge_thresholds(tables, replace(codebook, expectations=chosen), latest_today=TODAY, **more)
    assert problems == []
    return {one.id: one for one in found}


def tables_of(codebook: Codebook, events: Rows, registered: set[str], coverage: Rows) -> dict[str, pa.Table]:
    rows = [{k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()} | {"event_id": f"e{n}"} for n, row in enumerate(events)]
    reports = [
        {"event_id": f"e{n}", "publisher": f"P{docs}", "published": None if docs == 1 else TODAY, "n_documents": docs}
        for n, row in enumerate(events)
        for docs in row["reports"]
    ]
    actors = [{"event_id": f"e{n}", "role": "actor", "actor": name} for n, row in enumerate(events) for name in row["actors"]]
    actors.append({"event_id": "e0", "role": "associated", "actor": "Unidentified Helpers"})
    return {
        "events": events_table(rows, codebook),
        "event_sources": side_table("event_sources", reports),
        "event_actors": side_table("event_actors", actors),
        "actors": side_table("actors", [{"actor": name, "registered": name in registered} for name in ACTORS]),
        "coverage": side_table("coverage", coverage),
    }


def by_hand(events: Rows, registered: set[str], coverage: Rows) -> dict[str, float | None]:
    """The same measures, one row at a time."""
    deadly = [row for row in events if (row["fatalities"] or 0) > 0]
    docs = [n for row in events for n in row["reports"]]
    sums = [sum(row["reports"]) for row in events if row["reports"]]
    lags = sorted((row["reported_date"] - row["event_date"]).days for row in events if row["event_date"] and row["reported_date"])
    n = {k: sum(row["fatalities"] == k for row in events) for k in range(6)}
    near = n[1] + n[2] + n[4]
    smooth = sqrt((n[1] + n[2]) / 2 * n[4])
    names = [name for row in events for name in row["actors"]]
    bare = [name for name in names if not name.endswith(")")]
    read = {(row["country"], row["admin1"], row["since"] + timedelta(days=d)) for row in coverage for d in range(row["length"] + 1)}

    def whole(country: str, admin1: str | None, week: date) -> bool:
        return all((country, admin1, week + timedelta(days=d)) in read for d in range(7))

    saturdays = [TODAY - timedelta(days=d) for d in range(-60, 80) if (TODAY - timedelta(days=d)).weekday() == 5]
    weeks = [week for week in saturdays if any(whole(c, a, week) for c in ("Chad", "Iran") for a in (None, "Kanem"))]

    def unread(cells: set[Any], is_read: Any) -> float | None:
        cells = {cell for cell in cells if weeks and cell[-1] >= min(weeks)}
        return sum(not is_read(*cell) for cell in cells) / len(cells) if cells else None

    dated = [(r["country"], r["admin1"], r["event_date"] - timedelta(days=(r["event_date"].weekday() - 5) % 7)) for r in events if r["event_date"]]
    dated = [cell for cell in dated if cell[0]]
    return {
        "filled": sum(bool(row["tags"]) for row in deadly) / len(deadly) if deadly else None,
        "published": sum(n != 1 for n in docs) / len(docs) if docs else None,
        "papers": len(set(docs)),
        "lag": lags[(len(lags) + 1) // 2 - 1] if len(lags) >= 3 else None,
        "heaped": n[3] / (n[3] + near) - (smooth / (smooth + near) if near else 0) if n[3] + near >= 2 else None,
        "fresh": sum(row["event_date"] is not None and 0 <= (TODAY - row["event_date"]).days < 3 for row in events),
        "unidentified": sum(name.startswith("Unidentified") for name in names) / len(names) if names else None,
        "unregistered": sum(name not in registered for name in bare) / len(bare) if bare and registered & set(names) else None,
        "reports": sum(sums) / len(sums) if sums else None,
        "single": sum(n == 1 for n in sums) / len(sums) if sums else None,
        "unread": unread({(c, w) for c, _, w in dated}, lambda c, w: whole(c, None, w) or whole(c, "Kanem", w)),
        "unread-divisions": unread(set(dated), lambda c, a, w: whole(c, None, w) or (a == "Kanem" and whole(c, "Kanem", w))),
    }


@given(events=EVENTS, registered=st.sets(st.sampled_from(ACTORS)), coverage=COVERAGE)
@settings(max_examples=40, deadline=None)
def test_the_bulk_form_measures_what_a_slow_count_does(codebook: Codebook, events: Rows, registered: set[str], coverage: Rows) -> None:
    spans = [{**row, "until": row["since"] + timedelta(days=row["length"])} for row in coverage]
    found = judged(codebook, tables_of(codebook, events, registered, spans))
    expected = by_hand(events, registered, coverage)
    for name, one in found.items():
        assert one.value == (None if expected[name] is None else pytest.approx(expected[name], abs=1e-6)), name
        assert bool(one.note) == (one.value is None), name


def test_the_edges_of_fresh_rows_and_of_coverage(codebook: Codebook) -> None:
    """The cases that random tables seldom hold."""
    ages = [{"event_date": (TODAY - timedelta(days=days)).isoformat(), "country": "Chad"} for days in (-1, 0, 2, 3, 30)]
    assert judged(codebook, {"events": events_table(ages, codebook)}, "fresh")["fresh"].value == 2
    day = date(2026, 7, 8)
    events = [{"event_date": day.isoformat(), "country": "Chad", "admin1": name} for name in ("Kanem", "Batha", None)]
    events.append({"event_date": "2026-07-01", "country": "Chad", "admin1": "Kanem"})  # before anything is recorded
    week = {"country": "Chad", "since": date(2026, 7, 4), "until": date(2026, 7, 10)}
    wanted = ("unread", "unread-divisions")

    def unread(*coverage: dict[str, Any]) -> list[float | None]:
        tables = {"events": events_table(events, codebook), "coverage": side_table("coverage", coverage)}
        return [one.value for one in judged(codebook, tables, *wanted).values()]

    assert unread(week) == [0, 0]
    assert unread({**week, "admin1": "Kanem"}) == [0, pytest.approx(2 / 3, abs=1e-6)]
    assert unread({**week, "country": "Iran"}) == [1, 1]
    assert unread({**week, "until": date(2026, 7, 9)}) == [None, None]


def test_what_cannot_be_measured_says_why(codebook: Codebook) -> None:
    event = {"event_date": "2026-01-05", "reported_date": "2026-01-06", "country": "Chad", "fatalities": 3}
    found = judged(codebook, {"events": events_table([event], codebook)})
    notes = {name: one.note for name, one in found.items() if one.value is None}
    assert notes["reports"] == "there is no table event_sources" and notes["unread"] == "there is no table coverage"
    assert "1 rows have event_date and reported_date; it takes 3" in notes["lag"] and "it takes 2" in notes["heaped"]
    assert found["fresh"].value == 0
    assert all(one.verdict == "unmeasured" for name, one in found.items() if name in notes)
    odd = pa.table({"event_id": ["e0"], "n_documents": ["many"]})
    found = judged(codebook, {"events": events_table([event], codebook), "event_sources": odd}, "reports")
    assert found["reports"].note == "event_sources.n_documents is absent or of another type"


def test_heaping_is_nought_where_it_is_smooth_and_one_where_there_is_nothing_else(codebook: Codebook) -> None:
    def heaped(*counts: int) -> float | None:
        values = [{"fatalities": k} for k, count in enumerate(counts) for _ in range(count)]
        return judged(codebook, {"events": events_table(values, codebook)}, "heaped")["heaped"].value

    assert heaped(9, 16, 16, 8, 4) == 0
    assert heaped(50, 0, 0, 40, 0) == 1
    assert (heaped(0, 16, 16, 40, 4) or 0) > 0.3 and (heaped(0, 16, 16, 0, 4) or 0) < 0


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ({"kind": "heapin", "column": "fatalities"}, "Did you mean 'heaping'?"),
        ({"kind": "heaping", "column": "fatalities", "at": 3, "below": [2]}, "needs 'above'"),
        ({"kind": "heaping", "column": "fatalities", "at": 3, "below": [2], "above": [3]}, "which is 'at' itself"),
        ({"kind": "heaping", "column": "notes", "at": 3, "below": [2], "above": [4]}, "column 'notes' is text; integer is needed"),
        ({"kind": "fill_rate", "column": "published", "table": "event_source"}, "Did you mean 'event_sources'?"),
        ({"kind": "fill_rate", "column": "publishd", "table": "event_sources"}, "no column 'publishd' in event_sources. Did you mean 'published'?"),
        ({"kind": "rows", "table": "coverage", "where": "fatalities > 0"}, "'where' speaks of the columns of events"),
        ({"kind": "fill_rate", "column": "notes", "wher": "fatalities > 0"}, "knows no 'wher'. Did you mean 'where'?"),
        ({"kind": "lag", "column": "reported_date", "quantile": 95}, "between 0 and 1"),
        ({"kind": "fresh_rows", "days": "three"}, "days must be a number"),
        ({"kind": "uncovered_weeks", "by": "town"}, "by must be 'country' or 'admin1'"),
        ({"kind": "drift", "min": 0.5}, "needs 'z'"),
    ],
)
def test_a_threshold_that_makes_no_sense_says_what_is_wrong(codebook: Codebook, threshold: dict[str, Any], said: str) -> None:
    (problem,) = misshapen(replace(codebook, expectations=({"id": "t", "why": "A test.", **threshold},)))
    assert problem.code == "bad-expectation" and said in problem.message


def test_the_projects_own_thresholds_make_sense(codebook: Codebook) -> None:
    assert misshapen(codebook) == []
    assert all(len(str(one["why"])) > 30 for one in codebook.expectations)
