"""`validate`, `explain`, `duplicates`. Floor 8."""

from __future__ import annotations

from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import FormatOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import working
from eventcoder.errors import ProjectError
from eventcoder.problem import Report
from eventcoder.project import open_project, packaged_schema


def validate(
    format_: FormatOption = "text",
    json_: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False,
    project: ProjectOption = None,
) -> None:
    """Check every event against the codebook: the same verdicts as 'add', over all events at once.

    Errors of settled events and conflicts make exit code 1; open events are work in progress and are listed with what they lack.
    """
    from eventcoder.validation import project_report
    from eventcoder.validation.rendering import render

    with reading_desk(project) as desk, working("Checking ..."):
        report: Report = project_report(desk.ledger, desk.codebook, latest_today=clock.latest_today(desk.moment))
    say(render(report, "json" if json_ else format_))
    if not report.valid or (strict and report.counts["warning"]):
        raise typer.Exit(1)


def explain(
    code: Annotated[str, typer.Argument(help="A problem's code, e.g. unknown-code, or a rule's id.")],
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """What a problem's code means, where the rule comes from, and how to mend it."""
    from eventcoder.codebook import load_codebook
    from eventcoder.validation.explanation import explain as text_of

    try:
        opened = open_project(project)
        book = load_codebook(opened.schema_dir, opened.state_dir / "cache")
    except ProjectError:
        if project is not None:
            raise
        book = load_codebook(packaged_schema())
    text = text_of(code, book)
    if json_:
        emit({"code": code, "text": text})
    else:
        say(text)


def duplicates(
    above: Annotated[float, typer.Option("--above", help="Least score shown, 0 to 1.", min=0, max=1)] = 0.6,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Pairs of events that may be one, best first. 'merge' joins them; 'relate ID different ID' clears the pair."""
    from eventcoder.validation.duplicates import undecided_pairs

    with reading_desk(project) as desk:
        pairs = [p for p in undecided_pairs(list(desk.ledger.events(states=("open", "settled")))) if p.score >= above]
    for pair in pairs:
        if json_:
            emit({"a": pair.a, "b": pair.b, "score": pair.score, "reasons": list(pair.reasons)})
        else:
            say(f"{pair.score:.2f}  {pair.a}  {pair.b}  {'; '.join(pair.reasons)}")
    if not pairs and not json_:
        note("No undecided pair.")
