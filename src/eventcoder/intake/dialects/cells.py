"""One cell of theirs -> a raw value of ours: nulls, rewriting, values, days. Floor 5.

Everything here is a pure function of the cells, made once for a column; the importer remembers what came out for each distinct cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from eventcoder.intake.dialects.model import UNCERTAIN, Dialect, Extract, Rewrite, Setting, Values

if TYPE_CHECKING:
    from eventcoder.codebook import Column
    from eventcoder.intake.dates import DateReading

Read = Callable[..., Any]
_WHOLE_FLOAT = re.compile(r"(-?[0-9]+)\.0+")  # "7.0": what a whole number becomes in a column with gaps, in many programs
_SPACES = re.compile(r"\s+")


def text_of(cell: Any) -> str | None:
    """A cell as text for comparing: stripped, whole numbers without their ".0"; None for a blank one."""
    if cell is None:
        return None
    if isinstance(cell, str):
        text = cell.strip()
        found = _WHOLE_FLOAT.fullmatch(text)
        return found[1] if found else text or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return None if cell != cell else str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0) else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, list | tuple):
        return "; ".join(str(item) for item in cell) or None
    return str(cell)


def fold(text: str) -> str:
    """How texts of a value table are compared: whatever their case, and however many spaces stand in them."""
    return _SPACES.sub(" ", text.strip()).casefold()


def text_reader(dialect: Dialect, name: str) -> Callable[[Any], str | None]:
    """A cell of the column as text, None where it means null."""
    nulls = nulls_of(dialect, name)
    rewrites = [r for r in dialect.rewrites if r.column == name]

    def read(cell: Any) -> str | None:
        text = text_of(cell)
        return None if text is None or text in nulls else rewritten(text, rewrites)

    return read


def nulls_of(dialect: Dialect, name: str) -> frozenset[str]:
    """What means null in a column."""
    key = dialect.known(name, dialect.nulls)
    return dialect.null_texts | (dialect.nulls[key] if key is not None else frozenset())


def rewritten(text: str, rewrites: Sequence[Rewrite]) -> str:
    for rewrite in rewrites:
        if found := rewrite.pattern.fullmatch(text):
            return rewrite.to.format(found[0], *found.groups(""))
    return text


def value_reader(dialect: Dialect, name: str) -> Callable[[Any], Any]:
    """A cell of the column as our value in text, None or `UNCERTAIN`."""
    as_text = text_reader(dialect, name)
    key = dialect.known(name, dialect.values)
    values = dialect.values[key] if key is not None else Values()

    def read(cell: Any) -> Any:
        text = as_text(cell)
        if text is None:
            return None
        folded = fold(text)
        if folded in values.uncertain:
            return UNCERTAIN
        if (ours := values.known.get(folded)) is not None:
            return ours
        return UNCERTAIN if values.certain is not None and not values.certain.fullmatch(text) else text

    return read


def column_reader(dialect: Dialect, name: str, column: Column, days: DateReading | None) -> Read:
    """The reader of a column of theirs that is one of ours. What no table of the dialect speaks of is handed on as it stands."""
    as_value = value_reader(dialect, name)
    plain_text = column.type in ("string", "text", "list")
    as_it_stands = (
        days is None and not column.list and dialect.known(name, dialect.values) is None and all(r.column != name for r in dialect.rewrites)
    )
    nulls = nulls_of(dialect, name)
    longest = max((len(text) + 20 for text in nulls), default=0)  # "-99" may have come as "-99.0"

    def read(cell: Any) -> Any:
        if as_it_stands and cell.__class__ is str:  # most cells of most files: a text that no table speaks of
            text = cell.strip()
            return None if not text or (len(text) <= longest and text_of(text) in nulls) else text
        value = as_value(cell)
        if value is None or value is UNCERTAIN:
            return value
        if isinstance(cell, str):
            # A coordinate keeps the digits that stand in the file; a code loses the ".0" that another program gave it.
            unchanged = value == text_of(cell) and not column.list
            value = cell.strip() if unchanged else value
        elif isinstance(cell, datetime | date | list | tuple | bool) or (value == text_of(cell) and not plain_text):
            value = cell  # typed already; a number in a column of texts is written out
        return days.read(value) if days is not None else value

    return read


def joined_reader(readers: Sequence[Read]) -> Read:
    """Several columns that make up one list of ours, one item each. `;` separates items in files, so that none can hold it."""

    def read(*cells: Any) -> Any:
        values = [reader(cell) for reader, cell in zip(readers, cells, strict=True)]
        if any(value is UNCERTAIN for value in values):
            return UNCERTAIN
        return [item for value in values if value for item in (value if isinstance(value, list) else [_item(str(value))])]

    return read


def _item(text: str) -> str:
    return text.replace(";", "%3B" if "://" in text else ",")


def extracting_reader(base: Read | None, extract: Extract) -> Read:
    """The list column of ours that gets what stands in another column's text: called with its own cell (if it has one), then with the text."""

    def read(*cells: Any) -> Any:
        own = base(cells[0]) if base is not None else None
        found = taken(extract, cells[-1], cells[0] if base is not None else None)
        if found is None or own is UNCERTAIN:
            return own
        item = extract.form.format(found[0], *found.groups("")).replace(";", ",")
        items = own if isinstance(own, list) else (own or "").split(";")
        return [item, *(part for part in items if part.strip())]

    return read


def remaining_reader(base: Read, extract: Extract, has_own: bool) -> Read:
    """The text that remains when the piece is taken out: called with the text, then with the cell of the list column (if there is one)."""

    def read(*cells: Any) -> Any:
        found = taken(extract, cells[0], cells[1] if has_own else None)
        if found is None:
            return base(cells[0])
        before, after = cells[0][: found.start()].rstrip(), cells[0][found.end() :].strip()
        return base(f"{before} {after}".strip())

    return read


def taken(extract: Extract, cell: Any, own: Any) -> re.Match[str] | None:
    """The one place where the piece stands; None where there is none or several, or where the list has such an item already."""
    if not isinstance(cell, str) or not extract.pattern.search(cell):
        return None
    if any(part.strip().startswith(extract.prefix) for part in (text_of(own) or "").split(";")):
        return None
    found = list(extract.pattern.finditer(cell))
    return found[0] if len(found) == 1 else None


def setting_reader(setting: Setting, readers: Mapping[str, Callable[[Any], str | None]]) -> Read:
    """A column of ours computed from several of theirs; those that the table lacks are null. `readers` are in the order of the cells."""

    def read(*cells: Any) -> Any:
        given = {name: reader(cell) for (name, reader), cell in zip(readers.items(), cells, strict=True)}
        value = setting.compute({**dict.fromkeys(setting.sources), **given})
        return UNCERTAIN if value is None and not setting.blank and any(text is not None for text in given.values()) else value

    return read
