"""Appending and looking up, as coders' commands do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.errors import LedgerConflict, LedgerError, NotFound, Refused, UsageError
from eventcoder.ledger import Ledger, new_entry, open_ledger
from eventcoder.ledger.writing import insert, refold

from .conftest import EVENT, act, created, moment


def test_T31_an_edit_adds_an_act_and_loses_nothing(ledger: Ledger) -> None:
    first = created()
    second = act("revise", parents=(first.id,), coder="ben", values={"fatalities": 4}, settled=True, reason="second report", minute=5)
    ledger.append([first])
    ledger.append([second])
    assert ledger.acts(EVENT) == [first, second]
    head = ledger.head(EVENT)
    assert head is not None and (head.values["fatalities"], head.revision, head.coder, head.reason) == (4, 2, "ana", "second report")


def test_what_was_appended_is_there_for_the_next_process(where: Path | str) -> None:
    with open_ledger(where) as one:
        one.append([created()])
    with open_ledger(where, readonly=True) as two:
        assert two.head(EVENT) is not None
        with pytest.raises(LedgerError, match="reading only"):
            two.append([created("another")])


def test_appending_the_same_entry_again_changes_nothing(ledger: Ledger) -> None:
    assert ledger.append([created()]) == [created()]
    assert ledger.append([created()]) == []
    assert ledger.count("act") == 1


def test_the_second_of_two_coders_is_told_what_changed_and_nothing_is_stored(ledger: Ledger) -> None:
    first = created()
    ledger.append([first])
    ledger.append([act("revise", parents=(first.id,), coder="ben", values={"fatalities": 4, "location": "Fasa"}, minute=7)])
    late = act("revise", parents=(first.id,), coder="cem", values={"fatalities": 5}, minute=9)
    with pytest.raises(LedgerConflict) as caught:
        ledger.append([created("otherotherot"), late])
    assert "ben, 2026-03-05T10:07:00Z: revise (fatalities, location)" in caught.value.message
    assert caught.value.event_id == EVENT and caught.value.current == ledger.head(EVENT).heads  # type: ignore[union-attr]
    assert ledger.count("act") == 2 and ledger.head("otherotherot") is None


def test_creating_an_event_twice_or_revising_none_is_refused(ledger: Ledger) -> None:
    ledger.append([created()])
    with pytest.raises(LedgerConflict, match="changed meanwhile: ana"):
        ledger.append([created(minute=3)])
    with pytest.raises(NotFound, match="no event"):
        ledger.append([act("revise", event="nothingthere", values={})])
    with pytest.raises(LedgerConflict, match="not in this ledger"):
        ledger.append([act("revise", event="nothingthere", parents=("0" * 64,), values={})])


def test_an_entry_whose_parent_is_unknown_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="not in this ledger"):
        ledger.append([new_entry("decision", "d1", {"decision": "accept"}, coder="ana", time=moment(0), parents=["a" * 64])])


def conflict_of_two(ledger: Ledger) -> tuple[str, str]:
    """Two heads, as journals of offline coders bring them."""
    first = created()
    left = act("revise", parents=(first.id,), coder="ben", values={"fatalities": 2}, settled=True, minute=1)
    right = act("revise", parents=(first.id,), coder="cem", values={"fatalities": 5}, settled=True, minute=2)
    with ledger.store.writing():
        insert(ledger.store, [e.row() for e in (first, left, right)])
        list(refold(ledger.store, [EVENT]))
    return left.id, right.id


def test_a_conflict_is_ended_by_one_act_that_names_both_and_decides_every_field(ledger: Ledger) -> None:
    heads = conflict_of_two(ledger)
    assert ledger.states() == {"conflict": 1}
    with pytest.raises(LedgerConflict, match="in conflict"):
        ledger.append([act("revise", parents=(heads[0],), values={"location": "Fasa"})])
    with pytest.raises(Refused, match="fatalities"):
        ledger.append([act("resolve", parents=heads, values={"location": "Fasa"}, settled=True)])
    ledger.append([act("resolve", parents=heads, values={"fatalities": 5}, settled=True)])
    head = ledger.head(EVENT)
    assert head is not None and (head.state, head.values["fatalities"], head.revision) == ("settled", 5, 4)


def test_T24_events_are_found_by_any_unique_prefix_and_by_number(ledger: Ledger) -> None:
    ledger.append([created("abc111111111", event_id_cnty="IRN1"), created("abd111111111", event_id_cnty="IRN2")])
    assert ledger.find("abc") == ledger.find("ABC1") == ledger.find("IRN1") == "abc111111111"
    with pytest.raises(NotFound, match="abc111111111, abd111111111"):
        ledger.find("ab")
    for nothing in ("", "zz", "  "):
        with pytest.raises(NotFound):
            ledger.find(nothing)


def test_T24_a_number_carried_by_a_merged_event_leads_to_the_live_one(ledger: Ledger) -> None:
    dead = created("aaa111111111")
    ledger.append([dead, act("retract", event="aaa111111111", parents=(dead.id,), reason="x"), created("zzz111111111")])
    assert ledger.find_cnty("IRN1000000001") == "zzz111111111"
    assert ledger.find_cnty("IRN9") is None


def test_events_are_filtered_ordered_and_limited(ledger: Ledger) -> None:
    days = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]
    ledger.append([created(f"event{i}", event_date=d, country="Iraq" if i % 2 else "Iran") for i, d in enumerate(days)])
    ledger.append([act("create", event="nodate", values={"country": "Iran"})])

    def ids(**filters: object) -> list[str]:
        return [f.event_id for f in ledger.events(**filters)]  # type: ignore[arg-type]

    assert ids() == ["nodate", "event0", "event1", "event2", "event3"]
    assert ids(country="Iran", since="2026-03-02") == ["event2"]
    assert ids(until="2026-03-02", states=["settled"]) == ["event0", "event1"]
    assert ids(limit=2, newest_first=True) == ["event3", "event2"]
    assert ids(states=["open"]) == ["nodate"]
    assert ids(sub_event_type="Mob violence") == []
    with pytest.raises(UsageError, match="not a day"):
        ids(since="March")
    with pytest.raises(UsageError, match="Unknown state"):
        ids(states=["done"])


def test_an_event_appended_during_a_scan_does_not_join_it(ledger: Ledger) -> None:
    ledger.append([created(f"event{i}") for i in range(3)])
    seen = []
    for folded in ledger.events():
        seen.append(folded.event_id)
        ledger.append([created(f"zz-{folded.event_id}")])
    assert seen == ["event0", "event1", "event2"] and ledger.states() == {"settled": 6}


def test_near_looks_at_the_possible_days_of_live_events(ledger: Ledger) -> None:
    gone = created("gone")
    ledger.append(
        [
            created("day", event_date="2026-03-04"),
            created("wide", event_date="2026-03-10", date_start="2026-03-05", date_end="2026-03-20"),
            created("both", event_date="2026-03-04", date_start="2026-03-01", date_end="2026-03-07"),
            created("iraq", event_date="2026-03-04", country="Iraq"),
            created("far", event_date="2026-04-04"),
            gone,
            act("retract", event="gone", parents=(gone.id,), reason="x"),
        ]
    )
    assert [f.event_id for f in ledger.near("2026-03-03", "2026-03-06", "Iran")] == ["both", "day", "wide"]
    assert [f.event_id for f in ledger.near("2026-03-03", "2026-03-06")] == ["both", "day", "iraq", "wide"]


def test_latest_follows_parents_before_clocks(ledger: Ledger) -> None:
    old = new_entry("place", "team:kuh", {"name": "Kuh"}, coder="ana", time=moment(50))
    ledger.append([old])
    ledger.append([new_entry("place", "team:kuh", {"name": "Kuh-e Sabz"}, coder="ben", time=moment(2), parents=[old.id])])
    assert ledger.latest("place")["team:kuh"].body == {"name": "Kuh-e Sabz"}
    assert [e.coder for e in ledger.entries("place")] == ["ana", "ben"]
    assert [e.coder for e in ledger.entries(coder="ben")] == ["ben"]
    assert [e.coder for e in ledger.entries(subject="team:kuh", since=moment(30))] == ["ana"]
    assert (ledger.count("place"), ledger.count("act")) == (2, 0)
    assert ledger.entry(old.id[:10]) == old
    with pytest.raises(NotFound):
        ledger.entry("xyz")


@pytest.mark.parametrize(
    ("kind", "subject", "body", "time", "said"),
    [
        ("rumour", "x", {}, moment(0), "kind"),
        ("place", " ", {}, moment(0), "subject"),
        ("place", "x", {"n": float("nan")}, moment(0), "not JSON"),
        ("place", "x", {"n": {1, 2}}, moment(0), "not JSON"),
        ("place", "x", {"n": "\ud800"}, moment(0), "not JSON"),
        ("place", "x", {}, "yesterday", "time"),
        ("act", "x", {"act": "delete"}, moment(0), "act 'delete'"),
        ("act", "x", {"act": "create", "values": {"a": {"b": 1}}}, moment(0), "value of 'a'"),
        ("act", "x", {"act": "create", "settled": "yes"}, moment(0), "settled"),
        ("act", "x", {"act": "merge"}, moment(0), "merge names"),
        ("redaction", "x", {"stub": {}}, moment(0), "redaction"),
    ],
)
def test_what_is_no_entry_is_refused_in_words(kind: str, subject: str, body: dict[str, object], time: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        new_entry(kind, subject, body, coder="ana", time=time)
