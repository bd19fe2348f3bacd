"""Run the gate once more over a finished release and hold its document against the published one. Floor 6.

The release is judged on the day on which it was judged then (`latest_today` in validation.json), so that the verdict does not change with age,
and with the tables of the version before where they are at hand. Likely duplicates are not looked for again: which pairs come from one
imported dataset, and so did not stop the release, is known to the ledger alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import eventcoder
from eventcoder.errors import ReleaseError
from eventcoder.problem import Problem
from eventcoder.releases.bounded import LARGEST_JSON, read_bytes, strict_json
from eventcoder.releases.layout import RELIABILITY, VALIDATION_JSON
from eventcoder.releases.manifest import CANDIDATE
from eventcoder.releases.papers.reliability import read_reliability

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.releases.manifest import Manifest

# What the same tables must give again; the rest of the document also speaks of likely duplicates.
COMPARED = ("codebook", "latest_today", "rows", "column_checks", "rules", "keyed", "references", "thresholds", "profile", "accepted")


def rejudge(
    folder: Path, manifest: Manifest, tables: Mapping[str, pa.Table], previous: Mapping[str, pa.Table] | None, codebook: Codebook, today: date
) -> Iterator[Problem]:
    """Every problem of the gate, Great Expectations included, and `validation-differs` where validation.json says something else.

    `tables` are those of the release with `retracted`, `previous` those of the version before (empty: there was none; None: not at hand).
    """
    from eventcoder.validation import gate
    from eventcoder.validation.accepting import published
    from eventcoder.validation.across import as_judged_then, same_gazetteer
    from eventcoder.validation.gaps import gap_columns

    told = _published(folder / VALIDATION_JSON)
    gaps = gap_columns(codebook) if manifest.channel == CANDIDATE else ()
    day = _day(told, today)
    try:
        agreed = read_reliability(folder)
    except ReleaseError as error:
        agreed = None
        yield Problem("validation-differs", f"{error.message} Fetch the release again.", where=RELIABILITY)
    result = gate(tables, codebook, latest_today=day, previous=previous or None, accepted=published(told), gaps=gaps, reliability=agreed)
    same_program = manifest.engine.eventcoder == eventcoder.__version__
    problems = as_judged_then(result.report, told, result.document)
    yield from problems if same_program else _newer_as_warnings(problems, told, result.document)
    if told is None:
        yield Problem("validation-differs", f"{VALIDATION_JSON} cannot be read. Fetch the release again.", where=VALIDATION_JSON)
        return
    if told.get("valid") is not True:
        said = f"{VALIDATION_JSON} does not say that the release passed, and what does not pass is never released. Fetch the release again."
        yield Problem("validation-differs", said, where=VALIDATION_JSON)
        return
    if codebook.hash != manifest.codebook.hash or previous is None:
        return  # other rules, or no version to compare with: other verdicts
    found = json.loads(json.dumps(result.document))
    differing = [name for name in COMPARED if told.get(name) != found.get(name)]
    if same_gazetteer(told, found) and told["across"] != found["across"]:
        differing.append("across")
    if _verdicts(told) != _verdicts(found):
        differing.append("great_expectations")
    if differing:
        said = f"{VALIDATION_JSON} says something else than the tables give ({', '.join(differing)})."
        why = "Fetch the release again." if same_program else f"It was built with eventcoder {manifest.engine.eventcoder}, whose checks may differ."
        yield Problem("validation-differs", f"{said} {why}", "error" if same_program else "info", value=differing[0], where=VALIDATION_JSON)


def _newer_as_warnings(problems: Iterable[Problem], told: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Iterator[Problem]:
    """What a check finds that did not exist when the release was made is a warning: the past cannot have kept a law that came later."""
    newer = _checks(now) - _checks(told or {})
    for problem in problems:
        if problem.severity == "error" and problem.code in newer:
            yield replace(problem, severity="warning", message=f"{problem.message} (This check is newer than the release.)")
        else:
            yield problem


def _checks(document: Mapping[str, Any]) -> set[str]:
    """The ids of all checks that a verdict's document lists."""
    lists = [document.get(name) for name in ("column_checks", "rules", "keyed", "references", "thresholds")]
    across = document.get("across")
    lists.append(across.get("checks") if isinstance(across, Mapping) else None)
    return {str(one["id"]) for checks in lists if isinstance(checks, list) for one in checks if isinstance(one, Mapping) and "id" in one}


def _published(path: Path) -> dict[str, Any] | None:
    try:
        found = strict_json(read_bytes(path, LARGEST_JSON), path.name)
    except ReleaseError:
        return None
    return found if isinstance(found, dict) else None


def _day(told: Mapping[str, Any] | None, today: date) -> date:
    """The day of the verdict, never one that is still to come."""
    try:
        return min(today, date.fromisoformat(str((told or {}).get("latest_today"))))
    except ValueError:
        return today


def _verdicts(document: Mapping[str, Any]) -> Any:
    """What Great Expectations said, whatever its version."""
    told = document.get("great_expectations")
    return told.get("results") if isinstance(told, Mapping) else None
