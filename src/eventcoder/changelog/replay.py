"""Replay changes: previous + changes = this, exactly. Floor 3."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog.diff import row_hash
from eventcoder.changelog.schema import BEGINNINGS, ENDINGS, aligned
from eventcoder.dataset.canonical import canonical_table, from_json_texts, row_texts
from eventcoder.dataset.schemas import EVENTS, RECORDS
from eventcoder.errors import ReleaseError

_OTHER = "Replay them on the version that the release names as previous."


def apply(old: Mapping[str, pa.Table], changes: pa.Table, new_rows: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The newer tables, from the older ones, the changes and the rows of the events that are new.

    `new_rows` must hold every table of the newer version (its schema counts) with at least the rows of the events that the changes name as
    added, restored or split; rows of other events in it are not looked at. A table that the changes call new is taken as `new_rows` has it, and
    so are those of `RECORDS`. Raises `ReleaseError` when the changes do not fit `old`.
    """
    fresh_tables = new_tables(changes, old)
    came, gone = (_of(changes, ops).column("event_id").combine_chunks().unique() for ops in (BEGINNINGS, ENDINGS))
    fields: dict[str, list[dict[str, Any]]] = defaultdict(list)
    sides: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _of(changes, ("revised", "attached", "detached")).to_pylist():
        if row["table"] == EVENTS:
            fields[row["field"]].append(row)
        else:
            sides[row["table"]].append(row)
    result = {}
    for name, sample in new_rows.items():
        schema = sample.schema
        if name in fresh_tables:
            result[name] = canonical_table(name, sample, schema)
            continue
        table = aligned(old[name], schema) if name in old else sample.slice(0, 0)
        owned = "event_id" in schema.names
        if owned:
            table = table.filter(pc.invert(pc.is_in(table.column("event_id"), value_set=gone)))
        table = _with_fields(table, fields) if name == EVENTS else _with_rows(name, table, sides.get(name, []))
        if owned:
            fresh = aligned(sample.filter(pc.is_in(sample.column("event_id"), value_set=came)), schema)
            table = pa.concat_tables([table, fresh])
        result[name] = canonical_table(name, table, schema)
    return result


def new_tables(changes: pa.Table, old: Collection[str]) -> frozenset[str]:
    """Tables that are not replayed but taken as they stand. Raises `ReleaseError` where the older version has a table that is called new."""
    added = _of(changes, ("table_added",)).column("table").to_pylist()
    for name in added:
        if name in old:
            raise ReleaseError(f"The changes call the table '{name}' new, which the older version holds.", _OTHER)
    return frozenset(added).union(RECORDS)


def _of(changes: pa.Table, ops: Sequence[str]) -> pa.Table:
    return changes.filter(pc.is_in(changes.column("op"), value_set=pa.array(ops)))


def _with_fields(events: pa.Table, fields: Mapping[str, list[dict[str, Any]]]) -> pa.Table:
    """The events with every revised field set."""
    events = events.combine_chunks()
    ids = events.column("event_id").combine_chunks()
    for name, rows in fields.items():
        if name not in events.column_names:
            raise ReleaseError(f"The changes revise a column '{name}' that the newer table does not have.", "Fetch both releases again.")
        at = pc.index_in(pa.array([r["event_id"] for r in rows], pa.string()), value_set=ids)
        if at.null_count:
            lost = rows[at.is_null().to_pylist().index(True)]["event_id"]
            raise ReleaseError(f"The changes revise event {lost}, which the older version does not hold.", _OTHER)
        column = events.column(name).combine_chunks()
        both = pa.concat_arrays([column, from_json_texts([r["new"] for r in rows], column.type)])
        order = np.arange(len(column))
        order[np.asarray(at)] = np.arange(len(rows)) + len(column)
        index = events.column_names.index(name)
        events = events.set_column(index, events.schema.field(index), both.take(pa.array(order)))
    return events


def _with_rows(name: str, table: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    """A side table without the rows that went and with those that came."""
    if not rows:
        return table
    leaving = Counter(_key_of(r["old"]) for r in rows if r["old"] is not None)
    if leaving:
        touched, untouched = _split(table, rows)
        keep = []
        hashes = any(k.startswith("#") for k in leaving)
        for text in row_texts(touched):
            key = text if text in leaving or not hashes else "#" + row_hash(text)
            stays = not leaving[key]
            if not stays:
                leaving[key] -= 1
            keep.append(stays)
        if leaving.total():
            raise ReleaseError(f"The changes take a row out of {name} that the older version does not hold.", _OTHER)
        table = pa.concat_tables([untouched, touched.filter(pa.array(keep, pa.bool_()))])
    coming = [json.loads(r["new"]) for r in rows if r["new"] is not None]
    if coming:
        columns = [from_json_texts([json.dumps(c.get(f.name)) for c in coming], f.type) for f in table.schema]
        table = pa.concat_tables([table, pa.Table.from_arrays(columns, schema=table.schema)])
    return table


def _split(table: pa.Table, rows: list[dict[str, Any]]) -> tuple[pa.Table, pa.Table]:
    """The rows of the events that the changes touch, and the others: only the former need to be written out."""
    if "event_id" not in table.column_names:
        return table, table.slice(0, 0)
    named = pa.array(sorted({r["event_id"] for r in rows}), pa.string())
    is_named = pc.is_in(table.column("event_id"), value_set=named)
    return table.filter(is_named), table.filter(pc.invert(is_named))


def _key_of(old: str) -> str:
    parsed = json.loads(old)
    return "#" + str(parsed["withheld"]) if set(parsed) == {"withheld"} else old
