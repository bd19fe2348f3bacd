"""Adjudication: what stands of several codings, that every value knows where it came from, and that nothing happens twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from eventcoder import validation
from eventcoder.coding import Desk, NewEvent
from eventcoder.errors import LedgerConflict, NotFound, Refused, ReleaseError, UsageError
from eventcoder.ledger import Folded, fold, new_entry
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.problem import Report
from eventcoder.project import packaged_schema
from eventcoder.releases.making.build import build_release
from eventcoder.releases.making.channel import build_candidate
from eventcoder.team.adjudication import casefile
from eventcoder.team.adjudication.adjudicating import PLANTED, Decision, adjudicate, composed
from eventcoder.team.adjudication.aligning import Side, aligned
from eventcoder.team.adjudication.cases import Case, case_of, waiting
from eventcoder.team.adjudication.confusion import confusion
from eventcoder.team.adjudication.feedback import corrections
from eventcoder.team.adjudication.grounds import read_grounds
from eventcoder.team.adjudication.taken import taken_from
from eventcoder.team.adjudication.twice import keep_one
from eventcoder.team.tasks import codings as codings_room
from eventcoder.validation import GateResult
from eventcoder.validation.standing import project_report
from eventcoder.validation.twice import twice_problems
from tests.conftest import CLEAN
from tests.team.blindly import SHELLING, Room, amend_apart

ELSEWHERE = {"location": "Marvdasht", "latitude": "29.8742", "longitude": "52.8025"}
RALLY = {"evidence": {"event_date": "3 May", "location": "Shiraz", "sub_event_type": "gathered"}}
HIT = {**SHELLING, "evidence": {"fatalities": "two men were killed"}}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def only(desk: Desk) -> Case:
    (case,) = waiting(desk)
    return case


def test_every_value_of_what_stands_names_the_act_that_it_came_from(room: Room) -> None:
    (mine,) = room.coded(1, "ann", {**RALLY, "crowd_text": "some hundred"})
    (other,) = room.coded(2, "bob", {**ELSEWHERE, "event_date": "2026-05-04", "evidence": {"event_date": "on 3 May", "location": "Shiraz"}})
    with room.desk("lea") as desk:
        case = only(desk)
        (row,) = case.rows
        asked = {c.column for c in case.contrasts(desk, row) if c.open}
        assert asked == {"event_date", "location", "crowd_text"}, "a place's point and a day's interval are not asked for one by one"
        errors = {"event_date": "slip", "location": "codebook", "crowd_text": "over"}
        decision = Decision({"event_date": "ann", "location": "bob", "crowd_text": "1"}, {}, errors, "The paper says the third.")
        (outcome,) = adjudicate(desk, [(case, [(row, decision)])])
        event = desk.event(outcome.event_id)
        (act,) = desk.ledger.acts(outcome.event_id)
        assert (event.values["event_date"], event.values["date_start"]) == ("2026-05-03", "2026-05-03")
        assert (event.values["location"], event.values["latitude"]) == ("Marvdasht", 29.8742)
        sources = taken_from(desk.ledger, act.body)
        assert {c: sources[c].coder for c in ("event_date", "date_end", "location", "longitude")} == {
            "event_date": "ann", "date_end": "ann", "location": "bob", "longitude": "bob",
        }  # fmt: skip
        entered = {c.name for c in desk.codebook.columns if c.entered in ("coder", "default")} - {"event_id_cnty"}
        assert entered & event.values.keys() == sources.keys()
        for column, source in sources.items():  # the very value, in the very act
            assert fold(desk.ledger.acts(source.event_id)).provenance[column] == source.act
            assert desk.ledger.entry(source.act).body["values"][column] == event.values[column]
        assert [s["quote"] for s in event.evidence["event_date"]] == ["3 May"] and event.evidence["location"]
        assert event.state == "settled" and event.held is None and event.values["event_id_cnty"]
        ends = {held: desk.event(held) for held in (mine, other)}
        assert {e.state for e in ends.values()} == {"adjudicated"} and {e.successor for e in ends.values()} == {event.event_id}
        last = desk.ledger.acts(other)[-1].body["overruled"]
        assert last["event_date"] == {"was": "2026-05-04", "now": "2026-05-03", "class": "slip", "reason": "The paper says the third."}
        assert last["crowd_text"]["was"] is None and "location" not in last
        assert waiting(desk) == []
        assert [e.event_id for e in desk.ledger.events(states=("open", "settled"))] == [event.event_id], "the codings themselves never are events"
        with pytest.raises(NotFound, match="lea adjudicated it"):
            case_of(desk, case.item[:6])


def test_a_third_value_takes_nothing_along_that_belonged_to_the_others(room: Room) -> None:
    room.coded(1, "ann", {**RALLY, "geo_precision": "1"})
    room.coded(2, "bob", {**ELSEWHERE, "geo_precision": "2", "point_kind": "representative"})
    with room.desk("lea") as desk:
        case = only(desk)
        (row,) = case.rows
        found = composed(desk, case, row, Decision(given={"location": "Kazerun"}))
        assert "geo_precision" in found.undecided, "how well the third place is known nobody has said"
        assert "latitude" not in found.ready.values and "location" not in found.taken
        errors = dict.fromkeys(("location", "geo_precision", "latitude", "longitude", "admin1"), "judgement")
        given: dict[str, Any] = {"location": "Kazerun", "latitude": "29.6195", "longitude": "51.6541", "geo_precision": "1", "admin1": "Fars"}
        (outcome,) = adjudicate(desk, [(case, [(row, Decision({}, given, errors, "Another town."))])])
        event = desk.event(outcome.event_id)
        assert (event.values["location"], event.values["latitude"], event.values["geo_precision"]) == ("Kazerun", 29.6195, 1)
        (act,) = desk.ledger.acts(outcome.event_id)
        assert "location" not in act.body["taken"], "a third value came from the adjudicator's own act"
        assert fold([act]).provenance["location"] == act.id
        assert len([c for c in corrections(desk) if c.field == "location"]) == 2, "both coders were overruled"


def test_an_event_that_one_coder_saw_is_decided_and_told_to_the_other(room: Room) -> None:
    room.coded(1, "ann", RALLY, HIT)
    room.coded(2, "bob", RALLY)
    with room.desk("lea") as desk:
        case = only(desk)
        assert [(len(r.sides), r.absent) for r in case.rows] == [(2, ()), (1, ("bob",))]
        with pytest.raises(Refused) as refused:
            adjudicate(desk, [(case, [(row, Decision(reason="x")) for row in case.rows])])
        assert "only ann saw it" in refused.value.problems[0].message and waiting(desk)
        rows = [(case.rows[0], Decision()), (case.rows[1], Decision(exists=True, reason="Two deaths by a shell."))]
        outcomes = adjudicate(desk, [(case, rows)])
        assert [desk.event(o.event_id).values["location"] for o in outcomes] == ["Shiraz", "Yazd"]
        (told,) = corrections(desk)
        assert (told.coder, told.what, told.error, told.quotes_now) == ("bob", "missed", "overlooked-text", ("two men were killed",))
        assert told.event_id == outcomes[1].event_id and corrections(desk, coder="ann") == []


def test_what_is_no_event_ends_without_a_successor(room: Room) -> None:
    room.coded(1, "ann", RALLY)
    (gone,) = room.coded(2, "bob", HIT)
    with room.desk("lea") as desk:
        case = only(desk)
        rows = casefile.by_options(
            desk,
            case,
            take={},
            given={},
            errors={"2.event": "judgement"},
            reason="Rumour.",
            found=[case.rows[0].sides[0].event.event_id],
            drop=[gone[:6]],
        )
        adjudicate(desk, [(case, rows)])
        held = desk.event(gone)
        assert (held.state, held.successor) == ("adjudicated", None)
        assert [(c.coder, c.what) for c in corrections(desk)] == [("bob", "missed"), ("bob", "no event")]
        assert confusion(desk, by="coder")[0] | {"share": 0} == {
            "coder": "bob", "field": "event", "codings": 2, "overruled": 2, "share": 0,
            "codebook-unclear": 0, "overlooked-text": 1, "slip": 0, "judgement": 1,
        }  # fmt: skip


def test_nobody_adjudicates_an_item_of_his_own_or_before_all_have_handed_in(room: Room) -> None:
    room.coded(1, "ann", RALLY)
    room.coded(2, "bob", RALLY, done=False)
    with room.desk("lea") as desk:
        assert waiting(desk) == []
        with pytest.raises(NotFound, match="not handed in by all"):
            case_of(desk, room.documents[0])
        task = next(e for e in desk.ledger.latest("assignment").values() if e.subject.endswith("/2"))
        done = new_entry("assignment", task.subject, {**task.body, "state": "done", "by": "bob"}, coder="bob", time=room.moment, parents=[task.id])
        desk.ledger.append([done])
        case = only(desk)
    with room.desk("ann") as desk, pytest.raises(Refused, match="ann is one of the coders"):
        adjudicate(desk, [(case, [(row, Decision()) for row in case.rows])])


def test_two_leads_at_once_make_one_event_and_the_second_reads_what_the_first_did(room: Room) -> None:
    room.coded(1, "ann", RALLY)
    room.coded(2, "bob", RALLY | ELSEWHERE)
    with room.desk("lea") as first, room.desk("max") as second:
        case, same = only(first), only(second)
        words = {"errors": {"location": "slip"}, "reason": "As printed."}
        adjudicate(first, [(case, [(case.rows[0], Decision({"location": "ann"}, **words))])])
        with pytest.raises(LedgerConflict) as told:
            adjudicate(second, [(same, [(same.rows[0], Decision({"location": "bob"}, **words))])])
        assert "by lea" in told.value.message and "location: Marvdasht -> Shiraz" in told.value.message
        assert len(list(second.ledger.events())) == 3, "two codings and one event"
        assert second.ledger.verify() == []


def test_a_planted_draft_becomes_nothing_and_says_so_to_its_coder(room: Room) -> None:
    plant = {"draft": "d1", "field": "location", "true": "Shiraz", "wrong": "Marvdasht"}
    room.coded(1, "ann", RALLY, HIT)
    fell, kept = room.coded(2, "bob", RALLY | ELSEWHERE | {"draft": "d1"}, HIT | {"draft": "d2"}, planted=plant)
    with room.desk("lea") as desk:
        case = only(desk)
        assert case.to_decide(desk) == (0, 0), "nobody decides between a true value and one that was made wrong on purpose"
        assert [row.absent for row in case.rows] == [(), ()], "who was shown the planted draft has not missed the event"
        outcomes = adjudicate(desk, [(case, [(row, Decision()) for row in case.rows])])
        assert (desk.event(fell).state, desk.event(fell).successor, desk.event(fell).reason) == ("adjudicated", None, PLANTED)
        assert desk.event(kept).successor == outcomes[1].event_id and desk.event(outcomes[0].event_id).values["location"] == "Shiraz"
        assert desk.ledger.acts(outcomes[1].event_id)[0].body["draft"] == "d2"
        (told,) = corrections(desk)
        assert (told.what, told.field, told.was, told.now, told.coder) == ("planted", "location", "Marvdasht", "Shiraz", "bob")


def test_who_rejects_a_planted_draft_has_not_missed_the_event(room: Room) -> None:
    plant = {"draft": "d1", "field": "location", "true": "Shiraz", "wrong": "Marvdasht"}
    room.coded(1, "ann", RALLY | {"draft": "d1"}, HIT | {"draft": "d2"})
    room.coded(2, "bob", planted=plant)
    with room.desk("lea") as desk:
        assert [row.absent for row in only(desk).rows] == [(), ("bob",)]


def test_a_conflict_of_journals_is_decided_like_a_double_coding(room: Room, tmp_path: Path) -> None:
    with room.desk("ann") as desk:
        event = desk.ledger.head(_settled(desk)).event_id  # type: ignore[union-attr]
    amend_apart(room, event, tmp_path, {"fatalities": 3, "location": "Taft"}, {"fatalities": 5, "admin2": "Yazd"})
    with room.desk("lea") as desk:
        assert desk.event(event).state == "conflict"
        case = case_of(desk, event)
        assert (case.kind, set(case.coders)) == ("conflict", {"ann", "bob"})
        open_ = {c.column for c in case.contrasts(desk, case.rows[0]) if c.open}
        assert open_ == {"fatalities", "location"}
        decision = Decision({"fatalities": "ann", "location": "ann"}, {}, {"fatalities": "slip", "location": "over"}, "Read both.")
        (outcome,) = adjudicate(desk, [(case, [(case.rows[0], decision)])])
        now = desk.event(event)
        assert (now.state, now.values["fatalities"], now.values["location"], now.values["latitude"]) == ("settled", 5, "Yazd", 31.8974)
        assert waiting(desk) == [] and desk.ledger.entry(outcome.act).body["act"] == "resolve"
        assert {(c.coder, c.field, c.was, c.now) for c in corrections(desk)} == {
            ("bob", "fatalities", 3, 5), ("bob", "location", "Taft", "Yazd"),
        }  # fmt: skip
        assert desk.ledger.verify() == []


def test_who_left_a_field_as_it_was_is_not_corrected_in_it(room: Room, tmp_path: Path) -> None:
    with room.desk("ann") as desk:
        event = desk.ledger.head(_settled(desk)).event_id  # type: ignore[union-attr]
    amend_apart(room, event, tmp_path, {"fatalities": 3}, {"admin3": "Taft"})
    with room.desk("lea") as desk:
        case = case_of(desk, event)
        decision = Decision({"fatalities": "bob", "admin3": "ann"}, {}, {"fatalities": "slip", "admin3": "slip"}, "Read both.")
        adjudicate(desk, [(case, [(case.rows[0], decision)])])
        assert desk.event(event).values["fatalities"] == 3 and corrections(desk) == []


def _settled(desk: Desk) -> str:
    return desk.add(NewEvent({k: v for k, v in (CLEAN | SHELLING).items() if v})).event_id


def test_a_conflict_in_which_one_side_withdrew_the_event_asks_whether_it_stands(room: Room, tmp_path: Path) -> None:
    with room.desk("ann") as desk:
        events = [_settled(desk), _settled(desk)]
        export_journal(desk.ledger, tmp_path / "before")
    (tmp_path / "laptop").mkdir()
    away = Room(tmp_path / "laptop", ())
    with away.desk("bob") as desk:
        import_journal(desk.ledger, tmp_path / "before")
        for event in events:
            desk.retract(event, reason="A rumour.")
        export_journal(desk.ledger, tmp_path / "bob")
    with room.desk("ann") as desk:
        for event in events:
            desk.amend(event, {"fatalities": 5}, reason="The hospital.")
        import_journal(desk.ledger, tmp_path / "bob")
    with room.desk("lea") as desk:
        first, second = (case_of(desk, event) for event in events)
        five = {"take": {"fatalities": "ann"}, "errors": {"fatalities": "over"}, "reason": "Confirmed."}
        with pytest.raises(Refused) as refused:
            adjudicate(desk, [(first, [(first.rows[0], Decision(**five))])])
        assert "bob withdrew it" in refused.value.problems[0].message
        gone = Decision(errors={"event": "judgement"}, exists=False, reason="Nobody confirms it.")
        adjudicate(desk, [(first, [(first.rows[0], Decision(**five, exists=True))]), (second, [(second.rows[0], gone)])])
        assert [desk.event(event).state for event in events] == ["settled", "retracted"] and waiting(desk) == []
        assert desk.event(events[0]).values["fatalities"] == 5
        assert {(c.coder, c.what) for c in corrections(desk)} == {("bob", "field"), ("ann", "no event")}


def test_where_approval_is_asked_for_coder_and_adjudicator_are_two(room: Room) -> None:
    (room.root / "eventcoder.toml").write_text('id = "trial"\napproval = "all"\n', "utf-8")
    room.coded(1, "ann", RALLY, HIT)
    room.coded(2, "bob", RALLY, HIT)
    with room.desk("lea") as desk:
        case = only(desk)
        third = {"fatalities": 3, "fatalities_low": 3, "fatalities_high": 3, "fatalities_basis": "number"}
        own = Decision(given=third, errors={"fatalities": "slip"}, reason="A third died.")
        outcomes = adjudicate(desk, [(case, [(case.rows[0], Decision()), (case.rows[1], own)])])
        assert [o.state for o in outcomes] == ["settled", "open"], "a value that the adjudicator wrote was seen by one person only"


def test_confusion_counts_what_was_taken_for_what(tmp_path: Path) -> None:
    room = Room(tmp_path, [f"Teachers gathered in Shiraz on 3 May, report {n}." for n in range(3)])
    riot = {**RALLY, "sub_event_type": "Violent demonstration", "actor1": "Rioters (Iran)"}
    for number in range(3):
        room.coded(1, "ann", RALLY, document=number)
        room.coded(2, "bob", riot if number else RALLY, document=number)
    with room.desk("lea") as desk:
        decided = []
        for case in waiting(desk):
            rows = casefile.by_options(desk, case, take={"all": "ann"}, given={}, errors={"all": "codebook"}, reason="No force is told.")
            decided.append((case, rows))
        adjudicate(desk, decided)
        pairs = {(r["coded"], r["adjudicated"]): r["codings"] for r in confusion(desk, field="sub_event_type")}
        assert pairs == {("Peaceful protest", "Peaceful protest"): 4, ("Violent demonstration", "Peaceful protest"): 2}
        worst = confusion(desk, field="sub_event_type", by="code")[0]
        assert (worst["code"], worst["overruled"], worst["share"], worst["codebook-unclear"]) == ("Violent demonstration", 2, 1.0, 2)
        assert worst["instead"] == "Peaceful protest 2" and worst["definition"].startswith("A demonstration in which")
        assert [(r["coder"], r["overruled"]) for r in confusion(desk, field="sub_event_type", by="coder")] == [("bob", 2), ("ann", 0)]
        assert confusion(desk, field="sub_event_type", round="June") == []


def _side(coder: str, number: int, **values: Any) -> Side:
    spans = {"location": [{"document": "d", "start": s, "end": e, "quote": "x"} for s, e in [values.pop("words")]]} if "words" in values else {}
    event = Folded(f"{coder}{number}", values, [], spans, [], [], "held", 1, ("h",), "", "", coder)
    return Side(coder, event, {})


def test_one_event_is_found_by_its_words_where_day_and_place_were_misread() -> None:
    grounds = read_grounds(packaged_schema())
    near = {"event_date": "2026-05-03", "location": "A", "latitude": 30.0, "longitude": 50.0, "sub_event_type": "Attack"}
    far = {"event_date": "2026-09-03", "location": "A", "latitude": 36.0, "longitude": 58.0, "sub_event_type": "Attack"}
    (row,) = aligned([[_side("ann", 1, words=(0, 40), **near)], [_side("bob", 1, words=(5, 40), **far)]], ["ann", "bob"], grounds)
    assert [s.coder for s in row.sides] == ["ann", "bob"]
    apart = aligned([[_side("ann", 1, words=(0, 40), **near)], [_side("bob", 1, words=(90, 120), **far)]], ["ann", "bob"], grounds)
    assert [row.absent for row in apart] == [("bob",), ("ann",)]
    twins = [[_side(c, n, words=(100 * n, 100 * n + 50), **near) for n in (1, 2)] for c in ("ann", "bob", "cyd")]
    rows = aligned([twins[0], twins[1][::-1], twins[2]], ["ann", "bob", "cyd"], grounds)
    assert [[s.event.event_id for s in row.sides] for row in rows] == [["ann1", "bob1", "cyd1"], ["ann2", "bob2", "cyd2"]]


def test_rows_can_be_joined_by_a_file_and_never_two_events_of_one_coder(room: Room) -> None:
    one, two = room.coded(1, "ann", RALLY, HIT)
    (other,) = room.coded(2, "bob", {**HIT, "event_date": "2026-05-01", "evidence": {"location": "Shiraz"}, "location": "Shiraz"})
    with room.desk("lea") as desk:
        case = only(desk)
        text = f'{{"item": "{case.item}", "rows": [{{"events": ["{two}", "{other[:7]}"], "take": {{"all": 0}}}}]}}'
        with pytest.raises(UsageError, match="has no such side"):
            adjudicate(desk, casefile.by_file(desk, text))
        with pytest.raises(UsageError, match="Two events of one coder"):
            casefile.by_file(desk, f'[{{"item": "{case.item}", "rows": [{{"events": ["{one}", "{two}"]}}]}}]')
        joined = casefile.by_file(desk, f'{{"item": "{case.item}", "rows": [{{"events": ["{two}", "{other}"]}}, {{"row": 1, "exists": true}}]}}')
        assert any({s.event.event_id for s in row.sides} == {two, other} for row, _ in joined[0][1])


def test_an_item_that_two_leads_decided_apart_ends_with_one_decision(room: Room, tmp_path: Path) -> None:
    held = [*room.coded(1, "ann", RALLY), *room.coded(2, "bob", RALLY | ELSEWHERE)]
    with room.desk("lea") as desk:
        export_journal(desk.ledger, tmp_path / "before")
    (tmp_path / "away").mkdir()
    away = Room(tmp_path / "away", ())
    made = {}
    for place, lead, side in ((room, "lea", "ann"), (away, "max", "bob")):
        with place.desk(lead) as desk:
            if place is away:
                import_journal(desk.ledger, tmp_path / "before")
            case = only(desk)
            words = {"errors": {"location": "slip"}, "reason": "As printed."}
            (outcome,) = adjudicate(desk, [(case, [(case.rows[0], Decision({"location": side}, **words))])])
            made[lead] = outcome.event_id
            export_journal(desk.ledger, tmp_path / lead)
    with room.desk("kim") as desk:
        import_journal(desk.ledger, tmp_path / "max")
        case = only(desk)
        assert (case.kind, case.coders) == ("twice", ("lea", "max")) and case_of(desk, case.item[:6]).kind == "twice"
        # meanwhile the events of both stand: that stops a release, marks them in a candidate, and is told by validate
        told = project_report(desk.ledger, desk.codebook, latest_today=date(2026, 12, 1))
        assert {(p.code, p.event_id, p.severity) for p in told if p.event_id in {*held, *made.values()} and p.severity == "error"} == {
            ("adjudicated-twice", event, "error") for event in made.values()
        }
        with mock.patch.object(validation, "gate", lambda *_, **__: GateResult(Report(), {}, "<html></html>")):
            with pytest.raises(ReleaseError, match=rf"adjudicated twice.*'eventcoder adjudicate {case.item}'"):
                build_release(desk.project, desk.ledger, desk.codebook, time=desk.moment, dry_run=True)
            candidate = build_candidate(desk.project, desk.ledger, desk.codebook, time=desk.moment).folder
        unsettled = (candidate / "unsettled.csv").read_text("utf-8")  # type: ignore[operator]
        assert all(f'"{i}","settled"' in unsettled for i in made.values()) and unsettled.count("adjudicated-twice") == 2
        assert not any(i in unsettled for i in held), "what was held is in no candidate either"
        with pytest.raises(UsageError, match="by lea and max"):
            keep_one(desk, case.item, "kim", reason="x")
        keep_one(desk, case.item, "max", reason="The second looked at the map.")
        assert waiting(desk) == [] and list(twice_problems(desk.ledger)) == []
        assert {desk.event(i).successor for i in held} == {made["max"]} and {desk.event(i).state for i in held} == {"adjudicated"}
        gone = desk.event(made["lea"])
        assert (gone.state, gone.successor) == ("retracted", made["max"])
        assert [c.coder for c in corrections(desk)] == ["ann"], "what the other adjudicator had said holds no more"
        assert desk.ledger.verify() == []


def test_a_release_says_that_a_value_was_adjudicated_and_nothing_of_the_codings(room: Room) -> None:
    import pyarrow as pa

    from eventcoder.dataset.acts import account
    from eventcoder.event import Document

    held = [*room.coded(1, "ann", RALLY), *room.coded(2, "bob", RALLY | ELSEWHERE)]
    with room.desk("lea") as desk:
        case = only(desk)
        decision = Decision({"location": "ann"}, {}, {"location": "slip"}, "As printed.")
        (outcome,) = adjudicate(desk, [(case, [(case.rows[0], decision)])])
        event = desk.add(NewEvent({**CLEAN, "location": "Kazerun", "latitude": "29.6", "longitude": "51.6"}), allow_open=True)
        documents = {case.item: Document.model_validate(desk.document_meta(case.item))}
        found = account(desk.ledger, pa.array([outcome.event_id, event.event_id]), documents=documents, settings=desk.project.settings)
        told = {row["event_id"]: row for row in found.table.to_pylist()}
        assert (told[outcome.event_id]["decision"], told[event.event_id]["decision"]) == ("adjudicated", "by hand")
        assert told[outcome.event_id]["reason"] == "As printed."
        assert not set(held) & told.keys()


def test_of_very_many_items_all_is_read_at_once_and_only_those_asked_for_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(tmp_path, ("Teachers met in Shiraz.", "Teachers met in Yazd.", "Teachers met in Tabriz."))
    for document in range(3):
        for slot, coder in enumerate(("ana", "ben"), 1):
            room.coded(slot, coder, {}, document=document, done=(document, slot) != (2, 2))
    with room.desk("rob") as desk:
        asked = sorted([room.documents[0], room.documents[2]])
        one_by_one = codings_room.codings(desk, items=asked), waiting(desk)
        monkeypatch.setattr(codings_room, "_ALL_AT_ONCE", 0)
        assert (codings_room.codings(desk, items=asked), waiting(desk)) == one_by_one
        assert [*one_by_one[0]] == [room.documents[0]] and {case.item for case in one_by_one[1]} == {*room.documents[:2]}
