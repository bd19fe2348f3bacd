"""The file: its guards, tried to be broken from outside, and every way in which it cannot be opened."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from eventcoder.errors import LedgerError
from eventcoder.ledger import Ledger, open_ledger
from eventcoder.ledger.sqlite import opening as sqlite_file
from eventcoder.ledger.sqlite import store as own

from .conftest import EVENT, created

ATTEMPTS = [
    "UPDATE entries SET body = '{}'",
    "UPDATE entries SET seq = seq + 5",
    "UPDATE OR REPLACE entries SET id = 'x', coder = 'eve'",
    "DELETE FROM entries",
    "INSERT OR REPLACE INTO entries SELECT seq, id, kind, subject, parents, 'eve', role, time, batch, body FROM entries",
    "INSERT OR REPLACE INTO entries SELECT seq, 'other', kind, subject, parents, 'eve', role, time, batch, body FROM entries",
    "REPLACE INTO entries SELECT NULL, id, kind, subject, parents, 'eve', role, time, batch, body FROM entries",
    "INSERT INTO entries SELECT seq, id, kind, subject, parents, coder, role, time, batch, '{}' FROM entries WHERE 1 "
    "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
    "INSERT INTO entries SELECT NULL, id, kind, subject, parents, coder, role, time, batch, '{}' FROM entries",
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("recursive", ["OFF", "ON"])
def test_T31_T32_the_database_itself_refuses_to_change_an_entry(path: Path, attempt: str, recursive: str) -> None:
    with open_ledger(path) as ledger:
        ledger.append([created()])
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA recursive_triggers={recursive}")
    before = raw.execute("SELECT * FROM entries").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(attempt)
    raw.commit()
    assert raw.execute("SELECT * FROM entries").fetchall() == before
    raw.close()


def test_T32_insert_or_ignore_of_a_stored_id_changes_nothing(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append([created()])
    raw = sqlite3.connect(path)
    with suppress(sqlite3.IntegrityError):
        raw.execute("INSERT OR IGNORE INTO entries SELECT NULL, id, kind, subject, parents, 'eve', role, time, batch, '{}' FROM entries")
    assert raw.execute("SELECT coder FROM entries").fetchall() == [("ana",)]
    raw.close()


def test_T32_a_dropped_guard_is_reported_and_put_back(ledger: Ledger, path: Path) -> None:
    ledger.append([created()])
    raw = sqlite3.connect(path)
    raw.execute("DROP TRIGGER entries_no_delete")
    raw.execute("DROP TRIGGER entries_no_update")
    raw.execute("CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries WHEN 0 BEGIN SELECT 1; END")
    raw.commit()
    raw.close()
    assert [p.code for p in ledger.verify()] == ["ledger-guard-missing"] * 2
    ledger.rebuild()
    assert ledger.verify() == []


REACHES = [
    "DELETE FROM entries WHERE seq = 1",
    "DELETE FROM entries",
    "INSERT INTO hidden (first_seq, last_seq, batch, dropped) VALUES (1, 1, 'x', 1)",
    "INSERT INTO hidden (first_seq, last_seq, batch, dropped) VALUES (1, 12, 'x', 1)",
    "INSERT INTO hidden (first_seq, last_seq, batch, dropped) VALUES (5, 4, 'x', 1)",
    "UPDATE hidden SET first_seq = 1",
    "UPDATE OR REPLACE hidden SET first_seq = 1, dropped = 1",
    "UPDATE hidden SET last_seq = last_seq + 1",
    "INSERT INTO gaps (first_seq, last_seq, batch) VALUES (1, 1, 'x')",
    "INSERT INTO gaps (first_seq, last_seq, batch) VALUES (100, 120, 'x')",  # would excuse what is cut off later
    "UPDATE gaps SET last_seq = last_seq + 5",
    "UPDATE gaps SET first_seq = 1",
    "DELETE FROM entries WHERE seq = 7",  # dropped with one batch, and of another that may yet be sealed
    "DELETE FROM entries WHERE seq = 3",  # of a batch that may yet be sealed
    "INSERT OR REPLACE INTO entries SELECT seq, id, kind, subject, parents, 'eve', role, time, batch, body FROM entries WHERE seq = 3",
]


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("recursive", ["OFF", "ON"])
def test_T31_no_visible_entry_can_be_hidden_or_deleted(ledger: Ledger, path: Path, reach: str, recursive: str) -> None:
    ledger.append([created("one"), created("two")])
    ledger.append([created(f"hidden{n}") for n in range(5)], batch="b")
    ledger.append([created("hidden4")], batch="d")
    ledger.append([created("last")])
    ledger.append([created("gone")], batch="g")
    assert (ledger.drop("d"), ledger.drop("g")) == (1, 1)
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA recursive_triggers={recursive}")
    before = raw.execute("SELECT * FROM entries").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(reach)
    raw.rollback()
    assert raw.execute("SELECT * FROM entries").fetchall() == before
    raw.close()
    assert ledger.count("act") == 3


def test_the_file_is_durable_and_in_wal_mode(ledger: Ledger, path: Path) -> None:
    assert ledger.store.row("PRAGMA journal_mode") == ("wal",)
    assert ledger.store.row("PRAGMA synchronous") == (2,)


def refused(path: Path, said: str, **how: bool) -> None:
    with pytest.raises(LedgerError, match=said) as caught:
        open_ledger(path, **how)
    assert caught.value.remedy and caught.value.exit_code == 2


def test_what_is_no_ledger_is_refused_with_a_remedy(tmp_path: Path) -> None:
    refused(tmp_path, "is a folder")
    refused(tmp_path / "absent.sqlite", "There is no ledger", create=False)
    refused(tmp_path / "absent.sqlite", "There is no ledger", readonly=True)
    (tmp_path / "text").write_text("event_id,country\n" * 20)
    refused(tmp_path / "text", "not a ledger")
    (tmp_path / "empty").touch()
    refused(tmp_path / "empty", "not a ledger", create=False)
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE entries (x)")
    other.commit()
    other.close()
    refused(tmp_path / "other.db", "not an eventcoder ledger")
    (tmp_path / "file").touch()
    refused(tmp_path / "file" / "ledger.sqlite", "cannot be opened")


def test_a_truncated_ledger_is_refused(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append([created(f"event{i}") for i in range(50)])
    os.truncate(path, path.stat().st_size // 2)
    refused(path, "truncated")


def test_overwritten_pages_are_found_or_refused(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append([created(f"event{i}", notes="x" * 500) for i in range(50)])
    data = bytearray(path.read_bytes())
    data[4096:40960] = b"\x5a" * (40960 - 4096)
    path.write_bytes(data)
    try:
        with open_ledger(path) as ledger:
            assert [p.code for p in ledger.verify()] == ["ledger-file-damaged"]
    except LedgerError as error:
        assert "damaged" in error.message and "backup" in error.remedy


def test_a_ledger_of_a_newer_format_says_what_it_needs(path: Path) -> None:
    open_ledger(path).close()
    raw = sqlite3.connect(path)
    raw.execute("UPDATE meta SET value = '7' WHERE name = 'format'")
    raw.commit()
    raw.close()
    refused(path, "format 7")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_project_that_cannot_be_written_can_still_be_read(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append([created()])
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        with open_ledger(path, readonly=True) as ledger:
            assert ledger.head(EVENT) is not None
        with pytest.raises(LedgerError, match="cannot be"), open_ledger(path) as ledger:
            ledger.append([created("another")])
    finally:
        path.parent.chmod(0o755)


def test_where_no_log_can_be_made_the_file_is_read_as_immutable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_ledger(path) as ledger:
        ledger.append([created()])
    real = own.SqliteStore.row

    def failing(self: own.SqliteStore, sql: str, parameters: tuple[object, ...] = ()) -> tuple[object, ...] | None:
        if "immutable" not in self._uri:
            raise LedgerError("x") from sqlite3.OperationalError("unable to open database file")
        return real(self, sql, parameters)

    monkeypatch.setattr(own.SqliteStore, "row", failing)
    with open_ledger(path, readonly=True) as ledger:
        assert ledger.head(EVENT) is not None
    path.with_name(path.name + "-wal").write_bytes(b"x")
    refused(path, "not closed cleanly", readonly=True)


def test_a_backup_is_a_whole_ledger_and_never_overwrites(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    ledger.append([created()])
    ledger.backup(tmp_path / "kept" / "copy.sqlite")
    with open_ledger(tmp_path / "kept" / "copy.sqlite") as copy:
        assert copy.head(EVENT) == ledger.head(EVENT) and copy.verify() == []
    before = (tmp_path / "kept" / "copy.sqlite").read_bytes()
    with pytest.raises(LedgerError, match="never overwrites"):
        ledger.backup(tmp_path / "kept" / "copy.sqlite")
    assert (tmp_path / "kept" / "copy.sqlite").read_bytes() == before
    assert not list((tmp_path / "kept").glob("*.part"))


def test_a_network_drive_is_refused_unless_the_slower_journal_is_allowed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "network_type", lambda path: "nfs4")
    refused(path, "network drive")
    monkeypatch.setenv(sqlite_file.FALLBACK_VARIABLE, "delete")
    with open_ledger(path) as ledger:
        ledger.append([created()])
        assert ledger.store.row("PRAGMA journal_mode") == ("delete",)
        assert [f.event_id for f in ledger.events()] == [EVENT]


def test_a_short_file_is_truncated_only_where_no_log_is_carried_over(tmp_path: Path) -> None:
    """During a checkpoint the first page tells of pages that are not in the file yet; the log beside it says that they will come."""
    ledger = tmp_path / "ledger.sqlite"
    with open_ledger(ledger):
        pass
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[: len(whole) // 2])
    log = tmp_path / "ledger.sqlite-wal"
    assert not log.exists()
    with pytest.raises(LedgerError, match="truncated"):
        open_ledger(ledger)
    log.write_bytes(b"x" * 64)
    assert sqlite_file._header(ledger)[1], "a log lies beside it: not yet an answer"
    log.unlink()
    assert not sqlite_file._header(ledger)[1]
