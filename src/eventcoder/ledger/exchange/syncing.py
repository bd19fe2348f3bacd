"""A ledger and a folder of journals brought to the same state: what others left there comes in, what is new here goes out. Floor 2.

The folder is a checkout of git, a share, or a folder that some program keeps the same on several machines. Whatever the ledger is (a file on a
laptop, a team's server), the folder says all that passes between them; so a coder without a network, and a server that no laptop can reach,
need nothing else. A sync may be repeated, broken off, and run by several at once: one after the other holds a lock in the folder, and a ledger
that finds its lines overwritten by an older copy of the folder writes them again.
"""

from __future__ import annotations

import filecmp
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from eventcoder.errors import LedgerError
from eventcoder.ledger.exchange.journal import JournalResult, export_journal, import_journal
from eventcoder.ledger.exchange.journal_line import SUFFIX
from eventcoder.ledger.store import Ledger

try:
    import fcntl
except ImportError:  # a system without it (Windows) goes without: an export still never overwrites what the ledger does not know
    fcntl = None  # type: ignore[assignment]

LOCK = ".journal-sync"
PATIENCE = 60.0  # seconds to wait for another sync of the folder; one takes seconds


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: `came` is what an import of the files said that differed from the ledger, `written` how many entries the folder holds now
    (None: nothing was written)."""

    came: JournalResult
    written: int | None


def sync(ledger: Ledger, folder: str | Path, *, patience: float = PATIENCE) -> Synced:
    """Import the journals of `folder`, then export into it. With any problem of severity error nothing is stored and nothing written.

    Raises `LedgerError` if another sync of the folder does not end within `patience` seconds, or the folder cannot be written.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"The folder {target} cannot be made: {error.strerror}.", "Name a folder where you may write.") from None
    with _alone(target, patience):
        with tempfile.TemporaryDirectory(prefix="eventcoder-sync-") as aside:
            written = export_journal(ledger, aside)
            same = {path.name for path in Path(aside).iterdir() if _equal(path, target / path.name)}
            missing = any(path.name not in same for path in Path(aside).iterdir())
        others = [path for path in sorted(target.glob("*" + SUFFIX)) if path.name not in same]
        came = import_journal(ledger, others) if others else JournalResult()
        if any(problem.severity == "error" for problem in came.problems):
            return Synced(came, None)
        return Synced(came, export_journal(ledger, target) if others or missing else written)


def _equal(one: Path, other: Path) -> bool:
    """Whether both are the same, byte for byte: a file that says what the ledger would write need not be read."""
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


@contextmanager
def _alone(folder: Path, patience: float) -> Iterator[None]:
    """Hold the folder's lock, which the kernel takes away from a process that dies."""
    if fcntl is None:
        yield
        return
    path = folder / LOCK
    handle = _taken(path, time.monotonic() + patience)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # while it is still held: who opened it meanwhile sees that it is no longer the file of that name
        os.close(handle)


def _taken(path: Path, until: float) -> int:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise LedgerError(f"{path} cannot be made: {error.strerror}.", "Make the folder writable, or import from it only.") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_ino == path.stat().st_ino:
                return handle
            os.close(handle)
        except FileNotFoundError:  # its holder took it away just now
            os.close(handle)
        except BlockingIOError:
            os.close(handle)
            if time.monotonic() > until:
                raise LedgerError(f"Another sync of {path.parent} is under way.", "Wait until it has ended, then run this again.") from None
            time.sleep(0.05)
        except OSError:  # a share that knows no locks: as on a system without them
            return handle
