"""The table of changes: its columns, its operations, and how a table of an older schema is read in a newer one. Floor 3.

Operations, in the order in which a table of changes has them:

    codebook_changed                                                              another version of the codebook (`old` and `new`)
    table_added  table_removed  column_added  column_removed  column_retyped      what the tables look like (`old` and `new` name types)
    column_renamed                                                                as a migration declares (`old` and `new` name columns)
    code_added  code_removed  code_renamed                                        codes of the list that `field` names (`table` is "codebook")
    added  restored  split          the event is new here; its row stands in the release and is not repeated
    revised                         a field of an event (`old`, `new` as JSON), or a row of a side table (whole rows as JSON)
    attached  detached              a report (row of event_sources) came to a kept event or left it
    retracted  merged               the event is not here any more; `merged_into` says where it went

`restored` was withdrawn before; `split` was merged into another event before, or came out of it, and `split_from` names that event. All side
rows of an event go and come with it. A table that was added is not repeated row by row: replay takes it as it stands, and so it does with the
tables of `dataset.schemas.RECORDS`, which say how the data came about.
"""

from __future__ import annotations

import pyarrow as pa

from eventcoder.dataset.canonical import conform

CODEBOOK = "codebook"  # what `table` says of changes of the codebook, which is no table
CODEBOOK_OPS = ("codebook_changed", "column_renamed", "code_added", "code_removed", "code_renamed")
SCHEMA_OPS = (
    "codebook_changed", "table_added", "table_removed", "column_added", "column_removed", "column_renamed", "column_retyped",
    "code_added", "code_removed", "code_renamed",
)  # fmt: skip
BEGINNINGS = ("added", "restored", "split")
ENDINGS = ("retracted", "merged")
OPS = (*SCHEMA_OPS, *BEGINNINGS, "revised", "attached", "detached", *ENDINGS)

CHANGES_SCHEMA = pa.schema(
    [
        pa.field(name, pa.string(), metadata={"description": text})
        for name, text in (
            ("op", "What happened: " + ", ".join(OPS) + "."),
            ("table", "Table that the change is in; 'codebook' for its version and codes."),
            ("event_id", "Event that it is about. Null for changes of the schema and of registers."),
            ("field", "Column that changed, or list of codes. Null where a whole row is meant."),
            ("old", "Value, row or type before, as JSON. Null: there was no such row. A row that must not be shown any more is given by its hash."),
            ("new", "Value, row or type now, as JSON. Null: there is no such row any more."),
            ("reason", "Reason that the coder gave. Null: none was given."),
            ("coder", "Who did it, as a pseudonym unless the project names its coders."),
            ("role", "In which role."),
            ("act", "Identity of the act in the ledger that did it."),
            ("merged_into", "Event that a merged or retracted one went into. Null: none."),
            ("split_from", "Event that a split one came out of."),
        )
    ]
)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type without how it is stored: a dictionary of texts, a large or a viewed text are texts."""
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(pa.string() if pa.types.is_null(kind.value_type) else plain_type(kind.value_type))  # a file with empty lists alone
    return kind


def recast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """`table` with the columns that `schema` has too in its types (as `plain_type`); a column that does not fit a new type is null.

    Whether it fits is told from the whole column, so this comes before rows are chosen.
    """
    for index, name in enumerate(table.column_names):
        kind = plain_type(schema.field(name).type) if name in schema.names else table.column(index).type
        if table.column(index).type != kind:
            table = table.set_column(index, pa.field(name, kind), _cast(table.column(index), kind))
    return table


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        return column.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.chunked_array([pa.nulls(len(column), kind)])


def aligned(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """`table` in another schema: further columns null, absent ones dropped, and values that do not fit a new type null.

    Both `diff` and `apply` look at the older version through this, so that a change of type is replayed exactly.
    """
    fitting = {}
    for field in schema:
        if field.name not in table.column_names:
            continue
        column = table.column(field.name)
        fitting[field.name] = column if column.type == field.type else _cast(column, field.type)
    return conform(pa.table(fitting) if fitting else pa.table({"": pa.nulls(table.num_rows)}), schema)
