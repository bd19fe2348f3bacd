"""Spellings of one name made alike: what is left of "Deir ez-Zor", "Dayr az Zawr" and "Deir Ezzor" is the same. Floor 2.

Two keys of a folded name, both only for matching: `plain` keeps the vowels in three classes and is nearly as good as the name itself;
`bare` keeps the consonants only and needs a country, and a look at how alike the names are, to be worth anything.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

# Articles and links of Arabic, Persian, Romance and Hebrew names; written apart, with a hyphen, run into the next sound, or left out.
_LINKS = frozenset(
    [
        "al",
        "el",
        "il",
        "ul",
        "ad",
        "ed",
        "ar",
        "er",
        "as",
        "es",
        "az",
        "ez",
        "an",
        "en",
        "at",
        "et",
        "ash",
        "esh",
        "ath",
        "adh",
        "dh",
        "e",
        "i",
        "ye",
        "of",
        "the",
        "la",
        "le",
        "les",
        "los",
        "las",
        "de",
        "del",
        "da",
        "do",
        "di",
        "du",
        "bin",
        "ibn",
    ]
)
_ASSIMILATED = re.compile(r"^(?:a|e)(?:l|d(?=d)|r(?=r)|s(?=s)|z(?=z)|n(?=n)|t(?=t)|sh(?=sh))(?=.{4})")
_SOUNDS = (
    ("tsch", "c"), ("sch", "s"), ("shch", "s"), ("tch", "c"), ("ch", "c"), ("sh", "s"), ("zh", "z"), ("dzh", "j"), ("dj", "j"), ("dh", "d"),
    ("th", "t"), ("kh", "k"), ("gh", "g"), ("ph", "f"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("w", "v"), ("tz", "ts"), ("uu", "u"), ("ou", "u"),
    ("oo", "u"), ("av", "u"), ("au", "u"), ("ee", "i"), ("ei", "i"), ("ey", "i"), ("ai", "i"), ("ay", "i"), ("ie", "i"), ("iy", "i"), ("yy", "i"),
    ("y", "i"), ("e", "i"), ("o", "u"),
)  # fmt: skip
_VOWELS = str.maketrans("", "", "aiuh")
_LATIN = re.compile(r"[a-z ]+")


@lru_cache(maxsize=200_000)
def plain(key: str) -> str:
    """The sound of a folded Latin name with its vowels in three classes; "" for other scripts and for names with digits."""
    if not _LATIN.fullmatch(key):
        return ""
    words = key.split()
    if len(words) > 1:
        kept = [word for word in words if word not in _LINKS]
        words = kept or words
    # the last letter of "Qarah Tappah" is heard in neither word
    words = [word[:-1] if len(word) > 3 and word[-1] == "h" and word[-2] in "aei" else word for word in words]
    joined = "".join(words)
    if len(words) == 1:
        shorter = _ASSIMILATED.sub("", joined)
        joined = shorter if len(shorter) > 3 else joined
    for written, sound in _SOUNDS:
        if written in joined:
            joined = joined.replace(written, sound)
    return _doubled(joined)


def _doubled(text: str) -> str:
    return "".join(letter for at, letter in enumerate(text) if at == 0 or letter != text[at - 1])


def bare(sound: str) -> str:
    """The consonants of a `plain` key, an initial vowel kept as "a"; the key itself where fewer than two are left."""
    rest = sound.translate(_VOWELS)
    if len(rest) < 2:
        return sound
    return "a" + rest if sound[0] in "aiu" else rest


def number(text: str) -> int:
    """A key as the index keeps it; a clash of two keys is caught by the comparison of names that follows."""
    return zlib.crc32(text.encode()) & 0x7FFFFFFF
