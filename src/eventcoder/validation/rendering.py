"""A report as text for people, JSON, JUnit XML, or GitHub annotations. Floor 4. Nothing here prints.

Text groups the problems by code, worst first, and says what, where and how to mend; the other forms hold every problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from eventcoder.errors import UsageError
from eventcoder.problem import SEVERITIES, Problem, Report

FORMATS = ("text", "json", "junit", "github")
_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, format: str = "text", *, title: str = "events", examples: int = 5, file: str | None = None) -> str:
    """The report in one of `FORMATS`, ending without a newline.

    `title` names what was checked, `examples` is how many problems of one code the text shows (0: all), `file` the file that annotations
    point to where a problem does not name its own place. Raises `UsageError` for an unknown format.
    """
    if format == "text":
        return _text(report, title, examples)
    if format == "json":
        return json.dumps(report.as_json(), ensure_ascii=False)
    if format == "junit":
        return _junit(report, title)
    if format == "github":
        return _github(report, title, file)
    raise UsageError(f"Unknown report format {format!r}.", f"Use one of: {', '.join(FORMATS)}.")


def grouped(problems: Sequence[Problem]) -> list[tuple[str, list[Problem]]]:
    """The problems by code: errors before warnings before infos, then the most frequent, then by name."""
    groups: dict[tuple[int, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((SEVERITIES.index(problem.severity), problem.code), []).append(problem)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
    return [(code, members) for (_, code), members in ordered]


def place(problem: Problem) -> str:
    """Where the problem is, in words: its input, its event, its field with the value; "" when it names none of them."""
    parts = []
    if problem.where:
        parts.append(problem.where)
    if problem.event_id:
        parts.append(f"event {problem.event_id}")
    if problem.field:
        parts.append(problem.field if problem.value is None else f"{problem.field}={_short(problem.value)}")
    return ", ".join(parts)


def summary(report: Report) -> str:
    """`2 errors, 1 warning, no infos`, the counts in one line."""
    words = []
    for severity, n in report.counts.items():
        words.append(f"{n or 'no'} {severity}{'' if n == 1 else 's'}")
    return ", ".join(words)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def _text(report: Report, title: str, examples: int) -> str:
    if not report.problems:
        return f"{title}: no problems."
    lines = [f"{title}: {summary(report)}."]
    for code, members in grouped(report.problems):
        lines += ["", f"{members[0].severity} {code} ({len(members)})"]
        shown = members[:examples] if examples else members
        for problem in shown:
            at = place(problem)
            message = " ".join(problem.message.split())
            lines.append(f"  {at}: {message}" if at else f"  {message}")
        if len(members) > len(shown):
            lines.append(f"  ... and {len(members) - len(shown)} more; --format json lists all, 'eventcoder explain {code}' says what it means.")
    return "\n".join(lines)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _junit(report: Report, title: str) -> str:
    """One test case a code; errors fail it, warnings and infos are told in its output. A clean report is one passing case."""
    groups = grouped(report.problems)
    failures = sum(1 for _, members in groups if members[0].severity == "error")
    head = f'<testsuite name={quoteattr(_xml(title))} tests="{max(1, len(groups))}" failures="{failures}" errors="0" skipped="0">'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", head]
    if not groups:
        lines.append(f'<testcase classname={quoteattr(_xml(title))} name="no problems"/>')
    for code, members in groups:
        body = escape(_xml("\n".join(f"{place(p)}: {p.message}" if place(p) else p.message for p in members)))
        lines.append(f"<testcase classname={quoteattr(_xml(title))} name={quoteattr(code)}>")
        if members[0].severity == "error":
            message = quoteattr(_xml(f"{len(members)} problem{'' if len(members) == 1 else 's'}: {members[0].message}"))
            lines.append(f'<failure type="error" message={message}>{body}</failure>')
        else:
            lines.append(f"<system-out>{members[0].severity}: {body}</system-out>")
        lines.append("</testcase>")
    return "\n".join([*lines, "</testsuite>", "</testsuites>"])


def _github(report: Report, title: str, file: str | None) -> str:
    """Workflow commands, one a problem; `where` such as "events.csv, line 12" becomes file and line."""
    lines = []
    for _, members in grouped(report.problems):
        for problem in members:
            properties = [f"title={_property(problem.code)}"]
            found = re.fullmatch(r"(.+?)(?:, (?:line|row) (\d+))?", problem.where) if problem.where else None
            at = found.group(1) if found else file
            if at:
                properties.insert(0, f"file={_property(at)}")
            if found and found.group(2):
                properties.insert(1, f"line={found.group(2)}")
            spot = place(problem)
            message = f"{spot}: {problem.message}" if spot else problem.message
            lines.append(f"::{_GITHUB[problem.severity]} {','.join(properties)}::{_data(message)}")
    return "\n".join(lines) if lines else f"::notice title={_property(title)}::no problems"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
