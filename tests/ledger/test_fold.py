"""What holds after a series of acts, and that only their graph decides it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.errors import LedgerError
from eventcoder.ledger import Entry, fold
from eventcoder.ledger.fold import fold_onto
from eventcoder.ledger.folded import from_text, to_text

from .conftest import VALUES, act, created


def test_a_chain_of_acts_is_applied_in_the_order_of_parents_not_of_clocks() -> None:
    first = created(minute=30)
    second = act("revise", parents=(first.id,), values={"fatalities": 2}, settled=True, minute=20)
    third = act("revise", parents=(second.id,), values={"fatalities": 3, "location": None}, settled=True, minute=10)
    folded = fold([third, first, second])
    assert folded.values["fatalities"] == 3
    assert "location" not in folded.values
    assert (folded.state, folded.revision, folded.heads) == ("settled", 3, (third.id,))
    assert folded.created == first.time and folded.changed == third.time
    assert folded.provenance["fatalities"] == third.id and folded.provenance["country"] == first.id


def test_attaching_adds_reports_evidence_and_counts_once() -> None:
    span = {"document": "a" * 16, "quote": "Iran"}
    first = act("create", values={"country": "Iran"}, reports=[{"document": "a" * 16}], evidence={"country": [span]})
    more = {"reports": [{"document": "b" * 16}, {"document": "a" * 16}], "evidence": {"country": [{"document": "b" * 16, "quote": "Iran"}]}}
    second = act("attach", parents=(first.id,), **more, counts=[{"kind": "killed", "low": 2, "document": "b" * 16}])
    folded = fold([first, second])
    assert [r["document"][0] for r in folded.reports] == ["a", "b"]
    assert len(folded.evidence["country"]) == 2 and len(folded.counts) == 1
    third = act("revise", parents=(second.id,), detach=["b" * 16])
    assert (fold([first, second, third]).reports, fold([first, second, third]).counts) == ([{"document": "a" * 16}], [])


def test_evidence_of_a_revision_replaces_that_fields_and_a_cleared_field_keeps_none() -> None:
    spans = {"country": [{"quote": "Iran"}], "location": [{"quote": "Shiraz"}]}
    first = act("create", values={"country": "Iran", "location": "Shiraz"}, evidence=spans)
    second = act("revise", parents=(first.id,), values={"country": "Iraq", "location": None}, evidence={"country": [{"quote": "Iraq"}]})
    assert fold([first, second]).evidence == {"country": [{"quote": "Iraq"}]}


def test_a_retracted_event_stays_retracted_until_it_is_restored() -> None:
    first = created()
    gone = act("retract", parents=(first.id,), reason="never happened", successor="other")
    assert (fold([first, gone]).state, fold([first, gone]).successor, fold([first, gone]).reason) == ("retracted", "other", "never happened")
    revised = act("revise", parents=(gone.id,), values={"fatalities": 9}, settled=True)
    assert fold([first, gone, revised]).state == "retracted"
    back = act("restore", parents=(revised.id,), settled=True)
    assert (fold([first, gone, revised, back]).state, fold([first, gone, revised, back]).successor) == ("settled", None)


def test_T15_a_merge_carries_reports_to_the_survivor_and_can_be_taken_back() -> None:
    loser, survivor = created("loserloserlo"), created("survivorsurv")
    ended = act("merge", event="loserloserlo", parents=(loser.id,), successor="survivorsurv")
    grown = act("merge", event="survivorsurv", parents=(survivor.id,), merged=["loserloserlo"], reports=[{"document": "c" * 16}])
    assert (fold([loser, ended]).state, fold([loser, ended]).successor) == ("merged", "survivorsurv")
    assert fold([survivor, grown]).merged == ("loserloserlo",)
    assert fold([survivor, grown]).state == "settled"
    back = act("restore", event="loserloserlo", parents=(ended.id,), settled=True)
    split = act("split", event="survivorsurv", parents=(grown.id,), merged=["loserloserlo"], detach=["c" * 16])
    assert fold([loser, ended, back]).state == "settled"
    assert (fold([survivor, grown, split]).merged, fold([survivor, grown, split]).reports) == ((), [])


def test_T31_two_heads_keep_both_sides_and_pick_neither() -> None:
    first = created()
    left = act("revise", parents=(first.id,), coder="ben", values={"fatalities": 2, "location": "Fasa"}, settled=True)
    right = act("revise", parents=(first.id,), coder="cem", values={"fatalities": 5, "location": "Fasa"}, settled=True)
    folded = fold([right, first, left])
    assert folded.state == "conflict"
    assert folded.heads == tuple(sorted([left.id, right.id]))
    assert folded.values["fatalities"] == 0  # the common ancestor's
    assert folded.values["location"] == "Fasa"  # agreed
    assert folded.differing == {"fatalities": {left.id: 2, right.id: 5}}
    resolved = act("resolve", parents=folded.heads, values={"fatalities": 5}, settled=True, coder="dora")
    end = fold([first, left, right, resolved])
    assert (end.state, end.values["fatalities"], end.heads, end.differing, end.revision) == ("settled", 5, (resolved.id,), {}, 4)


def test_a_resolution_that_leaves_a_field_undecided_does_not_end_the_conflict() -> None:
    first = created()
    left = act("revise", parents=(first.id,), values={"fatalities": 2}, settled=True)
    right = act("revise", parents=(first.id,), values={"fatalities": None}, settled=True)
    half = act("resolve", parents=(left.id, right.id), values={"location": "Fasa"}, settled=True)
    folded = fold([first, left, right, half])
    assert folded.state == "conflict" and folded.differing["fatalities"] == {left.id: 2, right.id: None}
    rest = act("revise", parents=(half.id,), values={"fatalities": 2}, settled=True)
    assert fold([first, left, right, half, rest]).state == "settled"


def test_retracted_here_and_revised_there_is_a_conflict_that_a_retraction_of_both_ends() -> None:
    first = created()
    gone = act("retract", parents=(first.id,), reason="double")
    better = act("revise", parents=(first.id,), values={"fatalities": 1}, settled=True)
    assert fold([first, gone, better]).state == "conflict"
    assert fold([first, gone, better, act("retract", parents=(gone.id, better.id), reason="double")]).state == "retracted"


def test_one_and_zero_and_true_are_different_values_in_a_conflict() -> None:
    first = created()
    left, right = (act("revise", parents=(first.id,), values={"x": v}) for v in (1, True))
    assert fold([first, left, right]).differing["x"] == {left.id: 1, right.id: True}


def test_the_imported_row_is_that_of_the_last_act_that_brought_one() -> None:
    first = act("create", values={"country": "Iran"}, **{"import": {"file": "x.csv", "row": "one"}})
    second = act("revise", parents=(first.id,), values={"fatalities": 1})
    third = act("revise", parents=(second.id,), values={"fatalities": 2}, **{"import": {"file": "y.csv", "row": "two"}})
    old = act("revise", parents=(third.id,), values={"fatalities": 3}, **{"import": {"file": "before rows had digests.csv"}})
    assert [fold([first, second, third, old][: n + 1]).imported for n in range(4)] == ["one", "one", "two", "two"]
    assert '"imported":"two"' in to_text(fold([first, second, third])) and "imported" not in to_text(fold([created()]))


def test_of_two_rows_imported_on_two_sides_none_is_taken_for_what_stands() -> None:
    first = act("create", values={"country": "Iran"}, **{"import": {"row": "one"}})
    left, right = (act("revise", parents=(first.id,), values={"fatalities": n}, **{"import": {"row": f"r{n}"}}) for n in (2, 3))
    coder = act("revise", parents=(first.id,), values={"location": "Fasa"})
    assert fold([first, left, right]).imported is None
    assert fold([first, left, coder]).imported == "r2" and fold([first, coder]).imported == "one"


def test_folding_nothing_several_events_or_an_orphan_is_refused() -> None:
    with pytest.raises(LedgerError):
        fold([])
    with pytest.raises(LedgerError, match="several events"):
        fold([created("a"), created("b")])
    with pytest.raises(LedgerError, match="names the parent"):
        fold([act("revise", parents=("0" * 64,), values={})])


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Acts of one event that branch and come together, with clocks that run anyhow."""
    acts = [created(minute=draw(st.integers(0, 59)))]
    for _ in range(draw(st.integers(0, 7))):
        parents = tuple(draw(st.sets(st.sampled_from([a.id for a in acts]), min_size=1, max_size=3)))
        verb = draw(st.sampled_from(["revise", "attach", "retract", "restore", "settle", "relate", "resolve"]))
        body = {
            "values": draw(st.dictionaries(st.sampled_from(["fatalities", "location", "notes"]), st.sampled_from([None, 1, 2, "Fasa"]), max_size=2)),
            "reports": [{"document": d} for d in draw(st.lists(st.sampled_from("abc"), max_size=2))],
            "detach": draw(st.lists(st.sampled_from("abc"), max_size=1)),
            "settled": draw(st.booleans()),
            "import": {"file": "x.csv", "row": draw(st.sampled_from(["one", "two"]))} if draw(st.booleans()) else {},
        }
        new = act(verb, parents=parents, coder=draw(st.sampled_from(["ana", "ben"])), minute=draw(st.integers(0, 59)), **body)
        if new.id not in {a.id for a in acts}:
            acts.append(new)
    return acts


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_of_arrival_does_not_matter(acts: list[Entry], chance: random.Random) -> None:
    expected = fold(acts)
    shuffled = acts[:]
    chance.shuffle(shuffled)
    assert fold(shuffled) == expected
    assert fold(shuffled + acts[:1]) == expected  # the same act twice is one
    text = to_text(expected)
    assert to_text(from_text(text)) == text
    assert (expected.state == "conflict") or len(expected.heads) == 1


@given(histories())
@settings(max_examples=80, deadline=None)
def test_an_act_folded_onto_what_is_kept_of_an_event_gives_what_all_its_acts_give(acts: list[Entry]) -> None:
    """A server's ledger keeps an event's head and folds the next act onto it, without reading the others again."""
    for number in range(1, len(acts)):
        before, new = fold(acts[:number]), acts[number]
        found = fold_onto(from_text(to_text(before)), new)
        if before.heads == new.parents and before.state != "conflict":
            assert found is not None and to_text(found) == to_text(fold(acts[: number + 1]))
        else:
            assert found is None


def test_an_event_coded_apart_stays_held_until_it_is_adjudicated() -> None:
    apart = act("create", values=VALUES, settled=True, held="d1/1")
    revised = act("revise", parents=(apart.id,), minute=1, values={"location": "Tehran"}, settled=True)
    declared = act("settle", parents=(revised.id,), minute=2, settled=True)
    for acts in ([apart], [apart, revised], [apart, revised, declared]):
        found = fold(acts)
        assert (found.state, found.held) == ("held", "d1/1")
    ended = act("adjudicate", parents=(declared.id,), minute=3, coder="lea", successor="m3k9p2q7r5t1")
    found = fold([apart, revised, declared, ended])
    assert (found.state, found.successor, found.values["location"]) == ("adjudicated", "m3k9p2q7r5t1", "Tehran")
    late = act("revise", parents=(ended.id,), minute=4, values={"location": "Qom"}, settled=True)
    assert fold([apart, revised, declared, ended, late]).state == "adjudicated"
    assert from_text(to_text(found)).held == "d1/1"


@pytest.mark.parametrize("text", ["{}", "[]", "", "null", '{"event_id":"x"}'])
def test_a_head_that_cannot_be_read_is_said_with_its_remedy(text: str) -> None:
    with pytest.raises(LedgerError, match="cannot be read from the ledger's table of heads") as caught:
        from_text(text)
    assert "doctor --rebuild" in caught.value.remedy
