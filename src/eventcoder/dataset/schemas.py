"""Explicit Arrow schemas of the side tables, and how every table is sorted. Floor 3.

The events' schema comes from the codebook (`codebook.arrow.arrow_schema`); the tables around it are ours and stand here, one description a
column, which goes into the Parquet files, the data package and the printed codebook. No type is ever inferred from the data: an empty
column has the same type as a full one.
"""

from __future__ import annotations

import pyarrow as pa

TEXT, WHOLE, DAY, FLAG, TEXTS = pa.string(), pa.int64(), pa.date32(), pa.bool_(), pa.list_(pa.string())

EVENTS = "events"
TABLES: tuple[str, ...] = ("events", "event_sources", "evidence", "event_actors", "event_counts", "actors", "relations", "coverage")
REGISTERS: frozenset[str] = frozenset({"actors", "coverage"})  # tables that do not belong to one event
# Tables that say how the data came about, not what happened: neither in the fingerprint nor in the changes, and absent from older releases.
RECORDS: tuple[str, ...] = ("acts",)
UNDISCLOSED = "Undisclosed Source"
WITHHELD = "[withheld]"


def _schema(*columns: tuple[str, pa.DataType, str]) -> pa.Schema:
    return pa.schema([pa.field(name, kind, metadata={"description": text}) for name, kind, text in columns])


_EVENT_ID = ("event_id", TEXT, "Event that the row belongs to.")
_DOCUMENT = ("document_id", TEXT, "Identity of the document: the first 16 hex digits of its text's sha256.")

SIDE_SCHEMAS: dict[str, pa.Schema] = {
    "event_sources": _schema(
        _EVENT_ID,
        ("document_id", TEXT, _DOCUMENT[2] + " Null for undisclosed documents."),
        ("publisher", TEXT, f"Who published the document; '{UNDISCLOSED}' where that must not be said."),
        ("published", DAY, "Day of publication. Null: not known or undisclosed."),
        ("url", TEXT, "Where it was published. Null: not known or undisclosed."),
        ("title", TEXT, "Its headline. Null: none, not known or undisclosed."),
        ("language", TEXT, "Its language as a BCP 47 tag. Null: not known or undisclosed."),
        ("visibility", TEXT, "public, or undisclosed: then the row says how many such documents there are and nothing else."),
        ("n_documents", WHOLE, "How many documents the row stands for: 1, or the number of the event's undisclosed ones."),
    ),
    "evidence": _schema(
        _EVENT_ID,
        ("field", TEXT, "Column of the events table that the quote supports."),
        _DOCUMENT,
        ("start", WHOLE, "First character of the span in the stored text, in code points from 0."),
        ("end", WHOLE, "Character after the last one of the span; not changed where the quote is cut."),
        ("quote", TEXT, "The words of the source, verbatim, at most as long as the project's settings allow."),
        ("cut", FLAG, "True: the quote is shortened and ends with an ellipsis."),
    ),
    "event_actors": _schema(
        _EVENT_ID,
        ("side", WHOLE, "1 or 2: the column group that the actor stands in. The order says nothing about who began."),
        ("role", TEXT, "actor, or associated."),
        ("number", WHOLE, "Place in the list of its side and role, from 1."),
        ("actor", TEXT, "Name as coded."),
        ("inter", TEXT, "Class of the side's actor. Null for associated actors, which have none in the codebook."),
    ),
    "event_counts": _schema(
        _EVENT_ID,
        ("number", WHOLE, "Place among the event's counts, from 1."),
        ("document_id", TEXT, _DOCUMENT[2] + " Null: the coder's own figure."),
        ("kind", TEXT, "killed, injured, arrested or crowd."),
        ("victim", TEXT, "Class of people as the document has it. Null: not told."),
        ("low", WHOLE, "Lowest figure that the words allow. Null: none."),
        ("best", WHOLE, "Best figure. Null: none."),
        ("high", WHOLE, "Highest figure. Null with low given: an open bound ('at least 52')."),
        ("words", TEXT, "The words that were counted, verbatim, at most as long as a quote may be."),
        ("rule", TEXT, "Which entry of the lexicon or pattern turned the words into figures."),
    ),
    "actors": _schema(
        ("actor", TEXT, "Name in the codebook's form."),
        ("inter", TEXTS, "Classes with which the actor is used or registered."),
        ("country", TEXT, "Home country. Null: several, none, or not registered."),
        ("since", TEXT, "First year or day under this name. Null: not registered."),
        ("until", TEXT, "Last year or day under this name. Null: still, or not registered."),
        ("aliases", TEXTS, "Other names of the same actor."),
        ("registered", FLAG, "True: in the team's register; false: only seen in events."),
    ),
    "relations": _schema(
        _EVENT_ID,
        ("kind", TEXT, "How the two events stand to each other (list relation_kinds)."),
        ("other_event_id", TEXT, "The other event."),
        ("note", TEXT, "What the coder said about it. Null: nothing."),
    ),
    "coverage": _schema(
        ("country", TEXT, "Country that was read for."),
        ("admin1", TEXT, "First-level division. Null: the whole country."),
        ("since", DAY, "First day that was read for."),
        ("until", DAY, "Last day that was read for."),
        ("publishers", TEXTS, "Sources that were read. Empty: all that were ingested."),
        ("coder", TEXT, "Who read them, as a pseudonym unless the project names its coders."),
        ("note", TEXT, "What else was said. Null: nothing."),
    ),
}

RECORD_SCHEMAS: dict[str, pa.Schema] = {
    "acts": _schema(
        _EVENT_ID,
        ("number", WHOLE, "Place among the event's acts, from 1, in the order in which they hold."),
        ("act", TEXT, f"Identity of the act in the ledger. '{WITHHELD}': it is computed from what an undisclosed document says."),
        ("kind", TEXT, "create, attach, revise, settle, retract, restore, merge, split, relate or resolve."),
        ("time", TEXT, "When, in UTC."),
        ("coder", TEXT, "Who, as a pseudonym unless the project names its coders."),
        ("role", TEXT, "In which role."),
        ("codebook_version", TEXT, "Version of the codebook that it was done under. Null: none was noted (the act coded no value)."),
        ("fields", TEXTS, "Columns that it set or emptied. Empty for the act that created the event: it set what no later act names."),
        ("engine", TEXT, "Engine and version that proposed the draft which it decided. Null: by hand."),
        ("proposed", TEXTS, "Those of the columns that the engine had proposed with the very value."),
        ("decision", TEXT, "accepted, edited or attached (a draft), imported (from a table), adjudicated (of several codings), or by hand."),
        ("reason", TEXT, f"Reason that the coder gave. Null: none was given. '{WITHHELD}': it tells of an undisclosed document."),
        ("origin", TEXT, "Form of the table that it was imported from, as the dialect's id. Null: not imported."),
        (
            "taken",
            TEXTS,
            "Of an act that adjudicated several codings: 'column=coder' for each value that was taken from a coding; where the coders agree, of the"
            " first of them. A column that is not named: written by the adjudicator, or computed. Empty for other acts; the earliest releases with"
            " acts have no such column.",
        ),
    ),
}
LATER_COLUMNS: dict[str, tuple[str, ...]] = {"acts": ("taken",)}  # that older releases of the same format do not have; always the last ones

SORT_KEYS: dict[str, tuple[str, ...]] = {
    "events": ("country", "event_date", "event_id"),
    "event_sources": ("event_id", "published", "document_id"),
    "evidence": ("event_id", "field", "document_id", "start", "end"),
    "event_actors": ("event_id", "side", "role", "number"),
    "event_counts": ("event_id", "number"),
    "actors": ("actor",),
    "relations": ("event_id", "kind", "other_event_id"),
    "coverage": ("country", "admin1", "since", "until", "coder"),
    "acts": ("event_id", "number"),
}


def describe(schema: pa.Schema, name: str) -> str:
    """The description that a schema carries for a column, "" if it has none."""
    found = schema.field(name).metadata or {}
    return str(found.get(b"description", b"").decode("utf-8", "replace"))  # a damaged file is told by its hash
