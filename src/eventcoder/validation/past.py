"""A release against the one before it: nothing may vanish or change without a trace. Floor 4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from eventcoder.problem import Problem
from eventcoder.validation.tally import limited
from eventcoder.validation.thresholds import vanished

if TYPE_CHECKING:
    import pyarrow as pa

#: what may differ in a row without an act on the event: the system counts and stamps it, or a document's visibility changed
MOVING = frozenset({"timestamp", "n_reports", "n_publishers", "codebook_version", "first_release", "last_changed", "source"})

PIECE = 262_144  # rows that are compared at a time


def compare(events: pa.Table, previous: Mapping[str, pa.Table] | None, traced: frozenset[str], *, most: int | None = None) -> list[Problem]:
    """Events of the previous release that are gone and not among the withdrawn (`event-vanished`), whose revision went back
    (`revision-went-back`), and whose values changed while their revision did not (`changed-without-act`).

    With `most`, so many problems of one check are told and the further ones counted (`tally`)."""
    if previous is None or "events" not in previous:
        return []
    before = previous["events"]
    gone = (
        Problem(
            "event-vanished",
            "The event was in the previous release, is not in this one, and was not withdrawn. Retract it with a reason, or bring it back.",
            "error",
            event_id,
            "event_id",
        )
        for event_id in vanished(events, before, traced)
    )
    out = limited(gone, most)
    if {"event_id", "revision"} <= set(events.column_names) & set(before.column_names):
        out += sorted(limited(_rewritten(events, before), most), key=lambda problem: problem.event_id or "")
    return out


def _rewritten(events: pa.Table, before: pa.Table) -> Iterator[Problem]:
    """Rows of events whose revision did not rise: column by column and piece by piece, so that memory does not follow the tables."""
    kept, was, went_back = _unrevised(events, before)
    shared = [name for name in events.column_names if name in before.column_names and events[name].type == before[name].type]
    compared = [name for name in shared if name not in MOVING and name not in ("event_id", "revision")]
    ids = events["event_id"]
    for row, revision, released in went_back:
        message = f"Revision {released} was released before; this release has revision {revision}. Bring the ledger up to date before releasing."
        yield Problem("revision-went-back", message, "error", ids[row].as_py(), "revision", revision)
    for start in range(0, len(kept), PIECE):
        here, there = kept[start : start + PIECE], was[start : start + PIECE]
        changed: dict[int, list[str]] = {}
        for name in compared:
            for at in _differing(_rows(events[name], here), _rows(before[name], there)):
                changed.setdefault(int(here[at]), []).append(name)
        for row, fields in sorted(changed.items()):
            revision = events["revision"][row].as_py()
            told = f"{', '.join(fields)} changed since the previous release without an act (revision {revision} both times)."
            yield Problem("changed-without-act", f"{told} Amend the event instead.", "error", ids[row].as_py(), fields[0], revision)


def _unrevised(events: pa.Table, before: pa.Table) -> tuple[Any, Any, list[tuple[int, int, int]]]:
    """Rows (numpy) of `events` with the revision that they had before, their rows in `before`, and those whose revision went back: row, revision,
    revision before."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.index_in(events["event_id"], value_set=before["event_id"].combine_chunks())
    known = np.flatnonzero(np.asarray(pc.and_(pc.is_valid(found), pc.is_valid(events["event_id"]))))
    was = np.asarray(found.take(pa.array(known))).astype(np.int64)
    now_revision = pc.fill_null(events["revision"].take(pa.array(known)), -1).to_numpy()
    was_revision = pc.fill_null(before["revision"].cast(pa.int64()).take(pa.array(was)), -1).to_numpy()
    told = (now_revision >= 0) & (was_revision >= 0)
    same, back = told & (now_revision == was_revision), told & (now_revision < was_revision)
    rows = zip(known[back].tolist(), now_revision[back].tolist(), was_revision[back].tolist(), strict=True)
    return known[same], was[same], list(rows)


def _rows(column: pa.ChunkedArray, rows: Any) -> pa.ChunkedArray:
    """These rows of a column; of a stretch of it where they lie close together, as taking from a column of several chunks copies all of it."""
    import pyarrow as pa

    first, last = int(rows.min()), int(rows.max())
    if last - first + 1 == len(rows) and bool((rows[1:] > rows[:-1]).all()):
        return column.slice(first, len(rows))
    return column.slice(first, last - first + 1).take(pa.array(rows - first))


def _differing(now: pa.ChunkedArray, was: pa.ChunkedArray) -> list[int]:
    """Positions at which two columns differ; null is equal to null alone, and what is no number to what is none."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if now.equals(was):
        return []
    if not pa.types.is_list(now.type):
        unlike = np.asarray(pc.fill_null(pc.not_equal(now, was), False)) | (np.asarray(pc.is_null(now)) != np.asarray(pc.is_null(was)))
        if pa.types.is_floating(now.type):
            unlike &= ~np.asarray(pc.and_(*(pc.fill_null(pc.is_nan(column), False) for column in (now, was))))
        return np.flatnonzero(unlike).tolist()
    return [at for at, (a, b) in enumerate(zip(now.to_pylist(), was.to_pylist(), strict=True)) if a != b and not (a != a and b != b)]
