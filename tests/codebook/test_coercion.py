"""From text to typed values: what is read, what is refused by name, and that nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook, load_codebook
from eventcoder.codebook.coercion import coerce_cell, shortcut
from tests.codebook.conftest import SCHEMA
from tests.synthetic_events import synthetic_values

BOOK = load_codebook(SCHEMA)


@pytest.mark.parametrize(
    ("name", "given_", "value"),
    [
        ("fatalities", "12", 12), ("fatalities", " 0 ", 0), ("fatalities", "3.0", 3), ("fatalities", 3.0, 3), ("fatalities", "", None),
        ("fatalities", None, None),
        ("latitude", "35.6892", 35.6892), ("latitude", "-1.29210001", -1.2921), ("latitude", "+7", 7.0), ("longitude", -0.00001, 0.0),
        ("event_date", "2024-02-29", "2024-02-29"), ("country", "iran", "Iran"), ("country", "Burma", "Myanmar"), ("inter1", "7", "Civilians"),
        ("inter1", 7, "Civilians"), ("time_precision", "2", 2), ("source", "Radio Example; Daily Sample", ["Radio Example", "Daily Sample"]),
        ("source", ["Radio Example"], ["Radio Example"]), ("source", "", []), ("source", " ; ;", []), ("location", "  Ahvaz ", "Ahvaz"),
        ("location", "Cafe\u0301ville", "Caféville"), ("notes", "One.\r\nTwo.", "One.\nTwo."), ("civilian_targeting", "Civilians targeted",
        "Civilian targeting"),
    ],
)  # fmt: skip
def test_what_is_read(name: str, given_: Any, value: Any) -> None:
    values, problems = BOOK.coerce({name: given_})
    assert (values, problems) == ({name: value}, []) and type(values[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "given_", "code"),
    [
        ("fatalities", "12 people", "not-a-whole-number"), ("fatalities", "1e5", "not-a-whole-number"), ("fatalities", "1,000", "not-a-whole-number"),
        ("fatalities", "५", "not-a-whole-number"), ("fatalities", "²", "not-a-whole-number"), ("fatalities", 2.5, "not-a-whole-number"),
        ("fatalities", "several", "not-a-whole-number"), ("fatalities", True, "not-a-whole-number"), ("fatalities", [3], "not-a-whole-number"),
        ("fatalities", "-1", "out-of-range"), ("fatalities", "9" * 30, "out-of-range"), ("fatalities", "9" * 5000, "not-a-whole-number"),
        ("fatalities", float("nan"), "not-a-whole-number"), ("latitude", "nan", "not-a-number"), ("latitude", float("inf"), "not-a-number"),
        ("latitude", "35,6892", "not-a-number"), ("latitude", "35°41'", "not-a-number"), ("latitude", 90.1, "out-of-range"),
        ("event_date", "2023-02-29", "impossible-date"), ("event_date", "05/09/2024", "not-a-date"), ("event_date", "2024-5-9", "not-a-date"),
        ("event_date", "２０２４-05-09", "not-a-date"), ("event_date", 20240509, "not-a-date"), ("event_date", "0000-01-01", "impossible-date"),
        ("country", "Atlantis", "unknown-code"), ("inter1", "9", "unknown-code"), ("time_precision", "7", "unknown-code"),
        ("source", {"a": 1}, "not-a-list"), ("source", ["a; b"], "not-a-list"), ("source", [1], "not-a-list"), ("location", 5, "not-a-text"),
        ("location", "A\0b", "bad-character"), ("location", "A\nb", "bad-character"), ("notes", "A\x07b", "bad-character"),
        ("location", "x\ud800", "bad-character"), ("location", "x" * 1001, "text-too-long"), ("notes", "x" * 20_001, "text-too-long"),
        ("source", ["x" * 1001], "text-too-long"), ("event_id_cnty", "iran1", "pattern-mismatch"), ("event_id_cnty", "IRN1\n2", "bad-character"),
        ("contry", "Iran", "unknown-column"),
    ],
)  # fmt: skip
def test_what_is_refused_and_left_out(name: str, given_: Any, code: str) -> None:
    values, problems = BOOK.coerce({name: given_, "admin1": "Khuzestan"}, where="table.csv, line 7")
    assert values == {"admin1": "Khuzestan"}, "the faulty value is left out, the others stay"
    assert [(p.code, p.severity, p.field, p.where) for p in problems] == [(code, "error", name, "table.csv, line 7")]
    assert len(problems[0].message) < 500 and len(str(problems[0].value)) <= 250, "however long the value was"


def test_messages_name_the_nearest() -> None:
    _, problems = BOOK.coerce({"contry": "Iran", "country": "Irran", "sub_event_type": "peaceful protests"})
    told = [p.message for p in problems]
    assert ["Did you mean 'country'?" in told[0], "Did you mean 'Iran'?" in told[1], "Did you mean 'Peaceful protest'?" in told[2]] == [True] * 3


def test_T19_empty_is_null_and_never_zero() -> None:
    values, problems = BOOK.coerce({"fatalities": "", "latitude": "  ", "crowd_low": None})
    assert values == {"fatalities": None, "latitude": None, "crowd_low": None} and problems == []


def test_coercing_twice_changes_nothing(codebook: Codebook) -> None:
    for event in synthetic_values(40, 3):
        written = {name: "; ".join(value) if isinstance(value, list) else None if value is None else str(value) for name, value in event.items()}
        assert codebook.coerce(written) == (event, []), "what a CSV file holds comes back as it was"
        assert codebook.coerce(event) == (event, [])


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(BOOK.names),
    value=st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40)), lambda inner: st.lists(inner, max_size=3)
    ),
)
def test_anything_at_all_is_typed_or_told(name: str, value: Any) -> None:
    values, problems = BOOK.coerce({name: value})
    assert (name in values) is not bool(problems)
    if not problems:
        assert BOOK.coerce(values) == (values, []), "what was read once is read the same again"


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.none(),
        st.integers(),
        st.text(max_size=12),
        st.sampled_from(["7", "007", " 7 ", "-7", "7.0", "IRN5", " IRN5", "irn5", "\x0b", "", "é", "99999999999999999999"]),
    )
)
def test_the_shortcut_is_no_other_way(codebook: Codebook, cell: Any) -> None:
    for column in codebook.columns:
        short = shortcut(column)(cell)
        if short is not None:
            value, problem = coerce_cell(codebook, column, cell)
            assert (short, type(short), problem) == (value, type(value), None)
