"""What must go of an adjudicated event goes out of the codings that it was made of, too: nobody finds it in the ledger or its journal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from eventcoder.ledger.exchange.journal import export_journal
from eventcoder.ledger.work import tasks
from eventcoder.releases.redaction.redacting import redact
from eventcoder.releases.redaction.traces import secrets_of_field
from eventcoder.review import Review, StoredDrafts
from eventcoder.team.adjudication.adjudicating import Decision, adjudicate
from eventcoder.team.adjudication.cases import case_of
from eventcoder.team.tasks.assigning import Wish, assign
from eventcoder.team.tasks.claiming import finish, take

from .blindly import Room
from .working import Team

PERSON = "Parviz Ahmadi"
NOTES = {
    "ana": f"On 3 May 2026, teachers gathered in Shiraz (Fars); {PERSON} was hurt.",
    "ben": f"On 3 May 2026, {PERSON} gathered teachers in Shiraz (Fars).",
}


def test_codings_that_no_draft_joins_are_known_by_their_adjudication(tmp_path: Path) -> None:
    room = Room(tmp_path)
    held = room.coded(1, "ana", {}) + room.coded(2, "ben", {})
    with room.desk("lea") as desk:
        case = case_of(desk, room.documents[0])
        (outcome,) = adjudicate(desk, [(case, [(row, Decision(reason="Same.")) for row in case.rows])])
        for event in (outcome.event_id, *held):
            assert secrets_of_field(desk.ledger, desk.codebook, event, "notes").events == {outcome.event_id, *held}


@pytest.mark.parametrize("adjudicated", [True, False])
def test_what_must_go_goes_out_of_the_codings_too(tmp_path: Path, adjudicated: bool) -> None:
    team = Team(tmp_path, 1)
    made = {}
    with team.desk("lea") as desk:
        assign(desk, [], Wish(to=["ana", "ben"], double=1.0), drafts=team.drafts)
    for who, notes in NOTES.items():
        with team.desk(who) as desk:
            task = take(desk)
            assert task is not None
            sitting = Review(desk, StoredDrafts(team.drafts), drafts=team.drafts)
            made[who] = sitting.accept(sitting.waiting[0], {"notes": notes}).event_id
            finish(desk, task)
    with team.desk("lea") as desk:
        event = made["ana"]
        if adjudicated:
            case = case_of(desk, team.drafts[0].draft_id)
            third = Decision(
                given={"notes": f"On 3 May 2026, teachers and {PERSON} gathered in Shiraz (Fars)."}, reason="Both.", errors={"notes": "slip"}
            )
            event = adjudicate(desk, [(case, [(row, third) for row in case.rows])])[0].event_id
        export_journal(desk.ledger, desk.project.journal_dir)
        held = {p for p in tmp_path.rglob("*") if p.is_file() and PERSON.encode() in p.read_bytes()}
        assert any(".eventcoder" in p.parts for p in held) and any(p.suffix == ".jsonl" for p in held)
        secrets = secrets_of_field(desk.ledger, desk.codebook, event, "notes")
        assert secrets.events == {event, *made.values()}
        done = redact(desk.project, desk.ledger, secrets, reason="A private person.", coder="lea", time=team.moment + timedelta(minutes=1))
        assert done.held == ()
        assert desk.ledger.verify() == [] and {t.state for t in tasks(desk.ledger.store)} == {"done"}
        assert {desk.event(e).values["notes"] for e in {event, *made.values()}} == {"[redacted]"}
    assert [p for p in tmp_path.rglob("*") if p.is_file() and PERSON.encode() in p.read_bytes()] == []
