"""Read a git repository through the `git` program: commits, trees, blobs, and nothing else. Floor 7.

The repository may come from anybody. So git is called without a shell, without hooks, filters, pagers and network, with names as bytes that end
in NUL, and without the user's settings; only the folders that the user calls safe (`safe.directory`) are passed on, as git refuses to read
another user's repository without that word. The work tree is read by us and not by git: no smudge or clean filter ever runs.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eventcoder.errors import InputError, UsageError
from eventcoder.project import SETTINGS_FILE

_QUIET = ("-c", "core.quotepath=off", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.devnull, "-c", "protocol.allow=never")
_LINK = "120000"
FETCH_ALL = "Fetch the whole history: 'fetch-depth: 0' for actions/checkout, GIT_DEPTH: 0 on GitLab, 'git fetch --unshallow' by hand."
_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-\S+ .*\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n")
LARGEST_POINTER = 1024  # bytes; the specification's own bound
KEPT: tuple[str, ...] = ()  # GIT_* variables that reach git all the same


@dataclass(frozen=True, slots=True, order=True)
class Blob:
    """A file of a commit: its object id; `link` is True for a symbolic link."""

    id: str
    link: bool = False


@dataclass(frozen=True, slots=True)
class Pointer:
    """What stands in git for a file that lies in object storage (Git LFS): the sha256 and size of the file meant."""

    sha256: str
    bytes: int


def pointer(data: bytes) -> Pointer | None:
    """The pointer that these bytes are, or None if they are a file of their own."""
    found = _POINTER.fullmatch(data) if len(data) <= LARGEST_POINTER else None
    return Pointer(found[1].decode(), int(found[2])) if found else None


@dataclass(frozen=True)
class Repository:
    """A git work tree. `top` is its folder, `prefix` the path of the project in it with a slash at the end ("" at the top)."""

    top: Path
    prefix: str
    safe: tuple[str, ...] = ()

    def resolve(self, revision: str) -> str | None:
        """The id of the commit that a revision names; None if there is none here."""
        if not revision or revision.startswith("-") or "\0" in revision:
            return None
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        return done.stdout.decode().strip() or None if done.returncode == 0 else None

    def merge_base(self, one: str, other: str) -> str | None:
        """The last commit that both have; None if they have none (or the clone is too shallow to know)."""
        done = self._run("merge-base", one, other)
        return done.stdout.decode().split("\n")[0].strip() or None if done.returncode == 0 else None

    def introduced(self, path: str, base: str, head: str) -> str | None:
        """The commit after `base` that brought a file of the project; None if there is none, as for a file that is not committed."""
        done = self._run("log", "--format=%H", "--diff-filter=A", "--no-renames", f"{base}..{head}", "--", self.prefix + path)
        found = done.stdout.decode().split() if done.returncode == 0 else []
        return found[-1] if found else None

    @cached_property
    def shallow(self) -> bool:
        """Does this clone lack older commits?"""
        return self._run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"

    def files(self, commit: str, *folders: str) -> dict[str, Blob]:
        """The files of a commit below folders (or single files) of the project: path in the project -> blob. Submodules are left out."""
        prefix = self.prefix_at(commit)
        wanted = [prefix + folder for folder in folders]
        done = self._run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *wanted)
        if done.returncode:
            raise InputError(f"git cannot read the files of {commit[:12]}: {_told(done)}", FETCH_ALL)
        out = {}
        for record in done.stdout.split(b"\0"):
            head, tab, name = record.partition(b"\t")
            if not tab:
                continue
            mode, kind, blob = head.decode().split(" ")
            if kind == "blob":
                out[os.fsdecode(name)[len(prefix) :]] = Blob(blob, mode == _LINK)
        return out

    def kinds(self, commit: str, *paths: str) -> dict[str, str]:
        """What stands in a commit under these paths of the project (one that ends in a slash: what is in it): path -> `tree`, `blob`, `link` or
        `commit` (a submodule)."""
        done = self._run("ls-tree", "-z", "--full-tree", commit, "--", *(self.prefix_at(commit) + path for path in paths))
        out = {}
        for record in done.stdout.split(b"\0"):
            head, tab, name = record.partition(b"\t")
            if tab:
                mode, kind, _ = head.decode().split(" ")
                out[os.fsdecode(name)[len(self.prefix_at(commit)) :]] = "link" if mode == _LINK else kind
        return out

    def prefix_at(self, commit: str) -> str:
        """Where the project lay in a commit: `prefix`, unless it was moved since, which shows in a single project that is not where it was."""
        if commit not in self._prefixes:
            self._prefixes[commit] = self._found_at(commit)
        return self._prefixes[commit]

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        return {}

    def _found_at(self, commit: str) -> str:
        listed = self._run("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).stdout.split(b"\0")
        places = [os.fsdecode(name).removesuffix(SETTINGS_FILE) for name in listed if (b"/" + name).endswith(b"/" + SETTINGS_FILE.encode())]
        if self.prefix in places:
            return self.prefix
        left = [place for place in places if not (self.top / place / SETTINGS_FILE).is_file()]
        return left[0] if len(left) == 1 else self.prefix

    def read(self, blob: Blob) -> bytes:
        """The bytes of a file. Raises `InputError` if the clone does not hold it (partial clones fetch on demand; this never fetches)."""
        done = self._run("cat-file", "blob", blob.id)
        if done.returncode:
            raise InputError(f"This clone lacks the object {blob.id[:12]}: {_told(done)}", "Clone without --filter. " + FETCH_ALL)
        return done.stdout

    @cached_property
    def _hash(self) -> str:
        done = self._run("rev-parse", "--show-object-format")
        return "sha256" if done.stdout.strip() == b"sha256" else "sha1"

    def hash_of(self, path: Path) -> str:
        """The id that a file of the work tree would have as a blob, byte for byte (no line ends converted, no filters). Each file is read once."""
        if path in self._hashes:
            return self._hashes[path]
        digest = hashlib.new(self._hash, b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        self._hashes[path] = digest.hexdigest()
        return self._hashes[path]

    @cached_property
    def _hashes(self) -> dict[Path, str]:
        return {}

    def _run(self, *args: str) -> subprocess.CompletedProcess[bytes]:
        return _git(self.top, *args, safe=self.safe)


def open_repository(folder: Path) -> Repository:
    """The repository that a folder lies in. Raises `UsageError` without git, outside of a repository, or for one that git does not trust."""
    if shutil.which("git") is None:
        raise UsageError("The program git is not installed, so the change cannot be compared with what was there before.", "Install git.")
    root = folder.resolve()
    done = _git(root, "rev-parse", "--show-toplevel")
    safe: tuple[str, ...] = ()
    if done.returncode and b"dubious ownership" in done.stderr:
        safe = _trusted(root)
        done = _git(root, "rev-parse", "--show-toplevel", safe=safe)
    if done.returncode and b"dubious ownership" in done.stderr:
        raise UsageError(
            f"git does not read {folder}, because it belongs to another user.",
            f"If you trust it: git config --global --add safe.directory {root}",
        )
    if done.returncode:
        raise UsageError(f"{folder} is not in a git repository ({_told(done)}).", "Run 'git init' there, or 'eventcoder validate' without git.")
    top = Path(os.fsdecode(done.stdout.rstrip(b"\n"))).resolve()
    inside = root.relative_to(top).as_posix()
    return Repository(top, "" if inside == "." else inside + "/", safe)


def _trusted(root: Path) -> tuple[str, ...]:
    """The folders that the user's own settings call safe."""
    found = []
    for scope in ("--system", "--global"):
        command = ["git", "config", scope, "-z", "--get-all", "safe.directory"]
        done = subprocess.run(command, cwd=root.anchor, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        found += [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    return tuple(found)


def _git(folder: Path, *args: str, safe: tuple[str, ...] = ()) -> subprocess.CompletedProcess[bytes]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k in KEPT}  # a hook's GIT_DIR would name another repository
    clean |= {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }
    trust = [part for name in safe for part in ("-c", f"safe.directory={name}")]
    command = ["git", "--no-pager", "--literal-pathspecs", *_QUIET, *trust, *args]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, check=False, stdin=subprocess.DEVNULL)


def _told(done: subprocess.CompletedProcess[bytes]) -> str:
    first = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
    return first.removeprefix("fatal: ") or f"git ended with {done.returncode}"
