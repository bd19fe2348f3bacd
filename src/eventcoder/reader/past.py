"""`evidence`: what supports an event. Floor 7."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.errors import NotFound
from eventcoder.reader.source import Release, find
from eventcoder.releases.tables import read_retracted

if TYPE_CHECKING:
    import pandas as pd


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
