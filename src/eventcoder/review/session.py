"""The drafts that a sitting of review decides: made when they are asked for, or taken from the ledger. Floor 5."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from eventcoder.coding import Desk
from eventcoder.documents.article import MAX_READ
from eventcoder.errors import NotFound
from eventcoder.event import Document, Draft
from eventcoder.ledger import Entry, new_entry

if TYPE_CHECKING:
    from eventcoder.extraction.kit import Kit
    from eventcoder.extraction.protocol import Engine
    from eventcoder.problem import Problem
    from eventcoder.project import Project

Progress = Callable[[str], None]
MACHINE_ROLE = "machine"


def kit_of(project: Project, *, desk: Desk | None = None, progress: Progress | None = None) -> Kit:
    """The extraction kit of a project: its codebook, gazetteer (the team's and earlier events' places first), actors and learned classifier."""
    from eventcoder.extraction.classifier.learned import take_learned
    from eventcoder.extraction.kit import Kit

    own = desk or Desk(project, readonly=True)
    try:
        kit = Kit(own.codebook, own.gazetteer(progress=progress), own.actors, project.settings, schema_dir=project.schema_dir)
        take_learned(kit, project.root)
        return kit
    finally:
        if desk is None:
            own.close()


class DraftSession:
    """Drafts of documents by one engine, made when asked for and kept while the session lasts.

    `rules` and `semantic` read on the spot: a place that was added a minute ago counts at once. What `llm` drafted is taken from the ledger, where
    `extract` put it: a coder's sitting never waits for an endpoint, and costs nothing. `problems` holds what the engine said of each document.
    """

    def __init__(self, desk: Desk, progress: Progress | None = None, *, engine: str = "rules") -> None:
        self.desk = desk
        self.kit = kit_of(desk.project, desk=desk, progress=progress)
        self.engine = engine
        self.problems: dict[str, list[Problem]] = {}
        self._reader: Engine | None = None
        self._stored: dict[str, list[Draft]] | None = None
        self._made: dict[str, list[Draft]] = {}

    def drafts_of(self, document: str) -> list[Draft]:
        """All drafts of one document, in the order of the text. Raises `NotFound` when its text is not on this machine."""
        if self.desk.document_meta(document).get("redacted"):
            raise NotFound("its content was redacted")
        if document not in self._made:
            self._made[document] = self._kept(document) if self.engine == "llm" else self._read(document)
        return self._made[document]

    def _read(self, document: str) -> list[Draft]:
        from eventcoder.extraction.engines import open_engine
        from eventcoder.extraction.protocol import Text

        if self._reader is None:
            self._reader = open_engine(self.engine, self.kit, self.desk.project)
        meta = Document.model_validate(dict(self.desk.document_meta(document)))
        if meta.length > MAX_READ:
            raise NotFound(
                f"it has {meta.length:,} characters, and {MAX_READ:,} is the most that is read as one document: split it into its articles"
            )
        (found,) = self._reader.read([Text(meta, self.desk.documents.text(document))])
        if found.problems:
            self.problems[document] = found.problems
        return found.drafts

    def _kept(self, document: str) -> list[Draft]:
        if self._stored is None:
            self._stored = _newest(self.desk, self.engine)
        if document not in self._stored:
            raise NotFound(f"the engine '{self.engine}' has not read it; run 'eventcoder extract --engine {self.engine}' first")
        return self._stored[document]


def draft_session(desk: Desk, *, progress: Progress | None = None, engine: str | None = None) -> DraftSession:
    """A session on the project's documents with `engine`, or the one of the settings."""
    return DraftSession(desk, progress, engine=engine or desk.project.settings.engine)


def _newest(desk: Desk, engine: str) -> dict[str, list[Draft]]:
    """Stored drafts of an engine by document: of several versions the one that read the document last."""
    last: dict[str, tuple[str, str]] = {}
    found: dict[tuple[str, str], list[Draft]] = {}
    for entry in desk.ledger.latest("draft").values():
        if entry.body.get("engine") != engine:
            continue
        draft = Draft.model_validate(entry.body)
        found.setdefault((draft.document, draft.engine_version), []).append(draft)
        last[draft.document] = max(last.get(draft.document, ("", "")), (entry.time, draft.engine_version))
    return {
        document: sorted(found[document, version], key=lambda d: (d.statement.start, d.statement.end, d.draft_id))
        for document, (_, version) in last.items()
    }


def draft_entry(draft: Draft, desk: Desk) -> Entry:
    """The ledger entry of a draft; its author is the engine, not the coder who asked for it."""
    return new_entry("draft", draft.draft_id, draft.as_json(), coder=f"{draft.engine}-{draft.engine_version}", role=MACHINE_ROLE, time=desk.moment)
