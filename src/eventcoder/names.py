"""Names folded for matching: one key for all the ways in which a place, an actor or an outlet is spelt. Floor 0: imports nothing of ours.

The folded form is only ever a key; what is stored and shown is the name as written.
"""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not decompose although readers take them for the plain letter ("Łódź", "Đà Nẵng", "Ağrı", "Tromsø").
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n", "ə": "e", "æ": "ae", "œ": "oe", "þ": "th", "ĸ": "k", "ſ": "s"}
)
# Apostrophes and letters that only mark a glottal stop vanish ("Sana'a" = "Sanaa"); all other punctuation parts words ("Deir-ez-Zor").
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼʻʿʾʽ′ˈꞌ\u200b\u200c\u200d\u2060\ufeff\u00ad\u0640"))
_ASCII_GAP = re.compile(r"[^a-z0-9]+")
_GAP = re.compile(r"[^\w]+|_+")
WORD = re.compile(r"\w+(?:['’‘ʼ]\w+)*")


def fold(name: str) -> str:
    """The key under which `name` is matched: case, accents, punctuation and spacing made alike. "" when nothing is left.

    >>> fold("Deir ez-Zor"), fold("Sana’a"), fold("São Paulo")
    ('deir ez zor', 'sanaa', 'sao paulo')
    """
    if name.isascii():
        return _ASCII_GAP.sub(" ", name.replace("'", "").replace("`", "").casefold()).strip()
    spread = unicodedata.normalize("NFKD", name.translate(_APOSTROPHES)).casefold().translate(_APOSTROPHES)
    bare = "".join(c for c in spread if not unicodedata.combining(c)).translate(_PLAIN)
    return unicodedata.normalize("NFC", " ".join(_GAP.sub(" ", bare).split()))
