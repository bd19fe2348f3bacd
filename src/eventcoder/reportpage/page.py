"""The page. Floor 5."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.reportpage import around, sections
from eventcoder.reportpage.changing import changed
from eventcoder.reportpage.drawing import altair
from eventcoder.reportpage.parts import paragraph
from eventcoder.reportpage.questions import figures
from eventcoder.reportpage.reading import coverage as read
from eventcoder.reportpage.style import STYLE
from eventcoder.reportpage.subject import Subject
from eventcoder.validation.reports.sheet import section, shown

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

    from eventcoder.codebook import Codebook

_NOT_HERE = paragraph("A page about a query does not tell what changed: the page of the whole version, CHANGES.md and the command diff do.")
PRECISIONS = ("time_precision", "geo_precision")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"  # no script, no network, nowhere to send to


def report_page(
    subject: Subject,
    events: pa.Table | ds.Dataset,
    *,
    coverage: pa.Table | None = None,
    changes: pa.Table | None = None,
    validation: Mapping[str, Any] | None = None,
    codebook: Codebook | None = None,
    condition: str = "TRUE",
    countries: Collection[str] | None = None,
    today: date | None = None,
) -> str:
    """The HTML of the page: one file, without script, that refers to nothing outside.

    `events` is a table in memory or a dataset of Parquet files (read in pieces); `condition` (SQL out of `codebook.duck.node_sql`) chooses
    among them, `countries` are those whose coverage is shown (default: all). `changes` and `validation` belong to whole releases. The same
    arguments give the same bytes. Raises `EventcoderError` where the libraries that draw are not installed.
    """
    altair()  # said before any work is done
    found = figures(events, condition, codebook, today)
    covered = read(coverage, found.by_week, found.by_year, countries)
    labels = {name: codebook.lists[name].labels for name in PRECISIONS if codebook is not None and name in codebook.lists}
    freshness = [
        ("Last event", str(found.last or "none"), "the latest day of an event"),
        ("Read through", str(covered.through or "not recorded"), "the last day for which reading is recorded"),
        ("Last act", subject.created[:10] or "not known", "when the coding was last changed"),
    ]
    empty = not found.total.events
    parts = [
        ("glance", "At a glance", sections.glance(found, freshness)),
        ("map", "Where", "" if empty else sections.mapped(found)),
        ("time", "When", "" if empty else sections.timeline(found)),
        ("deaths", "People killed", "" if empty else sections.deaths(found)),
        ("leading", "Places and actors", "" if empty else sections.leading(found)),
        ("precision", "How exactly", "" if empty else sections.precision(found, labels)),
        ("coverage", "What was read", around.reading(covered)),
        (
            "changes",
            "What changed",
            _NOT_HERE
            if subject.query and changes is None and subject.previous
            else around.changes(changed(changes) if changes is not None else None, subject.previous, subject.previous is None),
        ),
        ("checks", "What was checked", around.checks(validation, of_all=bool(subject.query)) if validation is not None else ""),
    ]
    present = [part for part in parts if part[2]]
    links = "".join(f'<li><a href="#{name}">{shown(title)}</a></li>' for name, title, _ in present)
    none = paragraph("No event answers this query." if subject.query else "There are no events.", "warning") if empty else ""
    body = [_head(subject), f'<nav aria-label="Parts of this page"><ul>{links}</ul></nav>', none, *(section(*part) for part in present)]
    return _whole(f"{subject.title} {subject.version}".strip(), "\n".join(part for part in body if part), _foot(subject))


def _head(subject: Subject) -> str:
    known = [f"Version {subject.version}" if subject.version else "Not released", f"codebook {subject.codebook}" if subject.codebook else ""]
    return "\n".join(
        [
            "<header>",
            f"<h1><bdi>{shown(subject.title)}</bdi></h1>",
            paragraph(", ".join(filter(None, known)) + "."),
            paragraph(f"Cite as: {subject.citation}", "faint") if subject.citation else "",
            *(paragraph(text, "warning") for text in subject.warnings),
            paragraph(f"This page answers a query and does not show the whole: {subject.query}", "query") if subject.query else "",
            "</header>",
        ]
    )


def _foot(subject: Subject) -> str:
    licence = f" Licence: {subject.licence}." if subject.licence else ""
    how = (
        "This page needs no network and runs no script. Figures report what sources said, which may be wrong, and what was read, which is never all."
    )
    return f"<footer>{paragraph(how + licence, 'faint')}</footer>"


def _whole(title: str, body: str, foot: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<title>{shown(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n'
        f'<a class="skip" href="#content">To the content</a>\n<main id="content" tabindex="-1">\n{body}\n</main>\n{foot}\n</body>\n</html>\n'
    )
