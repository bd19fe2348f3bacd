"""The figures of a draft: counts of a reading and of what was told of it later, as columns with their evidence and rules.

Figures of other sources ("the union spoke of 6,000, the police of 3,500"; "hospital sources said 16") widen the interval; deaths stay the lowest
credible figure (the codebook's conservative rule). "Up to 15" alone gives no best figure at all. What is told for several places together is
not split, unless the text says that it holds for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eventcoder.event import Count, CountKind, Document, Span
from eventcoder.extraction.count_sums import Interval, combined_found
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.victims import Found

_NO_DEATHS = ("Peaceful protest", "Protest with intervention", "Abduction/forced disappearance")
_APART = 1000  # keeps the lists of different sentences apart
_EACH = re.compile(r"\b(?:in\s+each|each|in\s+both|apiece|respectively|per\s+(?:city|town|place))\b", re.IGNORECASE)
_SOURCE = re.compile(
    r"\b(?:spoke\s+of|speaks?\s+of|put(?:s|ting)?\s+(?:the\s+)?(?:\w+\s+){1,3}(?:at|to)|counted|estimated|according\s+to|(?:said|says|reported|claimed|"
    r"confirmed|announced|declared|acknowledge[ds]?|admit(?:s|ted)|affirm(?:s|ed)|documented|recorded|registered|saw|seen)\b|g[ai]ve\s+(?:a|the)\s+(?:figure|toll|number)|number\s+of\s+(?:dead|deaths|victims|participants))",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b(?:later|subsequently|since)\s+(?:died|succumbed)|\bof\s+(?:them|the\s+(?:wounded|injured))\b[^.]{0,40}?\b(?:died|succumbed)|"
    r"\bsuccumbed\b|\bdied\b[^.]{0,30}\b(?:later|(?:in|at)\s+(?:\w+\s+){0,3}hospital|of\s+(?:his|her|their)\s+(?:wounds|injuries)|under\s+treatment)",
    re.IGNORECASE,
)
_UPDATE = re.compile(r"\b(?:rose|risen|rises|climbed|increased|grew|revised|updated|died\s+later|later\s+died|succumbed)\b", re.IGNORECASE)


def figures(
    text: str,
    document: Document,
    readings: Sequence[Reading],
    fields: dict[str, Any],
    evidence: dict[str, list[Span]],
    rules: dict[str, str],
    *,
    happened: bool,
    several: bool,
    kind: str | None,
) -> list[Count]:
    """Fill `fields`, `evidence` and `rules` with the figures of a draft of type `kind`; returns all its counts with their offsets in `text`."""
    groups: list[tuple[Reading, Sequence[Found]]] = []
    out: list[Count] = []
    spans: dict[str, list[Span]] = {}
    for reading in readings:
        offset = reading.statement.sentence.offset
        for found in reading.counts:
            start, end = (found.count.start or 0) + offset, (found.count.end or 0) + offset
            out.append(found.count.model_copy(update={"document": document.id, "start": start, "end": end}))
            spans.setdefault(found.count.kind, []).append(
                Span(start=found.start + offset, end=found.end + offset, quote=text[found.start + offset : found.end + offset])
            )
        groups.append((reading, reading.counts))
    if not happened:
        if out:
            rules["fatalities"] = "a sum over several events: kept as a count, never as an event's figure"
        return out
    if several and not _told_for_each(readings[0]):
        if out:
            rules["fatalities"] = "told for several places together: not split"
        return out
    _deaths(combined(groups, "killed"), kind, spans, fields, evidence, rules)
    for name in ("injured", "arrested", "crowd"):
        sums = combined(groups, name)
        if sums is None:
            continue
        low, best, high, rule = sums
        if name == "crowd" and low is None:
            low = best  # "nearly 5,000": the number told, as a crowd's sizes are noted
        for column, value in ((f"{name}_low", low), (f"{name}_high", high)):
            if value is not None:
                fields[column] = value
                evidence[column], rules[column] = spans[name], rule + (":each" if several else "")
        if name == "crowd":
            fields["crowd_text"] = next(c for c in out if c.kind == "crowd").words
            evidence["crowd_text"], rules["crowd_text"] = spans["crowd"], rule
    return out


def _told_for_each(reading: Reading) -> bool:
    """ "some 900 people took part in each city": the figure holds for every place."""
    statement = reading.statement
    return bool(reading.counts) and _EACH.search(statement.sentence.text, statement.start, statement.end) is not None


def combined(groups: Sequence[tuple[Reading, Sequence[Found]]], kind: CountKind) -> Interval | None:
    """One interval for a kind: figures of the telling itself together, those that other sources give set beside them."""
    told: list[Found] = []
    rivals: list[Interval] = []
    if any(f.count.kind == kind for reading, found in groups if not reading.headline for f in found):
        # A headline sums up; where the text below gives the figure, that one holds.
        groups = [g for g in groups if not g[0].headline]
    groups = _numbers_first(groups, kind)
    for index, (reading, found) in enumerate(groups):
        mine = [replace(f, group=index * _APART + f.group) for f in found if f.count.kind == kind]
        if not mine:
            continue
        if told and kind == "killed" and _LATER.search(reading.statement.sentence.text):
            mine = [replace(f, more=not f.total) for f in mine]  # "two of them died later": beside those killed at once
        if told and _other_source(reading) and _of_the_same(told, mine):
            told_none = all(f.count.rule == "none-stated" for f in mine)
            sums = None if told_none else combined_found(mine, kind)
            rivals.extend([sums] if sums is not None else [])
        else:
            told.extend(mine)
    base = combined_found(told, kind)
    if base is None or not rivals:
        return base
    lows = [x for low, best, high, _ in (base, *rivals) if (x := _first(low, best, high)) is not None]
    bests = [x for low, best, high, _ in (base, *rivals) if (x := _first(best, low)) is not None]
    highs = [high for _, _, high, _ in (base, *rivals)]
    top = None if any(h is None for h in highs) else max(h for h in highs if h is not None)
    low, best = min(lows, default=None), min(bests, default=None)
    if (low, top) == (base[0], base[2]):
        return base
    return low, best, top, "rival-figures"


def _numbers_first(groups: Sequence[tuple[Reading, Sequence[Found]]], kind: CountKind) -> Sequence[tuple[Reading, Sequence[Found]]]:
    """ "Hundreds marched. ... Organisers put the crowd at 5,000": a number says more than the word, unless it is the smaller one, a part."""
    words = [f.count.low or 0 for _, found in groups for f in found if f.count.kind == kind and _worded(f)]
    if not words:
        return groups
    told = [f for _, found in groups for f in found if f.count.kind == kind and not _worded(f) and not f.more]
    numbers = [f.count.low for f in told if f.count.low is not None]
    if not numbers or min(numbers) < max(words):
        return groups
    return [(reading, [f for f in found if f.count.kind != kind or not _worded(f)]) for reading, found in groups]


def _worded(found: Found) -> bool:
    return any(scale in found.count.rule for scale in ("acled:", "ccc:"))


def _of_the_same(told: Sequence[Found], mine: Sequence[Found]) -> bool:
    """Do two sources count the same people? "Fourteen militants" and "three soldiers" add up, as do "two more"."""
    if all(f.more for f in mine):
        return False
    one, two = ({_noun(f) for f in found} for found in (told, mine))
    return bool(one & two) or not _ANYBODY.isdisjoint(one | two)


def _noun(found: Found) -> str:
    return (found.count.victim or "").lower().removesuffix("s")


_ANYBODY = frozenset({"", "people", "person", "men", "victim", "individual", "body", "bodie", "other", "dead", "casualtie", "death"})


def _first(*values: int | None) -> int | None:
    return next((v for v in values if v is not None), None)


def _other_source(reading: Reading) -> bool:
    """Is the figure another source's for the same thing, not a later state of it?"""
    sentence = reading.statement.sentence.text
    return _SOURCE.search(sentence) is not None and _UPDATE.search(sentence) is None


def _deaths(
    killed: Interval | None,
    kind: str | None,
    spans: dict[str, list[Span]],
    fields: dict[str, Any],
    evidence: dict[str, list[Span]],
    rules: dict[str, str],
) -> None:
    if killed is None:
        rules["fatalities"] = "not reported"
        return
    low, best, high, rule = killed
    if kind in _NO_DEATHS and (best or low):
        rules["fatalities"] = "deaths are told, but this type has none: kept as a count"
        return
    upper_only = low is None and rule.startswith("at-most:")
    if not upper_only:
        fields["fatalities"] = _first(best, low, 0 if high == 0 else high)
    fields["fatalities_low"] = low if low is not None else (0 if high is not None else None)
    fields["fatalities_high"] = high
    zero = high == 0
    worded = (":" in rule and rule.split(":")[-2].endswith(("acled", "ccc"))) or rule == "plural-acled"
    fields["fatalities_basis"] = "none" if zero else "word" if worded else "number"
    for name in ("fatalities", "fatalities_low", "fatalities_high", "fatalities_basis"):
        if fields.get(name) is None:
            fields.pop(name, None)
            if name == "fatalities_high":
                rules[name] = "open: the text gives no upper bound"
            continue
        evidence[name], rules[name] = spans["killed"], rule
    if upper_only:
        rules["fatalities"] = f"conservative: the text gives only an upper bound ({high}); the coder decides"
