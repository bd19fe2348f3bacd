"""`versions.json`: which versions there are, which is the latest, which were withdrawn and why. Floor 6.

The only file of a releases folder that ever changes. It is written last, to a temporary file that is renamed into place, so a reader sees
the old list or the new one. A release that is not in it does not exist for readers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pydantic import Field, SerializerFunctionWrapHandler, ValidationError, model_serializer, model_validator

from eventcoder.errors import NotFound, ReleaseError
from eventcoder.releases.bounded import LARGEST_JSON, kind_of, read_bytes, strict_json
from eventcoder.releases.layout import VERSION_PATTERN, VERSIONS, version_key
from eventcoder.releases.manifest import RELEASED, SHA256, Channel, Strict, without_defaults

FORMAT = 1
RESTORE = "Restore it from git or from where the releases are published."


class Withdrawn(Strict):
    """That a version should not be used any more, since when, and why. Its files stay: who used it must be able to see what it was.

    Unless it was `redacted`: something had to be taken out of it, and its files are gone, here and wherever it is published. `successor` is the
    version that stands for it: the same data without what was taken out. Both are written only where they say something.
    """

    reason: str = Field(min_length=1)
    time: str
    redacted: bool = False
    successor: str | None = Field(default=None, pattern=f"^{VERSION_PATTERN.pattern}$")

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {k: v for k, v in handler(self).items() if v or k in ("reason", "time")}


class Version(Strict):
    """One release: enough to verify its manifest and to choose among versions."""

    version: str = Field(pattern=f"^{VERSION_PATTERN.pattern}$")
    created: str
    previous: str | None
    manifest_sha256: str = Field(pattern=SHA256)
    fingerprint: str = Field(pattern=SHA256)
    events: int = Field(ge=0)
    notes: str = ""
    withdrawn: Withdrawn | None = None


class Versions(Strict):
    """The whole file. `latest` is the newest version that was not withdrawn, null if there is none.

    A folder of candidates says so by its `channel`; `dropped` are the candidates whose files were taken away when newer ones came. Both are
    written only where they say something else than in a folder of releases.
    """

    format: int = Field(default=FORMAT, ge=1, le=FORMAT)
    latest: str | None = None
    versions: list[Version] = Field(default_factory=list)
    channel: Channel = RELEASED
    dropped: list[str] = Field(default_factory=list)

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return without_defaults(self, handler(self), "format", "latest", "versions")

    @model_validator(mode="after")
    def _consistent(self) -> Versions:
        names = [v.version for v in self.versions]
        if len(set(names)) != len(names):
            raise ValueError("a version stands twice")
        if self.latest != _latest(self.versions):
            raise ValueError(f"latest is {self.latest!r}, but the newest version that was not withdrawn is {_latest(self.versions)!r}")
        return self

    def entry(self, version: str) -> Version | None:
        """The entry of exactly this version, or None."""
        return next((v for v in self.versions if v.version == version), None)

    def adding(self, new: Version) -> Versions:
        """The list with one more version, or with the entry of the same version replaced."""
        kept = [v for v in self.versions if v.version != new.version]
        every = sorted([*kept, new], key=lambda v: version_key(v.version))
        return Versions(latest=_latest(every), versions=every, channel=self.channel, dropped=self.dropped)

    def dropping(self, names: Collection[str]) -> Versions:
        """The list without these versions, which it keeps as dropped."""
        kept = [v for v in self.versions if v.version not in names]
        gone = sorted({*self.dropped, *names}, key=version_key)
        return Versions(latest=_latest(kept), versions=kept, channel=self.channel, dropped=gone)

    @property
    def redacted(self) -> list[Version]:
        """The versions whose files must be nowhere any more, oldest first: whoever keeps or copies releases removes their folders."""
        return [v for v in self.versions if v.withdrawn is not None and v.withdrawn.redacted]

    def successor_of(self, version: str) -> str | None:
        """The version that stands for one that ended: its successor, or where that ended too, the successor of that. None if there is none."""
        seen: set[str] = set()
        while (entry := self.entry(version)) is not None and entry.withdrawn is not None and version not in seen:
            seen.add(version)
            if entry.withdrawn.successor is None:
                return None
            version = entry.withdrawn.successor
        return version if entry is not None and version not in seen else None

    def withdrawing(self, version: str, reason: str, time: str) -> Versions:
        """The list with one version marked as withdrawn. Raises `NotFound`, and `ReleaseError` if it already is."""
        found = self.entry(version)
        if found is None:
            raise NotFound(f"There is no version {version}.", f"Known: {', '.join(v.version for v in self.versions) or 'none'}.")
        if found.withdrawn:
            raise ReleaseError(f"Version {version} is already withdrawn: {found.withdrawn.reason}")
        return self.adding(found.model_copy(update={"withdrawn": Withdrawn(reason=reason, time=time)}))


def _latest(versions: list[Version]) -> str | None:
    good = [v.version for v in versions if v.withdrawn is None]
    return max(good, key=version_key) if good else None


def parse_versions(text: str | bytes, where: str, remedy: str = RESTORE) -> Versions:
    """Raises `ReleaseError` for anything that is not a list of versions of a known format."""
    try:
        raw = strict_json(text, where, remedy)
        number = raw.get("format") if isinstance(raw, dict) else None
        if isinstance(number, int) and not isinstance(number, bool) and number > FORMAT:
            raise ReleaseError(f"{where} has format {number}; this eventcoder knows {FORMAT}.", "Upgrade it: pip install -U eventcoder.")
        return Versions.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"]) or "the file"
        raise ReleaseError(f"{where}: {place}: {first['msg']}.", remedy) from None


def read_versions(folder: Path) -> Versions:
    """The list of a releases folder; an empty one if the file does not exist yet. Raises `ReleaseError`."""
    path = folder / VERSIONS
    if kind_of(path) == "absent":
        return Versions()
    return parse_versions(read_bytes(path, LARGEST_JSON), str(path))


def versions_text(versions: Versions) -> str:
    """The list as the file has it."""
    return json.dumps(versions.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def write_versions(folder: Path, versions: Versions) -> None:
    """Replace the list in one step, durably."""
    temporary = folder / f".{VERSIONS}.{os.getpid()}"
    with temporary.open("w", encoding="utf-8", newline="\n") as out:
        out.write(versions_text(versions))
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(folder / VERSIONS)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (where the system lets a folder be opened)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
