"""A release that came with a change is what the journal gave when it was made. Floor 7.

The journal is taken from the commit that brought the release (from the work tree, if it is not committed yet), without what was entered after the
release: so neither later work nor the journals of other coders, merged since, stand in the way, and no entry keeps a release from being judged.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from eventcoder.ci.git import Repository
from eventcoder.ci.reissued import successors
from eventcoder.errors import CodebookError, ReleaseError
from eventcoder.ledger.exchange.journal_line import SUFFIX
from eventcoder.problem import Problem
from eventcoder.project import Project
from eventcoder.releases.layout import MANIFEST
from eventcoder.releases.manifest import Manifest, read_manifest
from eventcoder.releases.versions import read_versions

FOLDER = "raw/journal"


def new_releases(repository: Repository, base: str, releases: Path) -> list[str]:
    """The listed versions that stand in `releases` and not in the base, oldest first."""
    known = repository.kinds(base, "releases/")
    versions = read_versions(releases)
    anew = {new for old, new in successors(versions).items() if f"releases/{old}" in known}  # these are held against the versions they stand for
    listed = [v.version for v in versions.versions if f"releases/{v.version}" not in known and v.version not in anew]
    return [version for version in listed if (releases / version / MANIFEST).is_file()]


def reproduce(
    repository: Repository, project: Project, base: str, head: str | None, version: str, temporary: Path, moment: datetime
) -> list[Problem]:
    """What is wrong with one release that the base does not have; nothing if the journal gives the same data.

    Raises `ReleaseError` for a release that cannot be read, `InputError` if the clone lacks the journal.
    """
    from eventcoder.ledger import open_ledger
    from eventcoder.ledger.exchange.journal import import_journal
    from eventcoder.releases.checking.check import release_codebook
    from eventcoder.releases.making.build import pending

    place = project.releases_dir / version
    manifest, _ = read_manifest(place)
    commit = repository.introduced(f"releases/{version}/{MANIFEST}", base, head) if head else None
    folder = temporary / f"journal of {version}"
    folder.mkdir()
    _write_journal(repository, project, commit, folder, manifest)
    where = f"{repository.prefix}releases/{version}"
    files = sorted(folder.iterdir())
    if not files:
        return [_problem(version, manifest, None, where)]
    with open_ledger(temporary / f"{version}.sqlite") as ledger:
        if any(p.severity == "error" for p in import_journal(ledger, files, keep_going=True).problems):
            return []  # the journal itself is told of by its own steps
        try:
            found = pending(project, ledger, release_codebook(place), time=moment).fingerprint
        except (ReleaseError, CodebookError):
            return [_problem(version, manifest, None, where)]
    return [] if found == manifest.fingerprint else [_problem(version, manifest, found, where)]


def _write_journal(repository: Repository, project: Project, commit: str | None, folder: Path, manifest: Manifest) -> None:
    """The journal of a commit (None: of the work tree) without the entries after the release."""
    if commit is None:
        found = {path.name: path.read_bytes() for path in sorted(project.journal_dir.glob("*" + SUFFIX)) if path.is_file() and not path.is_symlink()}
    else:
        blobs = repository.files(commit, FOLDER)
        found = {Path(n).name: repository.read(b) for n, b in blobs.items() if n.endswith(SUFFIX) and not b.link and n.count("/") == 2}
    for name, data in found.items():
        lines = [line for line in data.splitlines(keepends=True) if not _later(line, manifest.created)]
        (folder / name).write_bytes(b"".join(lines))


def _later(line: bytes, created: str) -> bool:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(raw, dict) and isinstance(raw.get("time"), str) and raw["time"] > created


def _problem(version: str, manifest: Manifest, found: str | None, where: str) -> Problem:
    gives = f"other data (fingerprint {found[:12]}, released {manifest.fingerprint[:12]})" if found else "nothing that could be released"
    told = (
        f"{version} came with this change, and the journal of {manifest.created} gives {gives}. Run 'eventcoder journal export' and commit it "
        "together with the release; if the release was made of other data, delete it and release again."
    )
    return Problem("release-not-reproducible", told, value=found, where=where)
