"""Tables for the tests of validation: plain values as Arrow in the codebook's types, and the side tables that fit them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from eventcoder.codebook import Codebook
from eventcoder.codebook.arrow import arrow_schema
from eventcoder.dataset.schemas import SIDE_SCHEMAS
from eventcoder.identity import digest

TODAY = date(2026, 11, 24)


def events_table(values: Sequence[dict[str, Any]], codebook: Codebook) -> pa.Table:
    """The events as the dataset would write them: dates as days, an empty list where there is none."""
    columns = []
    for field in arrow_schema(codebook):
        cells = [row.get(field.name) for row in values]
        if pa.types.is_date(field.type):
            columns.append(pa.array(cells, pa.string()).cast(field.type))
        elif pa.types.is_list(field.type):
            columns.append(pa.array([cell or [] for cell in cells], field.type))
        else:
            columns.append(pa.array(cells, field.type))
    return pa.Table.from_arrays(columns, schema=arrow_schema(codebook))


def side_table(name: str, rows: Sequence[dict[str, Any]] = ()) -> pa.Table:
    """A side table with these rows; absent keys are null."""
    schema = SIDE_SCHEMAS[name]
    return pa.table({field.name: pa.array([row.get(field.name) for row in rows], field.type) for field in schema}, schema=schema)


def release_tables(values: Sequence[dict[str, Any]], codebook: Codebook) -> dict[str, pa.Table]:
    """Events with side tables that agree with them: one public report for each of `n_reports`, a quote for the date, the actors."""
    sources, evidence, event_actors, names = [], [], [], set()
    for row in values:
        for n in range(row["n_reports"]):
            document = digest([row["event_id"], n])[:16]
            sources.append({
                "event_id": row["event_id"], "document_id": document, "publisher": row["source"][0], "visibility": "public", "n_documents": 1,
            })  # fmt: skip
        quote = "on Tuesday evening"
        evidence.append({
            "event_id": row["event_id"], "field": "event_date", "document_id": sources[-1]["document_id"], "start": 3, "end": 3 + len(quote),
            "quote": quote, "cut": False,
        })  # fmt: skip
        for side in (1, 2):
            if row[f"actor{side}"]:
                names.add(row[f"actor{side}"])
                event_actors.append({"event_id": row["event_id"], "side": side, "role": "actor", "number": 1, "actor": row[f"actor{side}"]})
    return {
        "events": events_table(values, codebook),
        "event_sources": side_table("event_sources", sources),
        "evidence": side_table("evidence", evidence),
        "event_actors": side_table("event_actors", event_actors),
        "event_counts": side_table("event_counts"),
        "actors": side_table("actors", [{"actor": name, "inter": [], "aliases": [], "registered": False} for name in sorted(names)]),
        "relations": side_table("relations"),
        "coverage": side_table("coverage"),
    }
