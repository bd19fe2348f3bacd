"""An inspection as text for people, JSON, JUnit XML, GitHub's log, or a page; and the Markdown for a summary or a comment. Floor 7.

Nothing here prints. Seconds stand in the text and in GitHub's log alone: the other forms are the same for the same commits.
"""

from __future__ import annotations

import html
import json
from xml.etree import ElementTree

from eventcoder.ci.markdown import bounded, plain
from eventcoder.ci.report import STEPS, Inspection, Step
from eventcoder.errors import UsageError
from eventcoder.validation.reports.rendering import grouped, place, render, summary

FORMATS = ("text", "json", "junit", "github", "html")
SHOWN = 5  # problems of one code that a page names
_SIGN = {"passed": "ok", "failed": "FAILED", "skipped": "-"}
_ICON = {"passed": "✅", "failed": "❌", "skipped": "⏭️"}
_STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"


def show(inspection: Inspection, format: str = "text") -> str:
    """The inspection in one of `FORMATS`, ending without a newline. Raises `UsageError` for an unknown format."""
    if format == "text":
        return _text(inspection)
    if format == "json":
        return json.dumps(inspection.as_json(), ensure_ascii=False, default=str)
    if format == "junit":
        return _junit(inspection)
    if format == "github":
        return _github(inspection)
    if format == "html":
        return _html(inspection)
    raise UsageError(f"Unknown format {format!r}.", f"Use one of: {', '.join(FORMATS)}.")


def verdict(inspection: Inspection) -> str:
    """One line: does the change pass, and if not, which steps failed."""
    failed = [s.name for s in inspection.steps if s.verdict == "failed"]
    return f"Failed: {', '.join(failed)}." if failed else f"Passed: {sum(s.verdict == 'passed' for s in inspection.steps)} step(s)."


def _remarks(step: Step) -> str:
    counts = [f"{n} {severity}{'' if n == 1 else 's'}" for severity, n in step.report.counts.items() if n and severity != "info"]
    return _line("; ".join([*([step.reason] if step.reason else []), *step.told, *counts]))


def _line(text: str) -> str:
    """Text as one line without controls, which terminals would obey."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in " ".join(text.split()))


def _text(inspection: Inspection) -> str:
    lines = [_line(f"Compared with {inspection.base.said}."), ""]
    lines += [f"{_SIGN[s.verdict]:<7}{s.name:<9} {s.seconds:6.1f} s  {_remarks(s)}".rstrip() for s in inspection.steps]
    for step in inspection.steps:
        if step.problems:
            lines += ["", render(step.report, "text", title=step.name)]
    return "\n".join([*lines, "", verdict(inspection)])


def _github(inspection: Inspection) -> str:
    """One folded group a step; a failed one is followed by its annotations, which GitHub shows at the changed files."""
    lines = [_unspoken(_line(f"Compared with {inspection.base.said}."))]
    for step in inspection.steps:
        lines.append(f"::group::{_SIGN[step.verdict]} {step.name} ({step.seconds:.1f} s): {_unspoken(_remarks(step))}")
        lines += [_unspoken(line) for line in render(step.report, "text", title=step.name).splitlines()] if step.problems else []
        lines.append("::endgroup::")
        if step.problems:
            lines.append(render(step.report, "github", title=step.name))
    return "\n".join([*lines, verdict(inspection)])


def _unspoken(line: str) -> str:
    """A line of the log that is no command, whatever the data hold: GitHub obeys lines that begin with `::` or hold `##[`."""
    return line.replace("::", ":\u200b:").replace("##[", "##\u200b[")


def _junit(inspection: Inspection) -> str:
    root = ElementTree.Element("testsuites")
    for step in inspection.steps:
        if step.verdict == "skipped":
            suite = ElementTree.SubElement(root, "testsuite", name=step.name, tests="1", failures="0", errors="0", skipped="1")
            case = ElementTree.SubElement(suite, "testcase", classname=step.name, name="skipped")
            ElementTree.SubElement(case, "skipped", message=_line(step.reason))
        else:
            root.extend(ElementTree.fromstring(render(step.report, "junit", title=step.name).encode("utf-8")).iter("testsuite"))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def _html(inspection: Inspection) -> str:
    said = html.escape
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{said(inspection.project)}: check of a change</title>',
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>',
        f"<h1>{said(verdict(inspection))}</h1><p>{said(inspection.project)}, compared with {said(inspection.base.said)}.</p>",
    ]
    for step in inspection.steps:
        parts.append(f"<section><h2>{said(step.name)}: {step.verdict}</h2><p>{said(STEPS[step.name])}. {said(_remarks(step))}</p>")
        for code, members in grouped(step.problems):
            items = "".join(f"<li>{said(place(p))}{': ' if place(p) else ''}{said(p.message)}</li>" for p in members[:SHOWN])
            more = f"<li>and {len(members) - SHOWN} more</li>" if len(members) > SHOWN else ""
            parts.append(f"<h3>{members[0].severity} <code>{said(code)}</code> ({len(members)})</h3><ul>{items}{more}</ul>")
        parts.append("</section>")
    return "\n".join([*parts, "</body></html>"])


def markdown(inspection: Inspection) -> str:
    """The verdict, the steps, what is wrong, and what is pending: for a job's summary or a comment, at most `markdown.LIMIT` characters."""
    lines = [f"### {'✅' if inspection.passed else '❌'} {plain(inspection.project)}: {plain(verdict(inspection))}", ""]
    lines += [f"Compared with {plain(inspection.base.said)}.", "", "| step | | |", "|---|---|---|"]
    lines += [f"| {s.name} | {_ICON[s.verdict]} | {plain(_remarks(s), 400)} |" for s in inspection.steps]
    for step in inspection.steps:
        if step.verdict != "failed":
            continue
        lines += ["", f"#### {step.name}: {summary(step.report)}", ""]
        for code, members in grouped(step.report.errors):
            lines.append(f"- `{code}` ({len(members)})")
            lines += [f"  - {plain(f'{place(p)}: {p.message}' if place(p) else p.message, 500)}" for p in members[:SHOWN]]
            lines += [f"  - and {len(members) - SHOWN} more"] if len(members) > SHOWN else []
    if inspection.pending:
        lines += ["", "### Pending for the next release", "", inspection.pending]
    return bounded("\n".join(lines) + "\n")
