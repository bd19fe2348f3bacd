"""The numbers of versions: which one comes next. Floor 6.

A number is never used twice, by whatever became of the version that had it. Candidates are numbered by the day on which they are made, so that
they are not taken for releases: 2026.11.2600 is the first candidate of 26 November, 2026.11.2601 the second.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from eventcoder.errors import UsageError
from eventcoder.releases.layout import VERSION_PATTERN, version_key
from eventcoder.releases.versions import Versions


def release_number(folder: Path, versions: Versions, version: str | None, time: datetime) -> str:
    """The number of a new release: `version` if it may be used, else the next of the month of `time`. Raises `UsageError`."""
    taken = _taken(folder, versions)
    if version is None:
        month = f"{time.year:04d}.{time.month:02d}."
        return month + str(max((version_key(v)[2] for v in taken if v.startswith(month)), default=-1) + 1)
    if not VERSION_PATTERN.fullmatch(version):
        raise UsageError(f"{version!r} cannot be a version.", "Versions are YYYY.MM.N, such as 2026.11.0.")
    if version in taken:
        raise UsageError(f"Version {version} is already there; a version is never replaced.", "Leave --version out to get the next number.")
    newest = max(taken, key=version_key, default=None)
    if newest is not None and version_key(version) < version_key(newest):
        raise UsageError(f"Version {version} comes before {newest}, which is there.", "Leave --version out to get the next number.")
    return version


def candidate_number(folder: Path, candidates: Versions, released: Versions, time: datetime) -> str:
    """The number of a new candidate: after all other candidates and all releases."""
    taken = {version_key(v) for v in _taken(folder, candidates) | {v.version for v in released.versions}}
    first = (time.year, time.month, time.day * 100)
    newest = max(taken, default=first)
    year, month, number = first if newest < first else (newest[0], newest[1], newest[2] + bool(taken))
    return f"{year:04d}.{month:02d}.{number}"


def _taken(folder: Path, versions: Versions) -> set[str]:
    """Every number that is or was in the list or stands as a folder."""
    found = {v.version for v in versions.versions} | {*versions.dropped}
    if folder.is_dir():
        found |= {p.name for p in folder.iterdir() if VERSION_PATTERN.fullmatch(p.name)}
    return found
