"""`redact`. Floor 8."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.options import CoderOption, DryRunOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import working
from eventcoder.errors import UsageError
from eventcoder.project import coder_name, open_project
from eventcoder.releases.redaction.redacting import Redaction

SHOWN = 20  # lines of one list; --json has all


def redact(
    document: Annotated[str | None, typer.Argument(help="Document id, or any unique beginning of it.", show_default=False)] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays and is published: say it without what is to go.", show_default=False)] = "",
    event: Annotated[str | None, typer.Option("--event", help="Instead of a document: an event, with --field.", show_default=False)] = None,
    field: Annotated[str | None, typer.Option("--field", help="The field of free text whose words go, such as notes.", show_default=False)] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Take a document out of everything, for good: source safety, a court, privacy law.

    What goes: its text and record, quotes and counted words in acts, drafts and decisions, its title and address wherever they stand, six of its
    words in a row from what coders wrote, its publisher from the events that rest on it alone; the journal, caches, and the file in raw/articles
    that held nothing else. What stays: that there was an entry, by whom, when, in which role, and your reason; the coded values.

    Versions that show it are withdrawn and their files removed; each is made anew under another number without it, and so are the versions after
    it. versions.json names the successors.

    What cannot be undone here: the history of git (rewrite it with git filter-repo, and have every clone made anew); copies that others fetched
    (their next update tells them the successor); published folders and buckets, until you run 'eventcoder publish' again; backups, and what a disk
    keeps of deleted files. A coder's name is part of each entry's identity and cannot be taken out; releases show pseudonyms.

    The same command again finishes what was interrupted, and looks once more whether anything is left. Where coders are registered a lead does this.
    """
    from eventcoder.codebook import load_codebook
    from eventcoder.ledger import open_ledger
    from eventcoder.ledger.people.permission import demand_lead
    from eventcoder.releases.redaction.redacting import plan
    from eventcoder.releases.redaction.redacting import redact as carry_out
    from eventcoder.releases.redaction.traces import find_document, secrets_of_document, secrets_of_field

    if (document is None) == (event is None) or (event is None) != (field is None):
        raise UsageError("Say what is to go.", "Give a document, or --event ID --field NAME.")
    opened = open_project(project)
    name = coder_name(opened, coder)
    moment = clock.now()
    with open_ledger(opened.ledger_at, create=False) as ledger:
        demand_lead(opened, coder, "redact", ledger)  # with --dry-run, too: what it shows counts codings that are still apart
        if document is not None:
            secrets = secrets_of_document(opened, ledger, find_document(ledger, document))
        else:
            book = load_codebook(opened.schema_dir, opened.state_dir / "cache")
            secrets = secrets_of_field(ledger, book, ledger.find(event or ""), field or "")
        with working("Looking where it stands ..."):
            planned = plan(opened, ledger, secrets, time=moment)
        if not json_:
            show(planned)
        if dry_run:
            return emit(planned.as_json()) if json_ else None
        if not reason.strip():
            raise UsageError("A redaction needs a reason.", "Give --reason TEXT, without the content that is to go.")
        if not yes:
            if json_ or not sys.stdin.isatty():
                raise UsageError("This cannot be taken back, so it is not done unasked.", "Look at it with --dry-run, then give --yes.")
            typer.confirm("This cannot be taken back. Do it?", abort=True, err=True)
        with working("Redacting ..."):
            done = carry_out(opened, ledger, secrets, reason=reason, coder=name, time=moment)
    if json_:
        emit(done.as_json())
    finish(done, quiet=json_)
    if done.held or any(v.why for v in done.versions):
        raise typer.Exit(1)
    return None


def show(plan: Redaction) -> None:
    """What is to be done."""
    secrets = plan.secrets
    say(f"document {secrets.document}" if secrets.document else f"event {secrets.event}, field {secrets.field}")
    if plan.nothing:
        say("  nothing is left of it in ledger, files of its own and releases")
    if plan.entries:
        many = ", ".join(f"{n} {kind}" for kind, n in plan.entries.items())
        say(f"  ledger     {many}; {len(plan.events)} event(s) rest on it")
    _listed("removed   ", plan.files)
    for version in plan.versions:
        what = "shows it: its files go" if version.redacted else "shows nothing of it: stays readable, withdrawn"
        say(f"  version    {version.version} {what}; {f'made anew as {version.successor}' if version.successor else 'withdrawn before'}")
    _listed("candidate ", plan.candidates)
    why = "loses a publisher's name, or words that stand there" if secrets.document else "loses the words of the field"
    _listed("event     ", tuple(f"{event} {why}" for event in plan.reworded))
    for name in plan.mixed:
        note(f"note: {name} holds other articles too: take this one out of it yourself.")


def finish(done: Redaction, *, quiet: bool) -> None:
    """What came of it, and what a person has to do now."""
    for version in done.versions:
        if version.why:
            note(f"error: there is no successor of {version.version}: {version.why} Mend it and release again.")
    for name in done.held:
        ours = name.startswith((".eventcoder/", "raw/journal/"))
        remedy = "Other events or drafts say the same: redact those, too." if ours else "Remove the file or those words, and run this again."
        note(f"error: {name} still holds something of it. {remedy}")
    if quiet:
        return
    if done.closed:
        shown = ", ".join(done.closed[:3]) + (", ..." if len(done.closed) > 3 else "")
        note(f"note: {len(done.closed)} compressed file(s) were not searched ({shown}).")
    if done.events and done.secrets.document:
        shown = ", ".join(done.events[:SHOWN]) + (", ..." if len(done.events) > SHOWN else "")
        note(f"note: read what coders wrote on {shown}: words of their own that tell too much go with --event ID --field notes.")
    if done.versions:
        note("note: run 'eventcoder publish' again wherever this dataset is published.")
    note("note: the history of git, clones and backups still hold it. See 'eventcoder redact --help'.")
    say("nothing of it was found any more" if not done.held else f"{len(done.held)} file(s) still hold it")


def _listed(title: str, names: tuple[str, ...]) -> None:
    for name in names[:SHOWN]:
        say(f"  {title} {name}")
    if len(names) > SHOWN:
        say(f"  {title} ... and {len(names) - SHOWN} more")
