"""A release against the one before it: nothing may vanish or change without a trace. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eventcoder.problem import Problem
from eventcoder.validation.thresholds import vanished

if TYPE_CHECKING:
    import pyarrow as pa

#: what may differ in a row without an act on the event: the system counts and stamps it, or a document's visibility changed
MOVING = frozenset({"timestamp", "n_reports", "n_publishers", "codebook_version", "first_release", "last_changed", "source"})


def compare(events: pa.Table, previous: Mapping[str, pa.Table] | None, traced: frozenset[str]) -> list[Problem]:
    """Events of the previous release that are gone and not among the withdrawn (`event-vanished`), whose revision went back
    (`revision-went-back`), and whose values changed while their revision did not (`changed-without-act`)."""
    if previous is None or "events" not in previous:
        return []
    before = previous["events"]
    out = [
        Problem(
            "event-vanished",
            "The event was in the previous release, is not in this one, and was not withdrawn. Retract it with a reason, or bring it back.",
            "error",
            event_id,
            "event_id",
        )
        for event_id in vanished(events, before, traced)
    ]
    if {"event_id", "revision"} <= set(events.column_names) & set(before.column_names):
        out += _rewritten(events, before)
    return out


def _rewritten(events: pa.Table, before: pa.Table) -> list[Problem]:
    from eventcoder.codebook.duck import connect

    shared = [name for name in events.column_names if name in before.column_names and name not in MOVING and events[name].type == before[name].type]
    compared = [name for name in shared if name not in ("event_id", "revision")]
    changed = ", ".join(f"""CASE WHEN n."{name}" IS DISTINCT FROM o."{name}" THEN '{name}' END""" for name in compared) or "NULL"
    con = connect()
    try:
        con.register("now", events.select(shared))
        con.register("was", before.select(shared))
        query = f"""SELECT event_id, now_revision, was_revision, fields FROM (
            SELECT n.event_id, n.revision AS now_revision, o.revision AS was_revision, concat_ws(', ', {changed}) AS fields
            FROM now n JOIN was o USING (event_id) WHERE n.revision <= o.revision)
            WHERE now_revision < was_revision OR fields <> '' ORDER BY ALL"""
        rows = con.execute(query).fetchall()
    finally:
        con.close()
    out = []
    for event_id, now, was, fields in rows:
        if now < was:
            message = f"Revision {was} was released before; this release has revision {now}. Bring the ledger up to date before releasing."
            out.append(Problem("revision-went-back", message, "error", event_id, "revision", now))
        else:
            message = f"{fields} changed since the previous release without an act (revision {now} both times). Amend the event instead."
            out.append(Problem("changed-without-act", message, "error", event_id, fields.split(", ")[0], now))
    return out
