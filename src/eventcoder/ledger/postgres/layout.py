"""The tables of a ledger on a server, and how they come to the newest format: one number for files and servers, one migration a number.

The columns are those of a file (`ledger.layout` says them once); every text is compared by its bytes, as SQLite does. Floor 2.
"""

from __future__ import annotations

import re

from eventcoder.ledger.sqlite.layout import WORK, head_indexes, head_table

SCHEMA = "eventcoder"
OLDEST = 3  # the first format that was ever on a server
TABLES = ("meta", "entries", "hidden", "gaps", "batches", "heads", "work", "logins", "rights")


def translated(sql: str) -> str:
    """A statement that makes a table or index of a file, as one for a server. Events without day come first, as in SQLite."""
    if sql.startswith(("CREATE INDEX heads", "CREATE UNIQUE INDEX heads")):
        return sql.replace("event_date,", "event_date NULLS FIRST,").replace("(changed,", "(changed NULLS FIRST,")
    return re.sub(r"\bINTEGER\b", "bigint", re.sub(r"\bTEXT\b", 'text COLLATE "C"', sql))


_FORMAT_3 = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE SEQUENCE numbers",
    """CREATE TABLE entries (
  seq bigint PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT NOT NULL, parents TEXT NOT NULL,
  coder TEXT NOT NULL, role TEXT NOT NULL, time TEXT NOT NULL, batch TEXT, body TEXT NOT NULL)""",
    "CREATE INDEX entries_subject ON entries (kind, subject)",
    "CREATE TABLE hidden (first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, batch TEXT NOT NULL, dropped INTEGER NOT NULL DEFAULT 0)",
    "CREATE INDEX hidden_range ON hidden (last_seq, first_seq)",
    "CREATE TABLE gaps (first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, batch TEXT NOT NULL)",
    "CREATE TABLE batches (batch TEXT PRIMARY KEY, time TEXT NOT NULL, coder TEXT NOT NULL)",
    head_table("heads"),
    *head_indexes("heads"),
    *WORK,
    # Who the database's users are: kept by the function that stores entries, from the entries of kind `coder`.
    "CREATE TABLE logins (coder TEXT PRIMARY KEY, login TEXT NOT NULL, role TEXT NOT NULL, state TEXT NOT NULL, entry TEXT NOT NULL)",
    "CREATE INDEX logins_login ON logins (login)",
    # The table of `ledger.rights`, put here anew at every setup.
    "CREATE TABLE rights (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, least TEXT NOT NULL, own TEXT NOT NULL, what TEXT NOT NULL, "
    "PRIMARY KEY (kind, key, value))",
)

MIGRATIONS: dict[int, tuple[str, ...]] = {3: tuple(map(translated, _FORMAT_3))}
