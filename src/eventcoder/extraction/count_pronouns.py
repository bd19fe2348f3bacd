"""People counted before the words that tell their fate: "seized 13 men and burned them alive", "beat a driver, leaving him in critical condition".

A pronoun takes over the number of the people named last before it; people whose fate is told already are left alone. Floor 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eventcoder.event import Count, CountKind
from eventcoder.extraction.count_lists import Group
from eventcoder.extraction.count_marks import Mark
from eventcoder.extraction.count_phrases import MARKS, Phrase
from eventcoder.extraction.count_words import ADVERBS, BE, PREPOSITIONS, adverb
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.victims import Found

_PRONOUNS = frozenset({"them", "him", "her"})
_BACK = 5  # tokens between a verb that kills and its pronoun
_SENTENCES = 1  # full stops between the people and the pronoun
GRAVE = frozenset({"serious", "critical", "grave", "stable", "bad", "severe", "unstable", "poor"})
_HURT = frozenset({"injured", "wounded", "unconscious", "bleeding", "maimed"})
_GROUP = 700


def may_refer(tokens: Tokens) -> bool:
    """Does the text have a pronoun that could stand for victims?"""
    return not _PRONOUNS.isdisjoint(tokens.forms)


def fates_of_pronouns(tokens: Tokens, marks: Mapping[int, Mark], groups: Sequence[Group], known: Sequence[Found]) -> list[Found]:
    """Counts of people to whom a pronoun refers; none where `known` has their fate."""
    forms = tokens.forms
    out: list[Found] = []
    for i in [i for i, form in enumerate(forms) if form in _PRONOUNS]:
        told = _fate(forms, marks, i)
        if told is None:
            continue
        kind, first, last = told
        start, end = tokens.starts[first], tokens.ends[last]
        if any(f.count.kind == kind and f.start <= tokens.starts[i] < max(f.end, f.start + 1) for f in known):
            continue
        meant = _meant(forms, groups, first, plural=forms[i] == "them")
        since = tokens.starts[meant[0].a] if meant else 0
        if any(f.count.kind == kind and since <= f.start <= end for f in (*known, *out)) or (forms[i] == "them" and not meant):
            continue
        if not meant and any(f.count.kind == kind for f in (*known, *out)):
            continue
        rows = [(p.low, p.best, p.high, p.rule, p.noun) for p in meant] or [(1, 1, 1, "one-person", None)]
        for low, best, high, rule, noun in rows:
            count = Count(kind=kind, low=low, best=best, high=high, words=tokens.text[start:end], rule=rule, victim=noun, start=start, end=end)
            out.append(Found(count, start, end, _GROUP + i))
    return out


def _fate(forms: Sequence[str], marks: Mapping[int, Mark], i: int) -> tuple[CountKind, int, int] | None:
    """(outcome, first and last token of the words that tell it) of the pronoun at i."""
    after = forms[i + 1] if i + 1 < len(forms) else "."
    for k in range(i - 1, max(-1, i - _BACK), -1):
        mark = marks.get(k)
        if mark is None or mark.kind != "killed" or mark.use not in ("pp", "ing", "base"):
            continue
        if (mark.end == i or (k == i - 1 and mark.end > i)) and forms[k - 1 : k] != ["be"] and not (k and forms[k - 1] in BE) and _ends(after):
            return "killed", k, max(i, mark.end - 1)
    if (forms[i + 1 : i + 4] == ["under", "house", "arrest"] and forms[i - 1 : i] != ["with"]) or forms[i + 1 : i + 3] == ["into", "custody"]:
        return "arrested", i, i + 2
    left = bool({"left", "leaving", "leave"} & set(forms[max(0, i - 2) : i]))
    if left and after == "in" and "condition" in forms[i + 2 : i + 6] and not GRAVE.isdisjoint(forms[i + 2 : i + 6]):
        return "injured", i, forms.index("condition", i)
    if left and (after in _HURT or (adverb(after) and not _HURT.isdisjoint(forms[i + 2 : i + 3]))):
        return "injured", i, i + 1
    return None


def _ends(after: str) -> bool:
    """Is the pronoun an object by itself, not "her" of "her husband"?"""
    return (
        after in MARKS
        or after in PREPOSITIONS
        or after in ADVERBS
        or adverb(after)
        or after in ("and", "dead", "alive", "to", "one", "when", "as", "while")
    )


def _meant(forms: Sequence[str], groups: Sequence[Group], at: int, *, plural: bool) -> list[Phrase]:
    """The people named last before `at`: with a number where there are such, and none who only open the sentence as its subject."""
    near = [g for g in groups if g.b <= at and not g.subset and forms[g.b : at].count(".") <= _SENTENCES]
    if not plural:
        return next((g.phrases for g in reversed(near) if len(g.phrases) == 1 and g.phrases[0].form == "s" and g.kind is None), [])
    objects = [g for g in near if g.a and forms[g.a - 1] not in MARKS]
    for form in ("n", "p"):
        for pool in (objects, near if form == "n" else []):
            for group in reversed(pool):
                forms_in = {p.form for p in group.phrases}
                if group.kind in (None, "arrested", "injured") and form in forms_in and forms_in <= ({"n", "s"} if form == "n" else {"p"}):
                    return group.phrases
    return []
