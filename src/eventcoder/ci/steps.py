"""The steps themselves: each fills its `Step`, and leaves on the workbench what later ones need. Floor 7.

The functions have the names of `report.STEPS`; heavy imports are inside them, so that a run that was asked for one step pays for that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.ci.report import Step
from eventcoder.ci.run import Workbench, base_schema
from eventcoder.errors import CodebookError, InputError, MissingPart, ReleaseError
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.ledger import Folded, Ledger

FIELDS = 6  # fields that a conflict names


def journal(bench: Workbench, step: Step) -> None:
    """The files of the journal, and that nothing of the base's is gone."""
    from eventcoder.ci.folders import JOURNAL, elsewhere
    from eventcoder.ci.journal import inspect_journal

    told, problems = inspect_journal(bench.repository, bench.commits, bench.project.journal_dir, bench.moment)
    step.told += told
    step.add(elsewhere(bench.repository, bench.head, bench.project.root, JOURNAL))
    step.add(problems)
    bench.told_places = frozenset(p.where for p in problems if p.severity == "error")
    if not problems and not any(bench.project.journal_dir.glob("*.jsonl")):
        step.skip("there is no journal yet; 'eventcoder journal export' writes it")


def rebuild(bench: Workbench, step: Step) -> None:
    """A fresh ledger from the journal."""
    from eventcoder.ledger import open_ledger
    from eventcoder.ledger.exchange.journal import import_journal

    files = sorted(p for p in bench.project.journal_dir.glob("*.jsonl") if p.is_file() and not p.is_symlink())
    if not files:
        bench.missing = "there is no journal"
        return step.skip(bench.missing)
    ledger = bench.stack.enter_context(open_ledger(bench.temporary / "ledger.sqlite"))
    result = import_journal(ledger, files, keep_going=True)
    bench.ledger = ledger
    bench.incomplete = any(p.severity == "error" for p in result.problems)
    placed = [replace(p, where=f"{bench.prefix}raw/journal/{p.where}") if p.where else p for p in result.problems]
    step.add(p for p in placed if p.where not in bench.told_places)
    step.add(ledger.verify())
    step.add(_conflict(ledger, event) for event in ledger.events(states=("conflict",)))
    states = ", ".join(f"{n} {state}" for state, n in ledger.states().items())
    step.told.append(f"{result.new} entries; events: {states or 'none'}")
    return None


def _conflict(ledger: Ledger, event: Folded) -> Problem:
    """Who stands against whom, in which fields, with which values."""
    acts = {act.id: act for act in ledger.acts(event.event_id)}
    involved = {*event.heads, *(i for sides in event.differing.values() for i in sides)}
    coders = sorted({acts[i].coder for i in involved if i in acts})
    parts = []
    for name, sides in list(event.differing.items())[:FIELDS]:
        said = ", ".join(f"{acts[i].coder if i in acts else i[:12]}: {'null' if value is None else value}" for i, value in sorted(sides.items()))
        parts.append(f"{name} ({said})")
    if len(event.differing) > FIELDS:
        parts.append(f"and {len(event.differing) - FIELDS} more")
    what = "; ".join(parts) or "no value differs, but both acted on it"
    told = f"{' and '.join(coders)} changed the event without knowing of each other: {what}. 'eventcoder resolve {event.event_id}' decides it."
    return Problem("event-in-conflict", told, event_id=event.event_id, field=next(iter(event.differing), None))


def codebook(bench: Workbench, step: Step) -> None:
    """The codebook proves itself, and the step of its version fits what changed."""
    from eventcoder.ci.folders import SCHEMA, elsewhere
    from eventcoder.codebook import load_codebook
    from eventcoder.codebook.comparing import compare
    from eventcoder.codebook.proof import prove
    from eventcoder.crosswalks import prove_crosswalks
    from eventcoder.intake.dialects import load_dialects
    from eventcoder.intake.dialects import prove as prove_dialect

    folder = bench.project.schema_dir
    step.add(elsewhere(bench.repository, bench.head, bench.project.root, SCHEMA))
    step.add(_in_schema(bench, prove(folder)))
    if not step.report.valid:
        return
    book = bench.need_codebook()
    for dialect in load_dialects(folder).values():
        prove_dialect(dialect, book)
    step.add(_in_schema(bench, prove_crosswalks(folder, book)))
    step.told.append(f"{book.id} {book.version}: {len(book.columns)} columns, {len(book.rules)} rules")
    before = base_schema(bench)
    if before is None:
        return
    try:
        older = load_codebook(before)
    except CodebookError:
        step.told.append("the codebook of the base is broken, so they were not compared")
        return
    comparison = compare(older, book)
    step.told.append(f"{len(comparison.changes)} change(s) since the base; step of the version: {comparison.declared}, needed: {comparison.required}")
    step.add(_in_schema(bench, comparison.problems()))


def _in_schema(bench: Workbench, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Places in the codebook as places in the repository, where the project has a codebook of its own."""
    from eventcoder.codebook.proof import placed_once

    own = bench.project.schema_dir.is_relative_to(bench.project.root)
    for p in map(placed_once, problems):
        yield replace(p, where=f"{bench.prefix}schema/{p.where}") if own and p.where and not Path(p.where).is_absolute() else p


def validate(bench: Workbench, step: Step) -> None:
    """Every event against the codebook, and against what else is at hand; conflicts were told by the step before."""
    from eventcoder.clock import latest_today
    from eventcoder.validation import project_report
    from eventcoder.validation.accepting import apply, error_codes, read_accepted, release_codes

    if bench.ledger is None:
        return step.skip(bench.missing)
    book, today = bench.need_codebook(), latest_today(bench.moment)
    report = project_report(bench.ledger, book, latest_today=today, **_at_hand(bench, bench.ledger, step))
    report = apply(report, read_accepted(bench.project.schema_dir), today, never=error_codes(book), elsewhere=release_codes(book))
    step.add(p for p in report if p.code != "event-in-conflict")
    return None


def _at_hand(bench: Workbench, ledger: Ledger, step: Step) -> dict[str, Any]:
    """What `project_report` can hold the events against: texts (they may be kept out of git), places, actors, the latest release."""
    from eventcoder.actors import ActorRegistry
    from eventcoder.documents import DocumentStore
    from eventcoder.gazetteer import places_from_entries
    from eventcoder.gazetteer.atlas import open_atlas
    from eventcoder.ledger.registered import accepted
    from eventcoder.releases.layout import RETRACTED
    from eventcoder.releases.tables import read_parquet, read_retracted, still_withdrawn
    from eventcoder.releases.versions import read_versions

    book, schema = bench.need_codebook(), bench.project.schema_dir
    own = [e.body for e in accepted(ledger, "actor").values()]
    found: dict[str, Any] = {"schema_dir": schema, "register": ActorRegistry(book, own, schema_dir=schema)}
    if bench.project.documents_dir.is_dir():
        found["documents"] = DocumentStore(bench.project.documents_dir)
    try:
        team = list(places_from_entries(accepted(ledger, "place").values()))
        found["atlas"] = open_atlas(book, team=team, schema_dir=schema)
    except (MissingPart, OSError) as error:
        step.told.append(f"points were not compared with the gazetteer: {error}")
    try:
        latest = read_versions(bench.project.releases_dir).latest
        if latest is not None:
            folder = bench.project.releases_dir / latest
            released = {"events": read_parquet(folder / "events.parquet"), "retracted": still_withdrawn(read_retracted(folder / RETRACTED))}
            found["released"] = released
    except ReleaseError as error:
        step.told.append(f"the latest release was not compared: {error.message}")
    return found


def released(bench: Workbench, step: Step) -> None:
    """Released files against the base."""
    from eventcoder.ci.folders import RELEASES, elsewhere, versions_elsewhere
    from eventcoder.ci.released import inspect_released

    step.add(elsewhere(bench.repository, bench.head, bench.project.root, RELEASES))
    step.add(versions_elsewhere(bench.repository, bench.head, bench.project.root))
    seen: set[tuple[str, str | None, str]] = set()
    for commit in bench.commits:
        told, problems = inspect_released(bench.repository, commit, bench.project.root)
        fresh = [p for p in problems if (p.code, p.where, str(p.value)) not in seen]
        seen |= {(p.code, p.where, str(p.value)) for p in fresh}
        step.add(fresh)
        step.told = step.told or told
    if bench.base.commit is None:
        step.skip("there is no base to compare with")


def check(bench: Workbench, step: Step) -> None:
    """Every release by its own files."""
    from eventcoder.ci.elsewhere import check_pointers, pointers
    from eventcoder.releases import check_release
    from eventcoder.releases.layout import VERSION_PATTERN, version_key
    from eventcoder.releases.versions import read_versions

    folder = bench.project.releases_dir
    versions = read_versions(folder)
    present = {p.name for p in folder.iterdir() if p.is_dir() and VERSION_PATTERN.fullmatch(p.name)} if folder.is_dir() else set()
    gone = {v.version for v in versions.redacted}
    names = sorted(present | {v.version for v in versions.versions}, key=version_key)
    if not names:
        return step.skip("nothing has been released yet")
    pointed = {name: pointers(folder / name) for name in present}
    for name in names:
        place = f"{bench.prefix}releases/{name}"
        if name not in present and name in gone:
            step.told.append(f"{name}: redacted")
            continue
        if name not in present:
            told = "versions.json names this version, and its folder is not there. Restore it from git or from where it is published."
            step.add([Problem("release-missing", told, value=name, where=place)])
            continue
        entry = versions.entry(name)
        previous = entry.previous if entry is not None else None
        elsewhere = pointed[name]
        unread = bool(elsewhere) or bool(pointed.get(previous or ""))  # the changes are replayed on the tables of the version before
        deep = not unread and (bench.deep == "all" or name == names[-1])
        try:
            problems = list(check_release(folder / name, deep=deep))
        except (ReleaseError, InputError) as error:
            problems = [Problem("bad-manifest", str(error))]
        if elsewhere:
            problems = [p for p in problems if not (p.code == "changed-file" and p.where in elsewhere) and p.code != "checksums-differ"]
            problems += check_pointers(folder / name, elsewhere)
        step.add(replace(p, where=f"{place}/{p.where}" if p.where else place) for p in problems)
        why = " (some files lie in object storage)" if elsewhere else " (the version before lies in object storage)" if unread else ""
        step.told.append(f"{name}: hashes{' and contents' if deep else why}")
        if previous is not None and previous not in present and previous not in gone:
            told = f"{name} builds on {previous}, which is not there. Restore it from git or from where it is published."
            step.add([Problem("release-missing", told, value=previous, where=f"{bench.prefix}releases/{previous}")])
    return None


def _gather(bench: Workbench, step: Step) -> bool:
    """Put on the workbench what would be released; False, with the reason, if there is nothing to put."""
    from eventcoder.releases.making.build import pending

    if bench.ledger is None:
        step.skip(bench.missing)
    elif bench.incomplete:
        step.skip("the journal has errors, so the ledger lacks what they touch; mend them first")
    elif bench.pending is None:
        if not bench.ledger.states().get("settled") and not bench.project.releases_dir.is_dir():
            step.skip("no event is settled")
        else:
            if bench.unreleasable:
                step.skip(bench.unreleasable)
                return False
            bench.unreleasable = f"see the step {step.name}"  # what stops it is told once
            bench.pending = pending(bench.project, bench.ledger, bench.need_codebook(), time=bench.moment)
    return bench.pending is not None and step.verdict == "passed"


def build(bench: Workbench, step: Step) -> None:
    """Would the next release pass its gate, and is a release of this change what the journal gives?"""
    from eventcoder.releases.making.build import judge

    if not _gather(bench, step):
        return
    assert bench.pending is not None and bench.ledger is not None
    waiting = bench.pending
    if waiting.same is not None:
        step.told.append(f"the journal gives {waiting.same.version} again (fingerprint {waiting.fingerprint[:12]})")
        step.add(_not_reproduced(bench, step))
        return
    verdict = judge(bench.project, bench.ledger, bench.need_codebook(), waiting)
    bench.warnings = tuple(p for p in verdict.report if p.severity != "error")
    step.add(verdict.report)
    step.told.append(f"{waiting.tables['events'].num_rows} events, fingerprint {waiting.fingerprint[:12]}")
    step.add(_not_reproduced(bench, step))


def _not_reproduced(bench: Workbench, step: Step) -> Iterator[Problem]:
    """Releases that came with this change must be what the journal gave."""
    from eventcoder.ci.reproducing import new_releases, reproduce

    if bench.base.commit is None:
        return
    for version in new_releases(bench.repository, bench.base.commit, bench.project.releases_dir):
        if bench.project.settings.cutoff_days:
            step.told.append(f"{version} is new here and was not built again: what cutoff_days kept back depends on the day on which it was made")
            continue
        problems = reproduce(bench.repository, bench.project, bench.base.commit, bench.head, version, bench.temporary, bench.moment)
        step.told += [] if problems else [f"{version} is new here, and the journal gives the same"]
        yield from problems


def diff(bench: Workbench, step: Step) -> None:
    """What is pending; the page is made of it at the end."""
    from eventcoder.changelog import counts

    if not _gather(bench, step):
        return
    assert bench.pending is not None
    if bench.pending.same is not None:
        step.told.append("nothing is pending")
        return
    found = ", ".join(f"{n} {op}" for op, n in counts(bench.pending.changes).items() if n) or "no event changed"
    step.told.append(f"against {bench.pending.previous or 'nothing'}: {found}")
