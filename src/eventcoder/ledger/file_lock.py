"""A lock that is a file, and that the kernel takes away from a process that dies. Floor 2."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eventcoder.errors import LedgerError

try:
    import fcntl
except ImportError:  # a system without it (Windows) goes without: what it guards is checked again where it is stored
    fcntl = None  # type: ignore[assignment]

_TURN = 0.05  # seconds


@contextmanager
def alone(path: Path, *, busy: str, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock at `path`, whose file is gone afterwards. On a drive that knows no locks it goes without.

    Raises `LedgerError`: with the words of `busy` if somebody else, or this process, holds it for `patience` seconds (0: at once), or if the file
    cannot be made.
    """
    if fcntl is None:
        yield
        return
    handle = _taken(path, busy, time.monotonic() + patience)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # while it is still held: who opened it meanwhile sees that it is no longer the file of that name
        os.close(handle)


def _taken(path: Path, busy: str, until: float) -> int:
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
        except BlockingIOError:
            os.close(handle)
            if time.monotonic() >= until:
                raise LedgerError(busy, "Wait until it has ended, then run this again.") from None
            time.sleep(_TURN)
        except OSError:  # a share that knows no locks
            return handle
