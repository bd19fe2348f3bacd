"""`dictionary.csv`: what each column of each table means, and how full and how varied it is in this release. Floor 6.

One row a column. Definitions come from the codebook (events) and from the schemas of the tables around them; figures and the example from the
tables themselves, which hold nothing of undisclosed documents. Millions of rows are counted by one query a table, which costs a second or two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from eventcoder.codebook import Codebook
from eventcoder.codebook.columns import Column
from eventcoder.dataset.schemas import EVENTS, SORT_KEYS, describe
from eventcoder.releases.csvfile import joined, neutralise
from eventcoder.releases.package import type_name

EXACT = 200_000  # rows up to which distinct values are counted one by one; beyond, a sketch is off by a few percent and costs a tenth
_PIECE = 1 << 16  # rows that are looked at at a time for an example
LONGEST = 80  # characters of an example
# Columns of the tables around the events that take their values from a code list.
_LISTS = {
    ("event_actors", "inter"): "inter", ("actors", "inter"): "inter", ("relations", "kind"): "relation_kinds",
    ("actors", "country"): "countries", ("coverage", "country"): "countries",
}  # fmt: skip

SCHEMA = pa.schema(
    [
        pa.field(name, kind, metadata={"description": text})
        for name, kind, text in (
            ("table", pa.string(), "Table, without the ending of its files."),
            ("column", pa.string(), "Column, in the order of the table."),
            ("type", pa.string(), "string, integer, number, boolean, date, or list (joined by '; ' in CSV files)."),
            ("label", pa.string(), "Short name for people."),
            ("definition", pa.string(), "What a value means, and what an empty one does."),
            ("code_list", pa.string(), "File of codes/ that lists the allowed values. Empty: none."),
            ("required", pa.bool_(), "True: every row has a value."),
            ("minimum", pa.string(), "Lowest value that is allowed. Empty: not bounded."),
            ("maximum", pa.string(), "Highest value that is allowed. Empty: not bounded."),
            ("pattern", pa.string(), "Regular expression that every value matches. Empty: none."),
            ("unit", pa.string(), "Unit of the values. Empty: none."),
            ("rows", pa.int64(), "Rows of the table."),
            ("filled", pa.float64(), "Share of rows with a value; an empty list is none. Empty: the table has no rows."),
            ("distinct", pa.int64(), "Different values."),
            ("distinct_exact", pa.bool_(), "False: distinct is an estimate, within some percent."),
            ("lowest", pa.string(), "Lowest value that occurs (numbers and dates)."),
            ("highest", pa.string(), "Highest value that occurs (numbers and dates)."),
            ("example", pa.string(), f"A value of this release: the first, cut at {LONGEST} characters."),
            (
                "since_codebook",
                pa.string(),
                "Version of the codebook whose list of changes first names the column. Empty: since the first, or not known.",
            ),
        )
    ]
)


def dictionary_table(tables: Mapping[str, pa.Table], codebook: Codebook) -> pa.Table:
    """The dictionary of these tables, by name; the columns of `events` are those of the codebook."""
    return pa.Table.from_pylist([row for name, table in tables.items() for row in _rows(name, table, codebook)], SCHEMA)


def write_dictionary(table: pa.Table, path: Path) -> None:
    """Write it as CSV. Texts that a spreadsheet would run are neutralised as in every table; numbers with a sign are left as they are."""
    signed = pc.is_in(table.column("type"), value_set=pa.array(["integer", "number"]))
    for name in ("label", "definition", "pattern", "unit", "example"):
        safe = neutralise(table.column(name))
        kept = pc.if_else(signed, table.column(name), pa.chunked_array([safe]) if isinstance(safe, pa.Array) else safe) if name == "example" else safe
        table = table.set_column(table.column_names.index(name), table.schema.field(name), kept)
    pyarrow.csv.write_csv(table, path, pyarrow.csv.WriteOptions(quoting_style="needed"))


def _rows(name: str, table: pa.Table, codebook: Codebook) -> Iterator[dict[str, Any]]:
    known = {column.name: column for column in codebook.columns} if name == EVENTS else {}
    figures = _figures(table)
    examples = _examples(table)
    for column in table.column_names:
        meaning = _meaning(name, table.schema, column, known.get(column))
        since = _since(column, codebook) if column in known else None
        yield {"table": name, "column": column, **meaning, **figures[column], "example": examples.get(column), "since_codebook": since}


def _meaning(table: str, schema: pa.Schema, column: str, own: Column | None) -> dict[str, Any]:
    """What does not depend on the rows."""
    stored = schema.field(column).type
    kind = "list" if pa.types.is_list(stored) else type_name(stored)
    if own is None:
        listed = _LISTS.get((table, column))
        return {
            "type": kind,
            "label": column.replace("_", " ").capitalize(),
            "definition": describe(schema, column),
            "code_list": f"codes/{listed}.csv" if listed else None,
            "required": column == "event_id" and "event_id" in SORT_KEYS.get(table, ()),
        }
    bounds = {key: None if bound is None else str(bound) for key, bound in (("minimum", own.min), ("maximum", own.max))}
    return {
        "type": kind,
        "label": own.label or own.name,
        "definition": own.description,
        "code_list": f"codes/{own.list}.csv" if own.list else None,
        "required": own.required or own.name == "event_id",
        **bounds,
        "pattern": own.pattern or None,
        "unit": own.unit or None,
    }


def _figures(table: pa.Table) -> dict[str, dict[str, Any]]:
    """Rows, share filled, distinct values and bounds of every column."""
    rows, exact = table.num_rows, table.num_rows <= EXACT
    found = (_counted if exact else _estimated)(table)
    out = {}
    for name, (filled, distinct, lowest, highest) in zip(table.column_names, found, strict=True):
        share = round(filled / rows, 4) if rows else None
        if share == 1.0 and filled < rows:
            share = 0.9999  # full means full
        bounds = {"lowest": lowest, "highest": highest}
        out[name] = {"rows": rows, "filled": share, "distinct": min(distinct, filled), "distinct_exact": exact, **bounds}
    return out


def _counted(table: pa.Table) -> list[tuple[int, int, str | None, str | None]]:
    """Values, different ones, lowest and highest of every column, by Arrow: a small table costs a millisecond."""
    out = []
    for column in table.columns:
        values = joined(column) if pa.types.is_list(column.type) else column
        bounds = pc.min_max(values).as_py() if _is_measured(column.type) else {"min": None, "max": None}
        lowest, highest = (None if bounds[end] is None else str(bounds[end]) for end in ("min", "max"))
        out.append((len(values) - values.null_count, pc.count_distinct(values, mode="only_valid").as_py(), lowest, highest))
    return out


def _estimated(table: pa.Table) -> list[tuple[int, int, str | None, str | None]]:
    """The same by one query, in which different values are a sketch's estimate."""
    from eventcoder.codebook.duck import connect

    asked: list[str] = []
    for number, field in enumerate(table.schema):
        at = f"c{number}"
        value = f"CASE WHEN len({at}) > 0 THEN {at} END" if pa.types.is_list(field.type) else at
        bounds = (f"min({at})::VARCHAR", f"max({at})::VARCHAR") if _is_measured(field.type) else ("NULL", "NULL")
        asked += [f"count({value})", f"approx_count_distinct({value})", *bounds]
    con = connect()
    try:
        con.register("given", table.rename_columns([f"c{number}" for number in range(table.num_columns)]))
        found = con.execute(f"SELECT {', '.join(asked)} FROM given").fetchone()
    finally:
        con.close()
    assert found is not None  # an aggregate always has a row
    return [tuple(found[at : at + 4]) for at in range(0, len(found), 4)]


def _examples(table: pa.Table) -> dict[str, str]:
    """The first value of each column, in one line. Rows of undisclosed documents only count them: none is an example."""
    found: dict[str, str] = {}
    for start in range(0, table.num_rows, _PIECE):  # nearly always the first piece has one of each
        missing = [name for name in table.column_names if name not in found]
        if not missing:
            break
        piece = table.slice(start, _PIECE)
        if "visibility" in table.column_names:
            piece = piece.filter(pc.equal(piece.column("visibility"), "public"))
        for name in missing:
            values = piece.column(name).drop_null()
            if pa.types.is_list(values.type):
                values = values.filter(pc.greater(pc.list_value_length(values), 0))
            if len(values):
                found[name] = _text(values[0].as_py())
    return found


def _text(value: Any) -> str:
    if isinstance(value, list):
        return _text("; ".join(str(item) for item in value))
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = " ".join(str(value).split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def _since(column: str, codebook: Codebook) -> str | None:
    """The oldest version whose changes name the column. The codebook's history does not say more than its texts do.

    A name without an underscore may be a word of prose ("notes"): it counts where it is called a column or stands in quotes.
    """
    name = re.escape(column)
    named = re.compile(rf"(?<![\w-]){name}(?![\w-])" if "_" in column else rf"columns? ['`\"]?{name}\b|['`\"]{name}['`\"]")
    entries = [item for item in codebook.about.get("changelog", ()) if isinstance(item, Mapping)]  # the newest stands first
    versions = [str(item.get("version")) for item in entries if named.search(str(item.get("changes", "")))]
    return versions[-1] if versions else None


def _is_measured(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_date(kind))
