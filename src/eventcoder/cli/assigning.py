"""`eventcoder assign`, `next` and `queue`: the work of a team. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.acts import unread_journals, writing_desk
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, table
from eventcoder.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventcoder.coding import Desk
    from eventcoder.event import Draft
    from eventcoder.ledger.work import Task
    from eventcoder.team.tasks.assigning import Assigned
    from eventcoder.team.tasks.queue import Queue


def assign(
    documents: Annotated[
        list[str] | None,
        typer.Argument(help="Ids or beginnings, of documents or drafts; else all documents that nobody has coded or been given.", show_default=False),
    ] = None,
    drafts: Annotated[bool, typer.Option("--drafts", help="Single drafts instead: all of the ledger that nobody has decided or been given.")] = False,
    status: Annotated[
        list[str] | None, typer.Option("--status", help="With --drafts: only of this status (repeatable).", show_default="codable")
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", help="With --drafts: of this engine.", show_default="the project's setting 'engine'")
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
        typer.Option("--control", min=0.0, max=1.0, help="Share of documents that two read without any draft.", show_default="control_share: 0.05"),
    ] = None,
    plant: Annotated[
        float | None,
        typer.Option("--plant", min=0.0, max=1.0, help="Share in which one draft is made wrong for one of two.", show_default="plant_share: 0"),
    ] = None,
    round_: Annotated[str, typer.Option("--round", help="Name of the round; agreement is reported by round.")] = "main",
    blind: Annotated[bool, typer.Option("--blind", help="Everything apart from the dataset, also those of one coder (training).")] = False,
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
    """Share documents, or single drafts, out to coders, some to two of them.

    The same documents give the same plan on every machine. A document or draft that two coders read is coded blind: neither sees the other's work,
    and the events stay out of the dataset until 'eventcoder adjudicate' has compared them. Nobody gets a draft in a round in which he has its
    document.
    """
    from eventcoder.review import named
    from eventcoder.team.tasks.assigning import Wish, change
    from eventcoder.team.tasks.assigning import assign as share_out

    with writing_desk(project, coder) as desk:
        if withdraw or return_:
            if any(name.startswith("-") for name in (*(withdraw or ()), *(return_ or ()))):
                raise UsageError("--withdraw and --return take a task each.", "'eventcoder queue --tasks' lists them, with --round those of one.")
            if documents or (withdraw and return_):
                raise UsageError("--withdraw, --return and documents exclude each other.", "Do one after the other.")
            state = "withdrawn" if withdraw else "returned"
            for task in change(desk, withdraw or return_ or [], state, reason):
                say(f"{task.task}  {state}")
            return
        given = desk.project.settings
        chosen, single = named(desk, documents or [])
        mixed = (single and chosen) or (drafts and documents) or (control and (single or drafts))
        if mixed or ((status or engine) and not drafts):
            raise UsageError(
                "Documents, drafts by their ids and --drafts exclude each other; --status and --engine go with --drafts, --control with documents.",
                "Do one after the other.",
            )
        every = _all_drafts(desk, status, engine) if drafts else single or None
        wish = Wish(
            plan, to or (), given.double_share if double is None else double, given.control_share if control is None else control,
            given.plant_share if plant is None else plant, round_, until, blind,
        )  # fmt: skip
        done = share_out(desk, chosen, wish, drafts=every, dry_run=dry_run, progress=note)
    _tell_assigned(done, dry_run=dry_run, as_json=json_)


def _all_drafts(desk: Desk, status: Sequence[str] | None, engine: str | None) -> Sequence[Draft]:
    from eventcoder.project import ENGINES
    from eventcoder.team.tasks.items import undecided

    known = desk.codebook.lists["statuses"].codes
    wrong = [name for name in status or () if name not in known]
    if wrong:
        raise UsageError(f"Unknown status {wrong[0]!r}.", f"Known: {', '.join(known)}.")
    if engine is not None and engine not in ENGINES:
        raise UsageError(f"Unknown engine {engine!r}.", f"Known: {', '.join(ENGINES)}.")
    return undecided(desk, status or ["codable"], engine or desk.project.settings.engine)


def _tell_assigned(done: Assigned, *, dry_run: bool, as_json: bool) -> None:
    for line in done.notes:
        note(f"note: {line}")
    if as_json:
        strata = [{"type": t, "country": c, f"{done.kind}s": n, "double": d} for (t, c), (n, d) in sorted(done.by_stratum.items())]
        emit({f"{done.kind}s": done.documents, "tasks": done.tasks, "double": done.double, "control": done.control, "planted": done.planted,
              "coders": dict(sorted(done.by_coder.items())), "strata": strata, "stored": not dry_run})  # fmt: skip
        return
    if not done.documents:
        say(f"No {done.kind} waits to be assigned." + (" 'eventcoder extract' makes drafts." if done.kind == "draft" and not done.notes else ""))
        return
    told = "would be given" if dry_run else "given"
    items, tasks = done.kind + "s"[: done.documents != 1], "task" + "s"[: done.tasks != 1]
    say(f"{done.documents} {items} {told} as {done.tasks} {tasks}; {done.double} read twice, of these {done.control} without drafts and "
        f"{done.planted} with a planted draft.")  # fmt: skip
    for line in table([[name or "(anybody)", str(n)] for name, n in sorted(done.by_coder.items())], ["coder", "tasks"]):
        say(line)
    rows = [[t, c, str(n), str(d)] for (t, c), (n, d) in sorted(done.by_stratum.items())]
    for line in table(rows, ["type", "country", f"{done.kind}s", "read twice"]):
        say(line)


def next_(
    document: Annotated[str | None, typer.Argument(help="Take the task about this one (or a draft); else the first one.", show_default=False)] = None,
    peek: Annotated[bool, typer.Option("--peek", help="Show what would come; take nothing.")] = False,
    work: Annotated[bool, typer.Option("--work", help="Work on: review each task, hand it in and take the next by keys, until q.")] = False,
    done: Annotated[bool, typer.Option("--done", help="Hand in the task that you have, then take the next one.")] = False,
    nothing: Annotated[bool, typer.Option("--nothing", help="Hand it in as read and without an event, then take the next one.")] = False,
    skip: Annotated[
        str | None, typer.Option("--skip", help="Give it back, with the reason; it never comes to you again.", show_default=False)
    ] = None,
    round_: Annotated[str | None, typer.Option("--round", help="Only tasks of this round.", show_default=False)] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Take the next task: what is assigned to you first, then what is anybody's.

    Called again it shows the task that you have. It ends with --done, or with --nothing if the document holds no event.
    """
    from eventcoder.team.known import known_round
    from eventcoder.team.tasks.claiming import finish, take, the_current
    from eventcoder.team.tasks.claiming import skip as give_back
    from eventcoder.team.tasks.queue import task_json

    if sum((done, nothing, work, peek, skip is not None)) > 1:
        raise UsageError("--work, --done, --nothing, --skip and --peek exclude each other.", "Hand the task in, or give it back, or look.")
    with writing_desk(project, coder) as desk:
        known_round(desk, round_)
        item = _item(desk, document) if document else None
        if work:
            from eventcoder.cli.tasks import work as work_on

            work_on(desk, round=round_, item=item)
            return
        if done or nothing or skip is not None:
            task = the_current(desk, item)
            item = None
            if skip is not None:
                give_back(desk, task, skip)
                note(f"{task.task} given back.")
            else:
                refuse_unread(desk, task, nothing=nothing)
                note(told_handed(finish(desk, task).events, task))
        found = take(desk, round=round_, item=item, peek=peek)
        if json_:
            emit(task_json(found) if found else {"task": None})
        elif found is None:
            say(_nothing(desk, document))
            tell_asked(desk)
        else:
            tell_task(desk, found, how=not peek)


def _item(desk: Desk, name: str) -> str:
    """The document or draft that is meant by a task or the beginning of an id. Raises `NotFound`."""
    from eventcoder.review import named

    documents, drafts = named(desk, [name.partition("/")[0]])
    return documents[0] if documents else drafts[0].draft_id


def refuse_unread(desk: Desk, task: Task, *, nothing: bool) -> None:
    """Raise `Refused` unless what the coder says of the task is so: a word typed twice would hand in the next document unread."""
    from eventcoder.team.tasks.claiming import nothing_stored

    empty = nothing_stored(desk, task)
    if empty and not nothing:
        raise Refused(f"You have stored nothing for {task.task}.", "If the document holds no event: eventcoder next --nothing")
    if nothing and not empty:
        raise Refused(f"You have stored something for {task.task}.", "Hand it in: eventcoder next --done")


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
    return unread_journals(desk) or f"Nothing waits for {desk.coder}."


def tell_asked(desk: Desk) -> None:
    """Where no task waits: which of the coder's own events do, for an answer or a change."""
    from eventcoder.team.members.approval import asked

    if own := asked(desk):
        note(f"But you were asked about {', '.join(own[:5])}{' ...' if own[5:] else ''}: eventcoder queue --approval --of {desk.coder}")


def tell_task(desk: Desk, task: Task, *, how: bool) -> None:
    """What the task is about; with `how` also which commands work on it."""
    from eventcoder.ledger.blind import TRAINING
    from eventcoder.review.session import stored_draft
    from eventcoder.team.tasks.codings import held_events

    meta = desk.document_meta(task.document)
    title = meta.get("title") or meta.get("source_name") or ""
    say(f"{task.task}  {meta.get('published') or 'no date'}  {meta.get('publisher') or 'unknown publisher'}  {title}".rstrip())
    if task.item_kind == "draft" and (draft := stored_draft(desk, task.item)) is not None:
        say(f"  One draft of it: {' '.join(draft.statement.quote.split())!r}")
    if task.reason and task.state in ("returned", "claimed"):
        say(f"  It came back: {task.reason}")
    if task.plan == TRAINING:
        say("  For training: what you store is held against a gold coding, and never becomes part of the dataset.")
    elif task.blind and task.slots == 1:
        say("  Coded apart: what you store stays out of the dataset until it was adjudicated.")
    elif task.blind:
        say("  Coded apart by several: what you store stays out of the dataset, and nobody sees it, until all are done.")
    for event in held_events(desk, task.task, desk.coder) if task.blind and task.holder == desk.coder else ():
        told = (event.values.get(name) for name in ("event_date", "location", "sub_event_type"))
        say(f"  You stored of it: {event.event_id}  {'  '.join(str(value) for value in told if value)}")
    if not how:
        return
    if task.item_kind == "draft":
        say(f"  Decide the draft:                     eventcoder review {task.item}")
    elif task.control:
        say(f"  No drafts are shown for it. Read it:  eventcoder documents {task.document}")
        say(f"  Code its events:                      eventcoder add --task {task.task}")
    else:
        say(f"  Decide its drafts:                    eventcoder review {task.document}")
        say(f"  Code what no draft tells:             eventcoder add --task {task.task}")
    say("  Hand it in:                           eventcoder next --done   (without any event: --nothing)")
    say("  All of it by keys, task after task:   eventcoder next --work")
    if task.until:
        say(f"  It is yours until {task.until[:10]}.")


def queue(
    round_: Annotated[str | None, typer.Option("--round", help="Only tasks of this round.", show_default=False)] = None,
    of: Annotated[str | None, typer.Option("--of", help="Only tasks (with --approval events) of this coder.", show_default=False)] = None,
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
    from eventcoder.team.known import known_coder, known_round
    from eventcoder.team.tasks.queue import queue as count
    from eventcoder.team.tasks.queue import task_json

    if approval and (round_ or tasks):
        raise UsageError("--approval lists events, which belong to no round.", "Leave --round and --tasks out; --of NAME shows one coder's.")
    with reading_desk(project) as desk:
        known_coder(desk, of, "--of")
        known_round(desk, round_)
        if approval:
            show_waiting(desk, of=of, as_json=json_)
            return
        if tasks:
            found = [t for t in work.tasks(desk.ledger.store, round=round_) if of in (None, t.holder, t.assigned_for)]
            rows = [[t.task, t.state, t.holder or t.assigned_for or "(anybody)", t.round, t.changed, t.reason or ""] for t in found]
            for task in found if json_ else ():
                emit(task_json(task))
            for line in table(rows, ["task", "state", "coder", "round", "since", "reason"]) if rows and not json_ else ():
                say(line)
            if not rows:
                note("No task" + (f" of {of}" if of else "") + ("." if of or round_ else ". 'eventcoder assign' makes some."))
            return
        seen = count(desk, round=round_, coder=of)
        _tell_queue(desk, seen, as_json=json_, of=of)


def _tell_queue(desk: Desk, seen: Queue, *, as_json: bool, of: str | None) -> None:
    from eventcoder.team.tasks.queue import age

    if as_json:
        emit({"tasks": seen.number, "states": {s: {"tasks": x.number, "oldest": x.oldest} for s, x in seen.states.items()},
              "coders": {name: dict(states) for name, states in seen.coders.items()}, "expired": [t.task for t in seen.expired],
              "approval": {s: {"events": x.number, "oldest": x.oldest} for s, x in seen.approval.items()},
              "proposed_names": seen.names, "idle": dict(seen.idle), "blind_documents": seen.items, "to_adjudicate": seen.compared})  # fmt: skip
        return
    for state, waits in seen.approval.items():
        since = age(waits.oldest, desk.moment)
        since = f"since {since}" if since == "just now" else f"for {since}"
        say(f"{waits.number} event{'s' if waits.number != 1 else ''} {state}, the oldest {since}: 'eventcoder queue --approval' lists them.")
    for kind, number in seen.names.items():
        lists = "eventcoder places list --proposed" if kind == "place" else f"eventcoder {kind}s queue"
        say(f"{number} name{'s wait' if number != 1 else ' waits'} for a lead: {lists}")
    if not seen.number:
        say(unread_journals(desk) or (f"No task of {of}." if of else "No task. 'eventcoder assign' makes some."))
        return
    for line in table([[s, str(x.number), age(x.oldest, desk.moment)] for s, x in seen.states.items()], ["state", "tasks", "oldest"]):
        say(line)
    say()
    states = list(seen.states)
    rows = [[name or "(anybody)", *(str(counts[s] or "") for s in states)] for name, counts in seen.coders.items()]
    for line in table(rows, ["coder", *states]):
        say(line)
    if seen.items:
        counts = ((seen.items - seen.drafts, "document"), (seen.drafts, "draft"))
        what = " and ".join(f"{number} {name}{'s' * (number != 1)}" for number, name in counts if number)
        some = f"{seen.compared} of them wait{'s' * (seen.compared == 1)}"
        say(f"\n{what} {'is' if seen.items == 1 else 'are'} coded blind; {some} for 'eventcoder adjudicate'.")
    if seen.expired:
        ran = "1 task ran out and goes" if len(seen.expired) == 1 else f"{len(seen.expired)} tasks ran out and go"
        say(f"{ran} to whoever asks next, the first: {seen.expired[0].task}.")
    for name, number in sorted(seen.idle.items()):
        many = "1 task is" if number == 1 else f"{number} tasks are"
        say(f"{many} of {name}, who is disabled: whoever asks next gets {'it' if number == 1 else 'them'}.")
