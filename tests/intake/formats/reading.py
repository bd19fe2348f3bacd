"""How the tests of formats write files and read them back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from eventcoder.intake.formats import Fault, Sheet, open_sheet

Cells = Sequence[Any]
HEADER = ("event_id_cnty", "event_date", "country", "location", "notes", "fatalities", "source", "source_scale", "tags")


def event(number: int = 1, notes: str = "Bakers gathered over the price of flour.", **changes: str) -> list[str]:
    """A row under `HEADER`."""
    row = {
        "event_id_cnty": f"IRN{9000 + number}", "event_date": f"2025-05-{1 + number % 28:02}", "country": "Iran", "location": "Shiraz",
        "notes": notes, "fatalities": "0", "source": "Alburia Courier", "source_scale": "National", "tags": "",
    }  # fmt: skip
    return list({**row, **changes}.values())


def csv_of(rows: Iterable[Cells], header: Cells = HEADER, **how: Any) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, **{"lineterminator": "\n", **how}).writerows([header, *rows])
    return out.getvalue()


def read(sheet: Sheet, size: int = 10_000) -> tuple[list[tuple[int, list[Any]]], list[Fault]]:
    """All rows with their lines, and all faults; nothing may be said twice or out of order."""
    rows: list[tuple[int, list[Any]]] = []
    faults: list[Fault] = []
    for piece in sheet.pieces(size):
        assert len(piece.lines) == len(piece.rows) and len(piece.rows) <= size
        rows += [(line, list(cells)) for line, cells in zip(piece.lines, piece.rows, strict=True)]
        faults += piece.faults
    assert all(len(cells) == len(sheet.columns) for _, cells in rows)
    places = [line for line, _ in rows] + [fault.line for fault in faults]
    assert len(places) == len(set(places))
    assert [line for line, _ in rows] == sorted(line for line, _ in rows)
    assert all(fault.problem.where and str(fault.line) in fault.problem.where for fault in faults)
    return rows, faults


def read_file(path: Path, **how: Any) -> tuple[Sheet, list[list[Any]], list[Fault]]:
    with open_sheet(path, **how) as sheet:
        rows, faults = read(sheet)
    return sheet, [cells for _, cells in rows], faults


def put(folder: Path, content: str | bytes, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def codes(faults: Iterable[Fault]) -> list[tuple[int, str]]:
    return [(fault.line, fault.problem.code) for fault in faults]
