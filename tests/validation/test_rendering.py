"""A report as people, scripts, CI servers and GitHub read it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.errors import UsageError
from eventcoder.problem import Problem, Report
from eventcoder.validation.rendering import render

REPORT = Report(
    [
        Problem("crowd-size-tag", "Give one crowd size tag.", "warning", "b00000000001", "tags", []),
        *(
            Problem("unknown-code", f"'Peacefull protest' is no code. Row {i}.", "error", f"a0000000000{i}", "sub_event_type", "Peacefull")
            for i in range(7)
        ),
        Problem("future-date", "2031-01-01 lies in the future.", "error", None, "event_date", "2031-01-01", "events.csv, line 12"),
        Problem("notes-place", "Name the place.", "info", "b00000000002", "notes", "x" * 500),
    ]
)


def test_text_is_grouped_worst_first_with_a_few_examples_and_the_count() -> None:
    text = render(REPORT, "text", title="march.csv", examples=3)
    lines = text.splitlines()
    assert lines[0] == "march.csv: 8 errors, 1 warning, 1 info."
    heads = [line for line in lines if line and not line.startswith(" ")][1:]
    assert heads == ["error unknown-code (7)", "error future-date (1)", "warning crowd-size-tag (1)", "info notes-place (1)"]
    assert "  event a00000000000, sub_event_type=Peacefull: 'Peacefull protest' is no code. Row 0." in lines
    assert "  events.csv, line 12, event_date=2031-01-01: 2031-01-01 lies in the future." in lines
    assert "  ... and 4 more; --format json lists all, 'eventcoder explain unknown-code' says what it means." in lines
    assert max(map(len, lines)) < 200


def test_text_of_a_clean_report_says_so() -> None:
    assert render(Report(), title="march.csv") == "march.csv: no problems."


def test_json_has_the_shape_that_scripts_rely_on() -> None:
    told = json.loads(render(REPORT, "json"))
    assert set(told) == {"valid", "counts", "problems"}
    assert told["valid"] is False and told["counts"] == {"error": 8, "warning": 1, "info": 1}
    assert set(told["problems"][0]) == {"code", "severity", "event_id", "field", "value", "message"}


def test_junit_fails_on_errors_only() -> None:
    root = ET.fromstring(render(REPORT, "junit", title="march.csv"))
    suite = root.find("testsuite")
    assert suite is not None and suite.get("tests") == "4" and suite.get("failures") == "2"
    assert [case.get("name") for case in suite if case.find("failure") is not None] == ["unknown-code", "future-date"]
    clean = ET.fromstring(render(Report(), "junit")).find("testsuite")
    assert clean is not None and clean.get("failures") == "0" and len(clean) == 1


def test_github_points_to_the_line_and_escapes() -> None:
    placed = Problem("bad-row", "100% wrong,\nsee: line", "error", None, "notes", None, "raw/a,b.csv, line 12")
    report = Report([placed, Problem("w", "Look.", "warning")])
    first, second = render(report, "github", file="events.csv").splitlines()
    assert first == "::error file=raw/a%2Cb.csv,line=12,title=bad-row::raw/a,b.csv, line 12, notes: 100%25 wrong,%0Asee: line"
    assert second == "::warning file=events.csv,title=w::Look."


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="text, json, junit, github"):
        render(REPORT, "yaml")


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_valid_xml_and_one_line_an_annotation(message: str, value: str) -> None:
    report = Report([Problem("odd", message, "error", "a00000000001", "notes", value, message)])
    ET.fromstring(render(report, "junit", title=value))
    annotations = [line for line in render(report, "github", title=value).split("\n") if line.startswith("::")]
    assert len(annotations) == 1
    json.loads(render(report, "json"))
