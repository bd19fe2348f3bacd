"""Places named in a text: mentions with their context, candidates of the gazetteer with scores, and the country that they speak of.

A place of publication (dateline), an organisation, a person, a metonym ("Moscow said") and a nationality are no places of an event. "near X"
is less precise than "in X", a province less than a town. Every mention stands alone: one that cannot be settled empties no other. Floor 5.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from eventcoder.extraction.geography import Geography, Mention
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.place_links import link
from eventcoder.extraction.place_mentions import MentionFinder
from eventcoder.extraction.place_patterns import DATELINE, LATER_DATELINE
from eventcoder.extraction.place_ranking import Ranker, in_country

_NAMED, _SPOKEN, _GROUP, _TOWN = 3.0, 1.0, 1.5, 1.0  # votes for a country: named as a place, spoken of, a group's or body's home, a sure town
_HERE = 160  # characters on either side in which a country's name speaks for a place
_SURE = 0.85
_ONE_REGION = 0.7  # share of a text's settled places in one first-level division, for an unknown one to be sought there too
_HELD = 0.56


def read_places(text: str, kit: Kit, *, country: str | None = None) -> Geography:
    """Mentions of places in `text`. `country` is what the caller knows of the country (a hint, not a command)."""
    finder = MentionFinder(text, kit, _dateline(text))
    mentions = finder.find()
    link(text, mentions, finder.words, lambda name, where: in_country(kit, name, where))
    votes = _votes(mentions, finder.hints)
    main = country
    if main is None and votes:
        top = sorted(votes.items(), key=lambda pair: -pair[1])[:2]
        main = top[0][0] if len(top) == 1 or top[0][1] > top[1][1] else None
    if main is None and not votes:
        main = _common(mentions)
        if main is not None:
            votes[main] = _NAMED
    for m in mentions:
        if m.parent is not None and m.parent.country_only and m.preposition_is_place:
            m.parent.preposition, m.parent.demonym = "in", False
    ranker = Ranker(kit, finder.words, votes, main, country)
    ranker.spoken = {m.country for m in mentions if m.country_only and m.country} | set(finder.hints)
    _beside(mentions, ranker)
    named = [m for m in mentions if not m.country_only]
    for m in named:
        ranker.rank(m)
    ranker.anchors = [m.candidates[0][0] for m in named if m.candidates and m.candidates[0][1] >= _SURE and not m.excluded and not m.within]
    if ranker.anchors:
        for m in named:
            if m.candidates and m.candidates[0][1] < _SURE and not m.within and not m.excluded:
                ranker.again(m)
    _told_again(named, ranker)
    _same_region(named, text, ranker, kit)
    if main is None:
        settled = Counter(m.best.country for m in mentions if m.best is not None and not m.dateline and m.context != "none")
        if len(settled) == 1:
            main = next(iter(settled))
    return Geography(mentions, main, Counter({c: _whole(v) for c, v in votes.items()}))


def _whole(votes: float) -> int:
    """Votes as a whole number, at least one."""
    return max(1, round(votes))


def dateline_end(text: str) -> int:
    """Where the dateline ("KANO, Nigeria, May 6 (Newswire) - ") ends and the text begins; 0 without one."""
    match = DATELINE.match(text)
    if match is None:
        return 0
    end = match.end()
    while end < len(text) and text[end].isspace():
        end += 1
    return end


def _dateline(text: str) -> tuple[int, int]:
    """The dateline's span: at the very start, or at the start of a line below the headline."""
    match = DATELINE.match(text) or LATER_DATELINE.search(text, 0, 600)
    return match.span() if match else (-1, -1)


def _told_again(named: list[Mention], ranker: Ranker) -> None:
    """A name settled once in a text means the same place everywhere in it."""
    known: dict[str, Mention] = {}
    for m in named:
        if m.candidates and (m.best is not None or (not m.excluded and m.within)):
            kept = known.get(m.name.casefold())
            if kept is None or (kept.within, -kept.score) > (m.within, -m.score):
                known[m.name.casefold()] = m
    for m in named:
        other = known.get(m.name.casefold())
        if other is None or other is m or m.parent is not None:
            continue
        if not m.candidates or m.candidates[0][1] < other.score or (m.within and not other.within):
            first = other.candidates[0][0]
            if m.level == "admin1" and first.kind != "admin1":
                continue
            m.candidates, m.within = list(other.candidates), other.within


def _same_region(named: list[Mention], text: str, ranker: Ranker, kit: Kit) -> None:
    """An unknown village lies in the region of the text, where the settled places of the text lie nearly all in one, told before it."""
    unknown = [m for m in named if not m.excluded and m.context != "none" and (not m.candidates or m.candidates[0][1] < 0.3) and m.parent is None]
    if not unknown:
        return
    regions: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], int] = {}
    for m in named:
        best = m.best
        if best is not None and not m.dateline and not m.within and best.admin1 and (m.context != "none" or best.kind == "admin1"):
            key = (best.country, best.admin1)
            regions[key] += 1
            first.setdefault(key, m.start)
    if not regions:
        return
    key, count = regions.most_common(1)[0]
    if count < _ONE_REGION * sum(regions.values()):
        return
    division = next((p for p in in_country(kit, key[1], key[0]) if p.kind == "admin1" and p.admin1 == key[1]), None)
    for m in unknown:
        if division is not None and first[key] < m.start and m.level not in ("admin1", "region"):
            m.candidates, m.within = [(division, _HELD)], True


def _votes(mentions: list[Mention], hints: Mapping[str, float]) -> dict[str, float]:
    votes: dict[str, float] = defaultdict(float)
    for m in mentions:
        if m.country_only and m.country:
            votes[m.country] += _SPOKEN if m.demonym or m.dateline or m.excluded else _NAMED
        elif m.candidates and not m.country_only:
            if m.level == "admin1" and m.settled:
                votes[m.candidates[0][0].country] += _NAMED  # "Springfield, IL"
                continue
            best = m.candidates[0][0]
            countries = {p.country for p, _ in m.candidates}
            if m.excluded == "sentence-start" and best.population < 50_000:
                continue
            weight = 0.5 if m.dateline else _TOWN if m.context != "none" else 0.4
            if m.excluded in ("person", "organisation", "byline", "metonym") and not m.dateline:
                weight = 0.0
            if best.origin != "gazetteer":
                votes[best.country] += max(weight, 0.4)
            elif len(countries) == 1 and (best.official or best.population > 100_000):
                votes[best.country] += weight * 1.5
            elif best.official and (best.population >= 100_000 or best.kind == "admin1") and _dominates(m):
                votes[best.country] += weight
    for country, count in hints.items():
        votes[country] += _GROUP * count
    return {country: count for country, count in votes.items() if count > 0}


def _dominates(mention: Mention) -> bool:
    """Is the first candidate ten times as large as any abroad?"""
    first = mention.candidates[0][0]
    return all(p.population * 10 <= first.population for p, _ in mention.candidates[1:] if p.country != first.country and p.official)


def _common(mentions: list[Mention]) -> str | None:
    """Where nothing names the country: the only one in which all places of the text may lie, when there are at least two of them."""
    sets = [{p.country for p, _ in m.candidates} for m in mentions if m.candidates and not m.excluded and m.context != "none"]
    shared = set.intersection(*sets) if len(sets) >= 2 else set()
    return shared.pop() if len(shared) == 1 else None


def _beside(mentions: list[Mention], ranker: Ranker) -> None:
    """Countries named close to each mention."""
    countries = [m for m in mentions if m.country_only and m.country and not m.dateline]
    if not countries:
        return
    for m in mentions:
        if not m.country_only:
            close = {c.country for c in countries if c.country and -_HERE < c.start - m.start < _HERE}
            if close:
                ranker.here[id(m)] = close
