"""Counts over the canonical tables: what a release holds, how full its columns are, what was read for it. Floor 3.

Everything is a plain dict with keys in a fixed order, so that the same tables give the same JSON. Imports pyarrow: not for the hot path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.dataset.schemas import EVENTS

GROUPED = (
    "country", "region", "year", "disorder_type", "event_type", "sub_event_type", "interaction", "time_precision", "geo_precision",
    "fatalities_basis", "clarity", "codebook_version",
)  # fmt: skip
INTERVALS = ("fatalities", "injured", "arrested", "crowd")


def summarise(tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    """Rows a table; events by country, type, year and the codes of certainty; people counted, with how often nothing was reported (a missing
    count is never added as zero: it is counted apart); share of filled cells a column; reports an event; what coverage says.
    """
    events = tables[EVENTS]
    days = pc.min_max(events.column("event_date")).as_py() if events.num_rows else {"min": None, "max": None}
    return {
        "rows": {name: tables[name].num_rows for name in sorted(tables)},
        "first_event_date": _text(days["min"]),
        "last_event_date": _text(days["max"]),
        "by": {name: _frequencies(events.column(name)) for name in GROUPED if name in events.column_names},
        "by_country_and_month": _country_months(events),
        "people": _people(events),
        "filled": {name: _filled(events.column(name)) for name in events.column_names},
        "reports_per_event": _frequencies(events.column("n_reports")) if "n_reports" in events.column_names else {},
        "coverage": _coverage(tables.get("coverage")),
    }


def _text(value: Any) -> str | None:
    return None if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)


def _frequencies(column: pa.ChunkedArray) -> dict[str, int]:
    """How often each value stands, by value; null under ''."""
    found = {_text(r["values"]) or "": r["counts"] for r in pc.value_counts(column).to_pylist()}
    return dict(sorted(found.items(), key=lambda kv: (not kv[0].isdigit(), int(kv[0]) if kv[0].isdigit() else 0, kv[0])))


def _country_months(events: pa.Table) -> dict[str, dict[str, int]]:
    """Events a country and month: what an alarm on sudden jumps compares."""
    if not events.num_rows:
        return {}
    days = events.column("event_date")
    month = pc.add(pc.multiply(pc.year(days), 12), pc.subtract(pc.month(days), 1))  # texts are made of the few sums only
    grouped = pa.table({"country": events.column("country"), "month": month}).group_by(["country", "month"]).aggregate([([], "count_all")])
    out: dict[str, dict[str, int]] = {}
    for country, name, count in sorted((r["country"] or "", _month(r["month"]), r["count_all"]) for r in grouped.to_pylist()):
        counted = out.setdefault(country, {})
        counted[name] = counted.get(name, 0) + count
    return out


def _month(number: int | None) -> str:
    return "" if number is None else f"{number // 12:04}-{number % 12 + 1:02}"


def _people(events: pa.Table) -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for kind in INTERVALS:
        facts: dict[str, int] = {}
        for name in (kind, f"{kind}_low", f"{kind}_high"):
            if name in events.column_names:
                column = events.column(name)
                facts[name] = pc.sum(column).as_py() or 0
                facts[f"{name}_not_reported"] = column.null_count
        if facts:
            out[kind] = facts
    return out


def _filled(column: pa.ChunkedArray) -> float:
    """Share of rows with a value; an empty list counts as none."""
    if not len(column):
        return 0.0
    if pa.types.is_list(column.type):
        present = pc.sum(pc.fill_null(pc.greater(pc.list_value_length(column), 0), False)).as_py() or 0
    else:
        present = len(column) - column.null_count
    return round(present / len(column), 4)


def _coverage(coverage: pa.Table | None) -> dict[str, Any]:
    """Which countries were read for, from when to when: a week without events means little where nobody read (T36)."""
    if coverage is None or not coverage.num_rows:
        return {"rows": 0, "through": None, "countries": {}}
    grouped = coverage.group_by("country").aggregate([("since", "min"), ("until", "max"), ([], "count_all")]).to_pylist()
    countries = {r["country"] or "": {"since": _text(r["since_min"]), "until": _text(r["until_max"]), "rows": r["count_all"]} for r in grouped}
    return {"rows": coverage.num_rows, "through": _text(pc.max(coverage.column("until")).as_py()), "countries": dict(sorted(countries.items()))}
