"""The JSON Schema of an event: valid itself, the same as the committed copy, and of one mind with `Codebook.coerce`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from eventcoder.codebook import Codebook
from eventcoder.codebook.jsonschema import event_json_schema, event_schema_text
from tests.codebook.conftest import SCHEMA, Damage
from tests.synthetic_events import synthetic_values


@pytest.fixture(scope="module")
def validator(codebook: Codebook) -> jsonschema.Draft202012Validator:
    schema = event_json_schema(codebook)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker(["date"]))


def test_the_committed_copy_is_true() -> None:
    text = event_schema_text(SCHEMA)
    assert text.endswith("}\n")
    assert (SCHEMA / "event.schema.json").read_bytes() == text.encode(), "run 'make generated' and commit schema/event.schema.json"


def test_events_abide_by_it(validator: jsonschema.Draft202012Validator) -> None:
    for event in synthetic_values(50):
        assert [error.message for error in validator.iter_errors(event)] == []
    assert validator.is_valid({}), "an open event may lack anything"


@pytest.mark.parametrize(
    "event",
    [
        {"country": "Iram"}, {"fatalities": -1}, {"fatalities": 2.5}, {"fatalities": "3"}, {"event_date": "2024-02-30"}, {"event_date": "9 May 2024"},
        {"time_precision": 4}, {"source": "Radio Example"}, {"latitude": 91}, {"event_id_cnty": "IR12"}, {"actor1": "x" * 1001}, {"bananas": 1},
        {"assoc_actor_1": [1]}, {"notes": 5},
    ],
)  # fmt: skip
def test_what_no_event_can_hold_is_refused(validator: jsonschema.Draft202012Validator, codebook: Codebook, event: dict[str, Any]) -> None:
    assert not validator.is_valid(event)
    text_numbers = event == {"fatalities": "3"} or event == {"source": "Radio Example"}
    assert text_numbers or codebook.coerce(event)[1], "coerce refuses the same, but for text forms that it reads"


def test_it_says_what_settling_needs_and_where_codes_come_from(codebook: Codebook) -> None:
    schema = event_json_schema(codebook)
    assert schema["x-required"] == [column.name for column in codebook.columns if column.required]
    assert schema["properties"]["country"]["x-codes"] == "countries"
    assert list(schema["properties"]) == list(codebook.names)


def test_it_follows_the_codebook_of_a_project(damaged: Damage) -> None:
    folder: Path = damaged("columns.csv", "", '56,rain_mm,project,number,no,coder,,0,2000,,mm,Rain,"Rain of the day. Null: not measured."\n')
    rain = json.loads(event_schema_text(folder))["properties"]["rain_mm"]
    assert (rain["type"], rain["minimum"], rain["maximum"], rain["x-unit"]) == (["number", "null"], 0, 2000, "mm")
