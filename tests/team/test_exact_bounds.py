"""The last moment, the last coder and the last document: where a rule of sharing work out begins and ends."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from eventcoder.coding import Desk, NewEvent
from eventcoder.ledger.work import body_of, task_id, tasks
from eventcoder.team.tasks.assigning import Wish, assign, change
from eventcoder.team.tasks.claiming import finish, take
from eventcoder.team.tasks.codings import held_events
from eventcoder.team.tasks.items import barred, undecided
from eventcoder.team.tasks.plans import Dealer, Item, Reader, stratified
from eventcoder.team.tasks.planting import plant, planted_counts
from eventcoder.team.tasks.queue import queue
from tests.conftest import CLEAN

from .working import Team


def test_a_claim_holds_through_its_last_moment(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    with team.desk("lea") as desk:
        assign(desk, [], Wish("pool", double=0))
    with team.desk("ana") as desk:
        until = take(desk).until  # type: ignore[union-attr]
    team.moment = datetime.fromisoformat(str(until)) - timedelta(minutes=1)
    with team.desk("ben") as desk:
        assert queue(desk).expired == [] and take(desk) is None
    team.moment += timedelta(seconds=1 - 60)
    with team.desk("ben") as desk:
        assert [task.holder for task in queue(desk).expired] == ["ana"] and take(desk).holder == "ben"  # type: ignore[union-attr]


def test_what_one_coder_alone_can_read_is_no_control_and_has_nothing_planted(tmp_path: Path) -> None:
    team = Team(tmp_path, 4)
    with team.desk("lea") as desk:
        done = assign(desk, [], Wish(to=["ana"], double=1.0, control=0.5, plant=0.5))
        assert (done.documents, done.double, done.control, done.planted) == (4, 0, 0, 0)
        assert not any(task.control or task.planted or task.blind for task in tasks(desk.ledger.store))


def test_a_share_is_no_item_more_than_it_is() -> None:
    hundred = [Item(str(n), "en", None, ("", "")) for n in range(100)]
    assert 0.07 * 100 > 7 and len(stratified(hundred, 0.07, "x")) == 7, "whatever floating point says"


def test_each_stratum_has_its_part_rounded_though_that_is_more_than_the_share_in_all() -> None:
    two = [Item(f"{kind}{n}", "en", None, (kind, "")) for kind in "ab" for n in range(10)]
    assert sorted(i[0] for i in stratified(two, 0.15, "x")) == ["a", "a", "b", "b"]


def test_a_document_in_no_known_language_is_read_by_all_and_dealt_by_language_to_nobody() -> None:
    french, unknown = Reader("ben", languages=("FR",)), Item("1", None, None, ("", ""))
    assert Dealer("round-robin", [french]).able(unknown) == [french] and Dealer("language", [french]).able(unknown) == []


def test_every_two_coders_meet_as_often() -> None:
    dealer = Dealer("round-robin", [Reader(n) for n in ("ana", "ben", "cyd", "dan")])
    met = Counter(frozenset(dealer.deal(Item(str(n), "en", None, ("", "")), 2)) for n in range(60))
    assert set(met.values()) == {10}


def test_a_planted_event_that_its_coder_took_back_was_not_accepted(tmp_path: Path) -> None:
    team = Team(tmp_path, 2)
    document = team.documents[0]
    with team.desk("lea") as desk:
        made = plant(desk, team.drafts[:1], [d.fields for d in team.drafts], "x")
        body = body_of(document, 1, slots=2, blind=True, assigned_for="ana", round="May", planted=made[1] if made else None)
        desk.ledger.append([desk.entry("assignment", task_id(document, 1), body)])
    with team.desk("ana") as desk:
        task = take(desk)
        sitting = team.review(desk, document)
        sitting.accept(sitting.waiting[0], allow_open=True)
        (event,) = held_events(desk, task.task)  # type: ignore[union-attr]
        assert event.values[made[1]["field"]] == made[1]["wrong"]  # type: ignore[index]
        desk.retract(event.event_id, reason="The text says nothing of it.")
        finish(desk, task)  # type: ignore[arg-type]
        assert [(row["accepted"], row["none"]) for row in planted_counts(desk)] == [(0, 1)]


def test_no_rule_gives_a_planted_draft_away(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)

    def broken(desk: Desk, fields: dict[str, Any]) -> set[tuple[str, str | None]]:
        ready = desk.prepare({k: v for k, v in fields.items() if v not in (None, "")}, reports=team.documents)
        return {(p.code, p.field) for p in ready.errors}

    with team.desk("lea") as desk:
        before = broken(desk, team.drafts[0].fields)
        for salt in "abcdefghijkl":
            found = plant(desk, team.drafts, [], salt)
            assert found is not None
            made = found[1]
            assert broken(desk, {**team.drafts[0].fields, **made["also"], made["field"]: made["wrong"]}) <= before, made["field"]


def test_a_task_that_was_taken_back_bars_nobody_and_a_given_document_takes_its_drafts_along(tmp_path: Path) -> None:
    team = Team(tmp_path, 3)
    first, second, third = team.documents
    with team.desk("lea") as desk:
        assign(desk, [first, second], Wish(to=["ana"], double=0))
        assert [draft.document for draft in undecided(desk, ["codable"], "rules")] == [third]
        change(desk, [task_id(first, 1)], "withdrawn", "Not now.")
        assert barred(desk, "main") == {(second, "draft"): {"ana"}}
        assert {draft.document for draft in undecided(desk, ["codable"], "rules")} == {first, third}


def test_only_what_nobody_has_begun_is_shared_out_to_who_has_least_to_do(tmp_path: Path) -> None:
    team = Team(tmp_path, 6)
    wish = Wish(to=["ana", "ben"], double=0)
    with team.desk("lea") as desk:
        desk.add(NewEvent(CLEAN, reports=[team.documents[0]]))
        assign(desk, [], Wish(to=["ana"], double=0), drafts=[team.drafts[1]])
        assign(desk, team.documents[2:4], Wish(to=["ana"], double=0))
    for _ in range(3):
        with team.desk("ana") as desk:
            finish(desk, take(desk))  # type: ignore[arg-type]
    with team.desk("lea") as desk:
        done = assign(desk, [], wish)
        assert {t.document for t in tasks(desk.ledger.store, state="assigned")} == set(team.documents[4:])
        assert done.by_coder == {"ana": 1, "ben": 1}, "what was handed in is no load"
