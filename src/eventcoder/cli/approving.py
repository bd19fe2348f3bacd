"""`approve`, `ask`, `answer`: the second person, and the thread between coder and reviewer. Floor 8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.acts import answer as tell
from eventcoder.cli.acts import writing_desk
from eventcoder.cli.options import CoderOption, EventArgument, JsonOption, KeepGoingOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_error, table, terminal_width
from eventcoder.errors import EventcoderError, NotFound, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventcoder.coding import Desk
    from eventcoder.coding.queries import Message
    from eventcoder.team.members.approval import Waiting

WordsArgument = Annotated[list[str], typer.Argument(metavar="[FIELD] TEXT", help="What is said; before it the column that it is about, if one.")]
HOW = {
    "coded": "a reviewer looks at them: eventcoder approve",
    "queried": "their coder answers: eventcoder answer EVENT TEXT",
    "returned": "their coder changes them: eventcoder amend EVENT --set COLUMN=VALUE --reason TEXT",
}
_COLUMN = re.compile(r"[a-z]+(_[a-z0-9]+)+")
KEYS = "y approve  ? ask  r return  d document  s skip  u undo  q quit"


def approve(
    events: Annotated[list[str] | None, typer.Argument(help="Event ids; without any a sitting, one key each.", show_default=False)] = None,
    return_: Annotated[
        str | None, typer.Option("--return", help="Send the events back to their coders instead, with this reason.", show_default=False)
    ] = None,
    keep_going: KeepGoingOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Approve events that somebody else coded: they settle, and the next release takes them.

    Reviewers and leads approve, and nobody an event of which they gave a value. A question that waits for an answer holds the event back.

    Which events wait is the setting 'approval': none, all, or the share of schema/team/approval.csv. 'eventcoder queue --approval' lists them.
    """
    from eventcoder.team.members.threads import send_back

    with writing_desk(project, coder) as desk:
        if not events:
            if return_ is not None:
                raise UsageError("Which events shall go back?", "eventcoder approve EVENT --return REASON")
            _sitting(desk)
            return
        failed = 0
        for event in events:
            try:
                if return_ is None:
                    tell(desk.settle(event), as_json=json_)
                else:
                    _tell(send_back(desk, event, return_), json_)
            except Refused as error:
                if not keep_going:
                    raise
                show_error(error)
                failed += 1
        if failed:
            note(f"{failed} of {len(events)} stay as they are.")
            raise typer.Exit(1)


def ask(event: EventArgument, words: WordsArgument, json_: JsonOption = False, project: ProjectOption = None, coder: CoderOption = None) -> None:
    """Ask about an event, or about one field: eventcoder ask ID fatalities "The second report says three?"

    Until somebody answers, nobody approves the event. 'show' and 'history' print the thread.
    """
    from eventcoder.team.members.threads import ask as put

    with writing_desk(project, coder) as desk:
        field, text = _field_and_text(desk, words, "ask")
        message = put(desk, event, text, field=field)
        _tell(message, json_)
        if desk.event(message.event_id).state == "settled":
            takes_out = f"'eventcoder approve {message.event_id} --return TEXT' takes it out until it is approved anew"
            note(f"note: {message.event_id} is settled already, and a question does not keep it out of a release; {takes_out}.")


def answer(
    event: EventArgument,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD] TEXT", help="The answer; before it the column, if several questions wait.")
    ] = None,
    close: Annotated[bool, typer.Option("--close", help="Close the question without an answer: it was answered elsewhere, or taken back.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Answer the question that waits at an event, or say something to its return. To change the event use 'amend' as well."""
    from eventcoder.team.members import threads

    with writing_desk(project, coder) as desk:
        if close:
            alone = bool(words) and len(words or ()) == 1 and bool(_COLUMN.fullmatch((words or [""])[0]))  # a word that is written like a column
            field = words[0] if words and (alone or words[0] in desk.codebook.columns_by_name) else None
            _tell(threads.close(desk, event, field=field, text=" ".join((words or [])[field is not None :])), json_)
            return
        field, text = _field_and_text(desk, words or [], "answer")
        _tell(threads.answer(desk, event, text, field=field), json_)


def _field_and_text(desk: Desk, words: list[str], command: str) -> tuple[str | None, str]:
    """A column's name before the text is the field. Raises `UsageError` if there is no text."""
    named = len(words) > 1 and (words[0] in desk.codebook.columns_by_name or (len(words) == 2 and words[0].replace("_", "").isalnum()))
    field, text = (words[0], words[1:]) if named else (None, words)
    if not text:
        raise UsageError("There is no text.", f'Write it behind the id: eventcoder {command} ID "TEXT"')
    return field, " ".join(text)


def _tell(message: Message, as_json: bool) -> None:
    if as_json:
        emit(message_json(message))
    else:
        say(f"{message.event_id}  {message.told()}")


def message_json(message: Message) -> dict[str, object]:
    """A message as `--json` prints it."""
    return {name: getattr(message, name) for name in message.__slots__}


def thread_lines(messages: list[Message]) -> list[str]:
    """A thread for a person: who said what when; what still waits is marked."""
    return [f"{m.time}  {m.told()}{'  (waits)' if m.open else ''}" for m in messages]


def show_waiting(desk: Desk, *, of: str | None = None, as_json: bool) -> None:
    """The worklist of approval: what waits for a second person, an answer or a change, the longest first; `of`: events of this coder alone."""
    from collections import Counter

    from eventcoder.coding.queries import RETURN
    from eventcoder.team.members.approval import RETURNED, worklist
    from eventcoder.team.tasks.queue import age

    found = [waiting for waiting in worklist(desk) if of in (None, waiting.coder)]
    for one in found if as_json else ():
        questions = [message_json(m) for m in one.questions]
        emit({"event_id": one.event_id, "state": one.state, "coder": one.coder, "since": one.since, "trainee": one.trainee, "questions": questions})
    if as_json:
        return
    rows = [
        [
            w.event_id,
            w.state,
            w.coder + (" (in training)" if w.trainee else ""),
            age(w.since, desk.moment),
            next((m.told() for m in w.questions if (m.says == RETURN) == (w.state == RETURNED)), ""),  # what gives the event its state
        ]
        for w in found
    ]
    for line in table(rows, ["event_id", "state", "coder", "waits", "for"], width=terminal_width()) if rows else ():
        say(line)
    counts = Counter(w.state for w in found)
    nothing = f"Nothing{f' of {of}' if of else ''} waits for approval or an answer."
    note(", ".join(f"{counts[state]:,} {state}" for state in sorted(counts)) + "." if found else nothing)
    for state, how in HOW.items():
        if counts[state]:
            note(f"{state}: {how}")


# -- the sitting ----------------------------------------------------------------------------------------------------------------------------


def _sitting(desk: Desk) -> None:
    """One event after the other, one key each."""
    from eventcoder.cli.keys import END, read_key, single_keys
    from eventcoder.team.members.approval import CODED, worklist

    if not desk.people.empty:
        desk.people.demand(desk.coder, "reviewer", "approve events")
    found = [w for w in worklist(desk, mine=True) if w.state == CODED]
    if not found:
        setting = desk.project.settings.approval
        note(
            "Nothing waits for your approval." + (" The setting 'approval' is none: clean events settle by themselves." if setting == "none" else "")
        )
        return
    undo: list[tuple[int, str, Callable[[], object]]] = []
    at = done = 0
    while at < len(found):
        waiting = found[at]
        _show(desk, waiting, f"{at + 1} of {len(found)}")
        while True:
            with single_keys():
                key = read_key()
            if key in (END, "q"):
                note(f"{done} decided, {len(found) - at} wait.")
                return
            if key == "s":
                at += 1
                break
            if key == "d":
                _documents(desk, waiting)
                note(KEYS)
                continue
            if key == "u" and undo:
                at, told, back = undo.pop()
                back()
                done -= 1
                note(f"Taken back: {told}")
                break
            try:
                made = _decide(desk, waiting, key)
            except EventcoderError as error:
                show_error(error)
                made = None
            if made is not None:
                undo.append((at, *made))
                at, done = at + 1, done + 1
                break
            note(KEYS)
    note(f"{done} decided, none waits.")


def _decide(desk: Desk, waiting: Waiting, key: str) -> tuple[str, Callable[[], object]] | None:
    """What a key does: in words, and how it is undone; None for a key that does nothing."""
    from eventcoder.cli.keys import read_line
    from eventcoder.team.members import threads
    from eventcoder.team.members.approval import take_back

    event = waiting.event_id
    if key == "y":
        tell(desk.settle(event), as_json=False)
        return f"the approval of {event}", lambda: take_back(desk, event, "approved by mistake")
    if key not in ("?", "r"):
        return None
    line = (read_line("Ask (FIELD: TEXT, or TEXT): " if key == "?" else "Why does it go back? ") or "").strip()
    if not line:
        return None
    if key == "r":
        said = threads.send_back(desk, event, line)
    else:
        field, colon, text = line.partition(":")
        named = bool(colon) and field.strip() in desk.codebook.columns_by_name
        said = threads.ask(desk, event, text.strip() if named else line, field=field.strip() if named else None)
    say(f"{event}  {said.told()}")
    return f"what was said about {event}", lambda: threads.close(desk, event, field=said.field, text="said by mistake")


def _documents(desk: Desk, waiting: Waiting) -> None:
    """The texts that the event rests on: without them a reviewer could only approve what looks right."""
    for report in desk.event(waiting.event_id).reports:
        try:
            say(desk.documents.text(report["document"]))
        except NotFound as error:
            show_error(error)


def _show(desk: Desk, waiting: Waiting, place: str) -> None:
    """The event with its evidence, its reports and its thread."""
    from eventcoder.coding.queries import thread

    event = desk.event(waiting.event_id)
    say()
    say(f"{place}  {event.event_id}  by {event.coder}, waits since {waiting.since}")
    for column in desk.codebook.columns:
        value = event.values.get(column.name)
        if value is None or value == [] or column.entered in ("system", "derived"):
            continue
        spans = event.evidence.get(column.name, ())
        quote = f"  <- {' '.join(str(spans[0].get('quote', '')).split())!r}" if spans else ""
        say(f"  {column.name:<20} {'; '.join(value) if isinstance(value, list) else value}{quote}")
    for report in event.reports:
        meta = desk.document_meta(report["document"])
        told = f"{meta.get('publisher') or 'unknown publisher'}, {meta.get('published') or 'no date'}"
        title = f": {meta['title']}" if meta.get("title") else ""
        say(f"  report {report['document']}  {told}{title}")
    for problem in desk.prepare(event.values, event_id=event.event_id).problems:
        if problem.severity != "info":
            say(f"  {problem.severity}: {problem.message} [{problem.code}]")
    for line in thread_lines(thread(desk.ledger, event.event_id)):
        say(f"  {line}")
    say(KEYS)
