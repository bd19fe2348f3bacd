"""A decision of an adjudicator taken back: what it made goes, its codings wait again, and no figure counts it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eventcoder.agreement.codings import measured
from eventcoder.coding import Desk, NewEvent
from eventcoder.errors import LedgerConflict, NotFound, Refused
from eventcoder.intake.articles import ingest
from eventcoder.ledger import Folded
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.people.roster import Member
from eventcoder.team.adjudication.adjudicating import Decision, adjudicate
from eventcoder.team.adjudication.casefile import by_file, by_options
from eventcoder.team.adjudication.cases import case_of, waiting
from eventcoder.team.adjudication.confusion import confusion
from eventcoder.team.adjudication.feedback import corrections
from eventcoder.team.adjudication.reopening import reopen
from eventcoder.team.adjudication.twice import keep_one
from eventcoder.team.following import story
from eventcoder.validation.twice import twice_problems
from tests.conftest import CLEAN
from tests.team.blindly import SHELLING, Room

ELSEWHERE = {"location": "Marvdasht", "latitude": "29.8742", "longitude": "52.8025"}
WHY = "The map shows another Shiraz."


def decided(desk: Desk, side: str, item: str = "") -> list[str]:
    """Decide the one item that waits, its place as this coder has it: the events that stand, the rally first."""
    case = case_of(desk, item) if item else waiting(desk)[0]
    found = Decision({"location": side}, errors={"location": "slip", "event": "overlooked-text"}, reason="As printed.")
    made = [o.event_id for o in adjudicate(desk, [(case, [(row, found if not row.single else _found()) for row in case.rows])])]
    return sorted(made, key=lambda i: desk.event(i).values["event_type"] != "Protests")


def _found() -> Decision:
    return Decision(errors={"event": "overlooked-text"}, reason="It is told.", exists=True)


def coded(root: Path, ledger: str = "") -> Room:
    """Ann and bob place a rally differently, and ann alone saw a shelling."""
    room = Room(root, ledger=ledger)
    room.coded(1, "ann", {}, SHELLING)
    room.coded(2, "bob", ELSEWHERE)
    return room


def figures(desk: Desk) -> dict[str, Any]:
    return measured(desk, samples=0).as_json()


@pytest.mark.parametrize("server", [False, True], ids=["sqlite", "postgresql"])
def test_what_it_made_is_retracted_and_the_item_is_decided_anew(tmp_path: Path, server: bool, request: pytest.FixtureRequest) -> None:
    room = coded(tmp_path, request.getfixturevalue("postgres_url") if server else "")
    with room.desk("lea") as desk:
        before = figures(desk)
        old, shelling = decided(desk, "ann")
        assert len(corrections(desk)) == 2 and sum(row["codings"] for row in confusion(desk)) > 0
        desk.amend(old, {"notes": desk.event(old).values["notes"] + " Police watched."}, reason="Said further below.")
    with room.desk("max") as desk:
        dry = reopen(desk, old[:6], reason=WHY, dry_run=True)
        assert desk.event(old).state == "settled" and set(dry.retracted) == {old, shelling}
        done = reopen(desk, old[:6], reason=WHY)
        assert (done.item, done.by, done.coders) == (room.documents[0], "lea", ("ann", "bob"))
        assert len(done.notes) == 1 and f"{old} had a change since, by lea" in done.notes[0]
        assert {(desk.event(i).state, desk.event(i).reason) for i in (old, shelling)} == {("retracted", WHY)}
        assert corrections(desk) == [] and confusion(desk) == [], "nobody is told of a decision that no longer holds"
        assert figures(desk) == before, "it is measured on what was handed in"
        (case,) = waiting(desk)
        assert case.coders == ("ann", "bob") and sorted(len(row.sides) for row in case.rows) == [1, 2]
        for name in ("ann", "bob"):
            with room.desk(name) as other, pytest.raises(Refused, match="is one of the coders"):
                decided(other, name)
        for what in (old, done.item):
            with pytest.raises(NotFound, match="is open: max took the decision back at"):
                reopen(desk, what, reason="Again.")
        with pytest.raises(Refused, match="max took back"):
            desk.restore(old, reason="It is one.")
        new, _ = decided(desk, "bob")
        assert (desk.event(old).state, desk.event(old).successor, desk.event(old).reason) == ("retracted", new, WHY)
        with pytest.raises(Refused, match=f"See {new}"):
            desk.restore(old, reason="It is one.")
        with pytest.raises(NotFound, match=f"{old} came of was taken back already, and {done.item} was decided anew"):
            reopen(desk, old, reason="Again.")
        assert {c.was for c in corrections(desk) if c.field == "location"} == {"Shiraz"}
        told = Counter((e.coder, e.body["act"]) for e in story(desk, desk.event(new)) if e.kind == "act" and e.subject != new and e.coder != "bob")
        assert told == {("ann", "create"): 1, ("lea", "adjudicate"): 2, ("max", "restore"): 2, ("max", "adjudicate"): 2}
        assert desk.ledger.verify() == []


@pytest.mark.parametrize("server", [False, True], ids=["sqlite", "postgresql"])
def test_two_at_once_and_a_change_meanwhile_are_refused_and_told(tmp_path: Path, server: bool, request: pytest.FixtureRequest) -> None:
    room = coded(tmp_path, request.getfixturevalue("postgres_url") if server else "")
    with room.desk("lea") as desk:
        old, _ = decided(desk, "ann")
    with room.desk("max") as late, room.desk("lea") as desk:
        append = late.ledger.append

        def slowly(entries: Any, **more: Any) -> Any:
            late.ledger.append = append  # type: ignore[method-assign]
            desk.amend(old, {"notes": desk.event(old).values["notes"] + " Police watched."}, reason="Said further below.")
            return append(entries, **more)

        late.ledger.append = slowly  # type: ignore[method-assign]
        with pytest.raises(LedgerConflict, match=f"{old} was changed meanwhile: revise by lea"):
            reopen(late, old, reason=WHY)
        assert waiting(late) == [] and late.event(old).state == "settled"

        def slower(entries: Any, **more: Any) -> Any:
            late.ledger.append = append  # type: ignore[method-assign]
            reopen(desk, old, reason="I misread it.")
            return append(entries, **more)

        late.ledger.append = slower  # type: ignore[method-assign]
        with pytest.raises(LedgerConflict, match=r"Somebody was faster: lea took the decision back at .* \(I misread it\.\)"):
            reopen(late, old, reason=WHY)
        assert late.event(old).reason == "I misread it." and late.ledger.verify() == []


def test_a_lead_or_who_decided_may_and_what_others_built_on_goes_first(tmp_path: Path) -> None:
    room = coded(tmp_path)
    with room.desk("lea") as desk:
        for name, role in {"lea": "lead", "ann": "coder", "bob": "coder", "rita": "reviewer", "rob": "reviewer", "zoe": "coder"}.items():
            desk.ledger.append([desk.entry("coder", name, Member(name, role).body())])
    with room.desk("rita") as desk:
        rally, shelling = decided(desk, "ann")
    for name, told in (("zoe", "takes a reviewer"), ("ann", "takes a reviewer"), ("rob", "was decided by rita: rob may not")):
        with room.desk(name) as desk, pytest.raises(Refused, match=told):
            reopen(desk, rally, reason=WHY)
    with room.desk("lea") as desk:
        other = desk.add(NewEvent(CLEAN), allow_open=True).event_id
        for keep, gone, told in ((rally, other, f"has taken in {other}"), (other, rally, f"was merged into {other}")):
            desk.merge(keep, [gone], reason="One rally.", beyond=True)
            with pytest.raises(Refused, match=told) as refused:
                reopen(desk, shelling, reason=WHY)
            assert f"eventcoder restore {gone} " in refused.value.remedy
            desk.restore(gone, reason="They are two.")
        (_, part) = desk.split(rally, [{"location": "Marvdasht", "latitude": 29.8742, "longitude": 52.8025}], reason="Two places.", allow_open=True)
        with pytest.raises(Refused, match=f"retract {part.event_id}"):
            reopen(desk, rally, reason=WHY)
        desk.retract(part.event_id, reason="No.")
        desk.retract(shelling, reason="An accident.")
        (room.root / "late.txt").write_text("Teachers of Shiraz were paid, a week after they had gathered.", "utf-8")
        ingest(desk.project, desk.ledger, [room.root / "late.txt"], coder="lea", time=desk.moment, published="2026-05-12", publisher="Qasr Daily")
        (late,) = set(desk.ledger.latest("document")) - set(room.documents)
        desk.attach(rally, [late])
    with room.desk("rita") as desk:
        done = reopen(desk, rally, reason=WHY)
        assert done.retracted == (rally,) and f"{shelling} had been retracted before (An accident.)." in done.notes
        assert any(f"{rally} had reports besides: {late}." in note for note in done.notes)
        assert len(waiting(desk)) == 1


def test_what_was_no_event_waits_again_too(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.coded(1, "ann", {})
    room.coded(2, "bob")
    with room.desk("lea") as desk:
        (case,) = waiting(desk)
        adjudicate(desk, [(case, [(case.rows[0], Decision(errors={"event": "slip"}, reason="Not yet.", exists=False))])])
        assert reopen(desk, case.item, reason=WHY).retracted == () and len(waiting(desk)) == 1 and corrections(desk) == []


def _standing(desk: Desk) -> dict[str, tuple[str, str | None]]:
    events: list[Folded] = list(desk.ledger.events())
    return {e.event_id: (e.state, e.successor) for e in events}


@pytest.mark.parametrize(("anew", "kept"), [(False, "lea"), (True, "lea"), (True, "max")])
def test_two_laptops_that_took_it_back_end_with_one_decision(tmp_path: Path, anew: bool, kept: str) -> None:
    room = coded(tmp_path)
    with room.desk("lea") as desk:
        (old, shelling), item = decided(desk, "ann"), room.documents[0]
        export_journal(desk.ledger, tmp_path / "before")
    (tmp_path / "away").mkdir()
    away = Room(tmp_path / "away", ())
    new: list[str] = []
    for place, lead in ((room, "lea"), (away, "max")):
        with place.desk(lead) as desk:
            if place is away:
                import_journal(desk.ledger, tmp_path / "before")
            reopen(desk, item, reason=f"Says {lead}.")
            if anew and place is away:
                new = decided(desk, "bob", item)
            export_journal(desk.ledger, tmp_path / lead)
    (tmp_path / "third").mkdir()
    third = Room(tmp_path / "third", ())
    with room.desk("kim") as desk, third.desk("kim") as other:
        import_journal(desk.ledger, tmp_path / "max")
        for name in ("max", "lea", "before"):
            import_journal(other.ledger, tmp_path / name)
        assert _standing(desk) == _standing(other), "in whatever order the journals came"
        case = case_of(desk, item)
        assert (case.kind, case.coders) == ("twice", ("lea", "max"))
        assert {p.event_id for p in twice_problems(desk.ledger)} == set(new)
        keep_one(desk, item, kept, reason="Agreed by telephone.")
        stays = anew and kept == "max"
        assert {desk.event(i).state for i in (old, shelling)} == {"retracted"} and list(twice_problems(desk.ledger)) == []
        assert {desk.event(i).state for i in new} == ({"settled"} if stays else {"retracted"} if anew else set())
        assert [c.kind for c in waiting(desk)] == ([] if stays else ["codings"])
        assert desk.ledger.verify() == []


def test_who_changed_it_while_another_took_it_back_cannot_let_it_stand_beside_the_codings(tmp_path: Path) -> None:
    room = coded(tmp_path)
    with room.desk("lea") as desk:
        old, _ = decided(desk, "ann")
        export_journal(desk.ledger, tmp_path / "before")
    (tmp_path / "away").mkdir()
    away = Room(tmp_path / "away", ())
    with away.desk("max") as desk:
        import_journal(desk.ledger, tmp_path / "before")
        reopen(desk, old, reason=WHY)
        export_journal(desk.ledger, tmp_path / "max")
    with room.desk("lea") as desk:
        desk.amend(old, {"notes": desk.event(old).values["notes"] + " Police watched."}, reason="Said further below.")
        import_journal(desk.ledger, tmp_path / "max")
        case = case_of(desk, old)
        assert case.kind == "conflict"
        with pytest.raises(Refused, match=f"max took back .*--drop {old}"):
            desk.resolve(old, {}, reason="It stands.")
        with pytest.raises(Refused, match="max took back"):
            adjudicate(desk, [(case, [(case.rows[0], Decision({"notes": "lea"}, {}, {"notes": "slip"}, "It stands.", True))])])
        adjudicate(desk, [(case, [(case.rows[0], Decision(errors={"event": "slip"}, reason="Decided anew.", exists=False))])])
        assert desk.event(old).state == "retracted" and [c.kind for c in waiting(desk)] == ["codings"]


def test_the_command_says_what_went_and_what_waits(command: Any) -> None:
    room = coded(Path.cwd())
    item = room.documents[0]
    with room.desk("lea") as desk:
        old, _ = decided(desk, "ann")
    for wrong in (["--reopen"], [item, "--reopen"], [item, "--reopen", "--reason", WHY, "--take", "all=ann"], ["--reopen", "--reason", WHY],
                  [item, "--reopen", "--reason", WHY, "--round", "May"]):  # fmt: skip
        assert "--reopen goes with ITEM and --reason TEXT" in command("adjudicate", *wrong, code=2).err
    assert "is one of the coders" in command("adjudicate", old, "--reopen", "--reason", WHY, "--coder", "bob", code=1).err
    assert "(not stored)" in command("adjudicate", old, "--reopen", "--reason", WHY, "--dry-run").out
    ran = command("adjudicate", old, "--reopen", "--reason", WHY)
    assert f"{old}  retracted" in ran.out and f"{item}, coded by ann, bob, waits again" in ran.err
    assert "is open: ana took the decision back" in command("adjudicate", item, "--reopen", "--reason", WHY, code=2).err
    assert command("adjudicate", "--json").one["item"] == item and command("feedback", "--json").lines == []
    assert f"reopened {old}" in command("log", "--act", "restore").out and WHY in command("history", old).out
    assert f"{old} is retracted, by ana" in (ran := command("trace", old, "location")).err and WHY in ran.err
    assert WHY in command("show", old).out


def test_who_ends_a_double_decision_apart_ends_with_one_too(tmp_path: Path) -> None:
    places = {name: tmp_path / name for name in ("room", "away")}
    for place in places.values():
        place.mkdir()
    room, away = coded(places["room"]), Room(places["away"], ())
    item, made = room.documents[0], {}

    def exchanged() -> None:
        for place in (room, away):
            with place.desk("kim") as desk:
                export_journal(desk.ledger, tmp_path / place.root.name / "out")
        for place, other in ((room, "away"), (away, "room")):
            with place.desk("kim") as desk:
                import_journal(desk.ledger, tmp_path / other / "out")

    exchanged()
    for place, lead, side in ((room, "lea", "ann"), (away, "max", "bob")):
        with place.desk(lead) as desk:
            made[lead] = decided(desk, side, item)
    exchanged()
    for place, who in ((room, "kim"), (away, "joe")):
        with place.desk(who) as desk:
            keep_one(desk, item, "max", reason=f"Says {who}.")
    exchanged()
    with room.desk("kim") as desk:
        assert {(c.kind, c.item) for c in waiting(desk)} >= {("twice", item)}
        keep_one(desk, item, "joe", reason="It is the same.")
        assert {desk.event(i).state for i in made["max"]} == {"settled"} and {desk.event(i).state for i in made["lea"]} == {"retracted"}
        assert {desk.event(i).successor for i in made["lea"]} == set(made["max"])
        assert waiting(desk) == [] and list(twice_problems(desk.ledger)) == [] and desk.ledger.verify() == []


def test_what_became_of_one_of_two_codings_is_the_successor(tmp_path: Path) -> None:
    texts = [f"Teachers gathered in Shiraz on 3 May, report {n}." for n in range(3)]
    for root in ("room", "away"):
        (tmp_path / root).mkdir()
    room, away = Room(tmp_path / "room", texts), Room(tmp_path / "away", ())
    for n in range(3):
        room.coded(1, "ann", {}, document=n)
        room.coded(2, "bob", {}, document=n)
    with room.desk("lea") as desk:
        export_journal(desk.ledger, tmp_path / "before")
        old = [o.event_id for case in waiting(desk) for o in adjudicate(desk, [(case, [(case.rows[0], Decision())])])]
    with away.desk("max") as desk:
        import_journal(desk.ledger, tmp_path / "before")
        for n, case in enumerate(waiting(desk)):  # the same, but taken apart: one of the two is none
            events = [side.event.event_id for side in case.rows[0].sides][:: -1 if n else 1]
            said = {"error": {"event": "slip"}, "reason": "Two of one."}
            rows = [{"events": [events[0]], "exists": True, **said}, {"events": [events[1]], "exists": False, **said}]
            adjudicate(desk, by_file(desk, json.dumps({"item": case.item, "rows": rows})))
        export_journal(desk.ledger, tmp_path / "max")
    with room.desk("kim") as desk:
        import_journal(desk.ledger, tmp_path / "max")
        for case in waiting(desk):
            keep_one(desk, case.item, "max", reason="Read again.")
        assert all(desk.event(i).successor for i in old)


def test_what_its_coder_changed_elsewhere_is_no_second_decision(tmp_path: Path) -> None:
    room = coded(tmp_path)
    with room.desk("lea") as desk:
        export_journal(desk.ledger, tmp_path / "before")
        decided(desk, "ann")
    (tmp_path / "away").mkdir()
    with Room(tmp_path / "away", ()).desk("ann") as desk:
        import_journal(desk.ledger, tmp_path / "before")
        late = {"act": "revise", "values": {"fatalities": 7}, "reason": "Late."}
        desk.ledger.append([desk.act(event.event_id, late, event.heads) for event in desk.ledger.events()])
        export_journal(desk.ledger, tmp_path / "late")
    with room.desk("lea") as desk:
        import_journal(desk.ledger, tmp_path / "late")
        assert {e.state for e in desk.ledger.events() if e.held} == {"conflict"}
        assert waiting(desk) == [] and list(twice_problems(desk.ledger)) == []


def test_who_saw_only_some_of_the_events_can_be_followed_in_all_that_were_seen(tmp_path: Path) -> None:
    room = coded(tmp_path)
    with room.desk("lea") as desk:
        (case,) = waiting(desk)
        lone = next(row.sides[0].event.event_id for row in case.rows if row.single)
        said = {"take": {"all": "bob"}, "given": {}, "errors": {"all": "slip", "event": "slip"}, "reason": "Bob is right."}
        made = [o.event_id for o in adjudicate(desk, [(case, by_options(desk, case, **said, found=[lone]))])]
        assert {desk.event(i).values["location"] for i in made} == {"Marvdasht", "Yazd"}


def test_who_is_in_training_is_no_second_person(tmp_path: Path) -> None:
    room = coded(tmp_path)
    settings = tmp_path / "eventcoder.toml"
    settings.write_text(settings.read_text("utf-8") + 'approval = "all"\n', "utf-8")
    with room.desk("lea") as desk:
        for name, training in {"lea": "none", "rita": "in-training", "rob": "none"}.items():
            role = "lead" if name == "lea" else "reviewer"
            desk.ledger.append([desk.entry("coder", name, Member(name, role, training=training).body())])
    for name, state in (("rita", "open"), ("rob", "settled")):
        with room.desk(name) as desk:
            made = decided(desk, "ann", room.documents[0])
            assert {desk.event(i).state for i in made} == {state}
        with room.desk("lea") as desk:
            reopen(desk, room.documents[0], reason=WHY)
