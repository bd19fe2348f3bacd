"""Check a release by its own files. Floor 6.

Files first (`files`): hashes, sizes, nothing missing, nothing more. Then what they say: rows and schemas as the manifest has them, CSV equal
to Parquet, the fingerprint, the whole gate (the codebook lies in the release; Great Expectations included) with the document that
validation.json holds, nothing of undisclosed sources, and that the version before and the changes give exactly this one.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder import clock
from eventcoder.changelog import apply
from eventcoder.dataset.canonical import fingerprint
from eventcoder.dataset.schemas import EVENTS, SIDE_SCHEMAS, TABLES, UNDISCLOSED
from eventcoder.errors import CodebookError, InputError, ReleaseError
from eventcoder.problem import Problem, Report
from eventcoder.releases.acled import acled_table
from eventcoder.releases.csvfile import read_texts, same_as_csv, typed
from eventcoder.releases.files import check_files
from eventcoder.releases.layout import ACLED, CHANGES, CODEBOOK, CODES, RETRACTED, VERSIONS
from eventcoder.releases.manifest import Manifest, read_manifest
from eventcoder.releases.package import table_schema
from eventcoder.releases.rejudging import rejudge
from eventcoder.releases.tables import RETRACTED_SCHEMA, read_changes, read_parquet, read_retracted, read_tables, still_withdrawn
from eventcoder.releases.versions import read_versions

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
    if path.is_file():
        return Report(list(_check_file(path, codebook, today)))
    if not path.is_dir():
        raise InputError(f"There is no {path}.", "Give a release folder, a releases folder, or a file of events.")
    root = path if (path / VERSIONS).is_file() else path / "releases"
    if (root / VERSIONS).is_file():
        report = Report()
        for entry in read_versions(root).versions:
            report.extend(_prefixed(entry.version, _check_folder(root / entry.version, codebook, deep, today)))
        return report
    return Report(list(_check_folder(path, codebook, deep, today)))


def release_codebook(folder: Path) -> Codebook:
    """The codebook that lies in a release. Raises `CodebookError` if it is broken."""
    from eventcoder.codebook import load_codebook

    with tempfile.TemporaryDirectory(prefix="eventcoder-") as temporary:
        schema = Path(temporary) / "schema"
        try:
            # the lists first: a release may be read-only, and its folder's mode is copied when the copy of that folder is complete
            shutil.copytree(folder / CODES, schema / "lists")
            shutil.copytree(folder / CODEBOOK, schema, dirs_exist_ok=True)
        except OSError as error:
            raise CodebookError(f"{folder} does not hold its codebook: {error}.", "Fetch the release again.") from None
        return load_codebook(schema)


def _prefixed(version: str, problems: Iterator[Problem]) -> Iterator[Problem]:
    for p in problems:
        yield Problem(p.code, p.message, p.severity, p.event_id, p.field, p.value, f"{version}/{p.where}" if p.where else version)


def _check_folder(folder: Path, codebook: Codebook | None, deep: bool, today: date) -> Iterator[Problem]:
    try:
        manifest, package = read_manifest(folder)
    except ReleaseError as error:
        yield Problem("bad-manifest", str(error), where="datapackage.json")
        return
    problems = list(check_files(folder, manifest))
    yield from problems
    if folder.name != manifest.version and not folder.name.startswith(".staging-"):
        said = f"The folder is called {folder.name}, its manifest says {manifest.version}. Give the folder its name back."
        yield Problem("renamed-release", said, "warning", value=folder.name)
    if not deep or any(p.code in ("missing-file", "link-in-release") for p in problems):
        return
    try:
        yield from _check_contents(folder, manifest, package, codebook, today)
    except (ReleaseError, CodebookError) as error:
        yield Problem("unreadable-file", str(error))


def _check_contents(folder: Path, manifest: Manifest, package: Mapping[str, Any], codebook: Codebook | None, today: date) -> Iterator[Problem]:
    tables = read_tables(folder)
    changes = read_changes(folder / f"{CHANGES}.parquet")
    shown = {**tables, CHANGES: changes}
    for name, table in shown.items():
        yield from _rows(manifest, (f"{name}.csv", f"{name}.parquet"), table.num_rows)
    yield from _compare_all(folder, {**{f"{name}.csv": table for name, table in shown.items()}, ACLED: acled_table(tables[EVENTS])})
    yield from _rows(manifest, (ACLED,), tables[EVENTS].num_rows)
    retracted = read_retracted(folder / RETRACTED)
    yield from _rows(manifest, (RETRACTED,), retracted.num_rows)
    misfits = list(_schemas(package, {**{f"{n}.csv": t.schema for n, t in shown.items()}, RETRACTED: RETRACTED_SCHEMA}))
    yield from misfits
    for name in TABLES:
        if manifest.counts.get(name) != tables[name].num_rows:
            said = f"The manifest counts {manifest.counts.get(name)} rows of {name}, there are {tables[name].num_rows}."
            yield Problem("count-mismatch", said, field=name)
    found = fingerprint(tables)
    if found != manifest.fingerprint:
        yield Problem("fingerprint-mismatch", "The tables do not give the fingerprint of the manifest: they hold other data.", value=found)
    book = codebook or release_codebook(folder)
    if codebook is None and book.hash != manifest.codebook.hash:
        yield Problem("codebook-mismatch", "The codebook inside the release is not the one that the manifest names.", value=book.hash)
    before = _before(folder, manifest)
    yield from rejudge(folder, manifest, {**tables, "retracted": still_withdrawn(retracted)}, before, book, today)
    if misfits:
        return  # tables of another shape cannot be held against each other
    yield from leaks(tables)
    yield from _replayed(manifest, before, changes, tables)


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
    with ThreadPoolExecutor(2) as threads:
        for problems in threads.map(lambda item: list(_compare_csv(folder, *item)), tables.items()):
            yield from problems


def _compare_csv(folder: Path, name: str, table: pa.Table) -> Iterator[Problem]:
    try:
        differing = same_as_csv(table, folder / name)
    except (pa.ArrowInvalid, OSError) as error:
        yield Problem("unreadable-file", f"{name} cannot be read as CSV: {error}", where=name)
        return
    for column in differing:
        what = f"the column {column}" if column else "columns or rows"
        yield Problem("csv-differs", f"{name} and the Parquet file differ in {what}. Fetch the release again.", field=column or None, where=name)


def _rows(manifest: Manifest, names: tuple[str, ...], rows: int) -> Iterator[Problem]:
    for name in names:
        facts = manifest.files.get(name)
        if facts is not None and facts.rows != rows:
            yield Problem("count-mismatch", f"{name} has {rows} rows, the manifest says {facts.rows}.", value=rows, where=name)


def _schemas(package: Mapping[str, Any], schemas: Mapping[str, pa.Schema]) -> Iterator[Problem]:
    """The columns and types that the descriptor promises (T27), and those of the side tables that this program knows."""
    said = {r.get("path"): r.get("schema", {}).get("fields") for r in package.get("resources", ()) if isinstance(r, Mapping)}
    for name, schema in schemas.items():
        expected = [(f["name"], f["type"]) for f in table_schema(schema, name)["fields"]]
        found = [(f.get("name"), f.get("type")) for f in said.get(name) or ()]
        if found != expected:
            yield Problem("schema-mismatch", f"The descriptor says other columns of {name} than the file has.", where=name)
        own = SIDE_SCHEMAS.get(name.removesuffix(".csv"))
        if own is not None and not schema.equals(own):
            yield Problem("schema-mismatch", f"{name.removesuffix('.csv')}.parquet has other columns or types than this format has.", where=name)


def _before(folder: Path, manifest: Manifest) -> dict[str, pa.Table] | None:
    """The tables of the version before: none if this is the first, None if it does not lie beside this one."""
    if manifest.previous is None:
        return {}
    older = folder.parent / manifest.previous
    return read_tables(older) if older.is_dir() else None


def _replayed(manifest: Manifest, before: dict[str, pa.Table] | None, changes: pa.Table, tables: Mapping[str, pa.Table]) -> Iterator[Problem]:
    """Previous + changes = this, where the previous version lies beside; the first version has every event as added."""
    if before is None:
        said = f"The version before ({manifest.previous}) does not lie beside this one; the changes were not replayed."
        yield Problem("previous-absent", said, "info", value=manifest.previous)
        return
    try:
        again = apply(before, changes, tables)
        wrong = [name for name in tables if not again[name].equals(tables[name])]
    except (ReleaseError, ValueError, KeyError) as error:
        yield Problem("changes-do-not-replay", f"The changes do not fit {manifest.previous or 'an empty version'}: {error}", value=manifest.previous)
        return
    for name in wrong:
        said = f"{manifest.previous or 'Nothing'} and the changes do not give this version's {name}."
        yield Problem("changes-do-not-replay", said, field=name, value=manifest.previous)


def _check_file(path: Path, codebook: Codebook | None, today: date) -> Iterator[Problem]:
    """One file of events: types and rules of every row."""
    from eventcoder.codebook.arrow import arrow_schema
    from eventcoder.validation.bulk import validate_events

    book = codebook or _codebook_around(path)
    schema = arrow_schema(book)
    if path.suffix == ".parquet":
        yield from validate_events(read_parquet(path), book, latest_today=today)
        return
    try:
        texts = read_texts(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{path} cannot be read as CSV in UTF-8: {error}", "Give a CSV or Parquet file of events.") from None
    table, misfits = typed(texts, {f.name: f.type for f in schema})
    ids = texts.column("event_id").to_pylist() if "event_id" in texts.column_names else [None] * texts.num_rows
    for column, row, text in misfits:
        _, problems = book.coerce({column: text})
        code = problems[0].code if problems else "not-a-value"
        message = problems[0].message if problems else f"{text!r} is no value of {column}."
        yield Problem(code, message, "error", ids[row], column, text, f"{path.name}, row {row + 1}")
    yield from validate_events(table, book, latest_today=today)


def _codebook_around(path: Path) -> Codebook:
    from eventcoder.codebook import load_codebook
    from eventcoder.project import SETTINGS_FILE, open_project, packaged_schema

    if (path.parent / CODEBOOK).is_dir():
        return release_codebook(path.parent)
    root = next((p for p in path.resolve().parents if (p / SETTINGS_FILE).is_file()), None)
    return load_codebook(open_project(root).schema_dir if root else packaged_schema())
