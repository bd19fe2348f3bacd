"""`eventcoder codebook check|show`. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventcoder.cli.options import FormatOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, say, table, terminal_width
from eventcoder.errors import ProjectError, UsageError
from eventcoder.problem import Report
from eventcoder.project import Project, open_project, packaged_schema

app = typer.Typer(help="Show or prove the codebook.", no_args_is_help=True)


def _schema_of(project: Path | None) -> Project | None:
    try:
        return open_project(project)
    except ProjectError:
        if project is not None:
            raise
        return None  # outside of a project: the codebook that ships with the package


@app.command()
def check(format_: FormatOption = "text", json_: JsonOption = False, project: ProjectOption = None) -> None:
    """Prove the codebook: unique codes, parents, descriptions, every rule's examples in both compiled forms; then dialects and crosswalks."""
    from eventcoder.codebook import load_codebook
    from eventcoder.codebook.proof import prove
    from eventcoder.crosswalks import prove_crosswalks
    from eventcoder.intake.dialects import load_dialects
    from eventcoder.intake.dialects import prove as prove_dialect
    from eventcoder.validation.rendering import render

    opened = _schema_of(project)
    folder = opened.schema_dir if opened else packaged_schema()
    problems = list(prove(folder))
    if not any(p.severity == "error" for p in problems):
        book = load_codebook(folder)
        for dialect in load_dialects(folder).values():
            prove_dialect(dialect, book)
        problems += prove_crosswalks(folder, book)
    report = Report(problems)
    say(render(report, "json" if json_ else format_))
    if not report.valid:
        raise typer.Exit(1)


@app.command()
def show(
    name: Annotated[
        str | None, typer.Argument(help="'columns', 'rules', a list such as sub_event_types, a column, or a code.", show_default=False)
    ] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Show columns, lists, rules or the definition of one code."""
    from eventcoder.codebook import load_codebook
    from eventcoder.codebook.page import definition

    opened = _schema_of(project)
    book = load_codebook(opened.schema_dir if opened else packaged_schema(), opened.state_dir / "cache" if opened else None)
    if name is None:
        say(f"{book.title} ({book.id} {book.version})")
        say(f"columns {len(book.columns)}, rules {len(book.rules)}")
        for key, codes in sorted(book.lists.items()):
            say(f"  {key:<22} {len(codes.codes)} codes")
        return
    if name == "columns" or name == "rules":
        if name == "columns":
            header = ["column", "type", "required", "entered", "description"]
            rows = [[c.name, c.type, "yes" if c.required else "", c.entered, c.description] for c in book.columns]
        else:
            header = ["rule", "severity", "message"]
            rows = [[r.id, r.severity, r.message] for r in book.rules]
        if json_:
            for row in rows:
                emit(dict(zip(header, row, strict=True)))
            return
        for line in table(rows, header, width=terminal_width()):
            say(line)
        return
    if name in book.lists:
        codes = book.lists[name]
        if json_:
            for code in codes.codes:
                emit(dict(codes.get(code) or {}))
            return
        for code in codes.codes:
            say(definition(book, name, code))
        return
    column = book.columns_by_name.get(name)
    if column is not None:
        say(f"{column.name} ({column.type}): {column.description}")
        return
    for key, codes in book.lists.items():
        found = codes.canonical(name)
        if found is not None:
            say(definition(book, key, found))
            return
    raise UsageError(
        f"Nothing in the codebook is called {name!r}.", "'eventcoder codebook show' names the lists; 'eventcoder codebook show columns' the columns."
    )
