"""Places as a text names them: one mention with its context and candidates, all mentions of a text with the country that it speaks of. Floor 5."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SETTLED = 0.55  # share of the best reading below which the coder chooses
_LEAD = 0.05


@dataclass(slots=True)
class Mention:
    """A name at [start, end) that may be a place, with what its context says and the gazetteer's candidates, best first.

    A candidate's score is its share among all readings of the name, "not in the gazetteer" being one of them. `within` says that the name itself
    is unknown and the candidates are the division or town that holds it.
    """

    start: int
    end: int
    name: str
    context: str  # in | near | admin | sub | town | none
    country_only: bool = False
    country: str | None = None
    demonym: bool = False
    dateline: bool = False
    excluded: str | None = None
    candidates: list[tuple[Any, float]] = field(default_factory=list)
    parent: Mention | None = None
    preposition: str = ""
    level: str | None = None  # admin1 | region | admin2 | town, where a word says so
    level_word: str = ""
    within: bool = False
    apart: bool = False  # lies at a distance from its parent ("300 km north of Juba")
    part: bool = False  # "northern Borno"
    stop: int = 0  # where the name ends with the word for its kind ("Kano State")
    settled: bool = False  # candidates are final
    shown: str = ""  # the place's name where the text has none ("the Libyan capital")
    divisions: list[Any] = field(default_factory=list)  # of a country's name: divisions of that name ("Georgia")

    @property
    def preposition_is_place(self) -> bool:
        """Does the context say that something is there ("in Iran", "across Iran")?"""
        return self.preposition in ("in", "at", "inside", "within", "across", "throughout", "into") or self.context in (
            "near",
            "admin",
            "town",
            "sub",
        )

    @property
    def best(self) -> Any | None:
        """The settled place, or None when no reading is likely enough, or the best two are too close to choose."""
        held = self.candidates
        if not held or self.excluded:
            return None
        place, share = held[0]
        return None if share < SETTLED or (len(held) > 1 and share - held[1][1] < _LEAD) else place

    @property
    def score(self) -> float:
        return self.candidates[0][1] if self.candidates else 0.0

    @property
    def geo_precision(self) -> int:
        """1 a named place, 2 near one, in a district, or in a part of a region, 3 a larger region."""
        best = self.candidates[0][0] if self.candidates else None
        if best is not None and best.kind in ("admin1", "region"):
            return 2 if self.part and best.kind == "admin1" else 3
        if self.within or (best is not None and best.kind == "admin2"):
            return 2
        return 2 if self.context in ("near", "sub") else 1


@dataclass(slots=True)
class Geography:
    """All mentions of a text and the country that it is mostly about (None when nothing or several speak equally)."""

    mentions: list[Mention]
    country: str | None
    countries: Counter[str]

    @property
    def sole_country(self) -> Mention | None:
        """A mention that shows the country, when every country and settled place of the text speaks of the same one."""
        shown = [
            m
            for m in self.mentions
            if not m.excluded and not m.dateline and ((m.country_only and m.country) or (m.best is not None and m.context != "none"))
        ]
        names = {m.country if m.country_only else m.best.country if m.best is not None else None for m in shown}
        return shown[0] if len(names) == 1 else None

    def between(self, start: int, end: int) -> list[Mention]:
        return [m for m in self.mentions if start <= m.start and m.end <= end]


def place_fields(mention: Mention) -> dict[str, Any]:
    """The columns that a settled place gives."""
    place = mention.best
    if place is None:
        return {}
    out: dict[str, Any] = {"country": place.country}
    if place.kind == "country":
        return out
    if place.admin1:
        out["admin1"] = place.admin1
    if place.admin2:
        out["admin2"] = place.admin2
    # The name as the text has it, so that the evidence bears it out; the identifier says which place is meant.
    out["location"] = mention.shown or (mention.name.title() if mention.name.isupper() and len(mention.name) > 3 else mention.name)
    if place.latitude is not None:
        out["latitude"], out["longitude"] = round(place.latitude, 4), round(place.longitude, 4)
        out["geo_precision"] = mention.geo_precision
        out["gazetteer_id"] = place.gazetteer_id
        out["gazetteer_version"] = place.version
    return out


def as_candidate(place: Any, score: float) -> dict[str, Any]:
    """A candidate as drafts keep it."""
    return {
        "name": place.name, "country": place.country, "admin1": place.admin1, "latitude": place.latitude, "longitude": place.longitude,
        "gazetteer_id": place.gazetteer_id, "score": score,
    }  # fmt: skip
