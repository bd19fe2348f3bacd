"""The rejects file: rows that were not taken, with their line numbers and problems, in a form that can be mended and imported again. Floor 5.

`<input>.rejects.csv` beside the input, or in the project's state folder where that cannot be written. Columns: `_line`, `_problems`, those of
the input, `_extra` or `_raw` for what had no column. A file of that name with other content is never overwritten (somebody may be mending it):
the next number is taken.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from eventcoder.errors import ProjectError
from eventcoder.intake.source import OWN, SourceRow
from eventcoder.problem import Problem

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def write_rejects(
    path: Path, state_dir: Path, columns: Sequence[str], rejected: Iterable[tuple[SourceRow, Sequence[Problem]]], *, quoted: bool
) -> Path:
    """Write the rejected rows of `path` and return where. `quoted`: the input is CSV, whose cells are written as they stood."""
    rows = list(rejected)
    extra = sorted({name for row, _ in rows for name in row.raw if name.startswith(OWN)})
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([OWN + "line", OWN + "problems", *columns, *extra])
    for row, problems in rows:
        said = " | ".join(dict.fromkeys(f"{p.code}: {p.message}" for p in problems))
        writer.writerow([row.line, said, *(_cell(row.raw.get(name), quoted) for name in (*columns, *extra))])
    data = out.getvalue().encode("utf-8", "replace")
    for folder in (path.resolve().parent, state_dir):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _write(folder, path.name, data)
        except OSError:
            continue  # a read-only source folder is normal; the state folder comes next
    said = f"The rejected rows of {path.name} could not be written beside it nor into {state_dir}."
    raise ProjectError(said, "Check permissions and the space left.")


def _write(folder: Path, name: str, data: bytes) -> Path:
    number = 1
    while True:
        target = folder / (f"{name}.rejects.csv" if number == 1 else f"{name}.rejects-{number}.csv")
        try:
            with target.open("xb") as out:
                out.write(data)
            return target
        except FileExistsError:
            if target.is_file() and target.read_bytes() == data:
                return target
            number += 1


def _cell(value: Any, quoted: bool) -> str:
    if value is None:
        return ""
    if quoted and isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        value = "; ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
