"""What a statement takes over from the sentences around it: the day of the event told just before, and who claimed an attack afterwards.

A day is taken over only from an exact day of an event that happened, told right before in the same paragraph or, where a word says so
("similar", "separately"), at the end of the paragraph before; never from or across what the text remembers, sums up or had told as past.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eventcoder.extraction.actors import found_actors
from eventcoder.extraction.joining import family
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.status import dated

CLAIM = re.compile(
    r"\b(?:(?P<active>(?:has\s+|have\s+|had\s+|later\s+|also\s+)*claim(?:ed|s|ing)\s+(?:the\s+(?:\w+\s+){0,2}?(?:attack|attacks|bombing|blast|"
    r"explosion|ambush|killing|killings|assault|raid|strike|shooting|abduction|kidnapping|responsibility)|responsibility|credit)\b(?!\s+(?:was|were|is|had|has|would|that))|"
    r"(?:took|taken)\s+responsibility\b)|(?P<passive>(?:attack|bombing|blast|ambush|killing|assault|raid|responsibility)\s+(?:was|were|has\s+been)\s+"
    r"(?:later\s+)?claimed\s+by\b))",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:no\s+(?:\w+\s+){0,3}|nobody\s+|not\s+|never\s+|yet\s+to\s+|without\s+|denied\s+)$", re.IGNORECASE)
_PAST = re.compile(r"\banniversar|\bcommemorat|\bremember|\byears?\s+(?:ago|earlier|before)\b|\blast\s+year\b|\b(?:19|20)\d\d\b", re.IGNORECASE)
_SEPARATE = frozenset({"separately", "elsewhere", "separate", "another"})
_LINKS = _SEPARATE | {"similar", "similarly", "also", "meanwhile", "likewise", "too", "simultaneously"}
_LINKED_REACH = 4  # sentences; talk may stand between "marched in Lyon" and "similar marches were held in"
_CLAIM_REACH = 6  # sentences between an attack and its claim


def claims(sentence: str) -> bool:
    """Does somebody claim an attack in this sentence ("claimed responsibility"; "no group claimed" does not)?"""
    found = CLAIM.search(sentence) if "claim" in sentence or "responsib" in sentence else None
    return found is not None and _DENIED.search(sentence, 0, found.start()) is None


def attach_claims(events: Sequence[Reading], claimed: Sequence[tuple[int, int, int]]) -> None:
    """Give each claim (sentence index, start, end) to the last violent event told before it."""
    for index, start, end in claimed:
        host = next(
            (
                r for r in reversed(events)
                if r.judged.status in ("codable", "lead")
                and family(r.typed.sub_event_type) == "force"
                and any(0 <= index - told.statement.sentence.index <= _CLAIM_REACH for told in (r, *r.joined))
            ),
            None,
        )  # fmt: skip
        if host is not None:
            host.claims.append((start, end))


def claimant(sentence: str, kit: Kit, country: str | None, day: str | None) -> Any | None:
    """The registry's find that claims: before "claimed the attack", after "was claimed by"; None if the registry knows none there."""
    found = CLAIM.search(sentence)
    if found is None:
        return None
    able = [m for m in found_actors(sentence, kit, country, day) if m.actor and m.inter not in ("Civilians", "Protesters", "Rioters")]
    if found["passive"]:
        return next((m for m in able if m.start >= found.end()), None)
    return next((m for m in reversed(able) if m.end <= found.start()), None)


def take_over_days(readings: Sequence[Reading], text: str, kit: Kit) -> None:
    """Date the undated statements that go on with the day of the event told just before."""
    last: Reading | None = None
    for reading in readings:
        before, last = last, last if reading.mere_name and not reading.places else reading
        if before is None:
            continue
        forms = set(reading.statement.sentence.tokens.forms[: reading.statement.pieces[-1].end])
        linked = not _LINKS.isdisjoint(forms)
        reading.separate = reading.statement.sentence.index != before.statement.sentence.index and _opens_apart(reading)
        if "similar" in forms and reading.mere_name and reading.places:
            reading.mere_name = False
        if not _open(reading) or "had" in forms or not _gives(before, reading) or not _near(before, reading, text, linked):
            continue
        own = {m.best.gazetteer_id for m in reading.settled_places if m.best is not None}
        theirs = {m.best.gazetteer_id for m in before.settled_places if m.best is not None}
        if not reading.separate and (not own or own <= theirs):
            continue  # the same event told on: joining takes care of it
        assert before.when is not None
        rule = before.when.rule if before.when.rule.startswith("continued:") else "continued:" + before.when.rule
        reading.when = replace(before.when, rule=rule)
        reading.when_offset = before.when_offset if before.when_offset is not None else before.statement.sentence.offset
        reading.judged = dated(reading.statement, reading.when, bool(reading.settled_places), reading.published, kit.settings.window_days)


def by_place_and_day(reading: Reading, kit: Kit) -> list[Reading]:
    """ "in A on Tuesday and in B on Wednesday": a reading each where every place of a statement has a day of its own, in turn."""
    places = sorted(reading.settled_places, key=lambda m: m.start)
    if len(places) < 2 or reading.judged.status not in ("codable", "lead"):
        return [reading]
    sentence = reading.statement.sentence
    days = [d for d in sentence.dates if d.known and d.precision == 1 and reading.statement.holds(sentence.tokens.at(d.start))]
    marks = sorted([(m.start - sentence.offset, 0) for m in places] + [(d.start, 1) for d in days])
    if len(days) != len(places) or any(one[1] == two[1] for one, two in itertools.pairwise(marks)):
        return [reading]
    return [
        replace(
            reading,
            places=[place],
            when=day,
            counts=[],
            judged=dated(reading.statement, day, True, reading.published, kit.settings.window_days),
        )
        for place, day in zip(places, days, strict=True)
    ]


def _opens_apart(reading: Reading) -> bool:
    """ "Separately, ...", "Elsewhere ...", "In a separate incident, ..." """
    return not _SEPARATE.isdisjoint(reading.statement.sentence.tokens.forms[:4]) and reading.statement.pieces[0].start <= 4


def _open(reading: Reading) -> bool:
    return reading.when is None and reading.judged.status == "lead" and reading.statement.kind in ("main", "clause") and not reading.mere_name


def _gives(before: Reading, reading: Reading) -> bool:
    return (
        before.judged.status in ("codable", "lead")
        and before.when is not None
        and before.when.precision == 1
        and not before.when.open_start
        and before.published == reading.published
    )


def _near(before: Reading, reading: Reading, text: str, linked: bool) -> bool:
    """Right after it in the same paragraph, or in the next one where a word links them; one sentence of talk may stand between."""
    one, two = before.statement.sentence, reading.statement.sentence
    if two.index - one.index > (_LINKED_REACH if linked else 2):
        return False
    between = text[one.offset + len(one.text) : two.offset]
    if _PAST.search(between) or _PAST.search(two.text):
        return False
    return "\n\n" not in between.replace("\r", "") or linked
