"""Bulk imports are all or nothing, and do not lock coders out."""

from __future__ import annotations

import pytest

from eventcoder.errors import LedgerConflict, LedgerError, NotFound, UsageError
from eventcoder.ledger import Entry, Ledger, new_entry
from eventcoder.ledger import store as store_module

from .conftest import EVENT, act, created, moment


def many(number: int = 7) -> list[Entry]:
    return [created(f"bulk{i}", minute=i) for i in range(number)]


def test_a_batch_shows_only_when_sealed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "BATCH_CHUNK", 3)
    assert len(ledger.append(many(), batch="import-1")) == 7
    ledger.append([created()])
    assert [f.event_id for f in ledger.events()] == [EVENT]
    assert (ledger.count("act"), list(ledger.entries(subject="bulk1")), ledger.head("bulk1")) == (1, [], None)
    assert ledger.unsealed() == {"import-1": 7}
    assert [p.code for p in ledger.verify()] == ["ledger-batch-unsealed"]
    seal = ledger.seal("import-1", "ana", moment(9))
    assert seal.body == {"batch": "import-1", "entries": 7}
    assert len(list(ledger.events())) == 8 and ledger.unsealed() == {} and ledger.verify() == []
    before = ledger.store.rows("SELECT * FROM heads ORDER BY event_id")
    assert ledger.rebuild() == 8
    assert ledger.store.rows("SELECT * FROM heads ORDER BY event_id") == before


def test_a_killed_import_can_be_run_again_under_the_same_or_another_name(ledger: Ledger) -> None:
    ledger.append(many()[:4], batch="first")
    assert len(ledger.append(many(), batch="first")) == 3
    assert ledger.append(many(), batch="second") == []
    ledger.seal("second", "ana", moment(9))
    assert ledger.states() == {"settled": 7} and ledger.unsealed() == {} and ledger.verify() == []


def test_a_dropped_batch_is_never_seen_unless_appended_again(ledger: Ledger) -> None:
    ledger.append(many(), batch="b")
    assert ledger.drop("b") == 7
    assert ledger.unsealed() == {} and ledger.states() == {} and ledger.verify() == []
    with pytest.raises(NotFound):
        ledger.seal("b", "ana", moment(9))
    ledger.append(many()[:1])
    assert ledger.states() == {"settled": 1}
    ledger.append(many(), batch="b")
    ledger.seal("b", "ana", moment(9))
    assert ledger.states() == {"settled": 7} and ledger.verify() == []
    with pytest.raises(LedgerError, match="is sealed"):
        ledger.append(many(9), batch="b")


def test_a_batch_whose_event_a_coder_changed_meanwhile_is_refused_as_a_whole(ledger: Ledger) -> None:
    first = created()
    ledger.append([first])
    ledger.append([*many(), act("revise", parents=(first.id,), values={"fatalities": 1})], batch="b")
    ledger.append([act("revise", parents=(first.id,), coder="ben", values={"fatalities": 2}, settled=True)])
    with pytest.raises(LedgerConflict, match="ben"):
        ledger.seal("b", "ana", moment(9))
    assert ledger.states() == {"settled": 1} and ledger.unsealed() == {"b": 8}


def test_a_chain_of_acts_in_one_batch_is_folded(ledger: Ledger) -> None:
    first = created()
    second = act("revise", parents=(first.id,), values={"fatalities": 1}, settled=True)
    place = new_entry("place", "team:x", {"name": "X"}, coder="ana", time=moment(0))
    ledger.append([first, second, place], batch="b")
    assert ledger.latest("place") == {}
    ledger.seal("b", "ana", moment(9))
    head = ledger.head(EVENT)
    assert head is not None and (head.values["fatalities"], head.revision) == (1, 2)
    assert ledger.latest("place") == {"team:x": place}


def test_an_act_that_came_between_folding_and_sealing_is_not_lost(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventcoder.ledger import batches, open_ledger

    ledger.append(many(), batch="b")
    real = batches.stage_heads
    calls = []

    def interrupted(store: object, events: object) -> None:
        real(store, events)  # type: ignore[arg-type]
        if not calls:
            calls.append(1)
            with open_ledger(ledger.store.where) as other:
                other.append([many()[0]])
                other.append([act("revise", event="bulk0", parents=(many()[0].id,), coder="ben", values={"fatalities": 3}, settled=True)])

    monkeypatch.setattr(batches, "stage_heads", interrupted)
    ledger.seal("b", "ana", moment(9))
    assert ledger.head("bulk0").values["fatalities"] == 3  # type: ignore[union-attr]
    assert ledger.states() == {"settled": 7} and ledger.verify() == []


def test_seals_and_redactions_do_not_go_into_batches(ledger: Ledger) -> None:
    seal = new_entry("seal", "b", {}, coder="ana", time=moment(0))
    with pytest.raises(UsageError):
        ledger.append([seal], batch="b")
    with pytest.raises(UsageError):
        ledger.append([seal])
    with pytest.raises(NotFound):
        ledger.seal("nothing", "ana", moment(0))
