"""With which older commit a change is compared, and why. Floor 7."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from eventcoder.ci.git import FETCH_ALL, Repository
from eventcoder.errors import UsageError

ELSE = "Give --base another one. If the branch was pushed by force, that commit is gone from it: see by hand what went with it."
DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master")


@dataclass(frozen=True, slots=True)
class Base:
    """`commit` is the older commit (None: there is none, so nothing can have been taken away), `why` how it was chosen, in words."""

    commit: str | None
    why: str

    @property
    def said(self) -> str:
        return f"{self.commit[:12]} ({self.why})" if self.commit else f"none ({self.why})"


def choose_base(repository: Repository, wanted: str | None = None, environment: Mapping[str, str] | None = None) -> Base:
    """`wanted`, else the merge base with the branch that a pull request goes into (GITHUB_BASE_REF), else that with the default branch of the
    remote, else the commit before HEAD. The zeros that GitHub gives as the commit before a new branch count as not given.

    Raises `UsageError` if a commit that must be there is not, as in a shallow clone.
    """
    env = os.environ if environment is None else environment
    head = repository.resolve("HEAD")
    if wanted and wanted.strip("0"):
        commit = repository.resolve(wanted)
        if commit is None:
            raise UsageError(f"There is no commit {wanted!r} in this clone.", FETCH_ALL if repository.shallow else ELSE)
        return Base(commit, f"--base {wanted}")
    if head is None:
        return Base(None, "no commit yet")
    target = env.get("GITHUB_BASE_REF", "")
    if target:
        return _of_pull_request(repository, head, target)
    for branch in DEFAULT_BRANCHES:
        tip = repository.resolve("refs/remotes/" + branch)
        shared = repository.merge_base(head, tip) if tip else None
        if shared is not None and shared != head:
            return Base(shared, f"where it left {branch}")
    before = repository.resolve("HEAD~1")
    if before is not None:
        return Base(before, "the commit before")
    if repository.shallow:
        raise UsageError("This clone is shallow: the commit before HEAD is not in it, so what was taken away cannot be seen.", FETCH_ALL)
    return Base(None, "the first commit")


def _of_pull_request(repository: Repository, head: str, target: str) -> Base:
    for name in (f"refs/remotes/origin/{target}", f"refs/heads/{target}"):
        tip = repository.resolve(name)
        if tip is None:
            continue
        shared = repository.merge_base(head, tip)
        if shared is not None:
            return Base(shared, f"where the pull request left {target}")
        if repository.shallow:
            raise UsageError(f"This clone is shallow: the commit where the change left {target} is not in it.", FETCH_ALL)
        raise UsageError(f"HEAD and {target} have no commit in common.", "Rebase the change, or give --base.")
    raise UsageError(f"The branch {target} of the pull request is not in this clone.", FETCH_ALL)
