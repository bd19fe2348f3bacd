"""`coverage`: record what was read, list it, and show the weeks that nobody read. Floor 8."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, ProjectOption, ReasonOption
from eventcoder.cli.output import emit, note, say, show_problems, table, terminal_width
from eventcoder.coding import Desk
from eventcoder.dataset.coverage import week_of
from eventcoder.errors import Refused, UsageError

if TYPE_CHECKING:
    from eventcoder.coding.coverage import Gap, Reading

app = typer.Typer(help="What was read: area, week, sources. Without it a zero is not a zero.", no_args_is_help=True)


@app.command("add")
def add(
    area: Annotated[
        str | None, typer.Argument(help="Country (name or ISO code), or 'Country/First-level division'; or --file.", show_default=False)
    ] = None,
    week: Annotated[
        str | None, typer.Option("--week", help="Any day of the week (Saturday to Friday) that was read, YYYY-MM-DD.", show_default=False)
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="First day that was read for, in place of --week.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option("--until", help="Last day that was read for.", show_default=False)] = None,
    sources: Annotated[list[str] | None, typer.Option("--source", help="Publisher that was read (repeatable).", show_default=False)] = None,
    searched_by: Annotated[str | None, typer.Option("--searched-by", help="Who read them, if not the coder.", show_default=False)] = None,
    remark: Annotated[str | None, typer.Option("--note", help="What else is to be said; published.", show_default=False)] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            help="CSV with area (or country, admin1), week (or since, until), sources ('; ' between), searched_by, note.",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Record that an area was read in these sources, for a week or a range of days.

    Only whole weeks count as covered. From a file all rows are stored or none. The same record again changes nothing.
    """
    from eventcoder.coding.coverage import Checker, read_file, store

    given = {"area": area, "week": week, "since": since, "until": until, "sources": sources, "searched_by": searched_by, "note": remark}
    if (file is None) == (area is None) or (file is not None and any(given.values())):
        raise UsageError("Give an area, or a file of records.", "eventcoder coverage add Iran --week 2026-07-04 --source 'Qasr Daily'")
    with writing_desk(project, coder) as desk:
        readings: list[Reading] = []
        if file is not None:
            readings, problems = read_file(file, desk)
        else:
            one, problems = Checker(desk).read(given)
            readings = [one] if one else []
        faults = [p for p in problems if p.severity == "error"]
        if faults:
            raise Refused(f"{len(faults)} problem{'s'[: len(faults) != 1]}: nothing was recorded.", "Mend them and run this again.", problems)
        show_problems(problems)
        fresh, known = store(desk, readings, dry_run=dry_run)
        _told(fresh, known, single=file is None, dry_run=dry_run, as_json=json_)


def _told(fresh: list[Reading], known: list[Reading], *, single: bool, dry_run: bool, as_json: bool) -> None:
    """One record is shown; of a file only the counts (with --json every record)."""
    for one in (*fresh, *known) if as_json else ():
        emit({**one.body(), "recorded": one in fresh and not dry_run, "known": one in known})
    if as_json:
        return
    if single:
        one = (*fresh, *known)[0]
        days = f"week of {one.since}" if one.weekly else f"{one.since} to {one.until}"
        state = "  (known: nothing was changed)" if known else "  (would be recorded)" if dry_run else ""
        say(f"{one.area}  {days}  {'; '.join(one.sources)}{state}")
    else:
        say(f"read {len(fresh) + len(known)}: {len(fresh)} {'would be ' if dry_run else ''}recorded, {len(known)} known")


@app.command("remove")
def remove(
    area: Annotated[str, typer.Argument(help="Country, or 'Country/First-level division', as it is recorded.", show_default=False)],
    reason: ReasonOption,
    week: Annotated[str | None, typer.Option("--week", help="Any day of the recorded week.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option("--since", help="First recorded day, in place of --week.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option("--until", help="Last recorded day.", show_default=False)] = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Take back what was recorded by mistake: the record stays in the ledger with the reason, and counts no more."""
    from eventcoder.coding import coverage
    from eventcoder.coding.records import reason_text

    inside, first, last = _day("--week", week), _day("--since", since), _day("--until", until)
    if bool(inside) == bool(first and last) or (inside and (first or last)):
        raise UsageError("Say which record: --week, or both --since and --until.", "'eventcoder coverage list' shows them.")
    with writing_desk(project, coder) as desk:
        whole, _, division = area.partition("/")
        days = {"week": week_of(inside).isoformat()} if inside else {"since": str(first), "until": str(last)}
        wanted = {"country": _country(desk, whole.strip()), "admin1": division.strip() or None, **days}
        for body in coverage.remove(desk, wanted, reason_text(reason), dry_run=dry_run):
            if json_:
                emit({**body, "removed": not dry_run})
            else:
                span = f"week of {body['week']}" if "week" in body else f"{body['since']} to {body['until']}"
                say(f"{area}  {span}  {'; '.join(body['sources'])}  {'would be taken back' if dry_run else 'taken back'}")


@app.command("list")
def list_(
    country: Annotated[str | None, typer.Option("--country", help="Only this country.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only what reaches this day or a later one (YYYY-MM-DD).", show_default=False)] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only what begins on this day or earlier.", show_default=False)] = None,
    gaps: Annotated[
        bool,
        typer.Option(
            "--gaps",
            help="Instead: a country's weeks without coverage of any part of it, that have settled events or lie between its recorded weeks.",
        ),
    ] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Lines shown of --gaps; 0 for all.", min=0)] = 50,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """What was read, by area and day; or with --gaps the weeks that nobody recorded as read."""
    from eventcoder.coding import coverage

    with reading_desk(project) as desk:
        about: dict[str, Any] = {"country": _country(desk, country), "since": _day("--since", since), "until": _day("--until", until)}
        if gaps:
            _show_gaps(coverage.gaps(desk, **about), limit, as_json=json_)
            return
        rows = []
        for body in coverage.recorded(desk.ledger.latest("coverage").values(), **about):
            if json_:
                emit(body)
            days = [body["since"], body["until"], body["country"], body.get("admin1") or ""]
            rows.append([*days, body["searched_by"], "; ".join(body.get("sources") or ()) + (f" ({body['note']})" if body.get("note") else "")])
        if not json_:
            for line in table(rows, ["from", "to", "country", "admin1", "read by", "sources"], width=terminal_width()) if rows else []:
                say(line)
            if not rows:
                note("No coverage is recorded." if not any(about.values()) else "No such coverage is recorded.")


def _show_gaps(found: list[Gap], limit: int, *, as_json: bool) -> None:
    """One object a week; for people, weeks that follow each other on one line, those with most events first where not all are shown."""
    if as_json:
        for gap in found:
            emit({"country": gap.country, "week": gap.week.isoformat(), "events": gap.events})
        return
    runs: list[list[Gap]] = []
    for gap in found:
        if runs and runs[-1][-1].country == gap.country and gap.week - runs[-1][-1].week == timedelta(days=7):
            runs[-1].append(gap)
        else:
            runs.append([gap])
    hidden = max(0, len(runs) - limit) if limit else 0
    if hidden:
        kept = {id(run) for run in sorted(runs, key=_events, reverse=True)[:limit]}
        runs = [run for run in runs if id(run) in kept]
    rows = [[run[0].country, run[0].week.isoformat(), str(run[-1].week + timedelta(days=6)), str(len(run)), str(_events(run))] for run in runs]
    for line in table(rows, ["country", "from", "to", "weeks", "settled events"], width=terminal_width()) if rows else []:
        say(line)
    with_events = Counter(gap.events > 0 for gap in found)[True]
    if hidden:
        note(f"{hidden} stretches with fewer events are not shown; --limit 0 shows all.")
    note(f"{len(found)} country-weeks without coverage, {with_events} of them with settled events." if found else "No gap.")


def _events(run: list[Gap]) -> int:
    return sum(gap.events for gap in run)


def _country(desk: Desk, text: str | None) -> str | None:
    from eventcoder.coding.coverage import Checker

    if text is None:
        return None
    found = Checker(desk).country(text)
    if found is None:
        raise UsageError(f"Unknown country {text!r}.", "'eventcoder codebook show countries' lists them.")
    return found


def _day(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a day.", "Write it as YYYY-MM-DD.") from None
