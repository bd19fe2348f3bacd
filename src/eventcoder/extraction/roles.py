"""Who does what to whom around a cue: people and sites by class, active and passive voice, "by" and "on" after nouns.

A surface reading, not a parse: the nearest noun before an active verb acts, the nearest after it suffers; a passive turns them round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.tokens import Tokens

ARMED_NON_STATE = frozenset({"rebel", "militia", "identity"})
BE = frozenset({"was", "were", "been", "being", "is", "are", "be", "got", "gets", "get"})
STOPS = frozenset({".", ";", ":", "!", "?"})
PREPOSITIONS = frozenset(
    {
        "in",
        "at",
        "near",
        "from",
        "of",
        "with",
        "outside",
        "inside",
        "on",
        "against",
        "to",
        "for",
        "by",
        "under",
        "towards",
        "toward",
        "around",
        "into",
        "between",
        "among",
        "including",
    }
)
RELATIVES = frozenset({"who", "which", "that", "whom", "where"})


@dataclass(slots=True)
class Person:
    """A noun phrase's class word at tokens [start, end); `actor` and `inter` are set for named actors of the registry.

    Never changed once made, though not frozen: many are made in every sentence, and freezing trebles the price.
    `word` is the registry's kind of word ("named", "police", "security", "people", "country" ...), `group` the associated group it stands for.
    """

    start: int
    end: int
    kind: str
    counted: bool = True
    actor: str | None = None
    inter: str | None = None
    char_start: int = -1
    char_end: int = -1
    word: str = ""
    group: str | None = None

    def __hash__(self) -> int:
        return self.start << 12 | self.end


def is_passive(tokens: Tokens, hit: Hit) -> bool:
    """Is the verb of `hit` a past participle after a form of "be" (adverbs between allowed), or one followed by "by"?"""
    if hit.form != "d":
        return False
    forms = tokens.forms
    i = hit.start - 1
    for _ in range(3):
        if i < 0:
            break
        if forms[i] in BE:
            return True
        if not forms[i].endswith("ly") and forms[i] not in ("also", "later", "then", "reportedly", "not", "all", "both", "have", "shot"):
            break
        i -= 1
    return hit.end < len(forms) and forms[hit.end] == "by"


def roles(tokens: Tokens, hit: Hit, people: Sequence[Person]) -> tuple[Person | None, Person | None]:
    """(who acts, who suffers) for a cue, as far as the sentence tells; either may be None."""
    if not people:
        return None, None
    before = _before(tokens, hit, people)
    forms = tokens.forms
    by = _preposition(forms, hit.end, "by", 12)
    if hit.form == "n":
        on = next((at for word in ("on", "against", "at", "targeting", "of") if (at := _preposition(forms, hit.end, word, 6)) is not None), None)
        agent = _after(tokens, hit, people, by + 1, 8) if by is not None else before
        target = _after(tokens, hit, people, on + 1, 8) if on is not None else None
        return agent, target
    if is_passive(tokens, hit):
        agent = _after(tokens, hit, people, by + 1, 8) if by is not None else None
        return agent, before
    after = _after(tokens, hit, people, hit.end, 14)
    if hit.form == "g" and before is not None and tokens.forms[hit.start - 1] in ("of", "for"):
        return None, after
    return before, after


def _preposition(forms: list[str], start: int, word: str, reach: int) -> int | None:
    ahead = forms[start : start + reach]
    if word not in ahead:
        return None
    at = ahead.index(word)
    return start + at if STOPS.isdisjoint(ahead[:at]) else None


def _before(tokens: Tokens, hit: Hit, people: Sequence[Person]) -> Person | None:
    """The subject: the last class word before the cue that does not hang on a preposition, else the last one."""
    fallback: Person | None = None
    forms = tokens.forms
    for person in reversed(people):
        if person.start >= hit.start:
            continue
        if not STOPS.isdisjoint(forms[person.end : hit.start]):
            break
        if hit.start - person.end > 25:
            break
        if fallback is None:
            fallback = person
        if not _hangs(forms, person):
            return person
    return fallback


def _hangs(forms: list[str], person: Person) -> bool:
    """Does the noun follow a preposition ("in a village", "members of the army" keeps its head "members")?"""
    for i in range(person.start - 1, max(-1, person.start - 5), -1):
        form = forms[i]
        if form in _BREAKS:
            return False
        if form in PREPOSITIONS:
            return True
    return False


def _after(tokens: Tokens, hit: Hit, people: Sequence[Person], start: int, reach: int) -> Person | None:
    for person in people:
        if person.start < start:
            continue
        if person.start - start > reach or not _CLOSES.isdisjoint(tokens.forms[start : person.start]):
            return None
        return person
    return None


_BREAKS = STOPS | {",", "and", "who"}
_CLOSES = STOPS | RELATIVES
_LINKS = frozenset({"also", "has", "have", "later", "then", "had", "on", "in", "a"})
_SELF = frozenset({"it", "its", "they", "their", "he", "she"})
_CLAIMS = frozenset({"responsibility", "credit"})

_SAYING = frozenset(
    {
        "said", "says", "say", "told", "tells", "reported", "confirmed", "added", "announced", "stated", "explained", "noted", "blamed", "accused",
        "condemned", "denied", "warned", "insisted", "recounted", "tweeted", "wrote", "alleged", "claimed", "argued", "testified", "acknowledged",
        "urged", "vowed",
    }
)  # fmt: skip

_SPEAKERS = frozenset(
    {
        "spokesman", "spokeswoman", "spokesperson", "chief", "commissioner", "commander", "official", "officials", "source", "sources", "officer",
        "statement", "department", "committee", "union", "group", "association", "ministry", "office", "ngo", "activists", "monitor", "director",
        "general", "colonel", "captain", "major", "leader", "leaders", "head", "bureau", "command", "agency", "media", "service", "council",
        "chairman", "president", "secretary", "superintendent", "inspector", "staff", "report",
    }
)  # fmt: skip


def speaks(tokens: Tokens, end: int, start: int) -> bool:
    """Is the noun at tokens [start, end) only the source ("medics said", "according to police", "police spokesman Musa Garba told reporters")?

    Who says something of itself ("Hezbollah said it targeted ...") or claims an attack is no mere source.
    """
    forms = tokens.forms
    at = end
    titled = any(f in _SPEAKERS for f in forms[max(0, start - 5) : start]) and any(f in ("of", "for") for f in forms[max(0, start - 3) : start])
    while at < min(len(forms), end + 7) and forms[at] not in _SAYING:
        if not (forms[at] in _SPEAKERS or forms[at] in _LINKS or (forms[at] == "," and titled) or tokens.is_capital(at) or forms[at] == "."):
            break
        if forms[at] == "." and not (at + 1 < len(forms) and tokens.is_capital(at + 1) and len(forms[at - 1]) <= 4):
            break
        titled = titled or forms[at] in _SPEAKERS
        at += 1
    if at < len(forms) and at < end + 7 and forms[at] in _SAYING and forms[at + 1 : at + 2] != ["of"]:
        after = forms[at + 1 : at + 5]
        if forms[at] == "claimed" and (_CLAIMS & set(after) or after[:1] in (["the"], ["an"], ["a"], ["it"])):
            return False
        return not (after and (after[0] in _SELF or (after[0] == "that" and len(after) > 1 and after[1] in _SELF)))
    before = forms[max(0, start - 5) : start]
    return (
        "according" in before
        or (bool(before) and before[-1] in ("told", "said", "spokesman", "cited", "citing", "quoted", "quoting"))
        or before[-2:] == ["said", "the"]
        or before[-2:] == ["said", "a"]
    )
