"""The Excel workbook for coders who type in Excel, derived from the codebook; `import` reads it back. Floor 5.

    events   to be filled in: one column a thing that a coder enters, with drop-downs, checks, notes; header in row 1, rows below
    lists    the codes with label and definition
    guide    how to fill it in, and what happens at import
    codes    hidden: the ranges of the drop-downs (`ranges` says how they lie)

The same project, codebook, events and time give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from eventcoder.clock import latest_today, stamp
from eventcoder.codebook import Codebook
from eventcoder.intake.template.examples import last_events
from eventcoder.intake.template.fields import fields_of
from eventcoder.project import Project

__all__ = ["DEFAULT_ROWS", "MOST_ROWS", "Written", "fields_of", "last_events", "write_template"]

DEFAULT_ROWS = 1000
MOST_ROWS = 1_000_000  # an Excel sheet ends at row 1,048,576


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the header, the prepared empty rows, and the events of the ledger above them."""

    path: Path
    columns: tuple[str, ...]
    rows: int
    examples: int


def write_template(
    project: Project,
    codebook: Codebook,
    path: Path,
    *,
    moment: datetime,
    coder: str | None = None,
    examples: Sequence[Mapping[str, Any]] = (),
    rows: int = DEFAULT_ROWS,
    force: bool = False,
) -> Written:
    """Write the workbook to `path`. `examples` are values of events by column name (as `last_events` gives them), `coder` is who asked for it.

    Raises `UsageError` for a name or folder that cannot be, `Refused` if the file exists and `force` is not given, `ProjectError` if it cannot
    be written. Nothing is left behind then, and a file that was there is untouched.
    """
    from openpyxl import Workbook

    from eventcoder.intake.template import cells, guide, packing, ranges, sheets

    packing.refuse_target(path, force=force)
    fields = fields_of(codebook)
    workbook = Workbook()
    events = workbook.active
    events.title = sheets.EVENTS
    lists, page, hidden = (workbook.create_sheet(name) for name in (sheets.LISTS, guide.SHEET, ranges.SHEET))
    offered = ranges.write_ranges(hidden, codebook, fields, day=latest_today(moment), countries=project.settings.countries)
    sheets.write_events(events, codebook, fields, offered, examples=examples, rows=rows)
    sheets.write_lists(lists, codebook, fields)
    guide.write_guide(
        page,
        fields,
        project=f"{project.settings.title} ({project.settings.id})",
        codebook=f"{codebook.title} ({codebook.id} {codebook.version})",
        made=f"{stamp(moment)} (UTC){f' for {coder}' if coder else ''} by 'eventcoder template'",
        rows=rows,
        known=len(examples),
    )
    workbook.properties.creator = "eventcoder"
    workbook.properties.title = cells.plain(f"{project.settings.title}: workbook for coders")
    workbook.calculation.fullCalcOnLoad = False  # no cell has a formula; else Excel asks to save what nobody changed
    packing.write_aside(path, packing.packed(workbook, moment))
    return Written(path, tuple(field.name for field in fields), rows, len(examples))
