"""`report`: a release, the ledger, or a query over either as one page. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, say
from eventcoder.cli.progress import working
from eventcoder.errors import UsageError
from eventcoder.project import open_project


def report(
    release: Annotated[str, typer.Option("--release", help="The released version.")] = "latest",
    ledger: Annotated[bool, typer.Option("--ledger", help="What the ledger holds now, settled and open, instead of a release.")] = False,
    source: Annotated[
        str | None, typer.Option("--source", help="Releases elsewhere: a folder or a URL; else the project's.", show_default=False)
    ] = None,
    country: Annotated[list[str] | None, typer.Option("--country", help="Only this country; can be repeated.", show_default=False)] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="Only this event, sub-event or disorder type; can be repeated.", show_default=False)
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only from this day on (YYYY-MM-DD, YYYY-MM or YYYY).", show_default=False)] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only until this day, month or year.", show_default=False)] = None,
    where: Annotated[str | None, typer.Option("--where", help='Expression over the columns, e.g. "fatalities > 10".', show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; else report-RELEASE.html here.", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Write one HTML page: map, time, deaths, precision, what was read, changed and checked. It opens without a network and prints.

    Every release has its own report.html. This makes one for any other question:

    eventcoder report --country Iran --since 2026-01 --where "fatalities > 0"
    """
    from eventcoder import reader
    from eventcoder.releases.exporting.target import check_target, written_aside

    if ledger and (source is not None or release != "latest"):
        raise UsageError("--ledger is what is not released yet.", "Leave --release and --source out, or --ledger.")
    given = {"since": since, "until": until, "where": where}
    target = out or Path(f"report-{'ledger' if ledger else release}.html")
    check_target(target, force=force)
    with working("Writing the report ..."):
        if ledger:
            from eventcoder.releases.papers.report_page import ledger_report
            from eventcoder.reportpage import Query

            page = ledger_report(open_project(project), Query(country or (), type_ or (), **given), clock.now())
        else:
            place = source if source is not None else open_project(project).root
            page = reader.report(place, release, country=country, type=type_, **given)
        with written_aside(target, force=force) as aside:
            aside.write_text(page, "utf-8", newline="\n")
    if json_:
        emit({"file": str(target), "bytes": len(page.encode())})
    else:
        say(str(target))
