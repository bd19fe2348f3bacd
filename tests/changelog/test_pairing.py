"""The quick way to find differences gives what the plain way gives, whatever the tables look like."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.changelog import apply, diff, misreplayed
from eventcoder.dataset import SIDE_SCHEMAS
from tests.changelog.test_replay import EVENTS, added_rows, small, versions

PLAIN = 10**9
Tables = dict[str, pa.Table]


@contextmanager
def in_small_pieces(scattered: int) -> Iterator[None]:
    """Pieces of two rows and steps of one, so that a few events meet every branch; with `scattered` = 0 ids are looked up."""
    names = {"PIECE": 2, "_STEP": 1, "SCATTERED": scattered}
    with mock.patch.multiple("eventcoder.changelog.pairing", **names), mock.patch("eventcoder.changelog.diff._PIECE", 3):
        yield


@st.composite
def disturbed(draw: st.DrawFn) -> Tables:
    """Tables of a version as a foreign hand may leave them: in any order and chunks, rows twice, lists missing, columns of other types or gone."""
    tables = draw(versions())
    out = {}
    for name, table in tables.items():
        if name != "events" and table.num_rows and draw(st.booleans()):
            table = pa.concat_tables([table, table.slice(0, draw(st.integers(1, 2)))])
        if draw(st.booleans()):
            table = table.take(pa.array(draw(st.permutations(range(table.num_rows))), pa.int64()))
        if draw(st.booleans()):
            table = pa.concat_tables([table.slice(0, 2), table.slice(2)]).select(table.column_names[::-1])
        out[name] = table
    kind = draw(st.sampled_from(["as it is", "gone", "retyped", "large", "dictionary", "lists"]))
    events = out["events"]
    if kind == "gone":
        out["events"] = events.drop_columns(["notes"])
        out["evidence"] = out["evidence"].drop_columns(["quote"])
    elif kind == "lists":
        index = events.column_names.index("tags")
        out["events"] = events.set_column(index, "tags", pa.array([v or None for v in events["tags"].to_pylist()], pa.list_(pa.string())))
    elif kind != "as it is":
        name, to = {"retyped": ("fatalities", pa.string()), "large": ("notes", pa.large_string())}.get(
            kind, ("notes", pa.dictionary(pa.int32(), pa.string()))
        )
        index = events.column_names.index(name)
        column = events.column(name)
        out["events"] = events.set_column(index, name, column.cast(to) if kind != "dictionary" else column.dictionary_encode())
    return out


@settings(max_examples=60, deadline=None)
@given(disturbed(), disturbed(), st.sampled_from([0, 300_000]))
def test_both_ways_give_the_same_changes(old: Tables, new: Tables, scattered: int) -> None:
    with in_small_pieces(scattered):
        assert diff(old, new, many=0).to_pylist() == diff(old, new, many=PLAIN).to_pylist()


@settings(max_examples=40, deadline=None)
@given(versions(), versions())
def test_T25_what_the_quick_way_finds_replays(old: Tables, new: Tables) -> None:
    with in_small_pieces(300_000):
        changes = diff(old, new, many=0)
    replayed = apply(old, changes, added_rows(new, changes))
    assert all(replayed[name].equals(new[name]) for name in new)


@pytest.mark.parametrize("many", [0, PLAIN])
def test_stored_otherwise_is_no_change_and_nan_is_itself(many: int) -> None:
    row = {**small()["events"].to_pylist()[0], "latitude": math.nan}
    plain = {"events": pa.Table.from_pylist([row], EVENTS)}
    stored = {"events": plain["events"].cast(pa.schema([f.with_type(pa.large_string()) if f.type == pa.string() else f for f in EVENTS]))}
    assert diff(plain, stored, many=many).num_rows == diff(stored, plain, many=many).num_rows == 0


@pytest.mark.parametrize("many", [0, PLAIN])
def test_T24_an_id_that_stands_twice_is_found_wherever_it_stands(many: int) -> None:
    rows = [{**small()["events"].to_pylist()[0], "event_id": f"k{i:011d}"} for i in range(6)]
    good = {"events": pa.Table.from_pylist(rows, EVENTS)}
    for at in range(6):
        twice = {"events": pa.Table.from_pylist([*rows[:at], rows[3], *rows[at:]], EVENTS)}
        for pair in ((good, twice), (twice, good)):
            with in_small_pieces(300_000), pytest.raises(ValueError, match="k00000000003 stands more than once"):
                diff(*pair, many=many)


def test_a_value_that_does_not_fit_a_new_type_is_told_from_the_whole_column() -> None:
    """One word among numbers makes the older column null for all events, also those that did not change otherwise."""
    rows = [{**small()["events"].to_pylist()[0], "event_id": f"k{i:011d}", "notes": word} for i, word in enumerate(["1", "2", "many"])]
    old = {"events": pa.Table.from_pylist(rows, EVENTS)}
    index = EVENTS.get_field_index("notes")
    new = {"events": old["events"].set_column(index, "notes", pa.array([1, 2, 3]))}
    told = diff(old, new, many=0)
    assert told.equals(diff(old, new, many=PLAIN))
    assert [(r["op"], r["old"], r["new"]) for r in told.to_pylist()][1:] == [("revised", "null", n) for n in "123"]
    assert misreplayed(old, told, new, many=0) == []


@pytest.mark.parametrize("many", [0, PLAIN])
def test_a_table_that_is_new_is_told_and_not_repeated(many: int) -> None:
    acts = {"event_id": ["k00000000001"], "decision": ["accepted"]}
    old, new = small(), {**small(fatalities=3), "appeals": pa.table(acts)}
    changes = diff(old, new, many=many)
    assert [(r["op"], r["table"]) for r in changes.to_pylist()] == [("table_added", "appeals"), ("revised", "events")]
    assert apply(old, changes, {**new, "events": new["events"].slice(0, 0)})["appeals"].equals(new["appeals"])
    assert misreplayed(old, changes, new, many=many) == []
    later = {**new, "appeals": pa.table({**acts, "decision": ["edited"]})}
    further = diff(new, later, many=many)
    assert [(r["op"], r["table"]) for r in further.to_pylist()] == [("revised", "appeals")] * 2
    assert misreplayed(new, further, later, many=many) == []
    with pytest.raises(Exception, match="which the older version holds"):
        misreplayed(new, changes, new, many=many)


def test_a_row_that_stands_twice_in_one_version_changes_no_other_row() -> None:
    rows = [{"event_id": "k00000000001", "kind": "different", "other_event_id": other} for other in ("k2", "k3", "k3")]
    old, new = ({**small(), "relations": pa.Table.from_pylist(r, SIDE_SCHEMAS["relations"])} for r in (rows[:2], rows))
    assert [(r["old"] is None, r["new"] is None) for many in (0, PLAIN) for r in diff(old, new, many=many).to_pylist()] == [(True, False)] * 2
