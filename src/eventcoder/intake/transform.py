"""The second pass: pieces of a sheet -> rows for the ledger, with every row accounted for. Floor 5.

What is slow is done in bulk and remembered (reading, completing, writing down), what is rare one by one (rows about known events). The checks of a
batch run in DuckDB beside the reading of the next. Nothing is written here: `ready` gives what is to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.completion import Columns
from eventcoder.codebook.verdict import problem_of
from eventcoder.identity import assigned_event_id_cnty, event_id_from
from eventcoder.intake.acts import Acts
from eventcoder.intake.batch import Batch
from eventcoder.intake.reading import CNTY, CONTENT, ID, NATURAL, Reader
from eventcoder.ledger.fold import fold
from eventcoder.ledger.heads import head_row
from eventcoder.problem import Problem
from eventcoder.validation.lots import LOOKED_AT, Approval

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.intake.account import Account
    from eventcoder.intake.apart import Apart
    from eventcoder.intake.completing import Completion
    from eventcoder.intake.formats import Sheet
    from eventcoder.intake.grouping import Grouper
    from eventcoder.intake.judging import Judge
    from eventcoder.intake.rejects import Rejects
    from eventcoder.intake.revising import Reviser
    from eventcoder.ledger import Entry
    from eventcoder.ledger.standings import Standing, Standings

PIECE = 10_000
JUDGED = 40_000  # new events that are judged at a time (see `judging`)


Rows = tuple[list[tuple[str, ...]], list[tuple[Any, ...]]]  # entry rows and head rows that belong together: what `Bulk.add` takes


@dataclass(slots=True)
class Revisions:
    """Acts on known events, ready to be written."""

    entries: list[tuple[str, ...]] = field(default_factory=list)
    heads: list[tuple[Any, ...]] = field(default_factory=list)

    def rows(self, acts: Acts) -> Rows:
        return self.entries, self.heads


@dataclass(frozen=True, slots=True)
class Creations:
    """New events as columns, settled or not: they become rows only where they are written, so that few are held in their long form."""

    batch: Batch
    ids: list[str]
    values: Columns
    settled: list[bool]

    def rows(self, acts: Acts) -> Rows:
        return acts.creates(self.batch, self.ids, self.values, self.settled)


Ready = Revisions | Creations


@dataclass(slots=True)
class _New:
    """Completed new events."""

    batch: Batch
    ids: list[str]
    values: Columns
    mismatches: dict[int, list[Problem]]


@dataclass(slots=True)
class _Judged:
    """New events that wait for their verdicts."""

    parts: list[_New]
    verdicts: Future[list[tuple[int, int]]]


@dataclass(slots=True)
class Transform:
    """One run over the rows. All that it holds is used by its thread alone, the judge's thread excepted."""

    codebook: Codebook
    sheet: Sheet
    reader: Reader
    grouper: Grouper
    completion: Completion
    judge: Judge
    reviser: Reviser
    account: Account
    rejects: Rejects
    look: Standings
    acts_of: Callable[[str], Sequence[Entry]]
    approval: Approval | None  # whether an event (id, values) waits for a second person; None: none does
    progress: Callable[[int, float], None]
    apart: Apart | None = None  # documents that are coded blind, where there are any
    seen: dict[str, int] | None = None  # event id -> line, where rows may name one event in two ways

    def ready(self) -> Iterator[Ready]:
        """What is to be written, batch by batch."""
        waiting: _Judged | None = None
        parts: list[_New] = []
        with ThreadPoolExecutor(1) as threads:
            for batch in self._rows():
                new, rest = self._met(batch)
                if rest.entries:
                    yield rest
                if new is not None:
                    parts.append(self._completed(new))
                if sum(len(part.ids) for part in parts) >= JUDGED:
                    judged = self._judged(parts, threads)
                    yield from self._written(waiting)
                    waiting, parts = judged, []
            if parts:
                judged = self._judged(parts, threads)
                yield from self._written(waiting)
                waiting = judged
            yield from self._written(waiting)

    def _rows(self) -> Iterator[Batch]:
        """Rows that can be applied, one an event."""
        for piece in self.sheet.pieces(PIECE):
            self.account.read += len(piece.lines) + len(piece.faults)
            for fault in piece.faults:
                self.rejects.add_raw(fault.line, fault.raw, fault.problem)
            batch, wrong = self.reader.read(piece)
            if wrong:
                for place in sorted(wrong):
                    self.rejects.add(batch.lines[place], batch.raws[place], wrong[place])
                batch = batch.select([place not in wrong for place in range(len(batch))])
            for sifted in self.grouper.sift(batch):
                if len(sifted):
                    yield sifted
            self.progress(self.account.read, self.sheet.done)
        yield from self.grouper.rest()

    def _met(self, batch: Batch) -> tuple[Batch | None, Revisions]:
        """Rows of events that are new, and what the others come to."""
        numbers = batch.given.get(CNTY) or [None] * len(batch)
        by_number = self.look.by_number([n for n in numbers if n])
        ids = [self._event_id(key, given, number, by_number) for key, given, number in zip(batch.keys, batch.event_ids, numbers, strict=True)]
        known = {s.event_id: s for s in by_number.values()}
        known |= self.look.by_id([event_id for event_id in ids if event_id not in known])
        out = Revisions()
        if not known and self.seen is None and self.apart is None:
            batch.event_ids = list(ids)
            return batch, out
        new = [True] * len(batch)
        for place, event_id in enumerate(ids):
            if self._clashes(batch, place, event_id, by_number):
                new[place] = False
                continue
            found = known.get(event_id)
            if found is None:
                new[place] = not self._coded_blind(batch, place)
                continue
            new[place] = False
            if found.imported == batch.digests[place][:32] and found.state in ("open", "settled"):
                self.account.unchanged += 1  # said before, letter by letter: whatever coders made of it since stands
                continue
            acts = self.acts_of(event_id)
            act = self.reviser.revise(batch, place, found, acts)
            if act is not None:
                out.entries.append(act.row())
                out.heads.append(head_row(fold([*acts, act])))
        rows = batch.select(new)
        if not len(rows):
            return None, out
        rows.event_ids = [event_id for event_id, is_new in zip(ids, new, strict=True) if is_new]
        return rows, out

    def _event_id(self, key: str, given: str | None, number: str | None, by_number: dict[str, Standing]) -> str:
        if given:
            return given
        if number and number in by_number:
            return by_number[number].event_id
        return event_id_from((key if key.startswith((CONTENT, NATURAL)) else f"{CNTY}:{number}").encode())

    def _clashes(self, batch: Batch, place: int, event_id: str, by_number: dict[str, Standing]) -> bool:
        """Whether the row names two events, or an event that another row was about (then it is rejected)."""
        line = batch.lines[place]
        number = batch.given[CNTY][place] if CNTY in batch.given else None
        owner = by_number[number].event_id if number in by_number else None
        said = name = None
        if owner is not None and owner != event_id:
            said, name = f"{CNTY} {number} belongs to event {owner}, not to {event_id}. Correct one of the two.", CNTY
        elif self.seen is not None:
            for identity in filter(None, (event_id, number)):
                if said is None and identity in self.seen:
                    said, name = f"lines {self.seen[identity]} and {line} are about the same event {identity}. Keep one.", ID
                self.seen.setdefault(identity, line)
        if said is None:
            return False
        value = number if name == CNTY else event_id
        self.rejects.add(line, batch.raws[place], [Problem("duplicate-id", said, field=name, value=value, where=self.sheet.where(line))])
        return True

    def _coded_blind(self, batch: Batch, place: int) -> bool:
        """Whether the row of a new event names a document that is coded blind (then it is rejected, whoever imports)."""
        document = self.apart.named(batch.raws[place]) if self.apart is not None else None
        if document is None:
            return False
        said = f"the row names document {document}, which is coded blind and not adjudicated yet: its event would stand beside the codings, for all "
        said += "to see. Import the row after 'eventcoder adjudicate', or withdraw the tasks first (eventcoder assign --withdraw TASK)."
        line = batch.lines[place]
        found = Problem("document-coded-blind", said, value=document, where=self.sheet.where(line))
        self.rejects.add(line, batch.raws[place], [found])
        return True

    def _judged(self, parts: list[_New], threads: ThreadPoolExecutor) -> _Judged:
        told = [({**part.values, ID: part.ids}, len(part.ids)) for part in parts]
        return _Judged(parts, threads.submit(self.judge.broken, told))

    def _completed(self, batch: Batch) -> _New:
        ids = [event_id or "" for event_id in batch.event_ids]
        values, mismatches = self.completion.complete(batch.given, len(batch))
        countries = self.codebook.lists["countries"]
        blank = [None] * len(batch)
        numbers = values.get(CNTY, blank)
        values[CNTY] = [
            number or (assigned_event_id_cnty(prefix, event_id) if (prefix := countries.attribute(country, "prefix")) else None)
            for number, event_id, country in zip(numbers, ids, values.get("country", blank), strict=True)
        ]
        batch.raws = []  # nothing of these rows is rejected any more
        return _New(batch, ids, values, mismatches)

    def _written(self, judged: _Judged | None) -> Iterator[Ready]:
        """What judged events come to, part by part."""
        if judged is None:
            return
        verdicts = judged.verdicts.result()
        at = before = 0
        for part in judged.parts:
            end = before + len(part.ids)
            mine = []
            while at < len(verdicts) and verdicts[at][0] < end:
                mine.append((verdicts[at][0] - before, verdicts[at][1]))
                at += 1
            before = end
            yield self._noted(part, mine)

    def _noted(self, part: _New, verdicts: Sequence[tuple[int, int]]) -> Creations:
        """Count and tell what is wrong with new events."""
        batch, ids = part.batch, part.ids
        good = [True] * len(batch)
        checks = self.codebook.checks
        for place, problems in part.mismatches.items():
            good[place] = False
            self.account.tell([replace(p, event_id=ids[place], where=self.sheet.where(batch.lines[place])) for p in problems])
        for place, at in verdicts:
            check = checks[at]
            if check.severity == "error":
                good[place] = False
            if self.account.room:
                values = {n: list(v) if isinstance(v := c[place], tuple) else v for n, c in part.values.items()}
                found = problem_of(self.codebook, check, values, ids[place])
                self.account.tell([replace(found, where=self.sheet.where(batch.lines[place]))])
            else:
                self.account.count(check.severity, check.code, check.field)
        if self.approval is not None:
            looked = [part.values.get(name, [None] * len(batch)) for name in LOOKED_AT]
            for place in range(len(batch)):
                told = {name: column[place] for name, column in zip(LOOKED_AT, looked, strict=True)}
                good[place] = good[place] and not self.approval(ids[place], told)
        self.account.created += len(batch)
        self.account.incomplete += len(batch) - sum(good)
        return Creations(batch, ids, part.values, good)
