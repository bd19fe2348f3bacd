"""A report as one HTML page: every code with its exact count and some of its problems. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.problem import Problem, Report
from eventcoder.validation.reports.rendering import grouped, number, short, summary
from eventcoder.validation.reports.sheet import contents, shown, table, whole_page

_TITLES = {"error": "Errors", "warning": "Warnings", "info": "Notes"}


def report_page(report: Report, title: str, examples: int) -> str:
    """The page, without a newline at its end. `examples`: problems of one code that are shown; counts are exact."""
    counts = report.counts
    verdict = "No errors." if report.valid else f"{counts['error']:,} error{'' if counts['error'] == 1 else 's'}."
    look = "bad" if not report.valid else "fair" if counts["warning"] else "good"
    groups = grouped(report.problems)
    rows = [(code, members[0].severity, number(members), members[0].message) for code, members in groups]
    parts = [("codes", "What was found", table("Codes, worst first", ("Code", "Severity", "Problems", "For example"), rows))]
    for severity, name in _TITLES.items():
        own = [_group(code, members, examples) for code, members in groups if members[0].severity == severity]
        parts.append((severity, name, "\n".join(own)))
    said = f"<p>{shown(summary(report))}. <code>eventcoder explain CODE</code> says what a code means.</p>" if groups else ""
    return whole_page(f"Report: {title}", [f'<p class="verdict {look}">{shown(verdict)}</p>', said, *contents(parts)]).rstrip("\n")


def _group(code: str, members: Sequence[Problem], examples: int) -> str:
    n = number(members)
    caption = f"{code}: {n:,} problem{'' if n == 1 else 's'}" + (f", the first {examples:,}" if n > examples else "")
    rows = [
        (at, p.event_id or "", p.field, None if p.value is None else short(p.value), p.message, p.where) for at, p in enumerate(members[:examples], 1)
    ]
    return table(caption, ("Number", "Event", "Field", "Value", "Problem", "Place"), rows)
