"""validation.html: the gate's document as one page that opens without a network and reads well aloud. Floor 4.

Plain string templates; every value is escaped. No script, no font, no image, no link that leads outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
caption { text-align: left; font-weight: bold; padding: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #888; overflow-wrap: anywhere; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.verdict { font-size: 1.3rem; font-weight: bold; border-left: .5rem solid; padding: .4rem .8rem; }
.good { border-color: #1a7f37; } .bad { border-color: #b42318; }
details { margin: 1rem 0; } summary { cursor: pointer; font-weight: bold; }
code { font-family: ui-monospace, monospace; }
@media print { details > * { display: block; } }
"""


def validation_page(document: Mapping[str, Any]) -> str:
    """The page for a gate's document (`gate.GateResult.document`)."""
    counts = document["counts"]
    verdict = "Passed: no errors." if document["valid"] else f"Failed: {counts['error']} errors."
    codebook = document["codebook"]
    parts = [
        f'<p class="verdict {"good" if document["valid"] else "bad"}">{escape(verdict)}</p>',
        f"<p>{counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes. Codebook {escape(codebook['id'])} "
        f"{escape(codebook['version'])}. No event may lie after {escape(document['latest_today'])}.</p>",
        _remaining(document["remaining"]),
        _table("What was read", ("Table", "Rows"), document["rows"].items()),
        _table(
            "Thresholds of the dataset: below the minimum fails, above the maximum warns",
            ("Threshold", "Measured", "Minimum", "Maximum", "Verdict", "Why"),
            [(t["id"], t["value"], t["min"], t["max"], t["verdict"], t["why"]) for t in document["thresholds"]],
        ),
        _expectations(document["great_expectations"]),
        _details("Rules of a row", _checks(document["rules"])),
        _details("Keys and references between tables", _checks([*document["keyed"], *document["references"]])),
        _details("Columns", _checks(document["column_checks"])),
        _details("Likely duplicates", _duplicates(document["duplicates"])),
    ]
    if "profile" in document:
        parts.append(_details("The columns in figures", _profile(document["profile"])))
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Validation</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Validation</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _cell(value: Any) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, int | float):
        return f'<td class="number">{value:,}</td>' if isinstance(value, int) else f'<td class="number">{value:g}</td>'
    return f"<td>{escape(str(value))}</td>"


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table whose first column heads its rows; nothing where there are no rows."""
    lines = []
    for row in rows:
        first, *rest = row
        lines.append(f'<tr><th scope="row">{escape(str(first))}</th>{"".join(_cell(value) for value in rest)}</tr>')
    if not lines:
        return ""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    joined = "\n".join(lines)
    return f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{joined}\n</tbody>\n</table>"


def _details(title: str, body: str) -> str:
    return f"<details>\n<summary>{escape(title)}</summary>\n{body}\n</details>" if body else ""


def _remaining(remaining: list[dict[str, Any]]) -> str:
    if not remaining:
        return "<h2>What remains</h2>\n<p>Nothing: every check holds.</p>"
    rows = []
    for one in remaining:
        events = ", ".join(one["events"][:10])
        others = len(one["events"]) - 10 + one["more_events"]
        rows.append((one["code"], one["severity"], one["problems"], one["example"], f"{events} and {others} more" if others > 0 else events))
    table = _table("Problems that were found, worst first", ("Code", "Severity", "Problems", "For example", "Events"), rows)
    return f"<h2>What remains</h2>\n{table}"


def _expectations(judged: Mapping[str, Any] | None) -> str:
    if judged is None:
        return ""
    failed = [(r["id"], r["type"], r["severity"], r.get("exception"), r["why"]) for r in judged["results"] if not r["success"]]
    every = _table("All expectations", ("Expectation", "Type", "Holds"), [(r["id"], r["type"], r["success"]) for r in judged["results"]])
    said = f"<p>Version {escape(judged['version'])}: {judged['evaluated']} expectations evaluated, {judged['failed']} failed.</p>"
    table = _table("Expectations that failed", ("Expectation", "Type", "Severity", "Exception", "Why"), failed)
    return f"<h2>Great Expectations</h2>\n{said}\n{table}\n{_details('All expectations', every)}"


def _checks(checks: list[dict[str, Any]]) -> str:
    return _table("Checks and what they found", ("Check", "Severity", "Problems", "Source"), [
        (c["id"], c["severity"], c["problems"], c.get("source")) for c in checks
    ])  # fmt: skip


def _duplicates(duplicates: Mapping[str, Any]) -> str:
    stop = duplicates["stop"]
    said = "Not looked for." if stop is None else f"An undecided pair that scores {stop:g} or more stops a release."
    rows = [(name, ", ".join(f"{v:g}" for v in value) if isinstance(value, list) else value) for name, value in duplicates["parameters"].items()]
    return f"<p>{escape(said)}</p>\n" + _table("Parameters of the score", ("Parameter", "Value"), rows)


def _profile(profile: Mapping[str, Any]) -> str:
    rows = [
        (name, facts["nulls"], facts.get("min"), facts.get("max"), len(facts["values"]) if "values" in facts else facts.get("distinct"))
        for name, facts in profile["columns"].items()
    ]
    return _table(f"{profile['rows']:,} rows", ("Column", "Without a value", "Least", "Most", "Different values"), rows)
