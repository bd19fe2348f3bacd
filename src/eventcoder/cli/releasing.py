"""`release`, `check`, `withdraw`. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.options import CoderOption, DryRunOption, ExamplesOption, FormatOption, JsonOption, ProjectOption, ReasonOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import working
from eventcoder.errors import UsageError
from eventcoder.project import open_project


def release(
    notes: Annotated[str, typer.Option("--notes", help="What this version brings, for CHANGES.md.", show_default=False)] = "",
    version: Annotated[str | None, typer.Option("--version", help="YYYY.MM.N; else the next of this month.", show_default=False)] = None,
    candidate: Annotated[
        bool, typer.Option("--candidate", help="Publish what is known today, open events included, apart and marked: in releases/candidate/.")
    ] = False,
    keep: Annotated[int, typer.Option("--keep", help="With --candidate: how many candidates stay, older ones are removed; 0 for all.", min=0)] = 0,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Build and publish a version: check everything, write it aside, rename it into place.

    Errors stop it before anything is written. The same content as the latest version is not published again.

    A candidate is the whole as it would be with the open events and with those younger than cutoff_days. Events with errors are left out and
    named. Readers get it only where they ask for it: load(channel="candidate"), or "both".

    Where coders are registered a lead releases; a candidate and --dry-run are anybody's.
    """
    from eventcoder.codebook import load_codebook
    from eventcoder.ledger import open_ledger
    from eventcoder.ledger.people.permission import demand_lead
    from eventcoder.releases import build_candidate, build_release
    from eventcoder.validation.reports.rendering import render

    if candidate and version is not None:
        raise UsageError("A candidate's number is the day on which it is made.", "Leave --version out.")
    if keep and not candidate:
        raise UsageError("--keep is for candidates: a release is never removed.", "Add --candidate, or leave --keep out.")
    opened = open_project(project)
    book = load_codebook(opened.schema_dir, opened.state_dir / "cache")
    now = clock.now()
    with open_ledger(opened.ledger_at, create=False, readonly=True) as ledger, working("Building and checking the release ..."):
        if not candidate and not dry_run:
            demand_lead(opened, coder, "release", ledger)
        if candidate:
            result = build_candidate(opened, ledger, book, time=now, notes=notes, keep=keep, dry_run=dry_run)
        else:
            result = build_release(opened, ledger, book, version=version, time=now, notes=notes, dry_run=dry_run)
    if json_:
        emit(result.as_json())
    else:
        if len(result.report):
            note(render(result.report, "text"))
        if result.unsettled is not None:
            for line in result.unsettled.reasons():
                note(line)
        say(result.summary)
    if not result.report.valid:
        raise typer.Exit(1)


def check(
    target: Annotated[Path, typer.Argument(help="A release folder, a releases folder, or a CSV or Parquet file of events.", show_default=False)],
    format_: FormatOption = "text",
    json_: JsonOption = False,
    examples: ExamplesOption = None,
    project: ProjectOption = None,
) -> None:
    """Check a release from its own files: hashes, counts, schema, rules, and that previous + changes = this."""
    from eventcoder.releases import check_release
    from eventcoder.validation.reports.rendering import render

    with working("Checking ..."):
        report = check_release(target)
    say(render(report, "json" if json_ else format_, title=str(target), examples=examples))
    if not report.valid:
        raise typer.Exit(1)


def withdraw(
    version: Annotated[str, typer.Argument(help="The released version.")],
    reason: ReasonOption,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Mark a version as withdrawn: it stays readable, with a warning that gives the reason. Where coders are registered a lead does."""
    from eventcoder.ledger.people.permission import demand_lead
    from eventcoder.releases import withdraw as mark

    opened = open_project(project)
    demand_lead(opened, coder, "withdraw a version")
    mark(opened, version, reason)
    say(f"{version} is withdrawn: {reason}")
