"""Looking at what is there: list, show. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.options import EventArgument, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, table, terminal_width
from eventcoder.coding import LIVE_STATES, Desk
from eventcoder.coding.origin import origin, told
from eventcoder.errors import NotFound, UsageError
from eventcoder.ledger import Entry, Folded
from eventcoder.project import open_project
from eventcoder.team.following import day

if TYPE_CHECKING:
    from eventcoder.coding.relating import Related

SHOWN = ("event_date", "country", "location", "sub_event_type", "actor1", "actor2", "fatalities")
STATES = ("open", "settled", "retracted", "merged", "conflict", "held", "adjudicated")
APART = ("held", "adjudicated")  # states of what was coded blind: not everybody sees all of it


def reading_desk(project: Path | None) -> Desk:
    """A desk that cannot write: works on a read-only project too."""
    return Desk(open_project(project), readonly=True)


def refuse_concealed(desk: Desk, event: Folded) -> None:
    """Raise `NotFound` for an event that was coded blind and is not for these eyes yet: not even that it exists is told."""
    from eventcoder.team.tasks.blind import visible

    if not visible(desk, event):
        raise NotFound(f"No event {event.event_id!r}.", "'eventcoder list' shows the ids.")


def row_of(event: Folded) -> dict[str, Any]:
    """An event as `list --json` prints it: its columns by name, then state and revision."""
    return {"event_id": event.event_id, **event.values, "state": event.state, "revision": event.revision}


def list_(
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many, the newest first; 0 for all.", min=0)] = 20,
    country: Annotated[str | None, typer.Option("--country", help="Only this country.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only events of this day or later (YYYY-MM-DD).", show_default=False)] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only events of this day or earlier.", show_default=False)] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only this sub-event type.", show_default=False)] = None,
    state: Annotated[
        str | None,
        typer.Option(
            "--state", help="One of open, settled, retracted, merged, conflict, held, adjudicated; else all of the dataset.", show_default=False
        ),
    ] = None,
    where: Annotated[str | None, typer.Option("--where", help='Expression over the columns, e.g. "fatalities > 10".', show_default=False)] = None,
    why: Annotated[bool, typer.Option("--why", help="Say below each event what is wrong with it, and what its imported file said instead.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """List events, the latest event date first. With --json one object a line, all columns.

    'list --state open --why' is the worklist: what is not fit for release yet, and what it lacks. 'list --state held' is what you coded blind.
    """
    from eventcoder.cli.acts import unread_journals
    from eventcoder.team.tasks.blind import visible

    with reading_desk(project) as desk:
        if state is not None and state not in STATES:
            raise UsageError(f"Unknown state {state!r}.", f"Known: {', '.join(STATES)}.")
        for name, value in (("--since", since), ("--until", until)):
            day(name, value)
        wanted = {"countries": country, "sub_event_types": type_}
        for list_name, text in wanted.items():
            if text is not None:
                code = desk.codebook.lists[list_name].canonical(text)
                if code is None:
                    raise UsageError(
                        f"Unknown {'country' if list_name == 'countries' else 'sub-event type'} {text!r}.", "'eventcoder codebook show' lists them."
                    )
                wanted[list_name] = code
        predicate = desk.codebook.predicate(where) if where is not None else None
        events = desk.ledger.events(
            states=(state,) if state else LIVE_STATES,
            country=wanted["countries"],
            since=since,
            until=until,
            sub_event_type=wanted["sub_event_types"],
            limit=0 if predicate or state in APART else limit,
            newest_first=True,
        )
        rows: list[list[str]] = []
        remarks: list[list[str]] = []
        for event in events:
            if predicate is not None and predicate({**event.values, "event_id": event.event_id}) is not True:
                continue
            if event.held and not visible(desk, event):
                continue
            if json_:
                emit(row_of(event) | (_reasons(desk, event) if why else {}))
            mark = {"settled": "", "open": " *", "conflict": " !"}.get(event.state, f" {event.state}")
            rows.append([event.event_id + mark, *(str(event.values[c]) if event.values.get(c) is not None else "" for c in SHOWN)])
            if why and not json_:
                remarks.append(_remarks(_reasons(desk, event)))
            if limit and len(rows) >= limit:
                break
        if not json_:
            lines = table(rows, ["event_id", *SHOWN], width=terminal_width()) if rows else []
            for number, line in enumerate(lines):
                say(line)
                for remark in remarks[number - 1] if number and why else []:
                    say(f"    {remark}")
            if not rows:
                note(unread_journals(desk) or "No event.")
            elif any(" *" in r[0] or " !" in r[0] for r in rows):
                note("* open: not yet fit for release.  ! conflict: see 'eventcoder resolve'.")


def _reasons(desk: Desk, event: Folded) -> dict[str, Any]:
    """What keeps an event from being released, and where it was imported from."""
    from eventcoder.team.members.approval import state_of

    problems = [] if event.state in ("retracted", "merged") else desk.prepare(event.values, event_id=event.event_id).problems
    found = {"problems": [p.as_json() for p in problems if p.severity == "error"], "import": origin(desk.ledger.acts(event.event_id))}
    return found | ({"approval": state_of(desk, event)} if event.state == "open" else {})


def _remarks(reasons: dict[str, Any]) -> list[str]:
    from eventcoder.cli.approving import HOW

    out = [f"{problem['message']} [{problem['code']}]" for problem in reasons["problems"]]
    if state := reasons.get("approval"):
        out.append(f"{state}: {HOW[state]}")
    found = reasons["import"]
    if found and found.get("original"):
        said = "; ".join(f"{name}: {cell}" for name, cell in found["original"].items())
        out.append(f"the file said {said if len(said) < 300 else said[:299] + '…'}  ({told(found)})")
    return out


def show(
    event: EventArgument,
    others: Annotated[bool, typer.Option("--others", help="Relations that other events have to this one, too: looks through all events.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Show one event: values, problems, sources, evidence, counts, relations."""
    from dataclasses import asdict

    from eventcoder.cli.approving import thread_lines
    from eventcoder.coding.queries import thread
    from eventcoder.coding.relating import related, told_by_others

    with reading_desk(project) as desk:
        found = desk.event(event)
        refuse_concealed(desk, found)
        problems = [] if found.state in ("retracted", "merged") else desk.prepare(found.values, event_id=found.event_id).problems
        imported = origin(desk.ledger.acts(found.event_id))
        relations = related(desk, found)
        messages = thread(desk.ledger, found.event_id)
        if json_:
            more = [{"kind": kind, "event_id": other.event_id, "state": other.state} for kind, other in told_by_others(desk, found)] if others else []
            emit(
                {
                    **row_of(found),
                    "import": imported,
                    "reports": found.reports,
                    "evidence": found.evidence,
                    "counts": found.counts,
                    "relations": found.relations,
                    "related": [relation.as_json() for relation in relations],
                    **({"related_by_others": more} if others else {}),
                    "successor": found.successor,
                    "merged": list(found.merged),
                    **({"thread": [asdict(m) for m in messages]} if messages else {}),
                    "problems": [p.as_json() for p in problems],
                }
            )
            return
        say(f"{found.event_id}  {found.state}, revision {found.revision}, by {found.coder}, last changed {found.changed}")
        if found.held:
            say(f"  coded apart for task {found.held}: no part of the dataset")
        if found.successor:
            say(f"  {'now part of' if found.state == 'merged' else 'in its place'} {found.successor}")
        if found.reason and found.state in ("retracted", "merged"):
            say(f"  because: {found.reason}")
        for column in desk.codebook.columns:
            value = found.values.get(column.name)
            if value is not None and value != []:
                say(f"  {column.name:<20} {'; '.join(value) if isinstance(value, list) else value}")
        if imported:
            say(f"  imported from {told(imported)}")
            for name, cell in (imported.get("original") or {}).items():
                say(f"    it said {name}: {cell}")
        if found.state == "conflict":
            _show_conflict(desk, found)
        for report in found.reports:
            meta = desk.document_meta(report["document"])
            said = f"{meta.get('publisher') or 'unknown publisher'}, {meta.get('published') or 'no date'}"
            say(f"  report {report['document']}  {said}: {meta.get('title') or ''}".rstrip())
        for name, spans in sorted(found.evidence.items()):
            for span in spans:
                say(f"  {name} <- {span['document']}[{span['start']}:{span['end']}] {span['quote']!r}")
        for relation in relations:
            say(f"  {relation.kind} {_event_text(relation)}")
        if others:
            for kind, other in told_by_others(desk, found):
                inverse = desk.codebook.lists["relation_kinds"].attribute(kind, "inverse") or kind
                say(f"  {inverse} {other.event_id}  {_line(other)}")
        for line in thread_lines(messages):
            say(f"  {line}")
        for problem in problems:
            say(f"  {problem.severity}: {problem.message} [{problem.code}]")


def _line(event: Folded) -> str:
    """An event in a few words."""
    told = " ".join(str(event.values[c]) for c in ("event_date", "location", "sub_event_type") if event.values.get(c) is not None)
    return told + (f" ({event.state})" if event.state not in ("settled", "open") else "")


def _event_text(relation: Related) -> str:
    """The event that a relation leads to, what stands in its place, and where the relation leads on."""
    if relation.head is None:
        return f"{relation.event_id}  (not in this ledger)"
    text = f"{relation.event_id}  {_line(relation.head)}"
    if relation.current is not None and relation.current.event_id != relation.event_id:
        text += f", now {relation.current.event_id}"
    return text + "".join(f", which is {relation.kind} {event_id}" for event_id in relation.beyond)


def _show_conflict(desk: Desk, found: Folded) -> None:
    """Both sides of a conflict, act by act, so that a person can choose."""
    say("  in conflict: two coders changed it without knowing of each other")
    for entry in desk.ledger.acts(found.event_id):
        if entry.id in found.heads:
            say(f"    {entry.coder} {entry.time}: {values_text(entry)}  {entry.body.get('reason') or ''}".rstrip())
    say("    end it with: eventcoder resolve " + found.event_id + " --set NAME=VALUE --reason TEXT")


def values_text(entry: Entry) -> str:
    values = entry.body.get("values") or {}
    return ", ".join(f"{k}={v!r}" for k, v in values.items()) or entry.body.get("act", "")
