"""A file of events -> numbered rows of raw cells. Floor 5.

CSV (any of `,` `;` TAB `|`), JSON Lines (one object a line) and JSON (a list of objects). A leading apostrophe that an exporter put before a
text which a spreadsheet would run as a formula is taken away again (in CSV only); columns whose names begin with `_` are those of our own rejects
files and are read over, so that a mended rejects file can be imported as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventcoder.documents.delimited import BadTable, Table, read_table
from eventcoder.documents.encoding import Undecodable, decode
from eventcoder.errors import InputError
from eventcoder.problem import Problem
from eventcoder.text import file_name

_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
OWN = "_"  # first character of the columns of a rejects file that are not the event's


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its line in the file, its cells by header name (as they are to be read), and as they stand; `fault` if it has no cells to be read."""

    line: int
    cells: Mapping[str, Any]
    raw: Mapping[str, Any]
    fault: Problem | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read. `columns` in the order of the file (of first appearance in JSON Lines); `notes` are warnings about the whole."""

    name: str
    sha256: str
    columns: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    notes: tuple[Problem, ...]


def read_source(path: Path) -> Source:
    """Read a table of events. Raises `InputError` for what cannot be read at all (missing, empty, binary, no header)."""
    name = file_name(path.name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Give the path of a CSV or JSON Lines file.") from None
    try:
        decoded = decode(data)
    except Undecodable as error:
        raise InputError(f"{name} cannot be read as a table: {error}.", "Save it as CSV in UTF-8 (or as JSON Lines).") from None
    told = dict.fromkeys((*decoded.warnings, *decoded.repairs, *([decoded.garbled] if decoded.garbled else [])))
    notes = tuple(Problem("table-encoding", f"{name}: {said}.", "warning", where=name) for said in told)
    text = decoded.text.removeprefix("\ufeff")
    digest = hashlib.sha256(data).hexdigest()
    start = text.lstrip()[:1]
    try:
        if path.suffix.lower() in (".jsonl", ".ndjson", ".json") or start in ("{", "["):
            columns, rows = _json(text, name)
        else:
            columns, rows = _csv(read_table(text), name)
    except BadTable as error:
        raise InputError(f"{name} cannot be read as a table: {error}.", "Check that the first line names the columns.") from None
    return Source(name, digest, columns, rows, notes)


def restore(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from running it."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def _csv(table: Table, name: str) -> tuple[tuple[str, ...], tuple[SourceRow, ...]]:
    columns = tuple(c for c in table.header if not c.startswith(OWN))
    rows: list[SourceRow] = []
    for row in table.rows:
        raw: dict[str, Any] = dict(zip(table.header, row.cells, strict=False))
        raw = {c: v for c, v in raw.items() if not c.startswith(OWN)}
        fault = None
        if row.fault is not None:
            if len(row.cells) > len(table.header):
                raw[OWN + "extra"] = table.delimiter.join(row.cells[len(table.header) :])
            said = f"the row has {len(row.cells)} cells where the header has {len(table.header)}."
            said += " The file seems to be cut off here." if row.fault == "row-truncated" else " Check its quotes and separators."
            fault = Problem(row.fault, said, where=_where(name, row.line))
        restored = {c: r for c, v in raw.items() if (r := restore(v)) is not v}
        cells = {**raw, **restored} if restored else raw  # one dictionary a row where nothing differs: files have millions of rows
        rows.append(SourceRow(row.line, {} if fault else cells, raw, fault))
    if table.broken is not None:
        line, why = table.broken
        cut = "never closed" in why
        said = f"{why}. Nothing after this line was read{'; the file seems to be cut off' if cut else ''}."
        rows.append(SourceRow(line, {}, {}, Problem("row-truncated" if cut else "bad-quoting", said, where=_where(name, line))))
    return columns, tuple(rows)


def _json(text: str, name: str) -> tuple[tuple[str, ...], tuple[SourceRow, ...]]:
    items: list[tuple[int, Any]] = []
    if text.lstrip().startswith("["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadTable(f"it is not JSON ({error})") from None
        items = list(enumerate(value, 1))
    else:
        lines = text.split("\n")
        last = max(n for n, line in enumerate(lines, 1) if line.strip())
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    items.append((number, json.loads(line)))
                except (ValueError, RecursionError) as error:
                    code = "row-truncated" if number == last and not text.endswith("\n") else "not-json"
                    items.append((number, Problem(code, f"the line is not JSON ({error}).", value=line[:200], where=_where(name, number))))
    columns: dict[str, None] = {}
    rows: list[SourceRow] = []
    for number, item in items:
        if isinstance(item, Problem):
            rows.append(SourceRow(number, {}, {OWN + "raw": item.value}, item))
        elif not isinstance(item, dict):
            fault = Problem("not-an-object", f"the row is {type(item).__name__}, not an object of columns and values.", where=_where(name, number))
            rows.append(SourceRow(number, {}, {OWN + "raw": json.dumps(item, ensure_ascii=False)}, fault))
        else:
            cells = {k: v for k, v in item.items() if not k.startswith(OWN)}
            columns.update(dict.fromkeys(cells))
            rows.append(SourceRow(number, cells, cells))
    return tuple(columns), tuple(rows)


def _where(name: str, line: int) -> str:
    return f"{name}, line {line}"
