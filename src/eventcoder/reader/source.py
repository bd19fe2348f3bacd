"""Where releases come from: a project folder, a releases folder, one release folder, or the URL of either of the last two. Floor 7."""

from __future__ import annotations

import difflib
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from eventcoder.errors import NotFound, ReleaseError, UsageError
from eventcoder.project import SETTINGS_FILE, find_root
from eventcoder.reader import remote
from eventcoder.releases.layout import MANIFEST, VERSION_PATTERN, VERSIONS, version_key
from eventcoder.releases.manifest import Manifest, parse_manifest, read_manifest
from eventcoder.releases.package import file_facts
from eventcoder.releases.storage import is_url, local_path, shown
from eventcoder.releases.tables import read_parquet
from eventcoder.releases.versions import Version, Versions, parse_versions, read_versions

_GIVE = "Give a project, a folder of releases, one release, or the URL of a folder of releases."
_TELL = "Tell the publisher."


@dataclass(frozen=True, slots=True)
class Release:
    """One version that can be read: its manifest, and where its files are."""

    manifest: Manifest
    folder: Path | None
    url: str = ""

    @property
    def version(self) -> str:
        return self.manifest.version

    def path(self, name: str) -> Path:
        """A file of the release on this machine (fetched and verified if it is remote). Raises `ReleaseError` if it has none of that name."""
        facts = self.manifest.files.get(name)
        if facts is None:
            raise ReleaseError(f"Version {self.version} has no file {name}.", "It is damaged; fetch or build it again.")
        if self.folder is not None:
            return self.folder / name
        return remote.fetch_file(remote.join(self.url, *name.split("/")), facts.sha256, facts.bytes)

    def table(self, name: str) -> pa.Table:
        """A whole table."""
        return read_parquet(self.path(f"{name}.parquet"))


@dataclass(frozen=True, slots=True)
class Source:
    """A collection of releases. `single` is set where one release folder was named."""

    folder: Path | None
    url: str
    versions: Versions
    single: Release | None = None

    def release(self, version: str = "latest", *, warn: bool = True) -> Release:
        """A version by name, or the latest that was not withdrawn.

        Raises `NotFound` naming the nearest version, `ReleaseError` for a damaged or newer manifest. Warns (UserWarning) for a withdrawn one.
        """
        if self.single is not None:
            if version not in ("latest", self.single.version):
                raise NotFound(f"This folder is version {self.single.version}, not {version}.", "Name the folder that holds all releases.")
            return self.single
        wanted = self.versions.latest if version == "latest" else version
        if wanted is None:
            raise NotFound(f"{self._where()} has no version that may be used.", "Release one ('eventcoder release'), or name a withdrawn one.")
        entry = self.versions.entry(wanted)
        if entry is None:
            known = [v.version for v in self.versions.versions]
            near = difflib.get_close_matches(wanted, known, 1, 0.0)
            hint = f"Did you mean {near[0]}? There are: {', '.join(known)}." if near else "It has none."
            if wanted in self.versions.dropped:
                hint = f"It was a candidate and was removed when newer ones came; the newest is {self.versions.latest}."
            raise NotFound(f"{self._where()} has no version {wanted!r}.", hint)
        if entry.withdrawn and entry.withdrawn.redacted:
            successor = self.versions.successor_of(wanted)
            instead = f"Use {successor}, which stands for it." if successor else "No version stands for it."
            raise NotFound(f"Version {wanted} was redacted on {entry.withdrawn.time[:10]}: {entry.withdrawn.reason}", instead)
        if entry.withdrawn and warn:
            message = f"Version {wanted} was withdrawn on {entry.withdrawn.time[:10]}: {entry.withdrawn.reason}"
            warnings.warn(message, UserWarning, stacklevel=4)
        return self._open(entry)

    def between(self, older: str, newer: str) -> list[Release]:
        """The releases after `older` up to `newer`, along `previous`; empty if the chain does not reach."""
        chain = []
        name: str | None = newer
        while name is not None and name != older:
            entry = self.versions.entry(name)
            if entry is None:
                return []
            chain.append(self._open(entry))
            name = entry.previous
        return chain[::-1] if name == older else []

    def _open(self, entry: Version) -> Release:
        if self.folder is not None:
            folder = self.folder / entry.version
            manifest, _ = read_manifest(folder)
            found = file_facts(folder / MANIFEST).sha256
            if found != entry.manifest_sha256:
                raise ReleaseError(f"{folder / MANIFEST} is not the manifest that {VERSIONS} names.", "Run 'eventcoder check' on it.")
            return Release(manifest, folder)
        url = remote.join(self.url, entry.version)
        path = remote.fetch_file(remote.join(url, MANIFEST), entry.manifest_sha256)
        return Release(parse_manifest(path.read_bytes(), shown(remote.join(url, MANIFEST)))[0], None, url)

    def _where(self) -> str:
        return str(self.folder) if self.folder else shown(self.url)


def find(source: str | Path | None = None) -> Source:
    """The releases that `source` names; without one those of the project around the current folder.

    Raises `UsageError` for a folder without releases, `ProjectError` without project, `ReleaseError` for lists that cannot be read.
    """
    if isinstance(source, str):
        if is_url(source.strip()):
            return _by_url(source)
        if not source.strip():
            raise UsageError("No place is named.", _GIVE)
    folder = find_root() if source is None else local_path(source)
    try:
        return _by_folder(folder)
    except OSError as error:
        raise ReleaseError(f"{folder} cannot be read: {error.strerror or error}.", "Look at its permissions, and at its spelling.") from None


def _by_folder(folder: Path) -> Source:
    if (folder / VERSIONS).is_file():
        return Source(folder, "", read_versions(folder))
    if (folder / SETTINGS_FILE).is_file() or (folder / "releases" / VERSIONS).is_file():
        return Source(folder / "releases", "", read_versions(folder / "releases"))
    if (folder / MANIFEST).is_file():
        manifest, _ = read_manifest(folder)
        if (folder.parent / VERSIONS).is_file():
            versions = read_versions(folder.parent)
            if versions.entry(manifest.version) is not None:
                return Source(folder.parent, "", versions, Source(folder.parent, "", versions).release(manifest.version))
        return Source(None, "", Versions(), Release(manifest, folder))
    what = "is not there" if not folder.exists() else f"holds neither {SETTINGS_FILE}, {VERSIONS} nor {MANIFEST}"
    raise UsageError(f"{folder} {what}.", _GIVE)


def _by_url(source: str) -> Source:
    """A folder of releases, or one release in it, by URL; the list of versions itself may be named too."""
    address, mark, query = source.strip().partition("?")
    scheme, _, rest = address.partition("://")
    if not rest.strip("/"):
        raise UsageError(f"{shown(source)} names no host or bucket.", _GIVE)
    address = f"{scheme.lower()}://{rest}".rstrip("/").removesuffix(f"/{VERSIONS}").removesuffix(f"/{MANIFEST}")
    folder, _, last = address.rpartition("/")
    one = last if VERSION_PATTERN.fullmatch(last) and "://" in folder else None
    base = (folder if one else address) + mark + query
    found = Source(None, base, remote.fetch_list(remote.join(base, VERSIONS), partial(parse_versions, remedy=_TELL)))
    for gone in found.versions.redacted:
        remote.forget(gone.manifest_sha256)
    return Source(None, base, found.versions, found.release(one)) if one else found


def in_order(older: str, newer: str) -> bool:
    """Whether one version comes before the other."""
    return version_key(older) < version_key(newer)
