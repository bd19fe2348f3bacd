"""Find the differences between two versions of the tables. Floor 3.

Whole columns are compared at once; only what differs becomes Python values. Column order, row order, chunks, noise in the last digits of a
number and a file written again are no changes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog.codebooks import Row, renamed_columns
from eventcoder.changelog.reasons import Explanation, NoReasons, Reasons
from eventcoder.changelog.schema import BEGINNINGS, CHANGES_SCHEMA, ENDINGS, SCHEMA_OPS, aligned
from eventcoder.dataset.canonical import comparable, json_texts, row_texts
from eventcoder.dataset.schemas import EVENTS, TABLES
from eventcoder.identity import canonical

WITHHELD = '"[withheld]"'


def diff(
    old: Mapping[str, pa.Table],
    new: Mapping[str, pa.Table],
    *,
    reasons: Reasons | None = None,
    hidden: Collection[str] = (),
    codebook: Sequence[Row] = (),
) -> pa.Table:
    """The changes that make `new` out of `old`, in `CHANGES_SCHEMA`; an empty `old` means a first version.

    `hidden` are documents that may not be shown any more (undisclosed or redacted since): rows of theirs that go are given by their hash.
    `codebook` are the rows that tell of another codebook (`codebooks`). Raises `ValueError` when an events table names an event twice or has an
    event without id.
    """
    why = reasons or NoReasons()
    rows: list[Row] = _schema_rows(old, new, codebook) if old else []
    before = {n: aligned(old[n], t.schema) if n in old else t.slice(0, 0) for n, t in new.items()}
    ids_old, ids_new = _ids(before[EVENTS]), _ids(new[EVENTS])
    kept = ids_new.filter(pc.is_in(ids_new, value_set=ids_old))
    found: list[Row] = []
    came = ids_new.filter(pc.invert(pc.is_in(ids_new, value_set=ids_old)))
    first = _first(came) if not old and isinstance(why, NoReasons) else None
    if first is None:
        found += [_row(EVENTS, event_id, None, None, None, why.began(event_id)) for event_id in came.to_pylist()]
    for event_id in ids_old.filter(pc.invert(pc.is_in(ids_old, value_set=ids_new))).to_pylist():
        found.append(_row(EVENTS, event_id, None, None, None, why.ended(event_id)))
    found += _revised(before[EVENTS], new[EVENTS], kept, why)
    concealed: set[str] = set()
    for name in sorted(set(new) - {EVENTS}):
        found += _side_rows(name, before[name], new[name], kept, why, frozenset(hidden), concealed)
    found = [(*r[:4], WITHHELD, *r[5:]) if r[3] == "source" and r[2] in concealed else r for r in found]
    rows += sorted(found, key=_place(new[EVENTS].column_names))
    columns = [pa.array([r[i] for r in rows], pa.string()) for i in range(len(CHANGES_SCHEMA))]
    told = pa.Table.from_arrays(columns, schema=CHANGES_SCHEMA)
    return told if first is None else pa.concat_tables([first, told]).combine_chunks()


def _first(ids: pa.Array) -> pa.Table:
    """Every event of a first version as added, by id: whole columns, as there may be millions. What registers hold comes after them."""
    columns = {name: pa.nulls(len(ids), pa.string()) for name in CHANGES_SCHEMA.names}
    columns |= {"op": pa.repeat("added", len(ids)), "table": pa.repeat(EVENTS, len(ids)), "event_id": ids.take(pc.sort_indices(ids))}
    return pa.table(columns, CHANGES_SCHEMA)


def counts(changes: pa.Table) -> dict[str, int]:
    """How many events were added, revised, retracted, merged, split and restored, and how many reports attached and detached.

    `revised` counts events, not fields; bookkeeping alone (timestamp, revision, last_changed) makes no event revised.
    """
    quiet = {"timestamp", "revision", "last_changed", "first_release", "n_reports", "n_publishers"}
    seen: Counter[str] = Counter()
    revised = set()
    for pair in changes.column("op").filter(pc.is_valid(changes.column("table"))).value_counts().to_pylist():
        if pair["values"] not in (*SCHEMA_OPS, "revised"):
            seen[pair["values"]] = pair["counts"]
    changes = changes.filter(pc.equal(changes.column("op"), "revised"))
    for event_id, field in zip(changes.column("event_id").to_pylist(), changes.column("field").to_pylist(), strict=True):
        if event_id is not None and field not in quiet:
            revised.add(event_id)
    seen["revised"] = len(revised)
    return {op: seen[op] for op in ("added", "revised", "retracted", "merged", "split", "restored", "attached", "detached")}


def _ids(events: pa.Table) -> pa.Array:
    ids = events.column("event_id").combine_chunks()
    if ids.null_count:
        raise ValueError("an event without event_id cannot be compared: every row needs its id")
    if len(pc.unique(ids)) != len(ids):
        double = [e["values"] for e in pc.value_counts(ids).to_pylist() if e["counts"] > 1][:3]
        raise ValueError(f"event_id {', '.join(double)} stands more than once: a key that is not unique cannot be compared")
    return ids


def _revised(before: pa.Table, after: pa.Table, kept: pa.Array, why: Reasons) -> list[Row]:
    here = before.take(pc.index_in(kept, value_set=_ids(before)))
    there = after.take(pc.index_in(kept, value_set=_ids(after)))
    rows: list[Row] = []
    for name in after.column_names:
        a, b = comparable(here.column(name)), comparable(there.column(name))
        equal = pc.or_(pc.fill_null(pc.equal(a, b), False), pc.and_(pc.is_null(a), pc.is_null(b)))
        at = pa.array(np.flatnonzero(~np.asarray(equal)))
        if len(at):
            texts = zip(kept.take(at).to_pylist(), json_texts(here.column(name).take(at)), json_texts(there.column(name).take(at)), strict=True)
            rows += [_row(EVENTS, event_id, name, old, new, why.field(event_id, name), "revised") for event_id, old, new in texts]
    return rows


def _side_rows(name: str, before: pa.Table, after: pa.Table, kept: pa.Array, why: Reasons, hidden: frozenset[str], concealed: set[str]) -> list[Row]:
    owned = "event_id" in after.column_names
    if owned:
        before, after = (t.filter(pc.is_in(t.column("event_id"), value_set=kept)) for t in (before, after))
    keys_old, keys_new = _row_keys(before), _row_keys(after)
    gone = before.filter(pc.invert(pc.is_in(keys_old, value_set=keys_new)))
    came = after.filter(pc.invert(pc.is_in(keys_new, value_set=keys_old)))
    rows: list[Row] = []
    for table, is_old in ((gone, True), (came, False)):
        owners = table.column("event_id").to_pylist() if owned else [None] * table.num_rows
        documents = table.column("document_id").to_pylist() if "document_id" in table.column_names else [None] * table.num_rows
        for event_id, document, text in zip(owners, documents, row_texts(table), strict=True):
            if is_old and document in hidden and event_id is not None:
                concealed.add(event_id)
                text = canonical({"withheld": row_hash(text)})
            op = ("detached" if is_old else "attached") if name == "event_sources" else "revised"
            reason = why.row(event_id, name) if event_id is not None else Explanation()
            rows.append(_row(name, event_id, None, text if is_old else None, None if is_old else text, reason, op))
    return rows


def row_hash(text: str) -> str:
    """The hash under which a row that must not be shown is named."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _row_keys(table: pa.Table) -> pa.Array:
    """One text a row, equal where the rows are; equal rows are numbered, so that the keys are unique."""
    if not table.num_rows or not table.num_columns:
        return pa.array([], pa.string())
    texts = [pc.fill_null(comparable(table.column(n)).cast(pa.string()), "\x00") for n in sorted(table.column_names)]
    keys = pc.binary_join_element_wise(*texts, "\x1f")
    if len(pc.unique(keys)) == len(keys):
        return keys
    seen: Counter[str] = Counter()
    numbered = []
    for key in keys.to_pylist():
        seen[key] += 1
        numbered.append(f"{key}\x1f{seen[key]}")
    return pa.array(numbered, pa.string())


def _row(table: str, event_id: str | None, field: str | None, old: str | None, new: str | None, why: Explanation, op: str = "") -> Row:
    into = why.merged_into if (op or why.op) in ENDINGS else None
    origin = why.split_from if (op or why.op) == "split" else None
    return (op or why.op, table, event_id, field, old, new, why.reason, why.coder, why.role, why.act, into, origin)


def _place(columns: list[str]) -> Any:
    """Sort key of event rows: by event (registers last), in it endings and beginnings first, then fields in column order, then side rows."""
    fields = {name: i for i, name in enumerate(columns)}
    tables = {name: i for i, name in enumerate(TABLES)}

    def key(row: Row) -> tuple[Any, ...]:
        op, table, event_id, field = row[:4]
        first = 0 if op in BEGINNINGS or op in ENDINGS else 1
        place = tables.get(str(table), len(tables)), table, fields.get(str(field), -1)
        return (event_id is None, event_id or "", first, *place, row[4] is None, row[4] or "", row[5] or "")

    return key


def _schema_rows(old: Mapping[str, pa.Table], new: Mapping[str, pa.Table], codebook: Sequence[Row]) -> list[Row]:
    renamed = {a: b for a, b in renamed_columns(codebook).items() if a in old[EVENTS].column_names and b in new[EVENTS].column_names}
    rows = [row for row in codebook if row[0] != "column_renamed" or renamed.get(str(json.loads(row[4] or '""'))) == row[3]]

    def say(op: str, table: str, field: str | None = None, before: Any = None, after: Any = None) -> None:
        texts = [None if t is None else canonical(str(t)) for t in (before, after)]
        rows.append((op, table, None, field, *texts, None, None, None, None, None, None))

    for table in sorted(set(new) - set(old)):
        say("table_added", table)
    for table in sorted(set(old) - set(new)):
        say("table_removed", table)
    for table in sorted(set(old) & set(new)):
        a, b = old[table].schema, new[table].schema
        for field in b.names:
            if field not in a.names and (table != EVENTS or field not in renamed.values()):
                say("column_added", table, field, None, b.field(field).type)
            elif field in a.names and a.field(field).type != b.field(field).type:
                say("column_retyped", table, field, a.field(field).type, b.field(field).type)
        for field in a.names:
            if field not in b.names and (table != EVENTS or field not in renamed):
                say("column_removed", table, field, a.field(field).type, None)
    return sorted(rows, key=lambda r: (SCHEMA_OPS.index(str(r[0])), r[1], r[3] or ""))
