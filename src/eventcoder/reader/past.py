"""`evidence`: what supports an event. Floor 7."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from eventcoder.reader.source import find
from eventcoder.reader.tracing import event_row, rows_with

if TYPE_CHECKING:
    import pandas as pd


def evidence(event_id: str, source: str | Path | None = None, version: str = "latest") -> pd.DataFrame:
    """The quotes that support an event's values: event_id, field, quote, cut, publisher, published, url, document_id, start, end.

    `event_id` may also be an `event_id_cnty`, or any unique beginning of an id. Raises `NotFound` if the version does not hold the event; for a
    merged one the message names where it went. Of many events read the table: `pandas.read_parquet(f"{release}/evidence.parquet")`.
    """
    from eventcoder.reader.frame import to_pandas

    release = find(source).release(version)
    wanted = str(event_row(release, event_id, ("event_id",))["event_id"])
    quotes = rows_with(release, "evidence", "event_id", wanted)
    sources = rows_with(release, "event_sources", "event_id", wanted)
    sources = sources.filter(pc.is_valid(sources.column("document_id")))
    at = pc.index_in(quotes.column("document_id").combine_chunks(), value_set=sources.column("document_id").combine_chunks())
    for name in ("publisher", "published", "url"):
        quotes = quotes.append_column(name, sources.column(name).combine_chunks().take(at))
    order = ["event_id", "field", "quote", "cut", "publisher", "published", "url", "document_id", "start", "end"]
    return to_pandas(quotes.select(order))
