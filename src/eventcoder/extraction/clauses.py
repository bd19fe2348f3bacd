"""A sentence cut into clauses: relative, of cause and time, in dashes, told beside each other, and the total that ends many a lead. Floor 5.

A cut is only a proposal: `mentions` puts the pieces together again that tell of the same event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.word_sets import word_set

_RELATIVE = frozenset({"who", "which", "whose", "where", "when"})
_SUBORDINATE = frozenset({"after", "following", "since", "before", "because", "although", "despite", "amid"})
_DASHES = frozenset({"–", "—", "-"})
_BESIDE = frozenset({"while", "whereas", "but", "meanwhile", "adding"})
_THERE = frozenset({"in", "at", "near", "outside", "around", "across", "elsewhere"})
_RAISING = frozenset({"bringing", "raising", "taking", "pushing", "lifting", "bring", "brings", "brought", "raises", "raised", "takes", "pushes"})
_TOLL = frozenset({"number", "total", "toll", "tally", "count", "deaths", "dead", "figure"})
_ORDERED = word_set("ordinals")
_SPAN = frozenset({"week", "weeks", "month", "months", "year", "years", "days", "decade", "since", "kind"})
_BACK = word_set("main_goes_on")


@dataclass(slots=True)
class Piece:
    """One clause of a sentence, token range [start, end) of the sentence's tokens."""

    start: int
    end: int
    kind: str  # main | relative | sub | dash | clause | total


def pieces(tokens: Tokens, hits: Sequence[Hit], opens: Sequence[Hit], marks: Sequence[int]) -> list[Piece]:
    """The clauses of a sentence. `opens` are its cues that can open a statement, `marks` the tokens at which dates stand."""
    forms = tokens.forms
    out: list[Piece] = []
    start, kind = 0, "main"
    verbs = {h.start for h in hits if h.form == "d"}
    for i in range(1, len(forms)):
        form, last = forms[i], forms[i - 1]
        new = None
        if kind == "total" and form in _RELATIVE:
            continue
        if (form in _RAISING and _toll(forms, i)) or (last in (",", "–", "—") and form in ("the", "a", "at") and _nth(forms, i)):
            new = "total"
        elif form in _RELATIVE and (last == "," or form in ("who", "which", "whose")) and not (last == "," and form == "when"):
            new = "relative"
        elif form in _SUBORDINATE and i + 1 < len(forms) and i > 2:
            new = "sub"
        elif form in _DASHES and last != "-":
            new = "dash" if kind != "dash" else "main"
        elif (
            form == ";"
            or (last == "," and form in _BESIDE)
            or (form == "and" and i + 1 < len(forms) and forms[i + 1] == "that")
            or (form in ("and", "while") and _another(tokens, start, i, opens, marks))
        ):
            new = "clause"
        elif form == "," and kind in ("relative", "sub", "total") and i + 1 < len(forms) and (forms[i + 1] in _BACK or i + 1 in verbs):
            new = "main"
        if new is not None and i > start:
            out.append(Piece(start, i, kind))
            start, kind = i, new
    out.append(Piece(start, len(forms), kind))
    return out


def _toll(forms: Sequence[str], at: int) -> bool:
    """ "bringing to five the number of", "raising the death toll to 14"."""
    ahead = forms[at + 1 : at + 9]
    return bool(ahead) and ahead[0] in ("to", "the", "its", "their", "total", "this") and not _TOLL.isdisjoint(ahead) and "to" in ahead


def _nth(forms: Sequence[str], at: int) -> bool:
    """ ", the third such attack this month": how many there were, told beside the event."""
    ahead = forms[at + 1 : at + 4]
    return not _ORDERED.isdisjoint(ahead) and not _SPAN.isdisjoint(forms[at + 2 : at + 14])


def _another(tokens: Tokens, start: int, at: int, opens: Sequence[Hit], marks: Sequence[int]) -> bool:
    """Does "and" or "while" open a clause with an event, and a place or day, of its own?"""
    forms = tokens.forms
    left = [h for h in opens if start <= h.start < at]
    right = [h for h in opens if 0 < h.start - at <= 18]
    if not left or not right:
        return False
    if forms[at + 1] in _THERE and (forms[at + 1] == "elsewhere" or _proper(tokens, at + 2)):
        return True
    if right[0].form not in ("d", "n") or left[-1].form == "g":
        return False
    stop = next((i for i in range(right[0].end, len(forms)) if forms[i] == ";"), len(forms))
    dated = any(start <= m < at for m in marks) and any(at < m < stop for m in marks)
    placed = _has_place(tokens, start, at) and _has_place(tokens, at, stop)
    return (dated or placed) and right[0].start - at > 1


def _has_place(tokens: Tokens, start: int, end: int) -> bool:
    return any(tokens.forms[i] in _THERE and _proper(tokens, i + 1) for i in range(start, end - 1))


def _proper(tokens: Tokens, at: int) -> bool:
    """A capitalised word at `at`, an article before it allowed."""
    if tokens.forms[at : at + 1] == ["the"] and tokens.forms[at + 2 : at + 3] == ["of"]:  # "the suburb of Viana"
        return at + 3 < len(tokens) and tokens.is_capital(at + 3)
    for i in (at, at + 1):
        if i < len(tokens) and tokens.is_capital(i):
            return True
        if i >= len(tokens) or tokens.forms[i] not in ("the", "central", "northern", "southern", "eastern", "western", "nearby"):
            return False
    return False
