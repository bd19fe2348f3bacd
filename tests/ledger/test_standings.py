"""How many events stand, asked for at once and beside a writer."""

from __future__ import annotations

import threading
from pathlib import Path

from eventcoder.ledger import Ledger, open_ledger
from eventcoder.ledger.standings import Standing

from .bulk_import import TIME, imported, name_of, run
from .conftest import act, created


def test_events_are_found_by_id_and_by_number(ledger: Ledger) -> None:
    with ledger.standings() as reader:
        assert reader.by_id(["x"]) == {} and reader.by_number(["IRN1"]) == {}
    run(ledger, "big", 0, 30)
    ledger.append([created("plain", event_id_cnty="SYR5")])
    with ledger.standings() as reader:
        found = reader.by_id([name_of(n) for n in range(40)] + ["plain", "plain"])
        assert len(found) == 31 and reader.by_id([]) == {}
        first = imported(7, TIME)
        assert found[first.subject] == Standing(first.subject, "settled", (first.id,), "digest7", "IRN7")
        assert found["plain"] == Standing("plain", "settled", (created("plain", event_id_cnty="SYR5").id,), None, "SYR5")
        assert reader.by_number(["IRN7", "SYR5", "SYR6"]) == {"IRN7": found[first.subject], "SYR5": found["plain"]}
        ledger.append([created("later")])
        assert set(reader.by_id(["later"])) == {"later"}, "each answer is of the moment of the question"


def test_a_number_leads_to_the_live_event_then_to_the_smallest_id(ledger: Ledger) -> None:
    dead = created("aaa")
    ledger.append([dead, act("retract", event="aaa", parents=(dead.id,), reason="x"), created("zzz"), created("yyy")])
    with ledger.standings() as reader:
        assert reader.by_number(["IRN1000000001"])["IRN1000000001"].event_id == "yyy" == ledger.find_cnty("IRN1000000001")


def test_an_event_in_conflict_has_all_its_heads(ledger: Ledger) -> None:
    from .test_store import conflict_of_two

    heads = conflict_of_two(ledger)
    with ledger.standings() as reader:
        (one,) = reader.by_number(["IRN1000000001"]).values()
        assert (one.state, one.heads) == ("conflict", tuple(sorted(heads)))


def test_a_reader_belongs_to_the_thread_that_asks(ledger: Ledger) -> None:
    run(ledger, "big", 0, 30)
    found: list[int] = []

    def ask() -> None:
        with ledger.standings() as reader:
            found.append(len(reader.by_id([name_of(n) for n in range(30)])))

    thread = threading.Thread(target=ask)
    thread.start()
    ledger.append([created()])
    thread.join()
    assert found == [30]


def test_a_ledger_that_is_only_read_answers_too(ledger: Ledger, path: Path) -> None:
    ledger.append([created()])
    with open_ledger(path, readonly=True) as reading, reading.standings() as reader:
        assert len(reader.by_number(["IRN1000000001"])) == 1
