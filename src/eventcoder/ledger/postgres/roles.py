"""Who may do what in the database: four roles for groups, named after it, and the grants that they need.

    eventcoder_<database>_reader     reads
    eventcoder_<database>_coder      reads, and stores entries through the functions that check whose they are
    ..._reviewer, ..._lead           the same; what more they may do these functions decide, by the table `rights`

Nobody but the owner may insert, change or delete an entry by himself. The users themselves are made by the server's administrator; what is done here
is to put the users of registered coders into their groups. Floor 2.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from eventcoder.ledger.postgres.functions import CALLED, FUNCTIONS, READ_BY
from eventcoder.ledger.postgres.layout import SCHEMA, TABLES
from eventcoder.ledger.rights import RIGHTS, ROLES

if TYPE_CHECKING:
    from eventcoder.ledger.postgres.store import PostgresStore

_WRITTEN = {"heads": "INSERT, UPDATE", "work": "INSERT, UPDATE, DELETE", "hidden": "INSERT, UPDATE, DELETE", "gaps": "INSERT, UPDATE",
            "batches": "INSERT, DELETE"}  # fmt: skip
_LONGEST = 63  # bytes that PostgreSQL keeps of a name


def group_of(database: str, role: str) -> str:
    """The name of a role's group in a database."""
    name = f"eventcoder_{database}_{role}"
    if len(name.encode()) <= _LONGEST:
        return name
    return f"eventcoder_{hashlib.sha256(database.encode()).hexdigest()[:24]}_{role}"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def put_functions(store: PostgresStore) -> None:
    """Make the functions and the table of rights as this version has them (inside a writing transaction, as the owner)."""
    for sql in FUNCTIONS:
        store.execute(sql)
    store.execute("DELETE FROM rights")
    store.executemany("INSERT INTO rights (kind, key, value, least, own, what) VALUES (?, ?, ?, ?, ?, ?)", [tuple(right) for right in RIGHTS])
    store.execute("SELECT keep_logins()")
    store.execute(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC")


def give_rights(store: PostgresStore) -> list[str]:
    """Make the groups and grant them what they need; the users of registered coders that the server does not have (inside a writing transaction).

    Without the right to make roles nothing is granted: then all users who are to work with the ledger must be the owner's own.
    """
    database, may_create = _database(store)
    groups = {role: quoted(group_of(database, role)) for role in ROLES}
    present = {row[0] for row in store.rows("SELECT rolname FROM pg_catalog.pg_roles")}
    for role in ROLES:
        if group_of(database, role) not in present:
            if not may_create:
                return _absent(store, present)
            store.execute(f"CREATE ROLE {groups[role]} NOLOGIN")
    everybody = ", ".join(groups.values())
    writers = ", ".join(groups[role] for role in ROLES if role != "reader")
    store.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {quoted(database)} TO {everybody}")
    store.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {everybody}")
    store.execute(f"GRANT SELECT ON {', '.join(TABLES)} TO {everybody}")
    for table, rights in _WRITTEN.items():
        store.execute(f"GRANT {rights} ON {table} TO {writers}")
    for names, users in ((CALLED, writers), (READ_BY, everybody)):
        found = store.rows(
            "SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace "
            "WHERE n.nspname = ? AND p.proname = ANY(?::text[])",
            (SCHEMA, list(names)),
        )
        for (signature,) in found:
            store.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {users}")
    for login, role, state in store.rows("SELECT login, role, state FROM logins ORDER BY coder"):
        for other in ROLES:
            if login in present and (other != role or state != "active"):
                store.execute(f"REVOKE {groups[other]} FROM {quoted(login)}")
        if login in present and state == "active":
            store.execute(f"GRANT {groups[role]} TO {quoted(login)}")
    return _absent(store, present)


def _database(store: PostgresStore) -> tuple[str, bool]:
    row = store.row("SELECT current_database(), r.rolsuper OR r.rolcreaterole FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user")
    return (str(row[0]), bool(row[1])) if row else ("", False)


def _absent(store: PostgresStore, present: set[str]) -> list[str]:
    return sorted({row[0] for row in store.rows("SELECT login FROM logins WHERE state = 'active'")} - present)
