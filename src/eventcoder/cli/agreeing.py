"""`eventcoder agree`: how far coders agree, in the project's double codings or in any table. Floor 8."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, table, terminal_width
from eventcoder.cli.progress import working
from eventcoder.errors import UsageError
from eventcoder.team.following import day

if TYPE_CHECKING:
    from eventcoder.agreement.measuring import Agreement

CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV: a row a statistic.")]


def agree(
    table_: Annotated[
        Path | None, typer.Option("--table", help="Compare the coders of this CSV, Parquet, XLSX or JSON file instead.", show_default=False)
    ] = None,
    round_: Annotated[str | None, typer.Option("--round", help="Codings of this round only.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option("--since", help="Handed in on this day or later (YYYY-MM-DD).", show_default=False)] = None,
    until: Annotated[str | None, typer.Option("--until", help="Handed in on this day or earlier.", show_default=False)] = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Also by coder-pair, month (of coding), round or country; repeatable.", show_default=False)
    ] = None,
    window_days: Annotated[
        float | None, typer.Option("--window-days", help="Days by which two codings of one event may differ.", min=0, show_default="agreement.csv")
    ] = None,
    window_km: Annotated[
        float | None, typer.Option("--window-km", help="Kilometres by which they may differ.", min=0, show_default="agreement.csv")
    ] = None,
    bootstrap: Annotated[int, typer.Option("--bootstrap", help="Samples of documents for the intervals; 0 for none.", min=0, max=10_000)] = 200,
    unit: Annotated[str | None, typer.Option("--unit", help="--table: column that says what was coded.", show_default=False)] = None,
    coder: Annotated[str | None, typer.Option("--coder", help="--table: column of the coders' names.", show_default=False)] = None,
    value: Annotated[str | None, typer.Option("--value", help="--table: column of their values.", show_default=False)] = None,
    group: Annotated[
        str | None, typer.Option("--group", help="--table: column of units that are resampled together, such as the document.", show_default=False)
    ] = None,
    metric: Annotated[str, typer.Option("--metric", help="--table: nominal, ordinal, interval, ratio, log-ratio, kilometres or sets.")] = "nominal",
    missing: Annotated[
        list[str] | None, typer.Option("--missing", help="--table: a cell that is empty in other words, such as NA; repeatable.", show_default=False)
    ] = None,
    absent_as_value: Annotated[bool, typer.Option("--absent-as-value", help="--table: an empty cell is a value, not missing.")] = False,
    csv_: CsvOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """How far coders agree who coded the same documents apart from each other (blind tasks, as handed in, before adjudication).

    First whether they found the same events (F1), then each field on the events that both found: Krippendorff's alpha with the field's own metric
    (schema/team/agreement.csv), Cohen's and Fleiss' kappa, percent agreement, with intervals. A figure that does not exist says why.

    --table does the same for a table made elsewhere: a row a code (--unit, --coder, --value), or a row a unit and a column a coder.
    """
    if csv_ and json_:
        raise UsageError("--csv and --json exclude each other.", "Give one of them.")
    if table_ is None and (unit or coder or value or group or missing or absent_as_value or metric != "nominal"):
        raise UsageError("--unit, --coder, --value, --group, --metric and --missing speak of a table.", "Give it with --table FILE.")
    if table_ is not None:
        if round_ or since or until or window_days is not None or window_km is not None:
            raise UsageError("--round, --since, --until and the windows speak of the project's codings.", "Leave them out with --table.")
        _table(table_, {"unit": unit, "coder": coder, "value": value, "group": group, "missing": missing or ()}, metric, absent_as_value, by or [],
               bootstrap, csv_=csv_, json_=json_)  # fmt: skip
        return
    _project(project, round_, since, until, by or [], (window_days, window_km), bootstrap, csv_=csv_, json_=json_)


def _project(
    project: Path | None, round_: str | None, since: str | None, until: str | None, by: list[str], window: tuple[float | None, float | None],
    samples: int, *, csv_: bool, json_: bool,
) -> None:  # fmt: skip
    from eventcoder.agreement.choosing import PARTS
    from eventcoder.agreement.codings import measured
    from eventcoder.team.known import known_round

    for one in by:
        if one not in PARTS:
            raise UsageError(f"--by {one}: unknown.", f"Known: {', '.join(PARTS)}.")
    for name, text in (("--since", since), ("--until", until)):
        day(name, text)
    with reading_desk(project) as desk, working("Comparing ..."):
        known_round(desk, round_, blind=True)
        found = measured(desk, round=round_, since=since, until=until, by=by, days=window[0], km=window[1], samples=samples)
    if json_:
        emit(found.as_json())
    elif csv_:
        from eventcoder.agreement.printing import CSV_HEAD, csv_rows

        _csv(CSV_HEAD, csv_rows(found.agreement))
    elif not found.chosen.documents:
        note("No document has been coded by two coders and handed in by both. 'eventcoder assign --double SHARE' hands documents out twice.")
    else:
        from eventcoder.agreement.printing import heading

        for line in heading(found.agreement, found.chosen, found.plan):
            say(line)
        _show(found.agreement)
        for name, parts in found.agreement.parts.items():
            _parts(name, dict(parts))
        if found.unnamed:
            note(f"note: schema/team/agreement.csv does not say how to compare {', '.join(found.unnamed)}.")


def _show(found: Agreement) -> None:
    from eventcoder.agreement.printing import HEAD, finding, given, notes, rows

    say()
    for line in finding(found):
        say(line)
    say()
    for line in [*table(rows(given(found.fields)), HEAD, width=terminal_width()), *notes(found.fields)]:
        say(line)


def _parts(name: str, parts: dict[str, Agreement]) -> None:
    """One row a part: alphas of the fields that the team set a level for, where there are any."""
    from eventcoder.agreement.printing import number

    say(f"\nby {name}: F1, and alpha over the events that several found (all statistics: --csv or --json)")
    levels = [one.column for one in next(iter(parts.values())).fields if one.level is not None] if parts else []
    shown = [name for name in levels if any((f := part.of(name)) and f.alpha.value is not None for part in parts.values())]
    lines = [[part, f"{one.documents:,}", f"{one.shared:,}", number(one.f1.value),
              *(number(f.alpha.value if (f := one.of(c)) else None) for c in shown)]
             for part, one in parts.items()]  # fmt: skip
    for line in table(lines, [name, "documents", "events", "F1", *shown], width=None):
        say(line)


def _table(
    path: Path, shape: dict[str, Any], metric: str, absent_as_value: bool, by: list[str], samples: int, *, csv_: bool, json_: bool
) -> None:  # fmt: skip
    from eventcoder.agreement.fields import MISSING, VALUE, Field
    from eventcoder.agreement.metrics import METRICS
    from eventcoder.agreement.printing import CSV_HEAD, HEAD, field_rows, notes, rows, table_heading
    from eventcoder.agreement.table import Shape, agree_table

    if metric not in METRICS:
        raise UsageError(f"--metric {metric}: unknown.", f"Known: {', '.join(METRICS)}.")
    if set(by) - {"coder-pair"}:
        raise UsageError("A table can be parted by coder-pair only.", "Use --by coder-pair, or make a table for each part.")
    field = Field(shape["value"] or "value", metric, VALUE if absent_as_value else MISSING)
    found = agree_table(path, Shape(**shape), field, samples=samples, by_pair=bool(by))
    if json_:
        emit(found.as_json())
    elif csv_:
        lines = [*field_rows(found.found), *(row for name, one in found.pairs.items() for row in field_rows(one, "coder-pair", name))]
        _csv(CSV_HEAD, lines)
    else:
        say(table_heading(found))
        if not shape["unit"] and not shape["coder"]:
            note("Every column is taken for a coder. If one names the units, or the coders: --unit NAME, --coder NAME --value NAME.")
        shown = [rows((found.found,))[0], *([name, *rows((one,))[0][1:]] for name, one in found.pairs.items())]
        for line in [*table(shown, HEAD, width=terminal_width()), *notes((found.found, *found.pairs.values()))]:
            say(line)


def _csv(head: Any, lines: Any) -> None:
    from eventcoder.validation.reports.harmless import harmless

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(head)
    out.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in line] for line in lines)
