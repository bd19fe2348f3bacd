"""Runs: which documents, which hands, where the answers go. Floor 5."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from eventcoder.coding import Desk
from eventcoder.corpus import register
from eventcoder.corpus.pieces import PIECE_TEXTS, Answer, Item, Pool, answered
from eventcoder.corpus.recipe import Here, Opened, Recipe, recipe_of
from eventcoder.corpus.storing import Storing, stored
from eventcoder.errors import InputError
from eventcoder.identity import digest

if TYPE_CHECKING:
    from collections.abc import Generator

    from eventcoder.corpus.done import Done
    from eventcoder.corpus.places import Place
    from eventcoder.event import Draft

    Answers = Generator[tuple[Item, Answer], None, None]

FEW = 20  # documents that this process reads sooner than others would have started
FORETOLD = 200  # documents whose cost is estimated beforehand
Told = Callable[[int, int], None]
Planned = dict[int, tuple[str, str]]  # number of a part -> its name and key


@dataclass(slots=True)
class Run:
    """What is asked for. `jobs` 0: as many processes as there are cores, where that pays. `again`: also what was done before."""

    engine: str
    jobs: int = 0
    scheduler: str = ""
    again: bool = False
    known: bool = False  # also give what earlier runs stored of documents that need not be read again
    progress: Callable[[str], None] | None = None  # told of what takes long before reading begins
    told: Told | None = None  # told how many documents are done, and of how many


@dataclass(slots=True)
class Read:
    """What a run came to; complete when its answers are all taken. `known`: documents that were done before."""

    documents: int = 0
    drafts: int = 0
    failed: int = 0
    undated: int = 0
    known: int = 0
    removed: int = 0

    def add(self, item: Item, answer: Answer) -> None:
        """Count one document; those that were done before are counted as `known` where they are met."""
        if item.kept is not None:
            return
        self.documents += 1
        self.drafts += len(answer.drafts)
        self.failed += answer.failed
        self.undated += item.text is not None and item.text.document.published is None


def to_ledger(desk: Desk, run: Run, read: Read, only: Sequence[str] | None = None, *, store: bool = True) -> Answers:
    """Read documents of the project (`only` these, whether done before or not) and store their drafts; answers in the order of the documents.

    What was answered is stored, at the latest when the iterator ends or is closed. Raises what opening the engine raises.
    """
    recipe = recipe_of(desk, run.engine)
    with _opened(recipe, run) as opened:
        state = _state(opened, recipe)
        if not store:
            items = _of_ledger(desk, state, only)
            yield from _counted(_hands(opened, recipe, run, items), read, run, _number(desk, only))
            return
        from eventcoder.corpus.done import Done

        with closing(Done(desk.project.state_dir, run.engine)) as done:
            again = run.again or only is not None
            items = _of_ledger(desk, state, only, None if again else done, read, kept=run.known)
            with Storing(desk, done) as storing:
                for item, answer in _counted(_hands(opened, recipe, run, items), read, run, _number(desk, only)):
                    storing.add(item, answer)
                    yield item, answer


def only_read(desk: Desk, run: Run, read: Read, source: str) -> Answers:
    """Read the documents of a Parquet dataset and store nothing."""
    from eventcoder.corpus.places import place
    from eventcoder.corpus.source import ParquetSource

    parts = ParquetSource(place(source))
    recipe = recipe_of(desk, run.engine)
    with _opened(recipe, run) as opened:
        items = parts.items(range(len(parts.parts)))
        yield from _counted(_hands(opened, recipe, run, items), read, run, parts.documents)


def to_dataset(desk: Desk, run: Run, read: Read, target: str, source: str | None = None) -> Answers:
    """Read documents of the project, or of the Parquet dataset `source`, into the dataset folder `target`, part by part.

    Parts that are there are passed over, but counted in `read`. Answers hold rows, not drafts. Raises `Refused` where the folder is of another
    engine, state or source.
    """
    from eventcoder.corpus.places import place
    from eventcoder.corpus.target import Counts, ParquetTarget

    recipe = recipe_of(desk, run.engine, "rows")
    where = place(target)
    from_where = place(source) if source is not None else None
    if from_where is not None and (where.path == from_where.path or from_where.path.startswith(where.path.rstrip("/") + "/")):
        raise InputError(f"{where.shown} holds the documents.", "Name another folder for the drafts.")
    with _opened(recipe, run) as opened:
        plan = _ParquetPlan(from_where) if from_where is not None else _LedgerPlan(desk)
        engine = opened.engine
        about = {"engine": engine.name, "engine_version": engine.version, "state": _state(opened, recipe), "source": plan.shown}
        dataset = ParquetTarget(where, about, anew=run.again)
        wanted: Planned = {}
        total = Counts()
        for number, (name, key) in enumerate(plan.parts()):
            known = dataset.done(name, key)
            if known is None:
                wanted[number] = (name, key)
            else:
                total += known
        read.known = total.documents
        waiting: list[tuple[Item, Answer]] = []
        for item, answer in _counted(_hands(opened, recipe, run, plan.items(wanted)), read, run, plan.documents - total.documents):
            if waiting and item.part != waiting[0][0].part:
                dataset.write(*plan.part(wanted, waiting), waiting)
                waiting = []
            waiting.append((item, answer))
            yield item, answer
        if waiting:
            dataset.write(*plan.part(wanted, waiting), waiting)
        read.removed = dataset.keep_only(name for name, _ in plan.parts())
        read.documents, read.drafts = read.documents + total.documents, read.drafts + total.drafts
        read.failed, read.undated = read.failed + total.failed, read.undated + total.undated


class _ParquetPlan:
    """Parts of a Parquet dataset."""

    def __init__(self, where: Place) -> None:
        from eventcoder.corpus.source import ParquetSource

        self._source = ParquetSource(where)
        self.shown = where.shown
        self.documents = self._source.documents

    def parts(self) -> Iterator[tuple[str, str]]:
        """(name, key) of every part."""
        return ((part.name, part.key) for part in self._source.parts)

    def items(self, wanted: Planned) -> Iterator[Item]:
        """The documents of these parts."""
        return self._source.items(wanted.keys())

    def part(self, wanted: Planned, answers: Sequence[tuple[Item, Answer]]) -> tuple[str, str]:
        """(name, key) of the part that was just read."""
        return wanted[answers[0][0].part]


class _LedgerPlan:
    """Parts of the project's documents: by id, a page a part. New documents move those behind them, whose parts are then done again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.shown = f"project {desk.project.settings.id}"
        self.documents = register.count(desk.ledger)

    def parts(self) -> Iterator[tuple[str, str]]:
        """(name, key) of every part."""
        for number, entries in enumerate(register.pages(self._desk.ledger)):
            yield f"part-{number:06d}.parquet", digest([register.key_of(entry, "") for entry in entries])[:16]

    def part(self, wanted: Planned, answers: Sequence[tuple[Item, Answer]]) -> tuple[str, str]:
        """(name, key) of the part that was just read: of what was read, in case documents came in meanwhile."""
        return wanted[answers[0][0].part][0], digest([item.key for item, _ in answers])[:16]

    def items(self, wanted: Planned) -> Iterator[Item]:
        """The documents of these parts."""
        for number, entries in enumerate(register.pages(self._desk.ledger)):
            if number in wanted:
                for entry in entries:
                    item = register.item_of(self._desk, entry, "")
                    item.part = number
                    yield item


@contextmanager
def _opened(recipe: Recipe, run: Run) -> Iterator[Opened]:
    """The engine; one that spends money says what it came to, however the run ended."""
    opened = recipe.open(run.progress)
    try:
        yield opened
    finally:
        opened.close()
        summary = getattr(opened.engine, "summary", None)
        if summary is not None and run.progress is not None:
            run.progress(summary())


def _state(opened: Opened, recipe: Recipe) -> str:
    """16 hex digits for all that drafts follow from besides the document."""
    return digest([*opened.versions, recipe.key])[:16]


def _hands(opened: Opened, recipe: Recipe, run: Run, items: Iterable[Item]) -> Answers:
    """Read the items by as many hands as are asked for, or as pay."""
    source = iter(items)
    pool: Pool
    most = PIECE_TEXTS
    if run.scheduler:
        from eventcoder.corpus.cluster import Cluster

        pool = Cluster(_expecting(recipe, opened), run.scheduler)
    elif opened.engine.workers == "threads":  # such an engine shares the work itself, and waits for an endpoint most of the time
        pool, most = Here(opened), max(PIECE_TEXTS, 4 * recipe.settings.llm_parallel)
        source = _foretold(opened, run, source)
    else:
        first = list(islice(source, FEW + 1)) if not run.jobs else []
        number = run.jobs or (_cores() if len(first) > FEW else 1)
        source = chain(first, source)
        pool = Here(opened)
        if number > 1:
            from eventcoder.corpus.pools import Processes

            pool = Processes(_expecting(recipe, opened), number)
    try:
        yield from answered(pool, source, most)
    finally:
        pool.close()


def _foretold(opened: Opened, run: Run, source: Iterator[Item]) -> Iterator[Item]:
    """Say what reading will take before anything is sent: of all documents, or of the first ones of many."""
    outlook = getattr(opened.engine, "outlook", None)
    if outlook is None or run.progress is None:
        return source
    first = list(islice(source, FORETOLD + 1))
    told = outlook([item.text for item in first[:FORETOLD] if item.text is not None])
    run.progress(told if len(first) <= FORETOLD else f"{told} That is for the first {FORETOLD} documents.")
    return chain(first, source)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _expecting(recipe: Recipe, opened: Opened) -> Recipe:
    return replace(recipe, expected=opened.versions)


def _counted(answers: Answers, read: Read, run: Run, total: int) -> Answers:
    with closing(answers):
        for item, answer in answers:
            read.add(item, answer)
            yield item, answer
            if run.told is not None:
                run.told(read.documents, total)


def _number(desk: Desk, only: Sequence[str] | None) -> int:
    return len(only) if only is not None else register.count(desk.ledger)


def _of_ledger(
    desk: Desk, state: str, only: Sequence[str] | None, done: Done | None = None, read: Read | None = None, *, kept: bool = False
) -> Iterator[Item]:
    """Documents of the ledger that are still to be read; with `kept` also the others, with what is stored of them."""
    for entries in register.pages(desk.ledger, only):
        fresh = {entry.subject for entry in entries}
        held: dict[str, list[Draft]] = {}
        if done is not None:
            fresh = done.fresh([(entry.subject, register.key_of(entry, state)) for entry in entries])
            of = done.drafts([entry.subject for entry in entries if entry.subject not in fresh])
            # the memory outlives its ledger: another one may be named since, or the file was lost and built anew from older journals
            here = stored(desk.ledger, (draft for drafts in of.values() for draft in drafts))
            known = [document for document, drafts in of.items() if here.issuperset(drafts)]
            fresh |= of.keys() - known
            if read is not None:
                read.known += len(known)
            if kept:
                held = register.drafts_of(desk.ledger, {document: of[document] for document in known})
        for entry in entries:
            if entry.subject in fresh:
                yield register.item_of(desk, entry, state)
            elif entry.subject in held:
                yield Item(entry.subject, kept=held[entry.subject])
