"""`checks accept`, and the forms of `validate` and `explain`, as a lead would use them."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from eventcoder.project import packaged_schema
from tests.conftest import Command

MARCHES = "On 3 May 2026, teachers gathered in Shiraz (Fars) for the {} of two marches to demand the payment of late salaries."
TERMS = ("--reason", "Two marches.", "--until", "2027-03-01")


@pytest.fixture
def marches(command: Command, options: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two settled events that look like one, in a project with a codebook of its own: a warning each."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795500000")  # 2026-11-24
    shutil.copytree(packaged_schema(), Path("schema"))
    return [command("add", *options(notes=MARCHES.format(number)), "--json", code=None).one["event_id"] for number in ("first", "second")]


def test_an_accepted_warning_is_a_note_until_its_day(command: Command, marches: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "warning likely-same-event (1)" in command("validate", "--strict", code=1).out
    (told,) = command("validate", "--json").one["problems"]
    other = next(event for event in marches if event != told["event_id"])
    assert f"for event {other} until" in command("checks", "accept", "likely-same-event", "--event", other[:8], *TERMS).out
    told_again = command("validate").out
    assert "warning likely-same-event (1)" in told_again and "info acceptance-unused (1)" in told_again
    assert command("checks", "accept", "likely-same-event", "--event", told["event_id"], "--json", *TERMS).one["until"] == "2027-03-01"
    quiet = command("validate", "--strict").out
    assert "info likely-same-event (1)" in quiet and "(accepted until 2027-03-01 by ana: Two marches.)" in quiet
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1804000000")  # 2027-03-02
    assert "warning acceptance-expired (2)" in command("validate", "--strict", code=1).out


def test_what_only_a_release_has_is_not_called_unused_by_validate(command: Command, marches: list[str]) -> None:
    for code in ("row-drop", "undecided-duplicate"):
        command("checks", "accept", code, *TERMS)
    assert "acceptance-unused" not in command("validate").out, "whoever took the entry out would miss it at the next release"
    command("checks", "accept", "several-tactics", "--field", "notes", *TERMS)
    told = command("validate").out
    assert "info acceptance-unused (1)" in told and "entry 3: The acceptance of several-tactics in notes fits nothing here." in told


def test_what_cannot_be_accepted_says_why(command: Command, marches: list[str]) -> None:
    assert "never accepted" in command("checks", "accept", "unknown-code", *TERMS, code=1).err
    assert "'eventcoder explain --all' lists them" in command("checks", "accept", "zzzz", *TERMS, code=2).err
    assert "Did you mean 'likely-same-event'?" in command("checks", "accept", "likly-same-event", *TERMS, code=2).err
    assert "not a day" in command("checks", "accept", "likely-same-event", "--reason", "x", "--until", "soon", code=2).err
    assert not Path("schema/accepted.toml").exists()
    shutil.rmtree("schema")
    assert "no schema/ of its own" in command("checks", "accept", "likely-same-event", *TERMS, code=2).err


def test_a_report_in_every_form_and_beside(command: Command, marches: list[str]) -> None:
    assert "<h1>Report: events</h1>" in command("validate", "--format", "html").out
    assert command("validate", "--format", "github").out.startswith("::warning title=likely-same-event::event ")
    assert "no problems" not in command("validate", "--report", "report.xml").out
    assert ET.parse("report.xml").getroot().tag == "testsuites"
    assert "Use one of: text, json, junit, github, html" in " ".join(command("validate", "--format", "yaml", code=2).err.replace("│", " ").split())
    assert ".html" in command("validate", "--report", "report.pdf", code=2).err


def test_the_suite_is_written_or_printed_without_a_ledger(command: Command) -> None:
    assert "expectations to suite.json" in command("validate", "--gx-suite", "suite.json").err
    assert command("validate", "--gx-suite", "-").out == Path("suite.json").read_text("utf-8")
    assert json.loads(Path("suite.json").read_text("utf-8"))["name"] == "eventcoder"


def test_every_code_is_listed(command: Command) -> None:
    lines = command("explain", "--all").out.splitlines()
    assert "the ledger" in lines and any(line.startswith("  unknown-code: ") for line in lines)
    listed = command("explain", "--all", "--format", "json").lines
    assert {one["code"] for one in listed} > {"likely-same-event", "unknown-code", "acceptance-expired"}
    assert "--all" in command("explain", code=2).err
    assert "Did you mean 'unknown-code'?" in command("explain", "unknwon-code", code=2).err
