"""Victims told without a number of their own: "a farmer was killed", "villagers were killed", "four policemen and a passer-by"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eventcoder.event import Count
from eventcoder.extraction.count_words import KILLED_VERB, NAME_BEFORE, PLURAL_END, SINGLE
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Found:
    """A count with its place: `start` and `end` span the number and the words that made it a count."""

    count: Count
    start: int
    end: int


def adds_up(victim: str | None) -> bool:
    """Is this a class of victims to which others may be added ("four policemen and a passer-by")?"""
    return victim is not None and victim.lower() not in ("others", "other")


def beside(text: str, tokens: Tokens, people: Sequence[Person], count: Count, head: int | None) -> Found | None:
    """The single victim told beside a number of others: "killed four policemen and a passer-by"."""
    if head is None or count.kind == "crowd":
        return None
    person = next(p for p in people if p.start == head)
    forms = tokens.forms
    i = person.end
    comma = forms[i : i + 1] == [","]
    if comma and forms[i + 1 : i + 2] == ["and"]:
        i, comma = i + 1, False
    if not (comma or forms[i : i + 1] == ["and"]) or forms[i + 1 : i + 2] not in (["a"], ["an"], ["another"]):
        return None  # "and one driver": a number is read by itself
    other = next((p for p in people if i + 2 <= p.start <= i + 4 and p.counted), None)
    if other is None or any(f in (",", ".", ";", "in", "on", "at") for f in forms[i + 2 : other.start]):
        return None
    if _told_apart(forms, other.end) or (comma and forms[other.end : other.end + 1] not in (["and"], [","])):
        return None  # "and a driver was wounded" is another outcome, ", a spokesman" no victim
    start, end = tokens.starts[i + 1], other.char_end
    one = Count(
        kind=count.kind,
        low=1,
        best=1,
        high=1,
        words=text[start:end],
        rule="one-person",
        victim=text[other.char_start : end],
        start=start,
        end=end,
    )
    return Found(one, start, end)


def _told_apart(forms: list[str], at: int) -> bool:
    """Does the single person go on with a verb of its own in the singular?"""
    return forms[at : at + 1] in (["was"], ["is"], ["has"], ["said"], ["told"])


def unnumbered(text: str, tokens: Tokens, people: Sequence[Person], start: int, stop: int, heads: set[int]) -> list[Found]:
    """Deaths told without a number: one person ("a farmer was killed") is 1; a plural ("villagers were killed") is the codebook's 3."""
    for match in KILLED_VERB.finditer(text, start, stop):
        at = tokens.at(match.start())
        after_at = tokens.at(match.end())
        if match["pas"]:
            subject = _subject(text, tokens, people, at)
            passive = True
        else:
            passive = at > 0 and tokens.forms[at - 1] in ("was", "were", "who", "been", "be")
            subject = next(
                (
                    p
                    for p in people
                    if after_at <= p.start <= after_at + 6
                    and not any(f in (".", ";", ",", "in", "by", "on", "at") for f in tokens.forms[after_at : p.start])
                ),
                None,
            )
        if subject is not None:
            if subject.start in heads or not subject.counted:
                continue
            noun = text[subject.char_start : subject.char_end]
            lead = text[max(start, subject.char_start - 60) : subject.char_start]
            if PLURAL_END.search(noun) and not noun.lower().endswith(("ss", "us")):
                if re.search(r"\b(?:one|an?)\s+(?:of\s+)?[\w\s'-]{0,24}$", lead) and "," not in lead[-24:]:
                    number, rule = 1, "one-person"
                else:
                    return [_single(match, subject, 2, 3, None, "plural-acled", text)]
            elif SINGLE.search(lead) or passive or not re.search(r"\d", lead[-15:]):
                number, rule = 1, "one-person"
            else:
                continue
            return [_single(match, subject, number, number, number, rule, text)]
        if match["pas"]:
            named = NAME_BEFORE.search(text, max(start, match.start() - 60), match.start())
            if named and "." not in named.group(1)[-2:]:
                return [_plain(match, text)]
    return []


def _subject(text: str, tokens: Tokens, people: Sequence[Person], at: int) -> Person | None:
    """The people before a passive verb, unless a proper name stands nearer."""
    for person in reversed(people):
        if person.end <= at:
            gap = text[person.char_end : tokens.starts[at]] if at < len(tokens) else ""
            if at - person.end > 10 or any(mark in gap for mark in ".;:"):
                return None
            if re.search(r"\b[A-Z]\w+,?\s+(?:who\s+)?$", gap):
                return None
            return person
    return None


def _single(match: re.Match[str], subject: Person, low: int, best: int, high: int | None, rule: str, text: str) -> Found:
    start, end = min(match.start(), subject.char_start), max(match.end(), subject.char_end)
    count = Count(
        kind="killed",
        low=low,
        best=best,
        high=high,
        words=text[start:end],
        rule=rule,
        victim=text[subject.char_start : subject.char_end],
        start=start,
        end=end,
    )
    return Found(count, start, end)


def _plain(match: re.Match[str], text: str) -> Found:
    return Found(
        Count(kind="killed", low=1, best=1, high=1, words=match.group(), rule="one-person", start=match.start(), end=match.end()),
        match.start(),
        match.end(),
    )
