"""Take a document, or what one field of an event said, out of everything that a project holds and has released. Floor 6.

The order is such that an interrupted run can be repeated: what tells us what to look for (the stored text and its record) goes last. First released
versions are made anew, then the ledger and its journal, then caches and source files.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.errors import LedgerError, UsageError
from eventcoder.ledger import Entry, Ledger
from eventcoder.ledger.exchange.journal import export_journal
from eventcoder.ledger.people.roster import roster
from eventcoder.ledger.redaction import redaction_of
from eventcoder.ledger.secrets import Secrets
from eventcoder.ledger.sweep import sweep
from eventcoder.releases import staging
from eventcoder.releases.layout import CANDIDATES, VERSIONS
from eventcoder.releases.redaction.reissue import Reissued, holding, planned, reissue
from eventcoder.releases.redaction.traces import entries_of, left_over, source_files, telling
from eventcoder.releases.versions import read_versions, write_versions

if TYPE_CHECKING:
    from eventcoder.project import Project

EXTRACTED = "extracted.sqlite"  # corpus.done: which documents were extracted
JOURNAL = "*.jsonl"


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is to be done, or was done. Paths are relative to the project.

    `entries` counts ledger entries by kind; `events` rest on the document, of `reworded` ones the coded texts change; `files` are removed, `mixed`
    hold other articles too and are left to people; `versions` are made anew, `candidates` dropped. After it was done: `held` are files that still
    hold something of it, `closed` compressed ones that were not searched.
    """

    secrets: Secrets = field(repr=False)
    entries: Mapping[str, int]
    events: tuple[str, ...]
    reworded: tuple[str, ...]
    files: tuple[str, ...]
    mixed: tuple[str, ...]
    versions: tuple[Reissued, ...]
    candidates: tuple[str, ...]
    done: bool = False
    held: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.entries or self.files or self.versions or self.candidates)

    def as_json(self) -> dict[str, Any]:
        return {
            "document": self.secrets.document or None,
            "event_id": self.secrets.event or None,
            "field": self.secrets.field or None,
            "done": self.done,
            "entries": dict(self.entries),
            "events": list(self.events),
            "reworded": list(self.reworded),
            "files": list(self.files),
            "mixed": list(self.mixed),
            "versions": [{"version": v.version, "redacted": v.redacted, "successor": v.successor, "why": v.why or None} for v in self.versions],
            "candidates": list(self.candidates),
            "held": list(self.held),
            "not_searched": list(self.closed),
        }


def plan(project: Project, ledger: Ledger, secrets: Secrets, *, time: datetime) -> Redaction:
    """What would be done. Nothing is changed. Raises `ReleaseError` for a list of versions that cannot be read."""
    entries, tied = entries_of(ledger, secrets)
    alone, mixed = source_files(project, ledger, secrets.document) if secrets.document else ([], [])
    files = [p for p in [*alone, *_own_files(project, secrets)] if p.exists()]
    names = tuple(p.relative_to(project.root).as_posix() for p in files)
    reworded = sorted({e.subject for e, stub in entries if e.kind == "act" and stub.get("values") != e.body.get("values")})
    return Redaction(
        secrets,
        dict(sorted(Counter(entry.kind for entry, _ in entries).items())),
        tuple(tied),
        tuple(reworded),
        names,
        tuple(p.relative_to(project.root).as_posix() for p in mixed),
        tuple(planned(project.releases_dir, secrets, time)),
        tuple(_candidates(project, secrets)),
    )


def redact(project: Project, ledger: Ledger, secrets: Secrets, *, reason: str, coder: str, time: datetime) -> Redaction:
    """Do it. Raises `UsageError` for no reason or one that repeats what has to go, `LedgerError` while an import is under way or when the journal
    holds what the ledger does not know, `ReleaseError` while a release is being made. Nothing was changed then."""
    roster(ledger).demand(coder, "lead", "redact")  # before a release is made anew
    reason = reason.strip()
    if not reason:
        raise UsageError("A redaction needs a reason.", "Say it without the content that is to go.")
    if secrets.clean(reason, tied=True) != reason:
        raise UsageError("The reason repeats what is to go.", "It stays for ever and is published: say it in other words.")
    if waiting := ledger.unsealed():
        remedy = "Run it to its end, or give it up by 'eventcoder doctor --rebuild', then run this again."
        raise LedgerError(f"The import '{min(waiting)}' was begun and not finished.", remedy)
    journal = project.journal_dir if any(project.journal_dir.glob(JOURNAL)) else None
    if journal is not None:
        export_journal(ledger, journal)  # refuses a journal with entries that are not in this ledger: they could hold it, too
    before = plan(project, ledger, secrets, time=time)
    entries, _ = entries_of(ledger, secrets)
    versions = reissue(project, ledger, secrets, reason=reason, time=time, acts=telling(ledger, secrets, entries))
    _drop_candidates(project, before.candidates)
    _redact_entries(ledger, entries, coder=coder, time=time, reason=reason)
    if journal is not None:
        export_journal(ledger, journal)
    _forget(project, secrets.document)
    for name in before.files:
        path = project.root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    held, closed = left_over(project, secrets)
    told = {"held": held, "closed": closed}
    names = {k: tuple(p.relative_to(project.root).as_posix() for p in paths) for k, paths in told.items()}
    return Redaction(
        secrets, before.entries, before.events, before.reworded, before.files, before.mixed, tuple(versions), before.candidates, True, **names
    )


def _own_files(project: Project, secrets: Secrets) -> list[Path]:
    """What we made of a document ourselves; its record last, from which an interrupted run is taken up again."""
    if not secrets.document:
        return []
    from eventcoder.extraction.llm.cache import FOLDER

    stored = [project.documents_dir / f"{secrets.document}{end}" for end in (".txt", ".json")]
    return [project.state_dir / FOLDER / secrets.document, *stored]


def _redact_entries(ledger: Ledger, entries: list[tuple[Entry, dict[str, Any]]], *, coder: str, time: datetime, reason: str) -> None:
    """Stubs for bodies in one transaction, then the ledger written anew: databases leave old text in free parts of their files, and in logs."""
    if entries:
        role = roster(ledger).role_of(coder)
        ledger.append([redaction_of(entry, stub, coder=coder, role=role, time=time, reason=reason) for entry, stub in entries])
    sweep(ledger.store)
    ledger.store.compact()
    ledger.store.wipe_traces()


def _candidates(project: Project, secrets: Secrets) -> list[str]:
    """Candidates that hold it: they are dropped, the next one is made without it."""
    folder = project.releases_dir / CANDIDATES
    if not (folder / VERSIONS).is_file():
        return []
    return [v.version for v in read_versions(folder).versions if (folder / v.version).is_dir() and holding(folder / v.version, secrets)]


def _drop_candidates(project: Project, names: tuple[str, ...]) -> None:
    folder = project.releases_dir / CANDIDATES
    if names:
        with staging.locked(folder):
            write_versions(folder, read_versions(folder).dropping(names))
            for name in names:
                shutil.rmtree(folder / name)


def _forget(project: Project, document: str) -> None:
    """Take a document out of what was extracted already."""
    path = project.state_dir / EXTRACTED
    if not document or not path.is_file():
        return
    with closing(sqlite3.connect(path, timeout=30.0, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("DELETE FROM done WHERE document = ?", (document,))
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
