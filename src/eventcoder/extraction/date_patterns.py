"""Expressions of time in a text, recognised but not yet resolved: the grammar of `date_grammar` over the words of `date_words`.

Month and weekday names need a capital, so that "may" and "march" are not months; weak ones ("May", "March", "Jan") need a word like "in", a day or
a year beside them. Names that only contain a date ("Sunday Times", "17 October Square", "every Friday") are none. Floor 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from eventcoder.extraction.date_grammar import Table, rules_by_letter
from eventcoder.extraction.date_words import DateWords, open_date_words

_ENGLISH = open_date_words()
MONTHS = {form.lower(): int(_ENGLISH.values[form]) for form, letter in _ENGLISH.letters.items() if letter in "Mm"}
WEEKDAYS = {form.lower(): int(_ENGLISH.values[form]) for form, letter in _ENGLISH.letters.items() if letter in "Ww"}
Tokens = list[re.Match[str]]
_CORE = frozenset("MmWwSLEKUVkPzytuO>#R<")  # letters without which no expression stands
_REACH = 6  # tokens between the beginning of an expression and its first core
_NEAR = frozenset("TnaIvo3147e")  # frequent words that begin short expressions only
_NEAR_REACH = 3
_LITTLE = frozenset("ijdp@TFBsY=Z~")  # words that may open an expression of their own or stand before a longer one
# "said on Monday", "said in a televised address on Monday", "told reporters in Kyiv on Monday": the day of the talk
_SPOKEN = re.compile(r"""(?:["^](?:i[Ta]?X{1,3}|[iT][$]{1,2})?|\^[Ta]?[X$c]{1,3}(?:i[Ta]?[$X]{1,3})?),?[jZel]*$""")
_DATELINE = re.compile(r"[$pT:;]{1,5}(?:,[$]{1,3})?,?[{]?")  # "KANO, Nigeria, March 3 (Agency) - ..."
_HEAD = re.compile(r"[ \t•*–-]*(?P<one>\d{1,2})(?P<sep>[./])(?P<two>\d{1,2})(?:\s?:|\s+[–—-])\s+(?=[^\W\d_])")
_ON_HOLIDAY = frozenset("jd@sbfB")  # on, during, at, since, before, after, between


@dataclass(slots=True)
class Expression:
    """An expression of time at [start, end) of a text, with the rule that recognised it and the match's parts.

    `attributive`: it only says which event is meant ("the 3 May massacre", "the 2019 coup"), so another date of the sentence goes first.
    `spoken`: the day of somebody's talk or of the report ("police said on Monday", "KANO, March 3 -"), on which the event need not have happened.
    """

    start: int
    end: int
    rule: str
    words: str
    parts: dict[str, str]
    attributive: bool = False
    spoken: bool = False


def expressions(text: str, start: int = 0, end: int | None = None, words: DateWords | None = None) -> list[Expression]:
    """All expressions of time in text[start:end], left to right, not overlapping."""
    words = words or _ENGLISH
    stop = len(text) if end is None else end
    heads = _heads(text, start, stop)
    letters, tokens = words.read(text, start, stop)
    if not letters:
        return heads
    table = rules_by_letter()
    opens = _openings()
    out: list[Expression] = list(heads)
    at = 0
    while (found := opens.search(letters, at)) is not None:
        i = found.start()
        if letters[i] == "%":
            holiday = _holiday(words, text, letters, tokens, i)
            if holiday is not None:
                out.append(holiday)
            at = i + 1
            continue
        expression, at = _recognise(words, text, letters, tokens, i, table[letters[i]])
        if expression is not None and not any(h.start < expression.end and expression.start < h.end for h in heads):
            out.append(expression)
    return out


def _heads(text: str, start: int, end: int) -> list[Expression]:
    """Day and month at the head of an item: "25/02: ...", "25.02 - ..."."""
    found = _HEAD.match(text, start, end)
    if found is None or (start and text[:start].rstrip(" \t•*-–")[-1:] not in ("", "\n")):
        return []
    parts = {"d1": found["one"], "d2": found["two"], "sep": found["sep"]}
    return [Expression(found.start("one"), found.end("two"), "item-head", text[found.start("one") : found.end("two")], parts)]


def may_date(text: str, words: DateWords | None = None) -> bool:
    """A quick look: False where no expression of time can stand, neither in the text nor in any sentence of it."""
    return (words or _ENGLISH).may_tell(text, 0, len(text))


@cache
def _openings() -> re.Pattern[str]:
    """A letter that can begin an expression and has a word of time within reach."""
    core = re.escape("".join(sorted(_CORE)))
    strong, near, far = "%", "", ""
    for letter in rules_by_letter():
        if letter in _CORE:
            strong += letter
        elif letter in _NEAR:
            near += letter
        else:
            far += letter
    near, far = (f"[{re.escape(letters)}](?=.{{0,{reach}}}?[{core}])" for letters, reach in ((near, _NEAR_REACH), (far, _REACH)))
    return re.compile(f"[{re.escape(strong)}]|{near}|{far}")


def _recognise(words: DateWords, text: str, letters: str, tokens: Tokens, i: int, table: Table) -> tuple[Expression | None, int]:
    """The longest expression that begins at token i, and the token to go on with."""
    best, name = _longest(words, letters, tokens, i, table)
    if best is None:
        return None, i + 1
    # "on Friday, 12 April", "in March last year": the longer one begins after the little word.
    while letters[i] in _LITTLE and i + 1 < best.end() and not (name == "month" and letters[best.end() : best.end() + 1] == "D"):
        further = rules_by_letter().get(letters[i + 1])
        inner, inner_name = _longest(words, letters, tokens, i + 1, further) if further else (None, "")
        if inner is None or inner.end() <= best.end():
            break
        best, name, i = inner, inner_name, i + 1
    first, last = i, best.end()
    if letters[i] == "j" and not name.startswith("ordinal"):
        first = i + 1
    while letters[last - 1] in ";,":
        last -= 1
    if _is_name(letters, i, last, name):
        return None, last
    parts = {}
    for key, index in best.re.groupindex.items():
        token = best.start(index)
        if token >= 0:
            parts[key] = words.value(tokens[token])
    begin, stop = tokens[first].start(), tokens[last - 1].end()
    attributive = letters[last : last + 1] in ("X", "c") and (letters[i] == "T" or letters[i - 1 : i] in ("T", "'")) and letters[last - 1] in "MmD>"
    # "Sunday's bombing": which one is meant
    attributive = attributive or (
        letters[last : last + 1] == "'" and letters[last - 1] in "WP" and letters[last + 1 : last + 2] not in ("", ",", ";")
    )
    spoken = letters[last : last + 1] in ('"', "^") or _SPOKEN.search(letters, max(0, first - 10), first) is not None
    if first and letters[last : last + 1] in ("_", "{", ":", "}") and name in ("day-month", "weekday", "numeric"):
        spoken = spoken or (_DATELINE.fullmatch(letters, 0, first) is not None)
    return Expression(begin, stop, name, text[begin:stop], parts, attributive, spoken), last


def _longest(words: DateWords, letters: str, tokens: Tokens, i: int, table: Table) -> tuple[re.Match[str] | None, str]:
    best: re.Match[str] | None = None
    name = ""
    if table.any.match(letters, i) is None:
        return None, name
    for rule in table.rules:
        match = rule.pattern.match(letters, i)
        if match is None or (best is not None and match.end() <= best.end()):
            continue
        if rule.must is not None and match.start(rule.must[0]) >= 0 and words.value(tokens[match.start(rule.must[0])]) != rule.must[1]:
            continue
        best, name = match, rule.id
    return best, name


def _is_name(letters: str, start: int, end: int, rule: str) -> bool:
    """Does the match only look like a date: "the Sunday Times", "Bloody Sunday", "every Friday", "17 October Square"?"""
    before, after = letters[start - 1 : start], letters[end : end + 1]
    if before == "N" and letters[start] in "MmWw":
        return True
    if before in ("0",) and letters[start] in "WwRDUVPk":
        return True
    if (after == "G" or letters[end : end + 2] == "$G") and letters[end - 1] in "MmD":
        return True
    if before == "_" and letters[start] in "DI" and start > 1:
        return True
    return after == "H" and letters[end - 1] in "Ww" and rule.startswith("weekday")


def _holiday(words: DateWords, text: str, letters: str, tokens: Tokens, i: int) -> Expression | None:
    """A named day after "on", "during" or the like, also "on the second day of Eid"."""
    first = i
    parts = {"name": words.value(tokens[i])}
    before = letters[max(0, i - 5) : i]
    of_it = re.search(r"(?:T|T([oR1])|[oR1])[UP]p$", before)
    if of_it:
        first = i - len(of_it.group())
        ordinal = re.search(r"[oR1]", of_it.group())
        if ordinal:
            parts["o"] = words.value(tokens[first + ordinal.start()])
    elif before.endswith("T"):
        first = i - 1
    if (first == 0 or letters[first - 1] not in _ON_HOLIDAY) and len(tokens) > 2:
        return None
    last = i
    if letters[i + 1 : i + 2] == ">":
        last = i + 1
        parts["y"] = words.value(tokens[last])
    return Expression(tokens[first].start(), tokens[last].end(), "holiday", text[tokens[first].start() : tokens[last].end()], parts)
