"""Who did what: `history` of one event, `log` of the project. Floor 8."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.looking import reading_desk, refuse_concealed, values_text
from eventcoder.cli.options import EventArgument, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, table, terminal_width
from eventcoder.coding.origin import told
from eventcoder.errors import InputError, NotFound
from eventcoder.ledger import Entry
from eventcoder.team.adjudication.taken import adjudicated_words
from eventcoder.team.following import FIELDS, Line, Wanted, day, entries_of, record, story, summary, what

if TYPE_CHECKING:
    from eventcoder.reader.holding import Holding

CsvOption = Annotated[
    Path | None, typer.Option("--csv", help="Write a table for a spreadsheet to this file (- for standard output) instead.", show_default=False)
]
LIMIT = 20  # entries that fill a screen; a table is for counting, and has all
_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # a spreadsheet would run such a cell: it gets an apostrophe before it, as in releases


def history(
    event: EventArgument,
    all_: Annotated[bool, typer.Option("--all", help="Questions and answers, drafts, decisions, tasks and adjudicated codings too.")] = False,
    csv_: CsvOption = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Every act on one event, oldest first: who, when, what, why. With --all also what led to it."""
    with reading_desk(project) as desk:
        found = desk.event(event)
        refuse_concealed(desk, found)
        whole = story(desk, found)
        own = [entry for entry in whole if entry.kind == "act" and entry.subject == found.event_id]
        numbers = {entry.id: number for number, entry in enumerate(own, 1)}
        entries = whole if all_ else own
        if csv_ is not None:
            _write(csv_, entries)
            return
        for entry in entries:
            if json_:
                more = {"kind": entry.kind, "subject": entry.subject} if all_ else {}
                number = numbers.get(entry.id)
                emit({"revision": number, "id": entry.id, "coder": entry.coder, "role": entry.role, "time": entry.time, **more, **entry.body})
            else:
                say(f"{numbers.get(entry.id, '-')}  {_told(entry, about=entry.subject != found.event_id)}")
        if len(whole) > len(entries) and not json_:
            note(f"{len(whole) - len(entries)} more (questions, drafts, decisions, tasks): 'eventcoder history {found.event_id} --all'.")


def _told(entry: Entry, *, about: bool) -> str:
    """One entry in a line; `about` names what it is about."""
    body = entry.body
    decided = adjudicated_words(body)
    plain = entry.kind == "act" and body.get("act") != "create" and body.get("values") and "overruled" not in body
    shown = values_text(entry) if plain else ""  # who ended a conflict stored every value; what was overruled is told
    if entry.kind == "query":
        shown = " ".join(str(body[key]) for key in ("field", "text") if body.get(key))
    extra = [f"{k} {body[k]}" for k in ("successor", "merged", "parts", "origin", "draft", "held", "adjudicated", "reopened") if body.get(k)]
    extra += [*decided]
    extra += [f"{r.get('kind')} {r.get('event_id')}" for r in body.get("relations") or ()]
    withdrawn = body.get("withdraw")
    if isinstance(withdrawn, dict):
        extra += [f"no longer {r.get('kind')} {r.get('event_id')}" for r in withdrawn.get("relations") or ()]
    extra += [f"from {told(body['import'])}"] if isinstance(body.get("import"), dict) else []
    reason = f"because: {body['reason']}" if body.get("reason") else ""
    subject = entry.subject if about else ""
    return "  ".join(part for part in (entry.time, entry.coder, what(entry), subject, shown, *extra, reason) if part)


def log(
    limit: Annotated[int | None, typer.Option("--limit", "-n", help="How many; 0 for all.", min=0, show_default=f"{LIMIT}; with --csv all")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Only entries of this coder.", show_default=False)] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only this kind: act, document, decision, query, place ...", show_default=False)] = None,
    act: Annotated[str | None, typer.Option("--act", help="Only acts of this sort: revise, retract, merge ...", show_default=False)] = None,
    event: Annotated[str | None, typer.Option("--event", help="Only acts on this event and questions about it.", show_default=False)] = None,
    field: Annotated[str | None, typer.Option("--field", help="Only acts that touch this column.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only entries of this day or later.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only entries of this day or earlier.", show_default=False)] = None,
    after: Annotated[
        str | None, typer.Option("--after", help="Only what this release does not hold: a version, or latest.", show_default=False)
    ] = None,
    import_: Annotated[
        str | None, typer.Option("--import", help="Only acts by which this file was imported (* for any file).", show_default=False)
    ] = None,
    summary_: Annotated[bool, typer.Option("--summary", help="Count by coder and operation instead of listing.")] = False,
    csv_: CsvOption = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """The ledger's entries, newest first; filters hold together.

    What changed after a release, and by whom: eventcoder log --after latest. An act that an offline coder's journal brought late counts, whenever
    it was made.
    """
    from eventcoder.team.known import known_coder, known_import

    with reading_desk(project) as desk:
        known_coder(desk, by, "--by", engines=True)
        known_import(desk, import_, "--import")
        wanted = Wanted(
            by, kind, act, desk.event(event).event_id if event else None, field, day("--since", since), day("--until", until), import_,
            _release(project, after) if after else None,
        )  # fmt: skip
        found = entries_of(desk, wanted)
        most = (sys.maxsize if csv_ is not None else LIMIT) if limit is None else limit or sys.maxsize
        if csv_ is not None:
            _write(csv_, islice(found, most))
        elif json_ and not summary_:
            for entry in islice(found, most):
                emit(entry.as_json())
            _say_more(found)
        elif summary_ or after:
            newest: list[Entry] = []
            lines = summary(_noted(found, newest, 0 if summary_ else most))
            _say_summary(lines, as_json=json_)
            if not summary_:
                _say_after(newest, sum(line.entries for line in lines))
        else:
            shown = False
            for entry in islice(found, most):
                say(_told(entry, about=True))
                shown = True
            if not shown:
                note("Nothing.")
            _say_more(found)


def _say_more(rest: Iterator[Entry]) -> None:
    """That the list was cut, where it was: nobody takes a screenful for the whole."""
    if next(rest, None) is not None:
        note("There are earlier ones: --limit 0 shows all, --csv FILE writes them.")


def _release(project: Path | None, version: str) -> Holding:
    from eventcoder.project import open_project
    from eventcoder.reader.holding import holding
    from eventcoder.releases.layout import VERSIONS

    releases = open_project(project).releases_dir
    if not (releases / VERSIONS).is_file():
        raise NotFound("This project has no release yet.", "'eventcoder release' makes the first one.")
    found = holding(releases, version)
    if not found.exact:
        note(f"{found.version} was built before releases had a table of acts: entries count as later by their times, after {found.created}.")
    return found


def _say_summary(lines: list[Line], *, as_json: bool) -> None:
    if as_json:
        for line in lines:
            emit(line.as_json())
        return
    if not lines:
        note("Nothing.")
        return
    rows = [[line.coder, line.what, str(line.entries), str(len(line.subjects)), line.first, line.last] for line in lines]
    for text in table(rows, ["coder", "what", "entries", "subjects", "first", "last"], width=terminal_width()):
        say(text)


def _noted(entries: Iterable[Entry], newest: list[Entry], most: int) -> Iterator[Entry]:
    """The entries as they come, of which the first ones stay on the list (0: none, there may be millions)."""
    for entry in entries:
        if len(newest) < most:
            newest.append(entry)
        yield entry


def _say_after(entries: list[Entry], total: int) -> None:
    for number, entry in enumerate(entries):
        if not number:
            say()
        say(_told(entry, about=True))
    if total > len(entries):
        note(f"{total - len(entries)} earlier ones: --limit 0 shows all, --csv FILE writes them.")


def _write(path: Path, entries: Iterable[Entry]) -> None:
    """The entries as a table. Raises `InputError` for a file that cannot be written."""
    if str(path) == "-":
        _rows(sys.stdout, entries)
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            count = _rows(file, entries)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from None
    note(f"{count} entries in {path}")


def _rows(file: Any, entries: Iterable[Entry]) -> int:
    writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
    writer.writeheader()
    count = 0
    for entry in entries:
        writer.writerow({name: "'" + text if _FORMULA.match(text) else text for name, text in record(entry).items()})
        count += 1
    return count
