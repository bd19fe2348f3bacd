"""One bulk import at a time: a lock beside the ledger that the kernel takes away from a process that dies. Floor 2."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eventcoder.errors import LedgerError

try:
    import fcntl
except ImportError:  # a system without it (Windows) goes without: the compare-and-swap at the seal still holds
    fcntl = None  # type: ignore[assignment]

SUFFIX = "-import"


@contextmanager
def importing(ledger: Path) -> Iterator[None]:
    """Hold the ledger's lock for bulk imports. Raises `LedgerError` at once if another process, or another import of this one, has it.

    It is not a lock on the ledger's own file: closing that would take away the locks that SQLite holds on it.
    """
    if fcntl is None:
        yield
        return
    path = ledger.with_name(ledger.name + SUFFIX)
    handle = _taken(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # while it is still held: who opened it meanwhile sees that it is no longer the file of that name
        os.close(handle)


def _taken(path: Path) -> int:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise LedgerError(f"{path} cannot be made: {error.strerror}.", "Make the folder writable.") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_ino == path.stat().st_ino:
                return handle
            os.close(handle)
        except FileNotFoundError:  # its holder took it away just now
            os.close(handle)
        except OSError:
            os.close(handle)
            raise LedgerError("Another import into this ledger is under way.", "Wait until it has ended, then run this again.") from None
