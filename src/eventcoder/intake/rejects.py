"""The rejects file: rows that were not taken, with their line numbers and problems, in a form that can be mended and imported again. Floor 5.

`<input>.rejects.csv` beside the input, or in the project's state folder where that cannot be written. Columns: `_line`, `_problems`, those of
the input, `_extra` or `_raw` for what had no column. A file of that name with other content is never overwritten (somebody may be mending it):
the next number is taken. Rows are written aside as they come: a file of which every row is wrong must not fill the memory.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from eventcoder.errors import ProjectError
from eventcoder.intake.account import Account
from eventcoder.problem import Problem

OWN = "_"  # first character of the columns of a rejects file that are not the event's
NO_EVENT = "not-an-event"
HELD = 20_000  # rows that are put in order before they are written
_EXTRA = (OWN + "extra", OWN + "raw")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class Rejects:
    """Rejected rows of one input. Each is counted and its problems are told as it is added."""

    def __init__(self, columns: Sequence[str], *, typed: bool, account: Account) -> None:
        """`typed`: cells are values, not the texts of a CSV, which are written as they stood."""
        self._columns = tuple(columns)
        self._typed = typed
        self._account = account
        self._held: list[tuple[int, list[str]]] = []
        self._aside: Any = None

    def add(self, line: int, cells: Sequence[Any], problems: Sequence[Problem]) -> None:
        """A row that was read into cells."""
        self._take(line, [self._cell(cell) for cell in cells], ["", ""], problems)

    def add_raw(self, line: int, raw: Mapping[str, Any], problem: Problem) -> None:
        """A row that could not be: what is there of it, by column."""
        cells = [self._cell(raw.get(name)) for name in self._columns]
        self._take(line, cells, [self._cell(raw.get(name)) for name in _EXTRA], [problem])

    def _take(self, line: int, cells: list[str], extra: list[str], problems: Sequence[Problem]) -> None:
        self._account.rejected += 1
        self._account.no_events += all(p.code == NO_EVENT for p in problems)
        self._account.tell(problems)
        said = " | ".join(dict.fromkeys(f"{p.code}: {p.message}" for p in problems))
        self._held.append((line, [str(line), said, *cells, *extra]))
        if len(self._held) >= HELD:
            self._flush()

    def _flush(self) -> None:
        if self._aside is None:
            self._aside = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace", newline="")  # noqa: SIM115 - closed by `write` or `close`
            csv.writer(self._aside, lineterminator="\n").writerow([OWN + "line", OWN + "problems", *self._columns, *_EXTRA])
        csv.writer(self._aside, lineterminator="\n").writerows(row for _, row in sorted(self._held, key=lambda held: held[0]))
        self._held.clear()

    def write(self, name: str, folders: Sequence[Path]) -> Path | None:
        """Write the file into the first folder that takes it, and say where; None if nothing was rejected. Raises `ProjectError` if none does."""
        if not self._held and self._aside is None:
            return None
        self._flush()
        for folder in folders:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                return self._place(folder, name)
            except OSError:
                continue  # a read-only source folder is normal; the state folder comes next
        said = f"The rejected rows of {name} could not be written into {' nor '.join(map(str, folders))}."
        raise ProjectError(said, "Check permissions and the space left.")

    def _place(self, folder: Path, name: str) -> Path:
        number = 1
        while True:
            target = folder / (f"{name}.rejects.csv" if number == 1 else f"{name}.rejects-{number}.csv")
            self._aside.seek(0)
            try:
                with target.open("x", encoding="utf-8", errors="replace", newline="") as out:
                    try:
                        shutil.copyfileobj(self._aside, out)
                    except OSError:
                        target.unlink(missing_ok=True)  # half a file would be taken for the whole
                        raise
                return target
            except FileExistsError:
                if target.is_file() and self._equals(target):
                    return target
                number += 1

    def _equals(self, target: Path) -> bool:
        with target.open(encoding="utf-8", errors="replace", newline="") as other:
            self._aside.seek(0)
            while True:
                mine, theirs = self._aside.read(1 << 16), other.read(1 << 16)
                if mine != theirs:
                    return False
                if not mine:
                    return True

    def close(self) -> None:
        """Remove what was put aside."""
        if self._aside is not None:
            self._aside.close()
            self._aside = None
        self._held.clear()

    def _cell(self, value: Any) -> str:
        if value is None:
            return ""
        if not self._typed and isinstance(value, str):
            return value
        if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
            value = "; ".join(value)
        if isinstance(value, datetime) and (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0):
            value = value.date()
        if isinstance(value, datetime | date):
            value = value.isoformat()
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
