"""Changes found without the columns that only a release knows, and these columns after them: one comparison instead of two."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.changelog import diff, with_columns
from tests.changelog.test_replay import versions

NAMES = ("first_release", "last_changed")


def dated(tables: dict[str, pa.Table], data: st.DataObject) -> dict[str, pa.Table]:
    events = tables["events"]
    for name in NAMES:
        days = data.draw(st.lists(st.sampled_from(["2026.09.0", "2026.10.0", None]), min_size=len(events), max_size=len(events)))
        values = pa.array(days, pa.string())
        at = events.column_names.index(name) if name in events.column_names else -1
        events = events.append_column(name, values) if at < 0 else events.set_column(at, name, values)
    return {**tables, "events": events}


def undated(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    events = tables["events"]
    for name in NAMES:
        events = events.set_column(events.column_names.index(name), name, pa.nulls(len(events), pa.string()))
    return {**tables, "events": events}


@settings(max_examples=15, deadline=None)
@given(versions(), versions(), st.data())
def test_columns_that_come_later_give_what_one_comparison_gives(old: dict[str, pa.Table], new: dict[str, pa.Table], data: st.DataObject) -> None:
    old, new = dated(old, data), dated(new, data)
    found = diff(undated(old), undated(new))
    for many in (1, 10**9):  # the quick way and the plain one
        assert with_columns(found, old["events"], new["events"], NAMES, many=many).equals(diff(old, new))
