"""`import`, `export`, `journal`, `ledger`: events and the ledger in other forms. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, KeepGoingOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems
from eventcoder.cli.progress import working
from eventcoder.errors import Refused, UsageError
from eventcoder.project import coder_name, open_project

journal = typer.Typer(help="The ledger as text files for git.", no_args_is_help=True)
ledger = typer.Typer(help="Back up the ledger.", no_args_is_help=True)


def import_(
    file: Annotated[Path, typer.Argument(help="CSV or JSON Lines of events.", show_default=False)],
    dialect: Annotated[str, typer.Option("--dialect", help="native, acled, or auto (by the header).")] = "auto",
    keep_going: KeepGoingOption = False,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Take events from a table. Every row is accounted for: read = created + revised + unchanged + rejected.

    Rows that cannot be read are rejected, with line number and reason, into a file that can be mended and imported again; nothing is stored
    then unless --keep-going. Rows with gaps or broken rules are stored open and counted as incomplete. The same file again changes nothing.
    """
    from eventcoder.codebook import load_codebook
    from eventcoder.intake.tables import import_table
    from eventcoder.ledger import open_ledger

    opened = open_project(project)
    name = coder_name(opened, coder)
    book = load_codebook(opened.schema_dir, opened.state_dir / "cache")
    moment = clock.now()
    with open_ledger(opened.ledger_path) as store, working(f"Importing {file.name} ..."):
        result = import_table(
            opened,
            store,
            book,
            file,
            coder=name,
            time=moment,
            dialect=dialect,
            keep_going=keep_going,
            dry_run=dry_run,
            latest_today=clock.latest_today(moment),
        )
    counts = {k: getattr(result, k) for k in ("read", "created", "revised", "unchanged", "rejected", "incomplete")}
    if json_:
        emit(
            {
                **counts,
                "dialect": result.dialect,
                "vintage": result.vintage,
                "stored": result.stored,
                "rejects_file": str(result.rejects_file) if result.rejects_file else None,
            }
        )
    else:
        say(f"dialect {result.dialect}" + (f", {result.vintage}" if result.vintage else ""))
        say(", ".join(f"{k} {v}" for k, v in counts.items()) + (" (dry run: nothing was stored)" if dry_run else ""))
    whole = [p for p in result.problems if p.event_id is None and p.severity != "error"]  # what is said of the file and of its columns
    shown = [*whole, *(p for p in result.problems if p.severity == "error")][:50]
    show_problems(shown)
    if len(result.problems) > len(shown):
        note(f"... and {len(result.problems) - len(shown)} more problems; 'eventcoder validate' lists those of stored events.")
    if result.rejected and not dry_run and not keep_going:
        note("Nothing was stored: a table is taken whole or not at all. --keep-going stores the rows that can be read.")
    if result.rejects_file:
        note(f"The rejected rows are in {result.rejects_file}: mend them and import that file.")
    if result.rejected:
        raise typer.Exit(1)


def export(
    version: Annotated[str, typer.Argument(help="A released version, or 'latest'.")],
    dialect: Annotated[str, typer.Option("--dialect", help="acled: the 31 columns as CSV.")] = "acled",
    out: Annotated[Path | None, typer.Option("--out", help="File to write.", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    project: ProjectOption = None,
) -> None:
    """Write a release in another dialect."""
    from eventcoder.releases import export_acled, release_folder

    if dialect != "acled":
        raise UsageError(f"Unknown dialect {dialect!r}.", "Known: acled.")
    opened = open_project(project)
    target = out or Path(f"{opened.settings.id}-{version}-{dialect}.csv")
    if target.exists() and not force:
        raise Refused(f"{target} is there already.", "Name another file, or use --force.")
    rows = export_acled(release_folder(opened, version), target)
    say(f"{target}  {rows} events")


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
