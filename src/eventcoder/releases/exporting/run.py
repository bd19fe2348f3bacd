"""Write a release in a dialect: read its events in batches, shape them, write them aside, rename. Floor 6."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from eventcoder.dataset.schemas import EVENTS
from eventcoder.errors import NotFound, ReleaseError
from eventcoder.project import packaged_schema
from eventcoder.releases.checking.check import release_codebook
from eventcoder.releases.exporting.forms import Form, form_called, format_of
from eventcoder.releases.exporting.shapes import Long, Native, Points
from eventcoder.releases.exporting.target import check_target, written_aside
from eventcoder.releases.exporting.writers import open_writer
from eventcoder.releases.layout import ACLED_COLUMNS, MANIFEST, VERSION_PATTERN
from eventcoder.releases.manifest import Manifest, read_manifest
from eventcoder.releases.package import file_facts
from eventcoder.releases.versions import read_versions
from eventcoder.releases.withdrawing import release_folder

if TYPE_CHECKING:
    from eventcoder.project import Project

ROWS_AT_ONCE: Final = 25_000
ACTORS: Final = "event_actors"


class Shape(Protocol):
    """What `shapes` and `coded` offer."""

    losses: Counter[str]

    def shape(self, events: pa.Table) -> pa.Table: ...


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written. `losses`: what the dialect cannot say, and of how many events; `withdrawn`: why the version should not be used."""

    file: Path
    version: str
    dialect: str
    format: str
    rows: int
    events: int
    losses: tuple[tuple[str, int], ...]
    withdrawn: str | None = None

    def as_json(self) -> dict[str, Any]:
        losses = [{"loss": text, "events": n} for text, n in self.losses]
        facts = {"version": self.version, "format": self.format, "withdrawn": self.withdrawn}
        return {"file": str(self.file), "dialect": self.dialect, "rows": self.rows, "events": self.events, "losses": losses, **facts}


def find_release(project: Project | None, version: str) -> Path:
    """The folder of a version of the project ('latest' too), or a release folder given by its path. Raises `NotFound`."""
    if version != "latest" and not VERSION_PATTERN.fullmatch(version) and (Path(version) / MANIFEST).is_file():
        return Path(version)
    if project is None:
        raise NotFound(f"{version} is no release folder, and there is no project here.", "Give a release folder, or --project DIR.")
    return release_folder(project, version)


def export_release(
    release: Path,
    dialect: str = "acled",
    out: Path | None = None,
    *,
    format: str | None = None,
    force: bool = False,
    schema_dir: Path | None = None,
) -> ExportResult:
    """Write the events of a release folder to `out` (default: a name made of project, version and dialect, in the current folder).

    Codes of other schemes come from the crosswalks of `schema_dir` (default: the packaged ones), numbers of actor types from the release's own
    lists. Raises `UsageError` for an unknown dialect, one that cannot be written, or a place where no export belongs, `Refused` where the
    file is there already, `ReleaseError` for a release that is damaged, `CodebookError` for a broken crosswalk. Nothing is written then.
    """
    form = form_called(dialect, schema_dir or packaged_schema())
    kind = format_of(form, format, out)
    manifest, _ = read_manifest(release)
    target = out or Path(f"{manifest.project}-{manifest.version}-{form.name}.{kind}")
    check_target(target, force=force)
    _verify(release, manifest)
    withdrawn = _withdrawn(release, manifest)
    shape = _shape(form, release, schema_dir or packaged_schema())
    rows = events = 0
    with _opened(release / f"{EVENTS}.parquet") as source, written_aside(target, force=force) as aside:
        schema = shape.shape(source.schema_arrow.empty_table()).schema
        with open_writer(kind, aside, schema) as writer:
            for batch in _batches(source, release):
                shaped = shape.shape(batch)
                writer.write(shaped)
                rows, events = rows + shaped.num_rows, events + batch.num_rows
        if isinstance(shape, Long):
            _compare(release, rows)
    losses = tuple((text, n) for text, n in shape.losses.items() if n)
    return ExportResult(target, manifest.version, form.name, kind, rows, events, losses, withdrawn)


def _shape(form: Form, release: Path, schema_dir: Path) -> Shape:
    if form.scheme:
        from eventcoder.crosswalks import load_crosswalk
        from eventcoder.releases.exporting.coded import Coded

        return Coded(load_crosswalk(schema_dir, release_codebook(release), form.scheme), form.field)
    if form.dialect:
        from eventcoder.intake.dialects import load_dialects
        from eventcoder.releases.exporting.written import Written

        return Written(load_dialects(schema_dir)[form.dialect].edition(form.vintage).write, release_codebook(release))
    plain: dict[str, type[Native]] = {"native": Native, "long": Long, "geojson": Points}
    return plain[form.name]()


def _opened(path: Path) -> pq.ParquetFile:
    try:
        source = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise ReleaseError(f"{path} cannot be read as Parquet: {error}", "Fetch the release again.") from None
    for name in ("event_id", *ACLED_COLUMNS):
        if name not in source.schema_arrow.names:
            source.close()
            raise ReleaseError(f"{path} has no column '{name}'.", "Run 'eventcoder check' on the release.")
    return source


def _batches(source: pq.ParquetFile, release: Path) -> Iterator[pa.Table]:
    try:
        for batch in source.iter_batches(batch_size=ROWS_AT_ONCE):
            yield pa.Table.from_batches([batch], source.schema_arrow)
    except (pa.ArrowInvalid, OSError) as error:
        raise ReleaseError(f"{release / EVENTS}.parquet cannot be read as Parquet: {error}", "Fetch the release again.") from None


def _verify(release: Path, manifest: Manifest) -> None:
    """The tables that are read must be those that the manifest names: a damaged release is not passed on under another name."""
    for name in (f"{EVENTS}.parquet", f"{ACTORS}.parquet"):
        path = release / name
        facts = manifest.files.get(name)
        if facts is None or not path.is_file():
            raise ReleaseError(f"{path} is missing.", "Fetch the release again.")
        if file_facts(path).sha256 != facts.sha256:
            raise ReleaseError(f"{path} is damaged: it is not the file that the manifest names.", "Fetch the release again.")


def _compare(release: Path, rows: int) -> None:
    with pq.ParquetFile(release / f"{ACTORS}.parquet") as told:
        if told.metadata.num_rows != rows:
            message = f"{ACTORS} of {release} has {told.metadata.num_rows} rows, but its events name {rows} actors."
            raise ReleaseError(message, "Run 'eventcoder check' on it.")


def _withdrawn(release: Path, manifest: Manifest) -> str | None:
    entry = read_versions(release.parent).entry(manifest.version)
    return entry.withdrawn.reason if entry and entry.withdrawn else None
