"""Folded events -> canonical Arrow tables. Floor 3.

Columns are filled in batches (`BATCH` events at a time become Arrow memory, their Python objects go), so that memory follows the tables and
not the ledger. Nothing of an undisclosed document gets in but the number of such documents of an event: neither id, hash, url, title, quote,
counted words nor publisher. A document that is not known here is treated as undisclosed: leaving out too much can be mended, a leak cannot.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from eventcoder.dataset.canonical import canonical_table
from eventcoder.dataset.schemas import EVENTS, SIDE_SCHEMAS, TABLES, UNDISCLOSED
from eventcoder.project import Settings

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.event import Document
    from eventcoder.ledger import Folded

BATCH = 5_000
ELLIPSIS = "…"


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
    folded: Iterable[Folded],
    codebook: Codebook,
    *,
    documents: Mapping[str, Document],
    actors: Iterable[Mapping[str, Any]] = (),
    coverage: Iterable[Mapping[str, Any]] = (),
    settings: Settings,
) -> dict[str, pa.Table]:
    """The tables named in `schemas.TABLES`, each in its explicit schema and canonical order.

    `folded` are the events to be released (whatever their state: choosing is the caller's work). `actors` are the bodies of registered
    actors, `coverage` those of coverage entries (`week`: its first day, or `since` and `until`) with a key `coder`. `first_release` and
    `last_changed` stay null: a release fills them.
    Raises `pyarrow.ArrowInvalid` when a stored value does not fit the type of its column (the bulk form of `not-a-number` and the like).
    """
    from eventcoder.codebook.arrow import arrow_schema

    schema = arrow_schema(codebook)
    batches: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
    seen_actors: dict[str, set[str]] = {}
    waiting: list[Folded] = []
    for event in folded:
        waiting.append(event)
        if len(waiting) == BATCH:
            _add_batch(batches, waiting, schema, documents, settings, seen_actors)
            waiting = []
    _add_batch(batches, waiting, schema, documents, settings, seen_actors)
    batches["actors"] = [_rows("actors", _actor_rows(actors, seen_actors))]
    batches["coverage"] = [_rows("coverage", _coverage_rows(coverage, settings))]
    tables = {}
    for name in TABLES:
        own = schema if name == EVENTS else SIDE_SCHEMAS[name]
        tables[name] = canonical_table(name, pa.concat_tables(batches.pop(name)), own)
    return tables


def is_public(document: Document | None) -> bool:
    """Whether a release may say anything about this document."""
    return document is not None and document.visibility == "public"


def _add_batch(
    batches: dict[str, list[pa.Table]],
    events: Sequence[Folded],
    schema: pa.Schema,
    documents: Mapping[str, Document],
    settings: Settings,
    seen_actors: dict[str, set[str]],
) -> None:
    rows = [_event_values(e, documents) for e in events]
    columns = [_array([r.get(f.name) for r in rows], f.type) for f in schema]
    batches[EVENTS].append(pa.Table.from_arrays(columns, schema=schema))
    collected: dict[str, list[tuple[Any, ...]]] = {n: [] for n in ("event_sources", "evidence", "event_actors", "event_counts", "relations")}
    for event, row in zip(events, rows, strict=True):
        collected["event_actors"].extend(_actors(event.event_id, row, seen_actors))
        if event.reports:
            collected["event_sources"].extend(_sources(event, documents))
        if event.evidence:
            collected["evidence"].extend(_evidence(event, documents, settings.quote_length))
        if event.counts:
            collected["event_counts"].extend(_counts(event, documents))
        if event.relations:
            related = ((event.event_id, r.get("kind"), r.get("event_id"), r.get("note")) for r in event.relations)
            collected["relations"].extend(dict.fromkeys(related))
    for name, found in collected.items():
        batches[name].append(_rows(name, found))


def _event_values(event: Folded, documents: Mapping[str, Document]) -> dict[str, Any]:
    """The row of the events table as plain values: what was coded, and what the system knows."""
    values = dict(event.values)
    source = values.get("source") or []
    known = [documents.get(i) for i in _document_ids(event)]
    names: set[str] = set()
    if known:
        hidden = {d.publisher for d in known if d is not None and d.publisher and not is_public(d)}
        hidden -= {d.publisher for d in known if d is not None and is_public(d)}
        source = values["source"] = list(dict.fromkeys(UNDISCLOSED if s in hidden else s for s in source))
        names = {(d.publisher or UNDISCLOSED) if d is not None and is_public(d) else UNDISCLOSED for d in known}
    values["event_id"] = event.event_id
    values["n_reports"] = len(known)
    values["n_publishers"] = len(names.union(source))
    values["codebook_version"] = event.codebook
    values["revision"] = event.revision
    values["timestamp"] = int(datetime.fromisoformat(event.changed).timestamp())
    values["first_release"] = values["last_changed"] = None
    return values


def _document_ids(event: Folded) -> list[str]:
    return list(dict.fromkeys(r["document"] for r in event.reports))


def _sources(event: Folded, documents: Mapping[str, Document]) -> Iterable[tuple[Any, ...]]:
    hidden = 0
    for identity in _document_ids(event):
        document = documents.get(identity)
        if document is None or not is_public(document):
            hidden += 1
            continue
        day = document.published.isoformat() if document.published else None
        yield event.event_id, identity, document.publisher, day, document.url, document.title, document.language, "public", 1
    if hidden:
        yield event.event_id, None, UNDISCLOSED, None, None, None, None, "undisclosed", hidden


def _evidence(event: Folded, documents: Mapping[str, Document], longest: int) -> Iterable[tuple[Any, ...]]:
    for name, spans in event.evidence.items():
        seen = set()
        for span in spans:
            place = (span["document"], span["start"], span["end"])
            if place in seen or not is_public(documents.get(span["document"])):
                continue
            seen.add(place)
            quote = span["quote"]
            cut = len(quote) > longest
            yield event.event_id, name, *place, (quote[:longest].rstrip() + ELLIPSIS) if cut else quote, cut


def _actors(event_id: str, row: Mapping[str, Any], seen: dict[str, set[str]]) -> Iterable[tuple[Any, ...]]:
    for side in (1, 2):
        name, inter = row.get(f"actor{side}"), row.get(f"inter{side}")
        if name:
            seen.setdefault(name, set()).update([inter] if inter else [])
            yield event_id, side, "actor", 1, name, inter
        for number, other in enumerate(row.get(f"assoc_actor_{side}") or (), 1):
            seen.setdefault(other, set())
            yield event_id, side, "associated", number, other, None


def _counts(event: Folded, documents: Mapping[str, Document]) -> Iterable[tuple[Any, ...]]:
    number = 0
    for count in event.counts:
        document = count.get("document")
        if document is not None and not is_public(documents.get(document)):
            continue
        number += 1
        facts = (count.get(k) for k in ("kind", "victim", "low", "best", "high", "words", "rule"))
        yield event.event_id, number, document, *facts


def _actor_rows(registered: Iterable[Mapping[str, Any]], seen: Mapping[str, set[str]]) -> list[tuple[Any, ...]]:
    rows: dict[str, tuple[Any, ...]] = {}
    for body in registered:
        name = body.get("name") or body.get("actor")
        if not name or body.get("removed"):
            continue
        inter = body.get("inter")
        given = {inter} if isinstance(inter, str) else set(inter or ())
        since, until = (None if body.get(k) is None else str(body[k]) for k in ("since", "until"))
        rows[name] = (name, sorted(given | seen.get(name, set())), body.get("country"), since, until, sorted(body.get("aliases") or ()), True)
    for name, inters in seen.items():
        rows.setdefault(name, (name, sorted(inters), None, None, None, [], False))
    return list(rows.values())


def _coverage_rows(coverage: Iterable[Mapping[str, Any]], settings: Settings) -> list[tuple[Any, ...]]:
    rows = []
    for body in coverage:
        since, until = body.get("since"), body.get("until")
        if body.get("week"):
            since = body["week"]
            until = (date.fromisoformat(since) + timedelta(days=6)).isoformat()
        coder = pseudonym(body.get("coder"), settings)
        rows.append((body.get("country"), body.get("admin1"), since, until, sorted(body.get("sources") or ()), coder, body.get("note")))
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
