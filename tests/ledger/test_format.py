"""A ledger of format 1 (one row in `pending` for each unseen entry) or 2 (no tasks) is read as it is, and brought up to date when it is written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from eventcoder.ledger import bulk, new_entry, open_ledger
from eventcoder.ledger.fold import fold
from eventcoder.ledger.folded import to_text
from eventcoder.ledger.heads import head_row
from eventcoder.ledger.sqlite.layout import APPLICATION_ID, GUARDS, SINCE_FORMAT_1, upgrade
from eventcoder.ledger.work import body_of, find_task, tasks

from .bulk_import import run
from .conftest import EVENT, act, created, moment

OLD = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT NOT NULL, parents TEXT NOT NULL,
  coder TEXT NOT NULL, role TEXT NOT NULL, time TEXT NOT NULL, batch TEXT, body TEXT NOT NULL);
CREATE INDEX entries_subject ON entries (kind, subject);
CREATE TABLE pending (seq INTEGER NOT NULL, batch TEXT NOT NULL, dropped INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (seq, batch));
CREATE INDEX pending_batch ON pending (batch);
CREATE TABLE heads (
  event_id TEXT PRIMARY KEY, state TEXT NOT NULL, revision INTEGER NOT NULL, heads TEXT NOT NULL, event_id_cnty TEXT, event_date TEXT,
  first_day TEXT, last_day TEXT, country TEXT, sub_event_type TEXT, location TEXT, actor1 TEXT, changed TEXT NOT NULL, folded TEXT NOT NULL);
CREATE INDEX heads_day ON heads (event_date, event_id);
CREATE INDEX heads_country ON heads (country, event_date, event_id);
CREATE INDEX heads_state ON heads (state, event_date, event_id);
CREATE INDEX heads_type ON heads (sub_event_type, event_date, event_id);
CREATE INDEX heads_changed ON heads (changed, event_id);
CREATE INDEX heads_cnty ON heads (event_id_cnty);
CREATE INDEX heads_span ON heads (first_day, last_day) WHERE first_day < last_day;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: entries are never deleted'); END;
"""
FIRST = created()


@pytest.fixture
def old(path: Path) -> Path:
    """Entries 1 and 2 are visible, 3 to 5 and 9 of batch b, 6 and 7 of a dropped one, 7 of b too, 8 visible."""
    path.parent.mkdir(parents=True)
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.executescript(OLD)
    for name in SINCE_FORMAT_1:
        raw.execute(GUARDS[name])
    raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
    raw.execute("INSERT INTO meta VALUES ('format', '1'), ('project', 'sample')")
    revised = act("revise", parents=(FIRST.id,), values={"fatalities": 2}, settled=True)
    hidden = [created(f"hidden{n}") for n in (3, 4, 5, 6, 7)]
    for entry in [FIRST, revised, *hidden, created("visible8"), created("hidden9")]:
        raw.execute("INSERT INTO entries (id, kind, subject, parents, coder, role, time, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entry.row())
    raw.executemany(
        "INSERT INTO pending VALUES (?, ?, ?)", [(3, "b", 0), (4, "b", 0), (5, "b", 0), (9, "b", 0), (7, "b", 0), (6, "d", 1), (7, "d", 1)]
    )
    for folded in (fold([FIRST, revised]), fold([created("visible8")])):
        row = head_row(folded)
        raw.execute(f"INSERT INTO heads VALUES ({', '.join('?' * 14)})", (*row[:13], to_text(folded)))
    raw.commit()
    raw.close()
    return path


def format_of(path: Path) -> str:
    raw = sqlite3.connect(path)
    (value,) = raw.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
    raw.close()
    return str(value)


def test_it_can_be_read_without_being_changed(old: Path) -> None:
    with open_ledger(old, readonly=True) as ledger:
        assert ledger.states() == {"settled": 2} and ledger.count("act") == 3
        assert ledger.head(EVENT).values["fatalities"] == 2 and ledger.head("hidden3") is None  # type: ignore[union-attr]
        assert [e.subject for e in ledger.entries("act")] == [EVENT, EVENT, "visible8"]
        assert ledger.unsealed() == {"b": 5} and [p.code for p in ledger.verify()] == ["ledger-batch-unsealed"]
        with ledger.standings() as reader:
            assert set(reader.by_id([EVENT, "visible8", "hidden3"])) == {EVENT, "visible8"}
    assert format_of(old) == "1"


def test_it_is_brought_up_to_date_when_it_is_written(old: Path) -> None:
    with open_ledger(old) as ledger, open_ledger(old, readonly=True) as reading:
        assert format_of(old) == "3"
        assert ledger.store.rows("SELECT first_seq, last_seq, batch, dropped FROM hidden ORDER BY 3, 1") == [
            (3, 5, "b", 0), (7, 7, "b", 0), (9, 9, "b", 0), (6, 7, "d", 1),
        ]  # fmt: skip
        assert reading.states() == {"settled": 2} and [p.code for p in ledger.verify()] == ["ledger-batch-unsealed"]
        seal = ledger.seal("b", "ana", moment(9))
        assert seal.body["entries"] == 5 and ledger.states() == {"settled": 7} and ledger.head("hidden6") is None
        run(ledger, "big", 0, 30)
        assert ledger.states() == {"settled": 37} and ledger.store.row("SELECT COUNT(*) FROM entries WHERE seq = 6") == (0,)
        assert ledger.verify() == []
        before = ledger.store.rows("SELECT * FROM heads ORDER BY event_id")
        ledger.rebuild()
        assert ledger.store.rows("SELECT * FROM heads ORDER BY event_id") == before
    raw = sqlite3.connect(old)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("DELETE FROM entries WHERE seq = 1")
    raw.close()


@pytest.fixture
def second(path: Path) -> Path:
    """A ledger as format 2 had it, with an assignment that it knew nothing of."""
    with open_ledger(path, project="sample") as ledger:
        ledger.append([created(), new_entry("assignment", "a1/1", body_of("a1", 1), coder="ana", time=moment(1))])
    raw = sqlite3.connect(path)
    for statement in (
        "DROP TABLE work",
        "DROP INDEX heads_held",
        "ALTER TABLE heads DROP COLUMN held",
        "UPDATE meta SET value = '2' WHERE name = 'format'",
    ):
        raw.execute(statement)
    raw.commit()
    raw.close()
    return path


def test_format_2_is_read_without_being_changed(second: Path) -> None:
    with open_ledger(second, readonly=True) as ledger:
        assert ledger.verify() == [] and ledger.head(EVENT) is not None
        assert [t.state for t in tasks(ledger.store)] == ["assigned"]
    assert format_of(second) == "2"


def test_format_2_is_brought_up_to_date(second: Path) -> None:
    with open_ledger(second) as ledger:
        assert format_of(second) == "3" and ledger.verify() == []
        task = find_task(ledger.store, "a1/1")
        assert task is not None and task.state == "assigned"
        ledger.append([new_entry("act", "b" * 20, {"act": "create", "values": {}, "held": "a1/1"}, coder="ana", time=moment(2))])
        assert ledger.store.row("SELECT event_id FROM heads WHERE held = ?", ("a1/1",)) == ("b" * 20,)
        run(ledger, "big", 0, 30)
        assert ledger.rebuild() == 32 and ledger.verify() == []


def test_format_2_after_an_import_goes_on_under_the_names_that_its_indexes_have(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "IN_PLACE", 0)
    with open_ledger(path, project="sample") as ledger:
        ledger.append([created()])
        run(ledger, "one", 0, 30)  # the heads are a new table now, whose indexes have other names
        assert [row[0] for row in ledger.store.rows("SELECT name FROM sqlite_master WHERE name LIKE 'heads_held%'")] == ["heads_held_2"]
    raw = sqlite3.connect(path)
    for statement in ("DROP TABLE work", "DROP INDEX heads_held_2", "ALTER TABLE heads DROP COLUMN held", "UPDATE meta SET value = '2'"):
        raw.execute(statement)
    raw.commit()
    raw.close()
    with open_ledger(path) as ledger:
        for number, name in enumerate(("two", "three"), 1):
            run(ledger, name, 30 * number, 30 * number + 30)
        assert ledger.states() == {"settled": 91} and ledger.verify() == []
        upgrade(ledger.store)  # as by a process that was slower than another one
        assert ledger.verify() == [] and ledger.head(EVENT) is not None
