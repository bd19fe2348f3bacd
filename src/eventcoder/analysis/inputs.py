"""What the helpers take: events as a frame of `load`, an Arrow table or dataset, a polars frame; and the side tables of the release. Floor 7.

A helper names the columns that it needs and gets them in one kind each, whatever library, CSV reader or earlier step made them: texts and whole
numbers with missing values, days as `datetime64[s]`, lists as Python lists. A table in which an event stands twice is refused: every sum would
be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from eventcoder.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

IDS = ("event_id", "event_id_cnty")
TEXT, WHOLE, NUMBER, DAY, LIST = "text", "whole", "number", "day", "list"
KINDS = {
    **dict.fromkeys(("event_date", "date_start", "date_end", "since", "until", "week"), DAY),
    **dict.fromkeys(("assoc_actor_1", "assoc_actor_2", "source", "tags", "publishers"), LIST),
    **dict.fromkeys(("latitude", "longitude"), NUMBER),
    **dict.fromkeys(
        ("year", "time_precision", "geo_precision", "iso", "fatalities", "fatalities_low", "fatalities_high", "n_reports", "n_publishers",
         "timestamp", "number", "low", "best", "high"),
        WHOLE,
    ),
}  # fmt: skip


def frame_of(given: Any, what: str = "events", names: Iterable[str] | None = None) -> pd.DataFrame:
    """The input as a pandas frame with a plain index and the `attrs` it had; of other tables only the columns `names`, as far as they are there.

    Raises `UsageError` for anything that is no table.
    """
    import pandas as pd
    import pyarrow as pa

    from eventcoder.reader.frame import to_pandas

    if isinstance(given, pd.DataFrame):
        return given.reset_index(drop=True)
    if hasattr(given, "collect") and hasattr(given, "lazy"):  # a polars LazyFrame
        given = given.collect()
    if isinstance(given, pa.RecordBatch):
        given = pa.Table.from_batches([given])
    if hasattr(given, "to_table"):  # a pyarrow dataset, such as `scan` gives
        given = given.to_table(columns=[n for n in given.schema.names if names is None or n in names])
    elif hasattr(given, "to_arrow"):  # polars
        given = given.to_arrow()
    elif hasattr(given, "to_arrow_table"):  # a DuckDB relation
        given = given.to_arrow_table()
    if not isinstance(given, pa.Table):
        raise UsageError(f"{what} is no table but {type(given).__name__}.", "Give what load() or scan() returns, or a pandas, Arrow or polars table.")
    return to_pandas(_plain(given.select([n for n in given.column_names if names is None or n in names])))


def columns_of(given: Any, needed: Iterable[str], wanted: Iterable[str] = (), *, what: str = "events", repeats: bool = False) -> pd.DataFrame:
    """The columns `needed` and `wanted` of the input, each in its one kind; `wanted` ones that are absent are all missing.

    Raises `UsageError` for a needed one that is absent, for values that are not of the column's kind, and (unless `repeats`) where an event
    stands in several rows.
    """
    import pandas as pd

    names = list(dict.fromkeys((*needed, *wanted)))
    frame = frame_of(given, what, {*names, *IDS})
    absent = [name for name in needed if name not in frame.columns]
    if absent:
        raise UsageError(f"{what} has no column {', '.join(absent)}.", "Load it with its columns: leave columns= out, or name these as well.")
    if not repeats:
        _once(frame)
    out = pd.DataFrame({name: _column(frame, name, what) for name in names}, index=pd.RangeIndex(len(frame)))
    out.attrs = dict(frame.attrs)
    return out


def _once(frame: pd.DataFrame) -> None:
    import pandas as pd

    key = next((name for name in IDS if name in frame.columns), None)
    ids = pd.Series(dtype=object) if key is None else frame[key].dropna()
    if (twice := ids.duplicated()).any():
        raise UsageError(
            f"{int(twice.sum()):,} rows repeat an event ({key} {ids[twice].iloc[0]!r}, for one): sums would count it twice.",
            "Give one row an event, as load() does; of long_by_actor() keep the rows where first_row_of_event is true.",
        )


def side_table(given: Any, name: str) -> pa.Table | None:
    """A side table of the release that a frame of `load` came from; None for other inputs. Raises as `load` does."""
    from eventcoder.reader.source import find

    attrs: Mapping[str, Any] = getattr(given, "attrs", None) or {}
    if not isinstance(attrs, Mapping) or not attrs.get("source") or not attrs.get("version"):
        return None
    return find(attrs["source"]).release(attrs["version"], warn=False).table(name)


def kind_of(name: str) -> str:
    """The kind of a column: one of text, whole, number, day, list."""
    return KINDS.get(name, TEXT)


def _column(frame: pd.DataFrame, name: str, what: str) -> Any:
    import pandas as pd

    kind = kind_of(name)
    if name not in frame.columns:
        empty = {DAY: "datetime64[s]", WHOLE: "Int64", NUMBER: "float64", LIST: "object"}.get(kind, "string")
        if kind == LIST:
            return pd.Series([[] for _ in range(len(frame))], dtype=object)
        return pd.Series([None] * len(frame), dtype=empty)
    column = frame[name]
    try:
        if kind == DAY:
            return pd.to_datetime(column, format="ISO8601").astype("datetime64[s]")
        if kind == WHOLE:
            return pd.to_numeric(column).astype("Int64")
        if kind == NUMBER:
            return pd.to_numeric(column).astype("float64")
    except (TypeError, ValueError) as error:
        raise UsageError(f"The column {name} of {what} holds what is no {kind}: {error}.", "Give the column as load() does.") from None
    if kind == LIST:
        return column if all(type(cell) is list for cell in column) else pd.Series([_items(cell) for cell in column], dtype=object)
    return column.astype("string")


def _items(cell: Any) -> list[str]:
    """A list; a text is one of an ACLED file, joined by `; `."""
    if isinstance(cell, str):
        return [item.strip() for item in cell.split(";") if item.strip()]
    return [] if cell is None or not hasattr(cell, "__len__") else [str(item) for item in cell]


def _plain(table: pa.Table) -> pa.Table:
    """Large texts and dictionaries, which polars and others write, as plain ones."""
    import pyarrow as pa

    columns = []
    for column in table.columns:
        kind = column.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            kind = pa.string()
        elif pa.types.is_large_list(kind) or pa.types.is_list(kind):
            kind = pa.list_(pa.string()) if not pa.types.is_integer(kind.value_type) else kind
        columns.append(column if kind == column.type else column.cast(kind))
    return pa.table(columns, names=table.column_names)
