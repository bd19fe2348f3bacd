"""What the tables of one dataset must say about each other, as data: each check is a query that finds the rows that break it. Floor 4.

A query gives `event_id, field, value, detail` (texts or null) for every offending row; `{detail}` and `{value}` in the message are filled from it.
A check runs only where all tables and columns it needs are there; what is absent is another check's finding. `{symmetric}` in a query stands for
the codes of relations that mean the same from both sides. Every test for presence is a semi or anti join, so that millions of rows take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventcoder.problem import Severity


@dataclass(frozen=True, slots=True)
class Reference:
    """One check between tables: `needs` names tables and the columns that the query reads."""

    id: str
    needs: dict[str, tuple[str, ...]]
    query: str
    message: str
    severity: Severity = "error"


def _points_to_event(table: str) -> Reference:
    return Reference(
        "unknown-event",
        {table: ("event_id",), "events": ("event_id",)},
        f"SELECT event_id, NULL AS field, NULL AS value, count(*)::VARCHAR AS detail FROM {table} t"
        " WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = t.event_id) GROUP BY event_id",
        f"{table} has {{detail}} row(s) for event {{event}}, which is not among the events. Release side tables together with their events.",
    )


_NEVER_SEEN = "NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = {column}) AND NOT EXISTS (SELECT 1 FROM retracted r WHERE r.event_id = {column})"

# Withdrawn event -> every event that its successors lead to, one by one; UNION ends the walk where it comes round again.
_WALK = """WITH RECURSIVE walk AS (SELECT event_id, successor AS reached FROM retracted WHERE successor IS NOT NULL
    UNION SELECT w.event_id, r.successor FROM walk w JOIN retracted r ON r.event_id = w.reached WHERE r.successor IS NOT NULL) """
# The actors as the rows of the events name them.
_CAST = """SELECT event_id, 1 AS side, actor1 AS actor FROM events WHERE actor1 IS NOT NULL
    UNION ALL SELECT event_id, 2, actor2 FROM events WHERE actor2 IS NOT NULL"""

CHECKS: tuple[Reference, ...] = (
    Reference(
        "missing-event-id",
        {"events": ("event_id",)},
        "SELECT NULL AS event_id, 'event_id' AS field, NULL AS value, row_number() OVER () AS detail FROM events WHERE event_id IS NULL",
        "A row of the events has no event_id, so nothing can refer to it. Take the rows from the ledger, which gives every event its id.",
    ),
    *(_points_to_event(table) for table in ("event_sources", "evidence", "event_actors", "event_counts", "relations")),
    Reference(
        "unknown-related-event",
        {"relations": ("event_id", "other_event_id", "kind"), "events": ("event_id",), "retracted": ("event_id",)},
        "SELECT event_id, 'relations' AS field, other_event_id AS value, kind AS detail FROM relations t WHERE other_event_id IS NULL OR ("
        + _NEVER_SEEN.format(column="t.other_event_id")
        + ")",
        "The relation '{detail}' leads to event {value}, which is neither an event nor a withdrawn one. Release both together.",
        "warning",
    ),
    Reference(
        "self-relation",
        {"relations": ("event_id", "other_event_id", "kind")},
        "SELECT event_id, 'relations' AS field, other_event_id AS value, kind AS detail FROM relations WHERE event_id = other_event_id",
        "The relation '{detail}' joins the event to itself. Name the other event.",
    ),
    Reference(
        "retracted-event-present",
        {"events": ("event_id",), "retracted": ("event_id",)},
        "SELECT event_id, 'event_id' AS field, event_id AS value, NULL AS detail FROM events WHERE event_id IN (SELECT event_id FROM retracted)",
        "Event {value} was retracted or merged and is among the events again. Restore it with 'eventcoder restore', or leave it out.",
    ),
    Reference(
        "unknown-successor",
        {"events": ("event_id",), "retracted": ("event_id", "successor")},
        "SELECT event_id, 'successor' AS field, successor AS value, NULL AS detail FROM retracted t WHERE successor IS NOT NULL AND "
        + _NEVER_SEEN.format(column="t.successor"),
        "The successor {value} of a withdrawn event does not exist. Name an event of this release.",
    ),
    Reference(
        "successor-loop",
        {"retracted": ("event_id", "successor")},
        _WALK + "SELECT event_id, 'successor' AS field, event_id AS value, NULL AS detail FROM walk WHERE reached = event_id",
        "The successors of withdrawn event {value} lead back to it, so that nobody finds what replaced it. Name a live event.",
    ),
    Reference(
        "successor-withdrawn",
        {"events": ("event_id",), "retracted": ("event_id", "successor")},
        _WALK + "SELECT w.event_id, 'successor' AS field, w.reached AS value, NULL AS detail FROM walk w JOIN retracted r ON r.event_id = w.reached"
        " WHERE r.successor IS NULL AND NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = w.reached)",
        "The event was merged into {value}, which was withdrawn later without a successor. If it did happen, restore one of the two.",
        "info",
    ),
    Reference(
        "relation-told-twice",
        {"relations": ("event_id", "other_event_id", "kind")},
        "SELECT max(event_id) AS event_id, 'relations' AS field, min(event_id) AS value, kind AS detail FROM"
        " (SELECT event_id, kind, least(event_id, other_event_id) AS a, greatest(event_id, other_event_id) AS b FROM relations"
        " WHERE kind IN ({symmetric}) AND event_id <> other_event_id) GROUP BY kind, a, b HAVING count(*) > 1",
        "The relation '{detail}' between this event and {value} is told more than once. It means the same from both sides: count pairs.",
        "info",
    ),
    Reference(
        "source-without-document",
        {"event_sources": ("event_id", "document_id", "visibility")},
        "SELECT event_id, 'document_id' AS field, NULL AS value, count(*)::VARCHAR AS detail FROM event_sources"
        " WHERE visibility = 'public' AND document_id IS NULL GROUP BY event_id",
        "{detail} public source(s) of the event name no document, so that nothing leads to them. Build the tables again from the ledger.",
    ),
    Reference(
        "source-twice",
        {"event_sources": ("event_id", "document_id")},
        "SELECT event_id, 'document_id' AS field, document_id AS value, count(*)::VARCHAR AS detail FROM event_sources WHERE document_id IS NOT NULL"
        " GROUP BY event_id, document_id HAVING count(*) > 1",
        "Document {value} stands {detail} times among the sources of the event and counts as often. Build the tables again from the ledger.",
    ),
    Reference(
        "count-without-report",
        {"event_counts": ("event_id", "document_id", "kind"), "event_sources": ("event_id", "document_id")},
        "SELECT event_id, kind AS field, document_id AS value, NULL AS detail FROM event_counts t WHERE document_id IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM event_sources s WHERE s.event_id = t.event_id AND s.document_id = t.document_id)",
        "The figure for '{field}' comes from document {value}, which is not attached to the event. Attach it with 'eventcoder attach'.",
    ),
    Reference(
        "actors-differ",
        {"events": ("event_id", "actor1", "actor2"), "event_actors": ("event_id", "side", "role", "actor")},
        f"SELECT event_id, 'actor' || side AS field, actor AS value, 'event_actors does not have it' AS detail FROM ({_CAST}) c WHERE NOT EXISTS"
        " (SELECT 1 FROM event_actors a WHERE a.event_id = c.event_id AND a.side = c.side AND a.role = 'actor' AND a.actor = c.actor)"
        " UNION ALL SELECT event_id, 'actor' || side, actor, 'the events do not have it' FROM event_actors a WHERE role = 'actor' AND NOT EXISTS"
        f" (SELECT 1 FROM ({_CAST}) c WHERE a.event_id = c.event_id AND a.side = c.side AND a.actor = c.actor)"
        " AND EXISTS (SELECT 1 FROM events e WHERE e.event_id = a.event_id)",
        "{field} is '{value}' in one of the tables only ({detail}). Build the tables again from the ledger.",
    ),
    Reference(
        "empty-quote",
        {"evidence": ("event_id", "field", "quote")},
        "SELECT event_id, field, NULL AS value, NULL AS detail FROM evidence WHERE quote IS NULL OR trim(quote) = ''",
        "The evidence for '{field}' quotes nothing. Mark the words of the source that support the value.",
    ),
    Reference(
        "bad-span",
        {"evidence": ("event_id", "field", "quote", "start", "end", "cut")},
        """SELECT event_id, field, quote AS value, start || '-' || "end" AS detail FROM evidence
        WHERE start IS NULL OR "end" IS NULL OR start < 0 OR "end" <= start OR (NOT cut AND length(quote) <> "end" - start)
            OR (cut AND length(quote) > "end" - start + 1)""",
        "The span {detail} does not fit its quote. Offsets count the characters of the stored text; mark the words again.",
    ),
    Reference(
        "evidence-without-report",
        {"evidence": ("event_id", "field", "document_id"), "event_sources": ("event_id", "document_id")},
        "SELECT event_id, field, document_id AS value, NULL AS detail FROM evidence t WHERE NOT EXISTS (SELECT 1 FROM event_sources s"
        " WHERE s.event_id = t.event_id AND s.document_id = t.document_id)",
        "The evidence for '{field}' comes from document {value}, which is not attached to the event. Attach it with 'eventcoder attach'.",
    ),
    Reference(
        "report-count-mismatch",
        {"events": ("event_id", "n_reports"), "event_sources": ("event_id", "n_documents")},
        "SELECT e.event_id, 'n_reports' AS field, e.n_reports::VARCHAR AS value, coalesce(s.n, 0)::VARCHAR AS detail FROM events e LEFT JOIN"
        " (SELECT event_id, sum(n_documents) AS n FROM event_sources GROUP BY event_id) s USING (event_id)"
        " WHERE e.n_reports IS NOT NULL AND e.n_reports <> coalesce(s.n, 0)",
        "n_reports is {value}, but event_sources has {detail} document(s) for the event. Build the tables again from the ledger.",
    ),
    Reference(
        "missing-actor-row",
        {"event_actors": ("event_id", "actor"), "actors": ("actor",)},
        "SELECT event_id, 'actor' AS field, actor AS value, NULL AS detail FROM event_actors t WHERE NOT EXISTS"
        " (SELECT 1 FROM actors a WHERE a.actor = t.actor)",
        "Actor '{value}' is not in the table of actors. Build the tables again from the ledger.",
    ),
    Reference(
        "count-out-of-order",
        {"event_counts": ("event_id", "kind", "low", "best", "high")},
        "SELECT event_id, kind AS field, concat_ws('/', low, best, high) AS value, NULL AS detail FROM event_counts"
        " WHERE low > best OR best > high OR low > high OR low < 0 OR best < 0 OR high < 0",
        "The count {value} is not ordered from low over best to high, or is negative. Correct the figures.",
    ),
)
