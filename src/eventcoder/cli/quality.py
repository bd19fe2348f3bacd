"""`validate`, `explain`, `duplicates`, `evaluate`. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import FormatOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import working
from eventcoder.errors import ProjectError
from eventcoder.problem import Problem, Report
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


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Gold coding: JSON Lines, one document a line (see docs/gold.md).")],
    errors: Annotated[int, typer.Option("--errors", help="How many of the errors to show.")] = 10,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Score the drafts against a gold coding, status by status and field by field."""
    from eventcoder.evaluation import evaluate as score
    from eventcoder.evaluation import read_gold
    from eventcoder.review import draft_session

    with reading_desk(project) as desk:
        lines = read_gold(gold)
        names = {str(e.body.get("source_name")): s for s, e in desk.ledger.latest("document").items()}
        session = draft_session(desk, progress=note)
        drafts = {}
        unknown: list[Problem] = []
        for line in lines:
            document = names.get(line.document) or (line.document if line.document in desk.ledger.latest("document") else None)
            if document is None:
                unknown.append(Problem("unknown-document", f"gold names {line.document!r}, which was not ingested.", where=gold.name))
                continue
            drafts[line.document] = session.drafts_of(document)
        result = score(drafts, [line for line in lines if line.document in drafts])
    if json_:
        emit(result.as_json())
    else:
        say(result.as_text(errors=errors))
    for problem in unknown:
        note(f"{problem.where}: {problem.message}")
    if unknown:
        raise typer.Exit(1)
