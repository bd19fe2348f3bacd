"""JSON made of pieces is the JSON that the ledger's hashes are made of; what is restored is what was neutralised."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.identity import canonical
from eventcoder.intake.fragments import Fragments, objects
from eventcoder.intake.reading import restore
from eventcoder.releases.csvfile import neutralise

TEXT = st.text(st.one_of(st.sampled_from('"\\/\b\f\n\r\t\x1f\x7f\u2028é😀 '), st.characters(codec="utf-8")), max_size=12)
VALUES: dict[str, Any] = {
    "notes": st.none() | TEXT, "fatalities": st.none() | st.integers(0, 2**53),
    "latitude": st.none() | st.floats(-90, 90).map(lambda f: round(f, 4) + 0.0),
    "tags": st.lists(TEXT.filter(bool), max_size=3).map(tuple), "flag": st.none() | st.booleans(), "a b": st.none() | TEXT,
}  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=8))
def test_pieces_joined_are_canonical_json(rows: list[dict[str, Any]]) -> None:
    columns = {name: [row[name] for row in rows] for name in VALUES}
    made = Fragments()
    texts = made.columns(columns)
    assert objects(texts, len(rows)) == [canonical({k: v for k, v in row.items() if v not in (None, ())}) for row in rows]
    known = {name: (columns[name], text) for name, text in texts.items()}
    again = made.columns({**columns, "notes": ["other"] * len(rows)}, known)
    assert all(again[name] is texts[name] for name in texts if name != "notes") and again["notes"] == ['"notes":"other"'] * len(rows)


def test_rows_that_say_nothing() -> None:
    assert objects(Fragments().columns({"notes": [None, None], "tags": [(), ()]}), 2) == ["{}", "{}"]


CELL = st.text(st.one_of(st.sampled_from("\",;|\t\n'=+-@ \r"), st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), max_size=12)


@settings(deadline=None, max_examples=200)
@given(st.lists(CELL, min_size=1, max_size=5))
def test_what_the_release_neutralises_the_import_restores(cells: list[str]) -> None:
    shown = neutralise(pa.array(cells, pa.string())).to_pylist()
    assert [restore(c) for c in shown] == cells
    assert not any(c.startswith(("=", "+", "-", "@", "\t", "\r")) for c in shown)
