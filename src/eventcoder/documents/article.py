"""An article as it was read: normalised text and what is known of its origin, before it has an id. Floor 2.

`None` always means "the input did not say": storing fills it (visibility public, not invented), reading an article again never erases with it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from eventcoder.event import Visibility

MAX_TEXT = 10 * 1024 * 1024  # characters of one article; longer "articles" are dumps that were given by mistake
MAX_READ = 1_000_000  # characters that an engine reads as one document: 500 pages; what is longer is a dump of many articles under one date
MAX_FILE = 256 * 1024 * 1024  # bytes of one file that holds many articles: it is decoded as a whole


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `text` is in its stored form (`eventcoder.text.normalise`), so that offsets into it are final.

    `source_name` is the file's name and, in files of many articles, the row; `source_sha256` is of the file's bytes. `repairs` says in words
    what was done to the characters (guessed encoding, mojibake undone).
    """

    text: str
    published: date | None = None
    publisher: str | None = None
    title: str | None = None
    url: str | None = None
    language: str | None = None
    licence: str | None = None
    visibility: Visibility | None = None
    invented: bool | None = None
    source_name: str = ""
    source_sha256: str | None = None
    extractor: str = ""
    extractor_version: str = ""
    repairs: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Hash of the stored text's UTF-8 bytes."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    @property
    def id(self) -> str:
        """The id that the document has or will have: the first 16 hex digits of `sha256`."""
        return self.sha256[:16]
