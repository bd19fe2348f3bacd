"""`eventcoder add`: one event by options, many by JSON, or by prompts on a terminal. Floor 8."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from eventcoder.cli.options import CoderOption, JsonOption, KeepGoingOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems, state_told
from eventcoder.coding import Desk, NewEvent, Outcome
from eventcoder.errors import InputError, Refused, UsageError
from eventcoder.problem import Problem
from eventcoder.project import coder_name, open_project

LARGEST_LINE = 10_000_000  # characters of one JSON line; notes of 10 MB are a mistake, and are said to be one by the codebook


class Asked(NamedTuple):
    """A column as an option of `add` and `amend`. A test holds these equal to the codebook's columns that a coder may give."""

    column: str
    help: str
    short: str = ""


ASKED = (
    Asked("event_date", "Day of the event, YYYY-MM-DD.", "--date"),
    Asked("time_precision", "1 day known, 2 week, 3 month."),
    Asked("sub_event_type", "What happened; one of the 25 sub-event types.", "--type"),
    Asked("actor1", "First actor, e.g. 'Protesters (Iran)'."),
    Asked("assoc_actor_1", "Groups with the first actor; '; ' between them."),
    Asked("inter1", "Kind of the first actor; filled for known actors."),
    Asked("actor2", "Second actor, if there is one."),
    Asked("assoc_actor_2", "Groups with the second actor."),
    Asked("inter2", "Kind of the second actor; filled for known actors."),
    Asked("civilian_targeting", "Filled by the rules; give it only to differ."),
    Asked("country", "Country of the event."),
    Asked("admin1", "First-level division."),
    Asked("admin2", "Second-level division."),
    Asked("admin3", "Third-level division."),
    Asked("location", "Named place."),
    Asked("latitude", "Degrees north, -90 to 90; the form finds it for known places."),
    Asked("longitude", "Degrees east, -180 to 180."),
    Asked("geo_precision", "1 the place itself, 2 near it, 3 a larger region."),
    Asked("source", "Publishers; '; ' between them; filled from --document."),
    Asked("source_scale", "Filled for known publishers."),
    Asked("notes", "One to three sentences: On D Month YYYY, who did what where."),
    Asked("fatalities", "The lowest credible figure; leave out if not reported."),
    Asked("fatalities_low", "Lowest figure reported."),
    Asked("fatalities_high", "Highest figure reported."),
    Asked("fatalities_basis", "number, word, split, none or unknown."),
    Asked("tags", "Tags; '; ' between them."),
    Asked("date_start", "Earliest possible day."),
    Asked("date_end", "Latest possible day."),
    Asked("reported_date", "Day of the first report."),
    Asked("crowd_low", "Lowest number of participants."),
    Asked("crowd_high", "Highest number of participants."),
    Asked("crowd_text", "Crowd size in the source's words."),
    Asked("injured_low", "Lowest number of injured."),
    Asked("injured_high", "Highest number of injured."),
    Asked("arrested_low", "Lowest number of arrested."),
    Asked("arrested_high", "Highest number of arrested."),
    Asked("gazetteer_id", "Id of the place in a gazetteer, as 'places find' gives it: its point and divisions are taken over."),
    Asked("gazetteer_version", "Version of that gazetteer."),
    Asked("point_kind", "exact or representative; filled from geo_precision."),
    Asked("clarity", "clear or aggregated."),
    Asked("event_id_cnty", "Only if the event comes with an ACLED id."),
)


def column_parameters() -> list[inspect.Parameter]:
    """The options for the columns, all text: the codebook reads them, so that options and JSON give the same verdicts."""
    out = []
    for asked in ASKED:
        names = ["--" + asked.column.replace("_", "-"), *([asked.short] if asked.short else [])]
        option = typer.Option(*names, help=asked.help, show_default=False, metavar="TEXT", rich_help_panel="Columns")
        out.append(inspect.Parameter(asked.column, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, option]))
    return out


def _add(
    file: Annotated[
        Path | None, typer.Argument(help="JSON or JSON Lines of events; - for standard input.", allow_dash=True, show_default=False)
    ] = None,
    *,
    document: Annotated[
        list[str] | None, typer.Option("--document", "-d", help="Document that reports the event (repeatable).", show_default=False)
    ] = None,
    task: Annotated[
        str | None,
        typer.Option("--task", help="Task that you have: reports its document, and is held apart if that is coded blind.", show_default=False),
    ] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="Any column as NAME=VALUE (repeatable).", show_default=False)] = None,
    open_: Annotated[bool, typer.Option("--open", help="Store it open although rules are broken or values are missing.")] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Remark kept with the act.", show_default=False)] = None,
    keep_going: KeepGoingOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
    **columns: str | None,
) -> None:
    """Add an event by options, JSON or prompts.

    With options: eventcoder add --date 2026-05-03 --type 'Peaceful protest' --actor1 'Protesters (Iran)' --country Iran ...
    With JSON: one object, an array, or one object a line; keys are the columns, and 'documents', 'evidence', 'counts', 'reason'.
    With neither, on a terminal: a form with completion. Derived columns (year, event type, interaction, region ...) are filled.
    """
    opened = open_project(project)
    with Desk(opened, coder=coder_name(opened, coder)) as desk:
        given = {name: value for name, value in columns.items() if value is not None}
        given.update(assignments(set_ or []))
        if task is not None:
            from eventcoder.team.tasks.claiming import the_current

            mine = the_current(desk, task)
            desk.at_hand = mine.task
            document = list(dict.fromkeys([*(document or []), mine.document]))
        if file is not None:
            if given:
                raise UsageError("Give either a file of events or options for one event, not both.")
            _add_from(desk, file, document or [], allow_open=open_, keep_going=keep_going, as_json=json_)
            return
        if not given:
            if not sys.stdin.isatty():
                raise UsageError("No event was given.", "Give options, or a file of JSON Lines ('-' for standard input).")
            from eventcoder.cli.form import ask_event

            filled = ask_event(desk, documents=document or [])
            if filled is None:
                note("Nothing was stored.")
                raise typer.Exit(1)
            new = filled
        else:
            _take_scale(desk, given, document or [])
            new = NewEvent(given, reports=document or [], reason=reason)
        if _is_duplicate(desk, new, as_json=json_):
            return
        if given:
            outcome = desk.add(new, allow_open=open_)
            _answer(outcome, as_json=json_)
            _tell_seen(desk, new.reports, outcome)
            return
        from eventcoder.cli.form import store_event

        filled_in = store_event(desk, new, allow_open=open_)
        if filled_in is None:
            note("Nothing was stored.")
            raise typer.Exit(1)
        _answer(filled_in, as_json=json_)
        _tell_seen(desk, new.reports, filled_in)


_signature = inspect.signature(_add)
_fixed = [p for p in _signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
_hints = inspect.get_annotations(_add, eval_str=True)
add = _add
add.__signature__ = _signature.replace(  # type: ignore[attr-defined]
    parameters=[p.replace(annotation=_hints[p.name]) for p in _fixed] + column_parameters(), return_annotation=None
)
add.__annotations__ = {**{p.name: _hints[p.name] for p in _fixed}, **{p.name: p.annotation for p in column_parameters()}}


def assignments(pairs: list[str], option: str = "--set") -> dict[str, str]:
    """`NAME=VALUE` values of an option as a dict. Raises `UsageError` for one without '='."""
    out = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{option} {pair!r} is not NAME=VALUE.", f"For example {option} fatalities=3; an empty value clears the column.")
        out[name.strip()] = value
    return out


def _take_scale(desk: Desk, given: dict[str, str], documents: list[str]) -> None:
    """Until a lead decides about a paper, an event of its one report takes the scale that was proposed, as in `review`; said so."""
    from eventcoder.cli.form import proposed_scale

    if len(documents) == 1 and not {"source", "source_scale"} & given.keys() and (scale := proposed_scale(desk, documents[0])):
        given["source_scale"] = scale
        note(f"note: source_scale {scale}: as it was proposed, until a lead decides about the publisher.")


def _tell_seen(desk: Desk, documents: Sequence[str], outcome: Outcome) -> None:
    """Say where a lead's or reviewer's own event is seen by those who still code its document apart."""
    from eventcoder.coding.apart import blind_tasks

    for document in map(desk.find_document, documents) if outcome.state != "held" else ():
        waiting = [task for task in blind_tasks(desk, document) if task.state != "done"]
        coders = sorted({name for task in waiting if (name := task.holder or task.assigned_for)})
        if coders:
            note(
                f"note: {' and '.join(coders)} still code {document} apart and see this event from now on. Not meant so? "
                f"eventcoder retract {outcome.event_id} --reason TEXT"
            )


def _answer(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        emit({"event_id": outcome.event_id, "revision": outcome.revision})
    else:
        say(f"{outcome.event_id}  {state_told(outcome.state, outcome.problems)}")
    show_problems(outcome.problems)


def _is_duplicate(desk: Desk, new: NewEvent, *, as_json: bool) -> bool:
    """Show events that may be the same. On a terminal the coder may attach the documents to one of them instead; True if so."""
    from eventcoder.cli.twins import likely_twins, offer_attach

    reports = [desk.find_document(d) for d in new.reports]
    twins = likely_twins(desk, desk.prepare(new.raw, reports=reports).values, documents=reports)
    if not twins:
        return False
    if sys.stdin.isatty() and sys.stdout.isatty() and new.reports:
        outcome = offer_attach(desk, new, twins)
        if outcome is not None:
            _answer(outcome, as_json=as_json)
            return True
        return False
    for twin in twins:
        note(f"note: may be the same as {twin.event_id} ({twin.score:.2f}: {', '.join(twin.reasons)}). If it is: eventcoder merge.")
    return False


def _add_from(desk: Desk, file: Path, documents: list[str], *, allow_open: bool, keep_going: bool, as_json: bool) -> None:
    def with_documents(item: NewEvent) -> NewEvent:
        return replace(item, reports=list(dict.fromkeys([*item.reports, *documents]))) if documents else item

    if keep_going:
        failed = False
        for item in read_events(file, lenient=True):
            if isinstance(item, Problem):
                show_problems([item])
                failed = True
                continue
            try:
                _answer(desk.add(with_documents(item), allow_open=allow_open), as_json=as_json)
            except Refused as error:
                show_problems(error.problems)
                failed = True
        if failed:
            note("Some events were not stored; the messages above say which and why.")
            raise typer.Exit(1)
        return
    news = [with_documents(item) for item in read_events(file) if isinstance(item, NewEvent)]
    if not news:
        raise InputError(f"{_name(file)} holds no event.", "Give one JSON object a line, or an array of objects.")
    for outcome in desk.add_many(news, allow_open=allow_open):
        _answer(outcome, as_json=as_json)


def read_events(file: Path, *, lenient: bool = False) -> Iterator[NewEvent | Problem]:
    """Events of a JSON or JSON Lines file; with `lenient` an unreadable line is yielded as a problem instead of ending the reading.

    Raises `InputError` for what cannot be read at all, `Refused` for lines that are not events.
    """
    bad: list[Problem] = []
    for number, item in _items(file, lenient):
        where = f"{_name(file)}, {number}"
        problem = item if isinstance(item, Problem) else None
        if problem is None and not isinstance(item, dict):
            problem = Problem("not-an-object", f"expected an object of columns, found {type(item).__name__}.", where=where)
        if problem is not None:
            if lenient:
                yield problem
            bad.append(problem)
            continue
        raw = dict(item)
        support = {k: raw.pop(k, None) for k in ("documents", "evidence", "counts", "draft", "reason")}
        yield NewEvent(
            raw,
            reports=support["documents"] or [],
            evidence=support["evidence"] or {},
            counts=support["counts"] or [],
            draft=support["draft"],
            reason=support["reason"],
            where=where,
        )
    if bad and not lenient:
        raise Refused(f"{len(bad)} line(s) could not be read; nothing was stored.", "Mend them, or use --keep-going.", bad)


def _name(file: Path) -> str:
    return "standard input" if str(file) == "-" else file.name


def _items(file: Path, lenient: bool) -> Iterator[tuple[str, Any]]:
    if str(file) == "-":
        stream = sys.stdin.buffer
    else:
        try:
            stream = file.open("rb")
        except OSError as error:
            raise InputError(f"{file} cannot be read: {error.strerror}.", "Check the path.") from None
    number = 0
    try:
        for line in stream:
            number += 1
            try:
                text = _decoded(line, number, file)
            except InputError as error:
                if not lenient:
                    raise
                yield f"line {number}", Problem("not-json", error.message, where=f"{_name(file)}, line {number}")
                continue
            if not text.strip():
                continue
            if number == 1 and text.lstrip()[:1] == "[":
                yield from _array(text + "".join(_decoded(more, number, file) for more in stream), file)
                return
            try:
                yield f"line {number}", _parsed(text)
            except ValueError as error:
                if number == 1 and text.lstrip()[:1] == "{" and (not lenient or text.rstrip()[-1:] in ("{", ",", "[")):
                    # one object over many lines, as programs and people lay it out
                    yield "object 1", _object(text + "".join(_decoded(more, number, file) for more in stream), file)
                    return
                yield f"line {number}", Problem("not-json", f"this is not a JSON object: {error}.", where=f"{_name(file)}, line {number}")
    finally:
        if stream is not sys.stdin.buffer:
            stream.close()


def _decoded(line: bytes, number: int, file: Path) -> str:
    if b"\0" in line:
        raise InputError(f"{_name(file)}, line {number}: a NUL byte; this is not a text file.", "Give JSON in UTF-8.")
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{_name(file)}, line {number}, byte {error.start + 1}: not UTF-8.", "Save the file as UTF-8.") from None
    if len(text) > LARGEST_LINE * 2:
        raise InputError(f"{_name(file)}, line {number}: longer than {LARGEST_LINE * 2:,} characters.", "Is this the right file?")
    return text


def _parsed(text: str) -> Any:
    """JSON as a value. Raises ValueError also for what is nested too deeply, and for an object that names a column twice."""
    import json

    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}" if "\n" in text.strip() else f"column {error.colno}"
        raise ValueError(f"{error.msg} ({place})") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a column named twice only the last would count, unseen."""
    out = dict(pairs)
    if len(out) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)!r} stands twice")
    return out


def _object(text: str, file: Path) -> Any:
    try:
        return _parsed(text)
    except ValueError as error:
        raise InputError(f"{_name(file)} is not JSON: {error}.", "Give one object a line, or an array.") from None


def _array(text: str, file: Path) -> Iterator[tuple[str, Any]]:
    try:
        items = _parsed(text)
    except ValueError as error:
        raise InputError(f"{_name(file)} is not JSON: {error}.", "Give one object a line, or an array of objects.") from None
    for number, item in enumerate(items, 1):
        yield f"object {number}", item
