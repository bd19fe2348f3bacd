"""Acts on existing events that need little: attach, settle, retract, restore, merge, split, relate, resolve. Floor 8."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from eventcoder.cli.add import assignments
from eventcoder.cli.options import CoderOption, DryRunOption, EventArgument, EventsArgument, JsonOption, KeepGoingOption, ProjectOption, ReasonOption
from eventcoder.cli.output import emit, note, say, show_error, show_problems, state_told
from eventcoder.coding import Desk, Outcome
from eventcoder.errors import InputError, Refused, UsageError
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
        state = state_told(outcome.state, outcome.problems)
        say(f"{outcome.event_id}  revision {outcome.revision}  {state}" + ("" if outcome.act else "  (unchanged)"))
    show_problems(outcome.problems)


def pairs_given(words: list[str], option: str, form: str, *, empty: bool = False) -> dict[str, str]:
    """NAME=TEXT words as a mapping. Raises `UsageError` for one that is not of this form (without a text, unless `empty`), or a name given twice."""
    out: dict[str, str] = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or not name.strip() or not (text.strip() or empty) or name.strip() in out:
            raise UsageError(f"{option} {word!r} is not {form}, or its field is named twice.", f"Write {option} {form}.")
        out[name.strip()] = text.strip()
    return out


def merged_one(desk: Desk, prefix: str) -> str:
    """The merged event whose merge shall be undone: the one named, or the only one that the named event took in. Raises `UsageError`."""
    from eventcoder.coding.apart import refuse_unseen

    found = desk.event(prefix)
    refuse_unseen(desk, found)
    if found.state == "merged":
        return found.event_id
    if len(found.merged) == 1:
        return found.merged[0]
    if found.merged:
        raise UsageError(
            f"Event {found.event_id} took in {', '.join(found.merged)}.", "Name the one that shall come back: eventcoder split ID --reason TEXT"
        )
    raise UsageError(
        f"Event {found.event_id} was not merged with another one.",
        "To make several events of it, say in what they differ: --part FIELD=VALUE, or --into FILE.",
    )


def parts_given(into: Path | None, part: list[str], reports: list[str] | None) -> list[dict[str, Any]]:
    """The parts of a split, from a file or from options. Raises `UsageError`, `InputError`."""
    if into is not None and part:
        raise UsageError("--into and --part exclude each other.", "Put all new events into the file.")
    if into is None:
        return [{**assignments(part, "--part"), **({"reports": reports} if reports else {})}]
    try:
        read = json.loads(sys.stdin.read() if str(into) == "-" else into.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{into} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise InputError(f"{'Standard input' if str(into) == '-' else into} is not JSON: {error}.", "It must be an array of objects.") from None
    found = read if isinstance(read, list) else [read]
    if not found or not all(isinstance(item, dict) for item in found):
        raise InputError("The parts of a split must be an array of objects.", 'E.g. [{"location": "Basra", "fatalities": 2}]')
    return found


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
    """Bring a retracted or merged event back. A merge is undone on both sides, as by 'split'."""
    with writing_desk(project, coder) as desk:
        answer(desk.restore(event, reason=reason), as_json=json_)


def merge(
    survivor: EventArgument,
    others: EventsArgument,
    reason: ReasonOption,
    take: Annotated[
        list[str] | None,
        typer.Option("--take", help="FIELD=ID: this value of another event shall stand, with what belongs to it (repeatable).", show_default=False),
    ] = None,
    beyond: Annotated[bool, typer.Option("--beyond", help="Merge although the events lie far apart; --reason says why they are one.")] = False,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Join events that are one: the first keeps its id and values and gets the others' reports, evidence and counts; they point to it.

    Where values differ, both are shown; --take chooses. 'split' undoes a merge.

    Two events that lie days and kilometres apart are refused without --beyond, and three or more (those merged before count) that lie days or
    kilometres apart.
    """
    from eventcoder.cli.sidebyside import differing_lines

    with writing_desk(project, coder) as desk:
        chosen = pairs_given(take or [], "--take", "FIELD=ID")
        for line in differing_lines(desk, survivor, others, chosen):
            note(line)
        with desk.together(dry_run=dry_run):
            outcome = desk.merge(survivor, others, reason=reason, take=chosen, beyond=beyond)
        answer(outcome, as_json=json_)
        if dry_run:
            note("Nothing was stored (--dry-run).")


def split(
    event: EventArgument,
    reason: ReasonOption,
    into: Annotated[
        Path | None, typer.Option("--into", help="JSON file (or -): an array of the new events, each the values that differ.", show_default=False)
    ] = None,
    part: Annotated[
        list[str] | None, typer.Option("--part", help="FIELD=VALUE of one new event, in which it differs (repeatable).", show_default=False)
    ] = None,
    reports: Annotated[
        list[str] | None, typer.Option("--reports", help="With --part: the new event's documents; else all.", show_default=False)
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Store new events that break rules or lack values; they stay open.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Undo a merge (ID is the event that was merged away), or make several events of one (--into, --part).

    An undone merge gives the event back with its own values, reports and history; what the other got since stays there.

    An event that is split keeps its id; each new one says only in what it differs, and has the relation split_from.

    A file may also say what changes in the event itself: [{"location": "Basra", "fatalities": 2}, {"event_id": "ID", "fatalities": 1}]
    """
    with writing_desk(project, coder) as desk:
        if into is None and not part:
            outcomes = [*desk.unmerge(merged_one(desk, event), reason=reason)]
        else:
            outcomes = desk.split(event, parts_given(into, part or [], reports), reason=reason, allow_open=open_)
        for outcome in outcomes:
            answer(outcome, as_json=json_)


def relate(
    event: EventArgument,
    kind: Annotated[str, typer.Argument(help="A relation of the codebook, e.g. different, counter_demonstration.", show_default=False)],
    other: EventArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; needed with --withdraw.", show_default=False)] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the relation back instead.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Say how two events stand to each other: eventcoder relate A part_of B; 'different' clears a pair of likely duplicates.

    Kinds and what they mean: eventcoder codebook show relation_kinds. One that may not lead round in a circle (part_of, continues) is refused where
    it would.
    """
    from eventcoder.coding.relating import withdraw as take_back

    with writing_desk(project, coder) as desk:
        outcome = take_back(desk, event, kind, other, reason=reason) if withdraw else desk.relate(event, kind, other, reason=reason)
        answer(outcome, as_json=json_)


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


def unread_journals(desk: Desk) -> str:
    """What to do in a fresh clone, where the journals are there and the ledger is empty; "" anywhere else."""
    if any(desk.project.journal_dir.glob("*.jsonl")) and (not desk.has_ledger or next(iter(desk.ledger.entries()), None) is None):
        return "The ledger is empty, and the project has journals: 'eventcoder journal sync' reads them."
    return ""
