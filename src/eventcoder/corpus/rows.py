"""A draft as a row of a Parquet dataset, and the dataset's columns. Floor 5.

Rows are made by the workers, so that the process that writes has little to do: what nests (evidence, counts, candidates) is JSON text already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.event import Draft

if TYPE_CHECKING:
    import pyarrow as pa

Row = tuple[Any, ...]
DATES = ("event_date", "date_start", "date_end")
WHOLE = ("time_precision", "geo_precision", "fatalities", "fatalities_low", "fatalities_high", "crowd_low", "crowd_high")
NUMBERS = ("latitude", "longitude")
TEXTS = ("disorder_type", "event_type", "sub_event_type", "actor1", "assoc_actor_1", "actor2", "assoc_actor_2", "country", "admin1", "admin2",
         "location", "gazetteer_id", "notes")  # fmt: skip
FIELDS = (*DATES, *WHOLE, *NUMBERS, *TEXTS)  # columns of their own; `fields` holds all that a draft has
NESTED = ("fields", "evidence", "counts", "candidates", "rules")
HEAD = ("document", "text_id", "draft_id", "status", "clue", "start", "end", "quote")
TAIL = ("score", "engine", "engine_version")


def row_of(draft: Draft) -> Row:
    """The row's values in the order of `schema`, without the first (`document`, which the source gives)."""
    body = draft.as_json()
    fields = body["fields"]
    return (
        draft.document, draft.draft_id, draft.status, draft.clue, draft.statement.start, draft.statement.end, draft.statement.quote,
        *(_day(fields.get(name)) for name in DATES),
        *(_whole(fields.get(name)) for name in WHOLE),
        *(float(value) if isinstance(value := fields.get(name), int | float) else None for name in NUMBERS),
        *(_text(fields.get(name)) for name in TEXTS),
        *(json.dumps(body[name], ensure_ascii=False, sort_keys=True) for name in NESTED),
        draft.score, draft.engine, draft.engine_version,
    )  # fmt: skip


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _whole(value: Any) -> int | None:
    """A whole number, or a code that is one ("1")."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return "; ".join(map(str, value)) or None
    return None if value is None else str(value)


def schema() -> pa.Schema:
    """The columns of the drafts, explicit, whatever the first part holds."""
    import pyarrow as pa

    kinds = {**dict.fromkeys(DATES, pa.date32()), **dict.fromkeys(WHOLE, pa.int64()), **dict.fromkeys(NUMBERS, pa.float64()),
             "start": pa.int64(), "end": pa.int64(), "score": pa.float64()}  # fmt: skip
    never_null = {"document", "text_id", "draft_id", "status", "start", "end", "quote", "score", "engine", "engine_version"}
    return pa.schema([pa.field(n, kinds.get(n, pa.string()), nullable=n not in never_null) for n in (*HEAD, *FIELDS, *NESTED, *TAIL)])


def problem_schema() -> pa.Schema:
    """The columns of what could not be read, and of what was dropped from what was."""
    import pyarrow as pa

    return pa.schema(
        [pa.field(name, pa.string()) for name in ("document", "code", "severity", "field", "message")] + [pa.field("failed", pa.bool_())]
    )


def table(rows: Sequence[Row] | Iterable[Row], columns: pa.Schema) -> pa.Table:
    """Rows as a table."""
    import pyarrow as pa

    made = list(rows)
    arrays = [pa.array([row[n] for row in made], field.type) for n, field in enumerate(columns)]
    return pa.Table.from_arrays(arrays, schema=columns)
