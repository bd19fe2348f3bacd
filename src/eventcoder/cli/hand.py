"""Documents that no engine reads, in `review`: the text as it stands, and the form with the document attached. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from eventcoder.cli.form import ask_event, store_event
from eventcoder.cli.keys import END, read_key
from eventcoder.cli.output import show_problems
from eventcoder.cli.twins import likely_twins, offer_attach
from eventcoder.extraction.languages import NAMES

if TYPE_CHECKING:
    from rich.console import Console

    from eventcoder.coding import Desk
    from eventcoder.review import Review

KEYS = "[b]c[/b] code an event of this document  [b]n[/b] next document  [b]q[/b] quit"
ALONE = "[b]c[/b] code an event of this document  [b]n[/b] done with it  [b]q[/b] quit"
BACK = "[b]c[/b] code an event of this document  [b]n[/b] next document  [b]b[/b] back to the drafts  [b]q[/b] quit"


def code_by_hand(review: Review, console: Console, *, back: bool, alone: bool = False) -> bool:
    """Go through the documents that wait for a reader; those with an event leave the list. False when the coder quits.

    `back`: drafts wait too, and a key leads to them. `alone`: it is the one document of a task, which is handed in next.
    """
    total = len(review.by_hand)
    for number, (document, language) in enumerate(list(review.by_hand), 1):
        meta = review.desk.document_meta(document)
        origin = f"{meta.get('publisher') or 'unknown publisher'}, {meta.get('published') or 'no date'}"
        console.rule(Text(f"by hand {number} of {total}  {origin}  {NAMES.get(language, language)}  {document}"), style="dim")
        if meta.get("title"):
            console.print(Text(str(meta["title"]), style="bold"))
        # as it is stored: the terminal itself orders the letters of scripts that run from right to left
        console.print(Text(review.desk.documents.text(document)))
        while True:
            console.print(BACK if back else ALONE if alone else KEYS)
            key = read_key()
            if key in ("q", "Q", END):
                return False
            key = key.casefold()
            if key == "b" and back:
                return True
            if key == "n":
                break
            if key == "c" and code_event(review.desk, document, console):
                review.by_hand = [(d, named) for d, named in review.by_hand if d != document]
    return True


def code_event(desk: Desk, document: str, console: Console) -> bool:
    """The form with the document attached; what is there already is offered first. True if the document reports an event now."""
    new = ask_event(desk, documents=[document])
    outcome = None
    if new is not None:
        twins = likely_twins(desk, desk.prepare(new.raw, reports=[document]).values, documents=[document])
        outcome = (offer_attach(desk, new, twins) if twins else None) or store_event(desk, new)
    if outcome is None:
        console.print("Nothing was stored.")
        return False
    console.print(f"{outcome.event_id}  {outcome.state}", style="green")
    show_problems(outcome.problems)
    return True
