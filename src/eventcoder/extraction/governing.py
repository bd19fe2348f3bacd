"""Which sign of status governs which cue: how far "planned", "denied", "said" or "condemned" reach inside a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.tokens import Tokens

_REACH = {
    "plan": 10,
    "predict": 7,
    "threat": 12,
    "call": 8,
    "deny": 14,
    "announce": 7,
    "negate": 6,
    "fear": 12,
    "condemn": 14,
    "speech": 14,
    "accuse": 12,
    "anniversary": 14,
    "court": 14,
}
_FINITE = frozenset({"had", "has", "have", "was", "were", "is", "are"})
_COUNTED = frozenset(
    {"DEATH", "INJURE", "KILL", "SHOT_DEAD", "ARREST", "DETAIN"}
)  # "no one was killed", "no arrests": a figure of zero, not a status
_FACTS = frozenset({"AGREE", "POLITICS", "RELEASE", "RESTRICT"})  # to announce them is to do them
_NOT_FINITE = frozenset({"n", "g"})
_CALLED_OFF = frozenset({"cancelled", "canceled", "postponed", "called", "averted", "prevented", "avoided"})


def broken(tokens: Tokens, start: int, end: int) -> bool:
    return any(f in (";", ".", "–", "—") for f in tokens.forms[start:end])


def governor(tokens: Tokens, signs: Sequence[Hit], hit: Hit) -> Hit | None:
    """The sign of status that governs a cue, or None: "called for a rally", "denied that troops had fired", "the march was cancelled"."""
    forms = tokens.forms
    for sign in signs:
        label = sign.label
        if label == "speech" and hit.label == "GATHER":
            continue  # "the union spoke of 6,000 participants" tells a figure
        if label in ("plan", "predict") and sign.weight >= 1 and hit.start < sign.start < hit.end:
            return sign  # "the march is planned for Saturday": one cue around the sign
        if forms[sign.end : sign.end + 1] == ["have"] and forms[sign.end - 1] in ("would", "may"):
            continue  # "84 people would have been killed": reported, not imagined
        if label not in _REACH or (sign.start <= hit.start < sign.end and label != "anniversary"):
            continue
        gap = hit.start - sign.end
        if 0 <= gap <= _REACH[label] and not broken(tokens, sign.end, hit.start):
            if label == "predict" and sign.weight < 1 and gap > 4:
                continue
            if label == "negate" and _not_negated(forms, sign, hit, gap):
                continue
            if label in ("accuse", "court") and _has_own_verb(forms, sign.end, hit.start):
                continue
            if label == "announce" and (hit.form not in _NOT_FINITE or hit.label in _FACTS or _happens(forms, hit.end)):
                continue
            if label == "court" and hit.label in ("ARREST", "DETAIN", "PROTEST", "GATHER"):
                continue
            if label not in ("speech", "anniversary", "negate") and _new_clause(forms, sign.end, hit.start):
                continue
            if label == "condemn" and hit.form not in _NOT_FINITE:
                continue
            if label == "accuse" and (hit.form not in _NOT_FINITE or _has_own_verb(forms, sign.end, hit.start)):
                continue
            if label == "speech" and (sign.weight < 0.8 or hit.form not in _NOT_FINITE or _has_own_verb(forms, sign.end, hit.start)):
                continue
            if label == "plan" and sign.weight < 0.5:
                continue
            return sign
        if (
            label in ("predict", "plan")
            and sign.weight >= 1
            and hit.form == "n"
            and 0 <= sign.start - hit.end <= 16
            and not _new_clause(forms, hit.end, sign.start)
        ):
            return sign
        if label == "negate" and sign.weight >= 1 and _planned_form(forms, hit) and 0 <= sign.start - hit.end <= 14 and _off(forms, sign):
            return sign
    return None


def _planned_form(forms: Sequence[str], hit: Hit) -> bool:
    return hit.form == "n" or (hit.form == "b" and hit.start > 0 and forms[hit.start - 1] == "to")


def _off(forms: Sequence[str], sign: Hit) -> bool:
    """ "was cancelled", "did not take place" after the noun."""
    return forms[sign.start] in _CALLED_OFF or "place" in sign.cue or "happened" in sign.cue


def _not_negated(forms: Sequence[str], sign: Hit, hit: Hit, gap: int) -> bool:
    """Does "not" or "no" deny something else than the cue?"""
    between = forms[sign.end : hit.start]
    if sign.weight <= 0.5:  # "no": the noun right after it only
        return gap > 2 or hit.form != "n" or hit.label in _COUNTED or "," in between
    return gap > 4 or "and" in between or "," in between or (not _FINITE.isdisjoint(between) and forms[sign.start] not in ("nor", "neither"))


def _happens(forms: Sequence[str], at: int) -> bool:
    """ "the protest called by the union drew hundreds": what was announced did take place."""
    return any(f in ("drew", "brought", "paralysed", "paralyzed", "began", "started", "turned", "took") for f in forms[at : at + 12])


def _new_clause(forms: Sequence[str], start: int, end: int) -> bool:
    """Does a new finite clause begin between: ", and", ", police ...", "but"?"""
    for i in range(start, end):
        if forms[i] in ("but", "before", "while", "whereas", "which") or (
            forms[i] == "," and i + 1 < end and forms[i + 1] in ("and", "police", "while", "but", "as", "when", "after")
        ):
            return True
    return False


def _has_own_verb(forms: Sequence[str], start: int, end: int) -> bool:
    return any(f in ("was", "were", "had", "took", "occurred", "happened") for f in forms[start:end])
