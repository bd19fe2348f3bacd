"""No event comes to stand beside codings that are apart: by no table, and by nobody's hand before an adjudicator has decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eventcoder.coding import NewEvent
from eventcoder.errors import Refused
from eventcoder.intake.account import ImportResult
from eventcoder.intake.apart import address
from eventcoder.intake.articles import ingest
from eventcoder.intake.tables import Wishes, import_table
from eventcoder.ledger.blind import undecided
from eventcoder.ledger.work import find_task
from eventcoder.team.adjudication import casefile
from eventcoder.team.adjudication.adjudicating import adjudicate
from eventcoder.team.adjudication.cases import waiting
from eventcoder.team.tasks.assigning import Wish, assign, change
from eventcoder.team.tasks.claiming import finish, take
from tests.conftest import CLEAN
from tests.intake.material import ACLED, clash, csv_text, protest
from tests.team.blindly import Room
from tests.team.test_blind import code
from tests.team.working import Team

URL = "https://www.qasrdaily.example/2026/05/teachers"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Of two documents ana and ben read the first one blind; it has an address."""
    team = Team(tmp_path, 2)
    with team.desk("lea") as desk:
        (team.root / "0.txt.toml").write_text(f'url = "{URL}"\n', "utf-8")
        ingest(desk.project, desk.ledger, [team.root / "0.txt"], coder="lea", time=team.moment)
        assign(desk, team.documents[:1], Wish(to=["ana", "ben"], double=1.0, round="May"))
    return team


def bring(team: Team, rows: list[dict[str, Any]], *, coder: str = "lea", columns: tuple[str, ...] = (*ACLED, "link"), **wishes: Any) -> ImportResult:
    path = team.root / "table.csv"
    path.write_text(csv_text(rows, columns), "utf-8")
    with team.desk(coder) as desk:
        got = import_table(desk.project, desk.ledger, desk.codebook, path, coder=coder, time=desk.moment, wishes=Wishes(keep_unknown=True, **wishes))
        assert got.read == got.created + got.revised + got.unchanged + got.rejected and desk.ledger.verify() == []
    return got


def codes(got: ImportResult) -> list[str]:
    return [p.code for p in got.problems if p.severity == "error"]


def test_a_row_that_names_a_document_coded_blind_is_rejected(team: Team) -> None:
    cells = (team.documents[0], f"see {team.documents[0]}.", "http://qasrdaily.example/2026/05/Teachers/#top", f"({URL}); print edition")
    named = [protest(link=cell, event_id_cnty=f"IRN9100{n}") for n, cell in enumerate(cells)]
    other = clash(link=f"{team.documents[1]} {URL}/second")
    got = bring(team, [*named, other])
    assert (codes(got), got.rejected, got.stored) == (["document-coded-blind"] * 4, 4, False), "a lead's table, too: all would see the event"
    said = next(p for p in got.problems if p.code == "document-coded-blind")
    assert team.documents[0] in said.message and "eventcoder adjudicate" in said.message and said.where and "2" in said.where
    assert got.rejects_file is not None and got.rejects_file.read_text("utf-8").count("document-coded-blind") == 4
    got = bring(team, [*named, other], keep_going=True)
    assert (got.created, got.rejected, got.stored) == (1, 4, True)
    with team.desk("lea") as desk:
        assert [e.values["location"] for e in desk.ledger.events()] == ["Maiduguri"]


def test_it_comes_in_when_the_codings_are_over(team: Team) -> None:
    row = protest(link=URL)
    code(team, "ana")
    code(team, "ben")
    assert codes(bring(team, [row])) == ["document-coded-blind"], "all are done, and nobody has adjudicated"
    with team.desk("lea") as desk:
        (case,) = waiting(desk)
        adjudicate(desk, [(case, casefile.by_options(desk, case, take={}, given={}, errors={}, reason=""))])
    assert bring(team, [row]).created == 1
    assert bring(team, [protest(link=URL, fatalities="1")]).revised == 1


def test_a_row_that_was_there_before_holds_nothing_up(team: Team) -> None:
    row = protest(link=team.documents[1])
    assert bring(team, [row]).created == 1
    with team.desk("lea") as desk:
        assign(desk, team.documents[1:], Wish(to=["ana", "ben"], double=1.0, round="June"))
    got = bring(team, [row, clash()])
    assert (got.unchanged, got.created, got.rejected) == (1, 1, 0)
    with team.desk("lea") as desk:
        change(desk, [f"{team.documents[0]}/{n}" for n in (1, 2)], "withdrawn", "Not needed.")
    assert bring(team, [protest(link=URL, event_id_cnty="IRN90003")]).created == 1


def test_a_table_changes_nothing_that_was_coded_apart(team: Team) -> None:
    event = code(team, "ana")
    row = {"event_id": event, **protest(event_id_cnty="", location="Fasa")}
    got = bring(team, [row], coder="chloe", columns=("event_id", *ACLED))
    assert codes(got) == ["event-coded-blind"] and not any("Shiraz" in p.message for p in got.problems), "and tells nothing of it"
    with team.desk("lea") as desk:
        assert desk.ledger.head(event).revision == 1  # type: ignore[union-attr]
    code(team, "ben")
    with team.desk("lea") as desk:
        (case,) = waiting(desk)
        adjudicate(desk, [(case, casefile.by_options(desk, case, take={}, given={}, errors={}, reason=""))])
    assert codes(bring(team, [row], coder="chloe", columns=("event_id", *ACLED))) == ["event-coded-blind"], "nor when it was adjudicated"


def test_addresses_of_one_article_are_one() -> None:
    assert address("HTTPS://www.Qasr.example/a/b/?id=7#top") == address("http://qasr.example/a/b/?id=7") != address("http://qasr.example/a/b/?id=8")


# -- between the last coder and the adjudicator ---------------------------------------------------------------------------------------------


def test_nobody_adds_an_event_before_the_adjudicator_has_decided(team: Team) -> None:
    new = NewEvent({**CLEAN, "location": "Yazd", "admin1": "Yazd", "latitude": "31.8974", "longitude": "54.3569"}, reports=team.documents[:1])
    code(team, "ana")
    code(team, "ben")
    for name in ("ana", "ben", "chloe"):
        with team.desk(name) as desk:
            known = desk.add(NewEvent(CLEAN)).event_id
            for what in (lambda desk=desk: desk.add(new), lambda desk=desk, known=known: desk.attach(known, team.documents[:1])):
                with pytest.raises(Refused, match=r"coded blind by ana and ben and waits for an adjudicator.*eventcoder adjudicate"):
                    what()
            sitting = team.review(desk, team.documents[0])
            assert sitting.current is None and "waits for an adjudicator" in sitting.unreadable[0]
            every = team.review(desk)
            assert [d.document for d in every._queue] == team.documents[1:] and not every.unreadable
    with team.desk("lea") as desk:
        assert desk.add(new).state == "settled", "whoever may adjudicate adds what no coder saw"
        (case,) = waiting(desk)
        adjudicate(desk, [(case, casefile.by_options(desk, case, take={}, given={}, errors={}, reason=""))])
        assert undecided(desk.ledger.store) == {}
    with team.desk("chloe") as desk:
        assert desk.add(new).state == "settled"


def test_a_single_draft_that_waits_keeps_only_itself(team: Team) -> None:
    with team.desk("lea") as desk:
        assign(desk, [], Wish(to=["ana", "ben"], double=1.0, round="June"), drafts=team.drafts[1:])
    for name in ("ana", "ben"):
        with team.desk(name) as desk:
            task = take(desk, round="June")
            assert task is not None
            desk.at_hand = task.task
            desk.add(NewEvent(CLEAN, reports=[task.document]))
            finish(desk, find_task(desk.ledger.store, task.task))  # type: ignore[arg-type]
    with team.desk("chloe") as desk:
        sitting = team.review(desk, team.documents[1])
        assert sitting.current is None
        with pytest.raises(Refused, match=f"eventcoder adjudicate {team.drafts[1].draft_id}"):
            desk.add(NewEvent(CLEAN, reports=team.documents[1:]))


def test_what_was_coded_to_learn_keeps_nobody_away(tmp_path: Path) -> None:
    room = Room(tmp_path)
    (held,) = room.coded(1, "ann", {}, slots=1, plan="training")
    with room.desk("bob") as desk:
        assert desk.event(held).state == "held"
        assert desk.add(NewEvent(CLEAN, reports=room.documents)).state == "settled", "nobody adjudicates a training round"


def test_what_nobody_adjudicates_keeps_nobody_away(team: Team) -> None:
    for name in ("ana", "ben"):
        with team.desk(name) as desk:
            task = take(desk)
            if name == "ana":
                stale = desk.add(NewEvent(CLEAN, reports=team.documents[:1])).event_id
                body = task.body_with(state="done", by="chloe", until=None)  # type: ignore[union-attr]
                desk.ledger.append([desk.entry("assignment", task.task, body, task.heads)])  # type: ignore[union-attr]
            else:
                finish(desk, task)  # type: ignore[arg-type]
    with team.desk("ben") as desk:
        assert waiting(desk) == [] and desk.event(stale).state == "held"
        assert desk.add(NewEvent(CLEAN, reports=team.documents[:1])).state == "settled", "both found nothing; a claim that ran out is no coding"


def test_it_holds_where_nobody_is_registered(tmp_path: Path) -> None:
    team = Team(tmp_path, 1, registered=False)
    with team.desk("lea") as desk:
        assign(desk, team.documents, Wish(to=["ana", "ben"], double=1.0))
    code(team, "ana")
    code(team, "ben")
    with team.desk("lea") as desk, pytest.raises(Refused, match="waits for an adjudicator"):
        desk.add(NewEvent(CLEAN, reports=team.documents))
