"""A report as text for people, JSON, JUnit XML, GitHub annotations, or an HTML page. Floor 4. Nothing here prints.

JSON holds every problem. The other forms group them by code, worst first, and show some of each with the exact count. What a value holds that
would act on a terminal, a log or a page is shown as an escape (`harmless`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from eventcoder.errors import UsageError
from eventcoder.problem import SEVERITIES, Problem, Report
from eventcoder.validation.reports.harmless import harmless, harmless_json
from eventcoder.validation.tally import weight

FORMATS = ("text", "json", "junit", "github", "html")
SUFFIXES = {".html": "html", ".htm": "html", ".xml": "junit", ".json": "json", ".txt": "text"}
EXAMPLES = {"text": 5, "html": 20, "junit": 20, "github": 3}  # problems of one code that are shown, where nothing else is asked for
ANNOTATIONS = 10  # GitHub shows so many of each severity a step and drops the rest
_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}
_FILE = re.compile(r"(.+?\.[A-Za-z][A-Za-z0-9]{0,7})(?:, line (\d+))?(?:, .*)?", re.DOTALL)


def render(report: Report, format: str = "text", *, title: str = "events", examples: int | None = None, file: str | None = None) -> str:
    """The report in one of `FORMATS`, ending without a newline.

    `title` names what was checked, `examples` is how many problems of one code are shown (0: all, None: as many as suit the form; JSON holds all),
    `file` the file that annotations point to where a problem does not name its own place. Raises `UsageError` for an unknown format.
    """
    if format == "json":
        return harmless_json(json.dumps(_finite(report.as_json()), ensure_ascii=False))
    if format not in FORMATS:
        raise UsageError(f"Unknown report format {format!r}.", f"Use one of: {', '.join(FORMATS)}.")
    shown = EXAMPLES[format] if examples is None else examples or len(report)
    if format == "text":
        return _text(report, title, shown)
    if format == "junit":
        return _junit(report, title, shown)
    if format == "github":
        return _github(report, title, shown, file)
    from eventcoder.validation.reports.report_page import report_page

    return report_page(report, title, shown)


def form_of(path: Path) -> str:
    """The format that a file's name asks for. Raises `UsageError` for a name that asks for none."""
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"{path.name} does not say which form the report should have.", f"End the name in one of: {', '.join(SUFFIXES)}.")
    return form


def grouped(problems: Sequence[Problem]) -> list[tuple[str, list[Problem]]]:
    """The problems by code: errors before warnings before infos, then the most frequent, then by name."""
    groups: dict[tuple[int, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((SEVERITIES.index(problem.severity), problem.code), []).append(problem)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], -number(item[1]), item[0][1]))
    return [(code, members) for (_, code), members in ordered]


def number(members: Sequence[Problem]) -> int:
    """How many findings these problems stand for."""
    return sum(map(weight, members))


def place(problem: Problem) -> str:
    """Where the problem is, in words: its input, its event, its field with the value; "" when it names none of them."""
    parts = []
    if problem.where:
        parts.append(problem.where)
    if problem.event_id:
        parts.append(f"event {problem.event_id}")
    if problem.field:
        parts.append(problem.field if problem.value is None else f"{problem.field}={short(problem.value)}")
    return harmless(", ".join(parts))


def summary(report: Report) -> str:
    """`2 errors, 1 warning, no infos`, the counts in one line."""
    return counted(report.counts)


def counted(counts: Mapping[str, int]) -> str:
    """The counts by severity in words."""
    words = []
    for severity, n in counts.items():
        words.append(f"{f'{n:,}' if n else 'no'} {severity}{'' if n == 1 else 's'}")
    return ", ".join(words)


def short(value: object) -> str:
    """A problem's value on one line, cut to 60 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text[:1000].split())
    return text if len(text) <= 60 else text[:57] + "..."


def _finite(value: Any) -> Any:
    """The value with texts in place of NaN and infinities, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value if value is None or isinstance(value, str | int) or (isinstance(value, float) and isfinite(value)) else str(value)


def _line(problem: Problem) -> str:
    """Where and what, on one line."""
    at = place(problem)
    message = harmless(" ".join(problem.message.split()))
    return f"{at}: {message}" if at else message


def _text(report: Report, title: str, examples: int) -> str:
    name = harmless(title)
    if not report.problems:
        return f"{name}: no problems."
    lines = [f"{name}: {summary(report)}."]
    for code, members in grouped(report.problems):
        lines += ["", f"{members[0].severity} {code} ({number(members)})"]
        lines += [f"  {_line(problem)}" for problem in members[:examples]]
        if len(members) > examples:
            more = f"  ... and {number(members) - examples} more; --format json lists all, 'eventcoder explain {code}' says what it means."
            lines.append(more)
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return quoteattr(harmless(text))


def _junit(report: Report, title: str, examples: int) -> str:
    """One test case a code; errors fail it, warnings and infos are told in its output. A clean report is one passing case.

    There are no times: the same report gives the same bytes.
    """
    groups = grouped(report.problems)
    failures = sum(1 for _, members in groups if members[0].severity == "error")
    counts = f'tests="{max(1, len(groups))}" failures="{failures}" errors="0"'
    head = f'<testsuites {counts}>\n<testsuite name={_quoted(title)} {counts} skipped="0">'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', head]
    if not groups:
        lines.append(f'<testcase classname={_quoted(title)} name="no problems"/>')
    for code, members in groups:
        told = [_line(problem) for problem in members[:examples]]
        if len(members) > len(told):
            told.append(f"... and {number(members) - len(told)} more")
        body = escape("\n".join(told))
        lines.append(f"<testcase classname={_quoted(title)} name={_quoted(code)}>")
        if members[0].severity == "error":
            message = _quoted(f"{number(members)} problem{'' if number(members) == 1 else 's'}: {members[0].message}")
            lines.append(f'<failure type="error" message={message}>{body}</failure>')
        else:
            lines.append(f"<system-out>{members[0].severity} ({number(members)}): {body}</system-out>")
        lines.append("</testcase>")
    return "\n".join([*lines, "</testsuite>", "</testsuites>"])


def _github(report: Report, title: str, examples: int, file: str | None) -> str:
    """Workflow commands: one annotation a code, worst first, and the counts in a line of the log. Where there are more codes of a severity than
    GitHub shows, the last annotation names the rest. `where` such as "events.csv, line 12" becomes file and line."""
    if not report.problems:
        return f"::notice title={_property(title)}::no problems"
    lines: list[str] = []
    groups = grouped(report.problems)
    for severity in SEVERITIES:
        own = [group for group in groups if group[1][0].severity == severity]
        kept = own if len(own) <= ANNOTATIONS else own[: ANNOTATIONS - 1]
        lines += [_annotation(code, members, examples, file) for code, members in kept]
        if rest := own[len(kept) :]:
            named = ", ".join(f"{code} ({number(members)})" for code, members in rest)
            lines.append(f"::{_GITHUB[severity]} title={len(rest)} further codes::{_data(named)}")
    last = _data(harmless(f"{title}: {summary(report)}."))
    return "\n".join([*lines, last.replace("::", ": :").replace("##[", "## [")])  # a line of the log that GitHub must not obey


def _annotation(code: str, members: Sequence[Problem], examples: int, file: str | None) -> str:
    title = code if len(members) == 1 else f"{code} ({number(members)})"
    told = [_told(problem) for problem in members[:examples]]
    if len(members) > len(told):
        told.append(f"... and {number(members) - len(told)} more")
    properties = [*_spot(members[0], file), f"title={_property(title)}"]
    message = "\n".join(told)
    return f"::{_GITHUB[members[0].severity]} {','.join(properties)}::{_data(message)}"


def _told(problem: Problem) -> str:
    at, message = place(problem), harmless(problem.message, lines=True)
    return f"{at}: {message}" if at else message


def _spot(problem: Problem, file: str | None) -> Iterator[str]:
    """The properties that say where an annotation belongs, as far as that is known."""
    found = _FILE.fullmatch(problem.where) if problem.where else None
    at = found.group(1) if found else file
    if at:
        yield f"file={_property(at)}"
    if found and found.group(2):
        yield f"line={found.group(2)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(harmless(text)).replace(":", "%3A").replace(",", "%2C")
