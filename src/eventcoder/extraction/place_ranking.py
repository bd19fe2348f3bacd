"""Which place a name means: every reading weighed, "not in the gazetteer" among them, and the weights turned into shares. Floor 5.

A reading weighs by its population and by whether the name is its main one; by the countries that the text speaks of, the project's scope and
the places of earlier events; by the division, country or town named with it; by the kind of place that a word says; by the other places of the
text. Places of one spot (a city, its district, its province of that name) share one reading.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from eventcoder.extraction.geography import Mention
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.place_links import near
from eventcoder.extraction.place_words import PlaceWords
from eventcoder.gazetteer.variants import plain
from eventcoder.names import fold

_POPULATION = 1.84  # natural weight of a factor of ten in inhabitants: a name is written nearly as often as it has inhabitants
_ALTERNATE, _ALTERNATE_LARGE = 3.2, 1.2
_RELIEF = 2.4  # where no place has it as its main name
_RESPELT = 1.0  # found by its sound in the right country
_NO_FIGURE = 800  # inhabitants of a place without a figure: mostly the seat of a district
_COUNTRY = 5.5  # of the country of which the text speaks alone
_HERE = 1.8  # of a country named right beside
_FIRM = 5_000  # inhabitants of a place abroad of exactly that name, which forbids to think of another spelling at home
_CITY, _PROVINCE = 200_000, 2.0  # "Buenos Aires" without a word for it is the city, not the province
_LONG = 0.8  # a name of two words or nine letters is hardly ever borne by chance
_SCOPE = 2.5
_OWN = 7.0  # the team's own places and those of earlier events
_OUTSIDE = 14.0
_UNKNOWN, _UNKNOWN_MAIN, _UNKNOWN_PARENT = 6.0, 1.7, 5.5
_ONE_SPOT = 60.0  # km
_WITHIN = {"admin1": 0.58, "region": 0.58, "admin2": 0.62, "place": 0.62}
_LEVELS: dict[str | None, dict[str, float]] = {
    None: {"admin1": -1.0, "admin2": -1.5, "region": 3.0},
    "town": {"place": 0.8, "admin1": -4.0, "admin2": -2.5, "region": -3.0},
    "admin1": {"admin1": 5.0, "place": -2.0, "region": 4.0},
    "region": {"admin1": 3.0, "admin2": 3.5, "place": -1.0, "region": 4.0},
    "admin2": {"admin2": 3.0, "admin1": -2.0, "region": 2.0},
}


class Ranker:
    """Ranks the mentions of one text. `votes` are the countries that the text speaks of, `main` the first of them."""

    def __init__(self, kit: Kit, words: PlaceWords, votes: Mapping[str, float], main: str | None, hint: str | None) -> None:
        self.kit = kit
        self.words = words
        self.main = main
        total = sum(votes.values())
        self.shares = {country: count / total for country, count in votes.items()} if total else {}
        self.sure = min(1.0, total / 2) if total else 0.0
        self.scope = frozenset(kit.settings.countries)
        self.hint = hint
        self.anchors: list[Any] = []
        self.here: dict[int, set[str]] = {}

    def rank(self, mention: Mention) -> None:
        """Order the candidates of a mention; its parents first, because they say where it may lie."""
        if mention.settled or mention.country_only:
            return
        mention.settled = True
        chain = self._chain(mention)
        for parent in chain:
            self.rank(parent)
        country = next((m.country for m in chain if m.country_only and m.country), None)
        holders = [m.candidates[0][0] for m in chain if not m.country_only and m.candidates and m.candidates[0][1] >= 0.3 and not m.within]
        if country is None and holders and chain[0].best is not None and holders[0].kind != "place":
            country = holders[0].country
        places = self._pool(mention, country, holders)
        main_names = any(p.official for p in places)
        weighed = [(p, self._weight(p, mention, country, holders) + (0.0 if main_names or p.official or not p.matched else _RELIEF)) for p in places]
        unknown = _UNKNOWN_PARENT if chain else _UNKNOWN + _UNKNOWN_MAIN * self.sure
        if mention.level in (None, "town"):
            cities = {p.country for p in places if p.kind == "place" and p.official and p.population > _CITY}
            weighed = [(p, w - _PROVINCE if p.kind == "admin1" and p.country in cities else w) for p, w in weighed]
        mention.candidates = _shares(weighed, unknown, town=mention.level in (None, "town"))
        if chain and (not mention.candidates or mention.candidates[0][1] < 0.3):
            self._hold(mention, chain)

    def again(self, mention: Mention) -> None:
        """Rank once more, now that other places of the text are settled."""
        mention.settled = False
        self.rank(mention)

    def _chain(self, mention: Mention) -> list[Mention]:
        chain: list[Mention] = []
        parent = mention.parent
        while parent is not None and parent not in chain and parent is not mention and len(chain) < 4:
            chain.append(parent)
            parent = parent.parent
        return chain

    def _pool(self, mention: Mention, country: str | None, holders: list[Any]) -> list[Any]:
        places = [p for p, _ in mention.candidates if p.kind != "country"] if not mention.within else []
        wanted = [country] if country else [c for c, share in self.shares.items() if share >= 0.2] or ([self.main] if self.main else [])
        if not country and holders:
            wanted = list(dict.fromkeys([h.country for h in holders]))
        if not wanted and not places:
            wanted = [*self.kit.settings.countries[:4]]
        gazetteer, name = self.kit.gazetteer, mention.name
        more = [p for one in wanted if one for p in in_country(self.kit, name, one)]
        fitting = [p for p in (*places, *more) if p.country in wanted]
        if holders and fitting and not any(_holds(h, p) for h in holders for p in fitting):
            fitting = []
        elsewhere = country is None and any(p.official and p.population >= _FIRM for p in places)
        if not fitting and len(name) > 3 and not elsewhere:
            more += [p for one in wanted if one for p in gazetteer.similar(name, country=one, limit=4)]
            if not more and not places and not wanted and mention.context != "none":
                more += gazetteer.similar(name, limit=3)
            if not more and mention.context != "none":
                more += [p for one in wanted if one for p in in_country(self.kit, name, one, strict=False)]
        seen = {p.gazetteer_id for p in places}
        for place in more:
            if place.gazetteer_id not in seen:
                seen.add(place.gazetteer_id)
                places.append(place)
        return places

    def _weight(self, place: Any, mention: Mention, country: str | None, holders: list[Any]) -> float:
        listed = place.gazetteer_id.startswith("region:")
        weight = 10.5 if listed else _POPULATION * math.log10((place.population or _NO_FIGURE) + 60)
        if not place.official and not place.matched:
            weight -= _RESPELT
        elif not place.official:
            likeness = self._likeness(mention.name, place.name)
            weight += (likeness - 0.9) * 3.0 if likeness > 0.75 else -_ALTERNATE_LARGE if place.population > 150_000 else -_ALTERNATE
        if " " in mention.name or len(mention.name) > 8:
            weight += _LONG
        if country is not None:
            weight += _COUNTRY if place.country == country else -_OUTSIDE
        else:
            weight += _COUNTRY * self.sure * self.shares.get(place.country, 0.0)
            if place.country in self.here.get(id(mention), ()):
                weight += _HERE
        if self.scope and place.country in self.scope:
            weight += _SCOPE
        if self.hint and place.country == self.hint:
            weight += _COUNTRY
        if place.origin != "gazetteer":
            weight += _OWN
        weight += _LEVELS.get(mention.level, {}).get(place.kind, 0.0)
        if (
            mention.level is None
            and mention.context == "none"
            and mention.start >= 0
            and place.kind == "admin1"
            and mention.name.lower() != place.name.lower()
        ):
            weight += 0.5
        used_in = self.words.level_countries.get(mention.level_word)
        if used_in is not None and place.country not in used_in:
            weight -= 4.0
        if mention.name.casefold() in self.words.of("modifier") and country is None and self.shares.get(place.country, 0.0) < 0.3:
            weight -= 8.0  # "West Zone" is the West Region of Cameroon in texts about Cameroon only
        # a village or quarter lies close to the town named with it; one far off only has the same name
        small = mention.level in ("town", "admin2") and mention.level_word not in ("town", "city", "")
        for holder in holders:
            if holder.gazetteer_id == place.gazetteer_id:
                continue
            if holder.kind == "place":
                weight += 5.0 if near(place, holder, 60) else (-3.0 if small else 3.0) if near(place, holder, 160) else (-8.0 if small else -4.0)
            else:
                weight += 6.0 if _holds(holder, place) else -8.0 if small else -5.0
        if self.anchors and not holders:
            close = any(a.country == place.country and a.gazetteer_id != place.gazetteer_id and near(a, place, 120) for a in self.anchors[:8])
            weight += 1.5 if close else 0.7 if any(a.country == place.country for a in self.anchors) else 0.0
        return weight

    def _likeness(self, name: str, main: str) -> float:
        """How alike an alternate name is to the main one: "Sloviansk" is Slovyansk rather than Nikopol, which once had that name too."""
        memory = self.kit.cache("likeness")
        key = (name, main)
        if key not in memory:
            from rapidfuzz.fuzz import ratio

            memory[key] = ratio(plain(fold(name)), plain(fold(main))) / 100
        return float(memory[key])

    def _hold(self, mention: Mention, chain: list[Mention]) -> None:
        """An unknown village lies where its district, town or province lies."""
        for parent in chain:
            best = parent.best if not parent.country_only else None
            if best is None and parent.country_only:
                continue
            if best is not None and best.kind != "country" and best.point is not None:
                mention.candidates = [(best, _WITHIN.get(best.kind, 0.58))]
                mention.within = True
                return


def _holds(holder: Any, place: Any) -> bool:
    if holder.country != place.country:
        return False
    if holder.kind == "admin1":
        return bool(place.admin1 == holder.admin1)
    if holder.kind == "admin2" and holder.admin2 and place.admin2:
        return bool(place.admin2 == holder.admin2) or near(place, holder, 40)
    return near(place, holder, 60 if holder.kind == "admin2" else 450 if holder.kind == "region" else 160)


def _shares(weighed: list[tuple[Any, float]], unknown: float, *, town: bool) -> list[tuple[Any, float]]:
    """Weights as shares of all readings; what lies at one spot with the best adds to it and stands behind it."""
    if not weighed:
        return []
    top = max(unknown, max(w for _, w in weighed))
    total = math.exp(unknown - top) + sum(math.exp(w - top) for _, w in weighed)
    shares = [(p, math.exp(w - top) / total) for p, w in weighed]
    shares.sort(key=lambda item: (-item[1], -item[0].population, item[0].gazetteer_id))
    if town and shares[0][0].kind in ("admin1", "admin2"):
        # a town and its district or province of one name are one choice: the town
        seat = next(
            (
                i
                for i, (p, _) in enumerate(shares)
                if p.kind == "place" and p.population * 12 >= shares[0][0].population and _same_name(p, shares[0][0]) and _one_spot(shares[0][0], p)
            ),
            0,
        )
        shares.insert(0, (shares[seat][0], max(shares[seat][1], shares[0][1]) if seat else shares[0][1]))
        del shares[seat + 1]
    best, share = shares[0]
    together = share
    rest: list[tuple[Any, float]] = []
    for place, own in shares[1:]:
        if _one_spot(best, place):
            together += own
            own = min(own, share * 0.9)
        rest.append((place, own))
    lead = round(min(0.99, together), 3)
    return [(best, lead)] + [(p, round(s, 3) if s < lead - 0.06 or not _one_spot(best, p) else round(max(0.0, lead - 0.06), 3)) for p, s in rest]


def _same_name(place: Any, division: Any) -> bool:
    """ "Menaka" and the region of that name; "Suruc" is not the seat of "Sanliurfa"."""
    same = place.matched.casefold() == division.matched.casefold()
    return bool(same or division.name.casefold().startswith(place.name.casefold()))


def _one_spot(one: Any, two: Any) -> bool:
    if one.country != two.country:
        return False
    return near(one, two, _ONE_SPOT) or bool(one.admin1 is not None and one.admin1 == two.admin1 and "admin1" in (one.kind, two.kind))


def in_country(kit: Kit, name: str, country: str, *, strict: bool = True) -> list[Any]:
    """Places of that name in a country, remembered."""
    memory = kit.cache("lookup-country" if strict else "lookup-country-loose")
    key = (name, country)
    found = memory.get(key)
    if found is None:
        if len(memory) > 60_000:
            memory.clear()
        found = memory[key] = kit.gazetteer.lookup(name, country=country, limit=6, strict=strict)
    return list(found)
