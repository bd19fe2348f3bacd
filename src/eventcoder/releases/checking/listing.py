"""Check a folder of releases as a whole: what versions.json names against what lies there, and the chain of versions. Floor 6."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eventcoder.errors import ReleaseError
from eventcoder.problem import Problem
from eventcoder.releases.bounded import LARGEST_JSON, kind_of, read_bytes
from eventcoder.releases.layout import MANIFEST, PULLED, STAGING, VERSION_PATTERN, VERSIONS, version_key
from eventcoder.releases.manifest import RELEASED
from eventcoder.releases.versions import Version, Versions, parse_versions


def listed(root: Path) -> tuple[list[str], list[Problem]]:
    """The folders that are to be checked, in the order of their versions, and everything that is wrong with the list and around it."""
    problems: list[Problem] = []
    try:
        versions = parse_versions(read_bytes(root / VERSIONS, LARGEST_JSON), VERSIONS)
    except ReleaseError as error:
        problems.append(Problem("bad-manifest", f"{error} The folders beside it were checked as they are.", where=VERSIONS))
        versions = None
    there: list[str] = []
    for path in sorted(root.iterdir()):
        kind = kind_of(path)
        if VERSION_PATTERN.fullmatch(path.name):
            if kind == "link":
                said = f"{path.name} is a link to {path.resolve()}. A release is a folder of its own; put it here, or take the link away."
                problems.append(Problem("link-in-release", said, where=path.name))
            elif kind == "folder":
                there.append(path.name)
        elif kind == "folder" and not path.name.startswith(STAGING) and _is_release(path):
            said = f"{path.name!r} holds a release under a name that is no version: nobody will find it. Give it its name, or take it away."
            problems.append(Problem("renamed-release", said, "warning", where=path.name))
    there.sort(key=version_key)
    if versions is not None:
        copy = kind_of(root / PULLED) == "file"  # it holds one version; what came before lies where it was pulled from
        problems += _against(versions, there, {p.where for p in problems}, copy)
    return there, problems


def _is_release(folder: Path) -> bool:
    try:
        return kind_of(folder / MANIFEST) == "file"
    except ReleaseError:  # somebody else's folder
        return False


def _against(versions: Versions, there: list[str], links: set[str | None], copy: bool) -> Iterator[Problem]:
    for entry in versions.versions:
        if entry.withdrawn is not None and entry.withdrawn.redacted:  # its files are gone for good
            if entry.version in there:
                said = f"{entry.version} was redacted ({entry.withdrawn.reason}), and its folder is still here. Remove it, and every copy of it."
                yield Problem("redacted-release", said, value=entry.version, where=entry.version)
        elif entry.version not in there and entry.version not in links:
            said = f"{VERSIONS} names {entry.version}, and there is no such folder. Put it back from where the releases are published."
            yield Problem("missing-release", said, value=entry.version, where=VERSIONS)
    if versions.channel == RELEASED and not copy:  # each candidate follows a release, which lies in the folder above
        yield from _chain(versions.versions)


def _chain(entries: list[Version]) -> Iterator[Problem]:
    """Each version must follow the newest one before it; versions in between may only be such as were withdrawn."""
    known = {e.version: e for e in entries}
    for entry in entries:
        earlier = [e for e in entries if version_key(e.version) < version_key(entry.version)]
        standing = {e.version for e in earlier if e.withdrawn is None}
        if entry.previous is None:
            wrong = f"is said to be the first, but {max(standing, key=version_key)} comes before it" if standing else ""
        elif entry.previous not in known:
            wrong = f"follows {entry.previous}, which {VERSIONS} does not name"
        elif version_key(entry.previous) >= version_key(entry.version):
            wrong = f"follows {entry.previous}, which is not older"
        else:
            between = {v for v in standing if version_key(v) > version_key(entry.previous)}
            wrong = f"follows {entry.previous}, though {max(between, key=version_key)} lies between" if between else ""
        if wrong:
            said = f"The chain of versions is broken: {entry.version} {wrong}. Restore {VERSIONS} from git or from where it is published."
            yield Problem("broken-chain", said, value=entry.previous, where=VERSIONS)
