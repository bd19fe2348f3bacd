"""Which name tells where another lies: "Goma, North Kivu", "the Iraqi town of Baiji", "X (Chibok LGA, Borno)", "Iran's Khuzestan". Floor 5."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from eventcoder.extraction.geography import Mention
from eventcoder.extraction.place_patterns import ROAD, WORD
from eventcoder.extraction.place_words import PlaceWords
from eventcoder.gazetteer import distance_km

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
        if kept == ["of"] and one.level == "town" and one.stop > one.end and text[max(0, one.start - 4) : one.start].lower() == "the ":
            # "the North Sinai town of Bir al-Abd"
            two.level, two.context = two.level or "town", "near" if one.context == "near" else "town"
            two.preposition = two.preposition or one.preposition
            one.level, one.stop = None, one.end
            _outer(two, one, in_country)
            continue
        if own or (not kept and kinds) or (kept == ["of"] and (one.country_only or kinds) and not _says_kind(one)):
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
            continue
        if one.country_only:
            continue
        if _tells(kept, tokens, kinds, words):
            strong = kept not in ([","], ["/"])
            if two.country_only and ("near" in kept or text[two.end : two.end + 7] == " border"):
                continue
            if strong or two.country_only or _contains(two, one, in_country) or _quarter(text, one, two):
                _outer(one, two, in_country)
                if one.context == "none" and not one.excluded and one.candidates and two.context == "none" and kept == [","]:
                    one.context = "in"  # "Coche, Caracas": an address
                continue
        listed = set(kept) in _JOINED or kept == [","]
        if listed and two.context == "none" and not two.excluded and not two.country_only and one.context != "none":
            two.context, two.preposition = one.context, one.preposition
            two.level = two.level or (one.level if one.level == "town" else None)


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
    distance = any(t in ("km", "kms", "kilometres", "kilometers", "kilometer", "kilometre", "miles", "mile") for t in tokens)
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


def _contains(outer: Mention, inner: Mention, in_country: Find) -> bool:
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
    largest = max((p.population for p, _ in inner.candidates), default=0)
    return largest < 50_000 and outer.level is not None


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
    if one.point is None or two.point is None or abs(one.latitude - two.latitude) > km / 100:
        return False
    return bool(distance_km(*one.point, *two.point) <= km)


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
