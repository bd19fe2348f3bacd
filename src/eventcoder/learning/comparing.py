"""The new model against the one in use, on decisions that neither saw: by cross-validation over documents, and by time. Floor 5.

Documents that tell of one event, or that repeat each other, are kept together: a model that has read the one would know the other. A learned
model that is in use is trained anew in each fold on what it was trained on then, without the fold, so that it has no advantage either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eventcoder.documents.similar import Index, shingles
from eventcoder.extraction.classifier.voting import Voter
from eventcoder.identity import digest
from eventcoder.learning.decisions import Decision
from eventcoder.learning.fitting import Sample, fit

FOLDS = 5
EARLIER = 0.8  # share of the decisions that the test by time learns from
LEAST_LATER = 10  # decisions without which a test by time says nothing

Progress = Callable[[str], None]
Shares = Mapping[str, float]  # type -> probability


@dataclass(frozen=True, slots=True)
class Held:
    """Answers to decisions that the models did not see: positions of the decisions, probabilities before and after. `until` by time only."""

    at: list[int]
    before: list[Shares]
    after: list[Shares]
    until: str = ""

    def guesses(self) -> tuple[list[str], list[str]]:
        """The likeliest types, before and after."""
        return [_best(s) for s in self.before], [_best(s) for s in self.after]


@dataclass(frozen=True, slots=True)
class Contest:
    """What is held against what. `known`: decision id -> type, as the learned model in use was taught; None: the packaged model, as it is."""

    decisions: Sequence[Decision]
    samples: Sequence[Sample]
    groups: Sequence[str]
    examples: Sequence[Sample]
    packaged: Mapping[str, float]
    base: Voter
    known: Mapping[str, str] | None = None

    def by_document(self, progress: Progress = lambda _: None) -> Held:
        """Every decision answered by models that saw nothing of its document."""
        fold = folds_of(self.groups)
        out = Held([], [], [])
        for number in range(max(fold) + 1):
            progress(f"Cross-validation, part {number + 1} of {max(fold) + 1} ...")
            self._answer([i for i, f in enumerate(fold) if f != number], [i for i, f in enumerate(fold) if f == number], out)
        return out

    def by_time(self, progress: Progress = lambda _: None) -> Held | None:
        """The last fifth of the decisions answered by models of those before; None where that leaves too few."""
        earlier, later, until = split_by_time(self.decisions, self.groups)
        if len(later) < LEAST_LATER or len({self.samples[i].label for i in earlier}) < 2:
            return None
        progress("Learning from the earlier decisions, testing on the later ones ...")
        out = Held([], [], [], until)
        self._answer(earlier, later, out)
        return out

    def _answer(self, learn: Sequence[int], test: Sequence[int], out: Held) -> None:
        before = self.base
        if self.known is not None:
            taught = [self.samples[i].as_label(self.known[self.decisions[i].id]) for i in learn if self.decisions[i].id in self.known]
            before = fit(self.examples, taught, self.packaged)
        after = fit(self.examples, [self.samples[i] for i in learn], self.packaged)
        for i in test:
            out.at.append(i)
            out.before.append(before.probabilities(self.samples[i].seen))
            out.after.append(after.probabilities(self.samples[i].seen))


def _best(shares: Shares) -> str:
    return min(shares, key=lambda name: (-shares[name], name))


def groups_of(decisions: Sequence[Decision], texts: Mapping[str, str]) -> list[str]:
    """A name for each decision's group: documents that share an event or nearly all their words are one group."""
    parent = {d.document: d.document for d in decisions}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = name = parent[parent[name]]
        return name

    def join(one: str, two: str) -> None:
        first, second = sorted((root(one), root(two)))
        parent[second] = first

    telling: dict[str, str] = {}
    for decision in decisions:
        join(telling.setdefault(decision.event, decision.document), decision.document)
    index = Index()
    for document in sorted(parent):
        mine = shingles(texts.get(document, ""))
        for other, _ in index.alike(mine):
            join(other, document)
        if mine:
            index.add(document, mine)
    return [root(d.document) for d in decisions]


def folds_of(groups: Sequence[str]) -> list[int]:
    """The fold of each decision: groups in an order that depends on their names alone, each into the smallest fold so far."""
    members: dict[str, int] = defaultdict(int)
    for group in groups:
        members[group] += 1
    sizes = [0] * min(FOLDS, len(members))
    fold: dict[str, int] = {}
    for group in sorted(members, key=lambda g: (-members[g], digest(g))):
        fold[group] = min(range(len(sizes)), key=lambda n: (sizes[n], n))
        sizes[fold[group]] += members[group]
    return [fold[group] for group in groups]


def split_by_time(decisions: Sequence[Decision], groups: Sequence[str]) -> tuple[list[int], list[int], str]:
    """Positions of the earlier and of the later decisions, and the last day of the earlier ones.

    The day is that of the decision; what was decided on one day is ordered by publication. A group stands where its last decision does.
    """
    last: dict[str, tuple[str, str, str]] = {}
    for decision, group in zip(decisions, groups, strict=True):
        last[group] = max(last.get(group, ("", "", "")), (decision.day, decision.published, group))
    order = sorted(range(len(decisions)), key=lambda i: (last[groups[i]], decisions[i].id))
    cut = round(len(order) * EARLIER)
    while 0 < cut < len(order) and groups[order[cut]] == groups[order[cut - 1]]:
        cut += 1  # a group is not cut in two
    until = last[groups[order[cut - 1]]] if cut else ("", "", "")
    days = {d.day for d in decisions}
    return order[:cut], order[cut:], until[0] if len(days) > 1 else until[1]
