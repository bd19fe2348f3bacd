"""Gaps: values that the codebook demands and that a coder does not know yet. In a candidate they are warnings, in a release errors. Floor 4.

An event is open most often because something about it is not known yet, such as its place to the point. A candidate without such events would
leave out what it is made for; what can be counted and read (a day, a country, a type) is enough to be in it. A value that is wrong stays an error.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from eventcoder.validation.tally import BulkReport

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook

CODE = "missing-required"
NEEDED = frozenset({"event_id", "event_date", "year", "country", "iso", "event_type", "disorder_type"})  # without these a row stands in no count


def gap_columns(codebook: Codebook) -> frozenset[str]:
    """Columns that a settled event must have and an event of a candidate may lack."""
    return frozenset(c.name for c in codebook.columns if c.required and c.entered != "system" and c.name not in NEEDED)


def as_warnings(report: BulkReport, columns: Collection[str]) -> BulkReport:
    """The report with what is missing in these columns as warnings."""
    if not columns:
        return report
    softened = BulkReport()
    softened.extend(replace(p, severity="warning") if p.code == CODE and p.severity == "error" and p.field in columns else p for p in report.problems)
    return softened


def missing(events: pa.Table, columns: Collection[str]) -> dict[str, list[str]]:
    """Columns without a value, by event, in the order of the table's columns."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[str, list[str]] = {}
    for name in (n for n in events.column_names if n in columns):
        column = events.column(name)
        blank = pc.is_null(column)
        if pa.types.is_list(column.type):
            blank = pc.or_(blank, pc.equal(pc.fill_null(pc.list_value_length(column), 0), 0))
        for event_id in events.filter(blank).column("event_id").to_pylist():
            found.setdefault(event_id, []).append(name)
    return found
