"""Sentences that were coded to teach: `schema/examples/*.csv`. Floor 5.

Columns: `sub_event_type, status, style, region, sentence`. All of them were written for this project about invented events.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eventcoder.errors import CodebookError

COLUMNS = ("sub_event_type", "status", "style", "region", "sentence")


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of text with what it should be read as. `group` keeps what stems from one document together in cross-validation."""

    sentence: str
    sub_event_type: str | None
    status: str
    style: str = ""
    region: str = ""
    group: str = ""
    weight: float = 1.0


def read_examples(folder: Path) -> list[Example]:
    """All examples of a schema's folder `examples/`, file by file. Raises `CodebookError` for a file that is not of this form."""
    out: list[Example] = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
            if missing:
                raise CodebookError(f"{path} lacks the columns {', '.join(missing)}.", "Compare it with the packaged file.")
            for number, row in enumerate(reader, 2):
                if not row["sentence"] or not row["status"]:
                    raise CodebookError(f"{path}, row {number}: sentence and status must not be empty.", "Fill them in or take the row out.")
                out.append(
                    Example(row["sentence"], row["sub_event_type"] or None, row["status"], row["style"], row["region"], f"{path.stem}:{number}")
                )
    return out


def digest_of(examples: Iterable[Example]) -> str:
    """A hash of what is learned from: text, type and status, whatever the order of the files."""
    lines = sorted(f"{e.sub_event_type}\t{e.status}\t{e.weight}\t{e.sentence}" for e in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
