"""One lesson: gather the decisions, hold a new model against the one in use, calibrate it, and tell everything as one record. Floor 5.

The same ledger, examples, lexicon and program give the same model, byte by byte: nothing depends on the clock or on chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventcoder.errors import NotFound, Refused
from eventcoder.evaluation.calibration import Calibration, Scored, calibrate
from eventcoder.extraction.classifier.examples import Example
from eventcoder.extraction.classifier.features import VERSION
from eventcoder.extraction.classifier.learned import BASE, FEATURES
from eventcoder.extraction.classifier.making import temperature
from eventcoder.extraction.classifier.training import inputs_digest
from eventcoder.extraction.classifier.voting import PRIORS, Voter, open_voter, read_priors
from eventcoder.identity import digest
from eventcoder.learning.comparing import Contest, Held, groups_of
from eventcoder.learning.decisions import Decision, Gathered, gather
from eventcoder.learning.fitting import SMOOTH, WEIGHT, fit, packaged_examples, sample, shares_of
from eventcoder.learning.gains import Gains, gains
from eventcoder.learning.versions import Version, version_in_use

if TYPE_CHECKING:
    from eventcoder.coding import Desk
    from eventcoder.extraction.kit import Kit

LEAST = 50  # decisions below which a model is not trained anew: what it would learn is chance
ENOUGH = 100  # decisions from which on the calibration is the team's own

Progress = Callable[[str], None]


@dataclass(slots=True)
class Lesson:
    """What was learned. `worse` says why the model should not take the place of the one in use, "" if it should; `inputs` names what it is made of.

    Without a `voter` nothing was trained: the version in use has learned from exactly these decisions.
    """

    gathered: Gathered
    before: str
    inputs: str
    voter: Voter | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    by_document: Gains | None = None
    by_time: Gains | None = None
    until: str = ""
    calibration: Calibration | None = None
    packaged: int = 0

    @property
    def worse(self) -> str:
        """Judged by documents, and by time where the loss is more than chance."""
        if self.by_document is not None and self.by_document.f1.difference < 0:
            return f"over documents it is worse than {self.before}"
        if self.by_time is not None and self.by_time.f1.verdict == "lost":
            return f"on the latest decisions it is worse than {self.before}"
        return ""

    def as_json(self) -> dict[str, Any]:
        """What `scores.json` of a version says, and `learn --json` prints."""
        gathered = self.gathered
        return {
            "inputs": self.inputs,
            "ledger": gathered.ledger,
            "decisions": len(gathered.decisions),
            "documents": gathered.documents,
            "last_decision": max((d.day for d in gathered.decisions), default=""),
            "types": gathered.by_type(),
            "not_used": gathered.left,
            "kept_aside": gathered.aside,
            "examples": self.packaged,
            "weight": WEIGHT,
            "smooth": SMOOTH,
            FEATURES: VERSION,
            "before": self.before,
            "by_document": self.by_document.as_json() if self.by_document else None,
            "by_time": {"until": self.until, **self.by_time.as_json()} if self.by_time else None,
            "calibration": self.calibration.as_json() if self.calibration else None,
            "worse": self.worse,
        }

    def taught(self) -> dict[str, str]:
        """Decision -> type: kept with a version, so that a later one can be held against it fairly."""
        return {d.id: d.sub_event_type for d in self.gathered.decisions}


def learn(desk: Desk, kit: Kit, *, progress: Progress = lambda _: None) -> Lesson:
    """Train on the project's decisions. Nothing is stored.

    Raises `Refused` when there is not enough to learn from, or when a gold coding cannot be read.
    """
    gathered = gather(desk)
    _enough(gathered)
    examples = packaged_examples(kit)
    current = version_in_use(desk.project.root)
    made_of = [inputs_digest(examples, kit.schema_dir / "lexicon"), WEIGHT, SMOOTH, ENOUGH]
    inputs = digest([*made_of, [[d.sentence, d.sub_event_type] for d in gathered.decisions]])[:12]
    lesson = Lesson(gathered, current.name if current else BASE, inputs, packaged=len(examples))
    if current is not None and current.scores.get("inputs") == inputs:
        return lesson
    return _train(lesson, examples, current, desk, kit, progress)


def _enough(gathered: Gathered) -> None:
    number, types = len(gathered.decisions), gathered.by_type()
    others = "; ".join(f"{n} {reason}" for reason, n in gathered.left.items())
    told = f" Others teach nothing: {others}." if others else ""
    if number < LEAST:
        raise Refused(
            f"{number} decisions teach types, and {LEAST} are needed. Nothing was changed.{told}", "Decide more drafts with 'eventcoder review'."
        )
    if len(types) < 2:
        raise Refused(
            f"All {number} decisions are of the type {next(iter(types))}. Nothing was changed.{told}", "Decide drafts of other types first."
        )


def _train(lesson: Lesson, examples: Sequence[Example], current: Version | None, desk: Desk, kit: Kit, progress: Progress) -> Lesson:
    decisions = lesson.gathered.decisions
    progress(f"Reading {len(examples)} examples and {len(decisions)} decisions ...")
    packaged = read_priors(kit.classifier_dir / PRIORS)
    base = open_voter(kit.classifier_dir)
    given = [sample(e.sentence, e.sub_event_type or "", e.weight, kit) for e in examples]
    own = [sample(d.sentence, d.sub_event_type, WEIGHT, kit) for d in decisions]
    groups = groups_of(decisions, _texts(desk, decisions))
    contest = Contest(decisions, own, groups, given, packaged, base, current.taught if current else None)
    held = contest.by_document(progress)
    lesson.by_document = _judged(held, decisions, groups)
    later = contest.by_time(progress)
    if later is not None:
        lesson.by_time, lesson.until = _judged(later, decisions, groups), later.until
    progress("Training on all of them ...")
    voter = fit(given, own, packaged)
    heat = _heat(held, decisions, float(base.model.about.get("temperature", 1.0)))
    voter.model.about = {
        "version": lesson.inputs, FEATURES: VERSION, "examples": len(examples), "decisions": len(decisions), "temperature": heat,
        "f1": round(lesson.by_document.f1.after, 3), "accuracy": round(lesson.by_document.accuracy.after, 3),
    }  # fmt: skip
    lesson.voter = voter
    lesson.shares = shares_of((d.sub_event_type for d in decisions), packaged)
    lesson.calibration = _calibrated(held, decisions, groups, heat)
    return lesson


def _texts(desk: Desk, decisions: Sequence[Decision]) -> dict[str, str]:
    out: dict[str, str] = {}
    for document in sorted({d.document for d in decisions}):
        try:
            out[document] = desk.documents.text(document)
        except NotFound:
            continue
    return out


def _judged(held: Held, decisions: Sequence[Decision], groups: Sequence[str]) -> Gains:
    before, after = held.guesses()
    return gains([decisions[i].sub_event_type for i in held.at], before, after, [groups[i] for i in held.at])


def _heat(held: Held, decisions: Sequence[Decision], packaged: float) -> float:
    """The temperature that makes the unseen decisions' scores honest; the packaged one while they are few."""
    import numpy

    if len(held.at) < ENOUGH:
        return packaged
    names = sorted({d.sub_event_type for d in decisions} | {name for shares in held.after for name in shares})
    table = numpy.array([[shares.get(name, 0.0) for name in names] for shares in held.after])
    return temperature(table, [names.index(decisions[i].sub_event_type) for i in held.at])


def _calibrated(held: Held, decisions: Sequence[Decision], groups: Sequence[str], heat: float) -> Calibration:
    """Reliability on unseen decisions, with the temperature in place."""
    numbers = {group: n for n, group in enumerate(sorted({groups[i] for i in held.at}))}
    answers = []
    for i, shares in zip(held.at, held.after, strict=True):
        raised = {name: share ** (1.0 / heat) for name, share in shares.items()}
        best = min(raised, key=lambda name: (-raised[name], name))
        answers.append(Scored(numbers[groups[i]], raised[best] / sum(raised.values()), best == decisions[i].sub_event_type))
    return calibrate(answers, len(numbers))
