"""What a statement takes over from the sentences around it: the day of the event told just before, and who claimed an attack afterwards.

A day is taken over only from an exact day of an event that happened, told right before in the same paragraph or, where a word says so
("similar", "separately"), at the end of the paragraph before; never from or across what the text remembers, sums up or had told as past.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice, takewhile
from typing import Any

from eventcoder.extraction.actors import found_actors
from eventcoder.extraction.dates import Resolved
from eventcoder.extraction.geography import Mention
from eventcoder.extraction.joining import family
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.mentions import Sentence, add_dates
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.scene import Scene
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
_VAGUE = frozenset({"recently", "lately", "previously", "formerly", "once", "ago", "earlier"})
_SEPARATE = frozenset({"separately", "elsewhere", "separate", "another"})
_HARM = frozenset({"KILL", "DEATH", "INJURE", "SHOT_DEAD", "ARREST", "DETAIN", "WITHDRAW"})
_SHORTLY = frozenset({"hours", "minutes", "hour", "shortly", "moments"})  # "Hours later, ..."
_LINKS = _SEPARATE | {"similar", "similarly", "also", "meanwhile", "likewise", "too", "simultaneously"}
_LINKED_REACH = 4  # sentences; talk may stand between "marched in Lyon" and "similar marches were held in"
_LEAD_REACH = 6  # sentences below the opening
_OCCURRENCE_REACH = 5  # sentences
_TALK_REACH = 7  # days between an event and the talk about it
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
                r for r in islice(reversed(events), 60)
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


def days_of_the_scene(readings: Sequence[Reading], quiet: Mapping[int, Sentence], text: str, kit: Kit, scene: Scene | None = None) -> None:
    """ "Tension ran high in Jos on Tuesday. Youths set fire to a market.": the day of a sentence without an event, right before."""
    told = {r.statement.sentence.index for r in readings if r.dated}
    for reading in readings:
        sentence = reading.statement.sentence
        if not _open(reading) or _pluperfect(reading):
            continue
        for index in (sentence.index - 1, sentence.index - 2):
            before = quiet.get(index)
            if before is None or index in told or "\n" in text[before.offset + len(before.text) : sentence.offset]:
                break
            if _PAST.search(before.text) or not {"plan", "announce", "threat", "deny", "condemn"}.isdisjoint(before.kinds):
                break
            if not before.dates:
                add_dates(before, reading.published, None)
            days = [d for d in before.dates if d.known and d.precision == 1 and not d.spoken and not d.open_start and not d.attributive]
            if len(days) == 1 and _recent(days[0], reading.published, kit.settings.window_days):
                reading.when = replace(days[0], rule="continued:" + days[0].rule)
                reading.when_offset = before.offset
                towns = scene.towns_of(before) if scene is not None and not reading.places else []
                if len({m.best.gazetteer_id for m in towns if m.best is not None}) == 1:
                    reading.places, reading.place_rule = towns[:1], "continued:scene"
                placed = bool(reading.settled_places or reading.named_places)
                reading.judged = dated(reading.statement, reading.when, placed, reading.published, kit.settings.window_days)
                break


def days_told_after(readings: Sequence[Reading], quiet: Mapping[int, Sentence], text: str, kit: Kit) -> None:
    """ "Gunmen killed three, the governor said on Friday. They came on Wednesday evening.": the day of the talk gives way to one told right after."""
    told = {r.statement.sentence.index for r in readings if r.when is not None and not r.when.spoken}
    for reading in readings:
        sentence, said = reading.statement.sentence, reading.when
        if said is None or not said.spoken or said.first is None or reading.judged.status not in ("lead", "codable"):
            continue
        for index in (sentence.index + 1, sentence.index + 2):
            if index in told:
                break
            after = quiet.get(index)
            if after is None:
                continue
            if "\n" in text[sentence.offset + len(sentence.text) : after.offset] or _PAST.search(after.text):
                break
            if not {"plan", "announce", "threat", "deny", "condemn"}.isdisjoint(after.kinds):
                continue
            if not after.dates:
                add_dates(after, reading.published, said.first)
            days = [
                d for d in after.dates
                if d.known and d.precision == 1 and not d.spoken and not d.open_start and not d.attributive
                and d.first is not None and 0 <= (said.first - d.first).days <= _TALK_REACH
            ]  # fmt: skip
            if len(days) == 1:
                reading.when, reading.when_offset = replace(days[0], rule="told-after:" + days[0].rule), after.offset
                placed = bool(reading.settled_places or reading.named_places)
                reading.judged = dated(reading.statement, reading.when, placed, reading.published, kit.settings.window_days)
                break


def _pluperfect(reading: Reading) -> bool:
    """ "Soldiers had killed two farmers": before the day that is told of; "had" in a relative clause says nothing."""
    forms = reading.statement.sentence.tokens.forms
    return any("had" in forms[p.start : p.end] for p in reading.statement.pieces if p.kind in ("main", "clause"))


def _recent(day: Resolved, published: date | None, window: int) -> bool:
    assert day.first is not None
    return published is None or 0 <= (published - day.first).days <= window


def take_over_days(readings: Sequence[Reading], text: str, kit: Kit) -> None:
    """Date the undated statements that go on with the day of the event told just before."""
    last: Reading | None = None
    for reading in readings:
        # What only goes on with the event before (no day and no place of its own) hands its day on.
        passes = last is not None and not reading.places and (reading.mere_name or not reading.dated) and reading.judged.status == "lead"
        before, last = last, last if passes else reading
        if before is None:
            continue
        forms = set(reading.statement.sentence.tokens.forms[: reading.statement.pieces[-1].end])
        opening = reading.statement.sentence.tokens.forms[:3]
        linked = not _LINKS.isdisjoint(forms) or ("later" in opening and not _SHORTLY.isdisjoint(opening))
        reading.separate = reading.statement.sentence.index != before.statement.sentence.index and _opens_apart(reading)
        if "similar" in forms and reading.mere_name and reading.places:
            reading.mere_name = False
        if _open(reading) and reading.places and not _gives(before, reading):
            lead = next((r for r in readings if r.statement.sentence.index <= 2 and r.dated), None)
            if lead is not None and _of_the_lead(lead, reading, text):
                _take(reading, lead, kit, "continued:lead:")
                continue
        if not _open(reading) or _pluperfect(reading) or not _gives(before, reading) or not _near(before, reading, text, linked):
            continue
        own = {m.best.gazetteer_id for m in reading.settled_places if m.best is not None}
        theirs = {m.best.gazetteer_id for m in before.settled_places if m.best is not None}
        if not reading.separate and (not own or own <= theirs):
            continue  # the same event told on: joining takes care of it
        _take(reading, before, kit, "continued:")


def _take(reading: Reading, before: Reading, kit: Kit, prefix: str) -> None:
    """Give `reading` the day of `before`."""
    assert before.when is not None
    rule = before.when.rule if before.when.rule.startswith("continued:") else prefix + before.when.rule
    reading.when = replace(before.when, rule=rule)
    reading.when_offset = before.when_offset if before.when_offset is not None else before.statement.sentence.offset
    placed = bool(reading.settled_places or reading.named_places)
    reading.judged = dated(reading.statement, reading.when, placed, reading.published, kit.settings.window_days)


def _of_the_lead(lead: Reading, reading: Reading, text: str) -> bool:
    """ "Air strikes killed 27 people across the Gaza Strip on Wednesday. ... Nineteen died when missiles hit a school in Khan Younis": details of the
    day that the opening sums up without a town. Nothing of the past may stand between."""
    if lead.when is None or lead.when.precision != 1 or lead.when.open_start or lead.judged.status not in ("codable", "lead", "aggregate"):
        return False
    if lead.settled_places and not lead.only_regions:
        return False
    one, two = lead.statement.sentence, reading.statement.sentence
    if (
        not 0 < two.index - one.index <= _LEAD_REACH
        or family(lead.typed.sub_event_type) != family(reading.typed.sub_event_type)
        or _pluperfect(reading)
    ):
        return False
    return _PAST.search(text, one.offset + len(one.text), two.offset + len(two.text)) is None


@dataclass(slots=True)
class Occurrence:
    """ "The incident happened on Tuesday in Kano": a sentence that tells when and where of an event told before, and nothing else."""

    sentence: Sentence
    places: list[Mention]


def settle_days(readings: Sequence[Reading], told: Sequence[Occurrence], kit: Kit) -> None:
    """Give day and place of each occurrence to the last event before it that lacks them."""
    for one in told:
        day = next((d for d in one.sentence.dates if d.known and d.precision in (1, 2) and not d.open_start and not d.spoken), None)
        before = takewhile(lambda r, at=one.sentence.index: at - r.statement.sentence.index <= _OCCURRENCE_REACH, reversed(readings))  # type: ignore[misc]
        host = next((r for r in before if r.statement.sentence.index < one.sentence.index and _lacks_day(r)), None)
        if day is None or host is None:
            continue
        host.when, host.when_offset = replace(day, rule="told-after:" + day.rule), one.sentence.offset
        if not host.places and one.places:
            host.places, host.place_rule = one.places[:1], "told-after"
        placed = bool(host.settled_places or host.named_places)
        host.judged = dated(host.statement, host.when, placed, host.published, kit.settings.window_days)
        host.mere_name = False


def _lacks_day(reading: Reading) -> bool:
    """Has the event no day, or only that of the talk about it ("police said on Friday")?"""
    if reading.when is None:
        return reading.judged.status == "lead"
    return reading.when.spoken and reading.judged.status in ("lead", "codable")


def by_place_and_day(reading: Reading, kit: Kit) -> list[Reading]:
    """ "in A on Tuesday and in B on Wednesday": a reading each where every place of a statement has a day of its own, in turn."""
    places = sorted(reading.settled_places, key=lambda m: m.start)
    if len(places) < 2 or reading.judged.status not in ("codable", "lead"):
        return [reading]
    sentence = reading.statement.sentence
    days = [d for d in sentence.dates if d.known and d.precision == 1 and reading.statement.holds(sentence.tokens.at(d.start))]
    marks = sorted([(m.start - sentence.offset, 0) for m in places] + [(d.start, 1) for d in days])
    if not _beside(sentence, places, days):
        return [reading]
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


def _beside(sentence: Sentence, places: Sequence[Mention], days: Sequence[Resolved]) -> bool:
    """Are place and day told twice beside each other ("... and in B on Wednesday"), rather than one inside a clause of the other?"""
    ends = sorted([m.end - sentence.offset for m in places] + [d.end for d in days])
    starts = sorted([m.start - sentence.offset for m in places] + [d.start for d in days])
    if len(starts) < 4:
        return False
    between = sentence.text[ends[1] : starts[2]].lower().split()
    return len(between) <= 6 and bool({"and", ",", "then", "&"} & set(between) or sentence.text[ends[1] : ends[1] + 1] in ",;")


def _opens_apart(reading: Reading) -> bool:
    """ "Separately, ...", "Elsewhere ...", "In a separate incident, ..." """
    if reading.statement.sentence.tokens.forms[:1] == ["another"] and {h.label for h in reading.statement.hits} <= _HARM:
        return False  # "Another 15 people were wounded": more of the same event
    return not _SEPARATE.isdisjoint(reading.statement.sentence.tokens.forms[:4]) and reading.statement.pieces[0].start <= 4


def _open(reading: Reading) -> bool:
    if not _VAGUE.isdisjoint(reading.statement.sentence.tokens.forms):
        return False
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
