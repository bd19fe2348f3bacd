"""The folders of the dataset are folders of this repository: no links, no submodules. Floor 7.

What lies behind a link or in a submodule changes without a trace in the commits that are compared, so nothing taken away there would be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eventcoder.ci.git import Repository
from eventcoder.problem import Problem
from eventcoder.releases.layout import VERSION_PATTERN

JOURNAL = ("raw", "raw/journal")
SCHEMA = ("schema",)
RELEASES = ("releases",)


def elsewhere(repository: Repository, head: str | None, root: Path, names: tuple[str, ...]) -> Iterator[Problem]:
    """The outermost of these folders of the project in `root` that is a link or a submodule, in the work tree or in the commit `head`."""
    committed = repository.kinds(head, *names) if head else {}
    for name in names:
        path = root / name
        if path.is_symlink() or committed.get(name) == "link":
            yield _problem(repository, name, "a link")
            return
        if committed.get(name) == "commit" or (path / ".git").exists():
            yield _problem(repository, name, "a submodule")
            return


def versions_elsewhere(repository: Repository, head: str | None, root: Path) -> Iterator[Problem]:
    """The same of each folder of a released version."""
    folder = root / RELEASES[0]
    here = {f"{RELEASES[0]}/{path.name}" for path in folder.iterdir()} if folder.is_dir() else set()
    there = repository.kinds(head, RELEASES[0] + "/") if head else {}
    for name in sorted(here | there.keys()):
        if VERSION_PATTERN.fullmatch(name.partition("/")[2]):
            yield from elsewhere(repository, head, root, (name,))


def _problem(repository: Repository, name: str, what: str) -> Problem:
    told = (
        f"{name} is {what}: what is taken away there leaves no trace in the commits of this repository, and nothing can be compared. "
        "Put the folder itself here, with its files."
    )
    return Problem("folder-elsewhere", told, value=what, where=repository.prefix + name)
