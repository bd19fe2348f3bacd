"""Publish to a folder or to a store. Floor 6.

Publishing copies every version aside, reads the copy back and compares hashes, puts it into place, and writes `versions.json` last: a
reader of the target never sees a version that is not whole. A version that was published is never touched again, unless it was redacted: then
its files are removed there as well. Folders are served here, everything that a URL names by `uploading`.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.errors import ReleaseError, UsageError
from eventcoder.project import SETTINGS_FILE
from eventcoder.releases import expected, staging
from eventcoder.releases.layout import CANDIDATES, PULLED, VERSIONS
from eventcoder.releases.publishing.planning import Plan, plan
from eventcoder.releases.publishing.uploading import upload
from eventcoder.releases.storage import is_url, local_path, open_store, shown
from eventcoder.releases.versions import Versions, read_versions, write_versions

if TYPE_CHECKING:
    from eventcoder.project import Project

_BUSY = "Somebody else is publishing to"


@dataclass(frozen=True, slots=True)
class Published:
    """What `publish` did: versions copied now, versions that were there already, versions whose files were taken away there.

    `target` is the place without the secrets that its address may hold. `candidates` is the same for the candidates, where they were asked for.
    """

    target: str
    latest: str | None
    copied: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    candidates: Published | None = None

    @property
    def summary(self) -> str:
        what = f"Published {', '.join(self.copied)}" if self.copied else "Nothing new to publish"
        gone = f" Removed there: {', '.join(self.removed)}." if self.removed else ""
        told = f"{what}; {self.target} has {len(self.copied) + len(self.already)} version(s), latest {self.latest or 'none'}.{gone}"
        return f"{told}\n{self.candidates.summary}" if self.candidates else told

    def as_json(self) -> dict[str, Any]:
        found = {"target": self.target, "latest": self.latest, "copied": [*self.copied], "already": [*self.already], "removed": [*self.removed]}
        return {**found, "candidates": self.candidates.as_json()} if self.candidates else found


def publish(project: Project, target: str | Path, *, candidate: bool = False, verify: bool = False) -> Published:
    """Bring a folder (of a web server, a share) or a place that a URL names (s3://, gs://, az:// ...) up to date with the project's releases.

    Can be interrupted at any moment and repeated. Candidates go to `candidate/` below the target, and only with `candidate`. What a store has
    already is compared by sizes and manifests, with `verify` by reading all of it back; a folder is always read through.
    Raises `ReleaseError` when a version there differs from ours, when one of ours is damaged, when the target knows versions that we do not,
    or when it cannot be written; nothing that was published is changed in any case. `UsageError`, `MissingPart` for targets that cannot be used.
    """
    ours = read_versions(project.releases_dir)
    unsettled = read_versions(project.releases_dir / CANDIDATES) if candidate else Versions()
    if candidate and not unsettled.versions:
        raise ReleaseError("There is no candidate to publish.", "Run 'eventcoder release --candidate' first.")
    if not ours.versions and not candidate:
        raise ReleaseError("There is no release to publish.", "Run 'eventcoder release' first.")
    results = []
    if ours.versions:
        results.append(_publish(project, project.releases_dir, ours, target, verify=verify))
    if candidate:
        below = _below(target, CANDIDATES)
        results.append(_publish(project, project.releases_dir / CANDIDATES, unsettled, below, candidate=True, verify=verify))
    first = results[0]
    if len(results) == 1:
        return first
    return Published(first.target, first.latest, first.copied, first.already, first.removed, results[1])


def _publish(project: Project, source: Path, ours: Versions, target: str | Path, *, candidate: bool = False, verify: bool) -> Published:
    if is_url(target):
        where = shown(str(target))
        if str(target).startswith(("http://", "https://")):
            raise UsageError(f"{where} cannot be written to.", "Name the folder that the web server serves, or a URL such as s3://bucket/folder.")
        state = project.state_dir / "publishing"
        with staging.locked(state, "Another publication of this project is under way; it holds"):
            done = upload(source, ours, open_store(str(target)), state, candidate=candidate, thorough=verify)
    else:
        if not str(target).strip():
            raise UsageError("No target is named.", "Name the folder to publish to, or a URL such as s3://bucket/folder.")
        folder = local_path(target)
        _may_be_published_to(folder)
        if folder.resolve().is_relative_to(project.releases_dir.resolve()):
            raise UsageError("The target is the project's own releases folder, or lies in it.", "Name the folder to publish to.")
        where = str(folder)
        done = _to_folder(source, ours, folder, candidate=candidate)
    copied, already = (tuple(v.version for v in part) for part in (done.copied, done.already))
    return Published(where, ours.latest, copied, already, done.gone)


def _to_folder(source: Path, ours: Versions, target: Path, *, candidate: bool) -> Plan:
    with staging.locked(target, _BUSY):
        try:
            staging.clean(target)
            theirs = read_versions(target)
            todo = plan(ours, theirs, str(target), candidate=candidate)
            for entry in (*todo.already, *todo.copied):
                _bring(source / entry.version, target, entry.version, entry.manifest_sha256)
            if theirs != ours or not (target / VERSIONS).is_file():
                write_versions(target, ours)
            gone = tuple(name for name in todo.gone if (target / name).is_dir())
            for name in gone:
                shutil.rmtree(target / name)
            return Plan(todo.copied, todo.already, gone)
        except OSError as error:
            with suppress(OSError):  # the half copy may be what filled the disk; what stays is cleaned by the next run
                staging.clean(target)
            raise staging.refused(target, error) from None


def _may_be_published_to(folder: Path) -> None:
    """Raises `UsageError` for what is no folder, and for folders in which other commands keep releases of their own."""
    place = folder.resolve()
    for own, what in ((place, "is a project"), (place.parent, "holds the releases of a project")):
        if (own / SETTINGS_FILE).is_file() and (own == place or place.name == "releases"):
            raise UsageError(f"{folder} {what}, which publish must not write to.", "Name the folder to publish to.")
    if (folder / PULLED).is_file():
        raise UsageError(f"{folder} is a copy made by 'eventcoder pull', which removes other versions.", "Name another folder to publish to.")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", "Name the folder to publish to.")


def _bring(folder: Path, target: Path, version: str, manifest_sha256: str) -> None:
    final = target / version
    if final.exists():
        expected.verify(final, manifest_sha256)
        return
    files = expected.verify(folder, manifest_sha256)
    staged = staging.stage(target, version)
    for name in files:
        (staged / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, staged / name)
    expected.verify(staged, manifest_sha256)
    staging.put_in_place(staged, final)


def _below(target: str | Path, name: str) -> str | Path:
    if not is_url(target):
        return local_path(target) / name
    address, mark, query = str(target).partition("?")
    return f"{address.rstrip('/')}/{name}{mark}{query}"
