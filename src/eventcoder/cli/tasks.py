"""`next --work`: one task after the other, each reviewed and handed in by keys. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventcoder.cli.keys import END, read_key, read_line, single_keys
from eventcoder.cli.output import note, say
from eventcoder.errors import EventcoderError

if TYPE_CHECKING:
    from rich.console import Console

    from eventcoder.coding import Desk
    from eventcoder.ledger.work import Task
    from eventcoder.review import DraftSession

NO_DRAFT = "no draft was made of it"  # in the place of a language, of a document that would otherwise be handed in unread


def work(desk: Desk, *, round: str | None = None, item: str | None = None) -> int:
    """Until the coder quits, the input ends, or nothing waits; how many tasks were handed in."""
    from rich.console import Console

    from eventcoder.cli.assigning import tell_asked, tell_task
    from eventcoder.review import draft_session
    from eventcoder.team.tasks.claiming import take

    done = 0
    session = draft_session(desk, progress=note)
    console = Console(highlight=False)
    while (task := take(desk, round=round, item=item)) is not None:
        item = None
        tell_task(desk, task, how=False)
        with single_keys():
            left = _read(desk, session, task)
            ended = None if left else _close(desk, task, console)
        if ended is None:
            say(f"{task.task} stays yours; 'eventcoder next --work' goes on with it. {done} handed in.")
            return done
        done += ended
    say(f"Nothing waits for {desk.coder}. {done} handed in.")
    tell_asked(desk)
    return done


def _read(desk: Desk, session: DraftSession, task: Task) -> bool:
    """Show the document: its drafts one by one, or its text alone. True if the coder quits there."""
    from eventcoder.cli.review import Sitting
    from eventcoder.review import Review, StoredDrafts, named
    from eventcoder.team.tasks.claiming import nothing_stored

    desk.at_hand = task.task
    single = named(desk, [task.item])[1] if task.item_kind == "draft" else []
    review = Review(desk, StoredDrafts(single), drafts=single) if single else Review(desk, session, documents=[task.document])
    for line in review.unreadable:
        note(f"note: {line}")
    if review.current is None and not review.by_hand and not review.unreadable and nothing_stored(desk, task):
        review.by_hand = [(task.document, NO_DRAFT)]
    if review.current is None and not review.by_hand:
        return False
    return not Sitting(review, alone=True).run()


def _close(desk: Desk, task: Task, console: Console) -> bool | None:
    """What becomes of the task: True handed in, False given back, None kept."""
    from eventcoder.cli.assigning import told_handed
    from eventcoder.cli.hand import code_event
    from eventcoder.team.tasks.claiming import finish, nothing_stored, skip

    while True:
        hands = "hand it in as a document without an event" if nothing_stored(desk, task) else "hand it in"
        console.print(f"[b]y[/b] {hands}  [b]c[/b] code an event  [b]d[/b] document  [b]s[/b] give it back  [b]q[/b] quit")
        key = read_key().casefold()
        try:
            if key == "y":
                say(told_handed(finish(desk, task).events, task))
                return True
            if key == "c":
                code_event(desk, task.document, console)
            elif key == "d":
                console.print(desk.documents.text(task.document), markup=False)
            elif key == "s" and (reason := (read_line("Why? (it never comes to you again) ") or "").strip()):
                skip(desk, task, reason)
                say(f"{task.task} given back.")
                return False
            elif key in ("q", END):
                return None
        except EventcoderError as error:
            console.print(str(error), style="red", markup=False)
