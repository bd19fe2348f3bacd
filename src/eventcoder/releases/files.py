"""Checks of a release's files as files: present, nothing more, unchanged, inside the folder. Floor 6."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eventcoder.problem import Problem
from eventcoder.releases.layout import CHECKSUMS, MANIFEST, VERSIONS, required_files
from eventcoder.releases.manifest import FileFacts, Manifest, is_safe
from eventcoder.releases.package import all_files, checksums, file_facts
from eventcoder.releases.versions import parse_versions


def check_files(folder: Path, manifest: Manifest) -> Iterator[Problem]:
    """Every file against the manifest, and the manifest against SHA256SUMS and the list of versions beside the release."""
    hashes: dict[str, str] = {}
    present = all_files(folder)
    for name in present:
        path = folder / name
        if path.is_symlink():
            yield Problem("link-in-release", f"{name} is a link. A release holds plain files; fetch it again.", where=name)
            continue
        if not is_safe(name):
            yield Problem("unsafe-name", f"{name!r} is no name of a file of a release. Take it out.", where=name)
        if name in (MANIFEST, CHECKSUMS):
            continue
        facts = manifest.files.get(name)
        if facts is None:
            yield Problem("extra-file", f"{name} is not in the manifest. Take it out, or fetch the release again.", where=name)
            continue
        found = file_facts(path)
        hashes[name] = found.sha256
        yield from _compared(name, facts, found)
    for name in sorted(set(manifest.files) - set(present)):
        yield Problem("missing-file", f"{name} is in the manifest and not there. Fetch the release again.", where=name)
    for name in required_files():
        if name not in manifest.files:
            yield Problem("missing-file", f"{name} belongs to every release and is not in the manifest.", where=name)
    yield from _checksums(folder, hashes)
    yield from _listed(folder, manifest)


def _compared(name: str, facts: FileFacts, found: FileFacts) -> Iterator[Problem]:
    if found.bytes != facts.bytes:
        said = f"{name} has {found.bytes} bytes, the manifest says {facts.bytes}. It was changed or cut; fetch the release again."
        yield Problem("changed-file", said, value=found.bytes, where=name)
    elif found.sha256 != facts.sha256:
        said = f"{name} has another sha256 than the manifest says. It was changed; fetch the release again."
        yield Problem("changed-file", said, value=found.sha256, where=name)


def _checksums(folder: Path, hashes: dict[str, str]) -> Iterator[Problem]:
    path = folder / CHECKSUMS
    if path.is_symlink() or not path.is_file():
        yield Problem("missing-file", f"{CHECKSUMS} is not there. Fetch the release again.", where=CHECKSUMS)
        return
    expected = _by_name(checksums(folder, hashes))
    try:
        lines = path.read_bytes().decode("utf-8")
        found = _by_name(lines)
    except (UnicodeDecodeError, ValueError):
        yield Problem("changed-file", f"{CHECKSUMS} is not in the form of sha256sum. Fetch the release again.", where=CHECKSUMS)
        return
    if found.get(MANIFEST) != expected.get(MANIFEST):
        yield Problem("changed-file", f"{MANIFEST} has another sha256 than {CHECKSUMS} says. Fetch the release again.", where=MANIFEST)
    if found != expected or lines != "".join(f"{h}  {n}\n" for n, h in found.items()):
        differing = sorted(n for n in set(found) | set(expected) if found.get(n) != expected.get(n)) or ["its form"]
        said = f"{CHECKSUMS} does not fit the files ({', '.join(differing[:3])}). Fetch the release again."
        yield Problem("checksums-differ", said, where=CHECKSUMS)


def _by_name(lines: str) -> dict[str, str]:
    """name -> hash. Raises ValueError for a line of another form."""
    found = {}
    for line in lines.splitlines():
        hash_, name = line.split("  ", 1)
        found[name] = hash_
    return found


def _listed(folder: Path, manifest: Manifest) -> Iterator[Problem]:
    """The list of versions beside the release, where there is one, must name it with this manifest."""
    path = folder.parent / VERSIONS
    if not path.is_file():
        return
    versions = parse_versions(path.read_bytes(), str(path))
    entry = versions.entry(manifest.version)
    if entry is None:
        yield Problem("unlisted-version", f"{VERSIONS} does not name {manifest.version}: it was never published.", "warning", where=VERSIONS)
        return
    if entry.manifest_sha256 != file_facts(folder / MANIFEST).sha256:
        yield Problem("changed-file", f"{MANIFEST} is not the one that {VERSIONS} names. Fetch the release again.", where=MANIFEST)
    if entry.fingerprint != manifest.fingerprint:
        yield Problem("fingerprint-mismatch", f"{VERSIONS} names another fingerprint for {manifest.version}.", where=VERSIONS)
    if entry.withdrawn:
        yield Problem("withdrawn-version", f"{manifest.version} was withdrawn: {entry.withdrawn.reason}", "warning", where=VERSIONS)
