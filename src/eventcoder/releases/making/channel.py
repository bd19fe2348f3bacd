"""The candidate channel: what is known today, apart from the releases and marked, in `releases/candidate/`. Floor 6.

A candidate is the whole as it would be: the settled events, those younger than the project's cut-off, and the open ones. It is not only what is
new, because what happened to released events since (corrected, merged, withdrawn) is half of the news, and a file of additions cannot say it.
`changes.*` and `previous` name the latest release: what the next one would bring. Every candidate stands alone, so older ones can be dropped.

An event is open because something is not known yet, or because it is wrong. What is missing is marked (`validation.gaps`); what is wrong in type,
code or rule is left out, so that a candidate is checked and loaded like a release. `unsettled.csv` names both, with what is missing or wrong. Pairs
of likely duplicates, which stop a release, are in it and marked.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog import counts
from eventcoder.clock import latest_today
from eventcoder.dataset.schemas import EVENTS
from eventcoder.errors import ReleaseError, UsageError
from eventcoder.problem import Problem, Report
from eventcoder.releases import staging
from eventcoder.releases.csvfile import is_csv_of
from eventcoder.releases.layout import CANDIDATES, UNSETTLED, version_key
from eventcoder.releases.making.build import Pending, compared, contents_of, gathered, judge, put, stop_at
from eventcoder.releases.making.numbering import candidate_number
from eventcoder.releases.making.result import BUILT, NOTHING, WOULD, ReleaseResult, Unsettled, freshness
from eventcoder.releases.manifest import CANDIDATE, read_manifest
from eventcoder.releases.papers.reliability import reliability
from eventcoder.releases.versions import Versions, read_versions, write_versions
from eventcoder.validation.gaps import gap_columns, missing
from eventcoder.validation.leftover import Leftovers
from eventcoder.validation.twice import twice_problems

if TYPE_CHECKING:
    from pathlib import Path

    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Ledger
    from eventcoder.project import Project, Settings
    from eventcoder.validation import GateResult

MARK = "candidate, not settled"  # in the title, so that it stands in every citation and on every page
SETTLED, OPEN, RECENT, LEFT_OUT = "settled", "open", "recent", "left out"
DUPLICATE = "undecided-duplicate"
WARNING = (
    "**This is a candidate and no release: it holds events that are not settled, it will change, and it may be removed. "
    "`unsettled.csv` names them. Cite a release.**"
)
NOT_SOUND = "Left out of this candidate, see unsettled.csv; the release still holds it."
UNSETTLED_SCHEMA = pa.schema(
    [
        pa.field(name, kind, metadata={"description": text})
        for name, kind, text in (
            ("event_id", pa.string(), "An event that is not settled. Events that are not listed here are settled."),
            (
                "state",
                pa.string(),
                "open: not settled. recent: settled, but so young that reports still come in. settled: but with problems. left out: not in here.",
            ),
            ("released", pa.string(), "The release that holds it and was the latest. Null: no release holds it."),
            ("missing", pa.list_(pa.string()), "Columns that a settled event must have and that have no value yet."),
            ("problems", pa.list_(pa.string()), "What is wrong with it: codes of problems, which 'eventcoder explain' tells."),
        )
    ]
)


def build_candidate(
    project: Project,
    ledger: Ledger,
    codebook: Codebook,
    *,
    time: datetime,
    notes: str = "",
    keep: int = 0,
    dry_run: bool = False,
) -> ReleaseResult:
    """Publish the events of a ledger that are settled, recent or open as a candidate.

    `keep` is how many candidates stay, this one included; older ones are removed (0: all stay). With `dry_run` everything is checked and nothing
    is written. Raises `ReleaseError` when there is no event, or for an error that cannot be helped by leaving an event out.
    """
    if keep < 0:
        raise UsageError(f"{keep} candidates cannot be kept.", "Give 1 or more, or 0 to keep all.")
    folder = project.releases_dir / CANDIDATES
    if dry_run:
        return _build(project, ledger, codebook, _listed(folder), time, notes, keep, None)
    with staging.locked(folder):
        staging.clean(folder)
        candidates = _listed(folder)
        for name in candidates.dropped:  # of a build that died before it had removed them
            shutil.rmtree(folder / name, ignore_errors=True)
        return _build(project, ledger, codebook, candidates, time, notes, keep, folder)


def marked(settings: Settings) -> Settings:
    """The settings under whose title the papers of a candidate are written."""
    return replace(settings, title=f"{settings.title} ({MARK})")


def _listed(folder: Path) -> Versions:
    found = read_versions(folder) if folder.is_dir() else Versions()
    if found.versions and found.channel != CANDIDATE:
        raise ReleaseError(f"{folder} holds releases, and is the place of candidates.", "Move the folder away.")
    return found if found.channel == CANDIDATE else Versions(channel=CANDIDATE)


@dataclass(slots=True)
class _Chosen:
    """Which events were left out with what is wrong, and which are in with codes of what is undecided."""

    left_out: dict[str, list[Problem]] = field(default_factory=lambda: defaultdict(list))
    doubtful: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def refuse(self, problems: Iterable[Problem], among: Collection[str] | None = None) -> int:
        """Leave out the events that these errors name (of those `among` which there are); how many they are."""
        named = [(p.event_id, p) for p in problems if p.event_id is not None and (among is None or p.event_id in among)]
        for event_id, problem in named:
            self.left_out[event_id].append(problem)
        return len(named)

    def doubt(self, pairs: Iterable[Problem]) -> None:
        for pair in pairs:
            for event_id in (pair.event_id, pair.value):
                self.doubtful[str(event_id)].add(pair.code)

    @property
    def problems(self) -> list[Problem]:
        return [p for event_id in sorted(self.left_out) for p in self.left_out[event_id]]


def _build(
    project: Project, ledger: Ledger, codebook: Codebook, candidates: Versions, time: datetime, notes: str, keep: int, target: Path | None
) -> ReleaseResult:
    released = read_versions(project.releases_dir) if project.releases_dir.is_dir() else Versions()
    folder = project.releases_dir / CANDIDATES
    name = candidate_number(folder, candidates, released, time)
    chosen = _Chosen()
    chosen.refuse(_unfit(ledger, codebook))
    for problem in twice_problems(ledger):
        chosen.doubtful[str(problem.event_id)].add(problem.code)
    new, verdict = _sound(project, ledger, codebook, released, name, time, chosen)
    gaps = missing(new.tables[EVENTS], gap_columns(codebook))
    table = _unsettled(new, ledger, project, time, chosen, gaps)
    states = table.column("state").to_pylist()
    told = Unsettled(states.count(OPEN), states.count(RECENT), len(gaps), {i: chosen.left_out[i] for i in sorted(chosen.left_out)})
    facts = (new.previous, new.tables[EVENTS].num_rows, new.fingerprint)
    fresh = freshness(new.tables, new.created)
    if new.same is not None:  # nothing is known that is not released
        return ReleaseResult(NOTHING, new.same.version, None, *facts, fresh=fresh, unsettled=told)
    newest = candidates.entry(candidates.latest) if candidates.latest else None
    if newest is not None and newest.fingerprint == new.fingerprint and _same(folder / newest.version, new, codebook, table):
        return ReleaseResult(NOTHING, newest.version, folder / newest.version, *facts, fresh=fresh, unsettled=told)
    if target is None:
        return ReleaseResult(WOULD, name, None, *facts, counts(new.changes), verdict.report, fresh, told)
    new = _explained(new, chosen)
    contents = contents_of(new, verdict, "\n\n".join(filter(None, [WARNING, notes])), table)
    place = put(target, candidates, contents, codebook, project.schema_dir, marked(project.settings), notes)
    told = replace(told, dropped=_drop(target, keep))
    return ReleaseResult(BUILT, name, place, *facts, counts(new.changes), verdict.report, fresh, told)


def _sound(
    project: Project, ledger: Ledger, codebook: Codebook, released: Versions, name: str, time: datetime, chosen: _Chosen
) -> tuple[Pending, GateResult]:
    """The tables of all events that pass the gate, and its verdict over them. Leaving one out may show that another stood on it."""
    other: dict[str, Any] = {"gaps": gap_columns(codebook), "reliability": reliability(project, ledger, codebook)}
    while True:
        try:
            found = gathered(project, ledger, codebook, _texts(ledger, chosen.left_out), time)
        except ReleaseError as error:
            if not (chosen.refuse(error.problems) or chosen.refuse(_unreadable(project, ledger, codebook, time, chosen.left_out))):
                raise
            continue
        if not found.tables[EVENTS].num_rows:
            said = "No event can be published." if chosen.left_out else "There is no event to publish."
            raise ReleaseError(said, "'eventcoder list' shows the events; 'eventcoder validate' says what they lack.", chosen.problems)
        new = compared(project, ledger, codebook, released, found, name, dating=False)
        verdict = judge(project, ledger, codebook, new, **other)
        if verdict.report.valid:
            return new, verdict
        pairs = [p for p in verdict.report.errors if p.code == DUPLICATE]
        chosen.doubt(pairs)
        errors = [p for p in verdict.report.errors if p.code != DUPLICATE]
        if errors and not chosen.refuse(errors, among=frozenset(new.tables[EVENTS].column("event_id").to_pylist())):
            stop_at(Report(errors), "candidate")
        other["duplicate_stop"] = None  # looked for once: they are marked, and stop nothing


def _texts(ledger: Ledger, without: Collection[str]) -> Iterator[str]:
    """All events that are settled or open, but for those named."""
    texts = chain(ledger.event_texts("settled"), ledger.event_texts("open"))
    return (t for t in texts if _id_of(t) not in without) if without else texts


def _id_of(text: str) -> str:
    """The id in an event's canonical text (its keys stand in order, and none before it holds such a key)."""
    return text.partition('"event_id":"')[2].partition('"')[0]


def _explained(new: Pending, chosen: _Chosen) -> Pending:
    """A released event that was left out is not withdrawn: the changes, and the list of what is gone, say so."""
    ids = pa.array(sorted(chosen.left_out), pa.string())

    def told(table: pa.Table) -> pa.Table:
        here = pc.and_kleene(pc.is_in(table.column("event_id"), value_set=ids), pc.equal(table.column("op"), "retracted"))
        if "version" in table.column_names:  # the list of what is gone also tells of earlier versions
            here = pc.and_kleene(here, pc.equal(table.column("version"), new.version))
        at = table.column_names.index("reason")
        return table.set_column(at, table.schema.field(at), pc.if_else(here, NOT_SOUND, table.column("reason")))

    return replace(new, changes=told(new.changes), retracted=told(new.retracted)) if len(ids) else new


def _unfit(ledger: Ledger, codebook: Codebook) -> Iterator[Problem]:
    """Events in conflict, and open ones with values that no table can show."""
    for event in ledger.events(states=("conflict",)):
        if event.held:  # no part of the dataset: whatever came of it is marked
            continue
        told = f"Coders changed the event without knowing of each other. 'eventcoder resolve {event.event_id}' decides it."
        yield Problem("event-in-conflict", told, event_id=event.event_id)
    left = Leftovers(codebook)
    for text in ledger.event_texts("open"):
        yield from (p for p in left.of(_id_of(text), json.loads(text).get("values") or {}) if p.severity == "error")


def _unreadable(project: Project, ledger: Ledger, codebook: Codebook, time: datetime, without: Collection[str]) -> Iterator[Problem]:
    """Open events with a value that is not of the type of its column: found by halving, as Arrow refuses a whole batch."""
    waiting = [[t for t in ledger.event_texts("open") if _id_of(t) not in without]]
    while waiting:
        texts = waiting.pop()
        try:
            gathered(project, ledger, codebook, texts, time)
        except ReleaseError as error:
            if any(p.event_id for p in error.problems):
                continue  # another trouble, which names its event
            if len(texts) == 1:
                told = "The event has a value that is not of the type of its column. 'eventcoder validate' names it."
                yield Problem("value-of-another-type", told, event_id=_id_of(texts[0]))
            else:
                waiting += [texts[: len(texts) // 2], texts[len(texts) // 2 :]]


def _unsettled(new: Pending, ledger: Ledger, project: Project, time: datetime, chosen: _Chosen, gaps: Mapping[str, Sequence[str]]) -> pa.Table:
    """unsettled.csv: open, recent and doubtful events of the candidate, those with gaps, and those that were left out, by id."""
    states: dict[str, str] = dict.fromkeys([*chosen.doubtful, *gaps], SETTLED)
    if cutoff := project.settings.cutoff_days:
        last = pa.scalar(latest_today(time) - timedelta(days=cutoff), pa.date32())
        young = new.tables[EVENTS].filter(pc.greater(new.tables[EVENTS].column("event_date"), last))
        states |= dict.fromkeys(young.column("event_id").to_pylist(), RECENT)
    states |= dict.fromkeys(map(_id_of, ledger.event_texts("open")), OPEN)
    states |= dict.fromkeys(chosen.left_out, LEFT_OUT)
    ids = sorted(states)
    codes = [sorted({p.code for p in chosen.left_out.get(i, ())} | chosen.doubtful.get(i, set())) for i in ids]
    before = new.before.get(EVENTS, new.tables[EVENTS] if new.same is not None else None)
    there = pc.is_in(pa.array(ids, pa.string()), value_set=before.column("event_id").combine_chunks()).to_pylist() if before is not None else []
    released = [new.previous if is_there else None for is_there in there] or [None] * len(ids)
    columns = zip((ids, [states[i] for i in ids], released, [gaps.get(i, []) for i in ids], codes), UNSETTLED_SCHEMA, strict=True)
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in columns], schema=UNSETTLED_SCHEMA)


def _same(folder: Path, new: Pending, codebook: Codebook, table: pa.Table) -> bool:
    """Whether the newest candidate says the same of the same events, against the same release and under the same codebook."""
    manifest, _ = read_manifest(folder)
    return (manifest.previous, manifest.codebook.hash) == (new.previous, codebook.hash) and is_csv_of(table, folder / UNSETTLED)


def _drop(folder: Path, keep: int) -> tuple[str, ...]:
    """Take older candidates out of the list, then from the disk, so that nobody is sent to one that is half gone."""
    versions = read_versions(folder)
    every = sorted((v.version for v in versions.versions), key=version_key)
    old = every[: -keep or None] if keep else []
    if old:
        write_versions(folder, versions.dropping(old))
        for name in old:
            shutil.rmtree(folder / name)
    return tuple(old)
