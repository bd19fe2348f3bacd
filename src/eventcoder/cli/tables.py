"""`journal`, `ledger`: the ledger in other forms. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventcoder.cli.options import JsonOption, KeepGoingOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems
from eventcoder.cli.progress import working
from eventcoder.project import open_project

journal = typer.Typer(help="The ledger as text files for git.", no_args_is_help=True)
ledger = typer.Typer(help="Back up the ledger.", no_args_is_help=True)


@journal.command("export")
def journal_export(
    folder: Annotated[Path | None, typer.Argument(help="Folder; else the project's raw/journal.", show_default=False)] = None,
    project: ProjectOption = None,
) -> None:
    """Write the ledger as sorted JSON Lines, one file per coder and month: the form that goes into git."""
    from eventcoder.ledger import open_ledger
    from eventcoder.ledger.journal import export_journal

    opened = open_project(project)
    with open_ledger(opened.ledger_path, create=False, readonly=True) as store:
        count = export_journal(store, folder or opened.journal_dir)
    say(f"{count} entries in {folder or opened.journal_dir}")


@journal.command("import")
def journal_import(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders; else the project's raw/journal.", show_default=False)] = None,
    keep_going: KeepGoingOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Read journals into the ledger. Twice changes nothing; two coders' diverging acts become a conflict, nothing is lost."""
    from eventcoder.ledger import open_ledger
    from eventcoder.ledger.journal import import_journal

    opened = open_project(project)
    with open_ledger(opened.ledger_path) as store, working("Reading journals ..."):
        result = import_journal(store, paths or [opened.journal_dir], keep_going=keep_going)
    if json_:
        emit(
            {
                "read": result.read,
                "new": result.new,
                "known": result.known,
                "conflicts": list(result.conflicts),
                "problems": [p.as_json() for p in result.problems],
            }
        )
    else:
        say(f"read {result.read} entries: {result.new} new, {result.known} known")
    for event in result.conflicts:
        note(f"conflict: event {event} was changed by two coders; see 'eventcoder show {event}'.")
    show_problems(result.problems)
    if any(p.severity == "error" for p in result.problems):
        raise typer.Exit(1)


@ledger.command("backup")
def ledger_backup(file: Annotated[Path, typer.Argument(help="New file to write.")], project: ProjectOption = None) -> None:
    """Copy the ledger to a new file while coders go on working."""
    from eventcoder.ledger import open_ledger

    opened = open_project(project)
    with open_ledger(opened.ledger_path, create=False, readonly=True) as store:
        store.backup(file)
    say(f"{file}  {file.stat().st_size:,} bytes")
