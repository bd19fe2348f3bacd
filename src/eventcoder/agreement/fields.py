"""Which columns are measured, and how: `schema/team/agreement.csv` of the project, else the packaged one. Floor 5."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventcoder.agreement.metrics import METRICS, readable
from eventcoder.errors import CodebookError, InputError
from eventcoder.project import packaged_schema

FILE = Path("team") / "agreement.csv"
NOT_MEASURED = "none"
MISSING, VALUE = "missing", "value"
WITH_ABSENT = ("nominal", "sets")  # metrics that know how far an empty cell lies from any value: all the way
POINT = ("latitude", "longitude")  # what `kilometres` reads of a row


def unit_apart(metric: str, column: str) -> str:
    """The unit of the mean distance between two coders' values, with a space before it: " km", " days", or "" for plain numbers."""
    if metric == "kilometres":
        return " km"
    return " days" if metric == "interval" and "date" in column.split("_") else ""


@dataclass(frozen=True, slots=True)
class Field:
    """How one column is compared. `tolerance` and `window` are in days, kilometres or numbers; `level` is the alpha that the team wants."""

    column: str
    metric: str
    absent: str = "missing"
    tolerance: float = 0.0
    window: float | None = None
    level: float | None = None
    why: str = ""

    def raw(self, events: Iterable[Mapping[str, Any]]) -> list[Any]:
        """What each event holds of it, in a form that can be a key."""
        if self.metric == "kilometres":
            return [(values.get(POINT[0]), values.get(POINT[1])) for values in events]
        found = [values.get(self.column) for values in events]
        return [tuple(one) if type(one) is list else one for one in found] if list in set(map(type, found)) else found

    def read(self, raw: Any) -> Any:
        """A raw value in the form that its metric compares; None where it is absent or cannot be read (a value of another type is no code)."""
        if self.metric == "kilometres" and None in raw:
            return None
        try:
            return readable(raw, self.metric)
        except InputError:
            return None


@dataclass(frozen=True, slots=True)
class Fields:
    """The measured columns in the order of the table, and the columns that are left out on purpose with the reason."""

    measured: tuple[Field, ...]
    left_out: Mapping[str, str]

    def of(self, column: str) -> Field | None:
        return next((one for one in self.measured if one.column == column), None)

    @property
    def days(self) -> float:
        """The window of event finding in days."""
        found = self.of("event_date")
        return 7.0 if found is None or found.window is None else found.window

    @property
    def km(self) -> float:
        """The window of event finding in kilometres."""
        found = self.of("location")
        return 50.0 if found is None or found.window is None else found.window


def read_fields(schema_dir: Path) -> Fields:
    """The table of a project. Raises `CodebookError`, naming file and line, for what cannot be read or means nothing."""
    path = schema_dir / FILE
    path = path if path.is_file() else packaged_schema() / FILE
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            lines = [(at, line) for at, line in enumerate(stream, 1) if line.strip() and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as error:
        raise CodebookError(f"{path} cannot be read: {error}.", "It is a CSV file in UTF-8; compare it with the packaged one.") from None
    rows = csv.DictReader(line for _, line in lines)
    wanted = {"column", "metric", "absent", "tolerance", "window", "level", "why"}
    if lacking := wanted - set(rows.fieldnames or ()):
        raise CodebookError(f"{path} lacks the columns {', '.join(sorted(lacking))}.", "Compare it with the packaged file.")
    measured: dict[str, Field] = {}
    left_out: dict[str, str] = {}
    for (at, _), row in zip(lines[1:], rows, strict=False):
        one = _field(f"{path}, line {at}", {name: (row[name] or "").strip() for name in wanted})
        if one.column in measured or one.column in left_out:
            raise CodebookError(f"{path}, line {at}: column {one.column!r} stands there twice.", "One column has one metric.")
        if one.metric == NOT_MEASURED:
            left_out[one.column] = one.why
        else:
            measured[one.column] = one
    return Fields(tuple(measured.values()), left_out)


def _field(where: str, row: Mapping[str, str]) -> Field:
    if row["metric"] not in (*METRICS, NOT_MEASURED):
        raise CodebookError(f"{where}: {row['metric']!r} is no metric.", f"There are {', '.join((*METRICS, NOT_MEASURED))}.")
    if not row["column"] or not row["why"]:
        raise CodebookError(f"{where}: a row needs a column and a reason (why).", "The reason is read by whoever has to trust the figure.")
    if row["metric"] != NOT_MEASURED and row["absent"] not in (MISSING, VALUE):
        raise CodebookError(f"{where}: absent is {row['absent']!r}.", "It says what an empty cell is: missing or value.")
    if row["absent"] == VALUE and row["metric"] not in WITH_ABSENT:
        raise CodebookError(f"{where}: an empty cell has no distance from a value on the metric {row['metric']}.", "Set absent to missing.")
    numbers = {name: _number(where, name, row[name]) for name in ("tolerance", "window", "level")}
    return Field(
        row["column"], row["metric"], VALUE if row["absent"] == VALUE else MISSING, numbers["tolerance"] or 0.0, numbers["window"],
        numbers["level"], row["why"],
    )  # fmt: skip


def _number(where: str, name: str, text: str) -> float | None:
    try:
        found = float(text) if text else None
    except ValueError:
        found = -1.0
    if found is not None and not 0 <= found < float("inf"):
        raise CodebookError(f"{where}: {name} is {text!r}.", "It is a number from 0 on, or empty.")
    return found


def unnamed(fields: Fields, columns: Iterable[str]) -> list[str]:
    """Columns that a coder fills in and that the table says nothing of."""
    known = {one.column for one in fields.measured} | set(fields.left_out)
    return [name for name in columns if name not in known]
