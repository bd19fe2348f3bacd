"""The table `acts`: who did what to every released event, when, under which codebook, and what an engine had proposed. Floor 3.

All acts of the ledger are read once, taken apart by DuckDB in batches, and put into the order in which they hold. Nothing of an undisclosed
document gets through. An act's identity is a hash of all that it says: whoever has such a document in hand could compute it and so prove that an
event rests on it. It is therefore withheld from the first act on that draws on one (each names the one before it), and so is a reason that
tells of one. The same holds for acts that were redacted: their identity is still the hash of what they said.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.dataset.build import WORKERS, pseudonym
from eventcoder.dataset.hiding import LONG_QUOTE, Hiding
from eventcoder.dataset.schemas import RECORD_SCHEMAS, WITHHELD
from eventcoder.ledger.entry import Entry
from eventcoder.ledger.fold import in_order
from eventcoder.ledger.scanning import ActRow, act_rows, coders_of, proposals, verdicts

if TYPE_CHECKING:
    from eventcoder.event import Document
    from eventcoder.ledger import Ledger
    from eventcoder.project import Settings

AT_ONCE = 65_536  # acts of a batch: for each the known documents are hashed anew
ACCEPTED, EDITED, ATTACHED, IMPORTED, BY_HAND = "accepted", "edited", "attached", "imported", "by hand"
ADJUDICATED = "adjudicated"  # of several codings of one event
_DECISIONS = {"accept": ACCEPTED, "edit": EDITED, "attach": ATTACHED}
_RAW = ("event_id", "act", "parents", "coder", "role", "time", "body")
_SHAPE = json.dumps(
    {
        **dict.fromkeys(("act", "codebook", "reason", "draft"), "VARCHAR"),
        "detach": ["VARCHAR"],
        "adjudicated": ["VARCHAR"],
        "import": {"dialect": "VARCHAR"},
    }
)
# Bodies are canonical JSON, without spaces: inside a text the quotes of such a pair would be escaped.
_UNFOLD = f"""
WITH taken AS (
    SELECT seq, event_id, act, parents, coder, role, time, body, from_json(body, '{_SHAPE}') AS j FROM raw
), told AS MATERIALIZED (
    SELECT seq, event_id, act, parents, coder, role, time, j.act AS kind, j.codebook AS codebook_version, nullif(j.reason, '') AS reason,
        CASE WHEN j.act = 'create' THEN [] ELSE coalesce(json_keys(body, '$.values'), []) END AS fields, j.draft AS draft,
        j."import".dialect AS origin, j."import" IS NOT NULL AS imported, j.adjudicated IS NOT NULL AS adjudicated,
        CASE WHEN j.act = 'create' AND j.adjudicated IS NOT NULL THEN CAST(json_extract(body, '$.taken') AS VARCHAR) END AS taken,
        CASE WHEN j.draft IS NOT NULL THEN CAST(json_extract(body, '$.values') AS VARCHAR) END AS given,
        list_concat(regexp_extract_all(body, '"document":"([^"\\\\]*)"', 1), coalesce(j.detach, [])) AS documents
    FROM taken
), hidden AS (
    SELECT DISTINCT seq FROM (SELECT seq, unnest(documents) AS document FROM told) WHERE document NOT IN (SELECT id FROM shown)
), drawing AS (
    SELECT seq, regexp_extract_all(body, '"(?:quote|words)":"((?:[^"\\\\]|\\\\.){{{LONG_QUOTE},}})"', 1) AS quotes FROM raw WHERE seq IN (FROM hidden)
)
SELECT t.* EXCLUDE documents, d.seq IS NOT NULL AS draws, d.quotes AS quotes FROM told t LEFT JOIN drawing d USING (seq)
"""


@dataclass(frozen=True, slots=True)
class Account:
    """`table` in the schema of `acts`. `concealed` are ids of acts that must not be shown, `resting` the events that draw on hidden documents;
    `hiding` knows what no text may tell."""

    table: pa.Table
    concealed: pa.Array
    resting: frozenset[str]
    hiding: Hiding = field(repr=False)


def account(ledger: Ledger, event_ids: pa.Array, *, documents: Mapping[str, Document], settings: Settings) -> Account:
    """The acts on these events. `documents` is what is known of documents: one that is not there counts as undisclosed.

    Raises `LedgerError` if the ledger cannot be read.
    """
    ids = pc.unique(event_ids)
    ids = ids.take(pc.sort_indices(ids))
    found = _ordered(_read(ledger, documents), ids)
    rank, number = found.pop("rank"), found.pop("number")
    redacted = pa.array(sorted({entry.subject for entry in ledger.entries("redaction")}), pa.string())
    draws = np.asarray(pc.or_(found["draws"], pc.is_in(found["act"], value_set=redacted)))
    quotes = {json.loads(f'"{q}"') for q in pc.list_flatten(found.pop("quotes")).unique().to_pylist()}
    coders = found["coder"].unique().to_pylist()
    hiding = Hiding(documents, quotes, {name: pseudonym(name, settings) or "" for name in coders})
    since = np.full(len(ids), np.iinfo(np.int64).max)  # number of the first act that draws on a hidden document, by event
    np.minimum.at(since, rank[draws], number[draws])
    hide = number >= since[rank]
    resting = frozenset(ids.take(pa.array(np.unique(rank[draws]))).to_pylist())
    concealed = found["act"].filter(pa.array(hide))
    act = pc.if_else(pa.array(hide), pa.scalar(WITHHELD), found["act"])
    columns = {
        **{name: found[name] for name in ("event_id", "kind", "time", "role", "codebook_version", "fields", "origin")},
        "number": pa.array(number),
        "act": act,
        "coder": _each(found["coder"], lambda name: pseudonym(name, settings)),
        "reason": hiding.masked(found["reason"], _owners(found), resting),
        **_decided(ledger, found),
        "taken": _taken(ledger, found["taken"], settings),
    }
    schema = RECORD_SCHEMAS["acts"]
    return Account(pa.table([columns[f.name].cast(f.type) for f in schema], schema=schema), concealed, resting, hiding)


def _owners(found: Mapping[str, pa.Array]) -> Iterable[str | None]:
    """The events of the rows, as Python values only where there is a reason to be looked at."""
    if found["reason"].null_count == len(found["reason"]):
        return [None] * len(found["reason"])
    ids: list[str | None] = pc.if_else(pc.is_valid(found["reason"]), found["event_id"], pa.scalar(None, pa.string())).to_pylist()
    return ids


def _read(ledger: Ledger, documents: Mapping[str, Document]) -> pa.Table:
    """All acts, taken apart; while some batches are in DuckDB the next is read."""
    shown = pa.table({"id": pa.array([i for i, d in documents.items() if d.visibility == "public"], pa.string())})
    rows, pieces, start = act_rows(ledger.store), [], 0
    waiting: list[Future[pa.Table]] = []
    with ThreadPoolExecutor(WORKERS) as threads:
        while True:
            batch = list(islice(rows, AT_ONCE))
            if batch or not start:
                waiting.append(threads.submit(_taken_apart, batch, start, shown))
                start += len(batch)
            if not batch:
                break
            if len(waiting) > WORKERS:
                pieces.append(waiting.pop(0).result())
        pieces += [one.result() for one in waiting]
    return pa.concat_tables(pieces)


def _taken_apart(batch: Sequence[ActRow], start: int, shown: pa.Table) -> pa.Table:
    from eventcoder.codebook.duck import connect

    columns = list(zip(*batch, strict=True)) or [()] * len(_RAW)
    raw = {name: pa.array(column, pa.string()) for name, column in zip(_RAW, columns, strict=True)}
    con = connect()
    try:
        con.register("raw", pa.table({"seq": pa.array(range(start, start + len(batch)), pa.int64()), **raw}))
        con.register("shown", shown)
        return con.sql(_UNFOLD).to_arrow_table()
    finally:
        con.close()


def _ordered(acts: pa.Table, ids: pa.Array) -> dict[str, Any]:
    """The acts on these events by event and place; also `rank`, the event's place among `ids`, and `number`, from 1."""
    rank = pc.index_in(acts.column("event_id"), value_set=ids)
    if rank.null_count:
        known = pc.is_valid(rank)
        acts, rank = acts.filter(known), rank.filter(known)
    rank = np.asarray(rank).astype(np.int64)
    order = np.lexsort((np.asarray(acts.column("seq")), rank))
    acts, rank = acts.take(pa.array(order)).combine_chunks(), rank[order]
    first = np.ones(len(rank), bool)
    first[1:] = rank[1:] != rank[:-1]
    starts = np.flatnonzero(first)
    number = np.arange(len(rank)) - np.repeat(starts, np.diff(np.append(starts, len(rank)))) + 1
    move = _branching(acts, first, starts)
    if move is not None:
        acts = acts.take(pa.array(move)).combine_chunks()
    return {**{name: _array(acts.column(name)) for name in acts.column_names}, "rank": rank, "number": number}


def _branching(acts: pa.Table, first: Any, starts: Any) -> Any:
    """Where the rows must go so that parents stand before children, None if they do: acts are mostly a chain, each naming the one before."""
    rest = np.flatnonzero(~first)
    parents, ids = _array(acts.column("parents")), _array(acts.column("act"))
    follows = pc.binary_join_element_wise('["', ids.take(pa.array(rest - 1)), '"]', "")
    odd = set(rest[~np.asarray(pc.equal(parents.take(pa.array(rest)), follows), bool)].tolist())
    if not odd:
        return None
    order = np.arange(len(ids))
    ends = np.append(starts[1:], len(ids))
    for start in sorted({int(starts[np.searchsorted(starts, at, "right") - 1]) for at in odd}):
        end = int(ends[np.searchsorted(starts, start)])
        rows = acts.slice(start, end - start).select(["act", "parents", "time"]).to_pylist()
        place = {row["act"]: start + i for i, row in enumerate(rows)}
        entries = [Entry(r["act"], "act", "", tuple(json.loads(r["parents"])), "", "", r["time"], {}) for r in rows]
        order[start:end] = [place[entry.id] for entry in in_order(entries, complete=False)]
    return order


def _decided(ledger: Ledger, found: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """The columns `engine`, `proposed` and `decision`."""
    number = len(found["act"])
    decision = pc.if_else(found["imported"], pa.scalar(IMPORTED), pa.scalar(BY_HAND))
    at = np.flatnonzero(np.asarray(pc.is_valid(found["draft"])))
    lengths, items = np.zeros(number, np.int64), []
    engines: pa.Array = pa.nulls(number, pa.string())
    if len(at):
        rows = [found[name].take(pa.array(at)).to_pylist() for name in ("draft", "event_id", "kind", "given")]
        drafts, said = proposals(ledger.store, set(rows[0])), verdicts(ledger.store, set(rows[0]))
        told = [_one(drafts.get(draft), said.get((draft, event_id)), kind, given) for draft, event_id, kind, given in zip(*rows, strict=True)]
        mask = np.zeros(number, bool)
        mask[at] = True
        engines = pc.replace_with_mask(engines, pa.array(mask), pa.array([t[0] for t in told], pa.string()))
        decision = pc.replace_with_mask(decision, pa.array(mask), pa.array([t[2] for t in told], pa.string()))
        for place, (_, names, _) in zip(at, told, strict=True):
            lengths[place] = len(names)
            items += names
    # whatever was proposed to the coders, an adjudicator decided
    decision = pc.if_else(found["adjudicated"], pa.scalar(ADJUDICATED), decision)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    proposed = pa.ListArray.from_arrays(pa.array(offsets), pa.array(items, pa.string()))
    return {"engine": engines, "decision": decision, "proposed": proposed}


def _taken(ledger: Ledger, column: pa.Array, settings: Settings) -> pa.Array:
    """Of each adjudicated event the columns that were taken from a coding, each with whose it was."""
    bodies: dict[int, dict[str, str]] = {}
    for row in np.flatnonzero(np.asarray(pc.is_valid(column))).tolist():
        said = json.loads(column[row].as_py())
        bodies[row] = {name: i for name, i in said.items() if isinstance(i, str)} if isinstance(said, dict) else {}
    coders = coders_of(ledger.store, {i for body in bodies.values() for i in body.values()})
    shown = {name: pseudonym(name, settings) for name in set(coders.values())}
    texts = {row: [f"{name}={shown[coders[i]]}" for name, i in sorted(body.items()) if i in coders] for row, body in bodies.items()}
    lengths = np.zeros(len(column), np.int64)
    for row, found in texts.items():
        lengths[row] = len(found)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array([text for row in sorted(texts) for text in texts[row]], pa.string()))


def _one(draft: tuple[str, dict[str, Any]] | None, verdict: str | None, kind: str, given: str | None) -> tuple[str | None, list[str], str]:
    """Engine, the columns that hold what it proposed, and what was done with its draft."""
    if draft is None:
        return None, [], BY_HAND  # a draft that the ledger does not have proposed nothing that can be told
    engine, fields = draft
    values = json.loads(given) if given else {}
    same = [name for name, value in sorted(values.items()) if _equal(fields.get(name), value)]
    if kind == "attach" or verdict == "attach":
        return engine, same, ATTACHED
    if verdict in _DECISIONS:
        return engine, same, _DECISIONS[verdict]
    changed = any(value not in (None, "", []) and not _equal(value, values.get(name)) for name, value in fields.items())
    return engine, same, EDITED if changed else ACCEPTED


def _equal(proposed: Any, value: Any) -> bool:
    return proposed not in (None, "", []) and (proposed == value or str(proposed) == str(value))


def _each(column: pa.Array, change: Any) -> pa.Array:
    """Every value changed, each distinct one once."""
    distinct = column.unique()
    return pa.array([change(v) for v in distinct.to_pylist()], pa.string()).take(pc.index_in(column, value_set=distinct))


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def concealed_in(table: pa.Table, hidden: Account, only: Collection[str] = ("reason",)) -> pa.Table:
    """A table of changes or of withdrawn events without what its columns `only` and `act` must not tell."""
    owners = table.column("event_id").to_pylist()
    for name in only:
        index = table.column_names.index(name)
        table = table.set_column(index, table.schema.field(index), hidden.hiding.masked(table.column(name), owners, hidden.resting))
    if "act" in table.column_names and len(hidden.concealed):
        index = table.column_names.index("act")
        gone = pc.is_in(table.column("act"), value_set=hidden.concealed)
        table = table.set_column(index, table.schema.field(index), pc.if_else(gone, pa.scalar(WITHHELD), table.column("act")))
    return table
