"""Publish to a folder, withdraw a version, write a release in ACLED's form. Floor 6.

Publishing copies every version aside, reads the copy back and compares hashes, renames it into place, and writes `versions.json` last: a
reader of the target never sees a version that is not whole. A version that was published is never touched again.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder import clock
from eventcoder.errors import NotFound, ReleaseError, UsageError
from eventcoder.releases import staging
from eventcoder.releases.acled import acled_table
from eventcoder.releases.csvfile import write_csv
from eventcoder.releases.layout import MANIFEST, VERSION_PATTERN, VERSIONS
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.package import all_files, file_facts
from eventcoder.releases.tables import read_parquet
from eventcoder.releases.versions import read_versions, write_versions

if TYPE_CHECKING:
    from eventcoder.project import Project


@dataclass(frozen=True, slots=True)
class Published:
    """What `publish` did: versions copied now, versions that were there already."""

    target: Path
    latest: str | None
    copied: tuple[str, ...] = ()
    already: tuple[str, ...] = field(default=())

    @property
    def summary(self) -> str:
        what = f"Published {', '.join(self.copied)}" if self.copied else "Nothing new to publish"
        return f"{what}; {self.target} has {len(self.copied) + len(self.already)} version(s), latest {self.latest or 'none'}."

    def as_json(self) -> dict[str, Any]:
        return {"target": str(self.target), "latest": self.latest, "copied": list(self.copied), "already": list(self.already)}


def publish(project: Project, target: str | Path) -> Published:
    """Bring a folder (of a web server, a share, a mounted bucket) up to date with the project's releases. Can be repeated.

    Raises `ReleaseError` when a version there differs from ours, when one of ours is damaged, or when the target knows versions that we do
    not; nothing that was published is changed in any case.
    """
    target = Path(target)
    if target.resolve() == project.releases_dir.resolve():
        raise UsageError("The target is the project's own releases folder.", "Name the folder to publish to.")
    ours = read_versions(project.releases_dir)
    if not ours.versions:
        raise ReleaseError("There is no release to publish.", "Run 'eventcoder release' first.")
    with staging.locked(target):
        staging.clean(target)
        theirs = read_versions(target)
        foreign = [v.version for v in theirs.versions if ours.entry(v.version) is None]
        if foreign:
            raise ReleaseError(f"{target} has version {foreign[0]}, which this project does not know.", "Fetch the newest releases first.")
        copied, already = [], []
        for entry in ours.versions:
            other = theirs.entry(entry.version)
            if other is not None and other.manifest_sha256 != entry.manifest_sha256:
                raise ReleaseError(f"Version {entry.version} is published in {target} with other content.", "A published version never changes.")
            final = target / entry.version
            if final.exists():
                _verify(final, entry.manifest_sha256)
                already.append(entry.version)
                continue
            _verify(project.releases_dir / entry.version, entry.manifest_sha256)
            staged = staging.stage(target, entry.version)
            shutil.copytree(project.releases_dir / entry.version, staged, dirs_exist_ok=True)
            _verify(staged, entry.manifest_sha256)
            staging.put_in_place(staged, final)
            copied.append(entry.version)
        if theirs != ours or not (target / VERSIONS).is_file():
            write_versions(target, ours)
    return Published(target, ours.latest, tuple(copied), tuple(already))


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


def export_acled(release: Path, out: Path) -> int:
    """Write the events of a release folder as the 31 columns; how many there are. Raises `ReleaseError` if the release cannot be read."""
    read_manifest(release)
    table = acled_table(read_parquet(release / "events.parquet"))
    write_csv(table, out)
    return int(table.num_rows)


def _verify(folder: Path, manifest_sha256: str) -> None:
    """Read every file back. Raises `ReleaseError` naming the first that is not what the manifest says."""
    manifest, _ = read_manifest(folder)
    if file_facts(folder / MANIFEST).sha256 != manifest_sha256:
        raise ReleaseError(f"{folder / MANIFEST} is not the manifest that versions.json names.", "Restore the release; published ones never change.")
    have = set(all_files(folder))
    for name, facts in manifest.files.items():
        found = file_facts(folder / name) if name in have else None
        if found is None or (found.sha256, found.bytes) != (facts.sha256, facts.bytes):
            state = "missing" if found is None else "damaged"
            raise ReleaseError(f"{folder / name} is {state}.", "Restore the release; published ones never change.")
