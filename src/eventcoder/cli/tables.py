"""`journal`: the ledger as text files. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.options import JsonOption, KeepGoingOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems
from eventcoder.cli.progress import working
from eventcoder.project import open_project

if TYPE_CHECKING:
    from eventcoder.ledger.exchange.journal import JournalResult
    from eventcoder.ledger.work import Task

journal = typer.Typer(help="The ledger as text files for git.", no_args_is_help=True)


@journal.command("export")
def journal_export(
    folder: Annotated[Path | None, typer.Argument(help="Folder; else the project's raw/journal.", show_default=False)] = None,
    project: ProjectOption = None,
) -> None:
    """Write the ledger as sorted JSON Lines, one file per coder and month: the form that goes into git."""
    from eventcoder.ledger import open_ledger
    from eventcoder.ledger.exchange.journal import export_journal

    opened = open_project(project)
    with open_ledger(opened.ledger_at, create=False, readonly=True) as store:
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
    from eventcoder.ledger.exchange.journal import import_journal
    from eventcoder.ledger.work import claims, lost_claims

    opened = open_project(project)
    with open_ledger(opened.ledger_at) as store, working("Reading journals ..."):
        held = claims(store.store)
        result = import_journal(store, paths or [opened.journal_dir], keep_going=keep_going)
        lost = lost_claims(store.store, held)
    _tell(result, {}, lost, as_json=json_)


@journal.command("sync")
def journal_sync(
    folder: Annotated[Path | None, typer.Argument(help="Folder; else the project's raw/journal.", show_default=False)] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Import the journals of a folder, then export into it: how offline coders and the team's ledger meet.

    The folder is a checkout of git, a share, or any folder that is the same on several machines. Each coder and the team's ledger (SQLite or
    PostgreSQL) sync with it, in any order, as often as they like, two at once too. Texts of documents are not in it.

        git pull --no-rebase && eventcoder journal sync && git add raw/journal && git commit -m "Journal" && git push
    """
    from eventcoder.ledger import open_ledger
    from eventcoder.ledger.exchange.syncing import sync
    from eventcoder.ledger.work import claims, lost_claims

    opened = open_project(project)
    target = folder or opened.journal_dir
    named = "" if any(target.glob("*.jsonl")) else opened.ledger_project
    with open_ledger(opened.ledger_at, project=named) as store, working("Reading journals ..."):
        held = claims(store.store)
        done = sync(store, target)
        lost = lost_claims(store.store, held)
    _tell(done.came, {"written": done.written, "folder": str(target)}, lost, as_json=json_)


def _tell(result: JournalResult, more: dict[str, Any], lost: list[tuple[Task, str]], *, as_json: bool) -> None:
    """What came by journals, from whom, and what is to be done next; ends with 1 where something was wrong."""
    failed = any(p.severity == "error" for p in result.problems)
    if as_json:
        found = {"read": result.read, "new": result.new, "known": result.known, "conflicts": list(result.conflicts)}
        came = [{"coder": coder, "what": what, "count": count} for (coder, what), count in result.came.items()]
        found["lost_claims"] = [{"task": task.task, "coder": before, "holder": task.holder} for task, before in lost]
        emit(found | {"problems": [p.as_json() for p in result.problems], "came": came} | more)
    else:
        say(f"read {result.read} entries: {result.new} new, {result.known} known")
        for coder in dict.fromkeys(coder for coder, _ in result.came):
            say(f"  {coder}: " + ", ".join(f"{count} {what}" for (who, what), count in result.came.items() if who == coder))
        if more.get("written") is not None:
            say(f"{more['written']} entries in {more['folder']}")
    for event in result.conflicts:
        note(f"conflict: event {event} was changed by two coders; see 'eventcoder show {event}'.")
    if result.conflicts:
        note("A conflict keeps its event out of releases until a person decides: 'eventcoder adjudicate --list', or 'eventcoder resolve'.")
    for task, before in lost:
        note(f"Task {task.task}, which {before} had taken, was taken by {task.holder} too, who has it now.")
    if lost:
        note("Nothing that was coded is lost: 'eventcoder duplicates' finds what both coded; 'eventcoder next' gives another task.")
    show_problems(result.problems)
    if failed:
        if "written" in more:
            note("Nothing was stored, and nothing was written. Mend the folder, then sync again.")
        raise typer.Exit(1)
