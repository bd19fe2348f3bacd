"""Projects with many small invented articles, and the command line as a process of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eventcoder.cli import run as run_command
from eventcoder.coding import Desk
from eventcoder.project import open_project, packaged_schema

TOWNS = ("Shiraz", "Kano", "Khartoum", "Lyon", "Orsova", "Basra", "Goma", "Quetta", "Mindat", "Cochabamba")
GROUPS = ("bakers", "teachers", "nurses", "farmers", "students", "miners")
CAUSES = ("the price of flour", "unpaid wages", "a new road toll", "the closing of a clinic", "cuts of water")


def article(number: int, published: str | None = "2026-05-13") -> dict[str, Any]:
    """An invented article; each number another text."""
    town, group, cause = TOWNS[number % 10], GROUPS[number % 6], CAUSES[number % 5]
    text = (
        f"Around {number + 20} {group} rallied outside the town hall of {town} on Monday over {cause}. The rally ended peacefully.\n\n"
        f"On 3 May 2026, gunmen attacked a checkpoint near {TOWNS[(number + 3) % 10]} and killed {number % 7 + 2} soldiers, officials said. "
        f"Report number {number}."
    )
    return {"text": text, "published": published, "publisher": "Veranda Wire", "language": "en"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without documents."""
    folder = new_project(tmp_path / "project")
    monkeypatch.setenv("EVENTCODER_CODER", "ana")
    monkeypatch.delenv("EVENTCODER_LEDGER", raising=False)
    return folder


def new_project(folder: Path) -> Path:
    """A folder with settings and its own copy of the codebook."""
    shutil.copytree(packaged_schema(), folder / "schema")
    (folder / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
    return folder


def take_in(project: Path, articles: list[dict[str, Any]]) -> None:
    """Ingest articles."""
    path = project.parent / "articles.jsonl"
    path.write_text("".join(json.dumps(a) + "\n" for a in articles), "utf-8")
    from eventcoder.intake.articles import ingest

    opened = open_project(project)
    with Desk(opened, coder="ana") as desk:
        ingest(opened, desk.ledger, [path], coder="ana", time=desk.moment)


def drafts_in(project: Path) -> dict[str, dict[str, Any]]:
    """The drafts of the ledger by id; a draft that was stored twice fails the test."""
    with Desk(open_project(project), readonly=True) as desk:
        entries = list(desk.ledger.entries(kind="draft"))
    assert len({e.subject for e in entries}) == len(entries), "a draft was stored twice"
    return {e.subject: dict(e.body) for e in entries}


def started(project: Path, *args: str | Path, out: int = subprocess.PIPE, smaller: str = "") -> subprocess.Popen[str]:
    """`eventcoder ARGS` as a process; `out` is where its stdout goes, `smaller` e.g. "storing.BATCH = 100" of `eventcoder.corpus`."""
    first = f"from eventcoder.corpus import {smaller.split('.')[0]}; {smaller}; from eventcoder.cli import main; main()"
    program = ["-c", first] if smaller else ["-m", "eventcoder"]
    command = [sys.executable, *program, *map(str, args), "--project", str(project)]
    return subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True, env={**os.environ, "EVENTCODER_CODER": "ana"})


def ran(project: Path, *args: str | Path, code: int = 0, smaller: str = "") -> tuple[str, str]:
    """`eventcoder ARGS` as a process to its end: what it wrote to stdout and stderr."""
    process = started(project, *args, smaller=smaller)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, f"exit code {process.returncode}\n{out}\n{err}"
    assert "Traceback" not in err
    return out, err


def here(project: Path, *args: str | Path, code: int = 0) -> tuple[str, str]:
    """The same in this process, which need not start Python and import everything: for what does not depend on a process of its own."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        got = run_command([*map(str, args), "--project", str(project)])
    assert got == code, f"exit code {got}\n{out.getvalue()}\n{err.getvalue()}"
    assert "Traceback" not in err.getvalue()
    return out.getvalue(), err.getvalue()
