"""`eventcoder codebook check|show|diff`. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.migrating import migrate
from eventcoder.cli.options import FormatOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, say, table, terminal_width
from eventcoder.errors import InputError, ProjectError, UsageError
from eventcoder.problem import Report
from eventcoder.project import Project, open_project, packaged_schema

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

app = typer.Typer(help="Show, prove or compare the codebook; bring old events over to a new one.", no_args_is_help=True)


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
    from eventcoder.codebook.proof import placed_once, prove
    from eventcoder.crosswalks import prove_crosswalks
    from eventcoder.intake.dialects import load_dialects
    from eventcoder.intake.dialects import prove as prove_dialect
    from eventcoder.validation.reports.rendering import render

    opened = _schema_of(project)
    folder = opened.schema_dir if opened else packaged_schema()
    problems = list(prove(folder))
    if not any(p.severity == "error" for p in problems):
        book = load_codebook(folder)
        for dialect in load_dialects(folder).values():
            prove_dialect(dialect, book)
        problems += prove_crosswalks(folder, book)
    report = Report([placed_once(p) for p in problems])
    say(render(report, "json" if json_ else format_, title="codebook"))
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


@app.command()
def diff(
    older: Annotated[
        str, typer.Argument(help="A folder with a codebook, a release (folder or version), git:REVISION, or 'current'.", show_default=False)
    ],
    newer: Annotated[str, typer.Argument(help="The same; by default the project's codebook as it is.")] = "current",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    format_: FormatOption = "text",
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """What changed between two codebooks, worst first, and whether the version says so.

    Codes or columns that went or mean something else need a major step and a migration; what narrows or adds, a minor one; wording, a patch.
    Exit code 1 when the version's step is too small for the changes.
    """
    from eventcoder.codebook.comparing import compare
    from eventcoder.codebook.comparison_page import comparison_markdown, comparison_text
    from eventcoder.validation.reports.rendering import render

    opened = _schema_of(project)
    found = compare(_codebook_named(older, opened), _codebook_named(newer, opened))
    report = Report(found.problems())
    if json_ or format_ == "json":
        emit(found.as_json())
    elif markdown:
        say(comparison_markdown(found).rstrip("\n"))
    else:
        say(comparison_text(found) if format_ == "text" else render(report, format_, title="codebook"))
    if not report.valid:
        raise typer.Exit(1)


def _codebook_named(name: str, opened: Project | None) -> Codebook:
    """The codebook that an argument names: current, git:REVISION, a folder, or a released version."""
    from eventcoder.codebook import load_codebook
    from eventcoder.codebook.read import CODEBOOK_FILE
    from eventcoder.codebook.revisions import codebook_at
    from eventcoder.releases.checking.check import release_codebook
    from eventcoder.releases.layout import CODEBOOK, VERSION_PATTERN

    schema = opened.schema_dir if opened else packaged_schema()
    if name == "current":
        return load_codebook(schema)
    if name.startswith("git:"):
        return codebook_at(schema, name.removeprefix("git:"))
    folder = Path(name)
    if opened and VERSION_PATTERN.fullmatch(name) and not folder.is_dir():
        folder = opened.releases_dir / name
        if not folder.is_dir():
            raise InputError(
                f"There is no release {name} in {opened.releases_dir}.", "'eventcoder diff' and releases/versions.json know the versions."
            )
    if (folder / CODEBOOK / CODEBOOK_FILE).is_file():
        return release_codebook(folder)
    for candidate in (folder, folder / "schema"):
        if (candidate / CODEBOOK_FILE).is_file():
            return load_codebook(candidate)
    raise InputError(f"{name!r} names no codebook.", f"Give a folder with {CODEBOOK_FILE}, a release, git:REVISION, or 'current'.")


app.command()(migrate)
