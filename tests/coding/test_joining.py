"""Merging, undoing merges in any order, splitting, and the bounds of what may be merged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.coding import Desk, NewEvent
from eventcoder.coding.deciding import Pairs, decide_rows
from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.intake.articles import ingest
from eventcoder.ledger import fold
from eventcoder.project import open_project
from eventcoder.validation.duplicates.search import Pair
from tests.conftest import CLEAN

NOTES = "On 3 May 2026, teachers gathered in Shiraz (Fars) to demand the payment of late salaries."
PAPERS = ("Qasr Daily", "Orsova Courier", "Hill Post", "Veranda Wire")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four accounts of one rally, each from its own paper and one they share; the third says two days, the fourth another number of injured."""
    root = tmp_path_factory.mktemp("joining")
    (root / "eventcoder.toml").write_text('id = "trial"\ncoder = "ana"\n', "utf-8")
    for number, paper in enumerate((*PAPERS, "Shared Wire", "Late Post")):
        text = f"Title: Rally {number}\nDate: 2026-05-04\nPublisher: {paper}\n\nTeachers rallied in Shiraz. Edition {number}.\n"
        (root / f"{number}.txt").write_text(text, "utf-8")
    project = open_project(root)
    with Desk(project, coder="ana") as desk:
        ingest(project, desk.ledger, sorted(root.glob("*.txt")), coder="ana", time=desk.moment)
        for number, paper in enumerate(PAPERS):
            documents = [document_of(desk, paper), document_of(desk, "Shared Wire")]
            text = desk.documents.text(documents[0])
            span = {"document": documents[0], "start": 0, "end": 8, "quote": text[:8]}
            shared = {"document": documents[1], "start": 0, "end": 8, "quote": desk.documents.text(documents[1])[:8]}
            count = {
                "kind": "crowd",
                "low": 20 + number,
                "best": 20 + number,
                "high": None,
                "words": "Teachers",
                "rule": "at_least",
                "document": documents[0],
            }
            raw = {**CLEAN, "source": "", "source_scale": "National", "notes": NOTES + f" Account {number}.", "injured_low": str(number or "")}
            raw["sub_event_type"] = "Protest with intervention" if number else "Peaceful protest"
            if number:
                raw |= {"actor2": "Police Forces of Iran (1989-)"}
            desk.add(NewEvent(raw, documents, {"location": [span, shared], "event_date": [span]}, [count]), allow_open=True)
    return root


def document_of(desk: Desk, publisher: str) -> str:
    return next(s for s, e in desk.ledger.latest("document").items() if e.body.get("publisher") == publisher)


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(folder, tmp_path / "project")
    with Desk(open_project(tmp_path / "project"), coder="ana") as opened:
        yield opened


def ids_of(desk: Desk) -> list[str]:
    return [e.event_id for e in sorted(desk.ledger.events(), key=lambda e: e.values["notes"])]


def whole(desk: Desk, event_id: str) -> dict[str, Any]:
    """Everything that a merge could touch; spans and counts without an order."""
    event = desk.event(event_id)
    return {
        "values": event.values,
        "reports": sorted(r["document"] for r in event.reports),
        "evidence": {name: sorted(map(str, spans)) for name, spans in event.evidence.items()},
        "counts": sorted(map(str, event.counts)),
        "state": event.state,
    }


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_merges_undone_in_any_order_leave_every_event_as_it_was(folder: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    root = tmp_path_factory.mktemp("example") / "project"
    shutil.copytree(folder, root)
    with Desk(open_project(root), coder="ana") as desk:
        ids = ids_of(desk)
        before = {i: whole(desk, i) for i in ids}
        keep, *others = data.draw(st.permutations(ids))
        groups = data.draw(st.sampled_from([[others], [others[:1], others[1:]], [[o] for o in others], [others[:2]]]))
        for group in groups:
            fields = data.draw(st.lists(st.sampled_from(["injured_low", "sub_event_type", "notes", "actor2"]), unique=True, max_size=2))
            desk.merge(keep, group, reason="One rally.", take={f: data.draw(st.sampled_from(group)) for f in fields})
        merged = data.draw(st.permutations([i for group in groups for i in group]))
        for event_id in merged:
            assert desk.event(event_id).state == "merged"
            desk.unmerge(event_id, reason="Two rallies.")
        assert {i: whole(desk, i) for i in ids} == before
        desk.ledger.rebuild()
        assert {i: whole(desk, i) for i in ids} == before
        assert desk.ledger.verify() == []


def test_what_came_after_the_merge_stays_with_the_kept_event(desk: Desk) -> None:
    a, b, *_ = ids_of(desk)
    late = document_of(desk, "Late Post")
    desk.merge(a, [b], reason="One rally.", take={"injured_low": b})
    desk.attach(a, [late])
    desk.amend(a, {"admin2": "Shiraz"}, reason="Division added.")
    assert desk.event(a).values["source"] == ["Qasr Daily", "Shared Wire", "Orsova Courier", "Late Post"]
    back, kept = desk.unmerge(b, reason="Two rallies.")
    assert (back.event_id, kept.event_id) == (b, a)
    event = desk.event(a)
    assert event.values["source"] == ["Qasr Daily", "Shared Wire", "Late Post"]
    assert (event.values["admin2"], event.values.get("injured_low"), event.merged) == ("Shiraz", None, ())
    assert {r["document"] for r in event.reports} == {document_of(desk, p) for p in ("Qasr Daily", "Shared Wire", "Late Post")}
    assert [act.body["act"] for act in desk.ledger.acts(a)] == ["create", "merge", "attach", "revise", "split"]
    assert {"kind": "different", "event_id": a} in desk.event(b).relations, "the pair is decided now"


def test_a_value_corrected_after_the_merge_stays_corrected(desk: Desk) -> None:
    a, b, *_ = ids_of(desk)
    desk.merge(a, [b], reason="One rally.", take={"injured_low": b})
    desk.amend(a, {"injured_low": "7"}, reason="The hospital's figure.")
    desk.unmerge(b, reason="Two rallies.")
    assert desk.event(a).values["injured_low"] == 7


def test_a_merge_joins_what_supports_both_and_lets_values_be_chosen(desk: Desk) -> None:
    a, b, c, _ = ids_of(desk)
    desk.merge(a, [b, c], reason="One rally.", take={"sub_event_type": c})
    event = desk.event(a)
    assert len(event.reports) == 4 and len(event.counts) == 3 and len(event.evidence["location"]) == 4
    assert (event.values["sub_event_type"], event.values["notes"]) == ("Protest with intervention", NOTES + " Account 0.")
    assert {desk.event(i).successor for i in (b, c)} == {a}
    assert desk.ledger.acts(a)[-1].body["taken"]["sub_event_type"] == c


def test_what_cannot_be_merged_says_why(desk: Desk) -> None:
    a, b, c, d = ids_of(desk)
    with pytest.raises(UsageError, match="itself"):
        desk.merge(a, [a], reason="r")
    with pytest.raises(UsageError, match="twice"):
        desk.merge(a, [b, b], reason="r")
    with pytest.raises(NotFound):
        desk.merge(a, ["zzzz"], reason="r")
    with pytest.raises(UsageError, match="not among"):
        desk.merge(a, [b], reason="r", take={"notes": c})
    with pytest.raises(UsageError, match="computed"):
        desk.merge(a, [b], reason="r", take={"year": b})
    desk.merge(a, [b], reason="r")
    with pytest.raises(Refused, match=f"merged into {a}"):
        desk.merge(c, [b], reason="r")
    desk.retract(d, reason="r")
    with pytest.raises(Refused, match="retracted"):
        desk.merge(c, [d], reason="r")
    desk.merge(c, [a], reason="r")
    with pytest.raises(Refused, match=f"eventcoder restore {a}"):
        desk.unmerge(b, reason="r")
    with pytest.raises(UsageError, match="not merged"):
        desk.unmerge(c, reason="r")


def day(desk: Desk, event_id: str, number: int) -> None:
    notes = f"On {number} May 2026, teachers gathered in Shiraz (Fars) to demand the payment of late salaries."
    desk.amend(event_id, {"event_date": f"2026-05-{number:02}", "notes": notes}, reason="Another day.")


def test_T15_a_chain_of_likenesses_is_not_merged_without_a_person_saying_why(desk: Desk) -> None:
    a, b, c, d = ids_of(desk)
    for number, event_id in enumerate((b, c, d), 1):
        day(desk, event_id, 3 + 2 * number)
    desk.merge(a, [b], reason="The report was late.")
    with pytest.raises(Refused, match="span 4 days") as refused:
        desk.merge(b if desk.event(b).state == "settled" else a, [c], reason="The report was late.")
    assert [p.code for p in refused.value.problems] == ["merge-too-wide"]
    assert desk.event(c).state != "merged"
    with pytest.raises(Refused, match="span 6 days"):
        desk.merge(a, [c, d], reason="All at once.")
    desk.merge(a, [c], reason="One strike, counted as one event by the codebook's campaign rule.", beyond=True)
    with pytest.raises(Refused, match="span 6 days"):
        desk.merge(d, [a], reason="From the other side, what was merged before counts too.")


def test_two_events_that_agree_neither_in_day_nor_in_place_are_a_slip_of_an_id(desk: Desk) -> None:
    a, b, c, _ = ids_of(desk)
    day(desk, b, 20)
    assert desk.merge(a, [b], reason="One of them has the day of the report.").state == "settled", "one of the two may be miscoded"
    day(desk, c, 20)
    tehran = {"location": "Tehran", "admin1": "Tehran", "latitude": "35.6944", "longitude": "51.4215"}
    desk.amend(c, tehran, reason="Moved.")
    a = next(i for i in ids_of(desk)[3:])
    with pytest.raises(Refused, match=r"lie 17 days and \d+ km apart") as refused:
        desk.merge(a, [c], reason="The wrong line of the list.")
    assert [p.code for p in refused.value.problems] == ["merge-too-wide"]
    assert desk.event(c).state != "merged"
    desk.merge(a, [c], reason="Both were miscoded; the paper is the same.", beyond=True)


def test_T15_events_that_were_called_different_do_not_meet_through_a_third(desk: Desk) -> None:
    a, b, c, _ = ids_of(desk)
    desk.relate(a, "different", c, reason="Two schools.")
    desk.merge(b, [c], reason="One rally.")
    with pytest.raises(Refused, match="different events"):
        desk.merge(a, [b], reason="One rally.")
    desk.merge(a, [b], reason="The decision on the schools was wrong.", beyond=True)


def test_T14_separate_demonstrations_of_one_day_are_no_obstacle_and_no_merge(desk: Desk) -> None:
    a, b, *_ = ids_of(desk)
    desk.relate(a, "different", b, reason="Two schools.")
    assert desk.relate(a, "different", b).act == "", "said already"
    assert desk.relate(b, "different", a, reason="Two schools.").act == "", "said from the other side"
    assert desk.relate(b, "counter_demonstration", a).act and desk.relate(a, "counter_demonstration", b).act, "each against the other"


def test_one_event_is_split_into_several_with_what_supports_each(desk: Desk) -> None:
    a, b, *_ = ids_of(desk)
    mine = document_of(desk, "Qasr Daily")
    part = {
        "location": "Marvdasht",
        "admin1": "Fars",
        "latitude": "29.874",
        "longitude": "52.8025",
        "notes": "On 3 May 2026, teachers in Marvdasht (Fars) gathered over late pay.",
        "reports": [mine],
    }
    shared = document_of(desk, "Shared Wire")
    own, new = desk.split(a, [part, {"event_id": a, "reports": [shared], "admin2": "Shiraz"}], reason="Two towns.")
    event, other = desk.event(a), desk.event(new.event_id)
    assert (own.event_id, event.values["location"], event.values["admin2"]) == (a, "Shiraz", "Shiraz")
    assert (other.values["location"], other.values["source"], other.state) == ("Marvdasht", ["Qasr Daily"], "settled")
    assert other.relations == [{"kind": "split_from", "event_id": a}]
    assert "location" not in other.evidence and len(other.evidence["event_date"]) == 1
    assert [r["document"] for r in event.reports] == [shared]
    assert other.values["event_id_cnty"] != event.values["event_id_cnty"]
    assert desk.ledger.acts(a)[-1].body["parts"] == [new.event_id]
    for bad, said in (
        ([], "at least one"),
        ([{}], "nothing in which"),
        ([{"event_id": b}], "new id"),
        ([{"location": "x", "reports": ["zz"]}], "zz"),
    ):
        with pytest.raises((UsageError, NotFound), match=said):
            desk.split(a, bad, reason="r")
    with pytest.raises(Refused) as refused:
        desk.split(a, [{"fatalities": "many", "location": "Fasa"}], reason="r")
    assert refused.value.problems and len(list(desk.ledger.events())) == 5


def test_decisions_build_on_each_other_and_are_stored_all_or_none(desk: Desk) -> None:
    a, b, c, d = ids_of(desk)
    rows = [{"a": a, "b": b, "decision": "same", "reason": "One."}, {"a": a, "b": c, "decision": "different"}, {"a": a, "b": d, "decision": ""}]
    with pytest.raises(Refused) as refused:
        decide_rows(
            desk,
            enumerate(
                [*rows, {"a": b, "b": a, "decision": "different"}, {"a": a, "b": "zz", "decision": "same"}, {"a": a, "b": c, "decision": "perhaps"}],
                2,
            ),
        )
    assert [p.where for p in refused.value.problems] == ["line 5", "line 6", "line 7"]
    assert {desk.event(i).state for i in (a, b)} == {"settled"} and not desk.event(a).relations
    assert decide_rows(desk, enumerate(rows, 2), dry_run=True) == {"same": 1, "different": 1}
    assert desk.event(a).revision == 1
    assert decide_rows(desk, enumerate(rows, 2)) == {"same": 1, "different": 1}
    assert [act.body["act"] for act in desk.ledger.acts(a)] == ["create", "merge", "relate"]
    assert desk.event(a).values == fold(desk.ledger.acts(a)).values
    later = [{"a": d, "b": a, "decision": "same"}, {"a": a, "b": c, "decision": "see_also"}]  # d stays or goes: the second line means the same event
    assert decide_rows(desk, enumerate(later, 2)) == {"same": 1, "see_also": 1}
    kept = desk.event(a).successor or a
    assert {"kind": "see_also", "event_id": c} in desk.event(kept).relations
    assert desk.event(b).successor == a


def test_a_sitting_passes_over_what_is_decided_and_undoes_by_acts(desk: Desk) -> None:
    a, b, c, _ = ids_of(desk)
    before = whole(desk, a)
    pairs = [Pair(*sorted(two), 0.9, ("same day",)) for two in permutations((a, b, c), 2) if two[0] < two[1]]
    sitting = Pairs(desk, list(pairs))
    first = sitting.current
    assert first is not None
    sitting.same(first.a, first.b, "One.")
    assert sitting.current is not None and first.b not in (sitting.current.a, sitting.current.b)
    sitting.relate("different", "Two.")
    assert sitting.current is None
    assert sitting.undo() is not None
    assert sitting.undo() is not None and sitting.undo() is None
    assert sitting.current == first and whole(desk, a) == before
    assert all(not desk.event(i).relations for i in (a, b, c))
