"""A release against the one before it, column by column: what differs is told, what only looks different is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.validation import past
from eventcoder.validation.past import compare

KINDS = {"notes": pa.string(), "latitude": pa.float64(), "tags": pa.list_(pa.string()), "event_date": pa.date32(), "fatalities": pa.int32()}
CELLS: dict[str, list[Any]] = {
    "notes": [None, "", "a"],
    "latitude": [None, float("nan"), 0.0, -0.0, 1.5],
    "tags": [None, [], [""], ["a"], ["a", "b"]],
    "event_date": [None, date(2026, 1, 2)],
    "fatalities": [None, 0, 3],
}


def table(rows: dict[str, dict[str, Any]]) -> pa.Table:
    columns = {name: pa.array([row.get(name) for row in rows.values()], kind) for name, kind in KINDS.items()}
    revisions = pa.array([row.get("revision", 1) for row in rows.values()], pa.int64())
    return pa.table({"event_id": pa.array(list(rows), pa.string()), "revision": revisions, **columns})


def same(a: Any, b: Any) -> bool:
    return a == b or (a != a and b != b)


ROW = st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()} | {"revision": st.sampled_from([None, 1, 2])})
ROWS = st.dictionaries(st.sampled_from("abcdef"), ROW, max_size=6)


@settings(deadline=None, max_examples=150)
@given(now=ROWS, was=ROWS, piece=st.integers(1, 4))
def test_exactly_what_differs_is_told(now: dict[str, dict[str, Any]], was: dict[str, dict[str, Any]], piece: int) -> None:
    expected = {(e, "event-vanished", "event_id") for e in was if e not in now}
    for event_id in now.keys() & was.keys():
        one, other = now[event_id], was[event_id]
        if one["revision"] is None or other["revision"] is None or one["revision"] > other["revision"]:
            continue
        if one["revision"] < other["revision"]:
            expected.add((event_id, "revision-went-back", "revision"))
        elif differing := [name for name in KINDS if not same(one[name], other[name])]:
            expected.add((event_id, "changed-without-act", differing[0]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(past, "PIECE", piece)
        found = compare(table(now), {"events": table(was)}, frozenset())
        cut = compare(table(now), {"events": table(was)}, frozenset(), most=1)
    assert {(p.event_id, p.code, p.field) for p in found} == expected and len(found) == len(expected)
    assert {p.code for p in cut} == {p.code for p in found}


def test_a_column_of_another_type_is_not_compared_and_a_withdrawn_event_may_be_gone() -> None:
    now, was = table({"a": {"fatalities": 3}}), table({"a": {"fatalities": 0}, "b": {}})
    other = was.set_column(was.column_names.index("fatalities"), "fatalities", pa.array(["0", "1"]))
    assert [p.code for p in compare(now, {"events": was}, frozenset({"b"}))] == ["changed-without-act"]
    assert compare(now, {"events": other}, frozenset({"b"})) == []
