"""`eventcoder publishers`: the register of publishers, looked up, added to, proposed for, decided on. Floor 8."""

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

publishers = typer.Typer(help="Look up, add, propose, accept, merge or rename publishers.", no_args_is_help=True)

ScaleOption = Annotated[
    str | None,
    typer.Option("--scale", help="Subnational, National, Regional, International, New media, Local partner or Other.", show_default=False),
]
DomainOption = Annotated[list[str] | None, typer.Option("--domain", help="Host of its pages, e.g. example.org (repeatable).", show_default=False)]
CountryOption = Annotated[list[str] | None, typer.Option("--country", help="Where it is at home; leave it out for several.", show_default=False)]
LanguageOption = Annotated[str | None, typer.Option("--language", help="Language it writes in, e.g. en.", show_default=False)]
OwnershipOption = Annotated[
    str | None,
    typer.Option("--ownership", help="Who stands behind it: state, public, private, ... (team/ownerships.csv).", show_default=False),
]
NameArgument = Annotated[str, typer.Argument(help="Name as it shall stand in 'source'.", show_default=False)]


def _given(
    scale: str | None, domain: list[str] | None, country: list[str] | None, language: str | None, ownership: str | None, alias: list[str] | None
) -> dict[str, Any]:
    return {"scale": scale, "domain": domain, "country": country, "language": language, "ownership": ownership, "aliases": alias}


@publishers.command("find")
def find(text: Annotated[str, typer.Argument(help="Name or domain.")], json_: JsonOption = False, project: ProjectOption = None) -> None:
    """A publisher by name, other name or domain, with its scale; else those whose names begin so or hold a word that does."""
    from eventcoder.team.registers.describing import way_in

    with reading_desk(project) as desk:
        name = desk.publishers.canonical(text)
        found = [name] if name is not None else desk.publishers.complete(text) if text.strip() else []
        told_proposed(desk, "publisher", text)
        if not found:
            note(f"No such publisher. To bring it in: eventcoder publishers {way_in(desk, 'publisher')}")
            raise typer.Exit(1)
        for name in found:
            scale = desk.publishers.scale([name])
            if json_:
                emit({"publisher": name, "scale": scale})
            else:
                say(f"{name}  [{scale or 'scale not known'}]")


looking(publishers, "publisher", says="names and their days, scale, country, language, ownership, domains", met="documents and events")


@publishers.command("add")
def add(
    name: NameArgument,
    scale: Annotated[
        str, typer.Option("--scale", help="Subnational, National, Regional, International, New media, Local partner or Other.", show_default=False)
    ],
    domain: DomainOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    ownership: OwnershipOption = None,
    alias: AliasOption = None,
    reason: WhyOption = "",
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Add a publisher with its scale; it can be used at once. In a team that is a lead's right: others propose."""
    from eventcoder.team.registers.registering import enter

    with writing_desk(project, coder) as desk:
        told_entered(desk, [enter(desk, "publisher", name, _given(scale, domain, country, language, ownership, alias), reason)], as_json=json_)


@publishers.command("propose")
def propose(
    name: NameArgument,
    reason: ReasonOption,
    scale: ScaleOption = None,
    domain: DomainOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    ownership: OwnershipOption = None,
    alias: AliasOption = None,
    drop: DropOption = None,
    merge_into: MergeIntoOption = None,
    rename: RenameOption = None,
    since_day: FromOption = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Propose a new publisher; for a registered one a change, a merge (--merge-into) or a new name (--rename, --from). A lead decides."""
    with writing_desk(project, coder) as desk:
        given = _given(scale, domain, country, language, ownership, alias)
        told([proposed(desk, "publisher", name, given, reason, drop=drop, merge_into=merge_into, rename=rename, since=since_day)], as_json=json_)


@publishers.command("accept")
def accept(
    name: NameArgument,
    by: ByOption = None,
    scale: ScaleOption = None,
    domain: DomainOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    ownership: OwnershipOption = None,
    alias: AliasOption = None,
    reason: WhyOption = "",
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Accept what was proposed, with a reason if you like; options put right what the proposal says. A merge or a new name is carried out."""
    with writing_desk(project, coder) as desk:
        told_accepted(desk, "publisher", name, _given(scale, domain, country, language, ownership, alias), by=by, reason=reason, as_json=json_)


@publishers.command("change")
def change(
    name: RegisteredArgument,
    scale: ScaleOption = None,
    domain: DomainOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    ownership: OwnershipOption = None,
    alias: AliasOption = None,
    drop: DropOption = None,
    reason: WhyOption = "",
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Say something else of a registered publisher. Events keep what was coded."""
    from eventcoder.team.registers.registering import change as changed

    with writing_desk(project, coder) as desk:
        told([changed(desk, "publisher", name, _given(scale, domain, country, language, ownership, alias), reason, drop or ())], as_json=json_)


deciding(publishers, "publisher")
