"""Options that many commands share, written once. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def known_format(name: str) -> str:
    """The name of a report's form, refused before any work is done where it is none."""
    from eventcoder.validation.reports.rendering import FORMATS

    if name not in FORMATS:
        raise typer.BadParameter(f"{name!r} is no form of a report. Use one of: {', '.join(FORMATS)}.")
    return name


ProjectOption = Annotated[
    Path | None, typer.Option("--project", help="Project folder; else the nearest eventcoder.toml upwards.", show_default=False)
]
CoderOption = Annotated[str | None, typer.Option("--coder", help="Who acts; else EVENTCODER_CODER, else the project's setting.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; published with the change.", show_default=False)]
FormatOption = Annotated[str, typer.Option("--format", help="text, json, junit, github or html.", callback=known_format)]
ExamplesOption = Annotated[
    int | None,
    typer.Option("--examples", help="Problems shown of each code, 0 for all; else 5 in text, 20 in html and junit.", min=0, show_default=False),
]
KeepGoingOption = Annotated[bool, typer.Option("--keep-going", help="Store what is good and report the rest, instead of all or nothing.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; store nothing.")]
EventArgument = Annotated[str, typer.Argument(help="Event id, or any unique beginning of it.", show_default=False)]
EventsArgument = Annotated[list[str], typer.Argument(help="Event ids, or unique beginnings.", show_default=False)]
