"""What has to go, and how a text reads without it. Floor 2.

A document leaves traces beyond its own record: its title or address in a reason, its publisher in an event's list of sources, its sentences in a
coder's note. `Secrets` says what they are; `clean` gives a text without them, with `MARK` where something stood.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MARK = "[redacted]"
HIDDEN_PUBLISHER = "Undisclosed Source"  # what releases show for the publisher of a document that is not public
# So many words in a row that stand in the document were taken from it; what two texts on one event share by nature (a day and a place, the name of
# an organisation) is shorter. Fewer would black out ordinary notes, more would let copied clauses stand.
RUN = 6
SHORT = 12  # a title or address of fewer characters is not looked for in other texts: "Queues" is a word like others
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Secrets:
    """What has to go: of one document (`document`, its `phrases`, `publisher` and `text`), or the `values` of one `field` of one `event`.

    `phrases` go wherever they stand. `text` (the document's, or what was quoted of it) and the publisher go from what rests on the document. The
    publisher stays where another document of the same event has it, and in free words if it is `known` apart from this document.
    """

    document: str = ""
    phrases: tuple[str, ...] = ()
    publisher: str = ""
    known: bool = False
    others: frozenset[str] = frozenset()  # other documents of this publisher
    text: str = ""
    events: frozenset[str] = frozenset()  # that rest on the document, or that say the same as `event` (codings of it)
    event: str = ""
    field: str = ""
    values: tuple[str, ...] = ()

    @cached_property
    def needles(self) -> tuple[str, ...]:
        """What is looked for as it is, in any text, longest first."""
        return tuple(sorted({p for p in self.phrases if len(p) >= SHORT}, key=lambda p: (-len(p), p)))

    @cached_property
    def _runs(self) -> frozenset[tuple[str, ...]]:
        words = [w.casefold() for w in _WORD.findall(self.text)]
        return frozenset(tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))

    def clean(self, text: str, *, tied: bool = False) -> str:
        """The text without what has to go; `tied`: it belongs to something that rests on the document."""
        for needle in self.needles:
            if needle in text:
                text = text.replace(needle, MARK)
        if not tied:
            return text
        for value in self.values:
            text = text.replace(value, MARK) if len(value) >= SHORT else text
        if self.publisher and not self.known and self.publisher in text:
            text = re.sub(rf"(?<!\w){re.escape(self.publisher)}(?!\w)", HIDDEN_PUBLISHER, text)
        return self._without_runs(text)

    def _without_runs(self, text: str) -> str:
        """The text with `MARK` for words in a row that stand so in the document."""
        words = list(_WORD.finditer(text))
        if len(words) < RUN or not self._runs:
            return text
        folded = [w[0].casefold() for w in words]
        taken = [False] * len(words)
        for i in range(len(words) - RUN + 1):
            if tuple(folded[i : i + RUN]) in self._runs:
                taken[i : i + RUN] = [True] * RUN
        out, at, i = [], 0, 0
        while i < len(words):
            if not taken[i]:
                i += 1
                continue
            first = i
            while i < len(words) and taken[i]:
                i += 1
            out += [text[at : words[first].start()], MARK]
            at = words[i - 1].end()
        return "".join([*out, text[at:]])

    def sources(self, names: Iterable[str], *, keeps: bool) -> list[str]:
        """An event's list of publishers without this one's name, unless the event `keeps` it for another document's sake."""
        shown = [HIDDEN_PUBLISHER if self.publisher and name == self.publisher and not keeps else name for name in names]
        return list(dict.fromkeys(shown))

    def keeps_publisher(self, documents: Collection[str]) -> bool:
        """Whether an event that rests on these documents may go on naming the publisher."""
        return not self.others.isdisjoint(documents)

    def everywhere(self, value: Any, *, tied: bool, keeps: bool) -> Any:
        """A JSON value with every text in it cleaned."""
        if isinstance(value, str):
            return self.clean(value, tied=tied)
        if isinstance(value, list):
            return [self.everywhere(v, tied=tied, keeps=keeps) for v in value]
        if isinstance(value, dict):
            out = {}
            for key, inner in value.items():
                if tied and key == "source" and isinstance(inner, list) and all(isinstance(v, str) for v in inner):
                    inner = self.sources(inner, keeps=keeps)
                    out[key] = [self.clean(v) for v in inner]
                else:
                    out[key] = self.everywhere(inner, tied=tied, keeps=keeps)
            return out
        return value
