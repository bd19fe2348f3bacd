"""Shapes around names of places: runs of capitalised words, the dateline, bylines, roads. Words are in `place_words`, shapes here. Floor 5."""

from __future__ import annotations

import re
from collections.abc import Iterator

_UPPER = "A-ZÀ-ÖØ-ÞĀ-ŽǍ-ǜȘȚḀ-ỿЀ-Я"
_ARTICLE = r"(?:(?:al|el|ul|ash|esh|as|es|ar|er|an|en|ad|ed|at|et|az|ez|adh|ath|e)[-’'])"
_INNER = r"(?:\w|['’‘`ʼʻ](?!s\b)(?=\w))*"
_WORD = rf"(?:(?:St|Ste|Mt|Ft|Sta|Sto)\.[ ])?{_ARTICLE}?[‘'ʿʻ]?[{_UPPER}]{_INNER}(?:-{_ARTICLE}?[’'‘]?\w{_INNER})*"
_LINK = (
    r"(?:de[ ]la|de[ ]los|de[ ]las|de|del|da|do|dos|das|la|las|los|le|les|el|al|ash|as|ul|of|of[ ]the|upon|sur|sous|der|den|bin|ben|ibn|du|des|di|"
    r"es|ez|az|e|i|va|wa|nad|na|pod|am|ob)"
)
START = re.compile(rf"(?<![\w])[{_UPPER}]")
ARTICLE = re.compile(rf"(?<![\w-]){_ARTICLE}$")
NAME = re.compile(rf"\b(?:[A-Z]\.){{2,}}|(?<![\w-]){_WORD}(?:[ ](?:{_LINK}[ ])?{_WORD})*|DR Congo")
DOTTED = re.compile(r"\b(?:U\.S\.A?\.?|U\.K\.|U\.A\.E\.|D\.R\. Congo)")


def names(text: str) -> Iterator[re.Match[str]]:
    """Runs of capitalised words, each begun at a capital or at the article written small before it ("al-Bab")."""
    at = 0
    while (capital := START.search(text, at)) is not None:
        start = begin = capital.start()
        if start and text[start - 1] in "-’'‘ʿʻ":
            article = ARTICLE.search(text, max(0, start - 6), start)
            begin = article.start() if article is not None else start - 1 if text[start - 1] in "‘ʿʻ" else start
        found = NAME.match(text, begin) or NAME.match(text, start)
        if found is None:
            at = start + 1
            continue
        yield found
        at = max(found.end(), start + 1)


WORD = re.compile(r"[^\W_][\w'’‘ʼ.-]*|[^\w\s]")
DATELINE = re.compile(
    r"\A\s*(?:date\s+\d{4}-\d\d-\d\d\s+)?(?P<place>[A-Z][\w'’.-]*(?:[ ,/]+[A-Z][\w'’.-]*){0,4})\s*(?:\([A-Z][\w\s./-]{1,24}\)\s*)?"
    r"(?:,?\s*(?:\d{1,2}\s+)?(?:Jan|"
    r"Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\.?(?:\s+\d{1,2})?(?:,?\s+\d{4})?\s*)?(?:\([A-Z][\w\s./-]{1,24}\)\s*)?\s*(?:--|[—–]|-\s)"
)
# The dateline of an article whose headline stands on a line of its own.
LATER_DATELINE = re.compile(
    r"^(?P<place>[A-Z][A-Z'’.-]{2,}(?:[ ,/]+[A-Z][\w'’.-]*){0,4})\s*(?:\([A-Z][\w\s./-]{1,24}\)\s*)?(?:,?\s*(?:\d{1,2}\s+)?(?:Jan|Feb|Mar|Apr|May|"
    r"Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\.?(?:\s+\d{1,2})?(?:,?\s+\d{4})?\s*)?(?:\([A-Z][\w\s./-]{1,24}\)\s*)?\s*(?:--|[—–]|-\s)",
    re.MULTILINE,
)
BYLINE = re.compile(
    r"(?:\b(?:Reporting|Writing|Editing|Translation|Filed|[Aa]dditional\s+reporting)(?:\s+by\s+[\w .,]{2,40}?)?|"
    r"\b[Bb]y\s+[A-Z][\w.-]+(?:\s+[A-Z][\w.-]+){1,2}),?\s+(?:in|from)\s+$"
)
ROAD = re.compile(r"\s+(?:road|highway|motorway|axis|route|line|railway|stretch)\b")
ENDS_SENTENCE = re.compile(r"[.!?:;]\s*$|[.!?][\"”’')\]]*\s+$|\n\s*$")
