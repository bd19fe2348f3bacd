"""Acts on existing events that need little: attach, settle, retract, restore, merge, relate, resolve. Floor 8."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from eventcoder.cli.add import assignments
from eventcoder.cli.options import CoderOption, EventArgument, EventsArgument, JsonOption, KeepGoingOption, ProjectOption, ReasonOption
from eventcoder.cli.output import emit, note, say, show_error, show_problems
from eventcoder.coding import Desk, Outcome
from eventcoder.errors import Refused, UsageError
from eventcoder.project import coder_name, open_project


@contextmanager
def writing_desk(project: Path | None, coder: str | None) -> Iterator[Desk]:
    """A desk with a named coder, closed at the end."""
    opened = open_project(project)
    with Desk(opened, coder=coder_name(opened, coder)) as desk:
        yield desk


def answer(outcome: Outcome, *, as_json: bool) -> None:
    """Say what became of the event."""
    if as_json:
        emit({"event_id": outcome.event_id, "revision": outcome.revision, "state": outcome.state})
    else:
        say(f"{outcome.event_id}  revision {outcome.revision}  {outcome.state}" + ("" if outcome.act else "  (unchanged)"))
    show_problems(outcome.problems)


def attach(
    event: EventArgument,
    documents: Annotated[list[str], typer.Argument(help="Document ids, or unique beginnings.", show_default=False)],
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Tie another document to an event: one more source, the values stay."""
    with writing_desk(project, coder) as desk:
        answer(desk.attach(event, documents), as_json=json_)


def settle(
    events: Annotated[list[str] | None, typer.Argument(help="Event ids; or --all.", show_default=False)] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every open event that is clean; the others are counted and named.")] = False,
    keep_going: KeepGoingOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Declare open events fit for release. An event with errors cannot settle; they are shown."""
    if bool(events) == all_:
        raise UsageError("Say which events shall settle.", "Give ids, or --all.")
    with writing_desk(project, coder) as desk:
        ids = events or [e.event_id for e in desk.ledger.events(states=("open",))]
        failed = 0
        for event in ids:
            try:
                answer(desk.settle(event), as_json=json_)
            except Refused as error:
                if not (all_ or keep_going):
                    raise
                show_error(error)
                failed += 1
        if not ids:
            note("No event is open.")
        if failed:
            note(f"{failed} of {len(ids)} stay open.")
            raise typer.Exit(1)


def retract(
    event: EventArgument,
    reason: ReasonOption,
    successor: Annotated[str | None, typer.Option("--successor", help="The event that stands in its place.", show_default=False)] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Withdraw an event. Its id and history stay; releases list it as retracted, with the reason."""
    with writing_desk(project, coder) as desk:
        answer(desk.retract(event, reason=reason, successor=successor), as_json=json_)


def restore(event: EventArgument, reason: ReasonOption, json_: JsonOption = False, project: ProjectOption = None, coder: CoderOption = None) -> None:
    """Bring a retracted or merged event back."""
    with writing_desk(project, coder) as desk:
        answer(desk.restore(event, reason=reason), as_json=json_)


def merge(
    survivor: EventArgument,
    others: EventsArgument,
    reason: ReasonOption,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Join events that are one: the first keeps its id and gets the others' reports; the others point to it."""
    with writing_desk(project, coder) as desk:
        answer(desk.merge(survivor, others, reason=reason), as_json=json_)


def relate(
    event: EventArgument,
    kind: Annotated[str, typer.Argument(help="A relation of the codebook, e.g. different, counter-event, part-of.", show_default=False)],
    other: EventArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why.", show_default=False)] = "",
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Say how two events stand to each other; 'different' clears a pair of likely duplicates."""
    with writing_desk(project, coder) as desk:
        answer(desk.relate(event, kind, other, reason=reason), as_json=json_)


def resolve(
    event: EventArgument,
    reason: ReasonOption,
    set_: Annotated[list[str] | None, typer.Option("--set", help="The value that shall hold, NAME=VALUE (repeatable).", show_default=False)] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """End a conflict of merged journals with one act that names both sides; 'eventcoder show' lists where they differ."""
    with writing_desk(project, coder) as desk:
        answer(desk.resolve(event, assignments(set_ or []), reason=reason), as_json=json_)
