"""Event tables into the ledger: every row accounted for, all or nothing. Floor 5.

    read = created + revised + unchanged + rejected

Rejected are rows that cannot be typed, lack an id that their dialect demands, or contradict another row of their id; they go into a rejects file, and
nothing is stored unless `keep_going`. Rows that are no events by their own dataset's rules are rejected too, but hold nothing up. Rows that break
rules, lack values, or say something that has no certain counterpart here are stored open and counted as incomplete. A row that is known changes its
event by one `revise` act of the changed fields; the same file again changes nothing. Acts go in hidden, by short transactions, and one seal shows
them all; an import that was killed is simply run again.

The sheet is gone through twice (`survey`, `transform`); transforming runs in a thread, and this one writes.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from eventcoder.clock import latest_today as latest_of
from eventcoder.clock import stamp
from eventcoder.codebook import Codebook
from eventcoder.identity import digest
from eventcoder.intake.account import Account, ImportResult, Wishes
from eventcoder.intake.acts import Acts, Origin
from eventcoder.intake.again import again, read_as
from eventcoder.intake.apart import Apart
from eventcoder.intake.completing import Completion
from eventcoder.intake.dates import DateFacts
from eventcoder.intake.dialects import Plan, choose, load_dialects, plan
from eventcoder.intake.formats import Sheet, open_sheet
from eventcoder.intake.fragments import Fragments
from eventcoder.intake.grouping import Grouper
from eventcoder.intake.judging import Judge
from eventcoder.intake.outbox import Outbox
from eventcoder.intake.pump import pumped
from eventcoder.intake.reading import CNTY, ID, Reader
from eventcoder.intake.rejects import Rejects
from eventcoder.intake.revising import Reviser
from eventcoder.intake.survey import Places, SheetSurvey, survey
from eventcoder.intake.transform import Ready, Transform
from eventcoder.ledger import Ledger
from eventcoder.ledger.people.roster import roster
from eventcoder.ledger.registered import accepted
from eventcoder.project import Project
from eventcoder.validation.lots import always, second_person

AHEAD = 3  # batches that wait for being written: judged events come in bursts
Progress = Callable[[str, int, float], None]  # phase, rows so far, share of the file (0 to 1)


def import_table(
    project: Project,
    ledger: Ledger,
    codebook: Codebook,
    path: Path | str,
    *,
    coder: str,
    time: datetime,
    wishes: Wishes = Wishes(),
    latest_today: date | None = None,
    progress: Progress = lambda phase, rows, share: None,
) -> ImportResult:
    """Import a table of events of any supported format ("-" is standard input).

    `latest_today` is the day after which an event lies in the future everywhere (default: from `time`). Raises `InputError` for what is no table,
    `Refused` for columns that do not fit (all of them), `UsageError` for unknown wishes and for days that can be read in several ways,
    `LedgerConflict` if somebody changed an event meanwhile, `LedgerError` if another import is under way.
    """
    today = latest_today or latest_of(time)
    with open_sheet(path, sheet=wishes.sheet) as sheet, _few_pauses():
        if (known := again(ledger, sheet, wishes, codebook)) is not None:
            return known
        facts, planned = _planned(project, codebook, sheet, wishes, today, lambda rows, share: progress("Looking through", rows, share))
        run = _Run(project, ledger, codebook, sheet, planned, facts, wishes, coder, time, today)
        return run.run(Path(path), lambda rows, share: progress("Importing", rows, share))


def _planned(
    project: Project, codebook: Codebook, sheet: Sheet, wishes: Wishes, today: date, progress: Callable[[int, float], None]
) -> tuple[SheetSurvey, Plan]:
    """The first pass, and how the sheet is to be read."""
    dialect = choose(load_dialects(project.schema_dir), wishes.dialect, sheet.columns, codebook)
    names = [dialect.column(name) for name in sheet.columns]
    places = Places(
        days=dialect.date_places(sheet.columns, codebook),
        distinct=dialect.distinct_places(sheet.columns),
        index=dialect.index_places(sheet.columns),
        ids=[names.index(name) for name in (ID, CNTY) if name in names],
        natural=dialect.natural_places(sheet.columns),
    )
    facts = survey(sheet, places, lambda: DateFacts(latest_today=today), progress)
    planned = plan(
        dialect,
        sheet.columns,
        facts,
        codebook,
        vintage=wishes.vintage,
        day_order=wishes.day_order,
        keep_unknown=wishes.keep_unknown,
        where=sheet.name,
    )
    return facts, planned


@dataclass(slots=True)
class _Run:
    """The second pass, and the writing."""

    project: Project
    ledger: Ledger
    codebook: Codebook
    sheet: Sheet
    plan: Plan
    facts: SheetSurvey
    wishes: Wishes
    coder: str
    time: datetime
    today: date

    def run(self, path: Path, progress: Callable[[int, float], None]) -> ImportResult:
        account = Account()
        account.tell((*self.sheet.notes, *self.plan.notes))
        rejects = Rejects(self.sheet.columns, typed=self.sheet.typed, account=account)
        judge = Judge(self.codebook, self.today)
        completion = self._completion()
        try:
            if self.wishes.dry_run:
                for _ in pumped(lambda: self._ready(stamp(self.time), account, rejects, judge, completion, progress)):
                    pass
                stored, rejects_file = False, None
            else:
                stored = self._store(account, rejects, judge, completion, progress)
                beside = path.resolve().parent if str(path) != "-" else self.project.state_dir
                rejects_file = rejects.write(path.name if str(path) != "-" else "stdin", [beside, self.project.state_dir])
        finally:
            rejects.close()
            judge.close()
        account.tell(completion.remarks())
        return ImportResult(
            read=account.read,
            created=account.created,
            revised=account.revised,
            unchanged=account.unchanged,
            rejected=account.rejected,
            incomplete=account.incomplete,
            joined=account.joined,
            no_events=account.no_events,
            dialect=self.plan.dialect.id,
            vintage=self.plan.vintage,
            rejects_file=rejects_file,
            problems=tuple(account.problems),
            told=dict(account.told),
            stored=stored,
        )

    def _store(self, account: Account, rejects: Rejects, judge: Judge, completion: Completion, progress: Callable[[int, float], None]) -> bool:
        """Write while the other thread transforms; whether everything that can be stored now is."""
        with self.ledger.bulk(self._batch(), coder=self.coder, time=self.time) as bulk:
            acts = Acts(self._origin(bulk.time, roster(self.ledger).role_of(self.coder)), Fragments())
            box = Outbox(bulk)
            for ready in pumped(lambda: self._ready(bulk.time, account, rejects, judge, completion, progress), AHEAD):
                if self.wishes.keep_going or not account.wrong:
                    box.put(*ready.rows(acts))
            good = self.wishes.keep_going or not account.wrong
            if good and box.send():
                figures = {n: getattr(account, n) for n in ("read", "created", "revised", "unchanged", "rejected", "incomplete", "joined")}
                told = {"file": self.sheet.name, "sha256": self.sheet.sha256, "dialect": self.plan.dialect.id, "vintage": self.plan.vintage}
                told["read_as"] = read_as(self.wishes, self.codebook)
                progress(account.read, 1.0)
                bulk.seal(self.coder, bulk.time, body={"import": {**told, **figures}})
        return good

    def _batch(self) -> str:
        """The batch's name: the same for the same file under the same wishes, so that an import that was killed is found again by the next."""
        settings = digest([self.plan.dialect.id, self.plan.vintage, self.codebook.hash, self.coder, self.wishes.day_order, self.wishes.keep_unknown])
        name = batch = f"import {self.sheet.name} {self.sheet.sha256[:12]} {settings[:8]}"
        number = 1
        while any(True for _ in self.ledger.entries(kind="seal", subject=batch)):
            number += 1
            batch = f"{name} ({number})"
        return batch

    def _origin(self, moment: str, role: str) -> Origin:
        return Origin(self.sheet.name, self.sheet.sha256, self.plan.dialect.id, self.plan.vintage, self.codebook.version, self.coder, moment, role)

    def _ready(
        self, moment: str, account: Account, rejects: Rejects, judge: Judge, completion: Completion, progress: Callable[[int, float], None]
    ) -> Iterator[Ready]:
        """The rows to be written; runs in a thread of its own, with its own connection to the ledger."""
        fragments = Fragments()
        reader = Reader(self.codebook, self.plan, self.sheet, fragments)
        targets = set(reader.targets)
        with self.ledger.store.reader() as connection, Ledger(connection).standings() as look:
            own = Ledger(connection)
            people = roster(own)
            origin = self._origin(moment, people.role_of(self.coder))
            approval = always if self.coder in people.trainees else second_person(self.project, self.codebook)
            transform = Transform(
                codebook=self.codebook,
                sheet=self.sheet,
                reader=reader,
                grouper=Grouper(self.codebook, reader, self.sheet, self.facts.repeats, account, rejects),
                completion=completion,
                judge=judge,
                reviser=Reviser(
                    self.codebook,
                    self.plan,
                    self.sheet,
                    completion,
                    origin,
                    account,
                    rejects,
                    latest_today=self.today,
                    approval=approval,
                    redacted=own.latest("redaction"),
                ),
                account=account,
                rejects=rejects,
                look=look,
                acts_of=own.acts,
                approval=approval,
                progress=progress,
                apart=Apart.of(own),
                seen={} if {ID, CNTY} <= targets else None,
            )
            yield from transform.ready()

    def _completion(self) -> Completion:
        from eventcoder.actors import ActorRegistry
        from eventcoder.publishers import PublisherRegistry

        registered = {kind: [dict(e.body) for e in accepted(self.ledger, kind).values()] for kind in ("actor", "publisher")}
        actors = ActorRegistry(self.codebook, registered["actor"], schema_dir=self.project.schema_dir)
        publishers = PublisherRegistry(self.codebook, registered["publisher"], schema_dir=self.project.schema_dir)
        return Completion(self.codebook, self.plan.dialect, actors, publishers)


@contextmanager
def _few_pauses() -> Iterator[None]:
    """Millions of small objects that live long make the collector's rounds long: let it look less often meanwhile."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


__all__ = ["ImportResult", "Wishes", "import_table"]
