"""`checks accept`. Floor 8."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.acts import writing_desk
from eventcoder.cli.options import CoderOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, say
from eventcoder.errors import UsageError


def accept(
    code: Annotated[str, typer.Argument(help="A warning's code, e.g. likely-same-event.", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help="Why the warning may stand; published with the releases.", show_default=False)],
    until: Annotated[str, typer.Option("--until", help="The last day on which this counts, YYYY-MM-DD; a year ahead at most.", show_default=False)],
    event: Annotated[
        str | None, typer.Option("--event", help="Only for this event (id, or its beginning); else for every event.", show_default=False)
    ] = None,
    field: Annotated[str | None, typer.Option("--field", help="Only for this column.", show_default=False)] = None,
    value: Annotated[str | None, typer.Option("--value", help="Only for this value.", show_default=False)] = None,
    coder: CoderOption = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Let a warning stand until a day, with the reason: it is told as an info then. Errors are never accepted.

    The entry is added to schema/accepted.toml, which goes into git with the codebook; take it out there to end it sooner.
    """
    from eventcoder.validation.accepting import Accepted
    from eventcoder.validation.accepting import accept as store

    try:
        last = date.fromisoformat(until)
    except ValueError:
        raise UsageError(f"--until {until!r} is not a day.", "Write it as YYYY-MM-DD.") from None
    with writing_desk(project, coder) as desk:
        if desk.project.schema_dir != desk.project.root / "schema":
            raise UsageError("This project has no schema/ of its own, where accepted.toml belongs.", "Copy one there with 'eventcoder init'.")
        event_id = desk.event(event).event_id if event else None
        today = clock.latest_today(desk.moment)
        entry = Accepted(code, reason, desk.coder, desk.moment.date(), last, event_id, field, value)
        path = store(desk.project.schema_dir, entry, desk.codebook, today)
    if json_:
        emit({"file": str(path), **entry.as_json()})
    else:
        say(f"'{code}' is accepted{f' for event {event_id}' if event_id else ''} until {last}. It stands in {path}.")
