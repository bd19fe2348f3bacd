"""One bad value, by every way in: `add`, `import` and `validate` say the same, and nothing is half stored."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command

NEVER_STORED = [
    ({"sub_event_type": "Peacefull protest"}, "unknown-code", "Peaceful protest"),
    ({"country": "Atlantis"}, "unknown-code", "countries"),
    ({"event_date": "2026-02-30"}, "impossible-date", "no such day"),
    ({"event_date": "2026-05"}, "not-a-date", "YYYY-MM-DD"),
    ({"latitude": "95.0"}, "out-of-range", "-90 to 90"),
    ({"longitude": "-181"}, "out-of-range", "-180 to 180"),
    ({"fatalities": "-1"}, "out-of-range", "fatalities"),
    ({"fatalities": "2.5"}, "not-a-whole-number", "whole number"),
    ({"fatalities": "a dozen"}, "not-a-whole-number", "plain digits"),
    ({"latitude": "north"}, "not-a-number", "plain digits"),
    ({"geo_precision": "one"}, "not-a-whole-number", "whole number"),
    ({"notes": "On 3 May 2026, a\x01b gathered in Shiraz."}, "bad-character", "control characters"),
    ({"admin1": "x" * 1001}, "text-too-long", "1,000"),
    ({"fatalites": "3"}, "unknown-column", "fatalities"),
]
STORED_OPEN = [
    ({"event_date": "2031-01-02", "notes": "On 2 January 2031, teachers gathered in Shiraz (Fars)."}, {"future-date"}),
    ({"latitude": "52.5311", "longitude": "29.6104"}, {"coordinates-swapped"}),
    ({"latitude": "-33.4", "longitude": "-70.6"}, {"place-outside-country"}),
    ({"notes": ""}, {"missing-required"}),
    ({"fatalities": "4"}, None),
    ({"sub_event_type": "Attack"}, None),
    ({"actor1": "Protesters (Iraq)", "source": ""}, None),
]


def with_changes(clean: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    return {**clean, **changes}


def write_csv(name: str, rows: list[dict[str, str]]) -> Path:
    path = Path(name)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def codes_said(text: str) -> set[str]:
    """The codes in brackets at the ends of the lines that start with 'error'."""
    return set(re.findall(r"^error: .*\[([a-z0-9-]+)\]$", text, re.MULTILINE))


def errors(report: dict[str, Any]) -> set[str]:
    return {p["code"] for p in report["problems"] if p["severity"] == "error"}


@pytest.mark.parametrize(("changes", "code", "said"), NEVER_STORED)
def test_what_cannot_be_read_is_refused_alike_everywhere(
    command: Command, clean: dict[str, str], changes: dict[str, str], code: str, said: str
) -> None:
    values = with_changes(clean, changes)
    for flags in (("--open",), ("--keep-going",)):
        ran = command("add", "-", *flags, stdin=json.dumps(values), code=1)
        assert codes_said(ran.err) == {code}
        assert said in ran.err
    options = [part for name, value in clean.items() for part in ("--" + name.replace("_", "-"), value)]
    assigned = [part for name, value in changes.items() for part in ("--set", f"{name}={value}")]
    assert errors(command("add", *options, *assigned, "--json", code=1).one) == {code}
    table = write_csv("events.csv", [values])
    lines = Path("events.jsonl")
    lines.write_text(json.dumps(values) + "\n", "utf-8")
    for path in (table, lines):
        ran = command("import", path, code=1)
        assert codes_said(ran.err) == {code}
    assert command("list", "--json", "--limit", "0").lines == []
    assert command("log", "--json").lines == [], "no trace is left of what was refused"


@pytest.mark.parametrize(("changes", "codes"), STORED_OPEN)
def test_broken_rules_have_the_same_codes_everywhere(
    command: Command, clean: dict[str, str], changes: dict[str, str], codes: set[str] | None
) -> None:
    values = with_changes(clean, changes)
    found = errors(command("add", "--json", "-", stdin=json.dumps(values), code=1).one)
    assert found, "the example breaks a rule"
    assert codes is None or codes <= found
    assert command("list", "--json").lines == []
    added = command("add", "--json", "-", "--open", stdin=json.dumps(values))
    assert codes_said(added.err) == found
    ran = command("import", write_csv("events.csv", [values]), "--json")
    assert codes_said(ran.err) == found
    assert (ran.one["created"], ran.one["incomplete"]) == (1, 1)
    report = command("validate", "--json").one
    by_event: dict[str, set[str]] = {}
    for problem in report["problems"]:
        if problem["code"] not in ("likely-same-event", "same-notes"):
            by_event.setdefault(problem["event_id"], set()).add(problem["code"])
    assert len(by_event) == 2
    assert all(found <= seen for seen in by_event.values())
    assert {e["state"] for e in command("list", "--json").lines} == {"open"}
    assert report["valid"], "open events are work in progress: they are listed, and stop nothing"


def test_every_value_of_a_row_is_told_once_and_rules_do_not_judge_what_could_not_be_read(command: Command, clean: dict[str, str]) -> None:
    bad = with_changes(clean, {"latitude": "129", "event_date": "2026-02-30", "fatalities": "-1", "country": "Irann"})
    problems = command("add", "--json", "-", stdin=json.dumps(bad), code=1).one["problems"]
    assert sorted((p["code"], p["field"]) for p in problems) == [
        ("impossible-date", "event_date"),
        ("out-of-range", "fatalities"),
        ("out-of-range", "latitude"),
        ("unknown-code", "country"),
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, [], {}, ["a; b"], [1], "\ud800", 10**30])
def test_json_values_of_the_wrong_kind_never_break_the_output(command: Command, clean: dict[str, str], value: Any) -> None:
    for column in ("fatalities", "latitude", "event_date", "source", "notes"):
        ran = command("add", "--json", "-", stdin=json.dumps({**clean, column: value}), code=1)
        text = ran.out
        json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
        text.encode("utf-8")
    assert command("list", "--json").lines == []


def test_notes_of_ten_megabytes_are_refused_by_every_way_in(command: Command, clean: dict[str, str]) -> None:
    values = with_changes(clean, {"notes": "x" * 10_000_000})
    for ran in (
        command("add", "--json", "-", stdin=json.dumps(values), code=1),
        command("import", write_csv("big.csv", [values]), "--dry-run", code=1),
    ):
        assert codes_said(ran.err) == {"text-too-long"}
        assert len(ran.err) < 5_000, "the message does not repeat the text"
    assert command("list", "--json").lines == []


def test_system_columns_are_not_taken_from_a_coder(command: Command, clean: dict[str, str]) -> None:
    given = {"event_id": "a123456789bc", "timestamp": 5, "revision": 7, "n_reports": 3, "first_release": "2020.01.0"}
    problems = command("add", "--json", "-", "--open", stdin=json.dumps({**clean, **given}), code=1).one["problems"]
    assert {(p["code"], p["field"]) for p in problems} == {("system-column", name) for name in given}
    assert command("list", "--json").lines == []


def test_the_same_id_twice_is_refused_by_every_way_in(command: Command, clean: dict[str, str]) -> None:
    one = {**clean, "event_id_cnty": "IRN123"}
    two = {**one, "event_date": "2026-05-09", "notes": "On 9 May 2026, teachers gathered in Shiraz (Fars)."}
    ran = command("add", "--json", "-", stdin=json.dumps(one) + "\n" + json.dumps(two), code=1)
    assert [(p["code"], p["where"]) for p in ran.one["problems"]] == [("duplicate-id", "standard input, line 2")]
    ran = command("import", write_csv("twice.csv", [one, two]), "--json", code=1)
    assert codes_said(ran.err) == {"duplicate-id"}
    assert (ran.one["rejected"], ran.one["stored"]) == (2, False)
    assert command("list", "--json").lines == []
    command("add", "--json", "-", stdin=json.dumps(one))
    assert codes_said(command("add", "--json", "-", stdin=json.dumps(two), code=1).err) == {"duplicate-id"}
    # an import of a known id is a correction of that event, never a second one
    assert command("import", write_csv("again.csv", [two]), "--json").one["revised"] == 1
    assert [e["event_date"] for e in command("list", "--json").lines] == ["2026-05-09"]
    assert command("validate", "--json").one["valid"]


def test_an_amendment_refuses_what_add_refuses(command: Command, clean: dict[str, str]) -> None:
    event = command("add", "--json", "-", stdin=json.dumps(clean)).one["event_id"]
    for changes, code, _ in NEVER_STORED:
        (name, value), *_ = changes.items()
        ran = command("amend", event, "--set", f"{name}={value}", "--reason", "Trial.", code=1)
        assert codes_said(ran.err) == {code}
    assert command("amend", event, "--set", "revision=9", "--reason", "Trial.", code=1).err.count("system-column") == 1
    assert command("show", event, "--json").one["revision"] == 1
