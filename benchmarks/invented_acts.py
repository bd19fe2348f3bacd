"""The table `acts` of invented releases: for each event the act that created it, and one more for each time that it was revised."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CODERS, FORMS = ("coder-17c0", "coder-5e2a", "coder-b391", "coder-c80d"), ("acled-export", "native")
HOURS = tuple(f"{hour:02}:{minute:02}:{minute * 7 % 60:02}Z" for hour in range(7, 19) for minute in range(0, 60, 3))
REASON = "A later report confirms this account."


def act_table(events: pa.Table) -> pa.Table:
    """Acts that fit the events, in the schema and the order of a release. Half were accepted drafts, a quarter imported."""
    from eventcoder.dataset.canonical import canonical_table
    from eventcoder.dataset.schemas import RECORD_SCHEMAS

    ids = events["event_id"].combine_chunks()
    revisions = events["revision"].to_numpy().astype(np.int64)
    owner = np.repeat(np.arange(len(ids)), revisions)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(revisions) - revisions, revisions) + 1
    # what is said of an act follows from the event's id, so that both versions say the same of it
    hashes = [
        hashlib.sha256(f"{event_id} {n}".encode()).hexdigest() for event_id, n in zip(ids.take(pa.array(owner)).to_pylist(), number, strict=True)
    ]
    acts = pa.array(hashes, pa.string())
    seed = np.frombuffer(acts.buffers()[2], np.uint8).reshape(-1, 64)[:, :4].astype(np.int64) @ np.array([1, 7, 131, 17_161])
    first = number == 1
    proposed = first & (seed % 4 < 2)
    imported = first & (seed % 4 == 2)
    days = pc.add(events["event_date"].combine_chunks().take(pa.array(owner)).cast(pa.int32()), pa.array(number.astype(np.int32))).cast(pa.date32())
    hours = pa.array(HOURS).take(pa.array(seed % len(HOURS)))
    columns: dict[str, Any] = {
        "event_id": ids.take(pa.array(owner)),
        "number": pa.array(number),
        "act": acts,
        "kind": pc.if_else(pa.array(first), "create", "revise"),
        "time": pc.binary_join_element_wise(days.cast(pa.string()), hours, "T"),
        "coder": pa.array(CODERS).take(pa.array(seed % len(CODERS))),
        "role": pa.repeat("coder", len(owner)),
        "codebook_version": events["codebook_version"].combine_chunks().take(pa.array(owner)),
        "fields": _lists(~first, ["notes"]),
        "engine": pc.if_else(pa.array(proposed), "rules 1.4.0", pa.scalar(None, pa.string())),
        "proposed": _lists(proposed, ["actor1", "admin1", "country", "event_date", "event_type", "location", "notes", "sub_event_type"]),
        "decision": pc.if_else(pa.array(proposed), "accepted", pc.if_else(pa.array(imported), "imported", "by hand")),
        "reason": pc.if_else(pa.array(first), pa.scalar(None, pa.string()), REASON),
        "origin": pc.if_else(pa.array(imported), pa.array(FORMS).take(pa.array(seed // 4 % len(FORMS))), pa.scalar(None, pa.string())),
    }
    return canonical_table("acts", pa.table(columns), RECORD_SCHEMAS["acts"])


def _lists(where: Any, items: list[str]) -> pa.Array:
    """These items where it says so, an empty list elsewhere."""
    lengths = np.where(where, len(items), 0)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(items).take(pa.array(np.tile(np.arange(len(items)), int(where.sum())))))
