"""What a command prints: results to stdout, everything else to stderr. Floor 8."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventcoder.errors import EventcoderError
from eventcoder.problem import Problem


def say(text: str = "") -> None:
    """A line of result."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line for the person at the keyboard, apart from the result."""
    sys.stderr.write(text + "\n")


def emit(value: Mapping[str, Any]) -> None:
    """One JSON object on one line, visible at once to whoever reads the pipe."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def show_problems(problems: Iterable[Problem]) -> None:
    """Problems for a person, on stderr, worst first."""
    order = {"error": 0, "warning": 1, "info": 2}
    for problem in sorted(problems, key=lambda p: order[p.severity]):
        where = " ".join(part for part in (problem.where, problem.field) if part and not problem.message.startswith(part))
        note(f"{problem.severity}: {where + ': ' if where else ''}{problem.message} [{problem.code}]")


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
