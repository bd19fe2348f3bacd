"""What a command prints: results to stdout, everything else to stderr. Floor 8."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, NoReturn, TextIO

from eventcoder.errors import EventcoderError
from eventcoder.problem import Problem
from eventcoder.validation.reports.harmless import harmless

TOLD = 20  # problems of one code that a person is shown at once


def say(text: str = "") -> None:
    """A line of result."""
    _write(_printable(text, sys.stdout) + "\n")


def note(text: str) -> None:
    """A line for the person at the keyboard, apart from the result."""
    sys.stderr.write(_printable(text, sys.stderr) + "\n")


def emit(value: Mapping[str, Any]) -> None:
    """One JSON object on one line, visible at once to whoever reads the pipe. Always valid JSON, whatever was handed in."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:  # a user's NaN, repeated in a problem: strict readers of JSON know no such number
        text = json.dumps(_finite(value), ensure_ascii=False, default=str)
    if _printable(text, sys.stdout) != text:
        text = json.dumps(json.loads(text), ensure_ascii=True)
    _write(text + "\n", at_once=True)


def _write(text: str, *, at_once: bool = False) -> None:
    try:
        sys.stdout.write(text)
        if at_once:
            sys.stdout.flush()
    except BrokenPipeError:
        leave_quietly()


def leave_quietly() -> NoReturn:
    """End with code 0 after the reader of a pipe (head, less) has seen enough; Typer would make a failure of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes stdout once more while it ends
    raise SystemExit(0)


def _printable(text: str, stream: TextIO) -> str:
    """The text with escapes for what the stream cannot carry: half characters from broken input, or a terminal that is not UTF-8."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _finite(value: Any) -> Any:
    """The value with texts in place of NaN and infinities."""
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {k: _finite(v) for k, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, list | tuple) else value


def show_problems(problems: Iterable[Problem]) -> None:
    """Problems for a person, on stderr, worst first; of one code the first `TOLD`, and how many more there are."""
    order = {"error": 0, "warning": 1, "info": 2}
    told: dict[tuple[str, str], int] = {}
    for problem in sorted(problems, key=lambda p: order[p.severity]):
        kind = (problem.severity, problem.code)
        told[kind] = told.get(kind, 0) + 1
        if told[kind] > TOLD:
            continue
        place = "" if problem.where and problem.where in problem.message else problem.where
        event = f"event {problem.event_id}" if problem.event_id and problem.event_id not in f"{place} {problem.message}" else ""
        where = " ".join(part for part in (place, event, problem.field) if part and not problem.message.startswith(part))
        note(harmless(f"{problem.severity}: {where + ': ' if where else ''}{problem.message} [{problem.code}]", lines=True))
    for (severity, code), count in told.items():
        if count > TOLD:
            note(f"{severity}: ... and {count - TOLD:,} more of this kind; --json lists all. [{code}]")


def state_told(state: str, problems: Iterable[Problem]) -> str:
    """An event's state in words: one that is open although nothing is wrong with it waits for a person."""
    waits = state == "open" and not any(problem.severity == "error" for problem in problems)
    return f"{state}, waits for approval" if waits else state


def show_error(error: EventcoderError, *, as_json: bool = False) -> None:
    """An error with its problems: on stderr for people; as one object on stdout too when --json was asked for."""
    problems: Sequence[Problem] = getattr(error, "problems", ())
    if as_json:
        emit({"error": error.message, "remedy": error.remedy, "problems": [p.as_json() for p in problems]})
    show_problems(problems)
    note(f"error: {error}")


def table(rows: Sequence[Sequence[str]], header: Sequence[str], *, width: int | None = None) -> list[str]:
    """Aligned columns as lines of text; the last column is cut to the terminal when there is one."""
    import unicodedata

    def cells(text: str) -> int:
        return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)

    widths = [max([cells(header[i]), *(cells(r[i]) for r in rows)]) for i in range(len(header))]
    lines = []
    for row in [header, *rows]:
        line = "  ".join(text + " " * (widths[i] - cells(text)) for i, text in enumerate(row)).rstrip()
        while width and cells(line) > width:
            line = line[:-2] + "…" if len(line) > 2 else line[:-1]
        lines.append(line)
    return lines


def terminal_width() -> int | None:
    """Columns of the terminal on stdout, or None when the output goes to a file or pipe (then nothing is cut)."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
