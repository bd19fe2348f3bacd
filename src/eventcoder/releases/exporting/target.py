"""Where an export may be written, and writing it aside first: the file is there as a whole or not at all. Floor 6."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eventcoder.errors import Refused, UsageError
from eventcoder.releases.layout import CHECKSUMS, MANIFEST, VERSIONS


def check_target(path: Path, *, force: bool) -> None:
    """Raises `UsageError` for a place where no export belongs (inside a release, no folder, no file), `Refused` where a file is there already."""
    whole = path.resolve()
    for folder in whole.parents:
        if (folder / VERSIONS).is_file() or ((folder / MANIFEST).is_file() and (folder / CHECKSUMS).is_file()):
            raise UsageError(f"{path} lies inside the releases in {folder}: published files never change.", "Name a file elsewhere.")
    if not whole.parent.is_dir():
        raise UsageError(f"There is no folder {whole.parent}.", "Make it first, or name a file elsewhere.")
    if whole.exists() and not whole.is_file():
        raise UsageError(f"{path} is no file.", "Name a file to write.")
    if whole.exists() and not force:
        raise Refused(f"{path} is there already.", "Name another file, or use --force.")


@contextmanager
def written_aside(path: Path, *, force: bool) -> Iterator[Path]:
    """A name beside `path` to write to; renamed when the block ends well, removed otherwise. Raises as `check_target` does."""
    check_target(path, force=force)
    final = path.resolve()  # a link stays a link: what it points to is replaced
    aside = final.with_name(f".{final.name[:100]}.{os.getpid()}.part")
    try:
        yield aside
        with aside.open("rb") as handle:
            os.fsync(handle.fileno())
        check_target(path, force=force)  # another may have written it meanwhile
        aside.replace(final)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.", "Name a file where you may write.") from None
    finally:
        aside.unlink(missing_ok=True)
