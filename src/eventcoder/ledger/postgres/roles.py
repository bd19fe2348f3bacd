"""Who may do what in the database: four roles for groups, named after it, and the grants that they need.

    eventcoder_<database>_reader     reads
    eventcoder_<database>_coder      reads, and stores entries through the functions that check whose they are
    ..._reviewer, ..._lead           the same; what more they may do these functions decide, by the table `rights`

Nobody but the owner may insert, change or delete an entry by himself. The users themselves are made by the server's administrator; what is done here
is to put the users of registered coders into their groups. An owner without CREATEROLE, where nobody made the groups, grants the same to each user
by name. Floor 2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eventcoder.ledger.people.rights import RIGHTS, ROLES
from eventcoder.ledger.postgres.functions import CALLED, FUNCTIONS, PRESENT, READ_BY, foreign
from eventcoder.ledger.postgres.layout import SCHEMA, TABLES

if TYPE_CHECKING:
    from eventcoder.ledger.postgres.store import PostgresStore

_WRITTEN = {"heads": "INSERT, UPDATE", "work": "INSERT, UPDATE, DELETE", "hidden": "INSERT, UPDATE, DELETE", "gaps": "INSERT, UPDATE",
            "batches": "INSERT, DELETE"}  # fmt: skip
_READS = (f"USAGE ON SCHEMA {SCHEMA}", f"SELECT ON {', '.join(TABLES)}", "SELECT ON SEQUENCE numbers")
_SIGNATURES = (
    "SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace "
    "WHERE n.nspname = ? AND p.proname = ANY(?::text[])"
)
_MEMBERS = (  # not those who give it to others: its maker
    "SELECT DISTINCT u.rolname FROM pg_catalog.pg_auth_members AS m JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid "
    "JOIN pg_catalog.pg_roles AS u ON u.oid = m.member WHERE g.rolname = ? AND NOT m.admin_option AND u.rolname <> current_user"
)
_WRITING = (
    "SELECT DISTINCT pg_catalog.pg_get_userbyid(a.grantee) FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a "
    "WHERE c.oid = 'heads'::regclass AND a.grantee NOT IN (0, c.relowner) AND a.privilege_type <> 'SELECT'"
)
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
    for signature in foreign(store.rows(PRESENT)):
        store.execute(f"DROP FUNCTION {signature}")
    store.execute("DELETE FROM rights")
    store.executemany("INSERT INTO rights (kind, key, value, least, own, what) VALUES (?, ?, ?, ?, ?, ?)", [tuple(right) for right in RIGHTS])
    store.execute("SELECT keep_logins()")
    store.execute(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC")


def give_rights(store: PostgresStore) -> list[str]:
    """Grant everybody what their role needs and take away what it does not (inside a writing transaction): the users of registered coders by their
    groups, which are made here; where the owner may make no roles and nobody made them, to each user by name. Gives the users that the server does
    not have.
    """
    database, owner, may_create, version = _about(store)
    present = {str(row[0]) for row in store.rows("SELECT rolname FROM pg_catalog.pg_roles")}
    wanted: dict[str, set[str]] = {role: set() for role in ROLES}
    registered = [(str(login), str(role), str(state)) for login, role, state in store.rows("SELECT login, role, state FROM logins ORDER BY coder")]
    for login, role, state in registered:
        if state == "active" and login in present and login != owner:
            wanted[role].add(login)
    groups = {role: group_of(database, role) for role in ROLES}
    absent = [group for group in groups.values() if group not in present]
    if absent and not may_create:
        _revoke_by_name(store, wanted, {login for login, _, _ in registered} & present - {owner})
        _grant(store, database, sorted(set().union(*wanted.values())), sorted(set().union(*(wanted[role] for role in ROLES if role != "reader"))))
    else:
        for group in absent:
            store.execute(f"CREATE ROLE {quoted(group)} NOLOGIN")
        _grant(store, database, list(groups.values()), [group for role, group in groups.items() if role != "reader"])
        _fill_groups(store, groups, wanted, {login for login, _, _ in registered}, version)
    return sorted({login for login, _, state in registered if state == "active"} - present)


def _grant(store: PostgresStore, database: str, everybody: Sequence[str], writers: Sequence[str]) -> None:
    for names, grants in ((everybody, _READS), (writers, [f"{rights} ON {table}" for table, rights in _WRITTEN.items()])):
        if not names:
            continue
        users = ", ".join(map(quoted, names))
        if names is everybody:
            row = store.row("SELECT pg_catalog.has_database_privilege(current_database(), 'CONNECT WITH GRANT OPTION')")
            if row == (True,):  # where the database is not the owner's own its administrator says who may connect
                store.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {quoted(database)} TO {users}")
        called = store.rows(_SIGNATURES, (SCHEMA, list(READ_BY if names is everybody else CALLED)))
        for grant in [*grants, *(f"EXECUTE ON FUNCTION {row[0]}" for row in called)]:
            store.execute(f"GRANT {grant} TO {users}")


def _fill_groups(store: PostgresStore, groups: dict[str, str], wanted: dict[str, set[str]], registered: set[str], version: int) -> None:
    """Bring the groups' members in line. Whom an administrator let read, unregistered, stays."""
    how = " WITH INHERIT TRUE, SET FALSE" if version >= 16 else ""  # nobody becomes the group itself, and keeps what he lost until he leaves
    for role, group in groups.items():
        found = {str(row[0]) for row in store.rows(_MEMBERS, (group,))}
        for login in sorted(found - wanted[role]):
            if role != "reader" or login in registered:
                store.execute(f"REVOKE {quoted(group)} FROM {quoted(login)}")
        for login in sorted(wanted[role] - found):
            store.execute(f"GRANT {quoted(group)} TO {quoted(login)}{how}")


def _revoke_by_name(store: PostgresStore, wanted: dict[str, set[str]], registered: set[str]) -> None:
    """Take away what was granted by name: of everybody who is registered, and of whoever else may write."""
    writing = {str(row[0]) for row in store.rows(_WRITING)}
    for login in sorted((registered | writing) - set().union(*wanted.values()) | wanted["reader"] & writing):
        for what in ("ALL TABLES", "ALL SEQUENCES", "ALL FUNCTIONS"):
            store.execute(f"REVOKE ALL ON {what} IN SCHEMA {SCHEMA} FROM {quoted(login)}")
        store.execute(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM {quoted(login)}")


def _about(store: PostgresStore) -> tuple[str, str, bool, int]:
    """The database, who owns the ledger's tables, whether this user may make roles, the server's version."""
    row = store.row(
        "SELECT current_database(), pg_catalog.pg_get_userbyid(c.relowner), r.rolsuper OR r.rolcreaterole, "
        "pg_catalog.current_setting('server_version_num')::int / 10000 FROM pg_catalog.pg_roles AS r, pg_catalog.pg_class AS c "
        "WHERE r.rolname = current_user AND c.oid = 'entries'::regclass"
    )
    return (str(row[0]), str(row[1]), bool(row[2]), int(row[3])) if row else ("", "", False, 0)
