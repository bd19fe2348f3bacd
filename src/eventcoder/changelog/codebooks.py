"""What a new codebook means for the tables, as rows of changes: its version, columns that got another name, codes. Floor 3.

Values do not change with it: a migration changes them by acts, and every such act is a row of its own. So these rows explain; replaying does not
need them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.changelog.schema import CHANGES_SCHEMA, CODEBOOK, CODEBOOK_OPS
from eventcoder.codebook.comparing import compare
from eventcoder.dataset.schemas import EVENTS
from eventcoder.identity import canonical

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook

Row = tuple[str | None, ...]
_CODES = {"list-code-added": "code_added", "code-removed": "code_removed", "code-renamed": "code_renamed"}
_VERSION = "version"
_REST = (None,) * (len(CHANGES_SCHEMA) - 6)


def codebook_rows(old: Codebook, new: Codebook) -> list[Row]:
    """The rows for two codebooks; none where both are the same. A list that came or went whole counts by its codes."""
    if old.hash == new.hash:
        return []
    rows = [version_row(old.version, new.version)]
    for change in compare(old, new).changes:
        if change.what == "column-renamed":
            rows.append(_row("column_renamed", EVENTS, change.new, change.old, change.new))
        elif change.what in _CODES:
            rows.append(_row(_CODES[change.what], CODEBOOK, change.subject.split(".", 1)[0], change.old, change.new))
        elif change.what in ("list-added", "list-removed"):
            came = change.what == "list-added"
            for code in (new if came else old).lists[change.subject].codes:
                rows.append(_row("code_added" if came else "code_removed", CODEBOOK, change.subject, None if came else code, code if came else None))
    return sorted(rows, key=_place)


def version_row(old: str | None, new: str | None) -> Row:
    """The row that tells of another version of the codebook."""
    return _row("codebook_changed", CODEBOOK, _VERSION, old, new)


def composed(steps: Iterable[pa.Table]) -> list[Row]:
    """The rows over several versions, from the changes of each, oldest first: what was added and renamed is added under its last name.

    A code that came and went leaves nothing; one that went and came back neither.
    """
    version: tuple[str | None, str | None] | None = None
    names: dict[tuple[str, str | None], dict[str | None, str | None]] = {}  # (table, list) -> name before -> name now
    fresh: dict[tuple[str, str | None], list[str]] = {}  # names now that stood nowhere before
    for changes in steps:
        for row in _codebook_rows_of(changes):
            op, old, new = row["op"], _text(row["old"]), _text(row["new"])
            if op == "codebook_changed":
                version = (version[0] if version else old, new)
                continue
            group = (row["table"], None if op == "column_renamed" else row["field"])
            now, came = names.setdefault(group, {}), fresh.setdefault(group, [])
            if old is not None and old in came:
                came.remove(old)
                if new is not None:
                    came.append(new)
            elif old is not None:
                before = next((a for a, b in now.items() if b == old), old)
                now[before] = new
            elif new is not None and now.get(new, new) is None:
                del now[new]  # it is back
            elif new is not None:
                came.append(new)
    rows = [version_row(*version)] if version and version[0] != version[1] else []
    for (table, field), now in names.items():
        for a, b in now.items():
            if a == b:
                continue
            op = "column_renamed" if field is None else "code_removed" if b is None else "code_renamed"
            rows.append(_row(op, table, b if field is None else field, a, b))
    for (table, field), came in fresh.items():
        rows += [_row("code_added", table, field, None, name) for name in came if field is not None]
    return sorted(rows, key=_place)


def renamed_columns(rows: Sequence[Row]) -> dict[str, str]:
    """Old name -> new name of the events' columns that these rows rename."""
    return {str(_text(row[4])): str(_text(row[5])) for row in rows if row[0] == "column_renamed"}


def schema_change(row: Mapping[str, Any]) -> str:
    """What a row about columns, tables or codes says, for people: `moods: calm -> quiet`."""
    old, new = (_text(row[name]) for name in ("old", "new"))
    place = str(row["field"] or row["table"]) if row["table"] in (EVENTS, CODEBOOK) or not row["field"] else f"{row['table']}.{row['field']}"
    if row["op"] == "column_renamed":
        return f"{old} -> {new}"
    if row["op"] in ("codebook_changed", "column_retyped", "code_renamed"):
        return f"{place} {old} -> {new}" if row["op"] == "codebook_changed" else f"{place}: {old} -> {new}"
    told = new if old is None else old
    return f"{place}: {told}" if row["table"] == CODEBOOK and told else f"{place} ({told})" if told else place


def _codebook_rows_of(changes: pa.Table) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    kept = changes.filter(pc.is_in(changes.column("op"), value_set=pa.array(CODEBOOK_OPS)))
    return list(kept.to_pylist())


def _row(op: str, table: str, field: str | None, old: Any, new: Any) -> Row:
    return (op, table, None, field, *(None if value is None else canonical(str(value)) for value in (old, new)), *_REST)


def _text(value: str | None) -> str | None:
    return None if value is None else str(json.loads(value))


def _place(row: Row) -> tuple[int, str, str, str, str]:
    return (CODEBOOK_OPS.index(str(row[0])), str(row[1]), row[3] or "", row[4] or "", row[5] or "")
