"""What the thresholds of `checks.toml` measure on a release, on the ledger, and on all versions that there are. Floor 6."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.clock import latest_today, unstamp
from eventcoder.dataset.schemas import EVENTS
from eventcoder.errors import NotFound, UsageError
from eventcoder.problem import Problem
from eventcoder.releases.layout import MANIFEST, RETRACTED, VERSIONS
from eventcoder.releases.making.build import pending
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.papers.reliability import read_reliability, reliability
from eventcoder.releases.tables import read_retracted, read_tables, still_withdrawn
from eventcoder.releases.versions import read_versions

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Ledger
    from eventcoder.project import Project
    from eventcoder.validation.suggesting import Suggestion
    from eventcoder.validation.thresholds import Judged


@dataclass(frozen=True, slots=True)
class Measured:
    """The thresholds as they stand for `name` (a version, or "ledger"), and what is wrong with them or does not hold."""

    name: str
    judged: Sequence[Judged]
    problems: Sequence[Problem]


def measured_release(folder: Path, codebook: Codebook) -> Measured:
    """Judge a release folder by a codebook's thresholds, against the version before where it lies beside it. Raises `ReleaseError`."""
    manifest, package = read_manifest(folder)
    tables = read_tables(folder)
    before = folder.parent / str(manifest.previous)
    previous = read_tables(before) if manifest.previous and (before / MANIFEST).is_file() else None
    today = latest_today(unstamp(str(package["created"])))
    return _judged(manifest.version, tables, previous, still_withdrawn(read_retracted(folder / RETRACTED)), codebook, today, read_reliability(folder))


def measured_ledger(project: Project, ledger: Ledger, codebook: Codebook, *, time: datetime) -> Measured:
    """Judge what a release made now would hold. Raises `ReleaseError` if there is nothing to release."""
    waiting = pending(project, ledger, codebook, time=time)
    if waiting.same is not None:  # then the comparison is that of the release itself
        return Measured("ledger", *_parts(measured_release(project.releases_dir / waiting.same.version, codebook)))
    today = latest_today(unstamp(waiting.created))
    agreed = reliability(project, ledger, codebook)
    found = _judged("ledger", waiting.tables, waiting.before or None, still_withdrawn(waiting.retracted), codebook, today, agreed)
    return Measured("ledger", *_parts(found))


def release_folders(paths: Iterable[Path]) -> list[Path]:
    """Release folders, oldest first: those named, and all versions (but the withdrawn) of the releases or project folders named.

    Raises `UsageError` for a path that is none of these.
    """
    found: list[Path] = []
    for path in paths:
        root = path if (path / VERSIONS).is_file() else path / "releases"
        if (path / MANIFEST).is_file():
            found.append(path)
        elif (root / VERSIONS).is_file():
            found += [root / one.version for one in read_versions(root).versions if one.withdrawn is None]
        else:
            raise UsageError(f"{path} is no release and holds none.", "Give release folders, a releases folder or a project.")
    return list(dict.fromkeys(found))


def version_folder(project: Project, name: str) -> Path:
    """The folder of a version ("latest" too), or the path of a release folder itself. Raises `NotFound`."""
    if (Path(name) / MANIFEST).is_file():
        return Path(name)
    versions = read_versions(project.releases_dir) if project.releases_dir.is_dir() else None
    version = versions.latest if versions and name == "latest" else name
    if versions is None or version is None or versions.entry(version) is None:
        known = ", ".join(v.version for v in versions.versions) if versions else ""
        raise NotFound(f"There is no release {name!r}.", f"Known: {known}." if known else "'eventcoder release' makes the first one.")
    return project.releases_dir / version


def suggestions(folders: Iterable[Path], codebook: Codebook) -> Iterator[Suggestion]:
    """For each threshold the bounds that these releases (oldest first) support. Raises `CodebookError` where a threshold makes no sense."""
    from eventcoder.validation.suggesting import suggest

    values: dict[str, list[tuple[str, float | None]]] = {}
    for folder in folders:
        found = measured_release(folder, codebook)
        for one in found.judged:
            values.setdefault(one.id, []).append((found.name, one.value))
    for threshold in codebook.expectations:
        yield suggest(threshold, values.get(str(threshold["id"]), []))


def _parts(found: Measured) -> tuple[Sequence[Judged], Sequence[Problem]]:
    return found.judged, found.problems


def _judged(
    name: str, tables: dict[str, pa.Table], previous: dict[str, pa.Table] | None, withdrawn: pa.Table, codebook: Codebook, today: date,
    agreed: dict[str, Any] | None,
) -> Measured:  # fmt: skip
    from eventcoder.validation.rows.conform import conform
    from eventcoder.validation.thresholds import judge_thresholds

    events, _, _ = conform(tables[EVENTS], codebook)
    ids: list[Any] = withdrawn["event_id"].to_pylist()
    judged, problems = judge_thresholds(
        {**tables, EVENTS: events}, codebook, latest_today=today, previous=previous, traced=frozenset(i for i in ids if i), reliability=agreed
    )
    return Measured(name, judged, problems)
