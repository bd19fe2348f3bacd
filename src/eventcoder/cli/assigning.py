"""`eventcoder assign`, `next` and `queue`: the work of a team. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, table
from eventcoder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventcoder.coding import Desk
    from eventcoder.ledger.work import Task
    from eventcoder.team.assigning import Assigned
    from eventcoder.team.queue import Queue


def assign(
    documents: Annotated[
        list[str] | None, typer.Argument(help="Document ids or beginnings; else all that nobody has coded or been given.", show_default=False)
    ] = None,
    plan: Annotated[
        str,
        typer.Option("--plan", help="round-robin; pool (nobody's: 'next' hands it out); language or country (coders who are registered for it)."),
    ] = "round-robin",
    to: Annotated[
        list[str] | None, typer.Option("--to", help="Only to this coder (repeatable); else to all active ones.", show_default=False)
    ] = None,
    double: Annotated[
        float | None,
        typer.Option(
            "--double", min=0.0, max=1.0, help="Share that two coders read, blind; of each type and country.", show_default="double_share: 0.1"
        ),
    ] = None,
    control: Annotated[
        float | None,
        typer.Option("--control", min=0.0, max=1.0, help="Share that two read without any draft.", show_default="control_share: 0.05"),
    ] = None,
    plant: Annotated[
        float | None,
        typer.Option("--plant", min=0.0, max=1.0, help="Share in which one draft is made wrong for one of two.", show_default="plant_share: 0"),
    ] = None,
    round_: Annotated[str, typer.Option("--round", help="Name of the round; agreement is reported by round.")] = "main",
    blind: Annotated[bool, typer.Option("--blind", help="Every document apart from the dataset, also those of one coder (training).")] = False,
    until: Annotated[
        int | None, typer.Option("--until", min=1, help="Days after which what nobody began is anybody's.", metavar="DAYS", show_default=False)
    ] = None,
    withdraw: Annotated[list[str] | None, typer.Option("--withdraw", help="Take this task out of the work (repeatable).", show_default=False)] = None,
    return_: Annotated[list[str] | None, typer.Option("--return", help="Give this task back to who handed it in.", show_default=False)] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for --withdraw and --return.", show_default=False)] = "",
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Share documents out to coders, some to two of them.

    The same documents give the same plan on every machine. A document that two coders read is coded blind: neither sees the other's work, and the
    events stay out of the dataset until 'eventcoder adjudicate' has compared them.
    """
    from eventcoder.team.assigning import Wish, change
    from eventcoder.team.assigning import assign as share_out

    with writing_desk(project, coder) as desk:
        if withdraw or return_:
            if documents or (withdraw and return_):
                raise UsageError("--withdraw, --return and documents exclude each other.", "Do one after the other.")
            state = "withdrawn" if withdraw else "returned"
            for task in change(desk, withdraw or return_ or [], state, reason):
                say(f"{task.task}  {state}")
            return
        given = desk.project.settings
        wish = Wish(
            plan, to or (), given.double_share if double is None else double, given.control_share if control is None else control,
            given.plant_share if plant is None else plant, round_, until, blind,
        )  # fmt: skip
        done = share_out(desk, documents or [], wish, dry_run=dry_run, progress=note)
    _tell_assigned(done, dry_run=dry_run, as_json=json_)


def _tell_assigned(done: Assigned, *, dry_run: bool, as_json: bool) -> None:
    for line in done.notes:
        note(f"note: {line}")
    if as_json:
        strata = [{"type": t, "country": c, "documents": n, "double": d} for (t, c), (n, d) in sorted(done.by_stratum.items())]
        emit({"documents": done.documents, "tasks": done.tasks, "double": done.double, "control": done.control, "planted": done.planted,
              "coders": dict(sorted(done.by_coder.items())), "strata": strata, "stored": not dry_run})  # fmt: skip
        return
    if not done.documents:
        say("No document waits to be assigned.")
        return
    told = "would be given" if dry_run else "given"
    say(f"{done.documents} documents {told} as {done.tasks} tasks; {done.double} read twice, of these {done.control} without drafts and "
        f"{done.planted} with a planted draft.")  # fmt: skip
    for line in table([[name or "(anybody)", str(n)] for name, n in sorted(done.by_coder.items())], ["coder", "tasks"]):
        say(line)
    rows = [[t, c, str(n), str(d)] for (t, c), (n, d) in sorted(done.by_stratum.items())]
    for line in table(rows, ["type", "country", "documents", "read twice"]):
        say(line)


def next_(
    document: Annotated[str | None, typer.Argument(help="Take the task about this document; else the first one.", show_default=False)] = None,
    peek: Annotated[bool, typer.Option("--peek", help="Show what would come; take nothing.")] = False,
    done: Annotated[bool, typer.Option("--done", help="Hand in the task that you have, then take the next one.")] = False,
    skip: Annotated[
        str | None, typer.Option("--skip", help="Give it back, with the reason; it never comes to you again.", show_default=False)
    ] = None,
    round_: Annotated[str | None, typer.Option("--round", help="Only tasks of this round.", show_default=False)] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Take the next task: what is assigned to you first, then what is anybody's.

    Called again it shows the task that you have. A task about a document that two coders read ends with --done, also when you found no event.
    """
    from eventcoder.team.claiming import finish, take, the_current
    from eventcoder.team.claiming import skip as give_back
    from eventcoder.team.queue import task_json

    if done and skip is not None:
        raise UsageError("--done and --skip exclude each other.", "Hand the task in, or give it back.")
    with writing_desk(project, coder) as desk:
        item = desk.find_document(document.partition("/")[0]) if document else None
        if done or skip is not None:
            task = the_current(desk, item)
            item = None
            if skip is not None:
                give_back(desk, task, skip)
                note(f"{task.task} given back.")
            else:
                note(told_handed(finish(desk, task).events, task))
        found = take(desk, round=round_, item=item, peek=peek)
        if json_:
            emit(task_json(found) if found else {"task": None})
        elif found is None:
            say(_nothing(desk, document))
        else:
            _tell_task(desk, found, peek=peek)


def told_handed(events: Sequence[object] | None, task: Task) -> str:
    """What was handed in, in a line."""
    if events is None:
        return f"{task.task} handed in."
    return (
        f"{task.task} handed in with {len(events)} event{'s' if len(events) != 1 else ''}." if events else f"{task.task} handed in: no event found."
    )


def _nothing(desk: Desk, document: str | None) -> str:
    if document:
        return f"No task about {document} waits for {desk.coder}."
    return f"Nothing waits for {desk.coder}."


def _tell_task(desk: Desk, task: Task, *, peek: bool) -> None:
    meta = desk.document_meta(task.document)
    say(f"{task.task}  {meta.get('published') or 'no date'}  {meta.get('publisher') or 'unknown publisher'}  {meta.get('title') or ''}".rstrip())
    if task.reason and task.state in ("returned", "claimed"):
        say(f"  {task.reason}")
    if peek:
        return
    if task.blind:
        say("  Two coders read it apart: what you store stays out of the dataset, and nobody sees it, until both are done.")
    if task.control:
        say(f"  No drafts are shown for it. Read it:  eventcoder documents {task.document}")
        say(f"  Code its events:                       eventcoder add --task {task.task}")
    else:
        say(f"  Decide its drafts:                     eventcoder review {task.document}")
        say(f"  Code what no draft tells:              eventcoder add --task {task.task}")
    say("  Hand it in (also without an event):    eventcoder next --done")
    if task.until:
        say(f"  It is yours until {task.until[:10]}.")


def queue(
    round_: Annotated[str | None, typer.Option("--round", help="Only tasks of this round.", show_default=False)] = None,
    of: Annotated[str | None, typer.Option("--of", help="Only tasks of this coder.", show_default=False)] = None,
    tasks: Annotated[bool, typer.Option("--tasks", help="List the tasks one by one.")] = False,
    approval: Annotated[bool, typer.Option("--approval", help="List instead the events that wait for a second person or an answer.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Where the work stands: tasks by state with their age, by coder, and what waits for somebody.

    Expired claims and tasks of disabled coders go to whoever asks next.
    """
    from eventcoder.cli.approving import show_waiting
    from eventcoder.cli.looking import reading_desk
    from eventcoder.ledger import work
    from eventcoder.team.queue import queue as count
    from eventcoder.team.queue import task_json

    with reading_desk(project) as desk:
        if approval:
            show_waiting(desk, as_json=json_)
            return
        if tasks:
            found = [t for t in work.tasks(desk.ledger.store, round=round_) if of in (None, t.holder, t.assigned_for)]
            rows = [[t.task, t.state, t.holder or t.assigned_for or "(anybody)", t.round, t.changed, t.reason or ""] for t in found]
            for task in found if json_ else ():
                emit(task_json(task))
            for line in table(rows, ["task", "state", "coder", "round", "since", "reason"]) if rows and not json_ else ():
                say(line)
            return
        seen = count(desk, round=round_, coder=of)
        _tell_queue(desk, seen, as_json=json_)


def _tell_queue(desk: Desk, seen: Queue, *, as_json: bool) -> None:
    from eventcoder.team.queue import age

    if as_json:
        emit({"tasks": seen.number, "states": {s: {"tasks": x.number, "oldest": x.oldest} for s, x in seen.states.items()},
              "coders": {name: dict(states) for name, states in seen.coders.items()}, "expired": [t.task for t in seen.expired],
              "approval": {s: {"events": x.number, "oldest": x.oldest} for s, x in seen.approval.items()},
              "idle": dict(seen.idle), "blind_documents": seen.items, "to_adjudicate": seen.compared})  # fmt: skip
        return
    for state, waits in seen.approval.items():
        since = age(waits.oldest, desk.moment)
        since = f"since {since}" if since == "just now" else f"for {since}"
        say(f"{waits.number} event{'s' if waits.number != 1 else ''} {state}, the oldest {since}: 'eventcoder queue --approval' lists them.")
    if not seen.number:
        say("No task. 'eventcoder assign' makes some.")
        return
    for line in table([[s, str(x.number), age(x.oldest, desk.moment)] for s, x in seen.states.items()], ["state", "tasks", "oldest"]):
        say(line)
    say()
    states = list(seen.states)
    rows = [[name or "(anybody)", *(str(counts[s] or "") for s in states)] for name, counts in seen.coders.items()]
    for line in table(rows, ["coder", *states]):
        say(line)
    if seen.items:
        are = "document is" if seen.items == 1 else "documents are"
        say(f"\n{seen.items} {are} coded blind; {seen.compared} of them wait{'s' * (seen.compared == 1)} for 'eventcoder adjudicate'.")
    if seen.expired:
        say(f"{len(seen.expired)} tasks ran out and go to whoever asks next, the first: {seen.expired[0].task}.")
    for name, number in sorted(seen.idle.items()):
        say(f"{number} tasks are of {name}, who is disabled: they go to whoever asks next.")
