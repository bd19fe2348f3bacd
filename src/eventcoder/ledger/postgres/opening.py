"""Opening a ledger on a server, setting it up in an empty database, and bringing it to the newest format. Floor 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from eventcoder.errors import LedgerError
from eventcoder.ledger.address import read_address, shown
from eventcoder.ledger.postgres.faults import explained
from eventcoder.ledger.postgres.layout import MIGRATIONS, OLDEST, SCHEMA
from eventcoder.ledger.postgres.roles import give_rights, put_functions
from eventcoder.ledger.postgres.session import connect
from eventcoder.ledger.postgres.store import PostgresStore
from eventcoder.ledger.sqlite.layout import FORMAT

OLDEST_SERVER = 14  # the first that replaces triggers in place
_SETUP = 4_563_479_009  # advisory lock of whoever sets up or upgrades
_SIGN = (
    "SELECT to_regclass('eventcoder.meta') IS NOT NULL, pg_catalog.has_database_privilege(current_database(), 'CREATE'), "
    "pg_catalog.current_setting('server_encoding'), current_user::text"
)


def open_database(url: str, *, create: bool = True, readonly: bool = False, project: str = "") -> PostgresStore:
    """Open (and with `create`, in an empty database, make) the ledger at a URL.

    Raises `LedgerError` that says what is wrong and what to do: no server, no such database or user, a wrong password, not set up, another format.
    """
    store = _connected(url, readonly=readonly)
    try:
        found = _format(store)
        if found is None:
            if readonly or not create:
                raise LedgerError(
                    f"There is no ledger in the database {store.shown}.", "Its owner makes one by 'eventcoder ledger setup'; or add a first event."
                )
            set_up(store, project)
        elif found != FORMAT:
            raise _other_format(store, found)
    except BaseException:
        store.close()
        raise
    return store


def _connected(url: str, *, readonly: bool) -> PostgresStore:
    read_address(url)
    try:
        connection = connect(url, readonly=readonly)
    except (psycopg.Error, ValueError) as error:
        raise _no_connection(url, error) from error
    if (version := connection.info.server_version // 10_000) < OLDEST_SERVER:
        connection.close()
        told = f"The server of {shown(url)} is PostgreSQL {version}; a ledger needs PostgreSQL {OLDEST_SERVER} or newer."
        raise LedgerError(told, "Ask its administrator to bring it up to date, or use another server.")
    return PostgresStore(connection, url, readonly=readonly)


def _format(store: PostgresStore) -> int | None:
    """The format of the ledger that is there; None if there is none."""
    try:
        row = store.row(_SIGN)
        if row is None or not row[0]:
            return None
        found = store.row("SELECT value FROM meta WHERE name = 'format'")
    except LedgerError as error:
        if isinstance(error.__cause__, errors.InsufficientPrivilege):
            user = store.row("SELECT session_user::text")
            raise LedgerError(
                f"The database user {user[0] if user else ''} has no rights in the ledger {store.shown}.",
                "A lead registers you ('eventcoder coders add'), then the database's owner runs 'eventcoder ledger setup'. If you were registered "
                "before, you may have been disabled.",
            ) from error
        raise
    return int(found[0]) if found and str(found[0]).isdecimal() else 0


def _other_format(store: PostgresStore, found: int) -> LedgerError:
    if found < FORMAT:
        return LedgerError(
            f"The ledger {store.shown} has format {found}; this eventcoder needs format {FORMAT}.",
            "The database's owner brings it up to date by 'eventcoder ledger upgrade' (after a backup); then everybody needs this version.",
        )
    return LedgerError(
        f"The ledger {store.shown} has format {found}; this eventcoder reads format {FORMAT}.",
        f"Install the eventcoder version that knows ledger format {found} (pip install --upgrade eventcoder).",
    )


def set_up(store: PostgresStore, project: str = "") -> list[str]:
    """Make the ledger in an empty database, or put functions, guards and rights of one that is there as this version has them, in one transaction;
    the users of registered coders that the server does not know. Raises `LedgerError` for a user who may not, and for another format."""
    return _migrated(store, project, upgrading=False)


def upgrade(store: PostgresStore) -> list[str]:
    """Bring a ledger of an older format to this one, in one transaction; otherwise as `set_up`."""
    return _migrated(store, "", upgrading=True)


def follow(store: PostgresStore) -> list[str] | None:
    """Bring the rights of the database's users in line with the registered coders; the users that the server does not know. None if this user may
    not: neither the tables' owner, nor of his group, nor one who may give the groups to others."""
    if store.row("SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_catalog.pg_class AS c WHERE c.oid = to_regclass('entries')") != (True,):
        return None
    try:
        with store.alone(_SETUP):
            return give_rights(store)
    except LedgerError as error:
        if isinstance(error.__cause__, errors.InsufficientPrivilege):
            return None
        raise


@contextmanager
def opened_for_care(url: str) -> Iterator[PostgresStore]:
    """A connection to a database whatever its ledger's format, for `set_up` and `upgrade`."""
    store = _connected(url, readonly=False)
    try:
        yield store
    finally:
        store.close()


def _migrated(store: PostgresStore, project: str, *, upgrading: bool) -> list[str]:
    sign = store.row(_SIGN)
    if sign is not None and sign[2] != "UTF8":
        raise LedgerError(f"The database {store.shown} has the encoding {sign[2]}.", "Make one with ENCODING 'UTF8'.")
    if sign is not None and not sign[0] and not sign[1]:
        raise LedgerError(
            f"The database {store.shown} has no ledger, and its user {sign[3]} may not make one.",
            "Ask the database's owner to run 'eventcoder ledger setup'.",
        )
    try:
        with store.alone(_SETUP):
            found = _format(store)
            if found is not None and found != FORMAT and not (upgrading and OLDEST <= found < FORMAT):
                raise _other_format(store, found)
            if found is None:
                store.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                store.execute(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC")
            for number in range(OLDEST if found is None else found + 1, FORMAT + 1):
                for sql in MIGRATIONS[number]:
                    store.execute(sql)
            if found is None:
                store.execute("INSERT INTO meta (name, value) VALUES ('format', ?), ('project', ?)", (str(FORMAT), project))
            store.execute("UPDATE meta SET value = ? WHERE name = 'format'", (str(FORMAT),))
            put_functions(store)
            store.restore_guards()
            return give_rights(store)
    except LedgerError as error:
        if isinstance(error.__cause__, errors.InsufficientPrivilege):
            raise LedgerError(
                f"The user {sign[3] if sign else ''} may not set up the ledger {store.shown}: {str(error.__cause__).splitlines()[0]}.",
                "The database's owner has to do it.",
            ) from error
        raise


def _no_connection(url: str, error: psycopg.Error | ValueError) -> LedgerError:
    """Why no session came about, told by what the client library says (it has no codes for it)."""
    if isinstance(error, ValueError):
        return LedgerError(f"The ledger's URL {shown(url)} cannot be used: {error}.", "The form is postgresql://USER@HOST:PORT/DATABASE.")
    text, place = str(error).lower(), shown(url)
    for words, told, remedy in _REFUSALS:
        if "is bad: invalid" not in text and any(word in text for word in words):  # a setting after '?' that the client library does not know
            return LedgerError(told.format(place), remedy)
    whole = explained(place, url, error)
    return LedgerError(f"No connection to the ledger {place}: {_short(whole.message)}", "Check the URL, and whether the server runs and lets you in.")


def _short(message: str) -> str:
    return message.split(": ", 1)[-1]


_REFUSALS = (
    (("password authentication failed", "no password supplied"), "The server of {} did not accept the user or the password.",
     "Check the user; give the password by PGPASSWORD or ~/.pgpass."),
    (("no pg_hba.conf entry",), "The server of {} lets this user not in from here.", "Ask its administrator (pg_hba.conf)."),
    (("role \"", "role '"), "The server of {} does not know this user.", "Check the user, or ask the administrator to make one."),
    (("database \"", "database '"), "The server has no database {}.", "Check the name, or ask the administrator: createdb NAME."),
    (("could not translate host name", "name or service not known", "failed to resolve"), "The host of {} is not known.",
     "Check the name of the server."),
    (("too many clients", "remaining connection slots"), "The server of {} has no connection left.", "Try again later, or ask its administrator."),
    (("connection refused", "no such file or directory", "timeout", "timed out", "could not connect", "connection is bad", "starting up",
      "shutting down"), "The server of {} does not answer.", "Check host and port, and whether the server runs; nothing was stored."),
)  # fmt: skip
