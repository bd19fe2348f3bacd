"""What a publication has to do: our versions against those that the target names. Floor 6."""

from __future__ import annotations

from dataclasses import dataclass

from eventcoder.errors import ReleaseError
from eventcoder.releases.layout import version_key
from eventcoder.releases.versions import Version, Versions


@dataclass(frozen=True, slots=True)
class Plan:
    """Versions to copy, versions that are published there, and versions whose files must not lie there any more."""

    copied: tuple[Version, ...]
    already: tuple[Version, ...]
    gone: tuple[str, ...]


def is_redacted(entry: Version) -> bool:
    """Whether the files of a version were taken back for good."""
    return entry.withdrawn is not None and entry.withdrawn.redacted


def plan(ours: Versions, theirs: Versions, where: str, *, candidate: bool = False) -> Plan:
    """Raises `ReleaseError` where the target has what we do not know, or another content under one of our numbers.

    Redacted versions are taken away from the target too. Of candidates the old ones are dropped, so the target may name older ones than we have.
    """
    newest = max((version_key(v.version) for v in ours.versions), default=(0, 0, 0))
    dropped = []
    for entry in theirs.versions:
        mine = ours.entry(entry.version)
        if mine is None:
            if not candidate or version_key(entry.version) > newest:
                raise ReleaseError(f"{where} has version {entry.version}, which this project does not know.", "Fetch the newest releases first.")
            dropped.append(entry.version)
        elif mine.manifest_sha256 != entry.manifest_sha256 and not is_redacted(mine):
            raise ReleaseError(
                f"Version {entry.version} is published in {where} with other content.",
                "A published version never changes: release the correction under a new number.",
            )
        elif (entry.withdrawn and not mine.withdrawn) or (is_redacted(entry) and not is_redacted(mine)):
            raise ReleaseError(
                f"{where} says that {entry.version} was withdrawn, which this project does not know.", "Fetch the newest releases first."
            )
    standing = [v for v in ours.versions if not is_redacted(v)]
    return Plan(
        copied=tuple(v for v in standing if theirs.entry(v.version) is None),
        already=tuple(v for v in standing if theirs.entry(v.version) is not None),
        gone=(*(v.version for v in ours.versions if is_redacted(v)), *dropped),
    )
