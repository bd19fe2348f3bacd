"""Texts of folded events (`ledger.folded.to_text`) -> unsorted Arrow tables, whole batches at a time. Floor 3.

DuckDB takes the JSON apart and joins it with what is known of the documents; no value becomes a Python object. Everything leaves
DuckDB as text and is cast by Arrow, which refuses what does not fit instead of rounding or dropping it.

Nothing of an undisclosed document gets through but the number of such documents of an event: neither id, hash, url, title, quote, counted
words nor publisher. A document that is not known here is treated as undisclosed: leaving out too much can be mended, a leak cannot.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from eventcoder.dataset.schemas import EVENTS, SIDE_SCHEMAS, UNDISCLOSED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from eventcoder.event import Document

ELLIPSIS = "…"
_SYSTEM = ("event_id", "n_reports", "n_publishers", "codebook_version", "revision", "timestamp", "first_release", "last_changed")
_PARTS = {
    "reports": '[{"document": "VARCHAR"}]',
    "counts": "[" + json.dumps(dict.fromkeys(("document", "kind", "victim", "low", "best", "high", "words", "rule"), "VARCHAR")) + "]",
    "relations": '[{"kind": "VARCHAR", "event_id": "VARCHAR", "note": "VARCHAR"}]',
}
_SPANS = '[{"document": "VARCHAR", "start": "VARCHAR", "end": "VARCHAR", "quote": "VARCHAR"}]'
# An event's documents in the order in which they were attached, each once.
_REPORTS = """
CREATE TEMP TABLE reports AS
SELECT t.event_id, t.document, d.publisher, d.published, d.url, d.title, d.language, coalesce(d.is_public, FALSE) AS is_public
FROM (SELECT DISTINCT event_id, (unnest(reports)).document AS document FROM told) t LEFT JOIN documents d ON d.id = t.document
"""
# Publishers that must not be named: those of hidden documents, unless a public document of the same event names them anyway.
_TOTALS = f"""
CREATE TEMP TABLE totals AS
SELECT event_id, count(*) AS n_reports,
    coalesce(list(DISTINCT publisher) FILTER (NOT is_public AND publisher <> ''), []) AS hidden,
    coalesce(list(DISTINCT publisher) FILTER (is_public AND publisher <> ''), []) AS shown,
    list(DISTINCT CASE WHEN is_public AND publisher <> '' THEN publisher ELSE '{UNDISCLOSED}' END) AS names
FROM reports GROUP BY event_id
"""
_SOURCES = f"""
SELECT event_id, document AS document_id, publisher, published, url, title, language, 'public' AS visibility, 1 AS n_documents
FROM reports WHERE is_public
UNION ALL
SELECT event_id, NULL, '{UNDISCLOSED}', NULL, NULL, NULL, NULL, 'undisclosed', count(*) FROM reports WHERE NOT is_public GROUP BY event_id
"""
# At most `$longest` characters, without white space at the cut.
_CUT = "regexp_replace(left({0}, $longest), '[\\t-\\r\\x1c-\\x20\\x{{85}}\\pZ]+\\z', '') || '" + ELLIPSIS + "'"
_EVIDENCE = f"""
WITH spans AS (
    SELECT event_id, field, unnest(spans) AS s, generate_subscripts(spans, 1) AS place FROM (
        SELECT event_id, e.key AS field, from_json(e.value, '{_SPANS}') AS spans
        FROM (SELECT event_id, unnest(map_entries(evidence)) AS e FROM told WHERE evidence IS NOT NULL))
), public AS (
    SELECT event_id, field, s.document AS document_id, s.start AS start, s."end" AS "end", arg_min(s.quote, place) AS quote
    FROM spans JOIN documents d ON d.id = s.document WHERE d.is_public GROUP BY ALL
)
SELECT * EXCLUDE quote, CASE WHEN cut THEN {_CUT.format("quote")} ELSE quote END AS quote
FROM (SELECT *, length(quote) > $longest AS cut FROM public)
"""
_COUNTS = f"""
WITH counted AS (SELECT event_id, unnest(counts) AS c, generate_subscripts(counts, 1) AS place FROM told)
SELECT event_id, row_number() OVER (PARTITION BY event_id ORDER BY place) AS number, c.document AS document_id,
    c.kind, c.victim, c.low, c.best, c.high, CASE WHEN length(c.words) > $longest THEN {_CUT.format("c.words")} ELSE c.words END AS words, c.rule
FROM counted LEFT JOIN documents d ON d.id = c.document WHERE c.document IS NULL OR d.is_public
"""
_RELATIONS = """
SELECT DISTINCT event_id, r.kind AS kind, r.event_id AS other_event_id, r.note AS note FROM (SELECT event_id, unnest(relations) AS r FROM told)
"""


class Unfolder:
    """Takes texts apart; `documents` is what is known of documents, `schema` the events' columns, quotes end after `longest` characters."""

    def __init__(self, schema: pa.Schema, documents: Mapping[str, Document], longest: int) -> None:
        self._schema = schema
        self._longest = longest
        self._coded = [f for f in schema if f.name not in _SYSTEM]
        self._documents = _documents_table(documents)

    def tables(self, texts: Sequence[str]) -> dict[str, pa.Table]:
        """The tables of these events, each call with a connection of its own: several threads may call it at a time.

        Raises `pyarrow.ArrowInvalid` when a stored value does not fit the type of its column.
        """
        from eventcoder.codebook.duck import connect

        con = connect()
        try:
            con.register("documents", self._documents)
            con.register("texts", pa.table({"text": pa.array(texts, pa.string())}))
            return self._unfolded(con)
        finally:
            con.close()

    def _unfolded(self, con: DuckDBPyConnection) -> dict[str, pa.Table]:
        for statement in (self._told(), _REPORTS, _TOTALS):
            con.execute(statement)
        found = {EVENTS: self._events(con)}
        queries = {"event_sources": _SOURCES, "evidence": _EVIDENCE, "event_counts": _COUNTS, "relations": _RELATIONS}
        for name, query in queries.items():
            given = {"longest": self._longest} if "$longest" in query else None
            found[name] = fitted(con.sql(query, params=given).to_arrow_table(), SIDE_SCHEMAS[name])
        found["event_actors"] = fitted(con.sql(self._actors()).to_arrow_table(), SIDE_SCHEMAS["event_actors"])
        return found

    def _told(self) -> str:
        """The texts as a table of texts: columns of the codebook, and the parts of an event."""
        values = {f.name: "JSON" if pa.types.is_list(f.type) else "VARCHAR" for f in self._coded}
        whole = dict.fromkeys(("event_id", "revision", "codebook", "changed"), "VARCHAR") | {"values": values, "evidence": "MAP(VARCHAR, JSON)"}
        shape = json.dumps(whole)[:-1] + "".join(f', "{name}": {part}' for name, part in _PARTS.items()) + "}"
        cells = [_cell(f'e."values"."{f.name}"', f) for f in self._coded]
        own = ", ".join(["e.event_id", "e.revision", "e.codebook", "e.changed", "e.evidence", *(f"e.{name}" for name in _PARTS), *cells])
        return f"CREATE TEMP TABLE told AS SELECT {own} FROM (SELECT from_json(text, {_quoted(shape)}) AS e FROM texts)"

    def _events(self, con: DuckDBPyConnection) -> pa.Table:
        listed = ", ".join(f't."{f.name}"' for f in self._coded if f.name != "source")
        source, publishers = "NULL", "coalesce(len(s.names), 0)"
        if "source" in self._schema.names:
            spoken = f"list_transform(t.source, lambda x: CASE WHEN x IN s.hidden AND x NOT IN s.shown THEN '{UNDISCLOSED}' ELSE x END)"
            once = f"list_filter({spoken}, lambda x, i: list_position({spoken}, x) = i)"
            source = f"CASE WHEN len(s.hidden) > 0 THEN {once} ELSE t.source END"
            publishers = "len(list_distinct(list_concat(coalesce(s.names, []), coalesce(source, []))))"
        query = f"""
            SELECT *, {publishers.replace("s.names", "names")} AS n_publishers FROM (
                SELECT {listed}, {source} AS source, t.event_id, coalesce(s.n_reports, 0) AS n_reports, t.codebook AS codebook_version, t.revision,
                    t.changed, s.names AS names
                FROM told t LEFT JOIN totals s USING (event_id))"""
        found = con.sql(query).to_arrow_table()
        moment = found.column("changed").cast(pa.timestamp("s", "UTC")).cast(pa.int64())
        return fitted(found.append_column("timestamp", moment), self._schema)

    def _actors(self) -> str:
        parts = []
        for side in (1, 2):
            parts.append(
                f"SELECT event_id, {side} AS side, 'actor' AS role, 1 AS number, actor{side} AS actor, inter{side} AS inter"
                f" FROM told WHERE actor{side} <> ''"
            )
            several = f"assoc_actor_{side}"
            parts.append(
                f"SELECT event_id, {side}, 'associated', generate_subscripts({several}, 1), unnest({several}), NULL"
                f" FROM told WHERE len({several}) > 0"
            )
        return " UNION ALL ".join(parts)


def _cell(place: str, field: pa.Field) -> str:
    return f'CAST({place} AS VARCHAR[]) AS "{field.name}"' if pa.types.is_list(field.type) else place


def fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of a schema in their types, absent ones null. Whole numbers may be written as 3.0, never as 3.5."""
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.nulls(table.num_rows, field.type))
            continue
        column = table.column(field.name)
        if column.type != field.type:
            column = _cast(column, field.type)
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=schema)


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        return column.cast(kind)
    except pa.ArrowInvalid:
        if pa.types.is_integer(kind) and pa.types.is_string(column.type):
            return column.cast(pa.float64()).cast(kind)
        raise


def _documents_table(documents: Mapping[str, Document]) -> pa.Table:
    known: list[tuple[Any, ...]] = []
    for identity, d in documents.items():
        day = d.published.isoformat() if d.published else None
        known.append((identity, d.publisher, day, d.url, d.title, d.language, d.visibility == "public"))
    names = ("id", "publisher", "published", "url", "title", "language")
    columns: list[Any] = list(zip(*known, strict=True)) or [()] * (len(names) + 1)
    texts = {name: pa.array(column, pa.string()) for name, column in zip(names, columns[:-1], strict=True)}
    return pa.table({**texts, "is_public": pa.array(columns[-1], pa.bool_())})


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
