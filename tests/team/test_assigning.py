"""`assign`: a plan that is the same everywhere, fair, and says what it could not do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.ledger.work import tasks
from eventcoder.team.tasks.assigning import Wish, assign, change
from eventcoder.team.tasks.plans import Dealer, Item, Reader, stratified

from .working import Team


def items(sizes: dict[str, int]) -> list[Item]:
    return [Item(f"{kind}{n}", "en", "Iran", (kind, "Iran")) for kind, number in sizes.items() for n in range(number)]


def test_strata_get_their_share_and_small_ones_are_not_all_read_twice() -> None:
    chosen = Counter(i.rstrip("0123456789") for i in stratified(items({"a": 50, "b": 20, "c": 4, "d": 1, "e": 1}), 0.1, "x"))
    assert chosen["a"] == 5 and chosen["b"] == 2 and sum(chosen.values()) == 8  # at least a tenth of 76, and no stratum twice over
    tiny = stratified([Item(str(n), None, None, (str(n), "")) for n in range(40)], 0.1, "x")
    assert len(tiny) == 4


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 40), min_size=1), st.floats(0.01, 1.0), st.text("xyz", max_size=3))
def test_a_share_is_reached_in_every_stratum(sizes: dict[str, int], share: float, salt: str) -> None:
    chosen = stratified(items(sizes), share, salt)
    number = sum(sizes.values())
    assert len(set(chosen)) == len(chosen) and share * number - 1e-6 <= len(chosen)
    assert chosen == stratified(list(reversed(items(sizes))), share, salt)
    for kind, size in sizes.items():
        mine = sum(i[0] == kind for i in chosen)
        assert int(share * size) <= mine <= share * size + 1


def test_work_is_dealt_evenly_and_pairs_mix() -> None:
    dealer = Dealer("round-robin", [Reader(n) for n in ("ana", "ben", "cyd", "dan")])
    pairs = [tuple(sorted(dealer.deal(Item(str(n), "en", None, ("", "")), 2))) for n in range(60)]  # type: ignore[type-var]
    assert set(dealer.load.values()) == {30} and len(set(pairs)) == 6 and min(Counter(pairs).values()) >= 8


def test_plans_mind_what_coders_are_registered_for() -> None:
    people = [Reader("ana"), Reader("ben", languages=("FR",)), Reader("cyd", countries=("Iran",))]
    french = Item("1", "fr", "Iran", ("", ""))
    assert [r.name for r in Dealer("round-robin", people).able(french)] == ["ana", "ben", "cyd"]
    assert Dealer("language", people).deal(french, 2) == ["ben"]
    assert Dealer("country", people).deal(french, 1) == ["cyd"]
    assert Dealer("round-robin", [people[1]]).deal(Item("2", "en", None, ("", "")), 1) == []


def test_documents_are_shared_out_once(tmp_path: Path) -> None:
    team = Team(tmp_path)
    wish = Wish(double=0.5, control=0.25, plant=0.25)
    with team.desk("lea") as desk:
        planned = assign(desk, [], wish, dry_run=True)
        assert not list(tasks(desk.ledger.store))
        done = assign(desk, [], wish)
        assert done == planned and (done.documents, done.tasks, done.double, done.control, done.planted) == (4, 6, 2, 1, 1)
        assert done.by_stratum == {("Protests", "Iran"): [4, 2]} and done.by_coder == {"ana": 3, "ben": 3}
        assert not done.notes and assign(desk, [], wish).documents == 0
        again = assign(desk, team.documents[:1], wish)
        assert again.documents == 0 and "already" in again.notes[0]
        found = list(tasks(desk.ledger.store))
        assert sum(t.blind for t in found) == 4 and sum(t.control for t in found) == 2 and sum(t.planted is not None for t in found) == 1
        planted = next(t.planted for t in found if t.planted)
        true = next(d for d in team.drafts if d.draft_id == planted["draft"])
        assert planted["true"] == true.fields[planted["field"]] != planted["wrong"]
        for task in found:
            if task.state == "assigned" and not task.blind:
                change(desk, [task.task], "withdrawn", "Not ours.")
        assert assign(desk, [], wish).documents == 2  # what was withdrawn waits again
        assert desk.ledger.verify() == []


def test_another_round_goes_on_with_other_slots(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    with team.desk("lea") as desk:
        assign(desk, [], Wish(double=1.0))
        done = assign(desk, team.documents, Wish(to=["chloe", "ana"], double=0, round="training", blind=True))
        assert "in round 'main', too, and coded again now" in done.notes[0], "who gives a document out twice is told"
        assert [(t.slot, t.round, t.blind) for t in tasks(desk.ledger.store)] == [(1, "main", True), (2, "main", True), (3, "training", True)]


def test_what_cannot_be_done_is_told(tmp_path: Path) -> None:
    team = Team(tmp_path, 2, languages=("fr", "de"))
    with team.desk("lea") as desk:
        done = assign(desk, [], Wish(to=["chloe"], double=1.0))
        assert done.documents == 1 and done.double == 0 and len(done.notes) == 2
        assert done.notes[0].startswith("1 document can be read by one coder only") and "1 document (de) was given to nobody" in done.notes[1]
        with pytest.raises(UsageError, match="Unknown plan"):
            assign(desk, [], Wish("dice"))
        with pytest.raises(NotFound, match=r"dora is not a registered coder. Registered: ana, ben"):
            assign(desk, [], Wish(to=["dora"]))
    with team.desk("ana") as desk, pytest.raises(Refused, match="takes a lead"):
        assign(desk, [], Wish())


def test_an_open_project_needs_names(tmp_path: Path) -> None:
    team = Team(tmp_path, 1, registered=False)
    with team.desk("lea") as desk:
        with pytest.raises(UsageError, match="Nobody is registered"):
            assign(desk, [], Wish())
        with pytest.raises(UsageError, match="--to 'ana, ben' is not the name of one coder") as told:
            assign(desk, [], Wish(to=["ana, ben"]))
        assert told.value.remedy == "Say --to for each: --to ana --to ben"
        assert assign(desk, [], Wish(to=["ana", "ben"], double=1.0)).by_coder == {"ana": 1, "ben": 1}
