"""What a text says did not happen: "no casualties", "nobody was hurt", "escaped unharmed", "fatalities: 0". Silence is never 0. Floor 5."""

from __future__ import annotations

import re

from eventcoder.event import Count, CountKind
from eventcoder.extraction.count_words import words
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.victims import Found

_OPENERS = words("no none nobody without zero nil unhurt unharmed unscathed uninjured neither 0")
_BE = r"(?:was|were|is|are|has\s+been|have\s+been|had\s+been|got|being)"
_KILL = r"(?P<k1>killed|dead|died|dies|perished|lost\s+(?:his|her|their)\s+li(?:fe|ves))"
_HURT = r"(?P<i1>injured|hurt|wounded|harmed)"
_SEVERE = r"(?:seriously\s+|badly\s+|physically\s+|reported(?:ly)?\s+(?:to\s+(?:be|have\s+been)\s+)?|immediately\s+|reportedly\s+)?"
_FILL = (
    r"(?:reported\s+|known\s+|confirmed\s+|immediate\s+|official\s+|initial\s+|human\s+|recorded\s+|serious\s+|major\s+|new\s+|"
    r"(?:\w+\s+)?reports?\s+of\s+(?:any\s+|either\s+)?|(?:loss|losses)\s+of\s+(?=li)|cases?\s+of\s+|incidents?\s+of\s+)*"
)
_NOUN = (
    r"(?P<n1>casualt(?:y|ies)|deaths?|fatalit(?:y|ies)|injur(?:y|ies)|arrests?|victims?|human\s+loss(?:es)?|li(?:fe|ves)\s+(?:was|were)\s+lost|"
    r"loss(?:es)?\s+of\s+(?:human\s+)?li(?:fe|ves)|lives\b(?=\s+lost)|life(?=\b)|dead|killed|injured|wounded|arrested|detentions?|detainees|prisoners)"
)
# "no casualty figures were given": silence
_UNTOLD = (
    r"(?:\w+\s+){0,2}?(?:casualty|casualties|deaths?|injury|fatality)\s+(?:figures?|tolls?|numbers?|counts?|details|breakdown|estimates?|data)\b"
)
NONE = re.compile(
    rf"\b(?:(?:no[\s-]?one|nobody|none(?:\s+of\s+(?:the|them)(?:\s+\w+)?)?|no\s+(?:people|persons?|individuals?|body))\s+(?P<else>else\s+)?(?:{_BE}\s+)?{_SEVERE}(?:{_KILL}|{_HURT}|"
    rf"(?P<a1>arrested|detained))(?:\s+(?:or|nor|and)\s+(?:seriously\s+)?(?P<second>killed|injured|hurt|wounded|harmed|arrested|detained))?|"
    rf"(?:no|zero|nil|0|without(?:\s+(?:any|causing(?:\s+any)?|leaving(?:\s+any)?))?|n[o']t\s+(?:cause|result\s+in|lead\s+to|leave|claim|record|produce)\s+any|"
    rf"not\s+any|neither|(?:have|had|has|were)\s+not\s+been\s+any)\s+(?!{_UNTOLD}){_FILL}(?:(?:violence|incidents?|damages?|"
    rf"clash(?:es)?|disturbances?|property\s+damage)\s*(?:,|or|nor|and)\s+{_FILL})?{_NOUN}"
    rf"(?:\s*(?:,|or|nor|and)\s+(?:reported\s+)?(?P<n2>casualties|deaths?|fatalit(?:y|ies)|injur(?:y|ies)|arrests?|wounded|injured))?|"
    rf"(?P<v2>killed|killing|kills|injured|injuring|injures|hurt|hurting|harmed|harming|wounded|wounding)\s+(?:nobody|no[\s-]?one)\b|"
    rf"without\s+(?P<v1>killing|injuring|hurting|harming|wounding)\s+(?:or\s+\w+ing\s+)?(?:any(?:one|body)|people)|"
    rf"(?P<label>fatalities|deaths?|killed|dead|casualties|injured|wounded|injuries|arrests?|arrested)\s*[:=–-]\s*(?:0|nil|none|zero)\b(?![.,]?\d)|"
    rf"(?:all|everyone|everybody|passengers|residents|occupants|they|people|workers)\s+(?:\w+\s+){{0,4}}(?:escaped|were|survived|emerged)\s+"
    rf"(?:\w+\s+){{0,2}}(?P<safe>unhurt|unharmed|unscathed|uninjured))",
    re.IGNORECASE,
)  # fmt: skip
_OTHERS = re.compile(
    r"\s+(?:else|other\s+than|apart\s+from|except|among\s+(?:the\s+)?(?:civilians|police|soldiers|troops|officers))\b", re.IGNORECASE
)


def may_deny(tokens: Tokens) -> bool:
    """Can the text hold a denial at all? A cheap look before the search."""
    forms = tokens.forms
    return not _OPENERS.isdisjoint(forms) or ("any" in forms and ("not" in forms or "n't" in tokens.text or "n’t" in tokens.text))


def stated_none(text: str, start: int, stop: int) -> list[Found]:
    """A count of 0 for each outcome that the text denies. That nobody was hurt says that nobody was killed; that nobody was killed says no more."""
    out: list[Found] = []
    for match in NONE.finditer(text, start, stop):
        if match["else"] or _OTHERS.match(text, match.end()):
            continue
        kinds = _kinds(match)
        for kind in kinds:
            count = Count(kind=kind, low=0, best=0, high=0, words=match.group(), rule="none-stated", start=match.start(), end=match.end())
            out.append(Found(count, match.start(), match.end()))
    return out


def _kinds(match: re.Match[str]) -> list[CountKind]:
    told = [w.lower() for g in ("k1", "i1", "a1", "second", "n1", "n2", "v1", "v2", "label", "safe") if (w := match[g])]
    killed = injured = arrested = False
    for word in told:
        if word.startswith(("arrest", "detain", "detention", "prisoner")):
            arrested = True
        elif word.startswith(("casualt", "un", "victim")):
            killed = injured = True
        elif word.startswith(("injur", "hurt", "wound", "harm")):
            injured = True
            # No count of deaths may follow from "injured: 0" in a bulletin that lists its dead beside it.
            killed = killed or (match["label"] is None and match["n1"] not in ("injured", "wounded"))
        else:
            killed = True
    kinds: list[CountKind] = []
    if killed:
        kinds.append("killed")
    if injured:
        kinds.append("injured")
    if arrested:
        kinds.append("arrested")
    return kinds
