"""`release`, `check`, `diff`, `publish`, `withdraw`. Floor 8."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.options import DryRunOption, ExamplesOption, FormatOption, JsonOption, ProjectOption, ReasonOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import working
from eventcoder.project import open_project

OPERATIONS = ("added", "revised", "attached", "retracted", "merged", "split")
BOOKKEEPING = ("timestamp", "revision", "last_changed", "n_reports", "n_publishers", "codebook_version")  # change with any act


def release(
    notes: Annotated[str, typer.Option("--notes", help="What this version brings, for CHANGES.md.", show_default=False)] = "",
    version: Annotated[str | None, typer.Option("--version", help="YYYY.MM.N; else the next of this month.", show_default=False)] = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Build and publish a version: check everything, write it aside, rename it into place.

    Errors stop it before anything is written. The same content as the latest version is not published again.
    """
    from eventcoder.codebook import load_codebook
    from eventcoder.ledger import open_ledger
    from eventcoder.releases import build_release
    from eventcoder.validation.reports.rendering import render

    opened = open_project(project)
    book = load_codebook(opened.schema_dir, opened.state_dir / "cache")
    with open_ledger(opened.ledger_path, create=False, readonly=True) as ledger, working("Building and checking the release ..."):
        result = build_release(opened, ledger, book, version=version, time=clock.now(), notes=notes, dry_run=dry_run)
    if json_:
        emit(result.as_json())
    else:
        if result.report is not None and len(result.report):
            note(render(result.report, "text"))
        say(result.summary)
    if result.report is not None and not result.report.valid:
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


def diff(
    older: Annotated[str, typer.Argument(help="A version.", show_default=False)],
    newer: Annotated[str, typer.Argument(help="A later version, or 'latest'.")] = "latest",
    limit: Annotated[int, typer.Option("--limit", help="How many changes to print; 0 for all.", min=0)] = 50,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """What changed between two versions: added, revised, attached, retracted, merged, split."""
    from eventcoder.changelog import SCHEMA_OPS, schema_change
    from eventcoder.reader import changes

    opened = open_project(project)
    frame = changes(older, newer, source=opened.releases_dir)
    rows = json.loads(frame.to_json(orient="records", date_format="iso"))
    counts = {op: len({r["event_id"] for r in rows if r["op"] == op and r["event_id"] and r["table"] in (None, "events")}) for op in OPERATIONS}
    counts["attached"] = len({r["event_id"] for r in rows if r["op"] == "attached"})
    if json_:
        emit({**counts, "changes": rows})
        return
    say(", ".join(f"{op} {n}" for op, n in counts.items()))
    told = [r for r in rows if r["field"] not in BOOKKEEPING and r["table"] in (None, "events", "event_sources", "codebook")]
    for row in told[: limit or None]:
        if row["event_id"] is None and row["op"] in SCHEMA_OPS:
            say(f"{row['op']:<18} {schema_change(row)}")
            continue
        if row["field"]:
            change = f"{row['field']}: {row['old']} -> {row['new']}"
        else:
            change = f"into {row['merged_into']}" if row["merged_into"] else ""
        say(f"{row['op']:<10} {row['event_id'] or '':<13} {change}  {row['reason'] or ''}".rstrip())
    if len(told) < len(rows):
        note(f"{len(rows) - len(told)} further rows (counters, evidence, actors ...) are in changes.csv and in --json.")
    if limit and len(told) > limit:
        note(f"... and {len(told) - limit} more; --limit 0 shows all.")


def publish(
    target: Annotated[Path, typer.Argument(help="Folder to copy the releases to, e.g. of a web server.", show_default=False)],
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Copy the releases to a folder: files first, verified by reading back, the pointer last. Can be repeated."""
    from eventcoder.releases import publish as copy

    result = copy(open_project(project), target)
    if json_:
        emit(result.as_json())
    else:
        say(result.summary)


def withdraw(version: Annotated[str, typer.Argument(help="The released version.")], reason: ReasonOption, project: ProjectOption = None) -> None:
    """Mark a version as withdrawn: it stays readable, with a warning that gives the reason."""
    from eventcoder.releases import withdraw as mark

    mark(open_project(project), version, reason)
    say(f"{version} is withdrawn: {reason}")
