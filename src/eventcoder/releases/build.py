"""Build a release: gather, compare, check, write aside, rename, enter into the list. Floor 6.

Nothing is written before everything has been checked. The clock is not read: `created` is the time of the ledger's last act or record, so that the
same ledger and version give the same bytes on any day (`time` decides the month of the version, what lies in the future, and what a cut-off
keeps back).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pydantic import ValidationError

from eventcoder.changelog import BEGINNINGS, ENDINGS, LedgerReasons, counts, diff
from eventcoder.clock import latest_today, stamp, unstamp
from eventcoder.dataset import build_tables, fingerprint, pseudonym
from eventcoder.dataset.build import is_public
from eventcoder.dataset.schemas import EVENTS
from eventcoder.errors import ReleaseError, UsageError
from eventcoder.event import Document
from eventcoder.problem import Report
from eventcoder.releases import staging
from eventcoder.releases.contents import Contents, write_contents
from eventcoder.releases.layout import RETRACTED, VERSION_PATTERN, version_key
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.package import file_facts
from eventcoder.releases.tables import RETRACTED_SCHEMA, dated, next_retracted, read_retracted, read_tables, still_withdrawn, undated
from eventcoder.releases.versions import Version, Versions, read_versions, write_versions

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Entry, Ledger
    from eventcoder.project import Project

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
        changed = ", ".join(f"{n} {op}" for op, n in self.changes.items() if n)
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


def _build(
    project: Project, ledger: Ledger, codebook: Codebook, versions: Versions, version: str | None, time: datetime, notes: str, target: Path | None
) -> ReleaseResult:
    name = _number(project.releases_dir, versions, version, time)
    entries = {kind: ledger.latest(kind) for kind in ("document", "actor", "coverage")}
    times = [e.time for latest in entries.values() for e in latest.values()]
    cutoff = project.settings.cutoff_days  # reports on the last days are still coming in
    settled = ledger.event_texts("settled", until=latest_today(time) - timedelta(days=cutoff) if cutoff else None)
    documents = _documents(entries["document"])
    tables = build_tables(
        settled,
        codebook,
        documents=documents,
        actors=[e.body for e in entries["actor"].values()],
        coverage=[{**e.body, "coder": e.coder} for e in entries["coverage"].values()],
        settings=project.settings,
    )
    if versions.latest is None and not tables["events"].num_rows:
        said = "No event is settled, so there is nothing to release."
        raise ReleaseError(said, "'eventcoder list' marks the open ones; 'eventcoder validate' says what they lack.")
    created = max([*times, *filter(None, [ledger.last_change()])], default=stamp(time))
    print_ = fingerprint(tables)
    previous = versions.latest
    before: dict[str, pa.Table] = {}
    retracted = RETRACTED_SCHEMA.empty_table()
    if previous is not None:
        known = versions.entry(previous)
        if known is not None and known.fingerprint == print_:
            return ReleaseResult(NOTHING, previous, project.releases_dir / previous, known.previous, known.events, print_)
        before = read_tables(project.releases_dir / previous)
        retracted = read_retracted(project.releases_dir / previous / RETRACTED)
    changes, tables = _changes(project, ledger, documents, before, tables, retracted, name)
    gone = next_retracted(retracted, changes, before.get(EVENTS, tables[EVENTS]), name)
    # Judged on the day of the last entry, not of this run: what was coded by then cannot have happened later, and the verdict does not age.
    report, validation, page = _checked(project, ledger, codebook, tables, gone, before, latest_today(unstamp(created)))
    found = counts(changes)
    result = ReleaseResult(RELEASED if target else WOULD, name, None, previous, tables[EVENTS].num_rows, print_, found, report)
    if target is None:
        return result
    contents = Contents(
        name, previous, created, notes, tables, changes, gone, _labels(changes, before.get(EVENTS), tables[EVENTS]), print_,
        validation, page, found,
    )  # fmt: skip
    staged = staging.stage(target, name)
    manifest_hash = write_contents(staged, contents, codebook, project.schema_dir, project.settings)
    staging.put_in_place(staged, target / name)
    write_versions(target, versions.adding(_entry(contents, manifest_hash)))
    return ReleaseResult(RELEASED, name, target / name, previous, result.events, print_, found, report)


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


def _changes(
    project: Project,
    ledger: Ledger,
    documents: Mapping[str, Document],
    before: Mapping[str, pa.Table],
    tables: dict[str, pa.Table],
    retracted: pa.Table,
    version: str,
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
    return diff(before, tables, reasons=reasons, hidden=hidden), tables


def _checked(
    project: Project,
    ledger: Ledger,
    codebook: Codebook,
    tables: dict[str, pa.Table],
    retracted: pa.Table,
    before: Mapping[str, pa.Table],
    today: date,
) -> tuple[Report, dict[str, Any], str]:
    """The gate. Raises `ReleaseError` with everything that was found when there is an error in it."""
    from eventcoder.validation import gate

    found = gate(
        {**tables, "retracted": still_withdrawn(retracted)},
        codebook,
        latest_today=today,
        previous=before or None,
        duplicate_stop=project.settings.duplicate_stop,
        imported=lambda event_id: source_dataset(ledger.acts(event_id)),
    )
    report = found.report
    if not report.valid:
        errors = report.errors
        raise ReleaseError(
            f"{len(errors)} error(s) stop the release: {errors[0].message}",
            "Mend them ('eventcoder validate' and 'eventcoder duplicates' list them) and run this again. Nothing was written.",
            report.problems,
        )
    return report, found.document, found.html


def source_dataset(acts: Sequence[Entry]) -> str | None:
    """The dataset that an event was taken from: the dialect of the import that created it, for files in our own form also the file's name. None
    for an event that was coded here."""
    origin = acts[0].body.get("import") if acts else None
    if not origin:
        return None
    dialect = str(origin.get("dialect"))
    return f"{dialect} {origin.get('file')}" if dialect == NATIVE else dialect


def _labels(changes: pa.Table, old: pa.Table | None, new: pa.Table) -> dict[str, str]:
    """A short description (type, place, day) of the events that CHANGES.md names."""
    wanted = {r["event_id"] for r in changes.to_pylist() if r["op"] in (*BEGINNINGS, *ENDINGS, "attached", "detached")} if old is not None else set()
    found: dict[str, str] = {}
    for table in (old, new):
        if table is None or not wanted:
            continue
        import pyarrow.compute as pc

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
