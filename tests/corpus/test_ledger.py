"""`extract` on a project's documents: in order, once, on many processes, after kills, and whatever the documents are."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.conftest import article, drafts_in, here, new_project, started, take_in


def times(project: Path) -> dict[str, int]:
    """How often each document was done."""
    with closing(sqlite3.connect(project / ".eventcoder" / "extracted.sqlite")) as connection:
        return dict(connection.execute("SELECT document, times FROM done"))


def test_processes_give_the_same_drafts_in_the_same_order_as_one(project: Path) -> None:
    take_in(project, [article(n) for n in range(45)])
    alone, _ = here(project, "extract", "--jobs", "1", "--json", "--no-store")
    together, said = here(project, "extract", "--jobs", "3", "--json")
    assert alone == together and alone
    order = [json.loads(line)["document"] for line in alone.splitlines()]
    assert order == sorted(order) and len(set(order)) == 45
    assert {json.loads(line)["draft_id"] for line in alone.splitlines()} == set(drafts_in(project))
    assert said == ""


def test_a_document_is_not_done_twice_until_something_it_depends_on_changes(project: Path) -> None:
    take_in(project, [article(n) for n in range(6)])
    here(project, "extract")
    before = drafts_in(project)
    out, said = here(project, "extract")
    assert out == "" and "0 drafts from 0 documents; 6 were extracted before (--again" in said
    take_in(project, [article(6)])
    _, said = here(project, "extract")
    assert "from 1 documents; 6 were" in said
    take_in(project, [{**article(0), "published": "2026-06-17"}])  # another date of publication: its "Monday" is another day
    _, said = here(project, "extract")
    assert "from 1 documents; 6 were" in said and len(drafts_in(project)) > len(before)
    assert set(times(project).values()) == {1}
    _, said = here(project, "extract", "--again")
    assert "from 7 documents." in said and set(times(project).values()) == {2}
    (project / "eventcoder.toml").write_text('id = "trial"\nwindow_days = 3\n', "utf-8")
    _, said = here(project, "extract")
    assert "from 7 documents." in said


def test_a_document_that_is_named_is_always_shown(project: Path) -> None:
    take_in(project, [article(n) for n in range(3)])
    first, _ = here(project, "extract")
    wanted = first.split()[1]
    for _ in range(2):
        out, _ = here(project, "extract", wanted[:6])
        assert out and {line.split()[1] for line in out.splitlines() if not line.startswith("    ")} == {wanted}
    assert len(drafts_in(project)) == len([line for line in first.splitlines() if not line.startswith("    ")])
    _, said = here(project, "extract", "ffff", code=1)
    assert "No document 'ffff'" in said


def test_losing_the_memory_of_what_was_done_costs_nothing_but_time(project: Path) -> None:
    take_in(project, [article(n) for n in range(4)])
    here(project, "extract")
    before = drafts_in(project)
    (project / ".eventcoder" / "extracted.sqlite").write_bytes(b"this is no database, it was damaged" * 40)
    _, said = here(project, "extract")
    assert "from 4 documents." in said and drafts_in(project) == before


def test_another_ledger_gets_the_drafts_that_it_has_not(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(project, [article(0), article(1)])
    here(project, "extract")
    before = drafts_in(project)
    monkeypatch.setenv("EVENTCODER_LEDGER", "other.sqlite")
    take_in(project, [article(0), article(1), {**article(2), "text": "Nothing happened."}])
    assert "from 3 documents." in here(project, "extract")[1] and drafts_in(project).keys() == before.keys()
    assert "0 documents; 3 were extracted before" in here(project, "extract")[1]
    monkeypatch.delenv("EVENTCODER_LEDGER")
    assert "0 documents; 2 were extracted before" in here(project, "extract")[1], "and the first one has them still"
    shutil.copy(project / "other.sqlite", project / "copy.sqlite")  # a copy holds what its source holds
    monkeypatch.setenv("EVENTCODER_LEDGER", "copy.sqlite")
    assert "0 documents; 3 were extracted before" in here(project, "extract")[1]


MANY = 240
OFTEN = "storing.BATCH = 100"  # a transaction every 50 documents: the first one long before the end


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with many documents of which none was read."""
    folder = new_project(tmp_path_factory.mktemp("many") / "project")
    take_in(folder, [article(n) for n in range(MANY)])
    return folder


@pytest.fixture(scope="module")
def undisturbed(unread: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The drafts of a run over a copy of it that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "project"
    shutil.copytree(unread, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVENTCODER_CODER", "ana")
        here(folder, "extract")
    return drafts_in(folder)


@pytest.fixture
def many(unread: Path, project: Path) -> Path:
    """A copy of the project with many documents."""
    shutil.rmtree(project)
    shutil.copytree(unread, project)
    return project


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_after_a_kill_the_next_run_does_the_rest_and_nothing_twice(many: Path, undisturbed: dict[str, dict[str, Any]], jobs: str) -> None:
    process = started(many, "extract", "--jobs", jobs, out=subprocess.DEVNULL, smaller=OFTEN)
    memory = many / ".eventcoder" / "extracted.sqlite"
    done = 0
    deadline = time.monotonic() + 60
    while not done and process.poll() is None and time.monotonic() < deadline:
        if memory.exists():
            with closing(sqlite3.connect(memory, timeout=30)) as connection:
                tables = connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'done'").fetchone()[0]
                done = connection.execute("SELECT COUNT(*) FROM done").fetchone()[0] if tables else 0
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL and 0 < done < MANY
    _, said = here(many, "extract", "--jobs", jobs)
    known = int(said.split(" were extracted before")[0].split("; ")[-1])
    assert done <= known < MANY and f"from {MANY - known} documents" in said
    assert len(times(many)) == MANY and set(times(many).values()) == {1}
    assert drafts_in(many) == undisturbed


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_done(many: Path) -> None:
    process = started(many, "extract", "--jobs", "2", "--json")
    assert process.stdout is not None
    for _ in range(5):  # early, so that a slow machine is not done before the signal comes
        assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "Traceback" not in err and "Stopped" in err
    kept = len(times(many))
    assert drafts_in(many) and 0 < kept < MANY
    _, said = here(many, "extract", "--jobs", "1")
    assert f"from {MANY - kept} documents; {kept} were extracted before" in said and set(times(many).values()) == {1}


def test_documents_that_cannot_be_read_are_named_and_the_others_go_on(project: Path) -> None:
    take_in(
        project,
        [
            article(1),
            {"text": "Soldiers fired on a crowd in Goma on Monday. " * 30_000, "published": "2026-05-13"},
            {"text": "!\u0660\u0661 \u202e\u05d0\u05d1\u05d2 \u200f" * 40, "published": "2026-05-13"},
            {"text": "<script>alert('On Monday 40 people protested in Lyon')</script> <b>&nbsp;", "published": "2026-05-13"},
            {"text": "x" * 50_000},
            {"text": "On 31 February 2026 farmers protested in Kano; it was on 3 May 2027, or on 4 May 1926, they said, at 25:61."},
            {"text": "تظاهر عشرات المعلمين في البصرة يوم الاثنين. " * 5, "published": "2026-05-13"},
            article(2, None),
        ],
    )
    stored = {path.read_text("utf-8"): path for path in (project / "raw" / "documents").glob("*.txt")}
    gone, altered = (next(path for text, path in stored.items() if f"Report number {n}." in text) for n in (1, 2))
    gone_text, altered_text = gone.read_bytes(), altered.read_bytes()
    gone.unlink()
    altered.write_bytes(altered_text + b" And more.")
    _, said = here(project, "extract", code=1)
    assert f"{gone.stem} was not read" in said and "[document-text-missing]" in said and f"{altered.stem} was not read" in said
    assert "1,000,000 is the most that is read as one document: split it" in said and "3 documents were not read." in said
    assert "2 documents have no date of publication" in said and "--published YYYY-MM-DD" in said
    gone.write_bytes(gone_text)
    altered.write_bytes(altered_text)
    _, said = here(project, "extract", code=1)  # those that failed come again, the others do not
    assert "from 3 documents" in said and "1 documents were not read." in said and "[document-too-large]" in said
    drafts = drafts_in(project).values()
    today = time.strftime("%Y-%m-%d")
    assert drafts and all(d["fields"].get("event_date") != today for d in drafts)


def test_a_relative_day_without_date_of_publication_stays_open(project: Path) -> None:
    take_in(project, [article(4, None)])
    out, said = here(project, "extract", "--json")
    rally = next(d for line in out.splitlines() if "rallied" in (d := json.loads(line))["statement"]["quote"])
    assert rally["fields"].get("event_date") is None and "1 documents have no date of publication" in said


def test_an_unknown_status_or_engine_is_refused(project: Path) -> None:
    take_in(project, [article(1)])
    assert "Known: rules, semantic, llm" in here(project, "extract", "--engine", "oracle", code=2)[1]
    assert "Unknown status" in here(project, "extract", "--status", "certain", code=2)[1]
    assert "not named together" in here(project, "extract", "abcd", "--to", "x", code=2)[1]
