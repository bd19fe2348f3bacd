"""What the classifier sees: words and pairs, parts of words, the lexicon's signals, who acts on whom, and the rules' own vote. Floor 5.

Names are left out on purpose: a model that learned "Kano" or "Gaza" would say where it was trained, not what happened. Numbers become "#".
Each group is brought to about length one and weighted, so that a long text does not speak louder than a short one.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.roles import Person, roles
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.typing import Typed

VERSION = 2  # of this module's output: a model made from another one is not used
WORDS, PARTS, SIGNALS, RULES = 1.0, 0.6, 1.0, 0.6  # weights of the groups, by cross-validation over the examples
NAME, NUMBER = "@", "#"
Ranges = tuple[tuple[int, int], ...]
_SENTENCE = frozenset(".!?")
_SIZES = (3, 4, 5)
_LONG = 3  # shorter words have no parts worth knowing


@dataclass(slots=True)
class Seen:
    """A text as the classifier sees it. `words`, `pairs` and `signals` hold each name once, in order but for the pairs; `rules` the vote."""

    words: Sequence[str]
    pairs: Collection[tuple[str, str]]
    signals: Sequence[str]
    rules: dict[str, float]


def look(tokens: Tokens, hits: Sequence[Hit], people: Sequence[Person], typed: Typed | None, within: Ranges | None = None) -> Seen:
    """`hits` and `people` are those of `tokens`; `typed` is the vote of the rules, None to leave it out.

    `within` are token ranges: of a sentence with several statements only the words of one are seen.
    """
    ranges = within or ((0, len(tokens)),)
    if within is not None:
        people = [p for p in people if any(a <= p.start < b for a, b in within)]
    words = _words(tokens, hits, people, ranges)
    pairs = set(itertools.pairwise(words))
    signals = {h.label for h in hits}
    for hit in hits:
        who, whom = roles(tokens, hit, people)
        if who is not None or whom is not None:
            one, two = who.kind if who else "-", whom.kind if whom else "-"
            signals.add(f"{one}>{hit.label}>{two}")
            signals.add(f"{one}>{two}")
    signals.update(f"k:{p.kind}" for p in people)
    rules: dict[str, float] = {}
    if typed is not None and typed.sub_event_type is not None:
        rules["r:" + typed.sub_event_type] = RULES * (0.4 + 0.6 * typed.score)
        for other, share in typed.alternatives:
            rules["r:" + other] = RULES * share
        rules["rule:" + typed.rule] = RULES / 2
    return Seen(sorted(set(words)), pairs, sorted(signals), rules)


def as_row(seen: Seen) -> dict[str, float]:
    """Feature -> value: what a model is trained on. `Linear.scores` works the same sum out without making this table."""
    out = dict(seen.rules)
    count = len(seen.words) + len(seen.pairs)
    if count:
        value = WORDS / count**0.5
        out.update((f"w:{name}", value) for name in seen.words)
        out.update((f"w:{name}", value) for name in sorted(map(" ".join, seen.pairs)))
    pieces = Counter(part for word in seen.words for part in parts(word))
    if pieces:
        scale = PARTS / pieces.total() ** 0.5
        out.update((f"c:{name}", n * scale) for name, n in pieces.items())
    if seen.signals:
        value = SIGNALS / len(seen.signals) ** 0.5
        out.update((f"s:{name}", value) for name in seen.signals)
    return out


def parts(word: str) -> list[str]:
    """Pieces of three to five letters of a word, its edges marked."""
    if len(word) <= _LONG:
        return []
    padded = f"<{word}>"
    return [padded[i : i + size] for size in _SIZES for i in range(len(padded) - size + 1)]


def _words(tokens: Tokens, hits: Sequence[Hit], people: Sequence[Person], ranges: Ranges) -> list[str]:
    """Lower-case words; a run of names is one mark, so is a number. Words of cues and of people are kept whatever their letters."""
    known = {i for h in hits for i in range(h.start, h.end)}
    for person in people:
        if person.actor is None:
            known.update(range(person.start, person.end))
    out: list[str] = []
    opens = ranges[0][0] == 0
    text, forms, starts = tokens.text, tokens.forms, tokens.starts
    last = ""
    for a, b in ranges:
        for i in range(a, b):
            word = forms[i]
            first = word[0]
            if not first.isalpha():
                if not first.isdigit():
                    opens = opens or word in _SENTENCE
                    continue
                word = NUMBER
            elif not opens and i not in known and text[starts[i]].isupper():
                word = NAME
                if last == NAME:
                    continue
            opens = False
            out.append(word)
            last = word
    return out
