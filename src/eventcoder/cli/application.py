"""Put the Typer application together for one call: the asked-for command only, or the help page of all. Floor 8."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import typer

from eventcoder.cli.directory import COMMANDS, Listing

ABOUT = """Build a protest and political-violence event dataset: articles, drafts, decisions, checked and versioned releases.

Start with 'eventcoder init DIR', 'eventcoder ingest PATH', 'eventcoder review'.
Every command takes --project DIR; those that write take --coder NAME."""
CARRIED = ("--project", "--coder")  # may stand before the command too: `eventcoder --project DIR list`


def application(argv: list[str]) -> tuple[typer.Typer, list[str]]:
    """The application that can run `argv`, and `argv` with leading --project and --coder moved behind the command."""
    leading, rest = _leading(argv)
    name = rest[0] if rest else ""
    app = typer.Typer(
        name="eventcoder", help=ABOUT, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=not name or name.startswith("-")
    )
    app.callback()(_root)
    if name in COMMANDS:
        _register(app, name, COMMANDS[name])  # and no other: Typer would inspect each, for a tenth of what a quick command takes
        args = [_hyphened(a) for a in rest[1:]]
        if not COMMANDS[name].group:
            target = app.registered_commands[0].callback
            leading, args = (_without_idle_coder(part, target) for part in (leading, args))
        return app, [name, *_behind_subcommand(args, leading, COMMANDS[name].group)]
    _also_named(app)
    return app, rest


def _show_version(wanted: bool) -> None:
    if wanted:
        import eventcoder

        typer.echo(f"eventcoder {eventcoder.__version__}")
        raise typer.Exit


def _root(version: bool = typer.Option(False, "--version", help="Show the version and exit.", is_eager=True, callback=_show_version)) -> None:
    pass


def _without_idle_coder(args: list[str], command: Callable[..., Any] | None) -> list[str]:
    """--coder is taken everywhere, so that a script can pass it to every command; those that write nothing in a coder's name leave it aside."""
    if command is None or "coder" in inspect.signature(command).parameters:
        return args
    out: list[str] = []
    skip = False
    for arg in args:
        if not skip and not arg.startswith("--coder=") and arg != "--coder":
            out.append(arg)
        skip = arg == "--coder"
    return out


def _hyphened(arg: str) -> str:
    """`--event_date` means `--event-date`: columns are written with underscores everywhere else."""
    if not arg.startswith("--"):
        return arg
    name, equals, value = arg.partition("=")
    return name.replace("_", "-") + equals + value


def _leading(argv: list[str]) -> tuple[list[str], list[str]]:
    moved: list[str] = []
    rest = list(argv)
    while rest and rest[0].split("=", 1)[0] in CARRIED:
        take = 1 if "=" in rest[0] else 2
        moved += rest[:take]
        rest = rest[take:]
    return moved, rest


def _behind_subcommand(args: list[str], leading: list[str], group: bool) -> list[str]:
    if group and args and not args[0].startswith("-"):
        return [args[0], *leading, *args[1:]]
    return [*leading, *args]


def _register(app: typer.Typer, name: str, listing: Listing) -> None:
    target = getattr(importlib.import_module(f"eventcoder.cli.{listing.module}"), listing.attribute)
    if listing.group:
        app.add_typer(target, name=name, help=listing.help, rich_help_panel=listing.panel)
    else:
        app.command(name, rich_help_panel=listing.panel)(target)


def _also_named(app: typer.Typer) -> None:
    """List all commands by name and help alone, for the help page and for 'did you mean'."""
    for name, listing in COMMANDS.items():
        app.command(name, help=listing.help, rich_help_panel=listing.panel)(_placeholder)


def _placeholder() -> None:
    """Never run: a call names its command, and that one is registered for real."""
