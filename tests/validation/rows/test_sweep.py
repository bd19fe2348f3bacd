"""Judging by combinations of values gives the verdicts of the closures, whatever the table; and reports stay bounded."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook, functions
from eventcoder.codebook.closures import LATEST_TODAY, compile_closure
from eventcoder.codebook.conjuncts import ALSO, conjuncts, words_pattern
from eventcoder.codebook.expression.nodes import Node
from eventcoder.validation import validate_events
from eventcoder.validation.rows import sweep as module
from eventcoder.validation.rows.bulk import row_problems
from eventcoder.validation.rows.encoding import combine, encode
from tests.synthetic_events import synthetic_values
from tests.validation.rows.test_bulk import DAMAGE, damaged, flat
from tests.validation.tables import TODAY, events_table

ODD = [
    "",
    "\u212aano",
    "\u0130zmir",
    "\u1e9e",
    "ONLINE PROTEST",
    "hunger str\u0130ke",
    "sin\u212a",
    "e\u0301",
    "\U0001f525 (Iran)",
    "a\x1fb",
    "[SIZE=",
    "(",
]


def odd_rows(n: int, seed: int) -> list[dict[str, Any]]:
    """Rows of which many repeat, many values are null, and texts hold what engines like to differ on."""
    rng = random.Random(seed)
    few = damaged(max(1, n // 4), seed)
    rows = [dict(rng.choice(few)) for _ in range(n)]
    for row in rows:
        for column in rng.sample(sorted(DAMAGE), 6):
            row[column] = rng.choice([None, *DAMAGE[column]])
        if rng.random() < 0.5:
            name = rng.choice(["notes", "location", "actor1", "actor2", "country", "admin1", "crowd_text"])
            row[name] = rng.choice(ODD) + rng.choice(["", str(rng.random())])
        if rng.random() < 0.3:
            row[rng.choice(["tags", "source", "assoc_actor_1"])] = [rng.choice(ODD) for _ in range(rng.randrange(3))]
    return rows


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32), by_hand=st.sampled_from([0, 50_000]), share=st.sampled_from([1, 8, 10_000]))
def test_all_ways_of_judging_give_the_verdicts_of_the_closures(codebook: Codebook, seed: int, by_hand: int, share: int) -> None:
    rows = odd_rows(150, seed)
    table = events_table(rows, codebook)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BY_HAND", by_hand)
        patch.setattr(module, "SHARE", share)
        bulk = list(row_problems(table, codebook, latest_today=TODAY, few=0))
    single = flat(p for row in rows for p in codebook.check(row, latest_today=TODAY, event_id=row["event_id"]))
    assert flat(bulk) - single == single - flat(bulk)
    assert len(bulk) > 150


def test_pieces_and_dictionaries_change_nothing(codebook: Codebook) -> None:
    rows = damaged(700, 91)
    table = events_table(rows, codebook)
    whole = list(row_problems(table, codebook, latest_today=TODAY, few=0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("eventcoder.validation.rows.bulk.ROWS", 150)
        chunked = pa.concat_tables([table.slice(0, 33), table.slice(33, 400), table.slice(433)])
        assert list(row_problems(chunked, codebook, latest_today=TODAY, few=0)) == whole
    coded = pa.table(
        {name: table[name].dictionary_encode() if table.schema.field(name).type == pa.string() else table[name] for name in table.column_names}
    )
    assert validate_events(coded, codebook, latest_today=TODAY).problems == whole


def test_a_condition_is_true_where_all_its_conjuncts_are(codebook: Codebook) -> None:
    rows = [{**dict.fromkeys(codebook.names), **row, LATEST_TODAY: TODAY.isoformat()} for row in odd_rows(60, 5)]

    def true(node: Node, row: dict[str, Any]) -> bool:
        return compile_closure(node, codebook.lists)(row) is True

    for check in codebook.checks:
        parts = list(conjuncts(check.broken))
        assert all(true(check.broken, row) == all(true(part, row) for part in parts) for row in rows)


def test_every_sign_that_lower_makes_ascii_is_known() -> None:
    found = {chr(n): functions.lower(chr(n)) for n in range(128, 0x110000) if functions.lower(chr(n)).isascii()}
    assert found == {sign: letter for letter, sign in ALSO.items()}
    assert "[kK\u212a]" in words_pattern(("Kick",)) and "\\x5b" in words_pattern(("[size=",))


@given(columns=st.lists(st.lists(st.integers(0, 5), min_size=8, max_size=8), min_size=1, max_size=4))
def test_combinations_are_those_that_occur(columns: list[list[int]]) -> None:
    combined = combine([(np.array(column, np.uint8), 6) for column in columns], 10_000)
    assert combined is not None
    for wanted in range(len(combined)):
        truth = np.zeros(len(combined), np.bool_)
        truth[wanted] = True
        meant = tuple(part[wanted] for part in combined.parts)
        assert combined.rows(truth).tolist() == [cells == meant for cells in zip(*columns, strict=True)]


def test_lists_are_told_apart_or_not_encoded() -> None:
    kind = pa.list_(pa.string())
    lists = [[], None, [""], ["a", "b"], ["a"], ["", ""]] * 2
    encoded = encode(pa.chunked_array([pa.array(lists, kind)]))
    assert encoded is not None
    assert [encoded.values[code].as_py() or [] for code in encoded.codes.tolist()] == [item or [] for item in lists]
    assert encode(pa.chunked_array([pa.array([["a\x1fb"], ["a", "b"]], kind)])) is None
    assert encode(pa.chunked_array([pa.array([["a", None]], kind)])) is None


def test_counts_are_exact_where_not_all_is_told(codebook: Codebook) -> None:
    rows = [{**row, "country": "Atlantis"} for row in synthetic_values(60, 92)]
    table = events_table(rows, codebook)
    whole = validate_events(table, codebook, latest_today=TODAY)
    cut = validate_events(table, codebook, latest_today=TODAY, most=10)
    assert cut.counts == whole.counts and len(cut) < len(whole) and not cut.valid
    last = next(p for p in cut.problems if p.code == "unknown-code" and p.where == "further rows")
    assert last.value == 50 and "60 rows" in last.message


def test_what_is_no_number_is_no_coordinate(codebook: Codebook) -> None:
    rows = synthetic_values(3, 93)
    table = events_table(rows, codebook)
    nan = table.set_column(table.column_names.index("latitude"), "latitude", pa.array([float("nan"), rows[1]["latitude"], float("inf")]))
    found = [(p.event_id, p.code) for p in validate_events(nan, codebook, latest_today=TODAY) if p.code == "not-a-number"]
    assert found == [(rows[0]["event_id"], "not-a-number"), (rows[2]["event_id"], "not-a-number")]


def test_parquet_in_pieces_is_judged_as_the_table(codebook: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    from eventcoder.validation.rows import pieces

    table = events_table(damaged(400, 94), codebook).append_column("colour", pa.array(["red"] * 400))
    pq.write_table(table, tmp_path / "events.parquet", row_group_size=90)
    monkeypatch.setattr(pieces, "BATCH", 64)
    monkeypatch.setattr(pieces, "ROWS", 150)
    monkeypatch.setattr("eventcoder.validation.rows.bulk.FEW", 0)
    whole = validate_events(table, codebook, latest_today=TODAY)
    read = pieces.validate_parquet(tmp_path / "events.parquet", codebook, latest_today=TODAY)
    assert read.problems == whole.problems and read.counts == whole.counts
