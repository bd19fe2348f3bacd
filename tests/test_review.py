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

from eventcoder.cli.offers import value_offers
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


def test_joining_accepts_one_report_and_attaches_the_other_and_one_undo_takes_both_back(desk: Desk) -> None:
    review = sitting(desk)
    first = review.current
    assert first is not None
    ((other, score),) = review.same_waiting(first)
    assert other.document != first.document and score > 0.7
    outcome = review.join(first, other)
    event = desk.event(outcome.event_id)
    assert {r["document"] for r in event.reports} == {first.document, other.document}
    assert event.values["source"] == ["Orsova Courier", "Veranda Wire"]
    assert not {first.draft_id, other.draft_id} & {d.draft_id for d in review.waiting}
    assert review.undo() == first
    assert desk.event(outcome.event_id).state == "retracted"
    assert review.done == [] and review.current == first
    assert review.same_waiting(first) == [(other, score)]


def test_a_digit_offers_other_places_and_types_a_presumed_side_and_events_that_are_alike(desk: Desk) -> None:
    review = sitting(desk)
    draft = review.waiting[0]
    near = {"name": "Orsova", "country": "Romania", "admin1": "Mehedinti", "latitude": 44.72, "longitude": 22.39, "gazetteer_id": "geonames:1"}
    far = {"name": "Orsova", "country": "Chile", "admin1": "Maule", "latitude": -35.1, "longitude": -71.2, "gazetteer_id": "geonames:2"}
    whole = {"name": "Maule", "country": "Chile", "latitude": -35.5, "longitude": -71.5, "gazetteer_id": "admin1:CL.11", "score": 0.1}
    candidates = {
        "location": [near, far, far, whole],
        "sub_event_type": [{"value": "Protest with intervention", "score": 0.3}, {"value": "Attack", "score": 0.004}],
        "actor1": [{"value": "Rioters (Romania)", "rule": "presumed"}],
    }
    draft = draft.model_copy(update={"candidates": candidates})
    values = {**draft.fields, "gazetteer_id": "geonames:1", "latitude": 44.72}
    found = value_offers(draft, values)
    assert [o.label for o in found] == [
        "location = Orsova, Maule, Chile",
        "location = Maule, Chile (the division)",
        "type = Protest with intervention (0.30)",
        "actor1 = Rioters (Romania) (presumed)",
    ]
    assert found[0].edits["country"] == "Chile" and found[0].edits["actor1"] == "Protesters (Chile)", "who has no name moves with the place"
    assert found[1].edits["geo_precision"] == "3"
    unsettled = {name: value for name, value in values.items() if name != "latitude"}
    assert value_offers(draft, unsettled)[0].label == "location = Orsova, Mehedinti, Romania"
    outcome = review.accept(review.waiting[0], found[0].edits, allow_open=True)
    assert desk.event(outcome.event_id).values["country"] == "Chile"


def test_documents_that_the_engine_does_not_read_wait_for_a_reader_until_an_event_rests_on_them(desk: Desk) -> None:
    text = "Date: 2026-05-12\n\nتجمع مئات العمال أمام مبنى المحافظة في البصرة يوم الأحد للمطالبة بصرف رواتبهم المتأخرة.\n"
    path = desk.project.root / "three.txt"
    path.write_text(text, "utf-8")
    ingest(desk.project, desk.ledger, [path], coder="ana", time=desk.moment)
    ((document, language),) = sitting(desk).by_hand
    assert language == "ar"
    assert not [d for d in sitting(desk).waiting if d.document == document]
    from eventcoder.coding import NewEvent

    desk.add(NewEvent({"event_date": "2026-05-10", "country": "Iraq"}, reports=[document]), allow_open=True)
    assert sitting(desk).by_hand == []


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


class Terminal:
    """`eventcoder ARGS` on a pseudo-terminal: keys in, screen out."""

    def __init__(self, root: Path, *args: str) -> None:
        self.master, slave = pty.openpty()
        command = [sys.executable, "-m", "eventcoder", *args, "--coder", "ana"]
        # this terminal answers no question of where the cursor stands, for which each prompt would wait a second
        env = {**os.environ, "COLUMNS": "100", "TERM": "xterm", "PYTHONIOENCODING": "utf-8", "PROMPT_TOOLKIT_NO_CPR": "1"}
        self.child = subprocess.Popen(command, cwd=root, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True)
        os.close(slave)
        self.screen = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.wait()
        os.close(self.master)

    def keys(self, text: str) -> None:
        os.write(self.master, text.encode())

    def until(self, pattern: str) -> str:
        """What the screen shows when `pattern` has come; the next call looks at what comes later only."""
        limit = time.monotonic() + 60
        while True:
            shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.screen.decode("utf-8", "replace"))
            if found := re.search(pattern, shown):
                self.screen = shown[found.end() :].encode()
                return shown[: found.end()]
            assert time.monotonic() < limit, f"waited for {pattern!r}; the screen shows:\n{shown}"
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.screen += os.read(self.master, 65536)
                except OSError:
                    pytest.fail(f"the command ended while {pattern!r} was awaited; the screen shows:\n{shown}")


def test_the_keys_on_a_real_terminal(desk: Desk) -> None:
    """Single keys without Enter: accept, undo, and join by its digit, after which nothing is left."""
    desk.close()
    with Terminal(desk.project.root, "review", "--status", "codable") as terminal:
        assert "1  accept, and join with Veranda Wire" in terminal.until(r"\? help")
        terminal.keys("a")
        assert re.search(r"1  attach to \w{12}", terminal.until(r"settled[\s\S]*\? help")), "the other report finds the event that is there now"
        terminal.keys("u")
        terminal.until(r"\? help")
        terminal.keys("1")
        terminal.until("with the report of Veranda Wire")
        terminal.until("2 decisions")
        terminal.child.wait(timeout=20)
        assert terminal.child.returncode == 0
    with Desk(desk.project, readonly=True) as after:
        assert [e.body["decision"] for e in after.ledger.entries(kind="decision")] == ["accept", "undo", "accept", "attach"]
        assert sorted(e.state for e in after.ledger.events()) == ["retracted", "settled"]


def test_rejecting_takes_two_keys_and_a_publisher_is_told_once(desk: Desk) -> None:
    path = desk.project.root / "three.txt"
    path.write_text(ARTICLE.replace("Orsova Courier", "Dam [3] News").replace("Around 80 bakers", "Around 90 cooks"), "utf-8")
    outcome = ingest(desk.project, desk.ledger, [path], coder="ana", time=desk.moment)
    assert outcome
    document = next(s for s, e in desk.ledger.latest("document").items() if e.body.get("publisher") == "Dam [3] News")
    desk.close()
    with Terminal(desk.project.root, "review", document, "--status", "codable") as terminal:
        assert "Dam [3] News, 2026-05-12" in terminal.until(r"\? help"), "brackets in a name are no markup"
        terminal.keys("p")
        terminal.until("7 International")
        terminal.keys("5")
        assert "missing-required" not in terminal.until(r"\? help")
        terminal.keys("r")
        terminal.until("another key: back")
        terminal.keys("b")
        terminal.until("rejected: wrong_reading")
        terminal.child.wait(timeout=20)
    with Desk(desk.project, readonly=True) as after:
        assert after.publishers.scale(["Dam [3] News"]) == "National"
        assert [e.body.get("reason") for e in after.ledger.entries(kind="decision")] == ["wrong_reading"]


def test_a_document_by_hand_on_a_terminal_and_nothing_typed_is_lost(desk: Desk) -> None:
    text = "تجمع مئات العمال أمام مبنى المحافظة في البصرة يوم الأحد للمطالبة بصرف رواتبهم المتأخرة."
    path = desk.project.root / "three.txt"
    path.write_text(f"Date: 2026-05-12\nPublisher: Orsova Courier\n\n{text}\n", "utf-8")
    ingest(desk.project, desk.ledger, [path], coder="ana", time=desk.moment)
    document = next(s for s, e in desk.ledger.latest("document").items() if e.body.get("language") == "ar")
    desk.close()
    with Terminal(desk.project.root, "review", document) as terminal:
        screen = terminal.until("q quit")
        assert "1 in Arabic" in screen and "by hand 1 of 1" in screen
        assert text in " ".join(screen.split())
        terminal.keys("c")
        for prompt, answer in (("Event date:", "2026-05-10"), ("Time precision:", ""), ("Sub-event type:", "Peaceful protest"), ("Country:", "Iraq")):
            terminal.until(prompt)
            terminal.keys(answer + "\r")
        terminal.until("Location:")
        terminal.keys("البصرة\r")
        terminal.until("Which place")
        terminal.keys("\r")
        for prompt in (
            "Geographic precision:",
            "Actor 1:",
            "Associated actors 1:",
            "Actor 2:",
            "Associated actors 2:",
            "Fatalities:",
            "Crowd",
            "Notes:",
        ):
            terminal.until(prompt)
            terminal.keys("\r")
        assert "missing: actor1" in " ".join(terminal.until("d: drop it").split())
        terminal.keys("xe")
        terminal.until("Actor 1:")
        terminal.keys("Protesters (Iraq)\r")
        screen = terminal.until("Notes:|Actor type 1:")
        if "Actor type 1:" in screen:
            terminal.keys("Protesters\r")
            terminal.until("Notes:")
        terminal.keys("On 10 May 2026, workers gathered in Basrah to demand their pay.\r")
        terminal.until(r"settled[\s\S]*q quit")
        terminal.keys("q")
        terminal.until("0 decisions")
        terminal.child.wait(timeout=20)
    with Desk(desk.project, readonly=True) as after:
        (event,) = after.ledger.events()
        assert event.values["location"] == "Basrah" and event.values["latitude"] == pytest.approx(30.5, abs=0.1)
        assert event.reports == [{"document": document}]


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
