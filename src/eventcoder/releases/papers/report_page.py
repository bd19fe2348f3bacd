"""report.html of a release that is being written, and the page about what the ledger holds now. Floor 6."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from eventcoder.dataset.schemas import EVENTS
from eventcoder.reportpage import Query, Subject, asked, report_page

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.project import Project, Settings

CANDIDATE = "This is a candidate: its events are not settled and will change. Cite a release instead where you can."
LEDGER = "These events are not released: they are what the team's ledger holds now, open ones included, and nothing of it can be cited."


def release_report(
    settings: Settings,
    codebook: Codebook,
    *,
    version: str,
    previous: str | None,
    created: str,
    citation: str,
    tables: Mapping[str, pa.Table],
    changes: pa.Table,
    validation: Mapping[str, Any],
    candidate: bool = False,
) -> str:
    """The page of a release. Raises `EventcoderError` where the libraries that draw are not installed."""
    subject = Subject(
        title=settings.title,
        version=version,
        citation=citation,
        created=created,
        licence=settings.licence,
        codebook=f"{codebook.id} {codebook.version}",
        previous=previous,
        warnings=(CANDIDATE,) if candidate else (),
    )
    return report_page(subject, tables[EVENTS], coverage=tables.get("coverage"), changes=changes, validation=validation, codebook=codebook)


def ledger_report(project: Project, query: Query, time: datetime) -> str:
    """The page about the events that stand in the ledger, settled and open, or those of them that a query finds.

    Raises `UsageError` (unknown codes, days), `CodebookError` (a wrong expression), `ReleaseError` (a value of another type than its column).
    """
    from eventcoder.clock import latest_today
    from eventcoder.codebook import load_codebook
    from eventcoder.ledger import open_ledger
    from eventcoder.releases.making.build import gathered

    codebook = load_codebook(project.schema_dir, project.state_dir / "cache")
    found = asked(query, codebook)
    with open_ledger(project.ledger_at, create=False, readonly=True) as ledger:
        have = gathered(project, ledger, codebook, chain(ledger.event_texts("settled"), ledger.event_texts("open")), time)
    subject = Subject(
        title=project.settings.title,
        created=have.created,
        codebook=f"{codebook.id} {codebook.version}",
        query=found.words,
        warnings=(LEDGER,),
    )
    return report_page(
        subject, have.tables[EVENTS], coverage=have.tables["coverage"], codebook=codebook, condition=found.condition, countries=found.countries,
        today=latest_today(time),
    )  # fmt: skip
