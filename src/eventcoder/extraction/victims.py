"""A count with its place, and people told by their names only ("Musa Ali was shot dead", "the assassination of Col. John Okoro"). Floor 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eventcoder.event import Count, CountKind
from eventcoder.extraction.count_marks import Mark
from eventcoder.extraction.count_words import ADVERBS, BE, MONTH_WORDS, PREPOSITIONS, SAYING, adverb
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens


@dataclass(slots=True)
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


def named_victims(tokens: Tokens, marks: Mapping[int, Mark], people: Sequence[Person], kind: CountKind = "killed") -> Found | None:
    """People told by their names alone, one or a list of them; None where the words before or after the verb are no names."""
    forms = tokens.forms
    for at, mark in marks.items():
        if mark.kind != kind or forms[at].startswith("captur"):
            continue  # towns are captured as well
        if mark.use in ("pp", "in") and _subject_name(tokens, at, mark):
            return _of(tokens, at, mark, _names_before(tokens, at, people))
        if (
            mark.use == "n"
            and forms[at] in ("assassination", "murder", "killing", "execution", "arrest", "detention")
            and forms[at + 1 : at + 2] == ["of"]
            and _name(tokens, at + 2)
        ):
            return _of(tokens, at, mark, _names(tokens, at + 2, people)[0])
        active = mark.use in ("pp", "ing", "base") and not (at and forms[at - 1] in BE)
        if kind == "arrested":
            # "in support of detained poet Musa Ali" arrests nobody: somebody must act.
            actor = at and (tokens.is_capital(at - 1) or forms[at - 1] in _GOES_ON or any(p.end == at for p in people))
            number, _ = _names(tokens, mark.end, people) if active and actor else (0, 0)
            if number:
                return _of(tokens, at, mark, number)
        elif active and _name(tokens, mark.end) and not any(p.start <= mark.end + 4 and p.end > mark.end for p in people):
            return _of(tokens, at, mark, _names(tokens, mark.end, people)[0])
    return None


def _names(tokens: Tokens, at: int, people: Sequence[Person]) -> tuple[int, int]:
    """(how many names stand in a list from token `at`, the token after them); words of office before a name are passed over."""
    forms = tokens.forms
    heads = {p.start: p for p in people}
    number, end, i = 0, at, at
    while i < len(forms):
        lead = i
        while i < len(forms) and i - lead < 6 and not _part_of_name(tokens, i) and forms[i].isalpha() and forms[i] not in _STOPS:
            i = heads[i].end if i in heads else i + 1
        first = i
        while i < len(forms) and i - first < 6 and (_part_of_name(tokens, i) or (i > first and forms[i] in _PARTICLES) or forms[i] == "."):
            if forms[i] == "." and forms[i - 1] not in _TITLES and len(forms[i - 1]) > 1:
                break
            i += 1
        if i - first < 2 or forms[first] in MONTH_WORDS or any(p.start < i and p.end > first for p in people):
            break
        if i in heads:  # "detained Green Party leader Musa Ali": not yet the name
            continue
        number, end = number + 1, i
        if forms[i : i + 1] == [","] and forms[i + 1 : i + 2] and forms[i + 1].isdigit():
            i += 2  # the age
        step = next((n for n in (2, 1) if forms[i : i + n] in ([",", "and"], ["and"], [","])), 0)
        if not step:
            break
        i += step
    return number, end


def _names_before(tokens: Tokens, at: int, people: Sequence[Person]) -> int:
    """Names in the list that ends right before the verb at `at`."""
    forms = tokens.forms
    first = next((i + 1 for i in range(at - 1, -1, -1) if forms[i] in (".", ";", ":") and forms[i - 1] not in _TITLES), 0)
    offices = {p.end for p in people}  # "Journalists Mehmet Kaya and Elif Demir"
    for i in range(first, at):
        if _part_of_name(tokens, i) and not (i > first and i not in offices and _part_of_name(tokens, i - 1)):
            number, end = _names(tokens, i, people)
            if number > 1 and all(f in BE or f in ADVERBS or adverb(f) or f in (",", "who") for f in forms[end:at]):
                return number
    return 1


def _part_of_name(tokens: Tokens, i: int) -> bool:
    return tokens.is_capital(i) and tokens.forms[i].isalpha()


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


def _of(tokens: Tokens, at: int, mark: Mark, number: int) -> Found:
    number = max(1, number)
    start, end = tokens.starts[at], tokens.ends[mark.end - 1]
    rule = "one-person" if number == 1 else "names"
    count = Count(kind=mark.kind, low=number, best=number, high=number, words=tokens.text[start:end], rule=rule, start=start, end=end)
    return Found(count, start, end)


_GOES_ON = frozenset({"and", "also", "later", "had", "has", "have", "reportedly", "briefly", "then", "forces", "authorities", "agents"})
_STOPS = PREPOSITIONS | BE | SAYING | {"and", "who", "that", "which", "but", "as", "after", "when", "while", "because", "a", "an"} - {"of"}
_PARTICLES = frozenset({"al", "el", "bin", "ibn", "ben", "de", "da", "dos", "van", "von", "ould", "ag", "abu"})
_TITLES = frozenset(
    ["the", "col", "gen", "lt", "sgt", "capt", "maj", "dr", "mr", "mrs", "sheikh", "mullah", "imam", "pastor", "father", "maulana", "chief"]
)
