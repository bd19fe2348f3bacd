"""Filters of `load` and `scan`: what they let through, what they refuse, and that both ways of reading say the same."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eventcoder
from eventcoder import load, scan
from eventcoder.errors import ReleaseError, UsageError
from eventcoder.reader.frame import to_pandas

SAMPLE = Path(__file__).resolve().parents[2] / "releases"


def test_a_country_by_its_name_and_by_iso_codes() -> None:
    expected = load(SAMPLE, country="Nigeria")
    assert len(expected) == 2
    for name in ("NGA", "NG", 566, "566", "nigeria", ["NGA", "Nigeria"]):
        pd.testing.assert_frame_equal(load(SAMPLE, country=name), expected)
    assert set(load(SAMPLE, country=["Congo-Kinshasa", "DRC"])["country"]) == {"Democratic Republic of Congo"}, "other names that the list has"
    with pytest.raises(UsageError) as told:
        load(SAMPLE, country="Nigerria")
    assert "Did you mean 'Nigeria'" in str(told.value.remedy)
    with pytest.raises(UsageError) as told:
        load(SAMPLE, country="ALG")
    assert "ALG is how ids of Algeria begin in ACLED; its ISO 3166-1 code is DZA" in str(told.value.remedy), "and not Albania"
    with pytest.raises(UsageError, match="empty list"):
        load(SAMPLE, country=[])


def test_any_name_of_a_renamed_or_merged_actor_finds_the_events_of_all(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SAMPLE / "2026.10.0", tmp_path / "2026.10.0"))
    told = {
        "Protesters (France)": ["Students (Bolivia)", "Protesters (Bolivia)"],
        "Students (Bolivia)": ["Protesters (France)"],
        "Protesters (Bolivia)": [],
    }
    rows = pq.read_table(folder / "actors.parquet")
    assert {"Protesters (France)", "Students (Bolivia)", "Protesters (Bolivia)"} <= set(rows["actor"].to_pylist())
    aliases = pa.array([told.get(r["actor"], r["aliases"]) for r in rows.to_pylist()], pa.list_(pa.string()))
    pq.write_table(rows.set_column(rows.column_names.index("aliases"), "aliases", aliases), folder / "actors.parquet")
    before = {name: set(load(SAMPLE, actor=name)["event_id"]) for name in told}
    both = before["Protesters (France)"] | before["Students (Bolivia)"]
    for name in ("Protesters (France)", "Students (Bolivia)"):
        frame = load(folder, actor=name)
        assert set(frame["event_id"]) == both and set(frame.attrs["filters"]["actor"]) == {"Protesters (France)", "Students (Bolivia)"}
        assert set(scan(folder, actor=name).to_table()["event_id"].to_pylist()) == both
    assert set(load(folder, actor="Protesters (Bolivia)")["event_id"]) == before["Protesters (Bolivia)"], "what one row alone says joins nobody"


def test_region_types_and_actors() -> None:
    everything = load(SAMPLE)
    assert set(load(SAMPLE, region="Europe")["country"]) == {"France"}
    assert len(load(SAMPLE, disorder_type="Demonstrations")) == (everything["disorder_type"] == "Demonstrations").sum()
    assert len(load(SAMPLE, sub_event_type=["Attack", "Suicide bomb"])) == 2
    assert load(SAMPLE, actor="Students (Bolivia)")["country"].tolist() == ["Bolivia"], "associated actors count"
    assert load(SAMPLE, actor="protesters (france)", since="2026-07").shape[0] == 3
    with pytest.raises(UsageError) as told:
        load(SAMPLE, actor="Protester (France)")
    assert "Did you mean 'Protesters (France)'" in f"{told.value.remedy}"
    with pytest.raises(UsageError) as told:
        load(SAMPLE, actor="BLA")
    assert "BLA: Baloch Liberation Army" in f"{told.value.remedy}"
    with pytest.raises(UsageError, match="list sub_event_types") as told:
        load(SAMPLE, sub_event_type="Battles")
    assert "event_type='Battles'" in f"{told.value.remedy}", "the filter that takes it"
    with pytest.raises(UsageError) as told:
        load(SAMPLE, country="XX")
    assert "Did you mean" not in f"{told.value.remedy}", "two letters are like no name"
    with pytest.raises(UsageError, match="'NOTES'") as told:
        load(SAMPLE, columns=["NOTES"])
    assert "'notes'" in f"{told.value.remedy}"


def test_T4_precision_keeps_the_finer_levels() -> None:
    everything = load(SAMPLE)
    assert len(load(SAMPLE, max_geo_precision=1)) == (everything["geo_precision"] == 1).sum() < len(everything)
    assert len(load(SAMPLE, max_time_precision=3)) == len(everything)
    for wrong in (0, 4, "1", 1.5, True):
        with pytest.raises(UsageError) as told:
            load(SAMPLE, max_time_precision=wrong)  # type: ignore[arg-type]
        assert "1 (Day), 2 (Week), 3 (Month)" in str(told.value.remedy)


def test_months_and_years_are_days_too() -> None:
    assert load(SAMPLE, since="2026-06", until="2026-06")["event_date"].dt.month.unique().tolist() == [6]
    assert len(load(SAMPLE, since=2026, until="2026")) == 18
    assert load(SAMPLE, since="2025", until=2025).empty
    for wrong in ("2026-13", "26", "2026-02-30", "yesterday"):
        with pytest.raises(UsageError, match="is not a day"):
            load(SAMPLE, until=wrong)


def test_a_frame_says_what_it_is() -> None:
    frame = load(SAMPLE, country="NG", since="2026-04", max_time_precision=1)
    assert frame.attrs["filters"] == {"country": ["Nigeria"], "since": "2026-04-01", "max_time_precision": 1}
    assert frame.attrs["rows"] == len(frame) == 2
    again = load(frame.attrs["source"], frame.attrs["version"], country="Nigeria", since="2026-04", max_time_precision=1)
    pd.testing.assert_frame_equal(again, frame)
    assert frame[frame["fatalities"] > 0].attrs["rows"] == 2, "so that whoever cuts it by hand can be told"


EVERY = load(SAMPLE)
CHOSEN = st.fixed_dictionaries(
    {},
    optional={
        "country": st.lists(st.sampled_from(sorted(EVERY["country"].unique())), min_size=1, max_size=3),
        "event_type": st.lists(st.sampled_from(sorted(EVERY["event_type"].unique())), min_size=1, max_size=3),
        "region": st.sampled_from(sorted(EVERY["region"].unique())),
        "disorder_type": st.sampled_from(sorted(EVERY["disorder_type"].unique())),
        "since": st.integers(0, 100).map(lambda n: date(2026, 3, 1) + timedelta(n)),
        "until": st.integers(100, 200).map(lambda n: date(2026, 3, 1) + timedelta(n)),
        "max_geo_precision": st.integers(1, 3),
        "max_time_precision": st.integers(1, 3),
        "actor": st.sampled_from(["Protesters (France)", "Students (Bolivia)"]),
    },
)


@settings(max_examples=15, deadline=None)
@given(CHOSEN, st.none() | st.lists(st.sampled_from(EVERY.columns.tolist()), min_size=1, max_size=4, unique=True))
def test_load_and_scan_say_the_same_in_the_files_order(chosen: dict[str, Any], columns: list[str] | None) -> None:
    lazily = scan(SAMPLE, **chosen).to_table(columns=columns)
    pd.testing.assert_frame_equal(load(SAMPLE, **chosen, columns=columns), to_pandas(lazily), check_dtype=True)
    assert load(SAMPLE, **chosen, acled=True)["event_id_cnty"].tolist() == scan(SAMPLE, **chosen).to_table()["event_id_cnty"].to_pylist()


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the releases that come with the project."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "releases"))


def test_a_folder_with_the_signs_of_a_pattern_is_no_pattern(sample: Path) -> None:
    odd = sample.rename(sample.with_name("data [1] *?"))
    country = load(odd)["country"].iloc[0]
    assert set(load(odd, country=country)["country"]) == {country}


def test_a_damaged_file_is_said_whichever_way_it_is_read(sample: Path) -> None:
    path = sample / "2026.10.0" / "events.parquet"
    country = load(sample)["country"].iloc[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + bytes(len(whole) - 400) + whole[-200:])
    for more in ({}, {"country": country}):
        with pytest.raises(ReleaseError, match=r"events\.parquet cannot be read"):
            load(sample, **more)


LISTS = st.lists(st.none() | st.lists(st.sampled_from(["a", "b", "", "Çelik; x"]), max_size=3), max_size=8)


@settings(max_examples=60, deadline=None)
@given(LISTS, LISTS, st.integers(0, 3))
def test_lists_become_lists(first: list[Any], second: list[Any], start: int) -> None:
    kind = pa.list_(pa.string())
    column = pa.chunked_array([pa.array(first, kind), pa.array(second, kind)]).slice(start)
    found = to_pandas(pa.table({"tags": column}))["tags"].tolist()
    assert found == [items or [] for items in (first + second)[start:]]
    for one in found:
        one.append("mine")
    assert sum(len(one) for one in found) == sum(len(items or []) + 1 for items in (first + second)[start:]), "no two rows share a list"


def test_names_for_analysts_load_lazily() -> None:
    assert {"as_acled", "as_ucdp", "fatality_scenarios", "load", "long_by_actor", "scan", "to_panel"} <= set(eventcoder.__all__)
    assert all(callable(getattr(eventcoder, name)) for name in eventcoder.__all__[1:])
    assert pq.read_metadata(SAMPLE / "2026.10.0" / "events.parquet").num_rows == 18
