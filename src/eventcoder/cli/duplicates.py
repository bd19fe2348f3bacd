"""`eventcoder duplicates`: list pairs of events that may be one, and decide them. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import working
from eventcoder.errors import UsageError
from eventcoder.project import open_project

if TYPE_CHECKING:
    from eventcoder.coding import Desk
    from eventcoder.validation.duplicates.undecided import Undecided

NAMED = 5  # blocks that were too big and are named
SHOWN = 50  # pairs that are listed for a person unless --limit says otherwise


def duplicates(
    file: Annotated[
        Path | None,
        typer.Argument(help="With --decide: CSV (or -) with the columns a, b, decision, reason; without it the keyboard.", show_default=False),
    ] = None,
    decide: Annotated[bool, typer.Option("--decide", help="Decide pairs, one key each; or those of FILE, all or none.")] = False,
    above: Annotated[
        float | None, typer.Option("--above", help="Least score, 0 to 1.", min=0, max=1, show_default="list_from of --parameters")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only pairs with an event added or changed since this release or day.", show_default=False)
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Only pairs with an event added or changed since the latest release.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", "-n", help="How many; 0 for all.", min=0, show_default="50; all with --json")] = None,
    parameters: Annotated[
        bool, typer.Option("--parameters", help="Print what the score is made of, as one JSON object, and do nothing else.")
    ] = False,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Pairs of events that may be one and that nobody has decided, best first.

    'merge A B' joins two that are one, 'relate A different B' says that they are two; --decide asks pair by pair.

    A release stops at pairs that score as high as the setting duplicate_stop.

    In a spreadsheet: the columns a and b of --json, and beside them decision (same, different, part_of_campaign ...) and reason.
    """
    if parameters:
        from eventcoder.validation.duplicates.parameters import read_parameters

        emit(read_parameters(open_project(project).schema_dir).as_json())
        return
    if file is not None and not decide:
        raise UsageError(f"What shall be done with {file}?", "Decisions are read with: eventcoder duplicates --decide FILE.csv")
    if file is not None:
        _decide_file(file, project, coder, dry_run, json_)
        return
    if decide:
        with writing_desk(project, coder) as desk:
            _decide_by_keys(desk, _found(desk, above, since, new), limit or 0)
        return
    with reading_desk(project) as desk:
        _list(desk, _found(desk, above, since, new), limit, json_)


def _found(desk: Desk, above: float | None, since: str | None, new: bool) -> Undecided:
    """The undecided pairs, with a word about every block that was narrowed."""
    from eventcoder.validation.duplicates.parameters import read_parameters
    from eventcoder.validation.duplicates.undecided import undecided

    if new and since is not None:
        raise UsageError("--new and --since exclude each other.", "--new is since the latest release.")
    after = _moment(desk.project.releases_dir, since) if new or since is not None else None
    if new and after is None:
        note("There is no release yet: every event is new.")
    with working("Comparing ..."):
        found = undecided(desk.ledger, at_least=above, since=after, parameters=read_parameters(desk.project.schema_dir))
    for block in found.narrowed[:NAMED]:
        note(f"note: {block}")
    if len(found.narrowed) > NAMED:
        note(f"note: ... and so in {len(found.narrowed) - NAMED:,} more days and areas (block_events of --parameters).")
    return found


def _moment(releases: Path, named: str | None) -> str | None:
    """The time of the release `named`, of the beginning of that day, or of the latest release; None if there is none. Raises `UsageError`."""
    from datetime import date

    from eventcoder.releases.versions import read_versions

    versions = read_versions(releases)
    entry = versions.entry(versions.latest or "" if named is None else named)
    if entry is not None or named is None:
        return entry.created if entry is not None else None
    try:
        return f"{date.fromisoformat(named).isoformat()}T00:00:00Z"
    except ValueError:
        told = f"Releases: {', '.join(v.version for v in versions.versions)}." if versions.versions else "There is no release yet."
        raise UsageError(f"{named!r} is neither a release nor a day.", f"{told} A day is written YYYY-MM-DD.") from None


def _list(desk: Desk, found: Undecided, limit: int | None, as_json: bool) -> None:
    from eventcoder.cli.sidebyside import label, pair_lines

    most = (0 if as_json else SHOWN) if limit is None else limit
    shown = found.pairs[: most or None]
    for pair in shown:
        a, b = desk.event(pair.a), desk.event(pair.b)
        if as_json:
            reasons = list(pair.reasons)
            emit({"a": pair.a, "b": pair.b, "score": pair.score, "reasons": reasons, "a_is": label(a), "b_is": label(b)})
        else:
            for line in pair_lines(desk, pair, a, b):
                say(line)
    if not as_json or len(shown) < len(found.pairs):
        many = "No undecided pair" if not found.pairs else "1 undecided pair" if len(found.pairs) == 1 else f"{len(found.pairs):,} undecided pairs"
        more = f"; {len(shown)} shown, --limit 0 shows all" if len(shown) < len(found.pairs) else ""
        how = " 'duplicates --decide' decides them one by one." if found.pairs else ""
        note(f"{many} among {found.events:,} events{more}.{how}")


def _decide_by_keys(desk: Desk, found: Undecided, limit: int) -> None:
    from eventcoder.cli.deciding import Sitting
    from eventcoder.cli.keys import single_keys
    from eventcoder.coding.deciding import Pairs

    sitting = Pairs(desk, found.pairs[: limit or None])
    if sitting.current is None:
        say("Nothing waits for a decision.")
        return
    with single_keys():
        Sitting(sitting).run()
    kinds = [d.decision for d in sitting.done]
    told = ", ".join(f"{kinds.count(k)} {k}" for k in dict.fromkeys(kinds))
    made = "1 decision" if len(kinds) == 1 else f"{len(kinds)} decisions"
    waits = "1 pair waits" if len(sitting.waiting) == 1 else f"{len(sitting.waiting)} pairs wait"
    skipped = "1 was skipped" if len(sitting.skipped) == 1 else f"{len(sitting.skipped)} were skipped"
    say(f"{made}{f' ({told})' if told else ''}; {waits}, {skipped}.")


def _decide_file(file: Path, project: Path | None, coder: str | None, dry_run: bool, as_json: bool) -> None:
    from eventcoder.cli.deciding import rows_of
    from eventcoder.coding.deciding import decide_rows

    rows: list[tuple[int, dict[str, Any]]] = rows_of(file)
    with writing_desk(project, coder) as desk:
        told = decide_rows(desk, rows, dry_run=dry_run)
    if as_json:
        emit({"stored": not dry_run, "decisions": told})
        return
    many = ", ".join(f"{count} {decision}" for decision, count in told.items()) or "none"
    made = sum(told.values())
    say(f"{made} decision{'' if made == 1 else 's'} {'would be ' if dry_run else ''}stored: {many}.")
