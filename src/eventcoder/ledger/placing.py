"""Setting a ledger up in an empty place, and bringing an older one to this version's format. Floor 2."""

from __future__ import annotations

from pathlib import Path

from eventcoder.ledger.address import is_server
from eventcoder.ledger.store import open_ledger


def set_up(where: str | Path, project: str = "") -> list[str]:
    """Make a ledger where there is none; where there is one, put guards, functions and rights of a database as this version has them.

    Returns the logins of registered coders that the server does not know. Raises `LedgerError` for a user who may not, and for another format.
    """
    if not is_server(where):
        open_ledger(where, project=project).close()
        return []
    from eventcoder.ledger.postgres import opening

    with opening.opened_for_care(str(where)) as store:
        return opening.set_up(store, project)


def upgrade(where: str | Path) -> list[str]:
    """Bring a ledger to this version's format, in one transaction; otherwise as `set_up`. A file does it whenever it is opened for writing."""
    if not is_server(where):
        open_ledger(where, create=False).close()
        return []
    from eventcoder.ledger.postgres import opening

    with opening.opened_for_care(str(where)) as store:
        return opening.upgrade(store)


def follow_coders(where: str | Path) -> list[str] | None:
    """After coders were registered, changed or disabled: bring their users' rights in line; the logins that the server does not know.

    None where this user may not do it, being neither the owner of the database's tables nor of their group: the owner then runs `ledger setup`. A
    file has no users: [].
    """
    if not is_server(where):
        return []
    from eventcoder.ledger.postgres import opening

    with opening.opened_for_care(str(where)) as store:
        return opening.follow(store)
