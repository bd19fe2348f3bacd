"""Noun phrases that count people by a number ("two soldiers", "12", "seven of the hostages").

Numbers of years, prices, houses and animals are none, nor are ages, dates, labels ("Highway 4") and numbers that only say of whom the others
are part ("seven of the 12 hostages"). Floor 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eventcoder.event import CountKind
from eventcoder.extraction.count_words import (
    AGE_AFTER,
    AGE_BEFORE,
    AGE_OLD,
    BE,
    CASUALTIES,
    CLAUSE,
    CLOCK,
    CROWD_VERBS,
    DETERMINERS,
    ENTITIES,
    GROUPS,
    HAVE,
    HYPHENATED,
    LABELS,
    MONTH_WORDS,
    NOT_PEOPLE,
    OUTCOMES,
    PLURAL_END,
    PREPOSITIONS,
    RANKS,
    SAYING,
    SYMBOLS,
    UNITS_AFTER,
    YEAR_BEFORE,
    adverb,
    words,
)
from eventcoder.extraction.numbers import Number
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens

MARKS = frozenset(".,;:!?()[]\"'“”‘’–—-/&+=")
STOP = BE | HAVE | PREPOSITIONS | CLAUSE | SAYING | MARKS | CASUALTIES | words("had did took were or & then")
MORE = words("other others more further additional another extra")
_GENERIC = words("people persons person others other victims individuals casualties suspects")
_UNKNOWN = 3  # words of a noun that the lexicon does not know
PAST = words(
    "according took turned came lost fled fell broke left sent held went met ran stood lay sat rose saw hit shot set gave made "
    "kept began spent fought resulted"
)
_OWNERS = words("his her their its the those these another")
_SMALL = words("one two three four five six seven eight nine ten eleven twelve dozen dozens")
_SOURCES = words("police organisers organizers union participants protesters dead")


@dataclass(slots=True)
class Phrase:
    """People at tokens [a, b); `form` is n (number), s (one person), p (bare plural); `part` of a total told before ("two of whom")."""

    a: int
    b: int
    form: str
    low: int | None
    best: int | None
    high: int | None
    rule: str
    start: int
    end: int
    noun: str | None = None
    person: Person | None = None
    attribute: CountKind | None = None
    part: bool = False
    more: bool = False  # "another", "others", "a fourth": adds to what was told before
    number_end: int = 0

    @property
    def generic(self) -> bool:
        return self.noun is None or self.noun.lower() in _GENERIC


def people_heads(tokens: Tokens, people: Sequence[Person]) -> dict[int, Person]:
    """People by their first token, with nouns that count people although they say nothing of whose side they are on ("a commander")."""
    heads = {p.start: p for p in people}
    forms = tokens.forms
    if not RANKS.isdisjoint(forms):
        inside = {i for p in people for i in range(p.start, p.end)}
        for i, form in enumerate(forms):
            if form in RANKS and i not in inside:
                start = i
                before = next((p for p in people if p.end == i), None)
                if before is not None:  # "a police constable"
                    start = before.start
                heads[start] = Person(start, i + 1, "people", True, char_start=tokens.starts[start], char_end=tokens.ends[i])
    return heads


def number_phrases(tokens: Tokens, numbers: Sequence[Number], heads: Mapping[int, Person]) -> list[Phrase]:
    """The phrases that numbers open, in order."""
    out: list[Phrase] = []
    ends = {p.end: p for p in heads.values()} if "of" in tokens.forms else {}
    for number in numbers:
        a = tokens.at(number.start)
        if out and a < out[-1].b:
            continue
        phrase = _numbered(tokens, number, a, heads)
        vague = number.rule.endswith((":some", ":many")) and number.words.lower() in ("some", "many")
        if phrase is not None and vague and phrase.noun is None and not phrase.part and not has_verb(tokens.forms, phrase.b):
            continue  # "eight soldiers, some in their sleeping bags"
        if phrase is None or (phrase.noun is None and _aged(tokens.forms, a, ends)):
            continue
        out.append(phrase)
    return out


def _aged(forms: list[str], a: int, ends: Mapping[int, Person]) -> bool:
    """ "a youth of 17", "a girl of six": an age, unless the noun is a group's."""
    return (
        a > 1
        and forms[a - 1] == "of"
        and a - 1 in ends
        and forms[a - 2] not in GROUPS
        and (PLURAL_END.search(forms[a - 2]) is None or forms[a - 2] == "youth")
    )


def _numbered(tokens: Tokens, number: Number, a: int, heads: Mapping[int, Person]) -> Phrase | None:
    forms = tokens.forms
    size = len(forms)
    b = tokens.at(number.end)
    if _no_count(tokens, number, a, b, heads):
        return None
    part = False
    j = b
    if j < size and forms[j] in ("of", "from", "among"):
        following = forms[j + 1] if j + 1 < size else ""
        if following in ("whom", "them", "which"):
            part, j = True, j + 2
        elif following in ("the", "those", "these", "his", "her", "its", "their", "our") and forms[j] == "of":
            part = following in ("those", "these")
            j += 2
            while j < size and (forms[j][0].isdigit() or forms[j] in _SMALL):
                j += 1  # "seven of the 12 hostages"
        elif forms[j] == "of":
            j += 1
    phrase = Phrase(a, b, "n", number.low, number.best, number.high, number.rule, number.start, number.end, part=part, number_end=b)
    if part:
        phrase.b = j
        return phrase
    if a and forms[a - 1] in _OWNERS:
        phrase.a = a - 1  # "her two children"
    if forms[j : j + 1] == ["("] and ")" in forms[j : j + 5] and forms[j + 1] in ("as", "approximately", "estimated"):
        j = forms.index(")", j) + 1  # "around 100 (as reported) teachers"
    unknown = 0
    last = j
    limit = min(size, j + 7)
    while j < limit:
        person = heads.get(j)
        form = forms[j]
        if person is not None:
            while person.end in heads:
                person = heads[person.end]
            if not person.counted and person.kind.endswith("_site"):
                return None
            if person.counted:
                if tokens.forms[person.end - 1] in ENTITIES:
                    return None
                phrase.person, phrase.noun, phrase.b = person, tokens.text[person.char_start : person.char_end], person.end
                phrase.more = phrase.more or forms[person.start] in MORE
                return phrase
            j = person.end
            continue
        if form in MORE:
            phrase.more = True
            j += 1
            phrase.b = last = j
            continue
        if form in OUTCOMES:
            if j + 1 in heads and heads[j + 1].counted and OUTCOMES[form].use in ("pp", "n"):
                if form == "dead" or OUTCOMES[form].kind != "killed":
                    phrase.attribute = OUTCOMES[form].kind
                j += 1
                continue
            if forms[j - 1] == "the":
                phrase.b = j + 1  # "three of the wounded"
            break
        if form in NOT_PEOPLE:
            if j + 1 in heads and forms[j + 1] not in ("others", "people"):
                j += 1
                continue
            return None
        if form == "of" and j > b + 1 and j + 1 < size and tokens.is_capital(j - 1) and tokens.is_capital(j + 1):
            j += 1  # "hundreds of University of Toronto students"
            continue
        if (form in STOP or form in DETERMINERS or form in CROWD_VERBS or form in PAST or form[0].isdigit()) and not abbreviation(tokens, j):
            break
        if not adverb(form):
            if form.endswith("ed") and j + 1 not in heads:
                break
            unknown += 1
            if unknown > _UNKNOWN:
                break
        j += 1
        last = j
    if unknown and last > b:
        phrase.noun, phrase.b = tokens.text[tokens.starts[last - 1] : tokens.ends[last - 1]], last
    return phrase


def abbreviation(tokens: Tokens, j: int) -> bool:
    """ "eleven IS fighters": capitals in a text of small letters, no verb."""
    word = tokens.text[tokens.starts[j] : tokens.ends[j]]
    return len(word) > 1 and word.isupper() and j + 1 < len(tokens) and tokens.text[tokens.starts[j + 1]].islower()


def _no_count(tokens: Tokens, number: Number, a: int, b: int, heads: Mapping[int, Person]) -> bool:
    """Ages, prices, dates, labels ("Highway 4"), "no one", "both the": numbers that count nobody."""
    text, forms = tokens.text, tokens.forms
    before = forms[a - 1] if a else ""
    after = forms[b] if b < len(forms) else ""
    end = number.end
    following = text[end : end + 1]
    if following and following != " " and (HYPHENATED.match(text, end) or CLOCK.match(text, end)):
        return True
    if (
        after in UNITS_AFTER
        or after == "%"
        or (after in MONTH_WORDS and number.exact)
        or (after in AGE_AFTER and not AGE_OLD.isdisjoint(forms[b + 1 : b + 4]))
    ):
        return True
    if after in ("a", "p") and forms[b + 1 : b + 3] == [".", "m"]:
        return True
    if before and (before in AGE_BEFORE or before in SYMBOLS or (before in LABELS and (before == "rs" or tokens.is_capital(a - 1)))):
        return True
    if before == "of" and a > 1 and forms[a - 2] == "age":
        return True
    if before == "." and a > 1 and forms[a - 2] in ("rs", "no"):
        return True
    lead = text[max(0, number.start - 2) : number.start]
    if lead.endswith(("#", "/", "$", "€", "£", "₦", "₹")) or (lead.endswith("-") and lead[:1].isalpha()):
        return True
    low = number.words.lower()
    if low == "one" and (
        before in ("no", "not", "that", "this", "which", "every", "any", "the", "each", "first") or after in ("another", "by", "day", "side")
    ):
        return True
    if low == "both" and (after in ("the", "a", "his", "her", "in", "on", "and", "by") or after in NOT_PEOPLE):
        return True
    if number.rule == "digits":
        if (before in MONTH_WORDS and b not in heads) or (number.exact and before == "." and a > 1 and forms[a - 2] in MONTH_WORDS):
            return True
        bare = after in MARKS or b >= len(forms)
        if before in (",", "(") and after in (",", ")", ".", "") and (number.low or 0) < 110 and a > 1 and _name_or_one(tokens, a - 2):
            return True  # "Musa Ali, 45, and his son"
        if (before == "," and after == "and" and forms[b + 1 : b + 2] and forms[b + 1].isdigit() and forms[b + 2 : b + 3] == [","]) or (
            before == "and" and after == "," and a > 2 and forms[a - 2].isdigit() and forms[a - 3] == ","
        ):
            return True  # "two brothers, 12 and 15, were killed"
        if number.low is not None and 1900 <= number.low <= 2099 and "," not in number.words and number.exact and (bare or before in YEAR_BEFORE):
            return True
        if before.isalpha() and a and tokens.is_capital(a - 1) and bare and before not in OUTCOMES and before not in CASUALTIES:
            return before not in ("deaths", "arrests", "killed") and before not in YEAR_BEFORE and after != ","
    return False


def _name_or_one(tokens: Tokens, at: int) -> bool:
    form = tokens.forms[at]
    return form.isalpha() and form not in OUTCOMES and (tokens.is_capital(at) or PLURAL_END.search(form) is None) and form not in _SOURCES


def has_verb(forms: list[str], at: int) -> bool:
    """Has the bare word a verb or a participle of its own ("many wounded", "some were killed")?"""
    return at < len(forms) and (forms[at] in OUTCOMES or forms[at] in BE or forms[at] in HAVE or forms[at] in CROWD_VERBS or adverb(forms[at]))
