"""Take something out of versions that were released: each is withdrawn, its files go, and a successor says the same without it. Floor 6.

A released version never changes, so the old number ends: `versions.json` keeps it, with the reason and its successor. The versions after it are made
anew too, whether they hold the thing or not: each says what changed against the one before, and that one is gone. Those that hold nothing of it
are withdrawn and stay readable. Successors are staged, then renamed, then entered into the list in one step; only then do old files go.
"""

from __future__ import annotations

import html
import json
import mmap
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog import ChainReasons, composed, counts, diff
from eventcoder.clock import stamp
from eventcoder.dataset.canonical import fingerprint
from eventcoder.dataset.schemas import EVENTS
from eventcoder.errors import ReleaseError
from eventcoder.ledger.secrets import Secrets
from eventcoder.releases import staging
from eventcoder.releases.bounded import LARGEST_JSON, kind_of, read_bytes, strict_json
from eventcoder.releases.layout import CHANGES, CODEBOOK, CODES, RETRACTED, VALIDATION_JSON, VERSIONS, version_key
from eventcoder.releases.making.contents import Contents, write_contents
from eventcoder.releases.making.numbering import release_number
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.papers.reliability import read_reliability
from eventcoder.releases.parquetfile import read_parquet
from eventcoder.releases.redaction.scrubbing import scrubbed, scrubbed_rows, tied_events, without_acts
from eventcoder.releases.tables import read_changes, read_records, read_retracted, read_tables, still_withdrawn
from eventcoder.releases.versions import Version, Versions, Withdrawn, read_versions, write_versions

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Ledger
    from eventcoder.project import Project

WITHOUT = "without something that had to be taken out of it."
BEGUN = ".reissue.json"  # names the successors while they are put in place: what an interrupted run left is known by it


@dataclass(frozen=True, slots=True)
class Reissued:
    """What becomes of one version: `redacted` if it holds what has to go (its files are removed), else it is withdrawn only because of the one
    before. `successor` is null for versions that were withdrawn before, and where `why` says that none could be made."""

    version: str
    redacted: bool
    successor: str | None
    why: str = ""


def holding(folder: Path, secrets: Secrets) -> bool:
    """Whether a release shows the document, or says what has to go. Tables are searched in their CSV form, papers as they are; what coders wrote on
    the events that rest on the document is looked through for words of it."""
    needles = written([*secrets.needles, *([secrets.document] if secrets.document else [])])
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".parquet")
    return any(any(True for _ in found_in(path, needles)) for path in files) or _told(folder, secrets)


def _told(folder: Path, secrets: Secrets) -> bool:
    """Whether the rows on the events in question say anything that would be cleaned."""
    ids = pa.array(sorted(secrets.events | ({secrets.event} - {""})), pa.string())
    values = {secrets.field: secrets.values} if secrets.field else {}
    old = {json.dumps(v, ensure_ascii=False) for v in secrets.values}
    for name in (EVENTS, CHANGES, "relations") if len(ids) else ():
        table = read_parquet(folder / f"{name}.parquet")
        for row in table.filter(pc.is_in(table.column("event_id"), value_set=ids)).to_pylist():
            texts = {k: v for k, v in row.items() if isinstance(v, str) and k != "event_id"}
            if any(secrets.clean(text, tied=True) != text for text in texts.values()) or any(texts.get(k) in given for k, given in values.items()):
                return True
            if secrets.field and row.get("field") == secrets.field and not old.isdisjoint((row["old"], row["new"])):
                return True
    return False


def found_in(path: Path, needles: Sequence[bytes]) -> Iterator[bytes]:
    """Those of the needles that stand in a file. It is never read into memory as a whole."""
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield from (needle for needle in needles if data.find(needle) >= 0)


def written(texts: Collection[str]) -> list[bytes]:
    """The texts as files hold them: plain, in CSV, in JSON (with and without escapes), in JSON within CSV, in HTML."""
    forms: dict[str, None] = {}
    for text in texts:
        for form in (text, *(json.dumps(text, ensure_ascii=a)[1:-1] for a in (True, False)), html.escape(text), html.escape(text, quote=False)):
            forms |= {form: None, form.replace('"', '""'): None}
    return [form.encode("utf-8", "surrogatepass") for form in forms]


def affected(releases: Path, versions: Versions, secrets: Secrets) -> list[tuple[Version, bool]]:
    """The versions that have to be made anew, oldest first, each with whether it holds what has to go itself."""
    every = sorted(versions.versions, key=lambda v: version_key(v.version))
    there = [v for v in every if not (v.withdrawn and v.withdrawn.redacted) and kind_of(releases / v.version) == "folder"]
    holds = {v.version: holding(releases / v.version, secrets) or any(n in v.notes for n in secrets.needles) for v in there}
    first = next((i for i, v in enumerate(there) if holds[v.version]), len(there))
    return [(v, holds[v.version]) for v in there[first:] if holds[v.version] or v.withdrawn is None]


def planned(releases: Path, secrets: Secrets, time: datetime) -> list[Reissued]:
    """What `reissue` would do, without the checks that could stop a successor."""
    if kind_of(releases / VERSIONS) == "absent":
        return []
    versions = read_versions(releases)
    number = _numbers(releases, versions, time)
    return [Reissued(v.version, holds, None if v.withdrawn else next(number)) for v, holds in affected(releases, versions, secrets)]


def _numbers(releases: Path, versions: Versions, time: datetime) -> Iterator[str]:
    """Numbers for the successors, one after the other, behind every version that there is."""
    first = release_number(releases, versions, None, time)
    newest = max((v.version for v in versions.versions), key=version_key, default=first)
    month, _, number = (first if version_key(first) > version_key(newest) else _after(newest)).rpartition(".")
    at = int(number)
    while True:
        yield f"{month}.{at}"
        at += 1


def _after(version: str) -> str:
    month, _, number = version.rpartition(".")
    return f"{month}.{int(number) + 1}"


def reissue(project: Project, ledger: Ledger, secrets: Secrets, *, reason: str, time: datetime, acts: Collection[str] = ()) -> list[Reissued]:
    """Withdraw and reissue every version that has to be; what became of each. `acts` are ids of acts that tell of it (`traces.telling`).

    Can be repeated: what an interrupted run left is cleared, what is done is not done again. Raises `ReleaseError`.
    """
    releases = project.releases_dir
    if kind_of(releases / VERSIONS) == "absent":
        return []
    with staging.locked(releases):
        staging.clean(releases)
        _clear(releases)
        versions = read_versions(releases)
        todo = affected(releases, versions, secrets)
        done: list[Reissued] = []
        if todo:
            versions, done = _all(project, ledger, secrets, versions, todo, reason, time, acts)
        said = [_reworded(v, secrets) for v in versions.versions]
        if said != versions.versions:  # what was said of versions that had ended before
            write_versions(releases, Versions.model_validate({**dict(versions), "versions": said}))
        for gone in versions.redacted:
            if kind_of(releases / gone.version) == "folder":
                shutil.rmtree(releases / gone.version)
        return done


def _reworded(version: Version, secrets: Secrets) -> Version:
    ended = version.withdrawn
    if ended is not None:
        ended = ended.model_copy(update={"reason": secrets.clean(ended.reason, tied=True)})
    return version.model_copy(update={"notes": secrets.clean(version.notes, tied=True), "withdrawn": ended})


def _clear(releases: Path) -> None:
    """Remove successors that an interrupted run put in place and never entered into the list."""
    note = releases / BEGUN
    if kind_of(note) != "file":
        return
    known = {v.version for v in read_versions(releases).versions}
    for name in strict_json(read_bytes(note, LARGEST_JSON), str(note)):
        if name not in known and kind_of(releases / str(name)) == "folder":
            shutil.rmtree(releases / str(name))
    note.unlink()


def _all(
    project: Project, ledger: Ledger, secrets: Secrets, versions: Versions, todo: list[tuple[Version, bool]], reason: str, time: datetime,
    acts: Collection[str],
) -> tuple[Versions, list[Reissued]]:  # fmt: skip
    releases, moment, numbers = project.releases_dir, stamp(time), _numbers(project.releases_dir, versions, time)
    first = version_key(todo[0][0].version)
    standing = [v.version for v in versions.versions if v.withdrawn is None and version_key(v.version) < first]
    previous: str | None = max(standing, key=version_key, default=None)
    made: list[tuple[Version, Path]] = []
    done: list[Reissued] = []
    renamed: dict[str, str] = {}
    where = {v: releases / v for v in standing}
    for old, holds in todo:
        why, name = "", None
        if old.withdrawn is None:
            name = next(numbers)
            staged = staging.stage(releases, name)
            names = {**_ending(versions, old, standing, name), **renamed}
            try:
                entry = _successor(project, ledger, secrets, old, name, previous, where.get(previous or ""), names, staged, acts)
                made.append((entry, staged))
                where[name], previous, renamed = staged, name, names
            except ReleaseError as error:
                shutil.rmtree(staged)
                why, name = error.message, None
        done.append(Reissued(old.version, holds, name, why))
    (releases / BEGUN).write_text(json.dumps([entry.version for entry, _ in made]), "utf-8")
    for entry, staged in made:
        staging.put_in_place(staged, releases / entry.version)
        versions = versions.adding(entry)
    for (old, holds), told in zip(todo, done, strict=True):
        versions = versions.adding(_ended(old, holds, told, done, reason, moment, secrets))
    write_versions(releases, versions)
    (releases / BEGUN).unlink()
    return versions, done


def _ending(versions: Versions, old: Version, standing: Sequence[str], name: str) -> dict[str, str]:
    """`old`, and versions before it that no successor follows (withdrawn earlier, or not to be made anew): their news comes in `name` now. What was
    withdrawn before the newest standing version stays as it is told there."""
    least = max(map(version_key, standing), default=())
    return {v.version: name for v in versions.versions if least < version_key(v.version) <= version_key(old.version)}


def _ended(old: Version, holds: bool, told: Reissued, done: list[Reissued], reason: str, moment: str, secrets: Secrets) -> Version:
    """The entry of a version that ends here."""
    later = [d.successor for d in done if d.successor and version_key(d.version) >= version_key(old.version)]
    successor = told.successor or next(iter(later), None) or next((d.successor for d in reversed(done) if d.successor), None)
    if not holds:
        said = f"Made anew as {successor}: the version before it was redacted." if successor else "The version before it was redacted."
        return old.model_copy(update={"withdrawn": Withdrawn(reason=said, time=moment, successor=successor)})
    said = f"{reason} (It was withdrawn before: {old.withdrawn.reason})" if old.withdrawn else reason
    ended = old.model_copy(update={"withdrawn": Withdrawn(reason=said, time=moment, redacted=True, successor=successor)})
    return _reworded(ended, secrets)


def _successor(
    project: Project, ledger: Ledger, secrets: Secrets, old: Version, name: str, previous: str | None, before_in: Path | None,
    names: Mapping[str, str], staged: Path, acts: Collection[str],
) -> Version:  # fmt: skip
    """Write the successor of a version into `staged`; its entry. `names` are the successors of versions that end.

    Raises `ReleaseError` if it would not pass the gate.
    """
    folder = project.releases_dir / old.version
    manifest, _ = read_manifest(folder)
    tables, records = read_tables(folder), read_records(folder, manifest.files)
    tied = tied_events(tables, secrets)
    clean = scrubbed({**tables, **records}, secrets, acts)
    tables = {n: clean[n] for n in tables}
    tables[EVENTS] = _renamed(tables[EVENTS], ("first_release", "last_changed"), names)
    retracted = scrubbed_rows(read_retracted(folder / RETRACTED), secrets, tied)
    retracted = _renamed(retracted, ("first_release", "version", "restored_in"), names)
    steps = [without_acts(scrubbed_rows(one, secrets, tied), acts) for one in _steps(project.releases_dir, old.version, previous, names)]
    before = read_tables(before_in) if before_in is not None else {}
    changes = diff(before, tables, reasons=ChainReasons(steps), codebook=composed(steps)) if before else diff({}, tables)
    with _own_codebook(folder, project) as (book, schema):
        agreed = read_reliability(folder)
        document, page = _judged(project, ledger, folder, book, {**tables, "retracted": still_withdrawn(retracted)}, before)
        own = [p for p in secrets.clean(old.notes, tied=True).split("\n\n") if not p.endswith(WITHOUT)]  # a second time, it is said once
        notes = "\n\n".join([*filter(None, own), f"This is {old.version} {WITHOUT}"])
        contents = Contents(
            version=name, previous=previous, created=manifest.created, notes=notes, tables={**tables, **{n: clean[n] for n in records}},
            changes=changes, retracted=retracted, older=before.get(EVENTS), fingerprint=fingerprint(tables), validation=document,
            validation_page=page, counts=counts(changes), reliability=agreed,
        )  # fmt: skip
        sha256 = write_contents(staged, contents, book, schema, project.settings)
    return Version(
        version=name, created=manifest.created, previous=previous, manifest_sha256=sha256, fingerprint=contents.fingerprint,
        events=tables[EVENTS].num_rows, notes=notes,
    )  # fmt: skip


def _steps(releases: Path, version: str, previous: str | None, names: Mapping[str, str]) -> list[pa.Table]:
    """The changes that led to a version from the one that `previous` stands for: also those of versions between, which have no successor."""
    out: list[pa.Table] = []
    at: str | None = version
    while at is not None and kind_of(releases / at) == "folder":
        out.insert(0, read_changes(releases / at / f"{CHANGES}.parquet"))
        at = read_manifest(releases / at)[0].previous
        if at == previous or names.get(at or "") == previous:
            break
    return out


def _renamed(table: pa.Table, columns: Sequence[str], names: Mapping[str, str]) -> pa.Table:
    """Numbers of versions that end here, as those of their successors."""
    for column in columns:
        values = table.column(column)
        for old, new in names.items():
            values = pc.if_else(pc.fill_null(pc.equal(values, old), False), pa.scalar(new), values)
        index = table.schema.get_field_index(column)
        table = table.set_column(index, table.schema.field(index), values)
    return table


@contextmanager
def _own_codebook(folder: Path, project: Project) -> Iterator[tuple[Codebook, Path]]:
    """The codebook that lies in a release, and a folder in the form of `schema/` with its files."""
    from eventcoder.codebook import load_codebook

    with tempfile.TemporaryDirectory(prefix="eventcoder-") as temporary:
        schema = Path(temporary) / "schema"
        shutil.copytree(folder / CODES, schema / "lists")
        shutil.copytree(folder / CODEBOOK, schema, dirs_exist_ok=True)
        yield load_codebook(schema, project.state_dir / "cache"), schema


def _judged(
    project: Project, ledger: Ledger, folder: Path, book: Codebook, tables: Mapping[str, pa.Table], before: Mapping[str, pa.Table]
) -> tuple[dict[str, Any], str]:
    """The verdict of the gate on the day of the old one, with the same warnings accepted. Raises `ReleaseError` for errors."""
    from eventcoder.releases.making.build import source_datasets
    from eventcoder.validation import gate
    from eventcoder.validation.accepting import published
    from eventcoder.validation.duplicates.parameters import read_parameters

    told = strict_json(read_bytes(folder / VALIDATION_JSON, LARGEST_JSON), VALIDATION_JSON)
    try:
        day = date.fromisoformat(str(told.get("latest_today")))
    except ValueError:
        day = date.fromisoformat(read_manifest(folder)[0].created[:10])
    verdict = gate(
        tables, book, latest_today=day, previous=before or None, duplicate_stop=project.settings.duplicate_stop,
        imported=lambda ids: source_datasets(ledger, ids), parameters=read_parameters(project.schema_dir), accepted=published(told),
        reliability=read_reliability(folder),
    )  # fmt: skip
    if not verdict.report.valid:
        first = verdict.report.errors[0]
        where = f"event {first.event_id}: " if first.event_id else ""
        raise ReleaseError(f"Without what was taken out, {folder.name} does not pass: {where}{first.message}")
    return verdict.document, verdict.html
