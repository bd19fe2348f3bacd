"""`ci`: everything that must hold before a change of the dataset goes in. Floor 8."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import note, say
from eventcoder.errors import ProjectError, UsageError
from eventcoder.project import open_project


def ci(
    base: Annotated[
        str | None, typer.Option("--base", help="Commit, branch or tag to compare with; else found by itself.", show_default=False)
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="text, json, junit, github or html.")] = "text",
    summary: Annotated[
        Path | None, typer.Option("--summary", help="Write verdict and pending changes there as Markdown, for a comment.", show_default=False)
    ] = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML there too.", show_default=False)] = None,
    build: Annotated[bool, typer.Option("--build/--no-build", help="Leave out whether the next release would pass its gate.")] = True,
    step: Annotated[list[str] | None, typer.Option("--step", help="Only this step; may be given several times.", show_default=False)] = None,
    deep: Annotated[str, typer.Option("--deep", help="all: read every release through; latest: the older ones by their hashes.")] = "all",
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Check the project as it lies in git: is the journal intact and only longer than before, are released files untouched, does the codebook's
    version fit its changes, are all events valid, would the next release pass, and what would it bring?

    Steps: journal, rebuild, codebook, validate, released, check, build, diff. Nothing in the project is changed, and no network is used.
    Without --base the change is compared with the commit where it left the branch of the pull request (GITHUB_BASE_REF) or the default branch,
    else with the commit before. Exit code 1 if something is wrong, 2 if the clone lacks what is compared with (fetch-depth: 0).
    """
    from eventcoder.ci.rendering import FORMATS, markdown, show
    from eventcoder.ci.run import inspect

    if format_ not in FORMATS:
        raise UsageError(f"Unknown format {format_!r}.", f"Use one of: {', '.join(FORMATS)}.")
    if deep not in ("all", "latest"):
        raise UsageError(f"Unknown depth {deep!r}.", "Use --deep all or --deep latest.")
    without = () if build else ("build",)
    found = inspect(
        open_project(project), moment=clock.now(), base=base, steps=step or (), without=without, deep="all" if deep == "all" else "latest",
        tell=_progress,
    )  # fmt: skip
    say(show(found, "json" if json_ else format_))
    if summary is not None:
        _write(summary, markdown(found))
    if junit is not None:
        _write(junit, show(found, "junit") + "\n")
    if os.environ.get("GITHUB_STEP_SUMMARY"):
        _write(Path(os.environ["GITHUB_STEP_SUMMARY"]), markdown(found) + "\n", mode="a")
    if not found.passed:
        raise typer.Exit(1)


def _progress(name: str) -> None:
    """On a terminal, the step that runs: the whole may take a minute."""
    import sys

    from eventcoder.ci.report import STEPS

    if sys.stderr.isatty():
        note(f"{name}: {STEPS[name]} ...")


def _write(path: Path, text: str, mode: str = "w") -> None:
    try:
        with path.open(mode, encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise ProjectError(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that is there.") from None
