"""Sentences of a stored text, as exact offsets.

A sentence ends at . ! ? (with closing quotes and brackets) before a capital, digit or quote, never after a known abbreviation, an initial or
inside a number, and always at an empty line. The seed's header ("date 2020-01-17 The ...") is no part of a sentence.
"""

from __future__ import annotations

import re

from eventcoder.extraction.word_sets import word_set

HEADER = re.compile(r"\s*date[ \t]+(\d{4}-\d{2}-\d{2})(?:[ \t]+|\n|$)")
_BREAK = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|\n[ \t]*\n|[:;](?=\s*\n)"
    r"|\n(?=\s{0,8}(?:[-*•#▪►·–—]|\d{1,2}[.)]\s|\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)))"
)
_OPENER = re.compile(r"\s*[\"'“‘«(\[–—-]*\s*([A-ZÀ-ÖØ-Þ0-9]|[^\W\d_a-zß-ÿ])")
_WORD_BEFORE = re.compile(r"([\w.’'-]+)$")
_ABBREVIATIONS = word_set("abbreviations")
_LONGEST = 1500  # characters: what is longer is no sentence but a text without full stops, and is cut at a mark or a space
_SPACE = re.compile(r"\s*")


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
            beyond = _SPACE.match(text, mark_end)
            following = text[beyond.end() : beyond.end() + 1] if beyond else ""
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
    heading = _heading(text, start, end)
    if heading:
        out.append((start, heading))
        start = heading
        while start < end and text[start].isspace():
            start += 1
    while end - start > _LONGEST:
        stop = max(text.rfind(mark, start + _LONGEST // 2, start + _LONGEST) for mark in ("; ", ", ", "\n"))
        stop = stop + 1 if stop > 0 else text.rfind(" ", start + 1, start + _LONGEST)
        stop = stop if stop > start else start + _LONGEST
        _add(text, start, stop, out)
        start = stop
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        out.append((start, end))


def _heading(text: str, start: int, end: int) -> int:
    """End of a short line without a full stop over a longer one ("SITUATION OVERVIEW"), else 0. Wrapped lines are about equally long."""
    stop = text.find("\n", start, start + 80)
    if stop < 0 or stop >= end:
        return 0
    line = text[start:stop].rstrip()
    after = text.find("\n", stop + 1, end)
    following = (after if after > 0 else end) - stop - 1
    if not line or line[-1] in ".,;:!?" or not text[stop + 1 : stop + 2].strip()[:1].isupper():
        return 0
    return start + len(line) if line.isupper() or (len(line) <= 60 and following > 1.5 * len(line) and following > 80) else 0
