"""What the commands on registers share: their options, and how entries, queues and names are told. Floor 8."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from eventcoder.cli.output import emit, note, say
from eventcoder.coding import Desk
from eventcoder.errors import NotFound
from eventcoder.ledger import Entry

AliasOption = Annotated[list[str] | None, typer.Option("--alias", help="Another name (repeatable).", show_default=False)]
WhyOption = Annotated[str, typer.Option("--reason", help="Why.", show_default=False)]
ByOption = Annotated[str | None, typer.Option("--by", help="The coder whose proposal is meant, where there are several.", show_default=False)]
DropOption = Annotated[
    list[str] | None, typer.Option("--drop", help="Empty this first, e.g. until; or take one away: 'aliases=ZLF' (repeatable).", show_default=False)
]
MergeIntoOption = Annotated[
    str | None, typer.Option("--merge-into", help="Propose that the name is only another name of this registered one.", show_default=False)
]
RenameOption = Annotated[str | None, typer.Option("--rename", help="Propose this name for it, from a day on (--from).", show_default=False)]
FromOption = Annotated[str | None, typer.Option("--from", help="First day of the new name, YYYY-MM-DD.", show_default=False)]
ProposedOption = Annotated[bool, typer.Option("--proposed", help="What waits to be accepted or rejected.")]
RejectedOption = Annotated[bool, typer.Option("--rejected", help="What was turned down.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", help="How many names; 0 for all.", min=0)]
AllOption = Annotated[bool, typer.Option("--rejected", help="Show names that were turned down, too.")]
_SHOWN = 20


def told(entries: Sequence[Entry], *, as_json: bool) -> None:
    """One line an entry that was stored."""
    from eventcoder.ledger.registered import status_of
    from eventcoder.team.registers.naming import asked

    for entry in entries:
        body = entry.body
        if as_json:
            emit({entry.kind: entry.subject, "status": status_of(entry), "entry": entry.id, **{k: v for k, v in body.items() if k != "status"}})
        elif naming := asked(body):
            say(f"{entry.subject}  {status_of(entry)}: {naming}")
        elif body.get("merged_into"):
            when = f" from {body['renamed']} on" if body.get("renamed") else ""
            say(f"{entry.subject}  is {body['merged_into']}{when}")
        else:
            status = status_of(entry)
            say(f"{_line(entry)}" + ("" if status == "accepted" else f"  {status}"))


def told_entered(desk: Desk, entries: Sequence[Entry], *, as_json: bool) -> None:
    """The same for names that are in the register from now on: said is who else bears one of them as another name."""
    from eventcoder.team.registers.describing import other_bearers

    told(entries, as_json=as_json)
    for entry in entries:
        for other in [] if entry.body.get("merged_into") else other_bearers(desk, entry.kind, entry.subject):
            taken = shlex.quote(f"aliases={entry.subject}")
            note(f"{other} bears this as another name, too. To end that: eventcoder {entry.kind}s change {shlex.quote(other)} --drop {taken}")


def told_list(desk: Desk, kind: str, *, proposed: bool, rejected: bool, as_json: bool) -> None:
    """The team's own entries of a register, what is proposed for it, or what was turned down."""
    from eventcoder.ledger.registered import words

    shown = 0
    for word in words(desk.ledger, kind).values():
        turned = (word.rejected,) if word.rejected is not None else ()
        held = (word.accepted,) if word.accepted is not None and not word.accepted.body.get("merged_into") else ()
        for entry in word.proposed if proposed else turned if rejected else held:
            shown += 1
            if as_json or not (proposed or rejected):
                told([entry], as_json=as_json)
            else:
                said = f": {entry.body['reason']}" if entry.body.get("reason") else ""
                line = f"{entry.subject}  [{_asked(desk, entry)}]" if proposed and kind != "place" else _line(entry)
                say(f"{line}  by {entry.coder}, {entry.time[:10]}{said}")
    if not shown:
        what = "proposed" if proposed else "rejected" if rejected else "of the team's own"
        note(f"No {kind} is {what}.")


def told_queue(desk: Desk, kind: str, *, rejected: bool, limit: int, as_json: bool) -> None:
    """What waits for the lead, each name with the line that would settle it."""
    from eventcoder.ledger.registered import REJECTED, done, status_of
    from eventcoder.team.registers.describing import way_in
    from eventcoder.team.registers.unregistered import queue

    found = queue(desk, kind, rejected=rejected, limit=limit)
    for waiting in found[: limit or None]:
        if as_json:
            emit(waiting.as_json())
            continue
        counts = ((waiting.events, "event"), (waiting.drafts, "draft"), (waiting.documents, "document"))
        met = ", ".join(f"{n} {what}{'s'[: n != 1]}" for n, what in counts if n)
        where = f"  [{waiting.country}]" if waiting.country else ""
        say(f"{waiting.name}{where}  {met or 'not met in events'}" + (f" (e.g. {', '.join(waiting.examples)})" if waiting.examples else ""))
        for entry in waiting.proposed:
            said = f": {entry.body['reason']}" if entry.body.get("reason") else ""
            say(f"    proposed by {entry.coder}, {entry.time[:10]}{said}  ({_asked(desk, entry)})")
        for entry in waiting.rivals:
            what = done(entry) if status_of(entry) == REJECTED else _properties(entry.body)
            say(f"    decided apart by {entry.coder}, {entry.time[:10]}  ({what}): say once more what holds")
        if waiting.same:
            say(f"    another name of {waiting.same}")
        elif waiting.similar:
            say(f"    like: {'; '.join(waiting.similar)}")
        say(f"    {waiting.command}")
    if limit and len(found) > limit:
        note(f"... and {len(found) - limit} more: --limit 0 shows all.")
    if not found:
        note(f"No {kind} waits.")
    elif not as_json and not all(waiting.proposed for waiting in found):
        if way_in(desk, kind) == "propose":
            note(f"What is another name of a registered one: eventcoder {kind}s propose NAME --merge-into OTHER --reason TEXT")
            return
        note(f"What is no {kind}: eventcoder {kind}s reject NAME --reason TEXT")
        note(f"What is another name of a registered one: eventcoder {kind}s merge NAME INTO --reason TEXT")


def told_proposed(desk: Desk, kind: str, text: str) -> None:
    """Say which names with this text are proposed: whoever looks for one shall not propose it again."""
    from eventcoder.ledger.registered import words
    from eventcoder.names import fold

    for word in words(desk.ledger, kind).values() if desk.has_ledger else ():
        if word.proposed and fold(text) in fold(word.name):
            note(f"Proposed by {word.proposed[0].coder} on {word.proposed[0].time[:10]}, not yet accepted: {word.name}")


def told_show(desk: Desk, kind: str, name: str, *, as_json: bool) -> None:
    """One name of a register with its history. Raises `NotFound`."""
    from eventcoder.ledger.registered import status_of, words
    from eventcoder.team.registers.naming import asked

    held: Any = desk.actors.get(name) if kind == "actor" else (desk.publishers.get(name) if desk.publishers.known(name) else None)
    entries = [e for subject in ([name] if held is None else held.names) for e in desk.ledger.entries(kind=kind, subject=subject)]
    entries.sort(key=lambda e: e.time)
    if held is None and not entries:
        from eventcoder.team.registers.describing import similar

        near = similar(desk, kind, name)
        raise NotFound(
            f"No {kind} {name!r}.", f"Did you mean {' or '.join(map(repr, near))}?" if near else f"'eventcoder {kind}s find' looks for it."
        )
    body: dict[str, Any] = held.body() if held is not None else {"name": name}
    said = words(desk.ledger, kind, name).get(name)
    if as_json:
        waits = [{"coder": e.coder, "time": e.time, "body": e.body} for e in (said.proposed if said else ())]
        emit({**body, "registered": held is not None, "proposed": waits, "history": [e.as_json() for e in entries]})
        return
    for key, value in body.items():
        if key == "named":
            for period in value:
                say(f"{'named':<12} {period['name']}  {period['since'] or '...'} to {period['until'] or '...'}")
        else:
            say(f"{key:<12} {'; '.join(value) if isinstance(value, list) else value}")
    if held is None:
        into = said.accepted.body.get("merged_into") if said and said.accepted else None
        say(f"{'status':<12} " + (f"another name of {into}" if into else "proposed" if said and said.proposed else status_of(entries[-1])))
    elif not entries:
        say(f"{'from':<12} the packaged register")
    for entry in entries:
        why = f": {entry.body['reason']}" if entry.body.get("reason") else ""
        what = " to ".join(filter(None, (status_of(entry), asked(entry.body))))
        if entry.body.get("merged_into"):
            what = f"renamed from {entry.body['renamed']} on" if entry.body.get("renamed") else f"merged into {entry.body['merged_into']}"
        say(f"{entry.time[:10]:<12} {entry.subject}: {what} by {entry.coder}{why}")


def told_otherwise(desk: Desk, kind: str, old: str, new: str, since: str | None, *, as_json: bool) -> None:
    """The events that bear another name than the register has now, and the lines that would amend them; nothing is changed."""
    from eventcoder.team.registers.describing import day_given, name_given
    from eventcoder.team.registers.renaming import named_otherwise

    found = named_otherwise(desk, kind, name_given(old), name_given(new), day_given(since) if since else None)
    if as_json:
        emit({"old": found.old, "new": found.new, "events": found.events, "commands": list(found.commands)})
        return
    if not found.count:
        return
    after = f" from {since} on" if since else ""
    note(f"{found.count} event{'s'[: found.count != 1]}{after} bear{'s'[: found.count == 1]} the name {found.old}. They keep it, unless you run:")
    for command in found.commands[:_SHOWN]:
        say(command)
    if len(found.commands) > _SHOWN:
        note(f"... and {len(found.commands) - _SHOWN} more: --json shows all.")
    for column, events in found.events.items():
        note(f"{column}: {', '.join(events[:_SHOWN])}{', ...' if len(events) > _SHOWN else ''}")


def _line(entry: Entry) -> str:
    body = entry.body
    if entry.kind == "place":
        return f"{entry.subject}  {body.get('name')}, {body.get('country')}  {body.get('latitude')}, {body.get('longitude')}"
    return f"{entry.subject}  [{_properties(body)}]" if body.keys() - {"name", "status", "reason", "withdrawn"} else entry.subject


def _asked(desk: Desk, entry: Entry) -> str:
    """What a proposal asks for, in words: of a registered name only what would change."""
    from eventcoder.team.registers.naming import altered, asked

    if naming := asked(entry.body):
        return naming
    held: Any = desk.actors.get(entry.subject) if entry.kind == "actor" else desk.publishers.get(entry.subject)
    if held is None or held.name != entry.subject:
        return _properties(entry.body)
    fresh, gone = altered(held.body(), {key: value for key, value in entry.body.items() if key not in ("status", "reason")})
    return ", ".join([*([_properties(fresh)] if fresh else []), *([f"no longer {'; '.join(gone)}"] if gone else [])]) or "as it is"


def _properties(body: dict[str, Any]) -> str:
    """Class or scale, countries, days and other names, in words."""
    parts: list[str] = []
    for key in ("inter", "scale", "country", "language", "ownership", "domain"):
        value = body.get(key)
        if value:
            parts.append(", ".join(value) if isinstance(value, list) else str(value))
    days = " to ".join(str(body.get(key) or "...") for key in ("since", "until"))
    parts += [days] if days != "... to ..." else []
    parts += [f"also {'; '.join(_texts(body['aliases']))}"] if body.get("aliases") else []
    return ", ".join(parts) or "nothing said"


def _texts(value: Iterable[Any]) -> list[str]:
    return [str(v) for v in value]
