"""Mark a version of a project as withdrawn, and find the folder of one. Floor 6."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from eventcoder import clock
from eventcoder.errors import NotFound, UsageError
from eventcoder.releases import staging
from eventcoder.releases.layout import VERSION_PATTERN
from eventcoder.releases.versions import read_versions, write_versions

if TYPE_CHECKING:
    from eventcoder.project import Project


def withdraw(project: Project, version: str, reason: str, *, time: datetime | None = None) -> None:
    """Mark a version as withdrawn: it stays readable, with a warning. Raises `NotFound`, `UsageError` without a reason, `ReleaseError`."""
    if not reason.strip():
        raise UsageError("A withdrawal needs its reason.", "Say in one sentence what is wrong with the version.")
    with staging.locked(project.releases_dir):
        versions = read_versions(project.releases_dir)
        moment = clock.stamp(time or clock.now())
        write_versions(project.releases_dir, versions.withdrawing(version, reason.strip(), moment))


def release_folder(project: Project, version: str = "latest") -> Path:
    """Where a version of the project lies. Raises `NotFound` naming the versions there are."""
    versions = read_versions(project.releases_dir)
    wanted = versions.latest if version == "latest" else version
    if wanted is None:
        raise NotFound("This project has no release yet.", "Run 'eventcoder release'.")
    if not VERSION_PATTERN.fullmatch(wanted) or versions.entry(wanted) is None:
        raise NotFound(f"There is no version {version}.", f"There are: {', '.join(v.version for v in versions.versions) or 'none'}.")
    return project.releases_dir / wanted
