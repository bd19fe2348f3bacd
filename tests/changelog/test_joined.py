"""Merges, their undoing and splits as a release tells them: what went where, what came out of what, and previous + changes = this."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from eventcoder.changelog import apply
from eventcoder.changelog.schema import BEGINNINGS
from eventcoder.coding import Desk
from eventcoder.dataset.canonical import fingerprint
from eventcoder.releases import ReleaseResult
from eventcoder.releases.tables import read_changes, read_tables
from tests.releases.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "project", 6)
    made.release()
    yield made
    made.ledger.close()


def desk_of(workshop: Workshop) -> Desk:
    """A desk over the workshop's own ledger, a minute later."""
    desk = Desk(workshop.project, coder="ada", moment=workshop.moment)
    desk._ledger = workshop.ledger
    return desk


def changed(workshop: Workshop, result: ReleaseResult) -> dict[str, dict[str, Any]]:
    """Event id -> its row of the changes that says what became of it, after the replay was held against the new tables."""
    assert result.folder is not None
    before = sorted(path for path in workshop.project.releases_dir.glob("20*") if path != result.folder)[-1]
    old, new = read_tables(before), read_tables(result.folder)
    changes = read_changes(result.folder / "changes.parquet")
    came = {r["event_id"] for r in changes.to_pylist() if r["op"] in BEGINNINGS}
    rows = {
        n: t.filter(pa.array([i in came for i in t["event_id"].to_pylist()], pa.bool_())) if "event_id" in t.column_names else t.slice(0, 0)
        for n, t in new.items()
    }
    assert fingerprint(apply(old, changes, rows)) == fingerprint(new)
    with (result.folder / "changes.csv").open(encoding="utf-8", newline="") as handle:
        return {r["event_id"]: r for r in csv.DictReader(handle) if r["op"] in ("merged", "split", "added", "retracted")}


def test_T25_a_merge_its_undoing_and_a_split_are_told_with_where_they_went(workshop: Workshop) -> None:
    a, b, c, d = workshop.ids[:4]
    desk = desk_of(workshop)
    desk.merge(a, [b], reason="Same march, two papers.", take={"notes": b}, beyond=True)
    told = changed(workshop, workshop.release())
    assert {i: (r["op"], r["merged_into"], r["reason"]) for i, r in told.items()} == {b: ("merged", a, "Same march, two papers.")}
    desk.unmerge(b, reason="Two marches after all.")
    part = {"location": "Weir Bridge", "latitude": workshop.values[2]["latitude"] + 0.01, "longitude": workshop.values[2]["longitude"]}
    _, new = desk.split(c, [part], reason="Two bridges.", allow_open=True)
    if desk.event(new.event_id).state == "open":
        workshop.act(new.event_id, {"act": "settle", "settled": True})
    if desk.event(b).state == "open":
        workshop.act(b, {"act": "settle", "settled": True})
    told = changed(workshop, workshop.release())
    split = {i: (r["op"], r["split_from"], r["reason"]) for i, r in told.items()}
    assert split == {b: ("split", a, "Two marches after all."), new.event_id: ("split", c, "Two bridges.")}
    assert desk.event(d).revision == 1
    head = desk.event(a)
    assert (head.values, head.merged) == (desk.ledger.acts(a)[0].body["values"], ())
