"""Very many entries at once: all or nothing, the same heads as by appending, and coders' acts are neither lost nor overrun."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from eventcoder.errors import LedgerConflict, LedgerError, NotFound, UsageError
from eventcoder.ledger import Entry, Ledger, bulk, fold, new_entry, open_ledger, sweep
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.heads import head_row
from eventcoder.ledger.sqlite import fresh_heads, tuning
from eventcoder.ledger.sqlite import opening as sqlite_file
from eventcoder.ledger.sqlite import store as own

from .bulk_import import LATER, TIME, give, imported, name_of, run
from .conftest import act, created, moment

DUMP = "SELECT * FROM heads ORDER BY event_id"
SECRET = "Zahra the baker told us"


@pytest.fixture(params=["in place", "new table"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every promise holds on both ways that heads come into their table."""
    monkeypatch.setattr(bulk, "IN_PLACE", 10_000 if request.param == "in place" else 0)
    monkeypatch.setattr(fresh_heads, "CHUNK", 4)
    monkeypatch.setattr(sweep, "CHUNK", 7)
    return str(request.param)


def sound(ledger: Ledger) -> None:
    """Nothing is wrong, nothing is left aside, and the heads are those that the acts give."""
    assert ledger.verify() == [] and ledger.unsealed() == {}
    if ledger.store.backend == "sqlite":
        tables = {row[0] for row in ledger.store.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')")}
        assert not [name for name in tables if name.startswith(("heads_", "pending"))]
    assert ledger.store.rows("SELECT * FROM hidden") == [] and ledger.store.rows("SELECT * FROM batches") == []
    before = ledger.store.rows(DUMP)
    ledger.rebuild()
    assert ledger.store.rows(DUMP) == before
    if isinstance(ledger.store, own.SqliteStore):
        _the_file_is_whole(ledger.store)


def _the_file_is_whole(store: own.SqliteStore) -> None:
    indexes = store.rows("SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'heads'")
    assert indexes == [(9,)]
    assert not list(store.path.parent.glob("*-import"))


def revised(before: Entry, time: str, deaths: int = 3, coder: str = "ana") -> Entry:
    body = {"act": "revise", "values": {"fatalities": deaths}, "settled": True, "import": {"file": "big.csv", "row": f"new{deaths}"}}
    return new_entry("act", before.subject, body, coder=coder, time=time, parents=[before.id])


def test_nothing_shows_before_the_seal_and_everything_after_it(ledger: Ledger, where: Path | str) -> None:
    ledger.append([created()])
    with open_ledger(where) as other, ledger.bulk("big", coder="ana", time=TIME) as under_way:
        for start in range(0, 50, 10):
            assert give(under_way, [[imported(n, TIME)] for n in range(start, start + 10)]) == 10
        assert other.states() == {"settled": 1} and other.count("act") == 1 and other.head(name_of(3)) is None
        assert other.unsealed() == {"big": 50} and [p.code for p in other.verify()] == ["ledger-batch-unsealed"]
        other.append([created("meanwhile000")])
        seal = under_way.seal("ana", TIME, body={"created": 50, "read": 50})
        assert seal.body == {"batch": "big", "entries": 50, "created": 50, "read": 50}
        assert other.states() == {"settled": 52} and other.count("act") == 52
        assert other.head(name_of(3)).imported == "digest3"  # type: ignore[union-attr]
        other.append([created("afterwards00")])
    assert [e.id for e in ledger.entries("seal")] == [seal.id]
    sound(ledger)


def test_the_heads_are_those_that_appending_gives(ledger: Ledger, tmp_path: Path) -> None:
    first = [imported(n, TIME) for n in range(30)]
    second = [revised(e, LATER, n) for n, e in enumerate(first[:20])]
    run(ledger, "one", 0, 30)
    with ledger.bulk("two", coder="ana", time=LATER) as under_way:
        give(under_way, [[a, b] for a, b in zip(first, second, strict=False)])
        give(under_way, [[imported(99, LATER), revised(imported(99, LATER), LATER)]], new=2)
        under_way.seal("ana", LATER)
    with open_ledger(tmp_path / "other.sqlite") as other:
        other.append([*first, *second, imported(99, LATER), revised(imported(99, LATER), LATER)])
        assert other.store.rows(DUMP) == ledger.store.rows(DUMP)
    assert ledger.head(name_of(5)).imported == "new5"  # type: ignore[union-attr]
    sound(ledger)


def test_entries_of_other_kinds_go_along(ledger: Ledger) -> None:
    place = new_entry("place", "team:x", {"name": "X"}, coder="ana", time=TIME)
    with ledger.bulk("big", coder="ana", time=TIME) as under_way:
        under_way.add([place.row()], [])
        assert ledger.latest("place") == {}
        under_way.seal("ana", TIME)
    assert ledger.latest("place") == {"team:x": place}
    sound(ledger)


def test_an_event_that_a_coder_changed_meanwhile_refuses_the_whole(ledger: Ledger, where: Path | str) -> None:
    first = imported(1, TIME)
    ledger.append([first])
    told = r"ben, 2026-03-05T10:09:00Z: revise \(fatalities\)"
    with pytest.raises(LedgerConflict, match=told) as caught, ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[first, revised(first, TIME)], [imported(2, TIME)]])
        with open_ledger(where) as other:
            ours = act("revise", event=first.subject, parents=(first.id,), coder="ben", values={"fatalities": 9}, settled=True, minute=9)
            other.append([ours])
        under_way.seal("ana", TIME)
    assert caught.value.event_id == first.subject and caught.value.current == (ours.id,)
    assert ledger.states() == {"settled": 1} and ledger.head(first.subject).values["fatalities"] == 9  # type: ignore[union-attr]
    assert ledger.count("act") == 2 and list(ledger.entries("seal")) == []
    sound(ledger)


def test_an_event_that_exists_by_now_is_not_created_again(ledger: Ledger, where: Path | str) -> None:
    with pytest.raises(LedgerConflict, match="ben"), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, TIME)] for n in range(5)])
        with open_ledger(where) as other:
            other.append([created(name_of(3), coder="ben")])
        under_way.seal("ana", TIME)
    assert ledger.states() == {"settled": 1}
    sound(ledger)


def test_acts_that_follow_what_is_not_there_are_refused(ledger: Ledger) -> None:
    unknown = imported(1, TIME)
    with pytest.raises(LedgerConflict, match="not in this ledger"), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[unknown, revised(unknown, TIME)]])
        under_way.seal("ana", TIME)
    sound(ledger)


def test_what_coders_do_while_heads_are_put_in_place_is_kept(ledger: Ledger, where: Path | str, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Acts about other events, and acts of the import's own that somebody else has shown and gone on from."""
    early = [created(f"early{n}") for n in range(12)]
    ledger.append(early)
    calls: list[str] = []

    def coders() -> None:
        calls.append("now")
        with open_ledger(where) as other:
            other.append([act("revise", event="early3", parents=(early[3].id,), coder="ben", values={"fatalities": 7}, settled=True)])
            other.append([created("new1"), created("new2"), imported(4, TIME)])
            other.append([revised(imported(4, TIME), LATER, 8, "ben")])
            other.append([act("retract", event="early4", parents=(early[4].id,), coder="ben", reason="double")])

    real = fresh_heads.make_indexes
    monkeypatch.setattr(fresh_heads, "make_indexes", lambda store: (real(store), coders()))
    with ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, TIME)] for n in range(9)])
        if way == "in place":
            coders()
        under_way.seal("ana", TIME)
    assert calls == ["now"]
    assert ledger.head("early3").values["fatalities"] == 7 and ledger.head("new2") is not None  # type: ignore[union-attr]
    assert ledger.head(name_of(4)).values["fatalities"] == 8  # type: ignore[union-attr]
    assert ledger.states() == {"settled": 22, "retracted": 1}
    sound(ledger)


def test_an_entry_that_somebody_else_brought_first_is_not_stored_twice(ledger: Ledger, where: Path | str) -> None:
    with ledger.bulk("big", coder="ana", time=TIME) as under_way:
        assert give(under_way, [[imported(n, TIME)] for n in range(10)]) == 10
        with open_ledger(where) as other:
            other.append([imported(14, TIME)])
            other.append([revised(imported(14, TIME), LATER, 8, "ben")])
        assert give(under_way, [[imported(n, TIME)] for n in range(10, 20)]) == 9
        under_way.seal("ana", TIME)
    assert ledger.head(name_of(14)).values["fatalities"] == 8 and ledger.count("act") == 21  # type: ignore[union-attr]
    sound(ledger)


def test_a_scan_begun_before_goes_on_and_an_open_ledger_stays_usable(ledger: Ledger, where: Path | str) -> None:
    ledger.append([created(f"early{n}") for n in range(30)])
    with open_ledger(where) as other, open_ledger(where, readonly=True) as third:
        scan = other.events()
        seen = [next(scan).event_id]
        assert third.head("early1") is not None
        run(ledger, "big", 0, 40)
        seen += [f.event_id for f in scan]
        assert sorted(seen) == sorted(f"early{n}" for n in range(30))
        assert other.states() == third.states() == {"settled": 70}
        other.append([created("another")])
        assert third.head("another") is not None and ledger.head("another") is not None
    sound(ledger)


def test_leaving_without_a_seal_removes_what_was_stored(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = created()
    ledger.append([first])
    with pytest.raises(ValueError, match="three bad rows"), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, TIME, notes=SECRET)] for n in range(40)])
        with open_ledger(path) as other:
            other.append([created("between")])
        give(under_way, [[imported(n, TIME, notes=SECRET)] for n in range(40, 60)])
        raise ValueError("three bad rows")
    assert ledger.store.row("SELECT COUNT(*), MAX(seq) FROM entries") == (2, 42)
    assert [row[:2] for row in ledger.store.rows("SELECT first_seq, last_seq FROM gaps ORDER BY first_seq")] == [(2, 41), (43, 62)]
    ledger.append([act("revise", parents=(first.id,), values={"fatalities": 1}, settled=True)])
    assert ledger.store.row("SELECT MAX(seq) FROM entries") == (63,), "a number is never used again"
    sound(ledger)
    ledger.store.wipe_traces()
    assert all(SECRET.encode() not in file.read_bytes() for file in path.parent.iterdir())
    assert run(ledger, "big", 0, 60) == 60
    sound(ledger)


def test_the_space_of_a_dropped_import_goes_back_to_the_disk(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "WORTH_SHRINKING", 50_000)
    ledger.append([created()])
    before = ledger.store.row("PRAGMA page_count")
    run(ledger, "big", 0, 200, seal=False)
    assert ledger.store.row("PRAGMA freelist_count") == (0,) and ledger.store.row("PRAGMA page_count") == before
    sound(ledger)


def test_an_interrupted_import_goes_on_where_it_was(ledger: Ledger) -> None:
    with pytest.raises(KeyboardInterrupt), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, under_way.time)] for n in range(40)])
        raise KeyboardInterrupt
    assert ledger.unsealed() == {"big": 40}
    assert run(ledger, "big", 0, 60, time=LATER) == 20
    assert {e.time for e in ledger.entries("act")} == {TIME}
    sound(ledger)


def test_ctrl_c_right_after_a_transaction_began_leaves_none_open(ledger: Ledger) -> None:
    with pytest.raises(KeyboardInterrupt), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, under_way.time)] for n in range(20)])
        begun = ledger.store.writing()
        begun.__enter__()  # the signal comes before anybody is there to end it
        ledger.store.execute("DELETE FROM batches")
        raise KeyboardInterrupt
    assert ledger.unsealed() == {"big": 20}
    assert run(ledger, "big", 0, 30, time=LATER) == 10
    sound(ledger)
    del begun


def test_what_the_second_run_does_not_bring_again_stays_unseen_and_goes(ledger: Ledger) -> None:
    with pytest.raises(KeyboardInterrupt), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, under_way.time)] for n in range(40)])
        raise KeyboardInterrupt
    assert run(ledger, "big", 10, 30, time=LATER) == 0
    assert ledger.states() == {"settled": 20} and ledger.store.row("SELECT COUNT(*) FROM entries") == (21,)
    sound(ledger)


def test_another_name_removes_what_a_killed_import_left(ledger: Ledger) -> None:
    with pytest.raises(KeyboardInterrupt), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, under_way.time)] for n in range(40)])
        raise KeyboardInterrupt
    ledger.append([created("theirs")], batch="appended")
    assert run(ledger, "other", 0, 10) == 10
    assert ledger.states() == {"settled": 10} and ledger.unsealed() == {"appended": 1}
    ledger.seal("appended", "ana", moment(1))
    sound(ledger)


def test_a_batch_that_is_dropped_under_way_is_not_sealed(ledger: Ledger, where: Path | str) -> None:
    with pytest.raises(LedgerError, match="dropped while"), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, TIME)] for n in range(10)])
        with open_ledger(where) as other:
            assert other.drop("big") == 10
        under_way.seal("ana", TIME)
    assert ledger.states() == {}
    sound(ledger)


def test_one_import_at_a_time(ledger: Ledger, where: Path | str) -> None:
    with ledger.bulk("one", coder="ana", time=TIME) as under_way, open_ledger(where) as other:
        with pytest.raises(LedgerError, match="import into this ledger is under way"), other.bulk("two", coder="ben", time=TIME):
            raise AssertionError
        with pytest.raises(LedgerError, match="under way"):
            other.rebuild()
        give(under_way, [[imported(1, TIME)]])
        under_way.seal("ana", TIME)
    run(ledger, "three", 2, 4)
    with pytest.raises(LedgerError, match="is sealed"), ledger.bulk("three", coder="ana", time=TIME):
        raise AssertionError
    sound(ledger)


def test_wrong_use_is_told(ledger: Ledger, where: Path | str) -> None:
    first = imported(1, TIME)
    with ledger.bulk("big", coder="ana", time=TIME) as under_way:
        with pytest.raises(NotFound, match="Nothing was added"):
            under_way.seal("ana", TIME)
        with pytest.raises(UsageError, match="not those of its acts"):
            under_way.add([first.row()], [])
        with pytest.raises(UsageError, match="not those of its acts"):
            under_way.add([first.row()], [head_row(fold([imported(2, TIME)]))])
        with pytest.raises(UsageError, match="cannot go into"):
            under_way.add([new_entry("seal", "x", {}, coder="ana", time=TIME).row()], [])
    with pytest.raises(UsageError, match="not under way"):
        give(under_way, [[first]])
    with open_ledger(where, readonly=True) as reader, pytest.raises(LedgerError, match="reading only"), reader.bulk("x", coder="ana", time=TIME):
        raise AssertionError
    twice = imported(1, TIME, notes="Said otherwise.")
    with pytest.raises(UsageError, match=f"{first.subject} was given to this import twice"), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[first]])
        give(under_way, [[twice]])
        under_way.seal("ana", TIME)
    sound(ledger)


def test_the_journal_carries_an_import_and_its_seal(ledger: Ledger, tmp_path: Path) -> None:
    run(ledger, "big", 0, 30)
    run(ledger, "given up", 30, 40, seal=False)
    assert export_journal(ledger, tmp_path / "journal") == 31
    with open_ledger(tmp_path / "other.sqlite") as other:
        assert import_journal(other, tmp_path / "journal").problems == []
        assert other.store.rows(DUMP) == ledger.store.rows(DUMP) and other.verify() == []
        assert [e.body["created"] for e in other.entries("seal")] == [30]


def test_a_journal_shows_what_a_killed_import_had_stored(ledger: Ledger, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "other.sqlite") as other:
        run(other, "big", 0, 30)
        export_journal(other, tmp_path / "journal")
    with pytest.raises(KeyboardInterrupt), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, TIME)] for n in range(20)])
        raise KeyboardInterrupt
    assert import_journal(ledger, tmp_path / "journal").new == 31
    assert ledger.states() == {"settled": 30} and ledger.unsealed() == {}
    run(ledger, "next", 40, 50)
    sound(ledger)


def redact(ledger: Ledger, entry: Entry) -> None:
    stub: dict[str, Any] = {**entry.body, "values": {k: v for k, v in entry.body["values"].items() if k != "notes"}}
    ledger.redact(entry.id, stub, coder="lead", time=LATER, reason="source safety")


def test_a_redaction_after_the_import_leaves_no_trace_in_the_file(ledger: Ledger, path: Path) -> None:
    early = [created(f"early{n}", notes=SECRET) for n in range(3)]
    ledger.append(early)
    secret = imported(5, TIME, notes=SECRET)
    with ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[secret], *([imported(n, TIME)] for n in range(10, 40))])
        under_way.seal("ana", TIME)
    for entry in (secret, *early):
        redact(ledger, entry)
    assert all(SECRET.encode() not in file.read_bytes() for file in path.parent.iterdir())
    sound(ledger)


def test_a_redaction_during_an_import_is_not_undone_by_it(ledger: Ledger, path: Path) -> None:
    first = imported(5, TIME, notes=SECRET)
    ledger.append([first, created("other", notes=SECRET)])
    with ledger.bulk("big", coder="ana", time=LATER) as under_way:
        give(under_way, [[first, revised(first, LATER)], *([imported(n, LATER)] for n in range(10, 40))])
        with open_ledger(path) as other:
            redact(other, first)
            redact(other, created("other", notes=SECRET))
        under_way.seal("ana", LATER)
    head = ledger.head(first.subject)
    assert head is not None and "notes" not in head.values and (head.values["fatalities"], head.revision) == (3, 2)
    ledger.store.wipe_traces()
    assert all(SECRET.encode() not in file.read_bytes() for file in path.parent.iterdir())
    sound(ledger)


def test_without_the_write_ahead_log_it_works_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "network_type", lambda path: "nfs4")
    monkeypatch.setenv(sqlite_file.FALLBACK_VARIABLE, "delete")
    with open_ledger(path) as ledger:
        ledger.append([created()])
        run(ledger, "big", 0, 40)
        with ledger.standings() as reader:
            assert len(reader.by_id([name_of(n) for n in range(50)])) == 40
        sound(ledger)


def test_an_undocumented_gap_is_damage_even_beside_a_documented_one(ledger: Ledger, path: Path) -> None:
    ledger.append([created("one"), created("two")])
    run(ledger, "big", 0, 20, seal=False)
    ledger.append([created("three"), created("four")])
    assert ledger.verify() == []
    raw = sqlite3.connect(path)
    guards = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'entries_no_delete'").fetchall()
    raw.execute("DROP TRIGGER entries_no_delete")
    raw.execute("DELETE FROM entries WHERE seq IN (2, 24)")
    raw.execute(guards[0][0])
    raw.commit()
    raw.close()
    told = [p.message for p in ledger.verify() if p.code == "ledger-sequence-broken"]
    assert len(told) == 2 and "Entries 2 to 2 are" in told[0] and "Entries 24 to 24 are missing at the end" in told[1]
