"""Words that tell a source or a place of treatment from the place of an event, and talk from deeds. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.extraction.mentions import Statement
from eventcoder.extraction.status import Judged
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.victims import Found
from eventcoder.extraction.word_sets import word_set

_SAID = word_set("says")
_SPEAKERS = word_set("speakers")
_CARE = frozenset({"hospital", "hospitals", "clinic", "morgue", "mortuary", "infirmary", "jail", "prison", "court", "cemetery"})
_BROUGHT = word_set("brought")
_OUTSIDE = frozenset(
    {"outside", "before", "front", "silence", "candles", "candlelight", "vigil", "portraits", "photographs", "memory", "square", "solidarity"}
)


def of_source(tokens: Tokens, at: int) -> bool:
    """Does the place at token `at` belong to who speaks, or to where somebody was brought afterwards?"""
    forms = tokens.forms
    before = forms[max(0, at - 9) : at]
    if "according" in before or before[-2:] in (["reached", "in"], ["reached", "at"]) or before[-3:-1] in (["by", "telephone"], ["by", "phone"]):
        return True
    if len(before) > 1 and before[-2] in _SAID and before[-1] in ("in", "at", "from"):
        return True
    if before[-3:-2] == ["fled"] or before[-2:-1] == ["fled"]:
        return True
    if not _CARE.isdisjoint(before[-3:]) and not _BROUGHT.isdisjoint(forms[max(0, at - 14) : at - 1]) and before[-1:] in (["in"], ["at"], ["of"]):
        return _carried(forms, at)
    after = forms[at + 1 : at + 4]
    if not _CARE.isdisjoint(after) and not _BROUGHT.isdisjoint(forms[max(0, at - 10) : at - 1]) and before[-1:] in (["in"], ["at"], ["to"]):
        return _carried(forms, at)  # "being treated at Anka General Hospital"
    return (
        bool(after)
        and (after[0] in _SAID or after[:2] == [",", "said"])
        and not _SPEAKERS.isdisjoint(before[-6:])
        and before[-1:] in (["in"], ["at"])
    )


def _carried(forms: Sequence[str], at: int) -> bool:
    """ "taken to hospital in Kano", not "shells hit a hospital in Kano": a verb of bringing with "to" or "at" before the building."""
    ahead = forms[max(0, at - 14) : at]
    brought = any((f in _BROUGHT and f != "to") or f == "treated" for f in ahead)
    return brought and not {"hit", "struck", "bombed", "attacked", "stormed", "shelled"} & set(ahead)


def talked(statement: Statement) -> Judged | None:
    """ "Leaders of the breakaway group denied on Saturday that ...": the verb is talk, and names of events only say who spoke."""
    sign = next((s for s in statement.signs if s.label in ("deny", "condemn", "accuse") and s.weight >= 0.8 and s.form == "d"), None)
    if sign is None or not statement.hits:
        return None
    if any(h.form != "n" or h.end > sign.start for h in statement.hits) or any(h.label in ("PROTEST", "CROWD", "GATHER") for h in statement.hits):
        return None
    tokens = statement.sentence.tokens
    words = statement.sentence.text[tokens.starts[sign.start] : tokens.ends[sign.end - 1]]
    return Judged("hypothetical" if sign.label == "deny" and statement.covered else "speech_act", f"talk: '{words}'")


def in_public(tokens: Tokens, counts: Sequence[Found]) -> bool:
    """ "several hundred gathered before the governor's office", "gathered in silence with candles": a crowd that shows itself."""
    return any(f.count.kind == "crowd" for f in counts) and not _OUTSIDE.isdisjoint(tokens.forms)
