"""Changes over several versions: what came and went is nothing, what is back is nothing, and the reasons are those of the steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.changelog import ChainReasons, Explanation, NoReasons, apply, diff
from eventcoder.changelog.schema import BEGINNINGS
from eventcoder.dataset import SIDE_SCHEMAS
from tests.changelog.test_replay import EVENTS, small, versions

Tables = dict[str, pa.Table]


class Told(NoReasons):
    """Reasons that name the step; events of `merged` went into others."""

    def __init__(self, step: int, **merged: str) -> None:
        self.why = Explanation("", f"step {step}", "c1", "coder", f"act {step}")
        self.merged = merged

    def began(self, event_id: str) -> Explanation:
        return replace(self.why, op="added")

    def ended(self, event_id: str) -> Explanation:
        into = self.merged.get(event_id)
        return replace(self.why, op="merged" if into else "retracted", merged_into=into)

    def field(self, event_id: str, name: str) -> Explanation:
        return self.why

    def row(self, event_id: str, table: str) -> Explanation:
        return self.why


def over(chain: list[Tables], merges: list[dict[str, str]] | None = None, **more: Any) -> pa.Table:
    steps = [diff(a, b, reasons=Told(n, **(merges[n] if merges else {}))) for n, (a, b) in enumerate(pairwise(chain))]
    why = ChainReasons(steps)
    return diff(chain[0], chain[-1], reasons=why, withheld=why.withheld, **more)


def came_with(new: Tables, changes: pa.Table) -> Tables:
    came = {r["event_id"] for r in changes.to_pylist() if r["op"] in BEGINNINGS}
    owned = {n: [i in came for i in t["event_id"].to_pylist()] if "event_id" in t.column_names else [False] * len(t) for n, t in new.items()}
    return {n: t.filter(pa.array(owned[n], pa.bool_())) for n, t in new.items()}


@settings(max_examples=30, deadline=None)
@given(st.lists(versions(), min_size=3, max_size=4))
def test_T25_the_first_version_and_the_changes_over_all_give_the_last(chain: list[Tables]) -> None:
    changes = over(chain)
    again = apply(chain[0], changes, came_with(chain[-1], changes))
    assert all(again[name].equals(chain[-1][name]) for name in chain[-1])
    assert changes.select(range(6)).equals(diff(chain[0], chain[-1]).select(range(6)))
    assert all(r["reason"] for r in changes.to_pylist() if r["event_id"]), "every change was made in some step"


def events(**named: dict[str, object]) -> Tables:
    row = small()["events"].to_pylist()[0]
    return {"events": pa.Table.from_pylist([{**row, "event_id": i, **values} for i, values in named.items()], EVENTS)}


def told(changes: pa.Table) -> list[tuple[str, ...]]:
    return [tuple(r[k] for k in ("op", "event_id", "field", "reason", "merged_into") if r[k]) for r in changes.to_pylist()]


def test_what_came_and_went_again_and_what_is_back_is_no_change() -> None:
    kept: dict[str, object] = {}
    assert told(over([events(a=kept), events(a=kept, b=kept), events(a=kept)])) == []
    assert told(over([events(a=kept), events(), events(a=kept)])) == []
    assert told(over([events(a=kept), events(a={"fatalities": 9}), events(a=kept)])) == []


def test_the_last_step_that_touched_a_field_says_why() -> None:
    chain = [events(a={}), events(a={"fatalities": 2}), events(a={"fatalities": 3}), events(a={"fatalities": 3, "notes": "x"})]
    assert told(over(chain)) == [("revised", "a", "fatalities", "step 1"), ("revised", "a", "notes", "step 2")]
    back = [events(a={}), events(a={"fatalities": 2}), events(), events(a={"fatalities": 7})]
    assert told(over(back)) == [("revised", "a", "fatalities", "step 2")], "it came back whole, with another figure"


def test_an_event_that_was_merged_twice_leads_to_the_one_that_stands() -> None:
    chain = [events(a={}, b={}, c={}), events(b={}, c={}), events(c={})]
    assert told(over(chain, [{"a": "b"}, {"b": "c"}])) == [("merged", "a", "step 0", "c"), ("merged", "b", "step 1", "c")]
    passing = [events(a={}, c={}), events(b={}, c={}), events(c={})]
    assert told(over(passing, [{"a": "b"}, {"b": "c"}])) == [("merged", "a", "step 0", "c")], "b is in neither version"
    undone = [events(a={}, b={}), events(b={}), events(), events(b={})]
    assert told(over(undone, [{"a": "b"}, {"b": "z"}, {}])) == [("merged", "a", "step 0", "b")], "b is back"


def test_T26_a_redated_and_a_moved_event_are_told_over_all_steps() -> None:
    chain = [events(a={}), events(a={"country": "Kenya"}), events(a={"country": "Kenya", "event_date": date(2021, 5, 5)})]
    assert told(over(chain)) == [("revised", "a", "event_date", "step 1"), ("revised", "a", "country", "step 0")]


def test_what_a_step_withholds_the_whole_withholds_too() -> None:
    """A document that became undisclosed in between is not shown by the comparison of the first version with the last."""
    schema = SIDE_SCHEMAS["event_sources"]
    shown = {"event_id": "a", "document_id": "d1", "publisher": "The Weir Gazette", "visibility": "public", "n_documents": 1}
    hidden = {"event_id": "a", "publisher": "Undisclosed Source", "visibility": "undisclosed", "n_documents": 1}
    chain = [{**events(a={"revision": n}), "event_sources": pa.Table.from_pylist([row], schema)} for n, row in enumerate((shown, hidden, hidden))]
    steps = [diff(chain[0], chain[1], hidden={"d1"}), diff(chain[1], chain[2])]
    why = ChainReasons(steps)
    whole = diff(chain[0], chain[2], reasons=why, withheld=why.withheld)
    assert "Gazette" not in str(whole.to_pylist())
    assert apply(chain[0], whole, chain[2])["event_sources"].equals(chain[2]["event_sources"])
