"""Bulk imports that are killed, and coders at work in other processes meanwhile."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from eventcoder.errors import LedgerConflict, LedgerError
from eventcoder.ledger import Ledger, bulk, open_ledger
from eventcoder.ledger.sqlite import fresh_heads
from eventcoder.ledger.sqlite.store import SqliteStore as Store

from . import bulk_import
from .bulk_import import LATER, TIME, give, imported, name_of, run
from .conftest import act, created
from .test_bulk import SECRET, redact, sound
from .test_processes import started

TOP = Path(__file__).resolve().parents[2]


def killed(path: Path, *arguments: str) -> str:
    """Run an import in another process, which may kill itself; what it printed."""
    command = [sys.executable, "-m", "tests.ledger.bulk_import", str(path), *arguments]
    ran = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=60)
    assert ran.stderr == "" and ran.returncode in (0, -9)
    return ran.stdout.strip()


NEW_TABLE, IN_PLACE = "0", "100000"
POINTS = [
    (NEW_TABLE, "INSERT INTO entries", 30),  # the second piece: each row's guard counts as well
    (NEW_TABLE, "INSERT INTO heads_new", 3),
    (NEW_TABLE, "CREATE TRIGGER heads_touch", 2),
    (
        NEW_TABLE,
        "INSERT INTO heads_new (event_id, state, revision, heads, event_id_cnty, event_date, first_day, last_day, country, sub_event_type",
        7,
    ),
    (NEW_TABLE, "CREATE UNIQUE INDEX heads_event", 1),
    (NEW_TABLE, "CREATE INDEX heads_type", 1),
    (NEW_TABLE, "ALTER TABLE heads RENAME", 1),
    (NEW_TABLE, "DELETE FROM hidden", 1),
    (NEW_TABLE, "DELETE FROM batches", 1),
    (IN_PLACE, "INSERT INTO entries", 80),
    (IN_PLACE, "INSERT INTO heads (", 1),
    (IN_PLACE, "DELETE FROM batches", 1),
]


@pytest.mark.parametrize(("in_place", "statement", "number"), POINTS)
def test_a_killed_import_shows_nothing_and_goes_on_where_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch, in_place: str, statement: str, number: int
) -> None:
    monkeypatch.setattr(bulk, "IN_PLACE", int(in_place))
    with open_ledger(path) as ledger:
        ledger.append([created(f"early{n:03d}") for n in range(70)])
    assert killed(path, "big", "0", "100", in_place, statement, str(number)) == ""
    with open_ledger(path) as ledger:
        assert ledger.states() == {"settled": 70} and ledger.count("act") == 70
        stored = ledger.unsealed()["big"]
        assert stored and [p.code for p in ledger.verify()] == ["ledger-batch-unsealed"]
        first = created("early003")
        ledger.append([act("revise", event="early003", parents=(first.id,), values={"fatalities": 4}, settled=True), created("another")])
        assert run(ledger, "big", 0, 100, time=LATER) == 100 - stored
        assert ledger.states() == {"settled": 171} and {e.time for e in ledger.entries("act") if "import" in e.body} == {TIME}
        assert ledger.head("early003").values["fatalities"] == 4  # type: ignore[union-attr]
        sound(ledger)


@pytest.mark.parametrize(
    ("statement", "number"), [("DROP INDEX heads_event", 1), ("DROP INDEX heads_cnty", 1), ("DELETE FROM heads_old", 2), ("DROP TABLE heads_old", 1)]
)
def test_a_process_killed_after_the_seal_leaves_a_whole_ledger(path: Path, statement: str, number: int) -> None:
    """The seal was its last word; what it had no time to tidy up holds nothing that a redaction would miss, and the next one tidies it."""
    with open_ledger(path) as ledger:
        ledger.append([created(f"early{n:03d}", notes=SECRET) for n in range(70)])
    assert killed(path, "big", "0", "100", NEW_TABLE, statement, str(number)) == ""
    with open_ledger(path) as ledger:
        assert ledger.states() == {"settled": 170} and ledger.verify() == []
        assert ledger.store.row("SELECT COUNT(*) FROM sqlite_master WHERE name = 'heads_old'") == (1,)
        for n in range(70):
            redact(ledger, created(f"early{n:03d}", notes=SECRET))
        assert all(SECRET.encode() not in file.read_bytes() for file in path.parent.iterdir())
        assert run(ledger, "next", 100, 130) == 30
        sound(ledger)


def test_a_killed_import_is_removed_by_rebuild(path: Path) -> None:
    assert killed(path, "big", "0", "100", NEW_TABLE, "CREATE INDEX heads_day") == ""
    with open_ledger(path) as ledger:
        assert ledger.unsealed() == {"big": 100}
        assert ledger.rebuild() == 0 and ledger.store.row("SELECT COUNT(*) FROM entries") == (0,)
        sound(ledger)


def test_a_running_import_keeps_others_out_until_it_dies(path: Path) -> None:
    begin = f"import sys; from eventcoder.ledger import open_ledger\nwith open_ledger({str(path)!r}).bulk('b', coder='a', time={TIME!r}):"
    hold = f"{begin} print('begun', flush=True); sys.stdin.readline()"
    holder = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None and holder.stdin is not None
    assert holder.stdout.readline() == "begun\n"
    assert "under way" in subprocess.run([sys.executable, "-c", hold], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stderr
    holder.kill()
    holder.communicate(timeout=30)
    with open_ledger(path) as ledger:
        assert run(ledger, "next", 0, 30) == 30
        sound(ledger)


@pytest.mark.parametrize("in_place", [NEW_TABLE, IN_PLACE])
def test_coders_of_other_processes_go_on_and_lose_nothing(path: Path, in_place: str) -> None:
    with open_ledger(path) as ledger:
        ledger.append([created(f"early{n:03d}") for n in range(70)])
    writers = [started(path, f"coder{n}", 40) for n in range(3)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert killed(path, "big", "0", "400", in_place) == "sealed"
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert (writer.returncode, errors) == (0, "")
    with open_ledger(path) as ledger:
        assert ledger.states() == {"settled": 70 + 400 + 120} and ledger.count("act") == 590
        assert {f"coder{n}-{i}" for n in range(3) for i in range(40)} < {f.event_id for f in ledger.events()}
        sound(ledger)


def test_a_conflict_while_indexes_are_made_shows_nothing(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "IN_PLACE", 0)
    real = fresh_heads.make_indexes

    def interrupted(store: Store) -> None:
        real(store)
        with open_ledger(path) as other:
            other.append([created(name_of(2), coder="ben")])

    monkeypatch.setattr(fresh_heads, "make_indexes", interrupted)
    with pytest.raises(LedgerConflict, match="ben"), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, TIME)] for n in range(9)])
        under_way.seal("ana", TIME)
    assert ledger.states() == {"settled": 1}
    sound(ledger)


def test_a_file_that_is_compacted_while_heads_are_copied_is_noticed(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """VACUUM gives rows new numbers, by which the copying goes."""
    monkeypatch.setattr(bulk, "IN_PLACE", 0)
    monkeypatch.setattr(fresh_heads, "CHUNK", 4)
    ledger.append([created(f"early{n}") for n in range(20)])
    pieces: list[int] = []

    def compacting(store: Store) -> None:
        pieces.append(len(pieces))
        if pieces == [0]:
            with open_ledger(path) as other:
                other.store.execute("VACUUM")

    monkeypatch.setattr(fresh_heads, "flush", compacting)
    with pytest.raises(LedgerError, match="made anew"), ledger.bulk("big", coder="ana", time=TIME) as under_way:
        give(under_way, [[imported(n, TIME)] for n in range(9)])
        under_way.seal("ana", TIME)
    assert ledger.states() == {"settled": 20}
    sound(ledger)


def test_very_many_changes_while_heads_are_copied_are_taken_over(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "IN_PLACE", 0)
    real = fresh_heads.copy_others

    def interrupted(store: Store) -> None:
        real(store)
        with open_ledger(path) as other:
            other.append([created(f"meanwhile{n}") for n in range(450)])

    monkeypatch.setattr(fresh_heads, "copy_others", interrupted)
    began = time.monotonic()
    run(ledger, "big", 0, bulk_import.PIECE)
    assert ledger.states() == {"settled": 450 + bulk_import.PIECE} and time.monotonic() - began < 60
    sound(ledger)
