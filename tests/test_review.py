"""Decisions on drafts: stored at once, undone by acts, never asked twice."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventcoder.coding import Desk
from eventcoder.errors import Refused, UsageError
from eventcoder.intake.articles import ingest
from eventcoder.project import open_project
from eventcoder.review import Review, draft_session, span_of

ARTICLE = """Title: Bakers rally
Date: 2026-05-12
Publisher: Orsova Courier
Language: en

Around 80 bakers rallied outside the town hall of Orsova in Romania on Monday over the price of flour. The rally ended peacefully.
"""
SECOND = """Title: Rally in Orsova
Date: 2026-05-13
Publisher: Veranda Wire
Language: en

Some 90 bakers rallied outside the town hall of Orsova in Romania on Monday because flour has become dearer. Police did not intervene.
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A project with two reports of one event."""
    (tmp_path / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
    (tmp_path / "one.txt").write_text(ARTICLE, "utf-8")
    (tmp_path / "two.txt").write_text(SECOND, "utf-8")
    project = open_project(tmp_path)
    with Desk(project, coder="ana") as opened:
        ingest(project, opened.ledger, [tmp_path / "one.txt", tmp_path / "two.txt"], coder="ana", time=opened.moment)
        yield opened


def sitting(desk: Desk) -> Review:
    return Review(desk, draft_session(desk))


def test_accepting_makes_an_event_with_its_evidence_and_source(desk: Desk) -> None:
    review = sitting(desk)
    draft = review.current
    assert draft is not None
    outcome = review.accept(draft)
    event = desk.event(outcome.event_id)
    assert event.values["source"] == ["Orsova Courier"]
    assert event.values["event_date"] == "2026-05-11"
    assert event.reports == [{"document": draft.document}]
    text = desk.documents.text(draft.document)
    assert all(text[s["start"] : s["end"]] == s["quote"] for spans in event.evidence.values() for s in spans)
    assert [e.body["decision"] for e in desk.ledger.entries(kind="decision")] == ["accept"]


def test_what_was_decided_never_comes_back(desk: Desk) -> None:
    review = sitting(desk)
    before = len(review.waiting)
    review.reject(review.waiting[0], "wrong_reading")
    again = sitting(desk)
    assert len(again.waiting) == before - 1


def test_a_newer_engine_does_not_bring_a_decided_statement_back(desk: Desk) -> None:
    review = sitting(desk)
    draft = review.current
    assert draft is not None
    review.reject(draft, "wrong_reading")
    newer = draft.model_copy(update={"draft_id": "f" * 64, "engine_version": "99.0"})
    session = draft_session(desk)
    session._made[draft.document] = [newer]
    assert newer not in Review(desk, session).waiting


def test_skipped_drafts_come_again(desk: Desk) -> None:
    review = sitting(desk)
    first = review.current
    review.skip()
    assert review.current is not first
    assert sitting(desk).current == first


def test_edits_are_kept_apart_from_the_draft(desk: Desk) -> None:
    review = sitting(desk)
    draft = review.current
    assert draft is not None
    outcome = review.accept(draft, {"tags": "crowd size=about 80 bakers"})
    assert desk.event(outcome.event_id).values["tags"] == ["crowd size=about 80 bakers"]
    decision = next(iter(desk.ledger.entries(kind="decision")))
    assert decision.body["edits"] == {"tags": "crowd size=about 80 bakers"}
    assert desk.ledger.latest("draft")[draft.draft_id].body["fields"] == draft.as_json()["fields"]


def test_a_bad_edit_decides_nothing(desk: Desk) -> None:
    review = sitting(desk)
    draft = review.current
    assert draft is not None
    with pytest.raises(Refused):
        review.accept(draft, {"country": "Atlantis"})
    assert review.current == draft
    assert desk.ledger.count("decision") == 0
    assert desk.ledger.count("act") == 0


def test_attaching_adds_the_report_and_its_publisher(desk: Desk) -> None:
    review = sitting(desk)
    first = review.waiting[0]
    outcome = review.accept(first)
    other = next(d for d in review.waiting if d.document != first.document and d.status == "codable")
    review.attach(other, outcome.event_id)
    event = desk.event(outcome.event_id)
    assert [r["document"] for r in event.reports] == [first.document, other.document]
    assert event.values["source"] == ["Orsova Courier", "Veranda Wire"]
    assert desk.ledger.count("act") == 2


def test_undo_takes_back_an_acceptance_and_an_attachment(desk: Desk) -> None:
    review = sitting(desk)
    first = review.waiting[0]
    outcome = review.accept(first)
    other = next(d for d in review.waiting if d.document != first.document and d.status == "codable")
    review.attach(other, outcome.event_id)
    assert review.undo() == other
    event = desk.event(outcome.event_id)
    assert [r["document"] for r in event.reports] == [first.document]
    assert event.values["source"] == ["Orsova Courier"]
    assert review.undo() == first
    assert desk.event(outcome.event_id).state == "retracted"
    assert review.undo() is None
    assert {d.draft_id for d in sitting(desk).waiting} >= {first.draft_id, other.draft_id}


def test_rejecting_needs_a_known_reason(desk: Desk) -> None:
    review = sitting(desk)
    assert review.current is not None
    with pytest.raises(UsageError, match="wrong_reading"):
        review.reject(review.current, "dunno")


def test_a_marked_piece_of_text_becomes_evidence(desk: Desk) -> None:
    review = sitting(desk)
    draft = review.current
    assert draft is not None
    span = span_of(desk.documents.text(draft.document), "the price  of flour", near=draft.statement.start)
    outcome = review.accept(draft, marked={"notes": [span]})
    (kept,) = desk.event(outcome.event_id).evidence["notes"]
    assert kept["quote"] == "the price of flour"
    with pytest.raises(UsageError, match="not in the text"):
        span_of("Some words.", "other words")


def test_the_keys_on_a_real_terminal(desk: Desk) -> None:
    """A pseudo-terminal, single keys without Enter: reject by number, then undo, accept, quit."""
    desk.close()
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "eventcoder", "review", "--coder", "ana", "--status", "codable"]
    env = {**os.environ, "COLUMNS": "100", "TERM": "xterm"}
    screen = ""

    def until(pattern: str) -> None:
        nonlocal screen
        limit = time.monotonic() + 60
        while not re.search(pattern, re.sub(r"\x1b\[[0-9;?]*[a-z]", "", screen)):
            assert time.monotonic() < limit, f"waited for {pattern!r}; the screen shows:\n{screen}"
            if select.select([master], [], [], 0.2)[0]:
                try:
                    screen += os.read(master, 65536).decode("utf-8", "replace")
                except OSError:
                    pytest.fail(f"the command ended while {pattern!r} was awaited; the screen shows:\n{screen}")
        screen = ""

    with subprocess.Popen(command, cwd=desk.project.root, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True) as child:
        os.close(slave)
        try:
            until(r"\? help")
            os.write(master, b"a")
            until(r"settled[\s\S]*\? help")
            os.write(master, b"u")
            until(r"\? help")
            os.write(master, b"q")
            until(r"decisions|drafts wait")
            child.wait(timeout=20)
        finally:
            child.kill()
            os.close(master)
    assert child.returncode == 0
    with Desk(desk.project, readonly=True) as after:
        assert [e.body["decision"] for e in after.ledger.entries(kind="decision")] == ["accept", "undo"]
        assert [e.state for e in after.ledger.events()] == ["retracted"]


def test_a_scripted_sitting_without_a_terminal(desk: Desk) -> None:
    desk.close()
    command = [sys.executable, "-m", "eventcoder", "review", "--coder", "ana", "--status", "codable"]
    done = subprocess.run(command, cwd=desk.project.root, input="?\nr\nwrong_reading\na\n", capture_output=True, text=True, check=True)
    assert "1 reject, 1 accept" in done.stdout


def test_T34_what_the_machine_suggested_and_what_a_person_decided_stay_apart(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    from eventcoder.cli import run

    review = sitting(desk)
    draft = review.current
    assert draft is not None
    outcome = review.accept(draft, {"actor1": "Labor Group (Romania)"}, allow_open=True)
    (proposed,) = desk.ledger.entries(kind="draft", subject=draft.draft_id)
    assert (proposed.role, proposed.coder) == ("machine", f"{draft.engine}-{draft.engine_version}")
    (act,) = desk.ledger.acts(outcome.event_id)
    assert (act.role, act.coder, act.body["draft"]) == ("coder", "ana", draft.draft_id)
    assert proposed.body["fields"]["actor1"] != "Labor Group (Romania)", "the draft is never edited"
    monkeypatch.chdir(desk.project.root)
    for name, by in (("actor1", proposed.coder), ("country", proposed.coder), ("year", None)):
        assert run(["trace", outcome.event_id, name, "--json"]) == 0
        line = json.loads(capsys.readouterr().out)
        assert (line["suggested_by"], line["decided_by"]) == (by, "ana")
        assert line["suggested"] == draft.fields.get(name)
        assert line["value"] == desk.event(outcome.event_id).values[name]
