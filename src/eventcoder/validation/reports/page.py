"""validation.html: the gate's document as one page for people who were not there when it was judged. Floor 4.

In the order of questions: did it pass, what remains (with examples), what was accepted, the thresholds, what changed since the last release, what
every rule found, what Great Expectations says, the columns in figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventcoder.problem import SEVERITIES
from eventcoder.validation.reports.rendering import counted
from eventcoder.validation.reports.sheet import contents, details, shown, table, whole_page

_NAMED = 10  # events shown for one code; validation.json names more
_VALUES = 12  # values of a coded column shown, the most frequent first


def validation_page(document: Mapping[str, Any]) -> str:
    """The page for a gate's document (`gate.GateResult.document`)."""
    counts = document["counts"]
    codebook = document["codebook"]
    verdict = "Passed: no errors." if document["valid"] else f"Failed: {counts['error']:,} error{'' if counts['error'] == 1 else 's'}."
    look = "bad" if not document["valid"] else "fair" if counts["warning"] else "good"
    told = (
        f"{counted({severity: counts[severity] for severity in SEVERITIES}).capitalize()}. Codebook {codebook['id']} {codebook['version']}. "
        f"No event may lie after {document['latest_today']}."
    )
    parts = [
        ("remaining", "What remains", _remaining(document["remaining"])),
        ("accepted", "Accepted warnings", _accepted(document.get("accepted") or [])),
        ("thresholds", "Thresholds of the dataset", _thresholds(document["thresholds"])),
        ("drift", "Against the release before", _drift(document["thresholds"])),
        ("rules", "Rules and references", _rules(document)),
        ("expectations", "Great Expectations", _expectations(document["great_expectations"])),
        ("duplicates", "Likely duplicates", _duplicates(document["duplicates"])),
        ("columns", "The columns in figures", _profile(document.get("profile"))),
        ("read", "What was read", table("Tables of the release", ("Table", "Rows"), document["rows"].items())),
    ]
    return whole_page("Validation", [f'<p class="verdict {look}">{shown(verdict)}</p>', f"<p>{shown(told)}</p>", *contents(parts)])


def _remaining(remaining: list[dict[str, Any]]) -> str:
    if not remaining:
        return "<p>Nothing: every check holds.</p>"
    rows = []
    for one in remaining:
        events = ", ".join(one["events"][:_NAMED])
        others = len(one["events"]) - _NAMED + one["more_events"]
        rows.append((one["code"], one["severity"], one["problems"], one["example"], f"{events} and {others:,} more" if others > 0 else events))
    said = "<p>Worst first. <code>eventcoder explain CODE</code> says what a code means.</p>\n"
    return said + table("Problems that were found", ("Code", "Severity", "Problems", "For example", "Events"), rows)


def _accepted(accepted: list[dict[str, Any]]) -> str:
    rows = [(a["code"], a.get("event_id"), a.get("field"), a.get("value"), a["reason"], a["by"], a["since"], a["until"]) for a in accepted]
    return table("Accepted for a time, with the reason", ("Code", "Event", "Field", "Value", "Reason", "By", "Since", "Until"), rows)


def _thresholds(thresholds: list[dict[str, Any]]) -> str:
    order = {"fails": 0, "warns": 1, "holds": 2, "unmeasured": 3}
    ranked = sorted(thresholds, key=lambda t: order.get(t["verdict"], 4))
    rows = [(t["id"], t["value"], t["min"], t["max"], t["verdict"], " ".join(filter(None, [t.get("note"), t["why"]]))) for t in ranked]
    heads = ("Threshold", "Measured", "Minimum", "Maximum", "Verdict", "Why")
    return table("Below the minimum fails, above the maximum warns", heads, rows)


def _drift(thresholds: list[dict[str, Any]]) -> str:
    against = [t for t in thresholds if t["kind"] in ("drift", "drop", "kept", "lost_rows")]
    rows = [(t["id"], t["kind"], t["value"], t["verdict"], t.get("note") or "") for t in against]
    return table("Measured against the release before", ("Measure", "Kind", "Value", "Verdict", "Note"), rows)


def _rules(document: Mapping[str, Any]) -> str:
    groups = (
        ("Rules of a row", document["rules"]),
        ("Keys and references between tables", [*document["keyed"], *document["references"]]),
        ("What the columns demand", document["column_checks"]),
    )
    broken = [c for _, checks in groups for c in checks if c["problems"]]
    heads = ("Check", "Severity", "Problems", "Source")
    shown_first = table("Checks that found something", heads, [_check(c) for c in sorted(broken, key=lambda c: -c["problems"])])
    total = sum(len(checks) for _, checks in groups)
    said = f"<p>{total - len(broken):,} of {total:,} checks found nothing.</p>"
    whole = [details(f"{title} ({len(checks)})", table(f"{title}: what each found", heads, [_check(c) for c in checks])) for title, checks in groups]
    return "\n".join(part for part in (said, shown_first, *whole) if part)


def _check(check: Mapping[str, Any]) -> tuple[Any, ...]:
    return (check["id"], check["severity"], check["problems"], check.get("source"))


def _expectations(judged: Mapping[str, Any] | None) -> str:
    if judged is None:
        return "<p>Not run.</p>"
    results = judged["results"]
    failed = [(r["id"], r["type"], r["severity"], r.get("exception"), r["why"]) for r in results if not r["success"]]
    every = table("All expectations", ("Expectation", "Type", "Holds"), [(r["id"], r["type"], r["success"]) for r in results])
    said = f"<p>Version {shown(judged['version'])}: {judged['evaluated']} expectations evaluated, {judged['failed']} failed.</p>"
    broken = table("Expectations that failed", ("Expectation", "Type", "Severity", "Exception", "Why"), failed)
    return "\n".join(part for part in (said, broken, details(f"All expectations ({len(results)})", every)) if part)


def _duplicates(duplicates: Mapping[str, Any]) -> str:
    stop = duplicates["stop"]
    said = "Not looked for." if stop is None else f"An undecided pair that scores {stop:g} or more stops a release."
    rows = ((name, str(value) if isinstance(value, dict) else value) for name, value in duplicates["parameters"].items())
    return f"<p>{shown(said)}</p>\n{details('Parameters of the score', table('Parameters of the score', ('Parameter', 'Value'), rows))}"


def _profile(profile: Mapping[str, Any] | None) -> str:
    if profile is None:
        return ""
    rows = [
        (name, facts["nulls"], facts.get("min"), facts.get("max"), len(facts["values"]) if "values" in facts else facts.get("distinct"), _most(facts))
        for name, facts in profile["columns"].items()
    ]
    heads = ("Column", "Without a value", "Least", "Most", "Different values", "Most frequent")
    return details(f"{len(rows)} columns, {profile['rows']:,} rows", table(f"{profile['rows']:,} rows", heads, rows))


def _most(facts: Mapping[str, Any]) -> str:
    values = sorted((facts.get("values") or {}).items(), key=lambda item: (-item[1], item[0]))
    more = f", and {len(values) - _VALUES} more" if len(values) > _VALUES else ""
    return ", ".join(f"{value} ({n:,})" for value, n in values[:_VALUES]) + more
