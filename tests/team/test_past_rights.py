"""`doctor` tells what journals brought and nobody may have stored: by strangers, beyond a role, beside codings that are apart."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from eventcoder.coding import Desk, NewEvent
from eventcoder.ledger import Entry, new_entry
from eventcoder.ledger.blind import beside_codings
from eventcoder.ledger.people.past_rights import doubtful_entries
from eventcoder.team.tasks.assigning import Wish, assign
from eventcoder.team.tasks.claiming import take
from tests.conftest import CLEAN, Command
from tests.team.test_blind import code
from tests.team.working import Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path, 2)


def bring(desk: Desk, *entries: Entry) -> None:
    """As a journal or a copy does: nobody is asked."""
    with desk.ledger.store.writing():
        for entry in entries:
            desk.ledger.store.execute(
                "INSERT INTO entries (seq, id, kind, subject, parents, coder, role, time, body) "
                "SELECT COALESCE(MAX(seq), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ? FROM entries",
                entry.row(),
            )


def by(team: Team, coder: str, kind: str, subject: str, body: dict[str, Any], role: str = "coder", **later: int) -> Entry:
    return new_entry(kind, subject, body, coder=coder, role=role, time=team.moment + timedelta(**later))


def told(desk: Desk) -> list[tuple[str, object]]:
    return [(p.code, p.value) for p in doubtful_entries(desk.ledger.store)]


def test_a_team_that_works_as_it_should_is_told_nothing(team: Team) -> None:
    with team.desk("lea") as desk:
        assign(desk, team.documents[:1], Wish(to=["ana", "ben"], double=1.0))
    code(team, "ana")
    with team.desk("ana") as desk:
        first, second = (desk.add(NewEvent(CLEAN), allow_open=True).event_id for _ in range(2))
        desk.merge(first, [second], reason="One event.")
    with team.desk("lea") as desk:
        team.disable(desk, "ana")
        bring(desk, by(team, "rules", "draft", "d", {"document": "x"}, role="machine"))
        assert doubtful_entries(desk.ledger.store) == [] and beside_codings(desk.ledger.store) == []


def test_strangers_and_disabled_coders_are_told(team: Team) -> None:
    with team.desk("lea") as desk:
        before = by(team, "olga", "coverage", "c0", {"week": "before"}, hours=-9)
        bring(desk, before)
        assert told(desk) == [], "what was done before anybody was registered is fine"
        bring(desk, *(by(team, "mona", "coverage", f"c{n}", {"n": n}, hours=n) for n in (1, 2)))
        team.moment += timedelta(hours=5)
        team.disable(desk, "ben")
        bring(desk, by(team, "ben", "coverage", "c3", {"n": 3}), by(team, "ben", "coverage", "c4", {"n": 4}, hours=-1))
        assert told(desk) == [("entry-by-stranger", "mona")], "in the same second nobody knows what came first"
        bring(desk, by(team, "ben", "coverage", "c5", {"n": 5}, hours=1))
        ben, mona = doubtful_entries(desk.ledger.store)
        assert ben.message.startswith("1 entry by ben after the name was disabled at 2026") and "eventcoder log --by ben" in ben.message
        assert mona.message.startswith("2 entries by mona, whom nobody has registered, the first at 2026") and "coders add mona" in mona.message
        assert {p.severity for p in (ben, mona)} == {"warning"}


def test_what_a_role_did_not_allow_is_told(team: Team) -> None:
    beyond: tuple[tuple[str, dict[str, Any], str, str], ...] = (
        ("act", {"act": "resolve", "values": {}}, "coder", "decide a conflict"),
        ("act", {"act": "adjudicate"}, "coder", "adjudicate codings"),
        ("act", {"act": "merge", "merged": ["y"]}, "coder", "merge events that somebody else coded"),
        ("act", {"act": "revise", "values": {}}, "lead", "act as lead"),
        ("query", {"says": "return", "text": "No."}, "coder", "return events"),
        ("actor", {"name": "Mill Guard", "status": "accepted"}, "coder", "change the register of actors"),
        ("assignment", {"state": "assigned", "item": "x"}, "coder", "assign work"),
        ("coder", {"name": "mo", "role": "coder", "state": "active", "training": "none"}, "coder", "register coders"),
    )
    with team.desk("lea") as desk:
        event = desk.add(NewEvent(CLEAN)).event_id
        bring(desk, *(by(team, "ana", kind, event, body, role) for kind, body, role, _ in beyond))
        bring(desk, by(team, "ana", "actor", "Mill Guard", {"name": "Mill Guard", "status": "proposed"}))
        found = doubtful_entries(desk.ledger.store)
        assert {p.code for p in found} == {"entry-beyond-role"} and len(found) == len(beyond)
        for *_, may in beyond:
            assert sum(f"1 entry by ana, who was registered as coder then and may not {may}, " in p.message for p in found) == 1, may


def test_what_a_role_allowed_stays_allowed_when_it_changes(team: Team) -> None:
    with team.desk("lea") as desk:
        last = desk.ledger.latest("coder")["ana"]
        team.moment += timedelta(hours=1)
        desk.ledger.append([team.member("ana", "reviewer", after=[last.id])])
        resolve = {"act": "resolve", "values": {}}
        bring(desk, by(team, "ana", "act", "x", resolve, "reviewer", hours=1), by(team, "ana", "act", "x", {"act": "revise"}, "coder", hours=2))
        assert told(desk) == [], "an offline coder who did not know of the new role took less"
        bring(desk, by(team, "ana", "act", "x", resolve, "reviewer", hours=-1))
        assert told(desk) == [("entry-beyond-role", "ana")]


def test_events_that_stand_beside_codings_are_told(team: Team, command: Command) -> None:
    new = NewEvent(CLEAN, reports=team.documents[:1])
    with team.desk("chloe") as desk:
        before = desk.add(new, allow_open=True).event_id
    with team.desk("lea") as desk:
        assign(desk, team.documents[:1], Wish(to=["ana", "ben"], double=1.0))
    with team.desk("lea") as desk:
        desk.add(new, allow_open=True)
        desk.ledger.append([team.member("rui", "reviewer")])
    with team.desk("rui") as desk:
        desk.add(new, allow_open=True)
        assert beside_codings(desk.ledger.store) == [], "what was there before, and what a lead or reviewer adds who may adjudicate"
    with team.desk("ana") as desk:
        take(desk)
        assert desk.add(new).state == "held"
    with team.desk("chloe") as desk:
        act = desk.ledger.acts(before)[0]
        late = new_entry("act", "f" * 26, dict(act.body), coder="chloe", role="coder", time=desk.moment)
        desk.ledger.append([late])
        (one,) = beside_codings(desk.ledger.store)
        assert (one.code, one.event_id, one.value, one.severity) == ("event-beside-codings", "f" * 26, team.documents[0], "warning")
        bring(desk, by(team, "mona", "coverage", "c", {"week": "late"}))
    said = command("doctor", "--project", team.root).out
    assert "[event-beside-codings]" in said and "[entry-by-stranger]" in said and "All is well" in said
