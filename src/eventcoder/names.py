"""Names: one folded key for all the ways in which a place, an actor or an outlet is spelt, and which name was borne when. Floor 0.

Imports nothing of ours. The folded form is only ever a key; what is stored and shown is the name as written.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Period:
    """A name and the days, inclusive, on which it was borne; None is open."""

    name: str
    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def periods_of(value: Any) -> tuple[Period, ...]:
    """The names of a body's `named`: [{"name", "since", "until"}], the earliest first."""
    if not isinstance(value, list | tuple):
        return ()
    return tuple(Period(str(row["name"]), edge(row.get("since"), last=False), edge(row.get("until"), last=True)) for row in value)


def period_rows(periods: tuple[Period, ...]) -> list[dict[str, str | None]]:
    """The inverse of `periods_of`."""
    return [{"name": p.name, "since": day_text(p.since), "until": day_text(p.until)} for p in periods]


def name_on(present: str, named: tuple[Period, ...], day: date | None) -> str:
    """The name of a day among names with their days; `present` where there are none, or no day is asked for."""
    if day is None or not named:
        return present
    found = next((period.name for period in named if period.holds(day)), None)
    if found is None and named[0].since is not None and day < named[0].since:
        return named[0].name
    return found or present


def day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def edge(value: Any, *, last: bool) -> date | None:
    """The first or last day that a year or a day names; None for nothing."""
    text = str(value or "")
    if not text:
        return None
    return date.fromisoformat(f"{text}-12-31" if last else f"{text}-01-01") if len(text) == 4 else date.fromisoformat(text)
