"""What adjudication goes by: `schema/team/adjudication.toml` and the classes of error, read and checked. Floor 5."""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventcoder.errors import CodebookError, UsageError
from eventcoder.project import packaged_schema

FOLDER = "team"
FILE = "adjudication.toml"
CLASSES = "error_classes.csv"
PARTS = ("words", "day", "place", "type", "actors")
BOUNDS = ("sure", "least", "days", "km")
_FORMS: dict[str, dict[str, type]] = {
    "weight": {"part": str, "value": float, "why": str},
    "bound": {"name": str, "value": float, "why": str},
    "together": {"lead": str, "columns": list, "why": str},
    "free": {"column": str, "why": str},
}


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """A class of error. `proposed_for` names the case in which it is offered first: "missed", or empty."""

    code: str
    label: str
    definition: str
    proposed_for: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """`weights` and `bounds` of the likeness of two codings (days, kilometres, scores from 0 to 1); `leads`: column -> the columns that it follows
    where they differ; `free`: columns that may differ without a disagreement; `classes` of error by code."""

    weights: dict[str, float]
    bounds: dict[str, float]
    leads: dict[str, tuple[str, ...]]
    free: frozenset[str]
    classes: dict[str, ErrorClass] = field(default_factory=dict)

    def error_class(self, text: str) -> str:
        """The code of a class of error that somebody typed: the code, its label or any beginning that fits one only. Raises `UsageError`."""
        typed = text.strip().casefold().replace("_", "-")
        found = [c.code for c in self.classes.values() if typed in (c.code, c.label.casefold())]
        found = found or [code for code in self.classes if typed and code.startswith(typed)]
        if len(found) != 1:
            raise UsageError(f"{text!r} is no class of error.", f"Known: {', '.join(self.classes)}.")
        return found[0]

    def proposed(self, case: str) -> str | None:
        """The class that is offered first in a case such as "missed"; None if no class says so."""
        return next((c.code for c in self.classes.values() if c.proposed_for == case), None)


def read_grounds(schema_dir: Path) -> Grounds:
    """What the project's schema says; what ships with the package where its schema says nothing. Raises `CodebookError` with file and remedy."""
    path, text = _text(schema_dir, FILE)
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CodebookError(f"{path} is not valid TOML: {error}.", "Mend the line it names.") from None
    if unknown := read.keys() - _FORMS.keys():
        raise CodebookError(f"{path} holds an unknown table {sorted(unknown)[0]!r}.", f"Known: {', '.join(f'[[{n}]]' for n in _FORMS)}.")
    rows = {name: _rows(path, name, read.get(name, [])) for name in _FORMS}
    leads: dict[str, list[str]] = {}
    for row in rows["together"]:
        for column in row["columns"]:
            leads.setdefault(column, []).append(row["lead"])
    return Grounds(
        weights=_numbers(path, "weight", {row["part"]: row["value"] for row in rows["weight"]}, PARTS),
        bounds=_numbers(path, "bound", {row["name"]: row["value"] for row in rows["bound"]}, BOUNDS),
        leads={column: tuple(found) for column, found in leads.items()},
        free=frozenset(row["column"] for row in rows["free"]),
        classes=_classes(schema_dir),
    )


def _text(schema_dir: Path, name: str) -> tuple[Path, str]:
    own = schema_dir / FOLDER / name
    path = own if own.is_file() else packaged_schema() / FOLDER / name
    try:
        return path, path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CodebookError(f"{path} cannot be read: {error}.", "It is a text file in UTF-8; a fresh copy ships with the package.") from None


def _rows(path: Path, name: str, rows: Any) -> list[dict[str, Any]]:
    """The tables of one kind, every key there and of its type."""
    form = _FORMS[name]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CodebookError(f"{path}: {name} is not a list of tables.", f"Write [[{name}]] with {', '.join(form)}.")
    for row in rows:
        for key, kind in form.items():
            value = row.get(key)
            fits = isinstance(value, int | float) and not isinstance(value, bool) if kind is float else isinstance(value, kind) and bool(value)
            if not fits or row.keys() - form.keys():
                raise CodebookError(f"{path}: a [[{name}]] table does not fit ({row}).", f"It has the keys {', '.join(form)}, none empty.")
    return rows


def _numbers(path: Path, name: str, given: dict[str, float], known: tuple[str, ...]) -> dict[str, float]:
    if set(given) != set(known) or any(value < 0 for value in given.values()) or not sum(given.values()):
        raise CodebookError(f"{path}: [[{name}]] needs exactly {', '.join(known)}, each from 0.", "A fresh copy ships with the package.")
    return {key: float(value) for key, value in given.items()}


def _classes(schema_dir: Path) -> dict[str, ErrorClass]:
    path, text = _text(schema_dir, CLASSES)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    needed = ("code", "label", "definition", "proposed_for")
    if missing := [name for name in needed if name not in (reader.fieldnames or ())]:
        raise CodebookError(f"{path} has no column {missing[0]}.", f"It has the columns {', '.join(needed)}.")
    found = [ErrorClass(*((row[name] or "").strip() for name in needed)) for row in reader]
    if not found or any(not c.code or not c.definition for c in found) or len({c.code for c in found}) < len(found):
        raise CodebookError(f"{path}: every class needs a code of its own and a definition.", "Mend the table.")
    return {c.code: c for c in found}
