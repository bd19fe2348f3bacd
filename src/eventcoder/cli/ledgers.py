"""`ledger`: where the ledger lies, what it holds, and how it moves to another place. Floor 8."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import rows_done, working
from eventcoder.errors import UsageError
from eventcoder.project import SETTINGS_FILE, Project, almost_url, open_project

if TYPE_CHECKING:
    from eventcoder.ledger.status import Status

ledger = typer.Typer(help="The ledger's place: set up, look at, copy, back up.", no_args_is_help=True)

PLACE = "a file, postgresql://USER@HOST/DATABASE, or a project's folder (. is this one)"
PlaceArgument = Annotated[str | None, typer.Argument(help="Another ledger than this project's: a file or a URL.", show_default=False)]


@ledger.command("setup")
def ledger_setup(
    where: PlaceArgument = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Make the tables, guards and roles of a ledger in an empty database. Again changes nothing.

    A database administrator makes the database and its owner first; you run this as the owner, once:

        createdb -O lead events
        eventcoder ledger setup postgresql://lead@db.example/events

    The password comes from PGPASSWORD or ~/.pgpass. Then put the URL into eventcoder.toml as 'ledger', without user and password: each coder gives
    his own by PGUSER and ~/.pgpass.
    """
    from eventcoder.ledger.placing import set_up

    opened = open_project(project)
    place = _place(where, opened)
    with working("Setting up ..."):
        absent = set_up(place, opened.settings.id)
    found = _show(place, json_, absent)
    if place != opened.ledger_at and not found.entries:
        note(f"Next: put it into {SETTINGS_FILE} as 'ledger'; 'eventcoder ledger copy . URL' brings what this project has; 'eventcoder coders add'.")


@ledger.command("upgrade")
def ledger_upgrade(where: PlaceArgument = None, json_: JsonOption = False, project: ProjectOption = None) -> None:
    """Bring a ledger of an older format to this version's, in one transaction. A database on a server: by its owner; a file does it by itself."""
    from eventcoder.ledger.placing import upgrade

    place = _place(where, open_project(project))
    with working("Upgrading ..."):
        absent = upgrade(place)
    _show(place, json_, absent)


@ledger.command("status")
def ledger_status(where: PlaceArgument = None, json_: JsonOption = False, project: ProjectOption = None) -> None:
    """Say where the ledger lies, its format, what it holds, and who you are there."""
    _show(_place(where, open_project(project)), json_)


def _show(place: Path | str, json_: bool, absent: Sequence[str] = ()) -> Status:
    from eventcoder.ledger import open_ledger
    from eventcoder.ledger.status import status

    with open_ledger(place, create=False, readonly=True) as store:
        found = status(store)
    if json_:
        emit(found.as_json() | {"logins_absent": list(absent)})
    else:
        for line in found.lines():
            say(line)
    _tell_absent(absent)
    return found


def _tell_absent(logins: Sequence[str]) -> None:
    for login in logins:
        note(f"The server has no user '{login}', whom a registered coder is to use: CREATE ROLE \"{login}\" LOGIN, then run 'ledger setup' again.")


@ledger.command("copy")
def ledger_copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help=f"Where it lies: {PLACE}.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Where it goes: empty, or an earlier copy.")],
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Copy a whole ledger into another place, either way between a file and a database, proven by a fingerprint of both.

        eventcoder ledger copy . postgresql://lead@db.example/events
        eventcoder ledger copy postgresql://lead@db.example/events aside.sqlite

    All of it becomes visible at once, or nothing. After a kill run it again: it goes on. Nothing is taken out of FROM.
    """
    from eventcoder.ledger.exchange.copying import copy_at

    here = _project(project)
    first, second = _place(source, here), _place(target, here)
    with rows_done() as progress:
        done = copy_at(first, second, progress=lambda number, of: progress("Copying", number, number / of))
    if json_:
        emit(done.as_json())
    else:
        say(f"{done.fingerprint}: the same on both sides; {done.new:,} entries were new.")
    for name, number in done.unsealed.items():
        note(f"Left out: import '{name}', which nobody ended ({number:,} entries). Run it again on the copy.")
    _tell_absent(done.logins_absent)
    note(f"Next: name the new place in {SETTINGS_FILE} ('ledger'), and let nobody go on writing into the old one.")


@ledger.command("backup")
def ledger_backup(file: Annotated[Path, typer.Argument(help="New file to write.")], project: ProjectOption = None) -> None:
    """Copy the ledger to a new file while coders go on working; of a database on a server too: 'ledger copy FILE URL' brings it back."""
    from eventcoder.ledger.exchange.copying import backup

    with working("Copying ..."):
        backup(open_project(project).ledger_at, file)
    say(f"{file}  {file.stat().st_size:,} bytes")


def _project(directory: Path | None) -> Project | None:
    """The project if there is one here: two ledgers can be copied without."""
    from eventcoder.errors import ProjectError

    try:
        return open_project(directory)
    except ProjectError:
        if directory is not None:
            raise
        return None


def _place(named: str | None, project: Project | None) -> Path | str:
    """What a person names: a project's own ledger (by its folder, or by nothing), a URL or a file."""
    from eventcoder.ledger.address import is_server, read_address, unveiled

    if named is None:
        return open_project(project.root if project else None).ledger_at
    named = unveiled(named)
    if is_server(named):
        if read_address(named).secrets:
            note("A password on the command line can be read by others on this machine: PGPASSWORD or ~/.pgpass keep it to yourself.")
        return named
    if (Path(named) / SETTINGS_FILE).is_file():
        return open_project(named).ledger_at
    if almost_url(named):
        raise UsageError("That is neither a file nor a URL that begins with postgresql://.", f"Name {PLACE}.")
    return Path(named).resolve()
