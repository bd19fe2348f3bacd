"""A codebook as it stood at a revision of the project's git repository. Floor 1.

Reads with the program `git` and nothing else: no work tree is touched, no hook runs, no setting of the user changes what comes out.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from eventcoder.codebook.build import build
from eventcoder.codebook.read import CHECKS_FILE, CODEBOOK_FILE, COLUMNS_FILE, LISTS_DIR, MAX_FILE, RULES_FILE, content_hash
from eventcoder.codebook.schema import Codebook
from eventcoder.errors import CodebookError, InputError

_FILES = (CODEBOOK_FILE, COLUMNS_FILE, RULES_FILE, CHECKS_FILE)


def codebook_at(schema_dir: Path, revision: str) -> Codebook:
    """The codebook in `schema_dir` at a commit, branch or tag. Raises `InputError` without git, repository or revision; `CodebookError` for a
    codebook that is broken there."""
    if not revision or revision.startswith("-"):
        raise InputError(f"{revision!r} is no git revision.", "Give a commit, a branch or a tag, such as git:main.")
    root = schema_dir.resolve()
    prefix = _git(root, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").rstrip("\n")
    tree = f"{revision}^{{commit}}:{prefix}"
    listed = _git(root, "ls-tree", "--full-tree", "-r", "-z", "--long", tree).decode("utf-8", "surrogateescape")
    names: list[tuple[str, str]] = []
    for line in filter(None, listed.split("\0")):
        facts, _, name = line.partition("\t")
        _mode, kind, blob, size = facts.split()
        inside = name.startswith(f"{LISTS_DIR}/") and name.endswith(".csv") and name.count("/") == 1 and not name.startswith(f"{LISTS_DIR}/.")
        if kind == "blob" and (name in _FILES or inside):
            if int(size) > MAX_FILE:
                raise CodebookError(f"{prefix}{name} is larger than {MAX_FILE // 1_000_000} MB at {revision}.", "That cannot be a codebook's file.")
            names.append((name, blob))
    files = {name: _git(root, "cat-file", "blob", blob) for name, blob in sorted(names)}
    for needed in _FILES[:3]:
        if needed not in files:
            raise InputError(f"There is no {prefix}{needed} at {revision}.", "Give a revision at which the project had this codebook.")
    codebook, problems = build(files, content_hash(files))
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise CodebookError(f"The codebook at {revision} is broken: {errors[0].message}", "Give another revision.", errors)
    return codebook


def _git(folder: Path, *args: str) -> bytes:
    """The output of a git command. Raises `InputError` with what git said."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    surroundings |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(["git", "-C", str(folder), *args], capture_output=True, env=surroundings, check=False, timeout=60)
    except FileNotFoundError:
        raise InputError("The program 'git' is not installed here.", "Install git, or compare folders or releases instead.") from None
    except subprocess.TimeoutExpired:
        raise InputError("git did not answer within a minute.", "Is the repository on a drive that sleeps?") from None
    if done.returncode:
        said = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it gave no reason"])[0].removeprefix("fatal: ")
        remedy = (
            "Fetch it first ('git fetch'), or mend the name."
            if "revision" in said or "Not a valid" in said
            else "Compare folders or releases instead."
        )
        raise InputError(f"git cannot read the codebook in {folder}: {said}.", remedy)
    return done.stdout
