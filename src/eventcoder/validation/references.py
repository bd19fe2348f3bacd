"""What the tables of one dataset must say about each other, as data: each check is a query that finds the rows that break it. Floor 4.

A query gives `event_id, field, value, detail` (texts or null) for every offending row; `{detail}` and `{value}` in the message are filled from it.
A check runs only where all tables and columns it needs are there; what is absent is another check's finding.
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
        "The relation '{detail}' leads to event {value}, which was never released. Release both events, or take the relation back.",
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
