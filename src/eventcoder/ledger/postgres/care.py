"""The lock for bulk imports, and writing the tables anew after a redaction. Floor 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from eventcoder.errors import LedgerError
from eventcoder.ledger.postgres.functions import ALL

if TYPE_CHECKING:
    from eventcoder.ledger.postgres.store import PostgresStore

_IMPORT = ALL + 1  # the lock of whoever imports; it ends with its session


@contextmanager
def importing(store: PostgresStore) -> Iterator[None]:
    """Hold the ledger's lock for bulk imports. Raises `LedgerError` at once if another session has it."""
    if store.holds_import or store.row("SELECT pg_try_advisory_lock(?::bigint)", (_IMPORT,)) != (True,):
        raise LedgerError("Another import into this ledger is under way.", "Wait until it has ended, then run this again.")
    store.holds_import = True
    try:
        yield
    finally:
        store.holds_import = False
        with suppress(LedgerError):
            store.row("SELECT pg_advisory_unlock(?::bigint)", (_IMPORT,))


def compact(store: PostgresStore) -> None:
    """Write the tables anew, so that no dead row holds what is gone. Raises `LedgerError` for a user who may not."""
    row = store.row("SELECT bool_and(pg_catalog.pg_has_role(c.relowner, 'USAGE')) FROM pg_catalog.pg_class AS c WHERE c.oid IN "
                    "('entries'::regclass, 'heads'::regclass)")  # fmt: skip
    if row != (True,):
        raise LedgerError(
            f"The redaction in {store.shown} is done; the server's files may still hold the old text. Only the tables' owner may write them anew.",
            "Ask the database's owner to run: VACUUM FULL eventcoder.entries, eventcoder.heads",
        )
    store.execute("VACUUM FULL entries, heads")
