"""A ledger copied into another place: all of it or nothing, proven, and again after a kill."""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.errors import LedgerConflict, LedgerError, Refused, UsageError
from eventcoder.ledger import Ledger, new_entry, open_ledger
from eventcoder.ledger.audit import rebuild
from eventcoder.ledger.exchange.copying import BATCH, backup, copy_at, copy_ledger, fingerprint
from eventcoder.ledger.exchange.journal import export_journal
from tests.ledger.conftest import act, created, moment


@pytest.fixture
def there(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path | str:
    """An empty place on the other backend."""
    if backend == "postgresql":
        return tmp_path / "copy.sqlite"
    made: str = request.getfixturevalue("postgres_new")(2)
    return made


def filled(ledger: Ledger) -> Ledger:
    """Ten events, one revised by two coders apart, a redaction, a sealed import, and one that was killed."""
    acts = [created(f"event{n:07d}", minute=n, event_id_cnty=f"IRN{n}") for n in range(10)]
    ledger.append(acts)
    ledger.append([act("revise", event="event0000001", parents=(acts[1].id,), minute=20, values={"location": "Fasa"})])
    ledger.append([new_entry("document", "d1", {"title": "Told in confidence"}, coder="ana", time=moment(21))])
    ledger.redact(next(ledger.entries("document")).id, {"title": None}, coder="ana", time=moment(22), reason="asked for")
    ledger.append([created("sealed00001", coder="ben", minute=30)], batch="first")
    ledger.seal("first", "ben", moment(31))
    ledger.append([created("unsealed001", coder="ben", minute=32)], batch="killed")
    return ledger


def seen(ledger: Ledger) -> list[str]:
    return sorted(json.dumps(entry.as_json(), sort_keys=True) for entry in ledger.entries())


def test_a_copy_holds_the_same_and_tells_what_was_left_out(ledger: Ledger, there: Path | str) -> None:
    filled(ledger)
    with open_ledger(there) as copy:
        told: list[tuple[int, int]] = []
        done = copy_ledger(ledger, copy, progress=lambda number, of: told.append((number, of)))
        assert seen(copy) == seen(ledger)
        assert list(copy.events()) == list(ledger.events()) and copy.states() == ledger.states()
        assert (done.new, done.known, done.unsealed) == (15, 0, {"killed": 1}) and told == [(15, 15)]
        assert fingerprint(copy.store) == fingerprint(ledger.store) == done.fingerprint
        assert copy.verify() == [] and copy.unsealed() == {}
        assert not isinstance(there, Path) or b"Told in confidence" not in there.read_bytes()
        again = copy_ledger(ledger, copy)
        assert (again.new, again.known) == (0, 15)
        ledger.append([created("event0000011", minute=40)])
        assert copy_ledger(ledger, copy).new == 1
        assert fingerprint(copy.store) == fingerprint(ledger.store) != done.fingerprint


def test_journals_of_a_copy_are_the_same_bytes(ledger: Ledger, there: Path | str, tmp_path: Path) -> None:
    filled(ledger)
    with open_ledger(there) as copy:
        copy_ledger(ledger, copy)
        assert copy.project == ledger.project == "sample"
        for name, one in (("here", ledger), ("there", copy)):
            export_journal(one, tmp_path / name)
    here = {p.name: p.read_bytes() for p in (tmp_path / "here").iterdir()}
    assert here == {p.name: p.read_bytes() for p in (tmp_path / "there").iterdir()} and len(here) == 2


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_copy_that_is_broken_off_shows_nothing_and_goes_on(ledger: Ledger, there: Path | str, pieces: int) -> None:
    filled(ledger)

    def killed(done: int, of: int) -> None:
        if done >= 4 * pieces:
            raise KeyboardInterrupt

    with mock.patch("eventcoder.ledger.exchange.copying.CHUNK", 4), open_ledger(there) as copy:
        with pytest.raises(KeyboardInterrupt):
            copy_ledger(ledger, copy, progress=killed)
        assert seen(copy) == [] and list(copy.events()) == [] and copy.unsealed() == {BATCH: 4 * pieces}
        ledger.append([created("event0000011", minute=40)])
        assert copy_ledger(ledger, copy).new == 16, "what a copy that was broken off left unseen is new, too"
        assert seen(copy) == seen(ledger) and copy.unsealed() == {} and copy.verify() == []


def test_what_a_killed_copy_left_can_be_removed(ledger: Ledger, there: Path | str) -> None:
    filled(ledger)

    def killed(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with open_ledger(there) as copy:
        with pytest.raises(KeyboardInterrupt):
            copy_ledger(ledger, copy, progress=killed)
        assert copy.unsealed() == {BATCH: 15}
        copy.rebuild()
        assert copy.unsealed() == {} and copy.verify() == []
        copy_ledger(ledger, copy)
        assert seen(copy) == seen(ledger)


def test_the_coders_who_came_with_a_copy_are_those_who_may_write(ledger: Ledger, there: Path | str) -> None:
    for name, role in (("ana", "lead"), ("ben", "coder")):
        body = {"name": name, "role": role, "state": "active", "login": "postgres", "languages": [], "countries": [], "training": "none"}
        ledger.append([new_entry("coder", name, body, coder="ana", role="lead" if name == "ben" else "coder", time=moment(0))])
    with open_ledger(there) as copy:
        copy_ledger(ledger, copy)
        if copy.store.backend == "postgresql":
            assert copy.store.rows("SELECT coder, role, state FROM logins ORDER BY coder") == [("ana", "lead", "active"), ("ben", "coder", "active")]
        with pytest.raises(Refused, match="eva"):
            copy.append([created(coder="eva")])
        with pytest.raises(Refused, match="ben"):
            copy.append([new_entry("document", "d1", {}, coder="ben", role="lead", time=moment(1))])


def test_what_is_in_the_way_is_told_and_nothing_is_copied(ledger: Ledger, tmp_path: Path) -> None:
    filled(ledger)
    with open_ledger(tmp_path / "other.sqlite", project="other") as other, pytest.raises(LedgerError, match=r"project 'other'.*project 'sample'"):
        copy_ledger(ledger, other)
    with open_ledger(tmp_path / "own.sqlite", project="sample") as own:
        own.append([created("elsewhere01", minute=50)])
        with pytest.raises(LedgerError, match=r"1 entries that the source does not hold.*journal export"):
            copy_ledger(ledger, own)
        assert len(seen(own)) == 1
    with pytest.raises(UsageError, match="the same"):
        copy_at(tmp_path / "own.sqlite", tmp_path / "own.sqlite")
    with pytest.raises(LedgerError, match="no ledger"):
        copy_at(tmp_path / "nothing.sqlite", tmp_path / "new.sqlite")
    assert not (tmp_path / "new.sqlite").exists()


def test_what_the_source_has_not_sealed_is_nothing_that_it_holds(ledger: Ledger, there: Path | str) -> None:
    ledger.append([created()], batch="killed")
    with open_ledger(there) as copy:
        copy.append([created()])
        with pytest.raises(LedgerError, match="The target holds 1 entries that the source does not hold"):
            copy_ledger(ledger, copy)
        assert len(seen(copy)) == 1


def test_a_target_that_others_write_into_stays_as_it_is(ledger: Ledger, there: Path | str) -> None:
    filled(ledger)
    with open_ledger(there) as copy, open_ledger(there) as other:
        with pytest.raises(LedgerConflict, match="was changed while it was copied into"):
            copy_ledger(ledger, copy, progress=lambda *_: other.append([created("elsewhere01", minute=50)]) and None)
        assert [e.event_id for e in copy.events()] == ["elsewhere01"]


def test_wrong_heads_of_the_source_are_found_and_not_copied(ledger: Ledger, there: Path | str) -> None:
    filled(ledger)
    ledger.store.execute("UPDATE heads SET location = 'Kazerun' WHERE event_id = 'event0000003'")
    with open_ledger(there) as copy:
        with pytest.raises(LedgerError, match=r"not what its entries give.*doctor --rebuild"):
            copy_ledger(ledger, copy)
        assert seen(copy) == []
        rebuild(ledger.store)
        copy_ledger(ledger, copy)
        assert seen(copy) == seen(ledger)


def test_a_backup_never_overwrites(ledger: Ledger, where: Path | str, tmp_path: Path) -> None:
    filled(ledger)
    backup(where, tmp_path / "kept.sqlite")
    with open_ledger(tmp_path / "kept.sqlite", create=False, readonly=True) as kept:
        assert fingerprint(kept.store) == fingerprint(ledger.store)
    with pytest.raises(LedgerError, match="never overwrites"):
        backup(where, tmp_path / "kept.sqlite")


TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), max_size=6, unique=True)


@given(TEXTS, st.randoms(use_true_random=False))
def test_a_fingerprint_knows_contents_and_no_order(texts: list[str], chance: object) -> None:
    from random import Random

    from eventcoder.ledger.exchange.copying import _summed

    assert isinstance(chance, Random)
    rows = [(text, None, 1) for text in texts]
    mixed = rows.copy()
    chance.shuffle(mixed)
    assert _summed(iter(mixed)) == _summed(iter(rows))
    assert _summed(iter([*rows, ("more", None, 1)])) != _summed(iter(rows))
    assert _summed(iter([(a + "x", b, c) for a, b, c in rows])) != _summed(iter(rows)) or not rows
    assert _summed(iter([("a",), ("a",)])) != _summed(iter([("b",), ("b",)])), "what comes twice does not cancel out"
    assert _summed(iter([("a", None)])) != _summed(iter([("a", "")])) and _summed(iter([("a", "b")])) != _summed(iter([("ab", "")]))
