"""Noun phrases around a verb: its subject and object, what "and" joins to them, and whether a preposition holds them. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.extraction.actor_grammar import COUNTED, DETERMINERS, HEADS, TIMES
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.roles import BE, PREPOSITIONS, RELATIVES, STOPS, Person
from eventcoder.extraction.tokens import Tokens

_GAPS = frozenset(
    {
        "a",
        "an",
        "the",
        "some",
        "two",
        "three",
        "four",
        "five",
        "several",
        "other",
        "local",
        "armed",
        "suspected",
        "both",
        "also",
        "their",
        "as",
        "well",
    }
)
_LOOTING = frozenset({"LOOT", "BURN", "DEMOLISH", "VANDAL"})
_WHEN = frozenset({"yesterday", "today", "tonight", "overnight", "again", "there", "here", "last", "late", "this", "earlier", "too", "also", "down"})
_NOT_OF = PREPOSITIONS - {"of"}
_ABOUT = frozenset({"at", "up", "over", "around", "about", "under", "more", "nearly", "some", "dead"})


def was_done(tokens: Tokens, hit: Hit) -> bool:
    """ "was later shot and killed", "have been repeatedly attacked": a form of "be" shortly before."""
    forms = tokens.forms
    for i in range(hit.start - 1, max(-1, hit.start - 5), -1):
        if forms[i] in BE:
            return hit.form in ("d", "n")
        if forms[i] in STOPS or forms[i] == ",":
            return False
        if not (
            forms[i].endswith(("ly", "ed")) or forms[i] in ("and", "shot", "then", "later", "also", "not", "beaten", "stabbed", "taken", "hacked")
        ):
            return False
    return False


def object_follows(tokens: Tokens, hit: Hit, people: Sequence[Person], hits: Sequence[Hit] | None = None) -> bool:
    """Does a noun follow at once, without a preposition ("killed three men"), so that the verb is active?"""
    forms = tokens.forms
    if any(hit.start < p.start < hit.end for p in people):
        return True
    after = forms[hit.end] if hit.end < len(forms) else "."
    if hit.end < len(forms) and after.isalpha() and tokens.is_capital(hit.end) and not tokens.text.isupper():
        return True  # "shelled Kherson": the object is a name
    if after in ("him", "them", "himself", "themselves"):
        return True
    if (after[:1].isdigit() or after in DETERMINERS) and TIMES.isdisjoint(forms[hit.end : hit.end + 4]):
        return True
    if after in ("and", ",", "or") and hits is not None:
        joined = next((h for h in hits if h.start == hit.end + 1 and h.form == "d" and h is not hit), None)
        if joined is not None:
            return object_follows(tokens, joined, people)
    if after in _ABOUT and any(f[0].isdigit() or f in COUNTED for f in forms[hit.end + 1 : hit.end + 4]):
        return True
    if (
        after in STOPS
        or after in (",", "and", "by", "when", "after", "during", "as", "while", "who", "that", "before", "later", "dead", "early")
        or after in PREPOSITIONS
    ):
        return after in ("on", "at", "against", "into", "to") and hit.label in ("SHOOT", "LIVE_FIRE")
    target = next((p for p in people if p.start >= hit.end), None)
    if target is None or target.start - hit.end > 7:
        # "looted humanitarian warehouses": a plain word, that tells neither when nor how, is the object's
        plain = len(after) > 2 and after.isalpha() and not after.endswith(("ly", "ing")) and after not in _WHEN and hit.label in _LOOTING
        return bool(after and (plain or after[0].isdigit() or after in ("a", "an", "the", "at")))
    return not any(forms[i] in STOPS or forms[i] in _NOT_OF for i in range(hit.end, target.start))


def subject_of(tokens: Tokens, at: int, people: Sequence[Person]) -> Person | None:
    """The head of the noun phrase before a verb: the nearest person that hangs on no preposition, else the nearest."""
    forms = tokens.forms
    fallback: Person | None = None
    edge = at
    for person in reversed(people):
        if person.end > at:
            continue
        if any(forms[i] in STOPS for i in range(person.end, edge)) or at - person.end > 25:
            break
        if fallback is None:
            fallback = person
        edge = person.start
        if not hangs(tokens, person):
            return person
    return fallback


def hangs(tokens: Tokens, person: Person) -> bool:
    """Does the noun follow a preposition ("in a village")? In "a group of residents", "dozens of students" the noun itself is meant."""
    forms = tokens.forms
    for i in range(person.start - 1, max(-1, person.start - 5), -1):
        form = forms[i]
        if form == "of":
            return not (i and (forms[i - 1] in HEADS or forms[i - 1].isdigit()))
        if form in STOPS or form in (",", "and", "who", "that"):
            return False
        if form in PREPOSITIONS or (
            i == person.start - 1
            and form.endswith("ing")
            and form not in ("including", "protesting", "demonstrating", "striking", "opposing", "warring", "feuding")
        ):
            return True
    return False


def joined_to(tokens: Tokens, person: Person, people: Sequence[Person], *, back: bool) -> Person | None:
    """The noun joined to `person` by "and" or a comma, before or after it."""
    forms = tokens.forms
    for other in reversed(people) if back else people:
        if (back and other.end > person.start) or (not back and other.start < person.end):
            continue
        between = forms[other.end : person.start] if back else forms[person.end : other.start]
        if between[:1] == ["of"] and tokens.is_capital((other if back else person).end + 1):
            between = between[2:]  # "the government of X and the rebels"
        if (
            0 < len(between) <= 6
            and between[0] in ("and", ",", "&")
            and all(
                b in _GAPS or b in ("and", ",", "&") or b.isdigit() or (b.isalpha() and b.endswith(("ed", "al", "n", "ish", "ese", "i")))
                for b in between
            )
        ):
            return other
        return None
    return None


def word_at(tokens: Tokens, start: int, wanted: Sequence[str], reach: int) -> int | None:
    forms = tokens.forms
    for i in range(start, min(len(forms), start + reach)):
        if forms[i] in STOPS:
            return None
        if forms[i] in wanted:
            return i
    return None


def first_after(tokens: Tokens, people: Sequence[Person], start: int, reach: int) -> Person | None:
    forms = tokens.forms
    for person in people:
        if person.start < start:
            continue
        if person.start - start > reach or any(forms[i] in STOPS or forms[i] in RELATIVES for i in range(start, person.start)):
            return None
        return person
    return None
