"""Build aside, then rename: a release is there as a whole or not at all. Floor 6.

One build at a time: the lock is held by the process (the system lets go of it when the process dies, also by kill -9), so whatever stands in
a staging folder when the lock has been taken was left by an interrupted build and is removed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eventcoder.errors import ProjectError, ReleaseError
from eventcoder.releases.layout import STAGING
from eventcoder.releases.versions import sync_folder

LOCK = ".lock"


@contextmanager
def locked(folder: Path, busy: str = "Another release is being made in") -> Iterator[None]:
    """Hold the releases folder (made if it is missing) for one build, publication or withdrawal.

    Raises `ReleaseError` if another holds it, and for what the system refuses meanwhile (a full disk); what was half made is removed then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ProjectError(f"{folder} cannot be written: {error.strerror}.", "Give yourself the right to write there, or work on a copy.") from None
    try:
        if not _take(handle):
            raise ReleaseError(f"{busy} {folder}.", "Wait until it is done and run this again.")
        yield
    except OSError as error:
        with suppress(OSError):  # half a version may be what filled the disk
            clean(folder)
        raise refused(folder, error) from None
    finally:
        os.close(handle)


def refused(folder: Path, error: OSError) -> ReleaseError:
    """What the system refused while a folder was written, by the name of the file where it gives one, with what to do."""
    named = error.filename if error.filename2 is None else error.filename2  # a copy that breaks off names both ends
    elsewhere = isinstance(named, str) and not Path(named).absolute().is_relative_to(folder.absolute())
    what = f"{named} cannot be used" if elsewhere else f"{folder} cannot be written"
    remedy = "The versions that were there are untouched: make room, or give yourself the right to write there, and run this again."
    if elsewhere:
        remedy = f"Look at its permissions and at the room on the disk, and run this again; the versions in {folder} are untouched."
    return ReleaseError(f"{what}: {error.strerror or error}.", remedy)


def _take(handle: int) -> bool:
    if os.name == "nt":
        import msvcrt  # the other systems do not have it

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def clean(folder: Path) -> list[str]:
    """Remove what interrupted builds left (call it with the lock held); the names of the folders removed."""
    left = sorted(p for p in folder.glob(f"{STAGING}*") if p.is_dir() and not p.is_symlink())
    for path in left:
        shutil.rmtree(path)
    for path in folder.glob(".versions.json.*"):
        path.unlink()
    return [p.name for p in left]


def stage(folder: Path, version: str) -> Path:
    """A fresh empty folder in which a version is built."""
    path = folder / f"{STAGING}{version}"
    path.mkdir()
    return path


def put_in_place(staged: Path, final: Path) -> None:
    """Make every file durable, then give the folder its name. Raises `ReleaseError` if the name is taken: a version is never replaced."""
    for path in sorted(staged.rglob("*")):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
    sync_folder(staged)
    if final.exists():
        raise ReleaseError(f"{final} is already there; a version is never replaced.", "Release under another number.")
    staged.rename(final)
    sync_folder(final.parent)
