"""Whether a text that coders wrote tells of a document that must not be named. Floor 3.

A coder's reason or remark is free text: it may hold the URL, the headline or the publisher of an undisclosed document, or its words. Short quotes
are no sign (a place's name is a quote too), so only long ones count.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from eventcoder.dataset.schemas import WITHHELD

if TYPE_CHECKING:
    from eventcoder.event import Document

LONG = 12  # characters from which on a headline or an address is looked for
LONG_QUOTE = 30  # characters from which on a quote is more than a name
_HASH = re.compile(r"[0-9a-f]{16,64}")
_SCHEME = re.compile(r"^[a-z]+://(www\.)?")


class Hiding:
    """What is known of the documents that are not public. `quotes` are words taken from them; `names` are coders' names and how they are shown."""

    def __init__(self, documents: Mapping[str, Document], quotes: Iterable[str] = (), names: Mapping[str, str] | None = None) -> None:
        self._names = {name: shown for name, shown in (names or {}).items() if len(name) > 2 and name != shown}
        self._coder = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(self._names, key=len, reverse=True)))})(?!\w)") if self._names else None
        hidden = [d for d in documents.values() if d.visibility != "public"]
        shown = {_plain(d.publisher) for d in documents.values() if d.visibility == "public" and d.publisher}
        self._ids = {d.id for d in hidden}
        concealed = {_plain(d.publisher) for d in hidden if d.publisher}
        self._unshown = concealed - shown
        self._everywhere = _pattern(self._unshown)
        self._strict = _pattern(concealed)
        self._needles: dict[str, list[str]] = {}
        for one in hidden:
            self._look_for(one.title, LONG)
            self._look_for(_SCHEME.sub("", (one.url or "").casefold()).rstrip("/"), LONG)
        for quote in quotes:
            self._look_for(quote, LONG_QUOTE)

    def _look_for(self, text: str | None, least: int) -> None:
        plain = _plain(text or "")
        if len(plain) >= least:
            self._needles.setdefault(plain[:LONG], []).append(plain)

    def __bool__(self) -> bool:
        return bool(self._ids)

    def identifies(self, text: str) -> bool:
        """Whether a text holds an id, hash, address, headline or long quote of a hidden document."""
        plain = _plain(text)
        if any(found[:16] in self._ids for found in _HASH.findall(plain)):
            return True
        if not self._needles:
            return False
        return any(plain.startswith(needle, at) for at in range(len(plain) - LONG + 1) for needle in self._needles.get(plain[at : at + LONG], ()))

    def publisher_in(self, text: str, *, strict: bool = False) -> str | None:
        """The publisher of hidden documents that a text names. Those that public documents name too count only where `strict`."""
        pattern = self._strict if strict else self._everywhere
        found = pattern.search(_plain(text)) if pattern else None
        return found.group(0) if found else None

    def tells(self, text: str, *, strict: bool = False) -> bool:
        """Whether a text must not be shown; `strict` for texts about an event that rests on a hidden document."""
        return self.identifies(text) or self.publisher_in(text, strict=strict) is not None

    def renamed(self, text: str) -> str:
        """The text with every coder under the name that is shown."""
        return self._coder.sub(lambda found: self._names[found.group(0)], text) if self._coder else text

    def only_hidden(self, publisher: str) -> bool:
        """Whether only documents that are not public bear this publisher's name."""
        return _plain(publisher) in self._unshown

    def masked(self, texts: pa.ChunkedArray | pa.Array, events: Iterable[str | None], strict: Collection[str]) -> pa.Array:
        """The texts, those that must not be shown replaced by `WITHHELD`, coders under the names that are shown.

        `events` are the texts' events, `strict` the events with hidden documents.
        """
        values = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        if not (self or self._coder) or values.null_count == len(values):
            return values
        known: dict[tuple[str, bool], str] = {}
        out: list[str | None] = []
        for text, event_id in zip(values.to_pylist(), events, strict=True):
            if text is None:
                out.append(None)
                continue
            key = text, event_id in strict
            if key not in known:
                known[key] = WITHHELD if self.tells(text, strict=key[1]) else self.renamed(text)
            out.append(known[key])
        return pa.array(out, values.type)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    wanted = sorted((n for n in names if len(n) > 2), key=lambda n: (-len(n), n))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, wanted))})(?!\w)") if wanted else None
