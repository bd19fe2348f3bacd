"""That an event id means one event for ever, and that its dates are true: what a release says itself, against its changes. Floor 6.

An id that was withdrawn may come back as the event that it was (`restored`, or `split` out of the event that had taken it in), never as a new
one (`added`). What is added was first released here; what comes back keeps the version in which it came first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.dataset.schemas import EVENTS
from eventcoder.problem import Problem
from eventcoder.releases.manifest import RELEASED, Manifest

NAMED = 20  # events that are named; one line tells how many more there are


def reused(manifest: Manifest, tables: Mapping[str, pa.Table], changes: pa.Table, retracted: pa.Table) -> Iterator[Problem]:
    """Ids that were given to another event after a withdrawal, and added events that say they were released before (or never)."""
    here = pc.and_kleene(pc.equal(changes.column("op"), "added"), pc.is_valid(changes.column("event_id")))
    added = pc.unique(changes.filter(here).column("event_id").combine_chunks())
    gone = retracted.filter(pc.not_equal(retracted.column("version"), manifest.version))
    again = added.filter(pc.is_in(added, value_set=gone.column("event_id").combine_chunks()))
    told = "The id belonged to an event that was withdrawn, and this version gives it to a new one. An id is never given twice: release again."
    yield from _limited("reused-event-id", again, "event_id", told)
    events = tables[EVENTS].select(["event_id", "first_release"])
    events = events.filter(pc.is_in(events.column("event_id"), value_set=added))
    first = manifest.version if manifest.channel == RELEASED else None
    fits = pc.fill_null(pc.equal(events.column("first_release"), first), False) if first else pc.is_null(events.column("first_release"))
    wrong = events.filter(pc.invert(fits)).column("event_id").combine_chunks()
    known = wrong.filter(pc.invert(pc.is_in(wrong, value_set=again)))
    told = f"The event is new here, and its first_release is not {first or 'empty'}. Release again, or fetch the release again."
    yield from _limited("first-release-differs", known, "first_release", told)


def _limited(code: str, ids: pa.Array, field: str, told: str) -> Iterator[Problem]:
    for event_id in ids.slice(0, NAMED).to_pylist():
        yield Problem(code, told, event_id=event_id, field=field)
    if len(ids) > NAMED:
        yield Problem(code, f"{len(ids) - NAMED} further events: {told}", field=field, value=len(ids) - NAMED)
