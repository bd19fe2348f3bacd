"""`adjudicate`: of several codings of one document the one that stands. Floor 8."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.acts import pairs_given, writing_desk
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems, table
from eventcoder.errors import InputError, LedgerConflict, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventcoder.coding import Desk, Outcome
    from eventcoder.team.adjudication.cases import Case

Words = list[str] | None


def adjudicate(
    item: Annotated[str | None, typer.Argument(help="A document, draft or event in conflict; else all that waits.", show_default=False)] = None,
    list_: Annotated[bool, typer.Option("--list", help="What waits; with ITEM its codings side by side.")] = False,
    take: Annotated[
        Words, typer.Option("--take", help="FIELD=CODER (or 1, 2): whose value stands; all=CODER for every field that differs.", show_default=False)
    ] = None,
    set_: Annotated[Words, typer.Option("--set", help="FIELD=VALUE: a third value; an empty one clears the field.", show_default=False)] = None,
    error: Annotated[Words, typer.Option("--error", help="FIELD=CLASS: why the others erred; event=CLASS, all=CLASS.", show_default=False)] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; the coders read it in 'feedback'.", show_default=False)] = "",
    found: Annotated[Words, typer.Option("--found", help="This event, which one coder saw, happened.", show_default=False)] = None,
    drop: Annotated[Words, typer.Option("--drop", help="This is no event.", show_default=False)] = None,
    from_: Annotated[Path | None, typer.Option("--from", help="Decisions on many items: JSON (or -), all or none.", show_default=False)] = None,
    agreed: Annotated[bool, typer.Option("--agreed", help="Store every item on which its coders agree in everything.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Store also what breaks rules; it stays open.")] = False,
    reopen: Annotated[bool, typer.Option("--reopen", help="Take back the decision that ITEM (or this event) came of; needs --reason.")] = False,
    round_: Annotated[str | None, typer.Option("--round", help="Only items of this round.", show_default=False)] = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Put the codings of an item side by side and decide what stands, one key each; events in conflict of merged journals too.

    An item waits here when all its coders have handed it in. Whoever decides is none of them; in a team with roles a reviewer or lead.

    In options FIELD is a column where one row differs in it, else ROW.FIELD (2.location). Classes of error: codebook-unclear, overlooked-text,
    slip, judgement. 'eventcoder feedback' shows coders where they were overruled.

    With --reopen --reason TEXT a lead, or who decided it, takes a decision back: what came of ITEM is retracted with that reason, its codings wait
    here again, and feedback no longer counts it. History keeps both.
    """
    if reopen:
        others = take or set_ or error or found or drop or from_ or agreed or open_ or round_ or list_
        if item is None or others or not reason.strip():
            raise UsageError("--reopen goes with ITEM and --reason TEXT, and nothing else.", "eventcoder adjudicate ITEM --reopen --reason TEXT")
        _reopen(item, reason, dry_run, json_, project, coder)
        return
    from eventcoder.team.known import known_round

    options = bool(take or set_ or error or reason or found or drop)
    if (options and (item is None or from_ or agreed)) or (from_ is not None and (agreed or item)):
        raise UsageError("These options do not go together.", "Decide one ITEM by options, or many with --from FILE, or --agreed.")
    if item is None and not agreed and from_ is None and (list_ or json_):
        with reading_desk(project) as desk:
            known_round(desk, round_, blind=True)
            _list(desk, round_, json_)
        return
    with writing_desk(project, coder) as desk:
        known_round(desk, round_, blind=True)
        from eventcoder.team.adjudication import casefile
        from eventcoder.team.adjudication.adjudicating import adjudicate as store
        from eventcoder.team.adjudication.cases import case_of, refuse_unfit, waiting

        if from_ is not None:
            _answer(store(desk, casefile.by_file(desk, _read(from_)), allow_open=open_, dry_run=dry_run), json_, dry_run)
        elif agreed:
            cases = [case for case in waiting(desk, round=round_) if case.to_decide(desk) == (0, 0) and case.kind == "codings"]
            theirs = [case for case in cases if desk.coder not in case.coders]
            if theirs:
                refuse_unfit(desk, theirs[0])
            if own := len(cases) - len(theirs):
                note(f"{own} item{' was' if own == 1 else 's were'} coded by {desk.coder} and left to somebody else.")
            _answer_agreed(desk, theirs, allow_open=open_, as_json=json_, dry_run=dry_run)
        elif item is not None and options:
            case = case_of(desk, item)
            if case.kind == "twice":
                from eventcoder.team.adjudication.twice import keep_one

                keep = pairs_given(take or [], "--take", "all=ADJUDICATOR").get(casefile.ALL, "")
                _answer(keep_one(desk, case.item, keep, reason=reason), json_, False)
                return
            rows = casefile.by_options(
                desk,
                case,
                take=pairs_given(take or [], "--take", "FIELD=CODER"),
                given={name: text or None for name, text in pairs_given(set_ or [], "--set", "FIELD=VALUE", empty=True).items()},
                errors=pairs_given(error or [], "--error", "FIELD=CLASS"),
                reason=reason,
                found=found or (),
                drop=drop or (),
            )
            _answer(store(desk, [(case, rows)], allow_open=open_, dry_run=dry_run), json_, dry_run)
        elif item is not None and (list_ or json_):
            case = case_of(desk, item)
            refuse_unfit(desk, case)
            _show(desk, case, json_)
        else:
            _sit(desk, [case_of(desk, item)] if item else waiting(desk, round=round_))


def _reopen(item: str, reason: str, dry_run: bool, as_json: bool, project: Path | None, coder: str | None) -> None:
    with writing_desk(project, coder) as desk:
        from eventcoder.team.adjudication.reopening import reopen

        done = reopen(desk, item, reason=reason, dry_run=dry_run)
    if as_json:
        said = {"item": done.item, "coders": list(done.coders), "decided_by": done.by, "decided_at": done.time}
        emit({**said, "retracted": list(done.retracted), "notes": list(done.notes), "stored": not dry_run})
        return
    for event_id in done.retracted:
        say(f"{event_id}  retracted{'  (not stored)' if dry_run else ''}")
    for line in done.notes:
        note(line)
    would = "would be" if dry_run else "is"
    note(f"The decision of {done.by} at {done.time} {would} taken back: {done.item}, coded by {', '.join(done.coders)}, waits again.")
    if done.retracted:
        note("If a release holds what was retracted, the next one lists it as retracted, with this reason.")


def _list(desk: Desk, round_: str | None, as_json: bool) -> None:
    from eventcoder.team.adjudication.cases import waiting

    cases = waiting(desk, round=round_)
    rows, quiet = [], 0
    for case in cases:
        lone, differing = case.to_decide(desk)
        quiet += case.kind == "codings" and not lone and not differing
        if as_json:
            events = {"events": len(case.rows), "seen_by_one": lone, "differing": differing}
            emit({"item": case.item, "kind": case.kind, "document": case.document, "round": case.round, "coders": list(case.coders), **events})
        rows.append([case.item, case.kind, case.round, ", ".join(case.coders), str(len(case.rows)), str(lone), str(differing)])
    if as_json:
        return
    for line in table(rows, ["item", "kind", "round", "coders", "events", "seen by one", "differing"]) if rows else []:
        say(line)
    how = f" {quiet} with nothing to decide: --agreed stores them." if quiet else ""
    note(f"{len(cases)} item{'' if len(cases) == 1 else 's'} to adjudicate.{how}" if cases else "Nothing waits for an adjudicator.")


def _show(desk: Desk, case: Case, as_json: bool) -> None:
    from eventcoder.team.adjudication.casefile import case_json

    if as_json:
        emit(case_json(desk, case))
        return
    from rich.console import Console

    from eventcoder.cli.weighing import show_row, show_twice

    if case.kind == "twice":
        show_twice(Console(highlight=False), desk, case)
    for row in case.rows:
        show_row(Console(highlight=False), desk, case, row)


def _answer_agreed(desk: Desk, cases: Sequence[Case], *, allow_open: bool, as_json: bool, dry_run: bool) -> None:
    """Store each item by itself: one whose event breaks a rule, or that somebody else has just decided, is told and holds back no other."""
    from eventcoder.team.adjudication import casefile
    from eventcoder.team.adjudication.adjudicating import adjudicate as store

    outcomes: list[Outcome] = []
    left: list[str] = []
    for case in cases:
        rows = casefile.by_options(desk, case, take={}, given={}, errors={}, reason="")
        try:
            outcomes += store(desk, [(case, rows)], allow_open=allow_open, dry_run=dry_run)
        except Refused as error:
            if not error.problems:  # who may not: no rule is broken
                raise
            left.append(case.item)
            show_problems(error.problems)
        except LedgerConflict as error:
            note(str(error))
    _answer(outcomes, as_json, dry_run)
    if left:
        one = len(left) == 1
        note(f"{len(left)} item{' waits' if one else 's wait'} on: {'its event breaks' if one else 'their events break'} rules.")
        note("Decide them one by one ('eventcoder adjudicate ITEM'), or add --open to store them open.")
        raise typer.Exit(1)


def _answer(outcomes: Sequence[Outcome], as_json: bool, dry_run: bool) -> None:
    for outcome in outcomes:
        if as_json:
            emit({"event_id": outcome.event_id, "revision": outcome.revision, "state": outcome.state, "stored": not dry_run})
        else:
            say(f"{outcome.event_id}  {outcome.state}{'  (not stored)' if dry_run else ''}")
        show_problems([replace(p, event_id=p.event_id or outcome.event_id) for p in outcome.problems])
    if not as_json:
        one = len(outcomes) == 1
        stand = "would stand" if dry_run else "stands" if one else "stand"
        note(f"{len(outcomes)} event{'' if one else 's'} {stand}.")


def _sit(desk: Desk, cases: Sequence[Case]) -> None:
    from eventcoder.cli.keys import single_keys
    from eventcoder.cli.weighing import Sitting

    if not cases:
        say("Nothing waits for an adjudicator.")
        return
    desk.people.demand(desk.coder, "reviewer", "adjudicate")  # said once, not for each item
    sitting = Sitting(desk, cases)
    with single_keys():
        sitting.run()
    say(f"{sitting.stored} of {len(cases)} items adjudicated.")


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from None
