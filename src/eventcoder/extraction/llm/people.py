"""Actors and numbers of people: the model points at the words, our register and our reading of numbers say what they are. Floor 5."""

from __future__ import annotations

import re
from dataclasses import dataclass

from eventcoder.event import Count, CountKind, Span
from eventcoder.extraction.count_sums import Interval, combined_found
from eventcoder.extraction.counts import counts_in
from eventcoder.extraction.kit import Kit, find_people
from eventcoder.extraction.tokens import tokenize
from eventcoder.extraction.victims import Found
from eventcoder.names import fold

_CROWDS = ("Protesters", "Rioters")
_FORCES = {"State forces", "External/Other forces"}
_NUMBER = re.compile(r"\d+(?:[.,\u066c\u00a0\u202f ]\d{3})*")
_AROUND = 160  # characters around the quote in which the verb of a number may stand
_ENDS = ".!?؟。।\n"


@dataclass(frozen=True, slots=True)
class Side:
    """An actor as the register writes it, its class, and the groups that stand with it."""

    actor: str | None
    inter: str | None
    groups: tuple[str, ...]
    rule: str


def actor_of(kit: Kit, span: Span, english: str | None, value: object, label: str | None, country: str | None, day: str | None) -> Side | None:
    """Who the quoted words mean; None when neither the register nor the grammar of names knows.

    `english` None: the document is in English, and only its own words count. A side whose class is not `label` is for the coder to decide.
    """
    named = value if isinstance(value, str) else None
    for words, rule in ((span.quote, "registry"), (english, "llm-translation:registry"), (named if english else None, "llm-translation:registry")):
        if not words:
            continue
        matches = kit.actors.find(words, country=country, on_date=day)
        groups = tuple(dict.fromkeys(m.group for m in matches if m.group))
        able = [m for m in matches if m.actor]
        actor = next((m for m in able if m.inter == label), able[0] if able else None)
        if label in _CROWDS and country is not None and (groups or (actor is not None and actor.inter in (*_CROWDS, "Civilians"))):
            # students and women are civilians by the word and a crowd by what they do: the class is the model's to say
            return Side(kit.actors.resolve(f"{label} ({country})", country=country, on_date=day), label, groups, f"{rule}:crowd")
        if actor is not None:
            return Side(actor.actor, actor.inter, groups, rule)
    # a name counts where the words hold it, or where they are in a language that we do not read; never on the model's word alone
    borne = named is not None and (english is not None or f" {fold(named)} " in f" {fold(span.quote)} ")
    if named is not None and borne and (resolved := kit.actors.resolve(named, country=country, on_date=day)) is not None:
        inter = kit.actors.inter_of(resolved, country=country, on_date=day)
        if inter is not None and inter == label:
            return Side(resolved, inter, (), "llm-name:registry")
    if label in (*_CROWDS, "Civilians") and country is not None:
        generic = kit.actors.resolve(f"{label} ({country})", country=country, on_date=day)
        return Side(generic, label, (), "llm-class") if generic is not None else None
    return None


def agree(inter: str | None, label: str | None) -> bool:
    """Do the register and the model name the same class? Whether a force is at home or abroad is the register's to say."""
    return label is None or inter in (None, label) or {inter, label} == _FORCES


def people_of(kit: Kit, text: str, span: Span, english: str | None, value: object, kind: CountKind) -> tuple[Interval | None, Count | None]:
    """(interval, count) of the quoted words: our reading of them where they stand, else of their translation or their figures if the value agrees."""
    wanted = whole(value)
    start, end = _clause(text, span)
    found = [f for f in _read(kit, text[start:end], kind) if f.start + start < span.end and span.start < f.end + start]
    if found:
        interval = combined_found(found, kind)
        words = found[0].count
        if interval is not None:
            at = (start + (words.start or 0), start + (words.end or 0))
            return interval, _count(kind, interval, at, text, words.victim)
    if wanted is None:
        return None, None
    at = (span.start, span.end)
    if english:
        interval = combined_found(_read(kit, english, kind), kind)
        if interval is not None and wanted in interval[:3]:
            low, best, high, rule = interval
            interval = (low, best, high, f"llm-translation:{rule}")
            return interval, _count(kind, interval, at, text, None)
    figures = [int(re.sub(r"\D", "", n)) for n in _NUMBER.findall(span.quote)]
    if wanted in figures:
        interval = (wanted, wanted, wanted, "llm:figure")
        return interval, _count(kind, interval, at, text, None)
    return None, None


def basis(rule: str, high: int | None) -> str:
    """The codebook's word for what a number of deaths rests on."""
    parts = rule.split(":")
    worded = rule.endswith("plural-acled") or (len(parts) > 1 and parts[-2].endswith(("acled", "ccc")))
    return "none" if high == 0 else "word" if worded else "number"


def _read(kit: Kit, words: str, kind: CountKind) -> list[Found]:
    tokens = tokenize(words)
    return [f for f in counts_in(tokens, find_people(tokens, kit.lexicon), kit.lexicon) if f.count.kind == kind]


def _clause(text: str, span: Span) -> tuple[int, int]:
    """The sentence around the quote, as far as it is near."""
    low, high = max(0, span.start - _AROUND), min(len(text), span.end + _AROUND)
    start = max((text.rfind(mark, low, span.start) + 1 for mark in _ENDS), default=0)
    ends = [at for mark in _ENDS if (at := text.find(mark, max(span.start, span.end - 1), high)) >= 0]
    return max(start, low) if start else low, min(ends, default=high)


def _count(kind: CountKind, interval: Interval, at: tuple[int, int], text: str, victim: str | None) -> Count:
    low, best, high, rule = interval
    known = [v for v in (low, best, high) if v is not None]
    if known != sorted(known):
        low, high = min(known), max(known)
        best = None
    return Count(kind=kind, low=low, best=best, high=high, words=text[at[0] : at[1]], rule=rule, victim=victim, start=at[0], end=at[1])


def whole(value: object) -> int | None:
    """A model's number, if it is a whole one."""
    if isinstance(value, bool):
        return None
    try:
        return int(str(value).strip()) if value is not None else None
    except ValueError:
        return None
