"""Released files against those of the base: byte for byte the same, none gone, and the list of versions only grows. Floor 7.

Files are compared by the ids that git gives their bytes. A file in object storage (Git LFS) has a pointer in git that names its sha256: a pointer
and the file that it means are the same file. What a redaction takes away is judged by `reissued`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from eventcoder.ci.git import LARGEST_POINTER, Blob, Repository, pointer
from eventcoder.ci.reissued import inspect_reissued, is_redaction, listed
from eventcoder.errors import ReleaseError
from eventcoder.problem import Problem
from eventcoder.releases.layout import VERSION_PATTERN, VERSIONS, version_key
from eventcoder.releases.package import file_facts
from eventcoder.releases.versions import Version, Versions, parse_versions, read_versions

FOLDER = "releases"
LISTED = f"{FOLDER}/{VERSIONS}"
RESTORE = "Restore it from git: a released version never changes. Withdraw it with 'eventcoder withdraw' if it is wrong, and release again."


def inspect_released(repository: Repository, commit: str | None, root: Path) -> tuple[list[str], list[Problem]]:
    """What was compared, in words, and what is wrong with `releases/` of the project in `root`, held against that of a commit."""
    base = repository.files(commit, FOLDER) if commit else {}
    problems: list[Problem] = []
    versions: dict[str, dict[str, Blob]] = {}
    for name, blob in base.items():
        parts = name.split("/")
        if len(parts) > 2 and VERSION_PATTERN.fullmatch(parts[1]):
            versions.setdefault(parts[1], {})[name] = blob
    gone = {v.version for v in listed(root).redacted}
    for version, files in sorted(versions.items()):
        problems += inspect_reissued(repository, root, version, files)
        if version not in gone or (root / FOLDER / version).exists():
            problems += _version(repository, root, version, files)
    problems += _list(repository, base.get(LISTED), root)
    count = sum(map(len, versions.values()))
    return [f"{count} files of {len(versions)} released version(s) compared"], problems


def _version(repository: Repository, root: Path, version: str, files: Mapping[str, Blob]) -> Iterator[Problem]:
    place = repository.prefix
    if not (root / FOLDER / version).is_dir():
        told = f"The released version {version} is not there any more. {RESTORE}"
        yield Problem("release-missing", told, value=version, where=f"{place}{FOLDER}/{version}")
        return
    for name, blob in sorted(files.items()):
        path = root / name
        if not path.is_file() and not path.is_symlink():
            yield Problem("released-file-removed", f"The file was released with {version} and is gone. {RESTORE}", value=version, where=place + name)
        elif path.is_symlink() != blob.link or (not blob.link and not _same(repository, blob, path)):
            ends = " Only its line ends differ: put 'releases/** -text' into .gitattributes." if _only_line_ends(repository, blob, path) else ""
            told = f"The file was released with {version} and has other bytes now.{ends} {RESTORE}"
            yield Problem("released-file-changed", told, value=version, where=place + name)


def _same(repository: Repository, blob: Blob, path: Path) -> bool:
    if repository.hash_of(path) == blob.id:
        return True
    old = repository.read(blob)
    meant, now = pointer(old), pointer(path.read_bytes()) if path.stat().st_size <= LARGEST_POINTER else None
    if meant is not None:  # git holds a pointer, the work tree the file itself
        facts = file_facts(path)
        return (facts.sha256, facts.bytes) == (meant.sha256, meant.bytes)
    if now is not None:  # the file moved to object storage
        import hashlib

        return (hashlib.sha256(old).hexdigest(), len(old)) == (now.sha256, now.bytes)
    return False


def _only_line_ends(repository: Repository, blob: Blob, path: Path) -> bool:
    if blob.link or path.is_symlink() or path.suffix == ".parquet":
        return False
    return path.read_bytes().replace(b"\r\n", b"\n") == repository.read(blob).replace(b"\r\n", b"\n")


def _list(repository: Repository, blob: Blob | None, root: Path) -> Iterator[Problem]:
    """versions.json: entries of the base stand unchanged (a withdrawal may be added), new ones follow."""
    where = repository.prefix + LISTED
    try:
        before = parse_versions(repository.read(blob), f"{VERSIONS} of the base") if blob and not blob.link else Versions()
    except ReleaseError:
        before = Versions()  # the base was broken already: nothing to compare with
    if before.versions and not (root / LISTED).is_file():
        yield Problem("versions-rewritten", f"The list of released versions is gone. {RESTORE}", where=where)
        return
    try:
        now = read_versions(root / FOLDER)
    except ReleaseError as error:
        told = f"The list of released versions cannot be read: {error}"
        if b"\n<<<<<<< " in (root / LISTED).read_bytes():
            told = (
                "A git merge was left unfinished here: somebody else released meanwhile. Delete your releases/, take theirs whole "
                "('git checkout THEIRS -- releases'), finish the merge, then run 'eventcoder journal import' and 'eventcoder release' again."
            )
        yield Problem("versions-rewritten", told, where=where)
        return
    for old in before.versions:
        new = now.entry(old.version)
        if new is None:
            yield Problem("versions-rewritten", f"The entry of {old.version} is gone. {RESTORE}", value=old.version, where=where)
        elif new != old and not (old.withdrawn is None and new.model_copy(update={"withdrawn": None}) == old) and not is_redaction(old, new):
            differing = [k for k, v in old.model_dump().items() if new.model_dump()[k] != v]
            told = f"The entry of {old.version} was changed ({', '.join(differing)}). Only a withdrawal may be added. {RESTORE}"
            yield Problem("versions-rewritten", told, value=old.version, where=where)
    if before.versions:
        yield from _followers(before, now, where)
    for entry in now.versions:
        if entry.withdrawn and entry.withdrawn.redacted:
            continue
        if not (root / FOLDER / entry.version).is_dir() and before.entry(entry.version) is None:
            told = f"The list names {entry.version}, and its folder is not there. Commit the folder with the list."
            yield Problem("release-missing", told, value=entry.version, where=where)


def _followers(before: Versions, now: Versions, where: str) -> Iterator[Problem]:
    """Each release that is new follows the newest one before it that had not been withdrawn (then or now)."""
    earlier = list(before.versions)
    newest = max(earlier, key=_key)
    for entry in sorted((v for v in now.versions if before.entry(v.version) is None), key=_key):
        allowed = {_latest_of(earlier), _latest_of([now.entry(v.version) or v for v in earlier])}
        if _key(entry) < _key(newest) or entry.previous not in allowed:
            told = (
                f"{entry.version} follows {entry.previous or 'nothing'}, but the latest version before this change is {before.latest or 'none'}. "
                "Somebody else released meanwhile, or it was put in between: delete the new one, bring the branch up to date, release again."
            )
            yield Problem("release-out-of-line", told, value=entry.version, where=where)
        earlier.append(entry)


def _key(entry: Version) -> tuple[int, int, int]:
    return version_key(entry.version)


def _latest_of(entries: list[Version]) -> str | None:
    return max((v for v in entries if v.withdrawn is None), key=_key).version if any(v.withdrawn is None for v in entries) else None
