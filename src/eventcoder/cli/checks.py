"""`checks`: the thresholds of the whole dataset, what they measure, and bounds that past releases support. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.accepting import accept
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems, table, terminal_width
from eventcoder.cli.progress import working
from eventcoder.errors import UsageError

if TYPE_CHECKING:
    from eventcoder.problem import Problem
    from eventcoder.validation.thresholds import Judged

app = typer.Typer(help="Thresholds of the whole dataset (schema/checks.toml): list them, measure them, propose bounds.", no_args_is_help=True)
app.command("accept")(accept)


@app.command("list")
def list_(
    release: Annotated[
        str | None,
        typer.Argument(help="Measure this version ('latest', a number, or a release folder); else nothing is measured.", show_default=False),
    ] = None,
    ledger: Annotated[bool, typer.Option("--ledger", help="Measure what a release made now would hold.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """The thresholds with their bounds and reasons; of a release or the ledger also what they measure, and the verdict.

    Below min fails, above max warns. Exits with 1 if a threshold fails or makes no sense.
    """
    from eventcoder import clock
    from eventcoder.releases.measuring import Measured, measured_ledger, measured_release, version_folder
    from eventcoder.validation.thresholds import misshapen

    if release and ledger:
        raise UsageError("A release and --ledger exclude each other.", "Give one of them.")
    with reading_desk(project) as desk, working("Measuring ..."):
        book = desk.codebook
        if release:
            found = measured_release(version_folder(desk.project, release), book)
        elif ledger:
            found = measured_ledger(desk.project, desk.ledger, book, time=clock.now())
        else:
            found = Measured("", (), misshapen(book))
    _show(book.expectations, {one.id: one for one in found.judged}, as_json=json_)
    show_problems(found.problems)
    if any(problem.severity == "error" for problem in found.problems):
        raise typer.Exit(1)


def _show(thresholds: Any, judged: dict[str, Judged], *, as_json: bool) -> None:
    """One object a threshold, or a table; with measures where there are any."""
    rows = []
    for one in thresholds:
        found = judged.get(one["id"])
        if as_json:
            about = {"id": one["id"], "kind": one.get("kind"), "column": one.get("column"), "min": one.get("min"), "max": one.get("max")}
            measured = {"value": found.value, "verdict": found.verdict, "note": found.note or None} if found else {}
            emit({**about, **measured, "why": one["why"]})
            continue
        bounds = [f"{one[key]:g}" if isinstance(one.get(key), int | float) else "" for key in ("min", "max")]
        value = [] if found is None else [f"{found.value:.4g}" if found.value is not None else "-", found.verdict]
        about_it = one["why"] if found is None or found.value is not None else f"({found.note})"
        blank = ["", ""] if judged and found is None else []
        rows.append([one["id"], str(one.get("kind")), str(one.get("column") or ""), *bounds, *value, *blank, about_it])
    head = ["id", "kind", "column", "min", "max", *(["measured", "verdict"] if judged else []), "why"]
    for line in table(rows, head, width=terminal_width()) if rows else []:
        say(line)


@app.command("suggest")
def suggest(
    releases: Annotated[
        list[Path] | None, typer.Argument(help="Release folders, or folders of releases; else all releases of the project.", show_default=False)
    ] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Propose bounds for the thresholds from past releases, as TOML to paste into schema/checks.toml. Changes nothing itself.

    min = median - margin and max = median + margin over the versions, for the bounds that a threshold has; margin = 4 * 1.4826 * MAD (the
    median distance from the median), at least 0.02 for shares and a tenth of the median (or 1) for numbers. 'rows' and 'distinct' grow: there
    the newest version stands for the median. It takes three releases; with fewer the measured values are shown. Withdrawn versions are left out.
    """
    from eventcoder.releases.measuring import release_folders, suggestions
    from eventcoder.validation.thresholds import misshapen

    with reading_desk(project) as desk, working("Measuring ..."):
        folders = release_folders(releases or [desk.project.root])
        found = list(suggestions(folders, desk.codebook))
        wrong: list[Problem] = misshapen(desk.codebook)
    for one in found if json_ else sorted(found, key=lambda one: not one.bounds):  # what can be pasted first, then a line for each other
        if json_:
            emit(one.as_json())
        else:
            say(one.as_toml() + ("\n" if one.bounds else ""))
    show_problems(wrong)
    note(f"{len(folders)} release{'s'[: len(folders) != 1]} measured." + (" The evidence is thin: three are needed." if len(folders) < 3 else ""))
