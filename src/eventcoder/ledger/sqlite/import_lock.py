"""One bulk import at a time: a lock beside the ledger. Floor 2."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from eventcoder.ledger.file_lock import alone

SUFFIX = "-import"


def importing(ledger: Path) -> AbstractContextManager[None]:
    """Hold the ledger's lock for bulk imports. Raises `LedgerError` at once if another process, or another import of this one, has it.

    It is not a lock on the ledger's own file: closing that would take away the locks that SQLite holds on it.
    """
    return alone(ledger.with_name(ledger.name + SUFFIX), busy="Another import into this ledger is under way.")
