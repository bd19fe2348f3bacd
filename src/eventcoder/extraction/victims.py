"""A count with its place, and single victims told by their names only ("Musa Ali was shot dead", "the assassination of Col. John Okoro"). Floor 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eventcoder.event import Count
from eventcoder.extraction.count_marks import Mark
from eventcoder.extraction.count_words import ADVERBS, BE, MONTH_WORDS, PREPOSITIONS, SAYING, adverb
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Found:
    """A count with its place: `start` and `end` span the number and the words that made it a count.

    Counts of one `group` were told as a list ("two soldiers and a driver") and add up. `rival` figures come from another source for the same
    people; `more` people come on top of those told before ("a fourth died in hospital"), a `total` ("the toll rose to 19") holds all of them;
    a `running` one may hold those of other events as well ("bringing the toll of the riots to five").
    """

    count: Count
    start: int
    end: int
    group: int = 0
    rival: bool = False
    more: bool = False
    total: bool = False
    running: bool = False


def named_victim(tokens: Tokens, marks: Mapping[int, Mark], people: Sequence[Person]) -> Found | None:
    """One person killed, told by a name alone; None where the words before or after the verb are no name."""
    forms = tokens.forms
    for at, mark in marks.items():
        if mark.kind != "killed":
            continue
        if mark.use in ("pp", "in") and _subject_name(tokens, at, mark):
            return _one(tokens, at, mark)
        if (
            mark.use == "n"
            and forms[at] in ("assassination", "murder", "killing", "execution")
            and forms[at + 1 : at + 2] == ["of"]
            and _name(tokens, at + 2)
        ):
            return _one(tokens, at, mark)
        active = mark.use in ("pp", "ing", "base") and not (at and forms[at - 1] in BE)
        if active and _name(tokens, mark.end) and not any(p.start <= mark.end + 4 and p.end > mark.end for p in people):
            return _one(tokens, at, mark)
    return None


def _subject_name(tokens: Tokens, at: int, mark: Mark) -> bool:
    forms = tokens.forms
    k = at - 1
    passive = mark.use == "in"
    while k >= 0 and (forms[k] in ADVERBS or adverb(forms[k]) or forms[k] in ("who", "whom")):
        passive = passive or forms[k] in BE
        k -= 1
    if not passive or k < 0:
        return False
    if forms[k] in (",", ")") and k:  # "Musa Ali, 45, a local trader, was killed": look over the apposition
        for j in range(k - 1, max(-1, k - 12), -1):
            if forms[j] in ".;:" or forms[j] in SAYING:
                return False
            if forms[j] in (",", "("):
                k = j
                if j and tokens.is_capital(j - 1) and forms[j - 1].isalpha():
                    break
        k -= 1
    if k > 1 and forms[k - 1] in ("of", "from") and forms[k - 2] == "," and tokens.is_capital(k):
        return True  # "Ebrahim Rasouli, 23, of Paveh was killed"
    return k >= 0 and tokens.is_capital(k) and forms[k].isalpha() and forms[k] not in MONTH_WORDS and not (k and forms[k - 1] in PREPOSITIONS)


def _name(tokens: Tokens, at: int) -> bool:
    """Two capitalised words in a row, or a title's, that are neither a group's plural nor a month."""
    while at + 1 < len(tokens) and (tokens.forms[at] in _TITLES or tokens.forms[at] == "."):
        at += 1
    if at + 1 >= len(tokens):
        return False
    pair = (at, at + 1)
    if not all(tokens.is_capital(i) and tokens.forms[i].isalpha() for i in pair):
        return False
    return not tokens.forms[at].endswith("s") and tokens.forms[at] not in MONTH_WORDS


def _one(tokens: Tokens, at: int, mark: Mark) -> Found:
    start, end = tokens.starts[at], tokens.ends[mark.end - 1]
    return Found(Count(kind="killed", low=1, best=1, high=1, words=tokens.text[start:end], rule="one-person", start=start, end=end), start, end)


_TITLES = frozenset(
    ["the", "col", "gen", "lt", "sgt", "capt", "maj", "dr", "mr", "mrs", "sheikh", "mullah", "imam", "pastor", "father", "maulana", "chief"]
)
