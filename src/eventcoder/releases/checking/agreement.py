"""What a release says of itself against what its tables are: rows, counts, columns, types, the descriptor. Floor 6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog import CHANGES_SCHEMA, counts
from eventcoder.dataset.canonical import is_plain
from eventcoder.dataset.schemas import EVENTS, LATER_COLUMNS, RECORD_SCHEMAS, SIDE_SCHEMAS
from eventcoder.problem import Problem
from eventcoder.releases.layout import ACLED, CHANGES, MANIFEST, RETRACTED
from eventcoder.releases.manifest import Manifest
from eventcoder.releases.package import table_schema
from eventcoder.releases.tables import RETRACTED_SCHEMA


def shapes(tables: Mapping[str, pa.Table]) -> Iterator[Problem]:
    """Columns and types that no table of this format has: after one of these nothing can be said of what is in the tables."""
    for name, table in tables.items():
        own = CHANGES_SCHEMA if name == CHANGES else SIDE_SCHEMAS.get(name) or RECORD_SCHEMAS.get(name)
        if own is not None:
            older = pa.schema([f for f in own if f.name not in LATER_COLUMNS.get(name, ())])
            fits = table.schema.equals(own) or table.schema.equals(older)
        else:
            names = table.column_names
            fits = len(set(names)) == len(names) and all(is_plain(f.type) for f in table.schema) and _is_text(table.schema, "event_id")
        if not fits:
            yield Problem("schema-mismatch", f"{name}.parquet has other columns or types than this format has.", where=f"{name}.parquet")


def _is_text(schema: pa.Schema, name: str) -> bool:
    return name in schema.names and pa.types.is_string(schema.field(name).type)


def events_shape(events: pa.Table, own: pa.Schema) -> Iterator[Problem]:
    """The events' columns against those of the codebook that lies in the release. Widths of whole numbers are left open: they may grow."""
    found = {f.name: f.type for f in events.schema}
    for field in own:
        kind = found.pop(field.name, None)
        if kind is None or not (kind == field.type or (pa.types.is_integer(kind) and pa.types.is_integer(field.type))):
            what = f"holds {kind}" if kind is not None else "is not there"
            said = f"The column {field.name} of events.parquet {what}; the codebook of the release has {field.type}."
            yield Problem("schema-mismatch", said, field=field.name, where=f"{EVENTS}.parquet")
    for name in found:
        said = f"events.parquet has a column {name[:100]!r} that the codebook of the release does not have."
        yield Problem("schema-mismatch", said, field=name, where=f"{EVENTS}.parquet")


def row_counts(manifest: Manifest, tables: Mapping[str, pa.Table], changes: pa.Table, retracted: pa.Table) -> Iterator[Problem]:
    """The numbers of rows of the files, and the counts of the whole."""
    rows = {f"{n}.{kind}": t.num_rows for n, t in {**tables, CHANGES: changes}.items() for kind in ("csv", "parquet")}
    rows |= {ACLED: tables[EVENTS].num_rows, RETRACTED: retracted.num_rows}
    for name, facts in manifest.files.items():
        if facts.rows != rows.get(name):
            there = f"{rows[name]} rows" if name in rows else "no rows: it is no table"
            said = f"{name} has {there}, the manifest says {'nothing' if facts.rows is None else facts.rows}."
            yield Problem("count-mismatch", said, value=rows.get(name), where=name)
    true = {**{name: table.num_rows for name, table in tables.items()}, **counts(changes)}
    for name in sorted(set(true) | set(manifest.counts)):
        if manifest.counts.get(name) != true.get(name):
            told, there = manifest.counts.get(name, "nothing"), true.get(name, "none that could be counted")
            said = f"The manifest counts {told} for '{name}', there are {there}."
            yield Problem("count-mismatch", said, field=name, where=MANIFEST)


def descriptor(manifest: Manifest, package: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> Iterator[Problem]:
    """The descriptor around the manifest: its files, sizes and hashes, and the columns and types that it promises (T27)."""
    resources = package.get("resources")
    entries = resources if isinstance(resources, list) else []
    told = {str(r.get("path")): r for r in entries if isinstance(r, Mapping)}
    facts = {name: (f.bytes, f"sha256:{f.sha256}") for name, f in manifest.files.items()}
    same = len(entries) == len(facts) and {name: (r.get("bytes"), r.get("hash")) for name, r in told.items()} == facts
    for name, fits in (
        ("resources", same), ("version", package.get("version") == manifest.version), ("created", package.get("created") == manifest.created)
    ):  # fmt: skip
        if not fits:
            said = f"{MANIFEST} says other '{name}' than its block 'eventcoder'. It was changed or damaged; fetch the release again."
            yield Problem("bad-manifest", said, field=name, where=MANIFEST)
    for name, schema in {**{f"{n}.csv": t.schema for n, t in tables.items()}, RETRACTED: RETRACTED_SCHEMA}.items():
        expected = [(f["name"], f["type"]) for f in table_schema(schema, name)["fields"]]
        if _told_fields(told.get(name)) != expected:
            yield Problem("schema-mismatch", f"The descriptor says other columns of {name} than the file has.", where=name)


def _told_fields(resource: Mapping[str, Any] | None) -> list[tuple[Any, Any]] | None:
    schema = resource.get("schema") if resource else None
    fields = schema.get("fields") if isinstance(schema, Mapping) else None
    if not isinstance(fields, list) or not all(isinstance(f, Mapping) for f in fields):
        return None
    return [(f.get("name"), f.get("type")) for f in fields]


def acts_fit(acts: pa.Table, events: pa.Table) -> Iterator[Problem]:
    """Every event's acts against its `revision`, which counts them: numbered from 1, none missing, none on an event that is not here."""
    if "revision" not in events.column_names or not pa.types.is_integer(events.schema.field("revision").type):
        return  # another check has said so
    found = acts.group_by("event_id").aggregate([("number", "count"), ("number", "count_distinct"), ("number", "min"), ("number", "max")])
    at = pc.index_in(events.column("event_id"), value_set=found.column("event_id").combine_chunks())
    revision = events.column("revision").cast(pa.int64())
    fits = pc.is_valid(at)
    for name in ("number_count", "number_count_distinct", "number_max"):
        fits = pc.and_(fits, pc.equal(found.column(name).combine_chunks().take(at), revision))
    fits = pc.and_(fits, pc.equal(found.column("number_min").combine_chunks().take(at), 1))
    wrong = events.column("event_id").filter(pc.invert(pc.fill_null(fits, False)))
    foreign = found.column("event_id").filter(pc.invert(pc.is_in(found.column("event_id"), value_set=events.column("event_id").combine_chunks())))
    for told, which in (("has other acts than its revision counts", wrong), ("is not among the events and has acts", foreign)):
        for event_id in which.slice(0, 100).to_pylist():
            yield Problem("acts-differ", f"The event {told}. Fetch the release again.", event_id=event_id, where="acts.parquet")
