"""Checks of a release's files as files: present, nothing more, unchanged, inside the folder. Floor 6.

Nothing is opened that is not a plain file of the manifest with the size that the manifest says: what lies in the folder may be a link out of it, a
pipe that never ends, or a file of terabytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from eventcoder.errors import ReleaseError
from eventcoder.problem import Problem
from eventcoder.releases.bounded import LARGEST_FILE, LARGEST_JSON, LARGEST_SUMS, MOST_FILES, Kind, kind_of, read_bytes
from eventcoder.releases.layout import CHECKSUMS, MANIFEST, VERSIONS, required_files
from eventcoder.releases.manifest import FileFacts, Manifest, folded_name, is_safe
from eventcoder.releases.package import file_facts
from eventcoder.releases.versions import parse_versions

# After one of these there is no sense, or some danger, in reading what is in the files.
UNREADABLE = frozenset({"missing-file", "link-in-release", "not-a-file", "unsafe-name"})


def check_files(folder: Path, manifest: Manifest) -> Iterator[Problem]:
    """Every file against the manifest, and the manifest against SHA256SUMS and the list of versions beside the release."""
    present = _walk(folder)
    if len(present) > MOST_FILES:
        yield Problem("extra-file", f"There are more than {MOST_FILES:,} files in {folder}. A release has about a hundred; fetch it again.")
        return
    plain: list[str] = []
    for name, kind in present.items():
        found = _out_of_place(name, kind, manifest)
        if found:
            yield found
        elif kind == "file" and name not in (MANIFEST, CHECKSUMS):
            plain.append(name)
    yield from _twins(present)
    hashes: dict[str, str] = {}
    for name, facts in zip(plain, _facts(folder, plain, manifest), strict=True):
        hashes[name] = facts.sha256
        yield from _compared(name, manifest.files[name], facts)
    for name in sorted(n for n in manifest.files if present.get(n) not in ("file", "link", "other")):
        yield Problem("missing-file", f"{name} is in the manifest and not there. Fetch the release again.", where=name)
    for name in required_files():
        if name not in manifest.files:
            yield Problem("missing-file", f"{name} belongs to every release and is not in the manifest.", where=name)
    unknown = {n: "" for n, kind in present.items() if kind != "folder" and n not in (*hashes, MANIFEST, CHECKSUMS)}
    yield from _checksums(folder, {**hashes, **unknown})
    yield from _listed(folder, manifest)


def _walk(folder: Path) -> dict[str, Kind]:
    """Relative name -> kind of everything in the folder, in order of name; links are named, not followed. It ends soon after `MOST_FILES`.

    Folders are named only where they hold nothing: what they hold names them otherwise.
    """
    found: dict[str, Kind] = {}
    waiting = [folder]
    while waiting and len(found) <= MOST_FILES:
        here = waiting.pop()
        empty = True
        with os.scandir(here) as entries:
            for entry in entries:
                empty = False
                path = Path(entry.path)
                kind = kind_of(path)
                if kind == "folder":
                    waiting.append(path)
                else:
                    found[path.relative_to(folder).as_posix()] = kind
                if len(found) + len(waiting) > MOST_FILES:
                    break
        if empty and here != folder:
            found[here.relative_to(folder).as_posix()] = "folder"
    return dict(sorted(found.items()))


def _out_of_place(name: str, kind: Kind, manifest: Manifest) -> Problem | None:
    """What is wrong with a file before it is opened."""
    shown = name.encode("utf-8", "backslashreplace").decode()  # a name may be no text at all
    if kind == "link":
        return Problem("link-in-release", f"{shown} is a link. A release holds plain files; fetch it again.", where=shown)
    if kind == "other":
        return Problem("not-a-file", f"{shown} is a pipe or a device, no file. Take it out and mistrust where it came from.", where=shown)
    if not is_safe(name):
        return Problem("unsafe-name", f"{shown!r} is no name of a file of a release. Take it out.", where=shown)
    if kind == "folder" or (name not in manifest.files and name not in (MANIFEST, CHECKSUMS)):
        return Problem("extra-file", f"{shown} is not in the manifest. Take it out, or fetch the release again.", where=shown)
    return None


def _twins(names: dict[str, Kind]) -> Iterator[Problem]:
    """Names that are one on systems that do not tell capitals or forms of letters apart."""
    seen: dict[str, str] = {}
    for name in names:
        twin = seen.setdefault(folded_name(name), name)
        if twin != name:
            shown = name.encode("utf-8", "backslashreplace").decode()
            said = f"{shown!r} and {twin!r} differ only in capitals or in the form of a letter; elsewhere they are one file. Take one out."
            yield Problem("unsafe-name", said, where=shown)


def _facts(folder: Path, names: Sequence[str], manifest: Manifest) -> list[FileFacts]:
    """Size and hash of the files, two at a time; a file of another size than it should have is not hashed."""

    def facts(name: str) -> FileFacts:
        path = folder / name
        size = path.stat().st_size
        if size != manifest.files[name].bytes or size > LARGEST_FILE:
            return FileFacts(sha256="0" * 64, bytes=size)
        return file_facts(path)

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(facts, names))


def _compared(name: str, facts: FileFacts, found: FileFacts) -> Iterator[Problem]:
    if found.bytes != facts.bytes:
        said = f"{name} has {found.bytes} bytes, the manifest says {facts.bytes}. It was changed or cut; fetch the release again."
        yield Problem("changed-file", said, value=found.bytes, where=name)
    elif found.sha256 != facts.sha256:
        said = f"{name} has another sha256 than the manifest says. It was changed; fetch the release again."
        yield Problem("changed-file", said, value=found.sha256, where=name)


def _checksums(folder: Path, hashes: dict[str, str]) -> Iterator[Problem]:
    """SHA256SUMS against what was found: `hashes` of all files but it and the manifest."""
    try:
        lines = read_bytes(folder / CHECKSUMS, LARGEST_SUMS).decode("utf-8")
        found = _by_name(lines)
    except ReleaseError as error:
        code = "missing-file" if kind_of(folder / CHECKSUMS) in ("absent", "folder") else "changed-file"
        yield Problem(code, str(error), where=CHECKSUMS)
        return
    except (UnicodeDecodeError, ValueError):
        yield Problem("changed-file", f"{CHECKSUMS} is not in the form of sha256sum. Fetch the release again.", where=CHECKSUMS)
        return
    expected = {**hashes, MANIFEST: file_facts(folder / MANIFEST).sha256}
    if found.get(MANIFEST) != expected[MANIFEST]:
        yield Problem("changed-file", f"{MANIFEST} has another sha256 than {CHECKSUMS} says. Fetch the release again.", where=MANIFEST)
    if found != expected or lines != "".join(f"{h}  {n}\n" for n, h in found.items()):
        differing = sorted(n for n in set(found) | set(expected) if found.get(n) != expected.get(n)) or ["its form"]
        shown = ", ".join(n[:100].encode("utf-8", "backslashreplace").decode() for n in differing[:3])
        yield Problem("checksums-differ", f"{CHECKSUMS} does not fit the files ({shown}). Fetch the release again.", where=CHECKSUMS)


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
    if kind_of(path) == "absent":
        return
    try:
        versions = parse_versions(read_bytes(path, LARGEST_JSON), str(path))
    except ReleaseError as error:
        yield Problem("bad-manifest", f"{error} It cannot be told whether {manifest.version} was published as it is.", where=VERSIONS)
        return
    entry = versions.entry(manifest.version)
    if entry is None:
        yield Problem("unlisted-version", f"{VERSIONS} does not name {manifest.version}: it was never published.", "warning", where=VERSIONS)
        return
    if entry.manifest_sha256 != file_facts(folder / MANIFEST).sha256:
        yield Problem("changed-file", f"{MANIFEST} is not the one that {VERSIONS} names. Fetch the release again.", where=MANIFEST)
    if entry.fingerprint != manifest.fingerprint:
        yield Problem("fingerprint-mismatch", f"{VERSIONS} names another fingerprint for {manifest.version}.", where=VERSIONS)
    for name, said in (("previous", manifest.previous), ("events", manifest.counts.get("events"))):
        if getattr(entry, name) != said:
            yield Problem("bad-manifest", f"{VERSIONS} says another '{name}' for {manifest.version} than its manifest.", field=name, where=VERSIONS)
    if entry.withdrawn:
        yield Problem("withdrawn-version", f"{manifest.version} was withdrawn: {entry.withdrawn.reason}", "warning", where=VERSIONS)
