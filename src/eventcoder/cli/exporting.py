"""`export`: a release in another dialect. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import working
from eventcoder.errors import ProjectError
from eventcoder.project import open_project
from eventcoder.releases.exporting.forms import FORMS

DIALECTS = "; ".join(f"{form.name}: {form.title}" for form in FORMS.values())


def export(
    version: Annotated[str, typer.Argument(help="A released version, 'latest', or a release folder.", show_default=False)],
    dialect: Annotated[str, typer.Option("--dialect", help=f"{DIALECTS}.")] = "acled",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; its ending gives the format.", show_default=False)] = None,
    format_: Annotated[str | None, typer.Option("--format", help="csv, parquet, jsonl or geojson.", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Write a release in another dialect. What the dialect cannot say is told; no code is invented."""
    from eventcoder.releases.exporting.run import export_release, find_release

    try:
        opened = open_project(project)
    except ProjectError:
        if project is not None or not Path(version).is_dir():
            raise
        opened = None  # a release folder needs no project around it
    folder = find_release(opened, version)
    with working(f"Writing {dialect} ..."):
        result = export_release(folder, dialect, out, format=format_, force=force, schema_dir=opened.schema_dir if opened else None)
    if json_:
        emit(result.as_json())
    else:
        say(f"{result.file}  {result.rows} rows, {result.events} events")
    for text, n in result.losses:
        note(f"{n} event{'' if n == 1 else 's'}: {text}.")
    if result.withdrawn is not None:
        note(f"warning: version {result.version} was withdrawn: {result.withdrawn}")
