"""`eventcoder coders`: who codes, in what role, and whether they are trained. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, ProjectOption, ReasonOption
from eventcoder.cli.output import emit, note, say, table, terminal_width
from eventcoder.coding import Desk
from eventcoder.errors import UsageError
from eventcoder.project import Project, coder_name, open_project

if TYPE_CHECKING:
    from eventcoder.ledger.people.roster import Member

app = typer.Typer(no_args_is_help=True, help="Who codes, in what role: add, list, change, disable, enable, train, qualify.")
NameArgument = Annotated[str, typer.Argument(help="The coder's name, as in --coder.", show_default=False)]
LanguagesOption = Annotated[
    list[str] | None, typer.Option("--language", help="A language that they read, such as fr (repeatable).", show_default=False)
]
CountriesOption = Annotated[list[str] | None, typer.Option("--country", help="A country that they code (repeatable).", show_default=False)]
LoginOption = Annotated[str | None, typer.Option("--login", help="Their user in the database, if it is not the name.", show_default=False)]
GoldOption = Annotated[Path, typer.Option("--gold", help="Gold coding: JSON Lines, one document a line (see docs/gold.md).", show_default=False)]


@app.command()
def add(
    name: NameArgument,
    role: Annotated[str, typer.Option("--role", help="reader, coder, reviewer or lead; each may do what those before it may.")] = "coder",
    language: LanguagesOption = None,
    country: CountriesOption = None,
    login: LoginOption = None,
    in_training: Annotated[bool, typer.Option("--in-training", help="Their events do not settle until they qualify.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Register a coder. The first one must be a lead; from then on only registered names store anything.

    reader: looks.  coder: codes, asks, proposes.  reviewer: approves, adjudicates, resolves.  lead: assigns, registers, redacts.
    """
    from eventcoder.team.members.enrolling import enrol, unregistered_names

    opened = open_project(project)
    with Desk(opened) as desk:
        first = desk.people.empty
        desk.coder = _first(opened, coder, name) if first else coder_name(opened, coder)
        member = enrol(desk, name, role, languages=language or (), countries=country or (), login=login, in_training=in_training)
        _tell(member, json_)
        for other in desk.people.people:
            if other != name and other.casefold() == name.casefold():
                note(f"{name} and {other} are two coders now, and agreement would compare them. If {name} was a slip of the hand:")
                note(f"  eventcoder coders disable {name} --reason 'Typed twice.'")
        if first:
            note("From now on only registered coders store anything in this project.")
            if desk.ledger.store.backend == "sqlite":
                note("The program keeps the roles; the owner of the ledger's file could write to it without. PostgreSQL keeps them itself.")
        _follow(desk, member)
        for other, number in unregistered_names(desk):
            note(f"{other} has {number:,} entries here and is not registered: eventcoder coders add {other}")


def _first(project: Project, given: str | None, name: str) -> str:
    """Who makes the first registration: whoever is named as always, else the one who is registered."""
    try:
        return coder_name(project, given)
    except UsageError:
        if given:
            raise
        return coder_name(project, name)


@app.command("list")
def list_(json_: JsonOption = False, project: ProjectOption = None) -> None:
    """The coders with their roles, and names in the ledger that nobody registered."""
    from eventcoder.team.members.enrolling import unregistered_names

    with reading_desk(project) as desk:
        members = desk.people.members
        for member in members if json_ else ():
            _tell(member, True)
        if not json_:
            header = ["name", "role", "state", "training", "languages", "countries", "login", "since"]
            rows = [
                [
                    m.name, m.role, m.state, "" if m.training == "none" else m.training, " ".join(m.languages), ", ".join(m.countries),
                    "" if m.login == m.name else m.login, m.time[:10],
                ]
                for m in members
            ]  # fmt: skip
            used = [i for i in range(len(header)) if i < 3 or any(row[i] for row in rows)]
            for line in table([[row[i] for i in used] for row in rows], [header[i] for i in used], width=terminal_width()) if rows else ():
                say(line)
        if not members:
            note("No coder is registered: anybody stores anything under any name. 'eventcoder coders add NAME --role lead' registers the first.")
        for other, number in unregistered_names(desk):
            note(f"{other} has {number:,} entries here and is not registered: eventcoder coders add {other}")


@app.command()
def change(
    name: NameArgument,
    role: Annotated[str | None, typer.Option("--role", help="reader, coder, reviewer or lead.", show_default=False)] = None,
    language: LanguagesOption = None,
    country: CountriesOption = None,
    login: LoginOption = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.", show_default=False)] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Change what is said of a coder; what is not named stays. Lists are given whole."""
    from eventcoder.team.members import enrolling

    with writing_desk(project, coder) as desk:
        member = enrolling.change(desk, name, role=role, languages=language, countries=country, login=login, reason=reason)
        _tell(member, json_)
        _follow(desk, member)


@app.command()
def disable(name: NameArgument, reason: ReasonOption, json_: JsonOption = False, project: ProjectOption = None, coder: CoderOption = None) -> None:
    """Take a coder's rights away: nothing is stored under this name any more. What they coded stays; work that they had taken is anybody's again."""
    from eventcoder.team.members import enrolling

    with writing_desk(project, coder) as desk:
        given = enrolling.disable(desk, name, reason)
        member = enrolling.the_member(desk, name)
        _tell(member, json_)
        if given:
            note(f"{given} task{'s'[: given != 1]} that {name} had taken can be taken by others.")
        _follow(desk, member)


@app.command()
def enable(
    name: NameArgument,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.", show_default=False)] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Give a disabled coder the rights back."""
    from eventcoder.team.members import enrolling

    with writing_desk(project, coder) as desk:
        member = enrolling.enable(desk, name, reason)
        _tell(member, json_)
        _follow(desk, member)


@app.command()
def train(name: NameArgument, gold: GoldOption, json_: JsonOption = False, project: ProjectOption = None, coder: CoderOption = None) -> None:
    """Let a new coder code the documents of a gold coding: blind, without drafts, in a round of their own. 'qualify' scores them.

    Until they qualify nothing that they code settles; what they code of these documents never becomes part of the dataset. Take documents that
    nobody else codes, because 'list' shows the events of all others.
    """
    from eventcoder.evaluation import read_gold
    from eventcoder.team.members import training

    with writing_desk(project, coder) as desk:
        documents = training.train(desk, name, read_gold(gold))
        if json_:
            emit({"coder": name, "documents": documents})
            return
        say(f"{name} has {len(documents)} document{'s'[: len(documents) != 1]} to code, and is in training.")
        note(f"Next: eventcoder next --coder {name}; when all are handed in: eventcoder coders qualify {name} --gold {gold}")


@app.command()
def qualify(
    name: NameArgument,
    gold: GoldOption,
    anyway: Annotated[str | None, typer.Option("--anyway", help="Qualify them below the level, with this reason.", show_default=False)] = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Score a coder in training against the gold; who reaches the level qualifies, and their work settles from then on.

    The levels stand in schema/team/training.csv. --dry-run shows the figures only.
    """
    from eventcoder.evaluation import Judge, read_gold
    from eventcoder.evaluation.printing import errors_text
    from eventcoder.team.members import training

    with writing_desk(project, coder) as desk:
        lines = read_gold(gold)
        reached = training.score(desk, name, lines, Judge(desk.codebook, desk.gazetteer(progress=note), desk.actors))
        if json_:
            figures = [r.as_json() for r in reached.figures]
            emit(
                {
                    "coder": name,
                    "round": reached.round,
                    "tasks": reached.tasks,
                    "done": reached.done,
                    "qualifies": reached.qualifies,
                    "figures": figures,
                }
            )
        else:
            say(f"{name}, round '{reached.round}': {reached.done} of {reached.tasks} documents handed in")
            rows = [
                [r.level.measure, r.figure.as_text(), f"{r.level.least:.2f}", {True: "reached", False: "below", None: "not told"}[r.enough]]
                for r in reached.figures
            ]
            for line in table(rows, ["measure", "found", "least", ""], width=terminal_width()) if rows else ():
                say(line)
            misses = reached.evaluation.misses if reached.evaluation is not None else []
            for line in errors_text(misses, len(misses)) if rows else ():
                say(line)
        if not dry_run:
            training.qualify(desk, reached, anyway=anyway)
            note(f"{name} is qualified: what they code settles from now on.")


def _follow(desk: Desk, member: Member) -> None:
    """On a server: bring the rights of the database's users in line, or say who does it."""
    if desk.ledger.store.backend != "postgresql":
        return
    from eventcoder.ledger.placing import follow_coders

    absent = follow_coders(desk.project.ledger_at)
    if absent is None:
        now = "gives" if member.active else "takes away"
        refuses = "" if member.active else " The server takes nothing more from them already; they can still read."
        note(f"The database's owner {now} {member.login}'s rights there by running 'eventcoder ledger setup'.{refuses}")
    elif member.active and member.login in absent:
        note(f"The server has no user '{member.login}' yet: its administrator runs CREATE ROLE \"{member.login}\" LOGIN (or createuser), then the "
             "database's owner 'eventcoder ledger setup'.")  # fmt: skip


def _tell(member: Member, as_json: bool) -> None:
    if as_json:
        emit({**member.body(), "login": member.login, "time": member.time, "entry": member.entry})
        return
    parts = [member.role, *([member.state] if not member.active else []), *([member.training] if member.training != "none" else [])]
    reads = [*member.languages, *member.countries]
    say(f"{member.name}  {', '.join(parts)}" + (f"  ({', '.join(reads)})" if reads else ""))
