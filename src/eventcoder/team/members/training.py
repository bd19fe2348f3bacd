"""Training rounds: a new coder codes documents of which a gold coding exists, and qualifies at the level that the lead sets. Floor 5.

The documents are given out as blind tasks without drafts, in a round of the coder's own; what comes of them is held and never becomes part of the
dataset. `schema/team/training.csv` says which figures have to reach what. Until a coder qualifies, nothing that they code settles.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.errors import CodebookError, NotFound, Refused, UsageError
from eventcoder.evaluation import Evaluation, Figure, GoldDocument, Judge, evaluate
from eventcoder.evaluation.figures import ORDER as FIELDS
from eventcoder.event import Draft, Span
from eventcoder.ledger.blind import TRAINING
from eventcoder.ledger.work import KIND, Task, body_of, task_id, tasks
from eventcoder.project import packaged_schema
from eventcoder.team.members.enrolling import change, heads_of, the_member
from eventcoder.team.tasks.codings import held_events

if TYPE_CHECKING:
    from eventcoder.coding.desk import Desk
    from eventcoder.ledger import Folded

FILE = Path("team") / "training.csv"
COLUMNS = ("measure", "least", "why")
FINDING = ("events.f1", "events.precision", "events.recall")


@dataclass(frozen=True, slots=True)
class Level:
    """What a figure has to reach. `measure` is one of `FINDING`, or a field that the evaluation scores."""

    measure: str
    least: float
    why: str


@dataclass(frozen=True, slots=True)
class Reached:
    """One figure of a coder. `enough` is None where the gold has nothing to score it by."""

    level: Level
    figure: Figure

    @property
    def enough(self) -> bool | None:
        return None if self.figure.value is None else self.figure.value >= self.level.least

    def as_json(self) -> dict[str, Any]:
        return {"measure": self.level.measure, "least": self.level.least, "enough": self.enough, **self.figure.as_json()}


@dataclass(frozen=True, slots=True)
class Score:
    """How far a coder in training is: tasks of the round, those handed in, and the figures over these."""

    coder: str
    round: str
    tasks: int
    done: int
    figures: list[Reached]
    evaluation: Evaluation | None

    @property
    def qualifies(self) -> bool:
        """All handed in, every figure that can be told reached, and one can at least."""
        told = [reached.enough for reached in self.figures if reached.enough is not None]
        return self.done == self.tasks > 0 and bool(told) and all(told)


def read_levels(schema_dir: Path) -> list[Level]:
    """The levels of the project, else those that ship with the package. Raises `CodebookError` that names the line."""
    path = schema_dir / FILE
    path = path if path.is_file() else packaged_schema() / FILE
    out = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise CodebookError(f"{path} must have the columns {', '.join(COLUMNS)}.", "Restore its first line.")
            for row in reader:
                where = f"{path}:{reader.line_num}"
                name, why = (row["measure"] or "").strip(), (row["why"] or "").strip()
                try:
                    least = float(row["least"] or "")
                except ValueError:
                    least = -1.0
                if name not in FINDING and name not in FIELDS:
                    raise CodebookError(f"{where}: {name!r} is no measure.", f"One of {', '.join(FINDING)}, or a field: {', '.join(FIELDS)}.")
                if not 0 <= least <= 1 or not why:
                    raise CodebookError(f"{where}: 'least' must be a number from 0 to 1, and 'why' must say why.", "Mend the line.")
                out.append(Level(name, least, why))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CodebookError(f"{path} cannot be read: {error}.", f"It is a CSV with the columns {', '.join(COLUMNS)}.") from None
    return out


def train(desk: Desk, name: str, gold: Sequence[GoldDocument]) -> list[str]:
    """Give a coder the documents of a gold coding, and let nothing of theirs settle until they qualify; the documents, in order.

    Raises `Refused` if documents were not ingested, or while an earlier training round is under way.
    """
    desk.people.demand(desk.coder, "lead", "train coders")
    member = the_member(desk, name)
    if not member.active:
        raise Refused(f"{name} is disabled.", f"eventcoder coders enable {name}")
    rounds = training_tasks(desk, name)
    if rounds and any(t.state != "done" for t in rounds[max(rounds)]):
        raise Refused(
            f"{name} is in training round '{rounds[max(rounds)][0].round}' already.",
            f"eventcoder coders qualify {name} --gold FILE --dry-run shows how far.",
        )
    found = {line.document: _document(desk, line) for line in gold}
    missing = [line for line, document in found.items() if document is None]
    if missing or not gold:
        told = f"{len(missing)} of {len(gold)} gold documents were not ingested: {', '.join(missing[:5])}" if gold else "The gold coding is empty"
        raise Refused(f"{told}.", "Run 'eventcoder ingest' on them first.")
    documents = [d for d in dict.fromkeys(found.values()) if d is not None]
    number = max(rounds, default=0) + 1
    latest, entries = desk.ledger.latest("document"), []
    for document in documents:
        slot = 1 + max((t.slot for t in tasks(desk.ledger.store, item=document)), default=0)
        body = body_of(
            document, slot, assigned_for=name, round=f"training {name} {number}", plan=TRAINING, blind=True, control=True,
            language=latest[document].body.get("language"),
        )  # fmt: skip
        entries.append(desk.entry(KIND, task_id(document, slot), body))
    new = {**member.body(), "training": "in-training"}
    first = [] if member.in_training else [desk.entry("coder", name, new, heads_of(desk, name))]
    desk.ledger.append([*first, *entries])
    return documents


def training_tasks(desk: Desk, name: str) -> dict[int, list[Task]]:
    """The tasks of a coder's training rounds by the round's number, without those that were withdrawn."""
    out: dict[int, list[Task]] = {}
    mark = f"training {name} "
    for task in tasks(desk.ledger.store, blind=True):
        if task.plan == TRAINING and task.state != "withdrawn" and task.round.startswith(mark) and task.round[len(mark) :].isdecimal():
            out.setdefault(int(task.round[len(mark) :]), []).append(task)
    return out


def score(desk: Desk, name: str, gold: Sequence[GoldDocument], judge: Judge | None = None) -> Score:
    """Hold what a coder handed in of the latest training round against the gold. Raises `NotFound` if there was no round."""
    the_member(desk, name)
    rounds = training_tasks(desk, name)
    if not rounds:
        raise NotFound(f"{name} has no training round.", f"eventcoder coders train {name} --gold FILE gives one.")
    own = rounds[max(rounds)]
    done = {task.document: task for task in own if task.state == "done"}
    drafts: dict[str, list[Draft]] = {}
    texts: dict[str, str] = {}
    named = []
    for line in gold:
        document = _document(desk, line)
        task = done.get(document or "")
        if document is None or task is None:
            continue
        texts[line.document] = desk.documents.text(document)
        drafts[line.document] = [_as_draft(event, document, texts[line.document]) for event in held_events(desk, task.task, name)]
        named.append(line)
    if done and not named:
        raise UsageError("None of the documents of the training round is in this gold coding.", "Give the gold that 'coders train' was given.")
    found = evaluate(drafts, named, judge or Judge(desk.codebook, None, desk.actors), texts=texts) if named else None
    figures = [Reached(level, _figure(found, level.measure)) for level in read_levels(desk.project.schema_dir)] if found else []
    return Score(name, own[0].round, len(own), len(named), figures, found)


def qualify(desk: Desk, reached: Score, *, anyway: str | None = None) -> None:
    """Let a coder's work settle from now on. Raises `Refused` while the level is not reached, unless the lead says why (`anyway`)."""
    desk.people.demand(desk.coder, "lead", "qualify coders")
    if not the_member(desk, reached.coder).in_training:
        raise UsageError(f"{reached.coder} is not in training.", "There is nothing to qualify for.")
    if not reached.qualifies and not anyway:
        low = [r.level.measure for r in reached.figures if r.enough is False]
        if reached.done < reached.tasks:
            why = f"{reached.done} of {reached.tasks} documents are handed in and in this gold coding"
            remedy = "The rest comes first ('eventcoder queue --tasks')"
        else:
            why = f"below the level: {', '.join(low)}"
            remedy = f"Give another training round ('eventcoder coders train {reached.coder} --gold FILE')"
        raise Refused(f"{reached.coder} does not qualify yet: {why}.", f"{remedy}, or say why they qualify: --anyway REASON")
    change(desk, reached.coder, training="qualified", reason=anyway or f"reached the level in round '{reached.round}'")


def _figure(found: Evaluation, measure: str) -> Figure:
    if measure in FINDING:
        return {"events.f1": found.f1, "events.precision": found.precision, "events.recall": found.recall}[measure]()
    none_found = "none of the gold's events was found" if not found.recall().value else "the gold names it in no event that was found"
    return found.fields.get(measure) or Figure(None, why=none_found)


def _document(desk: Desk, line: GoldDocument) -> str | None:
    """The stored document of a gold line, by its id, its file's name, or its text."""
    from eventcoder.documents.article import Article
    from eventcoder.text import normalise

    documents = desk.ledger.latest("document")
    if line.document in documents:
        return line.document
    if line.text is not None:
        identity = Article(normalise(line.text)).id
        return identity if identity in documents else None
    return next((s for s, e in documents.items() if e.body.get("source_name") == line.document), None)


def _as_draft(event: Folded, document: str, text: str) -> Draft:
    """An event as the evaluation compares it: its words are those that the coder marked; who marked none is compared by day and place."""
    spans = [s for of in event.evidence.values() for s in of if s.get("document") == document]
    start = min((int(s["start"]) for s in spans), default=0)
    end = max((int(s["end"]) for s in spans), default=len(text))
    words = Span(start=start, end=end, quote=text[start:end])
    return Draft(
        draft_id=event.event_id, document=document, status="codable", clue="coded by hand", statement=words, fields=dict(event.values), score=1.0,
        engine="coder", engine_version="1",
    )  # fmt: skip
