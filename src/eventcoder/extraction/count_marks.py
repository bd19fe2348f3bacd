"""Where a text says that people were killed, injured or arrested: its outcome words with their grammar ("shot dead", "beaten to death"). Floor 5."""

from __future__ import annotations

from typing import NamedTuple

from eventcoder.event import CountKind
from eventcoder.extraction.count_words import MODALS, ORDINALS, OUTCOMES, PLANTS, WITH_DEATH, words
from eventcoder.extraction.tokens import Tokens

_DOWN = {"gunned": "down", "mowed": "down", "mown": "down", "cut": "down", "gunning": "down", "mowing": "down", "struck": "down"}
LOST = words("soldiers troops fighters policemen servicemen militants rebels officers")
_THROATS = frozenset({"throat", "throats"})
_CUTS = words("slit slits slitting cut cutting cuts slashed")
_ALIVE = words("survived survives wounded injured injuring wounding escaped hospital leg arm shoulder foot")
_GAS = frozenset({"tear", "teargas"})
LIVES = words("life lives control contact ground villages territory")
_TRIGGERS = (
    frozenset(OUTCOMES)
    | frozenset(WITH_DEATH)
    | words("rounded taken took throat throats sustained suffered sustaining suffering received lost losing passed")
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
            if form in ("suffocated", "asphyxiated") and not _GAS.isdisjoint(forms[i + 1 : i + 14]):
                out[i] = Mark("injured", outcome.use, i + 1)  # of tear gas: hurt, not dead
                continue
            use = outcome.use
            if form in ("arrest", "murder", "massacre", "lynching", "slaughter") and i + 1 < size and forms[i + 1] == "of":
                use = "n"
            if form in ("arrests", "murders", "executions") and before not in ("police",):
                use = "n"
            out[i] = Mark(outcome.kind, use, i + 1)
        elif form in _THROATS:
            # "slit the throats of three": the mark stands at "of"; "found with their throats slit": at the participle
            if forms[i + 1 : i + 2] == ["of"] and not _CUTS.isdisjoint(forms[max(0, i - 3) : i]):
                out[i + 1] = Mark("killed", "pp", i + 2)
            cut = next((j for j in range(i + 1, min(size, i + 4)) if forms[j] in _CUTS), 0)
            if cut and all(f in ("was", "were", "had", "been", "being") for f in forms[i + 1 : cut]):
                out[cut] = Mark("killed", "in", cut + 1)
        elif form in WITH_DEATH:
            end = _to_death(forms, i) or _likewise(forms, i, out)
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


def _likewise(forms: list[str], i: int, before: dict[int, Mark]) -> int:
    """ "beheaded four men and shot a fifth": one more of the dead, unless the words after say that he lives."""
    if forms[i] != "shot" or forms[i + 1 : i + 2] not in (["a"], ["another"], ["the"]) or ORDINALS.isdisjoint(forms[i + 2 : i + 3]):
        return 0
    killed = any(before[k].kind == "killed" and before[k].use == "pp" for k in range(max(0, i - 9), i) if k in before)
    return i + 1 if killed and _ALIVE.isdisjoint(forms[i + 3 : i + 14]) else 0


def _to_death(forms: list[str], i: int) -> int:
    """End of "shot dead", "beaten to death", "shot three people dead", "gunned down"; 0 if the verb does not kill."""
    down = _DOWN.get(forms[i])
    if down is not None and not PLANTS.isdisjoint(forms[i + 1 : i + 10]):
        return 0  # "cut down 60 olive trees"
    for j in range(i + 1, min(len(forms), i + 9)):
        form = forms[j]
        if form in _ENDS or form == ",":
            break
        if form == "dead" or (form == "to" and forms[j + 1 : j + 2] == ["death"]) or (form == "alive" and forms[i].startswith("bur")):
            return j + 1 + (form == "to") if j - i < 3 else i + 1
        if down is not None and form == down:
            return j + 1
    return 0
