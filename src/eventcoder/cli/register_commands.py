"""What the registers of actors and of publishers have alike: show, list, queue, reject, merge, rename, how to propose and accept. Floor 8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, JsonOption, ProjectOption, ReasonOption
from eventcoder.cli.registering import (
    AllOption,
    ByOption,
    LimitOption,
    ProposedOption,
    RejectedOption,
    told,
    told_entered,
    told_list,
    told_otherwise,
    told_queue,
    told_show,
)
from eventcoder.coding import Desk
from eventcoder.errors import UsageError
from eventcoder.ledger import Entry

RegisteredArgument = Annotated[str, typer.Argument(help="The name as it stands in the register.", show_default=False)]


def looking(app: typer.Typer, kind: str, *, says: str, met: str) -> None:
    """Give a register its commands show, list and queue. `says` names what it knows of an entry, `met` where names come from."""

    @app.command("show", help=f"What the register says of {_one(kind)}: {says}, and who said so.")
    def show(name: RegisteredArgument, json_: JsonOption = False, project: ProjectOption = None) -> None:
        with reading_desk(project) as desk:
            told_show(desk, kind, name, as_json=json_)

    @app.command("list", help="What the team registered itself; or what is proposed, or was rejected.")
    def list_(proposed: ProposedOption = False, rejected: RejectedOption = False, json_: JsonOption = False, project: ProjectOption = None) -> None:
        with reading_desk(project) as desk:
            told_list(desk, kind, proposed=proposed, rejected=rejected, as_json=json_)

    @app.command("queue", help=f"What waits for a lead: proposals, then {kind}s of {met} that nobody registered, each with the line that settles it.")
    def queue(limit: LimitOption = 20, rejected: AllOption = False, json_: JsonOption = False, project: ProjectOption = None) -> None:
        with reading_desk(project) as desk:
            told_queue(desk, kind, rejected=rejected, limit=limit, as_json=json_)


def proposed(
    desk: Desk, kind: str, name: str, given: Mapping[str, Any], reason: str, *, drop: Sequence[str] | None, merge_into: str | None,
    rename: str | None, since: str | None,
) -> Entry:  # fmt: skip
    """Store what `propose` asks for: one thing at a time. Raises `UsageError` for several at once, or a new name without its day."""
    from eventcoder.coding.records import reason_text
    from eventcoder.team.registers import registering

    reason = reason_text(reason)
    if (rename is None) != (since is None):
        raise UsageError("A new name and its first day go together.", "Give --rename NAME --from YYYY-MM-DD.")
    if merge_into is None and rename is None:
        return registering.propose(desk, kind, name, given, reason, drop or ())
    if any(value not in (None, [], ()) for value in (*given.values(), drop)) or (merge_into is not None and rename is not None):
        raise UsageError("A proposal asks for one thing: a merge, a new name, or what is said of it.", "Propose them one after the other.")
    if merge_into is not None:
        return registering.propose_merge(desk, kind, name, merge_into, reason)
    return registering.propose_rename(desk, kind, name, str(rename), str(since), reason)


def told_accepted(desk: Desk, kind: str, name: str, given: Mapping[str, Any], *, by: str | None, reason: str, as_json: bool) -> None:
    """Accept a proposal and say what came of it: after a merge or rename with the events that bear the old name."""
    from eventcoder.team.registers.registering import accept

    entries = accept(desk, kind, name, given, by=by, reason=reason)
    told_entered(desk, entries, as_json=as_json)
    gone = entries[0].body
    if gone.get("merged_into"):
        told_otherwise(desk, kind, entries[0].subject, gone["merged_into"], gone.get("renamed"), as_json=as_json)


def deciding(app: typer.Typer, kind: str) -> None:
    """Give a register its commands reject, merge and rename."""

    @app.command("reject")
    def reject(
        name: Annotated[str, typer.Argument(help="The name that was proposed or met.", show_default=False)],
        reason: ReasonOption,
        by: ByOption = None,
        json_: JsonOption = False,
        project: ProjectOption = None,
        coder: CoderOption = None,
    ) -> None:
        """Turn a proposal down, or take a name out of the queue; a coder takes back an own proposal. What is accepted stays."""
        from eventcoder.team.registers.registering import reject as rejected

        with writing_desk(project, coder) as desk:
            told(rejected(desk, kind, name, reason, by=by), as_json=json_)

    @app.command("merge", help=f"Make one {kind} of two names. Events keep what was coded; the lines that would amend them are shown.")
    def merge(
        name: Annotated[str, typer.Argument(help="The name that shall be another name; registered or not.", show_default=False)],
        into: Annotated[str, typer.Argument(help="The registered name that stays.", show_default=False)],
        reason: ReasonOption,
        json_: JsonOption = False,
        project: ProjectOption = None,
        coder: CoderOption = None,
    ) -> None:
        from eventcoder.team.registers.registering import merge as merged

        with writing_desk(project, coder) as desk:
            told(merged(desk, kind, name, into, reason), as_json=json_)
            told_otherwise(desk, kind, name, into, None, as_json=json_)

    later = "Events keep what was coded; those of later days are shown with the lines that would amend them."

    @app.command("rename", help=f"Give {_one(kind)} another name from a day on. {later}")
    def rename(
        old: RegisteredArgument,
        new: Annotated[str, typer.Argument(help="The new name.", show_default=False)],
        since: Annotated[str, typer.Option("--from", help="First day of the new name, YYYY-MM-DD.", show_default=False)],
        reason: ReasonOption,
        json_: JsonOption = False,
        project: ProjectOption = None,
        coder: CoderOption = None,
    ) -> None:
        from eventcoder.team.registers.registering import rename as renamed

        with writing_desk(project, coder) as desk:
            told(renamed(desk, kind, old, new, since, reason), as_json=json_)
            told_otherwise(desk, kind, old, new, since, as_json=json_)


def _one(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
