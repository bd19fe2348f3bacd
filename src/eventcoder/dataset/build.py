"""Folded events -> canonical Arrow tables. Floor 3.

Events are taken apart in batches (`unfolding`; `BATCH` events at a time become Arrow memory, their texts go), so that memory follows the tables
and not the ledger. What gets in of documents that are not public is said there.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.dataset.canonical import canonical_table
from eventcoder.dataset.hiding import Hiding
from eventcoder.dataset.schemas import EVENTS, SIDE_SCHEMAS, TABLES, UNDISCLOSED
from eventcoder.dataset.unfolding import Unfolder
from eventcoder.project import Settings

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.event import Document
    from eventcoder.ledger import Folded

BATCH = 16_384
WORKERS = 2  # batches that are taken apart at a time; one more is being read


@dataclass(frozen=True, slots=True)
class History:
    """What an earlier release knows: in which version each event came first and last changed."""

    first: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)


def pseudonym(coder: str | None, settings: Settings) -> str | None:
    """The name under which a release shows a coder: the name itself if the project names its coders, else `coder-` and 8 hex digits.

    The digits are keyed with the project's id: one person has different pseudonyms in different projects. It hides names from readers, not
    from somebody who knows the team and tries its names.
    """
    if not coder or settings.public_coders:
        return coder
    return "coder-" + hmac.new(f"eventcoder:{settings.id}".encode(), coder.encode(), hashlib.sha256).hexdigest()[:8]


def build_tables(
    events: Iterable[Folded | str],
    codebook: Codebook,
    *,
    documents: Mapping[str, Document],
    actors: Iterable[Mapping[str, Any]] = (),
    coverage: Iterable[Mapping[str, Any]] = (),
    settings: Settings,
    words: Callable[[], Iterable[str]] = tuple,
) -> dict[str, pa.Table]:
    """The tables named in `schemas.TABLES`, each in its explicit schema and canonical order.

    `events` are the events to be released (whatever their state: choosing is the caller's work), folded or as the texts that the ledger keeps
    of them (`Ledger.event_texts`: much faster). `actors` are the bodies of registered actors, `coverage` those of coverage entries (`week`: its
    first day, or `since` and `until`) with a key `coder`; `words` gives what was quoted from documents that are not public (asked for only where
    remarks could repeat it). `first_release` and `last_changed` stay null: a release fills them.
    Raises `pyarrow.ArrowInvalid` when a stored value does not fit the type of its column (the bulk form of `not-a-number` and the like).
    """
    from eventcoder.codebook.arrow import arrow_schema
    from eventcoder.ledger.folded import to_text

    schema = arrow_schema(codebook)
    pieces: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
    texts = (event if isinstance(event, str) else to_text(event) for event in events)
    unfolder = Unfolder(schema, documents, settings.quote_length)
    with ThreadPoolExecutor(WORKERS) as threads:
        waiting = [threads.submit(unfolder.tables, list(islice(texts, BATCH)))]
        while batch := list(islice(texts, BATCH)):
            waiting.append(threads.submit(unfolder.tables, batch))
            if len(waiting) > WORKERS:
                _keep(pieces, waiting.pop(0).result())
        for one in waiting:
            _keep(pieces, one.result())
    seen = pa.concat_tables(pieces["event_actors"]).group_by("actor").aggregate([("inter", "distinct")])
    pieces["actors"] = [_rows("actors", _actor_rows(actors, seen))]
    coverage = list(coverage)
    coders = {str(body["coder"]): pseudonym(body["coder"], settings) or "" for body in coverage if body.get("coder")}
    remarks = sum(piece.column("note").null_count < len(piece) for piece in pieces["relations"]) or any(body.get("note") for body in coverage)
    hiding = Hiding(documents, words() if remarks else (), coders)
    pieces["coverage"] = [_rows("coverage", _coverage_rows(coverage, settings, hiding))]
    pieces["relations"] = [_remarks(pa.concat_tables(pieces["relations"]), pa.concat_tables(pieces["event_sources"]), hiding)]
    tables = {}
    for name in TABLES:
        own = schema if name == EVENTS else SIDE_SCHEMAS[name]
        tables[name] = canonical_table(name, pa.concat_tables(pieces.pop(name)), own)
    return tables


def _keep(pieces: dict[str, list[pa.Table]], tables: Mapping[str, pa.Table]) -> None:
    for name, table in tables.items():
        pieces[name].append(table)


def is_public(document: Document | None) -> bool:
    """Whether a release may say anything about this document."""
    return document is not None and document.visibility == "public"


def _actor_rows(registered: Iterable[Mapping[str, Any]], used: pa.Table) -> list[tuple[Any, ...]]:
    """Registered actors and those that events name; `used` has `actor` and `inter_distinct`."""
    used_as = zip(used.column("actor").to_pylist(), used.column("inter_distinct").to_pylist(), strict=True)
    seen = {name: {i for i in inters if i} for name, inters in used_as}
    rows: dict[str, tuple[Any, ...]] = {}
    for body in registered:
        name = body.get("name") or body.get("actor")
        if not name or body.get("removed"):
            continue
        inter = body.get("inter")
        given = {inter} if isinstance(inter, str) else set(inter or ())
        country, aliases = body.get("country"), body.get("aliases") or ()
        if not isinstance(country, str):  # at home in several
            country = country[0] if country is not None and len(country) == 1 else None
        if body.get("merged_into"):  # what was coded before stays under the old name
            if name in seen:
                rows.setdefault(name, (name, sorted(given | seen[name]), country, None, None, [str(body["merged_into"])], True))
            continue
        named = body.get("named") or ()
        periods = named or [{"name": name, "since": body.get("since"), "until": body.get("until")}]
        for period in periods:
            own = period["name"]
            since, until = (None if period.get(k) is None else str(period[k]) for k in ("since", "until"))
            others = {*aliases, *(p["name"] for p in named)} - {own} if named else aliases
            rows[own] = (own, sorted(given | seen.get(own, set())), country, since, until, sorted(others), True)
    for name, inters in seen.items():
        rows.setdefault(name, (name, sorted(inters), None, None, None, [], False))
    return list(rows.values())


def _remarks(relations: pa.Table, sources: pa.Table, hiding: Hiding) -> pa.Table:
    """The relations without notes that tell of an undisclosed document."""
    resting = sources.filter(pc.equal(sources.column("visibility"), "undisclosed")).column("event_id")
    index = relations.column_names.index("note")
    notes = hiding.masked(relations.column("note"), relations.column("event_id").to_pylist(), frozenset(resting.to_pylist()))
    return relations.set_column(index, relations.schema.field(index), notes)


def _coverage_rows(coverage: Iterable[Mapping[str, Any]], settings: Settings, hiding: Hiding) -> list[tuple[Any, ...]]:
    rows = []
    for body in coverage:
        since, until = body.get("since"), body.get("until")
        if body.get("week"):
            since = body["week"]
            until = (date.fromisoformat(since) + timedelta(days=6)).isoformat()
        coder = pseudonym(body.get("coder"), settings)
        read = sorted({UNDISCLOSED if hiding.only_hidden(name) else name for name in body.get("sources") or ()})
        note = hiding.masked(pa.array([body.get("note")], pa.string()), [None], ())[0].as_py()
        rows.append((body.get("country"), body.get("admin1"), since, until, read, coder, note))
    return rows


def _rows(name: str, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    schema = SIDE_SCHEMAS[name]
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in schema]
    return pa.Table.from_arrays([_array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Plain values as an array of exactly this type; dates come as ISO text."""
    if pa.types.is_date(kind):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_list(kind):
        return pa.array([v or [] for v in values], kind)
    return pa.array(values, kind)
