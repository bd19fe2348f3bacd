"""Find the differences between two versions of the tables. Floor 3.

Whole columns are compared at once; only what differs becomes Python values. Column order, row order, chunks, noise in the last digits of a
number and a file written again are no changes. Small tables are compared by their rows as texts, large ones pair by pair (`pairing`): both ways
give the same changes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog.codebooks import Row, renamed_columns
from eventcoder.changelog.pairing import Events, Pairs, equal_cells, event_pairs, picked, touched_ids
from eventcoder.changelog.reasons import Explanation, NoReasons, Reasons
from eventcoder.changelog.schema import BEGINNINGS, CHANGES_SCHEMA, ENDINGS, SCHEMA_OPS, aligned, plain_type, recast
from eventcoder.dataset.canonical import comparable, json_texts, row_texts
from eventcoder.dataset.schemas import EVENTS, RECORDS, TABLES
from eventcoder.identity import canonical

WITHHELD = '"[withheld]"'
MANY = 50_000  # rows of a table from which on pairing pays
_PIECE = 100_000  # cells that are Python values at a time
Secret = tuple[frozenset[str], frozenset[tuple[str, str]]]  # documents, and events with tables, whose rows may not be shown
_NO_IDS = pa.array([], pa.string())


def diff(
    old: Mapping[str, pa.Table],
    new: Mapping[str, pa.Table],
    *,
    reasons: Reasons | None = None,
    hidden: Collection[str] = (),
    withheld: Collection[tuple[str, str]] = (),
    codebook: Sequence[Row] = (),
    many: int = MANY,
) -> pa.Table:
    """The changes that make `new` out of `old`, in `CHANGES_SCHEMA`; an empty `old` means a first version.

    Both may be lazy: each table is asked for once and not kept. `hidden` are documents that may not be shown any more (undisclosed or redacted
    since): rows of theirs that go are given by their hash, and so are those of the events and tables in `withheld`. `codebook` are the rows that
    tell of another codebook (`codebooks`). Tables with fewer rows than `many` are compared row by row. The rows of a table that `old` does not
    have are not repeated, nor those of `RECORDS`. Raises `ValueError` when an events table names an event twice or has an event without id.
    """
    why = reasons or NoReasons()
    first = not old
    schemas: tuple[dict[str, pa.Schema], dict[str, pa.Schema]] = ({}, {})

    def both(name: str) -> tuple[pa.Table, pa.Table]:
        after = new[name]
        before = old[name] if name in old else after.slice(0, 0)
        if name in old:
            schemas[0][name] = before.schema
        schemas[1][name] = after.schema
        return recast(before, after.schema), recast(after, after.schema)

    before, after = both(EVENTS)
    found = event_pairs(before, after)
    gone, came = found.gone, found.came
    rows = [_events(came.take(pc.sort_indices(came)), why.began), _events(gone, why.ended)]
    rows += _kept(found, before, after, why, many)
    ids = tuple(t.column("event_id").combine_chunks() for t in (before, after))
    columns = after.column_names
    del before, after, found
    concealed: set[str] = set()
    for name in sorted(set(new) - {EVENTS}):
        was, now = both(name)
        if name in RECORDS or (not first and name not in old) or (first and "event_id" in now.column_names):
            continue
        if "event_id" in now.column_names:
            was, now = _narrowed(name, was, now, ids, (gone, came), many)
        rows += _side_rows(name, was, now, why, (frozenset(hidden), frozenset(withheld)), concealed)
    for name in set(old) - set(new):
        schemas[0][name] = old[name].schema
    parts = [rows.pop(0)] if first else [_table(_schema_rows(*schemas, codebook))]  # millions of events of a first version are in order already
    told = pa.concat_tables([*parts, _sorted(pa.concat_tables(rows), columns)])
    if concealed:
        hide = pc.and_(pc.equal(told.column("field"), "source"), pc.is_in(told.column("event_id"), value_set=pa.array(sorted(concealed))))
        told = told.set_column(4, CHANGES_SCHEMA.field(4), pc.if_else(pc.fill_null(hide, False), WITHHELD, told.column("old")))
    return told.combine_chunks()


def with_columns(changes: pa.Table, old: pa.Table, new: pa.Table, names: Sequence[str], reasons: Reasons | None = None, many: int = MANY) -> pa.Table:
    """Changes that were found without these columns of the events, and those of the columns, as one `diff` with all of them gives them.

    `old` and `new` are the events of both versions, whole.
    """
    few = [recast(t.select(["event_id", *(n for n in names if n in t.column_names)]), new.schema) for t in (old, new)]
    more = _kept(event_pairs(few[0], few[1]), few[0], few[1], reasons or NoReasons(), many)
    if not more:
        return changes
    told = pc.is_in(changes.column("op"), value_set=pa.array(SCHEMA_OPS))
    rows = pa.concat_tables([changes.filter(pc.invert(told)), *more])
    return pa.concat_tables([changes.filter(told), _sorted(rows, new.column_names)]).combine_chunks()


_QUIET = ("timestamp", "revision", "last_changed", "first_release", "n_reports", "n_publishers")


def counts(changes: pa.Table) -> dict[str, int]:
    """How many events were added, revised, retracted, merged, split and restored, and how many reports attached and detached.

    `revised` counts events, not fields; bookkeeping alone (timestamp, revision, last_changed) makes no event revised.
    """
    seen: Counter[str] = Counter()
    for pair in changes.column("op").filter(pc.is_valid(changes.column("table"))).value_counts().to_pylist():
        if pair["values"] not in (*SCHEMA_OPS, "revised"):
            seen[pair["values"]] = pair["counts"]
    seen["revised"] = len(revised_ids(changes))
    return {op: seen[op] for op in ("added", "revised", "retracted", "merged", "split", "restored", "attached", "detached")}


def revised_ids(changes: pa.Table) -> pa.Array:
    """The kept events of which more than bookkeeping changed, each once."""
    loud = pc.invert(pc.is_in(changes.column("field"), value_set=pa.array(_QUIET)))
    wanted = pc.and_(pc.and_(pc.equal(changes.column("op"), "revised"), pc.is_valid(changes.column("event_id"))), loud)
    return changes.column("event_id").filter(wanted).unique()


def row_hash(text: str) -> str:
    """The hash under which a row that must not be shown is named."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _events(ids: pa.Array, explain: Callable[[str], Explanation]) -> pa.Table:
    """Rows of events that came or went; what says nothing more than the operation is not asked millions of times."""
    owner = getattr(explain, "__self__", None)
    if type(owner) is NoReasons and len(ids):
        return _columns(len(ids), op=explain("").op, table=EVENTS, event_id=ids)
    return _table([_row(EVENTS, i, None, None, None, explain(i)) for i in ids.to_pylist()])


def _kept(found: Events, before: pa.Table, after: pa.Table, why: Reasons, many: int) -> list[pa.Table]:
    """Cells of the events in both versions that differ."""
    return _revisions(found.pairs, why) if max(before.num_rows, after.num_rows) >= many else _revised(before, after, why)


def _revised(before: pa.Table, after: pa.Table, why: Reasons) -> list[pa.Table]:
    """The plain way: both versions of the kept events in the same order, column by column."""
    at = pc.index_in(after.column("event_id").combine_chunks(), value_set=before.column("event_id").combine_chunks())
    here, there = aligned(before.take(at.drop_null()), after.schema), after.filter(at.is_valid())
    rows = []
    for name in after.column_names:
        other = pc.indices_nonzero(pc.invert(equal_cells(here.column(name), there.column(name))))
        rows += _cells(name, there.column("event_id").take(other), here.column(name).take(other), there.column(name).take(other), why)
    return rows


def _revisions(pairs: Pairs, why: Reasons) -> list[pa.Table]:
    """The quick way: the cells that pairing found."""
    rows = []
    for name, old, new, old_at, new_at in pairs.cells():
        ids, now = (picked(new.column(n), new_at) for n in ("event_id", name))
        kept = pa.table({name: picked(old.column(name), old_at)}) if name in old.column_names else pa.table({"": pa.nulls(len(new_at))})
        was = aligned(kept, pa.schema([new.schema.field(name)])).column(0)
        rows += _cells(name, ids, was, now, why)
    return rows


def _cells(name: str, ids: Any, old: Any, new: Any, why: Reasons) -> list[pa.Table]:
    rows = []
    for start in range(0, len(ids), _PIECE):
        its = [c.slice(start, _PIECE) for c in (ids, old, new)]
        size = len(its[0])
        explained: dict[str, Any] = {}
        if type(why) is not NoReasons:
            told = [why.field(i, name) for i in its[0].to_pylist()]
            explained = {k: pa.array([getattr(e, k) for e in told], pa.string()) for k in ("reason", "coder", "role", "act")}
        texts = (pa.array(json_texts(c), pa.string()) for c in its[1:])
        rows.append(
            _columns(size, op="revised", table=EVENTS, event_id=its[0], field=name, **dict(zip(("old", "new"), texts, strict=True)), **explained)
        )
    return rows


def _narrowed(
    name: str, before: pa.Table, after: pa.Table, ids: tuple[pa.Array, ...], moved: tuple[pa.Array, pa.Array], many: int
) -> tuple[pa.Table, pa.Table]:
    """Only rows of events that are in both versions, and of large tables only those of events whose rows may differ."""
    if max(before.num_rows, after.num_rows) >= many:
        chosen = touched_ids(name, before, after, *moved)
    else:
        chosen = pc.unique(pa.chunked_array([*before.column("event_id").chunks, *after.column("event_id").chunks], pa.string()))
    for known in ids:
        chosen = known.filter(pc.is_in(known, value_set=chosen))
    before, after = (t.filter(pc.is_in(t.column("event_id"), value_set=chosen)) for t in (before, after))
    return aligned(before, after.schema), after


def _side_rows(name: str, before: pa.Table, after: pa.Table, why: Reasons, secret: Secret, concealed: set[str]) -> list[pa.Table]:
    """Rows that went and came; `concealed` collects the events of rows that may not be shown."""
    owned = "event_id" in after.column_names
    before = aligned(before, after.schema)
    keys_old, keys_new = _row_keys(before), _row_keys(after)
    gone = before.filter(pc.invert(pc.is_in(keys_old, value_set=keys_new)))
    came = after.filter(pc.invert(pc.is_in(keys_new, value_set=keys_old)))
    tables = []
    for whole, is_old in ((gone, True), (came, False)):
        for start in range(0, whole.num_rows, _PIECE):
            table = whole.slice(start, _PIECE)
            rows = []
            owners = table.column("event_id").to_pylist() if owned else [None] * table.num_rows
            documents = table.column("document_id").to_pylist() if "document_id" in table.column_names else [None] * table.num_rows
            for event_id, document, text in zip(owners, documents, row_texts(table), strict=True):
                if is_old and event_id is not None and (document in secret[0] or (document is not None and (event_id, name) in secret[1])):
                    concealed.add(event_id)
                    text = canonical({"withheld": row_hash(text)})
                op = ("detached" if is_old else "attached") if name == "event_sources" else "revised"
                reason = why.row(event_id, name) if event_id is not None else Explanation()
                rows.append(_row(name, event_id, None, text if is_old else None, None if is_old else text, reason, op))
            tables.append(_table(rows))
    return tables


def _row_keys(table: pa.Table) -> pa.Array:
    """One text a row, equal where the rows are; a row that stands again is numbered, so that the keys are unique."""
    if not table.num_rows or not table.num_columns:
        return _NO_IDS
    texts = [pc.fill_null(comparable(table.column(n)).cast(pa.string()), "\x00") for n in sorted(table.column_names)]
    keys = pc.binary_join_element_wise(*texts, "\x1f")
    if len(pc.unique(keys)) == len(keys):
        return keys
    seen: Counter[str] = Counter()
    numbered = []
    for key in keys.to_pylist():
        seen[key] += 1
        numbered.append(key if seen[key] == 1 else f"{key}\x1f{seen[key]}")
    return pa.array(numbered, pa.string())


def _row(table: str, event_id: str | None, field: str | None, old: str | None, new: str | None, why: Explanation, op: str = "") -> Row:
    into = why.merged_into if (op or why.op) in ENDINGS else None
    origin = why.split_from if (op or why.op) == "split" else None
    return (op or why.op, table, event_id, field, old, new, why.reason, why.coder, why.role, why.act, into, origin)


def _table(rows: Sequence[Row]) -> pa.Table:
    columns = [pa.array([r[i] for r in rows], pa.string()) for i in range(len(CHANGES_SCHEMA))]
    return pa.Table.from_arrays(columns, schema=CHANGES_SCHEMA)


def _columns(size: int, **given: Any) -> pa.Table:
    """Rows from whole columns; a text stands in every row, what is not given is null."""
    columns = []
    for name in CHANGES_SCHEMA.names:
        value = given.get(name)
        columns.append(pa.nulls(size, pa.string()) if value is None else pa.repeat(value, size) if isinstance(value, str) else value)
    return pa.table(columns, CHANGES_SCHEMA)


def _sorted(rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    """By event (registers last), in it endings and beginnings first, then fields in column order, then side rows, what went before what came."""
    fields, tables = ({name: i for i, name in enumerate(names)} for names in (columns, TABLES))

    def places(name: str, known: Mapping[str, int], other: int) -> pa.Array:
        coded = rows.column(name).combine_chunks().dictionary_encode()
        place = pa.array([known.get(v, other) for v in coded.dictionary.to_pylist()], pa.int32())
        return pc.fill_null(place.take(coded.indices), other)

    keys = {
        "event_id": rows.column("event_id"),  # nulls come last
        "first": places("op", dict.fromkeys((*BEGINNINGS, *ENDINGS), 0), 1),
        "table_place": places("table", tables, len(tables)),
        "table": rows.column("table"),
        "field_place": places("field", fields, -1),
        "came": pc.is_null(rows.column("old")),
        "old": rows.column("old"),
        "new": rows.column("new"),
    }
    return rows.take(pc.sort_indices(pa.table(keys), [(name, "ascending") for name in keys]))


def _schema_rows(old: Mapping[str, pa.Schema], new: Mapping[str, pa.Schema], codebook: Sequence[Row]) -> list[Row]:
    renamed = {a: b for a, b in renamed_columns(codebook).items() if a in old[EVENTS].names and b in new[EVENTS].names}
    rows = [row for row in codebook if row[0] != "column_renamed" or renamed.get(str(json.loads(row[4] or '""'))) == row[3]]

    def say(op: str, table: str, field: str | None = None, before: Any = None, after: Any = None) -> None:
        texts = [None if t is None else canonical(str(t)) for t in (before, after)]
        rows.append((op, table, None, field, *texts, None, None, None, None, None, None))

    for table in sorted(set(new) - set(old)):
        say("table_added", table)
    for table in sorted(set(old) - set(new)):
        say("table_removed", table)
    for table in sorted(set(old) & set(new)):
        a, b = ({f.name: plain_type(f.type) for f in s} for s in (old[table], new[table]))
        for field, kind in b.items():
            if field not in a and (table != EVENTS or field not in renamed.values()):
                say("column_added", table, field, None, kind)
            elif field in a and a[field] != kind:
                say("column_retyped", table, field, a[field], kind)
        for field, kind in a.items():
            if field not in b and (table != EVENTS or field not in renamed):
                say("column_removed", table, field, kind, None)
    return sorted(rows, key=lambda r: (SCHEMA_OPS.index(str(r[0])), r[1], r[3] or ""))
