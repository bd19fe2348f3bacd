"""Word lists of `schema/lexicon` compiled for matching over tokens.

A cue is words separated by spaces; a word may be
    v:abduct   every form of the verb (irregular ones come from irregular_verbs.csv; v:stab+ doubles its last letter)
    n:raid     singular and plural
    a/b/c      one of these words
    ...        a gap of at most four words, no full stop or semicolon inside
The longest match wins over those that it contains.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import NamedTuple

from eventcoder.errors import CodebookError
from eventcoder.extraction.tokens import Tokens

GAP = 4
_STOPS = frozenset(".;:!?")
_VOWELS = "aeiou"


class Hit(NamedTuple):
    """A cue found at tokens [start, end). `form` is the form of its verb (b base, s, d past, g -ing) or "n" for other words."""

    start: int
    end: int
    label: str
    weight: float
    form: str
    cue: str


_hit = tuple.__new__  # without the detour over keywords: hundreds are made in every article


@dataclass(frozen=True, slots=True)
class _Pattern:
    words: tuple[frozenset[str] | None, ...]
    label: str
    weight: float
    verb: int  # the word that is the verb, -1 if none is
    cue: str
    kinds: dict[str, str]  # form of the verb -> kind of form


def read_table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Rows of a lexicon file without comment lines (#). Raises CodebookError when it is absent or a column is missing."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    except OSError as error:
        raise CodebookError(
            f"{path} cannot be read: {error.strerror}.", "A project's schema/ needs the lexicon files; copy them from the package."
        ) from None
    missing = [c for c in columns if rows and c not in rows[0]]
    if missing or not rows:
        raise CodebookError(f"{path} lacks {'rows' if not rows else 'the columns ' + ', '.join(missing)}.", "Compare it with the packaged file.")
    return rows


class Inflector:
    """Forms of English verbs and nouns, regular by rule, irregular by table."""

    def __init__(self, irregular: Iterable[tuple[str, str, str]] = ()) -> None:
        self._irregular = {base: (past, participle) for base, past, participle in irregular}

    def verb(self, base: str) -> dict[str, str]:
        """form -> kind of every form of `base` ("stab+" doubles its last letter)."""
        double = base.endswith("+")
        base = base.rstrip("+")
        stem = base + base[-1] if double else base
        soft_y = base.endswith("y") and base[-2:-1] not in _VOWELS
        if base.endswith(("s", "x", "z", "ch", "sh")):
            third = base + "es"
        else:
            third = base[:-1] + "ies" if soft_y else base + "s"
        if base.endswith("e"):
            past, ing = base + "d", (base[:-2] + "ying" if base.endswith("ie") else base + "ing" if base.endswith("ee") else base[:-1] + "ing")
        else:
            past, ing = (base[:-1] + "ied" if soft_y else stem + "ed"), stem + "ing"
        forms = {base: "b", third: "s", ing: "g"}
        if base in self._irregular:
            for name in self._irregular[base]:
                for one in name.split("/"):
                    forms[one] = "d"
        else:
            forms[past] = "d"
        return forms

    def noun(self, base: str) -> tuple[str, ...]:
        """Singular and plural of `base`."""
        if base.endswith("man"):
            return (base, base[:-3] + "men")
        if base.endswith("y") and base[-2:-1] not in _VOWELS:
            return (base, base[:-1] + "ies")
        return (base, base + ("es" if base.endswith(("s", "x", "z", "ch", "sh")) else "s"))


class CueMatcher:
    """Finds all cues of a table in tokens. Compiled once; `find` is linear in the number of tokens."""

    def __init__(self, entries: Iterable[tuple[str, str, float]], inflector: Inflector) -> None:
        self._first: dict[str, list[_Pattern]] = {}
        self._index: dict[str, tuple[list[_Pattern], dict[str, list[_Pattern]]]] = {}
        for cue, label, weight in entries:
            self._add(cue.strip(), label, weight, inflector)
        for form, patterns in self._first.items():
            patterns.sort(key=lambda p: -len(p.words))
            self._index[form] = _by_second(patterns)
        self._joint: dict[str, int] = {}
        self._bit = 0
        share([self])

    def _add(self, cue: str, label: str, weight: float, inflector: Inflector) -> None:
        words: list[frozenset[str] | None] = []
        verb = -1
        kinds: dict[str, str] = {}
        for part in cue.split():
            if part == "...":
                words.append(None)
            elif part.startswith("v:"):
                forms: dict[str, str] = {}
                for base in part[2:].split("/"):
                    forms.update(inflector.verb(base))
                if verb < 0:
                    verb = len(words)
                    kinds = forms
                words.append(frozenset(forms))
            elif part.startswith("n:"):
                words.append(frozenset(f for base in part[2:].split("/") for f in inflector.noun(base)))
            else:
                words.append(frozenset(part.lower().split("/")))
        if not words or words[0] is None or words[-1] is None:
            raise CodebookError(f"The cue {cue!r} must begin and end with a word.", "Mend it in schema/lexicon.")
        pattern = _Pattern(tuple(words), label, weight, verb, cue, kinds)
        for form in words[0]:
            self._first.setdefault(form, []).append(pattern)

    def find(self, tokens: Tokens, start: int = 0, end: int | None = None) -> list[Hit]:
        """Cues in tokens [start, end), in order; a match inside a longer one is left out, equal spans with other labels stay."""
        stop = len(tokens) if end is None else end
        forms = tokens.forms
        found: list[Hit] = []
        index = self._index
        size = len(forms)
        if start == 0 and stop == size:
            places = self._places(tokens)
        else:
            places = list(compress(range(start, stop), map(index.__contains__, forms[start:stop])))
        for i in places:
            free, by_second = index[forms[i]]
            for pattern in by_second.get(forms[i + 1], free) if by_second and i + 1 < stop else free:
                if len(pattern.words) == 1:
                    kind = pattern.kinds[forms[i]] if pattern.verb >= 0 else "n"
                    found.append(_hit(Hit, (i, i + 1, pattern.label, pattern.weight, kind, pattern.cue)))
                    continue
                at = _match(pattern.words, forms, i, stop)
                if at is not None:
                    kind = pattern.kinds[forms[at[pattern.verb]]] if pattern.verb >= 0 else "n"
                    found.append(_hit(Hit, (i, at[-1] + 1, pattern.label, pattern.weight, kind, pattern.cue)))
        if len(found) < 2:
            return found
        found.sort(key=_place)
        kept: list[Hit] = []
        reach = 0  # the farthest end so far: what begins behind it stands in no other
        for hit in found:
            inside = False
            for other in reversed(kept) if hit.start < reach else ():
                if other.start <= hit.start and other.end >= hit.end:
                    same = other.start == hit.start and other.end == hit.end
                    if not same or other.label == hit.label:
                        inside = True
                        break
                if hit.start - other.start > 12:
                    break
            if not inside:
                kept.append(hit)
                reach = max(reach, hit.end)
        return kept

    def _places(self, tokens: Tokens) -> list[int]:
        """Tokens at which a cue can begin; with matchers that share their first words one look serves all of them."""
        joint, bit = self._joint, self._bit
        if tokens.seen is None or tokens.seen[0] is not joint:
            forms = tokens.forms
            tokens.seen = joint, [(i, joint[forms[i]]) for i in compress(range(len(forms)), map(joint.__contains__, forms))]
        return [i for i, bits in tokens.seen[1] if bits & bit]


def share(matchers: Sequence[CueMatcher]) -> None:
    """Let matchers that go over the same texts look at each word once for all of them."""
    joint: dict[str, int] = {}
    for number, matcher in enumerate(matchers):
        matcher._joint, matcher._bit = joint, 1 << number
        for form in matcher._index:
            joint[form] = joint.get(form, 0) | 1 << number


def _place(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


def _by_second(patterns: list[_Pattern]) -> tuple[list[_Pattern], dict[str, list[_Pattern]]]:
    """Patterns of one first word by the word that follows: those that any word may follow, and for each word all that it allows. Order is kept."""
    free = [p for p in patterns if len(p.words) == 1 or p.words[1] is None]
    seconds = {w for p in patterns if len(p.words) > 1 and p.words[1] is not None for w in p.words[1]}
    return free, {w: [p for p in patterns if len(p.words) == 1 or p.words[1] is None or w in p.words[1]] for w in seconds}


def _match(words: tuple[frozenset[str] | None, ...], forms: list[str], start: int, stop: int) -> list[int] | None:
    at = [start]
    i = start + 1
    k = 1
    while k < len(words):
        want = words[k]
        if want is None:
            target = words[k + 1]
            assert target is not None
            for skip in range(GAP + 1):
                j = i + skip
                if j >= stop or (forms[j] in _STOPS and forms[j] not in target):
                    return None
                if forms[j] in target:
                    at.extend((i, j))
                    i = j + 1
                    break
            else:
                return None
            k += 2
            continue
        if i >= stop or forms[i] not in want:
            return None
        at.append(i)
        i += 1
        k += 1
    return at
