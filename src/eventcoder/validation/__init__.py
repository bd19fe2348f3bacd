"""Checks over many rows: bulk rules, keyed checks, likely duplicates, dataset expectations, and how findings are told. Floor 4.

    conform       a table from anywhere in the codebook's columns and types
    bulk          every column check and rule of the codebook over an Arrow table, with the verdicts of `Codebook.check`
    tally         findings without number: the first are told, all are counted
    pages         what a Parquet file would take before it is decoded; `pieces` judges one piece by piece
    keyed         what no row can know of itself: unique ids, atomicity; `references`: what the tables say about each other (`ordered`: proofs)
    geography     points against the gazetteer, by distinct spots (`points`); `actor_use`, `notes`: actors and notes of the whole dataset
    across        these three over the tables of a release
    evidence      quotes against the stored texts; `released`: the ledger against the latest release
    past          a release against the one before it
    similar       is this event already there? (pure Python: the path of `add`)
    duplicates    the same question over a whole dataset, by blocking
    thresholds    the whole dataset against `schema/checks.toml`: `measures` of each kind, `drift` by country and month, `suggesting` bounds
    profiles      what a dataset expectation needs to know of a table, counted in one pass
    suite         the Great Expectations suite as data; `expectations` runs it (the only importer of great_expectations)
    release_gate  all of it for one release, with the document and the `page` that the release publishes
    standing      all of it that concerns the events of a ledger
    accepting     warnings that a person has accepted for a time (`schema/accepted.toml`)
    rendering     a report as text, JSON, JUnit XML, GitHub annotations or a page (`report_page`, of the parts in `sheet`), made `harmless`
    explanation   what a problem's code means and how to mend it

The names below are loaded when they are asked for: `eventcoder add` takes `similar` and must not pay for the rest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventcoder.validation.bulk import validate_events
    from eventcoder.validation.explanation import explain
    from eventcoder.validation.keyed import keyed_checks
    from eventcoder.validation.release_gate import GateResult, gate
    from eventcoder.validation.rendering import render
    from eventcoder.validation.standing import project_report

__all__ = ["GateResult", "explain", "gate", "keyed_checks", "project_report", "render", "validate_events"]

_HOMES = {
    "GateResult": "release_gate",
    "explain": "explanation",
    "gate": "release_gate",
    "keyed_checks": "keyed",
    "project_report": "standing",
    "render": "rendering",
    "validate_events": "bulk",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"eventcoder.validation.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
