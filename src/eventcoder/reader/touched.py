"""What a consumer's own tables must be told when a copy goes from one version to another: counts, and the events that leave stale rows. Floor 7."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog import diff
from eventcoder.dataset.schemas import EVENTS, TABLES
from eventcoder.releases.layout import CHANGES, RETRACTED, version_key
from eventcoder.releases.tables import read_changes, read_parquet, read_retracted
from eventcoder.releases.versions import Version

PLACE = ("country", "admin1", "admin2", "admin3", "location", "latitude", "longitude")
_GONE = ("retracted", "merged")
_OWN = ("added", "restored", "split", "revised", "attached", "detached", "retracted", "merged")


class Tables(Mapping[str, pa.Table]):
    """The tables of a release folder, each read when it is asked for and not kept: all of two large versions at a time would fill the memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> pa.Table:
        if name not in TABLES:
            raise KeyError(name)
        return read_parquet(self._folder / f"{name}.parquet")

    def __contains__(self, name: object) -> bool:
        return name in TABLES

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


def between(old: Version, older: Path, new: Version, newer: Path) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Events by operation from one version to another, newer or older, and the rows that a table kept by id must drop or move.

    The rows have op (retracted, merged, re-dated, moved; on the way back absent), event_id, old, new, reason.
    `older` and `newer` are the folders.
    """
    if new.previous == old.version:
        changes = read_changes(newer / f"{CHANGES}.parquet")
    else:
        changes = diff(Tables(older), Tables(newer))
    pairs = pa.table({"op": changes.column("op"), "event_id": changes.column("event_id")}).filter(pc.is_valid(changes.column("event_id")))
    grouped = pairs.group_by("op").aggregate([("event_id", "count_distinct")])
    found = dict(zip(grouped.column("op").to_pylist(), grouped.column("event_id_count_distinct").to_pylist(), strict=True))
    stale = _stale(changes, newer)
    gone = Counter(row["op"] for row in stale if row["op"] in _GONE)  # the release's own list knows better than two tables which were merged
    counts = {op: n for op in _OWN if (n := gone[op] if op in _GONE else found.get(op, 0))}
    if version_key(old.version) > version_key(new.version):  # back: what is not there was not withdrawn, it had not come yet
        for op in _GONE:
            counts["absent"] = counts.get("absent", 0) + counts.pop(op, 0)
        counts = {op: n for op, n in counts.items() if n}
        stale = [{**row, "op": "absent" if row["op"] in _GONE else row["op"]} for row in stale]
    return counts, stale


def _stale(changes: pa.Table, newer: Path) -> list[dict[str, Any]]:
    wanted = pc.and_kleene(pc.equal(changes.column("table"), EVENTS), pc.is_in(changes.column("field"), value_set=pa.array(["event_date", *PLACE])))
    rows = changes.filter(pc.or_kleene(pc.is_in(changes.column("op"), value_set=pa.array(_GONE)), wanted)).to_pylist()
    why = _reasons(newer) if any(r["op"] in _GONE for r in rows) else {}
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        event_id = row["event_id"]
        if row["op"] in _GONE:
            known = why.get(event_id, {})
            into = row["merged_into"] or known.get("successor")
            op = "merged" if known.get("op") == "merged" or row["merged_into"] else row["op"]
            told[op, event_id] = {"op": op, "event_id": event_id, "old": None, "new": into, "reason": row["reason"] or known.get("reason")}
            continue
        old, new = (json.loads(row[side]) if row[side] is not None else None for side in ("old", "new"))
        if row["field"] == "event_date":
            told["re-dated", event_id] = {"op": "re-dated", "event_id": event_id, "old": old, "new": new, "reason": row["reason"]}
        else:
            start = {"op": "moved", "event_id": event_id, "old": {}, "new": {}, "reason": row["reason"]}
            entry = told.setdefault(("moved", event_id), start)
            entry["old"][row["field"]], entry["new"][row["field"]] = old, new
    order = {"retracted": 0, "merged": 1, "re-dated": 2, "moved": 3}
    return sorted(told.values(), key=lambda r: (order[r["op"]], r["event_id"]))


def _reasons(release: Path) -> dict[str, dict[str, Any]]:
    """Why events are not there, from the release's own list of withdrawn ones (an older release does not know of its successors' events)."""
    return {r["event_id"]: r for r in read_retracted(release / RETRACTED).to_pylist() if r["restored_in"] is None}
