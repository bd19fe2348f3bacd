"""The lock for bulk imports, what keeps entries from being changed (looked at and put back), and writing the tables anew. Floor 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from eventcoder.errors import LedgerError, Refused
from eventcoder.ledger.people.rights import RIGHTS
from eventcoder.ledger.postgres import functions, guards
from eventcoder.ledger.postgres.guards import IMPORT

if TYPE_CHECKING:
    from eventcoder.ledger.postgres.store import PostgresStore


@contextmanager
def importing(store: PostgresStore) -> Iterator[None]:
    """Hold the ledger's lock for bulk imports. Raises `LedgerError` at once if another session has it."""
    if store.holds_import or store.row("SELECT pg_try_advisory_lock(?::bigint)", (IMPORT,)) != (True,):
        raise LedgerError("Another import into this ledger is under way.", "Wait until it has ended, then run this again.")
    store.holds_import = True
    try:
        yield
    finally:
        store.holds_import = False
        with suppress(LedgerError):
            store.row("SELECT pg_advisory_unlock(?::bigint)", (IMPORT,))


def compact(store: PostgresStore) -> None:
    """Write the tables anew, so that no dead row holds what is gone. Raises `LedgerError` for a user who may not."""
    if not _owns(store):
        raise LedgerError(
            f"The redaction in {store.shown} is done; the server's files may still hold the old text. Only the tables' owner may write them anew.",
            "Ask the database's owner to run: VACUUM FULL eventcoder.entries, eventcoder.heads",
        )
    store.execute("VACUUM FULL entries, heads")


def _owns(store: PostgresStore) -> bool:
    row = store.row("SELECT bool_and(pg_catalog.pg_has_role(c.relowner, 'USAGE')) FROM pg_catalog.pg_class AS c WHERE c.oid IN "
                    "('entries'::regclass, 'heads'::regclass)")  # fmt: skip
    return row == (True,)


def missing(store: PostgresStore) -> list[str]:
    """Triggers, functions and rights that are not as this version makes them, by name."""
    out = guards.missing(store.rows(guards.PRESENT)) + [f"function {name}" for name in functions.altered(store.rows(functions.PRESENT))]
    if sorted(store.rows("SELECT kind, key, value, least, own, what FROM rights")) != sorted(tuple(right) for right in RIGHTS):
        out.append("table rights")
    return out + [f"grant to {row[0]}" for row in store.rows(functions.GRANTED)]


def restore(store: PostgresStore) -> None:
    """Put back what is `missing` (inside a writing transaction, as the owner). Raises `Refused` for anybody else."""
    if not _owns(store):
        raise Refused(
            f"Only the owner of the tables of {store.shown} may make them anew, and put their guards back; nothing was changed.",
            "Ask the owner to run 'eventcoder doctor --rebuild' if 'eventcoder doctor' finds something.",
        )
    from eventcoder.ledger.postgres.roles import give_rights, put_functions, quoted

    found = missing(store)
    for name in found:
        if name in guards.GUARDS:
            for sql in guards.statements(name):
                store.execute(sql)
        elif name.startswith("grant to "):
            user = name.removeprefix("grant to ")
            user = user if user == "PUBLIC" else quoted(user)
            store.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER ON entries, logins, rights FROM {user}")
    if any(name.startswith(("function ", "table ")) for name in found):
        put_functions(store)
        give_rights(store)
