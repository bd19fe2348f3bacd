"""Whatever a team does, in whatever order, at the house and on a laptop away from it: what must always hold holds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eventcoder.coding import LIVE_STATES, Desk, NewEvent
from eventcoder.coding.approving import coders_of
from eventcoder.coding.queries import thread
from eventcoder.errors import EventcoderError
from eventcoder.ledger import Entry, Folded, fold
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.work import WAITING, tasks
from eventcoder.project import open_project
from eventcoder.team.adjudication.adjudicating import Decision, adjudicate, composed, missing_words
from eventcoder.team.adjudication.aligning import Row
from eventcoder.team.adjudication.cases import Case, waiting
from eventcoder.team.adjudication.reopening import reopen
from eventcoder.team.adjudication.twice import keep_one
from eventcoder.team.members.enrolling import disable, enable
from eventcoder.team.members.threads import answer, ask, send_back
from eventcoder.team.tasks.assigning import Wish, assign, change
from eventcoder.team.tasks.claiming import current, finish, skip, take
from tests.conftest import CLEAN
from tests.team.working import Team

AWAY = "ben"  # works on a laptop; all others at the house
PEOPLE = ("lea", "rob", "ana", "cem", AWAY)
PLACES = ("house", "laptop")
TOWNS: tuple[dict[str, Any], ...] = (
    {},
    {"location": "Marvdasht", "latitude": "29.8742", "longitude": "52.8025"},
    {"fatalities": "2", "sub_event_type": "Attack"},
)

Deed = Callable[[Desk, int], object]


def give(desk: Desk, which: int) -> None:
    assign(desk, [], Wish(("pool", "round-robin")[which % 2], double=which % 3 / 2, blind=which % 5 > 2, round=f"round {which % 2}"))


def more(desk: Desk, which: int) -> None:
    documents = sorted(desk.ledger.latest("document"))
    assign(desk, documents[which % len(documents) :], Wish("pool", double=1.0, round=f"round {which % 3}"))


def begin(desk: Desk, which: int) -> None:
    take(desk, round=(None, None, "round 0")[which % 3])


def code(desk: Desk, which: int) -> None:
    own = current(desk)
    reports = [own[which % len(own)].document] if own else []
    desk.add(NewEvent({**CLEAN, **TOWNS[which % 3], "event_date": f"2026-05-{1 + which % 3:02}"}, reports=reports), allow_open=True)


def hand_in(desk: Desk, which: int) -> None:
    if own := current(desk):
        finish(desk, own[which % len(own)])


def work(desk: Desk, which: int) -> None:
    """A whole task, as most are done."""
    if take(desk) is not None:
        code(desk, which)
        finish(desk, current(desk)[which % len(current(desk))])


def leave(desk: Desk, which: int) -> None:
    if own := current(desk):
        skip(desk, own[which % len(own)], "Too long.")


def recall(desk: Desk, which: int) -> None:
    if found := list(tasks(desk.ledger.store)):
        change(desk, [found[which % len(found)].task], ("returned", "withdrawn")[which % 3 // 2], "Something is missing.")


def dismiss(desk: Desk, which: int) -> None:
    disable(desk, PEOPLE[2 + which % 3], "left")


def call_back(desk: Desk, which: int) -> None:
    enable(desk, PEOPLE[2 + which % 3])


def an_event(desk: Desk, which: int) -> str:
    found = [event.event_id for event in desk.ledger.events() if event.state not in ("adjudicated", "retracted")]
    return found[which % len(found)] if found else "none"


def amend(desk: Desk, which: int) -> None:
    desk.amend(an_event(desk, which), TOWNS[which % 3] or {"location": "Fasa"}, reason="Read again.")


def approve(desk: Desk, which: int) -> None:
    live = [event.event_id for event in desk.ledger.events(states=("open", "conflict"))] or ["none"]
    desk.settle(live[which % len(live)])


def mend_and_approve(desk: Desk, which: int) -> None:
    """One's own correction: somebody else has to look at it."""
    live = [event.event_id for event in desk.ledger.events(states=("open", "settled"))] or ["none"]
    event = live[which % len(live)]
    desk.amend(event, {"location": "Fasa", "latitude": "28.9383", "longitude": f"53.64{which:02}"}, reason="The map.")
    desk.settle(event)


def question(desk: Desk, which: int) -> None:
    ask(desk, an_event(desk, which), f"Which town, {which}?", field="location" if which % 2 else None)


def reply(desk: Desk, which: int) -> None:
    answer(desk, an_event(desk, which), "As printed.")


def back(desk: Desk, which: int) -> None:
    send_back(desk, an_event(desk, which), "Not in the text.")


def decide(desk: Desk, which: int) -> None:
    for case in waiting(desk):
        if case.kind == "twice":
            keep_one(desk, case.item, case.coders[which % len(case.coders)], reason="The map.")
        else:
            adjudicate(desk, [(case, [(row, decision(desk, case, row, which)) for row in case.rows])], allow_open=True)


def undo(desk: Desk, which: int) -> None:
    found = sorted(event.event_id for event in desk.ledger.events(states=("adjudicated",)))
    if found:
        reopen(desk, found[which % len(found)], reason="The map is old.")


def decision(desk: Desk, case: Case, row: Row, which: int) -> Decision:
    """All from one side; which one, the number says."""
    said = Decision(reason="The map.", exists=which % 4 > 0 if row.single or row.withdrawn else None)
    if said.exists is False or not row.genuine:
        said.errors["event"] = "judgement"
        return said
    side = row.genuine[which % len(row.genuine)]
    said.take = {c.column: side.coder for c in case.contrasts(desk, row) if c.open}
    for column in {column for over in composed(desk, case, row, said).overruled for column in over}:
        said.errors[column] = "slip"
    assert not [word for word in missing_words(case, row, said, composed(desk, case, row, said)) if "class of error" in word]
    return said


DEEDS: dict[str, tuple[Deed, ...]] = {
    "lea": (give, more, decide, undo, recall, dismiss, call_back, approve, decide, back),
    "rob": (approve, approve, mend_and_approve, decide, decide, undo, question, back, amend),
    **dict.fromkeys(PEOPLE[2:], (work, work, work, begin, code, hand_in, leave, amend, reply, question)),
}
STEPS = st.lists(
    st.sampled_from(PEOPLE).flatmap(lambda who: st.tuples(st.just(who), st.sampled_from(DEEDS[who]), st.integers(0, 11))) | st.just("meet"),
    min_size=8,
    max_size=16,
)  # fmt: skip
BEGIN: list[Any] = [("lea", more, 0), "meet"]
END: list[Any] = ["meet", ("rob", decide, 1), ("rob", approve, 0), "meet"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Team:
    root = tmp_path_factory.mktemp("team") / "house"
    root.mkdir()
    team = Team(root, 2, registered=False)
    (root / "eventcoder.toml").write_text('id = "trial"\napproval = "all"\n', "utf-8")
    with team.desk("lea") as desk:
        roles = {"lea": "lead", "rob": "reviewer"}
        desk.ledger.append([team.member(name, roles.get(name, "coder")) for name in PEOPLE])
    return team


class Play:
    """Two places with a copy of the project each, and a clock that they share."""

    def __init__(self, made: Team, folder: Path) -> None:
        self.folder, self.moment = folder, made.moment
        self.known: dict[str, set[str]] = {}
        self.done: list[str] = []
        for place in PLACES:
            shutil.copytree(made.root, folder / place)

    def desk(self, place: str, coder: str = "lea", *, readonly: bool = False) -> Desk:
        self.moment += timedelta(minutes=1)
        return Desk(open_project(self.folder / place), coder=coder, moment=self.moment, readonly=readonly)

    def step(self, step: Any) -> None:
        if step == "meet":
            for source, target in (PLACES, PLACES[::-1]):
                with self.desk(source, readonly=True) as desk:
                    export_journal(desk.ledger, self.folder / f"from {source}")
                with self.desk(target) as desk:
                    came = import_journal(desk.ledger, self.folder / f"from {source}")
                    assert [p for p in came.problems if p.severity == "error"] == []
            for place in PLACES:
                self.check(place)
            return
        who, deed, which = step
        place = PLACES[who == AWAY]
        try:
            with self.desk(place, who) as desk:
                deed(desk, which)
                self.done.append(deed.__name__)
        except EventcoderError as error:
            assert error.message.rstrip()[-1] in ".?)", "a refusal is a sentence"
        self.check(place)

    def check(self, place: str) -> None:
        with self.desk(place, readonly=True) as desk:
            assert [p for p in desk.ledger.verify() if p.severity == "error"] == [], "heads and work are what the entries make"
            entries = {entry.id: entry for entry in desk.ledger.entries()}
            assert self.known.setdefault(place, set()) <= entries.keys(), "nothing that was stored goes"
            self.known[place] = set(entries)
            of_item: dict[str, list[str]] = {}
            for task in tasks(desk.ledger.store):
                if task.state in ("claimed", "done"):
                    assert task.holder, "what is taken or done has somebody who took it"
                    of_item.setdefault(task.item, []).append(task.holder)
                else:
                    assert task.holder is None, "what waits is nobody's"
            assert all(len(set(names)) == len(names) for names in of_item.values()), f"one coder has an item twice: {of_item}"
            refuse_stolen(entries)
            for event in desk.ledger.events():
                self.check_event(desk, event)

    def check_event(self, desk: Desk, event: Folded) -> None:
        acts = list(desk.ledger.acts(event.event_id))
        if any(act.body.get("held") for act in acts):
            assert event.state not in LIVE_STATES, "what was coded apart never is an event of the dataset"
            assert desk.ledger.near(event.values["event_date"], event.values["event_date"]) == [] or event.event_id not in {
                found.event_id for found in desk.ledger.near(event.values["event_date"], event.values["event_date"])
            }
        if event.state in ("open", "settled"):
            for coding in next((act.body["adjudicated"] for act in acts if act.body.get("adjudicated")), ()):
                held = desk.ledger.head(coding)
                assert held is not None and (held.state, held.successor) == ("adjudicated", event.event_id), "it stands on the decision that holds"
        if event.state == "settled":
            refuse_unapproved(event, acts)
        said = {entry.id for entry in desk.ledger.entries("query", subject=event.event_id)}
        assert said == {message.id for message in thread(desk.ledger, event.event_id)}, "no reply is lost"


def refuse_stolen(entries: dict[str, Entry]) -> None:
    """A claim follows what waits, or a claim that had run out or whose holder was sent away."""
    for entry in entries.values():
        if entry.kind != "assignment" or entry.body["state"] != "claimed" or len(entry.parents) != 1:
            continue
        before = entries[entry.parents[0]].body
        free = before["state"] in WAITING or (before["until"] or "9") < entry.time
        gone = [e for e in entries.values() if e.kind == "coder" and e.subject == before["by"] and e.body["state"] == "disabled"]
        assert free or gone, f"{entry.coder} took what {before['by']} has"
        assert (
            before["for"] in (None, entry.coder)
            or before["state"] == "claimed"
            or any(e.kind == "coder" and e.subject == before["for"] and e.body["state"] == "disabled" for e in entries.values())
        ), "what is assigned goes to whom it is assigned"
        assert entry.coder not in before.get("refused", []), "what was skipped does not come back"


def refuse_unapproved(event: Folded, acts: list[Entry]) -> None:
    """Every value of a settled event was seen by two: who gave it, and who approved it afterwards (or adjudicated it)."""
    by_id = {act.id: act for act in acts}

    def ancestors(act: Entry) -> set[str]:
        out, todo = set(), list(act.parents)
        while todo:
            if (i := todo.pop()) not in out:
                out.add(i)
                todo += by_id[i].parents
        return out

    seen: set[str] = set()
    for act in acts:
        verb = act.body["act"]
        approved = verb == "settle" or (verb in ("create", "resolve") and ("adjudicated" in act.body or "taken" in act.body))
        if not (approved and (act.body.get("settled") or verb == "settle")):
            continue
        before = ancestors(act)
        assert verb != "settle" or act.coder not in coders_of([by_id[i] for i in before]), "nobody approves what is his own"
        seen |= before | {act.id}
    gave = fold(acts).provenance
    assert gave and set(gave.values()) <= seen, f"values that nobody else saw: {sorted(k for k, i in gave.items() if i not in seen)}"


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
def test_what_must_always_hold_holds_in_whatever_order_a_team_works(made: Team, steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        play = Play(made, Path(name))
        for step in [*BEGIN, *steps, *END]:
            play.step(step)
        assert play.known["house"] == play.known["laptop"], "both know all that either did"


def test_a_week_without_accidents_gets_everywhere(made: Team, tmp_path: Path) -> None:
    """The same checks along a way that reaches every state: they are not true for want of anything to look at."""
    play = Play(made, tmp_path)
    week: list[Any] = [
        *BEGIN, ("ana", begin, 0), ("ana", code, 0), ("ana", hand_in, 0), "meet", (AWAY, begin, 0), (AWAY, code, 1), (AWAY, hand_in, 0), "meet",
        ("cem", begin, 0), ("cem", leave, 0), ("rob", decide, 1),
        ("rob", undo, 0), "meet", ("lea", decide, 2), ("ana", begin, 0), ("ana", code, 0), ("lea", dismiss, 0),
        ("cem", begin, 0), ("cem", code, 2), ("cem", hand_in, 0), ("ana", code, 1), ("lea", call_back, 0), ("ana", code, 1),
        *(("rob", question, n) for n in range(4)), *(("ana", reply, n) for n in range(4)), *(("rob", approve, n) for n in range(4)), *END,
    ]  # fmt: skip
    for step in week:
        play.step(step)
    assert {"more", "begin", "code", "hand_in", "leave", "dismiss", "decide", "undo"} <= set(play.done)
    with play.desk("laptop", readonly=True) as desk:
        assert {e.state for e in desk.ledger.events()} >= {"adjudicated", "settled"}
