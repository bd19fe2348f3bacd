"""Armed groups that nobody registered, seen by the words of their names: "Free Sons of Kirkuk Brigade", "the Rastan gang". Floor 2.

The words are data: schema/lexicon/group_words.csv (word, use, inter, form). use: name = the last word of a proper name,
tail = a common word right after a proper name, lead = a word before the name, armed and folk = what follows a people's name, state = a word
that makes it something else.
Names that are only misspelt are recognised by spelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from eventcoder.actors.matcher import Phrases, Word
from eventcoder.names import fold

if TYPE_CHECKING:
    from eventcoder.actors.finding import ActorMatch
    from eventcoder.actors.registry import ActorRegistry

_JOINERS = frozenset({"a", "an", "of", "the", "for", "and", "de", "del", "la", "al", "el", "bin", "ibn", "in", "-"})
_INNER = _JOINERS - {"and"}
_LIKE = 88  # of 100: how alike two spellings must be to be one name
_MAX_WORDS = 8


class Unknown:
    """Finds such names; knows nothing of single groups."""

    def __init__(self, registry: ActorRegistry, rows: Sequence[Mapping[str, str]]) -> None:
        self._registry = registry
        self._ends: Phrases[Mapping[str, str]] = Phrases()
        self._after: Phrases[str] = Phrases()
        self._state: set[str] = set()
        self._leads: set[str] = set()
        for row in rows:
            if row["use"] in ("name", "tail"):
                self._ends.add(row["word"], row)
            elif row["use"] in ("armed", "folk"):
                self._after.add(row["word"], row["use"])
            elif row["use"] == "state":
                self._state.add(fold(row["word"]))
            elif row["use"] == "lead":
                self._leads.add(fold(row["word"]))
        self._first = frozenset(self._ends.first)
        self._alike: dict[str, str | None] = {}

    def use_after(self, words: list[Word], at: int) -> tuple[str | None, int]:
        """What follows a people's name: "armed", "folk" or None, and how many words that is."""
        if at >= len(words):
            return None, 0
        length, uses = self._after.longest(words, at)
        return (uses[0], length) if length else (None, 0)

    def add(self, text: str, words: list[Word], matches: list[ActorMatch], country: str | None) -> list[ActorMatch]:
        """`matches` with the unknown groups among them, in order."""
        found: list[ActorMatch] = []
        last = 0
        for at, word in enumerate(words):
            if at < last or word.key not in self._first:
                continue
            length, rows = self._ends.longest(words, at)
            if not length:
                continue
            row = rows[0]
            for start in self._names(text, words, at, length, row):
                match = self._match(text, words, start, at, length, row, matches, country)
                if match is not None:
                    found.append(match)
                    last = at + length
        if not found:
            return matches
        kept = [m for m in matches if not any(f.start < m.end and m.start < f.end for f in found)]
        return sorted([*kept, *found], key=lambda m: m.start)

    def _names(self, text: str, words: list[Word], at: int, length: int, row: Mapping[str, str]) -> list[tuple[int, int]]:
        """Word ranges [start, end) of the proper names that end with word `at`: one, or two that share it ("the Rin and Sol clans")."""
        start = at
        while start > 0 and at - start < _MAX_WORDS and _adjacent(text, words[start - 1], words[start]) and _capital(words[start - 1]):
            start -= 1
            # "Sons of the North Brigade": small words inside a name
            back = start
            while row["use"] == "name" and back > 0 and words[back - 1].key in _INNER and _adjacent(text, words[back - 1], words[back]):
                back -= 1
            if back < start and back > 0 and _capital(words[back - 1]) and _adjacent(text, words[back - 1], words[back]):
                start = back
        while start < at and words[start].key in self._leads | _JOINERS:
            start += 1
        if start == at:
            return []
        ranges = [(start, at)]
        if row["use"] == "tail" and row["word"].endswith("s") and start >= 2 and words[start - 1].key in ("and", "the"):
            joint = start - 1 if words[start - 1].key == "and" else start - 2
            if joint >= 1 and words[joint].key == "and" and _capital(words[joint - 1]):
                first = joint - 1
                while first > 0 and _capital(words[first - 1]) and _adjacent(text, words[first - 1], words[first]) and joint - first < 3:
                    first -= 1
                if first > 0:
                    ranges.insert(0, (first, joint))
        return ranges

    def _match(
        self,
        text: str,
        words: list[Word],
        span: tuple[int, int],
        at: int,
        length: int,
        row: Mapping[str, str],
        matches: Sequence[ActorMatch],
        country: str | None,
    ) -> ActorMatch | None:
        from eventcoder.actors.finding import ActorMatch

        start, end = span
        opens = start == 0 or text[: words[start].start].rstrip()[-1:] in '.!?:\n"“'
        whole = at + length if end == at else end
        first, last = words[start].start, words[whole - 1].end
        for other in matches:
            if other.start < last and first < other.end:
                inside = other.start >= words[at].start and other.end <= words[at + length - 1].end
                weak = other.kind not in ("named", "people", "country", "military", "police", "security")
                if not inside and not weak:
                    return None
                if inside and other.kind == "named":
                    return None
        keys = {w.key for w in words[start:end]}
        if (
            keys & self._state
            or any(w.surface[:1].isdigit() for w in words[start:end])
            or any(self._registry.countries.country(w.surface) for w in words[start:end][-1:])
        ):
            return None
        if row["use"] == "name" and (not words[at].surface[:1].isupper() or end - start < 2 - (row["word"] in ("Cartel", "Gang"))):
            return None
        if row["use"] == "tail" and (opens or words[at].surface[:1].isupper() or text[words[start].start : last].isupper()):
            return None
        if row["use"] == "tail" and any(len(w.surface) < 3 for w in words[start:end]):
            return None
        name = text[words[start].start : words[end - 1].end]
        full = f"{name} {text[words[at].start : words[at + length - 1].end]}" if row["use"] == "name" else name
        known = self._spelt_like(full, country) or (self._spelt_like(name, country) if row["use"] == "tail" else None)
        surface = text[first:last]
        if known is not None:
            inter = self._registry.inter_of(known, country=country)
            return ActorMatch(first, last, surface, known, inter, 0.7, country=country)
        form = row.get("form") or ""
        if "{country}" in form and country is None:
            return None
        actor = form.format(name=name, country=country) if form else full
        return ActorMatch(first, last, surface, actor, row["inter"], 0.5, kind="unknown", country=country)

    def _spelt_like(self, name: str, country: str | None) -> str | None:
        """The registered actor of the country whose name or alias is spelt nearly like `name`; None if there is no single one."""
        key = f"{country}\n{name}"
        if key not in self._alike:
            if len(self._alike) > 10_000:
                self._alike.clear()
            found = self._registry.spelt_like(name, country, _LIKE) if len(name) >= 7 else None
            self._alike[key] = found
        return self._alike[key]


def _capital(word: Word) -> bool:
    return word.surface[:1].isupper()


def _adjacent(text: str, one: Word, two: Word) -> bool:
    """Only a space or a hyphen stands between them."""
    return text[one.end : two.start] in (" ", "-", "‑")
