"""The Table Schema: a valid descriptor, and data that abide by the codebook abide by it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from eventcoder.codebook import Codebook
from eventcoder.codebook.tableschema import table_schema
from tests.synthetic_events import synthetic_values

frictionless = pytest.importorskip("frictionless")


def report_of(codebook: Codebook, folder: Path, events: list[dict[str, object]]) -> list[tuple[str, str]]:
    """What frictionless says about the events as a CSV file of all columns (type and field of each error)."""
    path = folder / "events.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, codebook.names)
        writer.writeheader()
        for event in events:
            cells = {name: "; ".join(value) if isinstance(value, list) else value for name, value in event.items()}
            writer.writerow({name: "" if value is None else value for name, value in cells.items()})
    resource = frictionless.Resource(
        name="events", path="events.csv", basepath=str(folder), schema=frictionless.Schema.from_descriptor(table_schema(codebook))
    )
    return [tuple(row) for row in resource.validate().flatten(["type", "fieldName"])]


def test_the_descriptor_is_valid(codebook: Codebook) -> None:
    schema = frictionless.Schema.from_descriptor(table_schema(codebook))
    assert schema.field_names == list(codebook.names)
    described = table_schema(codebook)
    assert described["primaryKey"] == ["event_id"] and described["missingValues"] == [""]
    by_name = {field["name"]: field for field in described["fields"]}
    assert by_name["source"]["type"] == "list" and by_name["source"]["itemType"] == "string"
    assert by_name["country"]["constraints"]["required"] is True and "Iran" in by_name["country"]["constraints"]["enum"]
    assert by_name["time_precision"]["constraints"]["enum"] == [1, 2, 3]
    assert all(field["description"] for field in described["fields"])


def test_good_events_pass_and_bad_ones_are_found(codebook: Codebook, tmp_path: Path) -> None:
    events = synthetic_values(20)
    assert report_of(codebook, tmp_path, events) == []
    events[0]["country"] = None
    events[1]["sub_event_type"] = "Armed clahs"
    events[2]["fatalities"] = -1
    events[3]["event_date"] = "09/05/2024"
    found = report_of(codebook, tmp_path, events)
    outside = [("constraint-error", name) for name in ("country", "sub_event_type", "fatalities")]
    assert found == [*outside, ("type-error", "event_date")]
