"""The place of a statement: the model points at the name, our gazetteer says which place it is. Floor 5.

A name that the gazetteer does not know under the words of the text is offered to the coder as the model reads it, never filled in. In scripts and
cases that our rules do not read, the quoted words must themselves lead to the place (alternate names of the gazetteer, endings and joined
particles left off); the model's English name only chooses among what they lead to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from eventcoder.event import Span
from eventcoder.extraction.geography import Geography, Mention, as_candidate
from eventcoder.extraction.kit import Kit
from eventcoder.names import fold

_WORD = re.compile(r"[^\s,;:.!?()\[\]\"“”«»،؛؟]+")
_LONGEST = 4  # words of a name
_ENDING = 5  # letters that inflection may add or change
_STEM = 3  # letters that must be left; a script of syllables needs fewer
_OFFERED = 40  # names that begin like a stem
_JOINED = ("ال", "وال", "بال", "لل", "و", "ب", "ل", "ف", "ك", "ב", "ל", "מ", "ה", "ו")  # Arabic and Hebrew particles, written with the word
_CLEAR = 10  # times as many people as the next bearer of the name
_LATIN = re.compile(r"[A-Za-z]")


def place_of(
    geography: Geography, kit: Kit, span: Span, names: Iterable[str], country: str | None, admin1: str | None, *, likely: str | None, foreign: bool
) -> tuple[Mention | None, list[Any]]:
    """(the settled mention, candidates) for the quoted words.

    `names` is what the model calls the place in English; `country` and `admin1` are told by the text and bind, `likely` is the country that the
    text is mostly about and only comes first. `foreign`: the document is not in English, its words may be inflected.
    """
    wanted_names = [n for n in names if n]
    touching = (m for m in geography.mentions if m.start < span.end and span.start < m.end)
    inside = [m for m in touching if not m.country_only and m.excluded in (None, "sentence-start")]
    for mention in sorted(inside, key=lambda m: (-(m.end - m.start), m.start)):
        best = mention.best if mention.excluded is None else None
        if best is not None and best.kind != "country" and country in (None, best.country) and _not_another(mention, span, wanted_names):
            return _trimmed(mention, span, best, kit), []
    context = inside[0].context if inside else "none"
    quoted: list[Any] = []
    wanted: list[Any] = []
    for where in dict.fromkeys((country or likely, country)):
        quoted, wanted = _looked_up(kit, _names_in(span.quote), where), _looked_up(kit, wanted_names, where)
        if quoted:
            break
    both = [p for p in quoted if any(p.gazetteer_id == w.gazetteer_id for w in wanted)] or (_led_to(kit, span.quote, wanted) if foreign else [])
    fitting = [p for p in (both or ([] if wanted else quoted)) if admin1 is None or p.admin1 == admin1]
    chosen = _only(fitting)
    if chosen is None:
        return None, [as_candidate(p, 0.3) for p in _unique([*fitting, *wanted, *quoted])[:5]]
    name = span.quote if _LATIN.search(span.quote) and fold(span.quote) == fold(chosen.matched or chosen.name) else chosen.name
    return Mention(span.start, span.end, name, context, candidates=[(chosen, 1.0)]), []


def _not_another(mention: Mention, span: Span, names: list[str]) -> bool:
    """Where the quote holds several names, the one that the model means; a single name is the one."""
    if not names or fold(mention.name) == fold(span.quote):
        return True
    known = fold(f"{mention.name} {mention.best.name if mention.best is not None else ''}").split()
    return any(set(fold(name).split()) & set(known) for name in names)


def _trimmed(mention: Mention, span: Span, best: Any, kit: Kit) -> Mention:
    """The mention cut down to the quote where that alone names the same place ("At Montero" is Montero)."""
    if not mention.start <= span.start < span.end <= mention.end or (span.start, span.end) == (mention.start, mention.end):
        return mention
    found = kit.gazetteer.lookup(span.quote, country=best.country, limit=8, strict=False)
    same = any(p.gazetteer_id == best.gazetteer_id for p in found)
    return replace(mention, start=span.start, end=span.end, name=span.quote) if same else mention


def country_of(kit: Kit, span: Span, value: object) -> str | None:
    """The country that the quoted words name; the model's English name for it where they are in another script."""
    for piece in (span.quote, *_names_in(span.quote)):
        if found := kit.gazetteer.country(piece):
            return str(found)
    places = {p.country for p in _looked_up(kit, _names_in(span.quote), None) if p.kind == "country"}
    if len(places) == 1:
        return str(places.pop())
    # a country has one name in every language: the only thing taken from the model where the words are in letters that we do not read
    return kit.gazetteer.country(str(value)) if isinstance(value, str) and not _LATIN.search(span.quote) else None


def division_of(kit: Kit, span: Span, value: object, country: str | None) -> str | None:
    """The first-level division that the quoted words name."""
    names = [*_names_in(span.quote), *([value] if isinstance(value, str) else [])]
    found = {p.admin1 for p in _looked_up(kit, names, country) if p.kind == "admin1" and p.admin1}
    return found.pop() if len(found) == 1 else None


def _names_in(quote: str) -> list[str]:
    """Names that the quote may hold, longest first.

    Where the script has capitals a name is never cut inside ("Novi Pazar" is not Novi); elsewhere pieces are tried, also without endings and
    joined particles: the caller keeps those that the English name leads to as well.
    """
    if _LATIN.search(quote):
        out = [quote]
        for piece in re.split(r"[,;:()\[\]/]|\s[-–—]\s", quote):
            words = _WORD.findall(piece)
            capitals = [i for i, word in enumerate(words) if word[:1].isupper()]
            if capitals:
                out.append(" ".join(words[capitals[0] : capitals[-1] + 1]))
        return list(dict.fromkeys(out))
    words = _WORD.findall(quote)
    out = [" ".join(words[a : a + n]) for n in range(min(_LONGEST, len(words)), 0, -1) for a in range(len(words) - n + 1)]
    for start, word in enumerate(words):
        rest = " ".join(words[start + 1 : start + _LONGEST])
        for bare in (word[len(p) :] for p in _JOINED if word.startswith(p) and len(word) - len(p) >= 2):
            out += [f"{bare} {rest}".strip(), bare]
    return list(dict.fromkeys(out))


def _led_to(kit: Kit, quote: str, wanted: list[Any]) -> list[Any]:
    """Those of the `wanted` places of which a name, in whatever script, begins like a word of the quote ("в Махачкале", "부산에서")."""
    out: list[Any] = []
    for place in wanted:
        for word in _WORD.findall(quote.replace("'", " ").replace("’", " ")):
            for cut in range(min(_ENDING, len(word)) + 1):
                stem = word[: len(word) - cut]
                if len(stem) < (2 if stem > "\u0900" else _STEM) or (_LATIN.search(stem) and (len(stem) < 4 or not stem[0].isupper())):
                    break
                found = kit.gazetteer.complete(stem, country=place.country, limit=_OFFERED)
                if any(p.gazetteer_id == place.gazetteer_id for p in found):
                    out.append(place)
                    break
    return _unique(out)


def _looked_up(kit: Kit, names: Iterable[str], country: str | None) -> list[Any]:
    out: list[Any] = []
    for name in names:
        if name[:1].islower():
            continue  # "on the road": a place's name begins with a capital where the script has them
        out += kit.gazetteer.lookup(name, country=country, limit=8, strict=False)
    return _unique(out)


def _unique(places: Iterable[Any]) -> list[Any]:
    return list({p.gazetteer_id: p for p in places}.values())


def _only(places: list[Any]) -> Any | None:
    """The one place that is meant: the only one, or by far the largest town of the name."""
    towns: list[Any] = []
    for kinds in (("place",), ("admin2",), ("admin1", "region")):
        towns = towns or [p for p in places if p.kind in kinds]
    if len(towns) == 1:
        return towns[0]
    ranked = sorted(towns, key=lambda p: -p.population)
    return ranked[0] if ranked and ranked[0].population > _CLEAR * max(1, ranked[1].population) else None
