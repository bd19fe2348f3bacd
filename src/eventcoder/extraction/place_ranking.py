"""Which place a name means: every reading weighed, "not in the gazetteer" among them, and the weights turned into shares. Floor 5.

A reading weighs by its population and by whether the name is its main one; by the countries that the text speaks of, the project's scope and
the places of earlier events; by the division, country or town named with it; by the kind of place that a word says; by the other places of the
text. Places of one spot (a city, its district, its province of that name) share one reading.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from eventcoder.extraction.geography import SETTLED, Mention
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.place_links import near
from eventcoder.extraction.place_words import PlaceWords
from eventcoder.gazetteer.variants import plain
from eventcoder.names import fold

_POPULATION = 1.84  # natural weight of a factor of ten in inhabitants: a name is written nearly as often as it has inhabitants
_ALTERNATE, _ALTERNATE_LARGE = 3.2, 1.2
_LISTED_TOWN = 7.2  # of a village that is listed because the data lack it
_RELIEF = 2.4  # where no place has it as its main name
_RESPELT = 1.0  # found by its sound in the right country
_NO_FIGURE = 800  # inhabitants of a place without a figure: mostly the seat of a district
_COUNTRY = 5.5  # of the country of which the text speaks alone
_HERE = 1.8  # of a country named right beside
_FIRM = 5_000  # inhabitants of a place abroad of exactly that name, which forbids to think of another spelling at home
_CITY, _PROVINCE = 200_000, 2.0  # "Buenos Aires" without a word for it is the city, not the province
_LONG = 0.8  # a name of two words or nine letters is hardly ever borne by chance
_SCOPE = 2.5
_KINDS = ("district", "township", "county", "territory", "division", "cercle", "zone", "department")  # "(Momo, North-West)" is Momo division
_OWN = 7.0  # the team's own places and those of earlier events
_OUTSIDE = 14.0
_LARGE = 100_000  # inhabitants of a town that is hardly named as a part of another place
_WIDE = 260.0  # km from a district's seat to its farthest village
_LEADS_AWAY = frozenset({"from", "to", "towards", "toward", "of", "against", "between"})
_ABROAD, _ABROAD_LARGE = 8.0, 3.0  # in another country than the caller says, of which the text does not speak
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


class _Said(NamedTuple):
    """What is the same for all readings of a mention."""

    long: float
    levels: Mapping[str, float]
    used_in: tuple[str, ...] | None  # countries that have the kind of place which a word says
    plain: str | None  # the name, where nothing around it says what it is
    modifier: bool
    small: bool
    here: Collection[str]  # countries named right beside


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
        self.spoken: set[str] = set()

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
        if chain and not mention.apart:
            places = self._inside(mention, chain, places)
        main_names = any(p.official for p in places)
        said = self._said(mention, country)
        weighed = [
            (p, self._weight(p, mention, said, country, holders) + (0.0 if main_names or p.official or not p.matched else _RELIEF)) for p in places
        ]
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
        if self.hint and self.hint not in wanted and not country and not holders:
            wanted = [*wanted, self.hint]
        if not wanted and not places:
            wanted = [*self.kit.settings.countries[:4]]
        gazetteer, name = self.kit.gazetteer, mention.name
        more = [p for one in wanted if one for p in in_country(self.kit, name, one)]
        fitting = [p for p in (*places, *more) if p.country in wanted]
        if holders and fitting and not any(_holds(h, p) for h in holders for p in fitting):
            fitting = []
        if not fitting and mention.parent is not None and not mention.parent.country_only:
            more += [p for one in wanted if one for kind in _KINDS for p in in_country(self.kit, f"{name} {kind}", one) if p.kind != "admin1"]
            fitting = [p for p in more if p.country in wanted and any(_holds(h, p) for h in holders)]
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

    def _said(self, mention: Mention, country: str | None) -> _Said:
        name = mention.name
        small = mention.level in ("town", "admin2") and mention.level_word not in ("town", "city", "")
        plain = mention.level is None and mention.context == "none" and mention.start >= 0
        return _Said(
            _LONG if " " in name or len(name) > 8 else 0.0,
            _LEVELS.get(mention.level, {}),
            self.words.level_countries.get(mention.level_word),
            name.lower() if plain else None,
            country is None and name.casefold() in self.words.of("modifier"),
            small,
            self.here.get(id(mention), frozenset()),
        )

    def _inside(self, mention: Mention, chain: list[Mention], places: list[Any]) -> list[Any]:
        """Places of a name that lie where its parent lies; none when all are elsewhere: then it is an unknown place of the parent."""
        parent = next((m for m in chain if not m.country_only), None)
        if parent is None or not parent.candidates or parent.candidates[0][1] < SETTLED or mention.level == "admin1":
            return places
        first = parent.candidates[0][0]
        holders = [first, *(p for p, _ in parent.candidates[1:4] if p.country == first.country and p.kind == "admin1" and _one_spot(p, first))]
        part = mention.level_word in self.words.of("quarter") and first.kind == "place"
        fitting = [
            p
            for p in places
            if any(
                p.gazetteer_id == h.gazetteer_id or p.kind == "admin1" or (near(p, h, _ONE_SPOT) if part and h.kind == "place" else _holds(h, p))
                for h in holders
            )
        ]
        if fitting or part:
            return fitting
        if mention.preposition in _LEADS_AWAY:
            return places  # "refugees from Homs in Beirut"
        outer = {p.gazetteer_id: p for m in chain[1:] if not m.country_only and not m.within for p, _ in m.candidates[:3] if p.kind == "admin1"}
        if wide := [p for p in places if any(_holds(h, p) for h in outer.values()) and near(p, first, _WIDE)]:
            return wide  # a district of the desert is wider than most
        return [p for p in places if p.country == first.country and p.population >= _LARGE and not parent.level]

    def _weight(self, place: Any, mention: Mention, said: _Said, country: str | None, holders: list[Any]) -> float:
        listed = place.gazetteer_id.startswith("region:")
        weight = (_LISTED_TOWN if place.kind == "place" else 10.5) if listed else _POPULATION * math.log10((place.population or _NO_FIGURE) + 60)
        if not place.official and not place.matched:
            weight -= _RESPELT
        elif not place.official:
            likeness = self._likeness(mention.name, place.name)
            weight += (likeness - 0.9) * 3.0 if likeness > 0.75 else -_ALTERNATE_LARGE if place.population > 150_000 else -_ALTERNATE
        weight += said.long
        home = place.country
        if country is not None:
            weight += _COUNTRY if home == country else -_OUTSIDE
        else:
            weight += _COUNTRY * self.sure * self.shares.get(home, 0.0)
            if home in said.here:
                weight += _HERE
        if self.scope and home in self.scope:
            weight += _SCOPE
        if self.hint and home == self.hint:
            weight += _COUNTRY
        elif self.hint and home not in self.spoken:
            weight -= _ABROAD_LARGE if place.official and place.population >= _LARGE else _ABROAD
        if place.origin != "gazetteer":
            weight += _OWN
        weight += said.levels.get(place.kind, 0.0)
        if said.plain is not None and place.kind == "admin1" and said.plain != place.name.lower():
            weight += 0.5
        if said.used_in is not None and home not in said.used_in:
            weight -= 4.0
        if said.modifier and self.shares.get(home, 0.0) < 0.3:
            weight -= 8.0  # "West Zone" is the West Region of Cameroon in texts about Cameroon only
        # a village or quarter lies close to the town named with it; one far off only has the same name
        small = said.small
        for holder in holders:
            if holder.gazetteer_id == place.gazetteer_id:
                continue
            if holder.kind == "place":
                if said.small and place.admin1 is not None and place.admin1 == holder.admin1:
                    weight += 1.5  # a quarter or ward lies in the division of its city
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
