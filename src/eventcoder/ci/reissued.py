"""Versions that were made anew because something was redacted: the one rewriting of released files that is allowed. Floor 7.

Allowed is exactly this: versions.json says that a version was redacted, or withdrawn because the one before it was; the journal has the redaction;
the version named as its successor holds the same events with the same values, but for texts in which the mark of a redaction stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.ci.git import Blob, Repository, pointer
from eventcoder.errors import ReleaseError
from eventcoder.ledger.exchange.journal_line import SUFFIX
from eventcoder.ledger.secrets import HIDDEN_PUBLISHER, MARK
from eventcoder.problem import Problem
from eventcoder.releases.versions import Version, Versions, read_versions

if TYPE_CHECKING:
    import pyarrow as pa

EVENTS_FILE = "events.parquet"
COUNTED = frozenset({"n_publishers", "first_release", "last_changed"})  # follow from what went, or from the new numbers
SHOWN = 20


def listed(root: Path) -> Versions:
    """The list of versions of a project; an empty one where it cannot be read, which is told elsewhere."""
    try:
        return read_versions(root / "releases")
    except ReleaseError:
        return Versions()


def successors(versions: Versions) -> dict[str, str]:
    """version -> the one that was made anew of it, for versions that have one of their own: it has the same time."""
    found = {}
    for v in versions.versions:
        new = versions.entry(v.withdrawn.successor) if v.withdrawn and v.withdrawn.successor else None
        if new is not None and new.created == v.created:
            found[v.version] = new.version
    return found


def is_redaction(old: Version, new: Version) -> bool:
    """Whether an entry of the list differs from what it was as a redaction makes it differ, or a later one that rewords it."""
    if new.withdrawn is None or not new.withdrawn.redacted:
        return False
    ended = old.withdrawn
    if ended is not None and ended.redacted and (ended.time, ended.successor) != (new.withdrawn.time, new.withdrawn.successor):
        return False
    return new.model_copy(update={"withdrawn": ended, "notes": old.notes}) == old


def inspect_reissued(repository: Repository, root: Path, version: str, files: Mapping[str, Blob]) -> Iterator[Problem]:
    """What is wrong with the end of a version that the commit has with these files."""
    versions = listed(root)
    entry = versions.entry(version)
    if entry is None or entry.withdrawn is None or not (entry.withdrawn.redacted or entry.withdrawn.successor):
        return
    where, ended = f"{repository.prefix}releases/{version}", entry.withdrawn
    if ended.redacted and not _in_journal(root, ended.time):
        told = f"versions.json says that {version} was redacted, and the journal has no such redaction. Restore the files, or commit the journal."
        yield Problem("release-missing", told, value=version, where=where)
    successor = successors(versions).get(version)
    if successor is None:
        if ended.redacted:
            yield Problem("redacted-release", f"{version} was redacted and has no successor of its own: {ended.reason}", "warning", where=where)
        return
    blob, place = files.get(f"releases/{version}/{EVENTS_FILE}"), root / "releases" / successor / EVENTS_FILE
    if blob is None or blob.link or not place.is_file():
        return  # a release that is not whole is told by the check of its files
    data = repository.read(blob)
    if pointer(data) is None and pointer(place.read_bytes()[:1024]) is None:
        for event_id, name in list(_differing(data, place))[:SHOWN]:
            what = f"another {name}" if name else "not the same events"
            told = f"{successor} stands for {version} and has {what}. Only what was redacted may differ: run 'eventcoder redact' again on the base."
            yield Problem("released-file-changed", told, event_id=event_id, field=name, value=version, where=where)


def _in_journal(root: Path, since: str) -> bool:
    """Whether the journal, where there is one, has a redaction made then or later."""
    paths = sorted((root / "raw" / "journal").glob("*" + SUFFIX))
    for path in paths:
        for line in path.read_bytes().splitlines():
            if b'"kind":"redaction"' in line and str(json.loads(line).get("time", "")) >= since:
                return True
    return not paths


def _differing(data: bytes, place: Path) -> Iterator[tuple[str | None, str | None]]:
    """(event, column) of values that differ otherwise than a redaction makes them differ; (None, None): the events are others."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    old, new = pq.read_table(pa.BufferReader(data)).sort_by("event_id"), pq.read_table(place).sort_by("event_id")
    if old.schema.names != new.schema.names or not old.column("event_id").equals(new.column("event_id")):
        yield None, None
        return
    for name in old.schema.names:
        if name not in COUNTED and not old.column(name).equals(new.column(name)):
            yield from _cells(old, new, name)


def _cells(old: pa.Table, new: pa.Table, name: str) -> Iterator[tuple[str, str]]:
    rows = zip(old.column("event_id").to_pylist(), old.column(name).to_pylist(), new.column(name).to_pylist(), strict=True)
    for event_id, was, now in rows:
        if was != now and not _redacted(now):
            yield event_id, name


def _redacted(value: Any) -> bool:
    if isinstance(value, list):
        return any(_redacted(v) for v in value)
    return isinstance(value, str) and (MARK in value or HIDDEN_PUBLISHER in value)
