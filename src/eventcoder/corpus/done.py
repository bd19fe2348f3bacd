"""What was extracted already, in `.eventcoder/extracted.sqlite`: one row a document and engine. Floor 5.

It says nothing of which ledger the drafts went to: a document whose drafts the ledger at hand has not is read again (`corpus.run`).
Losing the file costs time and nothing else: the same text, engine and state give drafts with the same ids. A row is written after the drafts are
durable in the ledger, so that a document counts as done only when nothing of it can be lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from eventcoder.errors import ProjectError

FILE = "extracted.sqlite"
_TABLE = """CREATE TABLE IF NOT EXISTS done (
  engine TEXT NOT NULL, document TEXT NOT NULL, key TEXT NOT NULL, ids TEXT NOT NULL, times INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (engine, document)) WITHOUT ROWID"""
_MARK = """INSERT INTO done (engine, document, key, ids) VALUES (?, ?, ?, ?)
 ON CONFLICT (engine, document) DO UPDATE SET times = CASE WHEN key = excluded.key THEN times + 1 ELSE 1 END,
 key = excluded.key, ids = excluded.ids"""


class Done:
    """The file in a project's state folder; made when first needed. `times` counts how often a document was done under one key."""

    def __init__(self, state_dir: Path, engine: str) -> None:
        self.path = state_dir / FILE
        self._engine = engine
        state_dir.mkdir(parents=True, exist_ok=True)
        self._connection = self._opened()

    def fresh(self, keys: Sequence[tuple[str, str]]) -> set[str]:
        """Of (document, key), the documents that were not done under that key."""
        known: dict[str, str] = {}
        for start in range(0, len(keys), 500):
            part = [document for document, _ in keys[start : start + 500]]
            marks = ", ".join("?" * len(part))
            known.update(self._rows(f"SELECT document, key FROM done WHERE engine = ? AND document IN ({marks})", [self._engine, *part]))
        return {document for document, key in keys if known.get(document) != key}

    def drafts(self, documents: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the drafts that each of these documents gave when it was last read, in the order of the text."""
        out: dict[str, list[str]] = {}
        for start in range(0, len(documents), 500):
            part = documents[start : start + 500]
            marks = ", ".join("?" * len(part))
            rows = self._rows(f"SELECT document, ids FROM done WHERE engine = ? AND document IN ({marks})", [self._engine, *part])
            out.update((document, ids.split()) for document, ids in rows)
        return out

    def mark(self, rows: Iterable[tuple[str, str, Sequence[str]]]) -> None:
        """Remember (document, key, ids of its drafts) as done, in one transaction."""
        try:
            with self._connection:
                self._connection.executemany(_MARK, [(self._engine, document, key, " ".join(ids)) for document, key, ids in rows])
        except sqlite3.Error as error:
            raise ProjectError(f"{self.path} cannot be written: {error}.", "The drafts are stored. Free some space, or remove this file.") from None

    def close(self) -> None:
        self._connection.close()

    def _rows(self, sql: str, values: Sequence[str]) -> list[tuple[str, str]]:
        return self._connection.execute(sql, values).fetchall()

    def _opened(self) -> sqlite3.Connection:
        """The file, made anew where it is damaged."""
        for last in (False, True):
            try:
                connection = sqlite3.connect(self.path, timeout=30.0)
                try:
                    connection.execute("PRAGMA journal_mode=WAL")
                    connection.execute(_TABLE)
                    connection.execute("SELECT engine, document, key, ids, times FROM done LIMIT 1").fetchone()
                except sqlite3.Error:
                    connection.close()
                    raise
                return connection
            except sqlite3.DatabaseError as error:
                if last or (isinstance(error, sqlite3.OperationalError) and "no such column" not in str(error)):
                    raise ProjectError(f"{self.path} cannot be used: {error}.", "Make the folder writable, or give --no-store.") from None
                for path in (self.path, *(self.path.with_name(FILE + end) for end in ("-wal", "-shm"))):
                    with suppress(FileNotFoundError):
                        path.unlink()
        raise AssertionError("unreachable")
