"""Publish to a store by URL: aside, read back, put in place, the list of versions last. Floor 6.

.staging-VERSION/...   what is on its way; kept when a run breaks off, and what is whole in it is not sent again
VERSION/...            in place; nobody looks here before versions.json names the version
versions.json          written last, in one put; a reader sees the old list or the new one
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from eventcoder.errors import ReleaseError
from eventcoder.releases import expected
from eventcoder.releases.bounded import LARGEST_JSON
from eventcoder.releases.layout import CHECKSUMS, MANIFEST, STAGING, VERSION_PATTERN, VERSIONS
from eventcoder.releases.manifest import FileFacts
from eventcoder.releases.publishing.claiming import claimed
from eventcoder.releases.publishing.planning import Plan, plan
from eventcoder.releases.storage import Store
from eventcoder.releases.versions import Version, Versions, parse_versions, versions_text

T = TypeVar("T")
_AT_ONCE = 8  # files on their way at a time


def upload(source: Path, ours: Versions, store: Store, state: Path, *, candidate: bool, thorough: bool) -> Plan:
    """Bring a store up to date with a folder of releases; what was done. Raises `ReleaseError`; nothing that was published changes then.

    What is published there already is compared by the sizes of its files and the hash of its manifest, with `thorough` by reading all of it.
    """
    with claimed(store, state) as claim:
        before = store.read(VERSIONS, LARGEST_JSON)
        theirs = Versions() if before is None else parse_versions(before, f"{store.shown}/{VERSIONS}")
        todo = plan(ours, theirs, store.shown, candidate=candidate)
        for entry in todo.already:
            _look(store, entry, expected.own_files(source / entry.version, entry.manifest_sha256), thorough=thorough)
        for entry in todo.copied:
            _bring(store, entry, source / entry.version)
        if store.read(VERSIONS, LARGEST_JSON) != before or not claim.held():
            raise ReleaseError(f"Somebody else published to {store.shown} meanwhile.", "Run this again.")
        text = versions_text(ours).encode()
        if theirs != ours or before is None:
            store.write(VERSIONS, text)
            if store.read(VERSIONS, LARGEST_JSON) != text:
                raise ReleaseError(f"{store.shown}/{VERSIONS} does not come back as it was written.", "Run this again.")
        there = store.folders()
        gone = tuple(name for name in todo.gone if name in there)
        for name in gone:
            store.remove(name)
        for name in there:
            if name.startswith(STAGING) and VERSION_PATTERN.fullmatch(name.removeprefix(STAGING)):
                store.remove(name)
    return Plan(todo.copied, todo.already, gone)


def _look(store: Store, entry: Version, files: dict[str, FileFacts], *, thorough: bool) -> None:
    sizes = store.sizes(entry.version)
    for name, facts in files.items():
        state = "missing" if name not in sizes else "damaged" if sizes[name] != facts.bytes else ""
        if state:
            raise _spoilt(store, entry.version, name, state)
    looked = files if thorough else _small(files)
    for name in _unlike(store, entry.version, looked):
        raise _spoilt(store, entry.version, name, "damaged")


def _spoilt(store: Store, version: str, name: str, state: str) -> ReleaseError:
    said = f"{store.shown}/{version}/{name} is {state}, though version {version} is published there."
    return ReleaseError(said, f"Somebody changed the published files: remove {version}/ there, and its entry in {VERSIONS}, and publish again.")


def _bring(store: Store, entry: Version, folder: Path) -> None:
    """One version: sent aside, read back, copied into place, and looked at there."""
    files = expected.verify(folder, entry.manifest_sha256)
    final, aside = entry.version, f"{STAGING}{entry.version}"
    there = store.sizes(final)
    if _fits(there, files) and not _unlike(store, final, files):
        return  # an earlier run broke off just before the list of versions
    sent = store.sizes(aside)
    same_size = {n: f for n, f in files.items() if sent.get(n) == f.bytes}
    again = (set(files) - set(same_size)) | set(_unlike(store, aside, same_size))
    _each(lambda name: store.upload(folder / name, f"{aside}/{name}"), sorted(again))
    spoilt = _unlike(store, aside, {n: files[n] for n in sorted(again)})
    if spoilt:
        raise ReleaseError(f"{store.shown}/{aside}/{spoilt[0]} does not come back as it was sent.", "Run this again; nothing was published.")
    for name in there.keys() - files.keys():  # nobody knows of them: the version is not published yet
        store.remove(f"{final}/{name}")
    _each(lambda name: store.place(f"{aside}/{name}", f"{final}/{name}"), sorted(files))
    if not _fits(store.sizes(final), files) or _unlike(store, final, _small(files)):  # the store itself copied what had been read back
        raise ReleaseError(f"{store.shown}/{final} is not what was sent.", "Run this again; nothing was published.")
    store.remove(aside)


def _small(files: dict[str, FileFacts]) -> dict[str, FileFacts]:
    return {n: f for n, f in files.items() if n in (MANIFEST, CHECKSUMS)}


def _fits(sizes: dict[str, int], files: dict[str, FileFacts]) -> bool:
    return sizes == {name: facts.bytes for name, facts in files.items()}


def _unlike(store: Store, folder: str, files: dict[str, FileFacts]) -> list[str]:
    """The files of which the store gives back something else, read through."""
    names = sorted(files)
    found = _each(lambda name: store.facts(f"{folder}/{name}"), names)
    return [n for n, f in zip(names, found, strict=True) if f is None or (f.sha256, f.bytes) != (files[n].sha256, files[n].bytes)]


def _each(job: Callable[[str], T], names: Iterable[str]) -> list[T]:
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(job, names))
