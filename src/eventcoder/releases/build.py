"""Build a release: gather, compare, check, write aside, rename, enter into the list. Floor 6.

Nothing is written before everything has been checked. The clock is not read: `created` is the time of the ledger's last act or record, so that the
same ledger and version give the same bytes on any day (`time` decides the month of the version, what lies in the future, and what a cut-off
keeps back).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from eventcoder.changelog import BEGINNINGS, CHANGES_SCHEMA, ENDINGS, LedgerReasons, codebook_rows, counts, diff, version_row
from eventcoder.clock import latest_today, stamp, unstamp
from eventcoder.dataset import build_tables, fingerprint, pseudonym
from eventcoder.dataset.build import is_public
from eventcoder.dataset.coverage import REMOVED
from eventcoder.dataset.schemas import EVENTS
from eventcoder.errors import CodebookError, ReleaseError, UsageError
from eventcoder.event import Document
from eventcoder.ledger.origins import imports_of
from eventcoder.problem import Problem, Report
from eventcoder.releases import staging
from eventcoder.releases.contents import Contents, write_contents
from eventcoder.releases.layout import RETRACTED, VERSION_PATTERN, version_key
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.package import file_facts
from eventcoder.releases.tables import RETRACTED_SCHEMA, dated, next_retracted, read_retracted, read_tables, still_withdrawn, undated
from eventcoder.releases.versions import Version, Versions, read_versions, write_versions
from eventcoder.validation.leftover import Leftovers

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Entry, Ledger
    from eventcoder.project import Project
    from eventcoder.validation import GateResult

NATIVE = "native"  # the dialect of files in the codebook's own columns
RELEASED, NOTHING, WOULD = "released", "nothing to release", "would release"


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """What a build did. `status` is `released`, `nothing to release` or `would release`; `changes` counts events by operation."""

    status: str
    version: str
    folder: Path | None
    previous: str | None
    events: int
    fingerprint: str
    changes: Mapping[str, int] = field(default_factory=dict)
    report: Report = field(default_factory=Report)

    @property
    def summary(self) -> str:
        """One line for people."""
        if self.status == NOTHING:
            return f"Nothing to release: {self.version} holds the same {self.events} events."
        changed = ", ".join(f"{n} {op}" for op, n in self.changes.items() if n) or "no event changed, the codebook did"
        against = f" (against {self.previous}: {changed})" if self.previous else ""
        return f"{'Released' if self.status == RELEASED else 'Would release'} {self.version}: {self.events} events{against}."

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "version": self.version,
            "previous": self.previous,
            "events": self.events,
            "fingerprint": self.fingerprint,
            "changes": dict(self.changes),
            "problems": self.report.counts,
        }


def build_release(
    project: Project,
    ledger: Ledger,
    codebook: Codebook,
    *,
    version: str | None = None,
    time: datetime,
    notes: str = "",
    dry_run: bool = False,
) -> ReleaseResult:
    """Release the settled events of a ledger.

    `version` is `YYYY.MM.N`; else N is one more than any ever used in the month of `time`. With `dry_run` everything is checked and nothing
    is written. Raises `ReleaseError` (with `problems`) when a check finds errors or an undecided pair of likely duplicates, `UsageError` for
    a version that is malformed or taken.
    """
    releases = project.releases_dir
    if dry_run:
        return _build(project, ledger, codebook, read_versions(releases) if releases.is_dir() else Versions(), version, time, notes, None)
    with staging.locked(releases):
        staging.clean(releases)
        versions = adopt_finished(releases, read_versions(releases))
        return _build(project, ledger, codebook, versions, version, time, notes, releases)


@dataclass(frozen=True, slots=True)
class Pending:
    """What the settled events of a ledger come to beside the latest release; nothing of it has been judged yet.

    `same` is the latest release if it holds exactly this under this codebook (then `changes` has no rows and `before` is empty); `created` is the
    time of the ledger's last act or record; `retracted` is the list of withdrawn events as the new version would have it.
    """

    version: str
    previous: str | None
    created: str
    fingerprint: str
    same: Version | None
    tables: dict[str, pa.Table] = field(repr=False)
    before: dict[str, pa.Table] = field(repr=False)
    changes: pa.Table = field(repr=False)
    retracted: pa.Table = field(repr=False)


def pending(project: Project, ledger: Ledger, codebook: Codebook, *, time: datetime, version: str | None = None) -> Pending:
    """What a release made at `time` would hold and how it differs from the latest one. Nothing is written and nothing is judged.

    Raises `ReleaseError` if there is no release yet and no event is settled, `UsageError` for a version that is malformed or taken.
    """
    releases = project.releases_dir
    return _gathered(project, ledger, codebook, read_versions(releases) if releases.is_dir() else Versions(), version, time)


def judge(project: Project, ledger: Ledger, codebook: Codebook, waiting: Pending) -> GateResult:
    """The verdict of the gate over what is pending. It judges on the day of the last entry, not of this run: what was coded by then cannot
    have happened later, and the verdict does not age. An event that went without any act of it in the ledger was lost, not withdrawn."""
    from eventcoder.validation import gate
    from eventcoder.validation.accepting import read_accepted
    from eventcoder.validation.duplicates.parameters import read_parameters

    gone = waiting.changes.filter(pc.is_in(waiting.changes.column("op"), value_set=pa.array(ENDINGS)))
    lost = gone.filter(pc.is_null(gone.column("act"))).column("event_id").combine_chunks()
    withdrawn = still_withdrawn(waiting.retracted)
    withdrawn = withdrawn.filter(pc.invert(pc.is_in(withdrawn.column("event_id"), value_set=lost)))
    return gate(
        {**waiting.tables, "retracted": withdrawn},
        codebook,
        latest_today=latest_today(unstamp(waiting.created)),
        previous=waiting.before or None,
        duplicate_stop=project.settings.duplicate_stop,
        imported=lambda ids: source_datasets(ledger, ids),
        parameters=read_parameters(project.schema_dir),
        accepted=[replace(one, by=pseudonym(one.by, project.settings) or "") for one in read_accepted(project.schema_dir)],
    )


def _gathered(project: Project, ledger: Ledger, codebook: Codebook, versions: Versions, version: str | None, time: datetime) -> Pending:
    from duckdb import ConversionException

    name = _number(project.releases_dir, versions, version, time)
    entries = {kind: ledger.latest(kind) for kind in ("document", "actor", "coverage")}
    times = [e.time for latest in entries.values() for e in latest.values()]
    cutoff = project.settings.cutoff_days  # reports on the last days are still coming in
    settled = ledger.event_texts("settled", until=latest_today(time) - timedelta(days=cutoff) if cutoff else None)
    documents = _documents(entries["document"])
    try:
        tables = build_tables(
            settled,
            codebook,
            documents=documents,
            actors=[e.body for e in entries["actor"].values()],
            coverage=[{**e.body, "coder": e.body.get("searched_by") or e.coder} for e in entries["coverage"].values() if REMOVED not in e.body],
            settings=project.settings,
        )
    except (pa.ArrowInvalid, ConversionException) as error:
        what = str(error).partition("\n")[0]
        told = f"A settled event has a value that is not of the type of its column ({what}), so there is no table to release."
        remedy = "'eventcoder validate' names event and column; put it right with 'eventcoder amend'."
        raise ReleaseError(told, remedy, [Problem("value-of-another-type", f"{told} {remedy}")]) from None
    if versions.latest is None and not tables["events"].num_rows:
        said = "No event is settled, so there is nothing to release."
        raise ReleaseError(said, "'eventcoder list' marks the open ones; 'eventcoder validate' says what they lack.")
    created = max([*times, *filter(None, [ledger.last_change()])], default=stamp(time))
    print_ = fingerprint(tables)
    previous = versions.latest
    before: dict[str, pa.Table] = {}
    moved: list[tuple[str | None, ...]] = []
    retracted = RETRACTED_SCHEMA.empty_table()
    if previous is not None:
        known = versions.entry(previous)
        moved = _codebook_rows(project.releases_dir / previous, codebook)
        if known is not None and known.fingerprint == print_ and not moved:  # another codebook is news for readers: other codes, rules, definitions
            return Pending(name, previous, created, print_, known, tables, before, CHANGES_SCHEMA.empty_table(), retracted)
        before = read_tables(project.releases_dir / previous)
        lost = Leftovers(codebook).stopping(ledger.event_texts("settled"), before[EVENTS].column_names)
        if lost:
            raise ReleaseError(lost[0].message, "Nothing was written.", lost)
        retracted = read_retracted(project.releases_dir / previous / RETRACTED)
    changes, tables = _changes(project, ledger, documents, before, tables, retracted, name, moved)
    gone = next_retracted(retracted, changes, before.get(EVENTS, tables[EVENTS]), name)
    return Pending(name, previous, created, print_, None, tables, before, changes, gone)


def _build(
    project: Project, ledger: Ledger, codebook: Codebook, versions: Versions, version: str | None, time: datetime, notes: str, target: Path | None
) -> ReleaseResult:
    new = _gathered(project, ledger, codebook, versions, version, time)
    if new.same is not None:
        known = new.same
        return ReleaseResult(NOTHING, known.version, project.releases_dir / known.version, known.previous, known.events, new.fingerprint)
    verdict = judge(project, ledger, codebook, new)
    if not verdict.report.valid:
        errors = verdict.report.errors
        many = "1 error stops" if len(errors) == 1 else f"{len(errors):,} errors stop"
        first = f"event {errors[0].event_id}: {errors[0].message}" if errors[0].event_id else errors[0].message
        raise ReleaseError(
            f"{many} the release{'' if len(errors) == 1 else ', the first'}: {first}",
            "Mend them ('eventcoder validate' and 'eventcoder duplicates' list them) and run this again. Nothing was written.",
            verdict.report.problems,
        )
    name, tables = new.version, new.tables
    found = counts(new.changes)
    result = ReleaseResult(RELEASED if target else WOULD, name, None, new.previous, tables[EVENTS].num_rows, new.fingerprint, found, verdict.report)
    if target is None:
        return result
    contents = Contents(
        name, new.previous, new.created, notes, tables, new.changes, new.retracted, labels(new.changes, new.before.get(EVENTS), tables[EVENTS]),
        new.fingerprint, verdict.document, verdict.html, found,
    )  # fmt: skip
    staged = staging.stage(target, name)
    manifest_hash = write_contents(staged, contents, codebook, project.schema_dir, project.settings)
    staging.put_in_place(staged, target / name)
    write_versions(target, versions.adding(_entry(contents, manifest_hash)))
    return ReleaseResult(RELEASED, name, target / name, new.previous, result.events, new.fingerprint, found, verdict.report)


def adopt_finished(folder: Path, versions: Versions) -> Versions:
    """Enter a release that was put in place by a build that died before it could write the list.

    Such a folder was checked and complete before it got its name; its manifest must still be intact and follow the latest version.
    """
    known = {v.version for v in versions.versions}
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and VERSION_PATTERN.fullmatch(p.name) and p.name not in known):
        manifest, package = read_manifest(path)
        if manifest.version != path.name or manifest.previous != versions.latest:
            raise ReleaseError(
                f"{path} is not in versions.json and does not follow {versions.latest or 'nothing'}.",
                "Restore versions.json from git, or move the folder away.",
            )
        damaged = [n for n, facts in manifest.files.items() if not (path / n).is_file() or file_facts(path / n).sha256 != facts.sha256]
        if damaged:
            raise ReleaseError(f"{path} is not in versions.json and is damaged ({damaged[0]}).", "Move the folder away.")
        entry = Version(
            version=manifest.version,
            created=str(package.get("created")),
            previous=manifest.previous,
            manifest_sha256=file_facts(path / "datapackage.json").sha256,
            fingerprint=manifest.fingerprint,
            events=manifest.counts.get(EVENTS, 0),
        )
        versions = versions.adding(entry)
        write_versions(folder, versions)
    return versions


def _number(folder: Path, versions: Versions, version: str | None, time: datetime) -> str:
    """The number of the new version: never one that is or was in the list or stands as a folder."""
    taken = {v.version for v in versions.versions}
    if folder.is_dir():
        taken |= {p.name for p in folder.iterdir() if VERSION_PATTERN.fullmatch(p.name)}
    if version is None:
        month = f"{time.year:04d}.{time.month:02d}."
        return month + str(max((version_key(v)[2] for v in taken if v.startswith(month)), default=-1) + 1)
    if not VERSION_PATTERN.fullmatch(version):
        raise UsageError(f"{version!r} cannot be a version.", "Versions are YYYY.MM.N, such as 2026.11.0.")
    if version in taken:
        raise UsageError(f"Version {version} is already there; a version is never replaced.", "Leave --version out to get the next number.")
    newest = max(taken, key=version_key, default=None)
    if newest is not None and version_key(version) < version_key(newest):
        raise UsageError(f"Version {version} comes before {newest}, which is there.", "Leave --version out to get the next number.")
    return version


def _documents(entries: Mapping[str, Entry]) -> dict[str, Document]:
    """Documents by id; one whose record was redacted to something else is left out and so counts as undisclosed."""
    found = {}
    for identity, entry in entries.items():
        try:
            found[identity] = Document.model_validate(entry.body)
        except ValidationError:
            continue
    return found


def _codebook_rows(previous: Path, codebook: Codebook) -> list[tuple[str | None, ...]]:
    """What became of codes and names of columns since the release in `previous`, which holds its own codebook."""
    from eventcoder.releases.check import release_codebook

    known = read_manifest(previous)[0].codebook
    if known.hash == codebook.hash:
        return []
    try:
        return codebook_rows(release_codebook(previous), codebook)
    except CodebookError:  # a published codebook that this program reads more strictly cannot be mended: its version is told, 'check' tells the rest
        return [version_row(known.version, codebook.version)]


def _changes(
    project: Project,
    ledger: Ledger,
    documents: Mapping[str, Document],
    before: Mapping[str, pa.Table],
    tables: dict[str, pa.Table],
    retracted: pa.Table,
    version: str,
    codebook: Sequence[tuple[str | None, ...]],
) -> tuple[pa.Table, dict[str, pa.Table]]:
    """The changes against the version before, and the tables with `first_release` and `last_changed` filled in."""
    if not before:
        changes = diff({}, tables)
        return changes, dated(tables, changes, None, retracted, version)
    withdrawn = {r["event_id"]: (r["op"], r["successor"]) for r in still_withdrawn(retracted).to_pylist()}
    reasons = LedgerReasons(ledger.acts, name=lambda coder: pseudonym(coder, project.settings), withdrawn=withdrawn)
    shown = before["event_sources"].column("document_id").unique().to_pylist()
    hidden = {i for i in shown if i is not None and not is_public(documents.get(i))}
    older = {**before, EVENTS: undated(before[EVENTS])}
    draft = diff(older, tables, hidden=hidden)
    tables = dated(tables, draft, before.get(EVENTS), retracted, version)
    return diff(before, tables, reasons=reasons, hidden=hidden, codebook=codebook), tables


def source_datasets(ledger: Ledger, ids: Collection[str]) -> dict[str, str]:
    """The dataset that each of these events was taken from: the dialect of the import that created it, for files in our own form also its name.
    Events that were coded here have none."""
    out = {}
    for event_id, origin in imports_of(ledger.store, ids).items():
        dialect = str(origin.get("dialect"))
        out[event_id] = f"{dialect} {origin.get('file')}" if dialect == NATIVE else dialect
    return out


def labels(changes: pa.Table, old: pa.Table | None, new: pa.Table) -> dict[str, str]:
    """A short description (type, place, day) of the events that CHANGES.md names."""
    wanted = {r["event_id"] for r in changes.to_pylist() if r["op"] in (*BEGINNINGS, *ENDINGS, "attached", "detached")} if old is not None else set()
    found: dict[str, str] = {}
    for table in (old, new):
        if table is None or not wanted:
            continue
        rows = table.filter(pc.is_in(table.column("event_id"), value_set=pa.array(sorted(wanted), pa.string())))
        for row in rows.select(["event_id", "sub_event_type", "location", "country", "event_date"]).to_pylist():
            found[row["event_id"]] = f"{row['sub_event_type']}, {row['location']}, {row['country']}, {row['event_date']}"
    return found


def _entry(contents: Contents, manifest_hash: str) -> Version:
    return Version(
        version=contents.version,
        created=contents.created,
        previous=contents.previous,
        manifest_sha256=manifest_hash,
        fingerprint=contents.fingerprint,
        events=contents.tables[EVENTS].num_rows,
        notes=contents.notes,
    )
