"""Which files a release consists of, each with hash and size, told by its manifest alone. Floor 6.

Who copies a release copies these and nothing else: what lies beside them by chance (a note, a file of the desktop) stays where it is.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from eventcoder.errors import ReleaseError
from eventcoder.releases.bounded import kind_of, read_bytes
from eventcoder.releases.layout import CHECKSUMS, MANIFEST
from eventcoder.releases.manifest import LARGEST_MANIFEST, FileFacts, Manifest, parse_manifest
from eventcoder.releases.package import file_facts

RESTORE = "Restore the release; published ones never change."


def sums_text(manifest: Manifest, manifest_sha256: str) -> str:
    """What SHA256SUMS says."""
    hashes = {**{name: facts.sha256 for name, facts in manifest.files.items()}, MANIFEST: manifest_sha256}
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))


def expected_files(manifest: Manifest, raw: bytes) -> dict[str, FileFacts]:
    """All files of a release, the manifest (`raw`) and the checksums included."""
    own = facts_of_bytes(raw)
    sums = facts_of_bytes(sums_text(manifest, own.sha256).encode())
    return {**{n: FileFacts(sha256=f.sha256, bytes=f.bytes) for n, f in manifest.files.items()}, MANIFEST: own, CHECKSUMS: sums}


def facts_of_bytes(data: bytes) -> FileFacts:
    """Hash and size of some bytes."""
    return FileFacts(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


def own_files(folder: Path, manifest_sha256: str) -> dict[str, FileFacts]:
    """The files that a release folder should have. Raises `ReleaseError` if its manifest is not the one that the list of versions names."""
    raw = read_bytes(folder / MANIFEST, LARGEST_MANIFEST)
    found = expected_files(parse_manifest(raw, str(folder / MANIFEST))[0], raw)
    if found[MANIFEST].sha256 != manifest_sha256:
        raise ReleaseError(f"{folder / MANIFEST} is not the manifest that versions.json names.", RESTORE)
    return found


def wrong_in(folder: Path, files: dict[str, FileFacts]) -> dict[str, str]:
    """The files that are not as they should be, read through: name -> "missing" or "damaged"."""

    def state(name: str) -> str:
        path, facts = folder / name, files[name]
        if kind_of(path) != "file":
            return "missing" if kind_of(path) == "absent" else "damaged"
        return "damaged" if path.stat().st_size != facts.bytes or file_facts(path).sha256 != facts.sha256 else ""

    with ThreadPoolExecutor(2) as threads:  # hashing does not hold up other threads
        return {name: found for name, found in zip(files, threads.map(state, files), strict=True) if found}


def verify(folder: Path, manifest_sha256: str) -> dict[str, FileFacts]:
    """Read every file of a release folder through; what it consists of. Raises `ReleaseError` naming the first that is not as it should be."""
    files = own_files(folder, manifest_sha256)
    for name, state in wrong_in(folder, files).items():
        raise ReleaseError(f"{folder / name} is {state}.", RESTORE)
    return files
