"""Build a release: gather, compare, check, write aside, rename, enter into the list. Floor 6.

Nothing is written before everything has been checked. The clock is not read: `created` is the time of the ledger's last act or record, so that the
same ledger and version give the same bytes on any day (`time` decides the month of the version, what lies in the future, and what a cut-off
keeps back).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from eventcoder.changelog import CHANGES_SCHEMA, ENDINGS, HELD, LedgerReasons, codebook_rows, counts, diff, facts, version_row, with_columns
from eventcoder.clock import latest_today, stamp, unstamp
from eventcoder.dataset import build_tables, fingerprint, pseudonym
from eventcoder.dataset.build import is_public
from eventcoder.dataset.coverage import REMOVED
from eventcoder.dataset.schemas import EVENTS
from eventcoder.errors import CodebookError, ReleaseError
from eventcoder.event import Document
from eventcoder.ledger.origins import imports_of
from eventcoder.ledger.registered import accepted
from eventcoder.problem import Problem, Report
from eventcoder.releases import staging
from eventcoder.releases.layout import RETRACTED, VERSION_PATTERN
from eventcoder.releases.making.contents import Contents, write_contents
from eventcoder.releases.making.numbering import release_number
from eventcoder.releases.making.protection import ACTS, Protection, exposed, hidden_words
from eventcoder.releases.making.result import BUILT, NOTHING, WOULD, ReleaseResult, freshness
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.package import file_facts
from eventcoder.releases.papers.reliability import reliability
from eventcoder.releases.tables import DATES, RETRACTED_SCHEMA, dated, next_retracted, read_retracted, read_tables, still_withdrawn, undated
from eventcoder.releases.versions import Version, Versions, read_versions, write_versions
from eventcoder.validation.leftover import Leftovers
from eventcoder.validation.twice import twice_problems

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Entry, Ledger
    from eventcoder.project import Project, Settings
    from eventcoder.validation import GateResult

NATIVE = "native"  # the dialect of files in the codebook's own columns


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
    acts: pa.Table | None = field(default=None, repr=False)


def pending(project: Project, ledger: Ledger, codebook: Codebook, *, time: datetime, version: str | None = None) -> Pending:
    """What a release made at `time` would hold and how it differs from the latest one. Nothing is written and nothing is judged.

    Raises `ReleaseError` if there is no release yet and no event is settled, `UsageError` for a version that is malformed or taken.
    """
    releases = project.releases_dir
    return _pending(project, ledger, codebook, read_versions(releases) if releases.is_dir() else Versions(), version, time)


def judge(project: Project, ledger: Ledger, codebook: Codebook, waiting: Pending, **other: Any) -> GateResult:
    """The verdict of the gate over what is pending. It judges on the day of the last entry, not of this run: what was coded by then cannot
    have happened later, and the verdict does not age. An event that went without any act of it in the ledger was lost, not withdrawn.
    `other` are arguments of the gate that shall be other than a release has them."""
    from eventcoder.validation import gate
    from eventcoder.validation.accepting import read_accepted
    from eventcoder.validation.duplicates.parameters import read_parameters

    agreed = other.pop("reliability") if "reliability" in other else reliability(project, ledger, codebook)
    gone = waiting.changes.filter(pc.is_in(waiting.changes.column("op"), value_set=pa.array(ENDINGS)))
    lost = gone.filter(pc.is_null(gone.column("act"))).column("event_id").combine_chunks()
    withdrawn = still_withdrawn(waiting.retracted)
    withdrawn = withdrawn.filter(pc.invert(pc.is_in(withdrawn.column("event_id"), value_set=lost)))
    verdict = gate(
        {**waiting.tables, "retracted": withdrawn},
        codebook,
        latest_today=latest_today(unstamp(waiting.created)),
        previous=waiting.before or None,
        imported=lambda ids: source_datasets(ledger, ids),
        parameters=read_parameters(project.schema_dir),
        accepted=[replace(one, by=pseudonym(one.by, project.settings) or "") for one in read_accepted(project.schema_dir)],
        **{"duplicate_stop": project.settings.duplicate_stop, **({"reliability": agreed} if agreed else {}), **other},
    )
    return replace(verdict, reliability=agreed)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The tables of the events that were chosen, the documents of the ledger, and the time of its last act or record."""

    tables: dict[str, pa.Table] = field(repr=False)
    documents: dict[str, Document] = field(repr=False)
    created: str


def gathered(project: Project, ledger: Ledger, codebook: Codebook, events: Iterable[str], time: datetime) -> Gathered:
    """The canonical tables of these events (as the texts of `Ledger.event_texts`). Raises `ReleaseError` for a value of another type."""
    from duckdb import ConversionException

    entries = {"document": ledger.latest("document"), "actor": accepted(ledger, "actor"), "coverage": ledger.latest("coverage")}
    times = [e.time for latest in entries.values() for e in latest.values()]
    documents = _documents(entries["document"])
    try:
        tables = build_tables(
            events,
            codebook,
            documents=documents,
            actors=[e.body for e in entries["actor"].values()],
            coverage=[{**e.body, "coder": e.body.get("searched_by") or e.coder} for e in entries["coverage"].values() if REMOVED not in e.body],
            settings=project.settings,
            words=lambda: hidden_words(ledger, documents),
        )
    except (pa.ArrowInvalid, ConversionException) as error:
        what = str(error).partition("\n")[0]
        told = f"A settled event has a value that is not of the type of its column ({what}), so there is no table to release."
        remedy = "'eventcoder validate' names event and column; put it right with 'eventcoder amend'."
        raise ReleaseError(told, remedy, [Problem("value-of-another-type", f"{told} {remedy}")]) from None
    if found := exposed(tables, documents):
        raise ReleaseError(f"Event {found[0].event_id}: {found[0].message}", "Nothing was written.", found)
    return Gathered(tables, documents, max([*times, *filter(None, [ledger.last_change()])], default=stamp(time)))


def _pending(project: Project, ledger: Ledger, codebook: Codebook, versions: Versions, version: str | None, time: datetime) -> Pending:
    name = release_number(project.releases_dir, versions, version, time)
    cutoff = project.settings.cutoff_days  # reports on the last days are still coming in
    settled = ledger.event_texts("settled", until=latest_today(time) - timedelta(days=cutoff) if cutoff else None)
    found = gathered(project, ledger, codebook, settled, time)
    if versions.latest is None and not found.tables["events"].num_rows:
        said = "No event is settled, so there is nothing to release."
        how = "'eventcoder list' marks the open ones; 'eventcoder validate' says what they lack"
        second = "" if project.settings.approval == "none" else "; 'eventcoder queue --approval' lists those that wait for a second person"
        raise ReleaseError(said, f"{how}{second}.")
    return compared(project, ledger, codebook, versions, found, name)


def compared(project: Project, ledger: Ledger, codebook: Codebook, versions: Versions, found: Gathered, name: str, *, dating: bool = True) -> Pending:
    """What was gathered held against the latest release. Without `dating` what no release has or had stays without `first_release` and
    `last_changed` (a candidate is no release)."""
    tables = found.tables
    print_ = fingerprint(tables)
    previous = versions.latest
    before: dict[str, pa.Table] = {}
    moved: list[tuple[str | None, ...]] = []
    retracted = RETRACTED_SCHEMA.empty_table()
    if previous is not None:
        known = versions.entry(previous)
        moved = _codebook_rows(project.releases_dir / previous, codebook)
        if known is not None and known.fingerprint == print_ and not moved:  # another codebook is news for readers: other codes, rules, definitions
            return Pending(name, previous, found.created, print_, known, tables, before, CHANGES_SCHEMA.empty_table(), retracted)
        before = read_tables(project.releases_dir / previous)
        lost = Leftovers(codebook).stopping(ledger.event_texts("settled"), before[EVENTS].column_names)
        if lost:
            raise ReleaseError(lost[0].message, "Nothing was written.", lost)
        retracted = read_retracted(project.releases_dir / previous / RETRACTED)
    changes, tables = _changes(project, ledger, found.documents, before, tables, retracted, name if dating else None, moved)
    protection = Protection(ledger, tables, changes, found.documents, project.settings)
    changes = protection.shown(changes)
    gone = protection.shown(next_retracted(retracted, changes, before.get(EVENTS, tables[EVENTS]), name))
    return Pending(name, previous, found.created, print_, None, tables, before, changes, gone, protection.acts())


def _build(
    project: Project, ledger: Ledger, codebook: Codebook, versions: Versions, version: str | None, time: datetime, notes: str, target: Path | None
) -> ReleaseResult:
    new = _pending(project, ledger, codebook, versions, version, time)
    fresh = freshness(new.tables, new.created)
    if new.same is not None:
        known, folder = new.same, project.releases_dir / new.same.version
        return ReleaseResult(NOTHING, known.version, folder, known.previous, known.events, new.fingerprint, fresh=fresh)
    verdict = judge(project, ledger, codebook, new)
    settled = frozenset(new.tables[EVENTS].column("event_id").to_pylist()) if (twice := list(twice_problems(ledger))) else frozenset()
    twice = [problem for problem in twice if problem.event_id in settled]
    stop_at(Report([*twice, *verdict.report.problems]) if twice else verdict.report, "release")
    found, events = counts(new.changes), new.tables[EVENTS].num_rows
    if target is None:
        return ReleaseResult(WOULD, new.version, None, new.previous, events, new.fingerprint, found, verdict.report, fresh, held=_held(new.changes))
    if new.before:  # the version before makes room: of millions of events its tables are gigabytes, and CHANGES.md needs a few columns
        new = replace(new, before={EVENTS: facts(new.before[EVENTS])})
    folder = put(target, versions, contents_of(new, verdict, notes), codebook, project.schema_dir, project.settings)
    return ReleaseResult(BUILT, new.version, folder, new.previous, events, new.fingerprint, found, verdict.report, fresh, held=_held(new.changes))


def _held(changes: pa.Table) -> tuple[str, ...]:
    """Events that left without having been withdrawn: a coder who left one open may not know that the next release goes without it."""
    here = pc.and_(pc.equal(changes.column("op"), "retracted"), pc.fill_null(pc.starts_with(changes.column("reason"), HELD), False))
    return tuple(changes.filter(here).column("event_id").to_pylist())


def stop_at(report: Report, what: str) -> None:
    """Raise `ReleaseError` with all problems if there is an error among them."""
    errors = report.errors
    if not errors:
        return
    many = "1 error stops" if len(errors) == 1 else f"{len(errors):,} errors stop"
    first = f"event {errors[0].event_id}: {errors[0].message}" if errors[0].event_id else errors[0].message
    lists = {
        "'eventcoder validate' and 'eventcoder duplicates' list them": any(e.event_id for e in errors),
        "'eventcoder checks list --ledger' shows what the dataset as a whole has to reach": any(not e.event_id for e in errors),
    }
    where = "; ".join(line for line, applies in lists.items() if applies)
    raise ReleaseError(
        f"{many} the {what}{'' if len(errors) == 1 else ', the first'}: {first}",
        f"Mend {'it' if len(errors) == 1 else 'them'} ({where}) and run this again. Nothing was written.",
        report.problems,
    )


def contents_of(new: Pending, verdict: GateResult, notes: str, unsettled: pa.Table | None = None) -> Contents:
    """What goes into the files; `unsettled` for a candidate."""
    return Contents(
        new.version, new.previous, new.created, notes, new.tables if new.acts is None else {**new.tables, ACTS: new.acts}, new.changes, new.retracted,
        new.before.get(EVENTS), new.fingerprint, verdict.document, verdict.html, counts(new.changes),
        verdict.reliability, unsettled,
    )  # fmt: skip


def put(
    target: Path, versions: Versions, contents: Contents, codebook: Codebook, schema_dir: Path, settings: Settings, notes: str | None = None
) -> Path:
    """Write a version aside, rename it into place, enter it into the list with its notes (call it with the lock held); its folder."""
    staged = staging.stage(target, contents.version)
    manifest_hash = write_contents(staged, contents, codebook, schema_dir, settings)
    staging.put_in_place(staged, target / contents.version)
    write_versions(target, versions.adding(_entry(contents, manifest_hash, contents.notes if notes is None else notes)))
    return target / contents.version


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
    from eventcoder.releases.checking.check import release_codebook

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
    version: str | None,
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
    found = diff(older, tables, reasons=reasons, hidden=hidden, codebook=codebook)
    tables = dated(tables, found, before[EVENTS], retracted, version)
    return with_columns(found, before[EVENTS], tables[EVENTS], DATES, reasons), tables  # what only a release knows follows from the rest


def source_datasets(ledger: Ledger, ids: Collection[str]) -> dict[str, str]:
    """The dataset that each of these events was taken from: the dialect of the import that created it, for files in our own form also its name.
    Events that were coded here have none."""
    out = {}
    for event_id, origin in imports_of(ledger.store, ids).items():
        dialect = str(origin.get("dialect"))
        out[event_id] = f"{dialect} {origin.get('file')}" if dialect == NATIVE else dialect
    return out


def _entry(contents: Contents, manifest_hash: str, notes: str) -> Version:
    return Version(
        version=contents.version,
        created=contents.created,
        previous=contents.previous,
        manifest_sha256=manifest_hash,
        fingerprint=contents.fingerprint,
        events=contents.tables[EVENTS].num_rows,
        notes=notes,
    )
