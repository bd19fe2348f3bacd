"""`fatality_scenarios`, `long_by_actor`, `as_ucdp`, `as_acled`: known answers by hand, and sums that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventcoder import as_acled, as_ucdp, fatality_scenarios, load, long_by_actor, scan
from eventcoder.analysis.victims import classes_of
from eventcoder.errors import UsageError
from tests.analysis.rows import events

SAMPLE = Path(__file__).resolve().parents[2] / "releases"
EVENTS = SAMPLE / "2026.10.0" / "events.parquet"


def row(frame: pd.DataFrame, at: int = 0) -> dict[str, Any]:
    """A row as plain values, missing as None."""
    return {str(k): None if not isinstance(v, list) and pd.isna(v) else v for k, v in frame.iloc[at].to_dict().items()}


def test_T18_T19_deaths_are_intervals_and_what_is_not_told_is_not_zero() -> None:
    frame = events(
        {"fatalities": 3, "fatalities_low": 2, "fatalities_high": 5},
        {"fatalities": 52, "fatalities_low": 52},  # at least 52
        {"fatalities": 0, "fatalities_basis": "none"},  # a source says that nobody died
        {},  # nobody said anything
        {"country": "Niger", "fatalities": 4},  # a figure without bounds
        {"country": "Chad"},
    )
    found = fatality_scenarios(frame, by="country").set_index("country")
    assert row(found.loc[["Mali"]]) == {
        "events": 4, "fatalities_low": 54, "fatalities": 55, "fatalities_high": None, "fatalities_high_floor": 57, "fatalities_open": 1,
        "fatalities_not_reported": 1,
    }  # fmt: skip
    assert row(found.loc[["Niger"]])["fatalities_open"] == 1
    assert row(found.loc[["Chad"]]) == {**dict.fromkeys(found.columns), "events": 1, "fatalities_open": 0, "fatalities_not_reported": 1}
    closed = fatality_scenarios(frame[:1])
    assert row(closed)["fatalities_high"] == 5
    nothing = row(fatality_scenarios(frame[:0]))
    assert (nothing["events"], nothing["fatalities"]) == (0, 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["Mali", "Niger", None]), st.none() | st.integers(0, 50), st.none() | st.integers(0, 9)), max_size=20))
def test_groups_add_up_to_the_whole(rows: list[tuple[str | None, int | None, int | None]]) -> None:
    frame = events(
        *({"country": c, "fatalities": n, "fatalities_low": n, "fatalities_high": None if n is None or more is None else n + more}
          for c, n, more in rows)
    )  # fmt: skip
    whole, parts = fatality_scenarios(frame), fatality_scenarios(frame, by="country")
    for name in ("events", "fatalities_low", "fatalities", "fatalities_high_floor", "fatalities_open", "fatalities_not_reported"):
        assert parts[name].sum() == (0 if pd.isna(whole[name].iloc[0]) else whole[name].iloc[0])
    known = parts["fatalities_high"].notna()
    assert (parts["fatalities_high"][known] == parts["fatalities_high_floor"][known]).all()


def test_T22_actors_have_a_row_each_and_deaths_are_those_of_the_event() -> None:
    frame = events(
        {"actor2": "Police Forces of Mali (2021-)", "inter2": "State forces", "assoc_actor_1": ["Students (Mali)", "Women (Mali)"], "fatalities": 7},
        {"actor1": None, "inter1": None, "fatalities": 2},
    )
    found = long_by_actor(frame)
    assert found[["event_id", "side", "role", "number", "actor", "rows_of_event", "first_row_of_event"]].astype(object).values.tolist()[:4] == [
        ["e0", 1, "actor", 1, "Rioters (Mali)", 4, True],
        ["e0", 1, "associated", 1, "Students (Mali)", 4, False],
        ["e0", 1, "associated", 2, "Women (Mali)", 4, False],
        ["e0", 2, "actor", 1, "Police Forces of Mali (2021-)", 4, False],
    ]
    assert not {"fatalities", "deaths"} & set(found.columns), "no column that looks as if it could be summed"
    assert found.loc[found["first_row_of_event"], "event_fatalities"].sum() == 9, "an event without actors keeps a row"
    assert found["event_fatalities"].tolist() == [7, 7, 7, 7, 2]
    with pytest.raises(UsageError, match="repeat an event"):
        fatality_scenarios(found.rename(columns={"event_fatalities": "fatalities"}))
    assert len(fatality_scenarios(found[found["first_row_of_event"]].rename(columns={"event_fatalities": "fatalities"}))) == 1
    assert long_by_actor(frame[:0]).empty


def test_the_long_form_is_the_side_table_of_the_release() -> None:
    ours = long_by_actor(load(SAMPLE))[["event_id", "side", "role", "number", "actor", "inter"]]
    theirs = pq.read_table(EVENTS.with_name("event_actors.parquet")).to_pandas()[list(ours.columns)]
    key = ["event_id", "side", "role", "number"]
    left, right = (f.sort_values(key).astype(object).where(lambda t: t.notna(), None).values.tolist() for f in (ours, theirs))
    assert left == right


def counts(*rows: tuple[str, str | None, str | None, int | None]) -> pd.DataFrame:
    """event, document, victim, best: all killed."""
    frame = pd.DataFrame(list(rows), columns=["event_id", "document_id", "victim", "best"]).assign(kind="killed")
    frame["best"] = frame["best"].astype("Int64")
    return frame


CLASH = {"actor2": "Police Forces of Mali (2021-)", "inter1": "Rebel group", "inter2": "State forces", "fatalities": 7}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([("d", "policemen", 4), ("d", "passer-by", 3)], (0, 4, 3, 0)),
        ([("d", "policemen", 4), ("d", "others", 3)], (0, 4, 0, 3)),
        ([("d", "people", 7), ("d", "rebels", 2)], (2, 0, 0, 5)),  # a whole with a part of it
        ([("d", "people", 9), ("d", "rebels", 2)], (0, 0, 0, 7)),  # another total than the event's
        ([("d", "policemen", 4)], (0, 0, 0, 7)),  # does not come to the figure, and no whole is told
        ([("d", "policemen", 4), ("d", "villagers", 3), ("x", "policemen", 4), ("x", "villagers", 3)], (0, 4, 3, 0)),
        ([("d", "policemen", 4), ("d", "villagers", 3), ("x", "policemen", 3), ("x", "villagers", 4)], (0, 0, 0, 7)),  # they disagree
        ([("d", "policemen", 7), (None, "villagers", 7)], (0, 0, 7, 0)),  # the coder's own figure goes before
        ([("d", "men", 7)], (0, 0, 0, 7)),  # says nothing of a side
        ([("d", "policemen", 7), ("d", "villagers", None)], (0, 0, 0, 7)),  # a count without figure
        ([], (0, 0, 0, 7)),
    ],
)
def test_T20_deaths_stand_on_a_side_only_where_counts_say_so(told: list[Any], expected: tuple[int, ...]) -> None:
    found = as_ucdp(events(CLASH), counts(*(("e0", *one) for one in told)))
    assert tuple(row(found)[f"deaths_{s}"] for s in ("a", "b", "civilians", "unknown")) == expected


def test_a_class_on_both_sides_or_none_is_no_side() -> None:
    both = events({**CLASH, "inter1": "State forces"}, {**CLASH, "inter2": "Civilians"}, {**CLASH, "fatalities": None})
    found = as_ucdp(both, counts(*((f"e{n}", "d", "policemen", 7) for n in range(3))))
    assert found["deaths_unknown"].tolist() == [7, 7, pd.NA]
    assert found["deaths_b"].tolist() == [0, 0, pd.NA]
    assert classes_of("off-duty police officers") == {"State forces"}
    assert classes_of("three men") == frozenset()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.none() | st.integers(0, 12), max_size=5),
       st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["d", "x", None]), st.sampled_from(["soldiers", "rebels", "people", "child", None]),
                          st.none() | st.integers(0, 12)), max_size=12))  # fmt: skip
def test_the_four_deaths_always_add_up_to_best(figures: list[int | None], told: list[Any]) -> None:
    frame = events(*({**CLASH, "fatalities": n} for n in figures))
    found = as_ucdp(frame, counts(*((f"e{n}", *rest) for n, *rest in told)))
    parts = found[["deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"]]
    assert parts.sum(axis=1, skipna=False).astype("Int64").equals(found["best"]) or found.empty
    assert (parts.fillna(0) >= 0).all().all()


def test_ucdp_codes_are_certain_or_candidates() -> None:
    frame = events(
        {"sub_event_type": "Attack", "fatalities": 2},
        {"sub_event_type": "Peaceful protest"},
        {"geo_precision": 2, "time_precision": 2, "date_start": "2024-03-04", "date_end": "2024-03-08"},
        {"time_precision": 3},
    )
    found = as_ucdp(frame)
    assert found["type_of_violence"].isna().all(), "it needs UCDP's dyad"
    assert [row(found, n)["type_of_violence_candidates"] for n in range(2)] == ["3", None]
    assert [row(found, n)["where_prec"] for n in (0, 2)] == [1, None]
    assert row(found, 2)["where_prec_candidates"] == "2|3"
    assert [row(found, n)["date_prec"] for n in (0, 2, 3)] == [1, 2, None]
    assert [str(v.date()) for v in found["date_start"].iloc[[0, 2]]] == ["2024-03-06", "2024-03-04"]
    assert pd.isna(found["date_start"].iloc[3]), "a month is no day"
    assert found["deaths_unknown"].tolist()[:2] == [2, pd.NA]
    assert "dyad_name" in found.attrs["no_counterpart"]
    assert "No counts were given" in found.attrs["ucdp"]
    assert "No counts" not in as_ucdp(load(SAMPLE)).attrs["ucdp"]


def test_the_sample_gives_its_sides() -> None:
    found = as_ucdp(load(SAMPLE)).set_index("id")
    assert found.loc["mwntrpkejg7x", ["deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"]].tolist() == [0, 4, 1, 0]
    assert found.loc["fd55b2qtxzcm", "deaths_unknown"] == 11
    with pytest.raises(UsageError, match="by event_id"):
        as_ucdp(load(SAMPLE, acled=True), counts(("e0", None, "men", 1)))
    plain = as_ucdp(load(SAMPLE, acled=True))
    assert (plain["deaths_unknown"] == plain["best"]).all(), "ACLED's form has no ids by which counts are found"


def test_as_acled_is_what_load_gives_in_that_form() -> None:
    import polars as pl

    expected = load(SAMPLE, acled=True)
    for table in (load(SAMPLE), pq.read_table(EVENTS), pl.read_parquet(EVENTS), scan(SAMPLE), expected):
        found = as_acled(table)
        pd.testing.assert_frame_equal(found, expected)
    assert as_acled(load(SAMPLE)).attrs["fatalities_not_reported"] == 10
    with pytest.raises(UsageError, match="no column notes"):
        as_acled(load(SAMPLE).drop(columns="notes"))
