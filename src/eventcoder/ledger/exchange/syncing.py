"""A ledger and a folder of journals brought to the same state: what others left there comes in, what is new here goes out. Floor 2.

The folder is a checkout of git, a share, or a folder that some program keeps the same on several machines. Whatever the ledger is (a file on a
laptop, a team's server), the folder says all that passes between them; so a coder without a network, and a server that no laptop can reach,
need nothing else. A sync may be repeated, broken off, and run by several at once: one after the other holds a lock in the folder, and a ledger
that finds its lines overwritten by an older copy of the folder writes them again.
"""

from __future__ import annotations

import filecmp
import tempfile
from dataclasses import dataclass
from pathlib import Path

from eventcoder.errors import LedgerError
from eventcoder.ledger.exchange.journal import JournalResult, export_journal, import_journal
from eventcoder.ledger.exchange.journal_line import SUFFIX
from eventcoder.ledger.file_lock import alone
from eventcoder.ledger.store import Ledger

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
    with alone(target / LOCK, busy=f"Another sync of {target} is under way.", patience=patience):
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
