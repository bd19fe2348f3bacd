"""`eventcoder codebook migrate`: events of earlier codebooks, the worklist of what a person must decide, the decisions. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import working
from eventcoder.errors import UsageError

if TYPE_CHECKING:
    from eventcoder.coding.migrating import Account, Item

SHOWN = 8  # choices of one value that a line names
WORKLIST_COLUMNS = ("event_id", "field", "value", "choices", "decision", "reason", "why")


def migrate(
    dry_run: DryRunOption = False,
    limit: Annotated[int, typer.Option("--limit", help="At most so many events; 0 for all.", min=0)] = 0,
    worklist: Annotated[bool, typer.Option("--worklist", help="List the values that a person must decide; store nothing.")] = False,
    to: Annotated[
        Path | None, typer.Option("--to", help="With --worklist: write it as a CSV file with a column 'decision' to fill in.", show_default=False)
    ] = None,
    decide: Annotated[
        Path | None, typer.Option("--decide", help="Take the decisions from a worklist (CSV) that was filled in.", show_default=False)
    ] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Bring events that were coded under an earlier codebook over to the present one, as its migrations declare.

    Every change is an act with its reason; old values stay in the history. What coders changed under the present codebook is left alone,
    and so is the state of events: one that breaks the present rules stays settled, and 'validate' names it. Running it twice changes nothing.
    """
    from eventcoder.cli.acts import writing_desk
    from eventcoder.cli.looking import reading_desk
    from eventcoder.coding import migrating

    if worklist and decide is not None:
        raise UsageError("--worklist and --decide do not go together.", "Write the worklist first, fill in 'decision', then give it to --decide.")
    if to is not None and not worklist:
        raise UsageError("--to needs --worklist.", "eventcoder codebook migrate --worklist --to work.csv")
    if worklist:
        with reading_desk(project) as desk:
            _show_worklist(list(migrating.worklist(desk)), to, as_json=json_)
        return
    with reading_desk(project) if dry_run else writing_desk(project, coder) as desk, working("Migrating ..."):
        if decide is not None:
            account = migrating.decide(desk, _decisions(decide), dry_run=dry_run, where=decide.name)
        else:
            account = migrating.migrate(desk, dry_run=dry_run, limit=limit)
    if json_:
        emit({**account.as_json(), "stored": not dry_run})
    else:
        _show_account(account, dry_run=dry_run, decided=decide is not None)


def _show_account(account: Account, *, dry_run: bool, decided: bool) -> None:
    by_number = {m.number: m for m in account.migrations}
    for (number, field, old, new), events in sorted(account.steps.items(), key=lambda item: (item[0][0], item[0][1], -item[1])):
        step = by_number[number]
        change = f"{field}: {old or 'nothing'} -> {new or 'nothing'}" if not (step.rename or step.drop) else f"{field} -> {step.rename or 'gone'}"
        say(f"{step.since} -> {step.to}  {change}  ({events} event{'s'[: events != 1]})")
    if not account.migrations and not decided:
        note(f"The codebook {account.codebook} declares no [[migration]].")
    say(f"{account.changed} event{'s'[: account.changed != 1]} {'would change' if dry_run else 'changed'}." + (" (dry run)" if dry_run else ""))
    if account.more:
        note("There are more; run it again, or without --limit.")
    if account.skipped:
        note(f"{account.skipped} row{'s'[: account.skipped != 1]} without a decision passed over.")
    if account.already:
        note(f"{account.already} decision{'s'[: account.already != 1]} held already.")
    if account.conflicts:
        note(f"{account.conflicts} events are in conflict and were left alone: 'eventcoder list --state conflict', then 'eventcoder resolve'.")
    if account.waiting:
        note(f"{account.waiting} values wait for a person: 'eventcoder codebook migrate --worklist'.")
    if account.broken:
        told = ", ".join(f"{code} ({n})" for code, n in account.broken.most_common(5))
        note(f"Some of these events break the codebook {account.codebook} and stay as they are until mended: {told}. See 'eventcoder validate'.")


def _show_worklist(items: list[Item], to: Path | None, *, as_json: bool) -> None:
    if to is not None:
        _write_worklist(items, to)
        note(f"{len(items)} values in {to}. Fill in 'decision', then: eventcoder codebook migrate --decide {to}")
        return
    for item in items:
        if as_json:
            emit(item.as_json())
            continue
        say(f"{item.event_id}  {item.field}: {item.value}  ({item.why})")
        if item.choices:
            more = f" | and {len(item.choices) - SHOWN} more" if len(item.choices) > SHOWN else ""
            say(f"    choices: {' | '.join(item.choices[:SHOWN])}{more}")
        if item.command:
            say(f"    {item.command}")
    if not as_json:
        note(
            f"{len(items)} values wait for a person. '--worklist --to FILE.csv' writes a table to fill in."
            if items
            else "No value waits for a person."
        )


def _write_worklist(items: list[Item], to: Path) -> None:
    import csv

    from eventcoder.errors import InputError

    try:
        with to.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(WORKLIST_COLUMNS)
            writer.writerows([i.event_id, i.field, i.value, " | ".join(i.choices), "", "", i.why] for i in items)
    except FileExistsError:
        raise UsageError(f"{to} is there already.", "Give another name: it may hold decisions.") from None
    except OSError as error:
        raise InputError(f"{to} cannot be written: {error.strerror}.", "Give a place that can be written.") from None


def _decisions(path: Path) -> list[dict[str, str]]:
    """The rows of a worklist that was filled in. Raises `InputError` naming what is wrong with the file."""
    from eventcoder.codebook.read import MAX_FILE, read_csv
    from eventcoder.coding.migrating import DECISION_COLUMNS
    from eventcoder.errors import CodebookError, InputError

    try:
        if path.stat().st_size > MAX_FILE:
            raise InputError(f"{path} is larger than {MAX_FILE // 1_000_000} MB.", "Give it in several files.")
        table = read_csv(path.name, path.read_bytes(), DECISION_COLUMNS, others=True)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", "Write one with 'eventcoder codebook migrate --worklist --to FILE.csv'."
        ) from None
    except CodebookError as error:
        raise InputError(error.message, error.remedy) from None
    return table.dicts()
