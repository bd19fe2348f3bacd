"""Thresholds of the whole dataset: measured right, below min fails, above max warns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from eventcoder.codebook import Codebook
from eventcoder.problem import Problem
from eventcoder.validation.thresholds import Judged, judge_thresholds
from tests.synthetic_events import synthetic_values
from tests.validation.tables import TODAY, events_table

VALUES = synthetic_values(200, 71)


def judge(codebook: Codebook, *thresholds: dict[str, Any], values: list[dict[str, Any]] = VALUES, **more: Any) -> tuple[list[Judged], list[Problem]]:
    named = tuple({"id": f"t{i}", "why": "A test.", **threshold} for i, threshold in enumerate(thresholds))
    return judge_thresholds({"events": events_table(values, codebook)}, replace(codebook, expectations=named), latest_today=TODAY, **more)


def test_what_is_measured_is_what_a_person_would_count(codebook: Codebook) -> None:
    judged, problems = judge(
        codebook,
        {"kind": "fill_rate", "column": "actor2"},
        {"kind": "fill_rate", "column": "tags", "where": "event_type = 'Riots'"},
        {"kind": "share", "where": "length(source) = 1"},
        {"kind": "share", "of": "fatalities > 0", "where": "fatalities = 1"},
        {"kind": "mean", "column": "fatalities"},
        {"kind": "distinct", "column": "country"},
        {"kind": "rows"},
    )
    deadly = [v for v in VALUES if v["fatalities"]]
    known = [v["fatalities"] for v in VALUES if v["fatalities"] is not None]
    assert [one.value for one in judged] == pytest.approx([
        sum(v["actor2"] is not None for v in VALUES) / 200, 1.0, sum(len(v["source"]) == 1 for v in VALUES) / 200,
        sum(v["fatalities"] == 1 for v in deadly) / len(deadly), sum(known) / len(known), len({v["country"] for v in VALUES}), 200,
    ], abs=1e-6)  # fmt: skip
    assert problems == []


def test_below_min_fails_and_above_max_warns(codebook: Codebook) -> None:
    judged, problems = judge(codebook, {"kind": "rows", "min": 201}, {"kind": "rows", "max": 199}, {"kind": "rows", "min": 200, "max": 200})
    assert [one.verdict for one in judged] == ["fails", "warns", "holds"]
    assert [(p.code, p.severity) for p in problems] == [("t0", "error"), ("t1", "warning")]


def test_against_the_previous_release(codebook: Codebook) -> None:
    thresholds = ({"kind": "lost_rows", "max": 0}, {"kind": "drop", "max": 0.05})
    before = {"events": events_table(VALUES, codebook)}
    judged, problems = judge(codebook, *thresholds, values=VALUES[20:], previous=before)
    assert [one.value for one in judged] == [0.1, 0.1] and len(problems) == 2
    gone = frozenset(v["event_id"] for v in VALUES[:20])
    judged, _ = judge(codebook, *thresholds, values=VALUES[20:], previous=before, traced=gone)
    assert [one.value for one in judged] == [0.0, 0.1]
    judged, problems = judge(codebook, *thresholds)
    assert [one.verdict for one in judged] == ["unmeasured", "unmeasured"] and problems == []


def test_a_version_that_lost_many_rows_without_a_reason_fails(codebook: Codebook) -> None:
    kept = {"kind": "kept", "min": 0.7}
    before = {"events": events_table(VALUES, codebook)}
    gone = [v["event_id"] for v in VALUES[:80]]
    judged, problems = judge(codebook, kept, values=VALUES[80:], previous=before)
    assert [one.value for one in judged] == [0.6] and [p.severity for p in problems] == ["error"]
    judged, problems = judge(codebook, kept, values=VALUES[80:], previous=before, traced=frozenset(gone[:40]))
    assert [one.value for one in judged] == [0.8] and problems == []
    assert judge(codebook, kept, previous=before)[0][0].value == 1.0


def test_no_rows_are_judged_neither_way(codebook: Codebook) -> None:
    judged, problems = judge(codebook, {"kind": "share", "where": "time_precision > 1", "max": 0.1}, values=[])
    assert judged[0].verdict == "unmeasured" and problems == []


@pytest.mark.parametrize(
    "threshold",
    [
        {"kind": "fill_rat", "column": "country"},
        {"kind": "fill_rate", "column": "contry"},
        {"kind": "share"},
        {"kind": "share", "where": "colour = 'red'"},
        {"kind": "share", "where": "read_text('/etc/hostname') = 'x'"},
        {"kind": "mean", "column": "country"},
        {"kind": "rows", "min": "many"},
    ],
)
def test_thresholds_that_make_no_sense_are_problems(codebook: Codebook, threshold: dict[str, Any]) -> None:
    judged, problems = judge(codebook, threshold, {"kind": "rows", "min": 1})
    assert [one.id for one in judged] == ["t1"]
    assert [p.code for p in problems] == ["bad-expectation"] and "'t0'" in problems[0].message


def test_bounds_that_no_value_can_hold_are_a_problem(codebook: Codebook) -> None:
    _, problems = judge(codebook, {"id": "t0", "kind": "fill_rate", "column": "admin1", "min": 0.9, "max": 0.1, "why": "x"})
    assert any(p.code == "bad-expectation" and "min 0.9 lies above max 0.1" in p.message for p in problems)


def test_the_projects_own_thresholds_can_all_be_measured(codebook: Codebook) -> None:
    events = events_table(VALUES, codebook)
    _, problems = judge_thresholds({"events": events}, codebook, latest_today=TODAY, previous={"events": events})
    assert [p for p in problems if p.severity == "error"] == []
    assert isinstance(events, pa.Table)
