"""`template`: the Excel workbook for coders who type in Excel. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.options import CoderOption, ProjectOption
from eventcoder.cli.output import note, say
from eventcoder.cli.progress import working
from eventcoder.errors import UsageError
from eventcoder.intake.template import DEFAULT_ROWS, MOST_ROWS
from eventcoder.project import Project, coder_name, open_project


def template(
    file: Annotated[Path, typer.Argument(help="Workbook to write, FILE.xlsx.", show_default=False)],
    examples: Annotated[bool, typer.Option("--examples", help="With the coder's last 50 events, to look at or to correct.")] = False,
    rows: Annotated[int, typer.Option("--rows", help="Empty rows with lists and checks.", min=1, max=MOST_ROWS)] = DEFAULT_ROWS,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Write an Excel workbook to be filled in: drop-downs from the codebook, checks while typing, the lists, a guide.

    'eventcoder import' reads it back. A row of --examples that was changed becomes a revision of its event.
    """
    from eventcoder.coding import Desk
    from eventcoder.intake.template import fields_of, last_events, write_template
    from eventcoder.intake.template.packing import refuse_target

    opened = open_project(project)
    name = coder_name(opened, coder) if examples else _known_coder(opened, coder)
    refuse_target(file, force=force)
    moment = clock.now()
    with Desk(opened, coder=name or "", moment=moment, readonly=True) as desk, working(f"Writing {file.name} ..."):
        found, passed = last_events(desk.ledger, name, fields_of(desk.codebook)) if examples and name else ([], 0)
        written = write_template(opened, desk.codebook, file, moment=moment, coder=name, examples=found, rows=rows, force=force)
    say(f"{file}  {len(written.columns)} columns, {rows} empty rows" + (f", {written.examples} events of {name}" if examples else ""))
    if examples and not found:
        note(f"{name} has made no events yet.")
    if passed:
        note(f"{passed} more of {name}'s events were left out: they hold a text that a cell of Excel cannot give back as it is.")


def _known_coder(project: Project, given: str | None) -> str | None:
    """The coder's name where one is known: a workbook without examples needs none, but says for whom it was made."""
    try:
        return coder_name(project, given)
    except UsageError:
        if given:
            raise
        return None
