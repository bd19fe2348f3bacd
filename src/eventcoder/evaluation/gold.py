"""Gold codings: JSON Lines, one document a line (docs/gold.md describes the form)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from eventcoder.errors import InputError, Refused
from eventcoder.event import Record, Status
from eventcoder.problem import Problem


class GoldStatement(Record):
    """One statement as a coder would code it from this text alone. `accept` holds other defensible values, per field or for `status`."""

    id: str
    quote: str = Field(min_length=3)
    status: Status
    fields: dict[str, Any] = Field(default_factory=dict)
    accept: dict[str, list[Any]] = Field(default_factory=dict)

    def right(self, name: str, value: Any) -> bool:
        """Whether a drafted value is the gold one or an accepted one; numbers compare as numbers, lists as sets."""
        return any(_same(value, wanted) for wanted in (self.fields.get(name), *self.accept.get(name, ())))


class GoldDocument(Record):
    """A document's gold coding. `forbidden` are combinations of values that no codable draft may have."""

    document: str
    published: str | None = None
    statements: list[GoldStatement]
    forbidden: list[dict[str, Any]] = Field(default_factory=list)


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, list) and isinstance(wanted, list):
        return set(value) == set(wanted)
    empty: tuple[Any, ...] = (None, "", [])
    return value == wanted or (value in empty and wanted in empty)


def read_gold(path: Path) -> list[GoldDocument]:
    """Read a gold file. Raises `InputError` if it cannot be read, `Refused` with every broken line."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8 (byte {error.start + 1}).", "Save it as UTF-8.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from None
    documents: list[GoldDocument] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        try:
            documents.append(GoldDocument.model_validate(json.loads(line)))
        except ValidationError as error:
            for fault in error.errors():
                place = ".".join(map(str, fault["loc"]))
                problems.append(Problem("gold-malformed", f"{place}: {fault['msg']}. docs/gold.md describes the form.", field=place, where=where))
        except ValueError as error:
            problems.append(Problem("not-json", f"this is not a JSON object: {error}.", where=where))
    if problems:
        raise Refused(f"{path.name}: {len(problems)} problem(s).", "Mend the lines.", problems)
    if not documents:
        raise InputError(f"{path.name} holds no gold coding.", "Give one document a line; docs/gold.md describes the form.")
    return documents
