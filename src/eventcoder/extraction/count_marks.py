"""Where a text says that people were killed, injured or arrested: its outcome words with their grammar ("shot dead", "beaten to death"). Floor 5."""

from __future__ import annotations

from typing import NamedTuple

from eventcoder.event import CountKind
from eventcoder.extraction.count_words import MODALS, OUTCOMES, WITH_DEATH, words
from eventcoder.extraction.tokens import Tokens

_DOWN = {"gunned": "down", "mowed": "down", "mown": "down", "cut": "down", "gunning": "down", "mowing": "down", "struck": "down"}
LOST = words("soldiers troops fighters policemen servicemen militants rebels officers")
LIVES = words("life lives control contact ground villages territory")
_TRIGGERS = (
    frozenset(OUTCOMES) | frozenset(WITH_DEATH) | words("rounded taken took sustained suffered sustaining suffering received lost losing passed")
)
_ENDS = frozenset(".;!?")


class Mark(NamedTuple):
    """An outcome word at a token; `end` is the token after its last word ("shot dead")."""

    kind: CountKind
    use: str
    end: int


def outcome_marks(tokens: Tokens) -> dict[int, Mark]:
    """Outcome words of the text by token."""
    forms = tokens.forms
    size = len(forms)
    out: dict[int, Mark] = {}
    for i in [i for i, form in enumerate(forms) if form in _TRIGGERS]:
        form = forms[i]
        outcome = OUTCOMES.get(form)
        if outcome is not None:
            before = forms[i - 1] if i else ""
            if outcome.use == "base" and before in MODALS:
                continue
            if (form == "death" and before == "to") or (before == "the" and outcome.use in ("pp", "in")):
                continue  # "sentenced to death", "flowers for the slain"
            if form in ("life", "lives") and not _lost_life(forms, i):
                continue
            if form == "dead" and before in ("the", "left", "-") and before == "the":
                continue
            if form in ("body", "bodies") and i + 1 < size and forms[i + 1] in ("armor", "armour", "guard", "guards"):
                continue
            if outcome.use == "ing" and before in ("the", "a", "this", "brutal"):
                out[i] = Mark(outcome.kind, "n", i + 1)
                continue
            use = outcome.use
            if form in ("arrest", "murder", "massacre", "lynching", "slaughter") and i + 1 < size and forms[i + 1] == "of":
                use = "n"
            if form in ("arrests", "murders", "executions") and before not in ("police",):
                use = "n"
            out[i] = Mark(outcome.kind, use, i + 1)
        elif form in WITH_DEATH:
            end = _to_death(forms, i)
            if end:
                out[i] = Mark("killed", WITH_DEATH[form], end)
        elif form == "rounded" and "up" in forms[i + 1 : i + 3]:
            out[i] = Mark("arrested", "pp", i + 2)
        elif form in ("taken", "took") and forms[i + 1 : i + 3] == ["into", "custody"]:
            out[i] = Mark("arrested", "pp", i + 3)
        elif form in ("sustained", "suffered", "sustaining", "suffering", "received") and not {"injuries", "wounds", "burns"}.isdisjoint(
            forms[i + 1 : i + 5]
        ):
            out[i] = Mark("injured", "in", i + 2)
        elif form == "lost" and i + 2 < size and forms[i + 2] in ("lives", "life") and forms[i + 1] in ("their", "his", "her"):
            out[i] = Mark("killed", "in", i + 3)
        elif form in ("lost", "losing") and not LOST.isdisjoint(forms[i + 2 : i + 5]) and LIVES.isdisjoint(forms[i + 1 : i + 5]):
            out[i] = Mark("killed", "pp", i + 1)  # "the army lost 13 soldiers"
        elif form == "passed" and forms[i + 1 : i + 2] == ["away"]:
            out[i] = Mark("killed", "in", i + 2)
    return out


def _lost_life(forms: list[str], i: int) -> bool:
    near = forms[max(0, i - 8) : i] + forms[i + 1 : i + 5]
    return not {"claimed", "claiming", "claim", "claims", "lost", "cost", "costing", "took", "taking", "loss"}.isdisjoint(near)


def _to_death(forms: list[str], i: int) -> int:
    """End of "shot dead", "beaten to death", "shot three people dead", "gunned down"; 0 if the verb does not kill."""
    down = _DOWN.get(forms[i])
    for j in range(i + 1, min(len(forms), i + 9)):
        form = forms[j]
        if form in _ENDS or form == ",":
            break
        if form == "dead" or (form == "to" and forms[j + 1 : j + 2] == ["death"]) or (form == "alive" and forms[i].startswith("bur")):
            return j + 1 + (form == "to") if j - i < 3 else i + 1
        if down is not None and form == down:
            return j + 1
    return 0
