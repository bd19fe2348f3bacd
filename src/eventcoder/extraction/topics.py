"""What a demonstration is about, told apart from what happens there: the words after "against", "to demand", "following" and the like."""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.tokens import Tokens

TOPIC_OPENERS = frozenset(
    [
        "against",
        "over",
        "demand",
        "demanding",
        "denounce",
        "denouncing",
        "condemn",
        "condemning",
        "protesting",
        "calling",
        "following",
        "after",
        "about",
        "regarding",
        "because",
        "oppose",
        "opposing",
        "despite",
        "commemorate",
        "commemorating",
        "solidarity",
        "response",
        "accusing",
        "accuse",
        "requesting",
        "urging",
        "support",
        "reject",
        "rejecting",
        "ask",
        "asking",
        "request",
        "memory",
        "mark",
        "marking",
    ]
)
CROWD_ACTS = frozenset(
    [
        "blocked",
        "burned",
        "burnt",
        "threw",
        "clashed",
        "set",
        "vandalized",
        "vandalised",
        "pelted",
        "barricaded",
        "scuffled",
        "attacked",
        "stormed",
        "torched",
        "smashed",
        "looted",
        "hurled",
        "marched",
        "gathered",
    ]
)
TOPIC_ENDS = frozenset({".", ";", "!", "?"})
POLICE_BACK = frozenset(
    {
        "police",
        "security",
        "officers",
        "army",
        "soldiers",
        "forces",
        "gendarmes",
        "authorities",
        "troops",
        "protesters",
        "demonstrators",
        "they",
        "protestors",
        "crowd",
        "rioters",
    }
)


def topics(tokens: Tokens, hits: Sequence[Hit]) -> list[tuple[int, int]]:
    """Token ranges that tell what a demonstration is about ("against the killing of ..."), not what happened there."""
    openers = [h for h in hits if h.label in ("PROTEST", "CROWD", "SLOGAN", "GATHER", "BLOCK", "STRIKE")]
    if not openers:
        return []
    begin = openers[0].end
    found: list[tuple[int, int]] = []
    i = begin
    forms = tokens.forms
    while i < len(forms):
        if forms[i] in TOPIC_OPENERS:
            if is_reaction(tokens, i) or is_time(forms, i):
                i += 1
                continue
            end = i + 1
            while end < len(forms) and forms[end] not in TOPIC_ENDS and not turn(forms, end):
                end += 1
            found.append((i, end))
            i = end
        i += 1
    return found


def is_time(forms: list[str], at: int) -> bool:
    """ "over the past four days", "after Friday prayers", "about 200": no topic begins."""
    follow = forms[at + 1 : at + 4]
    if forms[at] == "over":
        return any(f in ("past", "last", "weekend", "week") for f in follow)
    if forms[at] in ("after", "following"):
        return any(f in ("prayers", "prayer", "midnight", "noon", "sunset", "dawn", "dusk", "dark") for f in follow)
    return forms[at] == "about" and bool(follow) and (follow[0].isdigit() or follow[0] in ("a", "two", "three", "half"))


def is_reaction(tokens: Tokens, at: int) -> bool:
    """ "after police fired", "after they threw": part of the event itself, not its topic."""
    forms = tokens.forms
    follow = forms[at + 1 : at + 4]
    if forms[at] == "after":
        return (
            bool(follow)
            and (follow[0] in POLICE_BACK or (follow[0] in ("the", "riot") and len(follow) > 1 and follow[1] in POLICE_BACK))
            and not any(f in ("killed", "shot", "arrested", "abducted", "murdered", "detained") for f in forms[at + 1 : at + 7])
        )
    return False


def turn(forms: list[str], at: int) -> bool:
    """Where a topic ends inside its sentence: ", and police ...", ", but", "before police", "while"."""
    if forms[at] in ("before", "while", "whereupon", "leading", "resulting", "during"):
        return True
    if forms[at] == ",":
        follow = forms[at + 1 : at + 4]
        return bool(follow) and (
            follow[0]
            in (
                "but",
                "while",
                "before",
                "when",
                "with",
                "blocking",
                "burning",
                "throwing",
                "killing",
                "wounding",
                "injuring",
                "leaving",
                "arresting",
                "police",
                "setting",
                "chanting",
                "rioters",
            )
            or (follow[0] in ("and", "where") and any(f in POLICE_BACK or f in ("some", "several", "then") or f in CROWD_ACTS for f in follow[1:]))
            or (follow[0] == "the" and len(follow) > 1 and follow[1] in POLICE_BACK)
        )
    if forms[at] == "and":
        return any(f in CROWD_ACTS or f == "police" for f in forms[at + 1 : at + 3])
    return False
