"""People whom a gathering, a trial or a mourning is about: their deaths and arrests are told in passing and count nothing. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping

from eventcoder.extraction.count_marks import Mark
from eventcoder.extraction.count_phrases import MARKS
from eventcoder.extraction.count_words import COURT, DETERMINERS, REAL, TOPIC, words
from eventcoder.extraction.tokens import Tokens

_REMEMBERED = {
    ("justice", "for"), ("memory", "of"), ("honour", "of"), ("honor", "of"), ("tribute", "to"), ("tributes", "to"), ("homage", "to"),
    ("prayers", "for"), ("vigil", "for"), ("support", "of"), ("solidarity", "with"), ("compensation", "for"), ("freedom", "for"),
    ("sympathy", "with"),
}  # fmt: skip
_DEMANDED = words("demand demanded demanding demands seek seeking sought call called calling urge urged urging against for over")


def is_topic(tokens: Tokens, marks: Mapping[int, Mark], j: int) -> bool:
    """Is the killing only what a protest, a trial or a mourning is about ("rally over the killing of two students")?"""
    for k in range(j - 1, max(-1, j - 6), -1):
        form = tokens.forms[k]
        if form in REAL:
            return False
        if (
            form in TOPIC
            or (form == "with" and not {"connection", "charged", "charging"}.isdisjoint(tokens.forms[max(0, k - 5) : k]))
            or (form == "of" and "suspected" in tokens.forms[k - 2 : k])
        ):
            return not (k and not REAL.isdisjoint(tokens.forms[max(0, k - 3) : k]))
        if form in MARKS or k in marks:
            return False
    return False


def is_remembered(tokens: Tokens, marks: Mapping[int, Mark], a: int) -> bool:
    """ "justice for two students who died", "in support of a detained poet", "demanding the release of 12 arrested farmers"."""
    forms = tokens.forms
    k = a - 1
    while k > 0 and (forms[k] in DETERMINERS or k in marks or forms[k] in ("jailed", "imprisoned", "opposition")):
        k -= 1
    if k < 1:
        return False
    if (forms[k - 1], forms[k]) in _REMEMBERED:
        return True
    return forms[k - 1 : k + 1] == ["release", "of"] and not _DEMANDED.isdisjoint(forms[max(0, k - 5) : k - 1])


def is_background(tokens: Tokens, j: int) -> bool:
    """ "arrested for killing two", "accused of killing": a charge, unless responsibility for it is what the text reports."""
    forms = tokens.forms
    if forms[j - 1] in ("without", "avoid", "from"):
        return True
    near = forms[max(0, j - 5) : j]
    if not REAL.isdisjoint(near):
        return False
    return not COURT.isdisjoint(forms[:j]) or "plot" in near or "intention" in near
