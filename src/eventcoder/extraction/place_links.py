"""Which name tells where another lies: "Goma, North Kivu", "the Iraqi town of Baiji", "X (Chibok LGA, Borno)", "Iran's Khuzestan". Floor 5."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

from eventcoder.extraction.geography import Mention
from eventcoder.extraction.place_patterns import ROAD, WORD
from eventcoder.extraction.place_words import PlaceWords
from eventcoder.gazetteer import distance_km

_SMALL = 10_000  # inhabitants below which a name is taken for a quarter or village of the place after it
_DISTANCE = frozenset({"km", "kms", "kilometres", "kilometers", "kilometer", "kilometre", "miles", "mile"})
_GAP = 64  # characters between two names that may belong together
_QUARTER = 60.0  # km from a city within which a smaller place may be named by it
_AROUND = 130.0
_PLAIN = ({","}, {"("}, {"in"}, {"within"}, {"/"})
_JOINED = ({"and"}, {",", "and"}, {"&"}, {",", "&"}, {"or"}, {"and", "in"}, {",", "and", "in"})

_CONTEXT = {"admin1": "admin", "region": "admin", "admin2": "sub", "town": "town"}

Find = Callable[[str, str], list[Any]]


def link(text: str, mentions: list[Mention], words: PlaceWords, in_country: Find) -> None:
    """Set `parent` of mentions, hand a context on in lists, and read a country's name as a division where only that fits ("Savannah, Georgia")."""
    for at, (one, two) in enumerate(itertools.pairwise(mentions)):
        before = mentions[at - 1] if at else None
        if one.parent is two or two.start - one.stop > _GAP or two.start < one.stop:
            continue
        gap = text[one.stop : two.start]
        if "\n\n" in gap or ". " in gap:
            continue
        own = gap.startswith(("'", "’"))
        tokens = [w.casefold() for w in WORD.findall(gap[1:] if own else gap)]
        if own and tokens[:1] == ["s"]:
            tokens = tokens[1:]
        kept = [t for t in tokens if t not in words.of("modifier") and words.level(t) is None]
        kinds = [t for t in tokens if words.level(t) is not None and t not in ("northern", "southern")]
        while kept and kinds != tokens and kept[0] in words.of("landmark"):
            kept = kept[1:]  # "Al Karama square in As-Suwayda"
        quarter = _part_of(one, two, kinds, words)
        if (
            (kept == ["of"] and one.level == "town" and one.stop > one.end and text[max(0, one.start - 4) : one.start].lower() == "the ")
            and not quarter
            and two.level not in ("admin1", "region", "admin2")
        ):
            # "the North Sinai town of Bir al-Abd"
            two.level, two.context = two.level or "town", "near" if one.context == "near" else "town"
            two.preposition = two.preposition or one.preposition
            one.level, one.stop = None, one.end
            _outer(two, one, in_country)
            continue
        if own or (not kept and kinds) or (kept == ["of"] and (one.country_only or kinds) and not _says_kind(one) and not quarter):
            if not kept or kept == ["of"]:
                _outer(two, one, in_country)
                if before is not None and before.parent is one:
                    before.parent = two  # "in Raman district of Thailand's southern Yala province"
                if two.context == "none" and not two.excluded and one.context != "none":
                    two.context = "near" if one.context == "near" else _CONTEXT.get(two.level or "", "in")
                    two.preposition = one.preposition
            continue
        if gap.strip() in ("–", "-", "—") and ROAD.match(text, two.end):
            one.context = two.context = "near"
            if _road_in(text, two, mentions[at + 2 : at + 3]):
                one.excluded = two.excluded = "road"
            continue
        if one.country_only:
            continue
        if _tells(kept, tokens, kinds, words):
            strong = kept not in ([","], ["/"])
            if two.country_only and ("near" in kept or text[two.end : two.end + 7] == " border"):
                continue
            chain = kept == [","] and (_bracketed(text, one) or _child(text, one, two))
            if strong or two.country_only or chain or _contains(text, two, one, in_country) or _quarter(text, one, two):
                _outer(one, two, in_country)
                one.apart = any(t in _DISTANCE for t in tokens)
                if one.context == "none" and not one.excluded and one.candidates and two.context == "none" and kept == [","]:
                    one.context = "in"  # "Coche, Caracas": an address
                continue
        listed = set(kept) in _JOINED or kept == [","]
        if listed and two.context == "none" and not two.excluded and not two.country_only and one.context != "none":
            two.context, two.preposition = one.context, one.preposition
            two.level = two.level or (one.level if one.level == "town" else None)
    _hand_back(text, mentions)


def _hand_back(text: str, mentions: list[Mention]) -> None:
    """ "Bijapur and Sukma districts (Chhattisgarh)": what is said behind the last of a list is said of all of it."""
    said: set[int] = set()
    for one, two in reversed(list(itertools.pairwise(mentions))):
        plural = two.level is not None and two.level_word.endswith("s") and (two.stop > two.end or id(two) in said)
        if not plural or one.level is not None or one.parent not in (None, two) or one.country_only or two.start < one.stop:
            continue
        if {w.casefold() for w in WORD.findall(text[one.stop : two.start])} in ({"and"}, {","}, {",", "and"}, {"&"}, {"or"}):
            one.level, one.level_word, one.parent = two.level, two.level_word, two.parent
            said.add(id(one))


def _part_of(one: Mention, two: Mention, kinds: list[str], words: PlaceWords) -> bool:
    """ "the Lobato neighbourhood of Salvador", not "the Baghdad suburb of Dora": the second is by far the larger place."""
    word = one.level_word if one.stop > one.end else kinds[0] if kinds else ""
    if word not in words.of("quarter") or one.country_only or not two.candidates:
        return False
    city = max((p for p, _ in two.candidates), key=lambda p: p.population)
    return bool(city.population >= 3 * max((p.population for p, _ in one.candidates if p.country == city.country), default=0))


def _road_in(text: str, end: Mention, following: list[Mention]) -> bool:
    """ "the Dhaka-Rajshahi highway in Natore": the place on the road is told."""
    for m in following:
        between = text[end.end : m.start]
        return m.preposition in ("in", "at", "near") and len(between) < 40 and not m.country_only and not re.search(r"[.,;\n]", between)
    return False


def _bracketed(text: str, one: Mention) -> bool:
    """Does a bracket right before the name hold it and the wider place ("Palma town (Palma, Cabo Delgado)"), and no list?"""
    opened = text[one.start - 1 : one.start] == "("
    close = text.find(")", one.end, one.end + _GAP * 2)
    return opened and close > 0 and " and " not in text[one.start : close] and text[one.start : close].count(",") <= 2


def _child(text: str, one: Mention, two: Mention) -> bool:
    """ "in El Aguaje, Aguililla (Michoacan)": a small or unknown place before a larger one that ends the address."""
    behind = text[two.stop : two.stop + 2]
    if two.context != "none" or one.context == "none" or two.excluded or not two.candidates or not (behind.startswith(" (") or behind[:1] in ".;"):
        return False
    small = max((p.population for p, _ in one.candidates), default=0)
    return small < _SMALL and max(p.population for p, _ in two.candidates) >= small


def _says_kind(mention: Mention) -> bool:
    """Does a kind of place stand right after the name ("C town in D")? Then "of" leads outwards, to the wider place."""
    return mention.stop > mention.end


def _tells(kept: list[str], tokens: list[str], kinds: list[str], words: PlaceWords) -> bool:
    """Is the gap one of those before the wider place?"""
    if len(kept) == 1 and ({kept[0]} in _PLAIN or kept[0] in ("of", "near", "outside")):
        return True
    if kept in ([",", "in"], ["(", "in"], [",", "of"], ["in", "of"], [",", "within"], [",", "near"], ["(", "near"]):
        return True
    if not kept or kept[0] not in (",", "(", "in", "about", "some", "around", "approximately") or len(tokens) > 11:
        return False
    if "border" in tokens or "across" in tokens:
        return False  # "Tijuana, across the border from San Diego"
    distance = any(t in _DISTANCE for t in tokens)
    leads = tokens[-1] in ("of", "in", "from", "near", "the") or (len(tokens) > 1 and tokens[-2] in ("of", "in", "from", "near"))
    return leads and (distance or bool(kinds) or any(t in words.of("near_noun") for t in tokens) or "located" in tokens)


def _outer(inner: Mention, outer: Mention, in_country: Find) -> None:
    inner.parent = outer
    if outer.country_only and outer.divisions and inner.candidates:
        divisions = {(p.country, p.admin1) for p, _ in inner.candidates}
        fitting = [p for p in outer.divisions if (p.country, p.admin1) in divisions]
        at_home = any(p.country == outer.country for p, _ in inner.candidates) or bool(in_country(inner.name, outer.country or ""))
        if fitting and not at_home:
            outer.country_only, outer.country, outer.demonym, outer.level = False, None, False, "admin1"
            outer.candidates = [(p, 0.9) for p in fitting]
    if outer.excluded == "sentence-start":
        outer.excluded = None
    if inner.excluded == "sentence-start":
        inner.excluded = None


def _ends_address(text: str, inner: Mention, outer: Mention) -> bool:
    """ "in San Rafael, Petén.": a division without a word for it after a name that is none, and no list goes on."""
    if outer.candidates[0][0].kind != "admin1" or any(p.kind == "admin1" for p, _ in inner.candidates):
        return False
    return text[outer.stop : outer.stop + 1] in (".", ")", ";", "") and outer.context == "none" and inner.context != "none"


def _contains(text: str, outer: Mention, inner: Mention, in_country: Find) -> bool:
    """Is the second name a division in which the first may lie?"""
    divisions = [p for p, _ in outer.candidates if p.kind in ("admin1", "admin2", "region")]
    if not divisions:
        return False
    if not inner.candidates or outer.level in ("admin1", "admin2"):
        return True
    for division in divisions:
        if any(_inside(p, division) for p, _ in inner.candidates):
            return True
        if any(_inside(p, division) for p in in_country(inner.name, division.country)):
            return True
    # a division beside a name that is known elsewhere only: "Solhan, Yagha province"
    home = {division.country for division in divisions}
    largest = max((p.population for p, _ in inner.candidates if p.country in home), default=0)
    return largest < 50_000 and (outer.level is not None or _ends_address(text, inner, outer))


def _inside(place: Any, division: Any) -> bool:
    if place.country != division.country or place.gazetteer_id == division.gazetteer_id:
        return False
    if division.kind == "admin1":
        return bool(place.admin1 == division.admin1 and place.kind != "admin1")
    if division.kind == "admin2" and division.admin2:
        return bool(place.admin2 == division.admin2)
    return near(place, division, _AROUND)


def near(one: Any, two: Any, km: float) -> bool:
    """Do two places of a country lie within `km` of each other?"""
    a, b, c, d = one.latitude, one.longitude, two.latitude, two.longitude
    if a is None or b is None or c is None or d is None or abs(a - c) > km / 100:
        return False
    return bool(distance_km(a, b, c, d) <= km)


def _quarter(text: str, inner: Mention, outer: Mention) -> bool:
    """ "Ikeja, Lagos": the second is a much larger place close to the first, and no list goes on behind it."""
    behind = text[outer.stop : outer.stop + 6]
    if behind.startswith((" and ", ", and ", " or ", " & ")):
        return False
    if inner.level in ("town", "admin2") and outer.level is None and inner.level_word and not inner.level_word.endswith("s"):
        return True  # "Barangay San Isidro, Las Navas"
    if not inner.candidates:
        return bool(outer.candidates) and not (
            behind.startswith(", ") and behind[2:3].isupper() and outer.context == "none" and inner.context == "none"
        )
    return any(
        p.country == q.country and q.population >= 3 * p.population and near(p, q, _QUARTER)
        for p, _ in inner.candidates[:6]
        for q, _ in outer.candidates[:3]
        if p.gazetteer_id != q.gazetteer_id
    )
