"""`feedback`: where coders were overruled and why, and what is taken for what. Floor 8."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, table, terminal_width
from eventcoder.cli.sidebyside import text_of
from eventcoder.errors import InputError, UsageError
from eventcoder.project import coder_name, open_project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventcoder.team.adjudication.feedback import Correction

CsvOption = Annotated[
    Path | None, typer.Option("--csv", help="Write a table for a spreadsheet to this file (- for standard output) instead.", show_default=False)
]
FORMULA = re.compile(r"'*[=+\-@\t\r]")  # a spreadsheet would run such a cell


def feedback(
    of: Annotated[
        str | None, typer.Option("--of", help="Whose; reviewers and leads only. Else your own, or everybody's.", show_default=False)
    ] = None,
    round_: Annotated[str | None, typer.Option("--round", help="Only items of this round.", show_default=False)] = None,
    confusion: Annotated[bool, typer.Option("--confusion", help="Count instead what was taken for what.")] = False,
    field: Annotated[
        str | None, typer.Option("--field", help="Only this column; with --confusion coded against adjudicated.", show_default=False)
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="With --confusion: coder, or code (with its definition).", show_default=False)] = None,
    planted: Annotated[
        bool, typer.Option("--planted", help="Count instead what coders did with drafts that were made wrong; your own once adjudicated.")
    ] = False,
    csv_: CsvOption = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Where adjudication decided otherwise than you: the field, both values, the words of the text, the class of error and the reason.

    In a team with roles coders read their own, reviewers and leads everybody's. --confusion is for those who mend the codebook and train coders:
    --by code lists the codes that are most often corrected, with their definitions.
    """
    from eventcoder.team.adjudication.confusion import By
    from eventcoder.team.adjudication.confusion import confusion as counted
    from eventcoder.team.adjudication.feedback import corrections, demand_lead, whose
    from eventcoder.team.known import known_coder, known_round

    if by is not None and (not confusion or by not in ("coder", "code")):
        raise UsageError(f"--by {by} means nothing here.", "With --confusion: --by coder, or --by code.")
    if planted and (confusion or field):
        raise UsageError("--planted stands alone, or with --round and --of.", "Leave the others out.")
    if csv_ is not None and json_:
        raise UsageError("--csv and --json exclude each other.", "Choose one of them.")
    with reading_desk(project) as desk:
        from eventcoder.ledger.people.roster import roster

        registered = desk.has_ledger and not roster(desk.ledger).empty
        if registered or coder:
            desk.coder = coder_name(open_project(project), coder)
        known_coder(desk, of, "--of")
        known_round(desk, round_, blind=True)
        if planted:
            from eventcoder.team.tasks.planting import planted_counts

            mine, own = whose(desk, of), whose(desk, None)  # reviewers and leads see all at once
            rows = [r for r in planted_counts(desk, round=round_, coder=own) if mine in (None, r["coder"])] if desk.has_ledger else []
            nobody = "No task with a planted draft was handed in ('eventcoder assign --plant')."
            none = "No planted draft of yours was adjudicated." if own else nobody
            _rows(rows, csv_, json_, none)
            return
        if confusion:
            demand_lead(desk)
            rows = counted(desk, field=field, by=cast("By | None", by), round=round_)
            _rows(rows, csv_, json_)
            return
        if field:
            desk.codebook.column(field)
        mine = whose(desk, of if of is not None or registered else coder)
        found = [c for c in corrections(desk, coder=mine, round=round_) if field in (None, c.field)]
        if csv_ is not None or json_:
            _rows([c.as_json() for c in found], csv_, json_)
        else:
            _say(found, mine)


def _rows(rows: Sequence[dict[str, Any]], file: Path | None, as_json: bool, none: str = "Nothing was adjudicated yet.") -> None:
    """Rows of one form as JSON Lines, as a table for a spreadsheet, or for a person."""
    if as_json:
        for row in rows:
            emit(row)
        return
    names = list(rows[0]) if rows else []
    texts = [[" | ".join(v) if isinstance(v := row[name], list) else "" if v is None else str(v) for name in names] for row in rows]
    if file is not None:
        _write(file, [names, *texts])
        return
    for line in table(texts, names, width=terminal_width()) if rows else []:
        say(line)
    if not rows:
        note(none)


def _write(file: Path, rows: Sequence[Sequence[str]]) -> None:
    """Rows as CSV, what a spreadsheet would run with an apostrophe before it. Raises `InputError` for a file that cannot be written."""
    safe = [["'" + text if FORMULA.match(text) else text for text in row] for row in rows if row]
    if str(file) == "-":
        csv.writer(sys.stdout, lineterminator="\n").writerows(safe)
        return
    try:
        with file.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows(safe)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.", "Name another file.") from None
    note(f"{max(0, len(safe) - 1)} rows in {file}")


def _say(found: Sequence[Correction], mine: str | None) -> None:
    """Corrections for a person, those of one item together."""
    before = ""
    for c in found:
        if c.item != before:
            say(f"{c.item}{f'  round {c.round}' if c.round else ''}")
            before = c.item
        who = "" if mine else f"{c.coder}: "
        told = {
            "missed": f"did not see an event: {text_of(c.now)} ({c.event_id})",
            "no event": f"coded what is no event: {text_of(c.was)}",
            "planted": f"accepted a draft planted with a mistake: {c.field} {text_of(c.was)}, in the text {text_of(c.now)}",
        }.get(c.what, f"{c.field}: {text_of(c.was)} -> {text_of(c.now)}  ({c.event_id})")
        say(f"  {who}{told}")
        for name, quotes in (("you marked" if mine else "marked", c.quotes), ("the text", c.quotes_now)):
            for quote in quotes if name != "the text" or c.quotes_now != c.quotes else ():
                say(f"      {name}: {' '.join(quote.split())!r}")
        say(f"      {f'{c.error}: ' if c.error else ''}{c.reason}  ({c.by}, {c.time})")
    many = "1 correction" if len(found) == 1 else f"{len(found)} corrections"
    note(f"{many}." if found else f"Nothing of {mine or 'anybody'} was decided otherwise.")
