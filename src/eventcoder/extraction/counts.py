"""People counted in a text: killed, injured, arrested and crowds, as intervals with their words and the rule that read them.

A number counts people only beside a noun for people or directly beside an outcome ("12 dead"). Ages, years, prices, residents, houses and
parts of a total ("two of whom", "including three children") are no counts. Nothing is filled in: what is not told is absent, never 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventcoder.event import Count, CountKind
from eventcoder.extraction.count_words import (
    AGE,
    AGE_BEFORE,
    ARRESTED,
    CROWD_BEFORE,
    CROWD_NOUNS,
    CROWD_VERBS,
    INJURED,
    KILL_ACTIVE,
    KILLED,
    MONEY_AFTER,
    MONEY_BEFORE,
    NONE,
    NOT_PEOPLE,
    OTHER_VERBS,
    OUTCOME_BEFORE,
    PART_WITH_OUTCOME,
    RESIDENT_CONTEXT,
    SUBSET,
    SUBSET_AFTER,
    SUBSET_ITEM,
)
from eventcoder.extraction.date_patterns import MONTHS
from eventcoder.extraction.kit import Lexicon
from eventcoder.extraction.numbers import Number
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.victims import Found, adds_up, beside, unnumbered

_RESIDENT = frozenset(["residents", "inhabitants", "population", "citizens"])
_NONE_OPENS = frozenset({"no", "without", "zero", "nobody"})
_KILLING_WORDS = frozenset(
    [
        "killed", "killing", "kill", "murdered", "murdering", "assassinated", "assassinating", "shot", "gunned", "lynched", "executed", "beheaded",
        "beat", "beaten", "stabbed", "hacked",
    ]
)  # fmt: skip
_BESIDE = frozenset({"of", "at", "only", "just", "counted", "estimated"})
_TOLL = frozenset({"dead", "deaths", "killed", "fatalities", "toll", "victims"})
_PUT_AT = frozenset({"at", "to", "as"})
_NUMBER_OF = frozenset({"number", "toll", "count", "total"})
_TOGETHER = re.compile(r"^\s*(?:or|and/or)\s+(?:wounded|injured)", re.IGNORECASE)
_ACTIVE_NEAR = 7


def counts_in(tokens: Tokens, people: Sequence[Person], lexicon: Lexicon, start: int = 0, end: int | None = None) -> list[Found]:
    """Counts in the characters [start, end) of the tokens' text, in order of their place."""
    text = tokens.text
    stop = len(text) if end is None else end
    out = _explicit_none(text, start, stop) if not _NONE_OPENS.isdisjoint(tokens.forms) else []
    numbers = [n for n in lexicon.numbers.find(tokens, start, stop) if not _excluded(text, n, tokens, stop)]
    previous: tuple[CountKind, int] | None = None
    heads: set[int] = set()
    for number in numbers:
        found = _classify(text, tokens, people, number, start, stop, previous)
        if found is None:
            continue
        kind, evidence_end, victim, head = found
        if head is not None:
            heads.add(head)
        count = Count(
            kind=kind,
            low=number.low,
            best=number.best,
            high=number.high,
            words=number.words,
            rule=number.rule,
            victim=victim,
            start=number.start,
            end=number.end,
        )
        out.append(Found(count, number.start, evidence_end))
        previous = (kind, number.end)
        extra = beside(text, tokens, people, count, head) if adds_up(victim) else None
        if extra is not None:
            out.append(extra)
    if not _KILLING_WORDS.isdisjoint(tokens.forms) and not any(f.count.kind == "killed" for f in out):
        out.extend(unnumbered(text, tokens, people, start, stop, heads))
    return sorted(out, key=lambda f: f.start)


def _explicit_none(text: str, start: int, stop: int) -> list[Found]:
    out = []
    for match in NONE.finditer(text, start, stop):
        word = (match["k"] or match["i"] or match["n"] or match["b"]).lower()
        kinds: tuple[CountKind, ...] = (
            ("arrested",)
            if word.startswith("arrest")
            else ("injured",)
            if word in ("injured", "hurt", "wounded", "harmed", "injuries")
            else ("killed",)
        )
        if word.startswith("casualt"):
            kinds = ("killed", "injured")
        for kind in kinds:
            out.append(
                Found(
                    Count(kind=kind, low=0, best=0, high=0, words=match.group(), rule="none-stated", start=match.start(), end=match.end()),
                    match.start(),
                    match.end(),
                )
            )
    return out


def _excluded(text: str, number: Number, tokens: Tokens, stop: int) -> bool:
    before, after = text[max(0, number.start - 30) : number.start], text[number.end : number.end + 40]
    if number.words.lower() == "one" and re.search(r"\b(?:[Nn]o|[Nn]ot|[Tt]hat|[Tt]his|[Ww]hich|[Ee]very|[Aa]ny)\s+$", before):
        return True
    if AGE.match(after) or AGE_BEFORE.search(before) or MONEY_BEFORE.search(before) or MONEY_AFTER.match(after):
        return True
    if after[:1] == " " and tokens.forms[tokens.at(number.end) :][:1] and tokens.forms[tokens.at(number.end)] in MONTHS:
        return True  # "24 November"
    if number.exact and number.rule == "digits" and number.low is not None and 1900 <= number.low <= 2099 and "," not in number.words:
        following = tokens.forms[tokens.at(number.end)] if tokens.at(number.end) < len(tokens) else ""
        if re.search(
            r"\b(?:in|since|of|by|until|from|during|year|and|between|January|February|March|April|May|June|July|August|September|October|November|"
            r"December|\d{1,2},?)\s*$",
            before,
            re.IGNORECASE,
        ) or following in (",", ".", ")", ""):
            return True
    part = SUBSET_AFTER.match(after) and not PART_WITH_OUTCOME.match(after) and not OUTCOME_BEFORE.search(before)
    return bool(
        SUBSET.search(before)
        or part
        or (
            SUBSET_ITEM.search(text[max(0, number.start - 70) : number.start])
            and re.match(r"\s+(?:children|child|women|woman|girls?|boys?|minors?|babies|infants?|police|policem|soldiers?|civilians?)", after)
        )
    )


def _classify(
    text: str, tokens: Tokens, people: Sequence[Person], number: Number, start: int, stop: int, previous: tuple[CountKind, int] | None
) -> tuple[CountKind, int, str | None, int | None] | None:
    """(kind, end of evidence, class of victims, token of the head noun) of the people that a number counts; None if it counts none."""
    forms = tokens.forms
    i = tokens.at(number.end)
    limit = tokens.at(stop)
    person = next(
        (
            p
            for p in people
            if p.start >= i and p.start <= i + 4 and p.counted and not any(f in NOT_PEOPLE or f in (",", ".", ";", "(") for f in forms[i : p.start])
        ),
        None,
    )
    if i < limit and forms[i] in NOT_PEOPLE:
        return None
    if any(f in NOT_PEOPLE for f in forms[i : min(limit, i + 2)]) and (person is None or person.start > i):
        return None
    direct = forms[i : min(limit, i + (5 if forms[i : i + 1] == ["of"] else 3))]
    skip = [
        f
        for f in direct
        if f
        not in (
            "were",
            "was",
            "others",
            "other",
            "people",
            "persons",
            "more",
            "of",
            "them",
            "been",
            "have",
            "had",
            "are",
            "is",
            "reportedly",
            "also",
            "reported",
            "confirmed",
            "seriously",
            "critically",
        )
    ]
    first = skip[0] if skip else ""
    victim = text[person.char_start : person.char_end] if person else None
    head = person.start if person else None
    if first in KILLED:
        return "killed", _word_end(tokens, i, first), victim, head
    if first in INJURED:
        return "injured", _word_end(tokens, i, first), victim, head
    if first in ARRESTED:
        return "arrested", _word_end(tokens, i, first), victim, head
    n = tokens.at(number.start)
    before = _kind_before(forms, n, tokens.at(start))
    if person is None and not (before or (previous and previous[0] == "crowd")) and not _strength(text, number):
        return None
    if person is not None:
        after = _kind_after(tokens, person.end, limit)
        if after and after[0] != "crowd":
            return after[0], after[1], victim, head
        if before in ("killed", "injured", "arrested"):
            return before, person.char_end, victim, head
        if victim and (victim.lower() in CROWD_NOUNS or (after and after[0] == "crowd") or before == "crowd"):
            if _population(text, number, person):
                return None
            return "crowd", person.char_end, victim, head
        return None
    if before in ("killed", "injured", "arrested"):
        return (before, number.end, None, None) if _bare_after_outcome(forms, i, limit) else None
    if previous and previous[0] == "crowd" and forms[n - 1 : n] and forms[n - 1] in _BESIDE and _bare_after_outcome(forms, i, limit):
        # "The union spoke of 6,000 participants, the police of 3,500."
        return "crowd", number.end, None, None
    if before == "crowd" or _strength(text, number):
        if forms[i : i + 1] and forms[i] in NOT_PEOPLE:
            return None
        return "crowd", number.end, None, None
    return None


def _bare_after_outcome(forms: list[str], i: int, limit: int) -> bool:
    """After "killing 12" without a noun: the number must end its phrase."""
    return i >= limit or forms[i] in (",", ".", ";", "and", "in", "on", "at", "others", "during", "while", "near", ")", "of", "more", "from")


def _strength(text: str, number: Number) -> bool:
    return bool(re.match(r"[-–\s]strong\b", text[number.end : number.end + 8]))


def _word_end(tokens: Tokens, i: int, word: str) -> int:
    for j in range(i, min(len(tokens), i + 6)):
        if tokens.forms[j] == word:
            return tokens.ends[j]
    return tokens.ends[i]


def _kind_before(forms: list[str], n: int, floor: int) -> CountKind | None:
    """The outcome whose object the number is: "killed 12", "killing and wounding 5", "arrest of 30", "a crowd of 500"."""
    for j in range(n - 1, max(floor - 1, n - 1 - _ACTIVE_NEAR), -1):
        form = forms[j]
        if form in (".", ";", ":", "who", "which", ")"):
            return None
        if form in ("leaving", "left") or form in OTHER_VERBS:
            return None
        if form in INJURED:
            return "injured" if forms[j - 1 : j] != ["and"] or forms[j - 2] not in KILLED | KILL_ACTIVE else "killed"
        if form in KILL_ACTIVE or (
            form in ("death", "deaths", "killing", "massacre", "toll", "murder", "execution", "shooting", "shot", "assassination")
            and "to" in [*forms[j : j + 4], "to"]
            and ("of" in forms[j:n] or form == "toll" or form == "shot")
        ):
            if form == "shot" and "dead" not in forms[j:n] and "killed" not in forms[j:n]:
                return None
            return "killed"
        if form in _TOLL and j + 4 >= n and not _PUT_AT.isdisjoint(forms[j:n]) and not _NUMBER_OF.isdisjoint(forms[max(0, j - 3) : j + 1]):
            return "killed"
        if form == "dead" and forms[j - 1 : j] == ["shot"]:
            return "killed"
        if form in ARRESTED or (form in ("arrest", "detention") and "of" in forms[j:n]):
            return "arrested"
        if form in CROWD_BEFORE and (
            form in ("attended", "drew", "attracted", "numbering", "mobilized", "mobilised", "brought", "joined")
            or not {"of", "by"}.isdisjoint(forms[j : min(n, j + 3)])
        ):
            return "crowd"
        if form == "estimated" and "crowd" in forms[max(floor, j - 6) : j]:
            return "crowd"
    return None


def _kind_after(tokens: Tokens, start: int, limit: int) -> tuple[CountKind, int] | None:
    """The verb of which the counted people are the subject, looked for up to ten words on."""
    forms = tokens.forms
    passive = False
    for j in range(start, min(limit, start + 12)):
        form = forms[j]
        if form in (".", ";", ":", "whom") or (form in ("who", "that") and j > start + 1):
            return None
        if form == ",":
            passive = False
        if form in ("was", "were", "been", "be", "being", "are"):
            passive = True
            continue
        if form in ("killing", "wounding", "injuring", "arresting", "detaining"):
            return None
        if form == "dead" and forms[j - 1] == "the":
            continue  # "relatives of the dead stood in silence"
        if form in KILLED and (passive or form in ("dead", "died", "perished")):
            return "killed", tokens.ends[j]
        if form == "shot" and passive and "dead" in forms[j : j + 3]:
            return "killed", tokens.ends[j + 1]
        if form == "lost" and forms[j + 1 : j + 3] == ["their", "lives"]:
            return "killed", tokens.ends[j + 2]
        if form in INJURED and (passive or form in ("injured", "wounded", "hurt", "hospitalized")):
            return "injured", tokens.ends[j]
        if form == "sustained" and "injuries" in forms[j : j + 4]:
            return "injured", tokens.ends[j + 1]
        if form in ARRESTED and passive:
            return "arrested", tokens.ends[j]
        if form == "taken" and passive and forms[j + 1 : j + 3] == ["into", "custody"]:
            return "arrested", tokens.ends[j + 2]
        if form == "went" and forms[j + 1 : j + 3] == ["on", "strike"]:
            return "crowd", tokens.ends[j + 2]
        if form in ("come", "came") and forms[j + 1 : j + 2] == ["to"] and forms[j + 2 : j + 3] in (["demand"], ["protest"], ["denounce"]):
            return "crowd", tokens.ends[j]
        if form in CROWD_VERBS and not passive and not _a_noun(forms, j):
            return "crowd", tokens.ends[j]
        if form in KILL_ACTIVE and not passive and j > start:
            return None
    return None


def _a_noun(forms: list[str], at: int) -> bool:
    """ "participants of an unauthorised rally": a noun after its article."""
    return not {"a", "an", "the"}.isdisjoint(forms[max(0, at - 2) : at]) and forms[at] in ("protest", "march", "rally", "gathering")


def _population(text: str, number: Number, person: Person) -> bool:
    """Numbers about residents are no crowd: "thousands of whom were living at", "a town of 12,000 inhabitants"."""
    window = text[max(0, number.start - 40) : person.char_end + 40]
    return text[person.char_start : person.char_end].lower() in ("inhabitants",) or bool(
        RESIDENT_CONTEXT.search(window) and not re.search(r"\b(?:protest|demonstrat|march|rall)", window)
    )
