"""`versions`: which versions there are, how fresh each is, what became of it. Floor 7."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from eventcoder.errors import ReleaseError, UsageError
from eventcoder.reader.channels import BOTH, CHANNELS, candidates
from eventcoder.reader.source import Release, Source, find
from eventcoder.releases.layout import STATISTICS
from eventcoder.releases.manifest import CANDIDATE, RELEASED
from eventcoder.releases.versions import Version


def versions(source: str | Path | None = None, channel: str = "released") -> list[dict[str, Any]]:
    """All versions, oldest first: version, channel, created, previous, events, notes, fingerprint, latest (bool), withdrawn (the reason, or None),
    redacted (bool: it is not there any more) and its successor (None: it has none), and how fresh it is: `last_event_date`, `coverage_through` (the
    last day up to which somebody recorded what was read). Of a URL these two are given for the latest version only; else they are None.

    `channel`: "released", "candidate" (raises `NotFound` if there are none), or "both".
    """
    if channel not in CHANNELS:
        raise UsageError(f"There is no channel {channel!r}.", f"There are: {', '.join(CHANNELS)}.")
    found = find(source)
    if channel == RELEASED or found.versions.channel == CANDIDATE:
        return _listed(found)
    return [*(_listed(found) if channel == BOTH else ()), *_listed(candidates(found))]


def _listed(found: Source) -> list[dict[str, Any]]:
    if found.single is not None and not found.versions.versions:
        m = found.single.manifest
        told = {"version": m.version, "channel": m.channel, "created": m.created, "previous": m.previous, "events": m.counts.get("events", 0)}
        rest = {"notes": "", "fingerprint": m.fingerprint, "latest": True, "withdrawn": None, "redacted": False, "successor": None}
        return [{**told, **rest, **_fresh(found.single)}]
    return [_told(found, entry) for entry in found.versions.versions]


def _told(found: Source, entry: Version) -> dict[str, Any]:
    gone = entry.withdrawn
    latest = entry.version == found.versions.latest
    redacted = bool(gone and gone.redacted)
    fresh: dict[str, str | None] = {"last_event_date": None, "coverage_through": None}
    if not redacted and (latest or found.folder is not None):
        with contextlib.suppress(ReleaseError):  # damaged or out of reach: the list still stands
            fresh = _fresh(found.release(entry.version, warn=False))
    return {
        "version": entry.version,
        "channel": found.versions.channel,
        "created": entry.created,
        "previous": entry.previous,
        "events": entry.events,
        "notes": entry.notes,
        "fingerprint": entry.fingerprint,
        "latest": latest,
        "withdrawn": gone.reason if gone else None,
        "redacted": redacted,
        "successor": gone.successor if gone else None,
        **fresh,
    }


def _fresh(release: Release) -> dict[str, str | None]:
    try:
        found = json.loads(release.path(STATISTICS).read_text("utf-8"))
        return {"last_event_date": found["last_event_date"], "coverage_through": found["coverage"]["through"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {"last_event_date": None, "coverage_through": None}
