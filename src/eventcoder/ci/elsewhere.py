"""Releases some of whose files lie in object storage: what can be said of them by the pointers that stand in git. Floor 7."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eventcoder.ci.git import LARGEST_POINTER, Pointer, pointer
from eventcoder.errors import ReleaseError
from eventcoder.problem import Problem
from eventcoder.releases.layout import CHECKSUMS, MANIFEST
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.package import file_facts


def pointers(folder: Path) -> dict[str, Pointer]:
    """The files of a release that are pointers: name in the release -> what it means."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST_POINTER:
            meant = pointer(path.read_bytes())
            if meant is not None:
                found[path.relative_to(folder).as_posix()] = meant
    return found


def check_pointers(folder: Path, meant: dict[str, Pointer]) -> Iterator[Problem]:
    """Each pointer against the manifest, and the manifest against SHA256SUMS: what `check` cannot do while the files are elsewhere."""
    try:
        manifest, _ = read_manifest(folder)
    except ReleaseError:
        return  # `check` tells it
    for name, one in meant.items():
        facts = manifest.files.get(name)
        if facts is not None and (facts.sha256, facts.bytes) != (one.sha256, one.bytes):
            told = f"{name} is a pointer to another file than the manifest says. Restore the pointer from git."
            yield Problem("changed-file", told, value=one.sha256, where=name)
        else:
            told = f"{name} lies in object storage; its pointer fits the manifest. For the whole check fetch it: 'git lfs pull', or lfs: true in CI."
            yield Problem("release-file-elsewhere", told, "info", value=one.bytes, where=name)
    sums = folder / CHECKSUMS
    wanted = {name: facts.sha256 for name, facts in manifest.files.items()} | {MANIFEST: file_facts(folder / MANIFEST).sha256}
    lines = sums.read_text("utf-8", "replace").splitlines() if sums.is_file() else []
    listed = {name: hash_ for hash_, _, name in (line.partition("  ") for line in lines)}
    if listed != wanted:
        yield Problem("checksums-differ", f"{CHECKSUMS} does not fit the manifest. Restore it from git.", where=CHECKSUMS)
