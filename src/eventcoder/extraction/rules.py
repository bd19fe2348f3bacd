"""The engine `rules` behind the common door: lexicon, grammar and the linear classifier; offline, nothing to download. Floor 5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventcoder.extraction.engine import ENGINE, extract_document
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.languages import not_read
from eventcoder.extraction.protocol import Extracted, Text, Workers
from eventcoder.extraction.reading import engine_version
from eventcoder.project import Project


class RulesEngine:
    """Reads English; other languages are named in the answer's problems and left to the coder."""

    name = ENGINE
    workers: Workers = "processes"

    def __init__(self, kit: Kit, project: Project) -> None:
        self.kit = kit
        self.project = project
        self.version = engine_version(kit.model_version)

    def read(self, texts: Sequence[Text]) -> Iterator[Extracted]:
        """One answer a text; see `protocol.Engine`."""
        for one in texts:
            foreign = not_read(one.document, one.text, self.name)
            if foreign is not None:
                yield Extracted(one.document.id, problems=[foreign])
                continue
            yield Extracted(one.document.id, extract_document(one.document, one.text, self.kit))

    def close(self) -> None:
        """Nothing is held."""
