"""Dialects: what a table from elsewhere calls things, as data in `schema/dialects/*.toml`. Floor 5.

A dialect is chosen by the header alone: the first (by id) whose `detect.has` are all there and whose `lacks_groups` are not; else `native`.
A project whose own `schema/` has no `dialects/` uses those that ship with the package.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventcoder.codebook import Codebook
from eventcoder.errors import CodebookError, UsageError
from eventcoder.project import packaged_schema

FOLDER = "dialects"
NATIVE = "native"
DATE_FORMATS = ("ymd", "day-month-year", "numeric")
_KEYS: dict[str, frozenset[str]] = {
    "detect": frozenset(("has", "lacks_groups")),
    "dates": frozenset(("formats",)),
    "identity": frozenset(("columns", "required")),
    "values": frozenset(("keep_system", "blank_stands", "recomputed", "fatalities")),
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect; the comments in the TOML files say what each part means."""

    id: str
    title: str
    has: tuple[str, ...]
    lacks_groups: tuple[str, ...]
    renamed: Mapping[str, str]
    ignored: Mapping[str, str]
    date_formats: tuple[str, ...]
    identity: tuple[str, ...]
    identity_required: bool
    keep_system: tuple[str, ...]
    blank_stands: tuple[str, ...]
    recomputed: tuple[str, ...]
    conservative_fatalities: bool
    nulls: Mapping[str, tuple[str, ...]]
    vintages: tuple[tuple[str, str, re.Pattern[str]], ...]

    def column(self, name: str) -> str:
        """The name of our column that a header cell means (which may be none of ours)."""
        plain = name.strip().casefold().replace(" ", "_")
        return self.renamed.get(plain, plain)

    def vintage(self, cells: Mapping[str, Iterable[str]]) -> str | None:
        """The edition of the format, by a column's cells: all that are not empty fit one pattern. None where none or a mixture fits."""
        for name, column, pattern in self.vintages:
            given = {c.strip() for c in cells.get(column, ()) if c.strip()}
            if given and all(pattern.fullmatch(c) for c in given):
                return name
        return None


def load_dialects(schema_dir: Path) -> dict[str, Dialect]:
    """All dialects of a codebook's folder by id. Raises `CodebookError` naming file and key for one that is broken."""
    folder = schema_dir / FOLDER
    if not folder.is_dir():
        folder = packaged_schema() / FOLDER
    found = {d.id: d for d in (_read(path) for path in sorted(folder.glob("*.toml")))}
    if NATIVE not in found:
        raise CodebookError(f"{folder} has no dialect '{NATIVE}'.", "Restore native.toml from version control.")
    return found


def _read(path: Path) -> Dialect:
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        for table, keys in _KEYS.items():
            if wrong := set(raw.get(table, {})) - keys:
                raise ValueError(f"unknown key '{table}.{min(wrong)}'")
        if wrong := set(raw) - {"id", "title", "columns", "ignored", "nulls", "vintage", *_KEYS}:
            raise ValueError(f"unknown key '{min(wrong)}'")
        formats = tuple(raw["dates"]["formats"])
        if strange := set(formats) - set(DATE_FORMATS):
            raise ValueError(f"date format '{min(strange)}' is none of {', '.join(DATE_FORMATS)}")
        fatalities = raw["values"]["fatalities"]
        if fatalities not in ("given", "conservative"):
            raise ValueError("values.fatalities must be 'given' or 'conservative'")
        return Dialect(
            id=raw["id"],
            title=raw["title"],
            has=tuple(raw["detect"]["has"]),
            lacks_groups=tuple(raw["detect"]["lacks_groups"]),
            renamed=dict(raw.get("columns", {})),
            ignored=dict(raw.get("ignored", {})),
            date_formats=formats,
            identity=tuple(raw["identity"]["columns"]),
            identity_required=bool(raw["identity"]["required"]),
            keep_system=tuple(raw["values"]["keep_system"]),
            blank_stands=tuple(raw["values"]["blank_stands"]),
            recomputed=tuple(raw["values"]["recomputed"]),
            conservative_fatalities=fatalities == "conservative",
            nulls={column: tuple(texts) for column, texts in raw.get("nulls", {}).items()},
            vintages=tuple((v["name"], v["column"], re.compile(v["pattern"])) for v in raw.get("vintage", [])),
        )
    except (ValueError, KeyError, TypeError, re.error) as error:
        said = f"key {error} is missing" if isinstance(error, KeyError) else str(error)
        raise CodebookError(f"{FOLDER}/{path.name}: {said}.", "Mend it, or restore it from version control.") from None


def choose(dialects: Mapping[str, Dialect], wanted: str, header: Sequence[str], codebook: Codebook) -> Dialect:
    """The dialect called `wanted`, or with "auto" the one that the header shows. Raises `UsageError` for an unknown name."""
    if wanted != "auto":
        if wanted not in dialects:
            raise UsageError(f"Unknown dialect {wanted!r}.", f"Known: auto, {', '.join(dialects)}.")
        return dialects[wanted]
    group = {c.name: c.group for c in codebook.columns}
    for dialect in dialects.values():
        names = {dialect.column(name) for name in header}
        foreign = any(group.get(name) in dialect.lacks_groups for name in names)
        if dialect.has and names.issuperset(dialect.has) and not foreign:
            return dialect
    return dialects[NATIVE]
