"""The type of a statement by classifier, rules and vectors together. Floor 5.

Logarithms of probabilities are added: the classifier's (which has seen the rules' vote) whole, those of the vectors by `WEIGHT`, and a part of
the priors: a vote that is surer of itself needs less of them. Both weights by cross-validation over the examples and on the tuning half of the
development set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eventcoder.extraction.classifier.features import look
from eventcoder.extraction.classifier.voting import Voter, as_typed
from eventcoder.extraction.semantic.embedder import Embedder
from eventcoder.extraction.semantic.head import Head
from eventcoder.extraction.typing import Typed

WEIGHT = 0.6
PRIOR = 0.5  # of what the classifier by itself brings in
RULE = "semantic"
Ranges = tuple[tuple[int, int], ...]


@dataclass(slots=True)
class SemanticVoter:
    """Stands in for `classifier.voting.Voter`: `base` is that voter, be it the package's or one that a team taught."""

    base: Voter
    head: Head
    embedder: Embedder

    def vote_statement(self, statement: Any, typed: Typed) -> Typed:
        """The type of a statement (`mentions.Statement`): only the words of its own clauses are read."""
        sentence = statement.sentence
        ranges = tuple((p.start, p.end) for p in statement.pieces)
        return self.vote(sentence.tokens, statement.hits, sentence.people, typed, None if ranges == ((0, len(sentence.tokens)),) else ranges)

    def vote(self, tokens: Any, hits: Any, people: Any, typed: Typed, within: Ranges | None = None) -> Typed:
        """The type of a text (or of the token ranges `within` it) that the rules read as `typed`."""
        import numpy

        labels = self.base.model.labels
        scores = self.base.model.scores(look(tokens, hits, people, typed, within))
        scores = scores - scores.max()
        scores = scores - numpy.log(numpy.exp(scores).sum()) + PRIOR * self.base.push
        told = dict(zip(self.head.labels, self.head.log_shares(self.embedder.one(words_of(tokens, within))).tolist(), strict=True))
        rare = min(told.values())
        scores = scores + WEIGHT * numpy.array([told.get(label, rare) for label in labels])
        raised = numpy.exp((scores - scores.max()) / float(self.head.about.get("temperature", 1.0)))
        voted = as_typed(dict(zip(labels, (raised / raised.sum()).tolist(), strict=True)), typed)
        if voted.sub_event_type != typed.sub_event_type:
            voted.rule = RULE
        return voted


def words_of(tokens: Any, within: Ranges | None) -> str:
    """The text of the token ranges, with single spaces: line ends and what lies between the ranges say nothing."""
    ranges = within or ((0, len(tokens)),)
    parts = [tokens.text[tokens.starts[a] : tokens.ends[b - 1]] for a, b in ranges if b > a]
    return " ".join(" ".join(parts).split())
