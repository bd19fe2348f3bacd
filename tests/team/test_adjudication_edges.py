"""Codings side by side at their edges: who goes into one row, and what is counted as taken for what."""

from __future__ import annotations

from pathlib import Path

from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.project import packaged_schema
from eventcoder.team.adjudication.adjudicating import Decision, adjudicate
from eventcoder.team.adjudication.aligning import aligned, likeness
from eventcoder.team.adjudication.cases import waiting
from eventcoder.team.adjudication.confusion import confusion
from eventcoder.team.adjudication.grounds import read_grounds
from eventcoder.team.following import concealed_events

from .blindly import Room
from .test_adjudicating import _side

NEAR = {"event_date": "2026-05-03", "location": "A", "latitude": 30.0, "longitude": 50.0, "sub_event_type": "Attack"}


def test_a_coder_has_one_event_in_a_row_whatever_else_is_like_it() -> None:
    grounds = read_grounds(packaged_schema())
    ann, same, like = _side("ann", 1, words=(0, 40), **NEAR), _side("bob", 1, words=(0, 40), **NEAR), _side("bob", 2, words=(20, 60), **NEAR)
    assert likeness(ann.event, same.event, grounds) == 1.0
    assert grounds.bounds["least"] < likeness(ann.event, like.event, grounds) < grounds.bounds["sure"]
    rows = aligned([[ann], [same, like]], ["ann", "bob"], grounds)
    assert [[side.event.event_id for side in row.sides] for row in rows] == [["ann1", "bob1"], ["bob2"]]


def test_what_a_coder_left_empty_is_no_code_that_was_given(tmp_path: Path) -> None:
    room = Room(tmp_path)
    with room.desk("lea") as desk:
        code = desk.codebook.lists["clarity"].codes[0]
    room.coded(1, "ann", {})
    room.coded(2, "bob", {"clarity": code})
    with room.desk("lea") as desk:
        (case,) = waiting(desk)
        found = Decision({"clarity": "bob"}, errors={"clarity": "slip"}, reason="It is said.")
        adjudicate(desk, [(case, [(case.rows[0], found)])])
        assert [(row["code"], row["codings"]) for row in confusion(desk, field="clarity", by="code")] == [(code, 1)]
        assert {(row["coded"], row["adjudicated"]) for row in confusion(desk, field="clarity")} == {(None, code), (code, code)}


def test_what_its_coder_changed_on_two_laptops_shows_to_nobody_either(tmp_path: Path) -> None:
    room = Room(tmp_path)
    (event_id,) = room.coded(1, "ann", {}, done=False)
    room.coded(2, "bob", done=False)
    with room.desk("ann") as desk:
        export_journal(desk.ledger, tmp_path / "before")
    (tmp_path / "away").mkdir()
    for number, place in enumerate((Room(tmp_path / "away", ()), room), 1):
        with place.desk("ann") as desk:
            import_journal(desk.ledger, tmp_path / "before")
            act = {"act": "revise", "values": {"fatalities": number}, "reason": "Read again."}
            desk.ledger.append([desk.act(event_id, act, desk.event(event_id).heads)])
            export_journal(desk.ledger, tmp_path / str(number))
    with room.desk("bob") as desk:
        import_journal(desk.ledger, tmp_path / "1")
        assert desk.event(event_id).state == "conflict" and event_id in concealed_events(desk)
