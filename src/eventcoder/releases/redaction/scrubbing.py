"""The tables of a release without a document, or without what one field said: what they would be had it never been shown. Floor 6.

A document that was taken out counts as an undisclosed one, as in every release that is made of the ledger afterwards: the event keeps its number
of reports. Rows that are not about it stay as they are, to the bit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.dataset.canonical import canonical_table
from eventcoder.dataset.schemas import EVENTS, UNDISCLOSED, WITHHELD
from eventcoder.ledger.secrets import MARK, Secrets

SOURCES, EVIDENCE, COUNTS, ACTS = "event_sources", "evidence", "event_counts", "acts"


def tied_events(tables: Mapping[str, pa.Table], secrets: Secrets) -> set[str]:
    """The events that rest on the document, by these tables or by the ledger, or the one whose field has to go."""
    if secrets.event:
        return {secrets.event} | secrets.events
    found: set[str] = set(secrets.events)
    for table in tables.values():
        if {"event_id", "document_id"} <= set(table.column_names):
            found.update(table.filter(_is(table, "document_id", secrets.document)).column("event_id").to_pylist())
    return found


def scrubbed(tables: Mapping[str, pa.Table], secrets: Secrets, acts: Collection[str] = ()) -> dict[str, pa.Table]:
    """The tables without the secrets, in canonical order. `acts` are ids of acts that tell of what was redacted: no table names them."""
    tied = tied_events(tables, secrets)
    keeping = _keeping(tables, secrets, tied)
    out = {}
    for name, table in tables.items():
        rest, rows = _taken(table, tied)
        if name == SOURCES:
            rows = _hidden(rows, secrets.document)
        elif name == EVIDENCE:
            rows = [r for r in rows if r["document_id"] != secrets.document and (not secrets.field or r["field"] != secrets.field)]
        elif name == COUNTS:
            rows = _renumbered([r for r in rows if r["document_id"] is None or r["document_id"] != secrets.document])
        rows = [_row(name, row, secrets, row.get("event_id") in keeping) for row in rows]
        rest = _phrases(rest, secrets)
        out[name] = pa.concat_tables([rest, pa.Table.from_pylist(rows, table.schema)]) if rows else rest
        if name == ACTS:
            out[name] = without_acts(out[name], acts)
    if tied:
        out[EVENTS] = _publishers(out[EVENTS], out[SOURCES], tied)
    return {name: canonical_table(name, table, tables[name].schema) for name, table in out.items()}


def scrubbed_rows(table: pa.Table, secrets: Secrets, tied: Collection[str]) -> pa.Table:
    """A table of texts about events (changes, withdrawn events), cleaned; no row goes."""
    rest, rows = _taken(table, tied)
    if not rows:
        return _phrases(table, secrets)
    cleaned = [{k: secrets.clean(v, tied=True) if isinstance(v, str) and k != "event_id" else v for k, v in r.items()} for r in rows]
    return pa.concat_tables([_phrases(rest, secrets), pa.Table.from_pylist(cleaned, table.schema)])


def _is(table: pa.Table, column: str, value: str) -> Any:
    return pc.fill_null(pc.equal(table.column(column), value), False)


def _taken(table: pa.Table, tied: Collection[str]) -> tuple[pa.Table, list[dict[str, Any]]]:
    """The rows that are not about these events, and those that are, as Python values."""
    if "event_id" not in table.column_names or not tied:
        return table, []
    about = pc.is_in(table.column("event_id"), value_set=pa.array(sorted(tied), pa.string()))
    return table.filter(pc.invert(about)), table.filter(about).to_pylist()


def _keeping(tables: Mapping[str, pa.Table], secrets: Secrets, tied: set[str]) -> set[str]:
    """Of the tied events those in which another document has the publisher, too."""
    _, rows = _taken(tables[SOURCES], tied)
    return {r["event_id"] for r in rows if secrets.publisher and r["publisher"] == secrets.publisher and r["document_id"] != secrets.document}


def _hidden(rows: list[dict[str, Any]], document: str) -> list[dict[str, Any]]:
    """Sources with the document counted among the event's undisclosed ones."""
    if not document:
        return rows
    out: list[dict[str, Any]] = []
    more: dict[str, int] = {}
    for row in rows:
        if row["document_id"] == document:
            more[row["event_id"]] = more.get(row["event_id"], 0) + 1
        else:
            out.append(row)
    for row in out:
        if row["visibility"] == "undisclosed":
            row["n_documents"] += more.pop(row["event_id"], 0)
    empty = dict.fromkeys(rows[0]) if rows else {}
    named = {"publisher": UNDISCLOSED, "visibility": "undisclosed"}
    return [*out, *({**empty, **named, "event_id": event_id, "n_documents": n} for event_id, n in more.items())]


def _renumbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    for row in sorted(rows, key=lambda r: (r["event_id"], r["number"])):
        row["number"] = seen[row["event_id"]] = seen.get(row["event_id"], 0) + 1
    return rows


def _row(name: str, row: dict[str, Any], secrets: Secrets, keeps: bool) -> dict[str, Any]:
    if name == EVENTS and secrets.field and isinstance(row.get(secrets.field), str):
        row = {**row, secrets.field: MARK}
    ids = {k: v for k, v in row.items() if k in ("event_id", "document_id", "publisher", "title", "url")}
    return {**secrets.everywhere(row, tied=True, keeps=keeps), **ids}


def without_acts(table: pa.Table, acts: Collection[str]) -> pa.Table:
    """The table (acts, changes) with `WITHHELD` for the identities of these acts, as in a release that is made of the ledger afterwards."""
    index = table.schema.get_field_index("act")
    hit = pc.is_in(table.column("act"), value_set=pa.array(sorted(acts), pa.string()))
    return table.set_column(index, table.schema.field(index), pc.if_else(hit, pa.scalar(WITHHELD), table.column("act")))


def _phrases(table: pa.Table, secrets: Secrets) -> pa.Table:
    """The table with `MARK` for every phrase that has to go wherever it stands."""
    for index, field in enumerate(table.schema):
        if not (pa.types.is_string(field.type) and secrets.needles and table.num_rows) or field.name == "event_id":
            continue
        column = table.column(field.name)
        hit = pc.match_substring(column, secrets.needles[-1])
        for needle in secrets.needles[:-1]:
            hit = pc.or_(hit, pc.match_substring(column, needle))
        if pc.any(hit).as_py():
            texts = [None if t is None else secrets.clean(t) for t in column.to_pylist()]
            table = table.set_column(index, field, pa.array(texts, field.type))
    return table


def _publishers(events: pa.Table, sources: pa.Table, tied: set[str]) -> pa.Table:
    """`n_publishers` of the tied events counted again, as a release counts it."""
    names: dict[str, set[str]] = {}
    for row in _taken(sources, tied)[1]:
        names.setdefault(row["event_id"], set()).add(row["publisher"] or UNDISCLOSED)
    rest, rows = _taken(events, tied)
    for row in rows:
        row["n_publishers"] = len(names.get(row["event_id"], set()) | set(row.get("source") or ()))
    return pa.concat_tables([rest, pa.Table.from_pylist(rows, events.schema)])
