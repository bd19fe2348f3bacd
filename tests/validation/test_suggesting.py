"""Bounds from past releases: robust, clipped, and with their evidence."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.validation.suggesting import Suggestion, suggest

SHARE = {"id": "days", "kind": "share", "where": "time_precision > 1", "min": 0.01, "max": 0.3, "why": 'A "good" reason.'}


def of(threshold: dict[str, Any], *values: float | None) -> Suggestion:
    return suggest(threshold, [(f"2026.{n + 1:02}.0", value) for n, value in enumerate(values)])


def test_one_odd_release_does_not_move_a_bound_and_is_counted() -> None:
    found = of(SHARE, 0.10, 0.11, 0.12, 0.11, 0.10, 0.9, None)
    assert found.bounds == {"min": pytest.approx(0.050, abs=2e-3), "max": pytest.approx(0.170, abs=2e-3)}
    (read,) = tomllib.loads(found.as_toml())["expectation"]
    assert read["why"] == 'A "good" reason. Measured in 6 releases (2026.01.0 to 2026.06.0): 0.1 to 0.9, median 0.11; 1 of them beyond these bounds.'
    assert read["where"] == SHARE["where"] and read["max"] == found.bounds["max"]
    again = suggest(read, found.values)
    assert tomllib.loads(again.as_toml())["expectation"] == [read], "pasted and asked again it says the same once"


def test_steady_values_leave_room_and_principles_stay() -> None:
    assert of({**SHARE, "kind": "fill_rate", "min": 0.5}, 0.8, 0.8, 0.8).bounds == {"min": 0.78, "max": 0.82}
    assert of({"id": "x", "kind": "fill_rate", "min": 1.0}, 1.0, 1.0, 1.0).bounds == {"min": 1.0}
    assert of({"id": "x", "kind": "fill_rate", "min": 1.0}, 1.0, 0.9, 1.0).bounds == {"min": 0.98}
    assert of({"id": "x", "kind": "fresh_rows", "max": 0}, 0.0, 0.0, 0.0).bounds == {"max": 0}
    assert of({"id": "x", "kind": "lag", "max": 14}, 2.0, 3.0, 2.0).bounds == {"max": 3.0}
    assert of({"id": "x", "kind": "rows", "min": 5}, 100.0, 200.0, 400.0).bounds["min"] == 0
    assert of({"id": "x", "kind": "share", "max": 0.3}, 0.0, 0.0, 0.99).bounds == {"max": 0.02}


def test_nothing_is_proposed_from_two_or_for_principles() -> None:
    assert of(SHARE, 0.1, 0.2).as_json()["proposed"] is None and "3 are needed" in of(SHARE, 0.1, 0.2, None).note
    assert of(SHARE, 0.1, 0.2).as_toml().startswith("# days: 2 releases (2026.01.0 to 2026.02.0): 0.1 to 0.2, median 0.15.")
    assert "no version could be measured" in of(SHARE, None).as_toml()
    assert of({"id": "x", "kind": "drift", "max": 2}, 0.0, 0.0, 0.0).bounds == {}


@given(st.lists(st.floats(0, 1), min_size=3, max_size=12))
def test_the_middle_of_what_was_measured_never_alarms(values: list[float]) -> None:
    found = of(SHARE, *values)
    middle = sorted(values)[len(values) // 2]
    assert 0 <= found.bounds["min"] <= middle <= found.bounds["max"] <= 1 or len(values) % 2 == 0
    assert tomllib.loads(found.as_toml())["expectation"][0]["max"] == found.bounds["max"]
