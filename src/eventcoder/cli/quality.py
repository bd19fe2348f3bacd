"""`validate`, `explain`. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder import clock
from eventcoder.cli.at_hand import at_hand
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import ExamplesOption, FormatOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import working
from eventcoder.errors import InputError, ProjectError, UsageError
from eventcoder.problem import Report
from eventcoder.project import open_project, packaged_schema

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook


def validate(
    format_: FormatOption = "text",
    json_: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too; accepted ones do not count.")] = False,
    examples: ExamplesOption = None,
    report_file: Annotated[
        Path | None, typer.Option("--report", help="Write the report to this file too: .html, .xml (JUnit), .json or .txt.", show_default=False)
    ] = None,
    gx_suite: Annotated[
        Path | None,
        typer.Option("--gx-suite", help="Only write the suite for Great Expectations to this JSON file; - prints it.", show_default=False),
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Check every event against the codebook: the same verdicts as 'add', over all events at once.

    What is at hand is looked at too: quotes in the stored texts, points in the gazetteer, actors in the register, the latest release.

    Errors of settled events and conflicts make exit code 1; open events are work in progress and are listed with what they lack. Warnings that
    schema/accepted.toml accepts are told as infos ('eventcoder checks accept' adds one).
    """
    if gx_suite is not None:
        _write_suite(gx_suite, project)
        return
    from eventcoder.validation import project_report
    from eventcoder.validation.accepting import apply, error_codes, read_accepted, release_codes
    from eventcoder.validation.reports.rendering import form_of, render

    aside = None if report_file is None else form_of(report_file)
    with reading_desk(project) as desk, working("Checking ..."):
        today = clock.latest_today(desk.moment)
        accepted = read_accepted(desk.project.schema_dir)
        report: Report = project_report(desk.ledger, desk.codebook, latest_today=today, **at_hand(desk))
        report = apply(report, accepted, today, never=error_codes(desk.codebook), elsewhere=release_codes(desk.codebook))
    if report_file is not None and aside is not None:
        _save(report_file, render(report, aside, examples=examples) + "\n")
    say(render(report, "json" if json_ else format_, examples=examples))
    if not report.valid or (strict and report.counts["warning"]):
        raise typer.Exit(1)


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that exists.") from None


def _write_suite(path: Path, project: Path | None) -> None:
    from eventcoder.validation.suite import suite_json, suite_text

    book = _codebook(project)
    if str(path) == "-":
        say(suite_text(book).rstrip("\n"))
        return
    _save(path, suite_text(book))
    note(f"Wrote {len(suite_json(book)['expectations'])} expectations to {path}. docs/great_expectations.md shows how to run them.")


def explain(
    code: Annotated[str, typer.Argument(help="A problem's code, e.g. unknown-code, or a rule's id.", show_default=False)] = "",
    all_: Annotated[bool, typer.Option("--all", help="List every code, with one line each.")] = False,
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """What a problem's code means, where the rule comes from, and how to mend it."""
    from eventcoder.validation.explanation import explain_all, explained

    if bool(code) == all_:
        raise UsageError("Give one code, or --all.", "A code stands beside every problem, e.g. 'eventcoder explain unknown-code'.")
    if format_ not in ("text", "json"):
        raise UsageError(f"Unknown format {format_!r}.", "Use text or json.")
    book = _codebook(project)
    as_json = json_ or format_ == "json"
    kind = ""
    for one in explain_all(book) if all_ else [explained(code, book)]:
        if as_json:
            emit({**one.as_json(), "text": one.text})
        elif all_:
            if one.kind != kind:
                say(f"\n{one.kind}" if kind else one.kind)
            kind = one.kind
            say(f"  {one.line}")
        else:
            say(one.text)


def _codebook(project: Path | None) -> Codebook:
    """The project's codebook, or the packaged one outside of a project. Raises `ProjectError` where a project was named and is none."""
    from eventcoder.codebook import load_codebook

    try:
        opened = open_project(project)
    except ProjectError:
        if project is not None:
            raise
        return load_codebook(packaged_schema())
    return load_codebook(opened.schema_dir, opened.state_dir / "cache")
