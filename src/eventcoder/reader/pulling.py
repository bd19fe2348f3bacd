"""`pull`: a local copy of one version of a dataset, brought to any other version, newer or older, and proved by hashes and fingerprint. Floor 7.

    DIR/.pulled.json       that this folder is a copy, and of what; only such folders are ever changed
    DIR/versions.json      the pointer: the one version that lies here, so that `load(DIR)` reads it
    DIR/2026.11.1/         the version, whole
    DIR/.staging-VERSION/  what is on its way; kept when a pull breaks off, so that the next one goes on from there

The version that was there stays readable until the new one is whole and the pointer has moved; then its folder is removed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventcoder.dataset.canonical import fingerprint
from eventcoder.errors import NotFound, ReleaseError, UsageError
from eventcoder.project import SETTINGS_FILE
from eventcoder.reader import remote, touched
from eventcoder.reader.source import Release, Source, find
from eventcoder.releases import expected, staging
from eventcoder.releases.layout import CHECKSUMS, MANIFEST, PULLED, STAGING, VERSION_PATTERN, VERSIONS
from eventcoder.releases.manifest import FileFacts, read_manifest
from eventcoder.releases.package import all_files, file_facts
from eventcoder.releases.storage import shown
from eventcoder.releases.versions import Version, Versions, read_versions, write_versions


@dataclass(frozen=True, slots=True)
class Pulled:
    """What `pull` did: where the copy is, which version it is now and was before (None: there was none), and what came over the line.

    `counts` are events by operation (added, revised, attached, detached, retracted, merged ...) from `before` to `version`; `touched` are the events
    that leave stale rows in tables kept by id: retracted, merged, re-dated and moved ones (dicts with op, event_id, old, new, reason).
    `told` says what became of the version that was there, if it was withdrawn or redacted since.
    """

    folder: Path
    version: str
    before: str | None
    events: int
    fetched: int
    bytes: int
    kept: int
    counts: dict[str, int] = field(default_factory=dict)
    touched: list[dict[str, Any]] = field(default_factory=list)
    told: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        names = ("version", "before", "events", "fetched", "bytes", "kept", "counts", "touched")
        return {"folder": str(self.folder), **{n: getattr(self, n) for n in names}, "told": list(self.told)}


def pull(source: str | Path, to: str | Path | None = None, version: str = "latest") -> Pulled:
    """Make the folder `to` (default: named like the dataset, here) a copy of one version of `source`, whatever version it was before.

    `source` is what `load` takes. Only what is missing or damaged is fetched; every file is verified by sha256 and the tables by the release's
    fingerprint before the pointer moves, so an interruption at any moment leaves the version that was there, and the next call goes on.

    Raises `NotFound` (unknown or redacted version), `UsageError` (a folder that is no such copy), `ReleaseError` (damaged, unreachable, disk full).
    Warns (UserWarning) when the version was withdrawn.
    """
    found = find(source)
    release = found.release(version)
    entry = found.versions.entry(release.version)
    if entry is None:
        raise UsageError(
            f"{source} is one release without a list of versions around it.", "Copy that folder as it is, or name the folder of releases."
        )
    target = (Path(to) if to is not None else Path(_slug(release.manifest.project))).expanduser().absolute()
    _may_be_changed(target, found)
    with staging.locked(target, "Another pull is under way into"), _writing(target):
        _mark(target, found)
        return _bring(found, release, entry, target)


def _bring(found: Source, release: Release, entry: Version, target: Path) -> Pulled:
    _sweep(target, entry.version)
    here = _here(target)
    if here is not None and (own := read_manifest(target / here.version)[0].project) != release.manifest.project:
        raise UsageError(f"{target} is a copy of {own}, not of {release.manifest.project}.", "Name another folder with --to.")
    origin = _Origin(found, release, entry)
    final = target / entry.version
    replaced = here is not None and here.version == entry.version and here.manifest_sha256 != entry.manifest_sha256  # a candidate, a release
    place = final if final.is_dir() and not replaced else target / f"{STAGING}{entry.version}"
    place.mkdir(exist_ok=True)
    for name in all_files(place):  # what a pull that was killed left; in a version that is in place only what is surely ours
        if name not in origin.files and (place != final or Path(name).name.startswith(".part-")):
            (place / name).unlink()
    missing = expected.wrong_in(place, origin.files)
    older = target / here.version if here is not None and (replaced or here.version != entry.version) else None
    fetched = size = 0
    for name in sorted(missing):
        facts = origin.files[name]
        if older is not None and remote.intact(older / name, facts.sha256, facts.bytes):
            _copied(older / name, place / name, facts)
            continue
        origin.fetch(name, place / name)
        fetched, size = fetched + 1, size + facts.bytes
    # what is in place was proved before it came there, and its bytes are the same
    if place != final and fingerprint(touched.Tables(place)) != entry.fingerprint:
        said = f"The tables of version {entry.version} do not give the fingerprint that {VERSIONS} names."
        raise ReleaseError(said, "Tell the publisher; the copy stays as it was.")
    counts, rows, told = _compared(here, older, entry, place)
    if place != final:
        if replaced:
            shutil.rmtree(final)
        staging.put_in_place(place, final)
    write_versions(target, _only(entry, found.versions))
    if older is not None and not replaced:
        shutil.rmtree(older, ignore_errors=True)
    kept = len(origin.files) - fetched
    before = here.version if here is not None else None
    told += _told(found, here)
    return Pulled(final, entry.version, before, entry.events, fetched, size, kept, counts, rows, told)


def _compared(here: Version | None, older: Path | None, entry: Version, place: Path) -> tuple[dict[str, int], list[dict[str, Any]], tuple[str, ...]]:
    if here is None or older is None:
        return {}, [], ()
    try:
        return *touched.between(here, older, entry, place), ()
    except (ReleaseError, ValueError) as error:  # the version that goes was damaged: no reason to keep it
        return {}, [], (f"What changed since {here.version} cannot be said: {error}",)


class _Origin:
    """The files of the wanted version as they should be, and how to get one."""

    def __init__(self, found: Source, release: Release, entry: Version) -> None:
        self._release = release
        if release.folder is not None:
            self._raw = (release.folder / MANIFEST).read_bytes()
        else:
            self._raw = remote.fetch_file(remote.join(release.url, MANIFEST), entry.manifest_sha256).read_bytes()
        self._sums = expected.sums_text(release.manifest, entry.manifest_sha256).encode()
        self.files: dict[str, FileFacts] = expected.expected_files(release.manifest, self._raw)

    def fetch(self, name: str, to: Path) -> None:
        """Put one file where it belongs, verified. Raises `ReleaseError`."""
        facts = self.files[name]
        to.parent.mkdir(parents=True, exist_ok=True)
        if name in (MANIFEST, CHECKSUMS):
            aside = to.with_name(f".part-{to.name}")
            aside.write_bytes(self._raw if name == MANIFEST else self._sums)
            aside.replace(to)
        elif self._release.folder is not None:
            _copied(self._release.folder / name, to, facts)
        else:
            remote.download(remote.join(self._release.url, *name.split("/")), to, facts.sha256, facts.bytes)


def _may_be_changed(target: Path, found: Source) -> None:
    """Only an empty folder or a copy that `pull` made is written to. Raises `UsageError`."""
    own = (target / SETTINGS_FILE).exists() or (target.name == "releases" and (target.parent / SETTINGS_FILE).exists())
    if own or (found.folder is not None and found.folder.resolve() == target.resolve()):
        raise UsageError(f"{target} holds releases of a project, which pull must not replace.", "Name another folder with --to.")
    if target.is_dir():
        if not (target / PULLED).is_file() and any(p.name != staging.LOCK and not p.name.startswith(f"{PULLED}.") for p in target.iterdir()):
            raise UsageError(f"{target} holds something else than a copy made by 'eventcoder pull'.", "Name a new or empty folder with --to.")
    elif target.exists():
        raise UsageError(f"{target} is no folder.", "Name a new or empty folder with --to.")


def _mark(target: Path, found: Source) -> None:
    text = json.dumps({"source": shown(found.url) if found.url else str(found.folder)}, ensure_ascii=False) + "\n"
    path = target / PULLED
    if not path.is_file() or path.read_text("utf-8") != text:
        aside = path.with_name(f"{PULLED}.{os.getpid()}")
        aside.write_text(text, "utf-8")
        aside.replace(path)


def _here(target: Path) -> Version | None:
    """The version that lies in the copy; None where there is none, or where its list cannot be read (then all is brought anew)."""
    try:
        entries = read_versions(target).versions
    except ReleaseError:
        return None
    return entries[-1] if entries and (target / entries[-1].version / MANIFEST).is_file() else None


def _sweep(target: Path, wanted: str) -> None:
    """Remove what earlier pulls left: other versions on their way, and versions that the pointer does not name any more."""
    try:
        listed = {v.version for v in read_versions(target).versions}
    except ReleaseError:
        listed = set()
    for path in sorted(target.iterdir()):
        name = path.name.removeprefix(STAGING)
        if not path.is_dir() or path.is_symlink() or not VERSION_PATTERN.fullmatch(name):
            if path.name.startswith((f".{VERSIONS}.", f"{PULLED}.")) and path.is_file():
                path.unlink()
            continue
        if name != wanted and (path.name != name or name not in listed):
            shutil.rmtree(path)


def _only(entry: Version, versions: Versions) -> Versions:
    """The list of the copy: this one version."""
    latest = entry.version if entry.withdrawn is None else None
    return Versions(latest=latest, versions=[entry], channel=versions.channel)


def _told(found: Source, here: Version | None) -> tuple[str, ...]:
    """What became of the version that was here."""
    if here is None:
        return ()
    now = found.versions.entry(here.version)
    if now is None:
        return (f"Version {here.version}, which was here, is not listed by the source any more.",)
    if now.withdrawn is None:
        return ()
    what = "redacted" if now.withdrawn.redacted else "withdrawn"
    after = f" {now.withdrawn.successor} stands for it." if now.withdrawn.successor else ""
    return (f"Version {here.version}, which was here, was {what} on {now.withdrawn.time[:10]}: {now.withdrawn.reason.rstrip('.')}.{after}",)


def _copied(origin: Path, to: Path, facts: FileFacts) -> None:
    """A file of this machine, verified after it was copied. Raises `ReleaseError`."""
    to.parent.mkdir(parents=True, exist_ok=True)
    aside = to.with_name(f".part-{to.name}")
    try:
        if origin.is_file():
            shutil.copyfile(origin, aside)
        if not aside.is_file() or file_facts(aside).sha256 != facts.sha256:
            raise ReleaseError(f"{origin} is missing or damaged.", "Run 'eventcoder check' on the release; the copy stays as it was.")
        aside.replace(to)
    finally:
        aside.unlink(missing_ok=True)


def _slug(text: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in text.lower()).strip("-") or "dataset"


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """What the disk refuses, told with what to do."""
    try:
        yield
    except NotFound:
        raise
    except OSError as error:
        # a copy that breaks off names both ends: then it is the other one that cannot be written
        if error.filename and error.filename2 is None and not Path(error.filename).is_relative_to(target):
            raise ReleaseError(f"{error.filename} cannot be read: {error.strerror}.", "Look at its permissions; the copy stays as it was.") from None
        remedy = "The version that was there is untouched: make room and run this again; it goes on from there."
        raise ReleaseError(f"{target} cannot be written: {error.strerror or error}.", remedy) from None
