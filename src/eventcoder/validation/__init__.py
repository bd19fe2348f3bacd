"""Checks over many rows: the codebook's rules, what rows and tables say about each other, the dataset as a whole. Floor 4.

    release_gate  all of it for one release, with the document and the page that the release publishes
    standing      all of it that concerns the events of a ledger: `evidence` (quotes in the stored texts), `released` (against the latest release),
                  `leftover` (values that no table can show), `coded_under` (codebooks to come)

    rows/         each row: columns, codes, ranges, rules
    keyed         what no row can know of itself: unique ids, atomicity; `references`: between tables (`ordered`: quick proofs)
    across        places (`geography`, by distinct spots in `points`), actors (`actor_use`) and notes (`notes`, `note_*`) of a dataset
    past          a release against the one before it
    thresholds    the whole dataset against `schema/checks.toml`: `measures` of each kind, `drift` by country and month, `suggesting` bounds
    duplicates/   pairs of events that may be one
    suite         the Great Expectations suite as data; `expectations` runs it on `profiles` (the only importer of great_expectations)

    reports/      how findings are told; `explanation`: what a code means and how to mend it
    accepting     warnings that a person has accepted for a time (`schema/accepted.toml`)
    tally         findings without number: the first are told, all are counted

The names below are loaded when they are asked for: `eventcoder add` takes `duplicates.similar` and must not pay for the rest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventcoder.validation.explanation import explain
    from eventcoder.validation.keyed import keyed_checks
    from eventcoder.validation.release_gate import GateResult, gate
    from eventcoder.validation.reports.rendering import render
    from eventcoder.validation.rows.bulk import validate_events
    from eventcoder.validation.standing import project_report

__all__ = ["GateResult", "explain", "gate", "keyed_checks", "project_report", "render", "validate_events"]

_HOMES = {
    "GateResult": "release_gate",
    "explain": "explanation",
    "gate": "release_gate",
    "keyed_checks": "keyed",
    "project_report": "standing",
    "render": "reports.rendering",
    "validate_events": "rows.bulk",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"eventcoder.validation.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
