"""The fingerprint is what its text says, whatever is done to make it quick; and order is told without sorting."""

from __future__ import annotations

import hashlib
import struct
from datetime import date

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.dataset.canonical import fingerprint, in_order, sort_rows

SCHEMA = pa.schema(
    [
        ("actor", pa.string()), ("number", pa.float64()), ("day", pa.date32()), ("flag", pa.bool_()), ("whole", pa.int16()),
        ("tags", pa.list_(pa.string())),
    ]
)  # fmt: skip
texts = st.sampled_from(["", "a", "b", "ü", "\u2028x"])
rows = st.fixed_dictionaries(
    {
        "actor": texts | st.none(),
        "number": st.sampled_from([None, 0.0, -0.0, 1.5, 35.68920000001]),
        "day": st.dates(date(1960, 1, 1), date(2030, 1, 1)) | st.none(),
        "flag": st.booleans() | st.none(),
        "whole": st.integers(-3, 3) | st.none(),
        "tags": st.lists(texts | st.none(), max_size=2) | st.none(),
    }
)


def by_hand(name: str, table: pa.Table) -> str:
    """The bytes of the module's text, value by value."""

    def text(values: list[str | None]) -> bytes:
        raw = [None if v is None else v.encode() for v in values]
        return b"".join(struct.pack("<q", -1 if v is None else len(v)) for v in raw) + b"".join(v or b"" for v in raw)

    out = f"table {name} rows {table.num_rows}\n".encode()
    for column in sorted(table.column_names):
        values = table.column(column).to_pylist()
        present = [v for v in values if v is not None]
        valid = b"".join(struct.pack("<q", v is not None) for v in values)
        kind = {"actor": "text", "number": "number", "day": "day", "flag": "flag", "whole": "whole", "tags": "texts"}[column]
        out += f"column {column} {kind}\n".encode()
        if kind == "text":
            out += text(values)
        elif kind == "texts":
            out += b"".join(struct.pack("<q", len(v or [])) for v in values) + text([item for v in values for item in v or []])
        elif kind == "number":
            out += valid + b"".join(struct.pack("<d", round(v, 6) + 0.0) for v in present)
        else:
            numbers = [(v - date(1970, 1, 1)).days if kind == "day" else int(v) for v in present]
            out += valid + b"".join(struct.pack("<q", v) for v in numbers)
    return hashlib.sha256(out).hexdigest()


@settings(max_examples=80, deadline=None)
@given(st.lists(rows, max_size=6), st.integers(0, 2), st.booleans())
def test_the_fingerprint_is_what_its_text_says(given_rows: list[dict[str, object]], start: int, large: bool) -> None:
    table = sort_rows(pa.Table.from_pylist(given_rows, SCHEMA), ("actor",))
    expected = by_hand("actors", table.slice(start))
    whole = table.set_column(0, "actor", table.column("actor").cast(pa.large_string())) if large else table
    pieces = whole.slice(start)
    assert fingerprint({"actors": pieces}) == expected
    assert fingerprint({"actors": pa.concat_tables([pieces.slice(1), pieces.slice(0, 1)])}) == expected


@settings(max_examples=150, deadline=None)
@given(st.lists(rows, max_size=5))
def test_order_is_told_as_sorting_tells_it(given_rows: list[dict[str, object]]) -> None:
    table = pa.Table.from_pylist(given_rows, SCHEMA)
    names = ["actor", *sorted(set(table.column_names) - {"actor"})]
    ordered = sort_rows(table, ("actor",))
    assert in_order(ordered, names)
    if in_order(table, names):
        assert table.equals(ordered)
