"""Places named in a text: mentions with their context, candidates of the gazetteer with scores, and the country that they speak of.

A place of publication (dateline), an organisation, a person, a metonym ("Moscow said") and a nationality are no places of an event. "near X"
is less precise than "in X", a province less than a town. Every mention stands alone: one that cannot be settled empties no other.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from eventcoder.extraction.geography import Geography, Mention
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.place_patterns import (
    AFTER_ADMIN,
    AFTER_ORGANISATION,
    AFTER_SUB,
    AFTER_TOWN,
    BYLINE,
    DATELINE,
    DOTTED,
    METONYM,
    NAME,
    NOT_NAMES,
    ROAD,
    SITE_WORDS,
    STREETS,
    TITLE,
    context_before,
)

_LONGEST_NAME = 9  # words; a longer run of capitals is a headline or noise


def read_places(text: str, kit: Kit, *, country: str | None = None) -> Geography:
    """Mentions of places in `text`. `country` is what the caller knows of the country (a hint, not a command)."""
    mentions: list[Mention] = []
    dateline = DATELINE.match(text)
    line_end = dateline.end() if dateline else -1
    for match in _names(text):
        mentions.extend(_mention(text, match[0], match[1], kit, line_end))
    votes: Counter[str] = Counter()
    for m in mentions:
        if m.country and not m.excluded:
            votes[m.country] += 1 if m.demonym or m.dateline else 3
        elif m.candidates and not m.excluded and m.context != "none":
            best = m.candidates[0][0]
            if (best.population >= 50_000 and best.official) or best.kind == "admin1" or best.origin != "gazetteer":
                votes[best.country] += 1
    main = country
    states = [i for i, m in enumerate(mentions) if len(m.name) == 2 and m.country_only and i and text[mentions[i - 1].end : m.start] == ", "]
    for i in states:
        if kit.gazetteer.place(f"admin1:US.{mentions[i].name}") is not None and mentions[i].country:
            votes[mentions[i].country or ""] = 0
            votes["United States"] += 1
    votes = +votes
    if main is None and votes:
        top = votes.most_common(2)
        main = top[0][0] if len(top) == 1 or top[0][1] > top[1][1] else None
    if main is None and not votes:
        main = _common(mentions)
    _link(text, mentions, kit)
    for m in mentions:
        if m.parent is not None and m.parent.country_only and not m.preposition_is_place:
            continue
        if m.parent is not None and m.parent.country_only:
            m.parent.preposition, m.parent.demonym = "in", False
    for m in mentions:
        if not m.country_only and not m.excluded:
            _rank(m, kit, main, votes)
    if main is None:
        settled = Counter(m.best.country for m in mentions if m.best is not None and not m.dateline and m.context != "none")
        if len(settled) == 1:
            main = next(iter(settled))
    return Geography(mentions, main, votes)


def _common(mentions: list[Mention]) -> str | None:
    """Where nothing names the country: the only one in which all places of the text may lie, when there are at least two of them."""
    sets = [{p.country for p, _ in m.candidates} for m in mentions if m.candidates and not m.excluded and m.context != "none"]
    shared = set.intersection(*sets) if len(sets) >= 2 else set()
    return shared.pop() if len(shared) == 1 else None


def dateline_end(text: str) -> int:
    """Where the dateline ("KANO, Nigeria, May 6 (Newswire) - ") ends and the text begins; 0 without one."""
    match = DATELINE.match(text)
    if match is None:
        return 0
    end = match.end()
    while end < len(text) and text[end].isspace():
        end += 1
    return end


def _names(text: str) -> Iterable[tuple[int, int]]:
    at = 0
    for match in NAME.finditer(text):
        if match.start() < at:
            continue
        start, end = match.span()
        dotted = DOTTED.match(text, start)
        if dotted:
            end = max(dotted.end(), end) if dotted.end() >= end else end
            end = dotted.end()
        if text[start:end].endswith(("'s", "’s")):
            end -= 2
        at = end
        yield start, end


def _mention(text: str, start: int, end: int, kit: Kit, line_end: int) -> list[Mention]:
    """The mentions inside one run of capitalised words: the whole if it is a place, else its first or last part where the context allows."""
    name = text[start:end]
    if name.count(" ") >= _LONGEST_NAME:
        return []
    first = name.split(" ", 1)[0]
    sentence_start = start == 0 or text[max(0, start - 3) : start].rstrip(" \t\n\"“‘'(")[-1:] in (".", "!", "?", ":", "") or text[start - 1] == "\n"
    while " " in name and first.lower() in NOT_NAMES and not _find(kit, name):
        # "In Kano", "On Monday Lagos": the first word only opens the sentence.
        start += len(first) + 1
        name = text[start:end]
        first = name.split(" ", 1)[0]
        sentence_start = False
    if name.lower() in NOT_NAMES or len(name) < 2:
        return []
    before = text[max(0, start - 52) : start]
    at = context_before(before)
    led = first.lower()
    if at is None and sentence_start and led in ("northern", "southern", "eastern", "western", "central"):
        return []
    context = at.lastgroup or "none" if at else "none"
    context = "in" if context == "of" else context
    found = _find(kit, name)
    country = kit.gazetteer.country(name) if not found or found[0].kind == "country" or found[0].population < 3_000_000 else None
    if country is not None and (not found or found[0].kind == "country" or _is_country_name(kit, name)):
        return [_country_mention(text, start, end, name, country, context, line_end, _preposition(at))]
    if not found and "-" in name and ROAD.match(text, end):
        return _ends_of_road(text, start, name, kit, line_end)
    if not found and " " in name and name.rsplit(" ", 1)[1] in STREETS:
        return []  # a street says where in a town, the town is named beside it
    if not found and " " in name:
        return _parts(text, start, end, kit, line_end, context)
    if not found:
        return (
            []
            if context == "none"
            else [Mention(start, end, name, context, excluded=_person_or_body(text, start, end, name, context) or None)]
            if context != "none"
            else []
        )
    after = text[end : end + 40]
    if AFTER_ADMIN.match(after):
        context = "admin"
    elif AFTER_SUB.match(after) and context != "near":
        context = "sub"
    elif AFTER_TOWN.match(after) and context in ("none", "in"):
        context = "town"
    mention = Mention(start, end, name, context, dateline=start < line_end, preposition=_preposition(at))
    mention.candidates = [(p, 0.0) for p in found]
    mention.excluded = _person_or_body(text, start, end, name, context)
    if mention.dateline:
        mention.excluded = "dateline"
    elif BYLINE.search(before):
        mention.excluded = "byline"
    elif sentence_start and context == "none" and " " not in name and text[end : end + 1] != ",":
        mention.excluded = mention.excluded or "sentence-start"
    return [mention]


def _ends_of_road(text: str, start: int, name: str, kit: Kit, line_end: int) -> list[Mention]:
    """The two places that name a road ("on the Kano-Zaria road"): a point near the first."""
    out: list[Mention] = []
    for one in re.finditer(r"[^-]+", name):
        found = _find(kit, one.group())
        if found:
            mention = Mention(start + one.start(), start + one.end(), one.group(), "near", dateline=start < line_end, preposition="on")
            mention.candidates = [(p, 0.0) for p in found]
            out.append(mention)
    return out


def _preposition(at: re.Match[str] | None) -> str:
    return at.group().split()[0].lower() if at and at.group().split() else ""


def _is_country_name(kit: Kit, name: str) -> bool:
    memory = kit.cache("country-first")
    if name not in memory:
        memory[name] = any(p.kind == "country" for p in kit.gazetteer.lookup(name, limit=5)) or len(name) <= 4 or "." in name
    return bool(memory[name])


def _country_mention(text: str, start: int, end: int, name: str, country: str, context: str, line_end: int, preposition: str = "") -> Mention:
    is_name = name.lower() == country.lower() or context != "none" or text[end : end + 1] in (".", ",", ";")
    following = re.match(r"\s+[a-z]", text[end : end + 3]) is not None
    demonym = not is_name or (
        following and context in ("none", "in") and name.lower() != country.lower() and not _AFTER_SPACE_VERB.match(text[end : end + 12])
    )
    mention = Mention(
        start, end, name, context, country_only=True, country=country, demonym=demonym, dateline=start < line_end, preposition=preposition
    )
    if METONYM.match(text[end : end + 30]):
        mention.excluded = "metonym"
    return mention


_AFTER_SPACE_VERB = re.compile(r"\s+(?:on|in|after|and|to|for|over|has|have|was|were|is|are|when|where|that|who|during|since|at|as|by)\b")


def _parts(text: str, start: int, end: int, kit: Kit, line_end: int, context: str) -> list[Mention]:
    """Names in a run that is no place as a whole: "Kano State Police", "Iranian Kurdistan", "Goma North Kivu"."""
    words = [(m.start() + start, m.end() + start) for m in re.finditer(r"[^\s]+", text[start:end])]
    out: list[Mention] = []
    if context not in ("none",):
        for stop in range(len(words) - 1, 0, -1):
            span = (words[0][0], words[stop - 1][1])
            name = text[span[0] : span[1]]
            if kit.gazetteer.country(name) and stop == 1:
                break
            found = _find(kit, name)
            if found:
                follow = text[words[stop][0] : words[stop][1]]
                mention = Mention(span[0], span[1], name, context, dateline=span[0] < line_end)
                mention.candidates = [(p, 0.0) for p in found]
                tail = text[span[1] : span[1] + 40]
                if AFTER_ADMIN.match(tail):
                    mention.context = "admin"
                elif AFTER_SUB.match(tail):
                    mention.context = "sub"
                elif not AFTER_TOWN.match(tail) and follow not in SITE_WORDS and len(words) <= 4:
                    # "Mir Ali" is not in the gazetteer: it is not "Mir" either.
                    return [Mention(start, end, text[start:end], context, excluded=_person_or_body(text, start, end, text[start:end], context))]
                return [mention]
    for span in (words[0], words[-1]):
        name = text[span[0] : span[1]]
        country = kit.gazetteer.country(name)
        if country:
            return [_country_mention(text, span[0], span[1], name, country, "none", line_end)]
    if context != "none" and len(words) <= 4:
        out.append(Mention(start, end, text[start:end], context, excluded=_person_or_body(text, start, end, text[start:end], context)))
    return out


def _person_or_body(text: str, start: int, end: int, name: str, context: str) -> str | None:
    before, after = text[max(0, start - 40) : start], text[end : end + 40]
    if TITLE.search(before) and context not in ("in", "town", "near", "admin"):
        return "person"
    if AFTER_ORGANISATION.match(after):
        word = AFTER_ORGANISATION.match(after)
        assert word is not None
        return None if word.group().split()[-1] in SITE_WORDS else "organisation"
    if context == "none" and METONYM.match(after):
        return "metonym"
    if context == "none" and re.match(
        r"[’']s\s+(?:government|regime|army|military|president|leader|forces|parliament|foreign|ruling|policy|support|decision)", after
    ):
        return "metonym"
    return None


def _find(kit: Kit, name: str) -> list[Any]:
    """Places of that name anywhere, remembered."""
    memory = kit.cache("lookup")
    found = memory.get(name)
    if found is None:
        found = memory[name] = kit.gazetteer.lookup(name, limit=8) if any(c.isalpha() for c in name) else []
        if len(memory) > 60_000:
            memory.clear()
    return list(found)


def _link(text: str, mentions: list[Mention], kit: Kit) -> None:
    """ "Goma, North Kivu" and "the Iraqi town of Baiji": a following or leading name is the parent of the place before it."""
    for one, two in itertools.pairwise(mentions):
        gap = text[one.end : two.start]
        if one.country_only or one.excluded:
            continue
        if gap == ", " and len(two.name) == 2 and two.name.isupper() and (state := kit.gazetteer.place(f"admin1:US.{two.name}")) is not None:
            # "Long Beach, CA" is no town of Canada.
            two.country_only, two.country, two.candidates = False, None, [(state, 0.9)]
            one.parent = two
            continue
        if (
            two.context == "none"
            and not two.excluded
            and not two.country_only
            and one.context != "none"
            and gap in (", ", " and ", ", and ", " & ")
            and not _contains(two, one)
        ):
            two.context, two.preposition = one.context, one.preposition
            continue
        if not two.country_only and one.candidates and not _contains(two, one):
            continue
        if re.fullmatch(r",\s+(?:in\s+)?(?:the\s+)?(?:(?:north|south|east|west|central|upper|lower)\w*\s+)?", gap) or re.fullmatch(
            r"\s*\((?:in\s+)?|,?\s+(?:in|of)\s+(?:the\s+)?(?:\w+ern\s+)?(?:(?:province|state|region|district|governorate|department|"
            r"county)\s+of\s+)?|(?:\s+(?:district|town|city|village|area|municipality|neighbourhood|neighborhood|commune|camp)),?\s+(?:in\s+|"
            r"of\s+)?(?:the\s+)?",
            gap,
        ):
            one.parent = two


def _contains(two: Mention, one: Mention) -> bool:
    """Is the second name a division (or country) in which the first may lie?"""
    if two.country_only:
        return True
    divisions = {(p.country, p.admin1) for p, _ in two.candidates if p.kind == "admin1"}
    return bool(divisions) and (not one.candidates or any((p.country, p.admin1) in divisions for p, _ in one.candidates if p.kind != "admin1"))


def _rank(mention: Mention, kit: Kit, main: str | None, votes: Counter[str]) -> None:
    """Candidates scored by context, country, parent, and weight of the place; the parent's province or country excludes all others if it can."""
    parent = mention.parent
    places = [p for p, _ in mention.candidates]
    country = parent.country if parent is not None and parent.country_only else None
    if country or main:
        extra = [p for p in _in_country(kit, mention.name, country or main or "") if all(q.gazetteer_id != p.gazetteer_id for q in places)]
        places.extend(extra)
    region = None
    if parent is not None and not parent.country_only and parent.candidates:
        named = {(p.country, p.admin1) for p, _ in parent.candidates if p.kind == "admin1"}
        inside = [p for p in places if (p.country, p.admin1) in named and p.kind != "admin1"] or [
            p for p in places if p.country in {c for c, _ in named} and p.kind != "admin1"
        ]
        if inside and named:
            places = inside
            region = named
    base = {"in": 0.45, "near": 0.45, "admin": 0.5, "sub": 0.45, "town": 0.5, "none": 0.15}[mention.context]
    scored = []
    for order, place in enumerate(places):
        score = base + max(0.0, 0.1 - 0.02 * order)
        if country:
            score += 0.35 if place.country == country else -0.35
        elif place.country == main:
            score += 0.25
        elif votes.get(place.country):
            score += 0.1
        elif main:
            score -= 0.2
        if region and (place.country, place.admin1) in region:
            score += 0.2
        if not place.official:
            score -= 0.08
        if place.origin != "gazetteer":
            # the team's own places and those of earlier events: where a project has coded before, it codes again
            score += 0.2
        if place.population:
            score += min(0.12, 0.02 * len(str(place.population)))
        if mention.context == "admin":
            score += 0.15 if place.kind == "admin1" else -0.1
        elif mention.context in ("town", "in", "near") and place.kind == "admin1":
            score -= 0.06
        if place.kind == "country":
            score -= 0.3
        if place.kind == "admin1" and mention.name.endswith((" City", " Town")):
            score -= 0.1
        scored.append((place, round(max(0.0, min(1.0, score)), 3)))
    if mention.context != "admin":
        # A province and the town of the same name in it are one choice: the town.
        for i, (place, score) in enumerate(scored):
            around = [s for q, s in scored if q.kind == "admin1" and (q.country, q.admin1) == (place.country, place.admin1)]
            if place.kind == "place" and around and score > max(around) - 0.15:
                scored[i] = (place, round(min(1.0, max(score, max(around)) + 0.06), 3))
                break
    scored.sort(key=lambda item: (-item[1], -item[0].population, item[0].gazetteer_id))
    if scored and main is None and not country and not region:
        first = scored[0][0]
        rival = next((p for p, _ in scored[1:] if p.country != first.country and p.kind != "country"), None)
        if rival is not None and first.origin == "gazetteer" and rival.population * 10 > first.population and mention.context != "none":
            # Two towns of one name in two countries, nothing to choose by: leave it to the coder.
            scored = [(p, s) if p in (first, rival) else (p, max(0.0, s - 0.1)) for p, s in scored]
            top = max(s for _, s in scored)
            scored = [(p, top) if p in (first, rival) else (p, s) for p, s in scored]
    elif len(scored) > 1 and scored[0][1] - scored[1][1] < 0.05 and scored[0][0].population >= 5 * max(1, scored[1][0].population):
        scored[1] = (scored[1][0], round(scored[0][1] - 0.06, 3))
        scored[1:] = [(p, min(s, scored[1][1])) for p, s in scored[1:]]
    mention.candidates = scored


def _in_country(kit: Kit, name: str, country: str) -> list[Any]:
    memory = kit.cache("lookup-country")
    key = (name, country)
    found = memory.get(key)
    if found is None:
        found = memory[key] = kit.gazetteer.lookup(name, country=country, limit=5)
        if len(memory) > 60_000:
            memory.clear()
    return list(found)
