"""The versions of a learned model in the project's folder `classifier/`: written once, listed, chosen. Floor 5.

`extraction.classifier.learned` describes the folder. A version's `scores.json` says what it was made of and how it did; `taught` in it names every
decision with the type that it taught then. Nothing in it depends on the clock.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.errors import InputError, NotFound, ProjectError
from eventcoder.extraction.classifier.learned import BASE, CURRENT, FOLDER, in_use, open_learned
from eventcoder.extraction.classifier.voting import MODEL, PRIORS

if TYPE_CHECKING:
    from eventcoder.learning.lesson import Lesson

SCORES = "scores.json"


@dataclass(frozen=True, slots=True)
class Version:
    """One learned model. `scores` is what `Lesson.as_json` told; `taught` maps decisions to types."""

    number: int
    folder: Path
    scores: dict[str, Any]
    taught: dict[str, str]

    @property
    def name(self) -> str:
        return f"learned.{self.number}"


def versions(root: Path) -> list[Version]:
    """All versions of a project, the oldest first. Raises `InputError` for one whose scores cannot be read."""
    return [_read(root / FOLDER / str(number)) for number in _numbers(root / FOLDER)]


def version_in_use(root: Path) -> Version | None:
    """The version that the engines use; None for the packaged model. Raises `ProjectError`, `InputError`."""
    number = in_use(root / FOLDER)
    return _read(root / FOLDER / str(number)) if number else None


def store(lesson: Lesson, root: Path) -> Version:
    """Write a new version beside the others; it is used when `use` chooses it. Raises `ProjectError` where it cannot be written."""
    if lesson.voter is None:
        raise ValueError("nothing was trained")
    folder = root / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
        try:
            lesson.voter.model.save(aside / MODEL)
            _write_priors(aside / PRIORS, lesson)
            record = {**lesson.as_json(), "taught": lesson.taught()}
            (aside / SCORES).write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
            aside.chmod(0o755)
            target = folder / str(max(_numbers(folder), default=0) + 1)
            aside.rename(target)  # fails if another process has just written it: nothing is overwritten
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise ProjectError(f"The model cannot be written into {folder}: {error.strerror}.", "Make the folder writable and run again.") from None
    return _read(target)


def use(root: Path, wanted: str) -> Version | None:
    """Choose a version by number, or "base" for the packaged model (returns None). Raises `NotFound`, `CodebookError` for a damaged one."""
    folder = root / FOLDER
    name = wanted.strip().casefold().removeprefix("learned.").split(".")[0]
    if name == BASE:
        if folder.is_dir():
            _choose(folder, BASE)
        return None
    numbers = _numbers(folder)
    if not (name.isascii() and name.isdigit() and int(name) in numbers):
        known = ", ".join(map(str, numbers)) or "none"
        raise NotFound(f"There is no learned version {wanted!r}.", f"Learned versions: {known}; 'base' is the packaged model.")
    version = _read(folder / str(int(name)))
    open_learned(version.folder)
    _choose(folder, str(version.number))
    return version


def _choose(folder: Path, name: str) -> None:
    aside = folder / f".{CURRENT}-{os.getpid()}"
    aside.write_text(name + "\n", "utf-8")
    aside.replace(folder / CURRENT)


def _numbers(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return sorted(int(p.name) for p in folder.iterdir() if p.name.isascii() and p.name.isdigit() and (p / MODEL).is_file())


def _read(folder: Path) -> Version:
    path = folder / SCORES
    try:
        record = json.loads(path.read_text("utf-8"))
        taught = {str(k): str(v) for k, v in record.pop("taught").items()}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise InputError(f"{path} cannot be read: {error}.", "Restore it from version control, or remove the version's folder.") from None
    return Version(int(folder.name), folder, record, taught)


def _write_priors(path: Path, lesson: Lesson) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"# Shares of the types in {len(lesson.gathered.decisions)} decisions of this project, smoothed with the packaged ones.\n")
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("sub_event_type", "share"))
        table.writerows((name, f"{share:.5f}") for name, share in lesson.shares.items())
