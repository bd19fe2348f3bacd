"""`versions`, `follow`: which versions there are, and what became of events. Floor 8."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.project import open_project

SourceOption = Annotated[
    str | None,
    typer.Option("--source", help="Project, folder of releases, one release, or URL; else the project around this folder.", show_default=False),
]


def versions(
    source: Annotated[
        str | None, typer.Argument(help="Project, folder of releases, or URL; else the project around this folder.", show_default=False)
    ] = None,
    candidates: Annotated[bool, typer.Option("--candidates", help="The candidates instead of the releases.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """The versions of a dataset, newest first: how fresh each is, how many events it has, what became of it."""
    from eventcoder.reader import versions as listed

    found = listed(_place(source, project), "candidate" if candidates else "released")[::-1]
    if json_:
        for entry in found:
            emit(entry)
        return
    if not found:
        note("There is no version yet. 'eventcoder release' makes one.")
        return
    width = max(len(e["version"]) for e in found)
    say(f"{'version':<{width}}  {'last act':<10}  {'last event':<10}  {'read through':<12}  {'events':>9}")
    for e in found:
        days = (e["created"][:10], e["last_event_date"] or "-", e["coverage_through"] or "-")
        say(f"{e['version']:<{width}}  {days[0]:<10}  {days[1]:<10}  {days[2]:<12}  {e['events']:>9,}  {_standing(e)}".rstrip())


def _standing(entry: dict[str, Any]) -> str:
    if entry["redacted"]:
        return f"redacted: {entry['withdrawn']}" + (f" Use {entry['successor']}." if entry["successor"] else "")
    if entry["withdrawn"]:
        return f"withdrawn: {entry['withdrawn']}"
    return " ".join(filter(None, ["latest." if entry["latest"] else "", " ".join(entry["notes"].split())]))


def follow(
    events: Annotated[list[str], typer.Argument(help="Event ids or event_id_cnty; '-' reads them from stdin, one a line.", show_default=False)],
    source: SourceOption = None,
    version: Annotated[str, typer.Option("--version", help="As it was in this version.")] = "latest",
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """What became of released events: which still stand, which went into another one, which were withdrawn and why."""
    from eventcoder.reader import resolve

    ids = [line.strip() for line in sys.stdin if line.strip()] if events == ["-"] else events
    if len(ids) == 1 and not json_:
        say(_became(resolve(ids[0], _place(source, project), version)))
        return
    frame = resolve(ids, _place(source, project), version)
    for row in json.loads(frame.to_json(orient="records")):
        if json_:
            emit(row)
        else:
            say(_became(row))
    if frame.attrs["unknown"]:
        raise typer.Exit(1)


def _became(row: dict[str, Any]) -> str:
    event_id, via = row["event_id"], [*row["via"], *([row["current_id"]] if row["current_id"] else [])]
    if row["state"] == "unknown":
        return f"{event_id}  no release up to this version holds it"
    if row["state"] == "current":
        split = f"; split off it: {', '.join(row['parts'])}" if row["parts"] else ""
        same = f" ({row['current_id']})" if row["current_id"] != event_id else ""
        since = f"stands{same}, since {row['first_release'] or 'no release yet'}"
        return f"{event_id}  {since}, last changed in {row['last_changed'] or 'no release yet'}{split}"
    why = f": {row['reason']}" if row["reason"] else ""
    if row["state"] == "merged":
        ended = "" if row["current_id"] else ", which does not stand any more"
        return f"{event_id}  merged in {row['version']} into {' -> '.join(via) or 'another event'}{ended}{why}"
    instead = f" See {' -> '.join(via)}." if via else ""
    return f"{event_id}  retracted in {row['version']}{why}{'' if why.endswith('.') else '.'}{instead}"


def _place(source: str | None, project: Path | None) -> str | Path:
    return source if source is not None else open_project(project).root
