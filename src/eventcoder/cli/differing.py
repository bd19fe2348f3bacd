"""`diff`. Floor 8."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, table, terminal_width
from eventcoder.project import open_project

if TYPE_CHECKING:
    from eventcoder.changelog import Overview
    from eventcoder.changelog.overview import Tally

SHOWN = 10  # countries, types and notable events of a kind


def diff(
    older: Annotated[str, typer.Argument(help="A version.", show_default=False)],
    newer: Annotated[str, typer.Argument(help="A later version, or 'latest'.")] = "latest",
    country: Annotated[
        list[str] | None, typer.Option("--country", help="Events that stand or stood in this country (repeatable).", show_default=False)
    ] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="Events that have or had this event type (repeatable).", show_default=False)
    ] = None,
    field: Annotated[list[str] | None, typer.Option("--field", help="Corrections of this column alone (repeatable).", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many changes to print; 0 for all.", min=0)] = 50,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the changes to this file, as changes.csv has them.", show_default=False)] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """What changed between two versions, also over several in between: counts, countries, deaths, what to look at first.

    An event that moved out of --country is told as well as one that moved in. What came and went again in between is no change.
    """
    from eventcoder.reader.changing import compared

    found = compared(older, newer, open_project(project).releases_dir, country=country or None, event_type=type_ or None, field=field or None)
    if csv is not None:
        _write(found.table, csv)
        note(f"{csv}: {found.table.num_rows} changes.")
    if json_:
        told = found.overview.as_json()
        emit({"older": found.older, "newer": found.newer, **told.pop("counts"), **told, "changes": found.table.to_pylist()})
        return
    _overview(found.overview, f"{found.older} -> {found.newer}")
    _rows(found.table, found.events, limit)


def _write(changes: Any, path: Path) -> None:
    from eventcoder.errors import InputError
    from eventcoder.releases.csvfile import write_csv

    try:
        write_csv(changes, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that is there.") from None


def _overview(found: Overview, title: str) -> None:
    from eventcoder.changelog.overview import KINDS
    from eventcoder.releases.papers.changes_page import came

    say(f"{title}: {', '.join(f'{n} {op}' for op, n in found.counts.items() if n) or 'no event changed'}")
    for name, tallies in (("country", found.countries), ("event type", found.types)):
        _tallies(name, tallies, came(found))
    say()
    deaths = [d for d in found.deaths.items() if d[1].events and (d[1].reported or d[1].low or d[1].open)]
    for kind, d in deaths:
        bound = f", {d.open} open upward" if d.open else ""
        say(f"deaths, {kind.replace('_', ' ')}: {d.reported} reported, {d.low} to {d.high}{bound} ({d.events} events, {d.not_reported} not reported)")
    if found.counts["added"] and any(found.age.values()):
        say("added events by age: " + ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in found.age.items()))
    for kind, (number, items) in found.notable.items():
        say(f"\n{KINDS[kind]}: {number}")
        for item in items[:SHOWN]:
            change = " -> ".join(t or "not told" for t in (item.old, item.new)) if item.old or kind not in ("retracted", "merged") else ""
            into = f"into {item.new}" if kind == "merged" and item.new else change
            say(f"  {item.event_id}  {item.label}  {into}  {item.reason or ''}".rstrip())
        if number > SHOWN:
            note(f"  ... and {number - SHOWN} more.")


def _tallies(name: str, tallies: Sequence[Tally], came: str) -> None:
    names = [n for n in ("added", "revised", "retracted", "merged") if any(getattr(t, n) for t in tallies)]
    if not names:
        return
    rows = [[*(str(getattr(t, n)) for n in names), t.name] for t in tallies[:SHOWN]]
    if len(tallies) > SHOWN:
        rows.append([*(str(sum(getattr(t, n) for t in tallies[SHOWN:])) for n in names), f"{len(tallies) - SHOWN} others"])
    say()
    for line in table(rows, [*(came if n == "added" else n for n in names), name], width=terminal_width()):
        say(line)


def _rows(changes: Any, events: Any, limit: int) -> None:
    from eventcoder.changelog import SCHEMA_OPS, schema_change
    from eventcoder.changelog.overview import labels
    from eventcoder.releases.papers.changes_page import readable, value_text

    told = readable(changes)
    rows = told.slice(0, limit or None).to_pylist()
    known = labels(events, {r["event_id"] for r in rows if r["event_id"] and not r["field"]})
    say()
    for row in rows:
        if row["event_id"] is None and row["op"] in SCHEMA_OPS:
            say(f"{row['op']:<18} {schema_change(row)}")
            continue
        if row["field"]:
            change = f"{row['field']}: {value_text(row['old'])} -> {value_text(row['new'])}"
        else:
            change = f"into {row['merged_into']}" if row["merged_into"] else known.get(row["event_id"] or "", "")
        say(f"{row['op']:<10} {row['event_id'] or '':<13} {change}  {row['reason'] or ''}".rstrip())
    if told.num_rows < changes.num_rows:
        note(f"{changes.num_rows - told.num_rows} further rows (counters, evidence, actors ...) are in changes.csv, in --csv and in --json.")
    if limit and told.num_rows > limit:
        note(f"... and {told.num_rows - limit} more; --limit 0 shows all.")
