"""The word lists of places, compiled once: `schema/lexicon/place_words.csv`, `place_cues.csv`, `place_abbreviations.csv`.

Roles of `place_words.csv`: level (a kind of division or settlement, value admin1, region, admin2 or town), in/to/near (prepositions), near_noun,
part_noun and event_noun (before "of"), verb (with the place as object), modifier (between preposition and name), title, organisation, site,
org_before, feature, metonym_*, road, street, not_name. Floor 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from eventcoder.countries import read_register, split_names


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """The lists by role; `levels` also says which countries use a word, `cues` which country a group or body belongs to."""

    roles: dict[str, frozenset[str]]
    levels: dict[str, str]
    level_countries: dict[str, tuple[str, ...]]
    cues: dict[str, str]
    abbreviations: dict[str, tuple[str, ...]]
    organisations_lower: frozenset[str] = field(default_factory=frozenset)
    leads: frozenset[str] = field(default_factory=frozenset)  # words that may stand right before a name and say something of it
    follows: frozenset[str] = field(default_factory=frozenset)  # the same right behind it

    def of(self, role: str) -> frozenset[str]:
        return self.roles.get(role, frozenset())

    def level(self, word: str) -> str | None:
        return self.levels.get(word) or self.levels.get(word.casefold())


@lru_cache(maxsize=8)
def place_words(schema_dir: Path | None) -> PlaceWords:
    """Read and compile the lists of a schema folder; a list that it lacks is the packaged one."""
    roles: dict[str, set[str]] = {}
    levels: dict[str, str] = {}
    where: dict[str, tuple[str, ...]] = {}
    for row in read_register(schema_dir, "place_words.csv", "lexicon"):
        word, role = row["words"], row["role"]
        if role == "level":
            levels.setdefault(word.casefold(), row["value"])
            if countries := split_names(row["countries"]):
                where[word.casefold()] = tuple(countries)
        else:
            roles.setdefault(f"{role}:{row['value']}" if role == "in" else role, set()).add(word)
    abbreviations: dict[str, list[str]] = {}
    for row in read_register(schema_dir, "place_abbreviations.csv", "lexicon"):
        abbreviations.setdefault(row["abbreviation"], []).append(f"admin1:{row['iso2']}.{row['code']}")
    leading = {"of", "and", "or", "&", "from", "off", *(word.split()[-1] for word in levels)}
    for role in ("in:in", "in:to", "near", "verb", "modifier"):
        leading.update(word.split()[-1].casefold() for word in roles.get(role, ()))
    following = {"also", "again", "later", "then", *(word.split()[0] for word in levels)}
    for role in ("organisation", "site", "metonym_after"):
        following.update(word.split()[0].casefold() for word in roles.get(role, ()))
    return PlaceWords(
        roles={role: frozenset(words) for role, words in roles.items()},
        levels=levels,
        level_countries=where,
        cues={row["cue"]: row["country"] for row in read_register(schema_dir, "place_cues.csv", "lexicon")},
        abbreviations={word: tuple(ids) for word, ids in abbreviations.items()},
        organisations_lower=frozenset(word.casefold() for word in roles.get("organisation", ())),
        leads=frozenset(leading),
        follows=frozenset(following),
    )
