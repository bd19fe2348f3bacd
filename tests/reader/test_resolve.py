"""Identity: an id means one event for ever; `resolve` says what became of it; its dates are true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import eventcoder
from eventcoder.changelog import diff
from eventcoder.errors import LedgerConflict, NotFound, UsageError
from eventcoder.ledger import new_entry
from eventcoder.reader import load, resolve, versions
from eventcoder.reader.resolving import _Known
from eventcoder.releases.checking.reuse import reused
from eventcoder.releases.layout import CHANGES, RETRACTED
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.tables import RETRACTED_SCHEMA, dated, next_retracted, read_changes, read_retracted, read_tables, undated
from tests.releases.workshop import Workshop

OLD, NEW = "2026.11.0", "2026.11.1"
IDS = ["a", "b", "c", "d"]


def test_a_long_life_is_followed_through_all_versions(tmp_path: Path) -> None:
    """Merged twice over, taken apart again, split in parts, brought back from a retraction: each version tells it as it was then."""
    shop = Workshop(tmp_path / "project", 6)
    a, b, c, d, e, _ = shop.ids
    shop.release()
    shop.act(a, {"act": "merge", "successor": b, "reason": "one march"})
    shop.act(b, {"act": "merge", "merged": [a], "settled": True})
    shop.act(d, {"act": "retract", "reason": "a film set"})
    shop.release()
    shop.act(b, {"act": "merge", "successor": c, "reason": "one day"})
    shop.act(c, {"act": "merge", "merged": [b], "settled": True})
    part = shop.create(31, settled=True)
    shop.act(part, {"act": "revise", "relations": [{"kind": "split_from", "event_id": e}], "settled": True, "reason": "two places"})
    shop.release()
    shop.act(d, {"act": "restore", "reason": "it was real", "settled": True})
    shop.act(a, {"act": "restore", "reason": "two marches", "settled": True, "origin": b})
    shop.release()
    root = shop.project.root
    told = {v: resolve(a, root, v) for v in (OLD, NEW, "2026.11.2", "2026.11.3")}
    assert [(t["state"], t["current_id"], t["via"]) for t in told.values()] == [
        ("current", a, []), ("merged", b, []), ("merged", c, [b]), ("current", a, []),
    ]  # fmt: skip
    assert (told["2026.11.2"]["version"], told["2026.11.2"]["reason"]) == (NEW, "one march")
    assert (told["2026.11.3"]["first_release"], told["2026.11.3"]["last_changed"]) == (OLD, "2026.11.3")
    assert (resolve(d, root, NEW)["state"], resolve(d, root)["state"]) == ("retracted", "current")
    assert resolve(e, root)["parts"] == [part]
    assert resolve(part, root)["first_release"] == "2026.11.2"
    with pytest.raises(NotFound, match=r"Version 2026\.11\.3 knows it"):
        resolve(part, root, OLD)
    shop.ledger.close()


def test_a_table_of_ones_own_is_brought_up_to_date_at_once(releases: Path, shared: Workshop) -> None:
    kept, gone, merged, survivor = shared.ids[0], shared.ids[2], shared.ids[4], shared.ids[3]
    cnty = load(releases, OLD).set_index("event_id")["event_id_cnty"]
    mine = pd.DataFrame({"id": [kept, gone, merged, cnty[merged], kept.upper(), None, "zzzzzzzzzzzz"], "note": range(7)}, index=list("pqrstuv"))
    found = resolve(mine["id"], releases)
    assert list(found.index) == list(mine.index)
    assert found["state"].tolist() == ["current", "retracted", "merged", "merged", "current", "unknown", "unknown"]
    assert found["current_id"].fillna("").tolist() == [kept, "", survivor, survivor, kept, "", ""]
    assert found["reason"].fillna("").tolist()[1:3] == ["the march was a film set", "same march, two papers"]
    assert found["event_id"].fillna("").tolist()[3] == cnty[merged], "the ids stay as they were given"
    assert (found.attrs["unknown"], found.attrs["version"]) == (2, NEW)
    assert resolve([], releases).empty and resolve([shared.ids[9]], releases, OLD)["state"].tolist() == ["current"]
    one, row = resolve(merged, releases), found.loc["r"]
    assert all(row[k] == v if v is not None else pd.isna(row[k]) for k, v in one.items())


def test_what_is_no_id_is_refused_in_words(releases: Path, shared: Workshop) -> None:
    frame = eventcoder.load(releases)
    for wrong in (5, None, frame, {"event_id": 1}):
        with pytest.raises(UsageError, match="neither an id nor a list"):
            resolve(wrong, releases)  # type: ignore[call-overload]
    for reads_one in (eventcoder.trace, eventcoder.evidence):
        with pytest.raises(UsageError, match="no text but Series"):
            reads_one(frame["event_id"], releases)


def test_quotes_are_found_by_the_beginning_of_an_id(releases: Path, shared: Workshop) -> None:
    whole = eventcoder.evidence(shared.ids[0], releases)
    assert len(whole)
    assert eventcoder.evidence(shared.ids[0][:8], releases).equals(whole)


def test_an_unknown_id_names_the_nearest(releases: Path, shared: Workshop) -> None:
    known = shared.ids[0]
    with pytest.raises(NotFound, match=f"Did you mean {known}"):
        resolve(known[:-1] + ("0" if known[-1] != "0" else "1"), releases)
    with pytest.raises(NotFound, match="12 characters"):
        resolve("FRA", releases)


@given(st.dictionaries(st.sampled_from(IDS), st.sampled_from([*IDS, None]), max_size=4))
@example({"a": "b", "b": "c", "c": "d"})
@example({"a": "b", "b": "c", "c": "b"})
@settings(max_examples=80, deadline=None)
def test_merges_of_every_shape_end_circles_too(went: dict[str, str | None]) -> None:
    here = [i for i in IDS if i not in went]
    texts = pa.array(here, pa.string())
    events = pa.table({"event_id": texts, "event_id_cnty": pa.nulls(len(here), pa.string()), "first_release": texts, "last_changed": texts})
    blank = dict.fromkeys(RETRACTED_SCHEMA.names)
    gone = {i: {**blank, "event_id": i, "op": "merged", "successor": into} for i, into in went.items()}
    known = _Known(None, events, gone, {})  # type: ignore[arg-type]  # no files are needed
    many = _Known(None, events, gone, {})  # type: ignore[arg-type]
    many.index(IDS)
    for one in IDS:
        at: str | None = one
        for _ in range(len(IDS) + 1):
            at = went.get(at) if at in went else at
        row = known.row(one)
        assert row is not None and row["current_id"] == (at if at in here else None)
        assert many.row(one) == row


@given(st.lists(st.dictionaries(st.sampled_from(IDS), st.integers(0, 2), min_size=1), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_first_release_and_last_changed_are_true_over_any_history(history: list[dict[str, int]]) -> None:
    """Events come, change, go and come back in any order: held against the plain reading of the whole history."""
    before: dict[str, pa.Table] = {}
    retracted = RETRACTED_SCHEMA.empty_table()
    first: dict[str, str] = {}
    changed: dict[str, str] = {}
    for number, state in enumerate(history):
        name = f"2026.11.{number}"
        last = history[number - 1] if number else {}
        for event_id, value in state.items():
            first.setdefault(event_id, name)
            if last.get(event_id) != value:
                changed[event_id] = name
        tables = {"events": _events(state)}
        older = {"events": undated(before["events"])} if before else {}
        tables = dated(tables, diff(older, tables), before.get("events"), retracted, name)
        rows = tables["events"].to_pylist()
        assert {r["event_id"]: r["first_release"] for r in rows} == {i: first[i] for i in state}
        assert {r["event_id"]: r["last_changed"] for r in rows} == {i: changed[i] for i in state}
        changes = diff(before, tables)
        retracted = next_retracted(retracted, changes, before.get("events", tables["events"]), name)
        withdrawn = {r["event_id"] for r in retracted.to_pylist() if r["restored_in"] is None}
        assert withdrawn == set(first) - set(state), "whatever was ever released is here, or told to be gone"
        before = tables


def _events(state: dict[str, int]) -> pa.Table:
    ids = sorted(state)
    columns: dict[str, Any] = {"event_id": ids, "event_id_cnty": ids, "value": [state[i] for i in ids]}
    table = pa.table({k: pa.array(v) for k, v in columns.items()})
    for name in ("first_release", "last_changed"):
        table = table.append_column(name, pa.nulls(len(ids), pa.string()))
    return table


def test_an_id_that_was_withdrawn_is_never_given_to_another_event(releases: Path) -> None:
    folder = releases / NEW
    manifest, _ = read_manifest(folder)
    tables, changes, retracted = read_tables(folder), read_changes(folder / f"{CHANGES}.parquet"), read_retracted(folder / RETRACTED)
    assert list(reused(manifest, tables, changes, retracted)) == []
    added = changes.filter(pc.equal(changes.column("op"), "added")).column("event_id")[0].as_py()
    earlier = {**dict.fromkeys(RETRACTED_SCHEMA.names), "event_id": added, "version": OLD, "op": "retracted", "first_release": OLD}
    gone = pa.concat_tables([retracted, pa.Table.from_pylist([earlier], RETRACTED_SCHEMA)])
    assert [(p.code, p.event_id) for p in reused(manifest, tables, changes, gone)] == [("reused-event-id", added)]
    events = tables["events"]
    at = events.column_names.index("first_release")
    old = pc.if_else(pc.equal(events.column("event_id"), added), OLD, events.column("first_release"))
    wrong = {**tables, "events": events.set_column(at, "first_release", old)}
    assert [(p.code, p.event_id) for p in reused(manifest, wrong, changes, retracted)] == [("first-release-differs", added)]


def test_the_ledger_gives_no_id_twice(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "project", 3)
    shop.release()
    gone = shop.ids[0]
    shop.act(gone, {"act": "retract", "reason": "a film set"})
    shop.release()
    other = {k: v for k, v in shop.values[1].items() if k in ("country", "event_date")}
    with pytest.raises(LedgerConflict):
        shop.ledger.append([new_entry("act", gone, {"act": "create", "values": other, "settled": True}, coder="ben", time=shop.moment)])
    assert gone not in set(load(shop.project.root)["event_id"])
    shop.ledger.close()


def test_a_withdrawn_version_is_told_with_its_reason(tmp_path: Path) -> None:
    from eventcoder.releases import withdraw

    shop = Workshop(tmp_path / "project", 3)
    shop.release()
    withdraw(shop.project, OLD, "wrong coordinates", time=shop.moment)
    (entry,) = versions(shop.project.root)
    assert (entry["withdrawn"], entry["redacted"], entry["successor"], entry["latest"]) == ("wrong coordinates", False, None, False)
    with pytest.warns(UserWarning, match="wrong coordinates"):
        assert resolve(shop.ids[0], shop.project.root, OLD)["state"] == "current"
    shop.ledger.close()
