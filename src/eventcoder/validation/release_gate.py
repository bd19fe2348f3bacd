"""The gate of a release: every check over its tables, one verdict, and the document and page that the release publishes. Floor 4.

What it runs: types, columns and rules of every row (`bulk`), keys and references (`keyed`), the comparison with the release before (`past`),
thresholds of the whole dataset (`thresholds`), likely duplicates where a score is set that stops (`duplicates`), and Great Expectations on the
profile of the events (`expectations`). The same tables give the same document and page, byte for byte: no clock, no random id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.problem import SEVERITIES, Problem
from eventcoder.validation.accepting import Accepted, apply, error_codes
from eventcoder.validation.across import across, register_of
from eventcoder.validation.coded_under import codebook_problems
from eventcoder.validation.duplicates.search import search
from eventcoder.validation.duplicates.similar import DEFAULT, Parameters
from eventcoder.validation.expectations import importing, judge_profile, version
from eventcoder.validation.gaps import as_warnings
from eventcoder.validation.keyed import keyed_checks
from eventcoder.validation.past import compare
from eventcoder.validation.profiles import Profile, profile
from eventcoder.validation.references import CHECKS
from eventcoder.validation.reports.page import validation_page
from eventcoder.validation.reports.rendering import grouped
from eventcoder.validation.rows.bulk import row_problems
from eventcoder.validation.rows.conform import conform
from eventcoder.validation.suite import Item, measure_item, unique_columns
from eventcoder.validation.tally import FURTHER, MOST, BulkReport, Tally, by_code, limited, weight
from eventcoder.validation.thresholds import Judged, judge_thresholds

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook

DOCUMENT_FORMAT = 1
NAMED_EVENTS = 50  # event ids that the document names per code


@dataclass(frozen=True, slots=True)
class GateResult:
    """`report` holds the problems: of each check the first `most`, and one that says how many further ones there are (`tally`), so that its counts
    are exact. `document` is what goes into validation.json, `html` into validation.html. `passed`: no error."""

    report: BulkReport
    document: dict[str, Any] = field(repr=False)
    html: str = field(repr=False)
    reliability: Mapping[str, Any] | None = field(default=None, repr=False)  # of the release that was judged

    @property
    def passed(self) -> bool:
        return self.report.valid


def gate(
    tables: Mapping[str, pa.Table],
    codebook: Codebook,
    *,
    latest_today: date,
    previous: Mapping[str, pa.Table] | None = None,
    decisions_different: Collection[tuple[str, str]] = (),
    duplicate_stop: float | None = None,
    imported: Callable[[Collection[str]], Mapping[str, str]] | None = None,
    parameters: Parameters = DEFAULT,
    great_expectations: bool = True,
    accepted: Sequence[Accepted] = (),
    most: int = MOST,
    gaps: Collection[str] = (),
    reliability: Mapping[str, Any] | None = None,
) -> GateResult:
    """Check the tables of a release (names of `dataset.TABLES`, `retracted` where there is one).

    `previous` are the tables of the release before. `decisions_different` are pairs of event ids that coders have called different events.
    `duplicate_stop` (None: do not look) is the score from which an undecided pair of likely duplicates is an error; a pair of events that came
    from one and the same dataset is a warning (`imported` tells the datasets of event ids, of none that was coded here). `accepted` are
    warnings that were accepted (`accepting`), judged on the day `latest_today` and published in the document. `gaps` are columns in which a missing
    value is a warning, though the codebook demands it (`gaps`: of a candidate). `reliability` is what reliability.json says. Without
    `events` there is nothing to check and the one problem says so. Nothing raises for what is in the tables.
    """
    report = BulkReport()
    if "events" not in tables:
        report.extend([Problem("missing-table", "There is no table of events. Build the release again.", value="events")])
        document = _document(report, tables, codebook, latest_today, None, [], [], parameters, duplicate_stop)
        return GateResult(report, document, validation_page(document))
    tally = Tally(most)
    events, misfits, absent = conform(tables["events"], codebook, tally=tally)
    checked = {**tables, "events": events}
    report.extend(misfits)
    problems: Iterable[Problem]
    register = register_of(checked.get("actors"), codebook)
    # Two lanes of work, whose parts release Python's lock in Arrow and DuckDB; what they find is reported in the order of this text.
    with importing() if great_expectations else nullcontext(), ThreadPoolExecutor(1) as beside:
        known = register.known
        rules = beside.submit(lambda: list(row_problems(events, codebook, latest_today=latest_today, absent=absent, tally=tally, registered=known)))
        profiled = beside.submit(profile, events, codebook, unique=unique_columns(codebook))
        different = {(min(pair), max(pair)) for pair in decisions_different} | _related(tables)
        keyed = keyed_checks(checked, codebook, decisions_different=different, most=most)
        compared = across(checked, codebook, most=most, register=register)
        traced = _traced(tables)
        past = compare(events, previous, traced, most=most)
        judged, found = judge_thresholds(checked, codebook, latest_today=latest_today, previous=previous, traced=traced, reliability=reliability)
        ahead = limited(codebook_problems(events, codebook), most)
        for problems in (rules.result(), tally.untold(), ahead, keyed, compared.problems, past, found):
            report.extend(problems)
        if duplicate_stop is not None:
            report.extend(limited(_duplicates(events, duplicate_stop, different, imported or (lambda _: {}), parameters), most))
        facts = profiled.result()
    verdicts = _great_expectations(facts, codebook, report, judged, absent) if great_expectations else []
    report.extend(_unexplained(verdicts, report))
    report = as_warnings(report, gaps)
    report = BulkReport(apply(report, accepted, latest_today, never=error_codes(codebook)).problems)
    document = _document(report, tables, codebook, latest_today, facts, judged, verdicts, parameters, duplicate_stop)
    document["across"] = compared.as_json()
    if accepted:
        document["accepted"] = [entry.as_json() for entry in accepted]
    return GateResult(report, document, validation_page(document))


def _traced(tables: Mapping[str, pa.Table]) -> frozenset[str]:
    """Events that the release says were withdrawn."""
    retracted = tables.get("retracted")
    if retracted is None or "event_id" not in retracted.column_names:
        return frozenset()
    return frozenset(event_id for event_id in retracted["event_id"].to_pylist() if event_id)


def _related(tables: Mapping[str, pa.Table]) -> set[tuple[str, str]]:
    """Pairs of events that a relation of any kind joins: somebody looked at both and found them different."""
    relations = tables.get("relations")
    if relations is None or not {"event_id", "other_event_id"} <= set(relations.column_names):
        return set()
    pairs = zip(relations["event_id"].to_pylist(), relations["other_event_id"].to_pylist(), strict=True)
    return {(min(pair), max(pair)) for pair in pairs if None not in pair}


def _duplicates(
    events: pa.Table,
    stop: float,
    different: Collection[tuple[str, str]],
    imported: Callable[[Collection[str]], Mapping[str, str]],
    parameters: Parameters,
) -> list[Problem]:
    found = search(events, parameters=parameters, at_least=stop)
    pairs = [pair for pair in found.pairs if (pair.a, pair.b) not in different]
    datasets = imported({event_id for pair in pairs for event_id in (pair.a, pair.b)}) if pairs else {}
    out = []
    for pair in pairs:
        one_dataset = pair.a in datasets and datasets[pair.a] == datasets.get(pair.b)
        message = (
            f"Very like event {pair.a} (score {pair.score:.2f}: {', '.join(pair.reasons)}). Merge them with 'eventcoder merge {pair.a} {pair.b}'"
            f" if they are one, or say with 'eventcoder relate {pair.a} different {pair.b}' that they are two;"
            " 'eventcoder duplicates --decide' shows such pairs side by side."
        )
        out.append(Problem("undecided-duplicate", message, "warning" if one_dataset else "error", pair.b, "event_id", pair.a))
    out += [Problem("narrowed-comparison", f"{block} Look at that day yourself.", "info", value=block.day) for block in found.narrowed]
    return out


def _great_expectations(facts: Profile, codebook: Codebook, report: BulkReport, judged: list[Judged], absent: frozenset[str]) -> list[dict[str, Any]]:
    """GX judges the profile, the number of rows that break each error, and the thresholds."""
    errors = by_code(report.errors)
    measures: dict[str, float] = {}
    items: list[Item] = []

    def judge(id_: str, value: float, low: float | None, high: float | None, why: str, severity: str = "critical") -> None:
        measures[id_] = value
        items.append(measure_item(id_, id_, low, high, why, severity))

    demands = [(r.id, r.severity, r.source) for r in codebook.rules] + [(k.id, k.severity, k.source) for k in codebook.keyed]
    demands += [(code, "error", "columns.csv and lists/") for code in sorted({check.code for check in codebook.checks})]
    demands += [(check.id, check.severity, "What the tables say about each other.") for check in CHECKS]
    for id_, severity, source in demands:
        if severity == "error" and f"rule:{id_}" not in measures:
            judge(f"rule:{id_}", errors[id_], 0, 0, source)
    for name in unique_columns(codebook):
        distinct = facts.columns[name].distinct
        if distinct is not None and name not in absent:
            repeats = facts.rows - facts.columns[name].nulls - distinct
            judge(f"{name}:unique", repeats, 0, 0, f"{name} belongs to one row.")
    for one in judged:
        if one.value is not None and one.least is not None:
            judge(f"{one.id}:min", one.value, one.least, None, one.why)
        if one.value is not None and one.most is not None:
            judge(f"{one.id}:max", one.value, None, one.most, one.why, "warning")
    return judge_profile(facts, codebook, measures, items, absent=absent)


def _unexplained(verdicts: list[dict[str, Any]], report: BulkReport) -> list[Problem]:
    """What Great Expectations fails and no check of ours has named: the gate must not be green then."""
    known = {problem.field for problem in report.errors} | {problem.code for problem in report.errors}
    out = []
    for verdict in verdicts:
        about = {verdict["column"], verdict["id"].removeprefix("rule:").rsplit(":", 1)[0], verdict["id"].removeprefix("rule:")}
        if not verdict["success"] and verdict["severity"] == "critical" and not about & known:
            told = f" ({verdict['exception']})" if "exception" in verdict else ""
            message = f"Great Expectations fails '{verdict['id']}'{told}: {verdict['why']} Look at the column's values."
            out.append(Problem("expectation-failed", message, field=verdict["column"], value=verdict["id"]))
    return out


def _document(
    report: BulkReport,
    tables: Mapping[str, pa.Table],
    codebook: Codebook,
    latest_today: date,
    facts: Profile | None,
    judged: list[Judged],
    verdicts: list[dict[str, Any]],
    parameters: Parameters,
    duplicate_stop: float | None,
) -> dict[str, Any]:
    """What was checked, with which thresholds, and what remains."""
    counts = by_code(report)
    rules = [{"id": r.id, "severity": r.severity, "problems": counts[r.id], "source": r.source} for r in codebook.rules]
    keyed = [{"id": k.id, "severity": k.severity, "problems": counts[k.id], "source": k.source} for k in codebook.keyed]
    columns = Counter(check.code for check in codebook.checks) - Counter(rule.id for rule in codebook.rules)
    document: dict[str, Any] = {
        "format": DOCUMENT_FORMAT,
        "valid": report.valid,
        "counts": report.counts,
        "codebook": {"id": codebook.id, "version": codebook.version, "hash": codebook.hash},
        "latest_today": latest_today.isoformat(),
        "rows": {name: len(tables[name]) for name in sorted(tables)},
        "column_checks": [{"id": code, "severity": "error", "checks": n, "problems": counts[code]} for code, n in sorted(columns.items())],
        "rules": rules,
        "keyed": keyed,
        "references": [
            {"id": id_, "severity": severity, "problems": counts[id_]} for id_, severity in sorted({(check.id, check.severity) for check in CHECKS})
        ],
        "thresholds": [one.as_json() for one in judged],
        "duplicates": {"stop": duplicate_stop, "parameters": parameters.as_json()},
        "great_expectations": None,
        "remaining": _remaining(report),
    }
    if verdicts:
        failed = sum(1 for verdict in verdicts if not verdict["success"])
        document["great_expectations"] = {"version": version(), "evaluated": len(verdicts), "failed": failed, "results": verdicts}
    if facts is not None:
        document["profile"] = facts.as_json()
    return document


def _remaining(report: BulkReport) -> list[dict[str, Any]]:
    """Worst first. Of findings that were counted and not told, each counts as one more event."""
    out = []
    for code, members in grouped(report.problems):
        ids = sorted({problem.event_id for problem in members if problem.event_id})
        untold = sum(weight(problem) for problem in members if problem.where == FURTHER)
        record = {"code": code, "severity": members[0].severity, "problems": sum(map(weight, members)), "example": members[0].message}
        out.append({**record, "events": ids[:NAMED_EVENTS], "more_events": max(0, len(ids) - NAMED_EVENTS) + untold})
    return sorted(out, key=lambda one: (SEVERITIES.index(one["severity"]), -one["problems"], one["code"]))
