"""`eventcoder amend`: correct one event, or all that an expression selects. Floor 8."""

from __future__ import annotations

from typing import Annotated

import typer

from eventcoder.cli.acts import answer, writing_desk
from eventcoder.cli.add import assignments
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, KeepGoingOption, ProjectOption, ReasonOption
from eventcoder.cli.output import emit, note, say, show_error
from eventcoder.coding import LIVE_STATES, Outcome
from eventcoder.errors import Refused, UsageError
from eventcoder.ledger import Entry, Folded


def amend(
    reason: ReasonOption,
    events: Annotated[list[str] | None, typer.Argument(help="Event ids; or --where.", show_default=False)] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE (repeatable); an empty value clears the column.", show_default=False)
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", help="Expression over the columns, e.g. \"country = 'Iran' AND fatalities > 10\".", show_default=False)
    ] = None,
    expect: Annotated[
        int | None, typer.Option("--expect", help="How many events must be selected; else nothing is done.", show_default=False)
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse changes that break a rule, instead of leaving the event open.")] = False,
    keep_going: KeepGoingOption = False,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Correct one event, or many with --where. Old values stay in the history; the reason is published with the change.

    Several events are changed in one transaction, all or none. A change that breaks a rule leaves the event open, with a message.
    """
    changes = assignments(set_ or [])
    if not changes:
        raise UsageError("Nothing to change.", "Give --set NAME=VALUE, for example --set fatalities=3.")
    if bool(events) == (where is not None):
        raise UsageError("Say which events to amend.", "Give ids, or --where EXPRESSION.")
    with writing_desk(project, coder) as desk:
        chosen: list[Folded]
        if where is not None:
            predicate = desk.codebook.predicate(where)
            chosen = [e for e in desk.ledger.events(states=LIVE_STATES) if predicate({**e.values, "event_id": e.event_id}) is True]
        else:
            chosen = [desk.live(e) for e in events or []]
        if expect is not None and len(chosen) != expect:
            raise Refused(f"{len(chosen)} events are selected, not {expect}: nothing was changed.", "Mend --where, or --expect.")
        if not chosen:
            raise Refused("No event is selected: nothing was changed.", "Try the expression with 'eventcoder list --where'.")
        acts: list[Entry] = []
        outcomes: list[Outcome] = []
        refused: list[Refused] = []
        for event in chosen:
            try:
                entry, outcome = desk.amendment(event, changes, reason=reason, allow_open=not strict)
            except Refused as error:
                refused.append(error)
                continue
            outcomes.append(outcome)
            if entry is not None:
                acts.append(entry)
        for refusal in refused[:20]:
            show_error(refusal)
        if refused and not keep_going:
            raise Refused(
                f"{len(refused)} of {len(chosen)} events cannot take this change: nothing was changed.", "Mend the value, or use --keep-going."
            )
        if dry_run:
            for entry in acts:
                shown = ", ".join(f"{k}={v!r}" for k, v in entry.body["values"].items())
                if json_:
                    emit({"event_id": entry.subject, "changes": entry.body["values"]})
                else:
                    say(f"{entry.subject}  {shown}")
            note(f"{len(acts)} of {len(chosen)} events would change (dry run: nothing was stored).")
        else:
            desk.ledger.append(acts)
            for outcome in outcomes:
                answer(outcome, as_json=json_)
            if len(chosen) > 1:
                note(f"{len(acts)} of {len(chosen)} events changed.")
        if refused:
            raise typer.Exit(1)
