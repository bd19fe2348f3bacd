"""`eventcoder actors`: the register of actors, looked up, added to, proposed for, decided on. Floor 8."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, JsonOption, ProjectOption, ReasonOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.register_commands import RegisteredArgument, deciding, looking, proposed, told_accepted
from eventcoder.cli.registering import (
    AliasOption,
    ByOption,
    DropOption,
    FromOption,
    MergeIntoOption,
    RenameOption,
    WhyOption,
    told,
    told_entered,
    told_proposed,
)

actors = typer.Typer(help="Look up, add, propose, accept, merge or rename actors.", no_args_is_help=True)

KindOption = Annotated[str | None, typer.Option("--inter", help="Kind: State forces, Rebel group, Political militia, ...", show_default=False)]
CountriesOption = Annotated[list[str] | None, typer.Option("--country", help="Home country, then others (repeatable).", show_default=False)]
SinceOption = Annotated[str | None, typer.Option("--since", help="First day of validity, YYYY-MM-DD, or a year.", show_default=False)]
UntilOption = Annotated[str | None, typer.Option("--until", help="Last day of validity.", show_default=False)]
NameArgument = Annotated[str, typer.Argument(help="The name as it shall stand in events, e.g. 'ACRO: Full name'.", show_default=False)]


def _given(inter: str | None, country: list[str] | None, alias: list[str] | None, since: str | None, until: str | None) -> dict[str, Any]:
    return {"inter": inter, "country": country, "aliases": alias, "since": since, "until": until}


@actors.command("find")
def find(text: Annotated[str, typer.Argument(help="Name, or its beginning.")], json_: JsonOption = False, project: ProjectOption = None) -> None:
    """Actors whose name begins with, contains or resembles the text."""
    from eventcoder.team.registers.describing import way_in

    with reading_desk(project) as desk:
        names = list(desk.actors.complete(text, limit=20)) or list(desk.actors.suggest(text))
        for name in names:
            kind = desk.actors.inter_of(name)
            if json_:
                emit({"actor": name, "inter": kind})
            else:
                say(f"{name}  [{kind or 'kind not known'}]")
        if not names:
            note(f"No such actor. To bring it in: eventcoder actors {way_in(desk, 'actor')}")
        told_proposed(desk, "actor", text)
        if not names:
            raise typer.Exit(1)


looking(actors, "actor", says="names and their days, kind, countries", met="events and drafts")


@actors.command("unknown")
def unknown(json_: JsonOption = False, project: ProjectOption = None) -> None:
    """Groups that stored drafts name and the register does not know, the most frequent first: add them, or give them as other names."""
    from eventcoder.team.registers.unregistered import unknown_groups

    with reading_desk(project) as desk:
        ranked = unknown_groups(desk)
        for name, country, count in ranked:
            like = desk.actors.suggest(name, limit=3)
            if json_:
                emit({"actor": name, "country": country or None, "drafts": count, "similar": like})
            else:
                say(f"{count:>4}  {name}  [{country or 'no country'}]" + (f"  like: {'; '.join(like)}" if like else ""))
        if not ranked:
            note("No stored draft names an unknown group.")


@actors.command("add")
def add(
    name: NameArgument,
    inter: Annotated[str, typer.Option("--inter", help="Kind: State forces, Rebel group, Political militia, ...", show_default=False)],
    country: CountriesOption = None,
    alias: AliasOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    reason: WhyOption = "",
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Add an actor to the register; it can be used at once. In a team that is a lead's right: others propose."""
    from eventcoder.team.registers.registering import enter

    with writing_desk(project, coder) as desk:
        told_entered(desk, [enter(desk, "actor", name, _given(inter, country, alias, since, until), reason)], as_json=json_)


@actors.command("propose")
def propose(
    name: NameArgument,
    reason: ReasonOption,
    inter: KindOption = None,
    country: CountriesOption = None,
    alias: AliasOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    drop: DropOption = None,
    merge_into: MergeIntoOption = None,
    rename: RenameOption = None,
    since_day: FromOption = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Propose a new actor; for a registered one a change, a merge (--merge-into) or a new name (--rename, --from). A lead decides."""
    with writing_desk(project, coder) as desk:
        given = _given(inter, country, alias, since, until)
        told([proposed(desk, "actor", name, given, reason, drop=drop, merge_into=merge_into, rename=rename, since=since_day)], as_json=json_)


@actors.command("accept")
def accept(
    name: NameArgument,
    by: ByOption = None,
    inter: KindOption = None,
    country: CountriesOption = None,
    alias: AliasOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    reason: WhyOption = "",
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Accept what was proposed, with a reason if you like; options put right what the proposal says. A merge or a new name is carried out."""
    with writing_desk(project, coder) as desk:
        told_accepted(desk, "actor", name, _given(inter, country, alias, since, until), by=by, reason=reason, as_json=json_)


@actors.command("change")
def change(
    name: RegisteredArgument,
    inter: KindOption = None,
    country: CountriesOption = None,
    alias: AliasOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    drop: DropOption = None,
    reason: WhyOption = "",
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Say something else of a registered actor. Events keep what was coded."""
    from eventcoder.team.registers.registering import change as changed

    with writing_desk(project, coder) as desk:
        told([changed(desk, "actor", name, _given(inter, country, alias, since, until), reason, drop or ())], as_json=json_)


deciding(actors, "actor")
