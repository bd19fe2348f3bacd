"""`versions`, `changes`, `resolve`, `evidence`: what was released when, what became of an event, what supports it. Floor 7."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog import ChainReasons, composed, diff
from eventcoder.dataset.schemas import TABLES
from eventcoder.errors import NotFound, UsageError
from eventcoder.reader.source import Release, Source, find, in_order
from eventcoder.releases.tables import read_changes, read_retracted

if TYPE_CHECKING:
    import pandas as pd


def versions(source: str | Path | None = None) -> list[dict[str, Any]]:
    """All versions, oldest first: version, created, previous, events, notes, fingerprint, latest (bool), withdrawn (the reason, or None)."""
    found = find(source)
    if found.single is not None and not found.versions.versions:
        m = found.single.manifest
        entry = {"version": m.version, "created": m.created, "previous": m.previous, "events": m.counts.get("events", 0), "notes": ""}
        return [{**entry, "fingerprint": m.fingerprint, "latest": True, "withdrawn": None}]
    return [
        {
            "version": v.version,
            "created": v.created,
            "previous": v.previous,
            "events": v.events,
            "notes": v.notes,
            "fingerprint": v.fingerprint,
            "latest": v.version == found.versions.latest,
            "withdrawn": v.withdrawn.reason if v.withdrawn else None,
        }
        for v in found.versions.versions
    ]


def changes(older: str, newer: str = "latest", source: str | Path | None = None) -> pd.DataFrame:
    """What makes version `newer` out of version `older`, in the columns of `changes.csv`; also over several versions in between.

    Raises `NotFound` for an unknown version, `UsageError` when `older` is not the older one.
    """
    from eventcoder.reader.frame import to_pandas

    found = find(source)
    a, b = found.release(older, warn=False), found.release(newer, warn=False)
    if a.version == b.version:
        raise UsageError(f"{a.version} cannot be compared with itself.", "Name two versions.")
    if not in_order(a.version, b.version):
        raise UsageError(f"{a.version} is newer than {b.version}.", f"Name the older one first: {b.version}, {a.version}.")
    frame = to_pandas(_between(found, a, b))
    frame.attrs.update(older=a.version, newer=b.version)
    return frame


def resolve(event_id: str, source: str | Path | None = None, version: str = "latest") -> dict[str, Any]:
    """What became of an event: `event_id`, `state` (current, merged, retracted), `current_id` (after all merges; None if there is none),
    `via` (the ids on the way), `reason`, `version` (from which on it was gone), `first_release`.

    `event_id` may also be an `event_id_cnty`. Raises `NotFound` for an event that no release ever held.
    """
    release = find(source).release(version)
    events = release.table("events").select(["event_id", "event_id_cnty", "first_release"])
    withdrawn = _withdrawn(release)
    wanted = _event_id(events, withdrawn, event_id)
    here = _row(events, wanted)
    if here is not None:
        return _resolved(wanted, "current", wanted, [], None, None, here["first_release"])
    if wanted not in withdrawn:
        raise NotFound(f"No release up to {release.version} has an event {event_id!r}.", "Ids have 12 characters; look it up in the newest version.")
    first = withdrawn[wanted]
    via: list[str] = []
    current: str | None = first["successor"]
    while current is not None and current in withdrawn and _row(events, current) is None and current not in via:
        via.append(current)
        current = withdrawn[current]["successor"]
    if current is not None and _row(events, current) is None:
        current = None
    return _resolved(wanted, first["op"], current, via, first["reason"], first["version"], first["first_release"])


def evidence(event_id: str, source: str | Path | None = None, version: str = "latest") -> pd.DataFrame:
    """The quotes that support an event's values: field, document, publisher, published, url, start, end, quote, cut.

    Raises `NotFound` if the version does not hold the event; for a merged one the message names where it went.
    """
    from eventcoder.reader.frame import to_pandas

    release = find(source).release(version)
    events = release.table("events").select(["event_id", "event_id_cnty"])
    withdrawn = _withdrawn(release)
    wanted = _event_id(events, withdrawn, event_id)
    if _row(events, wanted) is None:
        gone = withdrawn.get(wanted)
        into = f"It was {gone['op']} in {gone['version']}" + (f"; see {gone['successor']}." if gone["successor"] else ".") if gone else ""
        raise NotFound(f"Version {release.version} has no event {event_id!r}.", into)
    quotes = release.table("evidence")
    quotes = quotes.filter(pc.equal(quotes.column("event_id"), wanted))
    sources = release.table("event_sources")
    sources = sources.filter(pc.and_(pc.equal(sources.column("event_id"), wanted), pc.is_valid(sources.column("document_id"))))
    at = pc.index_in(quotes.column("document_id").combine_chunks(), value_set=sources.column("document_id").combine_chunks())
    for name in ("publisher", "published", "url"):
        quotes = quotes.append_column(name, sources.column(name).combine_chunks().take(at))
    order = ["event_id", "field", "quote", "cut", "publisher", "published", "url", "document_id", "start", "end"]
    return to_pandas(quotes.select(order))


def _between(found: Source, a: Release, b: Release) -> pa.Table:
    chain = found.between(a.version, b.version)
    steps = [read_changes(r.path("changes.parquet")) for r in chain]
    if len(steps) == 1:
        return steps[0]
    old, new = ({n: r.table(n) for n in TABLES} for r in (a, b))
    return diff(old, new, reasons=ChainReasons(steps), codebook=composed(steps))


def _withdrawn(release: Release) -> dict[str, dict[str, Any]]:
    """The withdrawn events that are not back, by id."""
    return {r["event_id"]: r for r in read_retracted(release.path("retracted.csv")).to_pylist() if r["restored_in"] is None}


def _event_id(events: pa.Table, withdrawn: dict[str, dict[str, Any]], given: str) -> str:
    """An `event_id_cnty` turned into the event's id; anything else as it is."""
    if not given[:3].isupper():
        return given
    at = pc.index(events.column("event_id_cnty"), given).as_py()
    if at >= 0:
        return str(events.column("event_id")[at].as_py())
    return next((i for i, r in withdrawn.items() if r["event_id_cnty"] == given), given)


def _row(events: pa.Table, event_id: str) -> dict[str, Any] | None:
    at = pc.index(events.column("event_id"), event_id).as_py()
    return None if at < 0 else dict(events.slice(at, 1).to_pylist()[0])


def _resolved(
    event_id: str, state: str, current: str | None, via: list[str], reason: str | None, version: str | None, first_release: str | None
) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "state": state,
        "current_id": current,
        "via": via,
        "reason": reason,
        "version": version,
        "first_release": first_release,
    }
