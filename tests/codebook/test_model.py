"""The pydantic model accepts and refuses the same typed values as `Codebook.coerce`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from eventcoder.codebook import Codebook, load_codebook
from eventcoder.codebook.model import event_model
from tests.codebook.conftest import SCHEMA
from tests.synthetic_events import synthetic_values

BOOK = load_codebook(SCHEMA)
MODEL = event_model(BOOK)

WORDS = ["Iran", "iran", "Attack", "2024-02-29", "2023-02-29", "geonames:112931", "IRN12", " x", "a;b", "e\u0301"]
texts = st.one_of(st.text(max_size=30), st.sampled_from(WORDS))
numbers = st.one_of(st.integers(-5, 2**54), st.floats(-200, 200), st.sampled_from([1, 2, 3, 4, 364, 2024, 0]))
lists = st.lists(texts, max_size=3)


def accepted(model: type[BaseModel], event: dict[str, Any]) -> bool:
    try:
        model.model_validate(event)
    except ValidationError:
        return False
    return True


def test_events_go_in_and_come_out_unchanged(codebook: Codebook) -> None:
    for event in synthetic_values(30):
        assert MODEL.model_validate(event).model_dump() == {name: event.get(name) for name in codebook.names}
        assert codebook.coerce(event) == (event, [])


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(BOOK.names), value=st.one_of(texts, numbers, lists, st.booleans()))
def test_model_and_coerce_are_of_one_mind_about_typed_values(name: str, value: Any) -> None:
    values, problems = BOOK.coerce({name: value})
    unchanged = not problems and type(values[name]) is type(value) and values[name] == value
    if accepted(MODEL, {name: value}):
        assert not problems, "what the model takes, the ledger takes"
        assert values[name] == value or BOOK.column(name).unit.startswith("degrees")
    else:
        assert not unchanged, "what coerce leaves as it is, the model takes"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("country", "Iran", "Persien"), ("event_date", "2024-02-29", "2023-02-29"), ("fatalities", 0, -1), ("fatalities", 12, 2.5),
        ("time_precision", 3, 4),
        ("source", ["Radio Example"], "Radio Example"), ("source", [], [3]), ("latitude", -90.0, 90.5), ("event_id_cnty", "IRN12", "irn12"),
        ("notes", "a\nb", "a\0b"), ("actor1", "x" * 1000, "x" * 1001), ("iso", 364, True),
    ],
)  # fmt: skip
def test_single_values(name: str, good: Any, bad: Any) -> None:
    assert accepted(MODEL, {name: good}) and not accepted(MODEL, {name: bad})


def test_unknown_columns_are_refused_and_all_others_may_be_absent() -> None:
    assert not accepted(MODEL, {"contry": "Iran"})
    empty = MODEL.model_validate({}).model_dump()
    assert list(empty) == list(BOOK.names) and empty["country"] is None and empty["source"] == []


def test_an_event_cannot_be_changed_by_accident() -> None:
    event = MODEL.model_validate({"country": "Iran"})
    with pytest.raises(ValidationError):
        event.country = "Iraq"  # type: ignore[attr-defined]


def test_fields_carry_the_descriptions_of_their_columns() -> None:
    assert {name: field.description for name, field in MODEL.model_fields.items()} == {c.name: c.description for c in BOOK.columns}
