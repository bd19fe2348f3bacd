"""Names of administrative divisions without the word for their kind: "Khuzestan Province" is also found as "Khuzestan". Floor 2.

The words are those that GeoNames uses in names of divisions; they shape the index, so they stand here and not among the word lists of a project.
"""

from __future__ import annotations

from functools import lru_cache

DESIGNATORS = frozenset(
    {
        *("province", "state", "governorate", "region", "oblast", "department", "district", "county", "prefecture", "territory", "krai"),
        *("republic", "wilayat", "wilaya", "wilayah", "emirate", "canton", "division", "voivodeship", "parish", "municipality", "autonomous"),
        *("capital", "city", "federal", "departamento", "departement", "provincia", "estado", "muhafazat"),
    }
)
DISTRICT_WORDS = frozenset(
    {
        *("district", "county", "raion", "rayon", "municipality", "municipio", "cercle", "department", "departement", "zone", "woreda", "lga"),
        *("shahrestan", "tehsil", "taluka", "upazila", "zila", "regency", "kabupaten", "kota", "prefecture", "province", "governorate", "commune"),
        *("township", "territory", "subdistrict", "parish", "borough", "canton", "sub", "division", "distrito", "provincia", "okrug", "qarku"),
        *("wilaya", "amphoe", "gorod", "city", "urban", "rural", "ville", "daira", "autonomous", "banner", "powiat"),
    }
)
_JOINTS = ("of", "de", "du", "da", "do", "al", "e", "la")


@lru_cache(maxsize=65_536)
def short_division(key: str) -> str:
    """A folded name without the words for its kind: "khuzestan province" -> "khuzestan"; unchanged when nothing else would remain."""
    return _without(key, DESIGNATORS)


@lru_cache(maxsize=65_536)
def short_district(key: str) -> str:
    """The same for a second-level division: "bakhmut raion" -> "bakhmut", "cercle de menaka" -> "menaka"."""
    return _without(key, DISTRICT_WORDS)


def _without(key: str, kinds: frozenset[str]) -> str:
    given = key.split()
    words = [word for word in given if word not in kinds]
    while words and words[0] in _JOINTS and len(words) < len(given):
        words = words[1:]
    return " ".join(words) or key
