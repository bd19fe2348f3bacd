"""Sentences of a stored text, as exact offsets.

A sentence ends at . ! ? (with closing quotes and brackets) before a capital, digit or quote, never after a known abbreviation, an initial or
inside a number, and always at an empty line. The seed's header ("date 2020-01-17 The ...") is no part of a sentence.
"""

from __future__ import annotations

import re

HEADER = re.compile(r"\s*date[ \t]+(\d{4}-\d{2}-\d{2})(?:[ \t]+|\n|$)")
_BREAK = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|\n[ \t]*\n|[:;](?=\s*\n)|\n(?=\s*[-*•#])")
_OPENER = re.compile(r"\s*[\"'“‘«(\[–—-]*\s*([A-ZÀ-ÖØ-Þ0-9]|[^\W\d_a-zß-ÿ])")
_WORD_BEFORE = re.compile(r"([\w.’'-]+)$")
_ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "gen",
        "lt",
        "col",
        "maj",
        "capt",
        "sgt",
        "cpl",
        "pvt",
        "adm",
        "brig",
        "rev",
        "hon",
        "sen",
        "rep",
        "gov",
        "pres",
        "st",
        "ste",
        "mt",
        "no",
        "nos",
        "vs",
        "etc",
        "al",
        "inc",
        "ltd",
        "co",
        "corp",
        "bros",
        "jr",
        "sr",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sept",
        "sep",
        "oct",
        "nov",
        "dec",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "approx",
        "est",
        "dept",
        "univ",
        "fig",
        "vol",
        "ed",
        "art",
        "para",
        "a.m",
        "p.m",
        "e.g",
        "i.e",
        "u.s",
        "u.k",
        "u.n",
        "u.a.e",
        "d.c",
        "u.s.a",
        "cf",
        "viz",
        "c",
        "ca",
        "km",
        "supt",
        "insp",
        "det",
        "const",
        "cmdr",
        "comdr",
        "lieut",
        "hrs",
        "min",
    ]
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences of `text` as (start, end) without surrounding white space, in order, never overlapping."""
    begin = 0
    header = HEADER.match(text)
    if header:
        begin = header.end()
    out: list[tuple[int, int]] = []
    start = begin
    headline = _headline(text, begin)
    if headline:
        _add(text, begin, headline, out)
        start = begin = headline
    for match in _BREAK.finditer(text, begin):
        mark = match.group()
        if not mark.startswith("\n") and mark[0] not in ":;" and not _ends(text, start, match.start(), match.end(), mark):
            continue
        _add(text, start, match.end(), out)
        start = match.end()
    _add(text, start, len(text), out)
    return out


def _headline(text: str, begin: int) -> int:
    """End of a first line that is a headline: short, without a full stop, before a line that opens a sentence; 0 if there is none."""
    stop = text.find("\n", begin)
    line = text[begin:stop].strip() if stop > 0 else ""
    following = text[stop + 1 : stop + 3] if stop > 0 else ""
    longest = max((len(x) for x in text[begin : begin + 2000].split("\n")), default=0)
    if line and len(line) <= 140 and len(line) < 0.75 * longest and line[-1].isalnum() and following[:1].isupper():
        return stop
    return 0


def _ends(text: str, start: int, mark_start: int, mark_end: int, mark: str) -> bool:
    follows = _OPENER.match(text, mark_end)
    newline = text[mark_end : mark_end + 2].strip(" \t\r") == "\n" or text[mark_end : mark_end + 1] == "\n"
    if not follows and not newline:
        return False
    if mark == ".":
        before = _WORD_BEFORE.search(text, max(start, mark_start - 20), mark_start)
        if before:
            word = before.group(1).lower()
            following = text[mark_end:].lstrip()[:1]
            if word in _ABBREVIATIONS and not (word in {"a.m", "p.m", "u.s", "u.k", "u.n", "etc"} and _likely_new(text, mark_end)):
                return word in {"no", "art", "sat", "sun", "mar", "min", "est"} and not following.isdigit() and _plain_word(text, before.start())
            if len(word) == 1 and word.isalpha() and before.group(1).isupper():
                return False
    return True


_FUNCTION = re.compile(r"\s*[\"“‘']*(The|A|An|In|On|At|He|She|It|They|But|And|This|That|Police|After|Meanwhile|However)\b")


def _likely_new(text: str, at: int) -> bool:
    return bool(_FUNCTION.match(text, at))


def _plain_word(text: str, at: int) -> bool:
    """A word in lower case ("said no.") is no abbreviation of a month or title."""
    return text[at].islower()


def _add(text: str, start: int, end: int, out: list[tuple[int, int]]) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        out.append((start, end))
