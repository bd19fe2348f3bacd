"""Check a release by its own files. Floor 6.

Files first (`files`): hashes, sizes, nothing missing, nothing more. Then what they say: rows and schemas as the manifest has them (`agreement`), CSV
equal to Parquet, the fingerprint, the whole gate (the codebook lies in the release; Great Expectations included) with the document that
validation.json holds, nothing of undisclosed sources, and that the version before and the changes give exactly this one.

A release is a stranger's until it is checked: what is wrong with it is a problem, never an exception, and what is read is bounded (`bounded`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder import clock
from eventcoder.changelog import misreplayed
from eventcoder.dataset.canonical import fingerprint
from eventcoder.dataset.schemas import EVENTS, TABLES, UNDISCLOSED
from eventcoder.errors import CodebookError, InputError, ReleaseError
from eventcoder.problem import Problem, Report
from eventcoder.releases.acled import acled_table
from eventcoder.releases.bounded import LARGEST_CODEBOOK, kind_of
from eventcoder.releases.checking.agreement import acts_fit, descriptor, events_shape, row_counts, shapes
from eventcoder.releases.checking.files import UNREADABLE, check_files
from eventcoder.releases.checking.listing import listed
from eventcoder.releases.checking.rejudging import rejudge
from eventcoder.releases.checking.reuse import reused
from eventcoder.releases.csvfile import same_as_csv
from eventcoder.releases.layout import ACLED, CANDIDATES, CHANGES, CODEBOOK, CODES, RETRACTED, VERSION_PATTERN, VERSIONS, version_key
from eventcoder.releases.making.protection import ACTS
from eventcoder.releases.manifest import RELEASED, Manifest, read_manifest
from eventcoder.releases.parquetfile import parquet_schema
from eventcoder.releases.tables import read_changes, read_parquet, read_records, read_retracted, read_tables, still_withdrawn
from eventcoder.validation.tally import BulkReport

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook


def check_release(folder: str | Path, codebook: Codebook | None = None, *, deep: bool = True, latest_today: date | None = None) -> Report:
    """Check a release folder, every release of a releases (or project) folder, or one CSV or Parquet file of events.

    `codebook` replaces the one inside the release (a file of events needs one: else the project's around it, else the packaged one counts).
    With `deep=False` only the files are compared with the manifest. Raises `ReleaseError` or `InputError` only where there is nothing to
    check; everything that is wrong with a release is a problem in the report.
    """
    path = Path(folder)
    today = latest_today or clock.latest_today(clock.now())
    with _memory():
        return _checked(path, codebook, deep, today)


@contextmanager
def _memory() -> Iterator[None]:
    """Arrow's memory from an allocator that keeps what it was given: its own choice gives it back at once, and asks for it again.

    Tables of gigabytes are made and dropped again and again; of a check of three million events that took a quarter.
    """
    own = pa.default_memory_pool()
    pa.set_memory_pool(pa.jemalloc_memory_pool() if "jemalloc" in pa.supported_memory_backends() else pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(own)


def _checked(path: Path, codebook: Codebook | None, deep: bool, today: date) -> Report:
    if path.is_file():
        from eventcoder.releases.checking.eventfile import check_event_file

        return BulkReport(list(check_event_file(path, codebook, today)))
    if not path.is_dir():
        raise InputError(f"There is no {path}.", "Give a release folder, a releases folder, or a file of events.")
    root = path if kind_of(path / VERSIONS) != "absent" else path / "releases"
    if kind_of(root / VERSIONS) == "absent":
        return BulkReport(list(_check_folder(path, codebook, deep, today)))
    there, problems = listed(root)
    report = BulkReport(problems)
    for version in there:
        report.extend(_prefixed(version, _check_folder(root / version, codebook, deep, today)))
    if kind_of(root / CANDIDATES / VERSIONS) != "absent":
        report.extend(_prefixed(CANDIDATES, iter(_checked(root / CANDIDATES, codebook, deep, today))))
    return report


def release_codebook(folder: Path) -> Codebook:
    """The codebook that lies in a release. Raises `CodebookError` if it is broken."""
    from eventcoder.codebook import load_codebook

    again = "Fetch the release again."
    if sum(p.lstat().st_size for part in (CODES, CODEBOOK) for p in (folder / part).rglob("*")) > LARGEST_CODEBOOK:
        raise CodebookError(f"The codebook in {folder} is larger than a codebook can be.", again)
    with tempfile.TemporaryDirectory(prefix="eventcoder-") as temporary:
        schema = Path(temporary) / "schema"
        try:
            # the lists first: a release may be read-only, and its folder's mode is copied when the copy of that folder is complete
            shutil.copytree(folder / CODES, schema / "lists")
            shutil.copytree(folder / CODEBOOK, schema, dirs_exist_ok=True)
        except OSError as error:
            raise CodebookError(f"{folder} does not hold its codebook: {error}.", again) from None
        try:
            return load_codebook(schema)
        except RecursionError:
            raise CodebookError(f"The codebook in {folder} is nested too deeply.", again) from None


def _prefixed(version: str, problems: Iterator[Problem]) -> Iterator[Problem]:
    for p in problems:
        yield Problem(p.code, p.message, p.severity, p.event_id, p.field, p.value, f"{version}/{p.where}" if p.where else version)


def _check_folder(folder: Path, codebook: Codebook | None, deep: bool, today: date) -> Iterator[Problem]:
    import duckdb

    try:
        manifest, package = read_manifest(folder)
    except ReleaseError as error:
        yield Problem("bad-manifest", str(error), where="datapackage.json")
        return
    if kind_of(folder) == "link":
        said = f"{folder} is a link to {folder.resolve()}; what lies there was checked."
        yield Problem("link-in-release", said, "warning")
    try:
        problems = list(check_files(folder, manifest))
        yield from problems
        yield from _name(folder, manifest)
        if deep and not any(p.code in UNREADABLE and p.severity == "error" for p in problems):
            yield from _check_contents(folder, manifest, package, codebook, today)
    except (ReleaseError, CodebookError) as error:
        yield Problem("unreadable-file", str(error))
    except (OSError, pa.ArrowException, duckdb.Error) as error:  # a table of a kind that nobody thought of: named, and never green
        remedy = "Look at the permissions." if isinstance(error, PermissionError) else "Fetch the release again."
        yield Problem("unreadable-file", f"What is in the files cannot be judged: {str(error)[:300]}. {remedy}")


def _name(folder: Path, manifest: Manifest) -> Iterator[Problem]:
    """The folder's name, which elsewhere may be anything, and must be the version's among other releases."""
    name = folder.resolve().name
    if name != manifest.version and not name.startswith(".staging-"):
        copied = VERSION_PATTERN.fullmatch(name) is not None
        what = "Give the folder its name back, or take it away." if copied else "Give the folder its name back."
        said = f"The folder is called {name}, its manifest says {manifest.version}. {what}"
        yield Problem("renamed-release", said, "error" if copied else "warning", value=name)
    if manifest.previous is not None and version_key(manifest.previous) >= version_key(manifest.version):
        yield Problem("broken-chain", f"{manifest.version} says that it follows {manifest.previous}, which is not older.", value=manifest.previous)


def _check_contents(folder: Path, manifest: Manifest, package: Mapping[str, Any], codebook: Codebook | None, today: date) -> Iterator[Problem]:
    from eventcoder.codebook.arrow import arrow_schema

    tables = read_tables(folder)
    changes = read_changes(folder / f"{CHANGES}.parquet")
    retracted = read_retracted(folder / RETRACTED)
    records = read_records(folder, manifest.files)
    shown = {**tables, **records, CHANGES: changes}
    misfits = list(shapes(shown))
    yield from misfits
    yield from row_counts(manifest, {**tables, **records}, changes, retracted)
    if misfits:
        return  # tables of another shape can be held against nothing
    yield from descriptor(manifest, package, shown)
    own = release_codebook(folder)
    if own.hash != manifest.codebook.hash or (own.id, own.version) != (manifest.codebook.id, manifest.codebook.version):
        yield Problem("codebook-mismatch", "The codebook inside the release is not the one that the manifest names.", value=own.hash)
    yield from events_shape(tables[EVENTS], arrow_schema(own))
    yield from reused(manifest, tables, changes, retracted)
    if ACTS in records:
        yield from acts_fit(records[ACTS], tables[EVENTS])
    with ThreadPoolExecutor(1) as beside:  # Arrow writes, compares and hashes without holding up Python, which judges meanwhile
        csv_problems = beside.submit(lambda: list(_compare_all(folder, shown)))
        printed = beside.submit(fingerprint, tables)
        leaking = list(leaks(tables))
        found_before = _before(folder, manifest)
        before = None if isinstance(found_before, Problem) else found_before
        judged = list(rejudge(folder, manifest, {**tables, "retracted": still_withdrawn(retracted)}, before, codebook or own, today))
        yield from csv_problems.result()
        if (found := printed.result()) != manifest.fingerprint:
            yield Problem("fingerprint-mismatch", "The tables do not give the fingerprint of the manifest: they hold other data.", value=found)
    yield from leaking
    if isinstance(found_before, Problem):
        yield found_before
    yield from judged
    pa.default_memory_pool().release_unused()  # what comes next needs the room
    if before is not None:
        yield from _replayed(manifest, before.letting_go() if isinstance(before, _Older) else before, changes, tables)


def leaks(tables: Mapping[str, pa.Table]) -> Iterator[Problem]:
    """What a release says of undisclosed documents beyond their number."""
    sources = tables["event_sources"]
    hidden = sources.filter(pc.equal(sources.column("visibility"), "undisclosed"))
    for name in ("document_id", "url", "title", "language", "published"):
        for event_id in hidden.filter(pc.is_valid(hidden.column(name))).column("event_id").to_pylist():
            said = f"event_sources shows the {name} of an undisclosed document. Withdraw this version and release again."
            yield Problem("undisclosed-source", said, event_id=event_id, field=name)
    for row in hidden.filter(pc.not_equal(hidden.column("publisher"), UNDISCLOSED)).to_pylist():
        said = "event_sources shows the publisher of an undisclosed document. Withdraw this version and release again."
        yield Problem("undisclosed-source", said, event_id=row["event_id"], field="publisher")
    public = sources.column("document_id").combine_chunks().drop_null()
    for name in ("evidence", "event_counts"):
        table = tables[name]
        documents = table.column("document_id")
        foreign = table.filter(pc.and_(pc.is_valid(documents), pc.invert(pc.is_in(documents, value_set=public))))
        for row in foreign.to_pylist():
            said = f"{name} names document {row['document_id']}, which is not among the public sources. Withdraw this version and release again."
            yield Problem("undisclosed-source", said, event_id=row["event_id"], field="document_id", value=row["document_id"])


def _compare_all(folder: Path, tables: Mapping[str, pa.Table]) -> Iterator[Problem]:
    """Every CSV file against its table, some at a time: Arrow reads them without holding up Python."""
    files = {**{f"{name}.csv": table for name, table in tables.items()}, ACLED: acled_table(tables[EVENTS])}
    with ThreadPoolExecutor(2) as threads:
        for problems in threads.map(lambda item: list(_compare_csv(folder, *item)), files.items()):
            yield from problems


def _compare_csv(folder: Path, name: str, table: pa.Table) -> Iterator[Problem]:
    try:
        differing = same_as_csv(table, folder / name)
    except (pa.ArrowException, OSError) as error:
        yield Problem("unreadable-file", f"{name} cannot be read as CSV: {error}", where=name)
        return
    for column in differing:
        what = f"the column {column}" if column else "columns or rows"
        yield Problem("csv-differs", f"{name} and the Parquet file differ in {what}. Fetch the release again.", field=column or None, where=name)


class _Older(Mapping[str, pa.Table]):
    """The tables of the version before, each read when it is asked for: all of both versions at a time would not fit into a small machine.

    Only the events stay, which several checks of the gate ask for, until `letting_go`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._events: pa.Table | None = None
        self._keeps = True

    def letting_go(self) -> _Older:
        """From now on nothing is kept; the events are given once more without being read again."""
        self._keeps = False
        return self

    def __getitem__(self, name: str) -> pa.Table:
        if name not in TABLES:
            raise KeyError(name)
        if name != EVENTS:
            return read_parquet(self._folder / f"{name}.parquet")
        events = self._events if self._events is not None else read_parquet(self._folder / f"{name}.parquet")
        self._events = events if self._keeps else None
        return events

    def __contains__(self, name: object) -> bool:
        return name in TABLES

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


def _before(folder: Path, manifest: Manifest) -> Mapping[str, pa.Table] | Problem:
    """The tables of the version before: empty if this is the first; a problem if it does not lie beside this one or cannot be used."""
    if manifest.previous is None:
        return {}
    here = folder.resolve().parent
    older = (here if manifest.channel == RELEASED else here.parent) / manifest.previous  # a candidate follows a release
    if kind_of(older) != "folder" or version_key(manifest.previous) >= version_key(manifest.version):
        said = f"The version before ({manifest.previous}) does not lie beside this one; the changes were not replayed."
        return Problem("previous-absent", said, "info", value=manifest.previous)
    try:
        fits = not list(shapes({name: parquet_schema(older / f"{name}.parquet").empty_table() for name in TABLES}))
    except ReleaseError as error:
        return Problem("unreadable-file", f"The version before cannot be read: {error}", value=manifest.previous)
    if not fits:
        said = f"The version before ({manifest.previous}) has tables of another shape; the changes were not replayed. Check it by itself."
        return Problem("unreadable-file", said, value=manifest.previous)
    return _Older(older)


def _replayed(manifest: Manifest, before: Mapping[str, pa.Table], changes: pa.Table, tables: Mapping[str, pa.Table]) -> Iterator[Problem]:
    """Previous + changes = this, where the previous version lies beside; the first version has every event as added."""
    try:
        wrong = misreplayed(before, changes, tables)
    except (ReleaseError, ValueError, KeyError, TypeError) as error:
        yield Problem("changes-do-not-replay", f"The changes do not fit {manifest.previous or 'an empty version'}: {error}", value=manifest.previous)
        return
    for name in wrong:
        said = f"{manifest.previous or 'Nothing'} and the changes do not give this version's {name}."
        yield Problem("changes-do-not-replay", said, field=name, value=manifest.previous)
