"""`import`: events from tables of elsewhere. Floor 8."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder import clock
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, KeepGoingOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems
from eventcoder.cli.progress import rows_done
from eventcoder.project import coder_name, open_project

if TYPE_CHECKING:
    from eventcoder.intake.tables import ImportResult
    from eventcoder.problem import Problem

SHOWN = 50  # problems that are shown one by one
KINDS = 15  # kinds of problems of stored events


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV, XLSX, JSON, JSON Lines, GeoJSON or Parquet; .gz and .zst too; - for standard input.", show_default=False, allow_dash=True
        ),
    ],
    dialect: Annotated[str, typer.Option("--dialect", help="Whose table it is: native, acled, ucdp_ged, ...; auto: by the header.")] = "auto",
    vintage: Annotated[str | None, typer.Option("--vintage", help="Which edition of it, e.g. '2023'; else by header and values.")] = None,
    day_order: Annotated[
        str | None,
        typer.Option("--day-order", help="day-first, month-first or year-first: how 03/04/05 is meant, where the column does not tell."),
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Which sheet of a workbook.")] = None,
    keep_unknown: Annotated[
        bool, typer.Option("--keep-unknown", help="Keep cells of unknown columns beside the events, instead of refusing.")
    ] = False,
    keep_going: KeepGoingOption = False,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Take events from a table. Every row is accounted for: read = created + revised + unchanged + rejected.

    Rows that cannot be read are rejected, with line number and reason, into a file that can be mended and imported again; nothing is stored
    then unless --keep-going. Rows with gaps, broken rules, or old codes without a certain counterpart are stored open and counted as incomplete:
    'eventcoder list --state open --why' is the worklist. The same file again changes nothing. An import that was stopped can simply be run again.
    """
    from eventcoder.codebook import load_codebook
    from eventcoder.intake.tables import Wishes, import_table
    from eventcoder.ledger import open_ledger

    opened = open_project(project)
    name = coder_name(opened, coder)
    book = load_codebook(opened.schema_dir, opened.state_dir / "cache")
    moment = clock.now()
    wishes = Wishes(dialect, vintage, day_order, sheet, keep_unknown, keep_going, dry_run)
    try:
        with open_ledger(opened.ledger_at, project=opened.settings.id) as store, rows_done() as progress:
            result = import_table(opened, store, book, file, coder=name, time=moment, wishes=wishes, progress=progress)
    except KeyboardInterrupt:
        note(f"Stopped: nothing of {file.name} is to be seen. Run the same command again, and it goes on from there.")
        raise typer.Exit(130) from None
    _tell(result, {c.name for c in book.columns if c.entered == "derived"}, dry_run=dry_run, keep_going=keep_going, json_=json_)
    if result.wrong:
        raise typer.Exit(1)


def _tell(result: ImportResult, derived: Collection[str], *, dry_run: bool, keep_going: bool, json_: bool) -> None:
    """The account on stdout, problems and what to do next on stderr."""
    if json_:
        emit(
            {
                **result.counts,
                "joined": result.joined,
                "no_events": result.no_events,
                "dialect": result.dialect,
                "vintage": result.vintage,
                "stored": result.stored,
                "rejects_file": str(result.rejects_file) if result.rejects_file else None,
                "problems": [{"severity": s, "code": c, "field": f, "count": n} for (s, c, f), n in sorted(result.told.items(), key=str)],
            }
        )
    else:
        say(f"dialect {result.dialect}" + (f", {result.vintage}" if result.vintage else ""))
        refused = bool(result.wrong) and not keep_going
        nothing = " (dry run: nothing was stored)" if dry_run else " (not stored: see below)" if refused else ""
        say(", ".join(f"{k} {v}" for k, v in result.counts.items()) + nothing)
        if result.joined:
            say(f"{result.joined} of the unchanged rows were the other side of an actor-based pair and were joined to it")
    _explain(result, derived)
    if result.no_events:
        note(f"{result.no_events} of the rejected rows tell of no event by their own dataset's rules; that holds nothing up.")
    if result.wrong and not dry_run and not keep_going:
        note("Nothing was stored: a table is taken whole or not at all. --keep-going stores the rows that can be read.")
    if result.rejects_file:
        note(f"The rejected rows are in {result.rejects_file}{': mend them and import that file' if result.wrong else ''}.")
    if result.incomplete and result.stored:
        note(f"{result.incomplete} events stay open and are not released until they are complete: 'eventcoder list --state open --why'.")


def _explain(result: ImportResult, derived: Collection[str]) -> None:
    """What there is to say: of the whole file, of every rejected row, and of stored events by kind, each with its first example."""
    of_events = [p for p in result.problems if p.event_id is not None]
    others = [p for p in result.problems if p.event_id is None]
    show_problems([p for p in others if p.severity != "error" and p.code != "not-an-event"][:SHOWN])
    wrong = [p for p in others if p.severity == "error"]
    show_problems(wrong[:SHOWN])
    if len(wrong) > SHOWN:
        note(f"... and {len(wrong) - SHOWN} more problems of rejected rows, in the rejects file.")
    first: dict[tuple[str, str, str | None], Problem] = {}
    for problem in of_events:
        first.setdefault((problem.severity, problem.code, problem.field), problem)
    follows = {"missing-required": derived}  # a column that is computed is missing because another one is
    kinds = [(result.told[k], p) for k, p in first.items() if p.severity != "info" and p.field not in follows.get(p.code, ())]
    for count, problem in sorted(kinds, key=lambda kind: (kind[1].severity, -kind[0]))[:KINDS]:
        rows = f"{count} rows, the first: " if count > 1 else ""
        note(f"{problem.severity}: {rows}{problem.where}: {problem.message} [{problem.code}]")
    if len(kinds) > KINDS:
        note(f"... and {len(kinds) - KINDS} more kinds of problems; 'eventcoder validate' lists all of stored events.")
