"""How problems are shown to a person: where, which event, how to mend it, and never hundreds of the same kind."""

from __future__ import annotations

import pytest

from eventcoder.cli.output import TOLD, show_problems
from eventcoder.problem import Problem


def shown(capsys: pytest.CaptureFixture[str], *problems: Problem) -> list[str]:
    show_problems(problems)
    return capsys.readouterr().err.splitlines()


def test_the_event_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    point = Problem("place-outside-country", "(0, 9) lies outside Iran.", "error", "a00000000001", "latitude")
    assert shown(capsys, point) == ["error: event a00000000001 latitude: (0, 9) lies outside Iran. [place-outside-country]"]
    named = Problem("event-in-conflict", "Event a00000000001 has two heads.", "error", "a00000000001")
    assert shown(capsys, named) == ["error: Event a00000000001 has two heads. [event-in-conflict]"]
    in_a_line = Problem("unknown-code", "'x' is no code.", "error", None, "country", where="f.csv, line 3")
    assert shown(capsys, in_a_line) == ["error: f.csv, line 3 country: 'x' is no code. [unknown-code]"]


def test_many_of_one_kind_are_cut_and_counted_and_the_worst_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    many = [Problem("shared-note", f"{n} events have one note.", "info") for n in range(TOLD + 5)]
    lines = shown(capsys, *many, Problem("unknown-code", "'x' is no code.", "error"))
    assert lines[0] == "error: 'x' is no code. [unknown-code]"
    assert lines[-1] == "info: ... and 5 more of this kind; --json lists all. [shared-note]"
    assert len(lines) == TOLD + 2
